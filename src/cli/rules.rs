//! `surveyor rules`.

use std::path::PathBuf;

use clap::Subcommand;

use super::config::Config;
use super::{End, Talk, print};
use crate::error::Error;
use crate::rules::RuleSet;

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
    /// Run the tests that rules carry: all, or only those of a folder.
    Test {
        /// Folder with rule files.
        folder: Option<PathBuf>,
    },
}

/// Lists, shows or tests rules.
///
/// # Errors
/// Mistakes in rule files, with their places; an unknown id.
pub fn run(arguments: &Arguments, json: bool, config: &Config, talk: &Talk) -> Result<End, Error> {
    let mut folders: Vec<PathBuf> = config.rules.iter().chain(&arguments.rules).cloned().collect();
    match &arguments.action {
        Action::List => {
            let set = RuleSet::load(&folders)?;
            print(&if json { set.list_json() } else { set.list() })?;
            Ok(End::Clean)
        }
        Action::Show { id } => {
            print(&RuleSet::load(&folders)?.show(id)?)?;
            Ok(End::Clean)
        }
        Action::Test { folder } => {
            folders.extend(folder.clone());
            let set = RuleSet::load(&folders)?;
            let outcome = set.test(folder.as_deref());
            print(&outcome.text)?;
            talk.say(&format!("{} passed, {} failed", outcome.passed, outcome.failed));
            Ok(if outcome.failed == 0 { End::Clean } else { End::Complaint })
        }
    }
}
