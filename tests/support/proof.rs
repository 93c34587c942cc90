//! The proof by the real terraform: the code generated for a simulated account, planned with the real provider.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Simulator, Terraform, aim_at_simulator, copy, files, roots, said};

/// What terraform would do.
pub struct Plan {
    /// How many things it would import.
    pub imports: u64,
    /// What else it would do.
    pub others: Vec<String>,
    /// Errors and warnings.
    pub diagnostics: Vec<String>,
}

/// Plans a root and reads terraform's machine output.
pub fn plan(terraform: &Terraform, simulator: &Simulator, root: &Path) -> Plan {
    let init = terraform.run(simulator, root, &["init", "-input=false", "-no-color"]);
    assert!(init.status.success(), "{}", said(&init));
    let validate = terraform.run(simulator, root, &["validate", "-json"]);
    let valid: Value = serde_json::from_slice(&validate.stdout).expect("validate writes JSON");
    assert_eq!((&valid["valid"], &valid["warning_count"]), (&Value::Bool(true), &Value::from(0)), "{}", said(&validate));
    let output = terraform.run(simulator, root, &["plan", "-input=false", "-json"]);
    let mut plan = Plan { imports: 0, others: Vec::new(), diagnostics: Vec::new() };
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Ok(event) = serde_json::from_str::<Value>(line) else { continue };
        match event["type"].as_str() {
            Some("diagnostic") => plan.diagnostics.push(event["diagnostic"].to_string()),
            Some("planned_change") if event["change"]["action"] != "import" && event["change"]["action"] != "noop" => {
                plan.others.push(format!("{} {}", event["change"]["action"], event["change"]["resource"]["addr"]));
            }
            Some("change_summary") => plan.imports = event["changes"]["import"].as_u64().unwrap_or_default(),
            _ => {}
        }
    }
    assert!(plan.imports > 0 || !plan.diagnostics.is_empty(), "{}", said(&output));
    plan
}

/// Generates, formats and plans; what is imported, after checking that nothing else would happen.
pub fn prove(terraform: &Terraform, simulator: &Simulator) -> (u64, tempfile::TempDir) {
    prove_in(terraform, simulator, &[&simulator.region])
}

/// As [`prove`], over several regions.
pub fn prove_in(terraform: &Terraform, simulator: &Simulator, regions: &[&str]) -> (u64, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let copied = tree_in(simulator, regions, folder.path());
    let tree = folder.path().join("out").join(&simulator.account).join("terraform");
    let format = terraform.run(simulator, &tree, &["fmt", "-check", "-recursive", "-diff"]);
    assert!(format.status.success(), "{}", said(&format));
    let imports = clean(terraform, simulator, &copied);
    assert_eq!(imports, imports_written(&tree), "every import block is in the plan");
    (imports, folder)
}

/// Plans every root of a tree that is aimed at the simulator; what is imported over all, after checking that nothing else would happen.
pub fn clean(terraform: &Terraform, simulator: &Simulator, tree: &Path) -> u64 {
    let mut imports = 0;
    for root in roots(tree) {
        let plan = plan(terraform, simulator, &root);
        assert_eq!(plan.diagnostics, Vec::<String>::new(), "{}", root.display());
        assert_eq!(plan.others, Vec::<String>::new(), "{}", root.display());
        imports += plan.imports;
    }
    imports
}

/// How many objects the import blocks name: each block one, or as many as its `for_each` has keys.
fn imports_written(tree: &Path) -> u64 {
    let mut count = 0;
    for (path, bytes) in files(tree) {
        if path.file_name().is_some_and(|n| n == "imports.tf") {
            let text = String::from_utf8(bytes).expect("UTF-8");
            for block in text.split("import {").skip(1) {
                let block = block.split("\n}").next().unwrap_or_default();
                count += match block.split_once("\n  for_each = ") {
                    Some((_, map)) => map
                        .lines()
                        .skip(1)
                        .filter(|l| l.contains(" = ") && !l.trim_start().starts_with("to ") && !l.trim_start().starts_with("id "))
                        .count() as u64,
                    None => 1,
                };
            }
        }
    }
    count
}

/// Generates into `folder` and returns a copy of the tree aimed at the simulator.
pub fn tree_for(simulator: &Simulator, folder: &Path) -> PathBuf {
    tree_in(simulator, &[&simulator.region], folder)
}

/// As [`tree_for`], over several regions.
fn tree_in(simulator: &Simulator, regions: &[&str], folder: &Path) -> PathBuf {
    let output = simulator.surveyor().args(["run", "--region"]).args(regions).arg("--out").arg(folder.join("out")).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let copied = folder.join("copy");
    copy(&folder.join("out").join(&simulator.account).join("terraform"), &copied);
    roots(&copied).iter().for_each(|root| aim_at_simulator(root));
    copied
}
