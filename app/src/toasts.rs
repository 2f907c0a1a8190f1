//! What the interface says for a moment: done, with the way back; failed, until it was read; lost, and why.

use crate::{
    i18n::t,
    sync::{Queue, Toast},
};
use domain::{Command, DealId, EntityKind, deals::LOST_REASONS};
use leptos::prelude::*;
use ui::Icon;
use wasm_bindgen::JsCast;

#[component]
pub fn Toasts() -> impl IntoView {
    let queue = expect_context::<Queue>();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || queue.toasts.get() key=|x| x.id let:toast>
                <ToastView toast=toast/>
            </For>
        </div>
    }
}

#[component]
fn ToastView(toast: Toast) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let id = toast.id;
    view! {
        <div class="toast" class:toast--error=toast.error>
            <p>{toast.text}</p>
            {(!toast.undo.is_empty())
                .then(|| {
                    let events = toast.undo.clone();
                    view! {
                        <button type="button" class="button button--quiet" on:click=move |_| { queue.close(id); queue.undo_all(events.clone()); }>
                            {t("Undo")}
                        </button>
                    }
                })}
            {toast.lost.map(|(deal, version)| view! { <LostReason deal=deal version=version toast=id/> })}
            <button type="button" class="icon-button" aria-label=t("Close message") on:click=move |_| queue.close(id)>
                <Icon name="close"/>
            </button>
        </div>
    }
}

/// Why it was lost, asked after the fact: the move itself never waits for an answer.
#[component]
fn LostReason(deal: DealId, version: i64, toast: u32) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let say = move |reason: String| {
        let mut set = domain::FieldMap::new();
        set.insert("closeReason".into(), reason.into());
        queue.close(toast);
        queue.send(Command::Edit { kind: EntityKind::Deal, id: deal.0, set }, Some(version), move |result| match result {
            Ok(outcome) => queue.toast(t("Reason noted."), outcome.event),
            Err(e) => queue.fail(&e),
        });
    };
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let form = ev.target().and_then(|x| x.dyn_into::<web_sys::HtmlFormElement>().ok());
        let data = form.and_then(|f| web_sys::FormData::new_with_form(&f).ok());
        let text = data.and_then(|d| d.get("reason").as_string()).unwrap_or_default();
        if !text.trim().is_empty() {
            say(text.trim().to_owned());
        }
    };
    view! {
        <div class="toast__reasons" role="group" aria-label=t("Why was it lost?")>
            <p class="toast__question">{t("Why was it lost?")}</p>
            {LOST_REASONS.iter().map(|reason| view! { <button type="button" class="chip chip--toggle" on:click=move |_| say((*reason).to_owned())>{t(reason)}</button> }).collect_view()}
            <form class="toast__form" on:submit=submit>
                <input class="input" name="reason" maxlength="500" placeholder=t("Another reason") aria-label=t("Another reason") enterkeyhint="done"/>
            </form>
        </div>
    }
}
