//! Errors as the user sees them: what failed, where, and what to do.

use std::fmt;

/// What went wrong at the edge of the program. Every kind ends in exit code 2.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The class of the failure.
    pub kind: Kind,
    /// One sentence: what failed, where.
    pub message: String,
    /// What the user can do, one line each.
    pub hints: Vec<String>,
}

/// Classes of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Wrong arguments or options.
    Usage,
    /// A file given to us is missing or broken.
    Input,
    /// A file cannot be written.
    Output,
    /// No usable AWS credentials, or the account cannot be reached.
    Access,
    /// terraform is missing or failed.
    Terraform,
    /// A defect of ours.
    Internal,
}

impl Error {
    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error { kind, message: message.into(), hints: Vec::new() }
    }

    /// Wrong arguments or options.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// A file given to us is missing or broken.
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(Kind::Input, message)
    }

    /// A file cannot be written.
    pub fn output(message: impl Into<String>) -> Self {
        Self::new(Kind::Output, message)
    }

    /// No usable credentials, or the account cannot be reached.
    pub fn access(message: impl Into<String>) -> Self {
        Self::new(Kind::Access, message)
    }

    /// terraform is missing or failed.
    pub fn terraform(message: impl Into<String>) -> Self {
        Self::new(Kind::Terraform, message)
    }

    /// A defect of ours.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Kind::Internal, message).hint("this is a defect of surveyor: please report it with this message")
    }

    /// Adds a line that tells what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)?;
        for hint in &self.hints {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
