//! A small amoCRM.
