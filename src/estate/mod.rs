//! What was observed, and how the observed things hang together.

mod dns;
pub mod environment;
pub mod exposure;
mod graph;
pub mod ledger;
mod network;
mod ownership;
pub mod quotas;
pub mod redact;
mod references;
pub mod resource;
pub mod seen;
pub mod snapshot;
mod stacks;
pub mod state;
#[cfg(test)]
pub(crate) mod testing;

pub use environment::Environment;
pub use exposure::Exposure;
pub use graph::{Estate, Options};
pub use ledger::{Ledger, LedgerEntry, Outcome};
pub use ownership::not_importable;
pub use references::{Reference, Target};
pub use resource::{Attrs, Key, Ownership, OwnershipClass, Resource};
pub use seen::{Bill, Seen};
pub use snapshot::{Meta, RegionState, Snapshot};
pub use state::{State, StateSummary};
