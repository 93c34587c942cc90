//! Terraform: naming, layout, HCL, imports, and the proof by a real plan.

pub mod body;
pub mod hcl;
pub mod naming;
pub mod select;
