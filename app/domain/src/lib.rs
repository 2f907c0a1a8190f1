//! What Rapport knows without asking anybody: types, ids, commands, rules and formulas.
//!
//! Pure Rust for the server and for the browser: no I/O, no clock, no framework.

pub mod addresses;
pub mod analytics;
pub mod capture;
pub mod changes;
pub mod commands;
pub mod companies;
pub mod contacts;
pub mod dashboard;
pub mod deals;
pub mod events;
pub mod fields;
pub mod forecast;
pub mod groups;
pub mod ids;
pub mod imports;
pub mod interactions;
pub mod invalid;
pub mod language;
pub mod lists;
pub mod members;
pub mod money;
pub mod notes;
pub mod notifications;
pub mod open;
pub mod page;
pub mod paths;
pub mod people;
pub mod permissions;
pub mod pipelines;
pub mod products;
pub mod rank;
pub mod records;
pub mod sample;
pub mod shares;
pub mod tags;
pub mod tasks;
pub mod today;
pub mod tokens;
pub mod views;
pub mod waits;
pub mod zone;

pub use commands::{Command, Envelope, Inner, Inverse, Outcome, Surface};
pub use fields::{FieldKind, FieldMap, FieldSpec};
pub use ids::*;
pub use invalid::{FieldError, Invalid};
pub use language::Language;
pub use money::{Currency, Money};
pub use page::{Cursor, Page};
pub use permissions::{Permission, Role};
pub use records::{EntityKind, Record};
pub use waits::Wait;
