//! What a colleague who means ill tries from within the workspace.

use crate::kit::{Caller, TestApp, invite, join, read};
use domain::EntityKind;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

struct Office {
    app: TestApp,
    owner: Caller,
    anna: Caller,
    cora: Caller,
}

async fn office() -> Office {
    let app = TestApp::new().await;
    let owner = app.signed_up("acme").await;
    let anna = join(&app, &invite(&owner, "member", "").await, "anna").await;
    let cora = join(&app, &invite(&owner, "member", "").await, "cora").await;
    Office { app, owner, anna, cora }
}

fn id(record: &Value) -> &str {
    record["id"].as_str().unwrap()
}

/// Changes a record at its newest version.
async fn set(who: &Caller, path: &str, body: Value) -> (StatusCode, Value) {
    let version = who.get(path).await.1["data"]["version"].to_string();
    read(who.request(Method::PATCH, path).header("if-match", version).json(&body)).await
}

async fn member(who: &Caller, name: &str) -> Value {
    let (_, all) = who.get("/api/v1/members").await;
    all["data"].as_array().unwrap().iter().find(|m| m["name"] == name).unwrap()["id"].clone()
}

/// Sends a command as a page does.
async fn send(app: &TestApp, who: &Caller, name: &str, command: Value, base: Option<i64>) -> (StatusCode, Value) {
    let member = member(who, name).await;
    let _ = app;
    let envelope = json!({"id": Uuid::now_v7(), "baseVersion": base, "command": command});
    who.post("/fn/commands/dispatch", json!({"envelope": envelope, "member": member})).await
}

/// An id names one thing: under that of a record, an import or a share nothing of another kind is made, by whom ever it is seen.
#[tokio::test]
async fn nothing_is_made_under_an_id_that_is_in_use() {
    let Office { app, owner, anna, cora } = office().await;
    let deal = anna.create("/api/v1/deals", json!({"title": "Acquire Foo Inc"})).await;
    let note = anna.create("/api/v1/notes", json!({"body": "About it", "dealId": deal["id"]})).await;
    let import = read(owner.request(Method::POST, "/api/v1/imports?fileName=x.csv").body("name\nOne")).await.1["data"]["id"].clone();
    let share = owner.create("/api/v1/shares", json!({"title": "Board", "shows": ["figures"]})).await["id"].clone();
    let gone = anna.create("/api/v1/companies", json!({"name": "Gone"})).await;
    assert_eq!(read(anna.request(Method::DELETE, &format!("/api/v1/companies/{}", id(&gone)))).await.0, StatusCode::NO_CONTENT);
    assert_eq!(set(&anna, &format!("/api/v1/deals/{}", id(&deal)), json!({"visibility": "private"})).await.0, StatusCode::OK);
    let stage = cora.get("/api/v1/stages").await.1["data"][0]["id"].clone();
    for taken in [&deal["id"], &note["id"], &import, &share, &gone["id"], &stage] {
        for (kind, fields) in [("task", json!({"title": "mine"})), ("contact", json!({"firstName": "Mine"})), ("company", json!({"name": "Mine"}))] {
            let (status, answer) = send(&app, &cora, "cora", json!({"do": "create", "kind": kind, "id": taken, "set": fields}), None).await;
            assert_eq!(status, StatusCode::CONFLICT, "{kind} {taken}: {answer}");
            assert!(!answer.to_string().contains("Foo"), "{answer}");
        }
        let command =
            json!({"do": "create_share", "share": taken, "title": "x", "shows": ["figures"], "token_hash": "0".repeat(64), "expires_at": null});
        let (status, answer) = send(&app, &owner, "acme", command, None).await;
        assert!(status == StatusCode::CONFLICT, "share {taken}: {status} {answer}");
    }
    // The same request again is no second one.
    let own = json!({"do": "create", "kind": "task", "id": Uuid::now_v7(), "set": {"title": "mine"}});
    let envelope = json!({"envelope": {"id": Uuid::now_v7(), "baseVersion": null, "command": own}, "member": member(&cora, "cora").await});
    for _ in 0..2 {
        assert_eq!(cora.post("/fn/commands/dispatch", envelope.clone()).await.0, StatusCode::OK);
    }
}

#[tokio::test]
async fn what_not_everybody_sees_keeps_an_owner() {
    let Office { owner, anna, .. } = office().await;
    for kind in EntityKind::ALL.into_iter().filter(|k| k.is_owned()) {
        let path = format!("/api/v1/{}", kind.plural());
        let body = crate::kit::smallest(kind, &Value::Null);
        let record = anna.create(&path, body.clone()).await;
        let one = format!("{path}/{}", id(&record));
        for visibility in ["private", "team"] {
            assert_eq!(set(&anna, &one, json!({"visibility": visibility})).await.0, StatusCode::OK, "{kind:?}");
            let (status, answer) = set(&anna, &one, json!({"ownerId": null})).await;
            assert_eq!((status, &answer["error"]["fields"][0]["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("ownerId")), "{kind:?}: {answer}");
            assert_eq!(anna.get(&one).await.0, StatusCode::OK, "{kind:?}");
        }
        assert_eq!(set(&anna, &one, json!({"visibility": "workspace", "ownerId": null})).await.0, StatusCode::OK, "{kind:?}");
        assert_eq!(set(&owner, &one, json!({"visibility": "private"})).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{kind:?}");
    }
    // What is logged about it without an owner becomes its owner's.
    let deal = anna.create("/api/v1/deals", json!({"title": "Mine"})).await;
    let task = anna.create("/api/v1/tasks", json!({"title": "Nobody's", "dealId": deal["id"]})).await;
    let task = format!("/api/v1/tasks/{}", id(&task));
    assert_eq!(set(&anna, &task, json!({"ownerId": null})).await.0, StatusCode::OK);
    assert_eq!(set(&anna, &format!("/api/v1/deals/{}", id(&deal)), json!({"visibility": "private"})).await.0, StatusCode::OK);
    assert_eq!(anna.get(&task).await.1["data"]["ownerId"], member(&anna, "anna").await);
    assert_eq!(owner.get(&task).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_share_ends_for_good_with_the_right_to_make_it() {
    let Office { app, owner, .. } = office().await;
    for removed in [true, false] {
        let name = if removed { "mark" } else { "nora" };
        let mark = join(&app, &invite(&owner, "manager", "").await, name).await;
        let path = mark.create("/api/v1/shares", json!({"title": "Board", "shows": ["figures"]})).await["path"].as_str().unwrap().to_owned();
        let link = async || app.anonymous().page(&path).await.0;
        assert_eq!(link().await, StatusCode::OK);
        let who = member(&owner, name).await;
        let fields = |role: &'static str| vec![("member", who.as_str().unwrap().to_owned()), ("role", role.to_owned())];
        let post = async |to: &str, fields: Vec<(&str, String)>| {
            let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
            crate::kit::form(&owner, to, &fields).await
        };
        if removed {
            let heir = member(&owner, "acme").await;
            post("/do/people/remove", vec![("member", who.as_str().unwrap().to_owned()), ("heir", heir.as_str().unwrap().to_owned())]).await;
            assert_eq!(link().await, StatusCode::NOT_FOUND);
            join(&app, &invite(&owner, "manager", who.as_str().unwrap()).await, "successor").await;
        } else {
            post("/do/people/role", fields("member")).await;
            assert_eq!(link().await, StatusCode::NOT_FOUND);
            post("/do/people/role", fields("manager")).await;
        }
        assert_eq!(link().await, StatusCode::NOT_FOUND, "removed: {removed}");
    }
}

/// More than eight bytes hold: the figures stay at the largest number, and nobody loses their pages.
#[tokio::test]
async fn sums_beyond_all_measure_are_answered() {
    let Office { app, owner, anna, .. } = office().await;
    let company = anna.create("/api/v1/companies", json!({"name": "Globex"})).await;
    let deal = anna.create("/api/v1/deals", json!({"title": "Large", "value": "9999999999999", "companyId": company["id"]})).await;
    for status in ["open", "won"] {
        let text = "insert into deals (workspace_id, id, title, value_minor, currency, pipeline_id, stage_id, rank, probability, status, closed_at, owner_id, company_id)
            select workspace_id, gen_random_uuid(), title, value_minor, currency, pipeline_id, stage_id, $3 || lpad(n::text, 6, '0') || '5', 100, $2,
                case when $2 = 'won' then now() end, owner_id, company_id
            from deals, generate_series(1, 10000) n where id = $1";
        sqlx::query(text).bind(id(&deal).parse::<Uuid>().unwrap()).bind(status).bind(&status[..1]).execute(&mut app.t.raw().await).await.unwrap();
    }
    for path in ["/api/v1/dashboard", "/api/v1/board", "/api/v1/forecast", "/api/v1/analytics"] {
        assert_eq!(owner.get(path).await.0, StatusCode::OK, "{path}");
    }
    let page = format!("/companies/{}", id(&company));
    for path in ["/deals", "/deals?group=ownerId", "/deals?as=list", "/deals?as=forecast", "/dashboard", "/analytics", &page] {
        let (status, html) = owner.page(path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert!(!html.contains("cannot be stored"), "{path}");
    }
}

#[tokio::test]
async fn what_is_logged_while_a_record_is_narrowed_is_narrowed_with_it() {
    let Office { anna, cora, owner, .. } = office().await;
    for round in 0..8 {
        let deal = anna.create("/api/v1/deals", json!({"title": "Hot", "ownerId": member(&anna, "anna").await})).await;
        let path = format!("/api/v1/deals/{}", id(&deal));
        let log = async |who: &Caller| {
            let mut made = Vec::new();
            for _ in 0..4 {
                let (status, answer) = who.post("/api/v1/notes", json!({"body": "Seen", "dealId": deal["id"]})).await;
                if status == StatusCode::CREATED {
                    made.push(answer["data"]["id"].clone());
                }
            }
            made
        };
        let (a, b, narrowed) = tokio::join!(log(&cora), log(&owner), async {
            tokio::time::sleep(std::time::Duration::from_millis(round * 7)).await;
            set(&anna, &path, json!({"visibility": "private"})).await
        });
        assert_eq!(narrowed.0, StatusCode::OK, "{}", narrowed.1);
        for note in a.iter().chain(&b) {
            let note = format!("/api/v1/notes/{}", note.as_str().unwrap());
            let seen = [cora.get(&note).await.1["data"]["visibility"].clone(), owner.get(&note).await.1["data"]["visibility"].clone()];
            assert!(!seen.contains(&json!("workspace")), "round {round}: {seen:?}");
        }
    }
}

#[tokio::test]
async fn taking_imports_back_is_one_at_a_time() {
    let Office { app, owner, .. } = office().await;
    let done = owner.import("companies.csv", "name,industry\nOne,retail\n".into()).await;
    let workspace = app.t.db.owner_of("acme").await.unwrap().workspace;
    let mut raw = app.t.raw().await;
    let key = format!("taking-back:{workspace}");
    sqlx::query("select pg_advisory_lock(hashtextextended($1, 0))").bind(&key).execute(&mut raw).await.unwrap();
    let undo = format!("/api/v1/imports/{}/undo", id(&done));
    let (status, answer) = owner.post(&undo, Value::Null).await;
    assert_eq!(status, StatusCode::CONFLICT, "{answer}");
    let (status, answer) = owner.post("/fn/imports/undo_preview", json!({"id": done["id"]})).await;
    assert_eq!(status, StatusCode::CONFLICT, "{answer}");
    sqlx::query("select pg_advisory_unlock(hashtextextended($1, 0))").bind(&key).execute(&mut raw).await.unwrap();
    assert_eq!(owner.post(&undo, Value::Null).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_deal_does_not_come_back_to_a_stage_that_is_gone() {
    let Office { owner, .. } = office().await;
    let pipeline = owner.create("/api/v1/pipelines", json!({"name": "Short", "kind": "custom"})).await;
    let stage = owner.create("/api/v1/stages", json!({"name": "Temp", "pipelineId": pipeline["id"]})).await;
    let deal = owner.create("/api/v1/deals", json!({"title": "Back", "stageId": stage["id"]})).await;
    let (deal, stage) = (format!("/api/v1/deals/{}", id(&deal)), format!("/api/v1/stages/{}", id(&stage)));
    for path in [&deal, &stage] {
        assert_eq!(read(owner.request(Method::DELETE, path)).await.0, StatusCode::NO_CONTENT);
    }
    let (status, answer) = owner.post(&format!("{deal}/restore"), Value::Null).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(answer["error"]["message"].as_str().unwrap().contains("Temp"), "{answer}");
    assert_eq!(owner.post(&format!("{stage}/restore"), Value::Null).await.0, StatusCode::OK);
    let (status, answer) = owner.post(&format!("{deal}/restore"), Value::Null).await;
    assert_eq!((status, &answer["data"]["stage"]), (StatusCode::OK, &json!("Temp")));
}

#[tokio::test]
async fn an_import_goes_with_what_only_it_needed_and_leaves_what_others_need() {
    let Office { owner, .. } = office().await;
    let ana = owner.create("/api/v1/contacts", json!({"firstName": "Ana", "emails": [{"value": "ana@x.test"}]})).await;
    // Filled in by the import, and emptied with it: the company that only this pointed at goes as well.
    let done = owner.import("people.csv", "First Name,E-mail,Account\nAna,ana@x.test,FreshCo\nBen,ben@x.test,Other\n".into()).await;
    let (_, people) = owner.get("/api/v1/contacts?q=ben").await;
    owner.create("/api/v1/notes", json!({"body": "Nice", "contactId": people["data"][0]["id"]})).await;
    let (status, undone) = owner.post(&format!("/api/v1/imports/{}/undo", id(&done)), Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{undone}");
    assert_eq!(owner.get(&format!("/api/v1/contacts/{}", id(&ana))).await.1["data"]["companyId"], Value::Null);
    let names = async |path: &str, key: &str| -> Vec<String> {
        owner.get(path).await.1["data"].as_array().unwrap().iter().map(|r| r[key].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("/api/v1/companies", "name").await, ["Other"], "Ben, who stays for his note, works there");
    assert_eq!(names("/api/v1/contacts", "fullName").await, ["Ana", "Ben"]);
    // Brought back, nobody points at a company that is gone by now.
    let filled = format!("/api/v1/contacts/{}", id(&ana));
    let done = owner.import("people.csv", "First Name,E-mail,Account\nAna,ana@x.test,Later Inc\n".into()).await;
    let undo = format!("/api/v1/imports/{}/undo", id(&done));
    assert_eq!(owner.get(&filled).await.1["data"]["company"], "Later Inc");
    let later = owner.get(&filled).await.1["data"]["companyId"].as_str().unwrap().to_owned();
    owner.create("/api/v1/notes", json!({"body": "Keep", "companyId": later})).await;
    let (_, undone) = owner.post(&undo, Value::Null).await;
    assert_eq!(read(owner.request(Method::DELETE, &format!("/api/v1/companies/{later}"))).await.0, StatusCode::NO_CONTENT);
    let (status, answer) = owner.post(&format!("/api/v1/events/{}/undo", undone["data"]["undoneBy"].as_str().unwrap()), Value::Null).await;
    assert_eq!((status, &owner.get(&filled).await.1["data"]["companyId"]), (StatusCode::OK, &Value::Null), "{answer}");
    // A parent stays with a child that stays, and both go once nothing holds them.
    let done = owner.import("companies.csv", "name,industry\nParent,retail\nChild,retail\nLeaf,retail\n".into()).await;
    let (_, companies) = owner.get("/api/v1/companies").await;
    let of = |name: &str| companies["data"].as_array().unwrap().iter().find(|c| c["name"] == name).unwrap()["id"].as_str().unwrap().to_owned();
    let child = format!("/api/v1/companies/{}", of("Child"));
    assert_eq!(set(&owner, &child, json!({"parentId": of("Parent")})).await.0, StatusCode::OK);
    owner.post(&format!("/api/v1/imports/{}/undo", id(&done)), Value::Null).await;
    assert_eq!(names("/api/v1/companies", "name").await, ["Child", "Other", "Parent"]);
}

#[tokio::test]
async fn a_gift_of_what_was_taken_is_no_right_to_delete_in_bulk() {
    let Office { app, owner, anna, cora } = office().await;
    let dora = join(&app, &invite(&owner, "member", "").await, "dora").await;
    let to = member(&anna, "dora").await;
    let mut deleted = Vec::new();
    for n in 0..11 {
        let deal = anna.create("/api/v1/deals", json!({"title": format!("Deal {n}")})).await;
        let path = format!("/api/v1/deals/{}", id(&deal));
        assert_eq!(set(&cora, &path, json!({"ownerId": to})).await.0, StatusCode::OK);
        deleted.push(read(dora.request(Method::DELETE, &path)).await.0);
    }
    assert_eq!(deleted.iter().filter(|s| **s == StatusCode::NO_CONTENT).count(), 10, "{deleted:?}");
    assert_eq!(deleted[10], StatusCode::FORBIDDEN);
    // What Anna gives is Dora's own.
    for n in 0..12 {
        let deal = anna.create("/api/v1/deals", json!({"title": format!("Gift {n}")})).await;
        let path = format!("/api/v1/deals/{}", id(&deal));
        assert_eq!(set(&anna, &path, json!({"ownerId": to})).await.0, StatusCode::OK);
        assert_eq!(read(dora.request(Method::DELETE, &path)).await.0, StatusCode::NO_CONTENT, "gift {n}");
    }
}

#[tokio::test]
async fn the_next_of_a_repeated_task_stays_where_something_stands_on_it() {
    let Office { anna, .. } = office().await;
    for noted in [true, false] {
        let task = anna.create("/api/v1/tasks", json!({"title": "Weekly", "dueDate": "2026-01-05", "recurrence": "FREQ=WEEKLY"})).await;
        let path = format!("/api/v1/tasks/{}", id(&task));
        assert_eq!(set(&anna, &path, json!({"completed": true})).await.0, StatusCode::OK);
        let (_, open) = anna.get("/api/v1/tasks?status=open").await;
        let next = open["data"][0]["id"].clone();
        if noted {
            anna.create("/api/v1/notes", json!({"body": "For next time", "taskId": next})).await;
        }
        assert_eq!(set(&anna, &path, json!({"completed": false})).await.0, StatusCode::OK);
        let there = anna.get(&format!("/api/v1/tasks/{}", next.as_str().unwrap())).await.0;
        assert_eq!(there, if noted { StatusCode::OK } else { StatusCode::NOT_FOUND });
        for left in [&next, &task["id"]] {
            read(anna.request(Method::DELETE, &format!("/api/v1/tasks/{}", left.as_str().unwrap()))).await;
        }
    }
}

#[tokio::test]
async fn people_of_a_deal_whom_one_does_not_see_stay_on_it() {
    let Office { anna, cora, .. } = office().await;
    let hidden = anna.create("/api/v1/contacts", json!({"firstName": "Hidden", "visibility": "private"})).await;
    let open = anna.create("/api/v1/contacts", json!({"firstName": "Open"})).await;
    let deal = anna.create("/api/v1/deals", json!({"title": "Both", "contactIds": [hidden["id"], open["id"]]})).await;
    let path = format!("/api/v1/deals/{}", id(&deal));
    let (_, seen) = cora.get(&path).await;
    assert_eq!(seen["data"]["contactIds"], json!([open["id"]]));
    assert!(!seen.to_string().contains(id(&hidden)), "{seen}");
    assert_eq!(set(&cora, &path, json!({"contactIds": seen["data"]["contactIds"], "title": "Ours"})).await.0, StatusCode::OK);
    assert_eq!(set(&cora, &path, json!({"contactIds": []})).await.0, StatusCode::OK);
    assert_eq!(anna.get(&path).await.1["data"]["contactIds"], json!([hidden["id"]]));
}

#[tokio::test]
async fn roles_hold_for_tokens_imports_and_drafts() {
    let Office { app, owner, anna, cora } = office().await;
    let viewer = join(&app, &invite(&owner, "viewer", "").await, "victor").await;
    assert_eq!(viewer.post("/api/v1/tokens", json!({"name": "Mine"})).await.0, StatusCode::FORBIDDEN);
    let upload = async |who: &Caller, kind: &str, text: &'static str| {
        read(who.request(Method::POST, &format!("/api/v1/imports?fileName=x.csv&kind={kind}")).body(text)).await.1["data"]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    for (kind, text) in [("products", "name,price\nGold,1\n"), ("members", "name,email\nEve,eve@x.test\n")] {
        let import = upload(&anna, kind, text).await;
        assert_eq!(anna.post(&format!("/api/v1/imports/{import}/start"), Value::Null).await.0, StatusCode::FORBIDDEN, "{kind}");
    }
    let import = upload(&anna, "contacts", "First Name,Who\nSecret,private\n").await;
    let (_, seen) = cora.get(&format!("/api/v1/imports/{import}")).await;
    assert!(!seen.to_string().contains("Secret"), "{seen}");
    assert!(!cora.get("/api/v1/imports").await.1.to_string().contains("Secret"));
    assert!(!cora.post("/fn/imports/preview", json!({"id": import})).await.1.to_string().contains("Secret"));
    assert!(!cora.page(&format!("/import/{import}")).await.1.contains("Secret"));
    assert!(anna.get(&format!("/api/v1/imports/{import}")).await.1.to_string().contains("Secret"));
}

#[tokio::test]
async fn a_team_that_was_deleted_joins_nobody() {
    let Office { owner, anna, cora, .. } = office().await;
    let team = owner.create("/api/v1/teams", json!({"name": "East"})).await;
    for name in ["anna", "cora"] {
        let path = format!("/api/v1/members/{}", member(&owner, name).await.as_str().unwrap());
        assert_eq!(set(&owner, &path, json!({"teamId": team["id"]})).await.0, StatusCode::OK);
    }
    let deal = anna.create("/api/v1/deals", json!({"title": "Ours", "visibility": "team"})).await;
    let path = format!("/api/v1/deals/{}", id(&deal));
    assert_eq!(cora.get(&path).await.0, StatusCode::OK);
    assert_eq!(read(owner.request(Method::DELETE, &format!("/api/v1/teams/{}", id(&team)))).await.0, StatusCode::NO_CONTENT);
    assert_eq!(cora.get(&path).await.0, StatusCode::NOT_FOUND);
    assert_eq!(anna.get(&path).await.0, StatusCode::OK);
}

/// The board's key is unique over all deals, also those that the actor does not see.
#[tokio::test]
async fn a_place_that_a_hidden_deal_took_is_no_fault() {
    let Office { app, anna, cora, .. } = office().await;
    let stages = anna.get("/api/v1/stages").await.1["data"].clone();
    let next = &stages.as_array().unwrap()[1]["id"];
    for binned in [false, true] {
        let mine = anna.create("/api/v1/deals", json!({"title": "Mine"})).await;
        let (mine_at, hidden) =
            (format!("/api/v1/deals/{}", id(&mine)), cora.create("/api/v1/deals", json!({"title": "Hidden", "visibility": "private"})).await);
        let mut raw = app.t.raw().await;
        let rank: String =
            sqlx::query_scalar("select rank from deals where id = $1").bind(id(&mine).parse::<Uuid>().unwrap()).fetch_one(&mut raw).await.unwrap();
        match binned {
            true => assert_eq!(read(anna.request(Method::DELETE, &mine_at)).await.0, StatusCode::NO_CONTENT),
            false => assert_eq!(read(anna.request(Method::POST, &format!("{mine_at}/move")).json(&json!({"stageId": next}))).await.0, StatusCode::OK),
        }
        let take = sqlx::query("update deals set rank = $2 where id = $1").bind(id(&hidden).parse::<Uuid>().unwrap()).bind(&rank);
        take.execute(&mut raw).await.unwrap();
        let (_, feed) = anna.get("/api/v1/events?limit=20").await;
        let event = feed["data"].as_array().unwrap().iter().find(|e| e["entityId"] == mine["id"]).unwrap()["id"].as_str().unwrap().to_owned();
        let (status, answer) = anna.post(&format!("/api/v1/events/{event}/undo"), Value::Null).await;
        assert_eq!(status, StatusCode::OK, "binned: {binned}: {answer}");
        assert_eq!(anna.get(&mine_at).await.1["data"]["stageId"], mine["stageId"]);
    }
}
