//! Accounts: forgotten passwords, another address, leaving for good; help, metrics, and what the workspace settles.

use crate::kit::{Caller, TestApp};
use chrono::{Duration, Utc};
use reqwest::{Method, StatusCode};
use serde_json::json;

async fn form(who: &Caller, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String, String) {
    let answer = who.request(Method::POST, path).form(fields).send().await.unwrap();
    let to = answer.headers().get("location").map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
    (answer.status(), to, answer.text().await.unwrap())
}

/// The mails on their way: address, and the path of the link in it.
async fn mails(app: &TestApp) -> Vec<(String, String)> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("select address, body from mails order by created_at, id").fetch_all(&mut app.t.raw().await).await.unwrap();
    rows.into_iter()
        .map(|(to, body)| (to, body.split("{base}").nth(1).and_then(|l| l.split_whitespace().next()).unwrap_or_default().to_owned()))
        .collect()
}

async fn signs_in(app: &TestApp, email: &str, password: &str) -> bool {
    form(&app.anonymous(), "/sign-in", &[("email", email), ("password", password)]).await.0 == StatusCode::SEE_OTHER
}

#[tokio::test]
async fn a_forgotten_password_is_set_by_a_link_that_works_once() {
    let app = TestApp::with_mail().await;
    let ana = app.signed_up("acme").await;
    let asked = form(&app.anonymous(), "/forgot", &[("email", "acme@acme.test")]).await;
    let unknown = form(&app.anonymous(), "/forgot", &[("email", "nobody@acme.test")]).await;
    assert_eq!((asked.0, asked.2), (unknown.0, unknown.2), "nobody learns who has an account");
    let sent = mails(&app).await;
    assert_eq!(sent.len(), 1);
    let link = &sent[0].1;
    assert!(app.anonymous().page(link).await.1.contains("Set a new password"));
    let (status, _, html) = form(&app.anonymous(), link, &[("password", "short")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{html}");
    assert_eq!(form(&app.anonymous(), link, &[("password", "a brand new phrase")]).await.0, StatusCode::OK);
    assert_eq!(form(&app.anonymous(), link, &[("password", "and another phrase")]).await.0, StatusCode::NOT_FOUND, "used once");
    assert!(signs_in(&app, "acme@acme.test", "a brand new phrase").await);
    assert!(!signs_in(&app, "acme@acme.test", "correct horse battery").await);
    assert_eq!(ana.get("/api/v1/contacts").await.0, StatusCode::UNAUTHORIZED, "all browsers are signed out");
    // Asked for again and again, there are three an hour; an old one does not work.
    for _ in 0..5 {
        form(&app.anonymous(), "/forgot", &[("email", "acme@acme.test")]).await;
    }
    let sent = mails(&app).await;
    assert_eq!(sent.len(), 3);
    sqlx::query("update confirmations set expires_at = now() - interval '1 second'").execute(&mut app.t.raw().await).await.unwrap();
    for link in [sent[2].1.as_str(), "/reset/0000", "/confirm/0000"] {
        assert_eq!(app.anonymous().page(link).await.0, StatusCode::NOT_FOUND, "{link}");
    }
}

#[tokio::test]
async fn another_address_counts_when_it_was_confirmed() {
    let app = TestApp::with_mail().await;
    let ana = app.signed_up("acme").await;
    app.signed_up("other").await;
    let ask = async |email: &str, password: &str| form(&ana, "/do/account/email", &[("email", email), ("password", password)]).await;
    ask("new@acme.test", "wrong password").await;
    ask("no address", "correct horse battery").await;
    assert!(mails(&app).await.is_empty());
    ask("New@Acme.test ", "correct horse battery").await;
    let sent = mails(&app).await;
    assert_eq!(sent.iter().map(|m| m.0.as_str()).collect::<Vec<_>>(), ["new@acme.test", "acme@acme.test"]);
    let link = &sent[0].1;
    // Looking at the link, as mail programs do, changes nothing.
    assert!(app.anonymous().page(link).await.1.contains("new@acme.test"));
    assert!(signs_in(&app, "acme@acme.test", "correct horse battery").await);
    assert_eq!(form(&app.anonymous(), link, &[]).await.0, StatusCode::OK);
    assert!(mails(&app).await.iter().filter(|m| m.0 == "acme@acme.test").count() == 2, "the old address is told");
    assert!(signs_in(&app, "new@acme.test", "correct horse battery").await && !signs_in(&app, "acme@acme.test", "correct horse battery").await);
    assert_eq!(form(&app.anonymous(), link, &[]).await.0, StatusCode::NOT_FOUND);
    // A link that was asked for before the password changed, perhaps by whoever the change keeps out, is dead.
    ask("thief@evil.test", "correct horse battery").await;
    let stolen = mails(&app).await.iter().find(|m| m.0 == "thief@evil.test").unwrap().1.clone();
    form(&ana, "/do/account/password", &[("old", "correct horse battery"), ("new", "three unrelated words")]).await;
    assert_eq!(form(&app.anonymous(), &stolen, &[]).await.0, StatusCode::NOT_FOUND);
    form(&ana, "/do/account/password", &[("old", "three unrelated words"), ("new", "correct horse battery")]).await;
    sqlx::query("delete from confirmations").execute(&mut app.t.raw().await).await.unwrap();
    // An address that somebody else has by then is refused, and nothing changes.
    ask("other@other.test", "correct horse battery").await;
    let taken = mails(&app).await.iter().find(|m| m.0 == "other@other.test").unwrap().1.clone();
    assert_eq!(form(&app.anonymous(), &taken, &[]).await.0, StatusCode::CONFLICT);
    assert!(signs_in(&app, "new@acme.test", "correct horse battery").await);
}

#[tokio::test]
async fn c_40_leaving_for_good_waits_keeps_what_the_team_has_and_takes_what_is_ones_own() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let bea = app.t.member("acme", "bea@acme.test").await;
    app.t.create(&bea, domain::EntityKind::Deal, json!({"title": "Theirs", "visibility": "private"})).await;
    let own =
        app.t.db.sign_up("bea2@acme.test", "Bea", "correct horse battery", "Bea alone", domain::pipelines::template("sales").unwrap()).await.unwrap();
    let solo = app.t.db.actor(own.user, own.workspace, domain::Surface::Web).await.unwrap().unwrap();
    app.t.create(&solo, domain::EntityKind::Contact, json!({"firstName": "Alone", "tags": ["x"]})).await;
    // The only owner of a workspace with others in it hands it on first.
    form(&ana, "/do/account/delete", &[("password", "correct horse battery")]).await;
    assert!(ana.page("/settings/profile").await.1.contains("You are the only owner of acme"));
    let (now, db) = (Utc::now(), &app.t.db);
    let here = store::Client::at(std::net::Ipv4Addr::LOCALHOST.into());
    assert!(db.end_account(bea.user, "wrong", &here, now).await.is_err());
    db.end_account(bea.user, "correct horse battery", &here, now).await.unwrap();
    db.end_account(solo.user, "correct horse battery", &here, now).await.unwrap();
    assert_eq!(db.delete_due(now + Duration::days(13)).await.unwrap(), (0, 0));
    db.keep_account(bea.user).await.unwrap();
    assert_eq!(db.delete_due(now + Duration::days(15)).await.unwrap(), (1, 1), "the workspace that was theirs alone goes with them");
    assert!(!signs_in(&app, "bea2@acme.test", "correct horse battery").await && signs_in(&app, "bea@acme.test", "correct horse battery").await);
    let left: Vec<(String, String)> = app.t.fingerprint(solo.workspace).await;
    let empty = "d41d8cd98f00b204e9800998ecf8427e";
    assert_eq!(left.iter().filter(|t| t.1 != empty).count(), 0, "{left:?}");
    // The one who changed their mind leaves after all: what they had is the team's.
    db.end_account(bea.user, "correct horse battery", &here, now).await.unwrap();
    assert_eq!(db.delete_due(now + Duration::days(15)).await.unwrap(), (1, 0));
    let (_, deals) = ana.get("/api/v1/deals").await;
    assert_eq!(deals["data"][0]["title"], "Theirs");
    // Somebody who was removed long ago and whose place another took: their leaving for good leaves the other one alone.
    let cleo = app.t.member("acme", "cleo@acme.test").await;
    let owner = db.owner_of("acme").await.unwrap();
    db.remove_member(&owner, cleo.member, Some(owner.member)).await.unwrap();
    let token = db.invite(&owner, domain::Role::Member, Some(cleo.member)).await.unwrap();
    let dora = db.sign_up_invited("dora@acme.test", "Dora", "correct horse battery", &token).await.unwrap();
    let dora = db.actor(dora.user, dora.workspace, domain::Surface::Web).await.unwrap().unwrap();
    assert_eq!(dora.member, cleo.member);
    let deal = app.t.create(&dora, domain::EntityKind::Deal, json!({"title": "Dora's"})).await;
    sqlx::query("update users set delete_after = now() where id = $1").bind(cleo.user).execute(&mut app.t.raw().await).await.unwrap();
    assert_eq!(db.delete_due(now + Duration::days(15)).await.unwrap(), (1, 0));
    let record = app.t.record(&dora, domain::EntityKind::Deal, deal).await.unwrap();
    assert_eq!(record.text("ownerId"), dora.member.to_string(), "Dora keeps what is hers");
    // A whole workspace, by its owner, who must name it; taken back, and then not.
    form(&ana, "/do/workspace/delete", &[("name", "acm")]).await;
    assert_eq!(db.delete_due(now + Duration::days(15)).await.unwrap(), (0, 0));
    form(&ana, "/do/workspace/delete", &[("name", "acme")]).await;
    assert!(ana.page("/settings/workspace").await.1.contains("Keep the workspace"));
    form(&ana, "/do/workspace/keep", &[]).await;
    assert_eq!(db.delete_due(now + Duration::days(15)).await.unwrap(), (0, 0));
    form(&ana, "/do/workspace/delete", &[("name", "acme")]).await;
    assert_eq!(db.delete_due(now + Duration::days(15)).await.unwrap(), (0, 1));
    assert_eq!(ana.get("/api/v1/deals").await.0, StatusCode::UNAUTHORIZED);
    // Their address is free again: nobody is left who can neither sign in nor sign up.
    app.signed_up("acme").await;
}

#[tokio::test]
async fn everybody_sets_their_own_zone_and_managers_nobody_elses() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let viewer = app.t.member("acme", "bea@acme.test").await;
    let viewer = store::Actor { role: domain::Role::Viewer, ..viewer };
    let set = async |who: &store::Actor, id: uuid::Uuid, fields: serde_json::Value| {
        let version = app.t.record(who, domain::EntityKind::Member, id).await.unwrap().version;
        app.t.edit(who, domain::EntityKind::Member, id, version, fields).await
    };
    assert!(set(&viewer, viewer.member.0, json!({"timeZone": "Asia/Tokyo", "name": "Bea"})).await.is_ok());
    assert!(matches!(set(&viewer, viewer.member.0, json!({"teamId": null, "timeZone": "Asia/Tokyo"})).await, Err(store::StoreError::Denied(_))));
    let owner = app.t.db.owner_of("acme").await.unwrap();
    assert!(matches!(set(&viewer, owner.member.0, json!({"timeZone": "Asia/Tokyo"})).await, Err(store::StoreError::Denied(_))));
    form(&ana, "/do/workspace/save", &[("name", "Acme & Sons"), ("timeZone", "Europe/Berlin"), ("hue", "150")]).await;
    assert!(ana.page("/settings/workspace").await.1.contains("Acme &amp; Sons"));
    form(&ana, "/do/workspace/save", &[("name", "Acme"), ("timeZone", "Mars/Olympus"), ("hue", "150")]).await;
    assert!(ana.page("/settings/workspace").await.1.contains("The time zone must be one such as"));
}

#[tokio::test]
async fn help_is_for_everybody_and_metrics_are_for_whoever_watches_over_it() {
    let app = TestApp::new().await;
    let guest = app.anonymous();
    let (status, html) = guest.page("/help").await;
    assert!(status == StatusCode::OK && html.contains("/help/today") && !html.contains("wasm") && !html.contains("<script"), "{html:.300}");
    let (_, found) = guest.page("/help?q=snooze").await;
    assert!(found.contains("/help/today") && !found.contains("/help/run-the-server"), "{found:.300}");
    assert!(guest.page("/help?q=zzzz").await.1.contains("Nothing in the help matches"));
    assert!(guest.page("/help/today").await.1.contains("<ol>") || guest.page("/help/today").await.1.contains("<ul>"));
    assert_eq!(guest.page("/help/nonsense").await.0, StatusCode::NOT_FOUND);
    guest.page("/healthz").await;
    guest.page("/people/0190b5a0-0000-7000-8000-000000000000").await;
    let ask = async |token: Option<&str>| {
        let request = guest.request(Method::GET, "/metrics");
        let answer = token.into_iter().fold(request, |r, token| r.header("authorization", token)).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    let (status, text) = app.watcher().page("/metrics").await;
    assert_eq!(status, StatusCode::OK);
    for line in [
        "rapport_http_requests_total{",
        "route=\"/healthz\"",
        "rapport_http_request_seconds_bucket",
        "rapport_database_connections{",
        "rapport_waiting{",
    ] {
        assert!(text.contains(line), "{line}");
    }
    assert!(!text.contains("0190b5a0"), "no ids in metrics");
    // A request from this machine may be anybody's: a proxy on it asks for everybody, with or without saying so.
    for token in [None, Some(""), Some("Bearer "), Some("Bearer watch"), Some("Bearer watchfully"), Some("Basic watchful")] {
        assert_eq!(ask(token).await.0, StatusCode::NOT_FOUND, "{token:?}");
    }
    for unset in [None, Some("".into())] {
        let state = server::state::AppState { metrics_token: unset, ..app.state.clone() };
        for token in ["", "Bearer ", "Bearer watchful"] {
            let request = axum::http::Request::get("/metrics").header("authorization", token).body(axum::body::Body::empty()).unwrap();
            let answer = tower::ServiceExt::oneshot(server::router::router(state.clone()), request).await.unwrap();
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{token:?}");
        }
    }
}

/// A new password keeps out whoever knew the old one: every browser, and every program unless it is left in.
#[tokio::test]
async fn a_new_password_ends_sessions_and_with_a_tick_tokens() {
    for (way, tokens) in [("change", false), ("change", true), ("mail", false), ("mail", true), ("command", false), ("command", true)] {
        let app = TestApp::with_mail().await;
        let ana = app.signed_up("acme").await;
        let phone = app.anonymous();
        assert_eq!(form(&phone, "/sign-in", &[("email", "acme@acme.test"), ("password", "correct horse battery")]).await.0, StatusCode::SEE_OTHER);
        let program = Caller { token: Some(app.t.db.create_token("acme@acme.test", "acme").await.unwrap().0), ..app.anonymous() };
        let tick: &[(&str, &str)] = if tokens { &[("tokens", "on")] } else { &[] };
        let ticked = |fields: &[(&'static str, &'static str)]| [fields, tick].concat();
        match way {
            "change" => {
                form(&ana, "/do/account/password", &ticked(&[("old", "correct horse battery"), ("new", "three unrelated words")])).await;
            }
            "mail" => {
                form(&app.anonymous(), "/forgot", &[("email", "acme@acme.test")]).await;
                let link = mails(&app).await[0].1.clone();
                assert!(app.anonymous().page(&link).await.1.contains("Also end my API tokens"));
                form(&app.anonymous(), &link, &ticked(&[("password", "three unrelated words")])).await;
            }
            _ => app.t.db.reset_password(" Acme@acme.test", "three unrelated words", tokens).await.unwrap(),
        }
        assert_eq!(phone.get("/api/v1/contacts").await.0, StatusCode::UNAUTHORIZED, "{way}");
        assert_eq!(ana.get("/api/v1/contacts").await.0 == StatusCode::OK, way == "change", "{way}: only the browser that changed it goes on");
        assert_eq!(program.get("/api/v1/contacts").await.0 == StatusCode::UNAUTHORIZED, tokens, "{way} {tokens}");
        assert!(signs_in(&app, "acme@acme.test", "three unrelated words").await);
    }
}

/// The path of the newest link to an address.
async fn newest(app: &TestApp, to: &str) -> String {
    mails(app).await.into_iter().rev().find(|m| m.0 == to).map(|m| m.1).unwrap_or_default()
}

#[tokio::test]
async fn a_sign_up_is_proved_by_mail_and_tells_nobody_who_has_an_account() {
    let app = TestApp::with_mail().await;
    app.signed_up("acme").await;
    let page = app.anonymous().page("/sign-up").await.1;
    assert!(page.contains("comes by mail") && !page.contains("name=\"password\""), "the rest is asked for behind the link");
    let ask = async |email: &str| {
        let since = std::time::Instant::now();
        let answer = form(&app.anonymous(), "/sign-up", &[("email", email), ("password", "correct horse battery"), ("workspace", "Mine")]).await;
        (answer, since.elapsed().as_millis())
    };
    let (known, known_time) = ask("ACME@acme.test").await;
    let (unknown, unknown_time) = ask("new@acme.test").await;
    assert_eq!(known, unknown, "the same bytes");
    assert!(known.0 == StatusCode::OK && known.2.contains("Look into your mail"));
    assert!(known_time >= 150 && unknown_time >= 150, "neither is faster: {known_time} {unknown_time}");
    let sent: Vec<(String, String)> =
        sqlx::query_as("select address, subject from mails order by created_at, id").fetch_all(&mut app.t.raw().await).await.unwrap();
    assert_eq!(sent[0], ("acme@acme.test".into(), "You have an account already".into()));
    assert_eq!(sent[1], ("new@acme.test".into(), "Finish your account".into()));
    // Nothing is reserved, and a second link works as well until one was used.
    let (users, open): (i64, i64) =
        sqlx::query_as("select (select count(*) from users), (select count(*) from sign_ups)").fetch_one(&mut app.t.raw().await).await.unwrap();
    assert_eq!((users, open), (1, 1));
    let first = newest(&app, "new@acme.test").await;
    ask("new@acme.test").await;
    let link = newest(&app, "new@acme.test").await;
    assert!(first != link && link.starts_with("/sign-up/"), "{first} {link}");
    // Looking at it, as mail programs do, makes nothing.
    assert!(app.anonymous().page(&link).await.1.contains("new@acme.test"));
    let bea = app.anonymous();
    let weak = form(&bea, &link, &[("password", "short"), ("workspace", "Mine")]).await;
    assert!(weak.0 == StatusCode::UNPROCESSABLE_ENTITY && weak.2.contains("8 characters"));
    // Whose address it is, is what the link says, whatever the form says.
    let made = form(&bea, &link, &[("email", "acme@acme.test"), ("password", "three unrelated words"), ("workspace", "Mine")]).await;
    assert_eq!((made.0, made.1.as_str()), (StatusCode::SEE_OTHER, "/"), "{}", made.2);
    assert!(bea.page("/settings/profile").await.1.contains("new@acme.test"));
    assert!(signs_in(&app, "new@acme.test", "three unrelated words").await);
    for used in [&link, &first] {
        assert_eq!(app.anonymous().page(used).await.0, StatusCode::NOT_FOUND);
        assert_eq!(form(&app.anonymous(), used, &[("password", "three unrelated words")]).await.0, StatusCode::NOT_FOUND);
    }
    // A mailbox is not filled by others, and nobody is told that it was not.
    let before = mails(&app).await.len();
    for _ in 0..5 {
        assert_eq!(ask("later@acme.test").await.0, known);
    }
    assert_eq!(mails(&app).await.len(), before + 3);
    let late = newest(&app, "later@acme.test").await;
    sqlx::query("update sign_ups set expires_at = now() - interval '1 second'").execute(&mut app.t.raw().await).await.unwrap();
    assert_eq!(app.anonymous().page(&late).await.0, StatusCode::NOT_FOUND);
    assert_eq!(form(&app.anonymous(), "/sign-up", &[("email", "no address")]).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn joining_is_proved_by_mail_too() {
    let app = TestApp::with_mail().await;
    app.signed_up("acme").await;
    app.signed_up("other").await;
    let owner = app.t.db.owner_of("acme").await.unwrap();
    let invite = async || app.t.db.invite(&owner, domain::Role::Member, None).await.unwrap();
    let token = invite().await;
    let join = format!("/join/{token}");
    let ask = async |email: &str| form(&app.anonymous(), &join, &[("name", "Bea"), ("email", email), ("password", "correct horse battery")]).await;
    let (known, unknown) = (ask("other@other.test").await, ask("bea@acme.test").await);
    assert_eq!(known, unknown);
    assert!(known.0 == StatusCode::OK && known.2.contains("Look into your mail"));
    let (to_known, to_unknown) = (newest(&app, "other@other.test").await, newest(&app, "bea@acme.test").await);
    assert_eq!(to_known, format!("/sign-in?next=%2Fjoin%2F{token}"));
    let bare = to_unknown.split('?').next().unwrap().to_owned();
    assert_eq!(to_unknown, format!("{bare}?join={token}"));
    // The link goes with its invitation alone.
    assert_eq!(app.anonymous().page(&bare).await.0, StatusCode::NOT_FOUND);
    let other = invite().await;
    assert_eq!(app.anonymous().page(&format!("{bare}?join={other}")).await.0, StatusCode::NOT_FOUND);
    assert!(app.anonymous().page(&to_unknown).await.1.contains("Your name"));
    let bea = app.anonymous();
    let fields = [("join", token.as_str()), ("name", "Bea"), ("password", "three unrelated words")];
    assert_eq!(
        form(&bea, &bare, &[("join", token.as_str()), ("name", ""), ("password", "three unrelated words")]).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(form(&bea, &bare, &fields).await.0, StatusCode::SEE_OTHER);
    let (status, members) = bea.get("/api/v1/members").await;
    assert!(status == StatusCode::OK && members.to_string().contains("Bea"));
    assert_eq!(form(&app.anonymous(), &bare, &fields).await.0, StatusCode::NOT_FOUND);
    // Who has an account signs in and joins with a button, without a mail.
    let link = format!("/join/{other}");
    let other = app.anonymous();
    form(&other, "/sign-in", &[("email", "other@other.test"), ("password", "correct horse battery")]).await;
    assert_eq!(form(&other, &link, &[]).await.0, StatusCode::SEE_OTHER);
}
