//! Backups on a schedule, and what a workspace can do to another's jobs from outside.

use crate::kit::{Caller, TestApp};
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use server::backups::Schedule;
use store::Scheduled;
use uuid::Uuid;

#[tokio::test]
async fn sec_08_retention_deletes_only_backups_of_the_schedule() {
    let app = TestApp::new().await;
    app.signed_up("acme").await;
    let folder = std::env::temp_dir().join(format!("rapport-schedule-{}", Uuid::now_v7()));
    std::fs::create_dir_all(&folder).unwrap();
    let schedule = Schedule { folder: folder.clone(), every: std::time::Duration::from_secs(86_400), keep: 2 };
    // Of others: by name, by place, and by contents.
    app.t.db.backup(&folder.join("before-upgrade-20200101-000000.backup")).await.unwrap();
    app.t.db.backup(&folder.join("scheduled-20200101-000000.backup")).await.unwrap();
    std::fs::write(folder.join("scheduled-20200102-000000.backup"), b"a diary").unwrap();
    std::fs::create_dir(folder.join("scheduled-20200103-000000.backup")).unwrap();
    let foreign = 4;
    let start: DateTime<Utc> = "2026-11-28T22:00:00Z".parse().unwrap();
    for day in 0..4 {
        let now = start + Duration::days(day);
        assert!(matches!(schedule.turn(&app.t.db, now).await.unwrap(), Scheduled::Made(_)), "day {day}");
        // A restart changes nothing.
        assert!(matches!(schedule.clone().turn(&app.t.db, now + Duration::hours(23)).await.unwrap(), Scheduled::Waits));
    }
    let mut names: Vec<String> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    assert_eq!(names.len(), foreign + 2, "{names:?}");
    assert!(
        names.contains(&"scheduled-20261130-220000.backup".to_owned()) && names.contains(&"scheduled-20261201-220000.backup".to_owned()),
        "{names:?}"
    );
    let made = store::check_backup(&folder.join("scheduled-20261201-220000.backup")).unwrap();
    assert!(made.scheduled && made.tables.len() > 20);
    // Whoever watches sees when it was.
    let watch = crate::kit::Caller { token: Some("watchful".into()), ..app.anonymous() };
    let metrics = watch.page("/metrics").await.1;
    let at = (start + Duration::days(3)).timestamp();
    let seen = metrics.lines().find_map(|l| l.strip_prefix("rapport_backup_last_success_timestamp_seconds ")).unwrap().parse::<f64>().unwrap();
    assert_eq!(seen as i64, at);
    assert!(metrics.contains("rapport_backup_failing 0"), "{metrics}");
    // It fails: the gauge says so, and the owner's page of notifications.
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, b"").unwrap();
    assert!(matches!(schedule.turn(&app.t.db, start + Duration::days(5)).await.unwrap(), Scheduled::Failed(_, 1)));
    assert!(watch.page("/metrics").await.1.contains("rapport_backup_failing 1"));
    let state = app.t.db.backup_state().await.unwrap();
    assert!(state.failure.is_some_and(|f| !f.is_empty()));
    std::fs::remove_file(&folder).unwrap();
}

async fn task(who: &Caller, id: Uuid, title: &str, remind: &str) {
    let me = who.get("/api/v1/members").await.1["data"][0]["id"].clone();
    let command = json!({"do": "create", "kind": "task", "id": id, "set": {"title": title, "remindAt": remind}});
    let body = json!({"envelope": {"id": Uuid::now_v7(), "baseVersion": null, "command": command}, "member": me});
    let (status, answer) = who.post("/fn/commands/dispatch", body).await;
    assert_eq!(status, 200, "{answer}");
}

async fn told(who: &Caller) -> Vec<Value> {
    who.get("/api/v1/notifications").await.1["data"].as_array().unwrap().clone()
}

/// F3, as it was seen: the owner of another workspace makes a task of the same id that reminds in 2030.
#[tokio::test]
async fn a_workspace_cannot_silence_the_reminders_of_another() {
    let app = TestApp::new().await;
    let (ana, eve) = (app.signed_up("acme").await, app.signed_up("evil").await);
    let id = Uuid::now_v7();
    let soon = Utc::now() + Duration::minutes(2);
    task(&ana, id, "Call Bea", &soon.format("%Y-%m-%dT%H:%M").to_string()).await;
    let jobs = async || -> Vec<i64> {
        sqlx::query_scalar("select extract(year from run_at)::int8 from rapport_jobs._private_jobs order by 1")
            .fetch_all(&mut app.t.raw().await)
            .await
            .unwrap()
    };
    let wait = async |n: usize| {
        for _ in 0..200 {
            if jobs().await.len() == n {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("{n} jobs expected: {:?}", jobs().await);
    };
    wait(1).await;
    task(&eve, id, "Silence", "2030-01-01T09:00").await;
    wait(2).await;
    assert_eq!(jobs().await[1], 2030);
    // The two minutes pass.
    let mut raw = app.t.raw().await;
    for text in [
        "update tasks set reminds_at = now() - interval '1 second' where title = 'Call Bea'",
        "update rapport_jobs._private_jobs set run_at = now() - interval '1 second' where run_at < '2029-01-01'",
    ] {
        sqlx::query(text).execute(&mut raw).await.unwrap();
    }
    for _ in 0..200 {
        if !told(&ana).await.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let said = told(&ana).await;
    assert_eq!((said.len(), said[0]["kind"].as_str(), said[0]["title"].as_str()), (1, Some("reminder"), Some("Call Bea")));
    assert!(told(&eve).await.is_empty());
}
