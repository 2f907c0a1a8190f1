//! Flash message of a settings form, shown at its card.

#[cfg(feature = "ssr")]
use crate::AppError;
use crate::i18n::{t, translated};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use ui::ErrorBox;

/// Flash message of the last submitted form.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FlashMessage {
    pub message: Option<String>,
    pub wrong: Option<String>,
    pub link: Option<String>,
    /// A new API token, shown once.
    pub token: Option<String>,
    /// Card of the submitted form; `None`: the whole page.
    pub card: Option<String>,
}

impl FlashMessage {
    /// Takes the message if it belongs to this card.
    pub fn of_card(&mut self, card: &str) -> Self {
        if self.card.as_deref() == Some(card) { std::mem::take(self) } else { Self::default() }
    }
}

#[cfg(feature = "ssr")]
pub fn flash() -> Result<FlashMessage, AppError> {
    let flash = crate::context::request()?.flash.filter(|f| f.form == "said").unwrap_or_default();
    let text = |key: &str| flash.values.get(key).and_then(|v| v.as_str()).map(str::to_owned);
    Ok(FlashMessage {
        message: text("said"),
        wrong: flash.errors.first().map(|e| e.message.clone()),
        link: text("link"),
        token: text("token"),
        card: text("card"),
    })
}

#[component]
pub fn FlashBox(flash: FlashMessage) -> impl IntoView {
    view! {
        {flash.wrong.map(|text| view! { <ErrorBox text=text/> })}
        {flash.message.map(|text| view! { <p class="note" role="status">{translated(text)}</p> })}
        {flash.link.map(|link| view! { <ToCopy text=link label=t("Link")/> })}
        {flash.token.map(|token| view! { <ToCopy text=token label=t("API token")/> })}
    }
}

/// Read-only text with a copy button.
#[component]
fn ToCopy(text: String, label: &'static str) -> impl IntoView {
    view! { <p class="invitation"><input class="input" readonly=true value=text.clone() aria-label=label/><CopyButton text=text/></p> }
}

/// Copy button; hidden without scripts, where the text can be selected.
#[component]
fn CopyButton(text: String) -> impl IntoView {
    let here = RwSignal::new(false);
    let copied = RwSignal::new(false);
    Effect::new(move |_| here.set(true));
    let copy = move |_| {
        let _ = window().navigator().clipboard().write_text(&text);
        copied.set(true);
    };
    view! { <button type="button" class="button" hidden=move || !here.get() on:click=copy>{move || if copied.get() { t("Copied") } else { t("Copy") }}</button> }
}
