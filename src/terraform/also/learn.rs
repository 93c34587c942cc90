//! Asks the user's terraform: reads the resources by an import that is planned and never applied, then plans the code that would be
//! written for them and learns from what the plan says, until it says nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use hcl_edit::Span;
use hcl_edit::structure::{Body, Structure};
use serde_json::Value;

use super::{Known, Lesson, Memory, Request, convert};
use crate::error::Error;
use crate::estate::resource::GLOBAL;
use crate::estate::{Estate, Resource, Snapshot};
use crate::files;
use crate::schema::provider;
use crate::secrets;
use crate::terraform::fold::Unit;
use crate::terraform::hcl::{self, Block, Expr, Item, Resolved};
use crate::terraform::healed::Register;
use crate::terraform::verify::{AttributeDifference, Change, Terraform, VerifyOptions, changes, has_true, tail};
use crate::terraform::{body, heal, home_region, layout, resolve_unit, select};

/// How often the code is planned before what still differs is left out.
const ROUNDS: usize = 16;

/// What came of asking.
#[derive(Debug, Clone, PartialEq)]
pub struct Learnt {
    /// What is to be kept, with what was kept before.
    pub memory: Memory,
    /// Resources for which no code is written, with the reason.
    pub left_out: Vec<String>,
}

/// Reads what was asked for and finds out how it is written. `tree` is the folder of the generated code, whose lock file names the
/// provider's version when there is one; `say` hears of each step.
///
/// # Errors
/// [`Error::terraform`] when there is no terraform, or it cannot run; [`Error::access`] when the provider gets no credentials;
/// [`Error::input`] with everything that the provider could not read, and where it was asked for.
pub fn learn(
    snapshot: &Snapshot,
    memory: Memory,
    requests: &[Request],
    tree: &Path,
    options: &VerifyOptions,
    say: &dyn Fn(&str),
) -> Result<Learnt, Error> {
    let mut learnt = Learnt { memory, left_out: Vec::new() };
    let mut seen = BTreeSet::new();
    let wanted: Vec<(&Request, String)> = requests
        .iter()
        .map(|request| (request, region_of(snapshot, request)))
        .filter(|(request, region)| seen.insert((request.kind.clone(), region.clone(), request.id.clone())))
        .collect();
    if wanted.is_empty() {
        return Ok(learnt);
    }
    let account = &snapshot.meta.account;
    let places: Vec<Resource> = wanted.iter().map(|(r, region)| Resource::new(&r.kind, account, region, &r.id)).collect();
    let scratch = Scratch::new(snapshot, &places, tree, options)?;
    say(&format!("also: {} init", scratch.terraform_name()));
    scratch.init(tree)?;
    say(&format!("also: reading {} resource{}", places.len(), if places.len() == 1 { "" } else { "s" }));
    let read = scratch.read(&places)?;
    let mut missing = Vec::new();
    let mut fresh = Vec::new();
    for (((request, _), place), answer) in wanted.iter().zip(&places).zip(read) {
        match answer {
            Ok((values, sensitive)) => {
                let resource = convert::resource(&place.kind, account, &place.region, &place.id, &values, &sensitive);
                let adds = snapshot.resources.iter().any(|r| r.key() == resource.key());
                fresh.push(Known { resource, adds, lesson: Lesson::default() });
            }
            Err(why) => missing.push(format!("{}: {} {}: {why}", request.origin, request.kind, request.id)),
        }
    }
    if !missing.is_empty() {
        return Err(Error::input(missing.join("\n"))
            .hint("nothing was written; the id must be the one that the provider's documentation names under \"Import\""));
    }
    let keys: Vec<_> = fresh.iter().map(|k| k.resource.key()).collect();
    for known in fresh {
        learnt.memory.put(known);
    }
    scratch.prove(snapshot, &mut learnt.memory, &keys.iter().cloned().collect(), say)?;

    let estate = estate(snapshot, &learnt.memory);
    let selection = select::select(&estate, &learnt.memory.lessons());
    for key in keys {
        let index = estate.resources().iter().position(|r| r.key() == key);
        if let Some(why) = index.and_then(|i| selection.left_out.get(&i)) {
            learnt.left_out.push(format!("{} {}: left out: {}", key.kind, key.id, why.reason));
        }
    }
    Ok(learnt)
}

/// The snapshot with what is known besides, related.
fn estate(snapshot: &Snapshot, memory: &Memory) -> Estate {
    let mut full = snapshot.clone();
    memory.add_to(&mut full);
    Estate::new(full)
}

/// Services with one endpoint for all regions, by the beginning of their types.
const GLOBAL_SERVICES: &[&str] = &[
    "aws_account_",
    "aws_budgets_",
    "aws_ce_",
    "aws_cloudfront_",
    "aws_globalaccelerator_",
    "aws_iam_",
    "aws_networkmanager_",
    "aws_organizations_",
    "aws_route53_",
    "aws_route53domains_",
    "aws_shield_",
    "aws_waf_",
];

/// Where a resource is: as asked, as the snapshot knows it, as its ARN says, else where most things are.
fn region_of(snapshot: &Snapshot, request: &Request) -> String {
    if let Some(region) = &request.region {
        return region.clone();
    }
    let mut there = snapshot.resources.iter().filter(|r| r.kind == request.kind && r.id == request.id);
    if let (Some(only), None) = (there.next(), there.next()) {
        return only.region.clone();
    }
    // The resolver's rules and endpoints are regional, whatever they are called.
    if GLOBAL_SERVICES.iter().any(|s| request.kind.starts_with(s)) && !request.kind.starts_with("aws_route53_resolver_") {
        return GLOBAL.into();
    }
    let parts: Vec<&str> = request.id.splitn(6, ':').collect();
    if let ["arn", _, _, region, _, _] = parts.as_slice()
        && super::is_region(region)
    {
        return (*region).to_string();
    }
    home(snapshot)
}

/// The region that most resources live in.
fn home(snapshot: &Snapshot) -> String {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for resource in snapshot.resources.iter().filter(|r| r.region != GLOBAL && !r.is_pseudo()) {
        *count.entry(&resource.region).or_default() += 1;
    }
    let most = count.iter().max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0))).map(|(region, _)| (*region).to_string());
    most.or_else(|| snapshot.meta.regions.first().cloned()).unwrap_or_else(|| "us-east-1".into())
}

/// What terraform says of a resource: state values and their marks, or why it could not be read.
type Answer = Result<(Value, Value), String>;

/// A private folder in which terraform runs. It goes when the work is done, with all that was read.
struct Scratch {
    /// Holds the plan file as well, which has values in clear text.
    folder: tempfile::TempDir,
    terraform: Terraform,
    home: String,
}

impl Scratch {
    fn new(snapshot: &Snapshot, places: &[Resource], tree: &Path, options: &VerifyOptions) -> Result<Scratch, Error> {
        let folder = tempfile::Builder::new()
            .prefix("surveyor-also-")
            .tempdir()
            .map_err(|e| Error::output(format!("cannot make a temporary folder: {e}")))?;
        let scratch = Scratch { folder, terraform: Terraform::find(options)?, home: home(snapshot) };
        let regions: BTreeSet<String> = places.iter().map(|p| home_region(p, &scratch.home)).collect();
        let account = &snapshot.meta.account;
        let block = |region: &str| {
            let mut block = Block::new("provider", &["aws"]);
            if region != scratch.home {
                block.set("alias", alias(region).as_str());
            }
            block.set("region", region);
            if !account.is_empty() {
                block.set("allowed_account_ids", vec![Expr::from(account.as_str())]);
            }
            Item::Block(block)
        };
        let others = regions.iter().filter(|r| **r != scratch.home);
        let providers = hcl::blocks(std::iter::once(block(&scratch.home)).chain(others.map(|r| block(r))));
        files::write(&scratch.root().join("providers.tf"), hcl::file(&providers).as_bytes())?;
        files::write(&scratch.root().join("versions.tf"), hcl::file(&layout::versions()).as_bytes())?;
        let lock = tree.join(".terraform.lock.hcl");
        if lock.is_file() {
            files::write(&scratch.root().join(".terraform.lock.hcl"), &files::read(&lock)?)?;
        }
        Ok(scratch)
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("root")
    }

    fn terraform_name(&self) -> String {
        self.terraform.version.clone()
    }

    /// Makes terraform ready: with the provider that lies in the tree already, when somebody ran `init` there, else with a new one.
    fn init(&self, tree: &Path) -> Result<(), Error> {
        let near = std::fs::canonicalize(tree.join(".terraform/providers")).ok().filter(|p| p.is_dir());
        if let Some(near) = near {
            let from = format!("-plugin-dir={}", near.display());
            if self.terraform.run(&self.root(), &["init", "-input=false", "-no-color", &from])?.success {
                return Ok(());
            }
        }
        let answer = self.terraform.run(&self.root(), &["init", "-input=false", "-no-color"])?;
        if answer.success {
            return Ok(());
        }
        let talk = if answer.stderr.trim().is_empty() { &answer.stdout } else { &answer.stderr };
        Err(Error::terraform(format!("`terraform init` failed: {}", tail(talk))))
    }

    /// Plans what lies in the root: what it complains of, and the plan as far as it came.
    fn plan(&self, more: &[&str]) -> Result<(Vec<Value>, Value), Error> {
        let file = self.folder.path().join("plan");
        let out = format!("-out={}", file.display());
        let mut arguments = vec!["plan", "-input=false", "-lock=false", "-json", &out];
        arguments.extend(more);
        let answer = self.terraform.run(&self.root(), &arguments)?;
        let mut diagnostics = Vec::new();
        for line in answer.stdout.lines() {
            let Ok(mut message) = serde_json::from_str::<Value>(line) else { continue };
            if message.get("type").and_then(Value::as_str) == Some("diagnostic") {
                diagnostics.extend(message.get_mut("diagnostic").map(Value::take));
            }
        }
        if let Some(refused) = diagnostics.iter().find(|d| is_about_provider(d)) {
            return Err(Error::access(format!("the provider cannot start: {}", words(refused))).hint(
                "terraform takes credentials from the same places as the AWS CLI; `aws sts get-caller-identity` shows whose they are",
            ));
        }
        if !answer.success && diagnostics.is_empty() {
            return Err(Error::terraform(format!("`terraform plan` failed: {}", tail(&answer.stderr))));
        }
        if !file.exists() {
            return Ok((diagnostics, Value::Null));
        }
        let show = self.terraform.run(&self.root(), &["show", "-json", &file.display().to_string()])?;
        // The file must not outlive its use.
        std::fs::remove_file(&file).map_err(|e| Error::output(format!("cannot remove {}: {e}", file.display())))?;
        let plan = serde_json::from_str(&show.stdout)
            .map_err(|e| Error::terraform(format!("the plan cannot be read ({e}): {}", tail(&show.stderr))))?;
        Ok((diagnostics, plan))
    }

    /// Reads resources by planning their import. Terraform then writes code of its own and refuses it for many types, but the plan
    /// that it leaves behind holds the state it read.
    fn read(&self, places: &[Resource]) -> Result<Vec<Answer>, Error> {
        let all: Vec<usize> = (0..places.len()).collect();
        let mut answers = self.read_some(places, &all)?;
        let lost: Vec<usize> = all.into_iter().filter(|i| matches!(answers.get(i), Some(Err(why)) if why.is_empty())).collect();
        // Not every complaint says which resource it is about: alone there is no doubt.
        for i in lost {
            answers.extend(self.read_some(places, &[i])?);
        }
        Ok(answers
            .into_values()
            .map(|answer| answer.map_err(|why| if why.is_empty() { "terraform does not say why".into() } else { why }))
            .collect())
    }

    /// Answers by position; an empty reason where the complaints do not tell whose they are.
    fn read_some(&self, places: &[Resource], which: &[usize]) -> Result<BTreeMap<usize, Answer>, Error> {
        let imports = which.iter().map(|i| Item::Block(self.import(*i, &places[*i])));
        files::write(&self.root().join("also.tf"), hcl::file(&hcl::blocks(imports)).as_bytes())?;
        let own = self.folder.path().join("generated");
        let _ = std::fs::remove_file(&own);
        let (diagnostics, plan) = self.plan(&[&format!("-generate-config-out={}", own.display())])?;
        // Terraform refuses to write over it.
        let _ = std::fs::remove_file(&own);
        let state = plan.pointer("/prior_state/values/root_module/resources").and_then(Value::as_array);
        let errors: Vec<&Value> = diagnostics.iter().filter(|d| is_error(d)).collect();
        let answer = |i: &usize| {
            let address = format!("{}.{}", places[*i].kind, label(*i));
            let found = state.into_iter().flatten().find(|r| r.get("address").and_then(Value::as_str) == Some(address.as_str()));
            if let Some(found) = found {
                let part = |name: &str| found.get(name).cloned().unwrap_or(Value::Null);
                return (*i, Ok((part("values"), part("sensitive_values"))));
            }
            let own = errors.iter().find(|d| is_about(d, &address)).or(if which.len() == 1 { errors.first() } else { None });
            (*i, Err(own.map(|d| words(d).replace(&address, "it")).unwrap_or_default()))
        };
        Ok(which.iter().map(answer).collect())
    }

    /// The import block of a resource.
    fn import(&self, i: usize, place: &Resource) -> Block {
        let mut block = Block::new("import", &[]);
        block.set("to", Expr::Raw(format!("{}.{}", place.kind, label(i)))).set("id", place.id.as_str());
        let region = home_region(place, &self.home);
        if region != self.home {
            block.set("provider", Expr::Raw(format!("aws.{}", alias(&region))));
        }
        block
    }

    /// Plans the code of what is new, and learns until the plan is clean or nothing more can be done about it.
    fn prove(
        &self,
        snapshot: &Snapshot,
        memory: &mut Memory,
        keys: &BTreeSet<crate::estate::Key>,
        say: &dyn Fn(&str),
    ) -> Result<(), Error> {
        let _ = std::fs::remove_file(self.root().join("also.tf"));
        let mut tried = Tried::new();
        for round in 0..ROUNDS {
            let last = round + 1 == ROUNDS;
            let estate = estate(snapshot, memory);
            let lessons = memory.lessons();
            let selection = select::select(&estate, &lessons);
            let written: Vec<usize> = (0..memory.resources.len()).filter(|i| keys.contains(&memory.resources[*i].resource.key())).collect();
            let mut codes: BTreeMap<usize, Code> = BTreeMap::new();
            for i in &written {
                let key = memory.resources[*i].resource.key();
                let Some(index) = estate.resources().iter().position(|r| r.key() == key) else { continue };
                let place = self.root().join(format!("{}.tf", label(*i)));
                if !selection.written.contains(&index) {
                    // Left out meanwhile, or not ours to write.
                    let _ = std::fs::remove_file(&place);
                    continue;
                }
                let code = self.code(&estate, *i, index, &memory.resources[*i].lesson)?;
                files::write(&place, code.text.as_bytes())?;
                codes.insert(*i, code);
            }
            if codes.is_empty() {
                return Ok(());
            }
            say(&format!("also: plan of {} resource{}", codes.len(), if codes.len() == 1 { "" } else { "s" }));
            let (diagnostics, plan) = self.plan(&[])?;
            let mut round = Round { said: Vec::new(), unclear: Vec::new(), diagnostics: &diagnostics, last };
            for (i, code) in &codes {
                let known = &mut memory.resources[*i];
                round.treat(*i, code, &known.resource, &mut known.lesson, &mut tried, &plan);
            }
            round.strangers(&codes);
            for line in &round.said {
                say(&format!("also: {line}"));
            }
            if round.said.is_empty() {
                return match round.unclear.first() {
                    Some(unclear) => Err(Error::terraform(format!("`terraform plan` failed: {unclear}"))),
                    None => Ok(()),
                };
            }
        }
        Ok(())
    }

    /// The code of one resource in a file of its own, with ids in place of references: its plan is the same.
    fn code(&self, estate: &Estate, i: usize, index: usize, lesson: &Lesson) -> Result<Code, Error> {
        let resource = &estate.resources()[index];
        let mut body = body::build(estate, resource, &Register::new(Vec::new()), lesson);
        let region = home_region(resource, &self.home);
        body.provider = (region != self.home).then(|| alias(&region));
        // A refusal to destroy would hide what differs.
        body.protect = false;
        let mut unit = Unit { kind: resource.kind.clone(), name: label(i), members: vec![(index, None)], for_each: None, body };
        resolve_unit(&mut unit, &mut |_, _| Resolved::Literal(None));
        let mut scripts = BTreeMap::new();
        let block = layout::resource(&unit, &mut scripts);
        for (name, text) in scripts {
            files::write(&self.root().join("files").join(name), text.as_bytes())?;
        }
        let text = hcl::file(&hcl::blocks([Item::Block(self.import(i, resource)), Item::Block(block)]));
        Ok(Code { text, file: format!("{}.tf", label(i)), address: format!("{}.{}", resource.kind, label(i)), unit })
    }
}

/// The code of one resource.
struct Code {
    text: String,
    file: String,
    address: String,
    unit: Unit,
}

impl Code {
    /// The text of a top-level argument, or nothing.
    fn argument(&self, name: &str) -> Option<&Expr> {
        self.unit.body.arguments.iter().find_map(|item| match item {
            Item::Attribute { name: own, value, .. } if own == name => Some(value),
            _ => None,
        })
    }

    /// True when an argument or block of that name is written.
    fn has(&self, name: &str) -> bool {
        self.argument(name).is_some()
            || self.unit.body.blocks.iter().any(|b| b.kind == name)
            || (name == "tags" && self.unit.body.tags.is_some())
    }

    /// True when a document stands somewhere in an argument.
    fn has_document(&self, name: &str) -> bool {
        fn within(block: &Block) -> bool {
            block.body.iter().any(|item| match item {
                Item::Attribute { value, .. } => matches!(value, Expr::Call("jsonencode", _)),
                Item::Block(inner) => within(inner),
                _ => false,
            })
        }
        matches!(self.argument(name), Some(Expr::Call("jsonencode", _)))
            || self.unit.body.blocks.iter().any(|b| b.kind == name && within(b))
    }

    /// The path of the argument or block at a position of the text; true for an argument.
    fn path_at(&self, offset: usize) -> Option<(String, bool)> {
        fn walk(body: &Body, offset: usize, path: &mut Vec<String>) -> bool {
            for structure in body {
                match structure {
                    Structure::Attribute(a) if a.span().is_some_and(|s| s.contains(&offset)) => {
                        path.push(a.key.as_str().to_string());
                        return true;
                    }
                    Structure::Block(b) if b.span().is_some_and(|s| s.contains(&offset)) => {
                        path.push(b.ident.as_str().to_string());
                        return walk(&b.body, offset, path);
                    }
                    _ => {}
                }
            }
            false
        }
        let body: Body = self.text.parse().ok()?;
        let mut path = Vec::new();
        let attribute = walk(&body, offset, &mut path);
        // The first is the resource block itself.
        (path.len() > 1).then(|| (path[1..].join("."), attribute))
    }
}

/// What has been tried over several plans: address, argument, and what.
type Tried = BTreeSet<(String, String, Attempt)>;

/// Ways to bring the code and AWS together, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Attempt {
    /// The document is written as the text that it is.
    Plain,
    /// The argument is written with all that the provider reads.
    Keep,
    /// Only what differs inside the argument is ignored.
    IgnorePart,
}

/// What one plan says, and what is made of it.
struct Round<'a> {
    /// What was learnt, for people.
    said: Vec<String>,
    /// Errors that cannot be laid to a resource.
    unclear: Vec<String>,
    diagnostics: &'a [Value],
    last: bool,
}

impl Round<'_> {
    /// Learns about one resource; leaves it out when nothing helps.
    fn treat(&mut self, i: usize, code: &Code, resource: &Resource, lesson: &mut Lesson, tried: &mut Tried, plan: &Value) {
        let name = format!("{} {}", resource.kind, resource.label());
        let own: Vec<&Value> = self.diagnostics.iter().filter(|d| is_in(d, &code.file) || is_about(d, &code.address)).collect();
        let mut done = Vec::new();
        let mut hopeless = None;
        if own.is_empty() {
            match differences(code, lesson, tried, plan, &label(i)) {
                Ok(learnt) => done = learnt,
                Err(why) => hopeless = Some(why),
            }
        } else {
            done = refused(&own, code, resource, lesson);
            if done.is_empty() {
                hopeless = own.first().map(|d| words(d).replace(&code.address, "it"));
            }
        }
        if hopeless.is_none() && self.last && !done.is_empty() {
            hopeless = Some("its plan was not clean after many attempts".into());
        }
        if let Some(why) = hopeless {
            self.said.push(format!("{name}: left out: {why}"));
            lesson.left_out = Some(why);
            return;
        }
        self.said.extend(done.into_iter().map(|line| format!("{name}: {line}")));
    }

    /// Notes errors that name no resource of ours.
    fn strangers(&mut self, codes: &BTreeMap<usize, Code>) {
        let foreign = |d: &&Value| is_error(d) && !codes.values().any(|c| is_in(d, &c.file) || is_about(d, &c.address));
        self.unclear = self.diagnostics.iter().filter(foreign).map(words).collect();
    }
}

/// What the provider does not accept is not written. Empty when nothing can be left away.
fn refused(diagnostics: &[&Value], code: &Code, resource: &Resource, lesson: &mut Lesson) -> Vec<String> {
    let mut conflicts: BTreeMap<BTreeSet<String>, Vec<(_, String, String)>> = BTreeMap::new();
    let mut plain = Vec::new();
    for diagnostic in diagnostics {
        let offset = diagnostic.pointer("/range/start/byte").and_then(Value::as_u64).and_then(|b| usize::try_from(b).ok());
        let Some((path, true)) = offset.and_then(|o| code.path_at(o)) else { continue };
        let Some(rank) = may_go(&resource.kind, &path) else { continue };
        let text = words(diagnostic);
        let exclusive = ["onflict", "only one of", "cannot be specified", "one of `"].iter().any(|w| text.contains(w));
        if exclusive { conflicts.entry(pair(&path, &text)).or_default().push((rank, path, text)) } else { plain.push((rank, path, text)) }
    }
    // Of those that exclude each other one goes.
    for group in conflicts.into_values() {
        plain.extend(group.into_iter().min());
    }
    let mut said = BTreeSet::new();
    for (_, path, why) in plain {
        if lesson.omit.insert(path.clone()) {
            said.insert(format!("`{path}` is not written: {why}"));
        }
    }
    said.into_iter().collect()
}

/// The arguments that exclude each other; one set for all where the words do not tell.
fn pair(path: &str, text: &str) -> BTreeSet<String> {
    let Some((_, other)) = text.rsplit_once("conflicts with ") else { return BTreeSet::new() };
    let other = other.split(|c: char| c.is_whitespace() || c == ',').next().unwrap_or_default();
    let other: Vec<&str> = other.split('.').filter(|p| !p.bytes().all(|b| b.is_ascii_digit())).collect();
    BTreeSet::from([path.to_string(), other.join(".")])
}

/// How well an argument can be done without: `None` when it must be written.
fn may_go(kind: &str, path: &str) -> Option<(bool, usize)> {
    use crate::schema::provider::Found;
    match provider().resource(kind)?.find(path)? {
        Found::Attribute(attribute) if attribute.required => None,
        Found::Attribute(attribute) => Some((!attribute.computed, usize::MAX - path.matches('.').count())),
        Found::Block(_) | Found::Inner(_) => Some((true, 0)),
    }
}

/// What differs is written as the provider reads it, then ignored. An error tells why nothing helps.
fn differences(code: &Code, lesson: &mut Lesson, tried: &mut Tried, plan: &Value, label: &str) -> Result<Vec<String>, String> {
    let mine = changes(plan).find(|c| c.address == code.address);
    // Another resource's error stopped the plan before it came here.
    let Some(change) = mine else { return Ok(Vec::new()) };
    if !change.actions.iter().any(|a| a != "no-op" && a != "read") {
        return Ok(Vec::new());
    }
    let cases: Vec<(String, heal::Case)> = heal::cases(plan)
        .into_iter()
        .filter(|((kind, name, argument), _)| *kind == code.unit.kind && name == label && argument != "id")
        .map(|((_, _, argument), case)| (argument, case))
        .collect();
    if cases.is_empty() {
        return Err(format!("the plan says {} and names nothing that differs", change.actions.join(" and ")));
    }
    let ignored = |lesson: &Lesson, argument: &str| {
        lesson.ignore.contains_key(argument) || code.unit.body.ignore.iter().any(|(path, _)| path == argument)
    };
    let real = |case: &heal::Case| case.instances.first().map_or(&Value::Null, |(_, value)| value).clone();
    let unknown = |argument: &str| change.part("after_unknown").get(argument).is_some_and(has_true);
    let refused = |lesson: &Lesson, argument: &str| lesson.omit.iter().any(|o| o.split('.').next() == Some(argument));
    // What comes along with another difference goes with it: what differs for certain is treated first, then what a person would not
    // have written, defaults of the provider, and what AWS would choose anew.
    let rank = |lesson: &Lesson, argument: &str, case: &heal::Case| {
        let real = real(case);
        if code.has(argument) || refused(lesson, argument) {
            0
        } else if unknown(argument) {
            3
        } else if is_empty(&real) {
            2
        } else {
            usize::from(says_nothing(&real))
        }
    };
    let open: Vec<&(String, heal::Case)> = cases.iter().filter(|(argument, _)| !ignored(lesson, argument)).collect();
    let first = open.iter().map(|(argument, case)| rank(lesson, argument, case)).min();
    let mut said = Vec::new();
    for (argument, case) in open {
        if Some(rank(lesson, argument, case)) != first {
            continue;
        }
        let only_in_provider = !code.has(argument) && is_empty(&real(case));
        let mut first_time = |attempt| tried.insert((code.address.clone(), argument.clone(), attempt));
        let why = if only_in_provider {
            "exists only in the provider: import reads nothing and the plan shows a default; may go after the first apply"
        } else if case.sensitive {
            "sensitive: its value does not belong here"
        } else if refused(lesson, argument) {
            "the provider reads a value here that it does not accept"
        } else if code.has_document(argument) && first_time(Attempt::Plain) {
            lesson.plain.insert(argument.clone());
            said.push(format!("`{argument}` stays the text that AWS has"));
            continue;
        } else if first_time(Attempt::Keep) {
            lesson.keep.insert(argument.clone());
            said.push(format!("`{argument}` is written as the provider reads it"));
            continue;
        } else {
            "the plan differs whatever is written here"
        };
        lesson.keep.remove(argument);
        // Inside a block perhaps only a part need be ignored.
        let parts =
            if only_in_provider || case.sensitive || !first_time(Attempt::IgnorePart) { Vec::new() } else { parts(&change, argument) };
        let paths = if parts.is_empty() { vec![argument.clone()] } else { parts };
        lesson.ignore.retain(|path, _| paths.contains(path) || !path.starts_with(&format!("{argument}[")));
        for path in paths {
            said.push(format!("`{path}` is ignored: {why}"));
            lesson.ignore.insert(path, why.into());
        }
    }
    if said.is_empty() {
        let names: Vec<String> = cases.iter().map(|(argument, _)| format!("`{argument}`")).collect();
        return Err(format!("the plan would change {} even where it is ignored", names.join(", ")));
    }
    Ok(said)
}

/// The few places inside a block that differ, as `ignore_changes` names them; none where the block as a whole has to be named.
fn parts(change: &Change, argument: &str) -> Vec<String> {
    let inside = format!("{argument}.");
    // The old SDK takes "empty" and "not set" for the same.
    let same = |a: &AttributeDifference| a.after.is_null() && (says_nothing(&a.before) || is_empty(&a.before));
    let places = change.attributes().into_iter().filter(|a| (a.path == argument || a.path.starts_with(&inside)) && !same(a));
    let mut paths: Vec<String> = places.map(|a| body::ignorable(&change.kind, &format!("config.{}", a.path))).collect();
    paths.sort();
    paths.dedup();
    let known = provider().resource(&change.kind).and_then(|b| b.blocks.get(argument)).is_some();
    if !known || paths.len() > 6 || paths.iter().any(|p| !p.starts_with(&format!("{argument}["))) { Vec::new() } else { paths }
}

/// True for nothing, and for a collection with nothing in it.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

/// True for what a person would not have written: nothing, no, zero.
fn says_nothing(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Bool(yes) => !yes,
        Value::Number(n) => n.as_f64() == Some(0.0),
        _ => false,
    }
}

/// Name of a resource in the scratch code.
fn label(i: usize) -> String {
    format!("also_{i}")
}

fn alias(region: &str) -> String {
    region.replace('-', "_")
}

fn text<'a>(diagnostic: &'a Value, name: &str) -> &'a str {
    diagnostic.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn is_error(diagnostic: &Value) -> bool {
    text(diagnostic, "severity") == "error"
}

/// True when a complaint names the resource, as its own or within its text.
fn is_about(diagnostic: &Value, address: &str) -> bool {
    text(diagnostic, "address") == address || text(diagnostic, "detail").contains(&format!("\"{address}\""))
}

fn is_in(diagnostic: &Value, file: &str) -> bool {
    diagnostic.pointer("/range/filename").and_then(Value::as_str) == Some(file)
}

fn is_about_provider(diagnostic: &Value) -> bool {
    is_error(diagnostic) && (text(diagnostic, "address").starts_with("provider[") || is_in(diagnostic, "providers.tf"))
}

/// A complaint as one line, without anything that looks like a credential.
fn words(diagnostic: &Value) -> String {
    let mut all = String::from(text(diagnostic, "summary").trim());
    let detail =
        text(diagnostic, "detail").split("\n\n").find(|p| !p.trim().is_empty() && !p.starts_with("Please see")).unwrap_or_default();
    if !detail.is_empty() && !all.contains(detail.trim()) {
        all.push_str(": ");
        all.push_str(detail.trim());
    }
    let line: String = all.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(|c| !c.is_control()).take(240).collect();
    secrets::redact_text(&line)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn where_a_resource_is() {
        let mut snapshot = Snapshot::default();
        for (region, id) in [("eu-west-3", "a"), ("eu-west-3", "b"), ("us-east-1", "c"), ("us-east-1", "a")] {
            snapshot.resources.push(Resource::new("aws_sns_topic", "1", region, id));
        }
        snapshot.resources.push(Resource::new("aws_iam_role", "1", GLOBAL, "r"));
        let place = |text: &str| region_of(&snapshot, &super::super::parse(text, "-").unwrap());
        assert_eq!(place("aws_glue_job=x"), "eu-west-3", "the two have as many; the first by name");
        assert_eq!(place("aws_glue_job@ap-south-1=x"), "ap-south-1");
        assert_eq!(place("aws_sns_topic=c"), "us-east-1");
        assert_eq!(place("aws_kinesis_firehose_delivery_stream=arn:aws:firehose:eu-central-1:1:deliverystream/x"), "eu-central-1");
        assert_eq!(place("aws_iam_role=new"), GLOBAL);
        assert_eq!(place("aws_route53_resolver_rule=rslvr-rr-1"), "eu-west-3");
    }

    fn code(text: &str, body: body::Body) -> Code {
        let unit = Unit { kind: "aws_glue_job".into(), name: "also_0".into(), members: Vec::new(), for_each: None, body };
        Code { text: text.into(), file: "also_0.tf".into(), address: "aws_glue_job.also_0".into(), unit }
    }

    const TEXT: &str = "resource \"aws_glue_job\" \"also_0\" {\n  max_capacity = 2\n  number_of_workers = 2\n\n  execution_property {\n    max_concurrent_runs = 0\n  }\n}\n";

    fn complaint(at: &str, summary: &str) -> Value {
        json!({"severity": "error", "summary": summary, "detail": "", "range": {"filename": "also_0.tf", "start": {"byte": TEXT.find(at).unwrap()}}})
    }

    #[test]
    fn what_is_refused_is_not_written_and_of_a_conflict_one_goes() {
        let code = code(TEXT, body::Body::default());
        let resource = Resource::new("aws_glue_job", "1", "eu-west-3", "nightly");
        let mut lesson = Lesson::default();
        let both = [
            complaint("max_capacity", "\"max_capacity\": conflicts with number_of_workers"),
            complaint("number_of_workers", "\"number_of_workers\": conflicts with max_capacity"),
        ];
        let said = refused(&both.iter().collect::<Vec<_>>(), &code, &resource, &mut lesson);
        assert_eq!((said.len(), lesson.omit.len()), (1, 1));
        assert!(lesson.omit.contains("max_capacity"), "AWS fills it by itself: {lesson:?}");
        let range = complaint("max_concurrent_runs", "expected max_concurrent_runs to be at least (1), got 0");
        let said = refused(&[&range], &code, &resource, &mut lesson);
        assert!(said[0].starts_with("`execution_property.max_concurrent_runs` is not written"), "{said:?}");
        let whole = complaint("resource", "role_arn is missing");
        assert!(refused(&[&whole], &code, &resource, &mut lesson).is_empty(), "nothing to leave away");
    }

    fn plan(before: Value, after: Value) -> Value {
        json!({"resource_changes": [{"address": "aws_glue_job.also_0", "mode": "managed", "type": "aws_glue_job", "name": "also_0",
               "change": {"actions": ["update"], "before": before, "after": after, "after_unknown": {}}}]})
    }

    #[test]
    fn what_differs_is_kept_then_ignored_then_given_up() {
        let mut body = body::Body::default();
        body.arguments.push(Item::Attribute { name: "timeout".into(), value: Expr::Raw("5".into()), note: None });
        let code = code(TEXT, body);
        let mut lesson = Lesson::default();
        let differs = plan(json!({"timeout": 7, "description": null}), json!({"timeout": 5, "description": "x"}));
        let mut tried = Tried::new();
        let mut differences = |lesson: &mut Lesson, plan: &Value| super::differences(&code, lesson, &mut tried, plan, "also_0");
        let said = differences(&mut lesson, &differs).unwrap();
        assert_eq!(said, ["`timeout` is written as the provider reads it"], "a default comes along with the change");
        let said = differences(&mut lesson, &differs).unwrap();
        assert_eq!(said, ["`timeout` is ignored: the plan differs whatever is written here"]);
        let said = differences(&mut lesson, &differs).unwrap();
        assert!(said[0].starts_with("`description` is ignored: exists only in the provider"), "{said:?}");
        let why = differences(&mut lesson, &differs).unwrap_err();
        assert!(why.contains("`timeout`") && why.contains("even where it is ignored"), "{why}");
        assert_eq!(differences(&mut lesson, &json!({})), Ok(Vec::new()));
    }

    #[test]
    fn inside_a_block_only_what_differs_is_ignored() {
        let block = |runs: u32| json!({"execution_property": [{"max_concurrent_runs": runs}]});
        let differs = plan(block(1), block(2));
        let mut body = body::Body::default();
        body.blocks.push(Block::new("execution_property", &[]));
        let code = code(TEXT, body);
        let (mut lesson, mut tried) = (Lesson::default(), Tried::new());
        let mut step = || super::differences(&code, &mut lesson, &mut tried, &differs, "also_0").unwrap().remove(0);
        assert_eq!(step(), "`execution_property` is written as the provider reads it");
        assert_eq!(step(), "`execution_property[0].max_concurrent_runs` is ignored: the plan differs whatever is written here");
        assert_eq!(step(), "`execution_property` is ignored: the plan differs whatever is written here");
        assert_eq!(lesson.ignore.len(), 1, "{lesson:?}");
    }

    #[test]
    fn what_terraform_says_holds_no_credential_and_fits_a_line() {
        let said = words(&json!({"summary": "failed", "detail": "authorization: bearer abcdefghijklmnop1234\nmore\n\nand more"}));
        assert!(said.starts_with("failed: ") && !said.contains("abcdefghijklmnop1234") && !said.contains('\n'), "{said}");
    }
}
