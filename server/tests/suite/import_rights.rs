//! Importing is no way around what one may see and change.

use crate::kit::{Caller, TestApp, invite, join, read};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

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

async fn draft(who: &Caller, kind: &str, targets: &[&str], file: &str) -> String {
    let (status, draft) = read(who.request(Method::POST, "/api/v1/imports?fileName=a.csv").body(file.to_owned())).await;
    assert_eq!(status, StatusCode::CREATED, "{draft}");
    let id = draft["data"]["id"].as_str().unwrap().to_owned();
    let (status, said) = who.post("/fn/imports/describe", json!({"id": id, "kind": kind, "targets": targets})).await;
    assert_eq!(status, StatusCode::OK, "{said}");
    id
}

async fn import(who: &Caller, kind: &str, targets: &[&str], file: &str) -> Value {
    let id = draft(who, kind, targets, file).await;
    who.run_import(&id).await
}

#[tokio::test]
async fn a_private_row_is_never_written_into_a_record_that_more_people_see() {
    let Two { one, other, viewer, .. } = two().await;
    let known = other.create("/api/v1/contacts", json!({"firstName": "Known", "emails": ["known@ex.test"]})).await;
    let targets = ["firstName", "emails", "personalNotes", "visibility"];
    let file = "fn,em,notes,vis\nKnown,known@ex.test,SECRETNOTE,private\n";
    for _ in 0..2 {
        let done = import(&one, "contacts", &targets, file).await;
        assert_eq!(done["status"], "done", "{done}");
    }
    let (_, seen) = viewer.get(&format!("/api/v1/contacts/{}", known["id"].as_str().unwrap())).await;
    assert_eq!(seen["data"]["personalNotes"], Value::Null, "{seen}");
    let (_, mine) = one.get("/api/v1/contacts?limit=200").await;
    let secret: Vec<&Value> = mine["data"].as_array().unwrap().iter().filter(|c| c["owner"] == "one").collect();
    assert_eq!(secret.len(), 1, "once, however often it is imported: {mine}");
    // The same by an id of the file, and by somebody who takes the id.
    let targets = ["externalId", "firstName", "personalNotes", "visibility"];
    import(&one, "contacts", &targets, "id,fn,notes,vis\nX77,Priv,,private\n").await;
    import(&other, "contacts", &targets, "id,fn,notes,vis\nX77,Bait,,workspace\n").await;
    import(&one, "contacts", &targets, "id,fn,notes,vis\nX77,Priv,SECRET2,private\n").await;
    let (_, open) = viewer.get("/api/v1/contacts?limit=200").await;
    for contact in open["data"].as_array().unwrap() {
        let (_, whole) = viewer.get(&format!("/api/v1/contacts/{}", contact["id"].as_str().unwrap())).await;
        assert!(!whole.to_string().contains("SECRET"), "{whole}");
    }
    let (_, found) = one.get("/api/v1/contacts?q=Priv").await;
    let id = found["data"][0]["id"].as_str().unwrap();
    assert_eq!(found["data"].as_array().unwrap().len(), 1, "{found}");
    assert_eq!(one.get(&format!("/api/v1/contacts/{id}")).await.1["data"]["personalNotes"], "SECRET2");
}

#[tokio::test]
async fn members_change_no_colleague_by_an_import() {
    let Two { owner, one, .. } = two().await;
    let id = draft(&one, "members", &["name", "email", "office"], "name,email,office\nother,evil@ex.test,Nowhere\n").await;
    assert_eq!(one.post(&format!("/api/v1/imports/{id}/start"), Value::Null).await.0, StatusCode::FORBIDDEN);
    let (_, members) = owner.get("/api/v1/members").await;
    assert!(!members.to_string().contains("evil@ex.test") && !members.to_string().contains("Nowhere"), "{members}");
    // An admin's file fills in what is missing.
    import(&owner, "members", &["name", "office"], "name,office\nother,Rome\n").await;
    assert!(owner.get("/api/v1/members").await.1.to_string().contains("Rome"));
}

#[tokio::test]
async fn a_draft_is_settled_and_started_by_whoever_uploaded_it_or_a_manager() {
    let Two { owner, one, other, .. } = two().await;
    let id = draft(&one, "contacts", &["firstName"], "fn\nAna\n").await;
    let describe = json!({"id": id, "kind": "contacts", "targets": ["lastName"]});
    assert_eq!(other.post("/fn/imports/describe", describe.clone()).await.0, StatusCode::FORBIDDEN);
    assert_eq!(other.post(&format!("/api/v1/imports/{id}/start"), Value::Null).await.0, StatusCode::FORBIDDEN);
    assert_eq!(owner.post("/fn/imports/describe", json!({"id": id, "kind": "contacts", "targets": ["firstName"]})).await.0, StatusCode::OK);
    assert_eq!(one.run_import(&id).await["created"], 1);
}

#[tokio::test]
async fn nobody_takes_the_ids_of_commands_that_the_server_makes() {
    let Two { one, other, .. } = two().await;
    let id = draft(&other, "contacts", &["firstName"], "fn\nAna\n").await;
    let (_, me) = one.get("/api/v1/members").await;
    let me = me["data"].as_array().unwrap().iter().find(|m| m["name"] == "one").unwrap()["id"].clone();
    let taken = Uuid::new_v5(&id.parse().unwrap(), b"0");
    let task = json!({"do": "create", "kind": "task", "id": Uuid::now_v7(), "set": {"title": "Harmless"}});
    let envelope = json!({"id": taken, "baseVersion": null, "command": task});
    let (status, said) = one.post("/fn/commands/dispatch", json!({"envelope": envelope, "member": me})).await;
    assert!(status.is_client_error(), "{status} {said}");
    assert_eq!(other.run_import(&id).await["created"], 1);
}
