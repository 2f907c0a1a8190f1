//! Requests whose body arrives after the rights they were begun with have ended.

use crate::kit::{Caller, TestApp, form, invite, join};
use reqwest::{Method, StatusCode};
use serde_json::json;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A request that lacks its last byte.
struct Held {
    stream: TcpStream,
    last: u8,
}

async fn held(app: &TestApp, cookie: &str, path: &str, kind: &str, body: &str) -> Held {
    let mut stream = TcpStream::connect(app.base.trim_start_matches("http://")).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\ncookie: {cookie}\r\nsec-fetch-site: same-origin\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let (last, rest) = body.as_bytes().split_last().unwrap();
    stream.write_all(&[head.as_bytes(), rest].concat()).await.unwrap();
    // The head is read, and the asker found, before anything else happens.
    tokio::time::sleep(Duration::from_millis(200)).await;
    Held { stream, last: *last }
}

impl Held {
    async fn status(mut self) -> u16 {
        self.stream.write_all(&[self.last]).await.unwrap();
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).await.unwrap();
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }
}

/// Signs in and answers the cookie.
async fn cookie(app: &TestApp, email: &str, password: &str) -> String {
    let answer = app.anonymous().request(Method::POST, "/sign-in").form(&[("email", email), ("password", password)]).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let cookies = answer.headers().get_all("set-cookie").iter().map(|v| v.to_str().unwrap().split(';').next().unwrap().to_owned());
    cookies.collect::<Vec<_>>().join("; ")
}

async fn id_of(who: &Caller, name: &str) -> String {
    let (_, all) = who.get("/api/v1/members").await;
    all["data"].as_array().unwrap().iter().find(|m| m["name"] == name).unwrap()["id"].as_str().unwrap().to_owned()
}

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const PASSWORD: &str = "three unrelated words";

#[tokio::test]
async fn a_body_that_comes_late_writes_with_the_rights_of_its_arrival() {
    let app = TestApp::new().await;
    let owner = app.signed_up("acme").await;
    let bob = join(&app, &invite(&owner, "admin", "").await, "bob").await;
    join(&app, &invite(&owner, "member", "").await, "eve").await;
    let (bob_id, eve_id, acme) = (id_of(&owner, "bob").await, id_of(&owner, "eve").await, id_of(&owner, "acme").await);
    let as_bob = cookie(&app, "bob@join.test", PASSWORD).await;
    let begin = async |path: &str, kind: &str, body: &str| held(&app, &as_bob, path, kind, body).await;

    let token = json!({"name": "late"}).to_string();
    let deal = json!({"title": "Late", "visibility": "private"}).to_string();
    let share = json!({"title": "Late", "shows": ["figures"]}).to_string();
    let waiting = [
        begin("/do/people/role", FORM, &format!("member={eve_id}&role=admin")).await,
        begin("/do/people/invite", FORM, "role=admin").await,
        begin("/api/v1/tokens", JSON, &token).await,
        begin("/api/v1/deals", JSON, &deal).await,
        begin("/api/v1/shares", JSON, &share).await,
        begin("/api/v1/imports?fileName=x.csv", "text/csv", "name\nLate").await,
    ];
    let (status, ..) = form(&owner, "/do/people/remove", &[("member", &bob_id), ("heir", &acme)]).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let mut statuses = Vec::new();
    for request in waiting {
        statuses.push(request.status().await);
    }
    // Forms go back to their page, which leads to signing in.
    assert_eq!(statuses[2..], [401; 4], "{statuses:?}");
    assert_eq!(bob.get("/api/v1/deals").await.0, StatusCode::UNAUTHORIZED);
    let (_, people) = owner.page("/settings/people").await;
    assert!(!people.contains("/do/people/revoke"), "no invitation is open");
    let (_, deals) = owner.get("/api/v1/deals").await;
    assert_eq!(deals["data"].as_array().unwrap().len(), 0);
    let role: String =
        sqlx::query_scalar("select role from memberships where member_id = $1::uuid").bind(&eve_id).fetch_one(&mut app.t.raw().await).await.unwrap();
    assert_eq!(role, "member");
    for table in ["api_tokens", "shares", "imports"] {
        let left: i64 =
            sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select count(*) from {table}"))).fetch_one(&mut app.t.raw().await).await.unwrap();
        assert_eq!(left, 0, "{table}");
    }
}

#[tokio::test]
async fn a_session_that_ends_meanwhile_writes_nothing() {
    let app = TestApp::new().await;
    let owner = app.signed_up("acme").await;
    let stolen = cookie(&app, "acme@acme.test", "correct horse battery").await;
    let token = json!({"name": "late"}).to_string();
    let waiting = [
        held(&app, &stolen, "/api/v1/tokens", JSON, &token).await,
        held(&app, &stolen, "/api/v1/tasks", JSON, &json!({"title": "Late"}).to_string()).await,
    ];
    let change = [("old", "correct horse battery"), ("new", "four quite unrelated words"), ("tokens", "on")];
    assert_eq!(form(&owner, "/do/account/password", &change).await.0, StatusCode::SEE_OTHER);
    for request in waiting {
        assert_eq!(request.status().await, 401);
    }
    let made: i64 = sqlx::query_scalar("select (select count(*) from api_tokens) + (select count(*) from tasks)")
        .fetch_one(&mut app.t.raw().await)
        .await
        .unwrap();
    assert_eq!(made, 0);
}
