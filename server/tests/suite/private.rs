//! Private is private: what one member keeps for themselves is in nobody else's lists, feed, search, tags, stream or answers,
//! for every kind of record that has an owner.

use crate::kit::{Caller, TestApp, invite, join, read, smallest};
use domain::{EntityKind, FieldKind, FieldSpec};
use reqwest::{Method, StatusCode};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// In every text of everything that is private.
const CANARY: &str = "canary7";
/// Finds it, and is not it: an answer may repeat the question.
const ASKED: &str = "canary";

/// A value with the canary in it, for a field that takes words.
fn sung(spec: &FieldSpec) -> Option<Value> {
    Some(match spec.kind {
        FieldKind::Text(_) | FieldKind::LongText(_) | FieldKind::Suggest(_) => json!(format!("Canary7 {}", spec.key)),
        FieldKind::Url => json!(format!("https://canary7.test/{}", spec.key)),
        FieldKind::Email => json!("canary7@canary7.test"),
        FieldKind::List => json!(["canary7 list"]),
        FieldKind::Tags => json!(["Canary7 tag"]),
        FieldKind::Emails => json!(["canary7@canary7.test"]),
        _ => return None,
    })
}

/// A record of the kind with every text field filled in, about the shared records of `about`.
fn song(kind: EntityKind, about: &Map<String, Value>) -> Value {
    let mut set = smallest(kind, &Value::Null);
    let map = set.as_object_mut().unwrap();
    for spec in kind.fields() {
        if let Some(value) = sung(spec) {
            map.insert(spec.key.into(), value);
        }
        if let Some(id) = about.get(spec.key) {
            map.insert(spec.key.into(), id.clone());
        }
    }
    map.insert("visibility".into(), json!("private"));
    set
}

async fn ok(answer: (StatusCode, Value)) -> Value {
    assert!(answer.0.is_success(), "{answer:?}");
    answer.1["data"].clone()
}

async fn patch(who: &Caller, kind: EntityKind, id: &str, version: &Value, set: Value) -> (StatusCode, Value) {
    let path = format!("/api/v1/{}/{id}", kind.plural());
    read(who.request(Method::PATCH, &path).header("if-match", version.to_string()).json(&set)).await
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Everything somebody can ask for, as method, path and body.
fn questions(shared: &Map<String, Value>, hidden: &[(EntityKind, String)]) -> Vec<(Method, String, Option<Value>)> {
    let mut out: Vec<(Method, String, Option<Value>)> = Vec::new();
    let mut get = |path: String| out.push((Method::GET, path, None));
    for kind in EntityKind::ALL {
        let plural = kind.plural();
        for query in ["limit=200", "limit=200&q=canary", "limit=200&tag=canary7%20tag"] {
            get(format!("/api/v1/{plural}?{query}"));
        }
        get(format!("/api/v1/events?limit=200&kind={}", kind.noun()));
        get(format!("/feed?kind={}", kind.noun()));
        for q in ["", "canary"] {
            get(format!("/fn/records/options?kind={}&q={q}", kind.noun()));
        }
    }
    for (kind, id) in hidden {
        get(format!("/api/v1/{}/{id}", kind.plural()));
        get(domain::paths::record(*kind, id.parse().unwrap()));
        get(format!("/edit/{}/{id}", kind.noun()));
        get(format!("/fn/records/view?kind={}&id={id}", kind.noun()));
        get(format!("/fn/records/name?kind={}&id={id}", kind.noun()));
    }
    for (key, kind) in [("contactId", EntityKind::Contact), ("companyId", EntityKind::Company), ("dealId", EntityKind::Deal)] {
        let id: uuid::Uuid = shared[key].as_str().unwrap().parse().unwrap();
        let page = domain::paths::record(kind, id);
        for tab in ["", "?tab=timeline", "?tab=details", "?tab=tasks", "?tab=notes", "?tab=interactions"] {
            get(format!("{page}{tab}"));
        }
        get(format!("/fn/records/view?kind={}&id={id}", kind.noun()));
        for plural in ["interactions", "tasks", "notes"] {
            get(format!("/api/v1/{plural}?limit=200&{}={id}", key.trim_end_matches("Id")));
        }
    }
    get(format!("/api/v1/deals/{}/history", shared["dealId"].as_str().unwrap()));
    for path in [
        "/api/v1/events?limit=200",
        "/api/v1/dashboard",
        "/api/v1/analytics",
        "/api/v1/forecast",
        "/api/v1/board",
        "/api/v1/search?q=canary",
        "/api/v1/today",
        "/api/v1/contacts/suggested?limit=50",
        "/api/v1/notifications",
        "/api/v1/imports",
        "/",
        "/people",
        "/people?q=canary",
        "/people?group=company",
        "/companies",
        "/deals",
        "/deals?as=list",
        "/deals?group=owner",
        "/deals?group=company",
        "/deals/forecast",
        "/tasks",
        "/tasks?as=board",
        "/feed",
        "/dashboard",
        "/analytics",
        "/notifications",
        "/import",
        "/settings",
        "/settings/tags",
        "/settings/shares",
        "/settings/people",
        "/search?q=canary",
        "/fn/records/people?q=canary",
        "/fn/views/list?page=/people",
        "/fn/search/all?q=canary",
        "/fn/settings/tags?x=1",
        "/fn/today/read?x=1",
        "/fn/dashboard/read?x=1",
        "/fn/notifications/list?x=1",
    ] {
        get(path.into());
    }
    for filter in [json!({}), json!({"q": ASKED})] {
        out.push((Method::POST, "/fn/deals/groups".into(), Some(json!({"filter": filter, "by": "companyId", "with_cards": true}))));
    }
    out.push((Method::POST, "/fn/feed/read".into(), Some(json!({"filter": {"kind": null, "by": "everybody"}, "after": null}))));
    out
}

/// The answer in lower case. A function of the pages takes what stands behind the question mark as a form.
async fn ask(who: &Caller, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, String) {
    let request = match (body, path.split_once('?')) {
        (Some(body), _) => who.request(method, path).json(body),
        (None, Some((function, form))) if path.starts_with("/fn/") => {
            who.request(Method::POST, function).header("content-type", "application/x-www-form-urlencoded").body(form.to_owned())
        }
        _ => who.request(method, path),
    };
    let answer = request.send().await.unwrap();
    (answer.status(), answer.text().await.unwrap().to_lowercase())
}

/// What the live stream has said from the start on.
async fn stream(who: &Caller) -> String {
    use futures::StreamExt;
    let answer = who.request(Method::GET, "/live?after=0").send().await.unwrap();
    let (mut body, mut said) = (answer.bytes_stream(), String::new());
    while let Ok(Some(Ok(chunk))) = tokio::time::timeout(Duration::from_millis(700), body.next()).await {
        said.push_str(&String::from_utf8_lossy(&chunk));
    }
    said
}

struct Stage {
    app: TestApp,
    mia: Caller,
    /// Everybody else, by role.
    others: Vec<(&'static str, Caller)>,
    /// Records everybody sees, by the field that refers to one.
    shared: Map<String, Value>,
    /// Mia's own, one of each kind.
    hidden: Vec<(EntityKind, String)>,
}

/// A workspace of five in which Mia keeps one record of every owned kind for herself, and has changed, put off, moved, deleted
/// and brought back what can be.
async fn stage() -> Stage {
    let app = TestApp::new().await;
    let owner = app.signed_up("acme").await;
    let mut others = Vec::new();
    for role in ["admin", "manager", "member", "viewer"] {
        others.push((role, join(&app, &invite(&owner, role, "").await, role).await));
    }
    let mia = join(&app, &invite(&owner, "member", "").await, "mia").await;
    others.push(("owner", owner));
    let mut shared = Map::new();
    for (key, plural, set) in [
        ("contactId", "contacts", json!({"firstName": "Shared"})),
        ("companyId", "companies", json!({"name": "Shared Ltd"})),
        ("dealId", "deals", json!({"title": "Shared deal"})),
    ] {
        shared.insert(key.into(), mia.create(&format!("/api/v1/{plural}"), set).await["id"].clone());
    }
    let mut hidden = Vec::new();
    for kind in EntityKind::ALL.into_iter().filter(|k| k.is_owned()) {
        let plural = kind.plural();
        let record = mia.create(&format!("/api/v1/{plural}"), song(kind, &shared)).await;
        let id = text(&record["id"]);
        let title = if kind.field(kind.title_column()).is_some() { kind.title_column() } else { kind.fields()[0].key };
        let title = if kind == EntityKind::Interaction { "subject" } else { title };
        let record = ok(patch(&mia, kind, &id, &record["version"], json!({title: "Canary7 changed"})).await).await;
        if kind.field("tags").is_some() {
            ok(patch(&mia, kind, &id, &record["version"], json!({"tags": [format!("Canary7 {}", kind.noun()), "Canary7 tag".to_owned()]})).await)
                .await;
        }
        if matches!(kind, EntityKind::Contact | EntityKind::Task | EntityKind::Deal) {
            ok(mia.post("/api/v1/snoozes", json!({"kind": kind.noun(), "id": id, "until": "2999-01-01"})).await).await;
        }
        let gone = mia.request(Method::DELETE, &format!("/api/v1/{plural}/{id}")).send().await.unwrap();
        assert_eq!(gone.status(), StatusCode::NO_CONTENT);
        ok(mia.post(&format!("/api/v1/{plural}/{id}/restore"), Value::Null).await).await;
        hidden.push((kind, id));
    }
    Stage { app, mia, others, shared, hidden }
}

#[tokio::test]
async fn what_is_private_is_nowhere_for_anybody_else_whatever_its_kind() {
    let Stage { app, mia, others, shared, hidden } = stage().await;
    assert!(hidden.len() >= 7, "{hidden:?}");
    let events: Vec<uuid::Uuid> = {
        let ids: Vec<uuid::Uuid> = hidden.iter().map(|h| h.1.parse().unwrap()).collect();
        sqlx::query_scalar("select id from events where entity_id = any($1)").bind(ids).fetch_all(&mut app.t.raw().await).await.unwrap()
    };
    assert!(events.len() > hidden.len() * 3, "{}", events.len());
    // Mia sees them: what is asked can answer.
    for path in ["/api/v1/events?limit=200", "/feed", "/api/v1/tags", "/api/v1/search?q=canary", "/settings/tags", "/dashboard"] {
        assert!(mia.page(path).await.1.to_lowercase().contains(CANARY), "{path}");
    }
    for path in ["/fn/records/options?kind=contact&q=canary", "/fn/search/all?q=canary", "/fn/views/list?page=/people", "/fn/settings/tags?x=1"] {
        let (status, said) = ask(&mia, Method::GET, path, None).await;
        assert!(status == StatusCode::OK && said.contains(CANARY), "{path}: {status} {said:.200}");
    }
    let said = stream(&mia).await;
    assert!(hidden.iter().all(|(_, id)| said.contains(id.as_str())), "{said}");
    let mut wrong = Vec::new();
    for (role, who) in &others {
        for (method, path, body) in questions(&shared, &hidden) {
            let (status, said) = ask(who, method, &path, body.as_ref()).await;
            assert!(!status.is_server_error(), "{role} {path}: {status} {said:.300}");
            if said.contains(CANARY) {
                let at = said.find(CANARY).unwrap_or_default();
                wrong.push(format!("{role} {path}: …{}…", &said[at.saturating_sub(60)..(at + 60).min(said.len())]));
            }
            for (kind, id) in hidden.iter().filter(|(_, id)| !path.contains(id.as_str())) {
                if said.contains(id.as_str()) {
                    wrong.push(format!("{role} {path}: the id of the {}", kind.noun()));
                }
            }
            if hidden.iter().any(|(_, id)| path.contains(id.as_str())) && path.starts_with("/api") {
                assert_eq!(status, StatusCode::NOT_FOUND, "{role} {path}");
            }
        }
        let said = stream(who).await;
        for (kind, id) in &hidden {
            if said.contains(id.as_str()) {
                wrong.push(format!("{role} /live: {}", kind.noun()));
            }
        }
        for event in &events {
            let (status, said) = who.post(&format!("/api/v1/events/{event}/undo"), Value::Null).await;
            let refused = if *role == "viewer" { StatusCode::FORBIDDEN } else { StatusCode::NOT_FOUND };
            if status != StatusCode::NOT_FOUND && status != refused {
                wrong.push(format!("{role} undo: {status} {said}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} leaks:\n{}", wrong.len(), wrong.join("\n"));
}

/// Members of the workspace by name.
async fn member(who: &Caller, name: &str) -> Value {
    let (_, members) = who.get("/api/v1/members").await;
    members["data"].as_array().unwrap().iter().find(|m| m["name"] == name).unwrap_or_else(|| panic!("no {name}"))["id"].clone()
}

#[tokio::test]
async fn a_private_record_is_given_to_a_colleague_the_same_way_by_page_and_by_program() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let bob = join(&app, &invite(&ana, "member", "").await, "bob").await;
    let (me, him) = (member(&ana, "acme").await, member(&ana, "bob").await);
    for kind in EntityKind::ALL.into_iter().filter(|k| k.is_owned()) {
        let plural = kind.plural();
        let path = |id: &Value| format!("/api/v1/{plural}/{}", id.as_str().unwrap());
        // Made for him: it is there, and the maker knows no more than that.
        let mut set = smallest(kind, &Value::Null);
        set["visibility"] = json!("private");
        set["ownerId"] = him.clone();
        let key = format!("made-{plural}");
        let make = || read(ana.request(Method::POST, &format!("/api/v1/{plural}")).header("idempotency-key", &key).json(&set));
        let (status, answer) = make().await;
        assert_eq!(status, StatusCode::CREATED, "{plural}: {answer}");
        let made = answer["data"].clone();
        assert_eq!(made.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>(), ["id", "version", "visible"], "{made}");
        assert_eq!(made["visible"], false);
        assert_eq!(make().await, (StatusCode::CREATED, answer), "{plural}: the same once more");
        assert_eq!(ana.get(&path(&made["id"])).await.0, StatusCode::NOT_FOUND, "{plural}");
        let (status, his) = bob.get(&path(&made["id"])).await;
        assert_eq!((status, &his["data"]["ownerId"]), (StatusCode::OK, &him), "{plural}");
        // One's own, given away later; and the same command as the page sends it.
        for by_page in [false, true] {
            let mut set = smallest(kind, &Value::Null);
            set["visibility"] = json!("private");
            let own = ana.create(&format!("/api/v1/{plural}"), set).await;
            let (status, answer) = if by_page {
                let command = json!({"do": "edit", "kind": kind.noun(), "id": own["id"], "set": {"ownerId": him}});
                let envelope = json!({"id": uuid::Uuid::now_v7(), "baseVersion": own["version"], "command": command});
                ana.post("/fn/commands/dispatch", json!({"envelope": envelope, "member": me})).await
            } else {
                patch(&ana, kind, own["id"].as_str().unwrap(), &own["version"], json!({"ownerId": him})).await
            };
            assert_eq!(status, StatusCode::OK, "{plural} by page {by_page}: {answer}");
            assert_eq!(ana.get(&path(&own["id"])).await.0, StatusCode::NOT_FOUND, "{plural}");
            let (status, his) = bob.get(&path(&own["id"])).await;
            assert_eq!((status, &his["data"]["ownerId"]), (StatusCode::OK, &him), "{plural}");
        }
    }
    let (_, document) = ana.get("/api/openapi.json").await;
    let created = &document["paths"]["/api/v1/tasks"]["post"]["responses"]["201"]["content"]["application/json"]["schema"]["properties"]["data"];
    assert!(created.to_string().contains("GivenAway"), "{created}");
}

#[tokio::test]
async fn a_shared_record_names_a_private_one_to_nobody_else_in_history_and_conflicts() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let bob = join(&app, &invite(&ana, "member", "").await, "bob").await;
    let company = ana.create("/api/v1/companies", json!({"name": "Canary7 Ltd", "visibility": "private"})).await;
    let person = ana.create("/api/v1/contacts", json!({"firstName": "Canary7", "visibility": "private"})).await;
    let other = ana.create("/api/v1/companies", json!({"name": "Open Ltd"})).await;
    let deal = ana.create("/api/v1/deals", json!({"title": "Shared"})).await;
    let id = text(&deal["id"]);
    let set = json!({"companyId": company["id"], "contactIds": [person["id"]]});
    ok(patch(&ana, EntityKind::Deal, &id, &deal["version"], set).await).await;
    // Both values of a conflict are for those who may see them.
    for set in [json!({"companyId": other["id"]}), json!({"contactIds": []})] {
        let (status, said) = patch(&bob, EntityKind::Deal, &id, &deal["version"], set.clone()).await;
        if set.get("companyId").is_some() {
            assert_eq!(status, StatusCode::CONFLICT, "{said}");
        }
        assert!(!said.to_string().to_lowercase().contains(CANARY), "{said}");
    }
    for path in ["/api/v1/events".to_owned(), "/feed".into(), format!("/deals/{id}"), format!("/edit/deal/{id}"), format!("/api/v1/deals/{id}")] {
        assert!(!bob.page(&path).await.1.to_lowercase().contains(CANARY), "{path}");
    }
    assert!(ana.page("/feed").await.1.to_lowercase().contains(CANARY));
    // The page of the deal says nothing of it, not even an id in place of the name.
    let (_, page) = bob.page(&format!("/deals/{id}?tab=details")).await;
    let body: String = page.split("<script").map(|part| part.split_once("</script>").map_or(part, |p| p.1)).collect();
    assert!(body.contains("Shared") && !body.contains(company["id"].as_str().unwrap()), "an id stands for a name");
}

#[tokio::test]
async fn what_was_told_of_a_record_goes_when_it_becomes_private() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let bob = join(&app, &invite(&ana, "member", "").await, "bob").await;
    let note = ana.create("/api/v1/notes", json!({"body": "Canary7 for @bob"})).await;
    assert!(bob.page("/api/v1/notifications").await.1.contains("Canary7"));
    assert!(bob.page("/notifications").await.1.contains("Canary7"));
    ok(patch(&ana, EntityKind::Note, note["id"].as_str().unwrap(), &note["version"], json!({"visibility": "private"})).await).await;
    for path in ["/api/v1/notifications", "/notifications", "/", "/fn/notifications/unread?x=1"] {
        let said = ask(&bob, Method::GET, path, None).await.1;
        assert!(!said.contains(CANARY) && !said.contains(note["id"].as_str().unwrap()), "{path}");
    }
    let (_, list) = bob.get("/api/v1/notifications").await;
    assert_eq!(list["data"].as_array().unwrap().len(), 0, "{list}");
}

#[tokio::test]
async fn a_tag_is_as_private_as_what_carries_it_and_becomes_everybodys_with_it() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let bob = join(&app, &invite(&ana, "manager", "").await, "bob").await;
    let names = async |who: &Caller| {
        let (_, tags) = who.get("/api/v1/tags").await;
        tags["data"].as_array().unwrap().iter().map(|t| (text(&t["name"]), t["count"].as_i64().unwrap())).collect::<Vec<_>>()
    };
    let own = ana.create("/api/v1/contacts", json!({"firstName": "Bea", "visibility": "private", "tags": ["Canary7", "Other"]})).await;
    assert_eq!(names(&ana).await, [("Canary7".to_owned(), 1), ("Other".to_owned(), 1)]);
    assert_eq!(names(&bob).await, []);
    // Its name is free for others: a refusal would tell of it.
    let made = bob.create("/api/v1/tags", json!({"name": "canary7"})).await;
    assert_eq!(names(&bob).await, [("canary7".to_owned(), 0)]);
    assert_eq!(names(&ana).await, [("canary7".to_owned(), 1), ("Other".to_owned(), 1)], "the private record carries the tag of that name");
    assert_eq!(bob.post("/api/v1/tags", json!({"name": "CANARY7"})).await.0, StatusCode::UNPROCESSABLE_ENTITY, "now it is taken");
    // Typed on a record that everybody sees, it is everybody's, as it is written there.
    bob.create("/api/v1/companies", json!({"name": "Open", "tags": ["other"]})).await;
    assert_eq!(names(&bob).await, [("canary7".to_owned(), 0), ("other".to_owned(), 1)]);
    // A rename onto a hidden name works too.
    let second = ana.create("/api/v1/tasks", json!({"title": "Call", "visibility": "private", "tags": ["Third"]})).await;
    let (status, answer) = patch(&bob, EntityKind::Tag, made["id"].as_str().unwrap(), &made["version"], json!({"name": "Third"})).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let (_, mine) = ana.get(&format!("/api/v1/tasks/{}", text(&second["id"]))).await;
    assert_eq!(mine["data"]["tags"], json!(["Third"]));
    // A company typed on a private record is as private.
    ana.create("/api/v1/contacts", json!({"firstName": "Bea", "visibility": "private", "company": "Canary7 Ltd"})).await;
    assert!(ana.page("/api/v1/companies").await.1.contains("Canary7 Ltd"));
    assert!(!bob.page("/api/v1/companies").await.1.contains("Canary7 Ltd") && !bob.page("/feed").await.1.contains("Canary7 Ltd"));
    // Opened to all, a record shares its tags, and they stay when it loses them.
    let third = ana.create("/api/v1/contacts", json!({"firstName": "Cleo", "visibility": "private", "tags": ["Later"]})).await;
    let id = text(&third["id"]);
    let open = ok(patch(&ana, EntityKind::Contact, &id, &third["version"], json!({"visibility": "workspace"})).await).await;
    ok(patch(&ana, EntityKind::Contact, &id, &open["version"], json!({"tags": []})).await).await;
    assert!(names(&bob).await.contains(&("Later".to_owned(), 0)), "{:?}", names(&bob).await);
    let _ = own;
}

#[tokio::test]
async fn a_file_that_says_who_sees_its_rows_is_looked_into_by_nobody_but_whoever_brought_it() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let bob = join(&app, &invite(&ana, "admin", "").await, "bob").await;
    let file = "First name,E-mail,Visibility,Birthday\nCanary7,canary7@x.test,private,1990-01-01\nCanary7,no,private,Canary7\n";
    let (status, draft) = read(ana.request(Method::POST, "/api/v1/imports?fileName=kept.csv").body(file)).await;
    assert_eq!(status, StatusCode::CREATED, "{draft}");
    let id = text(&draft["data"]["id"]);
    // No header is taken for it: somebody says that this column is.
    let columns = json!({"id": id, "kind": "contacts", "targets": ["firstName", "emails", "visibility", "birthday"]});
    let (status, said) = ana.post("/fn/imports/describe", columns).await;
    assert_eq!(status, StatusCode::OK, "{said}");
    ana.run_import(&id).await;
    let paths =
        [format!("/api/v1/imports/{id}"), "/api/v1/imports".into(), format!("/import/{id}"), "/import".into(), format!("/import/{id}/failed.csv")];
    for path in &paths {
        let told = ana.page(path).await.1.to_lowercase().contains(CANARY);
        assert!(told || path == "/import", "{path}");
        assert!(!bob.page(path).await.1.to_lowercase().contains(CANARY), "{path}");
    }
    // What stayed of an import is listed without the names that not everybody sees.
    let (_, people) = ana.get("/api/v1/contacts").await;
    for person in people["data"].as_array().unwrap() {
        let (_, now) = ana.get(&format!("/api/v1/contacts/{}", text(&person["id"]))).await;
        ok(patch(&ana, EntityKind::Contact, &text(&person["id"]), &now["data"]["version"], json!({"jobTitle": "Canary7"})).await).await;
    }
    let (status, view) = ana.post(&format!("/api/v1/imports/{id}/undo"), Value::Null).await;
    assert!(status == StatusCode::OK && !view["data"]["findings"].to_string().contains("Canary7 "), "{view}");
    for path in &paths {
        assert!(!bob.page(path).await.1.to_lowercase().contains(CANARY), "{path}");
    }
}
