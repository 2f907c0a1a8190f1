//! Messages: done, with undo; failed, until closed; a deal lost, with the question why.

use crate::{
    i18n::t,
    lazy_parts::lost_part,
    sync::{Queue, Toast},
};
use domain::DealId;
use leptos::prelude::*;
use ui::Icon;

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
                        <button type="button" class="button button--quiet" on:click=move |_| queue.undo_all(events.clone())>
                            {t("Undo")}
                        </button>
                    }
                })}
            {toast.question.map(|(record, version)| view! { <Suspense fallback=|| ()>{Suspend::new(lost_part(DealId(record), version, id))}</Suspense> })}
            <button type="button" class="icon-button" aria-label=t("Close message") on:click=move |_| queue.close(id)>
                <Icon name="close"/>
            </button>
        </div>
    }
}
