//! Daily work through the interface for programs, with the sources' own examples.

use crate::kit::{TestApp, read};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn spec_21_example_2_an_interaction_is_recorded_with_all_it_says() {
    let app = TestApp::new().await;
    let ana = app.with_token("acme").await;
    let bea = ana.create("/api/v1/contacts", json!({"name": "Bea Berg"})).await;
    let made = ana
        .create(
            "/api/v1/interactions",
            json!({"interactionType": "call", "subject": "Product Demo Discussion", "description": "Discussed feature requirements and pricing",
                "durationMinutes": 30, "outcome": "positive", "nextStep": "Send proposal", "conductedBy": "John Smith", "sentiment": "positive",
                "contactId": bea["id"], "interactionDate": "2024-01-15T10:00:00Z"}),
        )
        .await;
    for (key, value) in [
        ("type", json!("call")),
        ("durationMinutes", json!(30)),
        ("conductedBy", json!("John Smith")),
        ("date", json!("2024-01-15T10:00:00Z")),
        ("followUpRequired", json!(false)),
        ("status", json!("done")),
    ] {
        assert_eq!(made[key], value, "{key}");
    }
    // C-06: the spellings of the other sources.
    for (theirs, ours) in [("LINKEDIN", "linkedin_message"), ("CONFERENCE", "conference"), ("coffee_chat", "coffee_chat")] {
        assert_eq!(ana.create("/api/v1/interactions", json!({"type": theirs, "contactId": bea["id"]})).await["type"], ours);
    }
    let (_, list) = ana.get(&format!("/api/v1/interactions?contact={}", bea["id"].as_str().unwrap())).await;
    assert_eq!(list["data"].as_array().unwrap().len(), 4);
    let (_, contact) = ana.get(&format!("/api/v1/contacts/{}", bea["id"].as_str().unwrap())).await;
    assert!(contact["data"]["lastContacted"].is_string());
    for (bad, says) in [
        (json!({"subject": "no type"}), "Type is needed"),
        (json!({"type": "smoke_signal"}), "must be one of"),
        (json!({"type": "call", "date": "yesterday"}), "must be a moment"),
        (json!({"type": "call", "durationMinutes": 99999}), "from 0 to 1440"),
        (json!({"type": "call", "followUpDate": "2026-02-30"}), "must be a date"),
    ] {
        let (status, answer) = ana.post("/api/v1/interactions", bad.clone()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
        assert!(answer["error"]["message"].as_str().unwrap().contains(says), "{answer}");
    }
}

#[tokio::test]
async fn con_04_suggested_contacts_come_with_their_score_and_arithmetic() {
    let app = TestApp::new().await;
    let ana = app.with_token("acme").await;
    let bea = ana.create("/api/v1/contacts", json!({"name": "Bea", "warmnessScore": 7})).await;
    let at = (chrono::Utc::now() - chrono::Duration::days(45)).to_rfc3339();
    ana.create("/api/v1/interactions", json!({"type": "call", "contactId": bea["id"], "date": at, "subject": "Hello"})).await;
    ana.create("/api/v1/contacts", json!({"name": "Never"})).await;
    ana.create("/api/v1/contacts", json!({"name": "Gone", "warmnessScore": 10, "status": "archived"})).await;
    for path in ["/api/v1/contacts/suggested", "/api/contacts/suggested"] {
        let (status, answer) = ana.get(path).await;
        assert_eq!(status, StatusCode::OK);
        let first = &answer["data"][0];
        assert_eq!((first["fullName"].as_str(), first["priorityScore"].as_f64()), (Some("Bea"), Some(0.79)));
        assert_eq!(first["arithmetic"], "7 × 0.7 + 45 days × 0.3 = 0.79");
        assert_eq!(first["latestActivity"], "Call: Hello");
        assert_eq!((answer["data"][1]["priorityScore"].as_f64(), answer["data"].as_array().unwrap().len()), (Some(0.3), 2));
    }
    let (_, today) = ana.get("/api/v1/today").await;
    assert_eq!(today["data"]["suggested"][0]["title"], "Bea");
    let put = |body: Value| read(ana.request(Method::PUT, "/api/v1/today/weights").json(&body));
    assert_eq!(put(json!({"warmth": 0, "time": 100})).await.0, StatusCode::OK);
    assert_eq!(put(json!({"warmth": 0, "time": 0})).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let (_, today) = ana.get("/api/v1/today").await;
    assert_eq!(today["data"]["suggested"][0]["title"], "Never", "weighed by time alone, never contacted comes first");
    let snooze = json!({"kind": "contact", "id": bea["id"], "until": "2999-01-01"});
    assert_eq!(ana.post("/api/v1/snoozes", snooze).await.0, StatusCode::OK);
    let (_, left) = ana.get("/api/v1/contacts/suggested").await;
    assert_eq!(left["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn tsk_01_a_task_is_completed_by_a_word_and_repeats() {
    let app = TestApp::new().await;
    let ana = app.with_token("acme").await;
    let task = ana.create("/api/v1/tasks", json!({"title": "Call back", "dueDate": "2999-01-04", "recurrence": "FREQ=MONTHLY"})).await;
    assert_eq!((task["completed"].as_bool(), task["priority"].as_str(), task["type"].as_str()), (Some(false), Some("medium"), Some("todo")));
    let path = format!("/api/v1/tasks/{}", task["id"].as_str().unwrap());
    let (status, done) = read(ana.request(Method::PATCH, &path).header("if-match", "1").json(&json!({"completed": true}))).await;
    assert_eq!((status, done["data"]["completed"].as_bool()), (StatusCode::OK, Some(true)));
    let (_, open) = ana.get("/api/v1/tasks?status=open").await;
    assert_eq!(open["data"][0]["dueDate"], "2999-02-04");
    let (_, closed) = ana.get("/api/v1/tasks?status=done").await;
    assert_eq!(closed["data"].as_array().unwrap().len(), 1);
    assert_eq!(ana.get("/api/v1/tasks?status=maybe").await.0, StatusCode::UNPROCESSABLE_ENTITY);
}
