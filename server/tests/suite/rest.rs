//! REST: the envelope, versions, idempotency, who may, and what bad input gets.

use crate::kit::{TestApp, read, smallest};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

#[tokio::test]
async fn con_01_a_contact_takes_the_names_of_all_sources() {
    let app = TestApp::new().await;
    let ana = app.with_token("acme").await;
    let contact = ana.create("/api/v1/contacts", json!({"fullName": "Bea van Dyk", "email": "BEA@globex.test", "phone": "+1 555 0100", "company": "Globex", "title": "CTO", "warmnessScore": 7})).await;
    assert_eq!(contact["fullName"], "Bea van Dyk");
    assert_eq!(contact["lastName"], "van Dyk");
    assert_eq!(contact["email"], "bea@globex.test");
    assert_eq!(contact["company"], "Globex");
    assert_eq!(contact["jobTitle"], "CTO");
    let (_, companies) = ana.get("/api/v1/companies?q=glob").await;
    assert_eq!(companies["data"][0]["contacts"], 1);
    // The same company by name again is found, not made twice.
    ana.create("/api/v1/contacts", json!({"name": "Cleo", "company": "globex"})).await;
    let (_, companies) = ana.get("/api/v1/companies").await;
    assert_eq!(companies["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn edits_need_a_version_merge_and_conflict() {
    let app = TestApp::new().await;
    let ana = app.with_token("acme").await;
    let contact = ana.create("/api/v1/contacts", json!({"firstName": "Bea"})).await;
    let path = format!("/api/v1/contacts/{}", contact["id"].as_str().unwrap());
    let patch = |version: Option<&str>, body: Value| {
        let request = ana.request(Method::PATCH, &path).json(&body);
        read(match version {
            Some(v) => request.header("if-match", v),
            None => request,
        })
    };
    assert_eq!(patch(None, json!({"jobTitle": "CTO"})).await.0, StatusCode::PRECONDITION_REQUIRED);
    let (status, done) = patch(Some("\"1\""), json!({"jobTitle": "CTO"})).await;
    assert_eq!((status, &done["data"]["version"]), (StatusCode::OK, &json!(2)));
    assert_eq!(patch(Some("1"), json!({"location": "Berlin"})).await.0, StatusCode::OK);
    let (status, clash) = patch(Some("1"), json!({"jobTitle": "CEO"})).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(clash["error"]["message"], "acme changed Job title to “CTO” meanwhile.");
    assert_eq!(patch(Some("abc"), json!({"jobTitle": "CEO"})).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn an_idempotency_key_does_the_thing_once() {
    let app = TestApp::new().await;
    let ana = app.with_token("acme").await;
    let send = |body: Value| read(ana.request(Method::POST, "/api/v1/contacts").header("idempotency-key", "order 66/ä").json(&body));
    let (first, again) = (send(json!({"firstName": "Bea"})).await, send(json!({"firstName": "Bea"})).await);
    assert_eq!(first.0, StatusCode::CREATED);
    assert_eq!(first.1["data"]["id"], again.1["data"]["id"]);
    let (_, list) = ana.get("/api/v1/contacts").await;
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    assert_eq!(send(json!({"firstName": "Eve"})).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn dea_01_a_deal_moves_closes_and_comes_back() {
    let app = TestApp::new().await;
    let ana = app.with_token("acme").await;
    let (_, stages) = ana.get("/api/v1/stages").await;
    let stage = |name: &str| stages["data"].as_array().unwrap().iter().find(|s| s["name"] == name).unwrap()["id"].clone();
    let deal = ana.create("/api/v1/deals", json!({"name": "Enterprise License Deal", "value": 250000, "probabilityPercent": 60, "stageId": stage("Proposal"), "expectedCloseDate": "2024-12-31", "source": "inbound"})).await;
    let id = deal["id"].as_str().unwrap();
    let (_, board) = ana.get("/api/v1/board").await;
    let column = board["data"]["columns"].as_array().unwrap().iter().find(|c| c["count"] == 1).unwrap();
    assert_eq!(column["weightedMinor"], 15_000_000, "SPEC §21 example 3");
    let (status, won) = ana.post(&format!("/api/v1/deals/{id}/move"), json!({"stageId": stage("Closed Won"), "reason": "Price"})).await;
    assert_eq!((status, won["data"]["status"].as_str()), (StatusCode::OK, Some("won")));
    let (_, figures) = ana.get("/api/v1/analytics").await;
    assert_eq!(figures["data"]["sales"]["wonValue"], 250_000.0);
    let (_, events) = ana.get("/api/v1/events?kind=deal&limit=1").await;
    let event = events["data"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(events["data"][0]["verb"], "won");
    assert_eq!(ana.post(&format!("/api/v1/events/{event}/undo"), Value::Null).await.0, StatusCode::OK);
    let (_, back) = ana.get(&format!("/api/v1/deals/{id}")).await;
    assert_eq!((back["data"]["status"].as_str(), back["data"]["probability"].as_i64()), (Some("open"), Some(60)));
    let (_, history) = ana.get(&format!("/api/v1/deals/{id}/history")).await;
    assert_eq!(history["data"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn every_documented_path_wants_a_caller_and_answers_foreign_ids_like_unknown_ones() {
    let app = TestApp::new().await;
    let (victim, thief) = (app.with_token("acme").await, app.with_token("evil").await);
    let (status, document) = app.anonymous().get("/api/openapi.json").await;
    assert_eq!((status, document["openapi"].as_str()), (StatusCode::OK, Some("3.1.0")));
    let contact = victim.create("/api/v1/contacts", json!({"firstName": "Canary-7c1e"})).await;
    let deal = victim.create("/api/v1/deals", json!({"title": "Canary-7c1e", "contactIds": [contact["id"]]})).await;
    let (_, events) = victim.get("/api/v1/events").await;
    let theirs = |path: &str| -> String {
        if path.contains("events") {
            events["data"][0]["id"].as_str().unwrap().to_owned()
        } else if path.contains("deals") {
            deal["id"].as_str().unwrap().to_owned()
        } else {
            contact["id"].as_str().unwrap().to_owned()
        }
    };
    let mut tried = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let verb: Method = method.to_uppercase().parse().unwrap();
            let send = async |caller: &crate::kit::Caller, id: &str| {
                let request = caller.request(verb.clone(), &path.replace("{id}", id)).header("if-match", "1");
                let answer = if verb == Method::GET { request } else { request.body(r#"{"stageId":"00000000-0000-0000-0000-000000000000"}"#) };
                let answer = answer.send().await.unwrap();
                (answer.status(), answer.text().await.unwrap())
            };
            let (status, text) = send(&app.anonymous(), &Uuid::now_v7().to_string()).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{method} {path}: {text}");
            let foreign = send(&thief, &theirs(path)).await;
            assert!(!foreign.1.contains("Canary-7c1e"), "{method} {path} leaks");
            assert_ne!(foreign.0, StatusCode::METHOD_NOT_ALLOWED, "{method} {path} is documented and not there");
            assert!(foreign.0.as_u16() < 500, "{method} {path}: {foreign:?}");
            if path.contains("{id}") {
                assert_eq!(foreign, send(&thief, &Uuid::now_v7().to_string()).await, "{method} {path}");
            }
            tried += 1;
        }
    }
    assert!(tried > 60, "{tried} operations");
}

#[tokio::test]
async fn bad_input_is_told_what_and_where_and_never_breaks_the_server() {
    let app = TestApp::new().await;
    let ana = app.with_token("acme").await;
    // The relay gives what signing up told its place a moment later.
    let unplaced = "select count(*) from outbox where position is null";
    while sqlx::query_scalar::<_, i64>(unplaced).fetch_one(&mut app.t.raw().await).await.unwrap() > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    // The token's last use is written down once a minute.
    assert_eq!(ana.get("/api/v1/contacts").await.0, StatusCode::OK);
    let before = app.t.fingerprint(app.t.db.owner_of("acme").await.unwrap().workspace).await;
    let long = "x".repeat(10_000);
    for (path, body, status, says) in [
        ("/api/v1/contacts", "{".to_owned(), 422, "cannot be read"),
        ("/api/v1/contacts", "[]".into(), 422, "cannot be read"),
        ("/api/v1/contacts", "{}".into(), 422, "First name is needed"),
        ("/api/v1/contacts", format!(r#"{{"firstName":"{long}"}}"#), 422, "10000 characters"),
        ("/api/v1/contacts", r#"{"firstName":"a\u0000b"}"#.into(), 422, "cannot be stored"),
        ("/api/v1/contacts", r#"{"firstName":"A","birthday":"2023-02-30"}"#.into(), 422, "must be a date"),
        ("/api/v1/contacts", r#"{"firstName":"A","companyId":"0190a0b0-0000-7000-8000-000000000000"}"#.into(), 422, "Company was not found"),
        ("/api/v1/contacts", r#"{"firstName":"A","isAdmin":true}"#.into(), 422, "not a field"),
        ("/api/v1/deals", r#"{"title":"A","value":99999999999999999999}"#.into(), 422, "Value is"),
        ("/api/v1/deals", r#"{"title":"A","value":"1e400"}"#.into(), 422, "not an amount"),
        ("/api/v1/deals", r#"{"title":"A","probability":101}"#.into(), 422, "from 0 to 100"),
        ("/api/v1/deals", r#"{"title":"A","stageId":"0190a0b0-0000-7000-8000-000000000000"}"#.into(), 422, "Stage was not found"),
        ("/api/v1/nothing", "{}".into(), 404, "not found"),
        ("/api/v1/deals/17/move", "{}".into(), 404, "not found"),
    ] {
        let (got, answer) = read(ana.request(Method::POST, path).body(body.clone())).await;
        let message = answer["error"]["message"].as_str().unwrap_or_default().to_owned();
        assert_eq!(got.as_u16(), status, "{path} {body:.80}: {answer}");
        assert!(message.contains(says), "{path} {body:.80}: {message}");
    }
    let huge = vec![b'x'; 2 * 1024 * 1024];
    assert_eq!(read(ana.request(Method::POST, "/api/v1/contacts").body(huge)).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    let binary = vec![0xff, 0xfe, 0x00];
    assert_eq!(read(ana.request(Method::POST, "/api/v1/contacts").body(binary)).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    for query in ["limit=0", "limit=201", "limit=x", "after=zz", "after=%00", "status=maybe", "owner=17", "stage=%27%3B"] {
        let (status, answer) = ana.get(&format!("/api/v1/deals?{query}")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{query}: {answer}");
    }
    // A cursor made for another sort order.
    let cursor = domain::Cursor { key: "no number".into(), id: Uuid::now_v7() }.encode();
    assert_eq!(ana.get(&format!("/api/v1/deals?sort=-value&after={cursor}")).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(app.t.fingerprint(app.t.db.owner_of("acme").await.unwrap().workspace).await, before, "something was half-written");
}

/// A page that is still open from another sign-in, or another workspace, changes nothing as whom the cookie means by now.
#[tokio::test]
async fn what_a_page_sends_is_sent_as_whom_it_was_opened_by() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let owner = app.t.db.owner_of("acme").await.unwrap();
    let send = async |member: Uuid| {
        let command = json!({"do": "create", "kind": "task", "id": Uuid::now_v7(), "set": {"title": "Mine"}});
        let body = json!({"envelope": {"id": Uuid::now_v7(), "baseVersion": null, "command": command}, "member": member});
        ana.post("/fn/commands/dispatch", body).await
    };
    assert_eq!(send(Uuid::now_v7()).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(ana.get("/api/v1/tasks").await.1["data"], json!([]));
    let (status, answer) = send(owner.member.0).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
}

/// What only undo may say, and when something happened, cannot be sent: neither as a command of a page nor over REST.
#[tokio::test]
async fn nobody_forges_what_was() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let owner = app.t.db.owner_of("acme").await.unwrap();
    let deal = ana.create("/api/v1/deals", json!({"title": "One"})).await;
    let (id, stage) = (&deal["id"], &deal["stageId"]);
    let (_, stages) = ana.get("/api/v1/stages").await;
    let won = stages["data"].as_array().unwrap().iter().find(|s| s["outcome"] == "won").unwrap()["id"].clone();
    let restore = json!({"at": "restore", "rank": "a0", "probability": 3, "probability_is_manual": true, "closed_at": "2001-02-03T00:00:00Z", "close_reason": "forged"});
    let (_, before) = ana.get("/api/v1/events").await;
    let send = async |command: Value, time: Option<Value>| {
        let mut envelope = json!({"id": Uuid::now_v7(), "baseVersion": null, "command": command});
        if let Some(time) = time {
            envelope["occurredAt"] = time;
        }
        ana.post("/fn/commands/dispatch", json!({"envelope": envelope, "member": owner.member})).await
    };
    let plain = json!({"do": "create", "kind": "task", "id": Uuid::now_v7(), "set": {"title": "Mine"}});
    for (command, time) in [
        (json!({"do": "move_deal", "deal": id, "stage": won, "place": restore, "reason": null}), None),
        (json!({"do": "move_back", "deal": id, "stage": won, "place": restore, "reason": null}), None),
        (json!({"do": "split_tags", "from": id, "into": id, "event": id}), None),
        (json!({"do": "bring_back_stage", "stage": stage, "into": won, "event": id}), None),
        (json!({"do": "hand_over", "from": owner.member, "to": owner.member}), None),
        (plain.clone(), Some(json!("1999-01-01T00:00:00Z"))),
        (json!({"do": "move_deal", "deal": id, "stage": won, "place": {"at": "top"}, "reason": null}), Some(json!("1999-01-01T00:00:00Z"))),
    ] {
        let (status, answer) = send(command.clone(), time).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{command}: {answer}");
    }
    let id = id.as_str().unwrap();
    for (path, body) in [
        (format!("/api/v1/deals/{id}/move"), json!({"stageId": won, "occurredAt": "1999-01-01T00:00:00Z"})),
        (format!("/api/v1/deals/{id}/move"), json!({"stageId": won, "place": restore})),
        ("/api/v1/deals".to_owned(), json!({"title": "Two", "occurredAt": "1999-01-01T00:00:00Z"})),
        ("/api/v1/deals".to_owned(), json!({"title": "Two", "closedAt": "1999-01-01T00:00:00Z"})),
        ("/api/v1/deals".to_owned(), json!({"title": "Two", "openedAt": "1999-01-01T00:00:00Z"})),
        ("/api/v1/interactions".to_owned(), json!({"type": "call", "occurredAt": "1999-01-01T00:00:00Z"})),
    ] {
        let (status, answer) = ana.post(&path, body.clone()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {body}: {answer}");
    }
    // The hidden fields of a form are no way either: what it does not know it does not read.
    let form = [
        ("deal", id),
        ("stage", won.as_str().unwrap()),
        ("command_id", &Uuid::now_v7().to_string()),
        ("place", "restore"),
        ("occurredAt", "1999-01-01T00:00:00Z"),
        ("occurred_at", "1999-01-01T00:00:00Z"),
    ];
    assert_eq!(ana.get("/api/v1/events").await.1, before, "nothing was told");
    assert_eq!(ana.request(Method::POST, "/do/move").form(&form).send().await.unwrap().status(), StatusCode::SEE_OTHER);
    let moved = ana.get(&format!("/api/v1/deals/{id}")).await.1["data"].clone();
    assert!(moved["closedAt"].as_str().unwrap() > "2026", "{moved}");
    // Browsers of earlier versions send an empty one along.
    assert_eq!(send(plain, Some(Value::Null)).await.0, StatusCode::OK);
}

#[tokio::test]
async fn lists_page_by_key_without_gaps_or_doubles() {
    let app = TestApp::new().await;
    let ana = app.with_token("acme").await;
    for i in 0..45 {
        ana.create("/api/v1/deals", json!({"title": format!("Deal {}", i % 7), "value": if i % 3 == 0 { Value::Null } else { json!(i % 5) }})).await;
    }
    for sort in ["-opened", "opened", "-value", "value", "title", "-title", "close", "-close"] {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let (status, page) = ana.get(&format!("/api/v1/deals?limit=10&sort={sort}&after={after}")).await;
            assert_eq!(status, StatusCode::OK, "{sort}: {page}");
            seen.extend(page["data"].as_array().unwrap().iter().map(|d| d["id"].to_string()));
            match page["page"]["next"].as_str() {
                Some(next) => after = next.to_owned(),
                None => break,
            }
        }
        let total = seen.len();
        seen.sort();
        seen.dedup();
        assert_eq!((total, seen.len()), (45, 45), "{sort}");
    }
}

/// What a browser keeps for working without a network is given to whom its page belongs to, and to nobody else; a record in
/// view that is gone takes nothing else along.
#[tokio::test]
async fn the_working_set_is_given_to_whom_the_page_belongs_to() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let owner = app.t.db.owner_of("acme").await.unwrap();
    let made = ana.create("/api/v1/contacts", json!({"firstName": "Keepable"})).await["id"].clone();
    let set = async |member: Uuid, at: &str, whole: bool| ana.post("/fn/sync/working_set", json!({"at": at, "whole": whole, "member": member})).await;
    assert_eq!(set(Uuid::now_v7(), "/", true).await.0, StatusCode::UNAUTHORIZED);
    let (status, all) = set(owner.member.0, "/", true).await;
    assert_eq!(status, StatusCode::OK, "{all}");
    assert!(all.to_string().contains("Keepable") && all.to_string().contains("/fn/today/read"));
    let (status, one) = set(owner.member.0, &format!("/people/{}", made.as_str().unwrap()), false).await;
    assert_eq!((status, one.as_array().unwrap().len()), (StatusCode::OK, 1), "{one}");
    let (status, none) = set(owner.member.0, &format!("/people/{}", Uuid::now_v7()), false).await;
    assert_eq!((status, none), (StatusCode::OK, json!([])));
}

/// Emptying any field that may be empty works, whatever its column holds instead; one that may not says so.
#[tokio::test]
async fn every_field_of_every_kind_can_be_emptied_or_says_why_not() {
    let app = TestApp::new().await;
    let ana = app.with_token("acme").await;
    let pipeline = ana.create("/api/v1/pipelines", json!({"name": "Second", "kind": "custom"})).await["id"].clone();
    let mut tried = 0;
    for kind in domain::EntityKind::ALL {
        let made = ana.create(&format!("/api/v1/{}", kind.plural()), smallest(kind, &pipeline)).await;
        let path = format!("/api/v1/{}/{}", kind.plural(), made["id"].as_str().unwrap());
        for spec in kind.fields() {
            let version = ana.get(&path).await.1["data"]["version"].to_string();
            let (status, answer) = read(ana.request(Method::PATCH, &path).header("if-match", version).json(&json!({spec.key: null}))).await;
            let fine = status == StatusCode::OK || status == StatusCode::UNPROCESSABLE_ENTITY;
            assert!(
                fine && (status == StatusCode::OK || spec.required || spec.create_only || spec.key == "date"),
                "{} of a {}: {status} {answer}",
                spec.key,
                kind.noun()
            );
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried}");
}
