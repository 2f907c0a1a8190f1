//! What people wrote is text wherever the server writes it: in no page, form or document does it become an element.

use crate::kit::html::Page;
use crate::kit::{Caller, TestApp, read, smallest};
use domain::{EntityKind, FieldKind, paths};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use std::{collections::HashMap, time::Duration};

/// Leaves whatever it is written into, if that is not told to take it as text.
const CANARY: &str = "</title></textarea></style></script><x-canary>";
/// The same in a name that is short enough for every field, behind the end of an attribute.
const QUOTED: &str = "\"'></title></textarea></script><x-canary x-canary='";
/// Every other way out that there is room for, and what becomes markup when something is decoded twice.
const LONG: &str = "--!>]]>\"'></title></textarea></style></script></option></select></svg></template></noscript><x-canary><!--<script><x-canary x-canary=\"'>&lt;x-canary&gt;&#60;x-canary>\\u003cx-canary>{{x-canary}}";

/// The kinds in an order in which each finds what it points to.
fn order() -> Vec<EntityKind> {
    let mut order = EntityKind::referrers_first();
    order.reverse();
    order
}

/// What a field of text holds in this test; none for fields that hold no text of people's own.
fn hostile(kind: FieldKind, short: &str) -> Option<Value> {
    let fits = |max: usize| if short == CANARY || LONG.len() > max { short } else { LONG };
    Some(match kind {
        FieldKind::Text(max) => json!(fits(max)),
        FieldKind::Suggest(_) => json!(short),
        FieldKind::LongText(_) => {
            let c = fits(20_000);
            json!(format!("\n{c}\n\n# {c}\n\n**{c}** [{c}](https://x.test/{c}) ![{c}]({c}) `{c}` <{c}> @{c}\n\n```{c}\n{c}\n```\n\n- {c}\n"))
        }
        FieldKind::List | FieldKind::Tags => json!([short]),
        // A mail address may hold what begins an attribute, no more.
        FieldKind::Email => json!(format!("a'&?b{}@x.test", short.len())),
        FieldKind::Emails => json!([{"value": "a'&?b@x.test", "kind": "work", "primary": true}]),
        FieldKind::Phones => json!([{"value": "+49 30 1234567", "kind": "work", "primary": true}]),
        FieldKind::Url => json!("https://x.test/'&amp;/?</title>".replace(['<', '>'], "")),
        _ => return None,
    })
}

/// A record of every kind that says nothing but canaries, with one change in its history.
async fn records(ana: &Caller, short: &str) -> HashMap<EntityKind, Value> {
    let mut made: HashMap<EntityKind, Value> = HashMap::new();
    let today = chrono::Utc::now().format("%Y-%m-%d").to_string();
    for kind in order() {
        let pipeline = made.get(&EntityKind::Pipeline).map_or(Value::Null, |p| p["id"].clone());
        let mut set = smallest(kind, &pipeline);
        for spec in kind.fields() {
            let value = match spec.kind {
                FieldKind::Ref(to) if made.contains_key(&to) && !spec.create_only && !matches!(kind, EntityKind::View | EntityKind::Tag) => {
                    Some(made[&to]["id"].clone())
                }
                FieldKind::Contacts => Some(json!([made[&EntityKind::Contact]["id"]])),
                FieldKind::Date => Some(json!(today)),
                kind => hostile(kind, short),
            };
            if let Some(value) = value {
                set[spec.key] = value;
            }
        }
        let path = format!("/api/v1/{}", kind.plural());
        let record = ana.create(&path, set).await;
        let (key, changed) =
            kind.fields().iter().find_map(|f| Some((f.key, hostile(f.kind, short).filter(|v| v.is_string() && !f.create_only)?))).unwrap();
        let change = json!({key: format!("{} again", changed.as_str().unwrap())});
        let change = if kind == EntityKind::Tag || kind == EntityKind::View { json!({key: format!("{short}2")}) } else { change };
        let one = format!("{path}/{}", record["id"].as_str().unwrap());
        let (status, record) = read(ana.request(Method::PATCH, &one).header("if-match", record["version"].to_string()).json(&change)).await;
        assert_eq!(status, StatusCode::OK, "{kind:?} {record}");
        made.insert(kind, record["data"].clone());
    }
    made
}

/// Reads an answer as a browser does and fails when something in it is markup that nobody of ours wrote.
async fn checked(what: &str, answer: Response) -> (StatusCode, Page) {
    let status = answer.status();
    assert!(status.as_u16() < 500, "{what}: {status}");
    for (name, value) in answer.headers() {
        assert!(!value.as_bytes().contains(&b'<'), "{what}: the header {name} says {value:?}");
    }
    let header = |name: &str| answer.headers().get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
    let kind = header("content-type");
    if !kind.starts_with("text/html") {
        assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
        assert!(!["xml", "svg", "script"].iter().any(|bad| kind.contains(bad)), "{what}: {kind}");
        return (status, Page::parse(""));
    }
    assert!(header("content-security-policy").contains("default-src 'none'"), "{what}");
    let text = answer.text().await.unwrap();
    let page = Page::parse(&text);
    for element in page.elements() {
        let (tag, attributes) = (element.tag().to_owned(), element.attributes());
        let wrong = |why: &str| panic!("{what}: {why} in <{tag} {attributes:?}>\n…{}", around(&text));
        if tag == "x-canary" || attributes.iter().any(|a| a.0.contains("x-canary")) {
            wrong("a canary");
        }
        // What the policy would refuse, or what needs no policy to do harm.
        if attributes.iter().any(|a| a.0 == "style" || a.0.starts_with("on") || a.1.trim_start().to_lowercase().starts_with("javascript:")) {
            wrong("a style or a script");
        }
        let nonce = element.attribute("nonce").is_some();
        match tag.as_str() {
            "script" if element.attribute("src").is_none() && !nonce => wrong("a script of nobody's"),
            "style" if element.is_html() && !nonce => wrong("a style of nobody's"),
            "meta" if element.attribute("http-equiv").is_some() => wrong("an order to the browser"),
            "base" | "iframe" | "object" | "embed" => wrong("an element that we never use"),
            _ => {}
        }
    }
    let titles = page.texts("title");
    assert_eq!(titles.len(), 1, "{what}: {titles:?}");
    assert!(!titles[0].is_empty() && !titles[0].contains("<!>"), "{what}: {titles:?}");
    (status, page)
}

fn around(text: &str) -> String {
    let at = text.find("<x-canary").unwrap_or_default();
    text.chars().skip(text[..at].chars().count().saturating_sub(200)).take(400).collect()
}

async fn look(who: &Caller, path: &str) -> (StatusCode, Page) {
    let address = paths_of(path);
    checked(path, who.request(Method::GET, &address).send().await.unwrap()).await
}

/// A path as a browser sends it.
fn paths_of(path: &str) -> String {
    path.replace('<', "%3C").replace('>', "%3E").replace('"', "%22")
}

async fn send(who: &Caller, path: &str, fields: &[(&str, &str)]) -> (StatusCode, Page) {
    checked(path, who.request(Method::POST, &paths_of(path)).form(fields).send().await.unwrap()).await
}

async fn routes(who: &Caller) -> Vec<String> {
    let (_, routes) = who.get("/public/routes.json").await;
    routes.as_array().unwrap().iter().map(|r| r.as_str().unwrap().to_owned()).collect()
}

/// Every page of the router about these records.
fn pages(routes: &[String], made: &HashMap<EntityKind, Value>, import: &str) -> Vec<String> {
    let id = |kind: EntityKind| made[&kind]["id"].as_str().unwrap().to_owned();
    routes
        .iter()
        .flat_map(|route| match route.as_str() {
            "/import/{id}" => vec![route.replace("{id}", import)],
            "/new/{kind}" => order().iter().map(|k| route.replace("{kind}", k.noun())).collect(),
            "/edit/{kind}/{id}" => order().iter().map(|k| route.replace("{kind}", k.noun()).replace("{id}", &id(*k))).collect(),
            "/settings/{plural}/{id}" => {
                let own = order().into_iter().filter(|k| paths::record(*k, uuid::Uuid::nil()).starts_with("/settings"));
                own.map(|k| route.replace("{plural}", k.plural()).replace("{id}", &id(k))).collect()
            }
            of_one if of_one.ends_with("/{id}") => {
                let kind = order().into_iter().find(|k| paths::record(*k, uuid::Uuid::nil()).starts_with(&of_one.replace("{id}", "")));
                let one = of_one.replace("{id}", &id(kind.unwrap_or_else(|| panic!("whose page is {of_one}?"))));
                vec![format!("{one}?tab=related"), one]
            }
            whole if !whole.contains('{') => vec![if whole.is_empty() { "/".to_owned() } else { whole.to_owned() }],
            unknown => panic!("a test for {unknown} is missing"),
        })
        .collect()
}

async fn joined(app: &TestApp, ana: &Caller, name: &str, email: &str) -> Caller {
    send(ana, "/do/people/invite", &[("role", "admin"), ("member", "")]).await;
    let (_, html) = ana.page("/settings/people").await;
    let at = html.find("/join/").unwrap();
    let (link, guest) = (html[at..at + 54].to_owned(), app.anonymous());
    // What the form comes back with, and what it says before.
    look(&guest, &link).await;
    send(&guest, &link, &[("name", name), ("email", CANARY), ("password", "short")]).await;
    let (status, _) = send(&guest, &link, &[("name", name), ("email", email), ("password", "three unrelated words")]).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    guest
}

#[tokio::test]
async fn what_people_wrote_is_text_on_every_page() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let routes = routes(&ana).await;
    for short in [CANARY, QUOTED] {
        let (status, _) = send(&ana, "/do/workspace/save", &[("name", short), ("timeZone", "Europe/Berlin"), ("hue", "150")]).await;
        assert_eq!(status, StatusCode::SEE_OTHER);
        assert!(look(&ana, "/settings/workspace").await.1.elements().iter().any(|e| e.attribute("value").as_deref() == Some(short)), "it is written");
        let bob = joined(&app, &ana, short, if short == CANARY { "bob@join.test" } else { "bea@join.test" }).await;
        let made = records(&ana, short).await;
        // Told by somebody of that name, about something of that name.
        let (_, members) = ana.get("/api/v1/members").await;
        let me = members["data"].as_array().unwrap().iter().find(|m| m["name"] == "acme").unwrap()["id"].clone();
        bob.create(
            "/api/v1/tasks",
            json!({"title": short, "ownerId": me, "remindAt": "2026-01-05T09:00", "contactId": made[&EntityKind::Contact]["id"]}),
        )
        .await;
        bob.create("/api/v1/notes", json!({"body": format!("@acme {short}"), "contactId": made[&EntityKind::Contact]["id"]})).await;
        let lost = format!("/api/v1/deals/{}/move", made[&EntityKind::Deal]["id"].as_str().unwrap());
        let (_, board) = ana.get("/api/v1/stages").await;
        let stage = board["data"].as_array().unwrap().iter().find(|s| s["outcome"] == "lost").unwrap()["id"].clone();
        assert_eq!(ana.post(&lost, json!({"stageId": stage, "reason": short})).await.0, StatusCode::OK);
        let (_, share) =
            ana.post("/api/v1/shares", json!({"title": short, "shows": ["figures", "pipeline", "top_deals", "forecast", "won_by_month"]})).await;
        let shared = share["data"]["path"].as_str().unwrap().to_owned();
        let import = imported(&ana, short).await;

        let mut all = pages(&routes, &made, &import);
        assert!(all.len() > 60, "{}", all.len());
        let q = paths::query_value(short);
        let asked = [
            "q", "tag", "owner", "sort", "group", "hide", "kind", "by", "day", "period", "add", "contact", "tab", "as", "after", "stage", "pipeline",
        ];
        let query = asked.map(|key| format!("{key}={q}")).join("&");
        let lists: Vec<String> =
            routes.iter().filter(|r| !r.contains('{')).map(|r| format!("{}?{query}", if r.is_empty() { "/" } else { r })).collect();
        all.extend(lists);
        all.extend(
            ["/tasks?as=board", "/deals?as=list", "/deals?as=forecast", "/deals?group=ownerId", "/people?group=companyId", "/not-a-page"]
                .map(str::to_owned),
        );
        all.extend([
            format!("/{short}"),
            format!("/people?tag={q}"),
            format!("/people?q={q}"),
            format!("/deals?q={q}"),
            format!("/edit/contact/{short}"),
        ]);
        all.push(format!("/log?contact={}", made[&EntityKind::Contact]["id"].as_str().unwrap()));
        for path in &all {
            let (status, page) = look(&ana, path).await;
            let (title, heading) = (page.texts("title").remove(0), page.texts("h1").into_iter().next().unwrap_or_default());
            if status == StatusCode::OK {
                assert_eq!(title, if heading.is_empty() { "Rapport".to_owned() } else { format!("{heading} · Rapport") }, "{path}");
            }
            let named = ["/people/", "/companies/", "/deals/", "/tasks/", "/interactions/", "/import/"].iter().any(|p| path.starts_with(p))
                && status == StatusCode::OK;
            assert!(!named || heading.contains("x-canary"), "{path} is called {heading}");
        }
        look(&bob, "/notifications").await;
        assert!(look(&ana, "/notifications").await.1.elements().iter().any(|e| e.text().contains("x-canary")));
        others(&app, &ana, &shared, &import, short).await;
    }
}

/// Files full of canaries, of which one stays where it was dropped. Answers the id of one that is done and had bad rows.
async fn imported(ana: &Caller, short: &str) -> String {
    let cell = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let (c, mail) = (cell(short), format!("i{}@x.test", short.len()));
    let name = paths::query_value(&format!("{short}.csv"));
    ana.import(&name, format!("Account,Sector,Subsidiary of,{c}\n{c},{c},{c},{c}\n").into_bytes()).await;
    ana.import(&name, format!("Sales agent,Manager,Regional office\n{c},{c},{c}\n").into_bytes()).await;
    ana.import(&name, format!("Product,Series,Sales price\n{c},{c},{c}\n").into_bytes()).await;
    ana.import(&name, format!("Opportunity id,Title,Sales agent,Product,Account,Deal stage,Source\n{c},{c},{c},{c},{c},{c},{c}\n").into_bytes())
        .await;
    let people = format!(
        "First name,Last name,Company,Job title,Location,Notes,E-mail,{c}\n{c},{c},{c},{c},{c},{c},{mail},{c}\n{c},{c},{c},{c},{c},{c},{c},{c}\n"
    );
    let (status, draft) = read(ana.request(Method::POST, &format!("/api/v1/imports?fileName={name}")).body(people.clone())).await;
    assert_eq!(status, StatusCode::CREATED, "{draft}");
    look(ana, &format!("/import/{}", draft["data"]["id"].as_str().unwrap())).await;
    let done = ana.import(&name, people.into_bytes()).await;
    assert_eq!((done["created"].as_i64(), done["failed"].as_i64()), (Some(1), Some(1)), "{done}");
    let (_, found) = ana.get(&format!("/api/v1/contacts?q={}&limit=200", paths::query_value(&mail))).await;
    for contact in found["data"].as_array().unwrap() {
        let (_, page) = look(ana, &format!("/people/{}", contact["id"].as_str().unwrap())).await;
        assert!(page.texts("title")[0].contains("x-canary"), "{:?}", page.texts("title"));
    }
    done["id"].as_str().unwrap().to_owned()
}

/// What is no page of the router: plain pages, what forms come back with, documents, the live stream.
async fn others(app: &TestApp, ana: &Caller, shared: &str, import: &str, short: &str) {
    let guest = app.anonymous();
    let q = paths::query_value(short);
    let (status, page) = look(&guest, shared).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(page.texts("title"), [format!("{short} · {short}")]);
    assert!(
        page.elements()
            .iter()
            .any(|e| e.attribute("property").as_deref() == Some("og:title") && e.attribute("content") == Some(format!("{short} · {short}")))
    );
    let picture = guest.request(Method::GET, &format!("{shared}/preview.png")).send().await.unwrap();
    assert_eq!((picture.status(), &picture.bytes().await.unwrap()[1..4]), (StatusCode::OK, &b"PNG"[..]));
    for path in [
        "/sign-in?next=/",
        "/sign-up?x=",
        "/forgot?x=",
        "/help?q=",
        "/help/",
        "/s/",
        "/join/",
        "/reset/",
        "/confirm/",
        "/offline?x=",
        "/share-in?text=",
        "/people?q=",
        "/",
    ] {
        look(&guest, &format!("{path}{q}")).await;
    }
    for (path, fields) in [
        ("/sign-in", vec![("email", short), ("password", short), ("next", short)]),
        ("/sign-up", vec![("email", short), ("password", short), ("workspace", short), ("template", short), ("time_zone", short)]),
        ("/forgot", vec![("email", short)]),
    ] {
        send(&guest, path, &fields).await;
    }
    // A form that comes back with what was typed and what is wrong with it.
    let (id, command) = (uuid::Uuid::now_v7().to_string(), uuid::Uuid::now_v7().to_string());
    for kind in order() {
        let mut fields = vec![("id", id.as_str()), ("command_id", &command)];
        fields.extend(kind.fields().iter().map(|f| (f.key, short)));
        send(ana, &format!("/do/save/{}", kind.noun()), &fields).await;
        look(ana, &paths::create(kind)).await;
    }
    for (path, page, fields) in [
        ("/do/people/role", "/settings/people", vec![("member", short), ("role", short)]),
        ("/do/account/password", "/settings/profile", vec![("old", short), ("new", short)]),
        ("/do/account/email", "/settings/profile", vec![("email", short), ("password", short)]),
        ("/do/workspace/delete", "/settings/workspace", vec![("name", short)]),
        ("/do/workspace/save", "/settings/workspace", vec![("name", short), ("timeZone", short), ("hue", "150")]),
        ("/do/shares/create", "/settings/shares", vec![("title", short), ("shows", short), ("figures", "on")]),
        ("/do/account/notifications", "/settings/notifications", vec![("kind", short)]),
    ] {
        send(ana, path, &fields).await;
        look(ana, page).await;
    }
    // A browser that says something odd about itself is in the list of browsers.
    let form = [("email", "acme@acme.test"), ("password", "correct horse battery"), ("next", "/")];
    let agent = app.anonymous().request(Method::POST, "/sign-in").header("user-agent", short).header("accept-language", "de-<x-canary>");
    checked("agent", agent.form(&form).send().await.unwrap()).await;
    look(ana, "/settings/profile").await;
    let cookies = guest.request(Method::GET, "/sign-in").header("cookie", "rapport-look=\"><x-canary>; rapport-language=<x-canary>");
    checked("cookies", cookies.send().await.unwrap()).await;
    let (_, document) = ana.get("/api/openapi.json").await;
    for (path, methods) in document["paths"].as_object().unwrap() {
        if methods.get("get").is_some() {
            look(ana, &format!("{}?q={q}&owner={q}", path.replace("{id}", &q))).await;
            look(ana, path).await;
        }
    }
    for (path, method) in leptos::server_fn::axum::server_fn_paths() {
        for accept in ["text/html", "application/json"] {
            let request = ana.request(method.clone(), path).header("accept", accept).header("content-type", "application/json");
            checked(path, request.body(json!({"id": short, "kind": short, "q": short}).to_string()).send().await.unwrap()).await;
        }
    }
    for path in ["/import/x/failed.csv".replace('x', import), "/public/manifest.webmanifest".into(), "/public/words.de.json".into()] {
        look(ana, &path).await;
    }
    let mut live = ana.request(Method::GET, "/live?after=0").send().await.unwrap();
    assert!(live.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
    let first = tokio::time::timeout(Duration::from_secs(10), live.chunk()).await.unwrap().unwrap().unwrap();
    assert!(!String::from_utf8_lossy(&first).contains("<x-canary"));
}

/// Titles of pages outside the app, as the tab shows them.
#[tokio::test]
async fn the_titles_of_plain_pages_say_what_they_mean_to() {
    let app = TestApp::new().await;
    let guest = app.anonymous();
    for (path, title) in [
        ("/sign-in", "Sign in · Rapport"),
        ("/sign-up", "Create an account · Rapport"),
        ("/forgot", "Forgot the password? · Rapport"),
        ("/reset/0000", "This link does not work · Rapport"),
        ("/confirm/0000", "This link does not work · Rapport"),
        ("/join/0000", "No invitation · Rapport"),
        ("/s/0000", "This link does not work · Rapport"),
        ("/help", "Help · Rapport"),
        ("/help/tags", "Put tags on records, and tidy them up · Rapport"),
        ("/offline", "No network · Rapport"),
    ] {
        assert_eq!(look(&guest, path).await.1.texts("title"), [title], "{path}");
    }
}

/// Without this the tests above could pass because nothing is ever found.
#[test]
fn a_canary_that_got_out_is_seen() {
    for html in [
        format!("<!DOCTYPE html><head><title>Acme{CANARY} · Rapport</title></head><body></body>"),
        format!("<!DOCTYPE html><{0}>{CANARY}</{0}>", "textarea"),
        format!("<!DOCTYPE html><p title=\"{QUOTED}\"> '>"),
        format!("<!DOCTYPE html><!-- {LONG} -->"),
        format!("<!DOCTYPE html><script nonce=x>x = '{LONG}'</script>"),
        format!("<!DOCTYPE html><select><option>{LONG}</select>"),
    ] {
        assert!(Page::parse(&html).elements().iter().any(|e| e.tag() == "x-canary"), "{html}");
    }
    assert!(!Page::parse("<!DOCTYPE html><title>&lt;x-canary></title>").elements().iter().any(|e| e.tag() == "x-canary"));
}
