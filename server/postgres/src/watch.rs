//! The watch over a running Postgres. A thread of its own starts the server, waits for its end, and starts it again with
//! back-off: the kernel stops Postgres when the thread that spawned it ends, so that thread must be one that stays.

use crate::{
    Error,
    inspect::Binaries,
    io,
    os::{self, Identity},
    processes::{read_pidfile, settle_leftover},
    settings::{clean_command, write_settings},
};
use std::{
    collections::VecDeque,
    fs::{self, OpenOptions},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::{Child, ExitStatus, Stdio},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc},
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// Starts that may fail one after the other before the watch gives up.
const FAILED_STARTS: u32 = 6;
/// Deaths within [`WINDOW`] before the watch gives up on a server that comes up and dies again.
const DEATHS: usize = 40;
const WINDOW: Duration = Duration::from_secs(600);
/// Longest pause between two starts.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A server that lived this long is started again without a pause.
const SETTLED: Duration = Duration::from_secs(10);
/// How long one start may take; recovery after a crash is part of it.
const START: Duration = Duration::from_secs(120);

/// All that is needed to start the server, the first time and again.
#[derive(Debug)]
pub(crate) struct Plan {
    pub data: PathBuf,
    pub pg: PathBuf,
    pub socket_folder: PathBuf,
    pub binaries: Binaries,
    pub identity: Identity,
}

type WhenGivenUp = Box<dyn FnOnce(&Error) + Send>;

#[derive(Default)]
struct State {
    /// The server's process while there is one; only the watch reaps it, and only under this lock.
    pid: Option<u32>,
    stopping: bool,
    given_up: Option<Error>,
    when_given_up: Option<WhenGivenUp>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits out a pause; `false`: we are to stop.
    fn pause(&self, time: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.lock(), time, |s| !s.stopping);
        !waited.unwrap_or_else(PoisonError::into_inner).0.stopping
    }

    fn give_up(&self, error: Error) {
        let mut state = self.lock();
        if let Some(tell) = state.when_given_up.take() {
            tell(&error);
        }
        state.given_up = Some(error);
    }
}

/// A server under watch. It stops when this value is dropped.
pub(crate) struct Watch {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("pid", &self.pid()).finish()
    }
}

impl Watch {
    /// Starts the server and returns when it is ready.
    pub fn start(plan: Plan) -> Result<Self, Error> {
        let shared = Arc::new(Shared::default());
        let (send, receive) = mpsc::channel();
        let (ours, data) = (shared.clone(), plan.data.clone());
        let thread = std::thread::Builder::new()
            .name("postgres".into())
            .spawn(move || match plan.start(&ours) {
                Ok(child) => {
                    let _ = send.send(Ok(()));
                    keep(&plan, &ours, child);
                }
                Err(e) => drop(send.send(Err(e))),
            })
            .map_err(io(&data))?;
        let watch = Self { shared, thread: Some(thread) };
        let broken = |_| Error::Start { reason: "its watch ended".into(), log: data.join("postgres.log"), tail: String::new() };
        receive.recv().map_err(broken)??;
        Ok(watch)
    }

    /// The server's process id at this moment, or 0 while it is being started again.
    pub fn pid(&self) -> u32 {
        self.shared.lock().pid.unwrap_or(0)
    }

    /// `tell` hears once why the server is not started again any more.
    pub fn when_given_up(&self, tell: impl FnOnce(&Error) + Send + 'static) {
        let mut state = self.shared.lock();
        match &state.given_up {
            Some(error) => tell(error),
            None => state.when_given_up = Some(Box::new(tell)),
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.stopping = true;
        if let Some(pid) = state.pid {
            os::interrupt(pid as i32);
        }
        drop(state);
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Waits for the end of the server, again and again, until it is to stop or cannot be started.
fn keep(plan: &Plan, shared: &Shared, mut child: Child) {
    let mut falls = Falls::default();
    loop {
        let up = Instant::now();
        os::wait_for_end(child.id());
        let status = {
            let mut state = shared.lock();
            state.pid = None;
            let status = child.wait();
            if state.stopping {
                return;
            }
            status
        };
        falls.died(up, Instant::now());
        let how = status.map_or_else(|e| e.to_string(), |s: ExitStatus| s.to_string());
        tracing::error!(%how, "Postgres ended by itself; it is started again");
        child = loop {
            let Some(pause) = falls.pause() else {
                let (log, tail) = (plan.log(), tail(&plan.log()));
                return shared.give_up(Error::GaveUp { how, log, tail });
            };
            if !shared.pause(pause) {
                return;
            }
            match plan.start(shared) {
                Ok(child) => {
                    falls.started();
                    tracing::info!("Postgres is ready again");
                    break child;
                }
                // It comes back by itself once there is room, and a program that ends could not say why.
                Err(e) if e.is_disk_full() => {
                    tracing::error!(error = %e, "Postgres cannot be started because the disk is full; it is tried again");
                    falls.waits_for_room();
                }
                Err(e) => {
                    tracing::error!(error = %e, "Postgres could not be started; it is tried again");
                    falls.failed();
                }
            }
        };
    }
}

/// What went wrong lately, and how long to wait before the next attempt.
#[derive(Debug, Default)]
struct Falls {
    deaths: VecDeque<Instant>,
    /// Starts that failed since the last one that did not.
    failed: u32,
    /// Short lives and failed starts, one after the other.
    steps: u32,
}

impl Falls {
    fn died(&mut self, up: Instant, now: Instant) {
        self.steps = if now.duration_since(up) >= SETTLED { 0 } else { self.steps + 1 };
        self.deaths.push_back(now);
        while self.deaths.front().is_some_and(|d| now.duration_since(*d) > WINDOW) {
            self.deaths.pop_front();
        }
    }

    fn failed(&mut self) {
        self.failed += 1;
        self.steps += 1;
    }

    fn waits_for_room(&mut self) {
        self.steps += 1;
    }

    fn started(&mut self) {
        self.failed = 0;
    }

    /// `None`: it is no use any more.
    fn pause(&self) -> Option<Duration> {
        if self.failed >= FAILED_STARTS || self.deaths.len() >= DEATHS {
            return None;
        }
        match self.steps {
            0 | 1 => Some(Duration::ZERO),
            n => Some((Duration::from_millis(100) * 2u32.saturating_pow(n.min(10))).min(LONGEST_PAUSE)),
        }
    }
}

impl Plan {
    fn log(&self) -> PathBuf {
        self.data.join("postgres.log")
    }

    /// Starts the server once and waits until it is ready.
    fn start(&self, shared: &Shared) -> Result<Child, Error> {
        settle_leftover(&self.pg, &self.socket_folder)?;
        write_settings(&self.pg, &self.socket_folder)?;
        let log_path = self.log();
        if fs::metadata(&log_path).is_ok_and(|m| m.len() > 10 * 1024 * 1024) {
            let _ = fs::rename(&log_path, self.data.join("postgres.log.1"));
        }
        let log = OpenOptions::new().create(true).append(true).mode(0o600).open(&log_path).map_err(io(&log_path))?;
        let log_too = log.try_clone().map_err(io(&log_path))?;
        let program = self.binaries.folder.join("postgres");
        let mut command = clean_command(&program, self.identity, true);
        command.arg("-D").arg(&self.pg).stdin(Stdio::null()).stdout(log_too).stderr(log);
        let mut child = {
            let mut state = shared.lock();
            let child = command.spawn().map_err(io(program))?;
            state.pid = Some(child.id());
            child
        };
        let started = Instant::now();
        let mut asked = false;
        loop {
            let failed = |reason: String| Error::Start { reason, log: log_path.clone(), tail: tail(&log_path) };
            let mut state = shared.lock();
            if let Ok(Some(status)) = child.try_wait() {
                state.pid = None;
                return Err(failed(format!("postgres ended with {status}")));
            }
            // Our own child's pid, because the file of a killed server also says "ready".
            if read_pidfile(&self.pg).is_some_and(|(pid, state)| pid == child.id() as i32 && state == "ready") {
                return Ok(child);
            }
            if started.elapsed() > START && !asked {
                asked = true;
                os::interrupt(child.id() as i32);
            }
            if started.elapsed() > START * 2 {
                state.pid = None;
                let _ = child.kill().and_then(|()| child.wait());
                return Err(failed("it was not ready after two minutes".into()));
            }
            drop(state);
            std::thread::sleep(Duration::from_millis(3));
        }
    }
}

fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    // Since the last start of a server; its last words, with the reason where that is the disk, which stands further up.
    let since = text.rfind("starting PostgreSQL").map_or(text.as_str(), |at| &text[at..]);
    let lines: Vec<&str> = since.lines().collect();
    let last = &lines[lines.len().saturating_sub(3)..];
    let full = lines.iter().find(|line| line.contains(crate::DISK_FULL)).filter(|line| !last.contains(line));
    full.into_iter().chain(last).copied().collect::<Vec<_>>().join(" / ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_the_reason_also_when_it_stands_above_the_last_words_and_not_from_a_start_before() {
        let log = std::env::temp_dir().join(format!("rapport-tail-{}", std::process::id()));
        let died =
            format!("LOG:  starting PostgreSQL 15\nPANIC:  could not write to file: {}\nLOG:  a\nLOG:  b\nLOG:  c\nLOG:  d\n", crate::DISK_FULL);
        fs::write(&log, &died).unwrap();
        assert!(tail(&log).contains(crate::DISK_FULL) && tail(&log).ends_with("LOG:  d"), "{}", tail(&log));
        fs::write(&log, format!("{died}LOG:  starting PostgreSQL 15\nFATAL:  another reason\n")).unwrap();
        assert!(!tail(&log).contains(crate::DISK_FULL) && tail(&log).contains("another reason"), "{}", tail(&log));
        fs::remove_file(&log).unwrap();
    }

    #[test]
    fn a_first_death_is_answered_at_once_and_short_lives_wait_longer_each_time() {
        let (mut falls, now) = (Falls::default(), Instant::now());
        let mut pauses = Vec::new();
        for _ in 0..8 {
            falls.died(now, now + Duration::from_secs(1));
            pauses.push(falls.pause().unwrap_or_default());
            falls.started();
        }
        assert_eq!(pauses[0], Duration::ZERO);
        assert!(pauses.windows(2).all(|p| p[0] <= p[1]) && pauses[7] == LONGEST_PAUSE, "{pauses:?}");
        // One that lived for a while starts from the beginning.
        falls.died(now, now + SETTLED);
        assert_eq!(falls.pause(), Some(Duration::ZERO));
    }

    #[test]
    fn it_gives_up_after_failed_starts_and_after_too_many_deaths_but_not_for_want_of_room() {
        let now = Instant::now();
        let mut falls = Falls::default();
        for _ in 0..FAILED_STARTS {
            assert!(falls.pause().is_some());
            falls.failed();
        }
        assert_eq!(falls.pause(), None);
        let mut falls = Falls::default();
        for _ in 0..DEATHS {
            assert!(falls.pause().is_some());
            falls.died(now, now);
            falls.started();
        }
        assert_eq!(falls.pause(), None);
        // Deaths of long ago are forgotten.
        falls.died(now, now + WINDOW * 2);
        assert!(falls.pause().is_some());
        let mut falls = Falls::default();
        (0..1000).for_each(|_| falls.waits_for_room());
        assert_eq!(falls.pause(), Some(LONGEST_PAUSE));
    }
}
