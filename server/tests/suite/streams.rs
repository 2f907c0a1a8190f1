//! The live stream: it ends with the right to listen, and says what its reader may know today.

use crate::kit::{TestApp, form, invite, join, read};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

/// Opens the stream of a caller and reads what it begins with.
async fn listen(who: &crate::kit::Caller) -> reqwest::Response {
    let mut stream = who.request(Method::GET, "/live?after=0").send().await.unwrap();
    assert_eq!(stream.status(), StatusCode::OK);
    let mut text = String::new();
    while !text.contains("position:") {
        text += &String::from_utf8_lossy(&stream.chunk().await.unwrap().expect("the stream goes on"));
    }
    stream
}

/// Whether a stream ends within two seconds: one, and one for a busy machine.
async fn ends(mut stream: reqwest::Response) -> bool {
    let end = async { while let Ok(Some(_)) = stream.chunk().await {} };
    tokio::time::timeout(Duration::from_secs(2), end).await.is_ok()
}

#[tokio::test]
async fn a_stream_ends_with_the_right_to_listen() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let owner = app.t.db.owner_of("acme").await.unwrap();
    let mut others = listen(&ana).await;
    let sql = async |text: &'static str, user: domain::UserId| {
        // As another process of the installation, or an operator, would.
        sqlx::query(text).bind(user).execute(&mut app.t.raw().await).await.unwrap();
    };
    for (n, way) in
        ["removed", "role", "signed out", "everywhere", "password", "reset", "disabled", "expired", "token", "token expired"].iter().enumerate()
    {
        let email = format!("b{n}@acme.test");
        let bea = app.t.member("acme", &email).await;
        let mut caller = app.anonymous();
        match way.starts_with("token") {
            true => caller.token = Some(app.t.db.create_token(&email, "acme").await.unwrap().0),
            false => {
                let form = [("email", email.as_str()), ("password", "correct horse battery")];
                let answer = caller.request(Method::POST, "/sign-in").form(&form).send().await.unwrap();
                assert_eq!(answer.status(), StatusCode::SEE_OTHER);
            }
        }
        let stream = listen(&caller).await;
        match *way {
            "removed" => drop(form(&ana, "/do/people/remove", &[("member", &bea.member.to_string()), ("heir", &owner.member.to_string())]).await),
            "role" => drop(form(&ana, "/do/people/role", &[("member", &bea.member.to_string()), ("role", "viewer")]).await),
            "signed out" => drop(form(&caller, "/sign-out", &[]).await),
            "everywhere" => assert_eq!(app.t.db.revoke_sessions(bea.user).await.unwrap(), 1),
            "password" => app
                .t
                .db
                .change_password(
                    bea.user,
                    "correct horse battery",
                    "three unrelated words",
                    &store::Client::at(std::net::Ipv4Addr::LOCALHOST.into()),
                    false,
                )
                .await
                .unwrap(),
            "reset" => app.t.db.reset_password(&email, "three unrelated words", false).await.unwrap(),
            "disabled" => sql("update users set disabled_at = now() where id = $1", bea.user).await,
            "expired" => sql("update sessions set expires_at = now() where user_id = $1", bea.user).await,
            "token" => sql("update api_tokens set revoked_at = now() where user_id = $1", bea.user).await,
            _ => sql("update api_tokens set expires_at = now() where user_id = $1", bea.user).await,
        }
        assert!(ends(stream).await, "{way}: the stream goes on");
        let again = caller.request(Method::GET, "/live?after=0").send().await.unwrap().status();
        assert_eq!(again, if *way == "role" { StatusCode::OK } else { StatusCode::UNAUTHORIZED }, "{way}");
    }
    // All the while the stream of somebody else went on, and it still hears.
    ana.create("/api/v1/contacts", json!({"firstName": "Last"})).await;
    let heard = async {
        let mut text = String::new();
        while !text.contains("\"kind\":\"contact\"") {
            text += &String::from_utf8_lossy(&others.chunk().await.unwrap().expect("it goes on"));
        }
    };
    tokio::time::timeout(Duration::from_secs(5), heard).await.expect("a stream that may listen hears");
}

#[tokio::test]
async fn a_stream_knows_the_team_of_today() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let (bea, cleo) = (join(&app, &invite(&ana, "member", "").await, "bea").await, join(&app, &invite(&ana, "member", "").await, "cleo").await);
    let team = ana.create("/api/v1/teams", json!({"name": "East"})).await;
    let (_, members) = ana.get("/api/v1/members").await;
    let move_to = async |name: &str, team: Value| {
        let member = members["data"].as_array().unwrap().iter().find(|m| m["name"].as_str().unwrap().contains(name)).unwrap();
        let path = format!("/api/v1/members/{}", member["id"].as_str().unwrap());
        let (_, now) = ana.get(&path).await;
        let request = ana.request(Method::PATCH, &path).header("if-match", now["data"]["version"].to_string()).json(&json!({"teamId": team}));
        assert_eq!(read(request).await.0, StatusCode::OK);
    };
    move_to("bea", team["id"].clone()).await;
    let hears = async |mut stream: reqwest::Response| {
        let contact = bea.create("/api/v1/contacts", json!({"firstName": "East", "visibility": "team"})).await;
        let company = ana.create("/api/v1/companies", json!({"name": "For all"})).await;
        let (contact, company) = (contact["id"].as_str().unwrap(), company["id"].as_str().unwrap());
        let mut text = String::new();
        // A stream that ends is opened again, as browsers do.
        let all = async {
            while !text.contains(company) {
                match stream.chunk().await {
                    Ok(Some(chunk)) => text += &String::from_utf8_lossy(&chunk),
                    _ => stream = cleo.request(Method::GET, "/live?after=0").send().await.unwrap(),
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(5), all).await.expect("the stream goes on or ends");
        text.contains(contact)
    };
    assert!(!hears(listen(&cleo).await).await, "of no team");
    move_to("cleo", team["id"].clone()).await;
    let within = listen(&cleo).await;
    move_to("cleo", Value::Null).await;
    assert!(!hears(within).await, "left the team while listening");
    move_to("cleo", team["id"].clone()).await;
    assert!(hears(listen(&cleo).await).await, "of the team");
}
