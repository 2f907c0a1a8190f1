//! Backing up, losing everything, restoring: the same rows. And an upgrade that is taken back. What a forged or damaged file
//! can do is in `app/store/tests/backup.rs`.

use crate::program::Folder;
use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_rapport");

fn rapport(data: &Path, args: &[&str]) -> (bool, String) {
    let out = Command::new(PROGRAM).arg("--data").arg(data).args(args).env_remove("DATABASE_URL").output().unwrap();
    (out.status.success(), String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr))
}

fn ok(data: &Path, args: &[&str]) -> String {
    let (fine, said) = rapport(data, args);
    assert!(fine, "{args:?}: {said}");
    said
}

fn add_user(data: &Path) {
    let mut child = Command::new(PROGRAM)
        .arg("--data")
        .arg(data)
        .args(["user", "add", "ana@acme.test", "--workspace", "Acme"])
        .env_remove("DATABASE_URL")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"correct horse battery").unwrap();
    assert!(child.wait().unwrap().success());
}

/// Hash of the rows of every table, through a private server started for the look.
fn rows(data: &Path) -> Vec<(String, i64, String)> {
    let data = data.to_owned();
    // A thread of its own: the private server ends with the thread that started it.
    std::thread::spawn(move || {
        let cluster = embedded_postgres::Cluster::start(&embedded_postgres::Options { data, ..Default::default() }).unwrap();
        let c = cluster.connection().clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let found = runtime.block_on(async {
            use sqlx::{ConnectOptions, Connection, postgres::PgConnectOptions};
            let options = PgConnectOptions::new().socket(&c.socket_folder).username(&c.user).password(&c.password).database("rapport").port(5432);
            let mut raw = options.connect().await.unwrap();
            let tables: Vec<String> = sqlx::query_scalar(
                "select tablename::text from pg_tables where schemaname = 'public' and tablename <> '_sqlx_migrations' order by 1",
            )
            .fetch_all(&mut raw)
            .await
            .unwrap();
            let mut out = Vec::new();
            for table in tables {
                let text = format!("select count(*), coalesce(md5(string_agg(md5(t::text), '' order by t::text)), '') from \"{table}\" t");
                let (count, hash): (i64, String) = sqlx::query_as(sqlx::AssertSqlSafe(text)).fetch_one(&mut raw).await.unwrap();
                out.push((table, count, hash));
            }
            raw.close().await.unwrap();
            out
        });
        cluster.stop();
        found
    })
    .join()
    .unwrap()
}

#[test]
fn what_was_backed_up_comes_back_row_by_row() {
    let folder = Folder::new("backup");
    let (data, file) = (folder.0.join("data"), folder.0.join("sales"));
    add_user(&data);
    tools::fixtures::sales(&file, 300).unwrap();
    let files: Vec<String> =
        ["accounts.csv", "products.csv", "sales_teams.csv", "sales_pipeline.csv"].iter().map(|f| file.join(f).display().to_string()).collect();
    let mut args = vec!["import"];
    args.extend(files.iter().map(String::as_str));
    args.extend(["--workspace", "Acme"]);
    ok(&data, &args);
    let before = rows(&data);
    let deals = before.iter().find(|t| t.0 == "deals").unwrap().1;
    assert_eq!(deals, 300);
    let backup = folder.0.join("all.backup");
    let path = backup.display().to_string();
    assert!(ok(&data, &["backup", &path]).contains("rows of"));
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(&backup).unwrap().permissions().mode() & 0o777, 0o600);
    // Everything is lost: a new folder, and the file.
    let other = folder.0.join("other");
    ok(&other, &["restore", &path]);
    let after = rows(&other);
    for (b, a) in before.iter().zip(&after) {
        if b.0 != "sessions" {
            assert_eq!(b, a, "{}", b.0);
        }
    }
    assert_eq!(before.len(), after.len());
    // The restored one lives: references hold, the fence stands, new records come in.
    tools::fixtures::contacts(&folder.0.join("more.csv"), 20).unwrap();
    let more = folder.0.join("more.csv").display().to_string();
    assert!(ok(&other, &["import", &more, "--workspace", "Acme"]).contains("20 added"));
    // Restored over something, that something is kept; and rollback finds backups by itself.
    assert!(ok(&other, &["backup"]).contains("backups/rapport-"));
    ok(&other, &["restore", &path]);
    assert_eq!(rows(&other), after);
    assert!(ok(&other, &["rollback"]).contains("Going back to"));
    assert_eq!(rows(&other).iter().find(|t| t.0 == "contacts").unwrap().1, 20);
    // Files that are no backup are told, and nothing is touched.
    for (name, bytes) in [("empty", &b""[..]), ("text", &b"hello"[..])] {
        let bad = folder.0.join(name);
        std::fs::write(&bad, bytes).unwrap();
        let (fine, said) = rapport(&other, &["restore", &bad.display().to_string()]);
        assert!(!fine && said.contains("is no backup of Rapport"), "{said}");
    }
    let whole = std::fs::read(&backup).unwrap();
    let torn = folder.0.join("torn.backup");
    std::fs::write(&torn, &whole[..whole.len() * 2 / 3]).unwrap();
    let (fine, said) = rapport(&other, &["restore", &torn.display().to_string()]);
    assert!(!fine && said.contains("is damaged"), "half a file is no backup: {said}");
    // F28: a flipped byte is said once, with where it is; a file that is there is not written over.
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 0xff;
    std::fs::write(&torn, &flipped).unwrap();
    let (fine, said) = rapport(&other, &["restore", &torn.display().to_string()]);
    let last = said.lines().last().unwrap();
    assert!(!fine && last.contains(" is damaged in the table “") && last.matches("damaged").count() == 1, "{said}");
    let (fine, said) = rapport(&other, &["backup", &path]);
    assert!(!fine && said.contains("is there already"), "{said}");
    assert_eq!(std::fs::read(&backup).unwrap(), whole);
    assert_eq!(rows(&other).iter().find(|t| t.0 == "contacts").unwrap().1, 20, "what was there is there");
}

/// Ends with the test, whatever becomes of it.
struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_backup_beside_a_running_program_and_alone_is_the_same_and_a_newer_database_is_told_in_one_sentence() {
    let folder = Folder::new("beside");
    let data = folder.0.join("data");
    add_user(&data);
    let path = |name: &str| folder.0.join(name).display().to_string();
    ok(&data, &["backup", &path("alone.backup")]);
    {
        let command = Command::new(PROGRAM).arg("--data").arg(&data).arg("work").env_remove("DATABASE_URL").stderr(Stdio::null()).spawn().unwrap();
        let _running = Running(command);
        ok(&data, &["backup", &path("beside.backup")]);
        assert!(ok(&data, &["doctor"]).contains("backups   no schedule here"));
    }
    let tables = |name: &str| {
        let tables = store::check_backup(&folder.0.join(name)).unwrap().tables;
        // What wakes and rests with a process is another each time.
        tables.into_iter().filter(|t| !["outbox", "sessions"].contains(&t.name.as_str())).collect::<Vec<_>>()
    };
    assert_eq!(tables("alone.backup"), tables("beside.backup"));
    // F28: as if a newer version had been here.
    raw(&data, "insert into _sqlx_migrations (version, description, success, checksum, execution_time) values (9999, 'ahead', true, '', 0)");
    for args in [&["doctor"][..], &["backup"], &["migrate"]] {
        let (fine, said) = rapport(&data, args);
        let last = said.lines().last().unwrap();
        assert!(!fine && last.contains("newer Rapport") && last.contains("rapport rollback"), "{said}");
        assert_eq!(last.matches("9999").count(), 1, "{said}");
    }
    // And that is the way back.
    std::fs::create_dir_all(data.join("backups")).unwrap();
    std::fs::copy(path("beside.backup"), data.join("backups/before-upgrade.backup")).unwrap();
    let earlier = std::time::SystemTime::now() - std::time::Duration::from_secs(60);
    std::fs::File::options().write(true).open(data.join("backups/before-upgrade.backup")).unwrap().set_modified(earlier).unwrap();
    // A newer one that is damaged is passed over.
    let mut bytes = std::fs::read(path("beside.backup")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    std::fs::write(data.join("backups/broken.backup"), bytes).unwrap();
    let said = ok(&data, &["rollback"]);
    assert!(said.contains("Left out: ") && said.contains("Going back to"), "{said}");
    ok(&data, &["doctor"]);
}

/// One statement, past all fences, in the private server of a folder that nobody uses.
fn raw(data: &Path, text: &'static str) {
    let data = data.to_owned();
    std::thread::spawn(move || {
        let cluster = embedded_postgres::Cluster::start(&embedded_postgres::Options { data, ..Default::default() }).unwrap();
        let c = cluster.connection().clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            use sqlx::{ConnectOptions, Connection, postgres::PgConnectOptions};
            let options = PgConnectOptions::new().socket(&c.socket_folder).username(&c.user).password(&c.password).database("rapport").port(5432);
            let mut raw = options.connect().await.unwrap();
            sqlx::query(text).execute(&mut raw).await.unwrap();
            raw.close().await.unwrap();
        });
        cluster.stop();
    })
    .join()
    .unwrap();
}
