//! Options that every command which reads an account shares.

use std::path::PathBuf;
use std::sync::Arc;

use super::config::Config;
use super::many::Accounts;
use crate::aws::accounts::{self, Member};
use crate::aws::replay::Recording;
use crate::aws::run::Options;
use crate::aws::session::Access;
use crate::error::Error;
use crate::files;

/// What stands for the account's number in the ARN of a role.
pub const PLACEHOLDER: &str = "{account}";

/// How to reach the account, and what of it to read.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Account")]
#[group(skip)]
pub struct Arguments {
    /// Profile of the shared AWS configuration.
    #[arg(long)]
    profile: Option<String>,
    /// Role to assume for reading. For many accounts with {account} in place of the number: 'arn:aws:iam::{account}:role/Survey'.
    #[arg(long, value_name = "ARN")]
    role_arn: Option<String>,
    /// Read these accounts, each through the role of --role-arn.
    #[arg(long, value_name = "ACCOUNT", num_args = 1.., value_delimiter = ',', conflicts_with_all = ["accounts_file", "organization"])]
    accounts: Vec<String>,
    /// Read the accounts of a file: a number per line, then what it is called; `#` begins a comment.
    #[arg(long, value_name = "FILE", conflicts_with = "organization")]
    accounts_file: Option<PathBuf>,
    /// Read every active account of the organisation.
    #[arg(long)]
    organization: bool,
    /// How many accounts to read at the same time.
    #[arg(long, value_name = "N", default_value = "4")]
    at_once: usize,
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
    /// Ask Cost Explorer for the bill of the last two months, to tell how much of the money is modelled and what rose: one or two requests of 0.01 US dollars each.
    #[arg(long)]
    cost_explorer: bool,
    /// Read recorded answers instead of an account.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["profile", "role_arn", "accounts", "accounts_file", "organization"])]
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

    /// The accounts to read, when there are to be many.
    ///
    /// # Errors
    /// When the role does not say where the number stands, a number is none, or the accounts cannot be listed.
    pub fn many(&self, options: &Options) -> Result<Option<Accounts>, Error> {
        let role = options.access.role_arn.as_deref().unwrap_or_default();
        let wanted = !self.accounts.is_empty() || self.accounts_file.is_some() || self.organization;
        match (wanted, role.contains(PLACEHOLDER)) {
            (false, false) => return Ok(None),
            (false, true) => {
                return Err(Error::usage(format!("the role holds {PLACEHOLDER}, and no accounts are given"))
                    .hint("--accounts 111111111111,222222222222, --accounts-file FILE or --organization"));
            }
            (true, false) => {
                return Err(Error::usage("several accounts need a role in each of them")
                    .hint(format!("--role-arn 'arn:aws:iam::{PLACEHOLDER}:role/NAME', with {PLACEHOLDER} in place of the number")));
            }
            (true, true) => {}
        }
        let base = Access { role_arn: None, external_id: None, ..options.access.clone() };
        let own = accounts::own(&base)?;
        let mut members = match &self.accounts_file {
            Some(path) => listed(&files::read_text(path)?, &path.display().to_string())?,
            None if self.organization => accounts::members(&base)?,
            None => self.accounts.iter().map(|a| member(a, "", "--accounts")).collect::<Result<_, _>>()?,
        };
        members.sort();
        members.dedup_by(|a, b| a.id == b.id);
        if members.is_empty() {
            return Err(Error::usage("there is no account to read"));
        }
        Ok(Some(Accounts { members, at_once: self.at_once, own, states: Vec::new() }))
    }
}

/// The accounts of a file.
fn listed(text: &str, origin: &str) -> Result<Vec<Member>, Error> {
    let mut all = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let (id, name) = line.split_once(|c: char| c.is_whitespace() || c == ',').unwrap_or((line, ""));
        all.push(member(id, name, &format!("{origin}:{}", number + 1))?);
    }
    Ok(all)
}

fn member(id: &str, name: &str, origin: &str) -> Result<Member, Error> {
    if id.len() != 12 || !id.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Error::usage(format!("{origin}: `{id}` is no account number")).hint("an account number has twelve digits"));
    }
    let name = name.trim();
    Ok(Member { id: id.to_owned(), name: (!name.is_empty()).then(|| name.to_owned()) })
}

/// Reads from a recording: its answers, and its time so that the result is the same whenever it runs.
pub fn replay(options: &mut Options, recording: Recording) {
    options.taken_at.clone_from(&recording.recorded_at);
    options.access.recording = Some(Arc::new(recording));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_accounts_is_read_and_a_wrong_line_is_named() {
        let all = listed("# ours\n111111111111 core\n\n222222222222,shop and more # by hand\n333333333333\n", "a.txt").unwrap();
        let pairs: Vec<(&str, Option<&str>)> = all.iter().map(|m| (m.id.as_str(), m.name.as_deref())).collect();
        assert_eq!(pairs, [("111111111111", Some("core")), ("222222222222", Some("shop and more")), ("333333333333", None)]);
        let error = listed("111111111111\n12345\n", "a.txt").unwrap_err();
        assert!(error.message.starts_with("a.txt:2: `12345`"), "{error}");
    }

    #[test]
    fn a_role_for_many_and_many_accounts_need_each_other() {
        let with_role = |role: &str| Options { access: Access { role_arn: Some(role.into()), ..Access::default() }, ..Options::default() };
        let none = Arguments::default();
        assert!(none.many(&Options::default()).unwrap().is_none());
        assert!(none.many(&with_role("arn:aws:iam::{account}:role/Survey")).is_err());
        let some = Arguments { accounts: vec!["111111111111".into()], ..Arguments::default() };
        let error = some.many(&with_role("arn:aws:iam::111111111111:role/Survey")).err().unwrap();
        assert!(error.hints[0].contains("{account}"), "{error}");
    }
}
