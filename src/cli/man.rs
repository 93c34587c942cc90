//! `surveyor man`.

use super::{End, print};
use crate::error::Error;

/// Prints the manual page of the command and of every subcommand, in roff.
///
/// # Errors
/// When standard output cannot be written.
pub fn run(command: &clap::Command) -> Result<End, Error> {
    let mut page = Vec::new();
    let failed = |e: std::io::Error| Error::internal(format!("cannot render the manual page: {e}"));
    let mut command = command.clone();
    command.build();
    clap_mangen::Man::new(command.clone()).render(&mut page).map_err(failed)?;
    for sub in command.get_subcommands().filter(|s| s.get_name() != "help") {
        clap_mangen::Man::new(sub.clone()).render(&mut page).map_err(failed)?;
    }
    print(&String::from_utf8_lossy(&page))?;
    Ok(End::Clean)
}
