//! `surveyor.toml`: defaults for the options of every command, kept with the project. Options on the command line win.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::Error;
use crate::files;

/// The file that is read when it is there and no other is named.
const DEFAULT: &str = "surveyor.toml";

/// What the file may say. Unknown keys are errors.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(feature = "aws"), allow(dead_code, reason = "one file serves both builds; without the SDK there is no account to reach"))]
pub struct Config {
    /// `--profile`
    pub profile: Option<String>,
    /// `--role-arn`
    pub role_arn: Option<String>,
    /// `--external-id`
    pub external_id: Option<String>,
    /// `--region`
    #[serde(default)]
    pub regions: Vec<String>,
    /// `--service`
    #[serde(default)]
    pub services: Vec<String>,
    /// `--exclude`
    #[serde(default)]
    pub exclude: Vec<String>,
    /// `--cost-explorer`
    #[serde(default)]
    pub cost_explorer: bool,
    /// `--rules`, relative to the file
    #[serde(default)]
    pub rules: Vec<PathBuf>,
    /// `--suppressions`, relative to the file
    pub suppressions: Option<PathBuf>,
    /// `--environments`, relative to the file
    pub environments: Option<PathBuf>,
    /// `--templates`, relative to the file
    pub templates: Option<PathBuf>,
    /// `--fail-on`
    pub fail_on: Option<String>,
    /// `--out` of `run` and `generate`, relative to the file
    pub out: Option<PathBuf>,
}

impl Config {
    /// Reads the file named, or `surveyor.toml` if there is one.
    ///
    /// # Errors
    /// [`Error::input`] with line and column of what is wrong.
    pub fn load(named: Option<&Path>) -> Result<Config, Error> {
        let path = match named {
            Some(path) => path.to_owned(),
            None if Path::new(DEFAULT).is_file() => PathBuf::from(DEFAULT),
            None => return Ok(Config::default()),
        };
        let text = files::read_text(&path)?;
        let mut config: Config =
            toml::from_str(&text).map_err(|e| Error::input(format!("{}: {}", path.display(), e.to_string().trim_end())))?;
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        for file in config
            .rules
            .iter_mut()
            .chain(&mut config.suppressions)
            .chain(&mut config.environments)
            .chain(&mut config.templates)
            .chain(&mut config.out)
        {
            *file = folder.join(&*file);
        }
        Ok(config)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("surveyor.toml");
        std::fs::write(&path, "regions = [\"eu-west-3\"]\nregoins = []\n").unwrap();
        let error = Config::load(Some(&path)).unwrap_err();
        assert!(error.message.contains("line 2") && error.message.contains("regoins"), "{error}");
        std::fs::write(&path, "rules = [\"house\"]\n").unwrap();
        assert_eq!(Config::load(Some(&path)).unwrap().rules, [dir.path().join("house")]);
    }
}
