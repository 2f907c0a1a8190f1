//! The real program as a process of its own, and its private database.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Condvar, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Tests of whole programs under way. Each starts and kills servers with a Postgres of their own, and waits for most of its
/// time: two at once are no hindrance to each other, all at once are.
static RUNNING: Mutex<u32> = Mutex::new(0);
static ENDED: Condvar = Condvar::new();
const AT_ONCE: u32 = 2;

/// A test's turn, until it is dropped.
pub struct Turn(());

pub fn turn() -> Turn {
    let running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    let mut running = ENDED.wait_while(running, |n| *n >= AT_ONCE).unwrap_or_else(PoisonError::into_inner);
    *running += 1;
    Turn(())
}

impl Drop for Turn {
    fn drop(&mut self) {
        *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        ENDED.notify_one();
    }
}

/// Whether all of a long list is tried (`make attack`), or in the suite each item's turn of `every` alone: the places in
/// both lists count, so that every value is tried somewhere and every place with several.
pub fn tried(place: usize, value: usize, every: usize) -> bool {
    std::env::var("ATTACK").is_ok_and(|a| a == "long") || (place + value).is_multiple_of(every)
}

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_rapport");

/// How many rounds an attack takes: few in the suite, many with `ATTACK=long` (`make attack`).
pub fn rounds(short: u32, long: u32) -> u32 {
    if std::env::var("ATTACK").is_ok_and(|a| a == "long") { long } else { short }
}

/// Said past the test runner, which keeps what a passing test prints; `end2end/test.sh` counts these lines.
pub fn skipped(why: &str) {
    let _ = std::io::stderr().write_all(format!("\nSKIPPED: {why}\n").as_bytes());
}

pub fn rapport(data: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.arg("--data").arg(data).env_remove("DATABASE_URL");
    command
}

pub fn ok(command: &mut Command) -> String {
    let out = command.output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

pub fn add_user(data: &Path) {
    let mut child =
        rapport(data).args(["user", "add", "ana@acme.test", "--workspace", "Acme"]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"correct horse battery").unwrap();
    assert!(child.wait().unwrap().success());
}

/// A token of the user that [`add_user`] adds.
pub fn token(data: &Path) -> String {
    ok(rapport(data).args(["token", "create", "ana@acme.test", "--workspace", "Acme"])).trim().to_owned()
}

/// How to reach the program's own database.
pub fn connection(data: &Path) -> embedded_postgres::Connection {
    // Its file of state is rewritten in place: what is read in between says nothing.
    let since = Instant::now();
    loop {
        match embedded_postgres::attach(data) {
            Some(connection) => return connection,
            None => assert!(since.elapsed() < Duration::from_secs(30), "no server runs"),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// One row of two numbers and a word out of the program's own database.
pub fn ask(data: &Path, question: &'static str) -> (i64, i64, String) {
    let connection = connection(data);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        use sqlx::{ConnectOptions, Connection, postgres::PgConnectOptions};
        let options = PgConnectOptions::new()
            .socket(&connection.socket_folder)
            .username(&connection.user)
            .password(&connection.password)
            .database("rapport")
            .port(5432);
        // The server may be on its way down or up: what counts is what it says once it answers.
        let since = Instant::now();
        let mut raw = loop {
            match options.connect().await {
                Ok(raw) => break raw,
                Err(e) if since.elapsed() > Duration::from_secs(30) => panic!("{e}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        };
        let row: (i64, i64, String) = sqlx::query_as(question).fetch_one(&mut raw).await.unwrap();
        raw.close().await.unwrap();
        row
    })
}

pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A whole server, about to be started. A front end need not be built for it: two files with the right names are enough.
pub fn server(folder: &Path, port: u16) -> Command {
    let pkg = folder.join("dist/pkg");
    std::fs::create_dir_all(&pkg).unwrap();
    for name in ["frontend-0_bg.wasm", "app-0.css"] {
        std::fs::write(pkg.join(name), "").unwrap();
    }
    let mut command = rapport(&folder.join("data"));
    command.args(["serve", "--listen", &format!("127.0.0.1:{port}")]).env("RAPPORT_SITE", folder).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

pub fn serve(folder: &Path, port: u16) -> Child {
    server(folder, port).spawn().unwrap()
}

pub async fn until_ready(client: &reqwest::Client, base: &str) {
    let since = Instant::now();
    while !client.get(format!("{base}/readyz")).send().await.is_ok_and(|r| r.status().is_success()) {
        assert!(since.elapsed() < Duration::from_secs(30), "the server did not start");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("rapport-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
