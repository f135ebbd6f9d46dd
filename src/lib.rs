//! Accord.
