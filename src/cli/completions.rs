//! `surveyor completions SHELL`.

use clap_complete::Shell;

use super::{End, print};
use crate::error::Error;

/// Arguments of `completions`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The shell.
    shell: Shell,
}

/// Prints the script.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(arguments: &Arguments, mut command: clap::Command) -> Result<End, Error> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "surveyor", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(End::Clean)
}
