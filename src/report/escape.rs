//! One escaping function per language. Names that come from AWS are hostile: nothing is written without one of these.

use std::borrow::Cow;
use std::fmt::Write;

/// What a character that must not be shown becomes.
const REPLACEMENT: char = '\u{fffd}';

/// Control characters, and the marks that turn the direction of text around and so make it read other than it is.
fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// For HTML text and for attribute values in either quote. Line breaks and tabs stay.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            c if is_hidden(c) => out.push(REPLACEMENT),
            c => out.push(c),
        }
    }
    out
}

/// For XML 1.0 text and attribute values. Characters that XML cannot hold are replaced.
pub fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // As references, so that attribute values keep them.
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            '\u{fffe}' | '\u{ffff}' => out.push(REPLACEMENT),
            c if is_hidden(c) => out.push(REPLACEMENT),
            c => out.push(c),
        }
    }
    out
}

/// For JSON that stands inside an HTML `<script type="application/json">`: nothing in it can end the element.
pub fn json_in_html(json: &str) -> String {
    // Outside of strings JSON has none of these characters, inside of them the escape means the same.
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// For running Markdown text, also within a table cell: one line, no markup, no HTML, no automatic link.
pub fn markdown(text: &str) -> String {
    let chars: Vec<char> = text.chars().map(|c| if c == '\n' || c == '\r' || c == '\t' { ' ' } else { c }).collect();
    let word = |at: Option<usize>| at.and_then(|i| chars.get(i)).is_some_and(|c| c.is_alphanumeric());
    let starts =
        |at: usize, what: &str| what.chars().enumerate().all(|(i, w)| chars.get(at + i).is_some_and(|c| c.eq_ignore_ascii_case(&w)));
    let mut out = String::with_capacity(text.len() + 8);
    for (i, &c) in chars.iter().enumerate() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '[' | ']' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            // Within a word an underscore means nothing, and type names read better without backslashes.
            '_' if word(i.checked_sub(1)) && word(Some(i + 1)) => out.push('_'),
            '_' => out.push_str("\\_"),
            ':' if starts(i, "://") => out.push_str("&#58;"),
            '.' if i >= 3 && starts(i - 3, "www.") => out.push_str("&#46;"),
            '@' if word(i.checked_sub(1)) && word(Some(i + 1)) => out.push_str("&#64;"),
            '#' | '+' | '-' | '=' if out.trim().is_empty() => {
                out.push('\\');
                out.push(c);
            }
            '.' | ')' if !out.is_empty() && out.trim_start().chars().all(|d| d.is_ascii_digit()) => {
                out.push('\\');
                out.push(c);
            }
            c if is_hidden(c) => out.push(REPLACEMENT),
            c => out.push(c),
        }
    }
    out
}

/// A Markdown code span, also within a table cell. Copying it gives the text, except for line breaks.
pub fn markdown_code(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| {
            if matches!(c, '\n' | '\r' | '\t') {
                ' '
            } else if is_hidden(c) {
                REPLACEMENT
            } else {
                c
            }
        })
        .collect();
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let text = text.replace('|', "\\|");
    // The space keeps a backtick at either end apart from the fence; Markdown takes it off again.
    let pad = if text.is_empty() || text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// For a text field of a CSV file: a spreadsheet must not take it for a formula. Quoting is the writer's matter.
pub fn csv(text: &str) -> Cow<'_, str> {
    let first = text.trim_start_matches([' ', '\u{a0}', '\u{feff}']).chars().next();
    match first {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '|' | '%' | '＝' | '＋' | '－' | '＠') => Cow::Owned(format!("'{text}")),
        _ => Cow::Borrowed(text),
    }
}

/// One word of a shell command, always on one line, so that it stays inside a comment or a code block: control characters take
/// the form `$'…'` of bash and zsh.
pub fn shell(text: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    // A leading tilde or `=` (zsh) would expand; neither is first in the names that need no quotes.
    if !text.is_empty() && text.chars().all(plain) && !text.starts_with('=') {
        return Cow::Borrowed(text);
    }
    let special = |c: char| is_hidden(c) || c == '\u{2028}' || c == '\u{2029}';
    if !text.chars().any(special) {
        return Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")));
    }
    let mut out = String::from("$'");
    for c in text.chars() {
        match c {
            // No program argument can hold NUL.
            '\0' => {}
            '\'' => out.push_str(r"\'"),
            '\\' => out.push_str(r"\\"),
            '\n' => out.push_str(r"\n"),
            '\t' => out.push_str(r"\t"),
            c if special(c) => {
                // Writing to a String does not fail.
                let _ = if c.is_ascii() { write!(out, "\\{:03o}", c as u32) } else { write!(out, "\\u{:04x}", c as u32) };
            }
            c => out.push(c),
        }
    }
    out.push('\'');
    Cow::Owned(out)
}

/// For a terminal: one line, and no control character reaches it.
pub fn terminal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            c if is_hidden(c) => {
                // Writing to a String does not fail.
                let _ = write!(out, "\\u{{{:x}}}", c as u32);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names that people and attackers really give to things.
    const HOSTILE: [&str; 22] = [
        "",
        " ",
        "plain",
        "</script><script>alert(1)</script>",
        "<!--<script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "a|b||c",
        "`rm -rf /`",
        "``` ` ``",
        "[click](javascript:alert(1))",
        "![](http://x.example/p.png)",
        "# heading",
        "- item",
        "1. one",
        "=HYPERLINK(\"http://x.example\")",
        "  @SUM(A1)",
        "$(reboot); ${HOME} $'x'",
        "it's \"quoted\" \\ back",
        "line\nbreak\r\ttab",
        "\u{1b}[31mred\u{7}\u{202e}gpj.exe\0",
        "Ünïcødé 名前 — ok & <fine>",
    ];

    /// All pairs, so that a context opened by one name cannot be closed by the next.
    fn mixes() -> impl Iterator<Item = String> {
        HOSTILE.iter().flat_map(|a| HOSTILE.iter().map(move |b| format!("{a}{b}")))
    }

    #[test]
    fn html_has_no_markup_left_and_loses_nothing() {
        for text in mixes() {
            let escaped = html(&text);
            assert!(!escaped.contains(['<', '>', '"', '\'']), "{escaped}");
            let back =
                escaped.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&");
            let shown: String = text.chars().map(|c| if is_hidden(c) && c != '\n' && c != '\t' { REPLACEMENT } else { c }).collect();
            assert_eq!(back, shown);
        }
    }

    #[test]
    fn xml_holds_only_what_xml_can_hold() {
        for text in mixes() {
            let escaped = xml(&text);
            assert!(!escaped.contains(['<', '>', '"', '\'']) && !escaped.chars().any(char::is_control), "{escaped:?}");
        }
        assert_eq!(xml("a&b\n\u{1}\u{ffff}"), "a&amp;b&#10;\u{fffd}\u{fffd}");
    }

    #[test]
    fn json_stays_the_same_json_and_cannot_leave_its_element() {
        for text in mixes() {
            let json = serde_json::to_string(&text).expect("text");
            let escaped = json_in_html(&json);
            assert!(!escaped.contains(['<', '>', '&']), "{escaped}");
            assert_eq!(serde_json::from_str::<String>(&escaped).expect("json"), text);
        }
    }

    #[test]
    fn markdown_is_one_line_without_markup() {
        for text in mixes() {
            let escaped = markdown(&text);
            assert!(!escaped.contains(['\n', '\r', '\t', '<', '>']), "{escaped}");
            let mut previous = ' ';
            for c in escaped.chars() {
                assert!(!(matches!(c, '`' | '|' | '[' | ']' | '*') && previous != '\\'), "{escaped}");
                previous = if previous == '\\' { ' ' } else { c };
            }
            assert!(!escaped.contains("://"), "{escaped}");
        }
        assert_eq!(markdown("aws_db_instance _x_"), "aws_db_instance \\_x\\_");
        assert_eq!(markdown("1. one"), "1\\. one");
        assert_eq!(markdown("see www.x.example or a@b.c"), "see www&#46;x.example or a&#64;b.c");
    }

    #[test]
    fn code_spans_cannot_be_closed_from_inside() {
        for text in mixes() {
            let span = markdown_code(&text);
            let fence: String = span.chars().take_while(|c| *c == '`').collect();
            let inner = span.strip_prefix(&fence).and_then(|s| s.strip_suffix(&fence)).expect("fences");
            assert!(!inner.contains(&fence) && !inner.contains('\n'), "{span}");
            assert!(!inner.replace("\\|", "").contains('|'), "{span}");
        }
        assert_eq!(markdown_code("i-1"), "`i-1`");
    }

    #[test]
    fn csv_fields_are_no_formulas() {
        for text in ["=1+1", "+1", "-1", "@x", "  =1", "\t=1", "\r=1", "＝1", "|x", "%x"] {
            assert_eq!(csv(text), format!("'{text}"));
        }
        for text in ["a=1", "", "exo live", "1-2"] {
            assert_eq!(csv(text), text);
        }
    }

    #[test]
    fn shell_words_arrive_as_they_are() {
        for text in mixes().filter(|t| !t.contains('\0')) {
            let output = std::process::Command::new("bash")
                .env("LC_ALL", "C.UTF-8")
                .args(["--noprofile", "--norc", "-c"])
                .arg(format!("printf %s {}", shell(&text)))
                .output()
                .expect("bash");
            assert_eq!(String::from_utf8_lossy(&output.stdout), text);
        }
        assert_eq!(shell("i-0abc"), "i-0abc");
        assert_eq!(shell("arn:aws:iam::1:role/x"), "arn:aws:iam::1:role/x");
        assert_eq!(shell(""), "''");
        assert_eq!(shell("it's $(rm -rf ~) `id`"), r"'it'\''s $(rm -rf ~) `id`'");
        assert_eq!(shell("a\nb'c\\"), r"$'a\nb\'c\\'");
    }

    #[test]
    fn terminals_get_no_control_characters() {
        for text in mixes() {
            assert!(!terminal(&text).chars().any(is_hidden));
        }
        assert_eq!(terminal("\u{1b}[31m\nred"), "\\u{1b}[31m red");
    }
}
