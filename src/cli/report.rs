//! `surveyor report`.

use std::path::PathBuf;

use super::config::Config;
use super::formats::Format;
use super::{End, judging, print};
use crate::error::Error;
use crate::estate::Snapshot;
use crate::report::framework;
use crate::rules::framework_report;

/// Arguments of `report`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The snapshot that `surveyor scan` wrote.
    snapshot: PathBuf,
    /// Control by control of one framework and version: cis-5.0, fsbp, pci-4.0 …
    #[arg(long, value_name = "NAME")]
    framework: Option<String>,
    /// Format of the whole report.
    #[arg(long, value_enum, default_value = "markdown", conflicts_with = "framework")]
    format: Format,
    #[command(flatten)]
    judging: judging::Arguments,
}

/// Writes a report to standard output.
///
/// # Errors
/// When the snapshot or a rule cannot be read, or the framework is not known.
pub fn run(arguments: &Arguments, json: bool, config: &Config) -> Result<End, Error> {
    let snapshot = Snapshot::read(&arguments.snapshot)?;
    let judged = arguments.judging.judge(snapshot, arguments.judging.states(config)?, config, arguments.framework.is_some(), None)?;
    let text = match &arguments.framework {
        Some(name) => {
            let report = framework_report(&judged.rules, &judged.findings, name)?;
            if json {
                serde_json::to_string_pretty(&report).map_err(|e| Error::internal(e.to_string()))? + "\n"
            } else {
                framework::markdown(&report, &judged.model)
            }
        }
        None if json => Format::Json.render(&judged.model, false)?,
        None => arguments.format.render(&judged.model, false)?,
    };
    print(&text)?;
    arguments.judging.end(&judged, config, judging::FailOn::Never)
}
