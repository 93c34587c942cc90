//! Functions over lists; each knows that a list may not be whole.

use super::{Function, Null, Param, Returns, Shape, text};
use crate::rules::value::{List, Unknown, Value};

fn list<'v, 'a>(v: &'v [Value<'a>], position: usize) -> Result<&'v List<'a>, Unknown> {
    match v.get(position) {
        Some(Value::List(list)) => Ok(list),
        _ => Err(Unknown::because("no list")),
    }
}

fn numbers(v: &[Value<'_>]) -> Result<Vec<f64>, Unknown> {
    let list = list(v, 0)?;
    list.whole()?;
    list.iter()
        .map(|item| match item {
            Value::Number(n) => Ok(n),
            other => Err(Unknown::because(format!("the list holds {}, not numbers", other.noun()))),
        })
        .collect()
}

fn extreme<'a>(v: &[Value<'a>], pick: fn(f64, f64) -> f64) -> Result<Value<'a>, Unknown> {
    numbers(v)?.into_iter().reduce(pick).map(Value::Number).ok_or_else(|| Unknown::because("the list is empty"))
}

const PLAIN: Function = Function {
    name: "",
    on: Some(Shape::List),
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
        name: "size",
        on: Some(Shape::Sized),
        returns: Returns::Number,
        about: "How many characters, elements or keys; unknown for a list that is not whole.",
        run: |_, v| match v.first() {
            Some(Value::Text(text)) => Ok(Value::Number(text.chars().count() as f64)),
            Some(Value::List(list)) => {
                list.whole()?;
                Ok(Value::Number(list.len() as f64))
            }
            Some(Value::Tags(r)) => Ok(Value::Number(r.tags.len() as f64)),
            Some(Value::Object(place)) => Ok(Value::Number(place.json.as_object().map_or(0, serde_json::Map::len) as f64)),
            _ => Err(Unknown::because("it has no size")),
        },
        ..PLAIN
    },
    Function {
        name: "any",
        about: "Whether there is an element; true as soon as one is known.",
        run: |_, v| {
            let list = list(v, 0)?;
            if list.is_empty() {
                list.whole()?;
            }
            Ok(Value::Bool(!list.is_empty()))
        },
        ..PLAIN
    },
    Function {
        name: "overlaps",
        params: &[Param { name: "list", shape: Shape::List, null: Null::Refused }],
        about: "Whether two lists share an element.",
        run: |_, v| {
            let (a, b) = (list(v, 0)?, list(v, 1)?);
            let others: Vec<_> = b.iter().map(|x| x.to_json()).collect();
            if a.iter().any(|x| others.contains(&x.to_json())) {
                return Ok(Value::Bool(true));
            }
            a.whole()?;
            b.whole()?;
            Ok(Value::Bool(false))
        },
        ..PLAIN
    },
    Function {
        name: "first",
        returns: Returns::Element,
        about: "The first element, or null.",
        run: |_, v| {
            let list = list(v, 0)?;
            if list.is_empty() {
                list.whole()?;
            }
            Ok(list.get(0).unwrap_or(Value::Null))
        },
        ..PLAIN
    },
    Function {
        name: "unique",
        returns: Returns::Same,
        about: "Each element once, in the order of their first place.",
        run: |_, v| {
            let list = list(v, 0)?;
            let mut seen = Vec::new();
            let mut items = Vec::new();
            for item in list.iter() {
                let json = item.to_json();
                if !seen.contains(&json) {
                    seen.push(json);
                    items.push(item);
                }
            }
            let mut out = List { items: crate::rules::value::Items::Values(items.into()), ..list.clone() };
            out.path = String::new();
            Ok(Value::List(out))
        },
        ..PLAIN
    },
    Function {
        name: "join",
        params: &[Param { name: "separator", shape: Shape::Text, null: Null::Refused }],
        returns: Returns::Text,
        about: "The elements as one text.",
        run: |_, v| {
            let list = list(v, 0)?;
            list.whole()?;
            Ok(Value::text(list.iter().map(|x| x.display()).collect::<Vec<_>>().join(text(v, 1))))
        },
        ..PLAIN
    },
    Function {
        name: "sum",
        returns: Returns::Number,
        about: "The sum of numbers; 0 for none.",
        run: |_, v| Ok(Value::Number(numbers(v)?.iter().sum())),
        ..PLAIN
    },
    Function {
        name: "max",
        returns: Returns::Number,
        about: "The greatest number; unknown for none.",
        run: |_, v| extreme(v, f64::max),
        ..PLAIN
    },
    Function {
        name: "min",
        returns: Returns::Number,
        about: "The smallest number; unknown for none.",
        run: |_, v| extreme(v, f64::min),
        ..PLAIN
    },
];
