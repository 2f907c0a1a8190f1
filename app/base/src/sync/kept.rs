//! What was read is kept in this browser and read again when the network is away: a client of server functions that
//! remembers. The database itself is a few lines of JavaScript (`public/kept.js`): that is what its interface is made for.

use crate::browser_store::{NAME, call};
use bytes::Bytes;
use futures::{Sink, Stream, stream};
use gloo_net::http::{Request, RequestBuilder};
use leptos::{
    prelude::*,
    server_fn::{
        client::{Client, browser::BrowserClient},
        error::{FromServerFnError, IntoAppError, ServerFnErrorErr},
        request::browser::BrowserRequest,
        response::ClientRes,
    },
};
use send_wrapper::SendWrapper;
use std::cell::Cell;
use wasm_bindgen::JsValue;

/// The client of functions that read: `#[server(client = Kept)]`.
pub struct Kept;

/// What came, from the server or from the browser's store.
pub struct Answer {
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
    /// Something was read, or tried to be.
    pub(super) static TRIED: Cell<bool> = const { Cell::new(false) };
    /// Tells the page since when what it shows is (milliseconds of the browser's clock), while the network is away.
    static SINCE: Cell<Option<RwSignal<Option<f64>>>> = const { Cell::new(None) };
}

/// Keeps answers for `whose` from now on, and says through `since` when old ones are shown.
pub fn keep_for(whose: crate::Whose, since: RwSignal<Option<f64>>) {
    let except = JsValue::from_str(&whose.key(NAME));
    WHOSE.set(Some(whose));
    SINCE.set(Some(since));
    // Of whoever was here before, nothing stays.
    leptos::task::spawn_local(async move {
        call("wipe", &[except]).await;
    });
}

fn whose() -> Option<JsValue> {
    WHOSE.get().map(|w| JsValue::from_str(&w.key(NAME)))
}

/// Keeps answers under what was asked.
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

async fn send(request: BrowserRequest) -> Result<Answer, String> {
    // Reading the body takes it out of the request, and dropping a `BrowserRequest` aborts it, so the request is made anew.
    let body = request.text().await.map_err(|e| e.to_string())?;
    let mut again = RequestBuilder::new(&request.url()).method(request.method());
    for name in ["content-type", "accept"] {
        if let Some(value) = request.headers().get(name) {
            again = again.header(name, &value);
        }
    }
    let url = web_sys::Url::new(&request.url());
    let path = url.map(|u| u.pathname() + &u.search()).unwrap_or_default();
    let again = if body.is_empty() { again.build() } else { again.body(&body) }.map_err(|e| e.to_string())?;
    let key = format!("{path} {body}");
    match ask(again).await {
        Some(answer) => {
            shows(None);
            // Said by the program itself, and by no proxy.
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
            Ok(answer)
        }
        None => {
            let (text, at) = kept(&key).await.ok_or("unreachable")?;
            shows(Some(at));
            Ok(Answer { status: 200, text, whose: None })
        }
    }
}

impl<E: FromServerFnError> ClientRes<E> for Answer {
    async fn try_into_string(self) -> Result<String, E> {
        Ok(self.text)
    }

    async fn try_into_bytes(self) -> Result<Bytes, E> {
        Ok(self.text.into())
    }

    fn try_into_stream(self) -> Result<impl Stream<Item = Result<Bytes, Bytes>> + Send + Sync + 'static, E> {
        Ok(stream::iter([Ok(Bytes::from(self.text))]))
    }

    fn status(&self) -> u16 {
        self.status
    }

    fn status_text(&self) -> String {
        String::new()
    }

    fn location(&self) -> String {
        String::new()
    }

    fn has_redirect(&self) -> bool {
        false
    }
}

impl<E, I, O> Client<E, I, O> for Kept
where
    E: FromServerFnError,
    I: FromServerFnError,
    O: FromServerFnError,
{
    type Request = BrowserRequest;
    type Response = Answer;

    fn send(request: BrowserRequest) -> impl Future<Output = Result<Answer, E>> + Send {
        SendWrapper::new(async move { send(request).await.map_err(|e| ServerFnErrorErr::Request(e).into_app_error()) })
    }

    fn open_websocket(
        url: &str,
    ) -> impl Future<Output = Result<(impl Stream<Item = Result<Bytes, Bytes>> + Send + 'static, impl Sink<Bytes> + Send + 'static), E>> + Send {
        <BrowserClient as Client<E, I, O>>::open_websocket(url)
    }

    fn spawn(future: impl Future<Output = ()> + Send + 'static) {
        <BrowserClient as Client<E, I, O>>::spawn(future);
    }
}
