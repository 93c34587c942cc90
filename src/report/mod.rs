//! Reports: one model, one file per format.

pub mod csv;
pub mod escape;
pub mod fleet;
pub mod framework;
pub mod html;
pub mod json;
pub mod junit;
pub mod labels;
pub mod markdown;
pub mod model;
pub mod network;
pub mod ocsf;
mod picture;
#[cfg(test)]
mod sample;
pub mod sarif;
pub mod seen;
pub mod spec;
pub mod terminal;
#[cfg(test)]
mod tests;

pub use model::{Generation, Model};

/// JSON for people and programs: indented, with a line break at the end.
fn pretty<T: serde::Serialize>(value: &T) -> String {
    // Only a map with keys that are no text, or a failing `Serialize` of our own, could fail here: there is neither.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
