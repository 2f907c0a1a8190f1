//! One running Postgres on one data folder.

use crate::{
    Error, binaries,
    inspect::Binaries,
    io,
    os::{self, Identity},
    processes::{alive, parent, read_pidfile},
    settings::{clean_command, replace},
    watch::{Plan, Watch},
};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Seek, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The bootstrap login of the private server.
const LOGIN: &str = "rapport";
const NOBODY: u32 = 65534;
/// A unix socket address holds 107 bytes; the server appends `/.s.PGSQL.5432`.
const LONGEST_SOCKET_FOLDER: usize = 90;

/// Where and how to start.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The data folder; made if missing.
    pub data: PathBuf,
    /// Look for server programs in these folders only (as `$PATH` would be written). For tests and odd installations.
    pub search_path: Option<std::ffi::OsString>,
    /// Run as another identity although a namespace would work. For tests of the fallback.
    pub forbid_namespaces: bool,
}

/// How to reach the private server. It listens on a unix socket only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    pub socket_folder: PathBuf,
    pub user: String,
    pub password: String,
}

/// A running server that stops when this value is dropped, or when the process dies in whatever way. One that ends by
/// itself is started again.
#[derive(Debug)]
pub struct Cluster {
    // Before the lock: the server has stopped when the folder is free for another.
    watch: Watch,
    connection: Connection,
    major: u32,
    _lock: File,
}

impl Cluster {
    /// Starts the server, initialising the folder first if it is new.
    pub fn start(options: &Options) -> Result<Self, Error> {
        fs::create_dir_all(&options.data).map_err(io(&options.data))?;
        let data = options.data.canonicalize().map_err(io(&options.data))?;
        let lock = lock(&data)?;
        let binaries = binaries::find(&data, options.search_path.as_deref())?;
        let identity = choose_identity(&data, options.forbid_namespaces)?;
        let pg = data.join("pg");
        let socket_folder = socket_folder(&data, identity)?;
        if !pg.join("PG_VERSION").exists() {
            initialise(&data, &pg, &binaries, identity)?;
        }
        let password_file = data.join("password");
        let password = fs::read_to_string(&password_file).map_err(io(&password_file))?;
        let connection = Connection { socket_folder: socket_folder.clone(), user: LOGIN.into(), password: password.trim().into() };
        let major = binaries.major;
        let watch = Watch::start(Plan { data, pg, socket_folder, binaries, identity })?;
        Ok(Self { watch, connection, major, _lock: lock })
    }

    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    pub fn major(&self) -> u32 {
        self.major
    }

    /// Process id of the server, for tests that kill it; 0 while it is being started again.
    pub fn pid(&self) -> u32 {
        self.watch.pid()
    }

    /// `tell` hears once, from another thread, why a server that ended by itself is not started again any more: it failed
    /// to start six times in a row, or died forty times within ten minutes. The program should end then.
    pub fn when_given_up(&self, tell: impl FnOnce(&Error) + Send + 'static) {
        self.watch.when_given_up(tell);
    }

    /// Stops the server cleanly ("fast": open transactions are rolled back) and waits for it.
    pub fn stop(self) {}
}

/// The connection to a server that another process runs on `data` right now, if there is one. A server whose process is
/// gone is about to stop: nobody is sent there.
pub fn attach(data: &Path) -> Option<Connection> {
    let data = data.canonicalize().ok()?;
    let (pid, state) = read_pidfile(&data.join("pg"))?;
    let holder = fs::read_to_string(data.join("lock")).ok()?;
    if state != "ready" || !alive(pid, &data.join("pg")) || parent(pid)?.to_string() != holder.trim() {
        return None;
    }
    let socket_folder = PathBuf::from(fs::read_to_string(data.join("socket")).ok()?.trim());
    let password = fs::read_to_string(data.join("password")).ok()?.trim().to_owned();
    Some(Connection { socket_folder, user: LOGIN.into(), password })
}

fn lock(data: &Path) -> Result<File, Error> {
    let path = data.join("lock");
    let mut file = OpenOptions::new().create(true).read(true).write(true).truncate(false).open(&path).map_err(io(&path))?;
    if !os::try_lock(&file) {
        let mut holder = String::new();
        let _ = file.read_to_string(&mut holder);
        return Err(Error::InUse { folder: data.into(), holder: holder.trim().into() });
    }
    file.set_len(0).and_then(|()| file.rewind()).map_err(io(&path))?;
    write!(file, "{}", std::process::id()).map_err(io(&path))?;
    Ok(file)
}

/// An existing folder decides by its owner; a new one prefers the namespace, where files stay root's.
fn choose_identity(data: &Path, forbid_namespaces: bool) -> Result<Identity, Error> {
    if !os::is_root() {
        return Ok(Identity::Same);
    }
    if let Ok(owned) = fs::metadata(data.join("pg")) {
        if owned.uid() != 0 {
            return reachable(data, Identity::Switch(owned.uid(), owned.gid()));
        }
        return Ok(Identity::Namespace(NOBODY));
    }
    if !forbid_namespaces && os::namespaces_allowed() {
        return Ok(Identity::Namespace(NOBODY));
    }
    let (uid, gid) = account("postgres").or_else(|| account("nobody")).unwrap_or((NOBODY, NOBODY));
    reachable(data, Identity::Switch(uid, gid))
}

fn reachable(data: &Path, identity: Identity) -> Result<Identity, Error> {
    let mut probe = Command::new("/bin/ls");
    probe.arg("-d").arg(data.join(".")).stdout(Stdio::null()).stderr(Stdio::null());
    os::prepare(&mut probe, identity, false);
    match probe.status() {
        Ok(status) if status.success() => Ok(identity),
        _ => Err(Error::Unreachable(data.into())),
    }
}

fn account(name: &str) -> Option<(u32, u32)> {
    let accounts = fs::read_to_string("/etc/passwd").ok()?;
    accounts.lines().find_map(|line| {
        let field: Vec<&str> = line.split(':').collect();
        (field.first() == Some(&name)).then(|| Some((field.get(2)?.parse().ok()?, field.get(3)?.parse().ok()?)))?
    })
}

fn socket_folder(data: &Path, identity: Identity) -> Result<PathBuf, Error> {
    let near = data.join("run");
    let folder = if near.as_os_str().len() <= LONGEST_SOCKET_FOLDER {
        near
    } else {
        let sum = Sha256::digest(data.as_os_str().as_encoded_bytes());
        let name: String = sum.iter().take(8).map(|b| format!("{b:02x}")).collect();
        std::env::temp_dir().join(format!("rapport-{}-{name}", os::user_id()))
    };
    private_folder(&folder, identity)?;
    replace(&data.join("socket"), folder.as_os_str().as_encoded_bytes(), 0o644)?;
    Ok(folder)
}

fn private_folder(folder: &Path, identity: Identity) -> Result<(), Error> {
    fs::create_dir_all(folder).map_err(io(folder))?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(io(folder))?;
    hand_over(folder, identity)
}

fn hand_over(path: &Path, identity: Identity) -> Result<(), Error> {
    if let Identity::Switch(uid, gid) = identity {
        chown(path, Some(uid), Some(gid)).map_err(io(path))?;
    }
    Ok(())
}

/// `initdb` into a temporary name, then rename: a crash in between leaves nothing half-made.
fn initialise(data: &Path, pg: &Path, binaries: &Binaries, identity: Identity) -> Result<(), Error> {
    let fresh = data.join("pg.new");
    let _ = fs::remove_dir_all(&fresh);
    private_folder(&fresh, identity)?;
    let password_file = data.join("password");
    let _ = fs::remove_file(&password_file);
    let mut random = [0u8; 24];
    File::open("/dev/urandom").and_then(|mut f| f.read_exact(&mut random)).map_err(io("/dev/urandom"))?;
    let password: String = random.iter().map(|b| format!("{b:02x}")).collect();
    OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&password_file)
        .and_then(|mut f| f.write_all(password.as_bytes()))
        .map_err(io(&password_file))?;
    hand_over(&password_file, identity)?;

    let mut command = clean_command(&binaries.folder.join("initdb"), identity, true);
    command
        .arg("-D")
        .arg(&fresh)
        .args(["-U", LOGIN, "-A", "scram-sha-256", "-E", "UTF8", "--data-checksums", "--no-instructions"])
        .arg(format!("--pwfile={}", password_file.display()));
    // C.UTF-8 order never changes with the operating system; without the ctype, trigrams lose every non-ASCII letter.
    if binaries.major >= 17 {
        command.args(["--locale=C", "--lc-ctype=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]);
    } else {
        command.arg("--locale=C.UTF-8");
    }
    let done = command.output().map_err(io("initdb"))?;
    if !done.status.success() {
        return Err(Error::Init(String::from_utf8_lossy(&done.stderr).trim().into()));
    }
    let conf = fresh.join("postgresql.conf");
    OpenOptions::new().append(true).open(&conf).and_then(|mut f| f.write_all(b"\ninclude_if_exists 'rapport.conf'\n")).map_err(io(&conf))?;
    let _ = fs::remove_dir_all(pg);
    fs::rename(&fresh, pg).map_err(io(pg))?;
    File::open(data).and_then(|f| f.sync_all()).map_err(io(data))
}
