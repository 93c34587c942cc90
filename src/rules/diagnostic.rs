//! What is wrong with a rule file, shown at its place: file, line, column, the line itself with a caret, and what to write instead.

use std::fmt::Write as _;
use std::ops::Range;

use crate::error::Error;

/// One mistake in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The file as the user knows it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// Characters to underline, at least 1.
    pub length: usize,
    /// The source line.
    pub excerpt: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// Points at a range of characters of `source`.
    pub fn at(file: &str, source: &str, characters: Range<usize>, message: impl Into<String>) -> Self {
        let before: String = source.chars().take(characters.start).collect();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        let excerpt = source.lines().nth(line - 1).unwrap_or("").to_string();
        let room = excerpt.chars().count().saturating_sub(column - 1);
        Diagnostic {
            file: file.into(),
            line,
            column,
            length: characters.len().min(room).max(1),
            excerpt,
            message: message.into(),
            help: Vec::new(),
        }
    }

    /// Adds a line that helps.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// As it is shown on a terminal or in a log.
    pub fn render(&self) -> String {
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        let mut out = format!("{}:{}:{}: {}\n", self.file, self.line, self.column, self.message);
        let _ = writeln!(out, " {gutter} |");
        let _ = writeln!(out, " {number} | {}", self.excerpt);
        let _ = writeln!(out, " {gutter} | {}{}", " ".repeat(self.column - 1), "^".repeat(self.length));
        for help in &self.help {
            let _ = writeln!(out, " {gutter} = {help}");
        }
        out
    }
}

/// All mistakes as one error, sorted by place.
pub fn error(what: &str, mut diagnostics: Vec<Diagnostic>) -> Error {
    diagnostics.sort_by(|a, b| (&a.file, a.line, a.column, &a.message).cmp(&(&b.file, b.line, b.column, &b.message)));
    diagnostics.dedup();
    let body: Vec<String> = diagnostics.iter().map(Diagnostic::render).collect();
    Error::input(format!("{} in {what}\n\n{}", mistakes(diagnostics.len()), body.join("\n")))
}

fn mistakes(n: usize) -> String {
    if n == 1 { "1 mistake".into() } else { format!("{n} mistakes") }
}

/// The nearest of the known names, when one is near enough to be meant.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|k| (strsim::damerau_levenshtein(&name.to_lowercase(), &k.to_lowercase()), k))
        .filter(|(distance, k)| *distance <= limit || (name.len() >= 4 && k.ends_with(&format!("_{name}"))))
        .min_by(|a, b| a.0.cmp(&b.0).then(a.1.cmp(b.1)))
        .map(|(_, k)| k)
}

/// `did you mean ...` for the nearest known name, if one is near.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(name, known).map(|k| format!("did you mean `{k}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_word() {
        let source = "- id: x\n  fails_when: config.prot == 1\n";
        let start = source.find("prot").unwrap();
        let shown = Diagnostic::at("r.yaml", source, start..start + 4, "no argument `prot`").help("did you mean `port`?").render();
        assert_eq!(
            shown,
            "r.yaml:2:22: no argument `prot`\n   |\n 2 |   fails_when: config.prot == 1\n   |                      ^^^^\n   = did you mean `port`?\n"
        );
    }

    #[test]
    fn only_near_names_are_offered() {
        assert_eq!(nearest("publicly_accesible", ["publicly_accessible", "port"]), Some("publicly_accessible"));
        assert_eq!(nearest("nothing_like_it", ["publicly_accessible", "port"]), None);
        assert_eq!(nearest("encrypted", ["storage_encrypted"]), Some("storage_encrypted"));
    }
}
