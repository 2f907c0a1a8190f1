//! Sends a change and hears whatever comes back, with its status: what stands between browser and server answers too, and a
//! server function alone would make one error of all of it.

use super::{
    answers::{Answer, retry_after},
    outbox::{Job, What},
    queue::{DispatchCommand, UndoEvent},
};
use crate::Whose;
use leptos::{prelude::*, server_fn::ServerFn};
use serde_json::json;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// An answer that has not come by then does not come: the request is given up and made again.
const PATIENCE: Duration = Duration::from_secs(30);

/// Sends a change as this member's. Nothing when no answer came.
pub(super) async fn send(job: &Job, whose: Whose) -> Option<Answer> {
    let (path, body) = match &job.what {
        What::Send(command) => {
            let envelope = json!({"id": job.id, "baseVersion": job.base, "command": command});
            (DispatchCommand::PATH, json!({"envelope": envelope, "member": whose.member, "workspace": whose.workspace}))
        }
        What::Undo(event) => (UndoEvent::PATH, json!({"id": job.id, "event": event, "member": whose.member, "workspace": whose.workspace})),
    };
    let init = web_sys::RequestInit::new();
    init.set_method("POST");
    init.set_body(&JsValue::from_str(&body.to_string()));
    let headers = web_sys::Headers::new().ok()?;
    for name in ["content-type", "accept"] {
        headers.set(name, "application/json").ok()?;
    }
    init.set_headers(&headers);
    fetch(path, &init).await
}

/// Whether the server is well: it answers, and its database answers it.
pub(super) async fn is_well() -> bool {
    fetch("/readyz", &web_sys::RequestInit::new()).await.is_some_and(|answer| answer.status == 200)
}

async fn fetch(path: &str, init: &web_sys::RequestInit) -> Option<Answer> {
    let control = web_sys::AbortController::new().ok()?;
    init.set_signal(Some(&control.signal()));
    let patience = set_timeout_with_handle(move || control.abort(), PATIENCE).ok();
    let answer = hear(path, init).await;
    if let Some(patience) = patience {
        patience.clear();
    }
    answer
}

async fn hear(path: &str, init: &web_sys::RequestInit) -> Option<Answer> {
    let response: web_sys::Response = JsFuture::from(window().fetch_with_str_and_init(path, init)).await.ok()?.dyn_into().ok()?;
    let asked = response.headers().get("retry-after").ok().flatten();
    let retry_after = asked.and_then(|header| retry_after(&header, js_sys::Date::parse(&header), js_sys::Date::now()));
    let text = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
    Some(Answer { status: response.status(), retry_after, text })
}
