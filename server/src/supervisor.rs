//! The one way to run something beside the requests. A task that panics or ends is started again with back-off; one that
//! cannot stay up ends the program, so that its service manager starts it anew. Nothing ends in silence.

use std::{
    future::Future,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    sync::{Notify, watch},
    task::{AbortHandle, JoinError, JoinSet},
};

/// When a task is started again, and when that is no use any more.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Pause before the first restart; each further one waits twice as long.
    pub first: Duration,
    /// Longest pause.
    pub longest: Duration,
    /// A task that has run this long is well again.
    pub settled: Duration,
    /// A task that has not been well for this long is reported.
    pub ailing: Duration,
    /// Ends one after the other, none of them well in between, before the program ends.
    pub ends: u32,
}

impl Default for Policy {
    /// Twelve ends take about two minutes: the one bad row that a task trips over must not end the program at once.
    fn default() -> Self {
        Self {
            first: Duration::from_millis(100),
            longest: Duration::from_secs(30),
            settled: Duration::from_secs(5),
            ailing: Duration::from_secs(15),
            ends: 12,
        }
    }
}

struct Task {
    name: &'static str,
    starts: AtomicU32,
    ailing_since: Mutex<Option<Instant>>,
    trip: Notify,
}

impl Task {
    fn ailing_since(&self) -> MutexGuard<'_, Option<Instant>> {
        self.ailing_since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What runs beside the requests, and how it is. Cheap to clone; the tasks stop when the last clone is gone.
#[derive(Clone)]
pub struct Supervisor(Arc<Inner>);

struct Inner {
    policy: Policy,
    tasks: Mutex<Vec<(Arc<Task>, AbortHandle)>>,
    end: watch::Sender<Option<String>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        for (_, watch) in self.tasks.get_mut().unwrap_or_else(PoisonError::into_inner) {
            watch.abort();
        }
    }
}

impl Default for Supervisor {
    fn default() -> Self {
        Self::new(Policy::default())
    }
}

impl Supervisor {
    pub fn new(policy: Policy) -> Self {
        Self(Arc::new(Inner { policy, tasks: Mutex::default(), end: watch::Sender::new(None) }))
    }

    fn tasks(&self) -> MutexGuard<'_, Vec<(Arc<Task>, AbortHandle)>> {
        self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs what `make` makes, and again each time it panics or ends, until the supervisor is gone. Several tasks may share
    /// a name.
    pub fn run<F, Run>(&self, name: &'static str, make: F)
    where
        F: Fn() -> Run + Send + 'static,
        Run: Future<Output = Result<(), String>> + Send + 'static,
    {
        let task = Arc::new(Task { name, starts: AtomicU32::new(0), ailing_since: Mutex::new(None), trip: Notify::new() });
        #[expect(clippy::disallowed_methods, reason = "this is the supervisor")]
        let watch = tokio::spawn(keep_running(self.0.policy, task.clone(), self.0.end.clone(), make));
        self.tasks().push((task, watch.abort_handle()));
    }

    /// Names of what runs, each once.
    pub fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.tasks().iter().map(|(t, _)| t.name).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// How often the tasks of this name were started.
    pub fn starts(&self, name: &str) -> u32 {
        self.tasks().iter().filter(|(t, _)| t.name == name).map(|(t, _)| t.starts.load(Ordering::Relaxed)).sum()
    }

    /// A task that has been down, or up and down, for too long.
    pub fn ailing(&self) -> Option<&'static str> {
        let is = |t: &Task| t.ailing_since().is_some_and(|since| since.elapsed() >= self.0.policy.ailing);
        self.tasks().iter().find(|(t, _)| is(t)).map(|(t, _)| t.name)
    }

    /// The program is to end, and says why.
    pub fn end(&self, why: String) {
        self.0.end.send_replace(Some(why));
    }

    /// Ready with the reason when the program is to end.
    pub async fn ended(&self) -> String {
        let mut end = self.0.end.subscribe();
        let why = end.wait_for(Option::is_some).await.ok().and_then(|why| why.clone());
        why.unwrap_or_default()
    }

    /// Stops all tasks where they are.
    pub fn stop(&self) {
        for (_, watch) in self.tasks().drain(..) {
            watch.abort();
        }
    }

    /// Makes the tasks of this name panic, for tests; nothing else calls it.
    #[doc(hidden)]
    pub fn trip(&self, name: &str) {
        for (task, _) in self.tasks().iter().filter(|(t, _)| t.name == name) {
            task.trip.notify_one();
        }
    }
}

async fn keep_running<F, Run>(policy: Policy, task: Arc<Task>, end: watch::Sender<Option<String>>, make: F)
where
    F: Fn() -> Run + Send + 'static,
    Run: Future<Output = Result<(), String>> + Send + 'static,
{
    let mut ends = 0;
    loop {
        task.starts.fetch_add(1, Ordering::Relaxed);
        // A set of one: dropped with this future, it takes the task along.
        let mut running = JoinSet::new();
        let (run, trip) = (make(), task.clone());
        running.spawn(async move {
            tokio::select! {
                biased;
                () = trip.trip.notified() => panic!("tripped by a test"),
                ended = run => ended,
            }
        });
        let why = match tokio::time::timeout(policy.settled, running.join_next()).await {
            Ok(ended) => why(ended),
            Err(_) => {
                ends = 0;
                *task.ailing_since() = None;
                why(running.join_next().await)
            }
        };
        ends += 1;
        task.ailing_since().get_or_insert_with(Instant::now);
        let name = task.name;
        if ends >= policy.ends {
            tracing::error!(task = name, %why, "a task does not stay up; the program ends");
            end.send_replace(Some(format!("the task “{name}” ended {ends} times in a row, the last time because: {why}")));
            return;
        }
        let pause = policy.first.saturating_mul(2u32.saturating_pow(ends - 1)).min(policy.longest);
        tracing::error!(task = name, %why, ?pause, "a task ended; it is started again");
        tokio::time::sleep(pause).await;
    }
}

fn why(ended: Option<Result<Result<(), String>, JoinError>>) -> String {
    match ended {
        Some(Ok(Ok(()))) | None => "it came to its end".into(),
        Some(Ok(Err(why))) => why,
        Some(Err(e)) if e.is_panic() => {
            let cause = e.into_panic();
            let words = cause.downcast_ref::<&str>().map(|s| (*s).to_owned()).or_else(|| cause.downcast_ref::<String>().cloned());
            format!("it panicked: {}", words.unwrap_or_default())
        }
        Some(Err(e)) => e.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Policy = Policy {
        first: Duration::from_millis(1),
        longest: Duration::from_millis(4),
        settled: Duration::from_millis(60),
        ailing: Duration::from_millis(30),
        ends: 5,
    };

    async fn until(what: impl Fn() -> bool) {
        let since = Instant::now();
        while !what() {
            assert!(since.elapsed() < Duration::from_secs(10), "it never came about");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    async fn panics() -> Result<(), String> {
        panic!("row {}", 7)
    }

    async fn beats(count: Arc<AtomicU32>) -> Result<(), String> {
        loop {
            count.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn a_panic_an_error_and_an_end_are_all_started_again() {
        let supervisor = Supervisor::new(Policy { ends: 100, ..QUICK });
        supervisor.run("panics", panics);
        supervisor.run("fails", || async { Err("no".into()) });
        supervisor.run("ends", || async { Ok(()) });
        supervisor.run("stays", std::future::pending);
        for name in ["panics", "fails", "ends"] {
            until(|| supervisor.starts(name) >= 4).await;
        }
        assert_eq!(supervisor.starts("stays"), 1);
        assert_eq!(supervisor.names(), ["ends", "fails", "panics", "stays"]);
    }

    #[tokio::test]
    async fn a_task_that_does_not_stay_up_ends_the_program_with_its_reason() {
        let supervisor = Supervisor::new(QUICK);
        supervisor.run("relay", panics);
        let why = tokio::time::timeout(Duration::from_secs(10), supervisor.ended()).await.unwrap_or_default();
        assert_eq!(why, "the task “relay” ended 5 times in a row, the last time because: it panicked: row 7");
        assert_eq!(supervisor.starts("relay"), 5);
    }

    #[tokio::test]
    async fn one_that_is_well_in_between_goes_on_for_ever() {
        let supervisor = Supervisor::new(QUICK);
        supervisor.run("mail", || async {
            tokio::time::sleep(QUICK.settled * 2).await;
            Err("the line broke".into())
        });
        until(|| supervisor.starts("mail") > QUICK.ends + 2).await;
        assert!(tokio::time::timeout(Duration::from_millis(1), supervisor.ended()).await.is_err());
    }

    #[tokio::test]
    async fn what_is_down_too_long_is_named_until_it_is_well_again() {
        let supervisor = Supervisor::new(Policy { ends: 1000, ..QUICK });
        let well = Arc::new(AtomicU32::new(0));
        let seen = well.clone();
        supervisor.run("jobs", move || {
            let seen = seen.clone();
            async move { if seen.load(Ordering::Relaxed) == 1 { std::future::pending().await } else { Err("not yet".into()) } }
        });
        assert_eq!(supervisor.ailing(), None);
        until(|| supervisor.ailing() == Some("jobs")).await;
        well.store(1, Ordering::Relaxed);
        until(|| supervisor.ailing().is_none()).await;
    }

    #[tokio::test]
    async fn stopped_means_that_nothing_runs_on() {
        let count = Arc::new(AtomicU32::new(0));
        let supervisor = Supervisor::new(QUICK);
        let of_task = count.clone();
        supervisor.run("beats", move || beats(of_task.clone()));
        until(|| count.load(Ordering::Relaxed) > 3).await;
        supervisor.stop();
        tokio::time::sleep(Duration::from_millis(20)).await;
        let then = count.load(Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(count.load(Ordering::Relaxed), then);
    }
}
