//! The server: settings, HTTP, REST, live stream, jobs, command line.
#![recursion_limit = "256"]

pub mod accept;
pub mod account;
mod allocator;
pub mod api;
pub mod assets;
pub mod auth;
pub mod backups;
pub mod beside;
pub mod cli;
pub mod client_address;
pub mod config;
pub mod egress;
pub mod forms;
pub mod help;
pub mod imports;
pub mod live;
mod live_places;
pub mod mail;
pub mod metrics;
mod offline;
pub mod pages;
pub mod people;
mod pictures;
pub mod postgres;
pub mod push;
pub mod push_forms;
pub mod reauth;
pub mod router;
pub mod security;
pub mod settings_forms;
pub mod shares;
pub mod state;
pub mod supervisor;
mod token_commands;
pub mod token_forms;
