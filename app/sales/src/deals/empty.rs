//! Empty state of the deals page.

use crate::i18n::t;
use domain::{EntityKind, paths};
use leptos::prelude::*;
use leptos_router::components::A;
use ui::EmptyState;

#[component]
pub fn NoDeals() -> impl IntoView {
    view! {
        <EmptyState text=t("No deals yet. Add one, or bring your history from a file.")>
            <A href=paths::create(EntityKind::Deal) attr:class="button button--primary">{t("Add a deal")}</A>
            <A href=paths::IMPORT attr:class="button">{t("Import")}</A>
        </EmptyState>
    }
}
