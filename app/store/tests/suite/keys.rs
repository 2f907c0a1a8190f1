//! Keys outside the tenant tables: two workspaces with records of the same ids do not meet in jobs, topics or devices.

use crate::kit::{TestDb, map};
use chrono::{DateTime, Utc};
use domain::{EntityKind, Envelope, ImportId, Permission, RecordCommand};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use store::{Actor, JobRunner, KeyUse, Subscription, TenantKey};
use uuid::Uuid;

/// Key, workspace of the payload and moment of every job that waits.
async fn jobs(t: &TestDb) -> Vec<(String, String, DateTime<Utc>)> {
    sqlx::query_as("select key, payload->>'workspace', run_at from rapport_jobs._private_jobs order by key")
        .fetch_all(&mut t.raw().await)
        .await
        .unwrap()
}

async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..200 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{what}");
}

async fn make(t: &TestDb, who: &Actor, id: Uuid, title: &str, remind: &str) {
    let set = map(json!({"title": title, "remindAt": remind}));
    t.db.dispatch(who, &Envelope::new(RecordCommand::Create { kind: EntityKind::Task, id, set }, None)).await.unwrap();
}

async fn told(t: &TestDb, who: &Actor) -> Vec<String> {
    let mut tx = t.db.begin(who, Permission::ViewRecords).await.unwrap();
    store::list_notifications(&mut tx, false, None, 50).await.unwrap().items.iter().map(|n| n.sentence()).collect()
}

/// Lets every job that waits run now.
async fn hurry(t: &TestDb) {
    let mut raw = t.raw().await;
    for text in [
        "update tasks set reminds_at = now() - interval '1 second' where reminds_at is not null",
        "update rapport_jobs._private_jobs set run_at = now() - interval '1 second'",
    ] {
        sqlx::query(text).execute(&mut raw).await.unwrap();
    }
}

fn worker(t: &TestDb) -> tokio::task::JoinHandle<Result<(), String>> {
    let nothing = JobRunner(Arc::new(|_| Box::pin(async { Ok(()) })));
    tokio::spawn(store::work(t.db.clone(), nothing))
}

#[tokio::test]
async fn every_job_of_two_workspaces_with_the_same_ids_is_two_jobs() {
    let t = TestDb::new().await;
    let (ana, eve) = (t.workspace("Acme").await, t.workspace("Evil").await);
    let relay = tokio::spawn(t.db.clone().relay());
    let task = Uuid::now_v7();
    make(&t, &ana, task, "Mine", "2029-03-26T09:00").await;
    eventually("the job is there", async || jobs(&t).await.len() == 1).await;
    let before = jobs(&t).await;
    // The same id in another workspace, and later: what silenced the first.
    make(&t, &eve, task, "Theirs", "2030-01-01T09:00").await;
    // An import is asked for by an outbox row alone.
    let import = ImportId::new();
    for who in [&ana, &eve] {
        sqlx::query("insert into outbox (id, workspace_id, entity, entity_id, version, verb) values ($1, $2, 'import', $3, 1, 'run_import')")
            .bind(Uuid::now_v7())
            .bind(who.workspace)
            .bind(import)
            .execute(&mut t.raw().await)
            .await
            .unwrap();
    }
    t.db.hub().wake();
    eventually("four jobs", async || jobs(&t).await.len() == 4).await;
    let all = jobs(&t).await;
    assert!(all.contains(&before[0]), "{all:?}");
    for who in [&ana, &eve] {
        for (what, id) in [(KeyUse::Reminder, task), (KeyUse::Import, import.0)] {
            let key = TenantKey::new(who.workspace, what, id).to_string();
            assert!(all.iter().any(|j| j.0 == key && j.1 == who.workspace.to_string()), "{key} in {all:?}");
        }
    }
    // Both tell, each its own.
    hurry(&t).await;
    let work = worker(&t);
    eventually("both are told", async || told(&t, &ana).await.len() + told(&t, &eve).await.len() == 2).await;
    assert_eq!((told(&t, &ana).await, told(&t, &eve).await), (vec!["Reminder: Mine".to_owned()], vec!["Reminder: Theirs".to_owned()]));
    work.abort();
    relay.abort();
}

#[tokio::test]
async fn a_job_queued_under_the_old_key_runs_once_after_the_upgrade() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let relay = tokio::spawn(t.db.clone().relay());
    let (task, twice) = (Uuid::now_v7(), Uuid::now_v7());
    make(&t, &ana, task, "Old key", "2029-03-26T09:00").await;
    make(&t, &ana, twice, "Both keys", "2029-03-26T09:00").await;
    eventually("the jobs are there", async || jobs(&t).await.len() == 2).await;
    relay.abort();
    let mut raw = t.raw().await;
    // As the version before wrote them; one of them was queued by the new version, too.
    sqlx::query("update rapport_jobs._private_jobs set key = 'reminder:' || (payload->>'task') where payload->>'task' = $1")
        .bind(task.to_string())
        .execute(&mut raw)
        .await
        .unwrap();
    sqlx::query("select rapport_jobs.add_job(identifier => 'fire_reminder', payload => $1::json, run_at => '2029-03-26', job_key => $2)")
        .bind(json!({"workspace": ana.workspace, "task": twice}))
        .bind(format!("reminder:{twice}"))
        .execute(&mut raw)
        .await
        .unwrap();
    t.db.migrate().await.unwrap();
    let keys: Vec<String> = jobs(&t).await.into_iter().map(|j| j.0).collect();
    let new = |id| TenantKey::new(ana.workspace, KeyUse::Reminder, id).to_string();
    assert!(keys.contains(&new(task)) && keys.contains(&new(twice)) && keys.len() == 3, "{keys:?}");
    hurry(&t).await;
    let work = worker(&t);
    eventually("no job waits", async || jobs(&t).await.is_empty()).await;
    let mut said = told(&t, &ana).await;
    said.sort();
    assert_eq!(said, ["Reminder: Both keys", "Reminder: Old key"], "once each");
    work.abort();
}

#[tokio::test]
async fn a_change_of_the_same_id_elsewhere_is_no_news_here() {
    let t = TestDb::new().await;
    let (ana, eve) = (t.workspace("Acme").await, t.workspace("Evil").await);
    let relay = tokio::spawn(t.db.clone().relay());
    let mut heard = t.db.hub().subscribe();
    let contact = Uuid::now_v7();
    for who in [&ana, &eve] {
        let set = map(crate::kit::contact("Bea"));
        t.db.dispatch(who, &Envelope::new(RecordCommand::Create { kind: EntityKind::Contact, id: contact, set }, None)).await.unwrap();
    }
    for who in [&ana, &eve] {
        eventually("the change is placed", async || {
            let missed = t.db.missed(who, None, 0).await.unwrap().unwrap_or_default();
            missed.iter().filter(|m| m.id == contact).count() == 1
        })
        .await;
    }
    let mut whose = Vec::new();
    while whose.len() < 2 {
        let message = tokio::time::timeout(Duration::from_secs(10), heard.recv()).await.unwrap().unwrap();
        if message.message.id == contact {
            whose.push(message.workspace);
        }
    }
    assert_eq!(whose, [ana.workspace, eve.workspace], "every message says whose it is");
    relay.abort();
}

#[tokio::test]
async fn the_address_of_a_browser_alone_takes_it_away_from_nobody() {
    let t = TestDb::new().await;
    let (ana, eve) = (t.workspace("Acme").await, t.workspace("Evil").await);
    for (who, session) in [(&ana, b"a"), (&eve, b"e")] {
        sqlx::query("insert into sessions (id_hash, user_id, workspace_id, data, expires_at) values ($1, $2, $3, '{}', now() + interval '1 day')")
            .bind(&session[..])
            .bind(who.user)
            .bind(who.workspace)
            .execute(&mut t.raw().await)
            .await
            .unwrap();
    }
    let browser =
        |auth: u8| Subscription { endpoint: "https://push.example.com/x".into(), p256dh: vec![4; 65], auth: vec![auth; 16], language: "en".into() };
    t.db.add_push_device(&ana, b"a", &browser(1), false).await.unwrap();
    assert!(t.db.add_push_device(&eve, b"e", &browser(2), false).await.is_err(), "another secret is another browser");
    assert_eq!(t.db.push_devices(&ana, b"a").await.unwrap().len(), 1);
    // The browser itself, with somebody else before it.
    t.db.add_push_device(&eve, b"e", &browser(1), false).await.unwrap();
    assert_eq!((t.db.push_devices(&ana, b"a").await.unwrap().len(), t.db.push_devices(&eve, b"e").await.unwrap().len()), (0, 1));
}
