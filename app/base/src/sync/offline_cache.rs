//! Offline cache: answers are stored in IndexedDB under their request and read from there while the server does not answer. The access to
//! IndexedDB is in JavaScript (`public/kept.js`), for which its interface is made.

use super::call::{self, Answered, Body, Call, Source, request};
use crate::browser_store::{NAME, call};
use gloo_net::http::Request;
use leptos::{prelude::*, server_fn::codec::PostUrl};
use std::cell::Cell;
use wasm_bindgen::JsValue;

/// A function whose answer is stored, for times without a network: `#[server(protocol = Cached)]`.
pub type Cached<Arguments = PostUrl> = Call<OfflineCache, Arguments>;

/// The server, and the store where it does not answer.
pub struct OfflineCache;

impl Source for OfflineCache {
    fn ask(path: String, body: Body) -> call::Answer {
        Box::pin(send(path, body))
    }
}

/// An answer of the server.
struct Answer {
    status: u16,
    text: String,
    /// As whom the server answered.
    whose: Option<String>,
}

thread_local! {
    /// Owner of the stored answers. `None`: nothing is stored.
    static WHOSE: Cell<Option<crate::Whose>> = const { Cell::new(None) };
    /// The last answer said that the server is unavailable (502–504), in contrast to no answer at all.
    static UNAVAILABLE: Cell<bool> = const { Cell::new(false) };
    /// A request was sent.
    pub(super) static TRIED: Cell<bool> = const { Cell::new(false) };
    /// Time of the oldest stored answer on the page (milliseconds of the browser's clock), while the server does not answer.
    static SINCE: Cell<Option<RwSignal<Option<f64>>>> = const { Cell::new(None) };
}

/// Stores answers for `whose` from now on; `since` is the age of the oldest stored answer that the page shows.
pub fn keep_for(whose: crate::Whose, since: RwSignal<Option<f64>>) {
    let except = JsValue::from_str(&whose.key(NAME));
    WHOSE.set(Some(whose));
    SINCE.set(Some(since));
    // Delete what was stored for other accounts.
    leptos::task::spawn_local(async move {
        call("wipe", &[except]).await;
    });
}

fn whose() -> Option<JsValue> {
    WHOSE.get().map(|w| JsValue::from_str(&w.key(NAME)))
}

/// Stores answers under their requests.
pub async fn keep(answers: Vec<(String, String)>) {
    let Some(whose) = whose() else { return };
    let entries: js_sys::Array = answers.iter().map(|(key, text)| js_sys::Array::of2(&JsValue::from_str(key), &JsValue::from_str(text))).collect();
    call("put", &[whose, entries.into()]).await;
}

async fn kept(key: &str) -> Option<(String, f64)> {
    let found = call("get", &[whose()?, JsValue::from_str(key)]).await?;
    let text = js_sys::Reflect::get(&found, &"text".into()).ok()?.as_string()?;
    Some((text, js_sys::Reflect::get(&found, &"at".into()).ok()?.as_f64()?))
}

fn shows(since: Option<f64>) {
    // The oldest of what is shown.
    let Some(signal) = SINCE.get() else { return };
    let Some(now) = signal.try_get_untracked() else { return };
    let next = match (now, since) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (_, since) => since,
    };
    if next != now {
        signal.try_set(next);
    }
}

/// Whether the page shows stored answers. Untracked.
pub fn shows_stored() -> bool {
    SINCE.get().and_then(|since| since.try_get_untracked()).flatten().is_some()
}

/// Whether stored answers are shown because the server is unavailable, and not for lack of a network.
pub fn is_server_away() -> bool {
    UNAVAILABLE.get()
}

/// Asks the server; `None` when it, or what stands before it, is away.
async fn ask(request: Request) -> Option<Answer> {
    UNAVAILABLE.set(false);
    TRIED.set(true);
    let response = request.send().await.ok()?;
    let (status, whose) = (response.status(), response.headers().get("x-rapport-whose"));
    if matches!(status, 502..=504) {
        UNAVAILABLE.set(true);
        return None;
    }
    Some(Answer { status, text: response.text().await.ok()?, whose })
}

/// Asks the server and stores the answer; without an answer, reads the stored one.
async fn send(path: String, body: Body) -> Result<Answered, String> {
    let request = request(&path, &body)?;
    let key = format!("{path} {}", body.text);
    match ask(request).await {
        Some(answer) => {
            shows(None);
            // The answer is the program's own, not a proxy's.
            if answer.status == 401
                && answer.text == "\"SignInNeeded\""
                && let Some(whose) = WHOSE.get()
            {
                crate::session::ended(whose);
            }
            // An open page of somebody's may be answered as another whom the cookie means by now: that is not theirs to keep.
            let ours = answer.whose.is_some() && answer.whose == WHOSE.get().map(|w| w.to_string());
            if answer.status == 200 && ours {
                let text = answer.text.clone();
                leptos::task::spawn_local(keep(vec![(key, text)]));
                crate::session::goes_on();
            }
            Ok(Answered { status: answer.status, text: answer.text })
        }
        None => {
            let (text, at) = kept(&key).await.ok_or("unreachable")?;
            shows(Some(at));
            Ok(Answered { status: 200, text })
        }
    }
}
