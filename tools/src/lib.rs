//! The parts of the build tools that tests use too.

pub mod fixtures;
