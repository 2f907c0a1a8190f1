//! Who may take what away: narrowing who sees a record, taking back imports and the sample, deleting in bulk; and how it is
//! brought back.

use crate::kit::{Caller, TestApp, invite, join, read, smallest};
use domain::EntityKind;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

const CSV: &str = "First name,Last name,E-mail,Company\nAna,Diaz,ana@x.test,Acme\nBo,Lee,bo@x.test,Acme\nCy,Fox,cy@x.test,Globex\n";

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

async fn patch(who: &Caller, kind: EntityKind, record: &Value, set: Value) -> (StatusCode, Value) {
    let path = format!("/api/v1/{}/{}", kind.plural(), text(&record["id"]));
    let (_, now) = who.get(&path).await;
    read(who.request(Method::PATCH, &path).header("if-match", now["data"]["version"].to_string()).json(&set)).await
}

async fn me(who: &Caller, name: &str) -> Value {
    let (_, members) = who.get("/api/v1/members").await;
    members["data"].as_array().unwrap().iter().find(|m| m["name"] == name).unwrap_or_else(|| panic!("no {name}"))["id"].clone()
}

/// A command as the page sends it.
async fn by_page(who: &Caller, member: &Value, command: Value) -> (StatusCode, Value) {
    let envelope = json!({"id": Uuid::now_v7(), "baseVersion": null, "command": command});
    who.post("/fn/commands/dispatch", json!({"envelope": envelope, "member": member})).await
}

async fn events(who: &Caller) -> Vec<Value> {
    let (_, feed) = who.get("/api/v1/events?limit=200").await;
    feed["data"].as_array().unwrap().clone()
}

/// An owner called acme, and one of each other role by its name.
struct Team {
    app: TestApp,
    owner: Caller,
    admin: Caller,
    manager: Caller,
    member: Caller,
    viewer: Caller,
}

async fn team() -> Team {
    let app = TestApp::new().await;
    let owner = app.signed_up("acme").await;
    let mut others = Vec::new();
    for role in ["admin", "manager", "member", "viewer"] {
        others.push(join(&app, &invite(&owner, role, "").await, role).await);
    }
    let [admin, manager, member, viewer] = others.try_into().unwrap_or_else(|_| panic!("four"));
    Team { app, owner, admin, manager, member, viewer }
}

#[tokio::test]
async fn only_its_owner_and_admins_make_a_record_visible_to_fewer_people_in_one_step_or_two() {
    let Team { owner, admin, manager, member, .. } = team().await;
    let (max, mia) = (me(&owner, "manager").await, me(&owner, "member").await);
    for kind in EntityKind::ALL.into_iter().filter(|k| k.is_owned()) {
        let plural = kind.plural();
        let fresh = || {
            let mut set = smallest(kind, &Value::Null);
            set["visibility"] = json!("workspace");
            set
        };
        for (who, id) in [(&member, &mia), (&manager, &max)] {
            let record = owner.create(&format!("/api/v1/{plural}"), fresh()).await;
            for set in [json!({"ownerId": id, "visibility": "private"}), json!({"visibility": "private"}), json!({"visibility": "team"})] {
                let (status, said) = patch(who, kind, &record, set.clone()).await;
                assert_eq!(status, StatusCode::FORBIDDEN, "{plural} {set}: {said}");
                assert!(text(&said["error"]["message"]).contains("owner"), "{said}");
            }
            let command = json!({"do": "edit", "kind": kind.noun(), "id": record["id"], "set": {"ownerId": id, "visibility": "private"}});
            let envelope = json!({"id": Uuid::now_v7(), "baseVersion": record["version"], "command": command});
            let (status, said) = who.post("/fn/commands/dispatch", json!({"envelope": envelope, "member": id})).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{plural} by page: {said}");
            // Two steps: taken over, it is theirs to work on and not to hide.
            assert_eq!(patch(who, kind, &record, json!({"ownerId": id})).await.0, StatusCode::OK, "{plural}");
            for visibility in ["private", "team"] {
                let (status, said) = patch(who, kind, &record, json!({"visibility": visibility})).await;
                assert_eq!(status, StatusCode::FORBIDDEN, "{plural} two steps: {said}");
            }
            let (status, _) = owner.get(&format!("/api/v1/{plural}/{}", text(&record["id"]))).await;
            assert_eq!(status, StatusCode::OK, "{plural}");
        }
        // By gift of its owner, by a manager's hand, and as an admin it is theirs.
        let record = admin.create(&format!("/api/v1/{plural}"), fresh()).await;
        assert_eq!(patch(&admin, kind, &record, json!({"ownerId": mia})).await.0, StatusCode::OK);
        assert_eq!(patch(&member, kind, &record, json!({"visibility": "private"})).await.0, StatusCode::OK, "{plural} given");
        let record = owner.create(&format!("/api/v1/{plural}"), fresh()).await;
        assert_eq!(patch(&manager, kind, &record, json!({"ownerId": mia})).await.0, StatusCode::OK);
        assert_eq!(patch(&member, kind, &record, json!({"visibility": "private"})).await.0, StatusCode::OK, "{plural} assigned");
        let record = member.create(&format!("/api/v1/{plural}"), fresh()).await;
        assert_eq!(patch(&admin, kind, &record, json!({"visibility": "team"})).await.0, StatusCode::OK, "{plural} admin");
    }
    // Pointing somebody's open task at one's private person would hide it as well.
    let task = owner.create("/api/v1/tasks", json!({"title": "Open"})).await;
    let person = member.create("/api/v1/contacts", json!({"firstName": "Mine", "visibility": "private"})).await;
    let (status, said) = patch(&member, EntityKind::Task, &task, json!({"contactId": person["id"]})).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{said}");
    // The owner before takes it back and may narrow it again.
    let record = owner.create("/api/v1/contacts", json!({"firstName": "Back"})).await;
    assert_eq!(patch(&manager, EntityKind::Contact, &record, json!({"ownerId": mia})).await.0, StatusCode::OK);
    assert_eq!(patch(&manager, EntityKind::Contact, &record, json!({"ownerId": max})).await.0, StatusCode::OK);
    assert_eq!(patch(&member, EntityKind::Contact, &record, json!({"ownerId": mia})).await.0, StatusCode::OK);
    assert_eq!(patch(&member, EntityKind::Contact, &record, json!({"visibility": "private"})).await.0, StatusCode::OK);
}

#[tokio::test]
async fn admins_hear_that_a_record_was_narrowed_and_can_get_it_back_even_from_the_bin() {
    let Team { owner, admin, manager, member, viewer, .. } = team().await;
    for deleted in [false, true] {
        let secret = format!("Canary {deleted}");
        let record = member.create("/api/v1/deals", json!({"title": secret, "nextAction": secret})).await;
        let id = text(&record["id"]);
        let (status, said) = patch(&member, EntityKind::Deal, &record, json!({"visibility": "private", "title": format!("{secret} again")})).await;
        assert_eq!(status, StatusCode::OK, "{said}");
        if deleted {
            let gone = member.request(Method::DELETE, &format!("/api/v1/deals/{id}")).send().await.unwrap();
            assert_eq!(gone.status(), StatusCode::NO_CONTENT);
        }
        for who in [&manager, &viewer] {
            assert!(events(who).await.iter().all(|e| e["entityId"] != json!(id)), "others hear nothing");
        }
        for who in [&owner, &admin] {
            let told: Vec<Value> = events(who).await.into_iter().filter(|e| e["entityId"] == json!(id)).collect();
            let [told] = told.as_slice() else { panic!("once: {told:?}") };
            assert_eq!(
                (&told["hidden"], &told["title"], &told["actor"], &told["undoable"]),
                (&json!(true), &json!(""), &json!("member"), &json!(true))
            );
            assert_eq!(told["changes"].as_object().unwrap().keys().collect::<Vec<_>>(), ["visibility"]);
            let (_, page) = who.page("/feed").await;
            assert!(page.contains("made a record private (deal)") && !page.contains(&secret) && !page.contains(&format!("/deals/{id}")));
            assert!(!who.page("/dashboard").await.1.contains(&secret));
        }
        let event = events(&admin).await.into_iter().find(|e| e["entityId"] == json!(id)).unwrap()["id"].clone();
        for who in [&manager, &viewer] {
            let (status, _) = who.post(&format!("/api/v1/events/{}/undo", text(&event)), Value::Null).await;
            assert!(matches!(status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN), "{status}");
        }
        let (status, said) = admin.post(&format!("/api/v1/events/{}/undo", text(&event)), Value::Null).await;
        assert_eq!(status, StatusCode::OK, "{said}");
        if deleted {
            let deletion = events(&admin).await.into_iter().find(|e| e["entityId"] == json!(id) && e["verb"] == "deleted").unwrap();
            assert_eq!(admin.post(&format!("/api/v1/events/{}/undo", text(&deletion["id"])), Value::Null).await.0, StatusCode::OK);
        }
        let (status, now) = viewer.get(&format!("/api/v1/deals/{id}")).await;
        assert_eq!(
            (status, &now["data"]["visibility"], &now["data"]["title"]),
            (StatusCode::OK, &json!("workspace"), &json!(format!("{secret} again")))
        );
        assert_eq!(admin.post(&format!("/api/v1/events/{}/undo", text(&event)), Value::Null).await.0, StatusCode::CONFLICT, "once");
    }
}

async fn people(who: &Caller) -> usize {
    who.get("/api/v1/contacts?limit=200").await.1["data"].as_array().unwrap().len()
}

#[tokio::test]
async fn an_import_is_taken_back_by_its_maker_or_a_manager_and_comes_back_whole_any_number_of_times() {
    let Team { owner, manager, member, viewer, .. } = team().await;
    let mia = me(&owner, "member").await;
    let import = owner.import("three.csv", CSV.into()).await;
    let id = text(&import["id"]);
    // Somebody changed one of them, and a company is in use by it.
    let (_, list) = owner.get("/api/v1/contacts?q=Cy").await;
    assert_eq!(patch(&owner, EntityKind::Contact, &list["data"][0], json!({"jobTitle": "Boss"})).await.0, StatusCode::OK);
    assert_eq!(people(&member).await, 3);

    // A member does not take back what somebody else brought: by program, by page, and there is no button.
    let undo = format!("/api/v1/imports/{id}/undo");
    let (status, said) = member.post(&undo, Value::Null).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{said}");
    assert!(text(&said["error"]["message"]).contains("manager"), "{said}");
    assert_eq!(by_page(&member, &mia, json!({"do": "undo_import", "import": id})).await.0, StatusCode::FORBIDDEN);
    assert_eq!(member.post("/fn/imports/undo", json!({"command": Uuid::now_v7(), "id": id})).await.0, StatusCode::FORBIDDEN);
    assert_eq!(member.post("/fn/imports/undo_preview", json!({"id": id})).await.0, StatusCode::FORBIDDEN);
    assert_eq!(viewer.post(&undo, Value::Null).await.0, StatusCode::FORBIDDEN);
    assert_eq!(people(&member).await, 3, "nothing went");
    assert!(!member.page(&format!("/import/{id}")).await.1.contains("Undo this import"));
    for who in [&owner, &manager] {
        assert!(who.page(&format!("/import/{id}")).await.1.contains("Undo this import"));
    }
    let redo = json!({"do": "redo_import", "import": id, "event": Uuid::now_v7()});
    assert_eq!(by_page(&owner, &me(&owner, "acme").await, redo).await.0, StatusCode::UNPROCESSABLE_ENTITY, "only undo says this");

    // What goes is said before it goes, and is what goes.
    let (status, preview) = manager.post("/fn/imports/undo_preview", json!({"id": id})).await;
    assert_eq!(status, StatusCode::OK, "{preview}");
    let stays = ["The contact Cy Fox was changed or used since, so it stays.", "The company Globex was changed or used since, so it stays."];
    assert_eq!(preview, json!({"goes": [["contact", 2], ["company", 1]], "stays": 2, "kept": stays, "putBack": 0}));
    assert_eq!(people(&owner).await, 3, "asking takes nothing");
    for round in 0..3 {
        let (status, view) = manager.post(&undo, Value::Null).await;
        assert_eq!((status, &view["data"]["status"]), (StatusCode::OK, &json!("undone")), "{round}: {view}");
        assert_eq!(people(&owner).await, 1, "{round}");
        assert_eq!(manager.post(&undo, Value::Null).await.0, StatusCode::CONFLICT, "{round}: once at a time");
        let told = events(&owner).await.into_iter().find(|e| e["verb"] == "import_undone" && e["undone"] == false).unwrap();
        assert_eq!(told["undoable"], true);
        assert_eq!(told["id"], view["data"]["undoneBy"]);
        let theirs = events(&member).await.into_iter().find(|e| e["id"] == told["id"]).unwrap();
        assert_eq!(theirs["undoable"], false, "no button that is refused");
        let back = format!("/api/v1/events/{}/undo", text(&told["id"]));
        assert_eq!(member.post(&back, Value::Null).await.0, StatusCode::FORBIDDEN, "{round}");
        let (status, said) = owner.post(&back, Value::Null).await;
        assert_eq!(status, StatusCode::OK, "{round}: {said}");
        assert_eq!(people(&owner).await, 3, "{round}");
        let (_, view) = owner.get(&format!("/api/v1/imports/{id}")).await;
        assert_eq!((&view["data"]["status"], view["data"]["findings"].as_array().unwrap().len()), (&json!("done"), 0), "{round}");
        let (_, companies) = owner.get("/api/v1/companies").await;
        assert_eq!(companies["data"].as_array().unwrap().len(), 2, "{round}");
    }
    // The rows are known again: the same file brings nothing new.
    let again = owner.import("three.csv", CSV.into()).await;
    assert_eq!((&again["created"], &again["matched"]), (&json!(0), &json!(3)), "{again}");

    // A member's own import is theirs to take back and to bring back.
    let own = member.import("own.csv", "First name,Last name,E-mail\nDee,Own,dee@x.test\n".into()).await;
    assert_eq!(own["mayUndo"], true);
    let (status, view) = member.post(&format!("/api/v1/imports/{}/undo", text(&own["id"])), Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{view}");
    let (status, said) = member.post(&format!("/api/v1/events/{}/undo", text(&view["data"]["undoneBy"])), Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{said}");
    assert_eq!(people(&member).await, 4);
}

#[tokio::test]
async fn what_an_import_filled_in_goes_with_it_and_comes_back_with_it() {
    let Team { owner, .. } = team().await;
    let known = owner.create("/api/v1/contacts", json!({"firstName": "Ana", "lastName": "Diaz", "emails": ["ana@x.test"]})).await;
    let import = owner.import("fill.csv", "First name,Last name,E-mail,Job title\nAna,Diaz,ana@x.test,Buyer\nNew,One,new@x.test,\n".into()).await;
    let title = async || owner.get(&format!("/api/v1/contacts/{}", text(&known["id"]))).await.1["data"]["jobTitle"].clone();
    assert_eq!(title().await, "Buyer");
    for round in 0..2 {
        let (_, preview) = owner.post("/fn/imports/undo_preview", json!({"id": import["id"]})).await;
        assert_eq!(preview, json!({"goes": [["contact", 1]], "stays": 0, "kept": [], "putBack": 1}), "{round}");
        let (_, view) = owner.post(&format!("/api/v1/imports/{}/undo", text(&import["id"])), Value::Null).await;
        assert_eq!((title().await, people(&owner).await), (Value::Null, 1), "{round}");
        owner.post(&format!("/api/v1/events/{}/undo", text(&view["data"]["undoneBy"])), Value::Null).await;
        assert_eq!((title().await, people(&owner).await), (json!("Buyer"), 2), "{round}");
    }
}

#[tokio::test]
async fn the_sample_goes_and_comes_by_those_who_may_and_its_sentence_is_true_for_the_reader() {
    let Team { owner, manager, member, .. } = team().await;
    let mia = me(&owner, "member").await;
    let sample = owner.create("/api/v1/sample", Value::Null).await;
    let import = sample["id"].clone();
    let all = people(&owner).await;
    assert!(all > 50, "{all}");
    assert_eq!(by_page(&member, &mia, json!({"do": "undo_import", "import": import})).await.0, StatusCode::FORBIDDEN);
    let today = async |who: &Caller| who.page("/").await.1;
    let page = today(&owner).await;
    assert!(page.contains("with some of it as yours") && page.contains("Remove the sample data"));
    let page = today(&member).await;
    assert!(
        page.contains("sample data that acme added.") && !page.contains("as yours") && !page.contains("Remove the sample data"),
        "none is theirs"
    );
    assert!(today(&manager).await.contains("Remove the sample data"));
    // A deal on the board took the place of one that went: it comes back beside it.
    let (_, preview) = manager.post("/fn/imports/undo_preview", json!({"id": import})).await;
    let goes: i64 = preview["goes"].as_array().unwrap().iter().map(|g| g[1].as_i64().unwrap()).sum();
    assert_eq!(goes, sample["created"].as_i64().unwrap(), "{preview}");
    for round in 0..2 {
        let (status, _) = by_page(&manager, &me(&owner, "manager").await, json!({"do": "undo_import", "import": import})).await;
        assert_eq!(status, StatusCode::OK, "{round}");
        assert_eq!(people(&owner).await, 0);
        let told = events(&manager).await.into_iter().find(|e| e["verb"] == "import_undone" && e["undone"] == false).unwrap();
        let (status, said) = manager.post(&format!("/api/v1/events/{}/undo", text(&told["id"])), Value::Null).await;
        assert_eq!(status, StatusCode::OK, "{round}: {said}");
        assert_eq!(people(&owner).await, all, "{round}");
    }
    // The feed takes it back too, where it may.
    let told = events(&member).await.into_iter().find(|e| e["verb"] == "import_redone" && e["undone"] == false).unwrap();
    assert_eq!(told["undoable"], false);
    let told = events(&owner).await.into_iter().find(|e| e["id"] == told["id"]).unwrap();
    assert_eq!(told["undoable"], true);
    assert_eq!(owner.post(&format!("/api/v1/events/{}/undo", text(&told["id"])), Value::Null).await.0, StatusCode::OK);
    assert_eq!(people(&owner).await, 0);
}

#[tokio::test]
async fn a_member_deletes_their_own_in_bulk_and_others_one_by_one() {
    let Team { app, owner, manager, member, .. } = team().await;
    let delete = async |who: &Caller, plural: &str, record: &Value| {
        who.request(Method::DELETE, &format!("/api/v1/{plural}/{}", text(&record["id"]))).send().await.unwrap().status()
    };
    let most = domain::permissions::OTHERS_AT_ONCE;
    // Of any kinds together.
    for n in 0..most {
        let (plural, set) = if n % 2 == 0 { ("contacts", json!({"firstName": "Theirs"})) } else { ("tasks", json!({"title": "Theirs"})) };
        let record = owner.create(&format!("/api/v1/{plural}"), set).await;
        assert_eq!(delete(&member, plural, &record).await, StatusCode::NO_CONTENT, "{n}");
    }
    let one_more = owner.create("/api/v1/deals", json!({"title": "Theirs"})).await;
    assert_eq!(delete(&member, "deals", &one_more).await, StatusCode::FORBIDDEN);
    // Taking a record over first is one step more and no other right; nor are many at once.
    let max = me(&owner, "member").await;
    assert_eq!(patch(&member, EntityKind::Deal, &one_more, json!({"ownerId": max})).await.0, StatusCode::OK);
    assert_eq!(delete(&member, "deals", &one_more).await, StatusCode::FORBIDDEN);
    for _ in 0..most + 3 {
        let own = member.create("/api/v1/contacts", json!({"firstName": "Mine"})).await;
        assert_eq!(delete(&member, "contacts", &own).await, StatusCode::NO_CONTENT, "one's own");
        let others = owner.create("/api/v1/contacts", json!({"firstName": "Theirs"})).await;
        assert_eq!(delete(&manager, "contacts", &others).await, StatusCode::NO_CONTENT, "a manager");
    }
    // What was taken back does not count, nor what is long ago.
    sqlx::query("update events set recorded_at = recorded_at - interval '11 minutes' where verb = 'deleted'")
        .execute(&mut app.t.raw().await)
        .await
        .unwrap();
    assert_eq!(delete(&member, "deals", &one_more).await, StatusCode::NO_CONTENT);
    let mut records = Vec::new();
    for _ in 0..most + 8 {
        records.push(owner.create("/api/v1/contacts", json!({"firstName": "Theirs"})).await);
    }
    let statuses = futures::future::join_all(records.iter().map(|record| delete(&member, "contacts", record))).await;
    let gone = statuses.iter().filter(|s| **s == StatusCode::NO_CONTENT).count();
    assert_eq!(gone as i64, most - 1, "{statuses:?}");
}
