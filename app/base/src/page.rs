//! Parts of every page: title, record link, not-found page.

use crate::i18n::t;
use domain::{RecordId, paths};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use ui::EmptyState;

/// Title of the last page that set one.
#[derive(Clone, Copy)]
pub struct Titled(pub RwSignal<String>);

/// Title in the document's head, in the browser.
pub fn present_title() -> String {
    if cfg!(feature = "hydrate") { document().title().trim_end_matches(" · Rapport").to_owned() } else { String::new() }
}

/// Page title, in the document's head and as the heading.
#[component]
pub fn PageTitle(#[prop(into)] text: String) -> impl IntoView {
    let words = text.clone();
    let (title, last) = (use_context::<Titled>(), text.clone());
    // Marks the page as hydrated, for tests and for styles of controls that need scripts. Set by the page because its code loads
    // after the shell's.
    Effect::new(move |_| {
        if let Some(title) = title {
            title.0.set(last.clone());
        }
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-hydrated", "yes");
        }
    });
    view! {
        <Title text=words/>
        <h1 tabindex="-1">{if text.is_empty() { t("Rapport").to_owned() } else { text }}</h1>
    }
}

#[component]
pub fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(http::StatusCode::NOT_FOUND);
    }
    view! {
        <section class="page">
            <PageTitle text=t("Not found")/>
            <EmptyState text=t("This page does not exist, or what it showed was deleted.")>
                <A href=paths::TODAY attr:class="button button--primary">{t("Go to Today")}</A>
            </EmptyState>
        </section>
    }
}

/// Link to a record, with its title.
#[component]
pub fn RecordLink<I: RecordId + 'static>(id: I, #[prop(into)] text: String) -> impl IntoView {
    view! { <A href=paths::page_of(id)>{text}</A> }
}
