//! Runbooks: which apply, and the facts their templates need.
