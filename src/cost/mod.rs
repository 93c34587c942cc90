//! What things cost: a dated price book and estimates that never guess.

pub mod account;
pub mod book;
pub mod estimate;
mod service;

pub use account::{Costs, NO_ENVIRONMENT, Saving, Share, TopItem, Unpriced};
pub use book::{Billing, Price, PriceBook};
pub(crate) use estimate::cents;
pub use estimate::{Estimate, HOURS_PER_MONTH, LineItem};
pub use service::service_of;
