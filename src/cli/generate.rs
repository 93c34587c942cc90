//! `surveyor generate`, and what `run` and `demo` share with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::config::Config;
use super::formats::Format;
use super::judging::{self, FailOn, Judged};
use super::output::Results;
use super::{End, Talk, print};
use crate::error::Error;
use crate::estate::Snapshot;
use crate::files;
use crate::report::model::Generation;
use crate::report::spec;
use crate::runbook::Library;
use crate::terraform::also::{self, Learnt, Memory};
use crate::terraform::{self, GenerateOptions, Layout, Stats, VerifyOptions};

/// Arguments of `generate`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The snapshot that `surveyor scan` wrote.
    snapshot: PathBuf,
    #[command(flatten)]
    into: Into,
    #[command(flatten)]
    also: Also,
    #[command(flatten)]
    judging: judging::Arguments,
}

/// Resources that no scan reads.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "More resources")]
#[group(skip)]
struct Also {
    /// Take this resource over too, whatever its type: terraform reads it by its import id. Several are possible.
    #[arg(long, value_name = "TYPE[@REGION]=ID")]
    also: Vec<String>,
    /// A file of such resources, one per line; `#` begins a comment.
    #[arg(long, value_name = "FILE")]
    also_file: Option<PathBuf>,
    /// The program for that: terraform, tofu, or a path. Default: terraform, else tofu.
    #[arg(long, value_name = "PROGRAM")]
    terraform: Option<PathBuf>,
}

impl Also {
    /// What was asked for.
    fn requests(&self) -> Result<Vec<also::Request>, Error> {
        let mut requests = self.also.iter().map(|text| also::parse(text, "--also")).collect::<Result<Vec<_>, _>>()?;
        if let Some(file) = &self.also_file {
            requests.extend(also::parse_file(file)?);
        }
        Ok(requests)
    }

    /// What is known of such resources: from earlier runs, and read anew where it is asked for. Also those that are left out.
    fn known(&self, snapshot: &Snapshot, folder: &Path, talk: &Talk) -> Result<Learnt, Error> {
        let requests = self.requests()?;
        let memory = Memory::read(&folder.join(also::FILE))?;
        let options = VerifyOptions { program: self.terraform.clone(), ..VerifyOptions::default() };
        also::learn(snapshot, memory, &requests, &folder.join("terraform"), &options, &|line| talk.say(line))
    }
}

/// Where and how to generate.
#[derive(Debug, Clone, clap::Args)]
#[group(skip)]
pub struct Into {
    /// Folder for the results; the account's number is added.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How to spread the code over roots.
    #[arg(long, value_enum, default_value = "auto")]
    layout: LayoutChoice,
    /// Folder of templates (`*.md.hbs`) of your own for runbooks and `handover.md`: one of the same name replaces a built-in one.
    #[arg(long, value_name = "DIR")]
    templates: Option<PathBuf>,
}

/// How to spread the code over roots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LayoutChoice {
    /// One per environment when the estate can be parted, else one.
    Auto,
    /// One.
    Single,
    /// One per environment.
    Environments,
}

impl Into {
    /// The folder for results.
    #[must_use]
    pub fn folder(&self, config: &Config) -> PathBuf {
        self.out.clone().or_else(|| config.out.clone()).unwrap_or_else(|| PathBuf::from("out"))
    }

    /// The templates asked for.
    ///
    /// # Errors
    /// When the folder cannot be read or a template is broken; names file and line.
    pub fn templates(&self, config: &Config) -> Result<Library, Error> {
        Library::load(self.templates.as_deref().or(config.templates.as_deref()))
    }

    /// The layout asked for.
    #[must_use]
    pub fn layout(&self) -> Layout {
        match self.layout {
            LayoutChoice::Auto => Layout::Auto,
            LayoutChoice::Single => Layout::One,
            LayoutChoice::Environments => Layout::PerEnvironment,
        }
    }
}

/// Generates from a snapshot.
///
/// # Errors
/// When the snapshot or a rule cannot be read, or a result cannot be written.
pub fn run(arguments: &Arguments, json: bool, config: &Config, talk: &Talk) -> Result<End, Error> {
    let mut snapshot = Snapshot::read(&arguments.snapshot)?;
    let folder = arguments.into.folder(config).join(&snapshot.meta.account);
    let states = arguments.judging.states(config)?;
    let known = arguments.also.known(&snapshot, &folder, talk)?;
    known.memory.add_to(&mut snapshot);
    let mut judged = arguments.judging.judge(snapshot, states, config, false, Some(&folder.join("findings.json")))?;
    judged.say_states(talk);
    let templates = arguments.into.templates(config)?;
    let stats = everything(&mut judged, &folder, arguments.into.layout(), &templates, &known.memory)?;
    if json {
        print(&(serde_json::to_string_pretty(&stats).map_err(|e| Error::internal(e.to_string()))? + "\n"))?;
    }
    talk.say(&paths(&folder, stats));
    for line in &known.left_out {
        talk.warn(line);
    }
    match arguments.judging.end(&judged, config, FailOn::Never)? {
        // The code is not all that was asked for.
        End::Clean if !known.left_out.is_empty() => Ok(End::Complaint),
        end => Ok(end),
    }
}

/// Writes the whole of `out/<account>/` but the snapshot: code, spec, runbooks, hand-over, findings, reports; all or nothing.
///
/// # Errors
/// When a template fails or a file cannot be written.
pub fn everything(judged: &mut Judged, folder: &Path, layout: Layout, templates: &Library, memory: &Memory) -> Result<Stats, Error> {
    let code = folder.join("terraform");
    let earlier = |name: &str| {
        let path = code.join(name);
        path.is_file().then(|| files::read_text(&path)).transpose()
    };
    let options = GenerateOptions { names: earlier("names.yaml")?, healed: earlier(terraform::HEALED)?, layout, lessons: memory.lessons() };
    let tree = terraform::generate(&judged.estate, &options)?;
    let documents = templates.render(&judged.estate, &judged.findings)?;
    let generation = Generation {
        imports: tree.stats.resources,
        left_out: tree.stats.left_out,
        files: tree.files.len(),
        lines: tree.stats.lines,
        reference_share: tree.stats.reference_share(),
        runbooks: documents
            .iter()
            .filter_map(|d| Some(d.path.strip_prefix("runbooks/")?.strip_suffix(".md")?.to_owned()))
            .filter(|id| id != "README")
            .collect(),
        plan: None,
    };
    judged.model.set_generation(generation);
    let estate = spec::render(&judged.estate, &judged.model)?;

    let runbooks: BTreeMap<String, String> =
        documents.into_iter().map(|d| (d.path.strip_prefix("runbooks/").unwrap_or(&d.path).to_owned(), d.text)).collect();
    let mut results = Results::new(folder);
    results.tree("terraform", tree.files);
    results.tree("runbooks", runbooks);
    results.file("estate.yaml", estate);
    results.file("handover.md", templates.handover(&judged.estate, &judged.findings, Some(&judged.model.costs))?);
    for format in [Format::Json, Format::Markdown, Format::Html] {
        results.file(format.file_name(), format.render(&judged.model, false)?);
    }
    if !memory.is_empty() {
        results.file(also::FILE, memory.text()?);
    }
    results.write()?;
    Ok(tree.stats)
}

/// Where everything is, for the end of the screen.
#[must_use]
pub fn paths(folder: &Path, stats: Stats) -> String {
    let at = |name: &str| folder.join(name).display().to_string();
    format!(
        "report      {}\nfindings    {}\nterraform   {}  ({} resources in {} blocks, {} left out)\nrunbooks    {}\nhand-over   {}\nspec        {}\nproof       surveyor verify {}",
        at("report.html"),
        at("findings.json"),
        at("terraform"),
        stats.resources,
        stats.blocks,
        stats.left_out,
        at("runbooks"),
        at("handover.md"),
        at("estate.yaml"),
        at("terraform"),
    )
}
