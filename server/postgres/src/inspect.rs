//! The programs of one Postgres.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A folder with `postgres` and `initdb`, and the major version they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binaries {
    pub folder: PathBuf,
    pub major: u32,
}

/// The version of the programs in `folder`, if they are all there, with the contrib modules Rapport needs.
pub(crate) fn inspect(folder: &Path) -> Option<Binaries> {
    if !folder.join("postgres").exists() || !folder.join("initdb").exists() {
        return None;
    }
    let out = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8(out.stdout).ok()?;
    let major = text.split_whitespace().nth(2)?.split('.').next()?.parse().ok()?;
    let share = [
        folder.join("../share/postgresql/extension"),
        folder.join("../share/extension"),
        PathBuf::from(format!("/usr/share/postgresql/{major}/extension")),
        PathBuf::from("/usr/share/pgsql/extension"),
    ];
    share.iter().any(|s| s.join("pg_trgm.control").exists()).then(|| Binaries { folder: folder.into(), major })
}
