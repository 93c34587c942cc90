//! `surveyor permissions`.

use std::path::PathBuf;

use super::{End, Talk, print};
use crate::aws::permissions;
use crate::error::Error;
use crate::files;

/// Arguments of `permissions`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Write managed policies `surveyor-read-only-N.json` to this folder, each within IAM's limit of 6,144 characters, instead of one
    /// document to standard output.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints the policy document as JSON, or writes it in parts.
///
/// # Errors
/// When standard output or a file cannot be written.
pub fn run(arguments: &Arguments, talk: &Talk) -> Result<End, Error> {
    let pretty = |policy: &serde_json::Value| {
        serde_json::to_string_pretty(policy).map(|text| text + "\n").map_err(|e| Error::internal(e.to_string()))
    };
    let Some(folder) = &arguments.out else {
        print(&pretty(&permissions::policy())?)?;
        return Ok(End::Clean);
    };
    for (number, policy) in (1..).zip(permissions::managed_policies()) {
        let path = folder.join(format!("surveyor-read-only-{number}.json"));
        files::write(&path, pretty(&policy)?.as_bytes())?;
        talk.say(&path.display().to_string());
    }
    Ok(End::Clean)
}
