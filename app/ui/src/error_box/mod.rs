//! What is shown where something went wrong.

use crate::{Icon, words::translated};
use leptos::prelude::*;

/// Something went wrong: what happened, and a way on.
#[component]
pub fn ErrorBox(#[prop(into)] text: String) -> impl IntoView {
    view! {
        <div class="error-box" role="alert">
            <Icon name="alert"/>
            <p>{translated(text)}</p>
        </div>
    }
}
