//! The people list: search and page are in the URL.

use crate::{
    AppError,
    i18n::{t, tf},
    routes::PageTitle,
    session::may,
    sync::{Live, use_live},
};
use domain::{EntityKind, Page, Permission, contacts::ContactRow, paths};
use leptos::prelude::*;
use leptos_router::{
    LazyRoute,
    components::{A, Form},
    hooks::use_query_map,
    lazy_route,
};
use ui::{Avatar, EmptyState, ErrorBox, Icon, Skeleton};

#[server(prefix = "/fn", endpoint = "contacts/list")]
pub async fn list_contacts(q: String, after: Option<String>) -> Result<Page<ContactRow>, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant(Permission::ViewRecords).await?;
        let after = after.as_deref().and_then(domain::Cursor::decode);
        Ok::<_, AppError>(store::list_contacts(&mut tx, &q, None, after.as_ref(), domain::page::PAGE_ROWS).await?)
    }
    .await
    .answer()
}

pub struct PeoplePage;

#[lazy_route]
impl LazyRoute for PeoplePage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <People/> }.into_any()
    }
}

#[component]
fn People() -> impl IntoView {
    let query = use_query_map();
    let q = Memo::new(move |_| query.get().get("q").unwrap_or_default());
    let after = Memo::new(move |_| query.get().get("after"));
    let news = RwSignal::new(0u32);
    use_live(move |live| match live {
        Live::Message(m) if matches!(m.kind, EntityKind::Contact) => news.update(|n| *n += 1),
        Live::Reset => news.update(|n| *n += 1),
        Live::Message(_) => {}
    });
    let rows = Resource::new(move || (q.get(), after.get(), news.get()), |(q, after, _)| list_contacts(q, after));
    view! {
        <section class="page">
            <header class="page__head">
                <PageTitle text=t("People")/>
                <span class="page__spring"></span>
                {may(Permission::EditRecords).then(|| view! { <A href=paths::create(EntityKind::Contact) attr:class="button button--primary"><Icon name="plus"/>{t("Contact")}</A> })}
            </header>
            <Form method="get" action=paths::PEOPLE attr:class="search" attr:role="search">
                <input class="input" type="search" name="q" value=q.get_untracked() placeholder=t("Search names and addresses") aria-label=t("Search people")/>
                <button type="submit" class="button">{t("Search")}</button>
            </Form>
            <Transition fallback=|| view! { <Skeleton/> }>
                {move || Suspend::new(async move {
                    match rows.await {
                        Ok(page) => view! { <Rows page=page q=q.get_untracked() first=after.get_untracked().is_none()/> }.into_any(),
                        Err(e) => view! { <ErrorBox text=e.to_string()/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

#[component]
fn Rows(page: Page<ContactRow>, q: String, first: bool) -> impl IntoView {
    if page.items.is_empty() && !q.is_empty() {
        return view! {
            <EmptyState text=tf("Nobody matches “{q}”.", &[("q", &q)])>
                <A href=paths::PEOPLE attr:class="button">{t("Show everyone")}</A>
            </EmptyState>
        }
        .into_any();
    }
    if page.items.is_empty() {
        return view! {
            <EmptyState text=t("Nobody here yet. Add the first person, or bring a file.")>
                <A href=paths::create(EntityKind::Contact) attr:class="button button--primary">{t("Add a contact")}</A>
                <A href=paths::IMPORT attr:class="button">{t("Import")}</A>
            </EmptyState>
        }
        .into_any();
    }
    let encoded: String = q.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect();
    let next = page.next.map(|c| format!("{}?q={encoded}&after={c}", paths::PEOPLE));
    view! {
        <div class="table-wrap">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{t("Name")}</th>
                        <th scope="col">{t("Company")}</th>
                        <th scope="col" class="table__wide">{t("E-mail")}</th>
                        <th scope="col" class="table__wide">{t("Phone")}</th>
                        <th scope="col" class="table__wide">{t("Owner")}</th>
                    </tr>
                </thead>
                <tbody>
                    {page.items.into_iter().map(|row| view! { <Row row=row/> }).collect_view()}
                </tbody>
            </table>
        </div>
        <nav class="pager" aria-label=t("Pages")>
            {(!first).then(|| view! { <A href=paths::PEOPLE attr:class="button">{t("First page")}</A> })}
            {next.map(|href| view! { <A href=href attr:class="button" attr:rel="next">{t("Next page")}</A> })}
        </nav>
    }
    .into_any()
}

#[component]
fn Row(row: ContactRow) -> impl IntoView {
    view! {
        <tr>
            <td>
                <div class="who">
                    <Avatar name=row.full_name.clone()/>
                    <div class="who__text">
                        <A href=paths::record(EntityKind::Contact, row.id.0)>{row.full_name.clone()}</A>
                        <span class="muted">{row.job_title}</span>
                    </div>
                </div>
            </td>
            <td>{row.company_id.zip(row.company).map(|(id, name)| view! { <A href=paths::record(EntityKind::Company, id.0)>{name}</A> })}</td>
            <td class="table__wide">{row.email.map(|e| view! { <a href=format!("mailto:{e}")>{e.clone()}</a> })}</td>
            <td class="table__wide">{row.phone.map(|p| view! { <a href=format!("tel:{p}")>{p.clone()}</a> })}</td>
            <td class="table__wide muted">{row.owner}</td>
        </tr>
    }
}
