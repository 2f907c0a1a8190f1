//! Sends a change and hears whatever comes back, with its status: what stands between browser and server answers too, and a
//! server function alone would make one error of all of it.

use super::{
    answers::{Answer, retry_after},
    outbox::{Job, What},
    server_fns::{DispatchCommand, SameSession, UndoEvent},
};
use crate::Whose;
use gloo_net::http::{Request, RequestBuilder};
use leptos::{prelude::*, server_fn::ServerFn};
use serde_json::json;
use std::time::Duration;

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
    fetch(Request::post(path), Some(body.to_string())).await
}

/// Whether the server refuses the session: it has ended, or is another member's. False without an answer.
pub(super) async fn is_refused(whose: Whose) -> bool {
    let body = json!({"member": whose.member, "workspace": whose.workspace});
    fetch(Request::post(SameSession::PATH), Some(body.to_string())).await.is_some_and(|answer| answer.status == 401)
}

/// Whether the server is well: it answers, and its database answers it.
pub(super) async fn is_well() -> bool {
    fetch(Request::get("/readyz"), None).await.is_some_and(|answer| answer.status == 200)
}

async fn fetch(request: RequestBuilder, body: Option<String>) -> Option<Answer> {
    let control = web_sys::AbortController::new().ok()?;
    let request = request.abort_signal(Some(&control.signal()));
    let request = match body {
        Some(body) => request.header("content-type", "application/json").header("accept", "application/json").body(body),
        None => request.build(),
    };
    let patience = set_timeout_with_handle(move || control.abort(), PATIENCE).ok();
    let answer = answer_of(request.ok()?).await;
    if let Some(patience) = patience {
        patience.clear();
    }
    answer
}

async fn answer_of(request: Request) -> Option<Answer> {
    let response = request.send().await.ok()?;
    let retry_after = response.headers().get("retry-after").and_then(|h| retry_after(&h, js_sys::Date::parse(&h), js_sys::Date::now()));
    Some(Answer { status: response.status(), retry_after, text: response.text().await.ok()? })
}
