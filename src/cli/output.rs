//! Where results go: all of them or none, and what an earlier run wrote and this one does not is taken away.
//!
//! Everything is first written beside its place. Only when all of it is on the disk does it change places with what was there, by
//! renaming; what fails then is put back. So a full disk, a missing permission or a broken file system leaves the results as they were.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::error::Error;
use crate::files;

/// The list of what was written, kept in the folder itself.
const MANIFEST: &str = ".surveyor-files";

/// Stands in the manifest while files change places; found afterwards, the run was cut short.
const UNFINISHED: &str = "# unfinished";

/// Files that are the user's once they are there: people write into them what no survey can know.
const USERS: &[&str] = &["backend.tf"];

/// The files of one run, to be put in their places together.
#[derive(Debug)]
pub struct Results<'a> {
    folder: &'a Path,
    /// Folders that hold nothing but results: files of an earlier run that are in none of these go.
    trees: BTreeMap<String, BTreeSet<String>>,
    /// Text by path within the folder.
    texts: BTreeMap<String, String>,
}

/// A step that was done, for putting it back.
enum Step {
    /// A new file or folder stands where nothing was.
    Put(PathBuf),
    /// A file was replaced or taken away; the earlier one is kept here.
    Kept { place: PathBuf, before: PathBuf },
}

impl<'a> Results<'a> {
    /// Results that will lie in `folder`, which need not exist.
    pub fn new(folder: &'a Path) -> Self {
        Results { folder, trees: BTreeMap::new(), texts: BTreeMap::new() }
    }

    /// Adds a file of its own.
    pub fn file(&mut self, name: &str, text: String) {
        self.texts.insert(name.to_owned(), text);
    }

    /// Adds a folder of files. Files of an earlier run that are not among them will go; whatever else is in that folder (a state,
    /// `.terraform`, the user's own files, a `backend.tf` that is there already) stays.
    pub fn tree(&mut self, name: &str, texts: BTreeMap<String, String>) {
        let mut names = BTreeSet::new();
        for (file, text) in texts {
            let place = format!("{name}/{file}");
            let users = USERS.contains(&file.rsplit('/').next().unwrap_or(&file)) && self.folder.join(&place).exists();
            names.insert(file);
            if !users {
                self.texts.insert(place, text);
            }
        }
        self.trees.insert(name.to_owned(), names);
    }

    /// Writes everything beside its place, then lets it change places with what is there.
    ///
    /// # Errors
    /// [`Error::output`] with the path that could not be written; everything is then as it was before.
    pub fn write(self) -> Result<(), Error> {
        let fail = |path: &Path, e: &std::io::Error| Error::output(format!("cannot write {}: {e}", path.display()));
        fs::create_dir_all(self.folder).map_err(|e| fail(self.folder, &e))?;
        let stage = tempfile::Builder::new().prefix(".surveyor-").tempdir_in(self.folder).map_err(|e| fail(self.folder, &e))?;
        let new = stage.path().join("new");
        for (name, text) in &self.texts {
            // The error names the place that the user knows, not the one beside it.
            files::write(&new.join(name), text.as_bytes()).map_err(|e| self.named(&new, e))?;
        }
        for (tree, names) in &self.trees {
            let manifest = |head: &str, names: &BTreeSet<String>| {
                let list: String = names.iter().map(|name| format!("{name}\n")).collect();
                format!("{head}{list}{MANIFEST}\n")
            };
            files::write(&new.join(tree).join(MANIFEST), manifest("", names).as_bytes()).map_err(|e| self.named(&new, e))?;
            // Should the machine stop between two renames, this list tells the next run all that may have to go.
            let both = names.union(&written_before(&self.folder.join(tree))).cloned().collect();
            let head = format!("{UNFINISHED}\n");
            files::write(&stage.path().join("unfinished").join(tree), manifest(&head, &both).as_bytes())
                .map_err(|e| self.named(&new, e))?;
        }
        let mut done = Vec::new();
        let swapped = self.swap(stage.path(), &mut done);
        let Err(error) = swapped else { return Ok(()) };
        match put_back(done) {
            Ok(()) => Err(error),
            Err(e) => {
                let kept = stage.keep();
                let hint = format!("the earlier results could not all be put back ({e}); they are kept in {}", kept.display());
                Err(error.hint(hint))
            }
        }
    }

    /// An error about a file beside its place, as one about its place.
    fn named(&self, new: &Path, mut error: Error) -> Error {
        error.message = error.message.replace(&new.display().to_string(), &self.folder.display().to_string());
        error
    }

    fn swap(&self, stage: &Path, done: &mut Vec<Step>) -> Result<(), Error> {
        let new = stage.join("new");
        let mut whole = BTreeSet::new();
        for tree in self.trees.keys() {
            let place = self.folder.join(tree);
            if !place.exists() {
                // Nothing to keep: the folder appears with all that is in it.
                rename(&new.join(tree), &place)?;
                done.push(Step::Put(place));
                whole.insert(tree.as_str());
            } else if place.join(MANIFEST).exists() {
                replace(
                    &stage.join("unfinished").join(tree),
                    &place.join(MANIFEST),
                    &stage.join("before").join(tree).join(MANIFEST),
                    done,
                )?;
            }
        }
        for name in self.texts.keys() {
            if name.split_once('/').is_none_or(|(tree, _)| !whole.contains(tree)) {
                replace(&new.join(name), &self.folder.join(name), &stage.join("before").join(name), done)?;
            }
        }
        for (tree, names) in self.trees.iter().filter(|(tree, _)| !whole.contains(tree.as_str())) {
            let place = self.folder.join(tree);
            for stale in written_before(&place).iter().filter(|name| !names.contains(*name)) {
                let path = place.join(stale);
                let before = stage.join("before").join(tree).join(stale);
                if path.is_file() && !path.is_symlink() {
                    make_room(&before)?;
                    rename(&path, &before)?;
                    done.push(Step::Kept { place: path.clone(), before });
                    // The folder of a root that is no more, when nothing else is in it.
                    for folder in path.ancestors().skip(1).take_while(|f| *f != place) {
                        if fs::remove_dir(folder).is_err() {
                            break;
                        }
                    }
                }
            }
            replace(&new.join(tree).join(MANIFEST), &place.join(MANIFEST), &stage.join("before").join(tree).join("last"), done)?;
        }
        Ok(())
    }
}

/// True when the last run that wrote this folder came to its end, or none ever wrote it.
pub fn is_whole(folder: &Path) -> bool {
    files::read_text(&folder.join(MANIFEST)).map_or(true, |text| !text.starts_with(UNFINISHED))
}

/// What earlier runs wrote into a folder. A list that somebody edited must not lead out of it.
fn written_before(folder: &Path) -> BTreeSet<String> {
    let inside = |name: &str| Path::new(name).components().all(|c| matches!(c, Component::Normal(_))) && name != MANIFEST;
    let text = files::read_text(&folder.join(MANIFEST)).unwrap_or_default();
    text.lines().filter(|name| *name != UNFINISHED && inside(name)).map(str::to_owned).collect()
}

fn make_room(path: &Path) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|e| Error::output(format!("cannot write {}: {e}", folder.display())))
}

fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    fs::rename(from, to).map_err(|e| Error::output(format!("cannot write {}: {e}", to.display())))
}

/// Puts a file in its place at one stroke, after a second link to what was there is kept.
fn replace(new: &Path, place: &Path, before: &Path, done: &mut Vec<Step>) -> Result<(), Error> {
    make_room(place)?;
    let step = if place.symlink_metadata().is_ok() {
        make_room(before)?;
        // Some file systems know no second links.
        fs::hard_link(place, before)
            .or_else(|_| fs::copy(place, before).map(drop))
            .map_err(|e| Error::output(format!("cannot replace {}: {e}", place.display())))?;
        Step::Kept { place: place.to_path_buf(), before: before.to_path_buf() }
    } else {
        Step::Put(place.to_path_buf())
    };
    rename(new, place)?;
    done.push(step);
    Ok(())
}

/// Undoes steps, the last first.
fn put_back(done: Vec<Step>) -> std::io::Result<()> {
    for step in done.into_iter().rev() {
        match step {
            Step::Put(place) if place.is_dir() => fs::remove_dir_all(place)?,
            Step::Put(place) => fs::remove_file(place)?,
            Step::Kept { place, before } => {
                fs::create_dir_all(place.parent().unwrap_or(&place))?;
                fs::rename(before, place)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(names: &[&str], text: &str) -> BTreeMap<String, String> {
        names.iter().map(|n| ((*n).to_owned(), format!("{text} {n}"))).collect()
    }

    fn write(folder: &Path, names: &[&str], text: &str) -> Result<(), Error> {
        let mut results = Results::new(folder);
        results.file("spec.yaml", text.to_owned());
        results.tree("code", texts(names, text));
        results.write()
    }

    /// Every file below a folder with its text.
    fn found(folder: &Path) -> BTreeMap<PathBuf, String> {
        let mut out = BTreeMap::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                out.extend(found(&path));
            } else {
                out.insert(path.clone(), fs::read_to_string(&path).unwrap());
            }
        }
        out
    }

    #[test]
    fn stale_files_go_and_foreign_ones_stay() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        write(&out, &["a.tf", "backend.tf", "live/b.tf"], "one").unwrap();
        let code = out.join("code");
        fs::write(code.join("terraform.tfstate"), "{}").unwrap();
        fs::write(code.join("backend.tf"), "mine").unwrap();
        fs::write(dir.path().join("outside"), "x").unwrap();
        fs::write(code.join(MANIFEST), "a.tf\nbackend.tf\nlive/b.tf\n../../outside\n").unwrap();
        write(&out, &["a.tf", "backend.tf", "c.tf"], "two").unwrap();
        let text = |name: &str| fs::read_to_string(code.join(name)).unwrap();
        assert_eq!((text("a.tf"), text("c.tf")), ("two a.tf".into(), "two c.tf".into()));
        assert_eq!((text("terraform.tfstate"), text("backend.tf")), ("{}".into(), "mine".into()));
        assert!(!code.join("live").exists(), "an empty folder goes with its last file");
        assert!(dir.path().join("outside").exists());
        let names: Vec<_> = fs::read_dir(&out).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names.len(), 2, "nothing is left beside the results: {names:?}");
    }

    #[test]
    fn what_cannot_be_finished_leaves_all_as_it_was() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &["a.tf", "b.tf", "live/old.tf"], "one").unwrap();
        // A folder where a file is to go: the renames before it succeed, this one cannot.
        fs::create_dir_all(dir.path().join("code/z.tf/mine")).unwrap();
        let before = found(dir.path());
        let error = write(dir.path(), &["a.tf", "c.tf", "z.tf"], "two").unwrap_err();
        assert!(error.message.contains("code/z.tf"), "{error}");
        assert_eq!(found(dir.path()), before);
        fs::remove_dir_all(dir.path().join("code/z.tf")).unwrap();
        write(dir.path(), &["a.tf", "c.tf", "z.tf"], "two").unwrap();
        assert!(is_whole(&dir.path().join("code")) && !dir.path().join("code/b.tf").exists());
    }

    #[test]
    fn a_run_cut_short_is_known_and_mended_by_the_next() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), &["a.tf", "b.tf"], "one").unwrap();
        let code = dir.path().join("code");
        // The power goes after the first rename of a run that writes a.tf and c.tf.
        fs::write(code.join(MANIFEST), format!("{UNFINISHED}\na.tf\nb.tf\nc.tf\n{MANIFEST}\n")).unwrap();
        fs::write(code.join("c.tf"), "two").unwrap();
        assert!(!is_whole(&code));
        write(dir.path(), &["a.tf"], "three").unwrap();
        assert!(is_whole(&code) && !code.join("b.tf").exists() && !code.join("c.tf").exists());
    }
}
