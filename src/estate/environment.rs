//! Which environment (live, staging, development, test, shared) a resource belongs to, always with the evidence.
//!
//! The user's word goes first, then tags, then names. What says nothing itself takes after what uses it, then after the VPC it
//! stands in, then after what it uses. A thing that several environments use is shared, unless it stands in the VPC of one of them.

use std::collections::BTreeMap;
use std::path::Path;

use indexmap::IndexMap;

use super::{Estate, OwnershipClass, Resource, references};
use crate::error::Error;
use crate::files;
use crate::wildcard::fits;

/// An environment and what it was concluded from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    /// `live`, `staging`, `development`, `test`, `shared`, or the word that a tag or the user gives.
    pub name: String,
    /// Why: `tag Environment = prod`, `name "Exo-Live-API"`, `used by Exo-Live-API (live)`.
    pub evidence: String,
}

/// Tags that tell the environment, in lower case.
const TAGS: &[&str] =
    &["environment", "env", "stage", "environment-name", "environment_name", "envname", "deployment-environment", "app-env"];

/// What everything stands in, and so says little about whose a thing is.
pub const GROUND: [&str; 4] = ["aws_vpc", "aws_subnet", "aws_default_vpc", "aws_default_subnet"];

/// Words of people for an environment.
const WORDS: &[(&str, &[&str])] = &[
    ("live", &["live", "prod", "production", "prd"]),
    ("staging", &["staging", "stage", "stg", "uat", "beta", "preprod", "preproduction", "preview", "acceptance"]),
    ("test", &["test", "testing", "qa"]),
    ("development", &["dev", "develop", "development", "sandbox", "nonprod", "nonproduction"]),
    ("shared", &["shared", "common"]),
];

/// True for a lower-case word by which people call an environment: `live`, `prod`, `stg` …
pub fn is_environment_word(word: &str) -> bool {
    WORDS.iter().any(|(_, words)| words.contains(&word))
}

/// The user's own word on environments (`environments.yaml`): pattern → environment. The first pattern that fits counts.
///
/// A pattern is compared with a resource's name, id, ARN and `type.name`, whatever the case; `*` stands for anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Corrections(Vec<(String, String)>);

impl Corrections {
    /// Reads a corrections file.
    ///
    /// # Errors
    /// [`Error::input`] when the file cannot be read or is no map of texts.
    pub fn read(path: &Path) -> Result<Corrections, Error> {
        Self::parse(&files::read_text(path)?, &path.display().to_string())
    }

    /// As [`Corrections::read`], from memory; `origin` names the source in errors.
    ///
    /// # Errors
    /// See [`Corrections::read`].
    pub fn parse(text: &str, origin: &str) -> Result<Corrections, Error> {
        if text.lines().all(|l| l.trim().is_empty() || l.trim_start().starts_with('#')) {
            return Ok(Corrections::default());
        }
        let map: IndexMap<String, String> = serde_saphyr::from_str(text).map_err(|e| {
            Error::input(format!("{origin}: {e}"))
                .hint("one line each: a pattern of names or ids, a colon, the environment: \"exo-*\": live")
        })?;
        Ok(Corrections(map.into_iter().map(|(pattern, name)| (pattern.to_lowercase(), name)).collect()))
    }

    fn of(&self, r: &Resource) -> Option<Environment> {
        if self.0.is_empty() {
            return None;
        }
        let name = r.name.as_deref().unwrap_or(&r.id);
        let subjects = [
            name.to_lowercase(),
            r.id.to_lowercase(),
            r.arn.clone().unwrap_or_default().to_lowercase(),
            format!("{}.{name}", r.kind).to_lowercase(),
        ];
        let (pattern, name) = self.0.iter().find(|(pattern, _)| subjects.iter().any(|s| fits(pattern, s)))?;
        Some(Environment { name: name.clone(), evidence: format!("corrected by the user ({pattern})") })
    }
}

/// The environment of each resource of an estate, in its order.
pub(super) fn derive(estate: &Estate, corrections: &Corrections) -> Vec<Option<Environment>> {
    let resources = estate.resources();
    let mut known: Vec<Option<Environment>> = resources.iter().map(|r| corrections.of(r).or_else(|| own(r))).collect();
    let vpcs: Vec<Option<usize>> = resources.iter().map(|r| vpc_of(estate, r)).collect();
    // What took after its users: that it belongs with them says little about yet another user.
    let mut lent = vec![false; resources.len()];
    for (step, lends) in [(joint_from_used as Step, false), (from_users, true), (from_vpc, false), (from_used, false), (from_users, true)] {
        // A listener rule is used by nothing, its listener by it, and so on: as often as such a chain is long.
        for _ in 0..4 {
            let found: Vec<(usize, Environment)> = (0..resources.len())
                .filter(|i| known[*i].is_none() && !is_everybodys(&resources[*i]))
                .filter_map(|i| Some((i, step(&View { estate, known: &known, vpcs: &vpcs, lent: &lent }, i)?)))
                .collect();
            if found.is_empty() {
                break;
            }
            for (i, environment) in found {
                known[i] = Some(environment);
                lent[i] = lends;
            }
        }
    }
    // Users that were told later may be of another environment than those told first.
    for _ in 0..4 {
        let view = View { estate, known: &known, vpcs: &vpcs, lent: &lent };
        let changed: Vec<(usize, Environment)> = (0..resources.len())
            .filter(|i| lent[*i])
            .filter_map(|i| Some((i, from_users(&view, i)?)))
            .filter(|(i, now)| known[*i].as_ref().is_some_and(|before| before.name != now.name))
            .collect();
        if changed.is_empty() {
            break;
        }
        for (i, environment) in changed {
            known[i] = Some(environment);
        }
    }
    known
}

/// One way to tell an environment from what is known of others.
type Step = fn(&View<'_>, usize) -> Option<Environment>;

/// What an estate looks like while it is being sorted.
struct View<'a> {
    estate: &'a Estate,
    known: &'a [Option<Environment>],
    vpcs: &'a [Option<usize>],
    lent: &'a [bool],
}

/// What AWS made or keeps belongs to no environment, nor do people, nor what concerns the account as a whole. A tag may still say so.
fn is_everybodys(r: &Resource) -> bool {
    const PEOPLE: [&str; 5] = ["aws_iam_user", "aws_iam_group", "aws_iam_access_key", "aws_iam_virtual_mfa_device", "aws_iam_account"];
    r.is_pseudo()
        || matches!(r.ownership.class, OwnershipClass::AwsManaged)
        || r.kind.starts_with("aws_default_")
        || PEOPLE.iter().any(|p| r.kind.starts_with(p))
}

/// What its own tags and names say.
fn own(r: &Resource) -> Option<Environment> {
    let tag = TAGS.iter().find_map(|wanted| r.tags.iter().find(|(k, _)| k.to_lowercase().replace(' ', "-") == **wanted));
    if let Some((key, value)) = tag
        && !value.trim().is_empty()
    {
        let name = by_words(value).map_or_else(|| value.trim().to_lowercase().replace(' ', "_"), str::to_string);
        return Some(Environment { name, evidence: format!("tag {key} = {value}") });
    }
    if is_everybodys(r) {
        return None;
    }
    // Ids put together of several (`/dev/sdf:vol-…:i-…`) hold words that nobody chose.
    let id = (r.name.is_none() && !r.id.contains(':')).then_some(r.id.as_str());
    let said =
        |what: &str, text: &str| by_words(text).map(|name| Environment { name: name.into(), evidence: format!("{what} \"{text}\"") });
    r.name
        .as_deref()
        .and_then(|name| said("name", name))
        .or_else(|| id.and_then(|id| said("id", id)))
        .or_else(|| r.strings("config.aliases").into_iter().find_map(|a| said("alias", a)))
        .or_else(|| r.str("config.domain_name").and_then(|d| said("domain", d)))
        .or_else(|| r.str("config.comment").and_then(|c| said("comment", c)))
}

/// The environment that the words of a text name; `None` when they name none, or several.
fn by_words(text: &str) -> Option<&'static str> {
    let words = words(text);
    let mut found = None;
    for (i, word) in words.iter().enumerate() {
        let before = i.checked_sub(1).map_or("", |b| words[b].as_str());
        let Some((name, _)) = WORDS.iter().find(|(_, list)| list.contains(&word.as_str())) else { continue };
        let name = match (before, *name) {
            ("pre", "live") => "staging",
            ("non" | "no" | "not", "live") => "development",
            (_, name) => name,
        };
        if found.is_some_and(|f| f != name) {
            return None;
        }
        found = Some(name);
    }
    found
}

/// The words of a name in lower case: parted by anything but letters, and where `camelCase` has a hump.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut previous = ' ';
    for c in text.chars() {
        if !c.is_alphabetic() {
            words.push(String::new());
        } else {
            if c.is_uppercase() && previous.is_lowercase() {
                words.push(String::new());
            }
            if let Some(last) = words.last_mut() {
                last.extend(c.to_lowercase());
            }
        }
        previous = c;
    }
    words.retain(|w| !w.is_empty());
    words
}

fn vpc_of(estate: &Estate, r: &Resource) -> Option<usize> {
    let id = r.str("config.vpc_id").or_else(|| r.str("facts.vpc_id"))?;
    estate.index_of(estate.find_near(r, "aws_vpc", "id", id)?)
}

/// From what refers to it or is a part of it.
fn from_users(view: &View<'_>, i: usize) -> Option<Environment> {
    let resource = &view.estate.resources()[i];
    let mut users: BTreeMap<&str, &Resource> = BTreeMap::new();
    for (user, _) in view.estate.referrers(resource) {
        if let Some(environment) = view.estate.index_of(user).and_then(|u| view.known[u].as_ref()) {
            users.entry(&environment.name).or_insert(user);
        }
    }
    let (first, rest) = {
        let mut all = users.iter();
        (all.next()?, all.next())
    };
    Some(match rest {
        None => Environment { name: (*first.0).into(), evidence: used_by(view, first.1, first.0) },
        // A load balancer is not everybody's because a name of staging points to it.
        Some(_) if let Some(environment) = from_vpc(view, i) => environment,
        Some(second) => Environment {
            name: "shared".into(),
            evidence: format!("used by {} ({}) and {} ({})", first.1.label(), first.0, second.1.label(), second.0),
        },
    })
}

/// An attachment is no user by itself: what it joins is.
fn used_by(view: &View<'_>, user: &Resource, name: &str) -> String {
    let joined = view.estate.index_of(user).filter(|_| references::is_joint(&user.kind)).and_then(|u| view.known[u].as_ref());
    match joined.and_then(|e| e.evidence.strip_prefix("uses ")) {
        Some(rest) => format!("used by {rest}"),
        None => format!("used by {} ({name})", user.label()),
    }
}

/// From a VPC that says by its own tags or name which environment it is.
fn from_vpc(view: &View<'_>, i: usize) -> Option<Environment> {
    let vpc = view.vpcs[i]?;
    let environment = view.known[vpc].as_ref()?;
    let label = view.estate.resources()[vpc].label();
    (environment.name != "shared")
        .then(|| Environment { name: environment.name.clone(), evidence: format!("in VPC {label} ({})", environment.name) })
}

/// An attachment, association or rule takes after what it joins.
fn joint_from_used(view: &View<'_>, i: usize) -> Option<Environment> {
    references::is_joint(&view.estate.resources()[i].kind).then(|| from_used(view, i)).flatten()
}

/// From what it uses, when that says one thing. What everybody uses (networks, shared things) says nothing, and what was itself told
/// by its users only where nothing else speaks.
fn from_used(view: &View<'_>, i: usize) -> Option<Environment> {
    let resources = view.estate.resources();
    let told = |lent: bool| {
        let mut found: Option<(&Environment, &Resource)> = None;
        for used in view.estate.references(&resources[i]).iter().filter_map(|r| r.target.index()).filter(|u| view.lent[*u] == lent) {
            let Some(environment) = view.known[used].as_ref().filter(|e| e.name != "shared") else { continue };
            if GROUND.contains(&resources[used].kind.as_str()) {
                continue;
            }
            match found {
                Some((before, _)) if before.name != environment.name => return Err(()),
                _ => found = found.or(Some((environment, &resources[used]))),
            }
        }
        Ok(found)
    };
    let found = match told(false).ok()? {
        None => told(true).ok()?,
        some => some,
    };
    let (environment, used) = found?;
    Some(Environment { name: environment.name.clone(), evidence: format!("uses {} ({})", used.label(), environment.name) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::testing::{Build, estate_of, snapshot_of};
    use crate::estate::{Estate, Options};
    use serde_json::json;

    fn of(estate: &Estate, id: &str) -> Option<String> {
        let r = estate.resources().iter().find(|r| r.id == id).unwrap_or_else(|| panic!("no {id}"));
        estate.environment(r).map(|e| {
            assert!(!e.evidence.is_empty());
            e.name.clone()
        })
    }

    #[test]
    fn words_of_names() {
        for (text, expected) in [
            ("Exo-Live-API", Some("live")),
            ("exoLiveApi", Some("live")),
            ("exo-beta-stresstest", Some("staging")),
            ("exo-sport-develop", Some("development")),
            ("pre-prod-db", Some("staging")),
            ("non_prod", Some("development")),
            ("api-prod-2", Some("live")),
            ("delivery", None),
            ("olive-oil", None),
            ("latest", None),
            ("devops-tools", None),
            ("copy-prod-to-staging", None),
            ("Metabase-Micro", None),
        ] {
            assert_eq!(by_words(text), expected, "{text}");
        }
    }

    #[test]
    fn tags_go_before_names() {
        let estate = estate_of(vec![
            Build::new("aws_instance", "i-1").name("staging-copy").tag("Environment", "Production").get(),
            Build::new("aws_instance", "i-2").tag("env", "Blue Team").get(),
            Build::new("aws_instance", "i-3").name("redis").tag("Environment", " ").get(),
            Build::new("aws_iam_user", "sarah.qa").name("sarah.qa").get(),
            Build::new("aws_iam_user", "ci").name("ci").tag("env", "prod").get(),
        ]);
        assert_eq!(of(&estate, "sarah.qa"), None, "a person is no environment");
        assert_eq!(of(&estate, "ci").as_deref(), Some("live"));
        assert_eq!(of(&estate, "i-1").as_deref(), Some("live"));
        assert_eq!(of(&estate, "i-2").as_deref(), Some("blue_team"));
        assert_eq!(of(&estate, "i-3"), None);
    }

    #[test]
    fn what_says_nothing_takes_after_its_users() {
        let estate = estate_of(vec![
            Build::new("aws_instance", "i-1").name("api-live").set("vpc_security_group_ids", json!(["sg-1", "sg-2"])).get(),
            Build::new("aws_instance", "i-2").name("api-staging").set("vpc_security_group_ids", json!(["sg-2"])).get(),
            Build::new("aws_security_group", "sg-1").name("launch-wizard-1").get(),
            Build::new("aws_security_group", "sg-2").name("launch-wizard-2").get(),
            Build::new("aws_security_group", "sg-3").name("launch-wizard-3").get(),
            Build::new("aws_vpc_security_group_ingress_rule", "sgr-1").set("security_group_id", "sg-1").get(),
            Build::new("aws_eip_association", "eipassoc-1").set("instance_id", "i-2").set("allocation_id", "eipalloc-1").get(),
            Build::new("aws_eip", "eipalloc-1").get(),
            Build::new("aws_volume_attachment", "/dev/sdf:vol-1:i-1").set("instance_id", "i-1").set("volume_id", "vol-1").get(),
            Build::new("aws_ebs_volume", "vol-1").name("uploads").get(),
        ]);
        assert_eq!(of(&estate, "vol-1").as_deref(), Some("live"), "a device name is no environment");
        assert_eq!(of(&estate, "sg-1").as_deref(), Some("live"));
        assert_eq!(of(&estate, "sg-2").as_deref(), Some("shared"));
        assert_eq!(of(&estate, "sg-3"), None);
        assert_eq!(of(&estate, "sgr-1").as_deref(), Some("live"));
        assert_eq!(of(&estate, "eipalloc-1").as_deref(), Some("staging"), "through the association, which takes after the instance");
    }

    #[test]
    fn a_vpc_speaks_for_what_stands_in_it() {
        let estate = estate_of(vec![
            Build::new("aws_vpc", "vpc-1").name("production").get(),
            Build::new("aws_subnet", "subnet-1").set("vpc_id", "vpc-1").get(),
            Build::new("aws_instance", "i-1").name("cron").fact("vpc_id", "vpc-1").get(),
            Build::new("aws_instance", "i-2").name("cron-staging").fact("vpc_id", "vpc-1").get(),
        ]);
        assert_eq!(of(&estate, "subnet-1").as_deref(), Some("live"));
        assert_eq!(of(&estate, "i-1").as_deref(), Some("live"));
        assert_eq!(of(&estate, "i-2").as_deref(), Some("staging"));
    }

    #[test]
    fn the_user_has_the_first_word() {
        let corrections =
            Corrections::parse("\"Exo-Node-*\": live\naws_instance.metabase: shared\n\"vpc-1\": staging\n", "environments.yaml").unwrap();
        let estate = Estate::with(
            snapshot_of(vec![
                Build::new("aws_instance", "i-1").name("exo-node-redis").tag("env", "dev").get(),
                Build::new("aws_instance", "i-2").name("Metabase").get(),
                Build::new("aws_vpc", "vpc-1").get(),
                Build::new("aws_subnet", "subnet-1").set("vpc_id", "vpc-1").get(),
            ]),
            &Options { environments: corrections, ..Options::default() },
        );
        assert_eq!(of(&estate, "i-1").as_deref(), Some("live"));
        assert_eq!(of(&estate, "i-2").as_deref(), Some("shared"));
        assert_eq!(of(&estate, "subnet-1").as_deref(), Some("staging"));
    }

    #[test]
    fn corrections_that_cannot_be_read_name_their_file() {
        let error = Corrections::parse("- live", "environments.yaml").unwrap_err();
        assert!(error.message.starts_with("environments.yaml: "), "{error}");
        assert_eq!(Corrections::parse("# nothing yet\n", "x").unwrap(), Corrections::default());
    }

    #[test]
    fn patterns() {
        assert!(fits("exo-*", "exo-live") && fits("*live*", "exo-live-api") && fits("a*b*c", "a1b2c") && fits("exact", "exact"));
        assert!(!fits("exo-*", "my-exo-") && !fits("a*b", "abc") && !fits("exact", "exactly"));
        assert!(!fits("aba*ba", "aba"));
    }
}
