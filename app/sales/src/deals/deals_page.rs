//! `/deals`: the same filters over board, list and forecast, all of them in the URL.

use super::{
    address::{BY_STAGE, address, filter_of},
    board_view::BoardView,
    empty::NoDeals,
    filters::Filters,
    forecast::{ForecastView, read_forecast},
    groups::{GroupsView, read_groups},
    list_view::{DealList, ListShown},
    server_fns::{list_deals, read_board},
    stage_menu::StageMenu,
};
use crate::{
    AppError,
    failed::Failed,
    i18n::t,
    latest::{latest, suspended},
    page::PageTitle,
    records::{BulkBar, SelectButton, Selection, ViewTabs},
    session::may,
    sync::{asked_now, undisturbed, use_news},
};
use domain::{
    EntityKind, Page, Permission,
    deals::{Board, DealCard, DealFilter},
    forecast::Forecast,
    groups::{self, Groups},
    paths,
    pipelines::OF_BOARDS,
};
use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_query_map};
use ui::{EmptyState, Icon, Skeleton};

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
enum Shown {
    Board(Box<Board>),
    Groups(Box<Groups>),
    List { page: Page<DealCard>, board: Box<Board>, groups: Option<Box<Groups>> },
    Forecast(Box<Forecast>),
}

pub struct DealsPage;

lazy_page!(DealsPage, deals_page, deals, fetch_view);

lazy_part!(views, table_part(shown: ListShown), fetch_table, view! { <DealList shown=shown/> }.into_any());
lazy_part!(views, groups_part(groups: Groups, reload: Callback<()>), fetch_groups, view! { <GroupsView groups=groups reload=reload/> }.into_any());
lazy_part!(views, forecast_part(forecast: Forecast, reload: Callback<()>), fetch_forecast, view! { <ForecastView forecast=forecast reload=reload/> }.into_any());

/// Loads the code of the view in the address; that of the board is the page's.
#[cfg(target_arch = "wasm32")]
async fn fetch_view() {
    let query = location().search().ok().and_then(|search| web_sys::UrlSearchParams::new_with_str(&search).ok());
    let value = |key: &str| query.as_ref().and_then(|q| q.get(key)).unwrap_or_default();
    match value("as").as_str() {
        "list" => fetch_table().await,
        "forecast" => fetch_forecast().await,
        _ if !value("group").is_empty() => fetch_groups().await,
        _ => {}
    }
}

impl DealsPage {
    fn show() -> AnyView {
        view! { <Deals/> }.into_any()
    }
}

async fn read_shown(
    as_list: bool,
    as_forecast: bool,
    filter: DealFilter,
    sort: String,
    group: Option<String>,
    after: Option<String>,
) -> Result<Shown, AppError> {
    if as_forecast {
        return Ok(Shown::Forecast(Box::new(read_forecast(filter).await?)));
    }
    if let Some(by) = group.clone().filter(|_| !as_list) {
        return Ok(Shown::Groups(Box::new(read_groups(filter, by, true).await?)));
    }
    let board = read_board(filter.clone()).await?;
    if as_list {
        let filter = DealFilter { pipeline: Some(board.pipeline.id), ..filter };
        let sort = group.as_ref().map_or(sort, |by| format!("by:{by}"));
        // The sums of the groups are those of the rows.
        let groups = match group {
            Some(by) => {
                Some(Box::new(read_groups(DealFilter { status: filter.status.clone().or(Some("any".into())), ..filter.clone() }, by, false).await?))
            }
            None => None,
        };
        let page = list_deals(filter, sort, after).await?;
        Ok(Shown::List { page, board: Box::new(board), groups })
    } else {
        Ok(Shown::Board(Box::new(board)))
    }
}

#[component]
fn Deals() -> impl IntoView {
    let query = use_query_map();
    let as_list = Memo::new(move |_| query.get().get("as").as_deref() == Some("list"));
    let as_forecast = Memo::new(move |_| query.get().get("as").as_deref() == Some("forecast"));
    let filter = Memo::new(move |_| filter_of(&query.get()));
    let sort = Memo::new(move |_| query.get().get("sort").unwrap_or_else(|| BY_STAGE.into()));
    let group = Memo::new(move |_| query.get().get("group").filter(|g| groups::field(EntityKind::Deal, g).is_some()));
    let hide = Memo::new(move |_| query.get().get("hide").unwrap_or_default());
    let after = Memo::new(move |_| query.get().get("after").filter(|a| !a.is_empty()));
    let again = RwSignal::new(0u32);
    let asked = StoredValue::new(0.0);
    let shown = Resource::new(
        move || ((as_list.get(), as_forecast.get()), filter.get(), sort.get(), group.get(), after.get(), (again.get(), hide.get())),
        move |((as_list, as_forecast), filter, sort, group, after, _)| {
            asked.set_value(asked_now());
            undisturbed(read_shown(as_list, as_forecast, filter, sort, group, after))
        },
    );
    let reload = Callback::new(move |()| again.update(|n| *n += 1));
    let selection = Selection::new(EntityKind::Deal);
    let stages = RwSignal::new(Vec::new());
    // The board hears of changes itself; the list is read anew.
    let news = use_news(EntityKind::Deal);
    let setup_news = OF_BOARDS.map(use_news);
    Effect::new(move |before: Option<u32>| {
        let now = news.get() + setup_news.iter().map(|news| news.get()).sum::<u32>();
        if before.is_some_and(|b| b != now) && (as_list.get_untracked() || as_forecast.get_untracked() || group.with_untracked(Option::is_some)) {
            reload.run(());
        }
        now
    });
    let link = Callback::new(move |(key, value): (String, String)| {
        // An order of one's own is an order of all rows.
        let changed = [(key.as_str(), value.as_str()), ("group", "")];
        address(&query.get_untracked(), &changed[..1 + usize::from(key == "sort")])
    });
    view! {
        <section class="page page--board">
            <header class="page__head">
                <PageTitle text=t("Deals")/>
                <div class="segmented" role="group" aria-label=t("View")>
                    <a class="segmented__item" aria-current=move || (!as_list.get() && !as_forecast.get()).then_some("true") href=move || address(&query.get(), &[("as", "")])>{t("Board")}</a>
                    <a class="segmented__item" aria-current=move || as_list.get().then_some("true") href=move || address(&query.get(), &[("as", "list")])>{t("List")}</a>
                    <a class="segmented__item" aria-current=move || as_forecast.get().then_some("true") href=move || address(&query.get(), &[("as", "forecast")])>{t("Forecast")}</a>
                </div>
                <span class="page__spring"></span>
                <Show when=move || as_list.get()><SelectButton selection=selection/></Show>
                {may(Permission::EditRecords).then(|| view! { <A href=paths::create(EntityKind::Deal) attr:class="button button--primary" attr:aria-label=t("Add a deal")><Icon name="plus"/><span class="button__words">{t("Deal")}</span></A> })}
            </header>
            <ViewTabs page=paths::DEALS/>
            <Filters query=query/>
            <Transition fallback=|| view! { <Skeleton rows=8/> }>
                {suspended(move || async move {
                    match latest(shown).await {
                        Ok(Shown::Board(board)) => {
                            let empty = board.columns.iter().all(|c| c.count == 0);
                            let filtered = filter.get_untracked() != DealFilter::default();
                            view! {
                                <PipelineSwitch pipelines=board.pipelines.clone() current=board.pipeline.id link=link/>
                                {(empty && !filtered).then(|| view! { <NoDeals/> })}
                                {(empty && filtered).then(|| view! {
                                    <EmptyState text=t("No deal matches these filters.")><A href=paths::DEALS attr:class="button">{t("Clear filters")}</A></EmptyState>
                                })}
                                <BoardView board=*board filter=filter.get_untracked() asked=asked.get_value() reload=reload/>
                            }
                                .into_any()
                        }
                        Ok(Shown::Groups(groups)) => {
                            let empty = groups.groups.iter().all(|g| g.count == 0);
                            view! {
                                <PipelineSwitch pipelines=groups.pipelines.clone() current=groups.pipeline link=link/>
                                {empty.then(|| view! {
                                    <EmptyState text=t("No open deal matches these filters.")><A href=paths::DEALS attr:class="button">{t("Clear filters")}</A></EmptyState>
                                })}
                                {groups_part(*groups, reload).await}
                            }
                            .into_any()
                        }
                        Ok(Shown::List { page, board, groups }) => {
                            // Set only when they differ: rerendering would close the stage menu while it is open.
                            if stages.with_untracked(|shown| *shown != board.pipeline.stages) {
                                stages.set(board.pipeline.stages.clone());
                            }
                            let sort = if groups.is_some() { String::new() } else { sort.get_untracked() };
                            let (hide, first, everything) = (hide.get_untracked(), after.get_untracked().is_none(), filter.get_untracked() == DealFilter::default());
                            let pipelines = board.pipelines.clone();
                            let current = board.pipeline.id;
                            let shown = ListShown { page, board: *board, sort, groups: groups.map(|g| *g), hide, first, everything, link, selection };
                            view! {
                                <PipelineSwitch pipelines=pipelines current=current link=link/>
                                {table_part(shown).await}
                            }
                            .into_any()
                        }
                        Ok(Shown::Forecast(forecast)) => view! {
                            <PipelineSwitch pipelines=forecast.pipelines.clone() current=forecast.pipeline link=link/>
                            {forecast_part(*forecast, reload).await}
                        }.into_any(),
                        Err(e) => view! { <Failed error=e/> }.into_any(),
                    }
                })}
            </Transition>
            <Show when=move || as_list.get()><BulkBar selection=selection more=move || view! { <StageMenu selection=selection stages=stages/> }/></Show>
        </section>
    }
}

/// Which pipeline is shown, when there are several.
#[component]
fn PipelineSwitch(
    pipelines: Vec<(domain::PipelineId, String)>,
    current: domain::PipelineId,
    link: Callback<(String, String), String>,
) -> impl IntoView {
    (pipelines.len() > 1).then(|| {
        view! {
            <nav class="filters" aria-label=t("Pipelines")>
                {pipelines
                    .into_iter()
                    .map(|(id, name)| view! { <a href=link.run(("pipeline".into(), id.to_string())) class="chip chip--toggle" aria-current=(id == current).then_some("true")>{name}</a> })
                    .collect_view()}
            </nav>
        }
    })
}
