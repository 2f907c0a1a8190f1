//! `/api/openapi.json` against what every operation really takes and answers.

use crate::kit::{Caller, TestApp, read, smallest};
use axum::http::{Method, StatusCode};
use jsonschema::Validator;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The document, with every object closed: an answer with a key that is not in it is not as documented.
async fn document(app: &TestApp) -> Value {
    fn close(value: &mut Value) {
        match value {
            Value::Object(map) => {
                if map.get("properties").is_some_and(Value::is_object) && !map.contains_key("additionalProperties") {
                    map.insert("additionalProperties".into(), json!(false));
                }
                map.values_mut().for_each(close);
            }
            Value::Array(all) => all.iter_mut().for_each(close),
            _ => {}
        }
    }
    let (status, mut document) = app.anonymous().get("/api/openapi.json").await;
    assert_eq!((status, document["openapi"].as_str()), (StatusCode::OK, Some("3.1.0")));
    close(&mut document);
    document
}

fn validator(document: &Value, schema: &Value) -> Validator {
    let mut root = schema.clone();
    root["components"] = document["components"].clone();
    jsonschema::draft202012::options().should_validate_formats(true).build(&root).unwrap()
}

/// Fails where an answer is not as its operation says.
fn check(document: &Value, method: &str, path: &str, status: StatusCode, answer: &Value) {
    let documented = &document["paths"][path][method]["responses"][status.as_str()];
    assert!(documented.is_object(), "{method} {path} answers {status}, which is not documented: {answer}");
    let documented = match documented["$ref"].as_str() {
        Some(to) => document.pointer(&to[1..]).unwrap(),
        None => documented,
    };
    let schema = &documented["content"]["application/json"]["schema"];
    if schema.is_null() {
        assert!(answer.is_null() || answer == "", "{method} {path} is documented to answer nothing: {answer}");
        return;
    }
    assert_ne!(schema["properties"]["data"], json!({}), "{method} {path} says nothing of its answer");
    let errors: Vec<String> = validator(document, schema).iter_errors(answer).map(|e| format!("{} {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{method} {path}: {errors:#?}\n{answer:#}");
}

#[tokio::test]
async fn records_and_rows_of_lists_are_answered_as_the_document_says() {
    let app = TestApp::new().await;
    let ana = app.with_token("acme").await;
    let document = document(&app).await;
    let pipeline = ana.create("/api/v1/pipelines", json!({"name": "Second", "kind": "custom"})).await["id"].clone();
    for kind in domain::EntityKind::ALL {
        let path = format!("/api/v1/{}", kind.plural());
        // With as little as it takes, and with what fits into every field of text.
        let mut full = smallest(kind, &pipeline);
        for spec in kind.fields().iter().filter(|f| matches!(f.kind, domain::FieldKind::Text(_) | domain::FieldKind::LongText(_))) {
            full[spec.key] = json!(format!("{} of it", spec.key));
        }
        let one = format!("{path}/{{id}}");
        for set in [smallest(kind, &pipeline), full] {
            let (status, made) = ana.post(&path, set.clone()).await;
            check(&document, "post", &path, status, &made);
            let at = format!("{path}/{}", made["data"]["id"].as_str().unwrap());
            let (status, rows) = ana.get(&path).await;
            assert_ne!(rows["data"], json!([]), "{path}");
            check(&document, "get", &path, status, &rows);
            let (status, whole) = ana.get(&at).await;
            check(&document, "get", &one, status, &whole);
            for (method, verb, body) in
                [("patch", Method::PATCH, &json!({})), ("put", Method::PUT, &set), ("patch", Method::PATCH, &json!({"zz": 1}))]
            {
                let version = ana.get(&at).await.1["data"]["version"].to_string();
                // What is set at creation only is not sent again.
                let body: Map<String, Value> = body
                    .as_object()
                    .unwrap()
                    .iter()
                    .filter(|(key, _)| kind.field(key).is_none_or(|f| !f.create_only))
                    .map(|(k, v)| (k.clone(), v.clone()))
                    .collect();
                let (status, answer) = read(ana.request(verb, &at).header("if-match", version).json(&body)).await;
                check(&document, method, &one, status, &answer);
            }
            let (status, answer) = read(ana.request(Method::DELETE, &at)).await;
            check(&document, "delete", &one, status, &answer);
            let (status, answer) = ana.post(&format!("{at}/restore"), Value::Null).await;
            check(&document, "post", &format!("{one}/restore"), status, &answer);
        }
    }
}

/// A request to an operation: method, path in the document, id for the path and what follows it, body.
struct Request {
    method: &'static str,
    path: &'static str,
    id: String,
    query: &'static str,
    body: Value,
}

fn request(method: &'static str, path: &'static str, id: &str, body: Value) -> Request {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    Request { method, path, id: id.to_owned(), query, body }
}

async fn send(ana: &Caller, request: &Request) -> (StatusCode, Value) {
    let path = format!("{}?{}", request.path.replace("{id}", &request.id), request.query);
    let sent = ana.request(request.method.to_uppercase().parse().unwrap(), &path);
    read(match &request.body {
        Value::Null => sent,
        // A file is sent as it is.
        Value::String(file) => sent.body(file.clone()),
        body => sent.json(body),
    })
    .await
}

/// A workspace in which every list has something in it, and a request to every operation that is none of a record.
async fn everything(app: &TestApp, ana: &Caller) -> Vec<Request> {
    let id = |made: &Value| made["id"].as_str().unwrap().to_owned();
    ana.post("/api/v1/sample", Value::Null).await;
    let person = ana.create("/api/v1/contacts", json!({"firstName": "Ana", "lastName": "Costa"})).await;
    let deal = ana.create("/api/v1/deals", json!({"title": "Ana's", "value": "10.50", "contactIds": [person["id"]]})).await;
    let task = ana.create("/api/v1/tasks", json!({"title": "Ring Ana", "dueDate": "2020-01-01"})).await;
    let tags: Vec<Value> =
        [ana.create("/api/v1/tags", json!({"name": "one"})).await, ana.create("/api/v1/tags", json!({"name": "two"})).await].into();
    let pipeline = ana.create("/api/v1/pipelines", json!({"name": "Second", "kind": "custom"})).await;
    let mut stages = Vec::new();
    for name in ["A", "B"] {
        stages.push(ana.create("/api/v1/stages", json!({"name": name, "pipelineId": pipeline["id"]})).await);
    }
    let lead = ana.create("/api/v1/leads", json!({"firstName": "Lena", "companyName": "Initech"})).await;
    let (_, all) = ana.get("/api/v1/stages").await;
    let next = all["data"].as_array().unwrap().iter().find(|s| s["pipelineId"] == deal["pipelineId"] && s["id"] != deal["stageId"]).unwrap().clone();
    let mine: Vec<&Value> = all["data"].as_array().unwrap().iter().filter(|s| s["pipelineId"] == pipeline["id"]).map(|s| &s["id"]).rev().collect();
    ana.create("/api/v1/companies", json!({"name": "Undone"})).await;
    let (_, events) = ana.get("/api/v1/events?limit=1").await;
    let owner = app.t.db.owner_of("acme").await.unwrap();
    sqlx::query("insert into notifications (workspace_id, id, member_id, kind, entity, entity_id, title) values ($1, $2, $3, 'assigned', 'task', $4, 'Ring Ana')")
        .bind(owner.workspace)
        .bind(uuid::Uuid::now_v7())
        .bind(owner.member)
        .bind(id(&task).parse::<uuid::Uuid>().unwrap())
        .execute(&mut app.t.raw().await)
        .await
        .unwrap();
    let upload = async || {
        let file = "name,industry\nOne,retail\n,\nTwo,retail\n";
        read(ana.request(Method::POST, "/api/v1/imports?fileName=companies.csv").body(file)).await.1["data"]["id"].as_str().unwrap().to_owned()
    };
    let (ran, started) = (upload().await, upload().await);
    ana.run_import(&ran).await;
    let share = ana.create("/api/v1/shares", json!({"title": "Board", "shows": ["figures"]})).await;
    let token = ana.create("/api/v1/tokens", json!({"name": "Script"})).await;
    let none = || Value::Null;
    vec![
        request("get", "/api/v1/analytics?from=2020-01-01", "", none()),
        request("get", "/api/v1/dashboard", "", none()),
        request("get", "/api/v1/search?q=a", "", none()),
        request("get", "/api/v1/events?kind=deal&by=me", "", none()),
        request("post", "/api/v1/events/{id}/undo", events["data"][0]["id"].as_str().unwrap(), none()),
        request("get", "/api/v1/today", "", none()),
        request("put", "/api/v1/today/weights", "", json!({"warmth": 30, "time": 70})),
        request("put", "/api/v1/today/first-steps", "", json!({"closed": true})),
        request("post", "/api/v1/snoozes", "", json!({"kind": "task", "id": task["id"], "until": "2999-01-01"})),
        request("get", "/api/v1/contacts/suggested", "", none()),
        request("get", "/api/v1/notifications", "", none()),
        request("post", "/api/v1/notifications/read", "", json!({"ids": []})),
        request("get", "/api/v1/notifications/settings", "", none()),
        request("put", "/api/v1/notifications/settings", "", json!({"kind": "mention", "inApp": true, "byMail": false, "byPush": false})),
        request("get", "/api/v1/board", "", none()),
        request("get", "/api/v1/forecast", "", none()),
        request("post", "/api/v1/deals/{id}/move", &id(&deal), json!({"stageId": next["id"]})),
        request("get", "/api/v1/deals/{id}/history", &id(&deal), none()),
        request("post", "/api/v1/leads/{id}/convert", &id(&lead), json!({"newCompany": true, "deal": {"title": "Initech"}})),
        request("post", "/api/v1/pipelines/{id}/order", &id(&pipeline), json!({"stages": mine})),
        request("post", "/api/v1/stages/{id}/replace", &id(&stages[0]), json!({"into": stages[1]["id"]})),
        request("post", "/api/v1/tags/{id}/merge", &id(&tags[0]), json!({"into": tags[1]["id"]})),
        request("get", "/api/v1/imports", "", none()),
        request("post", "/api/v1/imports?fileName=x.csv&kind=companies", "", json!("name\nThree")),
        request("get", "/api/v1/imports/{id}", &ran, none()),
        request("post", "/api/v1/imports/{id}/start", &started, json!({"known": "skip", "products": {}})),
        request("post", "/api/v1/imports/{id}/undo", &ran, none()),
        request("post", "/api/v1/sample", "", none()),
        request("get", "/api/v1/shares", "", none()),
        request("post", "/api/v1/shares", "", json!({"title": "Two", "shows": ["figures"], "expiresAt": "2999-01-01T00:00:00Z"})),
        request("post", "/api/v1/shares/{id}/revoke", &id(&share), none()),
        request("get", "/api/v1/tokens", "", none()),
        request("post", "/api/v1/tokens", "", json!({"name": "Other", "readOnly": true, "expiresAt": null})),
        request("post", "/api/v1/tokens/{id}/revoke", &id(&token), none()),
    ]
}

/// Operations of the document that are none of records.
fn operations(document: &Value) -> BTreeSet<(String, String)> {
    let of_records = |path: &str| {
        domain::EntityKind::ALL.iter().any(|kind| {
            let all = format!("/api/v1/{}", kind.plural());
            path == all || path == format!("{all}/{{id}}") || path == format!("{all}/{{id}}/restore")
        })
    };
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .filter(|(path, _)| !of_records(path))
        .flat_map(|(path, methods)| methods.as_object().unwrap().keys().map(|m| (m.clone(), path.clone())))
        .collect()
}

#[tokio::test]
async fn every_operation_answers_as_the_document_says() {
    let app = TestApp::new().await;
    // In a browser: a token makes no other.
    let ana = app.signed_up("acme").await;
    let document = document(&app).await;
    let requests = everything(&app, &ana).await;
    let sent: BTreeSet<_> = requests.iter().map(|r| (r.method.to_owned(), r.path.to_owned())).collect();
    assert_eq!(sent, operations(&document), "every operation is sent here");
    for request in &requests {
        let (status, answer) = send(&ana, request).await;
        assert!(
            status.is_success() || (request.path == "/api/v1/sample" && status == StatusCode::CONFLICT),
            "{} {}: {status} {answer}",
            request.method,
            request.path
        );
        check(&document, request.method, request.path, status, &answer);
        assert_ne!(answer["data"], json!([]), "{} {} has something to show", request.method, request.path);
        // Without rights, and of what is not there.
        let (status, refused) = send(&app.anonymous(), request).await;
        check(&document, request.method, request.path, status, &refused);
    }
}

#[tokio::test]
async fn undocumented_query_parameters_are_refused_by_name() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let document = document(&app).await;
    let mut documented = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let url = path.replace("{id}", "0190a0b0-0000-7000-8000-000000000001");
            let ask = async |query: &str| read(ana.request(method.to_uppercase().parse().unwrap(), &format!("{url}?{query}"))).await;
            let (status, answer) = ask("nonsense=1").await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{method} {path}: {answer}");
            assert_eq!(answer["error"]["fields"][0]["field"], "nonsense", "{method} {path}");
            for parameter in operation["parameters"].as_array().unwrap().iter().filter(|p| p["in"] == "query") {
                let name = parameter["name"].as_str().unwrap();
                let (_, answer) = ask(&format!("{name}=1")).await;
                assert_ne!(answer["error"]["fields"][0]["code"], "unknown", "{method} {path} {name}");
                documented += 1;
            }
        }
    }
    assert!(documented > 80, "{documented}");
    // A list without pages keeps to its limit.
    let rows = async |query: &str| ana.get(&format!("/api/v1/stages{query}")).await.1["data"].as_array().unwrap().len();
    assert!(rows("").await > 2);
    assert_eq!(rows("?limit=2").await, 2);
    // The addresses of the source documents, and requests without a session.
    let (status, _) = read(ana.request(Method::GET, "/api/analytics?fro=2026-01-01")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, _) = read(app.anonymous().request(Method::GET, "/api/v1/contacts?nonsense=1")).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

/// Names of fields that a refusal of an unknown one says are known.
fn known(message: &str) -> BTreeSet<String> {
    let expected = message.split_once("expected").map_or("", |m| m.1);
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[tokio::test]
async fn every_body_is_taken_as_the_document_says() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let document = document(&app).await;
    let mut bodies = 0;
    for request in everything(&app, &ana).await {
        let schema = &document["paths"][request.path][request.method]["requestBody"]["content"]["application/json"]["schema"];
        if schema.is_null() {
            assert!(
                request.body.is_null() || request.path == "/api/v1/imports",
                "{} {} takes a body that is not documented",
                request.method,
                request.path
            );
            continue;
        }
        bodies += 1;
        assert!(validator(&document, schema).is_valid(&request.body), "{} {}: {schema}", request.method, request.path);
        // Exactly the documented names are known.
        let unknown = Request { body: json!({"zz": 1}), ..request };
        let (status, answer) = send(&ana, &unknown).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{} {}: {answer}", unknown.method, unknown.path);
        let name = schema.to_string().split("schemas/").nth(1).map(|rest| rest.split('"').next().unwrap().to_owned());
        let schema = name.map_or(schema, |name| &document["components"]["schemas"][name]);
        let documented: BTreeSet<String> = schema["properties"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(known(answer["error"]["message"].as_str().unwrap()), documented, "{} {}: {answer}", unknown.method, unknown.path);
    }
    assert!(bodies >= 11, "{bodies} bodies");
}
