//! Backing up, losing everything, restoring: the same rows. And an upgrade that is taken back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_rapport");

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
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
    let (fine, _) = rapport(&other, &["restore", &torn.display().to_string()]);
    assert!(!fine, "half a file is no backup");
    assert_eq!(rows(&other).iter().find(|t| t.0 == "contacts").unwrap().1, 20, "what was there is there");
}
