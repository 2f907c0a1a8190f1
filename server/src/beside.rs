//! What runs beside the requests: all of it is listed here, and all of it is under the [`Supervisor`].

use crate::{
    backups::Schedule,
    imports,
    mail::Mailer,
    push::{HANDS, Pusher},
    supervisor::Supervisor,
};
use std::{future::Future, time::Duration};
use store::Database;

/// Pause between two looks whether the database is back.
const AWAY: Duration = Duration::from_millis(500);
/// Pause between two rounds of chores.
const CHORES: Duration = Duration::from_secs(600);

/// Everything beside the requests of a server. `alone`: no other process works on this database's jobs.
pub fn start(supervisor: &Supervisor, db: &Database, alone: bool, pusher: &Pusher, mailer: Option<Mailer>, backups: Option<Schedule>) {
    start_work(supervisor, db, alone);
    let of_chores = db.clone();
    supervisor.run("chores", move || chores(of_chores.clone()));
    for _ in 0..HANDS {
        let (db, pusher) = (db.clone(), pusher.clone());
        supervisor.run("push", move || endless(pusher.clone().work(db.clone())));
    }
    supervisor.run("memory", crate::allocator::trim_after_bursts);
    if let Some(schedule) = backups {
        let db = db.clone();
        supervisor.run("backups", move || endless(schedule.clone().run(db.clone())));
    }
    if let Some(mailer) = mailer {
        let db = db.clone();
        supervisor.run("mail", move || endless(mailer.clone().work(db.clone())));
    }
}

/// The part of it that a process without pages does as well: the relay and the jobs.
pub fn start_work(supervisor: &Supervisor, db: &Database, alone: bool) {
    let of_relay = db.clone();
    supervisor.run("relay", move || endless(of_relay.clone().relay()));
    let of_jobs = db.clone();
    supervisor.run("jobs", move || jobs(of_jobs.clone(), alone));
}

/// Something that never comes to its end by itself.
async fn endless(work: impl Future<Output = ()>) -> Result<(), String> {
    work.await;
    Ok(())
}

/// Works jobs. A worker ends when the database goes away: that is no fault of its own, so another takes its place once the
/// database is back. What the one before it held is given back first, if no other process can hold any.
async fn jobs(db: Database, alone: bool) -> Result<(), String> {
    loop {
        while db.ready().await.is_err() {
            tokio::time::sleep(AWAY).await;
        }
        if alone && let Err(e) = db.release_jobs().await {
            if e.away().is_some() {
                continue;
            }
            return Err(e.to_string());
        }
        let ended = store::work(db.clone(), imports::runner(db.clone())).await;
        if db.ready().await.is_ok() {
            return ended;
        }
        tracing::warn!(error = ended.err(), "the jobs wait for the database");
    }
}

/// Throws away what has expired every ten minutes, and empties the bins once an hour.
async fn chores(db: Database) -> Result<(), String> {
    for turn in 0u64.. {
        if let Err(e) = db.sweep_sessions().await {
            tracing::warn!(error = %e, "expired sessions could not be removed");
        }
        if turn % 6 == 0 {
            match db.purge().await {
                Ok(p) if p.records + p.commands > 0 => {
                    tracing::info!(records = p.records, commands = p.commands, "purged what was older than 30 days")
                }
                Ok(_) => {}
                Err(e) => tracing::warn!(error = %e, "the bins could not be emptied"),
            }
        }
        if let Err(e) = db.sweep_mails().await {
            tracing::warn!(error = %e, "old mails could not be removed");
        }
        match db.delete_due(chrono::Utc::now()).await {
            Ok((0, 0)) => {}
            Ok((accounts, workspaces)) => tracing::info!(accounts, workspaces, "deleted what was to be deleted"),
            Err(e) => tracing::warn!(error = %e, "a deletion whose time has come could not be carried out"),
        }
        tokio::time::sleep(CHORES).await;
    }
    Ok(())
}
