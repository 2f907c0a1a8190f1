//! The server as HTTP clients, browsers and operators meet it. One binary: it is linked once and its tests share one Postgres.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods)]

mod account;
mod away;
mod backup;
mod bodies;
mod canary;
mod colleagues;
mod daily;
mod held;
mod hostile;
mod import_rights;
mod imports;
mod inherited;
mod interface;
mod killed;
mod kit;
mod lists;
mod memberships;
mod once;
mod openapi;
mod postgres_dies;
mod private;
mod program;
mod promises;
mod push;
mod rest;
mod rights;
mod schedule;
mod sign_in;
mod streams;
mod throttle;
mod wire;
