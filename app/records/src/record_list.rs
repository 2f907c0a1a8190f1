//! A list of records of one kind as a page: search, order, groups, columns, filters and page are in the address.

use super::{
    BulkBar, Pager, SelectButton, Selection, ViewTabs,
    bulk::SelectAll,
    list_parts::{ListTools, NothingMatches, list_address, list_filter},
    list_shape::group_head,
};
use crate::{
    AppError,
    failed::Failed,
    i18n::t,
    latest::{latest, suspended},
    page::PageTitle,
    session::may,
    sync::{Queue, WaitingToBeMade, shows_stored, use_news},
};
use domain::{
    EntityKind, Page, Permission,
    changes::Versioned,
    lists::{ListFilter, RowGroup},
    paths,
};
use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_query_map};
use serde::{Serialize, de::DeserializeOwned};
use ui::{EmptyState, Icon, Skeleton};
use wasm_bindgen::JsCast;

/// What a list of records needs to know of its kind. Words are in the reader's language.
pub struct ListOf<R: 'static> {
    pub kind: EntityKind,
    pub path: &'static str,
    pub title: &'static str,
    /// One of them, for the button that adds one.
    pub one: &'static str,
    /// Label of the search.
    pub search: &'static str,
    /// Text of the empty list, and the label of the button that adds the first record.
    pub nothing: (&'static str, &'static str),
    pub sorts: &'static [(&'static str, &'static str)],
    pub columns: &'static [(&'static str, &'static str)],
    /// Class of a column's heading.
    pub class: fn(&str) -> &'static str,
    pub group: fn(&R) -> Option<&RowGroup>,
    pub row: fn(R, &ListFilter, Selection) -> AnyView,
}

// Nothing in it is an `R`.
impl<R> Clone for ListOf<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for ListOf<R> {}

/// The page; `read` answers rows of a filter after a mark.
pub fn record_list<R, Answer>(of: ListOf<R>, read: fn(ListFilter, Option<String>) -> Answer) -> AnyView
where
    R: Versioned + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static,
    Answer: Future<Output = Result<Page<R>, AppError>> + Send + 'static,
{
    let ListOf { kind, path, .. } = of;
    let query = use_query_map();
    let filter = Memo::new(move |_| list_filter(&query.get()));
    let after = Memo::new(move |_| query.get().get("after"));
    let news = use_news(kind);
    let changes = expect_context::<Queue>().changes;
    let selection = Selection::new(kind);
    let rows = Resource::new(
        move || (filter.get(), after.get(), news.get()),
        // The same rows whatever is shown of them: with a network and without.
        move |(filter, after, _)| read(ListFilter { hide: String::new(), ..filter }, after),
    );
    view! {
        <section class="page">
            <header class="page__head">
                <PageTitle text=of.title/>
                <span class="page__spring"></span>
                <SelectButton selection=selection/>
                {may(Permission::EditRecords).then(|| view! { <A href=paths::create(kind) attr:class="button button--primary"><Icon name="plus"/>{of.one}</A> })}
            </header>
            <ViewTabs page=path/>
            <ListTools path=path kind=kind label=of.search sorts=of.sorts columns=of.columns/>
            <WaitingToBeMade kind=kind/>
            <Transition fallback=|| view! { <Skeleton/> }>
                {suspended(move || async move {
                    match latest(rows).await {
                        Ok(page) => {
                            let (filter, first) = (filter.get_untracked(), after.get_untracked().is_none());
                            let rows = changes.patched(page.items);
                            (move || {
                                keep_focus();
                                table(of, Page { items: rows.get(), next: page.next.clone() }, &filter, first, selection)
                            })
                            .into_any()
                        }
                        Err(e) => view! { <Failed error=e/> }.into_any(),
                    }
                })}
            </Transition>
            <BulkBar selection=selection/>
        </section>
    }
    .into_any()
}

/// Restores the keyboard focus to the same record's row after a rerender. Call before the rows are rendered.
pub fn keep_focus() {
    if !cfg!(target_arch = "wasm32") {
        return;
    }
    let focused = || document().active_element().filter(|e| e.matches("main a.row-link").unwrap_or(false)).and_then(|e| e.get_attribute("href"));
    let Some(href) = focused() else { return };
    // A microtask runs after the synchronous render and before the next key event; an animation frame would run after it.
    queue_microtask(move || {
        let lost = document().active_element().is_none_or(|e| e.tag_name() == "BODY");
        // Unkeyed rows reuse DOM nodes by index, so the focused node may show another record.
        let moved = focused().is_some_and(|now| now != href);
        let row = document().query_selector(&format!("main a.row-link[href='{href}']")).ok().flatten();
        if let Some(row) = row.filter(|_| lost || moved).and_then(|r| r.dyn_into::<web_sys::HtmlElement>().ok()) {
            let options = web_sys::FocusOptions::new();
            options.set_prevent_scroll(true);
            let _ = row.focus_with_options(&options);
        }
    });
}

fn table<R: Versioned>(of: ListOf<R>, page: Page<R>, filter: &ListFilter, first: bool, selection: Selection) -> AnyView {
    let ListOf { kind, path, columns, .. } = of;
    selection.shows(page.items.iter().map(|r| (r.id(), r.version())).collect());
    // A page whose rows were all deleted here is no empty list while there are more of them.
    let none = page.items.is_empty() && page.next.is_none();
    if none && !(filter.is_everything() && first) {
        return view! { <NothingMatches path=path filter=filter.clone()/> }.into_any();
    }
    if none && shows_stored() {
        return view! { <EmptyState text=t("This list is not stored on this device yet. It loads as soon as the server can be reached.")/> }
            .into_any();
    }
    if none {
        let (text, add) = of.nothing;
        return view! {
            <EmptyState text=text>
                <A href=paths::create(kind) attr:class="button button--primary">{add}</A>
                <A href=paths::IMPORT attr:class="button">{t("Import")}</A>
            </EmptyState>
        }
        .into_any();
    }
    let mut above = None;
    let next = page.next.map(|c| list_address(path, filter, "after", &c));
    let first = (!first).then(|| list_address(path, filter, "after", ""));
    let rows = page
        .items
        .into_iter()
        .map(|row| {
            let head = group_head(kind, filter, columns, &mut above, (of.group)(&row), selection);
            view! { {head}{(of.row)(row, filter, selection)} }
        })
        .collect_view();
    let head = view! {
        <th scope="col">{t("Name")}</th>
        {columns.iter().filter(|c| filter.shows(c.0)).map(|(code, words)| view! { <th scope="col" class=(of.class)(code)>{t(words)}</th> }).collect_view()}
    };
    list_table(head.into_any(), rows.into_any(), selection, first, next)
}

/// Rows under their headings, with boxes to choose them and the way to other pages.
pub fn list_table(head: AnyView, rows: AnyView, selection: Selection, first: Option<String>, next: Option<String>) -> AnyView {
    view! {
        <div class="table-wrap">
            <table class="table">
                <thead>
                    <tr>
                        <SelectAll selection=selection/>
                        {head}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <Pager first=first next=next/>
    }
    .into_any()
}
