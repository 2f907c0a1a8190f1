//! The company list: search and page are in the URL.

use crate::{
    AppError, format,
    i18n::t,
    records::{
        BulkBar, ListTools, NothingMatches, Pager, SelectAll, SelectBox, SelectButton, Selection, ViewTabs, group_head, list_address, list_filter,
    },
    routes::PageTitle,
    session::may,
    sync::{Queue, WaitingToBeMade, use_news},
};
use domain::{
    EntityKind, Page, Permission,
    companies::CompanyRow,
    lists::{COMPANY_COLUMNS, COMPANY_SORTS, ListFilter},
    paths,
};
use leptos::{prelude::*, server_fn::codec::Json};
use leptos_router::{components::A, hooks::use_query_map};
use ui::{EmptyState, ErrorBox, Icon, Skeleton};

#[server(prefix = "/fn", endpoint = "companies/list", client = crate::sync::Kept, input = Json)]
pub async fn list_companies(filter: ListFilter, after: Option<String>) -> Result<Page<CompanyRow>, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant(Permission::ViewRecords).await?;
        let after = after.as_deref().and_then(domain::Cursor::decode);
        Ok::<_, AppError>(store::list_companies(&mut tx, &filter, after.as_ref(), domain::page::PAGE_ROWS).await?)
    }
    .await
    .answer()
}

pub struct CompaniesPage;

lazy_page!(CompaniesPage, companies_page, lists);

impl CompaniesPage {
    fn show() -> AnyView {
        view! { <Companies/> }.into_any()
    }
}

#[component]
fn Companies() -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| list_filter(&query.get()));
    let after = Memo::new(move |_| query.get().get("after"));
    let news = use_news(EntityKind::Company);
    let pool = expect_context::<Queue>().pool;
    let selection = Selection::new(EntityKind::Company);
    let rows = Resource::new(
        move || (filter.get(), after.get(), news.get()),
        |(filter, after, _)| {
            // The same rows whatever is shown of them: with a network and without.
            list_companies(ListFilter { hide: String::new(), ..filter }, after)
        },
    );
    view! {
        <section class="page">
            <header class="page__head">
                <PageTitle text=t("Companies")/>
                <span class="page__spring"></span>
                <SelectButton selection=selection/>
                {may(Permission::EditRecords).then(|| view! { <A href=paths::create(EntityKind::Company) attr:class="button button--primary"><Icon name="plus"/>{t("Company")}</A> })}
            </header>
            <ViewTabs page=paths::COMPANIES/>
            <ListTools path=paths::COMPANIES kind=EntityKind::Company label=t("Search names") sorts=&COMPANY_SORTS columns=&COMPANY_COLUMNS/>
            <WaitingToBeMade kind=EntityKind::Company/>
            <Transition fallback=|| view! { <Skeleton/> }>
                {move || Suspend::new(async move {
                    match rows.await {
                        Ok(page) => {
                            let (filter, first) = (filter.get_untracked(), after.get_untracked().is_none());
                            let rows = pool.laid(page.items);
                            (move || {
                                let page = Page { items: rows.get(), next: page.next.clone() };
                                view! { <Rows page=page filter=filter.clone() first=first selection=selection/> }
                            })
                            .into_any()
                        }
                        Err(e) => view! { <ErrorBox text=e.to_string()/> }.into_any(),
                    }
                })}
            </Transition>
            <BulkBar selection=selection/>
        </section>
    }
}

#[component]
fn Rows(page: Page<CompanyRow>, filter: ListFilter, first: bool, selection: Selection) -> impl IntoView {
    selection.shows(page.items.iter().map(|r| (r.id.0, r.version)).collect());
    // A page whose rows were all deleted here is no empty list while there are more of them.
    let none = page.items.is_empty() && page.next.is_none();
    if none && !(filter.is_everything() && first) {
        return view! { <NothingMatches path=paths::COMPANIES filter=filter/> }.into_any();
    }
    if none {
        let text = t("No companies yet. They come by themselves with people, deals and imports.");
        return view! {
            <EmptyState text=text>
                <A href=paths::create(EntityKind::Company) attr:class="button button--primary">{t("Add a company")}</A>
                <A href=paths::IMPORT attr:class="button">{t("Import")}</A>
            </EmptyState>
        }
        .into_any();
    }
    let mut above = None;
    let next = page.next.map(|c| list_address(paths::COMPANIES, &filter, "after", &c));
    let first = (!first).then(|| list_address(paths::COMPANIES, &filter, "after", ""));
    view! {
        <div class="table-wrap">
            <table class="table">
                <thead>
                    <tr>
                        <SelectAll selection=selection/>
                        <th scope="col">{t("Name")}</th>
                        {COMPANY_COLUMNS.iter().filter(|c| filter.shows(c.0)).map(|(code, words)| {
                            let class = match *code {
                                "industry" | "location" => "table__wide",
                                "employees" => "table__wide number",
                                _ => "number",
                            };
                            view! { <th scope="col" class=class>{t(words)}</th> }
                        }).collect_view()}
                    </tr>
                </thead>
                <tbody>
                    {page
                        .items
                        .into_iter()
                        .map(|row| {
                            let head = group_head(EntityKind::Company, &filter, &COMPANY_COLUMNS, &mut above, row.group.as_ref(), selection);
                            view! {
                                {head}
                                <tr>
                                    <SelectBox selection=selection id=row.id.0 name=row.name.clone()/>
                                    <td><A href=paths::record(EntityKind::Company, row.id.0) attr:class="row-link">{row.name}</A></td>
                                    {filter.shows("industry").then(|| view! { <td class="table__wide">{row.industry}</td> })}
                                    {filter.shows("location").then(|| view! { <td class="table__wide">{row.location}</td> })}
                                    {filter.shows("employees").then(|| view! { <td class="table__wide number">{row.employee_count.map(|n| format::count(n.into()))}</td> })}
                                    {filter.shows("people").then(|| view! { <td class="number">{format::count(row.contacts)}</td> })}
                                    {filter.shows("deals").then(|| view! { <td class="number">{format::count(row.open_deals)}</td> })}
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </div>
        <Pager first=first next=next/>
    }
    .into_any()
}
