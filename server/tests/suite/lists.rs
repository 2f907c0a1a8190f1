//! Lists and figures over REST: orders, filters, periods; every figure has its records behind it.

use crate::kit::{Caller, TestApp};
use reqwest::StatusCode;
use serde_json::{Value, json};

/// Every page of a list, two rows at a time.
async fn all(caller: &Caller, path: &str) -> Vec<Value> {
    let mut rows = Vec::new();
    let mut after = String::new();
    loop {
        let join = if path.contains('?') { '&' } else { '?' };
        let (status, page) = caller.get(&format!("{path}{join}limit=2&after={after}")).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        rows.extend(page["data"].as_array().unwrap().iter().cloned());
        match page["page"]["next"].as_str() {
            Some(next) => after = next.into(),
            None => return rows,
        }
    }
}

fn texts<'a>(rows: &'a [Value], key: &str) -> Vec<&'a str> {
    rows.iter().map(|r| r[key].as_str().unwrap()).collect()
}

#[tokio::test]
async fn con_03_people_and_companies_come_in_every_order_page_by_page() {
    let app = TestApp::new().await;
    let ana = app.with_token("acme").await;
    for (name, warmth) in [("Dora", 3), ("Bea", 9), ("Carl", 3), ("Ada", 0), ("Eve", 5)] {
        let made = ana.create("/api/v1/contacts", json!({"firstName": name, "warmnessScore": warmth})).await;
        if matches!(name, "Ada" | "Bea") {
            ana.create("/api/v1/interactions", json!({"type": "call", "contactId": made["id"]})).await;
        }
    }
    assert_eq!(texts(&all(&ana, "/api/v1/contacts").await, "fullName"), ["Ada", "Bea", "Carl", "Dora", "Eve"]);
    // Never contacted first, then the longest ago: Bea's call was before Ada's.
    assert_eq!(texts(&all(&ana, "/api/v1/contacts?sort=attention").await, "fullName"), ["Dora", "Carl", "Eve", "Bea", "Ada"]);
    assert_eq!(texts(&all(&ana, "/api/v1/contacts?sort=-created").await, "fullName"), ["Eve", "Ada", "Carl", "Bea", "Dora"]);
    assert_eq!(texts(&all(&ana, "/api/v1/contacts?sort=-warmth").await, "fullName"), ["Bea", "Eve", "Carl", "Dora", "Ada"]);
    for (name, employees) in [("Small", json!(3)), ("Unknown", Value::Null), ("Large", json!(900))] {
        ana.create("/api/v1/companies", json!({"name": name, "employeeCount": employees})).await;
    }
    assert_eq!(texts(&all(&ana, "/api/v1/companies?sort=-employees").await, "name"), ["Large", "Small", "Unknown"]);
    // A wrong order is named, and a page mark of another order is no server's fault.
    let (status, wrong) = ana.get("/api/v1/contacts?sort=shoe").await;
    assert_eq!((status, wrong["error"]["fields"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("sort")));
    let (_, page) = ana.get("/api/v1/contacts?limit=1").await;
    let (status, _) = ana.get(&format!("/api/v1/contacts?sort=attention&after={}", page["page"]["next"].as_str().unwrap())).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

/// DSH-05: by month what was won, what is expected of open deals by value × probability, and at best.
#[tokio::test]
async fn dsh_05_the_forecast_adds_up_over_the_filters_of_the_board() {
    let app = TestApp::new().await;
    let ana = app.with_token("acme").await;
    let (_, first) = ana.get("/api/v1/forecast").await;
    let day: chrono::NaiveDate = first["data"]["day"].as_str().unwrap().parse().unwrap();
    let month = |n: u32| domain::forecast::month(day, n);
    let code = |n: u32| month(n).format("%Y-%m").to_string();
    let deal = async |title: &str, value: Value, expected: Option<chrono::NaiveDate>, probability: i32| {
        let body = json!({"title": title, "value": value, "expectedCloseDate": expected, "probability": probability});
        ana.create("/api/v1/deals", body).await["id"].as_str().unwrap().to_owned()
    };
    deal("This month", json!("1000"), Some(month(1) - chrono::Days::new(1)), 50).await;
    let second = deal("Next month", json!("300.50"), Some(month(1)), 33).await;
    deal("Nothing said", Value::Null, Some(month(1)), 90).await;
    deal("Past", json!("7"), Some(month(0) - chrono::Days::new(1)), 10).await;
    deal("Far", json!("8"), Some(month(6)), 10).await;
    deal("Some day", json!("9"), None, 10).await;
    let won = deal("Won", json!("400"), Some(month(3)), 20).await;
    let lost = deal("Lost", json!("5000"), Some(month(0)), 20).await;
    let stages = ana.get("/api/v1/board").await.1["data"]["pipeline"]["stages"].clone();
    let stage = |name: &str| stages.as_array().unwrap().iter().find(|s| s["name"] == name).unwrap()["id"].clone();
    for (id, to) in [(&won, "Closed Won"), (&lost, "Closed Lost")] {
        let request = ana.request(reqwest::Method::POST, &format!("/api/v1/deals/{id}/move")).header("if-match", "1");
        assert_eq!(request.json(&json!({"stageId": stage(to)})).send().await.unwrap().status(), StatusCode::OK);
    }
    let read = async |filter: &str| {
        let (status, answer) = ana.get(&format!("/api/v1/forecast{filter}")).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer["data"]["periods"].as_array().unwrap().clone()
    };
    let periods = read("").await;
    let order: Vec<&str> = periods.iter().map(|p| p["period"].as_str().unwrap()).collect();
    assert_eq!(order, domain::forecast::periods(day));
    let figures = |all: &[Value], period: &str| {
        let p = all.iter().find(|p| p["period"] == period).unwrap();
        ["open", "won", "wonMinor", "weightedMinor", "bestMinor", "withoutValue"].map(|k| p[k].as_i64().unwrap())
    };
    // What was won counts in the month it was won in, whatever had been expected.
    assert_eq!(figures(&periods, &code(0)), [1, 1, 40_000, 90_000, 140_000, 0]);
    // 30,050 × 33 % is 9,916.5: half up.
    assert_eq!(figures(&periods, &code(1)), [2, 0, 0, 9_917, 30_050, 1]);
    assert_eq!(figures(&periods, "past"), [1, 0, 0, 70, 700, 0]);
    assert_eq!(figures(&periods, "later"), [1, 0, 0, 80, 800, 0]);
    assert_eq!(figures(&periods, "undated"), [1, 0, 0, 90, 900, 0]);
    assert_eq!(figures(&periods, &code(3)), [0; 6], "the lost one is nowhere, the won one not where it was expected");
    let next = periods.iter().find(|p| p["period"] == code(1).as_str()).unwrap();
    assert_eq!(next["cards"].as_array().unwrap().len(), 2);
    // The filters of the board narrow it: figures and cards.
    let open = read("?status=open").await;
    assert_eq!(figures(&open, &code(0)), [1, 0, 0, 50_000, 100_000, 0]);
    let found = read("?q=next").await;
    assert_eq!(figures(&found, &code(1)), [1, 0, 0, 9_917, 30_050, 0]);
    assert_eq!(figures(&found, &code(0)), [0; 6]);
    // A day changed moves it.
    let request = ana.request(reqwest::Method::PATCH, &format!("/api/v1/deals/{second}")).header("if-match", "1");
    assert_eq!(request.json(&json!({"expectedCloseDate": month(2)})).send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(figures(&read("").await, &code(2)), [1, 0, 0, 9_917, 30_050, 0]);
}

#[tokio::test]
async fn dsh_01_figures_of_a_period_have_their_records_behind_them() {
    let app = TestApp::new().await;
    let ana = app.with_token("acme").await;
    let (_, board) = ana.get("/api/v1/board").await;
    let stages = board["data"]["pipeline"]["stages"].as_array().unwrap().clone();
    let stage = |name: &str| stages.iter().find(|s| s["name"] == name).unwrap()["id"].clone();
    for (title, value, to) in [("A", "100", Some("Closed Won")), ("B", "40", Some("Closed Lost")), ("C", "60", Some("Proposal")), ("D", "10", None)] {
        let deal = ana.create("/api/v1/deals", json!({"title": title, "value": value})).await;
        if let Some(to) = to {
            let path = format!("/api/v1/deals/{}/move", deal["id"].as_str().unwrap());
            let (status, moved) = ana.post(&path, json!({"stageId": stage(to)})).await;
            assert_eq!(status, StatusCode::OK, "{moved}");
        }
    }
    let day = |n: i64| (chrono::Utc::now() + chrono::Duration::days(n)).format("%Y-%m-%d").to_string();
    let (_, now) = ana.get(&format!("/api/v1/analytics?from={}&to={}", day(-1), day(1))).await;
    let sales = &now["data"]["sales"];
    assert_eq!((&sales["totalDeals"], &sales["wonDeals"], &sales["lostDeals"], &sales["openDeals"]), (&json!(4), &json!(1), &json!(1), &json!(2)));
    assert_eq!((&sales["wonValue"], &sales["winRate"]), (&json!(100.0), &json!(50.0)));
    assert_eq!((&now["data"]["previous"]["totalDeals"], &now["data"]["previous"]["wonValue"]), (&json!(0), &json!(0.0)));
    let (_, long_ago) = ana.get("/api/v1/analytics?from=2001-01-01&to=2001-12-31").await;
    assert_eq!((&long_ago["data"]["sales"]["wonDeals"], &long_ago["data"]["sales"]["openDeals"]), (&json!(0), &json!(2)));
    assert!(ana.get("/api/v1/analytics").await.1["data"]["previous"].is_null());
    // Behind the figures: the deals closed in the days, and those that came as far as a stage.
    let won = all(&ana, &format!("/api/v1/deals?status=won&closedFrom={}&closedTo={}", day(-1), day(1))).await;
    assert_eq!(texts(&won, "title"), ["A"]);
    assert!(all(&ana, "/api/v1/deals?status=won&closedTo=2001-12-31").await.is_empty());
    for bar in now["data"]["funnel"].as_array().unwrap() {
        let reached = all(&ana, &format!("/api/v1/deals?reached={}&sort=stage", bar["id"].as_str().unwrap())).await;
        assert_eq!(json!(reached.len()), bar["count"], "{bar}");
    }
    for (path, field) in
        [("analytics?from=yesterday", "from"), ("analytics?from=2026-01-02&to=2026-01-01", "to"), ("deals?closedFrom=x", "closedFrom")]
    {
        let (status, wrong) = ana.get(&format!("/api/v1/{path}")).await;
        assert_eq!((status, wrong["error"]["fields"][0]["field"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some(field)), "{path}");
    }
}

#[tokio::test]
async fn search_finds_records_of_every_kind_by_name() {
    let app = TestApp::new().await;
    let ana = app.with_token("acme").await;
    ana.create("/api/v1/contacts", json!({"firstName": "Maria", "lastName": "Globovsky"})).await;
    ana.create("/api/v1/contacts", json!({"firstName": "Globa"})).await;
    ana.create("/api/v1/contacts", json!({"firstName": "Tom", "emails": ["tom@glob.test"]})).await;
    ana.create("/api/v1/companies", json!({"name": "Globex"})).await;
    ana.create("/api/v1/deals", json!({"title": "GLOBEX renewal"})).await;
    ana.create("/api/v1/tasks", json!({"title": "Write to globex"})).await;
    ana.create("/api/v1/notes", json!({"body": "Globex likes tea"})).await;
    let titles = async |q: &str| -> Vec<String> {
        let (status, found) = ana.get(&format!("/api/v1/search?q={q}")).await;
        assert_eq!(status, StatusCode::OK, "{found}");
        found["data"].as_array().unwrap().iter().map(|h| format!("{}: {}", h["kind"].as_str().unwrap(), h["title"].as_str().unwrap())).collect()
    };
    let all = [
        "contact: Globa",
        "contact: Maria Globovsky",
        "contact: Tom",
        "company: Globex",
        "deal: GLOBEX renewal",
        "task: Write to globex",
        "note: Globex likes tea",
    ];
    assert_eq!(titles("%20GLOB%20").await, all);
    assert_eq!(titles("renew").await, ["deal: GLOBEX renewal"]);
    assert!(titles("").await.is_empty() && titles("%25").await.is_empty() && titles("_").await.is_empty());
}

/// Leptos holds back every resource of the process while it looks for routes: seen as a page that never came.
#[tokio::test]
async fn pages_answer_while_another_router_is_made() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let (state, done) = (app.state.clone(), std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false)));
    let over = done.clone();
    let runtime = tokio::runtime::Handle::current();
    let making = std::thread::spawn(move || {
        let _inside = runtime.enter();
        while !over.load(std::sync::atomic::Ordering::Relaxed) {
            drop(server::router::router(state.clone()));
        }
    });
    for _ in 0..40 {
        let page = tokio::time::timeout(std::time::Duration::from_secs(20), ana.page("/settings/profile")).await.expect("the page comes");
        assert_eq!(page.0, StatusCode::OK);
    }
    done.store(true, std::sync::atomic::Ordering::Relaxed);
    making.join().unwrap();
}
