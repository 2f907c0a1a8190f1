//! Tells when changes wait for the network, and which.

use super::{Queue, outbox};
use crate::{
    i18n::{t, tf},
    session::use_session,
};
use leptos::prelude::*;
use ui::Sheet;
use wasm_bindgen::JsCast;

/// Signing out empties this browser: what waits to be sent would be gone.
pub fn ask_before_leaving(ev: leptos::ev::SubmitEvent) {
    let waiting = outbox::count();
    if waiting > 0 {
        let question = match waiting {
            1 => t("1 change is not saved yet and would be lost. Sign out all the same?").to_owned(),
            n => tf("{n} changes are not saved yet and would be lost. Sign out all the same?", &[("n", &n.to_string())]),
        };
        if !window().confirm_with_message(&question).unwrap_or(true) {
            ev.prevent_default();
        }
    }
}

#[component]
pub fn OfflineBar() -> impl IntoView {
    let queue = expect_context::<Queue>();
    let session = use_session();
    let open = RwSignal::new(false);
    let (member, email) = (session.member.0, session.email);
    Effect::new(move |_| {
        outbox::belong_to(&email);
        // One tab alone takes up what waits; another one when that is gone.
        super::live::when_alone(&format!("rapport-outbox-{member}"), move || queue.take_up(member));
        queue.belongs_to(member);
        let owner = email.clone();
        let moved = window_event_listener_untyped("storage", move |_| {
            // Somebody else signed in on this browser: nothing of this page is theirs.
            if outbox::belongs_to_another(&owner) {
                Queue::forget_all();
                let _ = window().location().reload();
            }
        });
        on_cleanup(move || moved.remove());
        let _ = window_event_listener_untyped("beforeunload", move |ev| {
            if queue.may_lose() {
                ev.prevent_default();
            }
        });
        // A page whose code is not here cannot come without the network; the one that is here goes on working.
        let stay = wasm_bindgen::closure::Closure::<dyn FnMut(web_sys::Event)>::new(move |ev: web_sys::Event| {
            let link = ev.target().and_then(|x| x.dyn_into::<web_sys::Element>().ok()).and_then(|e| e.closest("a[href^='/']").ok().flatten());
            if link.is_some() && !window().navigator().on_line() {
                ev.prevent_default();
                ev.stop_propagation();
                queue.toast(t("This page needs the network. What you changed waits, and is sent when it is back."), None);
            }
        });
        let _ = document().add_event_listener_with_callback_and_bool("click", stay.as_ref().unchecked_ref(), true);
        stay.forget();
    });
    let words = move || {
        let n = queue.pending.get();
        match n {
            1 => t("Offline · 1 change waits").to_owned(),
            n => tf("Offline · {n} changes wait", &[("n", &n.to_string())]),
        }
    };
    let lines = move || {
        queue.pending.track();
        let waiting = outbox::load(member);
        if waiting.is_empty() {
            return view! { <p>{t("Everything is saved.")}</p> }.into_any();
        }
        waiting
            .into_iter()
            .map(|w| {
                let id = w.job.id;
                view! { <li><span>{w.job.words}</span><button type="button" class="button button--quiet" on:click=move |_| queue.discard(id)>{t("Discard")}</button></li> }
            })
            .collect_view()
            .into_any()
    };
    view! {
        <div class="offline" role="status" class:is-shown=move || queue.offline.get()>
            {move || queue.offline.get().then(|| view! { <button type="button" class="offline__more" on:click=move |_| open.set(true)>{words}</button> })}
        </div>
        <Sheet open=open title=t("Changes that wait")>
            <p class="muted">{t("They are kept in this browser, and sent in this order when the network is back, even after it was closed.")}</p>
            <ul class="links">{lines}</ul>
        </Sheet>
    }
}
