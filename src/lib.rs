//! Surveyor takes an AWS account that people built by hand and brings it under code.
//!
//! The way of the data is `observe → Snapshot → Estate → findings, costs, Terraform, runbooks, reports`.
//! Only [`aws`] (reads) and [`mod@terraform::verify`] (runs terraform) touch the outside; everything else is a
//! pure function of files. `docs/architecture.md` tells the whole.

#[cfg(feature = "aws")]
pub mod aws;
pub mod cidr;
pub mod cli;
pub mod cost;
pub mod error;
pub mod estate;
pub mod files;
pub mod log_pattern;
pub mod policy;
pub mod report;
pub mod rules;
pub mod runbook;
pub mod schema;
pub mod secrets;
pub mod terraform;
pub mod wildcard;
