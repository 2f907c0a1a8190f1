//! What a page shows in place of what it could not read.

use crate::{AppError, i18n::t, sync::until_well};
use leptos::{prelude::*, task::spawn_local};
use ui::ErrorBox;

/// The reason. Where the same may succeed later (no network, server or database away), the page loads itself again as soon as
/// the server is well, or when the person says so.
#[component]
pub fn Failed(error: AppError) -> impl IntoView {
    let temporary = error.is_temporary();
    let sign_in = error == AppError::SignInNeeded;
    // The page's code is at work all the same: the bar and the queue wait for this mark.
    Effect::new(move |_| {
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-hydrated", "yes");
        }
        if temporary {
            let here = RwSignal::new(());
            let alive = move || here.try_get_untracked().is_some();
            spawn_local(async move {
                until_well(alive).await;
                if alive() {
                    reload();
                }
            });
        }
    });
    view! {
        <ErrorBox text=error.to_string()/>
        {sign_in.then(|| {
            let here = leptos_router::hooks::use_location();
            let next = here.pathname.get_untracked() + &here.search.with_untracked(|s| if s.is_empty() { String::new() } else { format!("?{s}") });
            view! { <p class="row"><a class="button button--primary" rel="external" href=domain::paths::with_query(domain::paths::SIGN_IN, &[("next", &next)])>{t("Sign in")}</a></p> }
        })}
        {temporary.then(|| view! { <p class="row"><button type="button" class="button" on:click=|_| reload()>{t("Try again")}</button></p> })}
    }
}

fn reload() {
    let _ = window().location().reload();
}
