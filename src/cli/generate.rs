//! `surveyor generate`.
use super::{End, Talk, output};
use crate::error::Error;
use crate::estate::{Estate, Snapshot};
use crate::files;
use crate::terraform::{self, GenerateOptions};
use std::path::{Path, PathBuf};

/// Arguments of `generate`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The snapshot.
    snapshot: PathBuf,
    /// Folder for the results.
    #[arg(long, value_name = "DIR", default_value = "out")]
    out: PathBuf,
}

/// Generates.
pub fn run(arguments: &Arguments, talk: &Talk) -> Result<End, Error> {
    let snapshot = Snapshot::read(&arguments.snapshot)?;
    let estate = Estate::new(snapshot);
    let folder = arguments.out.join(&estate.snapshot().meta.account);
    terraform_tree(&estate, &folder.join("terraform"), talk)?;
    Ok(End::Clean)
}

fn terraform_tree(estate: &Estate, folder: &Path, talk: &Talk) -> Result<(), Error> {
    let names = folder.join("names.yaml");
    let options =
        GenerateOptions { names: if names.exists() { Some(files::read_text(&names)?) } else { None }, ..GenerateOptions::default() };
    let tree = terraform::generate(estate, &options)?;
    output::folder(folder, &tree.files)?;
    talk.say(&format!("{:?}", tree.stats));
    Ok(())
}
