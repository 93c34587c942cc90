//! Observation: the only room that talks to AWS, and it can only read.
