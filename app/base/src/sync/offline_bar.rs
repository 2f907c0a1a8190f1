//! Tells when changes wait, for the network, the server or the person, and which.

use super::{Live, Queue, answers::Trouble, full::FULL, offline_cache, outbox, sender::wake, use_live};
use crate::{
    Whose,
    browser_store::call,
    hydration::when_hydrated,
    i18n::{t, tf},
    session::{self, use_session},
};
use leptos::prelude::*;
use std::cell::Cell;
use wasm_bindgen::{JsCast, JsValue};

thread_local! {
    /// This tab is signing out: that its store is emptied is no news to it.
    static LEAVING: Cell<bool> = const { Cell::new(false) };
}

/// Signing out empties this browser: what waits to be sent would be gone.
pub fn ask_before_leaving(ev: leptos::ev::SubmitEvent) {
    let waiting = outbox::count();
    if waiting > 0 {
        let question = match waiting {
            1 => t("1 change is not saved yet and would be lost. Sign out all the same?").to_owned(),
            n => tf("{n} changes are not saved yet and would be lost. Sign out all the same?", &[("n", &n.to_string())]),
        };
        if !window().confirm_with_message(&question).unwrap_or(true) {
            return ev.prevent_default();
        }
    }
    LEAVING.set(true);
    // Browsers that do not know the server's word for it, and plain http, empty nothing by themselves.
    if let Some(storage) = window().local_storage().ok().flatten() {
        let _ = storage.clear();
    }
    leptos::task::spawn_local(async {
        call("wipe", &[JsValue::from_str("")]).await;
        call("unsubscribePush", &[]).await;
    });
}

#[component]
pub fn OfflineBar<Part>(
    /// Lazily loaded sheet of the queued changes; its argument opens and closes it.
    waiting: fn(RwSignal<bool>) -> Part,
    /// Starts the periodic prefetch.
    read_ahead: fn(Whose),
    /// Repeats the prefetch after a change of many records.
    read_again: fn(Whose),
) -> impl IntoView
where
    Part: Future<Output = AnyView> + Send + 'static,
{
    let queue = expect_context::<Queue>();
    let session = use_session();
    let open = RwSignal::new(false);
    // Since when what is shown is, while it comes out of this browser's store.
    let since = RwSignal::new(None::<f64>);
    let (whose, email) = (session.whose(), session.email.clone());
    Effect::new(move |_| {
        outbox::belong_to(&email, whose);
        session::keep(&session);
        super::keep_for(whose, since);
        super::well::renew_when_well(queue, since);
        read_ahead(whose);
        // One tab alone takes up what waits; another one when that is gone.
        let outbox = whose.key("rapport-outbox");
        when_hydrated(move || super::live::when_alone(&outbox, move || queue.take_up(whose)));
        queue.belongs_to(whose);
        when_hydrated(move || queue.changes.look_again(whose));
        when_hydrated(move || queue.look_at_store());
        let owner = email.clone();
        let moved = window_event_listener_untyped("storage", move |ev| {
            let key = js_sys::Reflect::get(&ev, &"key".into()).ok().and_then(|k| k.as_string());
            // Somebody else signed in on this browser: nothing of this page is theirs.
            if !LEAVING.get() && (outbox::belongs_to_another(&owner, whose) || session::is_another(whose)) {
                Queue::forget_all();
                let _ = window().location().reload();
                return;
            }
            // Another tab of the same browser has changed something, or what waited is saved; the live stream says so first.
            if key.as_deref().is_none_or(outbox::is_ours) {
                queue.look_at_store();
                set_timeout(move || queue.changes.look_again(whose), std::time::Duration::from_secs(2));
            }
            // The same person signed in again.
            if key.as_deref() == Some(session::STORE) {
                wake(false);
            }
        });
        on_cleanup(move || moved.remove());
        // The network is back, or the person.
        for moment in ["online", "visibilitychange"] {
            let listener = window_event_listener_untyped(moment, |_| wake(false));
            on_cleanup(move || listener.remove());
        }
        let full = window_event_listener_untyped(FULL, move |_| queue.tell_full());
        on_cleanup(move || full.remove());
        let _ = window_event_listener_untyped("beforeunload", move |ev| {
            if queue.may_lose() {
                ev.prevent_default();
            }
        });
        // Where the program's files are not kept (plain HTTP on a network), a page whose code is not here cannot come
        // without the network; the one that is here goes on working.
        let stay = wasm_bindgen::closure::Closure::<dyn FnMut(web_sys::Event)>::new(move |ev: web_sys::Event| {
            let link = ev.target().and_then(|x| x.dyn_into::<web_sys::Element>().ok()).and_then(|e| e.closest("a[href^='/']").ok().flatten());
            if link.is_some() && !window().navigator().on_line() && !files_are_kept() {
                ev.prevent_default();
                ev.stop_propagation();
                queue.toast(t("This page needs the network. What you changed waits, and is sent when it is back."), None);
            }
        });
        let _ = document().add_event_listener_with_callback_and_bool("click", stay.as_ref().unchecked_ref(), true);
        stay.forget();
    });
    use_live(move |live| {
        // Many records at once: what was read ahead is out of date.
        if matches!(&live, Live::Reset) || matches!(&live, Live::Message(m) if m.verb.starts_with("import")) {
            read_again(whose);
        }
        if let Live::Message(m) = live
            && let Some(command) = m.command
        {
            queue.changes.saved(domain::CommandId(command), m.version, None);
        }
    });
    let wanted = Memo::new(move |before: Option<&bool>| before.is_some_and(|b| *b) || open.get());
    let aside = move || queue.aside.get() > 0;
    let news = Memo::new(move |_| queue.trouble.get().is_some() || since.get().is_some() || aside() || queue.unkept.get());
    view! {
        <div class="offline" role="status" class:is-shown=move || news.get() class:offline--aside=aside>
            {move || news.get().then(|| view! { <button type="button" class="offline__more" on:click=move |_| open.set(true)>{move || words(queue, since)}</button> })}
        </div>
        {move || wanted.get().then(|| Suspend::new(waiting(open)))}
        <NewVersion/>
    }
}

/// What the bar says: why changes wait and how many, what could not be saved, and how old is what is shown.
fn words(queue: Queue, since: RwSignal<Option<f64>>) -> String {
    let mut all = Vec::new();
    let n = queue.pending.get().to_string();
    match (queue.trouble.get(), n.as_str(), since.get()) {
        (None, _, None) => {}
        (None, _, Some(at)) | (_, "0", Some(at)) => {
            let time = clock(at);
            let words = if offline_cache::is_server_away() { "Server unavailable · as it was at {time}" } else { "Offline · as it was at {time}" };
            all.push(tf(words, &[("time", &time)]));
        }
        (Some(Trouble::SignedOut), "1", _) => all.push(t("Signed out · 1 change waits").to_owned()),
        (Some(Trouble::SignedOut), ..) => all.push(tf("Signed out · {n} changes wait", &[("n", &n)])),
        (Some(Trouble::Server), "1", _) => all.push(t("Server unavailable · 1 change waits").to_owned()),
        (Some(Trouble::Server), ..) => all.push(tf("Server unavailable · {n} changes wait", &[("n", &n)])),
        (Some(Trouble::NoNetwork), "1", _) => all.push(t("Offline · 1 change waits").to_owned()),
        (Some(Trouble::NoNetwork), ..) => all.push(tf("Offline · {n} changes wait", &[("n", &n)])),
    }
    if let (Some(_), false, Some(at)) = (queue.trouble.get(), n == "0", since.get()) {
        all.push(tf("as it was at {time}", &[("time", &clock(at))]));
    }
    match queue.aside.get() {
        0 => {}
        1 => all.push(t("1 change could not be saved").to_owned()),
        n => all.push(tf("{n} changes could not be saved", &[("n", &n.to_string())])),
    }
    // With trouble they are part of the number that waits.
    match queue.blocked() {
        n if n == 0 || queue.trouble.get().is_some() => {}
        n => all.push(tf("{n} changes wait for it", &[("n", &n.to_string())])),
    }
    if queue.unkept.get() {
        all.push(t("no room left in this browser").to_owned());
    }
    all.join(" · ")
}

/// The time of day by the reader's clock and language; with the day where it is not today.
fn clock(at: f64) -> String {
    let options = js_sys::Object::new();
    let set = |part: &str, how: &str| {
        let _ = js_sys::Reflect::set(&options, &part.into(), &how.into());
    };
    set("hour", "2-digit");
    set("minute", "2-digit");
    let (then, now) = (js_sys::Date::new(&at.into()), js_sys::Date::new_0());
    if then.to_date_string() != now.to_date_string() {
        set("day", "numeric");
        set("month", "short");
    }
    String::from(then.to_locale_string("default", &options))
}

/// Whether a service worker stands behind this page.
fn files_are_kept() -> bool {
    let worker = js_sys::Reflect::get(&window().navigator(), &"serviceWorker".into()).ok();
    worker.filter(JsValue::is_object).and_then(|w| js_sys::Reflect::get(&w, &"controller".into()).ok()).is_some_and(|c| c.is_object())
}

/// Keeps the program's files in this browser, and tells when there is a newer version of them. It is taken when somebody
/// says so: every tab is loaded anew by it.
#[component]
fn NewVersion() -> impl IntoView {
    let here = RwSignal::new(false);
    let person = use_session().email;
    Effect::new(move |_| {
        let told = window_event_listener_untyped("rapport:update", move |_| here.set(true));
        on_cleanup(move || told.remove());
        // It may tell of a new version at once.
        let person = person.clone();
        when_hydrated(|| {
            leptos::task::spawn_local(async {
                call("start", &[]).await;
                call("renewPush", &[person.into()]).await;
            });
        });
    });
    let take = move |_| {
        leptos::task::spawn_local(async {
            call("update", &[]).await;
        });
    };
    view! {
        <div class="offline offline--news" role="status" class:is-shown=move || here.get()>
            {move || here.get().then(|| view! { <span>{t("A new version is here.")}</span>" "<button type="button" class="offline__more" on:click=take>{t("Use it")}</button>" "<button type="button" class="offline__more" on:click=move |_| here.set(false)>{t("Later")}</button> })}
        </div>
    }
}
