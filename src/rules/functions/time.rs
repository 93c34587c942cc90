//! Time: "now" is the moment of the snapshot, so an old snapshot judges the same for ever.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::{Function, Null, Param, Returns, Shape, text};
use crate::rules::value::{Unknown, Value};

const TIME: Param = Param { name: "time", shape: Shape::Time, null: Null::Unknown };

/// A moment from RFC 3339, from a date, or from a date and time without zone (taken as UTC).
pub fn parse(text: &str) -> Option<Timestamp> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    if let Ok(time) = text.parse::<DateTime>() {
        return time.to_zoned(TimeZone::UTC).ok().map(|z| z.timestamp());
    }
    text.parse::<Date>().ok().and_then(|d| d.to_zoned(TimeZone::UTC).ok()).map(|z| z.timestamp())
}

/// Whole days between two moments, rounded down.
pub fn days_between(from: Timestamp, to: Timestamp) -> f64 {
    (to.as_second() - from.as_second()).div_euclid(86_400) as f64
}

fn moment(value: &str) -> Result<Timestamp, Unknown> {
    parse(value).ok_or_else(|| Unknown::because(format!("\"{value}\" is not a time")))
}

const PLAIN: Function = Function {
    name: "",
    on: None,
    null: Null::Unknown,
    params: &[TIME],
    optional: 0,
    returns: Returns::Number,
    needs_resource: false,
    about: "",
    run: |_, _| Ok(Value::Null),
};

/// The table.
pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "days_since",
        about: "Whole days from a time to the moment of the snapshot; negative for the future. Null is not known.",
        run: |m, v| Ok(Value::Number(days_between(moment(text(v, 0))?, m.world.now))),
        ..PLAIN
    },
    Function {
        name: "days_until",
        about: "Whole days from the moment of the snapshot to a time; negative for the past. Null is not known.",
        run: |m, v| Ok(Value::Number(days_between(m.world.now, moment(text(v, 0))?))),
        ..PLAIN
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_days() {
        let a = parse("2026-01-01T00:00:00Z").unwrap();
        assert_eq!(days_between(a, parse("2026-01-02T23:59:59Z").unwrap()), 1.0);
        assert_eq!(days_between(parse("2026-01-01T00:00:01Z").unwrap(), a), -1.0);
        assert_eq!(parse("2026-01-01"), Some(a));
        assert_eq!(parse("2026-01-01T00:00:00"), Some(a));
        assert_eq!(parse("2026-01-01T01:00:00+01:00"), Some(a));
        assert_eq!(parse("no_information"), None);
    }
}
