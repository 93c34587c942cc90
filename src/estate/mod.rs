//! What was observed, and how the observed things hang together.

pub mod ledger;
pub mod resource;
pub mod snapshot;

pub use ledger::{Ledger, LedgerEntry, Outcome};
pub use resource::{Attrs, Key, Ownership, Resource};
pub use snapshot::{Meta, Snapshot};
