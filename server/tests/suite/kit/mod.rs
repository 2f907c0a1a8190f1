//! A whole server in the test's own process: real router, real accept loop, real Postgres.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

pub mod html;
#[path = "../../../../app/store/tests/suite/kit/mod.rs"]
mod store_kit;

pub use store_kit::{TestDb, options_of};

use leptos::prelude::LeptosOptions;
use reqwest::{Client, Method, RequestBuilder, StatusCode, redirect::Policy};
use serde_json::{Value, json};
use server::{accept, beside, router::router, state::AppState, supervisor::Supervisor};
use std::time::Duration;
use tokio::net::TcpListener;

pub struct TestApp {
    pub base: String,
    pub t: TestDb,
    pub options: sqlx::postgres::PgConnectOptions,
    pub state: AppState,
}

/// Somebody with a cookie jar or a token.
#[derive(Clone)]
pub struct Caller {
    pub client: Client,
    pub base: String,
    pub token: Option<String>,
}

impl TestApp {
    pub async fn new() -> Self {
        Self::build(|_| {}, accept::Limits::default()).await
    }

    /// The same with waits and limits of its own.
    pub async fn with_limits(limits: accept::Limits) -> Self {
        Self::build(|_| {}, limits).await
    }

    /// A server that sends mail: sign-ups are proved by it.
    pub async fn with_mail() -> Self {
        Self::with(|state| state.mail = true).await
    }

    /// A server behind a proxy on this machine, as it is meant to be run: who asks is what the proxy says.
    pub async fn behind_a_proxy() -> Self {
        Self::with(|state| state.trusted = server::trusted::ranges("loopback").unwrap()).await
    }

    pub async fn with(change: impl FnOnce(&mut AppState)) -> Self {
        Self::build(change, accept::Limits::default()).await
    }

    async fn build(change: impl FnOnce(&mut AppState), limits: accept::Limits) -> Self {
        let t = TestDb::new().await;
        let db = t.db.clone();
        Self::over_with(t, db, Supervisor::default(), change, limits).await
    }

    /// A server that sends mail and reaches the test's database by another way, with what runs beside its requests under `beside`.
    pub async fn over(t: TestDb, db: store::Database, beside: Supervisor) -> Self {
        Self::over_with(t, db, beside, |state| state.mail = true, accept::Limits::default()).await
    }

    async fn over_with(t: TestDb, db: store::Database, beside: Supervisor, change: impl FnOnce(&mut AppState), limits: accept::Limits) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let base = format!("http://{address}");
        let pusher = server::push::Pusher::new(&db, server::egress::Egress::new(false).unwrap(), &base).await.unwrap();
        let mut state = AppState {
            beside: beside.clone(),
            push_key: pusher.public_key().into(),
            pusher,
            db: db.clone(),
            leptos: LeptosOptions::builder().output_name("frontend-test").site_pkg_dir("pkg").build(),
            style: "/pkg/app-test.css".into(),
            secure: false,
            base_url: base.clone().into(),
            import_bytes: 1100 * 1024 * 1024,
            signup: server::config::Signup::Open,
            mail: false,
            password_counts: chrono::Duration::minutes(15),
            metrics_token: Some("watchful".into()),
            trusted: Default::default(),
        };
        change(&mut state);
        beside::start_work(&beside, &db, false);
        tokio::spawn(accept::serve(listener, router(state.clone()), limits, std::future::pending()));
        let options = options_of(&t);
        Self { base, t, options, state }
    }

    pub fn anonymous(&self) -> Caller {
        let client = Client::builder().cookie_store(true).redirect(Policy::none()).timeout(Duration::from_secs(60)).build().unwrap();
        Caller { client, base: self.base.clone(), token: None }
    }

    /// Whoever watches over the server, with the token of `/metrics`.
    pub fn watcher(&self) -> Caller {
        Caller { token: self.state.metrics_token.as_deref().map(str::to_owned), ..self.anonymous() }
    }

    /// A signed-up owner of a new workspace, by cookie.
    pub async fn signed_up(&self, name: &str) -> Caller {
        let caller = self.anonymous();
        let email = format!("{name}@{name}.test");
        let form = [("email", email.as_str()), ("password", "correct horse battery"), ("workspace", name)];
        if self.state.mail {
            let sales = domain::pipelines::template("sales").unwrap();
            self.t.db.sign_up(&email, name, "correct horse battery", name, sales).await.unwrap();
        }
        let path = if self.state.mail { "sign-in" } else { "sign-up" };
        let answer = caller.client.post(format!("{}/{path}", self.base)).form(&form).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{}", answer.text().await.unwrap());
        caller
    }

    /// The same with an API token instead of a cookie.
    pub async fn with_token(&self, name: &str) -> Caller {
        self.signed_up(name).await;
        let token = self.t.db.create_token(&format!("{name}@{name}.test"), name).await.unwrap();
        Caller { token: Some(token.0), ..self.anonymous() }
    }
}

impl Caller {
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request.header("sec-fetch-site", "same-origin"),
        }
    }

    pub async fn get(&self, path: &str) -> (StatusCode, Value) {
        read(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        read(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn create(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.post(path, body).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        answer["data"].clone()
    }

    pub async fn page(&self, path: &str) -> (StatusCode, String) {
        let answer = self.request(Method::GET, path).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    /// Uploads a file and runs its import to the end.
    pub async fn import(&self, name: &str, bytes: Vec<u8>) -> Value {
        let (status, draft) = read(self.request(Method::POST, &format!("/api/v1/imports?fileName={name}")).body(bytes)).await;
        assert_eq!(status, StatusCode::CREATED, "{draft}");
        let id = draft["data"]["id"].as_str().unwrap().to_owned();
        self.run_import(&id).await
    }

    /// Runs the import of a draft to its end.
    pub async fn run_import(&self, id: &str) -> Value {
        let (status, started) = self.post(&format!("/api/v1/imports/{id}/start"), Value::Null).await;
        assert_eq!(status, StatusCode::OK, "{started}");
        for _ in 0..1200 {
            let (_, view) = self.get(&format!("/api/v1/imports/{id}")).await;
            let status = view["data"]["status"].as_str().unwrap().to_owned();
            if status == "done" || status == "failed" {
                return view["data"].clone();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the import did not end");
    }
}

pub async fn read(request: RequestBuilder) -> (StatusCode, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// The least that makes a record of a kind; stages stand in `pipeline`.
pub fn smallest(kind: domain::EntityKind, pipeline: &Value) -> Value {
    match kind.noun() {
        "stage" => json!({"name": "Start", "pipelineId": pipeline}),
        "interaction" => json!({"type": "call"}),
        "view" => json!({"name": "One", "page": "/people"}),
        _ => Value::Object(kind.fields().iter().filter(|f| f.required).map(|f| (f.key.to_owned(), json!("One"))).collect()),
    }
}

/// Sends a form; answers the status, where it leads and the page.
pub async fn form(who: &Caller, path: &str, fields: &[(&str, &str)]) -> (StatusCode, String, String) {
    let answer = who.request(Method::POST, path).form(fields).send().await.unwrap();
    let to = answer.headers().get("location").map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
    (answer.status(), to, answer.text().await.unwrap())
}

/// Makes an invitation and answers the path of its link.
pub async fn invite(who: &Caller, role: &str, member: &str) -> String {
    let (status, to, _) = form(who, "/do/people/invite", &[("role", role), ("member", member)]).await;
    assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/settings/people"));
    let (_, html) = who.page("/settings/people").await;
    let start = html.find("/join/").unwrap_or_else(|| panic!("no link: {}", html.len()));
    html[start..start + 6 + 48].to_owned()
}

/// Somebody new who joined by a link.
pub async fn join(app: &TestApp, link: &str, name: &str) -> Caller {
    let caller = app.anonymous();
    let email = format!("{name}@join.test");
    let (status, to, html) = form(&caller, link, &[("name", name), ("email", &email), ("password", "three unrelated words")]).await;
    assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/"), "{html}");
    caller
}
