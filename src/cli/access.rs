//! Options that every command which reads an account shares.

use std::path::PathBuf;
use std::sync::Arc;

use super::config::Config;
use crate::aws::replay::Recording;
use crate::aws::run::Options;
use crate::aws::session::Access;
use crate::error::Error;
use crate::files;

/// How to reach the account, and what of it to read.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Account")]
#[group(skip)]
pub struct Arguments {
    /// Profile of the shared AWS configuration.
    #[arg(long)]
    profile: Option<String>,
    /// Role to assume for reading.
    #[arg(long, value_name = "ARN")]
    role_arn: Option<String>,
    /// External id that the role asks for.
    #[arg(long, value_name = "ID", requires = "role_arn")]
    external_id: Option<String>,
    /// Region to read; several are possible; `all` for every enabled one. Default: the configured region, and every enabled one in
    /// which a quick look finds anything.
    #[arg(long, value_name = "REGION", num_args = 1.., value_delimiter = ',')]
    region: Vec<String>,
    /// Read only these services.
    #[arg(long, value_name = "SERVICE", num_args = 1.., value_delimiter = ',')]
    service: Vec<String>,
    /// Do not read these services.
    #[arg(long, value_name = "SERVICE", num_args = 1.., value_delimiter = ',')]
    exclude: Vec<String>,
    /// Ask Cost Explorer for last month's bill, to tell how much of the money is modelled: one or two requests of 0.01 US dollars each.
    #[arg(long)]
    cost_explorer: bool,
    /// Read recorded answers instead of an account.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["profile", "role_arn"])]
    recording: Option<PathBuf>,
}

impl Arguments {
    /// What the scan wants to know; the configuration stands in for what no option says.
    ///
    /// # Errors
    /// When the recording cannot be read.
    pub fn options(&self, config: &Config) -> Result<Options, Error> {
        let list = |given: &[String], configured: &[String]| if given.is_empty() { configured.to_vec() } else { given.to_vec() };
        let mut options = Options {
            access: Access {
                profile: self.profile.clone().or_else(|| config.profile.clone()),
                role_arn: self.role_arn.clone().or_else(|| config.role_arn.clone()),
                external_id: self.external_id.clone().or_else(|| config.external_id.clone()),
                recording: None,
            },
            regions: list(&self.region, &config.regions),
            services: list(&self.service, &config.services),
            exclude: list(&self.exclude, &config.exclude),
            cost_explorer: self.cost_explorer || config.cost_explorer,
            ..Options::default()
        };
        if let Some(path) = &self.recording {
            let bytes = files::read_maybe_zstd(path)?;
            let text = String::from_utf8(bytes).map_err(|e| Error::input(format!("{}: not UTF-8 text: {e}", path.display())))?;
            replay(&mut options, Recording::parse(&text, &path.display().to_string())?);
        }
        Ok(options)
    }
}

/// Reads from a recording: its answers, and its time so that the result is the same whenever it runs.
pub fn replay(options: &mut Options, recording: Recording) {
    options.taken_at.clone_from(&recording.recorded_at);
    options.access.recording = Some(Arc::new(recording));
}
