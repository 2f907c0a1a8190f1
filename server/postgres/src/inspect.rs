//! Detection of a Postgres installation.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Folder of `postgres` and `initdb`, with their major version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binaries {
    pub folder: PathBuf,
    pub major: u32,
}

/// Installation in `folder`, if complete and with the required contrib modules.
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
