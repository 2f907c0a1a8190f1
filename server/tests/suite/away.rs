//! The database is away: refused, cut, silent, or with no connection free. Never "signed out", never a fault of ours, nothing
//! lost, and well again by itself.

use crate::kit::{Caller, TestApp, TestDb};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use server::{
    beside,
    egress::Egress,
    mail::Mailer,
    push::Pusher,
    supervisor::{Policy, Supervisor},
};
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};
use store::Database;
use tokio::{
    net::{UnixListener, UnixStream},
    sync::watch,
};

static NEXT: AtomicU32 = AtomicU32::new(0);

/// Within this time everything is answered while the database is away, pages that ask it twice too.
const SOON: Duration = Duration::from_secs(6);
/// Limit for unauthenticated form posts, whose deadline includes password hashing.
const FORM: Duration = Duration::from_secs(12);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Up,
    /// Connections are closed as soon as they are made.
    Down,
    /// Bytes are taken in and nothing comes back.
    Silent,
}

/// A line to the test's Postgres that can be cut and fall silent.
struct Line {
    state: watch::Sender<(u32, Mode)>,
    folder: PathBuf,
}

impl Line {
    async fn new(t: &TestDb) -> Self {
        let real = crate::kit::options_of(t).get_socket().unwrap().join(".s.PGSQL.5432");
        let folder = std::env::temp_dir().join(format!("rl-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
        std::fs::create_dir_all(&folder).unwrap();
        let listener = UnixListener::bind(folder.join(".s.PGSQL.5432")).unwrap();
        let (state, seen) = watch::channel((0, Mode::Up));
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(near, real.clone(), seen.clone()));
            }
        });
        Self { state, folder }
    }

    async fn database(&self, t: &TestDb, connections: u32) -> Database {
        Database::connect(crate::kit::options_of(t).socket(&self.folder), connections).await.unwrap()
    }

    /// Cuts every connection, and lets new ones come as `mode` says.
    fn cut(&self, mode: Mode) {
        self.state.send_modify(|(cut, m)| {
            *cut += 1;
            *m = mode;
        });
    }

    /// Connections stay open and nothing comes back any more.
    fn fall_silent(&self) {
        self.state.send_modify(|(_, m)| *m = Mode::Silent);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

async fn carry(mut near: UnixStream, real: PathBuf, mut seen: watch::Receiver<(u32, Mode)>) {
    let (mine, mode) = *seen.borrow();
    if mode == Mode::Down {
        return;
    }
    let Ok(mut far) = UnixStream::connect(real).await else { return };
    let mut over = seen.clone();
    if mode == Mode::Up {
        tokio::select! {
            _ = tokio::io::copy_bidirectional(&mut near, &mut far) => return,
            _ = over.wait_for(|(cut, mode)| *cut != mine || *mode == Mode::Silent) => {}
        }
    }
    let _ = seen.wait_for(|(cut, _)| *cut != mine).await;
}

/// A server whose database is at the other end of a line, and its owner by cookie and by token.
struct Scene {
    app: TestApp,
    line: Line,
    cookie: Caller,
    token: Caller,
}

async fn scene(connections: u32) -> Scene {
    let t = TestDb::new().await;
    let line = Line::new(&t).await;
    let db = line.database(&t, connections).await;
    let app = TestApp::over(t, db, Supervisor::default()).await;
    let cookie = app.signed_up("acme").await;
    let token = app.t.db.create_token("acme@acme.test", "acme").await.unwrap();
    let token = Caller { token: Some(token.0), ..app.anonymous() };
    Scene { app, line, cookie, token }
}

/// Every way into the server that asks the database, and the name it goes by.
fn ways(s: &Scene) -> Vec<(&'static str, RequestBuilder)> {
    let (cookie, token) = (&s.cookie, &s.token);
    let form = [("id", uuid::Uuid::now_v7().to_string()), ("command_id", uuid::Uuid::now_v7().to_string()), ("firstName", "Ana".into())];
    let file = reqwest::multipart::Part::bytes(b"First name\nAna\n".to_vec()).file_name("a.csv");
    let sign_in = [("email", "acme@acme.test"), ("password", "correct horse battery")];
    let sign_up = [("email", "new@acme.test"), ("password", "correct horse battery"), ("workspace", "New")];
    let stranger = |method: Method, path: &str| s.app.anonymous().request(method, path);
    vec![
        ("a page", cookie.request(Method::GET, "/people")),
        ("a record's page", cookie.request(Method::GET, "/people/0192f000-0000-7000-8000-000000000000")),
        ("settings", cookie.request(Method::GET, "/settings/people")),
        ("an unknown page", cookie.request(Method::GET, "/nowhere")),
        ("signing in, shown", cookie.request(Method::GET, "/sign-in")),
        ("signing in", stranger(Method::POST, "/sign-in").form(&sign_in)),
        ("signing up", stranger(Method::POST, "/sign-up").form(&sign_up)),
        ("signing out", cookie.request(Method::POST, "/sign-out")),
        ("an invitation", stranger(Method::GET, "/join/abc")),
        ("a link of a mail", stranger(Method::GET, "/reset/abc")),
        ("a forgotten password", stranger(Method::POST, "/forgot").form(&[("email", "acme@acme.test")])),
        ("a plain form", cookie.request(Method::POST, "/do/save/contact").form(&form)),
        ("a form of the settings", cookie.request(Method::POST, "/do/people/invite").form(&[("role", "member")])),
        ("another workspace", cookie.request(Method::POST, "/do/account/workspace").form(&[("workspace", uuid::Uuid::now_v7().to_string())])),
        (
            "a new password",
            cookie.request(Method::POST, "/do/account/password").form(&[("old", "correct horse battery"), ("new", "another horse battery")]),
        ),
        ("an upload", cookie.request(Method::POST, "/import/upload").multipart(reqwest::multipart::Form::new().part("file", file))),
        ("an upload by REST", token.request(Method::POST, "/api/v1/imports?fileName=a.csv").body("First name\nAna\n")),
        ("a server function", cookie.request(Method::POST, "/fn/notifications/unread").header("content-type", "application/json").body("{}")),
        ("REST, reading", token.request(Method::GET, "/api/v1/contacts")),
        ("REST, writing", token.request(Method::POST, "/api/v1/contacts").json(&json!({"firstName": "Ana"}))),
        ("REST, by cookie", cookie.request(Method::GET, "/api/v1/contacts")),
        ("the live stream", cookie.request(Method::GET, "/live?after=0")),
        ("a shared page", stranger(Method::GET, &format!("/s/{}", "a".repeat(64)))),
        ("a shared picture", stranger(Method::GET, &format!("/s/{}/preview.png", "a".repeat(64)))),
        ("the workspace's picture", cookie.request(Method::GET, "/workspace/logo")),
    ]
}

/// Not now: 503, when to ask again, and a sentence; no cookie is taken away, nobody is sent elsewhere.
async fn not_now(name: &str, answer: Response, sentence: &str) {
    let (status, headers, path) = (answer.status(), answer.headers().clone(), answer.url().path().to_owned());
    let text = answer.text().await.unwrap();
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{name}: {text}");
    let after: u32 = headers.get("retry-after").unwrap_or_else(|| panic!("{name}: no Retry-After")).to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&after), "{name}: {after}");
    for gone in ["location", "set-cookie", "clear-site-data"] {
        assert!(!headers.contains_key(gone), "{name}: {gone} {:?}", headers.get(gone));
    }
    assert!(text.contains(sentence), "{name}: {text}");
    assert!(!text.contains("reference") && !text.contains("signed out"), "{name}: {text}");
    if path.starts_with("/api") {
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["error"]["code"], "unavailable", "{name}");
    } else if path.starts_with("/fn") {
        let error: app::AppError = serde_json::from_str(&text).unwrap();
        assert!(error.is_temporary(), "{name}: {error:?}");
    }
}

async fn nothing_is_answered_now(s: &Scene, sentence: &str) {
    let asked = ways(s).into_iter().map(|(name, request)| async move {
        let since = Instant::now();
        let answer = request.send().await.unwrap();
        let within = if matches!(name, "signing in" | "signing up" | "a forgotten password") { FORM } else { SOON };
        assert!(since.elapsed() < within, "{name} took {:?}", since.elapsed());
        not_now(name, answer, sentence).await;
    });
    futures::future::join_all(asked).await;
}

async fn is_healthy_but_not_ready(s: &Scene, why: &str) {
    let (status, text) = s.app.anonymous().page("/healthz").await;
    assert_eq!((status, text.as_str()), (StatusCode::OK, "ok"));
    let since = Instant::now();
    let (status, text) = s.app.anonymous().page("/readyz").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(text.contains(why) && since.elapsed() < Duration::from_secs(3), "{text} after {:?}", since.elapsed());
}

async fn is_well_again(s: &Scene) {
    // After so long a connection is asked whether it is alive before it is used.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let since = Instant::now();
    while s.app.anonymous().page("/readyz").await.0 != StatusCode::OK {
        assert!(since.elapsed() < Duration::from_secs(10), "never ready again");
    }
    let (status, page) = s.cookie.page("/people").await;
    assert_eq!(status, StatusCode::OK, "still signed in: {page}");
    assert_eq!(s.token.get("/api/v1/contacts").await.0, StatusCode::OK);
}

const AWAY: &str = "The database does not answer at the moment. Try again shortly.";

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_down_is_not_now_for_every_way_in() {
    let s = scene(8).await;
    s.line.cut(Mode::Down);
    nothing_is_answered_now(&s, AWAY).await;
    is_healthy_but_not_ready(&s, "the database").await;
    // A page asks again by itself; a form would be sent as something else.
    let shown = s.cookie.request(Method::GET, "/people").send().await.unwrap();
    assert!(shown.headers().contains_key("refresh") && shown.text().await.unwrap().contains("tries again by itself"));
    let sent = s.cookie.request(Method::POST, "/do/people/invite").form(&[("role", "member")]).send().await.unwrap();
    assert!(!sent.headers().contains_key("refresh") && sent.text().await.unwrap().contains("send it again"));
    s.line.cut(Mode::Up);
    is_well_again(&s).await;
}

/// Nothing was carried out that was answered "not now".
#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_not_now_did_not_happen() {
    let s = scene(8).await;
    let (_, before) = s.token.get("/api/v1/contacts").await;
    s.line.cut(Mode::Down);
    for n in 0..3 {
        let body = json!({"firstName": format!("Ana {n}"), "company": "Not now"});
        assert_eq!(s.token.post("/api/v1/contacts", body).await.0, StatusCode::SERVICE_UNAVAILABLE);
    }
    s.line.cut(Mode::Up);
    is_well_again(&s).await;
    assert_eq!(s.token.get("/api/v1/contacts").await.1, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_falls_silent_is_not_now() {
    let s = scene(40).await;
    s.line.fall_silent();
    nothing_is_answered_now(&s, AWAY).await;
    is_healthy_but_not_ready(&s, "did not answer").await;
    s.line.cut(Mode::Up);
    is_well_again(&s).await;
}

/// A connection that was used a moment ago is not asked whether it is alive, so it is the statement that hangs.
#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_hangs_is_not_now_for_strangers_too() {
    let s = scene(40).await;
    let token = "a".repeat(64);
    let paths = ["/join/abc".to_owned(), "/reset/abc".into(), "/confirm/abc".into(), format!("/s/{token}"), format!("/s/{token}/preview.png")];
    let all = || futures::future::join_all(paths.iter().map(|path| s.app.anonymous().request(Method::GET, path).send()));
    for answer in all().await {
        assert!(answer.unwrap().status().as_u16() < 500);
    }
    s.line.fall_silent();
    let since = Instant::now();
    for (path, answer) in paths.iter().zip(all().await) {
        not_now(path, answer.unwrap(), AWAY).await;
    }
    assert!(since.elapsed() < SOON, "{:?}", since.elapsed());
    s.line.cut(Mode::Up);
    is_well_again(&s).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_without_a_free_connection_is_not_now() {
    let s = scene(6).await;
    let actor = s.app.state.db.owner_of("acme").await.unwrap();
    let mut held = Vec::new();
    let since = Instant::now();
    // Relay and jobs take theirs for moments, the jobs one for good.
    while held.len() < 6 && since.elapsed() < Duration::from_secs(3) {
        if let Ok(tx) = s.app.state.db.begin(&actor, domain::Permission::ViewRecords).await {
            held.push(tx);
        }
    }
    assert!(held.len() >= 5, "{}", held.len());
    nothing_is_answered_now(&s, AWAY).await;
    is_healthy_but_not_ready(&s, "every connection to the database is busy").await;
    drop(held);
    is_well_again(&s).await;
}

/// A session that cannot be written down is "not now" as well, and the cookie stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_cannot_be_written_is_not_now() {
    let s = scene(8).await;
    let mut raw = s.app.t.raw().await;
    let trigger = "create function no_room() returns trigger language plpgsql as $$ begin raise exception 'no room' using errcode = '53100'; end $$;
         create trigger no_room before insert or update or delete on sessions for each row execute function no_room()";
    sqlx::raw_sql(trigger).execute(&mut raw).await.unwrap();
    let form = [("email", "acme@acme.test"), ("password", "correct horse battery")];
    let full = "The disk of the server is full";
    let answer = s.app.anonymous().request(Method::POST, "/sign-in").form(&form).send().await.unwrap();
    not_now("signing in", answer, full).await;
    not_now("signing out", s.cookie.request(Method::POST, "/sign-out").send().await.unwrap(), full).await;
    // Here the session is written after the answer, by the layer of sessions.
    let said = s.cookie.request(Method::POST, "/do/account/keep").send().await.unwrap();
    not_now("a sentence for the next page", said, "The database").await;
    sqlx::raw_sql("drop trigger no_room on sessions").execute(&mut raw).await.unwrap();
    is_well_again(&s).await;
}

/// What the database says when it takes nothing more on, one after the other, said as what it is.
#[tokio::test(flavor = "multi_thread")]
async fn each_reason_has_its_sentence() {
    let s = scene(8).await;
    let mut raw = s.app.t.raw().await;
    for (code, sentence) in [
        ("53100", "The disk of the server is full"),
        ("53200", "The server is overloaded"),
        ("53300", "The server is overloaded"),
        ("55P03", "The server is overloaded"),
        ("58030", "The database does not answer"),
        ("57P01", "The database does not answer"),
    ] {
        let text = format!(
            "create or replace function says() returns trigger language plpgsql as $$ begin raise exception 'no' using errcode = '{code}'; end $$;
             create or replace trigger says before insert on contacts for each row execute function says()"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(&mut raw).await.unwrap();
        let answer = s.token.request(Method::POST, "/api/v1/contacts").json(&json!({"firstName": "Ana"})).send().await.unwrap();
        not_now(code, answer, sentence).await;
    }
    sqlx::raw_sql("drop trigger says on contacts").execute(&mut raw).await.unwrap();
    s.token.create("/api/v1/contacts", json!({"firstName": "Ana"})).await;
}

/// Writers that try again as they are told to, while their connections are cut under them: everything that was said yes to is
/// there once, and whoever is signed in stays so.
#[tokio::test(flavor = "multi_thread")]
async fn connections_cut_under_load_lose_nothing_and_double_nothing() {
    let s = Arc::new(scene(8).await);
    let (stop, other, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let writers: Vec<_> = (0..4)
        .map(|w| {
            let (s, stop, other, written) = (s.clone(), stop.clone(), other.clone(), written.clone());
            tokio::spawn(async move {
                let mut yes = 0;
                while !stop.load(Ordering::Relaxed) {
                    let body = json!({"firstName": format!("W{w}"), "lastName": yes.to_string()});
                    let request = s.token.request(Method::POST, "/api/v1/contacts").header("idempotency-key", format!("{w}-{yes}")).json(&body);
                    // A line to the server that ends is no answer either: the same request goes again.
                    let Ok(answer) = request.send().await else { continue };
                    match answer.status() {
                        StatusCode::CREATED => {
                            yes += 1;
                            written.fetch_add(1, Ordering::Relaxed);
                        }
                        StatusCode::SERVICE_UNAVAILABLE => {
                            other.fetch_add(1, Ordering::Relaxed);
                        }
                        status => panic!("{status}"),
                    }
                    if yes % 5 == 0 {
                        let Ok(answer) = s.cookie.request(Method::GET, "/api/v1/contacts?limit=1").send().await else { continue };
                        assert!(matches!(answer.status(), StatusCode::OK | StatusCode::SERVICE_UNAVAILABLE), "{}", answer.status());
                    }
                }
                yes
            })
        })
        .collect();
    let mut raw = s.app.t.raw().await;
    // As often as it takes to see both: a slow machine writes little between two cuts.
    let enough = |round| round >= crate::program::rounds(20, 600) && written.load(Ordering::Relaxed) > 40 && other.load(Ordering::Relaxed) > 0;
    for round in (0..).take_while(|round| !enough(*round) && *round < 5_000) {
        tokio::time::sleep(Duration::from_millis(u64::from(30 + round * 137 % 700))).await;
        if round % 2 == 0 {
            s.line.cut(Mode::Up);
        } else {
            let all = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
            sqlx::query(all).execute(&mut raw).await.unwrap();
        }
    }
    stop.store(true, Ordering::Relaxed);
    let mut yes = 0;
    for writer in writers {
        yes += writer.await.unwrap();
    }
    is_well_again(&s).await;
    let (all, different): (i64, i64) =
        sqlx::query_as("select count(*), count(distinct (first_name, last_name)) from contacts").fetch_one(&mut raw).await.unwrap();
    let left = other.load(Ordering::Relaxed);
    assert!(yes > 40 && left > 0, "{yes} written, {left} not now");
    assert!(all == different && all >= yes && all <= yes + 4, "{yes} were confirmed, {all} are there, {different} different");
    // The background tasks were cut as well, and are reported until each has run for `Policy::settled` after its last pause.
    let since = Instant::now();
    let slowest = Policy::default().longest + Policy::default().settled;
    while s.app.anonymous().page("/healthz").await.0 != StatusCode::OK {
        assert!(since.elapsed() < slowest + SOON, "{:?} is down", s.app.state.beside.ailing());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let done = s.token.import("people.csv", b"First name,E-mail\nAna,ana@x.test\nBea,bea@x.test\n".to_vec()).await;
    assert_eq!(done["created"], 2, "{done}");
}

/// Whatever runs beside the requests: here is the list, and none of it stays down after a panic.
#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_anything_beside_the_requests_is_started_again() {
    let t = TestDb::new().await;
    // Each is tripped again within a second: that must count as well in between, or the pause grows as for a task that is ill.
    let supervisor = Supervisor::new(Policy { settled: Duration::from_millis(200), ..Policy::default() });
    let db = t.db.clone();
    let app = TestApp::over(t, db.clone(), Supervisor::default()).await;
    app.state.beside.stop();
    let pusher = Pusher::new(&db, Egress::new(false).unwrap(), "http://x.test").await.unwrap();
    let mailer = Mailer::new("smtp://127.0.0.1:1", "a@x.test", "http://x.test").unwrap();
    beside::start(&supervisor, &db, true, &pusher, Some(mailer), None);
    assert_eq!(supervisor.names(), ["chores", "jobs", "mail", "memory", "push", "relay"]);
    let token = app.with_token("acme").await;
    let mut news = db.hub().subscribe();
    let mut position = 0;
    for round in 0..crate::program::rounds(2, 8) {
        for name in supervisor.names() {
            let before = supervisor.starts(name);
            supervisor.trip(name);
            // Written while it is down: the relay goes on where it was.
            let made = token.create("/api/v1/contacts", json!({"firstName": format!("{name} {round}")})).await;
            let since = Instant::now();
            while supervisor.starts(name) <= before {
                assert!(since.elapsed() < Duration::from_secs(5), "{name} is not started again");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let made: uuid::Uuid = made["id"].as_str().unwrap().parse().unwrap();
            loop {
                let told = tokio::time::timeout(Duration::from_secs(5), news.recv()).await.unwrap_or_else(|_| panic!("{name}: nothing heard"));
                let message = told.unwrap().message.clone();
                assert!(message.position > position, "{name}: heard twice");
                position = message.position;
                if message.id == made {
                    break;
                }
            }
        }
    }
    assert_eq!(supervisor.ailing(), None);
    let done = token.import("people.csv", b"First name,E-mail\nAna,ana@x.test\n".to_vec()).await;
    assert_eq!(done["created"], 1, "{done}");
}

#[tokio::test(flavor = "multi_thread")]
async fn healthz_names_what_is_down() {
    let t = TestDb::new().await;
    let db = t.db.clone();
    let quick = Policy { first: Duration::from_millis(5), ailing: Duration::from_millis(20), ends: u32::MAX, ..Policy::default() };
    let app = TestApp::over(t, db, Supervisor::new(quick)).await;
    assert_eq!(app.anonymous().page("/healthz").await.0, StatusCode::OK);
    app.state.beside.run("doomed", || async { Err("no".into()) });
    let since = Instant::now();
    loop {
        let (status, text) = app.anonymous().page("/healthz").await;
        if status == StatusCode::SERVICE_UNAVAILABLE {
            assert_eq!(text, "the task “doomed” is down");
            break;
        }
        assert!(since.elapsed() < Duration::from_secs(5));
    }
}
