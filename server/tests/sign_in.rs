//! Signing in, sessions, the origin of requests, and slow or hostile connections.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod kit;

use kit::TestApp;
use reqwest::{Method, StatusCode};
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

#[tokio::test]
async fn sign_up_in_and_out_work_with_plain_forms() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let (status, html) = ana.page("/deals").await;
    assert_eq!(status, StatusCode::OK);
    assert!(html.contains("acme") && html.contains("Prospecting"), "the board came from the server");
    let out = ana.client.post(format!("{}/sign-out", app.base)).header("origin", &app.base).send().await.unwrap();
    assert_eq!(out.status(), StatusCode::SEE_OTHER);
    assert_eq!(ana.page("/deals").await.0, StatusCode::SEE_OTHER);
    let form = [("email", "ACME@acme.test"), ("password", "correct horse battery"), ("next", "//evil.org")];
    let back = ana.client.post(format!("{}/sign-in", app.base)).form(&form).send().await.unwrap();
    assert_eq!((back.status(), back.headers()["location"].to_str().unwrap()), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(ana.page("/deals").await.0, StatusCode::OK);
}

#[tokio::test]
async fn passwords_that_anybody_would_try_are_refused() {
    let app = TestApp::new().await;
    for (password, says) in
        [("short", "8 characters"), ("password1", "first that somebody would guess"), ("qwertyuiop", "first that"), ("12345678", "first that")]
    {
        let form = [("email", "a@b.test"), ("password", password), ("workspace", "")];
        let answer = app.anonymous().client.post(format!("{}/sign-up", app.base)).form(&form).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{password}");
        let html = answer.text().await.unwrap();
        assert!(html.contains(says), "{password}");
        assert!(html.contains("a@b.test") && !html.contains(password), "the address is kept, the password is not");
    }
}

#[tokio::test]
async fn unknown_addresses_get_the_same_answer_and_attempts_are_throttled() {
    let app = TestApp::new().await;
    app.signed_up("acme").await;
    let attempt = async |email: &str| {
        let form = [("email", email), ("password", "wrong wrong wrong")];
        let answer = app.anonymous().client.post(format!("{}/sign-in", app.base)).form(&form).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap().replace(email, "X"))
    };
    assert_eq!(attempt("acme@acme.test").await, attempt("nobody@acme.test").await);
    let mut last = StatusCode::OK;
    for _ in 0..11 {
        last = attempt("acme@acme.test").await.0;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    let form = [("email", "acme@acme.test"), ("password", "correct horse battery")];
    let right = app.anonymous().client.post(format!("{}/sign-in", app.base)).form(&form).send().await.unwrap();
    assert_eq!(right.status(), StatusCode::TOO_MANY_REQUESTS, "the right password does not help meanwhile");
}

#[tokio::test]
async fn a_session_set_before_signing_in_is_worth_nothing_and_revocation_is_immediate() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let actor = app.t.db.owner_of("acme").await.unwrap();
    assert_eq!(ana.page("/people").await.0, StatusCode::OK);
    assert_eq!(app.t.db.revoke_sessions(actor.user).await.unwrap(), 1);
    assert_eq!(ana.page("/people").await.0, StatusCode::SEE_OTHER);
    let planted = app.anonymous();
    let form = [("email", "acme@acme.test"), ("password", "correct horse battery")];
    let signed = planted
        .client
        .post(format!("{}/sign-in", app.base))
        .header("cookie", "rapport=AAAAAAAAAAAAAAAAAAAAAA")
        .form(&form)
        .header("origin", &app.base)
        .send()
        .await
        .unwrap();
    let cookie = signed.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(!cookie.contains("AAAAAAAAAAAAAAAAAAAAAA"), "{cookie}");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
}

#[tokio::test]
async fn other_sites_cannot_make_a_browser_write() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let paths = [
        "/fn/commands/dispatch",
        "/fn/commands/undo",
        "/fn/records/submit",
        "/fn/imports/start",
        "/do/save/contact",
        "/do/move",
        "/sign-out",
        "/api/v1/contacts",
        "/import/upload",
    ];
    for path in paths {
        for (name, value) in [("origin", "https://evil.org"), ("origin", "null"), ("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site")] {
            let answer = ana
                .client
                .post(format!("{}{path}", app.base))
                .header(name, value)
                .header("content-type", "application/json")
                .body("{}")
                .send()
                .await
                .unwrap();
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path} {name}: {value}");
        }
    }
    // A server function asked for by GET writes nothing.
    let answer = ana.request(Method::GET, "/fn/commands/dispatch").send().await.unwrap();
    assert!(answer.status().is_client_error(), "{}", answer.status());
}

#[tokio::test]
async fn answers_carry_the_policy() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    for path in ["/deals", "/sign-in", "/api/v1/contacts", "/nope"] {
        let answer = ana.request(Method::GET, path).send().await.unwrap();
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe-inline"), "{path}: {policy}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
        assert!(answer.headers().contains_key("x-request-id"), "{path}");
        if path == "/deals" {
            assert!(policy.contains("'nonce-"), "{policy}");
            let html = answer.text().await.unwrap();
            assert!(!html.contains(" style="), "inline styles are refused by the policy");
        }
    }
    let (_, sign_in) = app.anonymous().page("/sign-in").await;
    assert!(sign_in.matches("<script").count() == 1 && sign_in.contains("/public/plain.js") && !sign_in.contains(".wasm"), "no wasm on public pages");
}

#[tokio::test]
async fn five_hundred_slow_senders_do_not_keep_others_out() {
    let app = TestApp::new().await;
    let address = app.base.trim_start_matches("http://").to_owned();
    let mut slow = Vec::new();
    for _ in 0..500 {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.unwrap();
        slow.push(stream);
    }
    let since = Instant::now();
    assert_eq!(app.anonymous().page("/healthz").await.0, StatusCode::OK);
    assert!(since.elapsed() < Duration::from_secs(5), "others wait: {:?}", since.elapsed());
    // The server ends them by itself.
    let mut one = slow.pop().unwrap();
    let mut rest = Vec::new();
    tokio::time::timeout(Duration::from_secs(20), one.read_to_end(&mut rest)).await.expect("a half-sent head is given up").ok();
}
