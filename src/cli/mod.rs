//! The command line: one file per subcommand.

#[cfg(feature = "aws")]
mod access;
mod audit;
mod completions;
mod config;
mod coverage;
mod demo;
mod formats;
mod generate;
mod judging;
mod man;
#[cfg(feature = "aws")]
mod many;
mod output;
#[cfg(feature = "aws")]
mod permissions;
#[cfg(feature = "aws")]
mod progress;
mod report;
mod rules;
mod run;
#[cfg(feature = "aws")]
mod scan;
mod schema;
mod talk;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::error::Error;
pub use talk::Talk;

/// What a command ends with: the exit codes of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// 0: done, nothing to complain about.
    Clean,
    /// 1: findings at or above `--fail-on`, drift, or a plan that is not clean.
    Complaint,
    /// 3: coverage is incomplete and `--strict` was given.
    Incomplete,
}

/// Take a hand-built AWS account and bring it under code: survey, audit, Terraform with proven imports, runbooks.
#[derive(Debug, Parser)]
#[command(name = "surveyor", version, propagate_version = true, arg_required_else_help = true, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Say only what went wrong.
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Say more (repeat for every request); RUST_LOG is honoured.
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Write the result as JSON to standard output.
    #[arg(long, global = true)]
    json: bool,
    /// Defaults for the options. Default: surveyor.toml if there is one.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Do the whole job on a built-in account: no credentials, no network.
    Demo(demo::Arguments),
    /// Scan, audit, generate and report in one go.
    #[cfg(feature = "aws")]
    Run(run::Arguments),
    /// Read the account into a snapshot file, with a ledger of what could not be seen.
    #[cfg(feature = "aws")]
    Scan(scan::Arguments),
    /// Judge a snapshot: security, cost, reliability, operations.
    Audit(audit::Arguments),
    /// Write Terraform, spec, runbooks and hand-over from a snapshot.
    Generate(generate::Arguments),
    /// Prove generated Terraform with the real terraform: N to import, nothing to add, change or destroy.
    Verify(verify::Arguments),
    /// Print a report of a snapshot, whole or by the controls of a framework.
    Report(report::Arguments),
    /// List, show and test rules.
    Rules(rules::Arguments),
    /// Tell what was read of an account, or what can be read of each type.
    Coverage(coverage::Arguments),
    /// Print the least-privilege read-only IAM policy that a scan needs.
    #[cfg(feature = "aws")]
    Permissions(permissions::Arguments),
    /// Print the JSON Schema of a file that surveyor writes.
    Schema(schema::Arguments),
    /// Print the completion script of a shell.
    Completions(completions::Arguments),
    /// Print the manual page.
    Man,
}

/// Parses the arguments, runs the subcommand, and turns its result into the exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers; the rest is a usage error.
            let code = if error.use_stderr() { 2 } else { 0 };
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let talk = Talk::new(cli.quiet);
    log(cli.verbose);
    match run(&cli, &talk) {
        Ok(End::Clean) => ExitCode::SUCCESS,
        Ok(End::Complaint) => ExitCode::from(1),
        Ok(End::Incomplete) => ExitCode::from(3),
        Err(error) => {
            talk.error(&error);
            ExitCode::from(2)
        }
    }
}

fn run(cli: &Cli, talk: &Talk) -> Result<End, Error> {
    let config = config::Config::load(cli.config.as_deref())?;
    let json = cli.json;
    match &cli.command {
        Command::Demo(arguments) => demo::run(arguments, json, &config, talk),
        #[cfg(feature = "aws")]
        Command::Run(arguments) => run::run(arguments, json, &config, talk),
        #[cfg(feature = "aws")]
        Command::Scan(arguments) => scan::run(arguments, json, &config, talk),
        Command::Audit(arguments) => audit::run(arguments, json, &config, talk),
        Command::Generate(arguments) => generate::run(arguments, json, &config, talk),
        Command::Verify(arguments) => verify::run(arguments, json, talk),
        Command::Report(arguments) => report::run(arguments, json, &config),
        Command::Coverage(arguments) => coverage::run(arguments, json),
        Command::Rules(arguments) => rules::run(arguments, json, &config),
        #[cfg(feature = "aws")]
        Command::Permissions(arguments) => permissions::run(arguments, talk),
        Command::Schema(arguments) => schema::run(arguments),
        Command::Completions(arguments) => completions::run(arguments, Cli::command()),
        Command::Man => man::run(&Cli::command()),
    }
}

/// How to write for the terminal at hand.
fn style() -> crate::report::terminal::Style {
    use std::io::IsTerminal;
    let terminal = std::io::stdout().is_terminal();
    let width = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    crate::report::terminal::Style { colour: terminal && std::env::var_os("NO_COLOR").is_none(), width: width.unwrap_or(100) }
}

/// The log goes to standard error, and only when asked for.
fn log(verbose: u8) {
    let level = match verbose {
        0 => "off",
        1 => "surveyor=debug",
        _ => "surveyor=trace,aws_smithy_runtime=debug",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}

/// Writes data to standard output. A reader that went away (`| head`) is no error.
///
/// # Errors
/// [`Error::output`] when standard output cannot be written otherwise.
fn print(text: &str) -> Result<(), Error> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(Error::output(format!("cannot write to standard output: {e}"))),
        _ => Ok(()),
    }
}
