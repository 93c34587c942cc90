//! Where results go: whole files only, and what an earlier run wrote and this one does not is taken away.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};

use crate::error::Error;
use crate::files;

/// The list of what was written, kept in the folder itself.
const MANIFEST: &str = ".surveyor-files";

/// Writes a folder of text files. Files of an earlier run that are not among them are removed; whatever else is in the folder (a
/// state, `.terraform`, the user's own files) stays.
///
/// # Errors
/// [`Error::output`] with the path that could not be written.
pub fn folder(folder: &Path, texts: &BTreeMap<String, String>) -> Result<(), Error> {
    for (name, text) in texts {
        files::write(&folder.join(name), text.as_bytes())?;
    }
    let manifest = folder.join(MANIFEST);
    let before: BTreeSet<String> = match files::read_text(&manifest) {
        Ok(text) => text.lines().map(str::to_owned).collect(),
        Err(_) => BTreeSet::new(),
    };
    for stale in before.iter().filter(|name| !texts.contains_key(*name) && is_inside(name)) {
        let path = folder.join(stale);
        if path.is_file() {
            std::fs::remove_file(&path).map_err(|e| Error::output(format!("cannot remove {}: {e}", path.display())))?;
        }
    }
    let mut list: String = texts.keys().map(|name| format!("{name}\n")).collect();
    list.push_str(MANIFEST);
    list.push('\n');
    files::write(&manifest, list.as_bytes())
}

/// A manifest that somebody edited must not lead out of its folder.
fn is_inside(name: &str) -> bool {
    Path::new(name).components().all(|c| matches!(c, Component::Normal(_))) && name != MANIFEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stale_files_go_and_foreign_ones_stay() {
        let dir = tempfile::tempdir().unwrap();
        let at = |names: &[&str]| names.iter().map(|n| ((*n).to_owned(), "x".to_owned())).collect::<BTreeMap<_, _>>();
        folder(dir.path(), &at(&["a.tf", "sub/b.tf"])).unwrap();
        std::fs::write(dir.path().join("terraform.tfstate"), "{}").unwrap();
        std::fs::write(dir.path().join(MANIFEST), "a.tf\nsub/b.tf\n../outside\n").unwrap();
        let outside = dir.path().parent().unwrap().join("outside");
        folder(dir.path(), &at(&["a.tf"])).unwrap();
        assert!(dir.path().join("a.tf").exists() && dir.path().join("terraform.tfstate").exists());
        assert!(!dir.path().join("sub/b.tf").exists());
        assert!(!is_inside("../outside") && !is_inside("/etc/passwd") && !outside.exists());
    }
}
