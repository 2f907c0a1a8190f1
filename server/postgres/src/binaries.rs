//! Finding a Postgres to run: the exact major of an existing folder, else the newest system one, else the pinned runtime.

use crate::{
    Error,
    inspect::{Binaries, inspect},
    runtime,
};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// Oldest major that Rapport runs on.
pub const OLDEST: u32 = 15;

/// Chooses the binaries for `data` (its `pg/PG_VERSION` decides if it is there). `None` as `path` means `$PATH`.
pub fn find(data: &Path, path: Option<&std::ffi::OsStr>) -> Result<Binaries, Error> {
    let wanted = std::fs::read_to_string(data.join("pg/PG_VERSION")).ok().and_then(|s| s.trim().parse::<u32>().ok());
    let found = candidates(data, path);
    if let Some(major) = wanted {
        return found.into_iter().find(|b| b.major == major).map_or_else(
            || match runtime::fetch(data)? {
                got if got.major == major => Ok(got),
                _ => Err(Error::WrongMajor { folder: data.into(), major }),
            },
            Ok,
        );
    }
    match found.into_iter().filter(|b| b.major >= OLDEST).max_by_key(|b| b.major) {
        Some(b) => Ok(b),
        None => runtime::fetch(data),
    }
}

fn candidates(data: &Path, path: Option<&std::ffi::OsStr>) -> Vec<Binaries> {
    let mut folders = BTreeSet::new();
    let from_env = std::env::var_os("PATH");
    let system_wide = path.is_none();
    for dir in std::env::split_paths(path.or(from_env.as_deref()).unwrap_or_default()) {
        if dir.join("initdb").exists() && dir.join("postgres").exists() {
            folders.insert(dir.canonicalize().unwrap_or(dir));
        }
    }
    if system_wide {
        for (base, tail) in [("/usr/lib/postgresql", "bin"), ("/usr/local/opt", "bin"), ("/opt/homebrew/opt", "bin")] {
            for entry in std::fs::read_dir(base).into_iter().flatten().flatten() {
                folders.insert(entry.path().join(tail));
            }
        }
        // Fedora and friends put the one version they have beside everything else.
        folders.insert(PathBuf::from("/usr/bin"));
    }
    folders.insert(runtime::folder(data).join("bin"));
    folders.into_iter().filter_map(|f| inspect(&f)).collect()
}
