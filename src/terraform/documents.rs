//! README.md and LEFT_OUT.md of a generated tree.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::layout::{self, WAVES, wave};
use super::select::{LeftOut, Selection};
use super::{RootCode, Stats};
use crate::estate::Estate;

/// Text for a Markdown table or sentence: nothing in it can end the cell, open a tag or a link, or start a new line.
fn cell(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '!' | '~' => {
                out.push('\\');
                out.push(c);
            }
            '&' => out.push_str("&amp;"),
            c if c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c) => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Text in a code span.
fn code(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() || c == '`' || c == '|' { ' ' } else { c }).collect();
    format!("`{text}`")
}

/// Every resource that is not in the code, why, and what to do.
pub fn left_out(estate: &Estate, selection: &Selection) -> String {
    let mut out = String::from("# Left out\n\nWhat exists and is not in the code, why, and what to do.\n");
    states(&mut out, estate);
    if selection.left_out.is_empty() {
        out.push_str("\nNothing: every resource of the snapshot is in the code.\n");
        return out;
    }
    let mut headings: BTreeMap<&str, BTreeMap<&LeftOut, Vec<usize>>> = BTreeMap::new();
    for (index, why) in &selection.left_out {
        headings.entry(&why.heading).or_default().entry(why).or_default().push(*index);
    }
    for (heading, reasons) in headings {
        let _ = writeln!(out, "\n## {heading}\n\n| type | name | id | region | why | what to do |\n|---|---|---|---|---|---|");
        for (why, members) in reasons {
            for index in members {
                let r = &estate.resources()[index];
                let name = r.name.as_deref().unwrap_or_default();
                let _ = writeln!(
                    out,
                    "| {} | {} | {} | {} | {} | {} |",
                    code(&r.kind),
                    cell(name),
                    code(&r.id),
                    cell(&r.region),
                    cell(&why.reason),
                    cell(&why.advice)
                );
            }
        }
    }
    let lines = |on_purpose: bool| -> Vec<String> {
        let entries = estate.snapshot().ledger.iter().filter(|e| e.listing && !e.outcome.is_complete());
        entries
            .filter(|e| e.outcome.is_gap() != on_purpose)
            .map(|e| {
                let outcome =
                    serde_json::to_value(e.outcome).ok().and_then(|v| v.as_str().map(|s| s.replace('_', " "))).unwrap_or_default();
                let why = e.message.as_deref().filter(|_| on_purpose).map_or(outcome, cell);
                format!(
                    "- {} in {}: {why}, so {} may be missing",
                    code(&e.call),
                    cell(&e.region),
                    e.types.iter().map(|t| code(t)).collect::<Vec<_>>().join(", ")
                )
            })
            .collect()
    };
    let gaps = lines(false);
    if !gaps.is_empty() {
        let _ = write!(
            out,
            "\n## Not seen at all\n\nThese listings are incomplete; what they would have shown is in no file here.\n\n{}\n",
            gaps.join("\n")
        );
    }
    let on_purpose = lines(true);
    if !on_purpose.is_empty() {
        let _ = write!(
            out,
            "\n## Asked only where it may matter\n\nThese listings cost a request for each thing, and were asked only where something hints at an answer.\n\n{}\n",
            on_purpose.join("\n")
        );
    }
    out
}

/// What the states that were given manage, and what of them does not fit the account.
fn states(out: &mut String, estate: &Estate) {
    if estate.states().is_empty() {
        return;
    }
    out.push_str("\n## Terraform states that were given\n\n| state | manages here | in it | not found | not read | of another account |\n|---|---:|---:|---:|---:|---:|\n");
    for s in estate.states() {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            code(&s.name),
            s.managed,
            s.held,
            s.not_found.len(),
            s.not_read,
            s.other_account
        );
    }
    for s in estate.states().iter().filter(|s| !s.not_found.is_empty()) {
        let _ = writeln!(
            out,
            "\nIn {} and not found in the account; the next plan of that state would make them anew, unless they are in a region that was not read:\n",
            code(&s.name)
        );
        for (address, id) in &s.not_found {
            let _ = writeln!(out, "- {} ({})", code(address), code(id));
        }
    }
    for s in estate.states().iter().filter(|s| !s.twice.is_empty()) {
        let _ = writeln!(out, "\nIn {} and in another state too; only one may own a thing:\n", code(&s.name));
        for (address, before) in &s.twice {
            let _ = writeln!(out, "- {}: {}", code(address), code(before));
        }
    }
}

/// How to adopt the code.
pub fn readme(estate: &Estate, codes: &[RootCode], selection: &Selection, stats: &Stats, why: &str) -> String {
    let meta = &estate.snapshot().meta;
    let mut out = String::new();
    let _ = write!(
        out,
        "# Account {} as code\n\nWritten from what was seen on {}. {} resources are taken over by {} blocks; {} are left out, each with its reason in \
         [LEFT_OUT.md](LEFT_OUT.md). {:.0} % of the places that name another resource are references{}.\n\n{}\n\n",
        code(&meta.account),
        cell(&meta.taken_at),
        stats.resources,
        stats.blocks,
        selection.left_out.len(),
        stats.reference_share() * 100.0,
        if codes.len() > 1 { ", or local values of `elsewhere.tf` where another root holds it" } else { "" },
        cell_keep_code(why),
    );
    let commands = if codes.len() > 1 {
        let folders: Vec<&str> = codes.iter().map(|c| c.root.folder.as_str()).collect();
        out.push_str(
            "Something in the wrong root? Say so in `environments.yaml` where you run `surveyor` (a line each, `\"pattern of names or ids\": environment`) and generate again.\n\n",
        );
        format!("for root in {}; do\n  terraform -chdir=$root init && terraform -chdir=$root plan\ndone", folders.join(" "))
    } else {
        "terraform init\nterraform plan".to_owned()
    };
    let _ = write!(out, "## First look\n\n```sh\n{commands}\n```\n\n");
    let plans = if codes.len() > 1 { "Each plan" } else { "The plan" };
    let _ = write!(
        out,
        "{plans} must say `to import` for everything and 0 to add, 0 to change, 0 to destroy. \
         `surveyor verify .` runs the same and names what differs. OpenTofu works alike. Nothing is changed in AWS before `apply`, and `apply` only \
         writes the state as long as the plan is clean.\n\n## Adoption in waves\n\n",
    );
    out.push_str("Go from what cannot hurt to what holds data. Plan and apply each wave on its own, for instance with `-target`, or move the import blocks of later waves out of `imports.tf` for a while.\n");
    for (number, about) in WAVES {
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for code in codes {
            for unit in code.units.iter().filter(|u| wave(&u.kind) == *number) {
                *kinds.entry(unit.kind.as_str()).or_default() += unit.members.len();
            }
        }
        if kinds.is_empty() {
            continue;
        }
        let list: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {}", code(kind))).collect();
        let _ = write!(out, "\n{number}. {}{}.\n   {}\n", about[..1].to_uppercase(), &about[1..], list.join(", "));
    }
    if codes.len() > 1 {
        out.push_str("\n## Roots\n\n| folder | region | resources |\n|---|---|---|\n");
        for root in codes {
            let count: usize = root.units.iter().map(|u| u.members.len()).sum();
            let _ = writeln!(out, "| {} | {} | {count} |", code(&root.root.folder), cell(&root.region));
        }
    }
    careful(&mut out, codes);
    let files: BTreeSet<&str> = codes.iter().flat_map(|c| &c.units).map(|u| layout::home(&u.kind).0).collect();
    let files: Vec<String> = files.into_iter().map(|f| format!("`{f}.tf`")).collect();
    let _ = writeln!(out, "\n## Files\n\n| file | holds |\n|---|---|\n| {} | the resources, by purpose |", files.join(" "));
    out.push_str(
        "| `imports.tf` | which resource is which thing in AWS; may go after the last wave |\n| `versions.tf` `providers.tf` `variables.tf` `outputs.tf` | the frame |\n\
         | `elsewhere.tf` | ids of what is used here and held by another root or state, each once; only where there are such |\n\
         | `backend.tf` | where the state shall live; commented out until the bucket exists. It is yours: no later run writes it |\n| `names.yaml` | names in the code; edit and generate again to rename |\n| `files/` | scripts that resources read |\n",
    );
    out
}

/// What a reader must know before the first change.
fn careful(out: &mut String, codes: &[RootCode]) {
    let mut lines = Vec::new();
    for root in codes {
        for unit in &root.units {
            let address = format!("{}.{}", unit.kind, unit.name);
            let listed = |name: &str| unit.body.ignore.iter().any(|(path, _)| path == name);
            if listed("skip_final_snapshot") {
                lines.push(format!(
                    "- {}: import notes \"skip the final snapshot\" in the state. Delete its two `ignore_changes` lines and apply once; until then `prevent_destroy` stands before the data.",
                    code(&address)
                ));
            }
            for (path, why) in &unit.body.ignore {
                if why.starts_with("a secret") {
                    lines.push(format!("- {}: {} holds a secret that is not in the code and stays in AWS.", code(&address), code(path)));
                }
            }
            for note in &unit.body.notes {
                lines.push(format!("- {}: {}.", code(&address), cell_keep_code(note)));
            }
        }
    }
    let defaults: BTreeMap<&str, usize> = codes
        .iter()
        .flat_map(|root| &root.units)
        .filter(|unit| unit.kind.starts_with("aws_default_"))
        .fold(BTreeMap::new(), |mut count, unit| {
            *count.entry(unit.kind.as_str()).or_default() += unit.members.len();
            count
        });
    if !defaults.is_empty() {
        let list: Vec<String> = defaults.iter().map(|(kind, count)| format!("{count} {}", code(kind))).collect();
        lines.push(format!(
            "- Import {}, never create them. Without its import block Terraform \"creates\" such a thing by taking over the one that AWS made, and \
             takes every rule of a default group or network ACL and every route of a main table away at once. If a plan says `will be created` for \
             one of them, stop: the import block is missing, or the region is wrong. Destroying one only makes Terraform forget it.",
            list.join(", ")
        ));
    }
    lines.dedup();
    if !lines.is_empty() {
        let _ = write!(out, "\n## Take care\n\n{}\n", lines.join("\n"));
    }
    out.push_str("\nWhat holds data or serves users carries `prevent_destroy`: a plan that would destroy it fails. Take the line away only for a change that you mean.\n");
}

/// As [`cell`], with the code spans that our own sentences hold left alone.
fn cell_keep_code(text: &str) -> String {
    text.split('`').enumerate().map(|(i, part)| if i % 2 == 1 { code(part) } else { cell(part) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_aws_cannot_break_the_table() {
        assert_eq!(cell("a|b\n<script>[x](y)`"), "a\\|b \\<script\\>\\[x\\](y)\\`");
        assert_eq!(code("a`b|c\n"), "`a b c `");
    }
}
