//! How the internet reaches a resource: through gateway, route table, network ACL, security group and address, or through a load
//! balancer or distribution in front.

use super::{Estate, Resource};

/// How the internet reaches a resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exposure {
    /// Port ranges that answer to packets straight from the internet.
    pub open: Vec<OpenPort>,
    /// Ways through something in front of it (a load balancer, a distribution).
    pub through: Vec<Through>,
    /// Ways around what stands in front of it (a distribution whose origin is itself reachable).
    pub bypasses: Vec<Bypass>,
    /// Why the answer may be incomplete: a listing it depends on could not be read.
    pub unknown: Option<String>,
}

/// A range of ports that is open to the internet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPort {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, another protocol's number, or `-1` for all.
    pub protocol: String,
    /// First port.
    pub from_port: u16,
    /// Last port.
    pub to_port: u16,
    /// Networks that may send (`0.0.0.0/0`), sorted.
    pub sources: Vec<String>,
    /// The way, from the internet to the port: one step each, for people.
    pub path: Vec<String>,
}

/// A way through something in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Through {
    /// Position of what stands in front, in the estate.
    pub front: usize,
    /// The port that the front opens to the internet.
    pub port: OpenPort,
    /// The port at which the resource itself answers.
    pub target_port: Option<u16>,
}

/// A way around what stands in front.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bypass {
    /// Position of the origin that is itself reachable, in the estate.
    pub origin: usize,
    /// How, in one sentence.
    pub how: String,
}

/// The answer about one port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<'a> {
    /// Open, and how.
    Yes(&'a OpenPort),
    /// Closed.
    No,
    /// Not known, and why.
    Unknown(&'a str),
}

pub(super) static NOT_IN_ESTATE: Exposure = Exposure { open: Vec::new(), through: Vec::new(), bypasses: Vec::new(), unknown: None };

impl Exposure {
    /// Whether a TCP port is open to the internet.
    pub fn on(&self, port: u16) -> Answer<'_> {
        let hit = |p: &&OpenPort| (p.protocol == "tcp" || p.protocol == "-1") && (p.from_port..=p.to_port).contains(&port);
        match (self.open.iter().find(hit), &self.unknown) {
            (Some(open), _) => Answer::Yes(open),
            (None, Some(cause)) => Answer::Unknown(cause),
            (None, None) => Answer::No,
        }
    }
}

/// Computes the exposure of a resource.
pub(super) fn of(_estate: &Estate, _resource: &Resource) -> Exposure {
    Exposure { unknown: Some("exposure is not worked out yet".into()), ..Exposure::default() }
}
