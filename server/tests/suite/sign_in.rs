//! Signing in, sessions, the origin of requests, and slow or hostile connections.

use crate::kit::TestApp;
use reqwest::{Method, StatusCode};
use serde_json::json;
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
async fn the_address_of_a_form_opened_by_hand_leads_to_the_pages() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let opened = ana.request(Method::GET, "/do/tokens/revoke").send().await.unwrap();
    assert_eq!((opened.status(), opened.headers()["location"].to_str().unwrap()), (StatusCode::SEE_OTHER, "/"));
    // Programs hear that the method is wrong.
    assert_eq!(ana.request(Method::DELETE, "/api/v1/contacts").send().await.unwrap().status(), StatusCode::METHOD_NOT_ALLOWED);
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

/// The session goes on, as if its password had been entered long ago.
async fn grow_old(app: &TestApp) {
    sqlx::query("update sessions set data = jsonb_set(data, '{identity,confirmed}', '\"2020-01-01T00:00:00Z\"') where user_id is not null")
        .execute(&mut app.t.raw().await)
        .await
        .unwrap();
}

async fn form(who: &crate::kit::Caller, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String) {
    let answer = who.request(Method::POST, path).form(fields).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

#[tokio::test]
async fn what_gives_rights_away_asks_for_the_password_again_and_goes_on_with_the_form() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let bea = app.t.member("acme", "bea@acme.test").await.member.to_string();
    let role = async || -> String {
        let text = "select role from memberships where member_id::text = $1";
        sqlx::query_scalar(text).bind(&bea).fetch_one(&mut app.t.raw().await).await.unwrap()
    };
    assert_eq!(form(&ana, "/do/people/role", &[("member", &bea), ("role", "viewer")]).await.0, StatusCode::SEE_OTHER, "just signed up");
    grow_old(&app).await;
    let wanted = [("member", bea.as_str()), ("role", "admin"), ("note", "\"><x-canary>")];
    let (status, html) = form(&ana, "/do/people/role", &wanted).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert!(html.contains("Confirm your password") && html.contains(&format!("value=\"{bea}\"")), "{html}");
    assert!(html.contains("action=\"/do/people/role\"") && html.contains("value=\"admin\"") && !html.contains("<x-canary>"), "{html}");
    assert_eq!(role().await, "viewer");
    let with = |password: &'static str| [wanted.as_slice(), [("confirm_password", password)].as_slice()].concat();
    let (status, html) = form(&ana, "/do/people/role", &with("not the password")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(html.contains("This password is wrong") && html.contains("value=\"admin\""), "{html}");
    assert_eq!(role().await, "viewer");
    assert_eq!(form(&ana, "/do/people/role", &with("correct horse battery")).await.0, StatusCode::SEE_OTHER);
    assert_eq!(role().await, "admin", "the form went on");
    assert_eq!(form(&ana, "/do/people/role", &[("member", &bea), ("role", "member")]).await.0, StatusCode::SEE_OTHER, "not asked twice");
    // All of them ask, by page and by REST, and nothing is done.
    let heir = app.t.db.owner_of("acme").await.unwrap().member.to_string();
    let forms: [(&str, &[(&str, &str)]); 6] = [
        ("/do/people/invite", &[("role", "admin")]),
        ("/do/people/role", &[("member", &bea), ("role", "owner")]),
        ("/do/people/remove", &[("member", &bea), ("heir", &heir)]),
        ("/do/tokens/create", &[("name", "x"), ("term", "30")]),
        ("/do/shares/create", &[("title", "Sales"), ("figures", "on"), ("term", "30")]),
        ("/do/workspace/delete", &[("name", "acme")]),
    ];
    grow_old(&app).await;
    let before = app.t.fingerprint(app.t.db.owner_of("acme").await.unwrap().workspace).await;
    for (path, fields) in forms {
        assert_eq!(form(&ana, path, fields).await.0, StatusCode::FORBIDDEN, "{path}");
    }
    for (path, body) in [("/api/v1/shares", json!({"title": "Sales", "shows": ["figures"]})), ("/api/v1/tokens", json!({"name": "x"}))] {
        let (status, answer) = ana.post(path, body).await;
        assert_eq!((status, &answer["error"]["code"]), (StatusCode::FORBIDDEN, &json!("password_needed")), "{path}");
    }
    let command = json!({"do": "create_share", "share": uuid::Uuid::now_v7(), "title": "S", "shows": ["figures"], "expires_at": null, "token_hash": "0".repeat(64)});
    let call = json!({"envelope": {"id": uuid::Uuid::now_v7(), "baseVersion": null, "command": command}, "member": heir});
    assert_eq!(ana.post("/fn/commands/dispatch", call).await.0, StatusCode::FORBIDDEN);
    let after = app.t.fingerprint(app.t.db.owner_of("acme").await.unwrap().workspace).await;
    for (before, after) in before.iter().zip(&after).filter(|(b, _)| b.0 != "sessions") {
        assert_eq!(before, after);
    }
    let invitations: i64 = sqlx::query_scalar("select count(*) from invitations").fetch_one(&mut app.t.raw().await).await.unwrap();
    assert_eq!(invitations, 0);
}

#[tokio::test]
async fn the_password_cannot_be_guessed_from_an_open_session() {
    let right = "correct horse battery";
    let guess = async |path: &str, field: &str| {
        let app = TestApp::new().await;
        let ana = app.signed_up("acme").await;
        grow_old(&app).await;
        let all = |password: &str| {
            let fields = [("new", "three unrelated words"), ("email", "new@acme.test"), ("role", "viewer"), (field, password)];
            fields.map(|(k, v)| (k.to_owned(), v.to_owned()))
        };
        for _ in 0..12 {
            ana.request(Method::POST, path).form(&all("wrong wrong wrong")).send().await.unwrap();
        }
        ana.request(Method::POST, path).form(&all(right)).send().await.unwrap();
        let changed: bool = sqlx::query_scalar(
            "select exists (select from users where delete_after is not null) or exists (select from confirmations) or exists (select from invitations)",
        )
        .fetch_one(&mut app.t.raw().await)
        .await
        .unwrap();
        let form = [("email", "acme@acme.test"), ("password", "three unrelated words")];
        let with_new = app.anonymous().client.post(format!("{}/sign-in", app.base)).form(&form).send().await.unwrap().status();
        (changed, with_new == StatusCode::SEE_OTHER)
    };
    for (path, field) in [
        ("/do/account/password", "old"),
        ("/do/account/email", "password"),
        ("/do/account/delete", "password"),
        ("/do/people/invite", "confirm_password"),
    ] {
        assert_eq!(guess(path, field).await, (false, false), "{path}: the right password does not help after twelve wrong ones");
    }
}

/// NUL, which Postgres takes in no text, in everything that a request can carry: refused, and never our fault.
#[tokio::test]
async fn no_input_makes_a_nul_our_fault() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let guest = app.anonymous();
    let invited = app.t.db.invite(&app.t.db.owner_of("acme").await.unwrap(), domain::Role::Member, None).await.unwrap();
    let (id, join) = (uuid::Uuid::now_v7().to_string(), format!("/join/{invited}"));
    let mut wrong = Vec::new();
    let mut tried = 0;
    let forms: &[(&str, &[&str])] = &[
        ("/sign-in", &["email", "password", "next"]),
        ("/sign-up", &["email", "password", "workspace", "template", "time_zone"]),
        ("/forgot", &["email"]),
        (&join, &["name", "email", "password"]),
        ("/reset/0000", &["password", "tokens"]),
        ("/do/people/invite", &["role", "member", "confirm_password"]),
        ("/do/people/revoke", &["id"]),
        ("/do/people/role", &["member", "role"]),
        ("/do/people/remove", &["member", "heir"]),
        ("/do/account/workspace", &["workspace"]),
        ("/do/account/password", &["old", "new", "tokens"]),
        ("/do/account/session", &["key"]),
        ("/do/account/notifications", &["kind", "in_app"]),
        ("/do/account/email", &["email", "password"]),
        ("/do/account/delete", &["password"]),
        ("/do/account/push/remove", &["id"]),
        ("/do/tags/merge", &["from", "into"]),
        ("/do/tokens/create", &["name", "term", "access"]),
        ("/do/tokens/revoke", &["token"]),
        ("/do/shares/create", &["title", "term"]),
        ("/do/shares/revoke", &["share"]),
        ("/do/workspace/save", &["name", "timeZone", "hue"]),
        ("/do/workspace/delete", &["name"]),
        ("/do/save/contact", &["firstName", "lastName", "company", "tags", "birthday", "emails", "command_id", "base_version"]),
        ("/do/move", &["deal", "stage", "reason"]),
    ];
    let sound = |field: &str| match field {
        "email" => "nul@acme.test".to_owned(),
        "password" | "old" | "confirm_password" => "correct horse battery".to_owned(),
        "new" => "three unrelated words".to_owned(),
        "role" => "viewer".to_owned(),
        "term" => "30".to_owned(),
        "timeZone" | "time_zone" => "Europe/Berlin".to_owned(),
        "hue" => "10".to_owned(),
        "template" => "sales".to_owned(),
        "kind" => "mention".to_owned(),
        "base_version" => String::new(),
        "member" | "heir" | "id" | "workspace" | "from" | "into" | "token" | "share" | "deal" | "stage" | "command_id" => id.clone(),
        _ => "x".to_owned(),
    };
    for (path, fields) in forms {
        for bad in *fields {
            let mut all: Vec<(String, String)> = fields.iter().map(|f| ((*f).to_owned(), sound(f))).collect();
            all.push(("id".into(), id.clone()));
            for field in &mut all {
                if field.0 == *bad {
                    field.1 = "a\0b".into();
                }
            }
            for who in [&guest, &ana] {
                let answer = who.request(Method::POST, path).form(&all).send().await.unwrap();
                if answer.status().is_server_error() {
                    wrong.push(format!("POST {path} {bad}: {}", answer.status()));
                }
                tried += 1;
                // What it said is shown on the next page, if it said anything.
                let page = ana.request(Method::GET, "/settings/profile").send().await.unwrap();
                if page.status() != StatusCode::OK {
                    wrong.push(format!("after POST {path} {bad}: {}", page.status()));
                }
            }
        }
    }
    let queries: &[(&str, &[&str])] = &[
        ("/sign-in", &["next"]),
        ("/people", &["q", "tag", "owner", "sort", "group", "after"]),
        ("/companies", &["q", "sort"]),
        ("/deals", &["q", "as", "pipeline", "owner", "tag", "stage"]),
        ("/tasks", &["q", "as", "owner"]),
        ("/feed", &["kind", "by", "after"]),
        ("/dashboard", &["period", "owner"]),
        ("/analytics", &["from", "to", "owner"]),
        ("/log", &["contact", "plan"]),
        ("/settings", &["q"]),
        ("/help", &["q"]),
        ("/new/contact", &["firstName", "company"]),
        ("/workspace/logo", &["v"]),
        ("/live", &["after"]),
        ("/share-in", &["title", "text", "url"]),
        ("/api/v1/search", &["q", "limit"]),
        ("/api/v1/contacts", &["q", "limit", "after", "owner", "tag", "sort", "status", "company"]),
        ("/api/v1/deals", &["q", "after", "stage", "pipeline", "sort", "tag"]),
        ("/api/v1/events", &["kind", "by", "after"]),
        ("/api/v1/tasks", &["q", "due"]),
        ("/api/v1/imports", &["fileName"]),
    ];
    for (path, fields) in queries {
        for field in *fields {
            let answer = ana.request(Method::GET, &format!("{path}?{field}=a%00b")).send().await.unwrap();
            if answer.status().is_server_error() {
                wrong.push(format!("GET {path}?{field}: {}", answer.status()));
            }
            tried += 1;
        }
    }
    for path in [
        "/join/a%00b",
        "/reset/a%00b",
        "/confirm/a%00b",
        "/s/a%00b",
        "/s/a%00b/preview.png",
        "/help/a%00b",
        "/people/a%00b",
        "/deals/a%00b",
        "/new/a%00b",
        "/edit/contact/a%00b",
        "/settings/a%00b/x",
        "/brand/a%00b",
        "/public/a%00b",
        "/pkg/a%00b",
        "/import/a%00b",
        "/import/a%00b/failed.csv",
        "/api/v1/a%00b",
        "/api/v1/contacts/a%00b",
        "/api/v1/events/a%00b/undo",
        "/fn/a%00b",
        "/a%00b",
    ] {
        for method in [Method::GET, Method::POST] {
            for who in [&guest, &ana] {
                let answer = who.request(method.clone(), path).send().await.unwrap();
                if answer.status().is_server_error() {
                    wrong.push(format!("{method} {path}: {}", answer.status()));
                }
                tried += 1;
            }
        }
    }
    for name in ["rapport", "language", "look", "theme", "zone"] {
        let answer = guest.request(Method::GET, "/sign-in").header("cookie", format!("{name}=a%00b")).send().await.unwrap();
        if answer.status().is_server_error() {
            wrong.push(format!("cookie {name}: {}", answer.status()));
        }
    }
    let upload = ana.request(Method::POST, "/api/v1/imports?fileName=a%00b.csv").body("First name\nAna\n").send().await.unwrap();
    if upload.status().is_server_error() {
        wrong.push(format!("the name of an upload: {}", upload.status()));
    }
    let push = json!({"endpoint": "https://push.example.com/a\u{0}b", "keys": {"p256dh": "a\u{0}", "auth": "\u{0}"}, "language": "\u{0}"});
    let push = ana.request(Method::POST, "/do/account/push").json(&push).send().await.unwrap();
    if push.status().is_server_error() {
        wrong.push(format!("a push device: {}", push.status()));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(tried > 200, "{tried}");
}
