//! What things cost: a dated price book and estimates that never guess.
