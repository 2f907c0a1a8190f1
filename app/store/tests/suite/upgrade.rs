//! The schema of the version that landed before is upgraded with its rows, after a backup of them.

use crate::kit::TestDb;
use sqlx::AssertSqlSafe;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../../migrations");
/// The newest migration of the version that landed last.
const LANDED: i64 = 8;

#[tokio::test]
async fn the_landed_schema_is_upgraded_with_its_rows() {
    let t = TestDb::new().await;
    let name = format!("{}_old", t.name);
    let mut raw = t.raw().await;
    sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&mut raw).await.unwrap();
    let options = crate::kit::options_of(&t).database(&name);
    let pool = sqlx::postgres::PgPoolOptions::new().connect_with(options.clone()).await.unwrap();
    MIGRATIONS.run_to(LANDED, &pool).await.unwrap();
    // Rows as that version wrote them.
    for text in [
        "insert into workspaces (id, name) values ('0190a0b0-0000-7000-8000-000000000001', 'Acme')",
        "insert into users (id, email, name, password_hash) values ('0190a0b0-0000-7000-8000-000000000002', 'ana@acme.test', 'Ana', 'x')",
        "insert into members (workspace_id, id, user_id, name) values ('0190a0b0-0000-7000-8000-000000000001', '0190a0b0-0000-7000-8000-000000000003', '0190a0b0-0000-7000-8000-000000000002', 'Ana')",
        "insert into memberships (workspace_id, user_id, member_id, role) values ('0190a0b0-0000-7000-8000-000000000001', '0190a0b0-0000-7000-8000-000000000002', '0190a0b0-0000-7000-8000-000000000003', 'owner')",
        "insert into contacts (workspace_id, id, first_name, birthday, visibility, owner_id) values ('0190a0b0-0000-7000-8000-000000000001', '0190a0b0-0000-7000-8000-000000000004', 'Bea', '2000-02-29', 'private', '0190a0b0-0000-7000-8000-000000000003')",
        "insert into pipelines (workspace_id, id, name, kind) values ('0190a0b0-0000-7000-8000-000000000001', '0190a0b0-0000-7000-8000-000000000005', 'Jobs', 'job_search')",
    ] {
        sqlx::query(text).execute(&pool).await.unwrap();
    }
    pool.close().await;
    let db = store::Database::connect(options.clone(), 4).await.unwrap();
    assert!(db.upgrade_ahead().await.unwrap());
    let file = std::env::temp_dir().join(format!("{name}.backup"));
    assert_eq!(db.backup(&file).await.unwrap().schema, LANDED);
    db.migrate().await.unwrap();
    assert!(!db.upgrade_ahead().await.unwrap());
    assert!(db.twin_addresses().await.unwrap().is_empty(), "every account has the key of its address");
    let actor = db.owner_of("Acme").await.unwrap();
    let membership = db.membership(actor.user, actor.workspace, actor.surface).await.unwrap().unwrap();
    assert_eq!(membership.shell.template, "job_search", "what it was made for is known from its pipeline");
    let mut tx = db.begin(&actor, domain::Permission::ViewRecords).await.unwrap();
    let today = store::today(&mut tx, "2026-02-26T12:00:00Z".parse().unwrap(), 0).await.unwrap();
    drop(tx);
    assert_eq!(today.suggested.len() + today.queue.len(), 1, "{today:?}");
    // The backup of the old schema is restored by the new program, and upgraded on the way.
    let again = format!("{}_again", t.name);
    sqlx::query(AssertSqlSafe(format!("create database {again}"))).execute(&mut raw).await.unwrap();
    store::restore(&options.clone().database(&again), &file).await.unwrap();
    let restored = store::Database::connect(options.database(&again), 4).await.unwrap();
    restored.migrate().await.unwrap();
    assert_eq!(restored.owner_of("Acme").await.unwrap().member, actor.member);
    std::fs::remove_file(file).unwrap();
}
