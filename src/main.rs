//! The `surveyor` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    surveyor::cli::main()
}
