//! GET forms. The router's `Form` brings what only POST forms need, 12 kB before compression.

use leptos::{ev::SubmitEvent, prelude::*};
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;

/// A form whose fields become the query of a page. Submitting is a navigation of the router; without scripts the browser submits.
#[component]
pub fn QueryForm(
    #[prop(into)] action: &'static str,
    class: &'static str,
    #[prop(optional)] role: Option<&'static str>,
    #[prop(optional, into)] on_submit: Option<Callback<()>>,
    children: Children,
) -> impl IntoView {
    let navigate = use_navigate();
    let submit = move |ev: SubmitEvent| {
        let Some(query) = query_of(&ev) else { return };
        ev.prevent_default();
        if let Some(then) = on_submit {
            then.run(());
        }
        navigate(&format!("{action}?{query}"), Default::default());
    };
    view! { <form method="get" action=action class=class role=role on:submit=submit>{children()}</form> }
}

fn query_of(ev: &SubmitEvent) -> Option<String> {
    let form: web_sys::HtmlFormElement = ev.target()?.dyn_into().ok()?;
    let data = web_sys::FormData::new_with_form(&form).ok()?;
    Some(web_sys::UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?.to_string().into())
}
