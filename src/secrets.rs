//! Finds what looks like a credential in text.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// One place in a text that looks like a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Byte range of the value itself.
    pub range: Range<usize>,
    /// What kind it is, in words.
    pub kind: &'static str,
}

static VALUES: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    [
        (r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b", "AWS access key id"),
        (r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", "private key"),
        (r"\b[a-z][a-z0-9+.-]*://[^\s:/@]+:([^\s:/@$]{3,})@", "password in a URL"),
        (r"\bgh[pousr]_[A-Za-z0-9]{36,}\b", "GitHub token"),
        (r"\bxox[abprs]-[A-Za-z0-9-]{10,}", "Slack token"),
        (r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}\b", "Stripe key"),
        (
            r#"(?im)(?:password|passwd|pwd|secret|token|api_?key|secret_access_key|private_key)["']?\s*[=:]\s*["']?([^\s"'$<{(;,]{6,})"#,
            "password in a script",
        ),
    ]
    .into_iter()
    .filter_map(|(pattern, kind)| Some((Regex::new(pattern).ok()?, kind)))
    .collect()
});

static KEY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)(password|passwd|pwd|secret|token|api_?key|private_?key|credential|access_?key)").ok());

/// Every credential in a text; `key` is the name it stands under, where it has one.
#[must_use]
pub fn find(text: &str, key: Option<&str>) -> Vec<Match> {
    let mut all: Vec<Match> = VALUES
        .iter()
        .flat_map(|(regex, kind)| {
            regex.captures_iter(text).filter_map(|c| c.get(1).or_else(|| c.get(0)).map(|m| Match { range: m.range(), kind }))
        })
        .collect();
    let named = key.is_some_and(|k| KEY.as_ref().is_some_and(|r| r.is_match(k)));
    if all.is_empty() && named && text.len() >= 6 && !text.starts_with("arn:") && !text.starts_with("${") {
        all.push(Match { range: 0..text.len(), kind: "value under a secret's name" });
    }
    all.sort_by_key(|m| (m.range.start, std::cmp::Reverse(m.range.end)));
    let mut end = 0;
    all.retain(|m| {
        let keep = m.range.start >= end;
        end = end.max(m.range.end);
        keep
    });
    all
}
