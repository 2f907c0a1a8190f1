//! Hostile input on every documented operation and every field: a sentence and a 4xx, never a 5xx, never a type name.

use crate::{
    kit::{Caller, TestApp, read, smallest},
    program::tried as of_all,
};
use domain::EntityKind;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::HashMap;

/// A record of every kind, by its plural.
async fn one_of_each(ana: &Caller) -> HashMap<&'static str, String> {
    let pipeline = ana.create("/api/v1/pipelines", json!({"name": "Second", "kind": "custom"})).await["id"].clone();
    let mut out = HashMap::new();
    for kind in EntityKind::ALL {
        let made = ana.create(&format!("/api/v1/{}", kind.plural()), smallest(kind, &pipeline)).await;
        out.insert(kind.plural(), made["id"].as_str().unwrap().to_owned());
    }
    out
}

fn told(what: &str, status: StatusCode, answer: &Value) {
    assert!(status.as_u16() < 500, "{what}: {status} {answer}");
    if status.is_client_error() {
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(!message.is_empty(), "{what}: {status} {answer}");
        for word in ["struct ", "enum ", "Some(", "Err(", "sqlx", "panicked"] {
            assert!(!message.contains(word), "{what}: {message}");
        }
    }
}

#[tokio::test]
async fn every_operation_bears_every_body_and_every_query() {
    let app = TestApp::new().await;
    let ana = app.with_token("acme").await;
    let ids = one_of_each(&ana).await;
    let bodies: Vec<Vec<u8>> = [
        "",
        "null",
        "[]",
        "[[[[[[]]]]]]",
        "\"x\"",
        "17",
        "true",
        "{",
        "{}",
        r#"{"a":1,"a":2}"#,
        r#"{"nonsense":{}}"#,
        r#"{"title":"a\u0000b","name":"a\u0000b"}"#,
        r#"{"stageId":[],"into":{},"stages":"x","ids":17,"shows":{"x":1},"known":null,"until":"9999-99-99","warmth":1e400,"token":"' or 1=1"}"#,
        r#"{"stages":["x"],"shows":[null],"ids":["x"],"expiresAt":"+99999-01-01T00:00:00Z","title":9223372036854775808}"#,
    ]
    .into_iter()
    .map(|b| b.as_bytes().to_vec())
    .chain([
        vec![0xff, 0xfe, 0],
        format!("{}{}", "[".repeat(5_000), "]".repeat(5_000)).into_bytes(),
        format!(r#"{{"name":"{}"}}"#, "x".repeat(200_000)).into_bytes(),
    ])
    .collect();
    let queries = [
        "limit=-1",
        "limit=9223372036854775808",
        "after=%00%00",
        "after=%F0%9F",
        "q=%00",
        "sort=%27%3Bdrop",
        "from=9999-99-99",
        "to=-1",
        "kind=%00",
        "by=nobody",
        "owner=x",
        "tag=%00",
        "stage=x",
        "status=%F0%9F%92%A9",
        "reached=x",
        "due=x",
        "followUp=x",
        "nextStep=x",
        "contact=x",
        "deal=x",
        "pipeline=x",
    ];
    let (_, document) = ana.get("/api/openapi.json").await;
    let (mut tried, mut place) = (0, 0);
    for (path, methods) in document["paths"].as_object().unwrap() {
        let plural = path.trim_start_matches("/api/v1/").split('/').next().unwrap_or_default();
        let id = ids.get(plural).cloned().unwrap_or_else(|| uuid::Uuid::now_v7().to_string());
        for method in methods.as_object().unwrap().keys() {
            let verb: Method = method.to_uppercase().parse().unwrap();
            place += 1;
            if method == "get" {
                for (_, query) in queries.iter().enumerate().filter(|(at, _)| of_all(place, *at, 4)) {
                    let whole = format!("{}?{query}", path.replace("{id}", &id));
                    let (status, answer) = read(ana.request(verb.clone(), &whole)).await;
                    told(&whole, status, &answer);
                    tried += 1;
                }
                continue;
            }
            // The body of an upload is the file itself: what it bears is told by the tests of imports.
            let taken = path != "/api/v1/imports" && method != "delete";
            for (_, body) in bodies.iter().enumerate().filter(|(at, _)| taken && of_all(place, *at, 4)) {
                let request = ana.request(verb.clone(), &path.replace("{id}", &id)).header("if-match", "1").body(body.clone());
                let (status, answer) = read(request).await;
                told(&format!("{method} {path} {:.80}", String::from_utf8_lossy(body)), status, &answer);
                tried += 1;
            }
            for bad in ["%00", "x", "0190a0b0", "%F0%9F%92%A9"] {
                let (status, answer) = read(ana.request(verb.clone(), &path.replace("{id}", bad)).json(&json!({}))).await;
                told(&format!("{method} {path} {bad}"), status, &answer);
            }
        }
    }
    assert!(tried > 250, "{tried}");
}

/// What the pages call is as open to strangers as the REST interface is.
#[tokio::test]
async fn every_server_function_bears_every_body() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let paths: Vec<(String, Method)> = leptos::server_fn::axum::server_fn_paths().map(|(path, method)| (path.to_owned(), method)).collect();
    assert!(paths.len() > 30, "{}", paths.len());
    let bodies = [
        "",
        "null",
        "[]",
        "17",
        "{",
        "{}",
        r#"{"id":"x","envelope":{"id":1},"filter":[],"kind":{}}"#,
        "id=x&kind=%00&envelope=%FF",
        "a[b][c]=1",
        "\u{0}",
    ];
    for (place, (path, method)) in paths.into_iter().enumerate() {
        for (_, body) in bodies.into_iter().enumerate().filter(|(at, _)| of_all(place, *at, 3)) {
            for kind in ["application/json", "application/x-www-form-urlencoded", "text/plain", "multipart/form-data"] {
                let request = ana.request(method.clone(), &path).header("content-type", kind).body(body);
                let answer = request.send().await.unwrap();
                let (status, text) = (answer.status(), answer.text().await.unwrap());
                assert!(status.as_u16() < 500, "{method} {path} {kind} {body}: {status} {text}");
                assert!(!text.contains("struct ") && !text.contains("enum "), "{path} {body}: {text}");
            }
        }
    }
}

#[tokio::test]
async fn every_field_of_every_kind_bears_every_value() {
    let app = TestApp::new().await;
    let ana = app.with_token("acme").await;
    let pipeline = ana.create("/api/v1/pipelines", json!({"name": "Second", "kind": "custom"})).await["id"].clone();
    let values = [
        json!("a\u{0}b"),
        json!("x".repeat(60_000)),
        json!("=1+1"),
        json!("<script>alert(1)</script>"),
        json!("\u{202e}\u{feff}"),
        json!("9999-99-99"),
        json!("0000-00-00T00:00"),
        json!("+262143-01-01"),
        json!("FREQ=SECONDLY;COUNT=999999999"),
        json!(-1),
        json!(1e300),
        json!(9_223_372_036_854_775_807i64),
        json!(true),
        json!({}),
        json!([[[]]]),
        json!([null, {"value": 1}]),
        json!(["a".repeat(5_000)]),
        json!("0190a0b0-0000-7000-8000-000000000000"),
        json!("javascript:alert(1)"),
        json!("Mars/Olympus"),
    ];
    let (mut tried, mut place) = (0, 0);
    for kind in EntityKind::ALL {
        for spec in kind.fields() {
            place += 1;
            for (_, value) in values.iter().enumerate().filter(|(at, _)| of_all(place, *at, 4)) {
                let mut set = smallest(kind, &pipeline);
                // A tag's name is taken once.
                if kind == EntityKind::Tag {
                    set["name"] = json!(format!("t{tried}"));
                }
                set[spec.key] = value.clone();
                let (status, answer) = ana.post(&format!("/api/v1/{}", kind.plural()), set).await;
                told(&format!("{} of a {}: {value:.60}", spec.key, kind.noun()), status, &answer);
                tried += 1;
            }
        }
    }
    assert!(tried > 400, "{tried}");
    // The whole of it can still be read, and its pages made.
    let owner = app.anonymous();
    let form = [("email", "acme@acme.test"), ("password", "correct horse battery")];
    assert_eq!(owner.request(Method::POST, "/sign-in").form(&form).send().await.unwrap().status(), StatusCode::SEE_OTHER);
    for path in [
        "/",
        "/people",
        "/companies",
        "/deals",
        "/deals?as=list",
        "/deals?as=forecast",
        "/tasks",
        "/tasks?as=board",
        "/feed",
        "/dashboard",
        "/analytics",
        "/settings",
    ] {
        let (status, html) = owner.page(path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(!html.contains("<script>alert"), "{path}");
    }
}
