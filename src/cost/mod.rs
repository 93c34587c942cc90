//! What things cost: a dated price book and estimates that never guess.

pub mod book;
mod service;

pub use book::{Billing, Price, PriceBook};
pub use service::service_of;
