//! What every page needs: its title, a link to a record, the page that does not exist.

use crate::i18n::t;
use domain::{EntityKind, paths};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::A;
use ui::EmptyState;

/// The words of the last page that had a title.
#[derive(Clone, Copy)]
pub struct Titled(pub RwSignal<String>);

/// What the server wrote into the head, in the browser.
pub fn present_title() -> String {
    if cfg!(feature = "hydrate") { document().title().trim_end_matches(" · Rapport").to_owned() } else { String::new() }
}

/// Words of the page's title, for the head and the heading alike.
#[component]
pub fn PageTitle(#[prop(into)] text: String) -> impl IntoView {
    let words = text.clone();
    let (title, last) = (use_context::<Titled>(), text.clone());
    // For whoever must know that the page answers now: tests, and styles of controls that need it. Said by the page and not
    // by the shell around it, since a page's own code comes after the shell's.
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

/// A link to a record by its name.
#[component]
pub fn RecordLink(kind: EntityKind, id: uuid::Uuid, #[prop(into)] text: String) -> impl IntoView {
    view! { <A href=paths::record(kind, id)>{text}</A> }
}
