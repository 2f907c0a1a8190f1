//! The supervisor against real Postgres binaries: who may run it, what survives which death, who gets a folder.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use embedded_postgres::{Cluster, Error, Options, attach, find_binaries};
use std::{
    io::{BufRead, BufReader, Write},
    os::unix::{fs::PermissionsExt, net::UnixStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

/// Serves as the body of a helper process: this same test binary, started again, holding a server until killed.
#[test]
fn helper_holds_a_server() {
    let Some(data) = std::env::var_os("HOLD_DATA") else { return };
    let options = Options { data: data.into(), forbid_namespaces: std::env::var_os("HOLD_SWITCH").is_some(), ..Default::default() };
    // From a thread of its own, as the test runner's thread would end too early.
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let cluster = Cluster::start(&options);
        match &cluster {
            Ok(c) => send.send(format!("ready {}", c.pid())).unwrap(),
            Err(e) => send.send(format!("error {e}")).unwrap(),
        }
        std::thread::sleep(Duration::from_secs(300));
        drop(cluster);
    });
    let line = receive.recv().unwrap();
    std::io::stderr().write_all(format!("HELPER {line}\n").as_bytes()).unwrap();
    std::thread::sleep(Duration::from_secs(300));
}

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A folder that goes away with its test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("rapport-pg-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
    fn data(&self) -> PathBuf {
        self.0.join("data")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn start(data: &Path) -> Result<Cluster, Error> {
    Cluster::start(&Options { data: data.into(), ..Default::default() })
}

struct Helper {
    child: Child,
    line: String,
}

impl Helper {
    fn spawn(data: &Path, adjust: impl FnOnce(&mut Command)) -> Child {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "helper_holds_a_server", "--nocapture", "--test-threads=1"])
            .env("HOLD_DATA", data)
            .stderr(Stdio::piped())
            .stdout(Stdio::null());
        adjust(&mut command);
        command.spawn().unwrap()
    }

    fn start(data: &Path, adjust: impl FnOnce(&mut Command)) -> Self {
        let mut child = Self::spawn(data, adjust);
        let reader = BufReader::new(child.stderr.take().unwrap());
        let line = reader.lines().map_while(Result::ok).find_map(|l| l.strip_prefix("HELPER ").map(str::to_owned)).unwrap_or_default();
        Self { child, line }
    }

    fn postgres(&self) -> u32 {
        self.line.strip_prefix("ready ").unwrap_or_else(|| panic!("not ready: {}", self.line)).parse().unwrap()
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn gone(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.is_empty() || stat.contains(") Z ")
}

fn wait_gone(pid: u32) {
    let since = Instant::now();
    while !gone(pid) {
        assert!(since.elapsed() < Duration::from_secs(20), "postgres {pid} outlived its parent");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn answers(cluster: &Cluster) {
    UnixStream::connect(cluster.connection().socket_folder.join(".s.PGSQL.5432")).expect("the socket answers");
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|m| std::os::unix::fs::MetadataExt::uid(&m) == 0)
}

#[test]
fn it_starts_cold_then_warm_and_stops() {
    let folder = Folder::new();
    let cluster = start(&folder.data()).unwrap();
    answers(&cluster);
    assert_eq!(attach(&folder.data()).as_ref(), Some(cluster.connection()));
    let pid = cluster.pid();
    cluster.stop();
    assert!(gone(pid));
    assert_eq!(attach(&folder.data()), None);
    let again = start(&folder.data()).unwrap();
    answers(&again);
    let mode = std::fs::metadata(folder.data().join("password")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_second_server_is_refused_by_name() {
    let folder = Folder::new();
    let _first = start(&folder.data()).unwrap();
    match start(&folder.data()) {
        Err(e @ Error::InUse { .. }) => assert!(e.to_string().contains(&std::process::id().to_string()), "{e}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_killed_parent_takes_postgres_along_and_the_folder_starts_again() {
    let folder = Folder::new();
    let helper = Helper::start(&folder.data(), |_| {});
    let postgres = helper.postgres();
    helper.kill();
    wait_gone(postgres);
    answers(&start(&folder.data()).unwrap());
}

/// A command typed right after a crash must not be sent to the server that is going down with it.
#[test]
fn nobody_is_sent_to_a_server_whose_process_was_killed() {
    let folder = Folder::new();
    for _ in 0..5 {
        let helper = Helper::start(&folder.data(), |_| {});
        let postgres = helper.postgres();
        assert!(attach(&folder.data()).is_some());
        helper.kill();
        assert!(attach(&folder.data()).is_none());
        wait_gone(postgres);
    }
}

#[test]
fn both_killed_at_once_recovers() {
    let folder = Folder::new();
    let helper = Helper::start(&folder.data(), |_| {});
    let postgres = helper.postgres();
    Command::new("kill").args(["-9", &postgres.to_string()]).status().unwrap();
    helper.kill();
    answers(&start(&folder.data()).unwrap());
}

/// The new process of a server that was killed, once it is ready.
fn started_again(cluster: &Cluster, before: u32, data: &Path) -> u32 {
    let since = Instant::now();
    while cluster.pid() == before || cluster.pid() == 0 || attach(data).is_none() {
        assert!(since.elapsed() < Duration::from_secs(20), "it was not started again");
        std::thread::sleep(Duration::from_millis(5));
    }
    cluster.pid()
}

#[test]
fn a_killed_server_is_started_again_and_stops_as_one() {
    let folder = Folder::new();
    // From a thread that ends: the watch has one of its own.
    let data = folder.data();
    let cluster = std::thread::spawn(move || start(&data).unwrap()).join().unwrap();
    let connection = cluster.connection().clone();
    let mut pid = cluster.pid();
    for _ in 0..3 {
        Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
        pid = started_again(&cluster, pid, &folder.data());
        answers(&cluster);
    }
    assert_eq!(cluster.connection(), &connection);
    assert!(matches!(start(&folder.data()), Err(Error::InUse { .. })), "the folder is held all the while");
    // Stopped while it is being started again, too.
    Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
    cluster.stop();
    assert_eq!(attach(&folder.data()), None);
    answers(&start(&folder.data()).unwrap());
}

#[test]
fn a_server_that_does_not_come_back_is_given_up_with_the_reason() {
    let folder = Folder::new();
    let cluster = start(&folder.data()).unwrap();
    let (send, receive) = std::sync::mpsc::channel();
    cluster.when_given_up(move |e| send.send((e.to_string(), e.is_disk_full())).unwrap());
    std::fs::remove_file(folder.data().join("pg/global/pg_control")).unwrap();
    Command::new("kill").args(["-9", &cluster.pid().to_string()]).status().unwrap();
    let (why, full) = receive.recv_timeout(Duration::from_secs(60)).expect("it gives up");
    assert!(why.contains("signal: 9") && why.contains("could not be started again") && !full, "{why}");
    assert_eq!(cluster.pid(), 0);
    let since = Instant::now();
    cluster.stop();
    assert!(since.elapsed() < Duration::from_secs(2));
}

#[test]
fn killed_in_the_middle_of_initdb_leaves_nothing_half_made() {
    let folder = Folder::new();
    for delay in [50, 250, 600] {
        let mut child = Helper::spawn(&folder.data(), |_| {});
        std::thread::sleep(Duration::from_millis(delay));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let since = Instant::now();
    let cluster = loop {
        match start(&folder.data()) {
            Ok(cluster) => break cluster,
            Err(e) if since.elapsed() > Duration::from_secs(30) => panic!("{e}"),
            Err(_) => std::thread::sleep(Duration::from_millis(100)),
        }
    };
    answers(&cluster);
}

#[test]
fn a_long_path_gets_its_socket_elsewhere() {
    let folder = Folder::new();
    let data = folder.0.join("a-folder-name-that-goes-on-and-on".repeat(3)).join("data");
    std::fs::create_dir_all(&data).unwrap();
    let cluster = start(&data).unwrap();
    assert!(!cluster.connection().socket_folder.starts_with(&data));
    answers(&cluster);
    assert_eq!(attach(&data).as_ref(), Some(cluster.connection()));
}

#[test]
fn a_private_parent_folder_is_no_obstacle() {
    let folder = Folder::new();
    std::fs::set_permissions(&folder.0, std::fs::Permissions::from_mode(0o700)).unwrap();
    answers(&start(&folder.data()).unwrap());
}

#[test]
fn root_without_namespaces_becomes_another_user_or_says_why_not() {
    if !is_root() {
        return; // Only root changes its identity; the ordinary case is every other test.
    }
    let folder = Folder::new();
    std::fs::set_permissions(&folder.0, std::fs::Permissions::from_mode(0o755)).unwrap();
    let options = Options { data: folder.data(), forbid_namespaces: true, ..Default::default() };
    let cluster = Cluster::start(&options).unwrap();
    answers(&cluster);
    cluster.stop();
    // The owner of the folder decides from now on.
    answers(&start(&folder.data()).unwrap());

    let shut = Folder::new();
    std::fs::set_permissions(&shut.0, std::fs::Permissions::from_mode(0o700)).unwrap();
    let refused = Cluster::start(&Options { data: shut.data(), forbid_namespaces: true, ..Default::default() });
    assert!(matches!(refused, Err(Error::Unreachable(_))), "{refused:?}");
}

#[test]
fn an_ordinary_user_runs_it() {
    if !is_root() {
        return; // Then every other test is this one.
    }
    let folder = Folder::new();
    std::fs::set_permissions(&folder.0, std::fs::Permissions::from_mode(0o777)).unwrap();
    // A copy that the user can execute, wherever the build folder is.
    let copy = folder.0.join("helper");
    std::fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
    std::fs::set_permissions(&copy, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&copy);
    command.args(["--exact", "helper_holds_a_server", "--nocapture", "--test-threads=1"]).env("HOLD_DATA", folder.data()).current_dir("/");
    let mut child = command.stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let reader = BufReader::new(child.stderr.take().unwrap());
    let line = reader.lines().map_while(Result::ok).find_map(|l| l.strip_prefix("HELPER ").map(str::to_owned)).unwrap_or_default();
    let helper = Helper { child, line };
    let postgres = helper.postgres();
    helper.kill();
    wait_gone(postgres);
}

#[test]
fn without_any_postgres_on_the_path_the_message_or_the_runtime_comes() {
    let folder = Folder::new();
    let empty = folder.0.join("empty");
    std::fs::create_dir_all(&empty).unwrap();
    // npm must be found for the fetch; Postgres must not.
    match find_binaries(&folder.data(), Some(empty.as_os_str())) {
        Ok(found) => {
            assert!(found.folder.starts_with(folder.data()), "{found:?}");
            let cluster = Cluster::start(&Options { data: folder.data(), search_path: Some(empty.into()), ..Default::default() }).unwrap();
            answers(&cluster);
        }
        Err(Error::NoBinaries(message)) => assert!(message.contains("install PostgreSQL 15"), "{message}"),
        Err(other) => panic!("{other}"),
    }
}
