//! The formats of an audit: name, file name, and the function that writes it.

use clap::ValueEnum;

use crate::error::Error;
use crate::report::{self, Model};

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The summary for a terminal.
    Text,
    /// findings.json
    Json,
    /// One line per finding, for a spreadsheet.
    Csv,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// OCSF compliance findings, for a SIEM.
    Ocsf,
    /// JUnit XML, for a build server.
    Junit,
    /// The report in Markdown.
    Markdown,
    /// The report as one page.
    Html,
}

impl Format {
    /// The file it goes to, in a folder of several.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Format::Text => "summary.txt",
            Format::Json => "findings.json",
            Format::Csv => "findings.csv",
            Format::Sarif => "findings.sarif",
            Format::Ocsf => "findings.ocsf.json",
            Format::Junit => "findings.junit.xml",
            Format::Markdown => "report.md",
            Format::Html => "report.html",
        }
    }

    /// Writes it. `all` keeps what passed in `findings.json` too.
    ///
    /// # Errors
    /// When a template cannot be rendered.
    pub fn render(self, model: &Model, all: bool) -> Result<String, Error> {
        Ok(match self {
            Format::Text => report::terminal::render(model, super::style()),
            Format::Json if all => report::json::render_all(model),
            Format::Json => report::json::render(model),
            Format::Csv => report::csv::render(model),
            Format::Sarif => report::sarif::render(model),
            Format::Ocsf => report::ocsf::render(model),
            Format::Junit => report::junit::render(model),
            Format::Markdown => report::markdown::render(model),
            Format::Html => report::html::render(model),
        })
    }
}
