//! `surveyor rules`.

use std::path::PathBuf;

use clap::Subcommand;

use super::config::Config;
use super::{End, print};
use crate::error::Error;
use crate::report::model;
use crate::rules::{RuleSet, catalogue};

/// Arguments of `rules`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    action: Action,
    /// Folder with rules of your own, beside the built-in ones; several are possible.
    #[arg(long, value_name = "DIR", global = true)]
    rules: Vec<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// One line per rule: id, severity, category, resource type, title.
    List,
    /// Everything about one rule.
    Show {
        /// Rule id.
        id: String,
    },
    /// Check rules and run the tests they carry: those of a folder alone, else all that are in use.
    Test {
        /// Folder with rule files.
        folder: Option<PathBuf>,
    },
}

/// Lists, shows or tests rules.
///
/// # Errors
/// Mistakes in rule files, with their places; an unknown id.
pub fn run(arguments: &Arguments, json: bool, config: &Config) -> Result<End, Error> {
    let folders: Vec<PathBuf> = config.rules.iter().chain(&arguments.rules).cloned().collect();
    match &arguments.action {
        Action::List => {
            let set = RuleSet::load(&folders)?;
            let entries = catalogue::list(&set);
            let text = if json {
                serde_json::to_string_pretty(&entries).map_err(|e| Error::internal(e.to_string()))? + "\n"
            } else {
                lines(&entries)
            };
            print(&text)?;
            Ok(End::Clean)
        }
        Action::Show { id } => {
            print(&catalogue::show(&RuleSet::load(&folders)?, id)?)?;
            Ok(End::Clean)
        }
        Action::Test { folder } => {
            let set = match folder {
                Some(folder) => RuleSet::of_folder(folder)?,
                None => RuleSet::load(&folders)?,
            };
            let report = catalogue::test(&set);
            print(&report.render())?;
            Ok(if report.wrong.is_empty() { End::Clean } else { End::Complaint })
        }
    }
}

/// One line per rule, in columns.
fn lines(entries: &[catalogue::Entry]) -> String {
    let width = |of: &dyn Fn(&catalogue::Entry) -> usize| entries.iter().map(of).max().unwrap_or(0);
    let (id, about) = (width(&|e| e.id.len()), width(&|e| e.about.len()));
    entries
        .iter()
        .map(|e| {
            let (severity, category) = (model::severity(e.severity), model::category(e.category));
            format!("{:id$}  {severity:8}  {category:11}  {:about$}  {}\n", e.id, e.about, e.title)
        })
        .collect()
}
