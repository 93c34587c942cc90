//! Terraform: naming, layout, HCL, imports, and the proof by a real plan.

pub mod hcl;
