//! The network as an SVG that stands in the HTML page and takes its colours from there.
//!
//! A grid of columns, one for each zone. In the gutter left of a column runs the way from the internet, with a branch to
//! everything it reaches.

use std::fmt::Write;

use super::escape::html;
use super::labels::count;
use super::network::{Network, Node, Vpc};

/// Networks that are drawn; the others are named below.
const VPCS: usize = 8;
/// Nodes drawn in one subnet.
const NODES: usize = 10;
/// Subnets drawn in one zone.
const SUBNETS: usize = 8;
/// Distributions and load balancers drawn in one row block.
const FRONTS: usize = 12;

const GUTTER: f64 = 26.0;
const NODE_HEIGHT: f64 = 42.0;
const GAP: f64 = 8.0;
const BAR: f64 = 32.0;
/// Width of a letter of the two font sizes, on average.
const LETTER: f64 = 6.7;

/// The drawing and what it left out, or nothing when there is no network.
pub fn svg(network: &Network) -> Option<(String, Vec<String>)> {
    if network.vpcs.is_empty() && network.edge.is_empty() {
        return None;
    }
    let columns = network.vpcs.iter().take(VPCS).map(|v| v.zones.len()).max().unwrap_or(1).clamp(2, 6);
    let mut canvas = Canvas {
        out: String::new(),
        width: if columns <= 4 { 1120.0 } else { 260.0 * columns as f64 },
        columns,
        trunks: vec![Trunk::default(); columns],
        left_out: Vec::new(),
    };
    let mut y = BAR + 18.0;
    if !network.edge.is_empty() {
        y = canvas.fronts(&network.edge, y) + 10.0;
    }
    for vpc in network.vpcs.iter().take(VPCS) {
        y = canvas.vpc(vpc, y) + 18.0;
    }
    if network.vpcs.len() > VPCS {
        canvas.left_out.push(count(network.vpcs.len() - VPCS, "further network", "further networks"));
    }
    let mut svg = String::new();
    let (width, height) = (canvas.width, y);
    // Writing to a String does not fail.
    let _ = write!(
        svg,
        "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"picture-title\"><title id=\"picture-title\">Networks, zones and subnets \
         with what stands in them and what the internet reaches</title><rect class=\"internet\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{BAR}\" rx=\"6\"/>\
         <text class=\"bold\" x=\"14\" y=\"21\">Internet</text>",
        width - 1.0
    );
    for (at, trunk) in canvas.trunks.iter().enumerate() {
        let x = canvas.left(at) + 9.0;
        // Where both run, the door stands a little left of the open way.
        for (to, class, x) in [(trunk.front, "path front", x - 4.0), (trunk.open, "path", x + 2.0)] {
            if to > 0.0 {
                let _ = write!(svg, "<path class=\"{class}\" d=\"M{x} {BAR}V{to}\"/>");
            }
        }
    }
    svg.push_str(&canvas.out);
    svg.push_str("</svg>");
    Some((svg, canvas.left_out))
}

/// How far down the two ways of a column run.
#[derive(Debug, Clone, Default)]
struct Trunk {
    open: f64,
    front: f64,
}

struct Canvas {
    out: String,
    width: f64,
    columns: usize,
    trunks: Vec<Trunk>,
    left_out: Vec<String>,
}

impl Canvas {
    fn column(&self) -> f64 {
        (self.width - 24.0) / self.columns as f64
    }

    /// Left end of a column, with its gutter.
    fn left(&self, column: usize) -> f64 {
        12.0 + self.column() * column as f64
    }

    fn text(&mut self, x: f64, y: f64, class: &str, words: &str, room: f64) {
        let letters = (room / LETTER).max(4.0) as usize;
        let _ = write!(self.out, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\">{}</text>", html(&short(words, letters)));
    }

    /// A row, or several, of what stands in front. Returns its lower end.
    fn fronts(&mut self, nodes: &[Node], top: f64) -> f64 {
        for (at, node) in nodes.iter().take(FRONTS).enumerate() {
            let y = top + (at / self.columns) as f64 * (NODE_HEIGHT + GAP);
            self.node(node, at % self.columns, y, true);
        }
        if nodes.len() > FRONTS {
            self.left_out.push(count(nodes.len() - FRONTS, "further front door", "further front doors"));
        }
        let lines = nodes.len().min(FRONTS).div_ceil(self.columns);
        top + lines as f64 * (NODE_HEIGHT + GAP)
    }

    /// A network. Returns its lower end.
    fn vpc(&mut self, vpc: &Vpc, top: f64) -> f64 {
        let gateway = if vpc.gateway { "internet gateway" } else { "no internet gateway" };
        let name = if vpc.name == vpc.id { String::new() } else { format!("{} · ", vpc.id) };
        let (title, detail) = (short(&vpc.name, 40), format!("{name}{} · {} · {gateway}", vpc.cidr, vpc.region));
        let at = 20.0 + GUTTER;
        self.text(at, top + 23.0, "bold halo", &title, 300.0);
        let after = at + title.chars().count() as f64 * (LETTER + 0.9) + 14.0;
        self.text(after, top + 23.0, "faint halo", &detail, self.width - after - 20.0);
        let mut y = top + 38.0;
        if vpc.nodes() == 0 {
            let subnets: usize = vpc.zones.iter().map(|z| z.subnets.len()).sum();
            self.text(at, y + 6.0, "faint", &format!("{}, nothing in them", count(subnets, "subnet", "subnets")), 400.0);
            y += 20.0;
        } else {
            if !vpc.fronts.is_empty() {
                y = self.fronts(&vpc.fronts, y) + 4.0;
            }
            let mut bottom = y;
            for (column, zone) in vpc.zones.iter().enumerate().take(self.columns) {
                let left = self.left(column) + GUTTER;
                self.text(left, y + 11.0, "faint", &zone.name, 200.0);
                let mut below = y + 20.0;
                for subnet in zone.subnets.iter().take(SUBNETS) {
                    below = self.subnet(subnet, column, below) + GAP;
                }
                if zone.subnets.len() > SUBNETS {
                    self.text(left, below + 12.0, "faint", &format!("and {} more subnets", zone.subnets.len() - SUBNETS), 200.0);
                    below += 20.0;
                }
                bottom = bottom.max(below);
            }
            if vpc.zones.len() > self.columns {
                self.left_out.push(format!("{} of {}", count(vpc.zones.len() - self.columns, "zone", "zones"), vpc.name));
            }
            y = bottom;
        }
        let height = y - top + 6.0;
        let _ = write!(self.out, "<rect class=\"vpc\" x=\"0.5\" y=\"{top}\" width=\"{}\" height=\"{height}\" rx=\"8\"/>", self.width - 1.0);
        top + height
    }

    /// A subnet with its nodes. Returns its lower end.
    fn subnet(&mut self, subnet: &super::network::Subnet, column: usize, top: f64) -> f64 {
        let x = self.left(column) + GUTTER;
        let width = self.column() - GUTTER - 12.0;
        let shown = subnet.nodes.len().min(NODES);
        let more = subnet.nodes.len() - shown;
        let height = 28.0 + shown as f64 * (NODE_HEIGHT + GAP) + if more > 0 { 20.0 } else { 0.0 };
        let class = if subnet.public { "subnet public" } else { "subnet" };
        let _ = write!(self.out, "<rect class=\"{class}\" x=\"{x}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>");
        let kind = if subnet.public { "public" } else { "private" };
        self.text(x + 10.0, top + 18.0, "faint", &format!("{kind} · {} · {}", subnet.cidr, subnet.name), width - 20.0);
        let mut y = top + 28.0;
        for node in subnet.nodes.iter().take(NODES) {
            self.node(node, column, y, false);
            y += NODE_HEIGHT + GAP;
        }
        if more > 0 {
            self.text(x + 10.0, y + 8.0, "faint", &format!("and {more} more"), width);
        }
        top + height
    }

    fn node(&mut self, node: &Node, column: usize, y: f64, stands_in_front: bool) {
        // A door that stands beside the front door is drawn as what it is: open.
        let front = stands_in_front && !node.side_door;
        let inset = if stands_in_front { GUTTER } else { GUTTER + 8.0 };
        let x = self.left(column) + inset;
        let width = self.column() - inset - if stands_in_front { 12.0 } else { 20.0 };
        let reached = !node.open_ports.is_empty() || node.what == "distribution";
        let class = match (reached, front, node.running) {
            (true, true, _) => "node front",
            (true, false, _) => "node open",
            (false, _, false) => "node off",
            _ => "node",
        };
        let middle = y + NODE_HEIGHT / 2.0;
        if reached {
            let trunk = &mut self.trunks[column];
            let (from, path) = if front {
                trunk.front = trunk.front.max(middle);
                (self.left(column) + 5.0, "path front")
            } else {
                trunk.open = trunk.open.max(middle);
                (self.left(column) + 11.0, "path")
            };
            let _ = write!(self.out, "<path class=\"{path}\" d=\"M{from} {middle}H{x}\"/>");
        }
        let _ = write!(self.out, "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{NODE_HEIGHT}\" rx=\"5\"/>");
        let ports = short(&node.open_ports.join(", "), 22);
        let for_ports = if ports.is_empty() { 0.0 } else { ports.chars().count() as f64 * LETTER + 12.0 };
        self.text(x + 10.0, y + 18.0, "bold", &node.name, width - 20.0 - for_ports);
        let mut detail = node.what.to_owned();
        if !node.detail.is_empty() {
            let _ = write!(detail, " · {}", node.detail);
        }
        if !node.running {
            detail.push_str(" · stopped");
        }
        if node.side_door {
            detail.push_str(" · beside the front door");
        }
        if !node.leads_to.is_empty() {
            let _ = write!(detail, " → {}", node.leads_to.join(", "));
        }
        self.text(x + 10.0, y + 33.0, "faint", &detail, width - 20.0);
        if !ports.is_empty() {
            let class = if front { "port front" } else { "port" };
            let _ = write!(
                self.out,
                "<text class=\"{class}\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
                x + width - 10.0,
                y + 18.0,
                html(&ports)
            );
        }
    }
}

/// Cuts what is too long and shows that it did.
fn short(words: &str, letters: usize) -> String {
    if words.chars().count() <= letters {
        return words.to_owned();
    }
    words.chars().take(letters.saturating_sub(1)).chain(std::iter::once('…')).collect()
}
