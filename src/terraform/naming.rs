//! Names that a person would choose, the same on every run.
//!
//! A name comes from the Name tag, else the name that AWS knows, else the role in the estate (whose satellite it is, which zone, which
//! port). Words that repeat the type or the project are cut off. Two of the same name are told apart by a natural property, never by chance.

use std::collections::{BTreeMap, BTreeSet};

use super::hcl;
use crate::estate::environment::is_environment_word;
use crate::estate::resource::REDACTED;
use crate::estate::{Estate, OwnershipClass, Resource};
use crate::schema::overlay::overlay;

/// Longest name, in characters; what is longer is cut at a word.
const LONGEST: usize = 48;

/// Lower-case ASCII words of a text: at separators, at changes from small to capital letters; accents are taken off.
pub fn words(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = text.chars().collect();
    for (i, c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            out.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            continue;
        }
        let before = i.checked_sub(1).map(|j| chars[j]);
        let after = chars.get(i + 1);
        let hump =
            c.is_uppercase() && before.is_some_and(|b| b.is_lowercase() || (b.is_uppercase() && after.is_some_and(|a| a.is_lowercase())));
        if hump && !word.is_empty() {
            out.push(std::mem::take(&mut word));
        }
        word.push_str(&plain(*c));
    }
    out.extend((!word.is_empty()).then_some(word));
    out
}

/// A letter without accent, in lower case; nothing for letters that ASCII has no like of.
fn plain(c: char) -> String {
    if c.is_ascii_alphanumeric() {
        return c.to_ascii_lowercase().to_string();
    }
    let c = c.to_lowercase().next().unwrap_or(c);
    let like = match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'č' | 'ĉ' | 'ċ' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ì'..='ï' | 'ĩ' | 'ī' | 'į' | 'ı' => "i",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ő' => "o",
        'œ' => "oe",
        'ŕ' | 'ř' => "r",
        'ś' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ț' => "t",
        'þ' => "th",
        'ù'..='ü' | 'ũ' | 'ū' | 'ů' | 'ű' | 'ų' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        _ => "",
    };
    like.into()
}

/// Words as one identifier; empty when none is left.
pub fn identifier(words: &[String]) -> String {
    let mut name = String::new();
    for word in words.iter().filter(|w| !w.is_empty()) {
        if !name.is_empty() && name.len() + 1 + word.len() > LONGEST {
            break;
        }
        if !name.is_empty() {
            name.push('_');
        }
        name.push_str(word);
    }
    name.truncate(LONGEST);
    name
}

/// True for words that a machine made: long hexadecimal or numeric ids, and letters mixed with digits.
fn is_machine_word(word: &str) -> bool {
    let bytes = word.as_bytes();
    let digit_groups = (0..bytes.len()).filter(|i| bytes[*i].is_ascii_digit() && (*i == 0 || !bytes[i - 1].is_ascii_digit())).count();
    bytes.len() >= 8 && digit_groups > 0 && (digit_groups > 1 || bytes.iter().all(u8::is_ascii_hexdigit))
}

/// True for the name of a host: `api.example.com`, `*.example.com`. Its first word is what tells it from its neighbours.
fn is_domain(name: &str) -> bool {
    let labels: Vec<&str> = name.trim_end_matches('.').split('.').collect();
    let plain =
        |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'));
    let (Some(top), Some(first)) = (labels.last(), labels.first()) else { return false };
    labels.len() > 1
        && (*first == "*" || plain(first))
        && labels[1..].iter().all(plain)
        && top.len() > 1
        && top.chars().all(|c| c.is_ascii_lowercase())
}

/// The first word that most names of the estate share: the project. `None` when there is none. The word for an environment is none,
/// and the first label of a domain is none either.
pub fn project_word<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut seen = BTreeSet::new();
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    for name in names.filter(|name| !is_domain(name)) {
        let words: Vec<String> = words(name).into_iter().skip_while(|word| is_environment_word(word)).collect();
        // One name on several things (a tag shared by all parts of a service) counts once.
        if words.len() > 1 && seen.insert(words.clone()) {
            *first.entry(words[0].clone()).or_default() += 1;
        }
    }
    let total: usize = first.values().sum();
    let (word, count) = first.into_iter().max_by(|a, b| a.1.cmp(&b.1).then_with(|| b.0.cmp(&a.0)))?;
    (count >= 4 && count * 5 >= total * 2).then_some(word)
}

/// Names of the resources of one root.
pub struct Namer<'a> {
    estate: &'a Estate,
    members: BTreeSet<usize>,
    cut: Vec<String>,
    given: BTreeMap<usize, String>,
    named: BTreeMap<usize, Vec<String>>,
    busy: BTreeSet<usize>,
    /// Names of the round before, which others are called after.
    last: BTreeMap<usize, String>,
}

/// A name and what tells look-alikes apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The local name.
    pub name: String,
    /// Its words before collisions were told apart.
    pub words: Vec<String>,
}

impl<'a> Namer<'a> {
    /// `members` are positions of the estate's resources; `cut` are words not to repeat (project, the root's environment); `given`
    /// are names that stand already.
    pub fn new(estate: &'a Estate, members: &[usize], cut: Vec<String>, given: BTreeMap<usize, String>) -> Self {
        Namer {
            estate,
            members: members.iter().copied().collect(),
            cut,
            given,
            named: BTreeMap::new(),
            busy: BTreeSet::new(),
            last: BTreeMap::new(),
        }
    }

    /// Names of all members: unique per type.
    pub fn names(mut self) -> BTreeMap<usize, Named> {
        // What is called after another thing needs that thing's final name; satellites of satellites are reached in the third round.
        for _ in 0..2 {
            self.last = self.round().into_iter().map(|(index, named)| (index, named.name)).collect();
            self.named.clear();
        }
        self.round()
    }

    fn round(&mut self) -> BTreeMap<usize, Named> {
        let members: Vec<usize> = self.members.iter().copied().collect();
        let mut by_kind: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for index in members {
            self.words_of(index);
            by_kind.entry(&self.estate.resources()[index].kind).or_default().push(index);
        }
        let mut out = BTreeMap::new();
        for (kind, members) in by_kind {
            self.tell_apart(kind, &members, &mut out);
        }
        out
    }

    /// The words by which something else is called after this one.
    fn called_after(&mut self, index: usize) -> Vec<String> {
        match self.last.get(&index) {
            Some(name) => words(name),
            None => self.words_of(index),
        }
    }

    /// The words of a name, before collisions.
    fn words_of(&mut self, index: usize) -> Vec<String> {
        if let Some(words) = self.named.get(&index) {
            return words.clone();
        }
        if !self.busy.insert(index) {
            return Vec::new();
        }
        let resource = &self.estate.resources()[index];
        let kept = overlay(&resource.kind).kept;
        let words = if let Some(given) = self.given.get(&index) {
            words(given)
        } else {
            let own = self.own_name(resource);
            let derived = self.words_from_role(resource, &kept.name);
            let satellite = resource.tags.is_empty()
                && kept
                    .name
                    .first()
                    .is_some_and(|first| self.link(resource, first).is_some() || !self.held_elsewhere(resource, first).is_empty())
                && !kept.name.contains(&"name".to_string());
            let mut found = if satellite && !derived.is_empty() { derived.clone() } else { own };
            if found.is_empty() {
                found = derived;
            }
            if found.is_empty() {
                found = vec!["main".into()];
            }
            // `2024_campaign` and `for` are no names in the language.
            if !hcl::is_identifier(&identifier(&found)) {
                let first = kept.words.first().cloned().unwrap_or_else(|| "n".into());
                found.insert(0, first);
            }
            found
        };
        self.busy.remove(&index);
        self.named.insert(index, words.clone());
        words
    }

    fn own_name(&self, resource: &Resource) -> Vec<String> {
        let name = resource.name.as_deref().unwrap_or_default();
        let words = words(name);
        // A bare id (`vol-0a1b…`) is no name.
        if name == resource.id && words.len() <= 2 && words.last().is_some_and(|w| is_machine_word(w)) {
            return Vec::new();
        }
        if is_domain(name) { words } else { self.trim(self.parts(name), resource) }
    }

    /// The words of a path (`/ecs/exo-live-api`), without the project and the environment before each part of it.
    fn parts(&self, name: &str) -> Vec<String> {
        let part = |part: &str| {
            let words = words(part);
            let repeated = words.iter().take_while(|w| self.cut.contains(w)).count();
            words[repeated.min(words.len().saturating_sub(1))..].to_vec()
        };
        name.split('/').flat_map(part).collect()
    }

    /// Cuts off what the type or the place says already, as long as something is left.
    fn trim(&self, mut words: Vec<String>, resource: &Resource) -> Vec<String> {
        let kept = overlay(&resource.kind).kept;
        if words.len() > 1 {
            let human: Vec<String> = words.iter().filter(|w| !is_machine_word(w)).cloned().collect();
            if !human.is_empty() {
                words = human;
            }
        }
        while words.len() > 1 && self.cut.contains(&words[0]) {
            words.remove(0);
        }
        // A region at the end of a name is where the thing is.
        let place = self::words(&resource.region);
        if words.len() > place.len() && ends_with(&words, &place) {
            words.truncate(words.len() - place.len());
        }
        while words.len() > 1 && words.last().is_some_and(|w| kept.words.contains(w)) {
            words.pop();
        }
        while words.len() > 1 && kept.words.contains(&words[0]) {
            words.remove(0);
        }
        words
    }

    /// The name of what a reference argument leads to, when a Terraform state holds that.
    fn held_elsewhere(&self, resource: &Resource, argument: &str) -> Vec<String> {
        let path = format!("config.{argument}");
        let target = self.estate.references(resource).iter().find(|r| r.path == path).and_then(|r| self.estate.target(r));
        let held = target.filter(|t| t.ownership.class == OwnershipClass::Managed && t.name.is_some());
        held.map(|target| self.own_name(target)).unwrap_or_default()
    }

    /// The position a reference argument leads to, when it is written too.
    fn link(&self, resource: &Resource, argument: &str) -> Option<usize> {
        if argument == "vpc_id" && resource.kind.starts_with("aws_default_") {
            return super::select::vpc_of(self.estate, resource).filter(|i| self.members.contains(i));
        }
        let path = format!("config.{argument}");
        self.estate.references(resource).iter().find_map(|r| match &r.target {
            crate::estate::Target::Inside { index, .. }
                if self.members.contains(index)
                    && (r.path == path || r.path.strip_prefix(&path).is_some_and(|rest| rest.starts_with('.'))) =>
            {
                Some(*index)
            }
            _ => None,
        })
    }

    fn words_from_role(&mut self, resource: &Resource, sources: &[String]) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for source in sources {
            // The first of several that says anything.
            let part = source.split('|').map(|s| self.part(resource, s)).find(|p| !p.is_empty()).unwrap_or_default();
            // `main` says nothing as a part of a longer name.
            if part == ["main"] && (!out.is_empty() || sources.len() > 1) {
                continue;
            }
            if !part.is_empty() && !ends_with(&out, &part) {
                out.extend(part);
            }
        }
        self.trim(out, resource)
    }

    fn part(&mut self, resource: &Resource, source: &str) -> Vec<String> {
        match source.strip_prefix('@') {
            Some(role) => self.role(resource, role),
            None => match self.link(resource, source) {
                Some(index) => self.called_after(index),
                None => match self.held_elsewhere(resource, source) {
                    words if !words.is_empty() => words,
                    _ => self.value_words(resource, source),
                },
            },
        }
    }

    fn value_words(&self, resource: &Resource, argument: &str) -> Vec<String> {
        let value = resource.get(&format!("config.{argument}")).or_else(|| resource.get(&format!("facts.{argument}")));
        let Some(text) = value.map(|v| v.as_str().map_or_else(|| v.to_string(), String::from)) else { return Vec::new() };
        if text.is_empty() || text == "null" || text.contains(REDACTED) {
            return Vec::new();
        }
        match argument {
            "availability_zone" => text.strip_prefix(&resource.region).map_or_else(|| words(&text), words),
            "service_name" => words(text.rsplit('.').next().unwrap_or(&text)),
            "policy_arn" => words(text.rsplit('/').next().unwrap_or(&text)),
            "destination_cidr_block" if text == "0.0.0.0/0" => vec!["internet".into()],
            "destination_ipv6_cidr_block" if text == "::/0" => vec!["internet".into(), "ipv6".into()],
            "principal" => words(text.split('.').next().unwrap_or(&text)),
            _ if text.starts_with("arn:") => words(text.rsplit([':', '/']).next().unwrap_or(&text)),
            _ if is_domain(&text) => words(&text),
            _ => self.trim(words(&text), resource),
        }
    }

    fn role(&mut self, resource: &Resource, role: &str) -> Vec<String> {
        match role {
            "rule" => self.rule_words(resource),
            "listener" => {
                let port = resource.get("config.port").and_then(serde_json::Value::as_u64);
                match (resource.str("config.protocol"), port) {
                    (Some("HTTP"), Some(80)) => vec!["http".into()],
                    (Some("HTTPS"), Some(443)) => vec!["https".into()],
                    (protocol, Some(port)) => vec![protocol.unwrap_or("port").to_lowercase(), port.to_string()],
                    _ => Vec::new(),
                }
            }
            "target" => match self.link(resource, "action") {
                Some(index) => self.called_after(index),
                None => resource.str("config.action.0.type").map(words).unwrap_or_default(),
            },
            "alias" => {
                let alias = resource.strings("config.aliases").first().map(|a| (*a).to_string()).unwrap_or_default();
                let labels: Vec<&str> = alias.split('.').collect();
                let keep = labels.len().saturating_sub(1).max(1).min(labels.len());
                words(&labels[..keep].join("-").replace('*', "wildcard"))
            }
            "origin" => match self.link(resource, "origin") {
                Some(index) => self.called_after(index),
                None => self.trim(words(resource.str("config.origin.0.origin_id").unwrap_or_default()), resource),
            },
            "attached" => {
                let attachment = self.estate.referrers(resource).into_iter().find(|(r, _)| r.kind == "aws_volume_attachment");
                let Some((attachment, _)) = attachment else { return vec!["unattached".into()] };
                let device = attachment.str("config.device_name").map(|d| words(d.rsplit('/').next().unwrap_or(d))).unwrap_or_default();
                match self.link(attachment, "instance_id") {
                    Some(index) => self.called_after(index).into_iter().chain(device).collect(),
                    None => device,
                }
            }
            // The address of a NAT gateway or an instance is called after it.
            "user" => {
                for (user, path) in self.estate.referrers(resource) {
                    let target = match (user.kind.as_str(), path) {
                        ("aws_nat_gateway", "config.allocation_id") => self.estate.index_of(user),
                        ("aws_eip_association", "config.allocation_id") => self.link(user, "instance_id"),
                        _ => None,
                    };
                    if let Some(index) = target.filter(|i| self.members.contains(i)) {
                        return self.called_after(index);
                    }
                }
                Vec::new()
            }
            // A route table is called after the way out of it.
            "via" => {
                for (route, path) in self.estate.referrers(resource) {
                    let out = ["destination_cidr_block", "destination_ipv6_cidr_block"]
                        .iter()
                        .any(|a| route.str(&format!("config.{a}")).is_some_and(|d| d == "0.0.0.0/0" || d == "::/0"));
                    if route.kind != "aws_route" || path != "config.route_table_id" || !out {
                        continue;
                    }
                    if let Some(nat) = self.link(route, "nat_gateway_id") {
                        let mut words = self.called_after(nat);
                        if !words.iter().any(|w| w == "nat") {
                            words.insert(0, "nat".into());
                        }
                        return words;
                    }
                    if self.link(route, "gateway_id").is_some() {
                        return vec!["public".into()];
                    }
                }
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// `https from anywhere`, `postgres from api`, `all to anywhere`.
    fn rule_words(&mut self, resource: &Resource) -> Vec<String> {
        let mut out = port_words(
            resource.str("config.ip_protocol").unwrap_or("-1"),
            resource.get("config.from_port").and_then(serde_json::Value::as_i64),
            resource.get("config.to_port").and_then(serde_json::Value::as_i64),
        );
        out.push(if resource.kind.contains("egress") { "to".into() } else { "from".into() });
        if let Some(index) = self.link(resource, "referenced_security_group_id") {
            let same = self.link(resource, "security_group_id") == Some(index);
            if same {
                out.push("itself".into());
            } else {
                out.extend(self.called_after(index));
            }
            return out;
        }
        let held = self.held_elsewhere(resource, "referenced_security_group_id");
        if !held.is_empty() {
            out.extend(held);
            return out;
        }
        let peer = ["cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id"]
            .iter()
            .find_map(|a| resource.str(&format!("config.{a}")).filter(|v| !v.is_empty()));
        match peer {
            Some("0.0.0.0/0") => out.push("anywhere".into()),
            Some("::/0") => out.extend(["anywhere".into(), "ipv6".into()]),
            Some(peer) => out.extend(words(peer.trim_end_matches("/32"))),
            None => {}
        }
        out
    }

    /// What the network is called that a thing stands in.
    fn network_words(&self, resource: &Resource) -> Vec<String> {
        let vpc = super::select::vpc_of(self.estate, resource).filter(|vpc| self.estate.resources()[*vpc].id != resource.id);
        vpc.and_then(|vpc| self.named.get(&vpc).cloned()).unwrap_or_default()
    }

    /// The environment that a thing belongs to.
    fn environment_words(&self, resource: &Resource) -> Vec<String> {
        self.estate.environment(resource).map(|e| words(&e.name)).unwrap_or_default()
    }

    /// Tells those of the same name apart: by the network or environment that they stand in, the type's natural properties, the region, the id.
    fn tell_apart(&self, kind: &str, members: &[usize], out: &mut BTreeMap<usize, Named>) {
        let kept = overlay(kind).kept;
        let resources = self.estate.resources();
        let mut used: BTreeSet<String> = BTreeSet::new();
        let mut open: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for index in members {
            if let Some(given) = self.given.get(index) {
                used.insert(given.clone());
                out.insert(*index, Named { name: given.clone(), words: words(given) });
            } else {
                open.entry(identifier(&self.named[index])).or_default().push(*index);
            }
        }
        for (plain, mut group) in open {
            // Of names that differ in capitals only, the one that is written just so keeps the name.
            group.sort_by_key(|i| (resources[*i].name.as_deref() != Some(plain.as_str()), &resources[*i].id));
            let mut names: Vec<(usize, Vec<String>)> = group.iter().map(|i| (*i, self.named[i].clone())).collect();
            let distinct = |names: &[(usize, Vec<String>)]| {
                let set: BTreeSet<String> = names.iter().map(|(_, w)| identifier(w)).collect();
                set.len() == names.len() && set.iter().all(|n| !used.contains(n))
            };
            // In several networks or environments people say which one.
            for place in [Self::network_words, Self::environment_words] {
                let told = names.iter().map(|(i, words)| (*i, [words.clone(), place(self, &resources[*i])].concat())).collect::<Vec<_>>();
                if !distinct(&names) && distinct(&told) {
                    names = told;
                }
            }
            if !distinct(&names) {
                for source in kept.distinct.iter().map(String::as_str).chain(["@region", "@revision", "@id"]) {
                    let said: Vec<Vec<String>> = group
                        .iter()
                        .map(|index| {
                            let resource = &resources[*index];
                            match source {
                                "@region" if group.iter().any(|i| resources[*i].region != resource.region) => self::words(&resource.region),
                                "@region" => Vec::new(),
                                "@revision" => resource.get("facts.revision").map(|n| format!("v{n}")).into_iter().collect(),
                                "@id" => vec![tail(&resource.id)],
                                argument => match self.link(resource, argument) {
                                    Some(target) => self
                                        .last
                                        .get(&target)
                                        .map(|n| self::words(n))
                                        .or_else(|| self.named.get(&target).cloned())
                                        .unwrap_or_default(),
                                    None => self.value_words(resource, argument),
                                },
                            }
                        })
                        .collect();
                    // What they all have in common tells nothing.
                    if said.iter().all(|s| *s == said[0]) {
                        continue;
                    }
                    for ((_, words), said) in names.iter_mut().zip(said) {
                        let repeated = usize::from(words.last() == said.first());
                        words.extend(said.into_iter().skip(repeated));
                    }
                    if distinct(&names) {
                        break;
                    }
                }
            }
            for (index, words) in names {
                let mut unique = identifier(&words);
                // Reached only when even the ends of two ids are the same, as where names differ in capitals only.
                let mut number = 2;
                while !used.insert(unique.clone()) {
                    unique = format!("{}_{number}", identifier(&words));
                    number += 1;
                }
                out.insert(index, Named { name: unique, words: self.named[&index].clone() });
            }
        }
    }
}

fn ends_with(words: &[String], end: &[String]) -> bool {
    words.len() >= end.len() && words[words.len() - end.len()..] == *end
}

/// The last six letters and digits of an id.
fn tail(id: &str) -> String {
    let plain: Vec<char> = id.chars().filter(char::is_ascii_alphanumeric).collect();
    plain[plain.len().saturating_sub(6)..].iter().collect::<String>().to_lowercase()
}

/// What people call a port range.
pub fn port_words(protocol: &str, from: Option<i64>, to: Option<i64>) -> Vec<String> {
    let well_known = match (protocol, from, to) {
        ("-1", ..) => Some("all"),
        ("icmp" | "icmpv6", ..) => Some("icmp"),
        (_, Some(0), Some(65535)) => Some(if protocol == "udp" { "all_udp" } else { "all_tcp" }),
        ("tcp", Some(a), Some(b)) if a == b => match a {
            20 | 21 => Some("ftp"),
            22 => Some("ssh"),
            25 => Some("smtp"),
            53 => Some("dns"),
            80 => Some("http"),
            443 => Some("https"),
            1433 => Some("mssql"),
            2049 => Some("nfs"),
            3306 => Some("mysql"),
            3389 => Some("rdp"),
            5432 => Some("postgres"),
            5672 => Some("amqp"),
            6379 => Some("redis"),
            11211 => Some("memcached"),
            27017 => Some("mongodb"),
            _ => None,
        },
        ("udp", Some(53), Some(53)) => Some("dns_udp"),
        _ => None,
    };
    if let Some(name) = well_known {
        return words(name);
    }
    let mut out = vec![protocol.to_lowercase()];
    match (from, to) {
        (Some(a), Some(b)) if a == b => out.push(a.to_string()),
        (Some(a), Some(b)) => out.extend([a.to_string(), "to".into(), b.to_string()]),
        _ => {}
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> String {
        identifier(&words(text))
    }

    #[test]
    fn words_are_what_a_person_reads() {
        assert_eq!(id("Exo-Live-API"), "exo_live_api");
        assert_eq!(id("ExoLiveAPIServer2"), "exo_live_api_server2");
        assert_eq!(id("café Größe/ñandú"), "cafe_grosse_nandu");
        assert_eq!(id("🚀 rocket \"x\" ${y}\n"), "rocket_x_y");
        assert_eq!(id("日本"), "");
        assert_eq!(id("/aws/sms/exo-otp"), "aws_sms_exo_otp");
    }

    #[test]
    fn long_names_end_at_a_word() {
        let name = id(&"verylongword-".repeat(10));
        assert!(name.len() <= LONGEST && name.ends_with("verylongword"), "{name}");
    }

    #[test]
    fn the_project_is_what_most_names_begin_with() {
        let names = ["Exo-Live-API", "exo-live", "exo-staging", "Exo-Node-Redis", "Metabase-Micro", "launch-wizard-1"];
        assert_eq!(project_word(names.into_iter()), Some("exo".into()));
        assert_eq!(project_word(["a-b", "c-d", "e-f", "g-h"].into_iter()), None);
        assert_eq!(project_word(["exo-a"; 9].into_iter()), None, "one name nine times is no pattern");
        let live = ["live-api", "live-db", "live-web", "live-queue", "exo-x"];
        assert_eq!(project_word(live.into_iter()), None, "an environment is no project");
        assert_eq!(project_word(live.map(|n| n.replace("live-", "live-exo-")).iter().map(String::as_str)), Some("exo".into()));
        let hosts = ["api.a.example", "api.b.example", "api.c.example", "api.d.example"];
        assert_eq!(project_word(hosts.into_iter()), None, "nor is the first label of a domain");
    }

    #[test]
    fn names_of_hosts() {
        for name in ["api.example.com", "*.example.com", "_dmarc.example.com", "example.com."] {
            assert!(is_domain(name), "{name}");
        }
        for name in ["Exo-Live.Api", "10.0.0.1", "/aws/lambda/a.b", "postgres14.2", "example", "a b.com", ""] {
            assert!(!is_domain(name), "{name}");
        }
    }

    #[test]
    fn words_of_machines() {
        for word in ["0f6dd0416f20f7f61", "123456789012", "5f2a91c7", "8xk2p1qz"] {
            assert!(is_machine_word(word), "{word}");
        }
        for word in ["postgres14", "launch", "feedback", "deadbeef", "api2"] {
            assert!(!is_machine_word(word), "{word}");
        }
    }

    #[test]
    fn ports_have_names() {
        assert_eq!(port_words("tcp", Some(443), Some(443)).join("_"), "https");
        assert_eq!(port_words("tcp", Some(8000), Some(8080)).join("_"), "tcp_8000_to_8080");
        assert_eq!(port_words("-1", None, None).join("_"), "all");
        assert_eq!(port_words("udp", Some(0), Some(65535)).join("_"), "all_udp");
    }
}
