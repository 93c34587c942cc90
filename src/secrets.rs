//! What looks like a credential. One detector for the scan (which drops such values before they are kept), for the rules, and for
//! everything that writes text.
//!
//! It prefers to miss an odd secret over calling every id one: a finding "credential in user data" must be worth reading.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// A credential in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Bytes of the secret itself, without the name before it.
    pub range: Range<usize>,
    /// What kind, in words.
    pub kind: &'static str,
}

struct Pattern {
    kind: &'static str,
    regex: Regex,
    /// A literal that every hit holds, in small letters, so that most texts are passed over without running the expression.
    needs: &'static [&'static str],
    /// Which hits count.
    judge: fn(&str) -> bool,
}

fn pattern(kind: &'static str, needs: &'static [&'static str], regex: &str, judge: fn(&str) -> bool) -> Option<Pattern> {
    // The expressions are constants and a test compiles each, so none is lost here.
    Regex::new(regex).ok().map(|regex| Pattern { kind, regex, needs, judge })
}

fn always(_: &str) -> bool {
    true
}

/// Known forms. Group 1 is the secret; its form alone tells.
static FORMS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    [
        pattern("AWS access key", &["akia", "asia"], r"\b((?:AKIA|ASIA)[A-Z2-7]{16})\b", always),
        pattern(
            "private key",
            &["private key"],
            r"(?s)(-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|\z))",
            always,
        ),
        pattern("GitHub token", &["gh", "github_pat_"], r"\b(gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{60,255})\b", always),
        pattern("GitLab token", &["glpat-"], r"\b(glpat-[A-Za-z0-9_-]{20,})", always),
        pattern("Slack token", &["xox"], r"\b(xox[abeoprs]-[A-Za-z0-9-]{10,})", always),
        pattern("Slack webhook", &["hooks.slack.com"], r"hooks\.slack\.com/(?:services|workflows)/([A-Za-z0-9/_-]{20,})", always),
        pattern("Stripe key", &["sk_", "rk_", "whsec_"], r"\b((?:[sr]k_(?:live|test)_|whsec_)[A-Za-z0-9]{16,})", always),
        pattern("SendGrid key", &["sg."], r"\b(SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64})", always),
        pattern("Google API key", &["aiza"], r"\b(AIza[A-Za-z0-9_-]{35})\b", always),
        pattern("OpenAI or Anthropic key", &["sk-"], r"\b(sk-(?:proj-|ant-|svcacct-)?[A-Za-z0-9_-]{32,})", always),
        pattern("npm token", &["npm_"], r"\b(npm_[A-Za-z0-9]{36})\b", always),
        pattern("Twilio key", &["sk"], r"\b(SK[0-9a-f]{32})\b", always),
        pattern("Mailgun key", &["key-"], r"\b(key-[0-9a-f]{32})\b", always),
        pattern("Telegram token", &[":aa"], r"\b(\d{8,10}:AA[A-Za-z0-9_-]{32,34})\b", always),
        pattern("JSON Web Token", &["eyj"], r"\b(eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,})", always),
        pattern("password in a URL", &["://"], r#"[a-zA-Z][a-zA-Z0-9+.-]*://[^\s:/@'"<>]*:([^\s/@'"<>]{3,})@[^\s'"<>]"#, is_value),
        pattern("bearer token", &["bearer"], r#"(?i)\bauthorization['"]?\s*[:=]\s*['"]?bearer\s+([A-Za-z0-9._~+/=-]{16,})"#, is_value),
        pattern("basic credentials", &["basic"], r#"(?i)\bauthorization['"]?\s*[:=]\s*['"]?basic\s+([A-Za-z0-9+/=]{12,})"#, is_value),
        pattern("AWS secret key", &["secret"], r#"(?i)aws.{0,20}secret.{0,20}?['"\s:=]([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$)"#, always),
    ]
    .into_iter()
    .flatten()
    .collect()
});

/// `NAME=value`, `name: value`, `"name": "value"`, `--name value`: the name decides together with the value.
static ASSIGNMENTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?m)(?:^|[\s,;{('"\[&?])(?:export\s+|set\s+|-e\s+|--|-)?["']?([A-Za-z_][A-Za-z0-9_.-]{1,60})["']?\s*(?:=|:=|:|=>|\s)\s*(?:"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|([^\s'",;&)}\]]+))"#,
    )
    .ok()
});

/// Names whose value is a secret.
static SECRET_NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:^|[_.-])(?:pass(?:word|wd|phrase)?|pwd|secret|token|api_?-?key|apikey|access_?-?key|secret_?-?key|private_?-?key|signing_?-?key|encryption_?-?key|master_?-?key|auth_?-?key|credentials?|client_?-?secret|pgpassword|mysql_?pwd|(?:origin|cdn|cloudfront|edge)[_-]?(?:verify|auth|key))(?:[_.-]?(?:value|text|string|base|prod|live|dev|staging|[0-9]+))?$",
    )
    .ok()
});

/// Names that hold such a word and say where the secret is, not what it is.
static NAME_OF_NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:arn|_?id|name|path|file|url|uri|endpoint|host|length|policy|rotation|enabled|required|expiry|ttl|type|version|count|days|prefix|suffix|bucket|region|algorithm|alg|key_?pair|public_?key)$")
        .ok()
});

/// Names written together in camel case become words: `dbPassword` is `db_Password`.
fn words(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut previous = ' ';
    for c in name.chars() {
        if c.is_ascii_uppercase() && previous.is_ascii_lowercase() {
            out.push('_');
        }
        out.push(c);
        previous = c;
    }
    out
}

/// True when a name says that its value is a secret.
pub fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let is = |regex: &LazyLock<Option<Regex>>| regex.as_ref().is_some_and(|r| r.is_match(&words));
    is(&SECRET_NAME) && !is(&NAME_OF_NAME)
}

/// True for a text that can be a secret: not a reference to one, not a placeholder, not a word of configuration.
fn is_value(value: &str) -> bool {
    let value = value.trim();
    let lower = value.to_lowercase();
    let reference = value.starts_with('$')
        || value.contains("${")
        || value.contains("$(")
        || value.contains("{{")
        || value.contains("<%")
        || (value.starts_with('<') && value.ends_with('>'))
        || (value.starts_with('%') && value.ends_with('%'))
        || lower.starts_with("arn:")
        || lower.starts_with("vault:")
        || lower.starts_with("ssm:")
        || lower.contains("secretsmanager")
        // What a request, its context or a stage holds, as mappings of API Gateway say it.
        || ["method.", "integration.", "context.", "stagevariables."].iter().any(|p| lower.starts_with(p))
        || lower.starts_with("process.env")
        || lower.starts_with("os.environ")
        || lower.starts_with("file://")
        || lower.starts_with('/')
        || lower.starts_with("./")
        || value.contains(crate::estate::resource::REDACTED);
    let placeholder = lower.chars().all(|c| matches!(c, '*' | 'x' | '.' | '-' | '_' | '#' | '?'))
        || ["changeme", "change_me", "change-me", "placeholder", "example", "your_", "your-", "yourpassword", "redacted", "dummy", "todo"]
            .iter()
            .any(|p| lower.contains(p));
    let word = matches!(
        lower.as_str(),
        "true"
            | "false"
            | "null"
            | "none"
            | "nil"
            | "yes"
            | "no"
            | "on"
            | "off"
            | "enabled"
            | "disabled"
            | "required"
            | "optional"
            | "default"
            | "string"
            | "password"
            | "secret"
            | "token"
            | "undefined"
            | "empty"
            | "admin"
            | "root"
            | "prompt"
    );
    value.chars().count() >= 4 && !reference && !placeholder && !word
}

/// Bits per character.
fn entropy(value: &str) -> f64 {
    let mut counts = [0usize; 256];
    for byte in value.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let total = value.len() as f64;
    counts.iter().filter(|n| **n > 0).map(|n| *n as f64 / total).map(|p| -p * p.log2()).sum()
}

/// True for what AWS and people use as ordinary names: ids, host names, addresses, UUIDs, hashes, numbers, dates.
fn is_ordinary(value: &str) -> bool {
    static ORDINARY: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r"(?i)^(?:[a-z]{1,12}-[0-9a-f]{8,17}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9.,:/ -]+|(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?(?:/.*)?|[a-z]{2}-[a-z]+-\d[a-z]?|(?:sha\d+:)?[0-9a-f]{64}|[0-9a-f]{40}|[a-z][a-z0-9 _./:-]*)$",
        )
        .ok()
    });
    ORDINARY.as_ref().is_some_and(|r| r.is_match(value))
        && !(value.bytes().any(|b| b.is_ascii_digit()) && value.bytes().any(|b| b.is_ascii_uppercase()))
}

/// True for the form of an AWS secret key, whatever it is called: 40 characters of base64, of every class, evenly mixed.
fn is_aws_secret(value: &str) -> bool {
    let has = |class: fn(&u8) -> bool| value.bytes().any(|b| class(&b));
    value.len() == 40
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'/' || b == b'+')
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
        && entropy(value) > 4.3
}

/// Finds credentials in a text. `key` is the name the text is known by (the variable, tag or parameter), which may decide.
/// The matches do not overlap and stand in order.
pub fn find(text: &str, key: Option<&str>) -> Vec<Match> {
    let mut found: Vec<Match> = Vec::new();
    let lower = text.to_lowercase();
    for form in FORMS.iter().filter(|f| f.needs.iter().any(|n| lower.contains(n))) {
        for hit in form.regex.captures_iter(text) {
            if let Some(secret) = hit.get(1).filter(|m| (form.judge)(m.as_str())) {
                found.push(Match { range: secret.range(), kind: form.kind });
            }
        }
    }
    if let Some(regex) = ASSIGNMENTS.as_ref() {
        let mut at = 0;
        while let Some(hit) = regex.captures_at(text, at) {
            let (Some(whole), Some(name)) = (hit.get(0), hit.get(1)) else { break };
            let value = hit.get(2).or_else(|| hit.get(3)).or_else(|| hit.get(4));
            // A value may itself be the name of the next pair, so the search goes on right behind the name.
            at = name.end().max(whole.start() + 1);
            if let Some(value) = value.filter(|v| is_secret_name(name.as_str()) && is_assigned(text, name.end(), v.start(), v.as_str())) {
                found.push(Match { range: value.range(), kind: "credential by its name" });
                at = value.end().max(at);
            }
        }
    }
    let whole = text.trim();
    if let Some(key) = key.filter(|k| is_secret_name(k))
        && found.is_empty()
        && !whole.contains(char::is_whitespace)
        && is_value(whole)
    {
        let start = text.find(whole).unwrap_or(0);
        found.push(Match { range: start..start + whole.len(), kind: if key.is_empty() { "credential" } else { "credential by its name" } });
    }
    if found.is_empty() && is_aws_secret(whole) {
        let start = text.find(whole).unwrap_or(0);
        found.push(Match { range: start..start + whole.len(), kind: "AWS secret key" });
    }
    found.sort_by_key(|m| (m.range.start, std::cmp::Reverse(m.range.end)));
    let mut end = 0;
    found.retain(|m| {
        let free = m.range.start >= end;
        if free {
            end = m.range.end;
        }
        free
    });
    found
}

/// True when what follows a secret's name is assigned to it: `=` and `:` assign anything that is a value, a space only what
/// stands behind an option and is not a word of prose.
fn is_assigned(text: &str, name_end: usize, value_start: usize, value: &str) -> bool {
    let between = &text[name_end..value_start];
    let sign = between.contains('=') || between.contains(':');
    is_value(value) && (sign || (entropy(value) > 2.8 && !is_ordinary(value)))
}

/// The text with every credential replaced.
pub fn redact_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for hit in find(text, None) {
        out.push_str(&text[at..hit.range.start]);
        out.push_str(crate::estate::resource::REDACTED);
        at = hit.range.end;
    }
    out.push_str(&text[at..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str, key: Option<&str>) -> Vec<&'static str> {
        find(text, key).into_iter().map(|m| m.kind).collect()
    }

    fn secret(text: &str) -> Vec<&str> {
        find(text, None).into_iter().map(|m| &text[m.range]).collect()
    }

    #[test]
    fn every_expression_compiles() {
        assert_eq!(FORMS.len(), 19);
        assert!(ASSIGNMENTS.is_some() && SECRET_NAME.is_some() && NAME_OF_NAME.is_some());
    }

    #[test]
    fn known_forms() {
        // Put together at run time, so that no scanner takes this file for a leak.
        let aws = format!("AKIA{}", "IOSFODNN7EXAMPLE");
        let long = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";
        assert_eq!(kinds(&format!("key {aws}"), None), ["AWS access key"]);
        assert_eq!(kinds(&format!("ghp_{long}"), None), ["GitHub token"]);
        assert_eq!(kinds(&format!("sk_{}_{long}", "live"), None), ["Stripe key"]);
        assert_eq!(kinds(&format!("xoxb-{long}"), None), ["Slack token"]);
        assert_eq!(secret("postgres://app:S3cr3t!x@db.internal:5432/app"), ["S3cr3t!x"]);
        assert_eq!(secret("redis://:hunter22@cache:6379"), ["hunter22"]);
        assert_eq!(kinds("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", None), ["private key"]);
        assert_eq!(kinds("curl -H 'Authorization: Bearer abcdefghijklmnop1234'", None), ["bearer token"]);
        assert_eq!(kinds("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abcDEFghiJKL", None), ["JSON Web Token"]);
    }

    #[test]
    fn an_aws_secret_key_needs_no_name() {
        assert_eq!(kinds("xF4keExoS3cretKeyNotReal/0123456789+abcD", Some("S3_THING")), ["AWS secret key"]);
        // Forty characters are also a Git commit, a path, a run of one letter.
        for ordinary in [
            "356a192b7913b04c54574d18c28d46e6395428ab",
            "uploads/2024/summer/Paris/pictures/IMG01",
            "Aa1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            assert_eq!(kinds(ordinary, Some("THING")), Vec::<&str>::new(), "{ordinary}");
        }
    }

    #[test]
    fn assignments_in_scripts() {
        let script = "#!/bin/bash\nexport DB_PASSWORD=Tr0ub4dor\nAPP_ENV=production\ndocker run -e MYSQL_PWD='s3cret pw' app\n{\"apiKey\": \"k-123456\"}\n";
        assert_eq!(secret(script), ["Tr0ub4dor", "s3cret pw", "k-123456"]);
        assert_eq!(secret("mysql --password=Winter2024 -h db"), ["Winter2024"]);
        assert_eq!(secret("password: hunter2hunter"), ["hunter2hunter"]);
        assert_eq!(secret("dbPassword=abc12345"), ["abc12345"]);
    }

    #[test]
    fn the_name_of_a_variable_decides() {
        assert_eq!(kinds("Tr0ub4dor", Some("DB_PASSWORD")), ["credential by its name"]);
        assert_eq!(kinds("correct-horse", Some("JWT_SECRET")), ["credential by its name"]);
        assert_eq!(kinds("'k-123456'", Some("integration.request.header.x-api-key")), ["credential by its name"]);
        assert_eq!(kinds("Tr0ub4dor", Some("X-Origin-Verify")), ["credential by its name"]);
        for (value, key) in [
            ("Tr0ub4dor", "APP_NAME"),
            ("arn:aws:secretsmanager:eu-west-3:123456789012:secret:db-AbCdEf", "DB_SECRET"),
            ("arn:aws:secretsmanager:eu-west-3:123456789012:secret:db-AbCdEf", "DB_SECRET_ARN"),
            ("prod/db", "SECRET_NAME"),
            ("${DB_PASSWORD}", "DB_PASSWORD"),
            ("{{resolve:ssm:x}}", "DB_PASSWORD"),
            ("changeme", "DB_PASSWORD"),
            ("true", "REQUIRE_PASSWORD"),
            ("", "DB_PASSWORD"),
            ("********", "DB_PASSWORD"),
            ("/app/prod/db", "DB_PASSWORD"),
            ("3600", "TOKEN_TTL"),
            ("my-key-pair", "KEY_NAME"),
            ("method.request.header.x-api-key", "integration.request.header.x-api-key"),
            ("stageVariables.token", "integration.request.header.x-token"),
        ] {
            assert_eq!(kinds(value, Some(key)), Vec::<&str>::new(), "{key}={value}");
        }
    }

    #[test]
    fn ordinary_texts_are_left_alone() {
        for text in [
            "i-084fd3a30248d0339",
            "ami-0a1b2c3d4e5f60718 sg-00ef9244ed42e3ad6 vpc-0f6dd0416f20f7f61",
            "arn:aws:iam::123456789012:role/service-role/lambda-basic",
            "exo-live.cva40442smrk.eu-west-3.rds.amazonaws.com",
            "21373ab1-2ecf-4e6f-b72e-d2c6a6ad9b46",
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "#!/bin/bash\napt-get update\nPASSWORD=$(aws ssm get-parameter --name /db --with-decryption)\necho $PASSWORD\n",
            "PASSWORD=${DB_PASSWORD}\nTOKEN=$TOKEN",
            "https://example.com/path?x=1",
            "git clone git@github.com:acme/app.git",
            "password authentication is disabled, ask the token office",
            "The secret to success: work",
            "https://user@example.com/",
            "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Action\":[\"secretsmanager:GetSecretValue\",\"iam:CreateAccessKey\"],\"Resource\":\"*\"}]}",
            "TOKEN_URL=https://login.example.com/token",
            "SECRET_ARN=arn:aws:secretsmanager:eu-west-3:123456789012:secret:x",
            "no_proxy=169.254.169.254,localhost",
            "PasswordAuthentication no",
            "MaxPasswordAge=90",
        ] {
            assert_eq!(secret(text), Vec::<&str>::new(), "{text}");
        }
    }

    #[test]
    fn redaction_leaves_the_rest() {
        assert_eq!(redact_text("a=1\nDB_PASSWORD=Tr0ub4dor\nb=2"), format!("a=1\nDB_PASSWORD={}\nb=2", crate::estate::resource::REDACTED));
        let once = redact_text("postgres://u:S3cr3t!x@h/db");
        assert_eq!(redact_text(&once), once, "redacting twice changes nothing");
        assert_eq!(
            redact_text("née café ünïcode password=Zürich123"),
            format!("née café ünïcode password={}", crate::estate::resource::REDACTED)
        );
    }
}
