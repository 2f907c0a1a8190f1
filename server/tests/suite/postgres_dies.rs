//! The real program while its Postgres dies, its disk is full, or the database of `DATABASE_URL` comes and goes.

use crate::program::{Folder, add_user, ask, connection, free_port, rounds, serve, server, skipped, token, turn, until_ready};
use embedded_postgres::{Cluster, Options};
use reqwest::{Client, StatusCode, redirect::Policy};
use serde_json::json;
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// A server under test. It is killed when the test is over, however that went.
struct Server {
    child: Child,
    folder: PathBuf,
    base: String,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let port = free_port();
        Self { child: serve(folder, port), folder: folder.into(), base: format!("http://127.0.0.1:{port}") }
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Process of the private Postgres, as it wrote it down.
    fn postgres(&self) -> Option<i32> {
        std::fs::read_to_string(self.data().join("pg/postmaster.pid")).ok()?.lines().next()?.parse().ok()
    }

    fn kill_postgres(&self) {
        let pid = self.postgres().unwrap().to_string();
        Command::new("kill").args(["-9", &pid]).status().unwrap();
    }

    /// How it ended, if it did within `time`.
    fn ended(&mut self, time: Duration) -> Option<std::process::ExitStatus> {
        let since = Instant::now();
        while since.elapsed() < time {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        None
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Somebody signed in by cookie.
async fn signed_in(base: &str) -> Client {
    let client = Client::builder().cookie_store(true).redirect(Policy::none()).build().unwrap();
    let form = [("email", "ana@acme.test"), ("password", "correct horse battery")];
    let answer = client.post(format!("{base}/sign-in")).form(&form).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    client
}

/// Writes until it is stopped, each under a key of its own, again and again until it is said yes to. What was answered
/// otherwise must be "not now", with when to ask again.
struct Writers {
    stop: Arc<AtomicBool>,
    yes: Arc<AtomicI64>,
    not_now: Arc<AtomicI64>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Writers {
    fn start(client: &Client, base: &str, token: &str, many: usize) -> Self {
        let (stop, yes, not_now) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicI64::new(0)), Arc::new(AtomicI64::new(0)));
        let tasks = (0..many)
            .map(|w| {
                let (client, base, token) = (client.clone(), base.to_owned(), token.to_owned());
                let (stop, yes, not_now) = (stop.clone(), yes.clone(), not_now.clone());
                tokio::spawn(async move {
                    let mut n = 0;
                    while !stop.load(Ordering::Relaxed) {
                        let body = json!({"firstName": format!("W{w}"), "lastName": n.to_string(), "location": "x".repeat(100)});
                        let request =
                            client.post(format!("{base}/api/v1/contacts")).bearer_auth(&token).header("idempotency-key", format!("{w}-{n}"));
                        let answer = request.json(&body).send().await.unwrap();
                        match answer.status() {
                            StatusCode::CREATED => {
                                n += 1;
                                yes.fetch_add(1, Ordering::Relaxed);
                            }
                            StatusCode::SERVICE_UNAVAILABLE => {
                                assert!(answer.headers().contains_key("retry-after"));
                                not_now.fetch_add(1, Ordering::Relaxed);
                                tokio::time::sleep(Duration::from_millis(30)).await;
                            }
                            status => panic!("{status}: {}", answer.text().await.unwrap()),
                        }
                    }
                })
            })
            .collect();
        Self { stop, yes, not_now, tasks }
    }

    fn yes(&self) -> i64 {
        self.yes.load(Ordering::Relaxed)
    }

    /// Until something is written that was not asked for before this call.
    async fn until_written(&self, within: Duration) -> Duration {
        let (since, before) = (Instant::now(), self.yes());
        while self.yes() <= before + self.tasks.len() as i64 {
            assert!(since.elapsed() < within, "nothing was written for {:?}", since.elapsed());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        since.elapsed()
    }

    /// Ends them; how many were confirmed, how many were put off.
    async fn end(self) -> (i64, i64) {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.unwrap();
        }
        (self.yes.load(Ordering::Relaxed), self.not_now.load(Ordering::Relaxed))
    }
}

/// Everything that was confirmed is there, once.
fn nothing_lost(data: &Path, confirmed: i64) {
    let (all, different, _) = ask(data, "select count(*), count(distinct (first_name, last_name)), '' from contacts");
    // The last word to each of the four writers may have been lost.
    let right = all == different && (confirmed..=confirmed + 4).contains(&all);
    assert!(right, "{confirmed} were confirmed, {all} are there, {different} different");
}

/// Backends outlive their postmaster by a moment on a busy machine, so that "not now" may come once more; "signed out" never.
async fn still_signed_in(client: &Client, base: &str) {
    let since = Instant::now();
    loop {
        let answer = client.get(format!("{base}/api/v1/contacts?limit=1")).send().await.unwrap();
        let status = answer.status();
        if status == StatusCode::SERVICE_UNAVAILABLE && since.elapsed() < Duration::from_secs(15) {
            tokio::time::sleep(Duration::from_millis(30)).await;
            continue;
        }
        return assert_eq!(status, StatusCode::OK, "{}", answer.text().await.unwrap());
    }
}

async fn healthy(base: &str) {
    let answer = reqwest::get(format!("{base}/healthz")).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{}", answer.text().await.unwrap());
}

#[test]
fn a_killed_postgres_is_back_in_seconds_and_nothing_is_lost() {
    let _turn = turn();
    let folder = Folder::new("pgkill");
    add_user(&folder.0.join("data"));
    let token = token(&folder.0.join("data"));
    let server = Server::start(&folder.0);
    let process = server.child.id();
    let confirmed = runtime().block_on(async {
        let client = Client::new();
        until_ready(&client, &server.base).await;
        let person = signed_in(&server.base).await;
        let writers = Writers::start(&client, &server.base, &token, 4);
        let mut back = Vec::new();
        for round in 0..rounds(2, 30) {
            tokio::time::sleep(Duration::from_millis(u64::from(300 + round * 171 % 500))).await;
            // One that computes without a pause does not see that its postmaster is gone.
            let busy = (round == 1).then(|| long_query(&server.data()));
            server.kill_postgres();
            back.push(writers.until_written(Duration::from_secs(15)).await);
            healthy(&server.base).await;
            still_signed_in(&person, &server.base).await;
            drop(busy);
        }
        eprintln!("written again after {back:?}");
        let (confirmed, not_now) = writers.end().await;
        assert!(confirmed > 20 && not_now > 0, "{confirmed} confirmed, {not_now} put off");
        // What runs beside the requests is there too.
        let task = json!({"title": "Ring", "remindAt": "2026-01-05T09:00"});
        let answer = client.post(format!("{}/api/v1/tasks", server.base)).bearer_auth(&token).json(&task).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED);
        confirmed
    });
    let since = Instant::now();
    while ask(&server.data(), "select count(*), 0::bigint, '' from notifications where kind = 'reminder'").0 == 0 {
        assert!(since.elapsed() < Duration::from_secs(30), "the reminder never rang");
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(server.child.id(), process);
    nothing_lost(&server.data(), confirmed);
}

/// A connection in the middle of a computation, which goes with its value.
fn long_query(data: &Path) -> tokio::task::JoinHandle<()> {
    let connection = connection(data);
    tokio::spawn(async move {
        use sqlx::{ConnectOptions, postgres::PgConnectOptions};
        let options = PgConnectOptions::new().socket(&connection.socket_folder).username(&connection.user).password(&connection.password);
        let Ok(mut raw) = options.database("rapport").connect().await else { return };
        let _ = sqlx::query("select sum(a * b) from generate_series(1, 100000) a, generate_series(1, 100000) b").execute(&mut raw).await;
    })
}

#[test]
fn a_postgres_that_cannot_be_brought_back_ends_the_program_with_a_sentence() {
    let _turn = turn();
    let folder = Folder::new("pggone");
    add_user(&folder.0.join("data"));
    let port = free_port();
    let said = folder.0.join("said");
    let child = server(&folder.0, port).stderr(std::fs::File::create(&said).unwrap()).spawn().unwrap();
    let mut server = Server { child, folder: folder.0.clone(), base: format!("http://127.0.0.1:{port}") };
    runtime().block_on(until_ready(&Client::new(), &server.base));
    let control = server.data().join("pg/global/pg_control");
    std::fs::rename(&control, control.with_extension("away")).unwrap();
    server.kill_postgres();
    let status = server.ended(Duration::from_secs(60)).expect("it ends");
    let said = std::fs::read_to_string(said).unwrap();
    let last = said.lines().last().unwrap_or_default();
    assert!(!status.success() && last.starts_with("rapport: stopping, because the database ended"), "{status}: {said}");
    assert!(last.contains("could not be started again") && last.contains("pg_control"), "{last}");
    // Its service manager starts it anew, and once the cause is gone that is good.
    std::fs::rename(control.with_extension("away"), &control).unwrap();
    let again = Server::start(&folder.0);
    runtime().block_on(until_ready(&Client::new(), &again.base));
}

/// A small file system of its own, filled to the last byte.
struct Disk(PathBuf);

impl Disk {
    fn new(at: &Path, megabytes: u32) -> Option<Self> {
        std::fs::create_dir_all(at).unwrap();
        let size = format!("size={megabytes}m,mode=755");
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).stderr(Stdio::null()).status();
        done.is_ok_and(|s| s.success()).then(|| Self(at.into()))
    }

    fn fill(&self) {
        let mut filler = std::fs::File::create(self.0.join("filler")).unwrap();
        let mut size = 1024 * 1024;
        while size > 0 {
            if filler.write_all(&vec![0; size]).is_err() {
                size /= 2;
            }
        }
    }

    fn make_room(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_is_said_and_over_once_there_is_room() {
    let _turn = turn();
    let folder = Folder::new("pgfull");
    let Some(disk) = Disk::new(&folder.0, 320) else {
        return skipped("a full disk needs a file system of its own: run as root where mount -t tmpfs is allowed");
    };
    add_user(&folder.0.join("data"));
    let token = token(&folder.0.join("data"));
    let server = Server::start(&folder.0);
    let confirmed = runtime().block_on(async {
        let client = Client::new();
        until_ready(&client, &server.base).await;
        let person = signed_in(&server.base).await;
        let writers = Writers::start(&client, &server.base, &token, 4);
        let mut sentences = std::collections::BTreeSet::new();
        for _ in 0..rounds(1, 6) {
            writers.until_written(Duration::from_secs(30)).await;
            disk.fill();
            // Postgres writes on into what it has set aside; then it has no more room.
            let since = Instant::now();
            let mut quiet = (writers.yes(), Instant::now());
            while quiet.1.elapsed() < Duration::from_secs(3) {
                assert!(since.elapsed() < Duration::from_secs(120), "the disk never was full");
                tokio::time::sleep(Duration::from_millis(50)).await;
                if writers.yes() != quiet.0 {
                    quiet = (writers.yes(), Instant::now());
                }
                let body = json!({"name": "Full", "description": "x".repeat(2000)});
                let answer = client.post(format!("{}/api/v1/companies", server.base)).bearer_auth(&token).json(&body).send().await.unwrap();
                match answer.status() {
                    StatusCode::CREATED => {}
                    StatusCode::SERVICE_UNAVAILABLE => {
                        let error: serde_json::Value = answer.json().await.unwrap();
                        sentences.insert(error["error"]["message"].as_str().unwrap().to_owned());
                    }
                    status => panic!("{status}: {}", answer.text().await.unwrap()),
                }
            }
            healthy(&server.base).await;
            disk.make_room();
            writers.until_written(Duration::from_secs(20)).await;
            still_signed_in(&person, &server.base).await;
            healthy(&server.base).await;
        }
        eprintln!("while the disk was full: {sentences:?}");
        assert!(!sentences.is_empty());
        writers.end().await.0
    });
    nothing_lost(&server.data(), confirmed);
    drop(server);
}

/// Somebody else's Postgres, at an address. It is waited for at the start; later it is reported, not restarted.
#[test]
fn a_database_of_an_address_may_come_later_and_go() {
    let _turn = turn();
    let folder = Folder::new("pgurl");
    let options = Options { data: folder.0.join("theirs"), ..Default::default() };
    let theirs = Cluster::start(&options).unwrap();
    let there = theirs.connection().clone();
    theirs.stop();
    let url = format!("postgres://{}:{}@localhost:5432/postgres?host={}", there.user, there.password, there.socket_folder.display());
    let port = free_port();
    let child = server(&folder.0, port).env("DATABASE_URL", url).spawn().unwrap();
    let mut server = Server { child, folder: folder.0.clone(), base: format!("http://127.0.0.1:{port}") };
    assert_eq!(server.ended(Duration::from_secs(2)), None, "it waits");
    let theirs = Cluster::start(&options).unwrap();
    runtime().block_on(async {
        let client = Client::new();
        until_ready(&client, &server.base).await;
        theirs.stop();
        let answer = client.get(format!("{}/readyz", server.base)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        let page = client.get(format!("{}/join/abc", server.base)).send().await.unwrap();
        assert_eq!(page.status(), StatusCode::SERVICE_UNAVAILABLE);
        // Longer than any patience with what runs beside the requests.
        tokio::time::sleep(Duration::from_secs(u64::from(rounds(3, 60)))).await;
        healthy(&server.base).await;
        let _theirs = Cluster::start(&options).unwrap();
        until_ready(&client, &server.base).await;
        let page = client.get(format!("{}/join/abc", server.base)).send().await.unwrap();
        assert_eq!(page.status(), StatusCode::NOT_FOUND);
        healthy(&server.base).await;
    });
    assert_eq!(server.ended(Duration::ZERO), None);
}
