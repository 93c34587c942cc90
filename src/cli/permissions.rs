//! `surveyor permissions`.

use super::{End, print};
use crate::aws::permissions;
use crate::error::Error;

/// Prints the policy document as JSON.
///
/// # Errors
/// When standard output cannot be written.
pub fn run() -> Result<End, Error> {
    let text = serde_json::to_string_pretty(&permissions::policy()).map_err(|e| Error::internal(e.to_string()))?;
    print(&format!("{text}\n"))?;
    Ok(End::Clean)
}
