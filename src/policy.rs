//! Policy documents: who may do what, as far as the document alone tells.

use std::net::IpAddr;

use serde_json::Value as Json;

use crate::cidr::Cidr;

/// A policy document of any service.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Policy {
    statements: Vec<Statement>,
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Statement {
    allow: bool,
    principals: Principals,
    actions: Patterns,
    resources: Patterns,
    conditions: Vec<Condition>,
}

/// Whom a statement speaks of.
#[derive(Debug, Clone, Default, PartialEq)]
enum Principals {
    /// No element: a policy of an identity.
    #[default]
    Own,
    /// Everybody.
    Anyone,
    /// These, by kind (`AWS`, `Service`, `Federated`, `CanonicalUser`).
    These(Vec<(String, String)>),
    /// Everybody but some.
    Except,
}

/// What an element matches.
#[derive(Debug, Clone, PartialEq)]
enum Patterns {
    Any(Vec<String>),
    Not(Vec<String>),
}

impl Default for Patterns {
    fn default() -> Self {
        Patterns::Any(Vec::new())
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Condition {
    /// In small letters, without `ForAnyValue:`; the other qualifiers stay, because they hold when the key is absent.
    operator: String,
    /// In small letters.
    key: String,
    values: Vec<String>,
}

/// Condition keys that narrow a statement for everybody to an organisation, account, principal, resource or network
/// (the list AWS gives in "The meaning of public" for S3, and its counterparts of other services).
const NARROWING: [&str; 22] = [
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principaltype",
    "aws:userid",
    "aws:username",
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceowner",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourcevpcarn",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "kms:calleraccount",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "lambda:principal",
    "elasticfilesystem:accesspointarn",
];

impl Policy {
    /// Reads a document. An empty text is a policy without statements.
    ///
    /// # Errors
    /// When it is not JSON, or not of the form of a policy.
    pub fn parse(document: &str) -> Result<Policy, String> {
        if document.trim().is_empty() {
            return Ok(Policy::default());
        }
        if document.contains(crate::estate::resource::REDACTED) {
            return Err("the policy was redacted in part".into());
        }
        let json: Json = serde_json::from_str(document).map_err(|e| format!("the policy is not JSON: {e}"))?;
        let statements = match json.get("Statement") {
            Some(Json::Array(items)) => items.iter().map(Statement::read).collect::<Result<_, _>>()?,
            Some(one @ Json::Object(_)) => vec![Statement::read(one)?],
            _ => return Err("the policy has no Statement".into()),
        };
        Ok(Policy { statements })
    }

    fn denied_to_all(&self, action: &str, resource: &str) -> bool {
        self.statements.iter().any(|s| {
            !s.allow
                && s.conditions.is_empty()
                && matches!(s.principals, Principals::Anyone | Principals::Own)
                && s.actions.covers(action, true)
                && s.resources.covers(resource, false)
        })
    }

    /// True when anybody on earth may do something, without a condition that narrows it to known callers.
    pub fn allows_public(&self) -> bool {
        self.statements
            .iter()
            .any(|s| s.allow && s.names_anyone() && !s.conditions.iter().any(Condition::narrows) && !self.denies_all_of(s))
    }

    /// True when an unconditional denial for everybody takes back all that a statement gives.
    fn denies_all_of(&self, s: &Statement) -> bool {
        let (Patterns::Any(actions), Patterns::Any(resources)) = (&s.actions, &s.resources) else { return false };
        let resources: Vec<&str> = if resources.is_empty() { vec!["*"] } else { resources.iter().map(String::as_str).collect() };
        !actions.is_empty() && actions.iter().all(|a| resources.iter().all(|r| self.denied_to_all(a, r)))
    }

    /// True when the document allows an action on a resource without a condition and does not deny it. `*` asks for every
    /// action, `s3:*` for every action of a service.
    pub fn allows_action(&self, action: &str, resource: &str) -> bool {
        self.statements
            .iter()
            .any(|s| s.allow && s.conditions.is_empty() && s.actions.covers(action, true) && s.resources.covers(resource, false))
            && !self.denied_to_all(action, resource)
    }

    /// Ways in which the holder can give itself more than it has, one line each.
    pub fn escalations(&self) -> Vec<String> {
        let has = |action: &str| self.allows_widely(action);
        let mut found: Vec<String> = ESCALATING.iter().filter(|a| has(a)).map(|a| (*a).to_string()).collect();
        if has("iam:PassRole") {
            let ways = PASSED_ROLES.iter().filter(|actions| actions.iter().all(|a| has(a)));
            found.extend(ways.map(|actions| format!("iam:PassRole + {}", actions.join(" + "))));
        }
        if has("iam:UpdateAssumeRolePolicy") && has("sts:AssumeRole") {
            found.push("iam:UpdateAssumeRolePolicy + sts:AssumeRole".into());
        }
        found
    }

    /// Allowed on more than the caller itself or one named resource.
    fn allows_widely(&self, action: &str) -> bool {
        let allowed = self.statements.iter().any(|s| {
            let wide = match &s.resources {
                Patterns::Not(_) => true,
                Patterns::Any(list) => list.iter().any(|r| wide_resource(r)),
            };
            s.allow && wide && s.actions.covers(action, true) && !s.conditions.iter().any(Condition::limits_escalation)
        });
        allowed && !self.denied_to_all(action, "*")
    }

    /// Accounts other than the given one that the document admits: account numbers, or `*` for anybody.
    pub fn external_accounts(&self, own: &str) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for s in self.statements.iter().filter(|s| s.allow) {
            if s.names_anyone() && !s.conditions.iter().any(Condition::narrows) {
                found.push("*".into());
            }
            // Everybody, narrowed to accounts by a condition: those accounts are admitted.
            if s.names_anyone() {
                let named = s.conditions.iter().filter(|c| c.narrows() && c.key.ends_with("account"));
                found.extend(named.flat_map(|c| c.values.clone()));
            }
            if let Principals::These(list) = &s.principals {
                found.extend(list.iter().filter(|(kind, _)| kind == "AWS").filter_map(|(_, who)| account_of(who)));
            }
        }
        found.retain(|account| account != own);
        found.sort();
        found.dedup();
        found
    }

    /// True when another account may assume the role without an external id, known principal type or organisation to hold it.
    pub fn trusts_without_external_id(&self, own: &str) -> bool {
        self.statements.iter().filter(|s| s.allow).any(|s| {
            let one = Policy { statements: vec![s.clone()] };
            !one.external_accounts(own).is_empty()
                && !s.conditions.iter().any(|c| {
                    (c.key == "sts:externalid" && c.is_equality() && !c.values.is_empty())
                        || (c.key == "aws:principalorgid" && c.narrows())
                        || c.key == "aws:multifactorauthpresent"
                })
        })
    }

    /// True when an identity provider of OpenID Connect may assume the role for any of its subjects (any repository, any branch).
    pub fn allows_any_oidc_subject(&self) -> bool {
        self.statements.iter().filter(|s| s.allow).any(|s| {
            let Principals::These(list) = &s.principals else { return false };
            let providers: Vec<String> = list
                .iter()
                .filter(|(kind, _)| kind == "Federated")
                .filter_map(|(_, who)| who.split_once(":oidc-provider/").map(|(_, host)| host.to_lowercase()))
                .collect();
            providers.iter().any(|host| {
                let subject = format!("{host}:sub");
                let pinned = s
                    .conditions
                    .iter()
                    .any(|c| c.key == subject && c.is_equality() && !c.values.is_empty() && c.values.iter().all(|v| pins_subject(v)));
                !pinned
            })
        })
    }

    /// True when requests without TLS are denied to everybody.
    pub fn requires_tls(&self) -> bool {
        self.statements.iter().any(|s| {
            let everything = match &s.actions {
                Patterns::Any(list) => list.iter().any(|a| a == "*" || a.ends_with(":*")),
                Patterns::Not(list) => list.is_empty(),
            };
            let clear_text = s.conditions.iter().any(|c| {
                c.operator == "bool" && c.key == "aws:securetransport" && c.values.iter().any(|v| v.eq_ignore_ascii_case("false"))
            });
            !s.allow && matches!(s.principals, Principals::Anyone) && everything && clear_text && s.conditions.len() == 1
        })
    }

    /// Services that are admitted without saying for which account or resource (the confused deputy).
    pub fn unguarded_services(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for s in self.statements.iter().filter(|s| s.allow && !s.conditions.iter().any(Condition::narrows)) {
            if let Principals::These(list) = &s.principals {
                found.extend(list.iter().filter(|(kind, _)| kind == "Service").map(|(_, who)| who.clone()));
            }
        }
        found.sort();
        found.dedup();
        found
    }

    /// True when there is no statement.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }
}

/// Actions that alone let their holder take more, when allowed on more than itself (Rhino Security Labs' list of 2018 and later).
const ESCALATING: [&str; 16] = [
    "iam:CreatePolicyVersion",
    "iam:SetDefaultPolicyVersion",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:UpdateLoginProfile",
    "iam:AttachUserPolicy",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:PutUserPolicy",
    "iam:PutGroupPolicy",
    "iam:PutRolePolicy",
    "iam:AddUserToGroup",
    "lambda:UpdateFunctionCode",
    "glue:UpdateDevEndpoint",
    "ssm:SendCommand",
    "codestar:CreateProject",
];

/// What runs code under a role that was passed to it.
const PASSED_ROLES: [&[&str]; 9] = [
    &["ec2:RunInstances"],
    &["lambda:CreateFunction", "lambda:InvokeFunction"],
    &["lambda:CreateFunction", "lambda:CreateEventSourceMapping"],
    &["cloudformation:CreateStack"],
    &["glue:CreateDevEndpoint"],
    &["datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"],
    &["sagemaker:CreateNotebookInstance"],
    &["codebuild:CreateProject", "codebuild:StartBuild"],
    &["ecs:RegisterTaskDefinition", "ecs:RunTask"],
];

fn wide_resource(pattern: &str) -> bool {
    // `${aws:username}` is the caller itself: managing one's own keys is no escalation.
    !pattern.contains("${") && (pattern == "*" || pattern.rsplit([':', '/']).next().is_some_and(|last| last.contains('*')))
}

/// True when a subject names more than the provider or everything: `repo:acme/*`, but not `*` or `repo:*`.
fn pins_subject(value: &str) -> bool {
    let fixed = value.split('*').next().unwrap_or("");
    match fixed.split_once(':') {
        Some((_, rest)) => !rest.is_empty() && rest != "/",
        None => !value.contains('*') && !value.is_empty(),
    }
}

/// The account of a principal: its number, from an ARN or alone. Principals without one (deleted users, CloudFront) give none.
fn account_of(principal: &str) -> Option<String> {
    let candidate = if principal.starts_with("arn:") { principal.split(':').nth(4).unwrap_or("") } else { principal };
    (candidate.len() == 12 && candidate.bytes().all(|b| b.is_ascii_digit())).then(|| candidate.to_string())
}

fn strings(json: &Json) -> Result<Vec<String>, String> {
    let one = |v: &Json| match v {
        Json::String(s) => Ok(s.clone()),
        Json::Bool(b) => Ok(b.to_string()),
        Json::Number(n) => Ok(n.to_string()),
        other => Err(format!("the policy holds {other} where text is wanted")),
    };
    match json {
        Json::Array(items) => items.iter().map(one).collect(),
        other => Ok(vec![one(other)?]),
    }
}

impl Statement {
    fn read(json: &Json) -> Result<Self, String> {
        let allow = match json.get("Effect").and_then(Json::as_str) {
            Some(effect) if effect.eq_ignore_ascii_case("allow") => true,
            Some(effect) if effect.eq_ignore_ascii_case("deny") => false,
            _ => return Err("a statement of the policy has no Effect".into()),
        };
        let patterns = |yes: &str, no: &str| -> Result<Patterns, String> {
            match (json.get(yes), json.get(no)) {
                (Some(list), _) => Ok(Patterns::Any(strings(list)?)),
                (None, Some(list)) => Ok(Patterns::Not(strings(list)?)),
                (None, None) => Ok(Patterns::default()),
            }
        };
        let principals = match (json.get("Principal"), json.get("NotPrincipal")) {
            (Some(Json::String(all)), _) if all == "*" => Principals::Anyone,
            (Some(Json::Object(kinds)), _) => {
                let mut list = Vec::new();
                for (kind, who) in kinds {
                    list.extend(strings(who)?.into_iter().map(|w| (kind.clone(), w)));
                }
                let anyone = list.iter().any(|(kind, who)| kind == "AWS" && matches!(who.as_str(), "*" | "arn:aws:iam::*:root"));
                if anyone { Principals::Anyone } else { Principals::These(list) }
            }
            (Some(other), _) => Principals::These(strings(other)?.into_iter().map(|w| ("AWS".to_string(), w)).collect()),
            (None, Some(_)) => Principals::Except,
            (None, None) => Principals::Own,
        };
        let mut conditions = Vec::new();
        if let Some(block) = json.get("Condition") {
            let operators = block.as_object().ok_or("a Condition of the policy is not an object")?;
            for (operator, keys) in operators {
                for (key, values) in keys.as_object().ok_or("a Condition of the policy is not an object of objects")? {
                    conditions.push(Condition {
                        operator: operator.to_lowercase().trim_start_matches("foranyvalue:").to_string(),
                        key: key.to_lowercase(),
                        values: strings(values)?,
                    });
                }
            }
        }
        Ok(Statement {
            allow,
            principals,
            actions: patterns("Action", "NotAction")?,
            resources: patterns("Resource", "NotResource")?,
            conditions,
        })
    }

    fn names_anyone(&self) -> bool {
        matches!(self.principals, Principals::Anyone | Principals::Except)
    }
}

impl Patterns {
    /// True when everything that `asked` stands for is matched. `ignore_case` for actions.
    fn covers(&self, asked: &str, ignore_case: bool) -> bool {
        match self {
            // Trust policies and policies of some services leave out the resource: it is the thing itself.
            Patterns::Any(list) if list.is_empty() => !ignore_case,
            Patterns::Any(list) => list.iter().any(|p| wildcard(p, asked, ignore_case)),
            // "Everything but" covers what none of the exceptions touches; all of everything only without exceptions.
            Patterns::Not(list) => list.iter().all(|p| !wildcard(p, asked, ignore_case) && !wildcard(asked, p, ignore_case)),
        }
    }
}

impl Condition {
    fn is_equality(&self) -> bool {
        matches!(self.operator.as_str(), "stringequals" | "stringequalsignorecase" | "stringlike" | "arnequals" | "arnlike" | "ipaddress")
    }

    /// True when the condition lets in only callers that are known by account, organisation, resource or network.
    fn narrows(&self) -> bool {
        if !self.is_equality() || self.values.is_empty() {
            return false;
        }
        if matches!(self.key.as_str(), "aws:sourceip" | "aws:vpcsourceip") {
            return self.values.iter().all(|v| narrow_network(v));
        }
        let known = NARROWING.contains(&self.key.as_str()) || self.key.ends_with(":sub") || self.key.ends_with(":aud");
        known && self.values.iter().all(|v| names_somebody(v))
    }

    /// A boundary or a fixed policy or role keeps an action from being an escalation.
    fn limits_escalation(&self) -> bool {
        matches!(self.key.as_str(), "iam:permissionsboundary" | "iam:policyarn" | "iam:passedtoservice") || self.narrows()
    }
}

/// A network of the size of a company at most.
fn narrow_network(value: &str) -> bool {
    match Cidr::parse(value) {
        Some(range) if value.parse::<IpAddr>().is_ok() => !range.is_anywhere(),
        Some(range) if value.contains(':') => range.size() <= 2f64.powi(96),
        Some(range) => range.size() <= 2f64.powi(24),
        None => false,
    }
}

/// True for a value that fixes an account or a name: not `*`, not an ARN of any account.
fn names_somebody(value: &str) -> bool {
    if let Some(rest) = value.strip_prefix("arn:") {
        let mut parts = rest.splitn(5, ':');
        let (account, name) = (parts.nth(3).unwrap_or(""), parts.next().unwrap_or(""));
        // Buckets have no account in their ARN, and their names are unique in the world.
        return if account.is_empty() { !name.is_empty() && !name.starts_with('*') } else { !account.contains(['*', '?']) };
    }
    !value.is_empty() && !value.starts_with('*')
}

/// Matches `*` and `?`, in one pass with one step back.
fn wildcard(pattern: &str, text: &str, ignore_case: bool) -> bool {
    let fold = |s: &str| -> Vec<char> { if ignore_case { s.to_lowercase().chars().collect() } else { s.chars().collect() } };
    let (pattern, text) = (fold(pattern), fold(text));
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        if p < pattern.len() && pattern[p] == '*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == '?' || pattern[p] == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((back, from)) = star {
            p = back + 1;
            t = from + 1;
            star = Some((back, from + 1));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn policy(statements: Json) -> Policy {
        Policy::parse(&json!({"Version": "2012-10-17", "Statement": statements}).to_string()).unwrap()
    }

    fn public_with(condition: Json) -> bool {
        policy(json!({"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": condition}))
            .allows_public()
    }

    #[test]
    fn public_in_every_spelling() {
        for principal in [json!("*"), json!({"AWS": "*"}), json!({"AWS": ["123456789012", "*"]})] {
            assert!(policy(json!({"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*"})).allows_public());
        }
        assert!(
            policy(json!([{"Effect": "Allow", "NotPrincipal": {"AWS": "123456789012"}, "Action": "*", "Resource": "*"}])).allows_public()
        );
        for principal in [
            json!({"AWS": "arn:aws:iam::123456789012:root"}),
            json!({"Service": "cloudfront.amazonaws.com"}),
            json!({"CanonicalUser": "79a5"}),
        ] {
            assert!(!policy(json!([{"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*"}])).allows_public());
        }
        assert!(!policy(json!({"Effect": "Allow", "Action": "*", "Resource": "*"})).allows_public(), "a policy of an identity");
        assert!(!Policy::parse("").unwrap().allows_public());
    }

    #[test]
    fn conditions_that_narrow_and_that_do_not() {
        for narrow in [
            json!({"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}),
            json!({"ArnLike": {"AWS:SourceArn": "arn:aws:cloudfront::123456789012:distribution/E1"}}),
            json!({"StringLike": {"aws:SourceArn": "arn:aws:s3:::my-bucket"}}),
            json!({"StringEquals": {"aws:SourceAccount": ["123456789012"]}}),
            json!({"IpAddress": {"aws:SourceIp": ["81.2.3.0/24", "2a01:cb00::/32"]}}),
            json!({"StringEquals": {"aws:sourceVpce": "vpce-1"}, "Bool": {"aws:SecureTransport": "true"}}),
            json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abc/*"}}),
        ] {
            assert!(!public_with(narrow.clone()), "{narrow}");
        }
        for open in [
            json!({}),
            json!({"Bool": {"aws:SecureTransport": "true"}}),
            json!({"StringLike": {"aws:PrincipalArn": "*"}}),
            json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}}),
            json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
            json!({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}),
            json!({"StringNotEquals": {"aws:SourceAccount": "123456789012"}}),
            json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-abc"}}),
            json!({"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-abc"}}),
            json!({"StringLike": {"aws:Referer": "https://example.com/*"}}),
        ] {
            assert!(public_with(open.clone()), "{open}");
        }
    }

    #[test]
    fn a_denial_takes_back_only_what_it_covers() {
        let allow = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"});
        let deny = |action: &str, condition: Json| json!({"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*", "Condition": condition});
        assert!(!policy(json!([allow, {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}])).allows_public());
        assert!(policy(json!([allow, {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "*"}])).allows_public());
        assert!(policy(json!([allow, deny("s3:*", json!({"Bool": {"aws:SecureTransport": "false"}}))])).allows_public());
    }

    #[test]
    fn full_rights() {
        let star = |action: Json, resource: Json| policy(json!([{"Effect": "Allow", "Action": action, "Resource": resource}]));
        assert!(star(json!("*"), json!("*")).allows_action("*", "*"));
        assert!(star(json!(["ec2:*", "*"]), json!(["*"])).allows_action("*", "*"));
        assert!(!star(json!("s3:*"), json!("*")).allows_action("*", "*"));
        assert!(!star(json!("*"), json!("arn:aws:s3:::b")).allows_action("*", "*"));
        assert!(star(json!("S3:get*"), json!("*")).allows_action("s3:GetObject", "arn:aws:s3:::b/x"));
        let except = policy(json!([{"Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"}]));
        assert!(!except.allows_action("*", "*") && except.allows_action("s3:GetObject", "*") && !except.allows_action("iam:PassRole", "*"));
        let denied =
            policy(json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "*", "Resource": "*"}]));
        assert!(!denied.allows_action("*", "*"));
        let mfa = policy(
            json!([{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]),
        );
        assert!(!mfa.allows_action("*", "*"));
    }

    #[test]
    fn escalation() {
        let one = |action: Json, resource: &str| policy(json!([{"Effect": "Allow", "Action": action, "Resource": resource}])).escalations();
        assert_eq!(one(json!("iam:AttachUserPolicy"), "*"), ["iam:AttachUserPolicy"]);
        assert!(one(json!("iam:PassRole"), "*").is_empty());
        assert_eq!(one(json!(["iam:PassRole", "ec2:RunInstances"]), "*"), ["iam:PassRole + ec2:RunInstances"]);
        assert!(one(json!("iam:CreateAccessKey"), "arn:aws:iam::123456789012:user/${aws:username}").is_empty());
        assert!(one(json!("iam:CreateAccessKey"), "arn:aws:iam::123456789012:user/bot").is_empty());
        assert!(!one(json!("iam:CreateAccessKey"), "arn:aws:iam::123456789012:user/*").is_empty());
        assert!(one(json!(["s3:*", "ec2:Describe*"]), "*").is_empty());
        let bounded = policy(json!([{"Effect": "Allow", "Action": "iam:PutRolePolicy", "Resource": "*",
            "Condition": {"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::123456789012:policy/b"}}}]));
        assert!(bounded.escalations().is_empty());
    }

    #[test]
    fn external_trust() {
        let trust = |principal: Json, condition: Json| {
            policy(json!([{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition}]))
        };
        let own = "123456789012";
        assert_eq!(trust(json!({"AWS": "arn:aws:iam::210987654321:root"}), json!({})).external_accounts(own), ["210987654321"]);
        assert!(trust(json!({"AWS": "123456789012"}), json!({})).external_accounts(own).is_empty());
        assert!(trust(json!({"Service": "ec2.amazonaws.com"}), json!({})).external_accounts(own).is_empty());
        assert!(trust(json!({"AWS": "AIDAEXAMPLE"}), json!({})).external_accounts(own).is_empty());
        assert_eq!(trust(json!("*"), json!({})).external_accounts(own), ["*"]);
        assert!(trust(json!("*"), json!({"StringEquals": {"aws:PrincipalAccount": own}})).external_accounts(own).is_empty());
        let vendor = json!({"AWS": "210987654321"});
        assert!(trust(vendor.clone(), json!({})).trusts_without_external_id(own));
        assert!(!trust(vendor, json!({"StringEquals": {"sts:ExternalId": "x7"}})).trusts_without_external_id(own));
    }

    #[test]
    fn oidc_subjects() {
        let host = "token.actions.githubusercontent.com";
        let trust = |condition: Json| {
            policy(json!([{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition,
                "Principal": {"Federated": format!("arn:aws:iam::123456789012:oidc-provider/{host}")}}]))
            .allows_any_oidc_subject()
        };
        assert!(trust(json!({})));
        assert!(trust(json!({"StringEquals": {format!("{host}:aud"): "sts.amazonaws.com"}})));
        assert!(trust(json!({"StringLike": {format!("{host}:sub"): "repo:*"}})));
        assert!(trust(json!({"StringLike": {format!("{host}:sub"): ["repo:acme/app:*", "*"]}})));
        assert!(!trust(json!({"StringLike": {format!("{host}:sub"): "repo:acme/app:*"}})));
        assert!(!trust(json!({"StringEquals": {format!("{host}:sub"): "repo:acme/app:ref:refs/heads/main"}})));
        let saml = policy(
            json!([{"Effect": "Allow", "Action": "sts:AssumeRoleWithSAML", "Principal": {"Federated": "arn:aws:iam::123456789012:saml-provider/x"}}]),
        );
        assert!(!saml.allows_any_oidc_subject());
    }

    #[test]
    fn tls() {
        let deny = |effect: &str, value: Json| {
            policy(json!([{"Effect": effect, "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
                "Condition": {"Bool": {"aws:SecureTransport": value}}}]))
            .requires_tls()
        };
        assert!(deny("Deny", json!("false")) && deny("Deny", json!(false)));
        assert!(!deny("Allow", json!("true")) && !deny("Deny", json!("true")));
    }

    #[test]
    fn broken_documents_are_errors() {
        for document in ["{", "[]", "{\"Statement\": 3}", "{\"Statement\": [{\"Action\": \"*\"}]}", "null", "\"x\""] {
            assert!(Policy::parse(document).is_err(), "{document}");
        }
    }

    #[test]
    fn wildcards() {
        assert!(wildcard("s3:Get*", "s3:GetObject", false) && wildcard("a*b*c", "aXXbYYbc", false) && wildcard("?", "x", false));
        assert!(!wildcard("a?c", "ac", false) && !wildcard("", "x", false) && wildcard("*", "", false));
    }
}
