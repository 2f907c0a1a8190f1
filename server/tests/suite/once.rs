//! One request, one transaction, one answer: nothing half-written, and idempotency as the document says it.

use crate::kit::{Caller, TestApp, read};
use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

async fn names(who: &Caller, plural: &str) -> Vec<String> {
    let (_, list) = who.get(&format!("/api/v1/{plural}?limit=200")).await;
    let text = |row: &Value| ["name", "fullName", "title"].iter().find_map(|k| row[*k].as_str()).unwrap_or_default().to_owned();
    list["data"].as_array().unwrap().iter().map(text).collect()
}

async fn keyed(who: &Caller, path: &str, key: &str, body: Value) -> (StatusCode, Value) {
    read(who.request(Method::POST, path).header("idempotency-key", key).json(&body)).await
}

/// Ten of the same request at once.
async fn ten_times(who: &Caller, path: &str, key: &str, body: Value) -> Vec<(StatusCode, Value)> {
    join_all((0..10).map(|_| keyed(who, path, key, body.clone()))).await
}

fn all_equal(answers: &[(StatusCode, Value)], status: StatusCode) -> &Value {
    assert_eq!(answers[0].0, status, "{}", answers[0].1);
    for answer in answers {
        assert_eq!(answer, &answers[0]);
    }
    &answers[0].1["data"]
}

#[tokio::test]
async fn a_refused_record_leaves_no_company_behind() {
    let app = TestApp::new().await;
    let ana = app.with_token("acme").await;
    let bea = ana.create("/api/v1/contacts", json!({"firstName": "Bea"})).await;
    let path = format!("/api/v1/contacts/{}", bea["id"].as_str().unwrap());
    let patch = async |path: &str, version: &str, body: Value| read(ana.request(Method::PATCH, path).header("if-match", version).json(&body)).await;
    assert_eq!(patch(&path, "1", json!({"jobTitle": "CTO"})).await.0, StatusCode::OK);
    let unknown = format!("/api/v1/contacts/{}", Uuid::now_v7());
    for (status, answer) in [
        ana.post("/api/v1/contacts", json!({"firstName": "Cleo", "company": "New", "emails": [{"value": "notmail"}]})).await,
        ana.post("/api/v1/contacts", json!({"company": "New"})).await,
        ana.post("/api/v1/deals", json!({"title": "One", "company": "New", "stageId": Uuid::now_v7()})).await,
        ana.post("/api/v1/deals", json!({"name": "One", "companyId": "New", "contactIds": [Uuid::now_v7()]})).await,
        ana.post("/api/v1/tasks", json!({"title": "One", "companyId": "New", "dealId": Uuid::now_v7()})).await,
        ana.post("/api/v1/interactions", json!({"type": "no such", "companyId": "New"})).await,
        ana.post("/api/v1/companies", json!({"name": "Sub", "parentId": "New", "website": "no address"})).await,
        patch(&unknown, "1", json!({"company": "New"})).await,
        patch(&path, "1", json!({"company": "New", "jobTitle": "CEO"})).await,
    ] {
        assert!(matches!(status.as_u16(), 404 | 409 | 422), "{status} {answer}");
        assert_eq!(names(&ana, "companies").await, Vec::<String>::new(), "{status} {answer}");
    }
    // What is wrong with the name is said beside the field.
    let (status, answer) = ana.post("/api/v1/contacts", json!({"firstName": "Cleo", "company": "x".repeat(5_000)})).await;
    assert_eq!((status, answer["error"]["fields"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("companyId")), "{answer}");
    // Made with the record: each with an event of its own, the company found in the feed by its name.
    assert_eq!(patch(&path, "2", json!({"company": " Globex "})).await.0, StatusCode::OK);
    assert_eq!(names(&ana, "companies").await, ["Globex"]);
    let (_, events) = ana.get("/api/v1/events").await;
    let told: Vec<&str> = events["data"].as_array().unwrap().iter().map(|e| e["title"].as_str().unwrap()).collect();
    assert_eq!(told[..2], ["Bea", "Globex"]);
}

#[tokio::test]
async fn a_form_without_scripts_leaves_no_company_behind_and_makes_one_once() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let (id, command) = (Uuid::now_v7().to_string(), Uuid::now_v7().to_string());
    let send = async |email: &str| {
        let form = [("id", id.as_str()), ("command_id", &command), ("firstName", "Bea"), ("companyId", "Globex"), ("emails", email)];
        let answer = ana.request(Method::POST, "/do/save/contact").form(&form).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        answer.headers()["location"].to_str().unwrap().to_owned()
    };
    send("notmail").await;
    assert_eq!(names(&ana, "companies").await, Vec::<String>::new());
    let places = [send("bea@globex.test").await, send("bea@globex.test").await];
    assert_eq!(places[0], places[1]);
    assert_eq!((names(&ana, "companies").await, names(&ana, "contacts").await), (vec!["Globex".to_owned()], vec!["Bea".to_owned()]));
}

#[tokio::test]
async fn the_same_request_ten_times_at_once_is_one_record_one_company_and_one_answer() {
    let app = TestApp::new().await;
    let ana = app.with_token("acme").await;
    for (plural, body) in [
        ("contacts", json!({"firstName": "Bea", "company": "Globex"})),
        ("deals", json!({"title": "Renewal", "company": "Initech"})),
        ("companies", json!({"name": "Sub", "parentId": "Umbrella"})),
        ("tasks", json!({"title": "Call", "companyId": "Hooli", "completed": true, "tags": ["fresh"]})),
        ("tags", json!({"name": "vip"})),
        ("members", json!({"name": "Placeholder"})),
    ] {
        let before = (names(&ana, plural).await.len(), names(&ana, "companies").await.len());
        let answers = ten_times(&ana, &format!("/api/v1/{plural}"), "k", body.clone()).await;
        all_equal(&answers, StatusCode::CREATED);
        let new = usize::from(body.to_string().contains("ompany") || plural == "companies");
        let own = usize::from(plural == "companies");
        assert_eq!(names(&ana, plural).await.len(), before.0 + 1 + own, "{plural}");
        assert_eq!(names(&ana, "companies").await.len(), before.1 + new + own, "{plural}");
    }
}

#[tokio::test]
async fn many_records_that_name_one_new_company_at_once_share_it() {
    let app = TestApp::new().await;
    let ana = app.with_token("acme").await;
    let file = "First Name,E-mail,Account\n".to_owned() + &(0..20).map(|n| format!("P{n},p{n}@x.test,GLOBEX\n")).collect::<String>();
    let rest = join_all((0..10).map(|n| {
        let (plural, body) = match n % 2 {
            0 => ("contacts", json!({"firstName": format!("C{n}"), "company": "Globex"})),
            _ => ("deals", json!({"title": format!("D{n}"), "company": "globex "})),
        };
        let ana = &ana;
        async move { ana.create(&format!("/api/v1/{plural}"), body).await }
    }));
    let (made, imported) = tokio::join!(rest, ana.import("people.csv", file.into_bytes()));
    assert_eq!((made.len(), imported["created"].as_i64()), (10, Some(20)), "{imported}");
    assert_eq!(names(&ana, "companies").await.len(), 1);
}

#[tokio::test]
async fn a_repeat_is_answered_with_what_came_of_the_first_whatever_happened_since() {
    let app = TestApp::new().await;
    let ana = app.with_token("acme").await;
    let body = json!({"firstName": "Bea", "company": "Globex"});
    let (_, first) = keyed(&ana, "/api/v1/contacts", "k", body.clone()).await;
    let (id, company) = (first["data"]["id"].as_str().unwrap(), first["data"]["companyId"].as_str().unwrap());
    let patch = async |path: String, key: &str, body: Value| {
        read(ana.request(Method::PATCH, &path).header("if-match", "1").header("idempotency-key", key).json(&body)).await
    };
    // The company is called something else by now.
    patch(format!("/api/v1/companies/{company}"), "a", json!({"name": "Globex Corporation"})).await;
    let (status, again) = keyed(&ana, "/api/v1/contacts", "k", body.clone()).await;
    assert_eq!((status, &again["data"]["id"], &again["data"]["companyId"]), (StatusCode::CREATED, &json!(id), &json!(company)));
    assert_eq!(names(&ana, "companies").await, ["Globex Corporation"]);
    // An edit that named a new company, the same.
    let edit = json!({"company": "Initech"});
    let (_, edited) = patch(format!("/api/v1/contacts/{id}"), "b", edit.clone()).await;
    let initech = edited["data"]["companyId"].as_str().unwrap().to_owned();
    patch(format!("/api/v1/companies/{initech}"), "c", json!({"name": "Initrode"})).await;
    let (status, again) = patch(format!("/api/v1/contacts/{id}"), "b", edit).await;
    assert_eq!((status, &again["data"]["companyId"], &again["data"]["version"]), (StatusCode::OK, &json!(initech), &edited["data"]["version"]));
    assert_eq!(names(&ana, "companies").await.len(), 2);
    // The record as it is by then: edited, and from the bin.
    let (_, later) = keyed(&ana, "/api/v1/contacts", "k", body.clone()).await;
    assert_eq!((&later["data"]["version"], &later["data"]["companyId"]), (&json!(2), &json!(initech)));
    let gone = async |key: Option<&str>| {
        let request = ana.request(Method::DELETE, &format!("/api/v1/contacts/{id}"));
        read(if let Some(key) = key { request.header("idempotency-key", key) } else { request }).await.0
    };
    assert_eq!(
        (gone(Some("d")).await, gone(Some("d")).await, gone(None).await),
        (StatusCode::NO_CONTENT, StatusCode::NO_CONTENT, StatusCode::NOT_FOUND)
    );
    let (status, binned) = keyed(&ana, "/api/v1/contacts", "k", body).await;
    assert_eq!((status, &binned["data"]["id"]), (StatusCode::CREATED, &json!(id)));
    assert_eq!(names(&ana, "contacts").await, Vec::<String>::new(), "nothing came back");
    let (_, document) = ana.get("/api/openapi.json").await;
    let said = document["paths"]["/api/v1/contacts"]["post"]["parameters"][0]["description"].as_str().unwrap();
    assert!(said.contains("a record as it is by then, with its version, also from the bin"), "{said}");
    for path in ["/api/v1/shares", "/api/v1/imports", "/api/v1/imports/{id}/start"] {
        assert!(document["paths"][path]["post"]["parameters"].to_string().contains("Idempotency-Key"), "{path}");
    }
}

#[tokio::test]
async fn a_share_asked_for_again_is_the_same_link() {
    let app = TestApp::new().await;
    let (ana, eve) = (app.with_token("acme").await, app.with_token("evil").await);
    let body = json!({"title": "Board", "shows": ["figures"]});
    let answers = ten_times(&ana, "/api/v1/shares", "k", body.clone()).await;
    let path = all_equal(&answers, StatusCode::CREATED)["path"].as_str().unwrap().to_owned();
    assert_eq!(ana.get("/api/v1/shares").await.1["data"].as_array().unwrap().len(), 1);
    assert_eq!(app.anonymous().page(&path).await.0, StatusCode::OK);
    let other = |answer: (StatusCode, Value)| answer.1["data"]["path"].as_str().unwrap().to_owned();
    let (second, foreign) = (keyed(&ana, "/api/v1/shares", "l", body.clone()).await, keyed(&eve, "/api/v1/shares", "k", body.clone()).await);
    let plain = [ana.post("/api/v1/shares", body.clone()).await, ana.post("/api/v1/shares", body).await];
    let mut paths: Vec<String> = [second, foreign].into_iter().chain(plain).map(other).chain([path]).collect();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), 5, "other keys, other workspaces and no key are other links");
    let (status, answer) = keyed(&ana, "/api/v1/shares", "k", json!({"title": "Another", "shows": ["figures"]})).await;
    assert_eq!((status, answer["error"]["fields"][0]["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("command_reused")));
    // Neither key nor token is anywhere at rest.
    let at_rest: i64 = sqlx::query_scalar("select count(*) from commands where outcome::text like $1")
        .bind(format!("%{}%", &paths[0][3..]))
        .fetch_one(&mut app.t.raw().await)
        .await
        .unwrap();
    assert_eq!(at_rest, 0);
}

#[tokio::test]
async fn a_file_sent_again_under_its_key_is_one_import_and_starts_once() {
    let app = TestApp::new().await;
    let ana = app.with_token("acme").await;
    let text = "name,industry\nOne,retail\nTwo,retail\n";
    let send = async |key: &str, text: &str| {
        read(ana.request(Method::POST, "/api/v1/imports?fileName=a.csv").header("idempotency-key", key).body(text.to_owned())).await
    };
    let answers = join_all((0..10).map(|_| send("k", text))).await;
    let id = all_equal(&answers, StatusCode::CREATED)["id"].as_str().unwrap().to_owned();
    let imports = async || ana.get("/api/v1/imports").await.1["data"].as_array().unwrap().len();
    assert_eq!(imports().await, 1);
    let (status, answer) = send("k", "name\nOther\n").await;
    assert_eq!((status, answer["error"]["fields"][0]["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("command_reused")));
    assert_eq!(imports().await, 1, "nothing of the refused one stays");
    assert_eq!(send("l", text).await.0, StatusCode::CREATED);
    assert_eq!(imports().await, 2);
    let parts: i64 = sqlx::query_scalar("select count(distinct import_id) from import_parts").fetch_one(&mut app.t.raw().await).await.unwrap();
    assert_eq!(parts, 2);
    let start = format!("/api/v1/imports/{id}/start");
    for answer in ten_times(&ana, &start, "s", json!({"known": "skip"})).await {
        assert_eq!(answer.0, StatusCode::OK, "{}", answer.1);
    }
    assert_eq!(keyed(&ana, &start, "s", json!({"known": "create"})).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(ana.post(&start, Value::Null).await.0, StatusCode::CONFLICT, "without a key it has started already");
    for _ in 0..400 {
        if ana.get(&format!("/api/v1/imports/{id}")).await.1["data"]["status"] == "done" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    let mut made = names(&ana, "companies").await;
    made.sort();
    assert_eq!(made, ["One", "Two"]);
    // The answer is the import as it is by now.
    assert_eq!(send("k", text).await.1["data"]["status"], "done");
}
