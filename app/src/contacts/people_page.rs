//! The people list: search and page are in the URL.

use crate::{
    AppError, format,
    i18n::{t, tf},
    records::{
        BulkBar, ListTools, NothingMatches, Pager, SelectAll, SelectBox, SelectButton, Selection, ViewTabs, group_head, list_address, list_filter,
    },
    routes::PageTitle,
    session::may,
    sync::{Queue, WaitingToBeMade, use_news},
};
use domain::{
    EntityKind, Page, Permission,
    contacts::ContactRow,
    lists::{ListFilter, PEOPLE_COLUMNS, PEOPLE_SORTS},
    paths,
};
use leptos::{prelude::*, server_fn::codec::Json};
use leptos_router::{components::A, hooks::use_query_map};
use ui::{Avatar, EmptyState, ErrorBox, Icon, Skeleton};

#[server(prefix = "/fn", endpoint = "contacts/list", client = crate::sync::Kept, input = Json)]
pub async fn list_contacts(filter: ListFilter, after: Option<String>) -> Result<Page<ContactRow>, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant(Permission::ViewRecords).await?;
        let after = after.as_deref().and_then(domain::Cursor::decode);
        Ok::<_, AppError>(store::list_contacts(&mut tx, &filter, after.as_ref(), domain::page::PAGE_ROWS).await?)
    }
    .await
    .answer()
}

pub struct PeoplePage;

lazy_page!(PeoplePage, people_page, lists);

impl PeoplePage {
    fn show() -> AnyView {
        view! { <People/> }.into_any()
    }
}

#[component]
fn People() -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| list_filter(&query.get()));
    let after = Memo::new(move |_| query.get().get("after"));
    let news = use_news(EntityKind::Contact);
    let pool = expect_context::<Queue>().pool;
    let selection = Selection::new(EntityKind::Contact);
    let rows = Resource::new(
        move || (filter.get(), after.get(), news.get()),
        |(filter, after, _)| {
            // The same rows whatever is shown of them: with a network and without.
            list_contacts(ListFilter { hide: String::new(), ..filter }, after)
        },
    );
    view! {
        <section class="page">
            <header class="page__head">
                <PageTitle text=t("People")/>
                <span class="page__spring"></span>
                <SelectButton selection=selection/>
                {may(Permission::EditRecords).then(|| view! { <A href=paths::create(EntityKind::Contact) attr:class="button button--primary"><Icon name="plus"/>{t("Contact")}</A> })}
            </header>
            <ViewTabs page=paths::PEOPLE/>
            <ListTools path=paths::PEOPLE kind=EntityKind::Contact label=t("Search names and addresses") sorts=&PEOPLE_SORTS columns=&PEOPLE_COLUMNS/>
            <WaitingToBeMade kind=EntityKind::Contact/>
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
fn Rows(page: Page<ContactRow>, filter: ListFilter, first: bool, selection: Selection) -> impl IntoView {
    selection.shows(page.items.iter().map(|r| (r.id.0, r.version)).collect());
    // A page whose rows were all deleted here is no empty list while there are more of them.
    let none = page.items.is_empty() && page.next.is_none();
    if none && !(filter.is_everything() && first) {
        return view! { <NothingMatches path=paths::PEOPLE filter=filter/> }.into_any();
    }
    if none {
        return view! {
            <EmptyState text=t("Nobody here yet. Add the first person, or bring a file.")>
                <A href=paths::create(EntityKind::Contact) attr:class="button button--primary">{t("Add a contact")}</A>
                <A href=paths::IMPORT attr:class="button">{t("Import")}</A>
            </EmptyState>
        }
        .into_any();
    }
    let mut above = None;
    let next = page.next.map(|c| list_address(paths::PEOPLE, &filter, "after", &c));
    let first = (!first).then(|| list_address(paths::PEOPLE, &filter, "after", ""));
    view! {
        <div class="table-wrap">
            <table class="table">
                <thead>
                    <tr>
                        <SelectAll selection=selection/>
                        <th scope="col">{t("Name")}</th>
                        {PEOPLE_COLUMNS.iter().filter(|c| filter.shows(c.0)).map(|(code, words)| {
                            let class = if *code == "warmth" { "number" } else { "table__wide" };
                            view! { <th scope="col" class=class>{t(words)}</th> }
                        }).collect_view()}
                    </tr>
                </thead>
                <tbody>
                    {page.items.into_iter().map(|row| {
                        let head = group_head(EntityKind::Contact, &filter, &PEOPLE_COLUMNS, &mut above, row.group.as_ref(), selection);
                        view! { {head}<Row row=row filter=&filter selection=selection/> }
                    }).collect_view()}
                </tbody>
            </table>
        </div>
        <Pager first=first next=next/>
    }
    .into_any()
}

#[component]
fn Row<'a>(row: ContactRow, filter: &'a ListFilter, selection: Selection) -> impl IntoView + use<> {
    let on = |column: &str| filter.shows(column);
    let contacted = row.last_contacted.map_or_else(|| t("never contacted").to_owned(), |at| format::day(format::day_of(at)));
    let second: Vec<String> = [row.job_title.clone(), row.company.clone()].into_iter().flatten().collect();
    view! {
        <tr>
            <SelectBox selection=selection id=row.id.0 name=row.full_name.clone()/>
            <td>
                <div class="who">
                    <Avatar name=row.full_name.clone()/>
                    <div class="who__text">
                        <A href=paths::record(EntityKind::Contact, row.id.0) attr:class="row-link">{row.full_name.clone()}</A>
                        <span class="muted table__narrow">{second.join(" · ")}</span>
                        <span class="muted table__narrow">{contacted.clone()}</span>
                        <span class="muted table__wide">{row.job_title}</span>
                    </div>
                </div>
            </td>
            {on("company").then(|| view! { <td class="table__wide">{row.company_id.zip(row.company).map(|(id, name)| view! { <A href=paths::record(EntityKind::Company, id.0)>{name}</A> })}</td> })}
            {on("email").then(|| view! { <td class="table__wide"><span class="plain-links">{row.email.map(|e| view! { <a href=format!("mailto:{e}")>{e.clone()}</a> })}</span></td> })}
            {on("phone").then(|| view! { <td class="table__wide nowrap"><span class="plain-links">{row.phone.map(|p| view! { <a href=format!("tel:{p}")>{p.clone()}</a> })}</span></td> })}
            {on("warmth").then(|| view! { <td class="number"><Warmth score=row.warmness_score/></td> })}
            {on("contacted").then(|| view! { <td class="table__wide muted nowrap">{contacted}</td> })}
            {on("owner").then(|| view! { <td class="table__wide muted nowrap">{row.owner}</td> })}
        </tr>
    }
}

/// Warmth from 0 to 10 as a bar with its number (SPEC C-09).
#[component]
fn Warmth(score: i32) -> impl IntoView {
    view! {
        <span class="warmth" title=tf("Warmth {n} of 10", &[("n", &score.to_string())])>
            <meter min="0" max="10" value=score aria-label=t("Warmth")></meter>
            <span>{score}</span>
        </span>
    }
}
