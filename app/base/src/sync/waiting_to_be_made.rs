//! Queued creations of a list.

use super::{Queue, outbox};
use crate::{i18n::t, session::use_session};
use domain::EntityKind;
use leptos::prelude::*;
use ui::PendingDot;

/// Titles of records created offline, which are not part of the list yet.
#[component]
pub fn WaitingToBeMade(kind: EntityKind) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let whose = use_session().whose();
    move || {
        queue.pending.track();
        let waits = queue.trouble.get().is_some() || queue.aside.get() > 0;
        let names = if waits { outbox::waiting_to_be_made(whose, kind) } else { Vec::new() };
        (!names.is_empty()).then(|| {
            view! {
                <section class="card" aria-label=t("Waits for the network")>
                    <h2>{t("Waits for the network")}</h2>
                    <ul class="links">{names.into_iter().map(|name| view! { <li><span>{name}</span><PendingDot/></li> }).collect_view()}</ul>
                </section>
            }
        })
    }
}
