//! What is logged about a record is as visible as the record, and never wider than its own owner made it.

use crate::kit::{Caller, TestApp, invite, join, read};
use domain::EntityKind;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

struct Two {
    owner: Caller,
    one: Caller,
    other: Caller,
    viewer: Caller,
}

async fn two() -> Two {
    let app = TestApp::new().await;
    let owner = app.signed_up("acme").await;
    let one = join(&app, &invite(&owner, "member", "").await, "one").await;
    let other = join(&app, &invite(&owner, "member", "").await, "other").await;
    let viewer = join(&app, &invite(&owner, "viewer", "").await, "viewer").await;
    Two { owner, one, other, viewer }
}

fn path(kind: EntityKind, record: &Value) -> String {
    format!("/api/v1/{}/{}", kind.plural(), record["id"].as_str().unwrap())
}

/// Changes the record at its newest version.
async fn set(who: &Caller, kind: EntityKind, record: &Value, set: Value) -> StatusCode {
    let path = path(kind, record);
    let (_, now) = who.get(&path).await;
    let (status, said) = read(who.request(Method::PATCH, &path).header("if-match", now["data"]["version"].to_string()).json(&set)).await;
    assert!(status == StatusCode::OK || status == StatusCode::FORBIDDEN, "{said}");
    status
}

async fn sees(who: &Caller, kind: EntityKind, record: &Value) -> bool {
    who.get(&path(kind, record)).await.0 == StatusCode::OK
}

async fn newest_event(who: &Caller, record: &Value) -> String {
    let (_, feed) = who.get("/api/v1/events?limit=200").await;
    let found = feed["data"].as_array().unwrap().iter().find(|e| e["entityId"] == record["id"]).unwrap();
    found["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_was_private_before_its_record_was_narrowed_stays_private_when_the_record_is_widened() {
    let Two { one, other, viewer, .. } = two().await;
    for by_undo in [false, true] {
        for about in [EntityKind::Contact, EntityKind::Company, EntityKind::Deal, EntityKind::Task] {
            let made = if about == EntityKind::Contact { json!({"firstName": "Toggle"}) } else { json!({"name": "Toggle", "title": "Toggle"}) };
            let made: Value =
                made.as_object().unwrap().iter().filter(|(k, _)| about.field(k).is_some()).map(|(k, v)| (k.clone(), v.clone())).collect();
            let record = one.create(&format!("/api/v1/{}", about.plural()), made).await;
            let link = format!("{}Id", about.noun());
            let logged: &[EntityKind] =
                if about == EntityKind::Task { &[EntityKind::Note] } else { &[EntityKind::Note, EntityKind::Task, EntityKind::Interaction] };
            let mut rows = Vec::new();
            for kind in logged {
                for visibility in ["private", "workspace"] {
                    let mut body = match kind {
                        EntityKind::Note => json!({"body": "PRIVATE"}),
                        EntityKind::Task => json!({"title": "PRIVATE"}),
                        _ => json!({"type": "call", "subject": "PRIVATE"}),
                    };
                    body[&link] = record["id"].clone();
                    body["visibility"] = json!(visibility);
                    rows.push((*kind, visibility, other.create(&format!("/api/v1/{}", kind.plural()), body).await));
                }
            }
            assert_eq!(set(&one, about, &record, json!({"visibility": "private"})).await, StatusCode::OK);
            // Logged while the record is private, it inherits.
            let later = one.create("/api/v1/notes", json!({"body": "Later", link.as_str(): record["id"]})).await;
            for (kind, _, row) in &rows {
                assert!(!sees(&viewer, *kind, row).await && sees(&other, *kind, row).await, "{about:?} {kind:?}");
            }
            if by_undo {
                let event = newest_event(&one, &record).await;
                assert_eq!(one.post(&format!("/api/v1/events/{event}/undo"), Value::Null).await.0, StatusCode::OK);
            } else {
                // By way of the team, too.
                for step in ["team", "workspace"] {
                    assert_eq!(set(&one, about, &record, json!({"visibility": step})).await, StatusCode::OK);
                }
            }
            assert!(sees(&viewer, about, &record).await && sees(&viewer, EntityKind::Note, &later).await);
            for (kind, visibility, row) in &rows {
                for who in [&one, &viewer] {
                    assert_eq!(sees(who, *kind, row).await, *visibility == "workspace", "{about:?} {kind:?} {visibility} undo: {by_undo}");
                }
            }
        }
    }
}

#[tokio::test]
async fn linking_a_row_of_somebody_else_to_ones_own_record_is_no_way_to_hide_it() {
    let Two { owner, one, other, viewer } = two().await;
    let task = owner.create("/api/v1/tasks", json!({"title": "Open"})).await;
    let note = other.create("/api/v1/notes", json!({"body": "Open"})).await;
    let record = one.create("/api/v1/contacts", json!({"firstName": "Mine"})).await;
    let about = other.create("/api/v1/notes", json!({"body": "About them", "contactId": record["id"]})).await;
    for (kind, row) in [(EntityKind::Task, &task), (EntityKind::Note, &note)] {
        assert_eq!(set(&one, kind, row, json!({"contactId": record["id"]})).await, StatusCode::OK);
    }
    assert_eq!(set(&one, EntityKind::Contact, &record, json!({"visibility": "private"})).await, StatusCode::OK);
    for (kind, row) in [(EntityKind::Task, &task), (EntityKind::Note, &note)] {
        assert!(sees(&viewer, kind, row).await, "{kind:?}");
    }
    // What was logged about the record from the start goes with it.
    assert!(!sees(&viewer, EntityKind::Note, &about).await && sees(&other, EntityKind::Note, &about).await);
}
