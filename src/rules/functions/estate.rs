//! Functions over the estate: what else there is, what hangs together, which environment, what it costs.

use serde_json::Value as Json;

use super::{Function, Null, Param, Returns, Shape, text};
use crate::cost::HOURS_PER_MONTH;
use crate::estate::Resource;
use crate::estate::resource::GLOBAL;
use crate::rules::evaluate::{About, Machine};
use crate::rules::value::{Answer, Items, List, Unknown, Value};

const KIND: Param = Param { name: "\"aws_type\"", shape: Shape::TypeName, null: Null::Unknown };

const PLAIN: Function = Function {
    name: "",
    on: None,
    null: Null::Unknown,
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
        name: "all",
        params: &[KIND],
        returns: Returns::Resources,
        about: "All resources of a type in the snapshot; in a rule about a region: of that region, and the global ones.",
        run: |m, v| {
            m.asked_estate = true;
            let region = match m.about {
                About::Region(region) => Some(region),
                _ => None,
            };
            Ok(Value::List(m.world.all(text(v, 0), region)))
        },
        ..PLAIN
    },
    Function {
        name: "all_here",
        params: &[KIND],
        returns: Returns::Resources,
        about: "All resources of a type in the same region as the rule's resource, and the global ones.",
        run: |m, v| {
            m.asked_estate = true;
            Ok(Value::List(m.world.all(text(v, 0), m.region())))
        },
        ..PLAIN
    },
    Function {
        name: "related",
        params: &[KIND],
        returns: Returns::Resources,
        needs_resource: true,
        about: "Resources of a type that refer to the rule's resource or are referred to by it, also through one joining resource.",
        run: |m, v| match m.resource() {
            Some(r) => {
                m.asked_estate = true;
                Ok(Value::List(m.world.related(r, text(v, 0))))
            }
            None => Err(Unknown::because("no resource")),
        },
        ..PLAIN
    },
    Function {
        name: "related",
        on: Some(Shape::Resource),
        params: &[KIND],
        returns: Returns::Resources,
        about: "The same, seen from another resource.",
        run: |m, v| match v.first() {
            Some(Value::Resource(r)) => {
                m.asked_estate = true;
                Ok(Value::List(m.world.related(r, text(v, 1))))
            }
            _ => Err(Unknown::because("no resource")),
        },
        ..PLAIN
    },
    Function {
        name: "environment",
        returns: Returns::TextOrNull,
        needs_resource: true,
        about: "The environment of the rule's resource (live, staging, development, test, shared …); null when nothing tells.",
        run: |m, _| {
            let own = m.resource();
            Ok(environment(m, own).map_or(Value::Null, Value::text))
        },
        ..PLAIN
    },
    Function {
        name: "environment",
        on: Some(Shape::Resource),
        returns: Returns::TextOrNull,
        about: "The same of another resource.",
        run: |m, v| match v.first() {
            Some(Value::Resource(r)) => Ok(environment(m, Some(r)).map_or(Value::Null, Value::text)),
            _ => Err(Unknown::because("no resource")),
        },
        ..PLAIN
    },
    Function {
        name: "is_production",
        needs_resource: true,
        about: "Whether the rule's resource is of the live environment; unknown when nothing tells.",
        run: |m, _| match own_environment(m) {
            Some(name) => Ok(Value::Bool(is_live(name))),
            None => Err(Unknown::because("its environment cannot be told from tags or names")),
        },
        ..PLAIN
    },
    Function {
        name: "may_be_production",
        needs_resource: true,
        about: "False only when the rule's resource is known to be of another environment than live or shared.",
        run: |m, _| Ok(Value::Bool(own_environment(m).is_none_or(|name| is_live(name) || name == "shared"))),
        ..PLAIN
    },
    Function {
        name: "monthly_price",
        returns: Returns::Number,
        needs_resource: true,
        about: "What the rule's resource costs in US dollars per month; unknown when no price is known.",
        run: |m, _| match m.resource() {
            Some(r) => monthly_price(m, r),
            None => Err(Unknown::because("no resource")),
        },
        ..PLAIN
    },
    Function {
        name: "monthly_price",
        on: Some(Shape::Resource),
        returns: Returns::Number,
        about: "The same of another resource.",
        run: |m, v| match v.first() {
            Some(Value::Resource(r)) => monthly_price(m, r),
            _ => Err(Unknown::because("no resource")),
        },
        ..PLAIN
    },
    Function {
        name: "list_price",
        params: &[
            Param { name: "service", shape: Shape::Text, null: Null::Refused },
            Param { name: "item", shape: Shape::Text, null: Null::Refused },
        ],
        returns: Returns::Number,
        about: "A price of the book (`prices/*.csv`) in the region of the rule, in US dollars per unit, hours counted as a month; unknown \
                when the book has none.",
        run: |m, v| {
            let region = m.region().unwrap_or(GLOBAL);
            let (service, item) = (text(v, 0), text(v, 1));
            let book = m.world.book;
            match book.price(service, item, region).or_else(|| book.price(service, item, GLOBAL)) {
                Some(price) if price.unit.starts_with("hour") => Ok(Value::Number(price.usd * HOURS_PER_MONTH)),
                Some(price) => Ok(Value::Number(price.usd)),
                None => Err(Unknown::because(format!("no price known for {service} {item} in {region}"))),
            }
        },
        ..PLAIN
    },
    Function {
        name: "region_in_use",
        about: "Whether the region of the rule holds anything that people made, guards such as GuardDuty not counted.",
        run: |m, _| {
            let world = m.world;
            Ok(Value::Bool(m.region().is_none_or(|region| world.in_use(region))))
        },
        ..PLAIN
    },
    Function {
        name: "region_holds",
        returns: Returns::Texts,
        about: "Type and name of what people put into the region of the rule, without what watches or certifies other things.",
        run: |m, _| {
            m.asked_estate = true;
            let world = m.world;
            let (held, gaps) = m.region().map(|region| world.held_in(region)).unwrap_or_default();
            let items: Vec<Value<'_>> = held.iter().map(|r| Value::text(format!("{} {}", r.kind, r.label()))).collect();
            Ok(Value::List(List { items: Items::Values(items.into()), gaps, of: None, path: String::new() }))
        },
        ..PLAIN
    },
    Function {
        name: "region_weight",
        returns: Returns::Number,
        about: "How much the region of the rule holds, measured by the region that holds most: 1 for that one, 0 for an empty one.",
        run: |m, _| {
            m.asked_estate = true;
            let world = m.world;
            let held = m.region().map_or(0, |region| world.held_in(region).0.len());
            #[allow(clippy::cast_precision_loss, reason = "no account holds 2^52 resources")]
            let weight = held as f64 / world.busiest().max(1) as f64;
            Ok(Value::Number(weight))
        },
        ..PLAIN
    },
    Function {
        name: "looks_secret",
        params: &[
            Param { name: "text", shape: Shape::Text, null: Null::Meant },
            Param { name: "key", shape: Shape::Text, null: Null::Meant },
        ],
        optional: 1,
        about: "Whether a text holds what looks like a credential; the name of the variable it belongs to helps. Redacted text counts.",
        run: |_, v| {
            let value = text(v, 0);
            let key = match v.get(1) {
                Some(Value::Text(key)) => Some(key.as_ref()),
                _ => None,
            };
            Ok(Value::Bool(value.contains(crate::estate::resource::REDACTED) || !crate::secrets::find(value, key).is_empty()))
        },
        ..PLAIN
    },
];

fn is_live(environment: &str) -> bool {
    matches!(environment, "live" | "production" | "prod")
}

fn own_environment<'a>(m: &mut Machine<'a>) -> Option<&'a str> {
    let own = m.resource();
    environment(m, own)
}

fn environment<'a>(m: &mut Machine<'a>, of: Option<&'a Resource>) -> Option<&'a str> {
    let r = of?;
    m.asked_estate = true;
    let found = m.world.estate.environment(r)?;
    let shown = format!("{} ({})", found.name, found.evidence);
    m.note(Some(r), "environment", || Json::String(shown));
    Some(&found.name)
}

fn monthly_price<'a>(m: &mut Machine<'a>, r: &'a Resource) -> Answer<'a> {
    let price = (m.world.prices)(m.world.estate, r);
    match price.usd {
        Some(usd) => {
            m.note(Some(r), "monthly_price", || crate::rules::value::number((usd * 100.0).round() / 100.0));
            Ok(Value::Number(usd))
        }
        None => Err(Unknown::because(format!("no price: {}", price.note))),
    }
}
