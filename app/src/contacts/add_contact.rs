//! The link to the form of a new person, for pages that have nothing to show yet.

use crate::i18n::t;
use domain::{EntityKind, paths};
use leptos::prelude::*;
use leptos_router::components::A;

#[component]
pub fn AddContact() -> impl IntoView {
    view! { <A href=paths::create(EntityKind::Contact) attr:class="button button--primary">{t("Add a contact")}</A> }
}
