//! Who looks after a resource, from evidence in the snapshot.

use super::{Estate, Ownership};

/// The ownership of each resource of an estate, in its order; `None` where nothing was concluded.
pub(super) fn classify(estate: &Estate) -> Vec<Option<Ownership>> {
    estate.resources().iter().map(|_| None).collect()
}
