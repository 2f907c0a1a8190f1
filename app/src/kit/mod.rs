//! `/kit`: every component of the kit in its states, for the eye and for the tests.

mod controls;
mod data;
mod drag;

use crate::{i18n::t, page::PageTitle};
use leptos::prelude::*;

pub struct KitPage;

lazy_page!(KitPage, kit_page, settings);

impl KitPage {
    fn show() -> AnyView {
        view! {
            <section class="page kit">
                <header class="page__head"><PageTitle text=t("Kit")/></header>
                <controls::Controls/>
                <controls::Fields/>
                <data::Feedback/>
                <data::Data/>
                <drag::Movable/>
            </section>
        }
        .into_any()
    }
}
