//! Functions over text.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::{Function, Null, Param, Returns, Shape, text};
use crate::rules::value::{Unknown, Value};

const OTHER: Param = Param { name: "text", shape: Shape::Text, null: Null::Refused };

const PLAIN: Function = Function {
    name: "",
    on: Some(Shape::Text),
    null: Null::Refused,
    params: &[],
    optional: 0,
    returns: Returns::Bool,
    needs_resource: false,
    about: "",
    run: |_, _| Ok(Value::Null),
};

/// The table.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "contains",
        params: &[OTHER],
        about: "Whether a text holds another.",
        run: |_, v| Ok(Value::Bool(text(v, 0).contains(text(v, 1)))),
        ..PLAIN
    },
    Function {
        name: "startsWith",
        params: &[OTHER],
        about: "Whether a text begins with another.",
        run: |_, v| Ok(Value::Bool(text(v, 0).starts_with(text(v, 1)))),
        ..PLAIN
    },
    Function {
        name: "endsWith",
        params: &[OTHER],
        about: "Whether a text ends with another.",
        run: |_, v| Ok(Value::Bool(text(v, 0).ends_with(text(v, 1)))),
        ..PLAIN
    },
    Function {
        name: "lower",
        returns: Returns::Text,
        about: "In small letters.",
        run: |_, v| Ok(Value::text(text(v, 0).to_lowercase())),
        ..PLAIN
    },
    Function {
        name: "trim",
        returns: Returns::Text,
        about: "Without white space at both ends.",
        run: |_, v| Ok(Value::text(text(v, 0).trim().to_string())),
        ..PLAIN
    },
    Function {
        name: "split",
        params: &[OTHER],
        returns: Returns::Texts,
        about: "The parts between a separator.",
        run: |_, v| Ok(Value::list(text(v, 0).split(text(v, 1)).map(|part| Value::text(part.to_string())).collect())),
        ..PLAIN
    },
    Function {
        name: "known",
        on: Some(Shape::Number),
        null: Null::Unknown,
        returns: Returns::Number,
        about: "The number itself; not known when it is not set, for figures that must be there before anything can be said.",
        run: |_, v| v.first().cloned().ok_or_else(|| Unknown::because("no number")),
        ..PLAIN
    },
    Function {
        name: "number",
        on: None,
        params: &[OTHER],
        returns: Returns::Number,
        about: "The number a text spells; unknown when it spells none.",
        run: |_, v| {
            let given = text(v, 0);
            match given.trim().parse::<f64>() {
                Ok(n) if n.is_finite() => Ok(Value::Number(n)),
                _ => Err(Unknown::because(format!("\"{given}\" is not a number"))),
            }
        },
        ..PLAIN
    },
    Function {
        name: "json",
        on: None,
        params: &[OTHER],
        returns: Returns::Any,
        about: "The value of a JSON document. Its fields are not declared: test with has(…) or give a default with .or(…).",
        run: |_, v| match serde_json::from_str::<Json>(text(v, 0)) {
            Ok(json) => Ok(Value::from_json(Cow::Owned(json), None, "json".into())),
            Err(error) => Err(Unknown::because(format!("not JSON: {error}"))),
        },
        ..PLAIN
    },
];
