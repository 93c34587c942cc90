//! Completeness: every settable argument of a supported type is filled by its collector or left out with a reason.
//!
//! Reasons stand in `schema/left_out/<service>.yaml`; under `all` those that hold for every type. What the provider itself
//! marks deprecated or write-only needs no entry. A heading may name several types, parted by commas.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use include_dir::{Dir, include_dir};

use super::provider::{Attribute, Block};
use super::{did_you_mean, provider};
use crate::error::Error;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/schema/left_out");

/// The heading under which reasons for every type stand.
const ALL_TYPES: &str = "all";

/// Reasons by argument path, by type.
type Table = BTreeMap<String, BTreeMap<String, String>>;

static LEFT_OUT: LazyLock<(Table, Vec<String>)> = LazyLock::new(|| {
    let (mut table, mut problems) = (Table::new(), Vec::new());
    for file in FILES.files() {
        let Some(text) = file.contents_utf8() else { continue };
        match serde_saphyr::from_str::<Table>(text) {
            Ok(part) => {
                for (kinds, reasons) in part {
                    for kind in kinds.split(',').map(str::trim) {
                        table.entry(kind.to_string()).or_default().extend(reasons.clone());
                    }
                }
            }
            Err(e) => problems.push(format!("{}: {e}", file.path().display())),
        }
    }
    (table, problems)
});

/// The arguments that collectors fill, by type, read off their sources by a test that keeps the list current.
///
/// # Errors
/// [`Error::internal`] when the embedded list is broken.
pub fn filled() -> Result<BTreeMap<String, Vec<String>>, Error> {
    serde_json::from_str(include_str!("../../schema/filled.json")).map_err(|e| Error::internal(format!("schema/filled.json: {e}")))
}

/// What becomes of an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// The collector fills it.
    Filled,
    /// It is not read, for this reason.
    LeftOut(String),
    /// Neither: a defect.
    Gap,
}

/// One settable argument of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Path: `root_block_device.volume_size`. A block that is left out or missing as a whole is one row.
    pub argument: String,
    /// What becomes of it.
    pub status: Status,
}

/// The completeness table of a type. `filled` lists what its collector fills: an argument (`engine`, `root_block_device.iops`), or
/// everything inside a block (`rule.*`). Empty for types that the provider does not know.
pub fn table(kind: &str, filled: &[&str]) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(block) = provider().resource(kind) {
        let walk = Walk { filled, own: LEFT_OUT.0.get(kind), common: LEFT_OUT.0.get(ALL_TYPES) };
        walk.block(block, "", &mut rows);
    }
    rows
}

/// Why an argument of a type is not read, when it is left out on purpose. The path is without positions.
pub fn left_out(kind: &str, path: &str) -> Option<&'static str> {
    let of = |kind: &str| LEFT_OUT.0.get(kind).and_then(|reasons| reasons.get(path)).map(String::as_str);
    of(kind).or_else(|| of(ALL_TYPES))
}

/// The arguments of a type that are neither filled nor left out with a reason.
pub fn gaps(kind: &str, filled: &[&str]) -> Vec<String> {
    table(kind, filled).into_iter().filter(|r| r.status == Status::Gap).map(|r| r.argument).collect()
}

/// Entries that say nothing: filled arguments that do not exist or cannot be set, reasons for arguments that do not exist or are
/// filled after all.
pub fn contradictions(kind: &str, filled: &[&str]) -> Vec<String> {
    let Some(block) = provider().resource(kind) else {
        return vec![format!("{kind}: the provider has no such type{}", did_you_mean(kind, provider().types()))];
    };
    let mut problems = Vec::new();
    for entry in filled {
        use super::provider::Found;
        match (entry.strip_suffix(".*"), block.find(entry.trim_end_matches(".*"))) {
            (_, None) => problems.push(format!("{kind}.{entry}: filled, but there is no such argument")),
            (None, Some(Found::Attribute(a))) if !a.is_settable() => {
                problems.push(format!("{kind}.{entry}: filled, but it cannot be set"));
            }
            (None, Some(Found::Block(_))) => problems.push(format!("{kind}.{entry}: a block: list its arguments, or {entry}.* for all")),
            _ => {}
        }
    }
    for argument in LEFT_OUT.0.get(kind).into_iter().flat_map(BTreeMap::keys) {
        if block.find(argument).is_none() {
            problems.push(format!("{kind}.{argument}: left out, but there is no such argument"));
        } else if filled.contains(&argument.as_str()) || filled.iter().any(|f| inside(argument, f)) {
            problems.push(format!("{kind}.{argument}: left out and filled"));
        }
    }
    problems
}

struct Walk<'a> {
    filled: &'a [&'a str],
    own: Option<&'a BTreeMap<String, String>>,
    common: Option<&'a BTreeMap<String, String>>,
}

impl Walk<'_> {
    fn block(&self, block: &Block, prefix: &str, rows: &mut Vec<Row>) {
        for (name, attribute) in block.attributes.iter().filter(|(_, a)| a.is_settable()) {
            let path = format!("{prefix}{name}");
            let status = self.status(&path, Some(attribute));
            rows.push(Row { argument: path, status });
        }
        for (name, nested) in &block.blocks {
            let path = format!("{prefix}{name}");
            let below = format!("{path}.");
            let mentioned = self.filled.iter().any(|f| f.starts_with(&below))
                || self.own.is_some_and(|o| o.range(below.clone()..).next().is_some_and(|(k, _)| k.starts_with(&below)));
            match self.status(&path, None) {
                Status::Gap if mentioned => self.block(&nested.block, &below, rows),
                Status::Gap if nested.deprecated => {
                    rows.push(Row { argument: path, status: Status::LeftOut("deprecated by the provider".into()) });
                }
                status => rows.push(Row { argument: path, status }),
            }
        }
    }

    fn status(&self, path: &str, attribute: Option<&Attribute>) -> Status {
        if path == "tags" || self.filled.contains(&path) || self.filled.iter().any(|f| inside(path, f)) {
            return Status::Filled;
        }
        if let Some(reason) = self.own.and_then(|o| o.get(path)).or_else(|| self.common.and_then(|c| c.get(path))) {
            return Status::LeftOut(reason.clone());
        }
        match attribute {
            Some(a) if a.deprecated => Status::LeftOut("deprecated by the provider".into()),
            Some(a) if a.write_only => Status::LeftOut("write-only: AWS never gives it back".into()),
            _ => Status::Gap,
        }
    }
}

/// True when `path` is the block of a `block.*` entry, or lies inside it.
fn inside(path: &str, entry: &str) -> bool {
    entry.strip_suffix(".*").is_some_and(|block| path.strip_prefix(block).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_reasons_are_sound() {
        assert_eq!(LEFT_OUT.1, Vec::<String>::new());
        for (kind, reasons) in &LEFT_OUT.0 {
            assert!(reasons.values().all(|r| r.len() > 10), "{kind}: a reason is missing");
            if kind != ALL_TYPES {
                assert_eq!(contradictions(kind, &[]), Vec::<String>::new());
            }
        }
    }

    #[test]
    fn filled_left_out_and_gaps() {
        let rows = table("aws_ebs_volume", &["size", "encrypted"]);
        let status = |name: &str| rows.iter().find(|r| r.argument == name).map(|r| r.status.clone());
        assert_eq!(status("size"), Some(Status::Filled));
        assert_eq!(status("tags"), Some(Status::Filled));
        assert!(matches!(status("timeouts"), Some(Status::LeftOut(_))));
        assert_eq!(status("iops"), Some(Status::Gap));
        assert_eq!(status("arn"), None);
        assert!(gaps("aws_ebs_volume", &["size"]).contains(&"encrypted".to_string()));
    }

    #[test]
    fn blocks_count_as_a_whole_or_by_argument() {
        let whole = gaps("aws_wafv2_web_acl", &["name"]);
        assert!(whole.contains(&"rule".to_string()) && !whole.iter().any(|g| g.starts_with("rule.")));
        assert!(!gaps("aws_wafv2_web_acl", &["rule.*"]).iter().any(|g| g == "rule" || g.starts_with("rule.")));
        let parts = gaps("aws_instance", &["root_block_device.volume_size"]);
        assert!(parts.contains(&"root_block_device.iops".to_string()) && !parts.contains(&"root_block_device".to_string()));
    }

    #[test]
    fn what_the_provider_gives_up_or_hides_needs_no_entry() {
        let rows = table("aws_secretsmanager_secret_version", &[]);
        let row = rows.iter().find(|r| r.argument == "secret_string_wo").unwrap();
        assert!(matches!(&row.status, Status::LeftOut(r) if r.contains("write-only")));
    }

    #[test]
    fn contradictions_are_named() {
        let found = contradictions("aws_instance", &["subnet_id", "subnt_id", "arn", "root_block_device", "metadata_options.*"]);
        assert_eq!(found.iter().filter(|p| p.contains("filled")).count(), 2, "{found:?}");
        assert!(found.iter().any(|p| p.contains("root_block_device.* for all")), "{found:?}");
    }
}
