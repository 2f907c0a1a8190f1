//! What lists share: the search box, the pager, and coming back to where one was.

use super::list_shape::{Columns, GroupBy, StatusFilter};
use crate::query_form::QueryForm;
use crate::{
    i18n::{t, tf},
    session::use_session,
};
use domain::{EntityKind, lists::ListFilter, paths};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    components::A,
    hooks::{use_navigate, use_query_map},
    params::ParamsMap,
};
use std::time::Duration;

/// Parameters of the address of a list, besides the search and the page.
const KEEP: &[&str] = &["owner", "tag", "status", "followUp", "sort", "group", "hide"];

/// What the address of a list asks for.
pub fn list_filter(query: &ParamsMap) -> ListFilter {
    let text = |key: &str| query.get(key).unwrap_or_default();
    ListFilter {
        q: text("q"),
        company: None,
        owner: text("owner").parse().ok(),
        tag: Some(text("tag")).filter(|t| !t.is_empty()),
        status: Some(text("status")).filter(|s| !s.is_empty()),
        follow_up: Some(text("followUp")).filter(|t| t == "due"),
        sort: text("sort"),
        group: text("group"),
        hide: text("hide"),
    }
}

/// The address of a list as it is narrowed and sorted now, with one parameter changed; it starts at the first page.
pub fn list_address(path: &str, filter: &ListFilter, key: &str, value: &str) -> String {
    let owner = filter.owner.map(|o| o.to_string()).unwrap_or_default();
    let tag = filter.tag.clone().unwrap_or_default();
    let follow_up = filter.follow_up.as_deref().unwrap_or_default();
    let now = [
        ("q", filter.q.as_str()),
        ("owner", &owner),
        ("tag", &tag),
        ("status", filter.status.as_deref().unwrap_or_default()),
        ("followUp", follow_up),
        ("sort", &filter.sort),
        // An order of one's own is an order of all rows.
        ("group", if key == "sort" { "" } else { &filter.group }),
        ("hide", &filter.hide),
        ("after", ""),
    ];
    let changed: Vec<(&str, &str)> = now.into_iter().map(|(k, v)| if k == key { (k, value) } else { (k, v) }).collect();
    paths::with_query(path, &changed)
}

/// Search, whose records, which tag, and the order of a list.
#[component]
pub fn ListTools(
    path: &'static str,
    kind: EntityKind,
    #[prop(into)] label: String,
    sorts: &'static [(&'static str, &'static str)],
    /// Columns that can be left out.
    columns: &'static [(&'static str, &'static str)],
) -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| list_filter(&query.get()));
    let me = use_session().member;
    let mine = move || filter.get().owner == Some(me);
    let link = move |key: &'static str, value: String| list_address(path, &filter.get(), key, &value);
    view! {
        <div class="filters">
            <SearchBox path=path label=label keep=KEEP/>
            <a class="chip chip--toggle" aria-current=move || mine().then_some("true") href=move || link("owner", if mine() { String::new() } else { me.to_string() })>{t("Mine")}</a>
            {move || filter.get().tag.map(|tag| view! {
                <a class="chip chip--toggle" aria-current="true" aria-label=tf("Stop showing only {tag}", &[("tag", &tag)]) href=link("tag", String::new())>{format!("#{tag} ×")}</a>
            })}
            {move || filter.get().follow_up.map(|_| view! {
                <a class="chip chip--toggle" aria-current="true" href=link("followUp", String::new())>{t("Follow-up due ×")}</a>
            })}
            <div class="segmented" role="group" aria-label=t("Order")>
                {sorts.iter().map(|(code, words)| view! {
                    <a class="segmented__item" aria-current=move || filter.with(|f| f.group.is_empty() && f.sort == *code).then_some("true") href=move || link("sort", (*code).to_owned())>{t(words)}</a>
                }).collect_view()}
            </div>
            <StatusFilter kind=kind now=Memo::new(move |_| filter.get().status) link=Callback::new(move |code| link("status", code))/>
            <GroupBy kind=kind by=Memo::new(move |_| filter.get().group) none="No groups" link=Callback::new(move |key: String| link("group", key))/>
            <Columns hide=Memo::new(move |_| filter.get().hide) columns=columns link=Callback::new(move |hide: String| link("hide", hide))/>
        </div>
    }
}

/// A list that has nothing to show although there may be something: the ways back to all of it.
#[component]
pub fn NothingMatches(path: &'static str, filter: ListFilter) -> impl IntoView {
    let text = if filter.q.trim().is_empty() {
        t("Nothing here matches the filters.").to_owned()
    } else {
        tf("Nothing matches “{q}”.", &[("q", filter.q.trim())])
    };
    view! {
        <ui::EmptyState text=text>
            {filter.is_filtered().then(|| {
                let all = paths::with_query(path, &[("q", &filter.q), ("sort", &filter.sort), ("group", &filter.group), ("hide", &filter.hide)]);
                view! { <A href=all attr:class="button">{t("Clear filters")}</A> }
            })}
            <A href=path attr:class="button">{t("Show everything")}</A>
        </ui::EmptyState>
    }
}

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
        <QueryForm action=path class="search" role="search">
            {keep.iter().filter_map(|k| query.get_untracked().get(k).map(|v| view! { <input type="hidden" name=*k value=v/> })).collect_view()}
            <input class="input" type="search" name="q" value=q.get_untracked() prop:value=move || q.get() placeholder=label.clone() aria-label=label enterkeyhint="search" autocomplete="off" on:input=typed/>
        </QueryForm>
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
