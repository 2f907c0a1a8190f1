//! People and rights: invitations, roles, leaving, passwords, sessions, and who may do what.

use crate::kit::{Caller, TestApp, form, invite, join, read};
use domain::{EntityKind, Permission, RecordCommand, Role, SliceCommand};
use reqwest::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn an_invitation_works_once_and_a_placeholder_becomes_the_person() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let darcel = ana.create("/api/v1/members", json!({"name": "Darcel"})).await;
    let id = darcel["id"].as_str().unwrap();
    let deal = ana.create("/api/v1/deals", json!({"title": "Theirs", "ownerId": id})).await;
    let link = invite(&ana, "member", id).await;
    let (status, html) = app.anonymous().page(&link).await;
    assert!(status == StatusCode::OK && html.contains("Join acme") && !html.contains("wasm"), "{html:.300}");
    let bob = join(&app, &link, "bob").await;
    let (_, members) = bob.get("/api/v1/members").await;
    assert_eq!(members["data"].as_array().unwrap().len(), 2, "no third member was made");
    let (_, mine) = bob.get(&format!("/api/v1/deals?owner={id}")).await;
    assert_eq!(mine["data"][0]["id"], deal["id"]);
    assert_eq!(bob.post("/api/v1/contacts", json!({"firstName": "New"})).await.0, StatusCode::CREATED);
    // Used, revoked, expired and made-up links lead nowhere, all alike.
    let revoked = invite(&ana, "viewer", "").await;
    let expired = invite(&ana, "viewer", "").await;
    let mut raw = app.t.raw().await;
    sqlx::query("update invitations set expires_at = now() - interval '1 minute' where accepted_at is null and id = (select max(id::text)::uuid from invitations)")
        .execute(&mut raw)
        .await
        .unwrap();
    let open: uuid::Uuid =
        sqlx::query_scalar("select id from invitations where accepted_at is null and expires_at > now()").fetch_one(&mut raw).await.unwrap();
    form(&ana, "/do/people/revoke", &[("id", &open.to_string())]).await;
    let mut answers = Vec::new();
    for path in [&link, &revoked, &expired, &"/join/".to_owned().chars().chain("0".repeat(48).chars()).collect::<String>()] {
        let page = app.anonymous().page(path).await;
        let post = form(&app.anonymous(), path, &[("name", "Eve"), ("email", "eve@x.test"), ("password", "three unrelated words")]).await;
        answers.push((page, post.0, post.2));
    }
    assert!(answers.windows(2).all(|w| w[0] == w[1]), "{answers:?}");
    assert_eq!(answers[0].0.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn roles_are_given_within_ones_own_and_the_last_owner_stays() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let admin = join(&app, &invite(&ana, "admin", "").await, "adam").await;
    let member = join(&app, &invite(&admin, "member", "").await, "mia").await;
    let (_, members) = ana.get("/api/v1/members").await;
    let id = |name: &str| members["data"].as_array().unwrap().iter().find(|m| m["name"] == name).unwrap()["id"].as_str().unwrap().to_owned();
    let role_of = async |name: &str| {
        let mut raw = app.t.raw().await;
        let found: String =
            sqlx::query_scalar("select role from memberships m join users u on u.id = m.user_id where u.name = $1 and m.status = 'active'")
                .bind(name)
                .fetch_one(&mut raw)
                .await
                .unwrap();
        found
    };
    // An admin makes no owners, neither by role nor by invitation, and unmakes none.
    form(&admin, "/do/people/role", &[("member", &id("mia")), ("role", "owner")]).await;
    form(&admin, "/do/people/role", &[("member", &id("acme")), ("role", "viewer")]).await;
    form(&admin, "/do/people/invite", &[("role", "owner"), ("member", "")]).await;
    assert!(!admin.page("/settings/people").await.1.contains("/join/"));
    form(&member, "/do/people/role", &[("member", &id("mia")), ("role", "admin")]).await;
    form(&ana, "/do/people/role", &[("member", &id("acme")), ("role", "member")]).await;
    form(&ana, "/do/people/remove", &[("member", &id("acme")), ("heir", "")]).await;
    assert_eq!((role_of("acme").await, role_of("mia").await), ("owner".into(), "member".into()));
    form(&admin, "/do/people/role", &[("member", &id("mia")), ("role", "viewer")]).await;
    assert_eq!(role_of("mia").await, "viewer");
    assert_eq!(member.post("/api/v1/contacts", json!({"firstName": "No"})).await.0, StatusCode::FORBIDDEN, "the new role counts at once");
}

#[tokio::test]
async fn c_40_whoever_is_removed_is_out_at_once_and_their_records_go_to_the_heir() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let bob = join(&app, &invite(&ana, "member", "").await, "bob").await;
    let contact = bob.create("/api/v1/contacts", json!({"firstName": "Private", "visibility": "private"})).await;
    let deal = bob.create("/api/v1/deals", json!({"title": "Bob's"})).await;
    let token = app.t.db.create_token("bob@join.test", "acme").await.unwrap().0;
    let by_token = Caller { token: Some(token), ..app.anonymous() };
    assert_eq!(by_token.get("/api/v1/today").await.0, StatusCode::OK);
    let (_, members) = ana.get("/api/v1/members").await;
    let id = |name: &str| members["data"].as_array().unwrap().iter().find(|m| m["name"] == name).unwrap()["id"].as_str().unwrap().to_owned();
    let (status, _, _) = form(&ana, "/do/people/remove", &[("member", &id("bob")), ("heir", &id("acme"))]).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(bob.page("/people").await.0, StatusCode::SEE_OTHER, "the session ended");
    assert_eq!(by_token.get("/api/v1/today").await.0, StatusCode::UNAUTHORIZED, "the token ended");
    let form_in = [("email", "bob@join.test"), ("password", "three unrelated words"), ("next", "")];
    let back = app.anonymous().client.post(format!("{}/sign-in", app.base)).form(&form_in).send().await.unwrap();
    assert_eq!(back.status(), StatusCode::UNPROCESSABLE_ENTITY);
    for (plural, record) in [("contacts", &contact), ("deals", &deal)] {
        let (status, now) = ana.get(&format!("/api/v1/{plural}/{}", record["id"].as_str().unwrap())).await;
        assert_eq!((status, now["data"]["ownerId"].as_str()), (StatusCode::OK, Some(id("acme").as_str())), "{plural}");
    }
    let (_, feed) = ana.get("/api/v1/events?kind=member").await;
    assert_eq!(feed["data"][0]["verb"], "handed_over");
    // Somebody may join in their place again; and whoever was removed comes back with the account they have.
    join(&app, &invite(&ana, "viewer", &id("bob")).await, "bea").await;
    let link = invite(&ana, "member", "").await;
    let again = |password: &'static str| {
        let (caller, link) = (app.anonymous(), link.clone());
        async move { form(&caller, &link, &[("name", "bob"), ("email", "bob@join.test"), ("password", password)]).await.0 }
    };
    assert_eq!(again("not the password at all").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(again("three unrelated words").await, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn nobody_takes_over_somebody_by_a_command_alone_and_links_end_with_the_right_to_make_them() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    ana.create("/api/v1/contacts", json!({"firstName": "Secret", "visibility": "private"})).await;
    let adam = join(&app, &invite(&ana, "admin", "").await, "adam").await;
    let (_, members) = adam.get("/api/v1/members").await;
    let id = |name: &str| members["data"].as_array().unwrap().iter().find(|m| m["name"] == name).unwrap()["id"].as_str().unwrap().to_owned();
    let envelope = json!({"envelope": {"id": uuid::Uuid::now_v7(), "baseVersion": null, "command": {"do": "hand_over", "from": id("acme"), "to": id("adam")}}, "member": id("adam")});
    let (status, answer) = adam.post("/fn/commands/dispatch", envelope).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "no request can be read as that: {answer}");
    let (_, seen) = adam.get("/api/v1/contacts").await;
    assert!(!seen.to_string().contains("Secret"));
    let link = invite(&adam, "admin", "").await;
    form(&ana, "/do/people/role", &[("member", &id("adam")), ("role", "member")]).await;
    assert_eq!(app.anonymous().page(&link).await.0, StatusCode::NOT_FOUND, "a link does not outlive its maker's right");
    // Without an heir nobody is removed.
    form(&ana, "/do/people/remove", &[("member", &id("adam")), ("heir", "")]).await;
    assert_eq!(adam.page("/people").await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_password_change_ends_the_other_browsers_and_sessions_are_ended_one_by_one() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let elsewhere = async || {
        let caller = app.anonymous();
        let fields = [("email", "acme@acme.test"), ("password", "correct horse battery"), ("next", "")];
        let answer = caller.client.post(format!("{}/sign-in", app.base)).header("user-agent", "Firefox/1 Linux").form(&fields).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        caller
    };
    let phone = elsewhere().await;
    let (_, html) = ana.page("/settings/profile").await;
    assert!(html.contains("Firefox on Linux") && html.contains("This browser"), "{}", html.len());
    let at = html.find("name=\"key\" value=\"").unwrap() + 18;
    form(&ana, "/do/account/session", &[("key", &html[at..at + 16])]).await;
    assert_eq!((phone.page("/people").await.0, ana.page("/people").await.0), (StatusCode::SEE_OTHER, StatusCode::OK));
    let phone = elsewhere().await;
    for (old, new, says) in [("wrong", "three unrelated words", "This password is wrong"), ("correct horse battery", "short", "at least 8")] {
        form(&ana, "/do/account/password", &[("old", old), ("new", new)]).await;
        let (_, html) = ana.page("/settings/profile").await;
        assert!(html.contains(says), "{says}");
    }
    assert_eq!(phone.page("/people").await.0, StatusCode::OK);
    form(&ana, "/do/account/password", &[("old", "correct horse battery"), ("new", "three unrelated words")]).await;
    assert_eq!((phone.page("/people").await.0, ana.page("/people").await.0), (StatusCode::SEE_OTHER, StatusCode::OK));
}

#[tokio::test]
async fn one_account_enters_several_workspaces_and_no_others() {
    let app = TestApp::new().await;
    let (ana, bob) = (app.signed_up("acme").await, app.signed_up("bobs").await);
    let link = invite(&ana, "viewer", "").await;
    let (status, _, html) = form(&bob, &link, &[]).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{html}");
    assert!(bob.page("/settings/profile").await.1.contains("acme"), "they are in the new workspace");
    let mine = app.t.db.owner_of("bobs").await.unwrap().workspace.to_string();
    assert_eq!(form(&bob, "/do/account/workspace", &[("workspace", &mine)]).await.0, StatusCode::SEE_OTHER);
    assert_eq!(bob.post("/api/v1/contacts", json!({"firstName": "Mine"})).await.0, StatusCode::CREATED, "owner here, viewer there");
    let eve = app.signed_up("evil").await;
    let (status, _, _) = form(&eve, "/do/account/workspace", &[("workspace", &mine)]).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

/// Every command and every documented operation, tried by every role: the answer is what the role's permissions say.
#[tokio::test]
async fn the_permission_matrix_holds_for_every_role_and_operation() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let mut callers = vec![(Role::Owner, ana.clone())];
    for role in [Role::Admin, Role::Manager, Role::Member, Role::Viewer] {
        callers.push((role, join(&app, &invite(&ana, role.code(), "").await, &format!("r{}", role.code())).await));
    }
    let (_, document) = ana.get("/api/openapi.json").await;
    let wanted = |method: &str, path: &str| -> Permission {
        let kind = EntityKind::ALL.into_iter().find(|k| path.starts_with(&format!("/api/v1/{}", k.plural())));
        match (method, path, kind) {
            ("get", "/api/v1/analytics" | "/api/v1/dashboard", _) => Permission::ViewAnalytics,
            (_, p, _) if p.starts_with("/api/v1/shares") => Permission::Share,
            // What is only one's own.
            (_, p, _) if p.starts_with("/api/v1/notifications") || p.starts_with("/api/v1/tokens") || p.ends_with("/first-steps") => {
                Permission::ViewRecords
            }
            (_, p, _) if p.starts_with("/api/v1/imports") => Permission::Import,
            ("get", ..) => Permission::ViewRecords,
            ("delete", _, Some(kind)) => kind.delete_permission(),
            (_, p, Some(kind)) if p.ends_with("/restore") => kind.delete_permission(),
            (_, _, Some(kind)) => kind.edit_permission(),
            _ => Permission::EditRecords,
        }
    };
    let mut tried = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let needed = wanted(method, path);
            for (role, caller) in &callers {
                let nobody = uuid::Uuid::now_v7().to_string();
                let verb: Method = method.to_uppercase().parse().unwrap();
                let mut request = caller.request(verb, &path.replace("{id}", &nobody)).header("if-match", "1");
                if method != "get" {
                    let body = match path.as_str() {
                        p if p.ends_with("/move") => json!({"stageId": nobody}),
                        p if p.ends_with("/weights") => json!({"warmth": 70, "time": 30}),
                        p if p.ends_with("/snoozes") => json!({"kind": "task", "id": nobody, "until": null}),
                        p if p.ends_with("/order") => json!({"stages": []}),
                        p if p.ends_with("/replace") => json!({"into": uuid::Uuid::now_v7()}),
                        p if p.ends_with("/merge") => json!({"into": uuid::Uuid::now_v7()}),
                        p if p.ends_with("/first-steps") => json!({"closed": true}),
                        p if p.ends_with("/notifications/settings") => json!({"kind": "mention", "inApp": true, "byMail": false}),
                        "/api/v1/shares" => json!({"title": "Sales", "shows": ["figures"]}),
                        _ => json!({}),
                    };
                    request = request.json(&body);
                }
                let (status, answer) = read(request).await;
                let refused = status == StatusCode::FORBIDDEN;
                // Undo asks for what the undone command needs, so an unknown event is simply not found.
                let expected =
                    !role.allows(needed) && !path.ends_with("/undo") || (path.contains("/imports/") && !role.allows(Permission::Import) && refused);
                assert_eq!(refused, expected, "{role:?} {method} {path}: {status} {answer}");
                tried += 1;
            }
        }
    }
    assert!(tried > 300, "{tried}");
    // And the commands themselves, whoever carries them.
    for role in Role::ALL {
        for kind in EntityKind::ALL {
            let id = uuid::Uuid::now_v7();
            for command in [RecordCommand::Create { kind, id, set: Default::default() }, RecordCommand::Delete { kind, id }] {
                assert_eq!(role.allows(command.permission()), role != Role::Viewer && (role.allows(kind.edit_permission())), "{role:?} {command:?}");
            }
        }
    }
}

/// Whoever is not, not yet or no longer in the workspace gets nothing from any operation, whatever their role was.
#[tokio::test]
async fn those_outside_are_refused_by_every_operation_alike() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let (_, document) = ana.get("/api/openapi.json").await;
    let mut callers = vec![("a stranger", app.anonymous())];
    let mut raw = app.t.raw().await;
    for state in ["revoked", "pending"] {
        let caller = join(&app, &invite(&ana, "admin", "").await, state).await;
        sqlx::query("update memberships m set status = $1 from users u where u.id = m.user_id and u.email = $2")
            .bind(state)
            .bind(format!("{state}@join.test"))
            .execute(&mut raw)
            .await
            .unwrap();
        callers.push((state, caller));
    }
    for (name, change) in [("an expired token", "expires_at = now() - interval '1 second'"), ("a revoked token", "revoked_at = now()")] {
        let token = app.t.db.create_token("acme@acme.test", "acme").await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(format!("update api_tokens set {change} where created_at = (select max(created_at) from api_tokens)")))
            .execute(&mut raw)
            .await
            .unwrap();
        callers.push((name, Caller { token: Some(token.0), ..app.anonymous() }));
    }
    callers.push(("a made-up token", Caller { token: Some("rap_0000".into()), ..app.anonymous() }));
    let mut tried = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            for (who, caller) in &callers {
                let verb: Method = method.to_uppercase().parse().unwrap();
                let request = caller.request(verb, &path.replace("{id}", &uuid::Uuid::now_v7().to_string())).header("if-match", "1");
                let (status, answer) = read(if method == "get" { request } else { request.json(&json!({})) }).await;
                assert_eq!(status, StatusCode::UNAUTHORIZED, "{who} {method} {path}: {answer}");
                tried += 1;
            }
        }
    }
    assert!(tried > 400, "{tried}");
}

/// An empty list has the shape of a full one: `data` a list, `page.next` null.
#[tokio::test]
async fn empty_lists_have_the_shape_of_full_ones() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    for plural in ["contacts", "companies", "deals", "tasks", "interactions", "notes", "products", "teams", "tags", "notifications", "imports"] {
        let (status, list) = ana.get(&format!("/api/v1/{plural}")).await;
        assert_eq!((status, &list["data"]), (StatusCode::OK, &json!([])), "{plural}: {list}");
        assert!(list["page"]["next"].is_null(), "{plural}: {list}");
    }
    let (_, read) = ana.post("/api/v1/notifications/read", json!({"ids": []})).await;
    assert_eq!(read["data"]["unread"], 0);
    let (_, nothing) = ana.get("/api/v1/contacts?q=nobody&limit=1").await;
    assert_eq!(nothing, json!({"data": [], "page": {"next": null}}));
}

/// Of many who follow one link at once, one comes in; the others are left as they were.
#[tokio::test]
async fn losers_of_a_race_for_an_invitation_leave_no_account_behind() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    for round in 0..3 {
        let link = invite(&ana, "member", "").await;
        let all = (0..8).map(|n| {
            let (caller, link, email) = (app.anonymous(), link.clone(), format!("r{round}n{n}@race.test"));
            async move {
                let (status, _, html) = form(&caller, &link, &[("name", "Racer"), ("email", &email), ("password", "three unrelated words")]).await;
                assert!(!status.is_server_error(), "{html}");
                status == StatusCode::SEE_OTHER
            }
        });
        let inside = futures::future::join_all(all).await;
        assert_eq!(inside.iter().filter(|x| **x).count(), 1, "{inside:?}");
        let stranded: Vec<String> =
            sqlx::query_scalar("select email from users u where not exists (select from memberships m where m.user_id = u.id)")
                .fetch_all(&mut app.t.raw().await)
                .await
                .unwrap();
        assert!(stranded.is_empty(), "{stranded:?}");
        // A loser comes in with another link, as if nothing had been.
        let loser = inside.iter().position(|x| !x).unwrap();
        let again = invite(&ana, "viewer", "").await;
        let email = format!("r{round}n{loser}@race.test");
        let fields = [("name", "Racer"), ("email", email.as_str()), ("password", "another three words")];
        assert_eq!(form(&app.anonymous(), &again, &fields).await.0, StatusCode::SEE_OTHER);
    }
}

#[tokio::test]
async fn an_account_without_a_workspace_is_told_so_when_the_password_is_right() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let bea = app.t.member("acme", "bea@acme.test").await;
    let owner = app.t.db.owner_of("acme").await.unwrap();
    form(&ana, "/do/people/remove", &[("member", &bea.member.to_string()), ("heir", &owner.member.to_string())]).await;
    let attempt = async |password: &str| form(&app.anonymous(), "/sign-in", &[("email", "bea@acme.test"), ("password", password)]).await;
    let (status, _, html) = attempt("correct horse battery").await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && html.contains("in no workspace any more"), "{html}");
    let (status, _, html) = attempt("not the password").await;
    assert!(status == StatusCode::UNPROCESSABLE_ENTITY && html.contains("E-mail or password is wrong") && !html.contains("no workspace"), "{html}");
}

/// The token that a page shows.
async fn made(who: &Caller, name: &str, term: &str, access: &str) -> Caller {
    let (status, to, _) = form(who, "/do/tokens/create", &[("name", name), ("term", term), ("access", access)]).await;
    assert_eq!((status, to.as_str()), (StatusCode::SEE_OTHER, "/settings/tokens"));
    let (_, html) = who.page("/settings/tokens").await;
    let start = html.find("value=\"rap_").unwrap_or_else(|| panic!("no token: {html}")) + 7;
    let token = html[start..start + 68].to_owned();
    assert!(!who.page("/settings/tokens").await.1.contains(&token), "shown once");
    Caller { token: Some(token), client: reqwest::Client::new(), base: who.base.clone() }
}

#[tokio::test]
async fn tokens_are_made_listed_and_revoked_and_never_do_more_than_they_may() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let mia = join(&app, &invite(&ana, "member", "").await, "mia").await;
    let mut raw = app.t.raw().await;
    let full = made(&mia, "Nightly sync", "30", "all").await;
    let reader = made(&mia, "Figures", "", "read").await;
    let owners = made(&ana, "Hers", "90", "all").await;
    assert_eq!(full.post("/api/v1/contacts", json!({"firstName": "New"})).await.0, StatusCode::CREATED);
    assert_eq!(reader.get("/api/v1/contacts").await.0, StatusCode::OK);
    for (method, path) in [(Method::POST, "/api/v1/contacts"), (Method::PUT, "/api/v1/today/weights"), (Method::POST, "/api/v1/notifications/read")] {
        let (status, answer) = read(reader.request(method, path).json(&json!({"firstName": "No", "ids": []}))).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}");
        assert_eq!(answer["error"]["message"], "This API token may only read.");
    }
    // What is listed: all that tells one from another, and nothing that opens anything.
    let (_, listed) = mia.get("/api/v1/tokens").await;
    let lines = listed["data"].as_array().unwrap();
    let text = full.token.clone().unwrap();
    assert_eq!(lines.iter().map(|l| l["name"].as_str().unwrap()).collect::<Vec<_>>(), ["Figures", "Nightly sync"]);
    assert_eq!((lines[1]["last4"].as_str().unwrap(), &lines[1]["readOnly"], lines[1]["by"].as_str().unwrap()), (&text[64..], &json!(false), "mia"));
    assert!(lines[1]["lastUsedAt"].is_string() && lines[1]["expiresAt"].is_string() && lines[0]["expiresAt"].is_null(), "{listed}");
    assert!(!listed.to_string().contains(&text[4..60]));
    // The last use is coarse: within a minute nothing is written.
    let used = "select last_used_at from api_tokens where name = 'Nightly sync'";
    let before: chrono::DateTime<chrono::Utc> = sqlx::query_scalar(used).fetch_one(&mut raw).await.unwrap();
    full.get("/api/v1/contacts").await;
    assert_eq!(before, sqlx::query_scalar::<_, chrono::DateTime<chrono::Utc>>(used).fetch_one(&mut raw).await.unwrap());
    sqlx::query("update api_tokens set last_used_at = now() - interval '61 seconds'").execute(&mut raw).await.unwrap();
    full.get("/api/v1/contacts").await;
    let after: chrono::DateTime<chrono::Utc> = sqlx::query_scalar(used).fetch_one(&mut raw).await.unwrap();
    assert!(after >= before);
    // A token makes no token, changes no role and uses no form, whoever it belongs to.
    let (status, answer) = owners.post("/api/v1/tokens", json!({"name": "More"})).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{answer}");
    let (_, members) = ana.get("/api/v1/members").await;
    let mias = members["data"].as_array().unwrap().iter().find(|m| m["name"] == "mia").unwrap()["id"].as_str().unwrap().to_owned();
    for (path, fields) in [
        ("/do/people/role", vec![("member", mias.as_str()), ("role", "admin")]),
        ("/do/people/invite", vec![("role", "admin")]),
        ("/do/tokens/create", vec![("name", "More"), ("term", "")]),
    ] {
        assert_eq!(form(&owners, path, &fields).await.0, StatusCode::FORBIDDEN, "{path}");
    }
    // Admins see and end all of the workspace, everybody else their own, and nobody another workspace's.
    let (_, all) = ana.get("/api/v1/tokens").await;
    assert_eq!(all["data"].as_array().unwrap().len(), 3);
    let id = |name: &str| all["data"].as_array().unwrap().iter().find(|l| l["name"] == name).unwrap()["id"].as_str().unwrap().to_owned();
    let eve = app.signed_up("evil").await;
    for thief in [&mia, &eve] {
        assert_eq!(thief.post(&format!("/api/v1/tokens/{}/revoke", id("Hers")), json!({})).await.0, StatusCode::NOT_FOUND);
        form(thief, "/do/tokens/revoke", &[("token", &id("Hers"))]).await;
    }
    assert_eq!(owners.get("/api/v1/contacts").await.0, StatusCode::OK);
    form(&ana, "/do/tokens/revoke", &[("token", &id("Figures"))]).await;
    assert_eq!(reader.get("/api/v1/contacts").await.0, StatusCode::UNAUTHORIZED);
    // The role that counts is the one of the moment.
    form(&ana, "/do/people/role", &[("member", &mias), ("role", "viewer")]).await;
    assert_eq!(full.post("/api/v1/contacts", json!({"firstName": "No"})).await.0, StatusCode::FORBIDDEN);
    assert_eq!(mia.post(&format!("/api/v1/tokens/{}/revoke", id("Nightly sync")), json!({})).await.0, StatusCode::OK);
    assert_eq!(full.get("/api/v1/contacts").await.0, StatusCode::UNAUTHORIZED);
    // What has expired opens nothing, and a wrong name or term makes nothing.
    for body in
        [json!({"name": " "}), json!({"name": "x".repeat(81)}), json!({"name": "x", "expiresAt": "2020-01-01T00:00:00Z"}), json!({"name": "a\u{0}b"})]
    {
        assert_eq!(ana.post("/api/v1/tokens", body.clone()).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
    let (status, answer) = ana.post("/api/v1/tokens", json!({"name": "By REST", "readOnly": true})).await;
    assert_eq!(status, StatusCode::CREATED);
    let by_rest = Caller { token: answer["data"]["token"].as_str().map(str::to_owned), ..app.anonymous() };
    assert_eq!(by_rest.get("/api/v1/contacts").await.0, StatusCode::OK);
    sqlx::query("update api_tokens set expires_at = now() where name = 'By REST'").execute(&mut raw).await.unwrap();
    assert_eq!(by_rest.get("/api/v1/contacts").await.0, StatusCode::UNAUTHORIZED);
    assert!(ana.page("/settings/tokens").await.1.contains("Revoked or expired"));
}
