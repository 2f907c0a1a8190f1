//! What a backup's file may do to a database: nothing, unless it is whole and as it was written.

use crate::kit::TestDb;
use domain::{EntityKind, notifications::BACKUP_FAILED};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, ConnectOptions, postgres::PgConnectOptions};
use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
};
use store::{BackupError, Scheduled};
use uuid::Uuid;

type Files = Vec<(String, Vec<u8>)>;

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("rapport-backups-{}", Uuid::now_v7()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(&self.0).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A backup of a small workspace.
async fn made(t: &TestDb, folder: &Folder) -> PathBuf {
    let ana = t.workspace("Acme").await;
    for name in ["Bea", "Cleo", "Dora"] {
        t.create(&ana, EntityKind::Contact, crate::kit::contact(name)).await;
    }
    t.create(&ana, EntityKind::Task, json!({"title": "Call", "remindAt": "2029-03-26T09:00"})).await;
    let file = folder.file("whole.backup");
    t.db.backup(&file).await.unwrap();
    file
}

fn unpack(file: &Path) -> Files {
    let mut tar = tar::Archive::new(GzDecoder::new(std::fs::File::open(file).unwrap()));
    let read = |entry: std::io::Result<tar::Entry<'_, _>>| {
        let mut entry = entry.unwrap();
        let (mut bytes, name) = (Vec::new(), String::from_utf8(entry.path_bytes().into_owned()).unwrap());
        Read::read_to_end(&mut entry, &mut bytes).unwrap();
        (name, bytes)
    };
    tar.entries().unwrap().map(read).collect()
}

fn pack(files: &Files, to: &Path) {
    let mut tar = tar::Builder::new(GzEncoder::new(std::fs::File::create(to).unwrap(), Compression::fast()));
    for (name, bytes) in files {
        let mut head = tar::Header::new_gnu();
        head.set_size(bytes.len() as u64);
        head.set_mode(0o600);
        // As they are, also names that no careful program writes.
        head.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        head.set_cksum();
        tar.append(&head, &bytes[..]).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap().flush().unwrap();
}

fn manifest(files: &Files) -> Value {
    serde_json::from_slice(&files[0].1).unwrap()
}

fn sum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// Sets the manifest, and its checksum with it: a forger can do that.
fn set_manifest(files: &mut Files, manifest: &Value) {
    files[0].1 = serde_json::to_vec(manifest).unwrap();
    let sum = sum(&files[0].1).into_bytes();
    if files[1].0 == "manifest.sha256" {
        files[1].1 = sum;
    }
}

/// As versions before wrote it, without any checksum.
fn without_checksums(files: &Files) -> Files {
    let (mut files, mut m) = (files.clone(), manifest(files));
    files.retain(|f| f.0 != "manifest.sha256");
    for table in m["tables"].as_array_mut().unwrap() {
        let table = table.as_object_mut().unwrap();
        table.remove("bytes");
        table.remove("sha256");
    }
    set_manifest(&mut files, &m);
    files
}

fn table<'a>(m: &'a mut Value, name: &str) -> &'a mut Value {
    m["tables"].as_array_mut().unwrap().iter_mut().find(|t| t["name"] == name).unwrap()
}

async fn empty(t: &TestDb) -> PgConnectOptions {
    let name = format!("{}_{}", t.name, &Uuid::now_v7().simple().to_string()[24..]);
    sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&mut t.raw().await).await.unwrap();
    crate::kit::options_of(t).database(&name)
}

async fn relations(options: &PgConnectOptions) -> i64 {
    let mut raw = options.connect().await.unwrap();
    sqlx::query_scalar("select count(*) from pg_class where relnamespace = 'public'::regnamespace").fetch_one(&mut raw).await.unwrap()
}

/// The file is refused with these words, and the database is as empty as it was.
async fn refused(t: &TestDb, file: &Path, words: &str) {
    let options = empty(t).await;
    let said = store::restore(&options, file).await.expect_err("it was restored").to_string();
    assert!(said.contains(words), "“{said}” does not say “{words}”");
    assert_eq!(relations(&options).await, 0, "{said}");
}

#[tokio::test]
async fn sec_08_sql_in_a_column_name_of_an_archive_is_not_executed() {
    let (t, folder) = (TestDb::new().await, Folder::new());
    let files = unpack(&made(&t, &folder).await);
    let marker = std::env::temp_dir().join(format!("ran-{}", &Uuid::now_v7().simple().to_string()[24..]));
    let program = format!("token_hash\") from program 'touch {}; cat' (format binary) --", marker.display());
    let bad = folder.file("bad.backup");
    for mut files in [files.clone(), without_checksums(&files)] {
        let mut m = manifest(&files);
        let columns = table(&mut m, "api_tokens")["columns"].as_array_mut().unwrap();
        *columns.last_mut().unwrap() = json!(program);
        set_manifest(&mut files, &m);
        pack(&files, &bad);
        refused(&t, &bad, "is damaged in the table “api_tokens”").await;
        // The same as the name of a table.
        let evil = format!("users\" (id) from program 'touch {}' --", marker.display());
        let mut m = manifest(&files);
        table(&mut m, "api_tokens")["name"] = json!(evil);
        let at = files.iter().position(|f| f.0 == "tables/api_tokens").unwrap();
        files[at].0 = format!("tables/{evil}");
        if files[at].0.len() <= 100 {
            set_manifest(&mut files, &m);
            pack(&files, &bad);
            refused(&t, &bad, "is damaged").await;
        }
    }
    assert!(!marker.exists(), "the program ran");
}

#[tokio::test]
async fn sec_08_an_archive_with_a_missing_or_extra_entry_is_rejected() {
    let (t, folder) = (TestDb::new().await, Folder::new());
    let whole = unpack(&made(&t, &folder).await);
    let bad = folder.file("bad.backup");
    for files in [whole.clone(), without_checksums(&whole)] {
        let at = files.iter().position(|f| f.0 == "tables/contacts").unwrap();
        let change = |change: &dyn Fn(&mut Files, &mut Value)| {
            let (mut files, mut m) = (files.clone(), manifest(&files));
            change(&mut files, &mut m);
            set_manifest(&mut files, &m);
            pack(&files, &bad);
        };
        change(&|f, _| drop(f.remove(at)));
        refused(&t, &bad, "in the table “contacts”: “tables/deal").await;
        change(&|f, _| f.truncate(at));
        refused(&t, &bad, "in the table “contacts”: it is missing").await;
        change(&|f, m| {
            f.remove(at);
            m["tables"].as_array_mut().unwrap().retain(|t| t["name"] != "contacts");
        });
        refused(&t, &bad, "the table “contacts” is missing").await;
        change(&|f, _| f.insert(at, f[at].clone()));
        refused(&t, &bad, "“tables/contacts” is in its place").await;
        change(&|f, _| f.push(f[at].clone()));
        refused(&t, &bad, "after its last table: it holds “tables/contacts”").await;
        change(&|f, m| {
            let twice = table(m, "contacts").clone();
            m["tables"].as_array_mut().unwrap().push(twice);
            f.push(f[at].clone());
        });
        refused(&t, &bad, "it names a table twice").await;
        change(&|f, m| {
            table(m, "contacts")["name"] = json!("contracts");
            f[at].0 = "tables/contracts".into();
        });
        refused(&t, &bad, "in the table “contracts”: its schema has no such table").await;
        change(&|_, m| {
            let columns = table(m, "contacts")["columns"].as_array_mut().unwrap();
            columns.swap(0, 1);
        });
        refused(&t, &bad, "its columns are not those of its schema").await;
        change(&|_, m| table(m, "contacts")["rows"] = json!(4));
        refused(&t, &bad, "it has 3 rows of 4").await;
        change(&|f, _| f[at].0 = "tables/../contacts".into());
        refused(&t, &bad, "is in its place").await;
        change(&|_, m| m["schema"] = json!(9_999));
        refused(&t, &bad, "newer Rapport").await;
        change(&|_, m| m["schema"] = json!(0));
        refused(&t, &bad, "no version of Rapport had the schema 0").await;
    }
    // The checksums themselves.
    let at = whole.iter().position(|f| f.0 == "tables/contacts").unwrap();
    let mut files = whole.clone();
    files[1].1[0] ^= 1;
    pack(&files, &bad);
    refused(&t, &bad, "in its list of contents: its checksum is another").await;
    let mut files = whole.clone();
    // A letter of a name: still a table, no longer the one that was written.
    let letter = files[at].1.windows(3).position(|w| w == b"Bea").unwrap();
    files[at].1[letter] = b'L';
    pack(&files, &bad);
    refused(&t, &bad, "in the table “contacts”: its checksum is another").await;
    let mut m = manifest(&whole);
    table(&mut m, "contacts").as_object_mut().unwrap().remove("sha256");
    set_manifest(&mut files, &m);
    pack(&files, &bad);
    refused(&t, &bad, "checksums are missing").await;
}

#[tokio::test]
async fn sec_08_extraction_takes_regular_files_only_and_limits_their_size() {
    let (t, folder) = (TestDb::new().await, Folder::new());
    let whole = unpack(&made(&t, &folder).await);
    let bad = folder.file("bad.backup");
    for kind in [
        tar::EntryType::Symlink,
        tar::EntryType::Link,
        tar::EntryType::Directory,
        tar::EntryType::Fifo,
        tar::EntryType::GNUSparse,
        tar::EntryType::XHeader,
    ] {
        let mut tar = tar::Builder::new(GzEncoder::new(std::fs::File::create(&bad).unwrap(), Compression::fast()));
        for (n, (name, bytes)) in whole.iter().enumerate() {
            let mut head = tar::Header::new_gnu();
            head.set_size(bytes.len() as u64);
            if n == 3 {
                head.set_size(0);
                head.set_entry_type(kind);
                head.set_link_name("/etc/passwd").unwrap();
            }
            head.set_path(name).unwrap();
            head.set_cksum();
            tar.append(&head, if n == 3 { &[][..] } else { &bytes[..] }).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap();
        refused(&t, &bad, "it holds something that is no file").await;
    }
    // A header that promises a terabyte is not read to its end.
    let mut head = tar::Header::new_gnu();
    head.set_path("manifest.json").unwrap();
    head.set_size(1 << 40);
    head.set_cksum();
    let mut out = GzEncoder::new(std::fs::File::create(&bad).unwrap(), Compression::fast());
    out.write_all(head.as_bytes()).unwrap();
    out.finish().unwrap();
    refused(&t, &bad, "it says that more is in it than can be").await;
    // Bytes behind the end.
    let mut bytes = std::fs::read(folder.file("whole.backup")).unwrap();
    bytes.extend(b"more");
    std::fs::write(&bad, &bytes).unwrap();
    refused(&t, &bad, "after its last table: more follows").await;
}

#[tokio::test]
async fn sec_08_corruption_and_truncation_are_detected_at_every_position() {
    let (t, folder) = (TestDb::new().await, Folder::new());
    let file = made(&t, &folder).await;
    let whole = std::fs::read(&file).unwrap();
    let manifest = store::check_backup(&file).unwrap();
    let content = unpack(&file);
    let bad = folder.file("bad.backup");
    let long = std::env::var("ATTACK").is_ok_and(|a| a == "long");
    let step = if long { 1 } else { (whole.len() / 400).max(1) };
    // Every byte of the head and of the end, and samples in between.
    let near = |n: usize| n < 64 || n + 64 > whole.len();
    for n in (0..whole.len()).filter(|n| n % step == 0 || near(*n)) {
        for mask in [0x01, 0xff] {
            let mut bytes = whole.clone();
            bytes[n] ^= mask;
            std::fs::write(&bad, &bytes).unwrap();
            match store::check_backup(&bad) {
                // The packer's own clock and system, which say nothing about what is in it; and now and then a reference to an
                // equal sequence of bytes further on, so that the same content comes out of it.
                Ok(m) => assert!(m == manifest && ((3..10).contains(&n) || unpack(&bad) == content), "byte {n}"),
                Err(e @ (BackupError::Damaged { .. } | BackupError::Unfit(_))) => {
                    let said = e.to_string();
                    assert_eq!(said.matches("damaged").count(), 1, "byte {n}: {said}");
                }
                Err(e) => panic!("byte {n}: {e:?}"),
            }
        }
    }
    for n in (0..whole.len()).filter(|n| n % step == 0 || near(*n)) {
        std::fs::write(&bad, &whole[..n]).unwrap();
        assert!(store::check_backup(&bad).is_err(), "cut at {n}");
    }
    // One of them through the whole way.
    let mut bytes = whole.clone();
    bytes[whole.len() / 2] ^= 0xff;
    std::fs::write(&bad, &bytes).unwrap();
    refused(&t, &bad, "bad.backup is damaged ").await;
}

#[tokio::test]
async fn sec_08_archives_without_checksums_are_restored_with_their_reminders() {
    let (t, folder) = (TestDb::new().await, Folder::new());
    made(&t, &folder).await;
    // With a state of the schedule to bring back.
    let file = folder.file("scheduled.backup");
    let now = chrono::Utc::now();
    let due = async |file: &Path, now| t.db.backup_if_due(file, None, chrono::Duration::days(1), now).await.unwrap();
    assert!(matches!(due(&folder.file("first.backup"), now).await, Scheduled::Made(_)));
    assert!(matches!(due(&file, now + chrono::Duration::days(1)).await, Scheduled::Made(_)));
    let files = unpack(&file);
    assert_eq!(manifest(&files)["format"], "rapport backup 1", "versions before go back to a copy that this one made");
    let old = folder.file("old.backup");
    pack(&without_checksums(&files), &old);
    for file in [file, old] {
        let options = empty(&t).await;
        let m = store::restore(&options, &file).await.unwrap();
        assert_eq!(m.tables.iter().find(|t| t.name == "contacts").unwrap().rows, 3);
        let db = store::Database::connect(options.clone(), 4).await.unwrap();
        db.migrate().await.unwrap();
        let mut raw = options.connect().await.unwrap();
        let unfenced: i64 =
            sqlx::query_scalar("select count(*) from pg_class c join pg_policy p on p.polrelid = c.oid where not c.relforcerowsecurity")
                .fetch_one(&mut raw)
                .await
                .unwrap();
        assert_eq!(unfenced, 0, "row security is back");
        // The reminder is a job again.
        let relay = tokio::spawn(db.clone().relay());
        for turn in 0.. {
            let jobs: i64 =
                sqlx::query_scalar("select count(*) from rapport_jobs._private_jobs where key like 'reminder:%'").fetch_one(&mut raw).await.unwrap();
            if jobs == 1 {
                break;
            }
            assert!(turn < 200, "the reminder of a restored task is lost");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        relay.abort();
        // A second time it is not empty any more.
        let said = store::restore(&options, &file).await.unwrap_err().to_string();
        assert!(said.contains("not empty"), "{said}");
        assert_eq!(sqlx::query_scalar::<_, i64>("select count(*) from contacts").fetch_one(&mut raw).await.unwrap(), 3);
    }
}

#[tokio::test]
async fn sec_08_a_backup_never_overwrites_and_leaves_no_partial_file() {
    let (t, folder) = (TestDb::new().await, Folder::new());
    t.workspace("Acme").await;
    let file = folder.file("mine.backup");
    std::fs::write(&file, b"mine").unwrap();
    let said = t.db.backup(&file).await.unwrap_err().to_string();
    assert!(said.contains("is there already"), "{said}");
    assert_eq!(std::fs::read(&file).unwrap(), b"mine");
    // A link to nowhere is there, too.
    let link = folder.file("link.backup");
    std::os::unix::fs::symlink(folder.file("nowhere"), &link).unwrap();
    assert!(t.db.backup(&link).await.is_err());
    // Two at once: one of them has the name.
    let both = folder.file("both.backup");
    let (a, b) = tokio::join!(t.db.backup(&both), t.db.backup(&both));
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    store::check_backup(&both).unwrap();
    // A name with a quote in it is a name; one that fails in the middle leaves nothing.
    sqlx::query("alter table contacts rename column first_name to \"first \"\"name\"").execute(&mut t.raw().await).await.unwrap();
    t.db.backup(&folder.file("odd.backup")).await.unwrap();
    sqlx::query("create table \"zzz/zzz\" (one int)").execute(&mut t.raw().await).await.unwrap();
    assert!(t.db.backup(&folder.file("fails.backup")).await.is_err(), "no file can be called like that table");
    assert_eq!(folder.names(), ["both.backup", "link.backup", "mine.backup", "odd.backup"]);
}

#[tokio::test]
async fn sec_08_a_failed_backup_notifies_owners_and_admins_once() {
    let (t, folder) = (TestDb::new().await, Folder::new());
    let ana = t.workspace("Acme").await;
    let other = t.workspace("Globex").await;
    let bea = t.member("Acme", "bea@acme.test").await;
    sqlx::query("update memberships set role = 'member' where member_id = $1").bind(bea.member).execute(&mut t.raw().await).await.unwrap();
    let now = chrono::Utc::now();
    let day = chrono::Duration::days(1);
    let look = async |name: &str, now| t.db.backup_if_due(&folder.file(name), None, day, now).await.unwrap();
    // Its folder is a file.
    std::fs::write(folder.file("full"), b"").unwrap();
    assert!(matches!(look("full/a.backup", now).await, Scheduled::Failed(_, 2)));
    assert!(matches!(look("full/a.backup", now).await, Scheduled::Waits), "not again at once");
    let later = now + chrono::Duration::minutes(16);
    assert!(matches!(look("full/a.backup", later).await, Scheduled::Failed(_, 0)), "told already");
    let told = async |who: &store::Actor| {
        let mut tx = t.db.begin(who, domain::Permission::ViewRecords).await.unwrap();
        let items = store::list_notifications(&mut tx, false, None, 9).await.unwrap().items;
        items.into_iter().filter(|n| n.kind == BACKUP_FAILED).map(|n| (n.sentence(), n.link())).collect::<Vec<_>>()
    };
    let words = ("A backup of this server failed; its log says why".to_owned(), "/help/run-the-server".to_owned());
    assert_eq!((told(&ana).await, told(&other).await), (vec![words.clone()], vec![words]));
    assert_eq!(told(&bea).await, [], "a member runs nothing");
    let state = t.db.backup_state().await.unwrap();
    assert!(state.failure.is_some() && state.made_at.is_none());
    // It works again; the next one is due a day later, for every server on this database.
    let fine = later + chrono::Duration::minutes(16);
    assert!(matches!(look("a.backup", fine).await, Scheduled::Made(m) if m.scheduled));
    assert!(t.db.backup_state().await.unwrap().failure.is_none());
    assert!(matches!(look("b.backup", fine + chrono::Duration::hours(23)).await, Scheduled::Waits));
    let (a, b) = tokio::join!(look("c.backup", fine + day), look("d.backup", fine + day));
    let made = [a, b].into_iter().filter(|s| matches!(s, Scheduled::Made(_))).count();
    assert_eq!(made, 1, "one server at a time");
}
