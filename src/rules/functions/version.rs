//! Version numbers: `14.9`, `8.0.mysql_aurora.3.05.2`, `v1.28`, `python3.9`.

use std::cmp::Ordering;
use std::fmt;

use super::{Function, Null, Param, Returns, Shape, text};
use crate::rules::value::{Unknown, Value};

/// The numbers of a version, compared one after the other; a missing one counts as zero.
#[derive(Debug, Clone)]
pub struct Version {
    parts: Vec<u64>,
    text: String,
}

impl Version {
    /// Reads the first run of dotted numbers; None when the text holds no number.
    pub fn parse(text: &str) -> Option<Self> {
        let start = text.find(|c: char| c.is_ascii_digit())?;
        let run: String = text[start..].chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        let parts: Option<Vec<u64>> = run.split('.').filter(|p| !p.is_empty()).map(|p| p.parse().ok()).collect();
        Some(Version { parts: parts?, text: text.to_string() })
    }

    fn part(&self, position: usize) -> u64 {
        self.parts.get(position).copied().unwrap_or(0)
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let length = self.parts.len().max(other.parts.len());
        (0..length).map(|i| self.part(i)).cmp((0..length).map(|i| other.part(i)))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn of<'v>(v: &'v [Value<'_>]) -> Result<&'v Version, Unknown> {
    match v.first() {
        Some(Value::Version(version)) => Ok(version),
        _ => Err(Unknown::because("no version")),
    }
}

const PLAIN: Function = Function {
    name: "",
    on: Some(Shape::Version),
    null: Null::Unknown,
    params: &[],
    optional: 0,
    returns: Returns::Number,
    needs_resource: false,
    about: "",
    run: |_, _| Ok(Value::Null),
};

/// The table.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "version",
        on: None,
        params: &[Param { name: "text", shape: Shape::Text, null: Null::Refused }],
        returns: Returns::Version,
        about: "The version in a text, to be compared with ==, < and the like; numbers count as numbers.",
        run: |_, v| {
            let given = text(v, 0);
            Version::parse(given).map(Value::Version).ok_or_else(|| Unknown::because(format!("\"{given}\" holds no version number")))
        },
        ..PLAIN
    },
    Function { name: "major", about: "Its first number.", run: |_, v| Ok(Value::Number(of(v)?.part(0) as f64)), ..PLAIN },
    Function { name: "minor", about: "Its second number.", run: |_, v| Ok(Value::Number(of(v)?.part(1) as f64)), ..PLAIN },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn v(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn numbers_count_as_numbers() {
        assert!(v("9.6.24") < v("14.9") && v("14.10") > v("14.9") && v("14") == v("14.0"));
        assert!(v("v1.28") < v("1.29") && v("python3.9") < v("python3.12"));
        assert_eq!(v("8.0.mysql_aurora.3.05.2").part(1), 0);
        assert!(Version::parse("postgres").is_none());
    }
}
