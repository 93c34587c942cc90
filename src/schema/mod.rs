//! The provider's argument table, the facts table, and the overlay of what the schema omits.
