//! `rapport.conf`, and the environment of Postgres' programs.

use crate::{
    Error, io,
    os::{self, Identity},
};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

/// Written at each start, in a file of the folder rather than on the command line, so that ALTER SYSTEM still wins.
pub(crate) fn write_settings(pg: &Path, socket_folder: &Path) -> Result<(), Error> {
    let text = format!(
        "# Written by Rapport at every start; use ALTER SYSTEM for settings of your own.\n\
         listen_addresses = ''\nport = 5432\nunix_socket_directories = '{}'\nunix_socket_permissions = 0700\n\
         fsync = on\nfull_page_writes = on\nsynchronous_commit = on\nwal_level = replica\nmax_connections = 60\n\
         shared_buffers = {}MB\nmax_wal_size = 1GB\nwal_compression = on\njit = off\nrandom_page_cost = 1.1\nmax_parallel_workers_per_gather = 0\nssl = off\n\
         timezone = 'UTC'\nlog_timezone = 'UTC'\nidle_in_transaction_session_timeout = 60s\nlog_min_duration_statement = 500ms\n",
        socket_folder.display().to_string().replace('\'', "''"),
        shared_buffers_mb()
    );
    replace(&pg.join("rapport.conf"), text.as_bytes(), 0o644)
}

/// Writes a file whole or not at all: on a full disk the one that is there stays. An empty file of settings would let
/// Postgres start with its own, on a port.
pub(crate) fn replace(path: &Path, bytes: &[u8], mode: u32) -> Result<(), Error> {
    if fs::read(path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    let written = fs::write(&fresh, bytes)
        .and_then(|()| fs::set_permissions(&fresh, fs::Permissions::from_mode(mode)))
        .and_then(|()| fs::rename(&fresh, path))
        .map_err(io(path));
    if written.is_err() {
        let _ = fs::remove_file(&fresh);
    }
    written
}

/// A sixteenth of the memory, from 64 to 512 MB: 256 MB hold the working set of 300,000 contacts, and the operating system caches files too.
fn shared_buffers_mb() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total_kb = text
        .lines()
        .find_map(|l| l.strip_prefix("MemTotal:"))
        .and_then(|v| v.split_whitespace().next())
        .and_then(|v| v.parse::<u64>().ok())
        .unwrap_or(512 * 1024);
    (total_kb / 1024 / 16).clamp(64, 512)
}

pub(crate) fn clean_command(program: &Path, identity: Identity, die_with_parent: bool) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").env("TZ", "UTC");
    os::prepare(&mut command, identity, die_with_parent);
    command
}
