//! What runs in a data folder: Postgres's own note of it, and what the kernel says.

use crate::{Error, os};
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

/// How long the server of an earlier run has for a clean stop.
const LEFTOVER: Duration = Duration::from_secs(60);
/// How long server processes without a postmaster have after they were asked to end.
const ORPHANS: Duration = Duration::from_secs(2);

/// Process id and state of the server, as it wrote them down itself.
pub(crate) fn read_pidfile(pg: &Path) -> Option<(i32, String)> {
    let text = fs::read_to_string(pg.join("postmaster.pid")).ok()?;
    let lines: Vec<&str> = text.lines().collect();
    Some((lines.first()?.trim().parse().ok()?, lines.get(7).unwrap_or(&"").trim().to_owned()))
}

/// Whether the process is one of Postgres's that works in `pg`. A shell that somebody left in the folder is none.
pub(crate) fn alive(pid: i32, pg: &Path) -> bool {
    let here = fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == pg);
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    here && stat.contains("(postgres)") && !stat.contains(") Z ")
}

pub(crate) fn parent(pid: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

/// Processes whose working folder is `pg`: only Postgres's own.
fn in_folder(pg: &Path) -> impl Iterator<Item = i32> {
    let pg = pg.to_owned();
    fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(move |entry| {
        let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
        alive(pid, &pg).then_some(pid)
    })
}

/// A server left over from a killed parent is stopped; a stale pid file is removed only when nothing runs in the folder.
pub(crate) fn settle_leftover(pg: &Path, socket_folder: &Path) -> Result<(), Error> {
    let Some((pid, _)) = read_pidfile(pg) else { return Ok(()) };
    let started = Instant::now();
    let mut asked = false;
    while alive(pid, pg) {
        if !asked {
            os::interrupt(pid);
            asked = true;
        }
        if started.elapsed() > LEFTOVER {
            return Err(Error::Start {
                reason: format!("the server of an earlier run (process {pid}) does not stop"),
                log: pg.join("../postgres.log"),
                tail: String::new(),
            });
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    end_orphans(pg);
    if in_folder(pg).next().is_none() {
        // A postmaster that nobody has reaped yet looks alive to Postgres, and its lock files keep the next one out.
        let _ = fs::remove_file(pg.join("postmaster.pid"));
        let _ = fs::remove_file(socket_folder.join(".s.PGSQL.5432.lock"));
        let _ = fs::remove_file(socket_folder.join(".s.PGSQL.5432"));
    }
    Ok(())
}

/// A killed postmaster's children hold the shared memory, and one in the middle of a long query notices nothing. Whatever
/// they still do is lost anyway: the next server recovers from the log of changes.
fn end_orphans(pg: &Path) {
    let since = Instant::now();
    let mut asked = false;
    while since.elapsed() < ORPHANS * 5 {
        let mut any = false;
        let by_force = since.elapsed() > ORPHANS;
        for pid in in_folder(pg) {
            any = true;
            if !asked || by_force {
                os::end_orphan(pid, by_force);
            }
        }
        if !any {
            return;
        }
        asked = true;
        std::thread::sleep(Duration::from_millis(20));
    }
}
