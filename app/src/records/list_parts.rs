//! What lists share: the search box, the pager, and coming back to where one was.

use crate::i18n::t;
use domain::paths;
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    components::{A, Form},
    hooks::{use_navigate, use_query_map},
};
use std::time::Duration;

/// Looks while one types; without scripts Enter sends it. What the address says is what the box says.
#[component]
pub fn SearchBox(
    path: &'static str,
    #[prop(into)] label: String,
    /// Parameters of the address that stay as they are.
    #[prop(default = &[])]
    keep: &'static [&'static str],
) -> impl IntoView {
    let query = use_query_map();
    let q = Memo::new(move |_| query.get().get("q").unwrap_or_default());
    let navigate = StoredValue::new(use_navigate());
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let go = move |text: String| {
        let now = query.get_untracked();
        let kept: Vec<(&str, String)> = keep.iter().map(|k| (*k, now.get(k).unwrap_or_default())).collect();
        let mut parameters: Vec<(&str, &str)> = kept.iter().map(|(k, v)| (*k, v.as_str())).collect();
        parameters.push(("q", &text));
        let options = NavigateOptions { replace: true, scroll: false, ..Default::default() };
        navigate.with_value(|n| n(&paths::with_query(path, &parameters), options));
    };
    let cancel = move || {
        if let Some(handle) = waiting.try_update_value(Option::take).flatten() {
            handle.clear();
        }
    };
    on_cleanup(cancel);
    let typed = move |ev: leptos::ev::Event| {
        cancel();
        let text = event_target_value(&ev);
        let handle = set_timeout_with_handle(move || go(text.trim().to_owned()), Duration::from_millis(250)).ok();
        waiting.set_value(handle);
    };
    view! {
        <Form method="get" action=path attr:class="search" attr:role="search">
            {keep.iter().filter_map(|k| query.get_untracked().get(k).map(|v| view! { <input type="hidden" name=*k value=v/> })).collect_view()}
            <input class="input" type="search" name="q" value=q.get_untracked() prop:value=move || q.get() placeholder=label.clone() aria-label=label enterkeyhint="search" autocomplete="off" on:input=typed/>
        </Form>
    }
}

/// To the first page and to the next one.
#[component]
pub fn Pager(
    /// Where the first page is, unless this is it.
    first: Option<String>,
    next: Option<String>,
) -> impl IntoView {
    (first.is_some() || next.is_some()).then(|| {
        view! {
            <nav class="pager" aria-label=t("Pages")>
                {first.map(|href| view! { <A href=href attr:class="button">{t("First page")}</A> })}
                {next.map(|href| view! { <A href=href attr:class="button" attr:rel="next">{t("Next page")}</A> })}
            </nav>
        }
    })
}
