//! Reports: one model, one file per format.

pub mod escape;
pub mod labels;
pub mod model;
pub mod network;

pub use model::{Generation, Model};
