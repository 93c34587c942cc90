//! `surveyor schema`.

use clap::ValueEnum;

use super::{End, print};
use crate::error::Error;
use crate::estate::Snapshot;
use crate::report::fleet::Fleet;
use crate::report::spec::Spec;
use crate::rules::Findings;

/// Arguments of `schema`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The file whose JSON Schema is wanted.
    #[arg(value_enum)]
    name: Name,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// `snapshot.json`
    Snapshot,
    /// `findings.json`
    Findings,
    /// `estate.yaml`
    Estate,
    /// `accounts.json` of a run over many accounts
    Accounts,
}

/// Prints a JSON Schema.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(arguments: &Arguments) -> Result<End, Error> {
    let schema = match arguments.name {
        Name::Snapshot => schemars::schema_for!(Snapshot),
        Name::Findings => schemars::schema_for!(Findings),
        Name::Estate => schemars::schema_for!(Spec),
        Name::Accounts => schemars::schema_for!(Fleet),
    };
    let text = serde_json::to_string_pretty(&schema).map_err(|e| Error::internal(e.to_string()))?;
    print(&(text + "\n"))?;
    Ok(End::Clean)
}
