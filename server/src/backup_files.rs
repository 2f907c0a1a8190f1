//! The files that backups are written into.

use crate::config::Settings;
use chrono::Utc;
use std::path::PathBuf;

pub const STAMP: &str = "%Y%m%d-%H%M%S";

pub fn folder(settings: &Settings) -> PathBuf {
    settings.data.join("backups")
}

/// A name for a new backup, by what it is for; nothing is called that yet.
pub fn new_file(settings: &Settings, what: &str) -> PathBuf {
    let stamp = Utc::now().format(STAMP).to_string();
    let named = |n: u32| match n {
        1 => folder(settings).join(format!("{what}-{stamp}.backup")),
        n => folder(settings).join(format!("{what}-{stamp}-{n}.backup")),
    };
    (1..100).map(&named).find(|f| !f.exists()).unwrap_or_else(|| named(1))
}
