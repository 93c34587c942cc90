//! Which environment (live, staging, development, shared …) a resource belongs to, always with the evidence.

use std::collections::BTreeMap;

use super::Estate;

/// An environment and what it was concluded from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// `live`, `staging`, `development`, `test`, `shared`, or the user's own word.
    pub name: String,
    /// Why (`tag Environment=prod`, `name "Exo-Live-API"`).
    pub evidence: String,
}

/// The user's own word: environment by pattern of a resource's name, id, ARN or type.
pub type Corrections = BTreeMap<String, String>;

/// The environment of each resource of an estate, in its order.
pub(super) fn derive(estate: &Estate, _corrections: &Corrections) -> Vec<Option<Environment>> {
    estate.resources().iter().map(|_| None).collect()
}
