//! What the interface is told of: languages, the workspace's picture, what stages ask for.

use crate::kit::{Caller, TestApp, read};
use reqwest::{
    Method, StatusCode,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

fn id(record: &Value) -> String {
    record["id"].as_str().unwrap().to_owned()
}

/// PIP-05: a stage can ask for fields of a deal before it comes in; nothing else stands in the way of a move.
#[tokio::test]
async fn pip_05_a_stage_asks_for_what_a_deal_lacks() {
    let app = TestApp::new().await;
    let ana = app.with_token("acme").await;
    let (_, stages) = ana.get("/api/v1/stages").await;
    let stage = |name: &str| stages["data"].as_array().unwrap().iter().find(|s| s["name"] == name).unwrap().clone();
    let proposal = stage("Proposal");
    let path = format!("/api/v1/stages/{}", id(&proposal));
    let set = |version: i64, body: Value| read(ana.request(Method::PATCH, &path).header("if-match", version.to_string()).json(&body));
    let version = proposal["version"].as_i64().unwrap();
    let (status, wrong) = set(version, json!({"requiredFields": ["value", "hat size"]})).await;
    assert_eq!((status, wrong["error"]["fields"][0]["code"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("choice")), "{wrong}");
    assert_eq!(set(version, json!({"wipLimit": 0})).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    // Codes or labels, in the order of the choices.
    let (status, done) = set(version, json!({"requiredFields": ["Next step", "value", "contactIds"], "wipLimit": 3})).await;
    assert_eq!(status, StatusCode::OK, "{done}");
    assert_eq!((&done["data"]["requiredFields"], &done["data"]["wipLimit"]), (&json!(["value", "contactIds", "nextAction"]), &json!(3)));
    let deal = ana.create("/api/v1/deals", json!({"title": "Renewal"})).await;
    let go = async |to: &Value| ana.post(&format!("/api/v1/deals/{}/move", id(&deal)), json!({"stageId": id(to)})).await;
    let (status, refused) = go(&proposal).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
    let fields: Vec<_> =
        refused["error"]["fields"].as_array().unwrap().iter().map(|f| (f["field"].as_str().unwrap(), f["message"].as_str().unwrap())).collect();
    assert_eq!(fields, ["value", "contactIds", "nextAction"].map(|field| (field, "Proposal asks for Value, People, Next step")));
    // A new one is asked the same.
    let (status, refused) = ana.post("/api/v1/deals", json!({"title": "New", "stageId": id(&proposal), "value": "5"})).await;
    assert_eq!((status, refused["error"]["message"].as_str()), (StatusCode::UNPROCESSABLE_ENTITY, Some("Proposal asks for People, Next step")));
    assert_eq!(go(&stage("Negotiation")).await.0, StatusCode::OK, "other stages ask for nothing");
    let bea = ana.create("/api/v1/contacts", json!({"firstName": "Bea"})).await;
    let (_, now) = ana.get(&format!("/api/v1/deals/{}", id(&deal))).await;
    let edit = ana.request(Method::PATCH, &format!("/api/v1/deals/{}", id(&deal))).header("if-match", now["data"]["version"].to_string());
    assert_eq!(read(edit.json(&json!({"value": "10", "contactIds": [id(&bea)], "nextAction": "Send the offer"}))).await.0, StatusCode::OK);
    let (status, moved) = go(&proposal).await;
    assert_eq!(status, StatusCode::OK, "{moved}");
    // Out and back by undo: what was is restored, whatever it lacks by then.
    assert_eq!(go(&stage("Qualification")).await.0, StatusCode::OK);
    let (_, feed) = ana.get("/api/v1/events").await;
    let event = feed["data"][0]["id"].as_str().unwrap().to_owned();
    let (_, now) = ana.get(&format!("/api/v1/deals/{}", id(&deal))).await;
    let edit = ana.request(Method::PATCH, &format!("/api/v1/deals/{}", id(&deal))).header("if-match", now["data"]["version"].to_string());
    assert_eq!(read(edit.json(&json!({"nextAction": null}))).await.0, StatusCode::OK);
    assert_eq!(ana.post(&format!("/api/v1/events/{event}/undo"), Value::Null).await.0, StatusCode::OK);
    let (_, back) = ana.get(&format!("/api/v1/deals/{}", id(&deal))).await;
    assert_eq!((&back["data"]["stageId"], &back["data"]["nextAction"]), (&proposal["id"], &Value::Null));
}

async fn picture(who: &Caller, bytes: &[u8]) -> StatusCode {
    let form = Form::new().part("logo", Part::bytes(bytes.to_vec()).file_name("logo.png"));
    who.request(Method::POST, "/do/workspace/logo").multipart(form).send().await.unwrap().status()
}

#[tokio::test]
async fn a_workspace_has_a_picture_of_its_own() {
    let app = TestApp::new().await;
    let (ana, eve) = (app.signed_up("acme").await, app.signed_up("evil").await);
    let mut png = std::io::Cursor::new(Vec::new());
    image::DynamicImage::new_rgb8(40, 40).write_to(&mut png, image::ImageFormat::Png).unwrap();
    let png = png.into_inner();
    let shown = async |who: &Caller| {
        let answer = who.request(Method::GET, "/workspace/logo").send().await.unwrap();
        let kind = answer.headers().get("content-type").map(|v| v.to_str().unwrap().to_owned());
        (answer.status(), kind, answer.bytes().await.unwrap().to_vec())
    };
    assert_eq!(shown(&ana).await.0, StatusCode::NOT_FOUND);
    // What is no picture is told, and changes nothing.
    for wrong in [b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".as_slice(), b"GIF89a"] {
        assert_eq!(picture(&ana, wrong).await, StatusCode::SEE_OTHER);
        assert!(ana.page("/settings/workspace").await.1.contains("The picture must be a PNG, JPEG or WebP file"));
    }
    let large = [b"\x89PNG\r\n\x1a\n".as_slice(), &vec![0; 300_000]].concat();
    picture(&ana, &large).await;
    assert!(ana.page("/settings/workspace").await.1.contains("The picture takes at most 256 kB"));
    assert_eq!(shown(&ana).await.0, StatusCode::NOT_FOUND);
    picture(&ana, &png).await;
    assert_eq!(shown(&ana).await, (StatusCode::OK, Some("image/png".into()), png.clone()));
    assert!(ana.page("/").await.1.contains("/workspace/logo?v="));
    // It is the workspace's and nobody else's.
    assert_eq!(shown(&eve).await.0, StatusCode::NOT_FOUND);
    assert_ne!(shown(&app.anonymous()).await.1.as_deref(), Some("image/png"));
    // A member who does not run the workspace changes nothing of its looks.
    app.t.db.add_user("bob@acme.test", "correct horse battery", "acme", domain::pipelines::template("sales").unwrap()).await.unwrap();
    let bob = app.anonymous();
    let signed =
        bob.request(Method::POST, "/sign-in").form(&[("email", "bob@acme.test"), ("password", "correct horse battery")]).send().await.unwrap();
    assert_eq!(signed.status(), StatusCode::SEE_OTHER);
    picture(&bob, &[b"\x89PNG\r\n\x1a\n".as_slice(), &[9; 10]].concat()).await;
    bob.request(Method::POST, "/do/workspace/logo").multipart(Form::new().text("remove", "yes")).send().await.unwrap();
    assert_eq!(shown(&bob).await, (StatusCode::OK, Some("image/png".into()), png), "he sees it, as it was");
    // Nothing sent is nothing taken away.
    picture(&ana, b"").await;
    assert_eq!(shown(&ana).await.0, StatusCode::OK);
    let form = Form::new().text("remove", "yes");
    ana.request(Method::POST, "/do/workspace/logo").multipart(form).send().await.unwrap();
    assert_eq!(shown(&ana).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn pages_speak_what_the_browser_asks_for() {
    let app = TestApp::new().await;
    let ask = async |path: &str, accepts: &str, cookie: &str| {
        app.anonymous()
            .request(Method::GET, path)
            .header("accept-language", accepts)
            .header("cookie", cookie)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
    };
    assert!(ask("/sign-in", "de-CH,de;q=0.9", "").await.contains("<html lang=\"de\">"));
    assert!(ask("/sign-in", "de", "rapport-language=es").await.contains("<html lang=\"es\">"), "what was picked goes first");
    assert!(ask("/sign-in", "fr", "rapport-language=\"><script>").await.contains("<html lang=\"en\">"));
    assert!(ask("/help/first-steps", "es", "").await.contains("lang=\"es\""));
    assert!(ask("/offline", "de", "").await.contains("Kein Netz"));
    // The interface for programs has one language.
    let (_, refused) = read(app.anonymous().request(Method::GET, "/api/v1/contacts").header("accept-language", "de")).await;
    assert_eq!(refused["error"]["message"], "Sign in to continue.");
    for hue in ["/brand/359.css", "/brand/0.css"] {
        assert_eq!(app.anonymous().page(hue).await.0, StatusCode::OK);
    }
    for odd in ["/brand/360.css", "/brand/x.css", "/brand/1", "/brand/-1.css"] {
        assert_eq!(app.anonymous().page(odd).await.0, StatusCode::NOT_FOUND, "{odd}");
    }
}

/// A workspace that was made in German has German stages, and takes a file with the names that its board shows, as well as
/// one with those of the sales history.
#[tokio::test]
async fn a_file_names_stages_as_the_board_does() {
    let app = TestApp::new().await;
    let ana = app.anonymous();
    let form = [("email", "ana@werk.test"), ("password", "correct horse battery"), ("workspace", "Werk")];
    let signed = ana.request(Method::POST, "/sign-up").header("accept-language", "de").form(&form).send().await.unwrap();
    assert_eq!(signed.status(), StatusCode::SEE_OTHER);
    let (_, stages) = ana.get("/api/v1/stages").await;
    let names: Vec<&str> = stages["data"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"Akquise") && !names.contains(&"Prospecting"), "{names:?}");
    let done =
        ana.import("deals.csv", "opportunity_id,product,deal_stage\nA1,GTXPro,Akquise\nA2,GTXPro,Prospecting\nA3,GTXPro,Nowhere\n".into()).await;
    assert_eq!((&done["created"], &done["failed"]), (&json!(2), &json!(1)), "{done}");
}

/// A company's page adds up what is in the workspace's currency, and counts the rest.
#[tokio::test]
async fn a_companys_open_sum_is_of_one_currency() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let company = ana.create("/api/v1/companies", json!({"name": "Globex"})).await;
    for (value, currency) in [("50000", "JPY"), ("100", "USD"), ("20", "USD")] {
        ana.create("/api/v1/deals", json!({"title": currency, "value": value, "currency": currency, "companyId": company["id"]})).await;
    }
    let (_, page) = ana.page(&format!("/companies/{}", id(&company))).await;
    assert!(page.contains("$120 open + 1 in other currencies"), "{page}");
}
