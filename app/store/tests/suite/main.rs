//! The store against a real Postgres. One binary: it is linked once and its tests share one server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods)]

mod audience;
mod backup;
mod bulk;
mod changes;
mod daily;
mod door;
mod fields;
mod figures;
mod groups;
mod isolation;
mod keys;
mod kit;
mod leads;
mod leaving;
mod notes;
mod plans;
mod properties;
mod purge;
mod references;
mod sample;
mod upgrade;
