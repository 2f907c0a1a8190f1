//! `/deals`: the same filters over board and list, all of them in the URL.

use super::{
    board_view::BoardView,
    list::DealTable,
    server_fns::{list_deals, read_board},
};
use crate::{
    AppError,
    i18n::t,
    routes::PageTitle,
    session::{may, use_session},
};
use domain::{
    EntityKind, Page, Permission,
    deals::{Board, DealCard, DealFilter},
    paths,
};
use leptos::prelude::*;
use leptos_router::{
    components::{A, Form},
    hooks::use_query_map,
    params::ParamsMap,
};
use ui::{EmptyState, ErrorBox, Icon, Skeleton};

/// Parameters of the address that filter.
const FILTERS: [&str; 5] = ["q", "pipeline", "owner", "company", "status"];

fn filter_of(query: &ParamsMap) -> DealFilter {
    let text = |key: &str| query.get(key).filter(|v| !v.is_empty());
    DealFilter {
        q: text("q"),
        pipeline: text("pipeline").and_then(|v| v.parse().ok()),
        stage: text("stage").and_then(|v| v.parse().ok()),
        owner: text("owner").and_then(|v| v.parse().ok()),
        company: text("company").and_then(|v| v.parse().ok()),
        status: text("status"),
    }
}

fn encode(text: &str) -> String {
    text.bytes().map(|b| if b.is_ascii_alphanumeric() || b"-_.~".contains(&b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// The address of this page with `changed` parameters; an empty value leaves one out. A new filter starts at the first page.
fn address(query: &ParamsMap, changed: &[(&str, &str)]) -> String {
    let mut parts = Vec::new();
    for key in ["as", "q", "pipeline", "stage", "owner", "company", "status", "sort", "after"] {
        let value = match changed.iter().find(|c| c.0 == key) {
            Some((_, value)) => (*value).to_owned(),
            None if key == "after" => String::new(),
            None => query.get(key).unwrap_or_default(),
        };
        if !value.is_empty() {
            parts.push(format!("{key}={}", encode(&value)));
        }
    }
    if parts.is_empty() { paths::DEALS.into() } else { format!("{}?{}", paths::DEALS, parts.join("&")) }
}

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
enum Shown {
    Board(Box<Board>),
    List { page: Page<DealCard>, board: Box<Board> },
}

#[component]
pub fn DealsPage() -> impl IntoView {
    let query = use_query_map();
    let as_list = Memo::new(move |_| query.get().get("as").as_deref() == Some("list"));
    let filter = Memo::new(move |_| filter_of(&query.get()));
    let sort = Memo::new(move |_| query.get().get("sort").unwrap_or_else(|| "-opened".into()));
    let after = Memo::new(move |_| query.get().get("after").filter(|a| !a.is_empty()));
    let again = RwSignal::new(0u32);
    let shown = Resource::new(
        move || (as_list.get(), filter.get(), sort.get(), after.get(), again.get()),
        |(as_list, filter, sort, after, _)| async move {
            let board = read_board(filter.clone()).await?;
            if as_list {
                let page = list_deals(filter, sort, after).await?;
                Ok::<_, AppError>(Shown::List { page, board: Box::new(board) })
            } else {
                Ok(Shown::Board(Box::new(board)))
            }
        },
    );
    let reload = Callback::new(move |()| again.update(|n| *n += 1));
    let link = Callback::new(move |(key, value): (String, String)| address(&query.get_untracked(), &[(key.as_str(), value.as_str())]));
    view! {
        <section class="page page--board">
            <header class="page__head">
                <PageTitle text=t("Deals")/>
                <div class="segmented" role="group" aria-label=t("View")>
                    <a class="segmented__item" aria-current=move || (!as_list.get()).then_some("true") href=move || address(&query.get(), &[("as", "")])>{t("Board")}</a>
                    <a class="segmented__item" aria-current=move || as_list.get().then_some("true") href=move || address(&query.get(), &[("as", "list")])>{t("List")}</a>
                </div>
                <span class="page__spring"></span>
                {may(Permission::EditRecords).then(|| view! { <A href=paths::create(EntityKind::Deal) attr:class="button button--primary"><Icon name="plus"/>{t("Deal")}</A> })}
            </header>
            <Filters query=query/>
            <Transition fallback=|| view! { <Skeleton rows=8/> }>
                {move || Suspend::new(async move {
                    match shown.await {
                        Ok(Shown::Board(board)) => {
                            let empty = board.columns.iter().all(|c| c.count == 0);
                            let filtered = filter.get_untracked() != DealFilter::default();
                            view! {
                                {(empty && !filtered).then(|| view! { <NoDeals/> })}
                                <BoardView board=*board filter=filter.get_untracked() reload=reload/>
                            }
                                .into_any()
                        }
                        Ok(Shown::List { page, board }) => {
                            view! { <DealTable page=page pipelines=vec![board.pipeline] sort=sort.get_untracked() first=after.get_untracked().is_none() link=link/> }.into_any()
                        }
                        Err(e) => view! { <ErrorBox text=e.to_string()/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

#[component]
fn NoDeals() -> impl IntoView {
    view! {
        <EmptyState text=t("No deals yet. Add one, or bring your history from a file.")>
            <A href=paths::create(EntityKind::Deal) attr:class="button button--primary">{t("Add a deal")}</A>
            <A href=paths::IMPORT attr:class="button">{t("Import")}</A>
        </EmptyState>
    }
}

#[component]
fn Filters(query: Memo<ParamsMap>) -> impl IntoView {
    let me = use_session().member;
    let start = query.get_untracked();
    let mine = move || query.get().get("owner").is_some_and(|o| o == me.to_string());
    view! {
        <div class="filters">
            <Form method="get" action=paths::DEALS attr:class="search" attr:role="search">
                {start.get("as").map(|v| view! { <input type="hidden" name="as" value=v/> })}
                <input class="input" type="search" name="q" value=start.get("q").unwrap_or_default() placeholder=t("Search deals and companies") aria-label=t("Search deals")/>
                <button type="submit" class="button">{t("Search")}</button>
            </Form>
            <a class="chip chip--toggle" aria-current=move || mine().then_some("true") href=move || {
                let me = me.to_string();
                address(&query.get(), &[("owner", if mine() { "" } else { me.as_str() })])
            }>{t("My deals")}</a>
            {["open", "won", "lost"].into_iter().map(|status| {
                let words = match status { "open" => t("Open"), "won" => t("Won"), _ => t("Lost") };
                let on = move || query.get().get("status").as_deref() == Some(status);
                view! { <a class="chip chip--toggle" aria-current=move || on().then_some("true") href=move || address(&query.get(), &[("status", if on() { "" } else { status })])>{words}</a> }
            }).collect_view()}
            {move || FILTERS.iter().any(|f| query.get().get(f).is_some_and(|v| !v.is_empty())).then(|| view! {
                <a class="chip" href=move || if query.get().get("as").is_some() { "/deals?as=list" } else { paths::DEALS }>{t("Clear filters")}</a>
            })}
        </div>
    }
}
