//! The provider's argument table, the facts table, and the overlay of what the schema omits.
//!
//! Data lie in the folder `schema/` and are embedded; `schema/README.md` tells what is what.

pub mod check;
pub mod coverage;
pub mod facts;
pub mod overlay;
pub mod provider;
pub mod services;

pub use check::check_resource;
pub use facts::{Fact, FactType, facts};
pub use provider::{Attribute, Block, NestedBlock, Nesting, Provider, Type, provider};

/// True when resources of this type may stand in a snapshot: the provider knows it, or it is an `x_` type with declared facts.
pub fn is_known_type(kind: &str) -> bool {
    if kind.starts_with("x_") { facts::declares(kind) } else { provider().has(kind) }
}

/// The nearest of `candidates` to a misspelt `name`, when it is near enough to be meant.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|c| (strsim::damerau_levenshtein(name, c), c))
        .filter(|(distance, c)| *distance <= 1 + name.len().min(c.len()) / 4)
        .min()
        .map(|(_, c)| c)
}

/// ` (did you mean "x"?)`, or nothing when no candidate is near.
pub(crate) fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, candidates).map(|n| format!(" (did you mean \"{n}\"?)")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_the_slip_and_not_the_stranger() {
        let names = ["publicly_accessible", "port", "storage_type"];
        assert_eq!(nearest("publicy_accessible", names), Some("publicly_accessible"));
        assert_eq!(nearest("prot", names), Some("port"));
        assert_eq!(nearest("availability_zone", names), None);
    }

    #[test]
    fn known_types() {
        assert!(is_known_type("aws_instance"));
        assert!(is_known_type("x_account"));
        assert!(!is_known_type("aws_instanse"));
        assert!(!is_known_type("x_nothing"));
    }
}
