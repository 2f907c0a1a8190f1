//! A real Postgres for tests: started once per test binary by our own supervisor, migrated once into a template that
//! every test clones. Folders of runs that died are swept at the next start.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

mod build;

use domain::{EntityKind, Envelope, FieldMap, Outcome, RecordCommand, Surface, pipelines::template};
use embedded_postgres::{Cluster, Connection, Options};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection as _, postgres::PgConnectOptions};
use std::{path::PathBuf, sync::OnceLock};
use store::{Actor, Database, StoreError};
use uuid::Uuid;

/// Durability settings that are turned off: test databases do not outlive the run, and commits need not wait for the disk. Crash
/// tests start their own clusters with durability on. Commits stay synchronous: VACUUM cannot mark
/// pages all-visible until an asynchronous commit is flushed, and the planner then avoids index-only scans.
const UNSAFE: [&str; 2] = ["fsync", "full_page_writes"];

static CLUSTER: OnceLock<Connection> = OnceLock::new();

fn folder() -> PathBuf {
    let base = std::env::temp_dir().join("rapport-tests");
    std::fs::create_dir_all(&base).unwrap();
    for old in std::fs::read_dir(&base).into_iter().flatten().flatten() {
        let pid = old.file_name().to_string_lossy().into_owned();
        if !std::path::Path::new("/proc").join(&pid).exists() {
            let _ = std::fs::remove_dir_all(old.path());
        }
    }
    base.join(std::process::id().to_string())
}

fn connection() -> &'static Connection {
    CLUSTER.get_or_init(|| {
        let (send, receive) = std::sync::mpsc::channel();
        // The server ends with the thread that started it, so this one never ends.
        std::thread::spawn(move || {
            let cluster = Cluster::start(&Options { data: folder(), ..Default::default() }).unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                for setting in UNSAFE {
                    admin(cluster.connection(), "postgres", &format!("alter system set {setting} = off")).await;
                }
                admin(cluster.connection(), "postgres", "select pg_reload_conf()").await;
                admin(cluster.connection(), "postgres", "create database template_rapport").await;
                let db = Database::connect(options(cluster.connection(), "template_rapport"), 2).await.unwrap();
                db.migrate().await.unwrap();
                db.close().await;
            });
            send.send(cluster.connection().clone()).unwrap();
            loop {
                std::thread::park();
            }
        });
        receive.recv().unwrap()
    })
}

pub fn options(c: &Connection, database: &str) -> PgConnectOptions {
    PgConnectOptions::new().socket(&c.socket_folder).username(&c.user).password(&c.password).database(database).port(5432)
}

async fn admin(c: &Connection, database: &str, sql: &str) {
    let mut conn = options(c, database).connect().await.unwrap();
    sqlx::query(AssertSqlSafe(sql.to_owned())).execute(&mut conn).await.unwrap();
    conn.close().await.unwrap();
}

/// A database of its own for one test.
pub struct TestDb {
    pub db: Database,
    pub name: String,
}

impl TestDb {
    pub async fn new() -> Self {
        let c = tokio::task::spawn_blocking(connection).await.unwrap();
        let name = format!("t{}", Uuid::now_v7().simple());
        admin(c, "postgres", &format!("create database {name} template template_rapport strategy wal_log")).await;
        let db = Database::connect(options(c, &name), 8).await.unwrap();
        Self { db, name }
    }

    /// A connection past all fences, for looking at what really is in the tables.
    pub async fn raw(&self) -> sqlx::PgConnection {
        options(connection(), &self.name).connect().await.unwrap()
    }

    /// Connection URL, for other programs.
    pub fn url(&self) -> String {
        let c = connection();
        format!("postgres:///{}?host={}&user={}&password={}", self.name, c.socket_folder.display(), c.user, c.password)
    }

    /// A pool of one connection, on which `auto_explain` sends the plan of every statement as a notice; none if the server
    /// has no `auto_explain`.
    pub async fn explained(&self) -> Option<Database> {
        sqlx::query("load 'auto_explain'").execute(&mut self.raw().await).await.ok()?;
        let settings = [
            ("session_preload_libraries", "auto_explain"),
            ("auto_explain.log_min_duration", "0"),
            ("auto_explain.log_analyze", "on"),
            ("auto_explain.log_timing", "off"),
            ("auto_explain.log_format", "json"),
            ("auto_explain.log_level", "notice"),
        ];
        Some(Database::connect(options(connection(), &self.name).options(settings), 1).await.unwrap())
    }

    /// A new workspace with the sales pipeline; its owner.
    pub async fn workspace(&self, name: &str) -> Actor {
        let email = format!("{}@{}.test", Uuid::now_v7().simple(), name.to_lowercase());
        let account = self.db.sign_up(&email, name, "correct horse battery", name, template("sales").unwrap()).await.unwrap();
        self.db.actor(account.user, account.workspace, Surface::Web).await.unwrap().unwrap()
    }

    /// Another member of the workspace, with an account of their own.
    pub async fn member(&self, workspace: &str, email: &str) -> Actor {
        let account = self.db.add_user(email, "correct horse battery", workspace, template("sales").unwrap()).await.unwrap();
        self.db.actor(account.user, account.workspace, Surface::Web).await.unwrap().unwrap()
    }

    pub async fn create(&self, actor: &Actor, kind: EntityKind, set: Value) -> Uuid {
        self.try_create(actor, kind, set).await.unwrap().id
    }

    pub async fn try_create(&self, actor: &Actor, kind: EntityKind, set: Value) -> Result<Outcome, StoreError> {
        let id = Uuid::now_v7();
        self.db.dispatch(actor, &Envelope::new(RecordCommand::Create { kind, id, set: map(set) }, None)).await
    }

    pub async fn edit(&self, actor: &Actor, kind: EntityKind, id: Uuid, base: i64, set: Value) -> Result<Outcome, StoreError> {
        self.db.dispatch(actor, &Envelope::new(RecordCommand::Edit { kind, id, set: map(set) }, Some(base))).await
    }

    /// Stage ids of the actor's pipeline by key.
    pub async fn stage(&self, actor: &Actor, name: &str) -> domain::StageId {
        let mut tx = self.db.begin(actor, domain::Permission::ViewRecords).await.unwrap();
        let pipelines = store::list_pipelines(&mut tx).await.unwrap();
        pipelines[0].stages.iter().find(|s| s.name == name).unwrap().id
    }

    pub async fn record(&self, actor: &Actor, kind: EntityKind, id: Uuid) -> Result<domain::Record, StoreError> {
        let mut tx = self.db.begin(actor, domain::Permission::ViewRecords).await?;
        store::get_record(&mut tx, kind, id).await
    }

    /// Hash of every row of every tenant table of a workspace.
    pub async fn fingerprint(&self, workspace: domain::WorkspaceId) -> Vec<(String, String)> {
        let mut raw = self.raw().await;
        let tables: Vec<String> = sqlx::query_scalar(
            "select table_name::text from information_schema.columns where table_schema = 'public' and column_name = 'workspace_id' order by 1",
        )
        .fetch_all(&mut raw)
        .await
        .unwrap();
        let mut out = Vec::new();
        for table in tables {
            let text =
                format!("select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {table} t where workspace_id = '{workspace}'");
            out.push((table, sqlx::query_scalar(AssertSqlSafe(text)).fetch_one(&mut raw).await.unwrap()));
        }
        out
    }
}

pub fn map(value: Value) -> FieldMap {
    match value {
        Value::Object(map) => map,
        other => panic!("an object, not {other}"),
    }
}

pub fn contact(name: &str) -> Value {
    json!({"firstName": name, "lastName": "Test"})
}

/// SHA-256 in hex, as share links keep it of their tokens.
pub fn hash_of(token: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(token.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}

/// How to reach a test's own database.
pub fn options_of(t: &TestDb) -> PgConnectOptions {
    options(connection(), &t.name)
}

/// The least that a record of a kind without required references needs: its required texts.
pub fn least(kind: EntityKind) -> Value {
    let texts = kind.fields().iter().filter(|f| f.required).map(|f| (f.key.to_owned(), json!("One")));
    Value::Object(texts.collect())
}
