//! `surveyor verify`.

use std::path::PathBuf;
use std::time::Duration;

use super::{End, Talk, print};
use crate::error::Error;
use crate::terraform::{self, VerifyOptions};

/// Arguments of `verify`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The Terraform tree: a root, or a folder of roots.
    dir: PathBuf,
    /// Fold real values, or proven `ignore_changes`, into the code and plan again until it is clean.
    #[arg(long)]
    heal: bool,
    /// The program: terraform, tofu, or a path. Default: terraform, else tofu.
    #[arg(long, value_name = "PROGRAM")]
    terraform: Option<PathBuf>,
    /// Give a plan at most this many minutes.
    #[arg(long, value_name = "MINUTES", default_value_t = 60)]
    timeout: u64,
}

/// Runs the user's terraform: init, validate, plan. Never apply.
///
/// # Errors
/// When terraform is missing, or cannot be run on the tree at all.
pub fn run(arguments: &Arguments, json: bool, talk: &Talk) -> Result<End, Error> {
    let options = VerifyOptions {
        program: arguments.terraform.clone(),
        heal: arguments.heal,
        timeout: Duration::from_secs(arguments.timeout.saturating_mul(60)),
    };
    let proof = terraform::verify(&arguments.dir, &options, &|line| talk.say(line))?;
    if json {
        print(&(serde_json::to_string_pretty(&proof).map_err(|e| Error::internal(e.to_string()))? + "\n"))?;
    } else {
        print(&proof.text())?;
    }
    Ok(if proof.is_clean() { End::Clean } else { End::Complaint })
}
