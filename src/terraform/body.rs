//! From a resource's configuration to the arguments a person would write: computed ones, defaults and what AWS chooses by itself are
//! dropped, references take the place of ids, secrets stay where they are.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use serde_json::Value;

use super::also::Lesson;
use super::hcl::{Block, Element, Entry, Expr, Item, Link, Part};
use super::healed::Register;
use super::select;
use crate::estate::resource::REDACTED;
use crate::estate::{Attrs, Estate, OwnershipClass, Reference, Resource, Target};
use crate::schema::overlay::{self, Exact, Kept, Overlay, Script, overlay};
use crate::schema::{self, Attribute, Type, provider};

/// What stands for a value that must not be in code.
const SECRET: &str = "kept outside of the code";

/// How an ECS service names the revision it runs: two attributes of the task definition, with a colon between.
const REVISION: &str = "family_revision";

/// Arguments that say what a thing is, in the order in which a person writes them. All others follow by name.
#[rustfmt::skip]
const FIRST: &[&str] = &[
    "bucket", "identifier", "cluster_identifier", "function_name", "domain_name", "name", "alarm_name", "ami", "image_id",
    "instance_type", "key_name", "account_alias", "configuration_set_name", "event_destination_name", "email_identity", "dashboard_name",
    "policy_name", "path", "description", "alarm_description", "comment", "enabled", "type", "role", "user", "group", "groups",
    "policy_arn", "security_group_id", "route_table_id", "vpc_id", "cidr_block", "availability_zone", "subnet_id", "subnet_ids",
    "iam_instance_profile", "engine", "engine_version", "family", "instance_class", "allocated_storage", "cidr_ipv4", "cidr_ipv6",
    "referenced_security_group_id", "ip_protocol", "load_balancer_arn", "listener_arn", "port", "protocol", "from_port", "to_port",
    "priority", "namespace", "metric_name", "statistic", "comparison_operator", "threshold", "period", "evaluation_periods",
];

/// A written resource before it has a name.
#[derive(Debug, Clone, Default)]
pub struct Body {
    /// Arguments, in order.
    pub arguments: Vec<Item>,
    /// Nested blocks, in order.
    pub blocks: Vec<Block>,
    /// `tags`, last of the arguments.
    pub tags: Option<Expr>,
    /// `lifecycle.ignore_changes`: path and reason.
    pub ignore: Vec<(String, String)>,
    /// `lifecycle.prevent_destroy`
    pub protect: bool,
    /// Provider alias, where it is not the main region.
    pub provider: Option<String>,
    /// Files that the arguments name: path within `files/` (without its name, which comes later) and text.
    pub files: Vec<File>,
    /// Ids that stay because what they name is not in the snapshot.
    pub outside: usize,
    /// What a reader ought to know, for the lists of README.
    pub notes: Vec<String>,
}

/// Text that an argument takes from a file of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// Argument that reads it.
    pub argument: String,
    /// Ending with the dot.
    pub extension: &'static str,
    /// Its text.
    pub text: String,
    /// Read as base64.
    pub base64: bool,
}

/// Builds the body of a resource, as it was read and healed; `lesson` is what a plan taught about this very one.
pub fn build(estate: &Estate, resource: &Resource, healed: &Register, lesson: &Lesson) -> Body {
    let mut body = Body::default();
    let Some(schema) = provider().resource(&resource.kind) else { return body };
    let known = overlay(&resource.kind);
    let mut config = resource.config.clone();
    let mut tags = resource.tags.clone();
    let mut must = BTreeSet::new();
    let mut nothing = BTreeSet::new();
    for entry in healed.of(resource, &estate.snapshot().meta.taken_at) {
        if entry.ignore {
            body.ignore.push((entry.argument.clone(), format!("{} (healed {})", entry.reason, entry.date)));
            continue;
        }
        if entry.argument == "tags" {
            let pairs = entry.value.as_object().into_iter().flatten();
            tags = pairs.filter_map(|(k, v)| Some((k.clone(), v.as_str()?.to_string()))).collect();
            continue;
        }
        config.insert(entry.argument.clone(), entry.value.clone());
        if entry.value.is_null() {
            nothing.insert(entry.argument.clone());
        } else {
            must.extend(entry.paths());
        }
    }
    let mut references: BTreeMap<&str, Vec<&Reference>> = BTreeMap::new();
    for reference in estate.references(resource) {
        references.entry(&reference.path).or_default().push(reference);
    }
    let mut builder = Builder { estate, resource, config, tags, must, known, lesson, references, body: &mut body };
    builder.top(schema);
    body.arguments.retain(|item| !matches!(item, Item::Attribute { name, .. } if nothing.contains(name)));
    body.protect = known.kept.protect;
    body
}

struct Builder<'a> {
    estate: &'a Estate,
    resource: &'a Resource,
    /// Arguments as they are written: those that were read, and over them what was healed.
    config: Attrs,
    tags: BTreeMap<String, String>,
    /// Paths that a proof found wanting in the code: written whatever they are.
    must: BTreeSet<String>,
    known: Overlay,
    lesson: &'a Lesson,
    references: BTreeMap<&'a str, Vec<&'a Reference>>,
    body: &'a mut Body,
}

/// The arguments and nested blocks of one level.
#[derive(Default)]
struct Level {
    arguments: Vec<(String, Expr, Option<String>)>,
    blocks: Vec<Block>,
}

impl<'a> Builder<'a> {
    fn top(&mut self, schema: &schema::Block) {
        let mut object: serde_json::Map<String, Value> = self.config.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
        if self.resource.kind == "aws_s3_bucket_lifecycle_configuration" {
            self.filters(&mut object);
        }
        let mut level = self.level(schema, &object, "", "config");
        self.derived(schema, &mut level);
        self.settle_conflicts(schema, &mut level);
        order(schema, &mut level.arguments);
        for (name, value, note) in level.arguments {
            self.body.arguments.push(Item::Attribute { name, value, note });
        }
        self.body.blocks = level.blocks;
        if self.resource.kind == "aws_lb_listener" {
            let form = self.resource.str("facts.forward_form");
            self.body.blocks.iter_mut().for_each(|action| forms_of_forward(action, form));
        }
        if schema.attributes.get("tags").is_some_and(Attribute::is_settable) && !self.tags.is_empty() {
            let mut entries = Vec::new();
            let has_empty = self.tags.values().any(String::is_empty);
            for (key, value) in &self.tags {
                let secret = value.contains(REDACTED);
                if secret {
                    let why = "a secret: rotate it, then delete the tag and these lines";
                    let quoted = super::hcl::quote(key);
                    // Where any tag is empty and another one changes, the provider does not say what all tags will be.
                    let all = if has_empty { "tags_all".into() } else { format!("tags_all[{quoted}]") };
                    self.body.ignore.extend([(format!("tags[{quoted}]"), why.into()), (all, why.into())]);
                }
                let value = if secret { SECRET.into() } else { Expr::Text(value.clone()) };
                entries.push(Entry { key: key.clone(), value, note: None });
            }
            self.body.tags = Some(Expr::Map(entries));
        }
        let written: BTreeSet<String> = self.written();
        for (path, why) in &self.known.kept.ignore {
            let top = path.split('.').next().unwrap_or(path);
            let needs_value = self.known.kept.placeholder.contains_key(top);
            if !needs_value || written.contains(top) {
                self.body.ignore.push((path.clone(), why.clone()));
            }
        }
        let held = self.known.kept.ignore_written.iter().filter(|(path, _)| written.contains(path.as_str()));
        self.body.ignore.extend(held.map(|(path, why)| (path.clone(), why.clone())));
        let nothing = &Value::Null;
        for (path, unseen) in &self.known.kept.ignore_when {
            if unseen.when.iter().all(|(name, values)| values.contains(self.config.get(name).unwrap_or(nothing))) {
                self.body.ignore.push((path.clone(), unseen.why.clone()));
            }
        }
        self.set_by_scaling();
        self.unread(schema, &written);
        self.body.ignore.extend(self.lesson.ignore.iter().map(|(path, why)| (path.clone(), why.clone())));
        self.body.ignore.sort();
        self.body.ignore.dedup_by(|a, b| a.0 == b.0);
    }

    /// A number of tasks that autoscaling sets is not for code to set back.
    fn set_by_scaling(&mut self) {
        let scaled = || self.estate.referrers(self.resource).iter().any(|(r, _)| r.kind == "aws_appautoscaling_target");
        if self.resource.kind == "aws_ecs_service" && scaled() {
            self.body.ignore.push(("desired_count".into(), "autoscaling sets it".into()));
        }
    }

    /// Lifecycle rules without a filter: made before there were filters, or in the console for all objects. The provider wants one, so
    /// it is written as it means the same, and the first plan leaves the rule as it is.
    fn filters(&mut self, config: &mut serde_json::Map<String, Value>) {
        let rules = config.get_mut("rule").and_then(Value::as_array_mut);
        for (i, rule) in rules.into_iter().flatten().enumerate() {
            let Some(fields) = rule.as_object_mut().filter(|f| !f.get("filter").is_some_and(says_something)) else { continue };
            let prefix = fields.get("prefix").and_then(Value::as_str).filter(|p| !p.is_empty());
            let why = match prefix {
                Some(_) => "the rule has its prefix in the old form; AWS gets the filter with the next change once this line is gone",
                None => "import reads no filter where a rule is for all objects",
            };
            self.body.ignore.push((format!("rule[{i}].filter"), why.into()));
            fields.insert("filter".into(), serde_json::json!([{ "prefix": prefix }]));
        }
    }

    /// What could not be read must not be planned away.
    fn unread(&mut self, schema: &schema::Block, written: &BTreeSet<String>) {
        for (path, cause) in &self.resource.unread {
            let Some(name) = path.strip_prefix("config.").map(|p| p.split('.').next().unwrap_or(p)) else {
                if path == "tags" && schema.attributes.get("tags").is_some_and(Attribute::is_settable) {
                    for name in ["tags", "tags_all"] {
                        self.body.ignore.push((name.into(), format!("not read ({cause})")));
                    }
                }
                continue;
            };
            let plain = schema.attributes.get(name).is_some_and(|a| a.is_settable() && !a.computed)
                || self.known.kept.script.contains_key(name)
                || (schema.blocks.contains_key(name) && !self.known.is_computed_block(name));
            if self.known.kept.script.contains_key(name) {
                self.ignore_switch();
            }
            if plain && !written.contains(name) && !self.known.kept.omit.iter().any(|o| o == name) {
                self.body.ignore.push((name.into(), format!("not read ({cause})")));
            }
        }
    }

    /// The switch beside an instance's script has a default that shows up as soon as anything about the script is planned.
    fn ignore_switch(&mut self) {
        if self.resource.kind == "aws_instance" {
            self.body.ignore.push(("user_data_replace_on_change".into(), "goes with user_data".into()));
        }
    }

    fn written(&self) -> BTreeSet<String> {
        let names = self.body.arguments.iter().filter_map(|i| match i {
            Item::Attribute { name, .. } => Some(name.clone()),
            _ => None,
        });
        names.chain(self.body.blocks.iter().map(|b| b.kind.clone())).collect()
    }

    /// Arguments that do not come from the configuration: placeholders, safe values, ids of what the thing belongs to.
    fn derived(&mut self, schema: &schema::Block, level: &mut Level) {
        let has = |level: &Level, name: &str| level.arguments.iter().any(|(n, _, _)| n == name);
        for (name, placeholder) in self.known.kept.placeholder.iter().filter(|(path, _)| !path.contains('.')) {
            let meant = self.has_meaning(name, |sibling| self.config.get(sibling));
            if meant && !has(level, name) {
                level.arguments.push((name.clone(), Expr::Text(placeholder.value.clone()), None));
                self.body.ignore.push((name.clone(), placeholder.why.clone()));
            }
        }
        for (name, value) in &self.known.kept.write {
            if !schema.attributes.contains_key(name) {
                continue;
            }
            let value = match value.as_str() {
                Some(text) => Expr::Text(self.fill(text)),
                None => Expr::literal(value),
            };
            level.arguments.push((name.clone(), value, None));
        }
        for name in ["default_route_table_id", "default_network_acl_id"] {
            if !select::is_derived(&self.resource.kind, name) {
                continue;
            }
            level.arguments.retain(|(n, _, _)| n != name);
            let own = self.resource.str("facts.route_table_id").unwrap_or(&self.resource.id);
            let value = self.resource.str(&format!("config.{name}")).unwrap_or(own).to_string();
            let value = match select::vpc_of(self.estate, self.resource) {
                Some(to) => Expr::Link(Link { to, attribute: name.into(), value }),
                None => Expr::Text(value),
            };
            level.arguments.push((name.into(), value, None));
        }
    }

    /// What a nested block must say and AWS does not tell, and what the provider shows its default for.
    fn stand_ins(&mut self, schema: &schema::Block, fields: &serde_json::Map<String, Value>, path: &str, place: &str, level: &mut Level) {
        for (name, attribute) in &schema.attributes {
            if !fields.get(name).unwrap_or(&Value::Null).is_null() {
                continue;
            }
            let full = format!("{path}.{name}");
            if let Some(why) = self.known.kept.ignore_absent.get(&full) {
                self.body.ignore.push((ignorable(&self.resource.kind, &format!("{place}.{name}")), why.clone()));
            }
            if !attribute.required {
                continue;
            }
            if let Some((value, why)) = stand_in(self.known.kept, &full, attribute) {
                self.body.ignore.push((ignorable(&self.resource.kind, &format!("{place}.{name}")), why));
                level.arguments.push((name.clone(), Expr::Text(value), None));
            }
        }
    }

    /// `{x}` in a text is the value of argument x.
    fn fill(&self, text: &str) -> String {
        let mut out = text.to_string();
        for (name, value) in &self.resource.config {
            if let Some(value) = value.as_str() {
                out = out.replace(&format!("{{{name}}}"), value);
            }
        }
        out
    }

    fn level(&mut self, schema: &schema::Block, values: &serde_json::Map<String, Value>, prefix: &str, at: &str) -> Level {
        let mut level = Level::default();
        for (name, value) in values {
            let path = format!("{prefix}{name}");
            let place = format!("{at}.{name}");
            if value.is_null() || (prefix.is_empty() && matches!(name.as_str(), "id" | "tags" | "tags_all" | "timeouts")) {
                continue;
            }
            if self.is_omitted(&path, value, values) {
                continue;
            }
            if let Some(attribute) = schema.attributes.get(name) {
                if as_blocks(&attribute.ty) && !self.known.derived.framework && attribute.is_settable() {
                    self.object_blocks(name, value, &path, &place, &mut level);
                } else {
                    self.attribute(name, attribute, value, &path, &place, &mut level);
                }
            } else if let Some(nested) = schema.blocks.get(name) {
                if nested.deprecated && nested.min_items == 0 {
                    continue;
                }
                let items: Vec<&Value> = match value {
                    Value::Array(items) => items.iter().collect(),
                    single => vec![single],
                };
                let mut blocks = Vec::new();
                for (i, item) in items.iter().enumerate() {
                    let Some(fields) = item.as_object() else { continue };
                    let place = if value.is_array() { format!("{place}.{i}") } else { place.clone() };
                    if self.is_block_omitted(&path, fields) {
                        continue;
                    }
                    let mut inner = self.level(&nested.block, fields, &format!("{path}."), &place);
                    self.stand_ins(&nested.block, fields, &path, &place, &mut inner);
                    order(&nested.block, &mut inner.arguments);
                    let empty = inner.arguments.is_empty() && inner.blocks.is_empty() && !self.lesson.keeps(&path);
                    // Without what it must have, a block would be refused.
                    let needs = || nested.block.attributes.values().any(|a| a.required);
                    let may_go = || self.known.is_computed_block(&path) || self.known.kept.drop_empty.contains(&path) || needs();
                    if empty && nested.min_items == 0 && may_go() {
                        continue;
                    }
                    blocks.push((sort_key(self.known.kept.sort.get(&path), fields), to_block(name, inner)));
                }
                if self.known.kept.sort.contains_key(&path) {
                    blocks.sort_by(|a, b| a.0.cmp(&b.0));
                }
                level.blocks.extend(blocks.into_iter().map(|(_, b)| b));
            }
        }
        level.blocks.sort_by(|a, b| a.kind.cmp(&b.kind));
        level
    }

    fn is_omitted(&self, path: &str, value: &Value, siblings: &serde_json::Map<String, Value>) -> bool {
        if self.lesson.omits(path) {
            return true;
        }
        if self.lesson.keeps(path) {
            return false;
        }
        let kept = self.known.kept;
        if self.must.contains(path) {
            return false;
        }
        if kept.omit.iter().any(|p| p == path) {
            return true;
        }
        let said = kept.unless.get(path).is_some_and(|conditions| {
            conditions.iter().any(|(name, values)| siblings.get(name).is_some_and(|value| values.contains(value)))
        });
        if let Some(pattern) = kept.omit_when.get(path).filter(|_| !said) {
            let sibling = pattern.as_str().and_then(|p| p.strip_prefix('{')?.strip_suffix('}'));
            let equal = match sibling {
                Some("@account") => value.as_str() == Some(self.resource.account.as_str()),
                Some("@region") => value.as_str() == Some(self.resource.region.as_str()),
                // Also a list of nothing but that value.
                Some(name) => siblings.get(name).is_some_and(|other| value == other || *value == Value::Array(vec![other.clone()])),
                None => overlay::matches(pattern, value),
            };
            if equal {
                return true;
            }
        }
        let parent = path.rsplit_once('.').map_or("", |(p, _)| p);
        for (with, gone) in &kept.omit_with {
            let same_level = with.rsplit_once('.').map_or("", |(p, _)| p) == parent;
            let name = with.rsplit('.').next().unwrap_or(with);
            if same_level && gone.iter().any(|g| g == path) && siblings.get(name).is_some_and(says_something) {
                return true;
            }
        }
        !self.has_meaning(path, |sibling| siblings.get(sibling))
    }

    /// Whether what stands beside an argument lets it mean anything.
    fn has_meaning<'v>(&self, path: &str, sibling: impl Fn(&str) -> Option<&'v Value>) -> bool {
        let conditions = self.known.kept.only_with.get(path);
        conditions.into_iter().flatten().all(|(name, allowed)| allowed.contains(sibling(name).unwrap_or(&Value::Null)))
    }

    fn is_block_omitted(&self, path: &str, fields: &serde_json::Map<String, Value>) -> bool {
        // The provider reads it of burstable types only; a template may have it whatever its type.
        if path == "credit_specification" && self.config.get("instance_type").and_then(Value::as_str).is_some_and(|t| !is_burstable(t)) {
            return true;
        }
        !self.must.contains(path)
            && self.known.kept.omit_block_when.get(path).is_some_and(|conditions| {
                conditions.iter().all(|(name, pattern)| overlay::matches(pattern, fields.get(name).unwrap_or(&Value::Null)))
            })
    }

    fn attribute(&mut self, name: &str, attribute: &Attribute, value: &Value, path: &str, place: &str, level: &mut Level) {
        // Import fills `user_data` whatever it is, and the provider decodes what stands there before it compares.
        let name = if name == "user_data_base64" { "user_data" } else { name };
        if !attribute.is_settable() || attribute.write_only || (attribute.deprecated && !attribute.required) {
            return;
        }
        if let Some(limit) = self.known.kept.limit.get(path)
            && value.as_f64().is_some_and(|v| v > limit.most)
        {
            self.body.ignore.push((ignore_path(place), format!("AWS has {value}: {}", limit.why)));
            return;
        }
        if !attribute.required && value.as_str().is_some_and(is_impossible_arn) {
            self.body.ignore.push((ignorable(&self.resource.kind, place), format!("the provider refuses what AWS has: {value}")));
            return;
        }
        let taught = self.lesson.keeps(path) && !self.says_nothing(value, path);
        let keep = attribute.required || self.must.contains(path) || self.known.kept.keep.iter().any(|k| k == path) || taught;
        if !keep && self.is_default(attribute, value, path) {
            return;
        }
        if contains_secret(value) {
            self.secret(name, attribute, value, path, place, level);
            return;
        }
        let long_text = || self.is_document_as_it_is(value, path).then_some(&Script::Text);
        let hashed = name == "user_data" && self.known.kept.script.contains_key("user_data_base64");
        if hashed && value.as_str().is_some_and(|text| written_length(path, text) > USER_DATA_MOST) {
            self.body.ignore.push((name.into(), "longer than what the provider accepts once it is encoded".into()));
            self.ignore_switch();
            return;
        }
        if let Some(script) = self.known.kept.script.get(path).or_else(long_text)
            && let Some(text) = value.as_str()
            && let Some(file) = script_file(name, text, *script)
        {
            let function = if file.base64 { "filebase64" } else { "file" };
            level.arguments.push((name.into(), Expr::Raw(format!("{function}(\"${{path.module}}/files/{{{name}}}\")")), None));
            self.body.files.push(file);
            return;
        }
        if !keep && attribute.computed && (self.is_kept_by_aws(place) || self.is_assigned(name, value)) {
            return;
        }
        let mut value = coerce(&attribute.ty, value);
        if let Some(prefix) = self.known.kept.prefix.get(path)
            && let Some(text) = value.as_str().filter(|t| !t.starts_with(prefix))
        {
            value = Value::String(format!("{prefix}{text}"));
        }
        let json = self.known.kept.json.iter().any(|j| j == path) || overlay::is_unknown(&self.resource.kind);
        if json
            && !self.lesson.is_plain(path)
            && let Some(text) = value.as_str()
            && let Ok(document) = serde_json::from_str::<Value>(text)
            && (document.is_object() || document.is_array())
        {
            let exact = self.known.kept.exact.get(path).filter(|_| encoded(&document).as_deref() != Some(text));
            if exact == Some(&Exact::Text) {
                let (value, note) = self.text(text, place);
                level.arguments.push((name.into(), value, note));
                return;
            }
            if exact.is_some() {
                let why = "AWS holds it with blanks that the provider takes out; delete this line and apply once";
                self.body.ignore.push((ignore_path(place), why.into()));
            }
            let document = self.document(&document, place);
            level.arguments.push((name.into(), Expr::Call("jsonencode", vec![document]), None));
            return;
        }
        let (value, note) = self.expr(&value, place);
        let binary = self.known.kept.script.get(path) == Some(&Script::Base64);
        let note = note.or_else(|| binary.then(|| "not text, so it stays encoded".into()));
        level.arguments.push((name.into(), value, note));
    }

    /// True when the value is something that AWS itself keeps (its own key for a service): it chooses that again.
    fn is_kept_by_aws(&self, place: &str) -> bool {
        self.references.get(place).is_some_and(|list| {
            list.iter().all(|r| match &r.target {
                Target::Inside { index, .. } => self.estate.resources()[*index].ownership.class == OwnershipClass::AwsManaged,
                Target::Outside { kind, .. } => kind.starts_with("aws_kms") && (r.value.contains("alias/aws/") || !names_a_key(&r.value)),
            })
        })
    }

    /// True for several lines of text that must stay the very same: of a type that nobody described, an argument of its own.
    fn is_document_as_it_is(&self, value: &Value, path: &str) -> bool {
        let lines = |text: &str| text.contains('\n') && text.len() > 80;
        overlay::is_unknown(&self.resource.kind)
            && !path.contains('.')
            && value.as_str().is_some_and(|text| lines(text) && (self.lesson.is_plain(path) || !is_document(text)))
    }

    /// True for the identity that AWS gives to a thing and that some types of the provider let code write.
    fn is_assigned(&self, name: &str, value: &Value) -> bool {
        overlay::is_unknown(&self.resource.kind)
            && value.as_str().is_some_and(|text| {
                matches!(name, "arn" | "version_id" | "destination_id")
                    || Some(text) == self.resource.arn.as_deref()
                    || text == self.resource.account
            })
    }

    /// True for an empty text or list, which the old SDK cannot tell from one that is not set.
    fn says_nothing(&self, value: &Value, path: &str) -> bool {
        let empty = match value {
            Value::String(text) => text.is_empty(),
            Value::Array(items) => items.is_empty(),
            Value::Object(fields) => fields.is_empty(),
            _ => false,
        };
        empty && !self.known.derived.framework && self.known.default_of(path).is_none()
    }

    /// Whether leaving the argument out gives the same plan.
    fn is_default(&self, attribute: &Attribute, value: &Value, path: &str) -> bool {
        let default = self.known.default_of(path);
        if default.is_some_and(|d| same(d, value)) {
            return true;
        }
        let nothing = match value {
            Value::String(s) => s.is_empty(),
            Value::Array(a) => a.is_empty(),
            Value::Object(o) => o.is_empty(),
            Value::Bool(b) => !b,
            Value::Number(n) => n.as_f64() == Some(0.0),
            Value::Null => true,
        };
        if !nothing {
            return false;
        }
        // The old SDK cannot tell the zero value from "not set"; the framework can, unless AWS fills it.
        let blank = default.is_none_or(|d| matches!(d, Value::String(s) if s.is_empty()));
        match value {
            Value::Array(_) | Value::Object(_) => true,
            _ if self.known.derived.framework && !attribute.computed => false,
            _ => blank,
        }
    }

    fn secret(&mut self, name: &str, attribute: &Attribute, value: &Value, path: &str, place: &str, level: &mut Level) {
        let why = "a secret: it is not written here; move it to Secrets Manager, then delete this line";
        let top_level = !path.contains('.');
        if (self.known.kept.json.iter().any(|j| j == path) || overlay::is_unknown(&self.resource.kind))
            && let Some(document) =
                value.as_str().filter(|text| is_document(text)).and_then(|text| serde_json::from_str::<Value>(text).ok())
        {
            self.body.ignore.push((ignorable(&self.resource.kind, place), why.into()));
            level.arguments.push((name.into(), Expr::Call("jsonencode", vec![self.document(&document, place)]), None));
            return;
        }
        if let (Type::Map(_), Some(fields)) = (&attribute.ty, value.as_object()) {
            let mut entries = Vec::new();
            for (key, value) in fields {
                let (value, note) = if contains_secret(value) {
                    self.body.ignore.push((format!("{}[{}]", ignore_path(place), super::hcl::quote(key)), why.into()));
                    (SECRET.into(), None)
                } else {
                    self.expr(value, &format!("{place}.{key}"))
                };
                entries.push(Entry { key: key.clone(), value, note });
            }
            level.arguments.push((name.into(), Expr::Map(entries), None));
            return;
        }
        // The provider keeps a hash of a script and would hash it again, so those need the ignore too.
        let script = self.known.kept.script.contains_key(path);
        if !attribute.required && attribute.computed {
            if script {
                self.body.ignore.push((name.into(), why.into()));
                self.ignore_switch();
            }
            // Not written: AWS keeps what it has, and the plan with it.
            if !script {
                self.body.notes.push(format!("`{path}` holds a secret and is left out: AWS keeps it"));
            }
            return;
        }
        let path = if top_level { name.to_string() } else { ignorable(&self.resource.kind, place) };
        self.body.ignore.push((path, why.into()));
        if attribute.required {
            let stand_in = match value {
                Value::Array(_) => Expr::List(vec![Expr::from(SECRET).into()]),
                _ => SECRET.into(),
            };
            level.arguments.push((name.into(), stand_in, None));
        }
    }

    /// An attribute that is written as blocks, as the old SDK allows.
    fn object_blocks(&mut self, name: &str, value: &Value, path: &str, place: &str, level: &mut Level) {
        let Some(items) = value.as_array() else { return };
        let mut blocks = Vec::new();
        for (i, item) in items.iter().enumerate() {
            let Some(fields) = item.as_object() else { continue };
            let mut block = Block::new(name, &[]);
            let mut arguments: Vec<(String, Expr, Option<String>)> = Vec::new();
            for (key, value) in fields {
                let empty = match value {
                    Value::Null => true,
                    Value::String(s) => s.is_empty(),
                    Value::Array(a) => a.is_empty(),
                    _ => false,
                };
                if !empty && !self.is_omitted(&format!("{path}.{key}"), value, fields) {
                    let (value, note) = self.expr(value, &format!("{place}.{i}.{key}"));
                    arguments.push((key.clone(), value, note));
                }
            }
            arguments.sort_by_key(|a| rank(&a.0));
            block.body = arguments.into_iter().map(|(name, value, note)| Item::Attribute { name, value, note }).collect();
            blocks.push((sort_key(self.known.kept.sort.get(path), fields), block));
        }
        if self.known.kept.sort.contains_key(path) {
            blocks.sort_by(|a, b| a.0.cmp(&b.0));
        }
        level.blocks.extend(blocks.into_iter().map(|(_, b)| b));
    }

    /// A value with references in it, and the reason where an id stays.
    fn expr(&mut self, value: &Value, place: &str) -> (Expr, Option<String>) {
        match value {
            Value::String(text) => self.text(text, place),
            Value::Array(items) => {
                let elements = items
                    .iter()
                    .enumerate()
                    .map(|(i, item)| {
                        let (value, note) = self.expr(item, &format!("{place}.{i}"));
                        Element { value, note }
                    })
                    .collect();
                (Expr::List(elements), None)
            }
            Value::Object(fields) => {
                let entries = fields
                    .iter()
                    .map(|(key, item)| {
                        let (value, note) = self.expr(item, &format!("{place}.{key}"));
                        Entry { key: key.clone(), value, note }
                    })
                    .collect();
                (Expr::Map(entries), None)
            }
            other => (Expr::literal(other), None),
        }
    }

    fn text(&mut self, text: &str, place: &str) -> (Expr, Option<String>) {
        let Some(references) = self.references.get(place) else { return (text.into(), None) };
        if let Some(link) = self.of_target(text, place, references) {
            return (link, None);
        }
        let note = references.iter().find_map(|r| match &r.target {
            Target::Outside { reason, .. } if !is_plain_knowledge(text) => Some(reason.clone()),
            _ => None,
        });
        let value = self.link_in(text, references);
        self.body.outside += usize::from(note.is_some());
        (value, note)
    }

    /// A policy of application autoscaling repeats three arguments of its target; and a target names its ECS service in a form of
    /// which no attribute is known.
    fn of_target(&self, text: &str, place: &str, references: &[&Reference]) -> Option<Expr> {
        let resources = self.estate.resources();
        let to = references.iter().find_map(|r| r.target.index())?;
        match resources[to].kind.as_str() {
            "aws_appautoscaling_target" => {
                let attribute = place.strip_prefix("config.")?.to_owned();
                Some(Expr::Link(Link { to, attribute, value: text.into() }))
            }
            "aws_ecs_service" if self.resource.kind == "aws_appautoscaling_target" => {
                let (_, rest) = text.split_once('/')?;
                let (cluster, service) = rest.split_once('/')?;
                let own = self.estate.references(&resources[to]).iter().find(|r| r.path == "config.cluster");
                let cluster = match own.and_then(|r| r.target.index()) {
                    Some(to) => Part::Link(Link { to, attribute: "name".into(), value: cluster.into() }),
                    None => Part::Text(cluster.into()),
                };
                let service = Part::Link(Link { to, attribute: "name".into(), value: service.into() });
                Some(Expr::Template(vec![Part::Text("service/".into()), cluster, Part::Text("/".into()), service]))
            }
            _ => None,
        }
    }

    /// A JSON document as an expression, with what it names as references.
    fn document(&self, value: &Value, place: &str) -> Expr {
        let none = Vec::new();
        let references = self.references.get(place).unwrap_or(&none);
        match value {
            Value::String(text) if text.contains(REDACTED) => SECRET.into(),
            Value::String(text) => self.link_in(text, references),
            Value::Array(items) => Expr::List(items.iter().map(|v| self.document(v, place).into()).collect()),
            Value::Object(fields) => {
                let mut keys: Vec<&String> = fields.keys().collect();
                keys.sort_by_key(|k| (policy_rank(k), k.as_str()));
                let entries = keys.into_iter().map(|k| Entry { key: k.clone(), value: self.document(&fields[k], place), note: None });
                let entries: Vec<Entry> = entries.collect();
                match entries.as_slice() {
                    [only] if !matches!(only.value, Expr::Map(_) | Expr::List(_) | Expr::Row(_)) => Expr::Row(entries),
                    _ => Expr::Map(entries),
                }
            }
            other => Expr::literal(other),
        }
    }

    /// Text in which every value that names another resource is a link.
    fn link_in(&self, text: &str, references: &[&Reference]) -> Expr {
        let mut targets: Vec<(&str, usize, String)> = references
            .iter()
            .filter_map(|r| match &r.target {
                Target::Inside { index, attribute } if attribute == REVISION && r.value == text => Some((text, *index, attribute.clone())),
                Target::Inside { index, attribute } if !r.value.is_empty() => {
                    let to = &self.estate.resources()[*index];
                    if let Some(instance) = self.instance_of(to) {
                        return Some((r.value.as_str(), instance, "primary_network_interface_id".into()));
                    }
                    terraform_attribute(to, attribute, &r.value).map(|a| (r.value.as_str(), *index, a))
                }
                _ => None,
            })
            .collect();
        targets.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.1.cmp(&b.1)));
        if let [(_, to, attribute)] = targets.as_slice()
            && attribute == REVISION
            && let Some((family, revision)) = text.rsplit_once(':')
        {
            let link = |attribute: &str, value: &str| Part::Link(Link { to: *to, attribute: attribute.into(), value: value.into() });
            return Expr::Template(vec![link("family", family), Part::Text(":".into()), link("revision", revision)]);
        }
        let mut parts = vec![Part::Text(text.to_string())];
        for (value, to, attribute) in targets {
            parts = parts
                .into_iter()
                .flat_map(|part| match part {
                    Part::Text(text) => split(&text, value, to, &attribute),
                    other => vec![other],
                })
                .collect();
        }
        parts.retain(|p| !matches!(p, Part::Text(t) if t.is_empty()));
        match parts.as_slice() {
            [] => text.into(),
            [Part::Text(only)] => only.as_str().into(),
            [Part::Link(link)] => Expr::Link(link.clone()),
            _ => Expr::Template(parts),
        }
    }

    /// The instance whose primary interface this is: it has no block of its own, and the instance names it.
    fn instance_of(&self, interface: &Resource) -> Option<usize> {
        let child = interface.kind == "aws_network_interface" && interface.ownership.class == OwnershipClass::Child;
        let instance = interface.ownership.by.as_deref().filter(|_| child)?;
        self.estate.index_of(self.estate.find_near(interface, "aws_instance", "id", instance)?)
    }

    /// Where two arguments exclude each other the better one stays.
    fn settle_conflicts(&mut self, schema: &schema::Block, level: &mut Level) {
        let groups = self.known.derived.conflicts.iter().map(|(a, b)| vec![a.clone(), b.clone()]);
        let groups: Vec<Vec<String>> = groups.chain(self.known.derived.one_of.iter().cloned()).collect();
        for group in groups {
            if group.iter().any(|p| p.contains('.')) {
                continue;
            }
            let present: Vec<&String> = group
                .iter()
                .filter(|g| level.arguments.iter().any(|(n, _, _)| n == *g) || level.blocks.iter().any(|b| b.kind == **g))
                .collect();
            let Some(best) = present.iter().min_by_key(|g| worth(schema, level, g)) else { continue };
            let best = (*best).clone();
            // The domain of a certificate that was uploaded is read from it.
            let loose = self.resource.kind == "aws_acm_certificate" && group.iter().any(|g| g == "domain_name");
            if present.len() > 1 && !loose {
                level.arguments.retain(|(n, _, _)| *n == best || !group.contains(n));
                level.blocks.retain(|b| b.kind == best || !group.contains(&b.kind));
            }
        }
    }
}

/// Lower is better: references first, then what is not filled by AWS, then what comes first by name; prefixes last.
fn worth(schema: &schema::Block, level: &Level, name: &str) -> (bool, bool, bool, String) {
    let reference = level.arguments.iter().any(|(n, v, _)| n == name && has_link(v));
    let computed = schema.attributes.get(name).is_some_and(|a| a.computed && !a.required);
    (name.ends_with("_prefix"), !reference, computed, name.to_string())
}

fn has_link(expr: &Expr) -> bool {
    match expr {
        Expr::Link(_) => true,
        Expr::Template(parts) => parts.iter().any(|p| matches!(p, Part::Link(_))),
        Expr::List(items) => items.iter().any(|i| has_link(&i.value)),
        Expr::Map(entries) | Expr::Row(entries) => entries.iter().any(|e| has_link(&e.value)),
        Expr::Call(_, args) => args.iter().any(has_link),
        _ => false,
    }
}

/// Ids that everybody knows need no comment.
fn is_plain_knowledge(text: &str) -> bool {
    text.contains(":iam::aws:policy/")
        || text.starts_with("FARGATE")
        || text == "default"
        || text.starts_with("default.")
        || text.starts_with("alias/aws/")
        // What a schedule calls of AWS itself.
        || text.contains(":scheduler:::aws-sdk:")
}

/// What Terraform's `jsonencode` makes of a document: no blanks, keys in order, `<`, `>` and `&` escaped. `None` where numbers may
/// come out in another form.
fn encoded(document: &Value) -> Option<String> {
    fn plain(value: &Value) -> bool {
        match value {
            Value::Number(n) => !n.is_f64(),
            Value::Array(items) => items.iter().all(plain),
            Value::Object(fields) => fields.values().all(plain),
            _ => true,
        }
    }
    let text = plain(document).then(|| serde_json::to_string(document).ok()).flatten()?;
    Some(text.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026"))
}

/// Splits a text at a value that names a resource. A longer name that only begins with the value is another thing.
fn split(text: &str, value: &str, to: usize, attribute: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut scanned = 0;
    while let Some(found) = rest[scanned..].find(value) {
        let start = scanned + found;
        let end = start + value.len();
        let part_of_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        let before = rest[..start].chars().next_back().is_some_and(part_of_word);
        let after = rest[end..].chars().next().is_some_and(part_of_word);
        if before || after {
            scanned = end;
            continue;
        }
        parts.push(Part::Text(rest[..start].to_string()));
        parts.push(Part::Link(Link { to, attribute: attribute.to_string(), value: value.to_string() }));
        rest = &rest[end..];
        scanned = 0;
    }
    parts.push(Part::Text(rest.to_string()));
    parts
}

/// The attribute under which Terraform gives a value: what the estate calls `id` is the import id, which differs for some types, and
/// facts are not attributes. `None` where Terraform has no such attribute.
pub fn terraform_attribute(resource: &Resource, attribute: &str, value: &str) -> Option<String> {
    let schema = provider().resource(&resource.kind)?;
    let fixed = match (resource.kind.as_str(), attribute) {
        ("aws_default_route_table" | "aws_route_table", "route_table_id") => "id",
        ("aws_default_route_table", "id") => "vpc_id",
        ("aws_db_instance", "id" | "name") => "identifier",
        ("aws_key_pair", "id" | "name") => "key_name",
        ("aws_iam_instance_profile" | "aws_iam_user" | "aws_iam_group" | "aws_iam_role" | "aws_cloudwatch_log_group", "id") => "name",
        ("aws_lambda_function", "id" | "name") => "function_name",
        ("aws_kms_key" | "aws_kms_replica_key", "id") => "key_id",
        ("aws_kms_alias", "id") => "name",
        ("aws_security_group" | "aws_default_security_group", "name") => "name",
        ("aws_lb" | "aws_lb_target_group" | "aws_lb_listener" | "aws_acm_certificate" | "aws_sns_topic", "id") => "arn",
        ("aws_eip", "allocation_id") => "id",
        (
            "aws_service_discovery_private_dns_namespace"
            | "aws_service_discovery_public_dns_namespace"
            | "aws_service_discovery_http_namespace",
            "namespace_id",
        ) => "id",
        (_, other) => other,
    };
    if schema.attributes.contains_key(fixed) {
        return Some(fixed.into());
    }
    if (resource.kind.as_str(), fixed) == ("aws_apigatewayv2_domain_name", "target_domain_name") {
        return Some(format!("domain_name_configuration[0].{fixed}"));
    }
    // A fact that equals the id or an argument can be had under that name.
    if resource.id == value && schema.attributes.contains_key("id") {
        return Some("id".into());
    }
    resource
        .config
        .iter()
        .find(|(_, v)| v.as_str() == Some(value))
        .map(|(name, _)| name.clone())
        .filter(|n| schema.attributes.contains_key(n))
}

/// A listener's import reads a forward to one target group back in both of its forms, and takes the lack of either for a change; where
/// only one form was answered, that one.
fn forms_of_forward(action: &mut Block, only: Option<&str>) {
    const SHORT: &str = "target_group_arn";
    let target = action.body.iter().find_map(|i| match i {
        Item::Attribute { name, value, .. } if name == SHORT => Some(value.clone()),
        _ => None,
    });
    if let (Some(target), "default_action") = (target, action.kind.as_str())
        && only != Some(SHORT)
    {
        if only == Some("forward") {
            action.body.retain(|i| !matches!(i, Item::Attribute { name, .. } if name == SHORT));
        }
        let mut group = Block::new("target_group", &[]);
        group.set("arn", target);
        let mut forward = Block::new("forward", &[]);
        forward.body.push(Item::Block(group));
        action.body.push(Item::Gap);
        action.body.push(Item::Block(forward));
    }
}

fn as_blocks(ty: &Type) -> bool {
    matches!(ty, Type::List(inner) | Type::Set(inner) if matches!(**inner, Type::Object(_)))
}

fn to_block(name: &str, level: Level) -> Block {
    let mut block = Block::new(name, &[]);
    let (long, short): (Vec<_>, Vec<_>) = level.arguments.into_iter().partition(|(_, v, _)| is_long(v));
    for (name, value, note) in short {
        block.body.push(Item::Attribute { name, value, note });
    }
    for (name, value, note) in long {
        if !block.body.is_empty() {
            block.body.push(Item::Gap);
        }
        block.body.push(Item::Attribute { name, value, note });
    }
    for inner in level.blocks {
        if !block.body.is_empty() {
            block.body.push(Item::Gap);
        }
        block.body.push(Item::Block(inner));
    }
    block
}

/// True for values that take several lines.
pub fn is_long(value: &Expr) -> bool {
    match value {
        Expr::Map(entries) => !entries.is_empty(),
        Expr::Call(name, _) => *name == "jsonencode",
        Expr::List(items) => items.iter().any(|i| is_long(&i.value) || i.note.is_some()) || items.len() > 6,
        Expr::Text(text) => text.contains('\n') && text.len() > 40,
        _ => false,
    }
}

fn rank(name: &str) -> (usize, String) {
    (FIRST.iter().position(|f| *f == name).unwrap_or(FIRST.len()), name.to_string())
}

/// Required arguments first, then the rest; inside as a person would write them.
fn order(schema: &schema::Block, arguments: &mut [(String, Expr, Option<String>)]) {
    arguments.sort_by_key(|(name, _, _)| {
        let rank = rank(name);
        let required = schema.attributes.get(name).is_some_and(|a| a.required);
        (rank.0 == FIRST.len() && !required, rank)
    });
}

fn policy_rank(key: &str) -> usize {
    const ORDER: &[&str] = &[
        "Version",
        "Id",
        "Statement",
        // State machines
        "Comment",
        "QueryLanguage",
        "StartAt",
        "States",
        "Type",
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
        // Containers
        "name",
        "image",
        "essential",
    ];
    ORDER.iter().position(|k| *k == key).unwrap_or(ORDER.len())
}

/// A number sorts as a number, everything else as text.
fn sort_key(member: Option<&String>, fields: &serde_json::Map<String, Value>) -> (i64, String) {
    match member.and_then(|m| fields.get(m)) {
        Some(Value::Number(n)) => (n.as_i64().unwrap_or(i64::MAX), String::new()),
        Some(Value::String(s)) => (s.parse().unwrap_or(0), s.clone()),
        _ => (0, String::new()),
    }
}

fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(s) => !s.is_empty(),
        Value::Array(a) => !a.is_empty(),
        Value::Bool(b) => *b,
        _ => true,
    }
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::String(a), Value::Number(b)) => *a == b.to_string(),
        (Value::Number(a), Value::String(b)) => a.to_string() == *b,
        (Value::String(a), Value::Bool(b)) | (Value::Bool(b), Value::String(a)) => *a == b.to_string(),
        _ => a == b,
    }
}

fn contains_secret(value: &Value) -> bool {
    match value {
        Value::String(s) => s.contains(REDACTED),
        Value::Array(items) => items.iter().any(contains_secret),
        Value::Object(fields) => fields.values().any(contains_secret),
        _ => false,
    }
}

/// What stands in a nested block for a required argument without a value, and why; `None` where nothing can.
pub fn stand_in(kept: &Kept, path: &str, attribute: &Attribute) -> Option<(String, String)> {
    if let Some(placeholder) = kept.placeholder.get(path) {
        return Some((placeholder.value.clone(), placeholder.why.clone()));
    }
    (attribute.sensitive && attribute.ty == Type::String)
        .then(|| (SECRET.into(), "a secret that AWS never gives back; it keeps what it has".into()))
}

/// The path under which `ignore_changes` reaches a place: an element of a set has none, so there it is the set as a whole.
pub fn ignorable(kind: &str, place: &str) -> String {
    let mut parts = place.split('.').skip(1).peekable();
    let mut block = provider().resource(kind);
    let mut at = String::from("config");
    while let Some(part) = parts.next() {
        at.push('.');
        at.push_str(part);
        let nested = block.and_then(|b| b.blocks.get(part));
        if nested.is_some_and(|n| n.nesting == schema::Nesting::Set) {
            break;
        }
        if nested.is_some()
            && let Some(position) = parts.next_if(|p| p.bytes().all(|b| b.is_ascii_digit()))
        {
            at.push('.');
            at.push_str(position);
        }
        block = nested.map(|n| &n.block);
    }
    ignore_path(&at)
}

/// `config.environment.0.variables` as `environment[0].variables`.
fn ignore_path(place: &str) -> String {
    let mut out = String::new();
    for part in place.split('.').skip(1) {
        if part.bytes().all(|b| b.is_ascii_digit()) {
            out.push_str(&format!("[{part}]"));
        } else {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(part);
        }
    }
    out
}

/// A value in the type that the schema asks for.
fn coerce(ty: &Type, value: &Value) -> Value {
    match (ty, value) {
        (Type::String, Value::Number(n)) => Value::String(n.to_string()),
        (Type::String, Value::Bool(b)) => Value::String(b.to_string()),
        (Type::Number, Value::String(s)) => s.parse::<serde_json::Number>().map_or_else(|_| value.clone(), Value::Number),
        (Type::Bool, Value::String(s)) => s.parse().map_or_else(|_| value.clone(), Value::Bool),
        (Type::List(inner) | Type::Set(inner), Value::Array(items)) => Value::Array(items.iter().map(|v| coerce(inner, v)).collect()),
        (Type::Map(inner), Value::Object(fields)) => Value::Object(fields.iter().map(|(k, v)| (k.clone(), coerce(inner, v))).collect()),
        _ => value.clone(),
    }
}

/// True for an ARN whose account can be none: the provider refuses it, and with it the whole root.
fn is_impossible_arn(text: &str) -> bool {
    let mut parts = text.split(':');
    let account = if parts.next() == Some("arn") { parts.nth(3) } else { None };
    account.is_some_and(|a| !a.is_empty() && a.bytes().all(|b| b.is_ascii_digit()) && a.len() != 12)
}

/// True for what can name a key: an ARN, an alias, an id.
fn names_a_key(value: &str) -> bool {
    value.starts_with("arn:") || value.starts_with("alias/") || value.starts_with("mrk-") || value.matches('-').count() == 4
}

/// Burstable types are named t2, t3a, t4g and so on.
fn is_burstable(instance_type: &str) -> bool {
    instance_type.strip_prefix('t').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// The longest `user_data` that the provider accepts.
const USER_DATA_MOST: usize = 16_384;

/// Length of `user_data` as it is written: a text that looks encoded has to be encoded once more, see `script_file`.
fn written_length(path: &str, text: &str) -> usize {
    if path == "user_data" && decoded(text).is_some() { text.len().div_ceil(3) * 4 } else { text.len() }
}

/// What a text says in base64, when it is any: line breaks in it do not count.
fn decoded(text: &str) -> Option<Vec<u8>> {
    base64::engine::general_purpose::STANDARD.decode(text.replace(['\r', '\n'], "")).ok()
}

/// True for a JSON object or list.
fn is_document(text: &str) -> bool {
    text.trim_start().starts_with(['{', '[']) && serde_json::from_str::<Value>(text).is_ok_and(|v| v.is_object() || v.is_array())
}

/// The file for a script; `None` when the text is short, or is not text at all and stays in the argument.
fn script_file(argument: &str, text: &str, script: Script) -> Option<File> {
    // The provider decodes whatever looks encoded before it takes the hash: a text that does has to be encoded once more.
    let base64 = script == Script::Base64 || (argument == "user_data" && decoded(text).is_some());
    let text = if script == Script::Base64 { String::from_utf8(decoded(text)?).ok()? } else { text.to_string() };
    if text.contains('\0') || text.is_empty() {
        return None;
    }
    let start = text.trim_start();
    let extension = if start.starts_with("#cloud-config") {
        ".yaml"
    } else if start.starts_with("#!") {
        ".sh"
    } else if start.starts_with("<powershell>") || start.starts_with("<script>") {
        ".ps1"
    } else if start.starts_with('<') {
        ".xml"
    } else if is_document(&text) {
        ".json"
    } else {
        ".txt"
    };
    Some(File { argument: argument.into(), extension, text, base64 })
}
