//! File names of backups.

use crate::config::Settings;
use chrono::Utc;
use std::path::PathBuf;

pub const STAMP: &str = "%Y%m%d-%H%M%S";

pub fn folder(settings: &Settings) -> PathBuf {
    settings.data.join("backups")
}

/// Unused file name for a new backup, with its purpose as prefix.
pub fn new_file(settings: &Settings, what: &str) -> PathBuf {
    let stamp = Utc::now().format(STAMP).to_string();
    let named = |n: u32| match n {
        1 => folder(settings).join(format!("{what}-{stamp}.backup")),
        n => folder(settings).join(format!("{what}-{stamp}-{n}.backup")),
    };
    (1..100).map(&named).find(|f| !f.exists()).unwrap_or_else(|| named(1))
}
