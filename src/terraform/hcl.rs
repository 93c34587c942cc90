//! A small writer of HCL that lays out and aligns exactly as `terraform fmt` does.
//!
//! What it writes needs no formatter afterwards, and any text is escaped so that it is read back as the very same text.

use std::fmt::Write;

use serde_json::{Number, Value};

/// Lists of scalars up to this many columns stay on one line.
const LINE: usize = 100;

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// Literal text; quoted and escaped when written, a heredoc when it has several lines and comes back exactly.
    Text(String),
    /// Text with interpolated expressions.
    Template(Vec<Part>),
    /// An expression written as it is: a traversal such as `aws_vpc.main.id`.
    Raw(String),
    /// A reference to another resource that has no address yet; written as its value.
    Link(Link),
    /// A list.
    List(Vec<Element>),
    /// An object or map, in the order given.
    Map(Vec<Entry>),
    /// An object on one line, as a row of a table; over several lines when it is long.
    Row(Vec<Entry>),
    /// A function call.
    Call(&'static str, Vec<Expr>),
}

/// A reference to an attribute of another resource, before that has an address.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Position of the other resource in the estate.
    pub to: usize,
    /// Terraform's name of its attribute.
    pub attribute: String,
    /// The value that the attribute has today.
    pub value: String,
}

/// What becomes of a [`Link`].
pub enum Resolved {
    /// This expression takes its place.
    Raw(String),
    /// The value stays, with the reason as a comment.
    Literal(Option<String>),
}

/// One item of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Element {
    /// Its value.
    pub value: Expr,
    /// A trailing comment.
    pub note: Option<String>,
}

/// One item of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its key, unquoted.
    pub key: String,
    /// Its value.
    pub value: Expr,
    /// A trailing comment.
    pub note: Option<String>,
}

/// A stretch of a [`Expr::Template`].
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Literal text.
    Text(String),
    /// An interpolated expression.
    Raw(String),
    /// An interpolated reference; written as its value.
    Link(Link),
}

/// What stands in a block or file.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// `name = value # note`
    Attribute {
        /// Argument name.
        name: String,
        /// Value.
        value: Expr,
        /// Trailing comment.
        note: Option<String>,
    },
    /// A nested or top-level block.
    Block(Block),
    /// Whole-line comments, one per line of the text.
    Comment(String),
    /// An empty line.
    Gap,
}

/// A block.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// `resource`, `lifecycle`, `ingress` …
    pub kind: String,
    /// Quoted labels.
    pub labels: Vec<String>,
    /// What stands inside.
    pub body: Vec<Item>,
}

impl Block {
    /// An empty block.
    pub fn new(kind: &str, labels: &[&str]) -> Self {
        Block { kind: kind.into(), labels: labels.iter().map(|l| (*l).to_string()).collect(), body: Vec::new() }
    }

    /// Adds an argument.
    pub fn set(&mut self, name: &str, value: impl Into<Expr>) -> &mut Self {
        self.body.push(Item::Attribute { name: name.into(), value: value.into(), note: None });
        self
    }
}

impl From<&str> for Expr {
    fn from(text: &str) -> Self {
        Expr::Text(text.into())
    }
}

impl From<bool> for Expr {
    fn from(value: bool) -> Self {
        Expr::Bool(value)
    }
}

impl From<Vec<Expr>> for Expr {
    fn from(items: Vec<Expr>) -> Self {
        Expr::List(items.into_iter().map(Element::from).collect())
    }
}

impl From<Expr> for Element {
    fn from(value: Expr) -> Self {
        Element { value, note: None }
    }
}

impl Expr {
    /// The expression for a JSON value, all of it literal.
    pub fn literal(value: &Value) -> Expr {
        match value {
            Value::Null => Expr::Null,
            Value::Bool(b) => Expr::Bool(*b),
            Value::Number(n) => Expr::Number(n.clone()),
            Value::String(s) => Expr::Text(s.clone()),
            Value::Array(items) => Expr::List(items.iter().map(|v| Expr::literal(v).into()).collect()),
            Value::Object(fields) => {
                Expr::Map(fields.iter().map(|(k, v)| Entry { key: k.clone(), value: Expr::literal(v), note: None }).collect())
            }
        }
    }

    /// The value on one line, or `None` when it must or should take several.
    fn inline(&self) -> Option<String> {
        Some(match self {
            Expr::Null => "null".into(),
            Expr::Bool(b) => b.to_string(),
            Expr::Number(n) => n.to_string(),
            Expr::Text(s) => quote(s),
            Expr::Template(parts) => match parts.as_slice() {
                [Part::Raw(r)] => r.clone(),
                _ => {
                    let mut out = String::from("\"");
                    // What stands between two interpolations is one text: `$` and `{` may come from two parts of it.
                    let mut text = String::new();
                    for part in parts {
                        match part {
                            Part::Text(t) => text.push_str(t),
                            Part::Link(l) => text.push_str(&l.value),
                            Part::Raw(r) => {
                                out.push_str(&escape(&std::mem::take(&mut text), true));
                                let _ = write!(out, "${{{r}}}");
                            }
                        }
                    }
                    out.push_str(&escape(&text, false));
                    out.push('"');
                    out
                }
            },
            Expr::Raw(r) => r.clone(),
            Expr::Link(l) => quote(&l.value),
            Expr::List(items) => {
                if items.iter().any(|i| i.note.is_some() || matches!(i.value, Expr::List(_) | Expr::Map(_) | Expr::Row(_))) {
                    return if items.is_empty() { Some("[]".into()) } else { None };
                }
                let parts: Vec<String> = items.iter().map(|i| i.value.inline()).collect::<Option<_>>()?;
                let line = format!("[{}]", parts.join(", "));
                if line.len() > LINE && items.len() > 1 {
                    return None;
                }
                line
            }
            Expr::Row(entries) if !entries.is_empty() && entries.iter().all(|e| e.note.is_none()) => {
                let cells: Vec<String> =
                    entries.iter().map(|e| Some(format!("{} = {}", key(&e.key), e.value.inline()?))).collect::<Option<_>>()?;
                let line = format!("{{ {} }}", cells.join(", "));
                if line.len() > LINE + 40 {
                    return None;
                }
                line
            }
            Expr::Map(entries) | Expr::Row(entries) => {
                if entries.is_empty() {
                    "{}".into()
                } else {
                    return None;
                }
            }
            Expr::Call(name, args) => {
                let parts: Vec<String> = args.iter().map(Expr::inline).collect::<Option<_>>()?;
                format!("{name}({})", parts.join(", "))
            }
        })
    }
}

/// Puts what `decide` says in the place of every link; its second argument is true inside a longer text or a JSON document.
pub fn resolve(items: &mut [Item], decide: &mut dyn FnMut(&Link, bool) -> Resolved) {
    for item in items {
        match item {
            Item::Attribute { value, note, .. } => add_note(note, resolve_expr(value, false, decide)),
            Item::Block(block) => resolve(&mut block.body, decide),
            Item::Comment(_) | Item::Gap => {}
        }
    }
}

fn add_note(note: &mut Option<String>, more: Option<String>) {
    if note.is_none() {
        *note = more;
    }
}

fn resolve_expr(expr: &mut Expr, inside: bool, decide: &mut dyn FnMut(&Link, bool) -> Resolved) -> Option<String> {
    match expr {
        Expr::Link(link) => match decide(link, inside) {
            Resolved::Raw(text) => {
                *expr = Expr::Raw(text);
                None
            }
            Resolved::Literal(note) => {
                *expr = Expr::Text(std::mem::take(&mut link.value));
                note
            }
        },
        Expr::Template(parts) => {
            let mut note = None;
            for part in parts {
                if let Part::Link(link) = part {
                    *part = match decide(link, true) {
                        Resolved::Raw(text) => Part::Raw(text),
                        Resolved::Literal(more) => {
                            add_note(&mut note, more);
                            Part::Text(std::mem::take(&mut link.value))
                        }
                    };
                }
            }
            note
        }
        Expr::List(items) => {
            for item in items {
                let more = resolve_expr(&mut item.value, inside, decide);
                add_note(&mut item.note, more);
            }
            None
        }
        Expr::Map(entries) | Expr::Row(entries) => {
            for entry in entries {
                let more = resolve_expr(&mut entry.value, inside, decide);
                add_note(&mut entry.note, more);
            }
            None
        }
        Expr::Call(_, args) => {
            let mut note = None;
            for arg in args {
                add_note(&mut note, resolve_expr(arg, true, decide));
            }
            note
        }
        Expr::Null | Expr::Bool(_) | Expr::Number(_) | Expr::Text(_) | Expr::Raw(_) => None,
    }
}

/// Escapes text for the inside of a quoted string; `interpolated`: `${` comes right behind it.
fn escape(text: &str, interpolated: bool) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        // What stands behind a run of one sign.
        let after = |chars: &std::iter::Peekable<std::str::Chars<'_>>| chars.clone().find(|next| *next != c);
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if chars.peek() == Some(&'{') => {
                out.push(c);
                out.push(c);
            }
            // A run such as `$${` would be read as an escape, so the sign before another one is written by its number.
            '$' | '%' if chars.peek() == Some(&c) && after(&chars) == Some('{') => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            '$' if interpolated && after(&chars).is_none() => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c if (c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')) && (c as u32) < 0x1_0000 => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            // Marks that turn the direction of reading would let a name disguise the code around it.
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out
}

/// Text as a quoted HCL string.
pub fn quote(text: &str) -> String {
    format!("\"{}\"", escape(text, false))
}

/// Text for a comment: one line, without control characters.
pub fn comment_text(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c) { ' ' } else { c })
        .collect::<String>()
        .trim()
        .to_string()
}

/// True for a bare identifier that needs no quotes as a map key.
pub fn is_identifier(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
        && !matches!(text, "for" | "if" | "true" | "false" | "null" | "in" | "else" | "endif" | "endfor")
}

/// A map key, quoted where it must be.
fn key(text: &str) -> String {
    if is_identifier(text) { text.to_string() } else { quote(text) }
}

/// True when a heredoc brings the text back unchanged.
fn fits_heredoc(text: &str) -> bool {
    text.ends_with('\n')
        && text.len() > 40
        && text.lines().count() > 1
        && !text.contains("$${")
        && !text.contains("%%{")
        && text.chars().all(|c| c == '\n' || c == '\t' || !c.is_control())
        && text == escape_safe(text)
}

/// The text without characters that a quoted string would write by number; equal when there is none.
fn escape_safe(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')).collect()
}

/// A heredoc delimiter that is no line of the text.
fn delimiter(text: &str) -> String {
    let mut word = String::from("EOT");
    while text.lines().any(|l| l.trim() == word) {
        word.push('_');
    }
    word
}

/// One line before alignment.
struct Line {
    indent: usize,
    lead: String,
    assign: Option<String>,
    note: Option<String>,
}

#[derive(Default)]
struct Writer {
    lines: Vec<Line>,
    indent: usize,
}

/// Writes a file.
pub fn file(items: &[Item]) -> String {
    let mut writer = Writer::default();
    writer.items(items);
    writer.finish()
}

/// Writes items one after another as blocks of a file, parted by empty lines.
pub fn blocks(items: impl IntoIterator<Item = Item>) -> Vec<Item> {
    let mut out: Vec<Item> = Vec::new();
    for item in items {
        if !matches!(out.last(), None | Some(Item::Gap | Item::Comment(_))) && !matches!(item, Item::Gap) {
            out.push(Item::Gap);
        }
        out.push(item);
    }
    out
}

impl Writer {
    fn line(&mut self, lead: impl Into<String>) {
        self.lines.push(Line { indent: self.indent, lead: lead.into(), assign: None, note: None });
    }

    fn gap(&mut self) {
        if self.lines.last().is_some_and(|l| !l.lead.is_empty()) {
            self.lines.push(Line { indent: 0, lead: String::new(), assign: None, note: None });
        }
    }

    fn items(&mut self, items: &[Item]) {
        for (i, item) in items.iter().enumerate() {
            match item {
                Item::Gap => {
                    if i + 1 < items.len() {
                        self.gap();
                    }
                }
                Item::Comment(text) => {
                    for line in text.lines() {
                        let line = comment_text(line);
                        self.line(if line.is_empty() { "#".to_string() } else { format!("# {line}") });
                    }
                }
                Item::Attribute { name, value, note } => {
                    if let Expr::Text(text) = value
                        && fits_heredoc(text)
                    {
                        if i > 0 && !matches!(items[i - 1], Item::Comment(_)) {
                            self.gap();
                        }
                        let end = delimiter(text);
                        let body = text.replace("${", "$${").replace("%{", "%%{");
                        self.line(format!("{name} = <<{end}\n{body}{end}"));
                        if i + 1 < items.len() {
                            self.gap();
                        }
                    } else {
                        self.assignment(name, value, note.as_deref());
                    }
                }
                Item::Block(block) => self.block(block),
            }
        }
    }

    fn block(&mut self, block: &Block) {
        let mut head = block.kind.clone();
        for label in &block.labels {
            let _ = write!(head, " {}", quote(label));
        }
        if block.body.is_empty() {
            self.line(format!("{head} {{}}"));
            return;
        }
        self.line(format!("{head} {{"));
        self.indent += 2;
        self.items(&block.body);
        self.indent -= 2;
        self.line("}");
    }

    fn assignment(&mut self, key: &str, value: &Expr, note: Option<&str>) {
        if let Some(text) = value.inline() {
            let note = note.map(comment_text).filter(|n| !n.is_empty());
            self.lines.push(Line { indent: self.indent, lead: key.into(), assign: Some(text), note });
        } else {
            if let Some(note) = note {
                self.line(format!("# {}", comment_text(note)));
            }
            self.open(&format!("{key} = "), value, "");
        }
    }

    /// Writes a value over several lines between `before` and `after`.
    fn open(&mut self, before: &str, value: &Expr, after: &str) {
        match value {
            Expr::List(items) => {
                self.line(format!("{before}["));
                self.indent += 2;
                for item in items {
                    if let Some(text) = item.value.inline() {
                        let note = item.note.as_deref().map(comment_text).filter(|n| !n.is_empty());
                        self.lines.push(Line { indent: self.indent, lead: format!("{text},"), assign: None, note });
                    } else {
                        self.open("", &item.value, ",");
                    }
                }
                self.indent -= 2;
                self.line(format!("]{after}"));
            }
            Expr::Map(entries) | Expr::Row(entries) => {
                self.line(format!("{before}{{"));
                self.indent += 2;
                for (i, entry) in entries.iter().enumerate() {
                    let odd = !entry.key.is_ascii();
                    let key = key(&entry.key);
                    // How wide such a key is on the screen is a matter of opinion, so it is not aligned with others.
                    if odd && i > 0 {
                        self.gap();
                    }
                    self.assignment(&key, &entry.value, entry.note.as_deref());
                    if odd && i + 1 < entries.len() {
                        self.gap();
                    }
                }
                self.indent -= 2;
                self.line(format!("}}{after}"));
            }
            Expr::Call(name, args) => match args.as_slice() {
                [only] => self.open(&format!("{before}{name}("), only, &format!("){after}")),
                _ => {
                    self.line(format!("{before}{name}("));
                    self.indent += 2;
                    for arg in args {
                        match arg.inline() {
                            Some(text) => self.line(format!("{text},")),
                            None => self.open("", arg, ","),
                        }
                    }
                    self.indent -= 2;
                    self.line(format!("){after}"));
                }
            },
            // Every other kind has an inline form.
            other => self.line(format!("{before}{}{after}", other.inline().unwrap_or_default())),
        }
    }

    /// Aligns as the formatter does: `=` over neighbouring lines whose value ends on the line, then trailing comments over
    /// neighbouring lines that have one.
    fn finish(mut self) -> String {
        let width = |l: &Line| l.indent + l.lead.chars().count();
        let mut i = 0;
        while i < self.lines.len() {
            let end = i + self.lines[i..].iter().take_while(|l| l.assign.is_some()).count();
            let column = self.lines[i..end].iter().map(width).max().unwrap_or(0);
            for line in &mut self.lines[i..end] {
                let pad = column - (line.indent + line.lead.chars().count());
                if let Some(value) = &line.assign {
                    line.lead = format!("{}{} = {value}", line.lead, " ".repeat(pad));
                }
            }
            i = end.max(i + 1);
        }
        let mut i = 0;
        while i < self.lines.len() {
            let end = i + self.lines[i..].iter().take_while(|l| l.note.is_some()).count();
            let column = self.lines[i..end].iter().map(width).max().unwrap_or(0);
            for line in &mut self.lines[i..end] {
                let pad = column - (line.indent + line.lead.chars().count());
                if let Some(note) = &line.note {
                    line.lead = format!("{}{} # {note}", line.lead, " ".repeat(pad));
                }
            }
            i = end.max(i + 1);
        }
        let mut out = String::new();
        for line in &self.lines {
            if !line.lead.is_empty() {
                out.push_str(&" ".repeat(line.indent));
                out.push_str(&line.lead);
            }
            out.push('\n');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What the text is when HCL reads it back.
    fn read_back(source: &str, name: &str) -> String {
        let body: hcl_edit::structure::Body = source.parse().unwrap_or_else(|e| panic!("{e}\n{source}"));
        let value = body.get_attribute(name).unwrap().value.clone();
        match value {
            hcl_edit::expr::Expression::String(s) => s.as_str().to_string(),
            hcl_edit::expr::Expression::HeredocTemplate(h) => h.template.iter().map(literal).collect(),
            hcl_edit::expr::Expression::StringTemplate(t) => t.iter().map(literal).collect(),
            other => panic!("{other:?}"),
        }
    }

    fn literal(element: &hcl_edit::template::Element) -> String {
        element.as_literal().unwrap_or_else(|| panic!("not a literal: {element:?}")).to_string()
    }

    const HOSTILE: &[&str] = &[
        "plain",
        "say \"hi\"",
        "${file(\"/etc/passwd\")}",
        "%{ if true }x%{ endif }",
        "$${x}",
        "%%{x}",
        "$$$",
        "100%",
        "a\\nb",
        "tab\there",
        "line\nline",
        "bell\u{7}",
        "émoji 🚀 und Umlaut ß",
        "\u{202e}txt.exe",
        "*/ # // <<EOT",
        "trailing\\",
        "",
    ];

    #[test]
    fn hostile_text_comes_back_as_it_was() {
        for text in HOSTILE {
            let source = file(&[Item::Attribute { name: "x".into(), value: (*text).into(), note: None }]);
            assert_eq!(&read_back(&source, "x"), text, "{source}");
        }
    }

    #[test]
    fn a_sign_before_an_interpolation_stays_a_sign() {
        let part = |text: &str| Part::Text(text.into());
        let value =
            Expr::Template(vec![part("costs $$"), Part::Raw("a.b".into()), part("$"), part("{x} $$.Task 5%"), Part::Raw("c.d".into())]);
        let source = file(&[Item::Attribute { name: "x".into(), value, note: None }]);
        assert_eq!(source.trim_end(), r#"x = "costs \u0024\u0024${a.b}$${x} $$.Task 5%${c.d}""#);
    }

    #[test]
    fn long_text_with_lines_is_a_heredoc_and_comes_back() {
        let text = "#!/bin/bash\nset -e\necho \"${HOME}\" %{x}\n\n  EOT\nEOT\ndone with \\n backslashes\n";
        let source = file(&[
            Item::Attribute { name: "a".into(), value: true.into(), note: None },
            Item::Attribute { name: "x".into(), value: text.into(), note: None },
            Item::Attribute { name: "long_name".into(), value: true.into(), note: None },
        ]);
        assert!(source.contains("x = <<EOT_\n"), "{source}");
        let body: hcl_edit::structure::Body = source.parse().unwrap();
        assert_eq!(body.attributes().count(), 3);
        assert!(source.contains("echo \"$${HOME}\" %%{x}\n"));
    }

    #[test]
    fn equals_signs_and_comments_align_as_fmt_does() {
        let mut block = Block::new("resource", &["aws_x", "y"]);
        block.set("a", "1").set("longer", true);
        block.body.push(Item::Attribute { name: "vpc".into(), value: "vpc-1".into(), note: Some("not read".into()) });
        block.body.push(Item::Attribute { name: "subnet".into(), value: "subnet-123".into(), note: Some("left\nout".into()) });
        block.body.push(Item::Gap);
        block.set("policy", Expr::Call("jsonencode", vec![Expr::literal(&json!({"a": [{"b": 1, "long key": 2}], "for": 3}))]));
        block.set("list", Expr::List(vec![Element { value: "x".into(), note: Some("why".into()) }, Expr::from("yyy").into()]));
        block.body.push(Item::Block(Block::new("filter", &[])));
        insta::assert_snapshot!(file(&[Item::Block(block)]), @r#"
        resource "aws_x" "y" {
          a      = "1"
          longer = true
          vpc    = "vpc-1"      # not read
          subnet = "subnet-123" # left out

          policy = jsonencode({
            a = [
              {
                b          = 1
                "long key" = 2
              },
            ]
            "for" = 3
          })
          list = [
            "x", # why
            "yyy",
          ]
          filter {}
        }
        "#);
    }

    #[test]
    fn a_comment_cannot_break_out() {
        assert_eq!(comment_text("a\nresource \"x\" \"y\" {}\r\u{202e}"), "a resource \"x\" \"y\" {}");
    }
}
