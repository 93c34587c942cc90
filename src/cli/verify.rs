//! `surveyor verify`.

use std::path::PathBuf;
use std::time::Duration;

use super::{End, Talk, output, print};
use crate::error::Error;
use crate::report::escape::terminal;
use crate::terraform::verify::{self, Proof, VerifyOptions};

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
/// When terraform is missing, or cannot be run on the tree at all, or the tree was not written to its end.
pub fn run(arguments: &Arguments, json: bool, talk: &Talk) -> Result<End, Error> {
    let options = VerifyOptions {
        program: arguments.terraform.clone(),
        heal: arguments.heal,
        timeout: Duration::from_secs(arguments.timeout.saturating_mul(60)),
    };
    if !output::is_whole(&arguments.dir) {
        return Err(Error::input(format!("{}: the run that wrote this was cut short", arguments.dir.display()))
            .hint("generate again: files of two runs may lie beside each other"));
    }
    let proof = verify::verify_with(&arguments.dir, &options, &|line| talk.say(line))?;
    if json {
        print(&(serde_json::to_string_pretty(&proof).map_err(|e| Error::internal(e.to_string()))? + "\n"))?;
    } else {
        print(&text(&proof))?;
    }
    Ok(if proof.is_clean() { End::Clean } else { End::Complaint })
}

/// The proof for people: what terraform said of each root, and what differs.
fn text(proof: &Proof) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    for root in &proof.roots {
        let word = if root.is_clean() { "clean" } else { "not clean" };
        let _ = writeln!(out, "{}: {} ({word}, {})", terminal(&root.folder), root.summary(), proof.program);
        for d in &root.diagnostics {
            let place = [d.address.as_deref(), d.place.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" at ");
            let _ = writeln!(out, "  {}: {} {}", d.severity, terminal(&d.summary), terminal(&place));
            for line in d.detail.lines().take(6) {
                let _ = writeln!(out, "    {}", terminal(line));
            }
        }
        for difference in &root.differences {
            let _ = writeln!(out, "  {} ({})", terminal(&difference.address), difference.actions.join(" and "));
            for a in &difference.attributes {
                let forces = if a.replaces { "  forces replacement" } else { "" };
                let _ = writeln!(
                    out,
                    "    {}: {} in AWS, {} in the code{forces}",
                    a.path,
                    terminal(&a.before.to_string()),
                    terminal(&a.after.to_string())
                );
            }
        }
        for line in &root.healed {
            let _ = writeln!(out, "  healed: {}", terminal(line));
        }
    }
    out
}
