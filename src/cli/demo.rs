//! `surveyor demo`: the whole job on a built-in account, without credentials and without a network.

use super::config::Config;
use super::generate::Into;
use super::{End, Talk, judging};
use crate::error::Error;

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    into: Into,
    #[command(flatten)]
    judging: judging::Arguments,
}

/// Scans the recorded answers of a hand-built account with the real collectors, and does the rest as `run` does.
///
/// # Errors
/// When a result cannot be written.
#[cfg(feature = "aws")]
pub fn run(arguments: &Arguments, json: bool, config: &Config, talk: &Talk) -> Result<End, Error> {
    const RECORDING: &[u8] = include_bytes!("../../fixtures/exo/recording.jsonl.zst");
    let plain = zstd::decode_all(RECORDING).map_err(|e| Error::internal(format!("the built-in recording is broken: {e}")))?;
    let text = String::from_utf8(plain).map_err(|e| Error::internal(format!("the built-in recording is broken: {e}")))?;
    let mut options = crate::aws::run::Options::default();
    super::access::replay(&mut options, crate::aws::replay::Recording::parse(&text, "built-in recording")?);
    super::run::whole(options, arguments.judging.states(config)?, &arguments.into, &arguments.judging, json, config, talk)
}

/// As with the `aws` feature, but from the snapshot that such a scan wrote.
///
/// # Errors
/// When a result cannot be written.
#[cfg(not(feature = "aws"))]
pub fn run(arguments: &Arguments, json: bool, config: &Config, talk: &Talk) -> Result<End, Error> {
    use crate::estate::Snapshot;
    const SNAPSHOT: &[u8] = include_bytes!("../../fixtures/exo/snapshot.json.zst");
    let plain = zstd::decode_all(SNAPSHOT).map_err(|e| Error::internal(format!("the built-in snapshot is broken: {e}")))?;
    let snapshot = Snapshot::parse(&plain, "built-in snapshot")?;
    snapshot.write(&arguments.into.folder(config).join(&snapshot.meta.account).join("snapshot.json.zst"))?;
    super::run::results(snapshot, arguments.judging.states(config)?, &arguments.into, &arguments.judging, json, config, talk)
}
