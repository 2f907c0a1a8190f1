//! The live stream: one event source per browser, opened at the position the page was read at, reopened by us after any
//! error. The tab that holds a Web Lock has it and passes everything on through a BroadcastChannel; the others catch up
//! once, from the position their page was read at, and then listen to that tab. Without locks (plain HTTP on a network)
//! every tab has its own.

use crate::pause::sleep;
use domain::{EntityKind, events::LiveMessage};
use futures::{
    StreamExt,
    future::{AbortHandle, abortable},
    stream::select,
};
use gloo_net::eventsource::futures::EventSource;
use leptos::{prelude::*, task::spawn_local};
use send_wrapper::SendWrapper;
use std::{cell::RefCell, collections::VecDeque, rc::Rc, time::Duration};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{BroadcastChannel, MessageEvent};

/// What a page may hear.
#[derive(Clone, Debug)]
pub enum Live {
    Message(LiveMessage),
    /// Too much was missed: read everything anew.
    Reset,
}

type Listener = Rc<dyn Fn(&Live)>;

/// Messages that are remembered for parts that begin to listen after they came.
const REMEMBERED: usize = 200;
/// The parts of a page are taken over within so long.
const TAKING_OVER_MS: f64 = 1_000.0;
/// The server speaks every 15 seconds at least.
const SILENCE_MS: f64 = 40_000.0;

/// The one stream of this browser tab. On the server it is never opened, so it costs a render nothing.
#[derive(Default)]
struct Tab {
    listeners: Vec<(u32, Listener)>,
    next: u32,
    position: i64,
    retry_ms: i32,
    /// Ends the open stream.
    stream: Option<AbortHandle>,
    /// To and from the other tabs of this browser.
    channel: Option<BroadcastChannel>,
    /// When the stream last said anything, in the browser's milliseconds.
    heard: f64,
    /// What it said lately, and when.
    recent: VecDeque<(f64, Live)>,
    /// When the page was taken over from the server.
    taken_over: Option<f64>,
}

thread_local! {
    static TAB: RefCell<Tab> = RefCell::new(Tab { retry_ms: 500, ..Default::default() });
}

fn with_tab<T>(f: impl FnOnce(&mut Tab) -> T) -> T {
    TAB.with_borrow_mut(f)
}

/// Whether a menu is open, a card is pressed or dragged, or a form in a row of Today is open or focused.
fn at_work() -> bool {
    const SIGNS: &str = ".menu:popover-open, .is-lifted, [data-card]:active, .today-row:not(.is-gone) .today-row__log, \
        .today-row:not(.is-gone) form :is(input, textarea):focus";
    document().query_selector(SIGNS).ok().flatten().is_some()
}

/// Delays the result of a resource's fetcher while a menu or a row's form is open or a card is dragged: rerendering would close
/// them or end the drag. The delay belongs in the fetcher, not in a `Suspend`: by then the old view's callbacks are disposed.
/// Immediate on the server.
pub async fn undisturbed<T>(fetch: impl Future<Output = T>) -> T {
    let result = fetch.await;
    while cfg!(target_arch = "wasm32") && at_work() {
        SendWrapper::new(sleep(200)).await;
    }
    result
}

/// Delays `f` until no menu and no row's form is open and no card is dragged: rerendering would close them or end the drag.
pub fn when_free(f: impl FnOnce() + 'static) {
    if at_work() {
        set_timeout(move || when_free(f), Duration::from_millis(200));
    } else {
        f();
    }
}

/// A callback that runs `f` through [`when_free`]. Calls while one is pending are coalesced, however long a form stays open.
pub fn coalesced_when_free(f: impl Fn() + Copy + Send + Sync + 'static) -> impl Fn() + Copy + Send + Sync + 'static {
    let pending = StoredValue::new(false);
    move || {
        if pending.try_update_value(|p| !std::mem::replace(p, true)) == Some(true) {
            when_free(move || {
                pending.try_update_value(|p| *p = false);
                f();
            });
        }
    }
}

/// Counts up when something of that kind changed elsewhere; many changes at once are one.
pub fn use_news(kind: EntityKind) -> RwSignal<u32> {
    let news = RwSignal::new(0u32);
    let waiting = StoredValue::new(false);
    use_live(move |live| {
        let ours = match live {
            Live::Message(m) => m.kind == kind,
            Live::Reset => true,
        };
        if ours && waiting.try_update_value(|w| !std::mem::replace(w, true)) == Some(true) {
            set_timeout(
                move || {
                    when_free(move || {
                        waiting.try_update_value(|w| *w = false);
                        news.try_update(|n| *n += 1);
                    });
                },
                Duration::from_millis(150),
            );
        }
    });
    news
}

/// Opens the stream after hydration, at the position the page was read at. `whose` keeps people and workspaces on one
/// browser apart.
pub fn start_live(position: i64, whose: crate::Whose) {
    Effect::new(move |_| {
        let first = with_tab(|tab| {
            tab.position = tab.position.max(position);
            tab.stream.is_none() && tab.channel.is_none()
        });
        if first {
            crate::hydration::when_hydrated(|| with_tab(|tab| tab.taken_over = Some(js_sys::Date::now())));
            join(&whose.key("rapport-live"));
        }
    });
}

/// Becomes the tab that has the stream, or one of those that listen to it.
fn join(name: &str) {
    let locks = js_sys::Reflect::get(&window().navigator(), &"locks".into()).ok().filter(JsValue::is_object);
    let (Some(locks), Ok(channel)) = (locks, BroadcastChannel::new(name)) else {
        lead();
        return;
    };
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(|ev: MessageEvent| {
        if let Some(text) = ev.data().as_string() {
            hear(&text);
        }
    });
    channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    with_tab(|tab| tab.channel = Some(channel));
    let lock = format!("{name}-lock");
    let (again, waiting) = (locks.clone(), lock.clone());
    // Asked for politely first, to know whether somebody has it; then in line, for when they leave.
    ask(&locks, &lock, true, move |granted| {
        if granted {
            lead();
        } else {
            mark("follower");
            catch_up();
            ask(&again, &waiting, false, |_| lead());
        }
        granted
    });
}

/// Calls `f` in one tab of this browser: now, or when the tab that came before is gone. Without locks in every tab.
pub(super) fn when_alone(name: &str, f: impl FnOnce() + 'static) {
    let locks = js_sys::Reflect::get(&window().navigator(), &"locks".into()).ok().filter(JsValue::is_object);
    match locks {
        Some(locks) => ask(&locks, name, false, move |_| {
            f();
            true
        }),
        None => f(),
    }
}

/// `navigator.locks.request`; the lock is held until the tab closes if `then` says so.
fn ask(locks: &JsValue, name: &str, only_if_free: bool, then: impl FnOnce(bool) -> bool + 'static) {
    let callback = Closure::once_into_js(move |lock: JsValue| -> JsValue {
        let keep = then(!lock.is_null());
        if keep { js_sys::Promise::new(&mut |_, _| {}).into() } else { JsValue::UNDEFINED }
    });
    let options = js_sys::Object::new();
    let _ = js_sys::Reflect::set(&options, &"ifAvailable".into(), &only_if_free.into());
    let request = js_sys::Reflect::get(locks, &"request".into()).ok().and_then(|f| f.dyn_into::<js_sys::Function>().ok());
    if let Some(request) = request {
        let _ = request.call3(locks, &name.into(), &options, &callback);
    }
}

fn lead() -> bool {
    mark("leader");
    open();
    watch();
    true
}

/// For whoever looks from outside: tests, and people with a console.
fn mark(role: &str) {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-live", role);
    }
}

/// Receives the messages after the tab's position, until `heard` answers false (true) or the connection fails (false).
async fn receive(heard: impl Fn(&str) -> bool) -> bool {
    let position = with_tab(|tab| tab.position);
    let Ok(mut source) = EventSource::new(&format!("/live?after={position}")) else { return false };
    // Errors as a subscription of their own: after some of them the browser reconnects by itself, from a position that is past.
    let (Ok(messages), Ok(errors)) = (source.subscribe("message"), source.subscribe("error")) else { return false };
    let mut events = select(messages, errors);
    while let Some(Ok((kind, event))) = events.next().await {
        if kind == "error" {
            return false;
        }
        if event.data().as_string().is_some_and(|text| !heard(&text)) {
            return true;
        }
    }
    false
}

/// Reads what came between this page's position and now, once.
fn catch_up() {
    spawn_local(async {
        let until_position = |text: &str| {
            hear(text);
            !text.starts_with("position:")
        };
        while !receive(until_position).await {
            sleep(2_000).await;
        }
    });
}

/// One message, wherever it came from.
fn hear(text: &str) {
    if text == "reset" {
        tell(&Live::Reset);
    } else if let Some(position) = text.strip_prefix("position:").and_then(|p| p.parse().ok()) {
        with_tab(|tab| tab.position = position);
        // The first message of a new stream: the server and its database are available again.
        super::sender::wake(false);
    } else if let Ok(message) = serde_json::from_str::<LiveMessage>(text) {
        with_tab(|tab| tab.position = message.position.max(tab.position));
        tell(&Live::Message(message));
    }
}

/// A cut line may not look cut from here: coming online, and a silence longer than two heartbeats, reopen the stream.
fn watch() {
    let _ = window_event_listener_untyped("online", |_| open());
    let _ = set_interval_with_handle(
        || {
            let silent = with_tab(|tab| js_sys::Date::now() - tab.heard > SILENCE_MS);
            if silent {
                open();
            }
        },
        Duration::from_secs(10),
    );
}

fn tell(live: &Live) {
    let listeners: Vec<Listener> = with_tab(|tab| {
        tab.recent.push_back((js_sys::Date::now(), live.clone()));
        if tab.recent.len() > REMEMBERED {
            tab.recent.pop_front();
        }
        tab.listeners.iter().map(|(_, f)| f.clone()).collect()
    });
    for listener in listeners {
        listener(live);
    }
}

/// Opens the stream, in place of the one that is open, and opens it again whenever it ends: with back-off after errors.
fn open() {
    let (stream, handle) = abortable(async {
        loop {
            with_tab(|tab| tab.heard = js_sys::Date::now());
            receive(|text| {
                pass_on(text);
                true
            })
            .await;
            let wait = with_tab(|tab| {
                let wait = tab.retry_ms;
                tab.retry_ms = (wait * 2).min(15_000);
                wait
            });
            sleep(wait).await;
        }
    });
    if let Some(before) = with_tab(|tab| tab.stream.replace(handle)) {
        before.abort();
    }
    spawn_local(async {
        let _ = stream.await;
    });
}

/// A message of this tab's own stream, for this tab and the others.
fn pass_on(text: &str) {
    with_tab(|tab| {
        tab.retry_ms = 500;
        tab.heard = js_sys::Date::now();
    });
    hear(text);
    let channel = with_tab(|tab| tab.channel.clone());
    if let Some(channel) = channel.filter(|_| text != "beat") {
        let _ = channel.post_message(&text.into());
    }
}

/// What a part missed that begins to listen: what came since its answer was asked for. The server's own page was read before
/// the stream began, and its parts are taken over later than that: they missed all of it.
fn missed(since: Option<f64>) -> Vec<Live> {
    let now = js_sys::Date::now();
    with_tab(|tab| {
        let first = tab.taken_over.is_none_or(|at| now - at < TAKING_OVER_MS);
        let since = since.unwrap_or(if first { 0.0 } else { now });
        tab.recent.iter().filter(|(at, _)| *at > since).map(|(_, live)| live.clone()).collect()
    })
}

/// Whether the page in view has been taken over from the server.
fn is_taken_over() -> bool {
    document().document_element().is_some_and(|root| root.has_attribute("data-hydrated"))
}

/// When an answer that is asked for now is asked for, in the browser's milliseconds; 0 for what the server's own page holds.
pub fn asked_now() -> f64 {
    if cfg!(target_arch = "wasm32") && is_taken_over() { js_sys::Date::now() } else { 0.0 }
}

/// Calls `listener` for every live message while the calling part is on the page.
pub fn use_live(listener: impl Fn(&Live) + 'static) {
    listen(None, listener);
}

/// The same for a part that is drawn from an answer asked for at `since` ([`asked_now`]), with what came in between.
pub fn use_live_since(since: f64, listener: impl Fn(&Live) + 'static) {
    listen(Some(since), listener);
}

fn listen(since: Option<f64>, listener: impl Fn(&Live) + 'static) {
    if !cfg!(target_arch = "wasm32") {
        return;
    }
    let listener: Listener = Rc::new(listener);
    let id = with_tab(|tab| {
        tab.next += 1;
        tab.listeners.push((tab.next, listener));
        tab.next
    });
    let missed = missed(since);
    if !missed.is_empty() {
        // Once the part is drawn, if it still is.
        let again = move || {
            let Some(listener) = with_tab(|tab| tab.listeners.iter().find(|(i, _)| *i == id).map(|(_, f)| f.clone())) else { return };
            missed.iter().for_each(|live| listener(live));
        };
        set_timeout(again, Duration::ZERO);
    }
    on_cleanup(move || with_tab(|tab| tab.listeners.retain(|(i, _)| *i != id)));
}
