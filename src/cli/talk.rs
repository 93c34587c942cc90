//! What is said to the person: on standard error, in colour only on a terminal.

use std::io::{IsTerminal, Write};

use crate::error::Error;

/// Says things on standard error.
#[derive(Debug)]
pub struct Talk {
    quiet: bool,
    colour: bool,
}

impl Talk {
    /// Quiet says only errors. `NO_COLOR` and a standard error that is no terminal turn colours off.
    #[must_use]
    pub fn new(quiet: bool) -> Self {
        Talk { quiet, colour: std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none() }
    }

    /// True when only errors are wanted.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// A line of progress or result.
    pub fn say(&self, line: &str) {
        if !self.quiet {
            self.line(line);
        }
    }

    /// Something the user should know, and the work goes on.
    pub fn warn(&self, line: &str) {
        self.line(&format!("{} {line}", self.paint("warning:", "33;1")));
    }

    /// Why the command ends.
    pub fn error(&self, error: &Error) {
        self.line(&format!("{} {}", self.paint("error:", "31;1"), error.message));
        for hint in &error.hints {
            self.line(&format!("  {} {hint}", self.paint("hint:", "36")));
        }
    }

    fn paint(&self, text: &str, code: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    // A closed standard error is no reason to stop working.
    fn line(&self, line: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{}", printable(line));
    }
}

/// Control characters out of names and messages would move the cursor or change colours: only ours may.
fn printable(line: &str) -> String {
    line.chars().map(|c| if c.is_control() && c != '\x1b' && c != '\n' && c != '\t' { '\u{fffd}' } else { c }).collect()
}
