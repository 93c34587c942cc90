//! `surveyor audit`.

use std::path::PathBuf;

use super::config::Config;
use super::formats::Format;
use super::judging::{self, FailOn};
use super::{End, Talk, print};
use crate::error::Error;
use crate::estate::Snapshot;
use crate::files;

/// Arguments of `audit`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The snapshot that `surveyor scan` wrote.
    snapshot: PathBuf,
    /// Formats; one goes to standard output, several need --out.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "text")]
    format: Vec<Format>,
    /// Folder for the formats.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Keep in findings.json also what passed and what does not apply.
    #[arg(long)]
    all: bool,
    /// An earlier findings.json: findings in it keep the date of their first sight.
    #[arg(long, value_name = "FILE")]
    previous: Option<PathBuf>,
    #[command(flatten)]
    judging: judging::Arguments,
}

/// Judges a snapshot.
///
/// # Errors
/// When the snapshot, a rule or a suppression cannot be read, or a result cannot be written.
pub fn run(arguments: &Arguments, json: bool, config: &Config, talk: &Talk) -> Result<End, Error> {
    let formats: &[Format] = if json { &[Format::Json] } else { &arguments.format };
    if formats.len() > 1 && arguments.out.is_none() {
        return Err(Error::usage("several formats cannot all go to standard output").hint("give a folder: --out DIR"));
    }
    if let Some(path) = arguments.previous.as_ref().filter(|p| !p.is_file()) {
        return Err(Error::input(format!("{}: no such file", path.display())));
    }
    let snapshot = Snapshot::read(&arguments.snapshot)?;
    let judged =
        arguments.judging.judge(snapshot, arguments.judging.states(config)?, config, arguments.all, arguments.previous.as_deref())?;
    judged.say_states(talk);
    for format in formats {
        let text = format.render(&judged.model, arguments.all)?;
        match &arguments.out {
            Some(folder) => {
                let path = folder.join(format.file_name());
                files::write(&path, text.as_bytes())?;
                talk.say(&path.display().to_string());
            }
            None => print(&text)?,
        }
    }
    arguments.judging.end(&judged, config, FailOn::High)
}
