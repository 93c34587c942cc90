//! Ids of things that a root uses and does not hold, because another root or another Terraform state does: each written once, as a
//! local value with its reason, so that the day they change there is one place to change them.

use std::collections::BTreeMap;

use super::hcl::{self, Block, Item, Link};
use super::naming::{identifier, words};
use crate::estate::Resource;

/// The local values of one root.
#[derive(Debug, Default)]
pub struct Elsewhere {
    /// Name by position of the thing in the estate, and attribute.
    names: BTreeMap<(usize, String), String>,
    /// Value and reason by name.
    values: BTreeMap<String, (String, String)>,
}

impl Elsewhere {
    /// The name of the local value for a link; `called` is what the thing is called where it is held, `root` the root that holds it, if
    /// one does, `reason` says where that is.
    pub fn name(&mut self, link: &Link, resource: &Resource, called: &str, root: Option<&str>, reason: &str) -> String {
        let key = (link.to, link.attribute.clone());
        if let Some(known) = self.names.get(&key).filter(|name| self.values.get(*name).is_some_and(|(value, _)| *value == link.value)) {
            return known.clone();
        }
        let mut thing = words(resource.kind.trim_start_matches("aws_"));
        // `vpc_main_id`, not `vpc_vpc_main_id`.
        let own: Vec<String> = words(called).into_iter().filter(|word| !thing.contains(word)).collect();
        thing.extend(own);
        // `default_route_table_main_id`, not `default_route_table_main_default_route_table_id`.
        let mut attribute: Vec<String> = words(&link.attribute).into_iter().filter(|word| !thing.contains(word)).collect();
        if attribute.is_empty() {
            attribute = words(&link.attribute);
        }
        let of = |root: Option<&str>| identifier(&[words(root.unwrap_or_default()), thing.clone(), attribute.clone()].concat());
        let mut name = of(None);
        if self.values.contains_key(&name) {
            name = of(root);
        }
        let base = name.clone();
        let mut number = 2;
        while self.values.contains_key(&name) {
            name = format!("{base}_{number}");
            number += 1;
        }
        self.names.insert(key, name.clone());
        self.values.insert(name.clone(), (link.value.clone(), reason.to_string()));
        name
    }

    /// True when the root needs none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The file that holds them.
    pub fn file(&self) -> Vec<Item> {
        let mut block = Block::new("locals", &[]);
        for (name, (value, reason)) in &self.values {
            block.body.push(Item::Attribute { name: name.clone(), value: value.as_str().into(), note: Some(hcl::comment_text(reason)) });
        }
        let head = "What is used here and held elsewhere: in another root, or under another Terraform state. Each id stands here once.";
        vec![Item::Comment(head.into()), Item::Block(block)]
    }
}
