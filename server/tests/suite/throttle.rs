//! Throttling: guesses and bulk from one place cost nobody at another place anything; addresses that read the same are one.

use crate::kit::{Caller, TestApp};
use reqwest::{Method, Response, StatusCode};

/// Somebody at an address, as the proxy of the tests tells it.
async fn send(who: &Caller, from: &str, path: &str, fields: &[(&str, &str)]) -> Response {
    who.request(Method::POST, path).header("x-forwarded-for", from).form(fields).send().await.unwrap()
}

async fn tries(who: &Caller, from: &str, email: &str, password: &str) -> StatusCode {
    send(who, from, "/sign-in", &[("email", email), ("password", password)]).await.status()
}

/// The whole seconds that a refusal asks to wait.
fn wait_of(answer: &Response) -> u64 {
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    answer.headers()["retry-after"].to_str().unwrap().parse().unwrap()
}

const RIGHT: &str = "correct horse battery";
const WRONG: &str = "wrong wrong wrong";

#[tokio::test]
async fn a_hundred_wrong_passwords_through_a_proxy_keep_nobody_else_out() {
    let app = TestApp::behind_a_proxy().await;
    app.signed_up("acme").await;
    for n in 0..101 {
        assert_eq!(tries(&app.anonymous(), "203.0.113.1", &format!("made-up-{n}@x.test"), WRONG).await, StatusCode::UNPROCESSABLE_ENTITY, "{n}");
    }
    assert_eq!(tries(&app.anonymous(), "198.51.100.7", "acme@acme.test", RIGHT).await, StatusCode::SEE_OTHER);
    assert_eq!(tries(&app.anonymous(), "203.0.113.1", "acme@acme.test", RIGHT).await, StatusCode::SEE_OTHER, "an office may share the address");
}

#[tokio::test]
async fn guesses_at_an_account_do_not_keep_its_owner_out() {
    let app = TestApp::behind_a_proxy().await;
    let owner = app.signed_up("acme").await;
    app.signed_up("other").await;
    let attacker = app.anonymous();
    for _ in 0..10 {
        assert_eq!(tries(&attacker, "203.0.113.1", "acme@acme.test", WRONG).await, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let refused = send(&attacker, "203.0.113.1", "/sign-in", &[("email", "acme@acme.test"), ("password", RIGHT)]).await;
    let wait = wait_of(&refused);
    assert!((1..=10).contains(&wait), "slowed down, not locked: {wait}");
    assert!(refused.text().await.unwrap().contains("Too many attempts. Try again in"), "a sentence says when");
    // Another address, or the same with a browser that signed in before; and other accounts are not touched.
    assert_eq!(tries(&app.anonymous(), "198.51.100.7", "acme@acme.test", RIGHT).await, StatusCode::SEE_OTHER);
    assert_eq!(tries(&owner, "203.0.113.1", "acme@acme.test", RIGHT).await, StatusCode::SEE_OTHER);
    assert_eq!(tries(&app.anonymous(), "203.0.113.1", "other@other.test", RIGHT).await, StatusCode::SEE_OTHER);
    // From everywhere at once: unknown browsers wait, for a minute at most; the owner's does not.
    let everywhere = (0..110).map(|n| {
        let app = &app;
        async move { tries(&app.anonymous(), &format!("192.0.2.{n}"), "acme@acme.test", WRONG).await }
    });
    let answers = futures::future::join_all(everywhere).await;
    assert!(answers.contains(&StatusCode::TOO_MANY_REQUESTS));
    sqlx::query("update throttle set level = level + 8, at = clock_timestamp() where budget = 'account'")
        .execute(&mut app.t.raw().await)
        .await
        .unwrap();
    let new_place = send(&app.anonymous(), "198.51.100.8", "/sign-in", &[("email", "acme@acme.test"), ("password", RIGHT)]).await;
    assert!(wait_of(&new_place) <= 60);
    assert_eq!(tries(&owner, "198.51.100.9", "acme@acme.test", RIGHT).await, StatusCode::SEE_OTHER);
    // Time heals.
    sqlx::query("update throttle set at = at - interval '3 hours'").execute(&mut app.t.raw().await).await.unwrap();
    assert_eq!(tries(&attacker, "203.0.113.1", "acme@acme.test", RIGHT).await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn guesses_sent_at_once_are_counted_one_by_one() {
    let app = TestApp::new().await;
    app.signed_up("acme").await;
    let guesses = (0..30).map(|_| {
        let app = &app;
        async move { tries(&app.anonymous(), "", "acme@acme.test", WRONG).await }
    });
    let answers = futures::future::join_all(guesses).await;
    let looked_at = answers.iter().filter(|s| **s == StatusCode::UNPROCESSABLE_ENTITY).count();
    assert_eq!((looked_at, answers.len()), (10, 30), "{answers:?}");
    sqlx::query("update throttle set at = clock_timestamp()").execute(&mut app.t.raw().await).await.unwrap();
    // A header of their own does not make them somebody else.
    for n in 0..5 {
        assert_eq!(tries(&app.anonymous(), &format!("203.0.113.{n}"), "acme@acme.test", RIGHT).await, StatusCode::TOO_MANY_REQUESTS);
    }
}

#[tokio::test]
async fn a_known_browser_is_known_for_those_who_signed_in_with_it_and_opens_nothing() {
    let app = TestApp::behind_a_proxy().await;
    let owner = app.signed_up("acme").await;
    let answer = send(&owner, "203.0.113.1", "/sign-in", &[("email", "acme@acme.test"), ("password", RIGHT)]).await;
    let cookies: Vec<&str> = answer.headers().get_all("set-cookie").iter().map(|v| v.to_str().unwrap()).collect();
    let known = cookies.iter().find(|c| c.starts_with("rapport-known=")).expect("a cookie for the browser");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="] {
        assert!(known.contains(part), "{known}");
    }
    let token = known.trim_start_matches("rapport-known=").split(';').next().unwrap();
    let bytes: Vec<Vec<u8>> = sqlx::query_scalar("select token_hash from known_devices").fetch_all(&mut app.t.raw().await).await.unwrap();
    assert!(!bytes.iter().any(|b| b == token.as_bytes()), "hashed at rest");
    // It opens nothing, and for another account it is a stranger's.
    let only = app.anonymous().client.get(format!("{}/deals", app.base)).header("cookie", format!("rapport-known={token}")).send().await.unwrap();
    assert_eq!(only.status(), StatusCode::SEE_OTHER);
    app.signed_up("other").await;
    let with_cookie = async |email: &str, password: &str| {
        let form = [("email", email), ("password", password)];
        let request = app.anonymous().request(Method::POST, "/sign-in").header("x-forwarded-for", "203.0.113.9");
        request.header("cookie", format!("rapport-known={token}")).form(&form).send().await.unwrap().status()
    };
    for _ in 0..11 {
        with_cookie("other@other.test", WRONG).await;
    }
    assert_eq!(with_cookie("other@other.test", RIGHT).await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(with_cookie("acme@acme.test", RIGHT).await, StatusCode::SEE_OTHER);
    // A stolen one has a budget of its own, and ends with a new password.
    for _ in 0..11 {
        with_cookie("acme@acme.test", WRONG).await;
    }
    assert_eq!(with_cookie("acme@acme.test", RIGHT).await, StatusCode::TOO_MANY_REQUESTS);
    let fields = [("old", RIGHT), ("new", "three unrelated words")];
    sqlx::query("update throttle set at = at - interval '3 hours'").execute(&mut app.t.raw().await).await.unwrap();
    assert_eq!(send(&owner, "203.0.113.1", "/do/account/password", &fields).await.status(), StatusCode::SEE_OTHER);
    let left: Vec<Vec<u8>> = sqlx::query_scalar("select token_hash from known_devices").fetch_all(&mut app.t.raw().await).await.unwrap();
    assert!(bytes.iter().all(|b| !left.contains(b)) && left.len() == 2, "the old ones ended, this browser goes on");
}

#[tokio::test]
async fn a_session_left_open_is_no_place_to_guess_from() {
    let app = TestApp::behind_a_proxy().await;
    let owner = app.signed_up("acme").await;
    for (path, right, fields) in [("/do/account/password", RIGHT, ["old", "new"]), ("/do/account/delete", RIGHT, ["password", "x"])] {
        let guess = async |password: &str| send(&owner, "203.0.113.1", path, &[(fields[0], password), (fields[1], "three unrelated words")]).await;
        for n in 0..10 {
            assert_eq!(guess(WRONG).await.status(), StatusCode::SEE_OTHER, "{path} {n}");
        }
        let refused = guess(right).await;
        assert!(wait_of(&refused) > 0 && refused.text().await.unwrap().contains("Try again in"), "{path}");
        assert_eq!(tries(&app.anonymous(), "198.51.100.7", "acme@acme.test", RIGHT).await, StatusCode::SEE_OTHER, "elsewhere nobody waits");
        sqlx::query("update throttle set at = at - interval '3 hours'").execute(&mut app.t.raw().await).await.unwrap();
    }
    let changed = send(&owner, "203.0.113.1", "/do/account/password", &[("old", RIGHT), ("new", "three unrelated words")]).await;
    assert_eq!(changed.status(), StatusCode::SEE_OTHER);
    assert_eq!(tries(&app.anonymous(), "198.51.100.7", "acme@acme.test", "three unrelated words").await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn accounts_are_not_made_in_bulk() {
    let app = TestApp::behind_a_proxy().await;
    let sign_up = async |from: &str, name: String| {
        let form = [("email", format!("{name}@bulk.test")), ("password", RIGHT.to_owned()), ("workspace", name)];
        app.anonymous().request(Method::POST, "/sign-up").header("x-forwarded-for", from).form(&form).send().await.unwrap()
    };
    let mut made = 0;
    let mut refused = None;
    for n in 0..25 {
        let answer = sign_up(&format!("2001:db8:1:2::{n}"), format!("one{n}")).await;
        if answer.status() == StatusCode::SEE_OTHER { made += 1 } else { refused = Some(answer) }
    }
    assert_eq!(made, 20, "a team that starts on one day, and one network of IPv6 is one asker");
    let refused = refused.unwrap();
    assert!(wait_of(&refused) >= 30);
    assert!(refused.text().await.unwrap().contains("Too many attempts. Try again in"));
    assert_eq!(sign_up("2001:db8:1:3::1", "two".into()).await.status(), StatusCode::SEE_OTHER);
    // Without a proxy that is trusted the header is anybody's word.
    let app = TestApp::new().await;
    let mut made = 0;
    for n in 0..25 {
        let form = [("email", format!("n{n}@bulk.test")), ("password", RIGHT.to_owned()), ("workspace", String::new())];
        let request = app.anonymous().request(Method::POST, "/sign-up").header("x-forwarded-for", format!("198.51.100.{n}"));
        made += usize::from(request.form(&form).send().await.unwrap().status() == StatusCode::SEE_OTHER);
    }
    assert_eq!(made, 20);
}

#[tokio::test]
async fn addresses_that_read_the_same_are_one_account() {
    let app = TestApp::new().await;
    app.signed_up("acme").await;
    let sign_up = async |email: &str| {
        let form = [("email", email), ("password", RIGHT), ("workspace", "")];
        let answer = app.anonymous().client.post(format!("{}/sign-up", app.base)).form(&form).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    for email in ["ac\u{200b}me@acme.test", "ＡＣＭＥ@acme.test", "acme@ac\u{ad}me.test"] {
        let (status, html) = sign_up(email).await;
        assert!(status == StatusCode::UNPROCESSABLE_ENTITY && html.contains("has an account already"), "{email:?}");
        assert_eq!(tries(&app.anonymous(), "", email, RIGHT).await, StatusCode::SEE_OTHER, "{email:?}");
    }
    let (status, html) = sign_up("асmе@acme.test").await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && html.contains("several alphabets"), "{html:.300}");
    assert_eq!(tries(&app.anonymous(), "", "a\0@b.co", RIGHT).await, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn accounts_of_older_versions_that_read_the_same_stay_apart() {
    let app = TestApp::new().await;
    app.signed_up("acme").await;
    let mut raw = app.t.raw().await;
    sqlx::query("update users set email_key = null").execute(&mut raw).await.unwrap();
    let twin = "ac\u{200b}me@acme.test";
    sqlx::query("insert into users (id, email, name, password_hash, created_at) select gen_random_uuid(), $1, 'Twin', password_hash, now() + interval '1 day' from users")
        .bind(twin)
        .execute(&mut raw)
        .await
        .unwrap();
    app.t.db.migrate().await.unwrap();
    app.t.db.migrate().await.unwrap();
    assert_eq!(app.t.db.twin_addresses().await.unwrap(), [(twin.to_owned(), "acme@acme.test".to_owned())]);
    let here = store::Client::at(std::net::Ipv4Addr::LOCALHOST.into());
    let one = app.t.db.check_password("acme@acme.test", RIGHT, &here).await.unwrap();
    let other = app.t.db.check_password(twin, RIGHT, &here).await.unwrap();
    assert_ne!(one, other);
    assert_eq!(app.t.db.check_password("a\u{ad}cme@acme.test", RIGHT, &here).await.unwrap(), one);
}

#[tokio::test]
async fn links_and_tokens_that_open_nothing_are_counted_and_good_ones_never_wait() {
    let app = TestApp::behind_a_proxy().await;
    let ana = app.with_token("acme").await;
    let ask = async |path: &str, token: Option<&str>| {
        let request = app.anonymous().request(Method::GET, path).header("x-forwarded-for", "203.0.113.1");
        let request = if let Some(token) = token { request.bearer_auth(token) } else { request };
        request.send().await.unwrap()
    };
    let zeros = "0".repeat(64);
    let paths = ["/reset/x", "/confirm/x", "/join/x", "/sign-up/x", &format!("/s/{zeros}"), &format!("/s/{zeros}/preview.png")];
    for n in 0..60 {
        assert_eq!(ask(paths[n % paths.len()], None).await.status(), StatusCode::NOT_FOUND, "{n}");
    }
    // Full from here on: on a slow machine the budget fills up again while it is spent.
    sqlx::query("update throttle set level = 3000, at = clock_timestamp() + interval '1 minute' where budget = 'link'")
        .execute(&mut app.t.raw().await)
        .await
        .unwrap();
    for path in paths {
        assert!(wait_of(&ask(path, None).await) > 0, "{path}");
    }
    assert_eq!(ask("/api/v1/contacts", Some("rap_wrong")).await.status(), StatusCode::UNAUTHORIZED);
    sqlx::query("update throttle set level = 3000, at = clock_timestamp() + interval '1 minute' where budget = 'token'")
        .execute(&mut app.t.raw().await)
        .await
        .unwrap();
    assert!(wait_of(&ask("/api/v1/contacts", Some("rap_wrong")).await) > 0);
    assert_eq!(ask("/api/v1/contacts", ana.token.as_deref()).await.status(), StatusCode::OK);
    let elsewhere = app.anonymous().request(Method::GET, "/api/v1/contacts").bearer_auth("rap_wrong").send().await.unwrap();
    assert_eq!(elsewhere.status(), StatusCode::UNAUTHORIZED);
}
