//! The reason for a lost deal, asked in the toast of the move.

use crate::{i18n::t, sync::Queue};
use domain::{DealId, EntityKind, RecordCommand, deals::LOST_REASONS};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Why it was lost, asked after the fact: the move itself never waits for an answer.
#[component]
pub fn LostReason(deal: DealId, version: i64, toast: u32) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let say = move |reason: String| {
        let mut set = domain::FieldMap::new();
        set.insert("closeReason".into(), reason.into());
        queue.close(toast);
        queue.send(RecordCommand::Edit { kind: EntityKind::Deal, id: deal.0, set }, Some(version), move |result| match result {
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
