//! Bodies of REST as programs read them, whole: a key that comes, goes or changes its form is seen here. Rewritten with
//! `UPDATE_EXPECT=1`, and read before they are committed.

use crate::kit::TestApp;
use expect_test::{Expect, expect};
use serde_json::{Value, json};

/// Ids and moments differ from run to run: each id by the order in which it comes up.
fn settled(value: &mut Value, ids: &mut Vec<String>) {
    match value {
        Value::String(text) if uuid::Uuid::parse_str(text).is_ok() => {
            let at = ids.iter().position(|id| id == text).unwrap_or_else(|| {
                ids.push(text.clone());
                ids.len() - 1
            });
            *text = format!("<id {at}>");
        }
        Value::String(text) if chrono::DateTime::parse_from_rfc3339(text).is_ok() => *text = "<moment>".into(),
        Value::Array(all) => all.iter_mut().for_each(|v| settled(v, ids)),
        Value::Object(map) => {
            // Places on a board are drawn by lot, so that two people rarely take the same one.
            if let Some(rank) = map.get_mut("rank") {
                *rank = "<rank>".into();
            }
            map.values_mut().for_each(|v| settled(v, ids));
        }
        _ => {}
    }
}

fn check(answer: &(reqwest::StatusCode, Value), expected: &Expect) {
    let mut body = answer.1.clone();
    settled(&mut body, &mut Vec::new());
    expected.assert_eq(&format!("{} {}", answer.0.as_u16(), serde_json::to_string_pretty(&body).unwrap()));
}

#[tokio::test]
async fn bodies_are_what_programs_rely_on() {
    let app = TestApp::new().await;
    let ana = app.with_token("acme").await;
    let company = ana.create("/api/v1/companies", json!({"name": "Globex"})).await;
    let deal = json!({"title": "Renewal", "value": "1200.50", "companyId": company["id"], "tags": ["vip"]});
    let made = ana.post("/api/v1/deals", deal).await;
    check(
        &made,
        &expect![[r#"
        201 {
          "data": {
            "closeReason": null,
            "closedAt": null,
            "company": "Globex",
            "companyId": "<id 0>",
            "competitor": null,
            "contactIds": [],
            "createdAt": "<moment>",
            "currency": "USD",
            "description": null,
            "expectedCloseDate": null,
            "id": "<id 1>",
            "imported": {},
            "nextAction": null,
            "nextActionDate": null,
            "openedAt": "<moment>",
            "owner": "acme",
            "ownerId": "<id 2>",
            "pipelineId": "<id 3>",
            "probability": 10,
            "productId": null,
            "source": null,
            "stage": "Prospecting",
            "stageId": "<id 4>",
            "status": "open",
            "tags": [
              "vip"
            ],
            "title": "Renewal",
            "type": null,
            "updatedAt": "<moment>",
            "value": "1200.50",
            "version": 1,
            "visibility": "workspace"
          }
        }"#]],
    );
    check(
        &ana.get("/api/v1/deals?limit=1").await,
        &expect![[r#"
        200 {
          "data": [
            {
              "closedAt": null,
              "company": "Globex",
              "companyId": "<id 0>",
              "contact": null,
              "contactId": null,
              "currency": "USD",
              "expectedCloseDate": null,
              "id": "<id 1>",
              "nextAction": null,
              "nextActionDate": null,
              "openedAt": "<moment>",
              "owner": "acme",
              "ownerId": "<id 2>",
              "pipelineId": "<id 3>",
              "probability": 10,
              "rank": "<rank>",
              "stageId": "<id 4>",
              "stageSince": "<moment>",
              "title": "Renewal",
              "valueMinor": 120050,
              "version": 1
            }
          ],
          "page": {
            "next": null
          }
        }"#]],
    );
    check(
        &ana.post("/api/v1/deals", json!({"title": "", "value": "x"})).await,
        &expect![[r#"
        422 {
          "error": {
            "code": "invalid",
            "fields": [
              {
                "code": "required",
                "field": "title",
                "message": "Title is needed"
              },
              {
                "code": "money",
                "field": "value",
                "message": "Value is not an amount"
              }
            ],
            "message": "Title is needed"
          }
        }"#]],
    );
    check(
        &ana.get("/api/v1/search?q=renew").await,
        &expect![[r#"
        200 {
          "data": [
            {
              "about": "Prospecting",
              "id": "<id 0>",
              "kind": "deal",
              "title": "Renewal"
            }
          ]
        }"#]],
    );
    check(
        &ana.get("/api/v1/events?limit=1").await,
        &expect![[r#"
        200 {
          "data": [
            {
              "actor": "acme",
              "changes": {
                "companyId": [
                  "",
                  "Globex"
                ],
                "currency": [
                  "",
                  "USD"
                ],
                "ownerId": [
                  "",
                  "acme"
                ],
                "tags": [
                  "",
                  "vip"
                ],
                "title": [
                  "",
                  "Renewal"
                ],
                "value": [
                  "",
                  "1200.50"
                ]
              },
              "entityId": "<id 0>",
              "hidden": false,
              "id": "<id 1>",
              "kind": "deal",
              "occurredAt": "<moment>",
              "recordedAt": "<moment>",
              "surface": "api",
              "title": "Renewal",
              "undoable": true,
              "undone": false,
              "verb": "created"
            }
          ],
          "page": {
            "next": "<id 2>"
          }
        }"#]],
    );
    check(
        &ana.get("/api/v1/deals/0192f000-0000-7000-8000-000000000000").await,
        &expect![[r#"
        404 {
          "error": {
            "code": "not_found",
            "fields": [],
            "message": "This was not found. It may have been deleted, or the link is wrong."
          }
        }"#]],
    );
}
