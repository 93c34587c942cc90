//! Functions over networks: what the internet reaches, ranges of addresses and ports.

use serde_json::Value as Json;

use super::ports::Ports;
use super::{Function, Null, Param, Returns, Shape, number, text};
use crate::cidr::Cidr;
use crate::estate::Resource;
use crate::estate::exposure::Answer as Reached;
use crate::rules::evaluate::Machine;
use crate::rules::types::Ty;
use crate::rules::value::{Answer, Unknown, Value};

/// Fields of `exposure`.
pub const EXPOSURE_FIELDS: [&str; 5] = ["sources", "ports", "paths", "through", "bypasses"];

/// The type of a field of `exposure`: all are lists of text.
pub fn exposure_field(name: &str) -> Option<Ty> {
    EXPOSURE_FIELDS.contains(&name).then(|| Ty::List(Box::new(Ty::Text)))
}

/// `exposure.sources` and the like.
pub fn exposure_value<'a>(m: &mut Machine<'a>, r: &'a Resource, field: &str) -> Answer<'a> {
    m.asked_estate = true;
    let estate = m.world.estate;
    let exposure = estate.exposure(r);
    let label = |index: usize| estate.resources().get(index).map_or("", |r| r.label()).to_string();
    let mut texts: Vec<String> = match field {
        "sources" => exposure.open.iter().filter(|o| o.anyone).flat_map(|o| o.sources.clone()).collect(),
        "ports" => exposure
            .open
            .iter()
            .filter(|o| o.anyone)
            .map(|o| Ports::new(Some(o.from_port.into()), Some(o.to_port.into())).to_string())
            .collect(),
        "paths" => exposure.open.iter().filter(|o| o.anyone).map(|o| o.path.join(" > ")).collect(),
        "through" => exposure.through.iter().map(|t| label(t.front)).collect(),
        _ => exposure.bypasses.iter().map(|b| b.how.clone()).collect(),
    };
    let mut seen = std::collections::BTreeSet::new();
    texts.retain(|t| seen.insert(t.clone()));
    let mut list = match Value::list(texts.into_iter().map(Value::text).collect()) {
        Value::List(list) => list,
        other => return Ok(other),
    };
    list.path = format!("exposure.{field}");
    list.of = Some(r);
    list.gaps.extend(exposure.unknown.clone());
    Ok(Value::List(list))
}

fn exposed<'a>(m: &mut Machine<'a>, r: &'a Resource, port: Option<f64>) -> Answer<'a> {
    m.asked_estate = true;
    let exposure = m.world.estate.exposure(r);
    let found = match port {
        // A port that is no port is nobody's.
        Some(port) if !(0.0..=65535.0).contains(&port) => return Ok(Value::Bool(false)),
        Some(port) => exposure.on(port as u16),
        None => exposure.on_any(),
    };
    match found {
        Reached::Yes(open) => {
            m.note(Some(r), "exposure", || Json::String(open.path.join(" > ")));
            Ok(Value::Bool(true))
        }
        Reached::Unknown(cause) => Err(Unknown::because(cause)),
        Reached::No => Ok(Value::Bool(false)),
    }
}

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

const PORT: Param = Param { name: "port", shape: Shape::Number, null: Null::Unknown };

fn own<'a>(m: &Machine<'a>) -> Result<&'a Resource, Unknown> {
    m.resource().ok_or_else(|| Unknown::because("no resource"))
}

fn of<'a>(v: &[Value<'a>]) -> Result<&'a Resource, Unknown> {
    match v.first() {
        Some(Value::Resource(r)) => Ok(r),
        _ => Err(Unknown::because("no resource")),
    }
}

fn range(v: &[Value<'_>]) -> Result<Cidr, Unknown> {
    match v.first() {
        Some(Value::Cidr(c)) => Ok(*c),
        _ => Err(Unknown::because("no network range")),
    }
}

fn port_range(v: &[Value<'_>]) -> Result<Ports, Unknown> {
    match v.first() {
        Some(Value::Ports(p)) => Ok(*p),
        _ => Err(Unknown::because("no port range")),
    }
}

fn parsed(value: &str) -> Result<Cidr, Unknown> {
    Cidr::parse(value).ok_or_else(|| Unknown::because(format!("\"{value}\" is not an address or network range")))
}

/// The table.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "exposed",
        params: &[PORT],
        needs_resource: true,
        about: "Whether packets from the internet reach a TCP port of the rule's resource: address, gateway, route, network ACL and security group together.",
        run: |m, v| {
            let r = own(m)?;
            exposed(m, r, Some(number(v, 0)))
        },
        ..PLAIN
    },
    Function {
        name: "exposed",
        on: Some(Shape::Resource),
        params: &[PORT],
        about: "The same of another resource.",
        run: |m, v| {
            let r = of(v)?;
            exposed(m, r, Some(number(v, 1)))
        },
        ..PLAIN
    },
    Function {
        name: "exposed_any",
        needs_resource: true,
        about: "Whether packets from the internet reach any port of the rule's resource.",
        run: |m, _| {
            let r = own(m)?;
            exposed(m, r, None)
        },
        ..PLAIN
    },
    Function {
        name: "exposed_any",
        on: Some(Shape::Resource),
        about: "The same of another resource.",
        run: |m, v| {
            let r = of(v)?;
            exposed(m, r, None)
        },
        ..PLAIN
    },
    Function {
        name: "cidr",
        params: &[Param { name: "range", shape: Shape::Text, null: Null::Refused }],
        returns: Returns::Cidr,
        about: "An address or network range (IPv4 or IPv6).",
        run: |_, v| Ok(Value::Cidr(parsed(text(v, 0))?)),
        ..PLAIN
    },
    Function {
        name: "is_anywhere",
        on: Some(Shape::Cidr),
        about: "Whether it is the whole internet: 0.0.0.0/0 or ::/0.",
        run: |_, v| Ok(Value::Bool(range(v)?.is_anywhere())),
        ..PLAIN
    },
    Function {
        name: "is_public",
        on: Some(Shape::Cidr),
        about: "Whether it holds any address of the public internet (not only private, shared, link-local or reserved ones).",
        run: |_, v| Ok(Value::Bool(range(v)?.is_public())),
        ..PLAIN
    },
    Function {
        name: "contains",
        on: Some(Shape::Cidr),
        params: &[Param { name: "range", shape: Shape::Text, null: Null::Refused }],
        about: "Whether it holds all of another address or range.",
        run: |_, v| Ok(Value::Bool(range(v)?.contains(&parsed(text(v, 1))?))),
        ..PLAIN
    },
    Function {
        name: "size",
        on: Some(Shape::Cidr),
        returns: Returns::Number,
        about: "How many addresses it holds.",
        run: |_, v| Ok(Value::Number(range(v)?.size())),
        ..PLAIN
    },
    Function {
        name: "ports",
        params: &[
            Param { name: "from", shape: Shape::Number, null: Null::Meant },
            Param { name: "to", shape: Shape::Number, null: Null::Meant },
        ],
        returns: Returns::Ports,
        about: "A range of ports. Null or -1 on both sides means all ports, as in a rule for all protocols.",
        run: |_, v| {
            let side = |i: usize| match v.get(i) {
                Some(Value::Number(n)) => Some(*n),
                _ => None,
            };
            Ok(Value::Ports(Ports::new(side(0), side(1))))
        },
        ..PLAIN
    },
    Function {
        name: "covers",
        on: Some(Shape::Ports),
        params: &[PORT],
        about: "Whether the range holds a port.",
        run: |_, v| Ok(Value::Bool(port_range(v)?.covers(number(v, 1)))),
        ..PLAIN
    },
    Function {
        name: "covers_any",
        on: Some(Shape::Ports),
        params: &[Param { name: "ports", shape: Shape::List, null: Null::Unknown }],
        about: "Whether the range holds any port of a list.",
        run: |_, v| {
            let range = port_range(v)?;
            let Some(Value::List(list)) = v.get(1) else { return Err(Unknown::because("no list")) };
            if list.iter().any(|p| matches!(p, Value::Number(n) if range.covers(n))) {
                return Ok(Value::Bool(true));
            }
            list.whole().map(|()| Value::Bool(false))
        },
        ..PLAIN
    },
    Function {
        name: "is_all",
        on: Some(Shape::Ports),
        about: "Whether the range holds every port.",
        run: |_, v| Ok(Value::Bool(port_range(v)?.is_all())),
        ..PLAIN
    },
    Function {
        name: "size",
        on: Some(Shape::Ports),
        returns: Returns::Number,
        about: "How many ports it holds.",
        run: |_, v| Ok(Value::Number(port_range(v)?.size())),
        ..PLAIN
    },
];
