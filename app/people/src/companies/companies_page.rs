//! The company list.

use crate::{
    AppError, format,
    i18n::t,
    records::{ListOf, SelectBox, Selection, record_list},
};
use domain::{
    EntityKind, Page,
    companies::CompanyRow,
    lists::{COMPANY_COLUMNS, COMPANY_SORTS, ListFilter},
    paths,
};
use leptos::{prelude::*, server_fn::codec::Json};
use leptos_router::components::A;

#[server(prefix = "/fn", endpoint = "companies/list", protocol = crate::sync::Cached<Json>)]
pub async fn list_companies(filter: ListFilter, after: Option<String>) -> Result<Page<CompanyRow>, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant(domain::Permission::ViewRecords).await?;
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
        let companies = ListOf {
            kind: EntityKind::Company,
            path: paths::COMPANIES,
            title: t("Companies"),
            one: t("Company"),
            search: t("Search names"),
            nothing: (t("No companies yet. They come by themselves with people, deals and imports."), t("Add a company")),
            sorts: &COMPANY_SORTS,
            columns: &COMPANY_COLUMNS,
            class: |code| match code {
                "industry" | "location" => "table__wide",
                "employees" => "table__wide number",
                _ => "number",
            },
            group: |row: &CompanyRow| row.group.as_ref(),
            row,
        };
        record_list(companies, list_companies)
    }
}

fn row(row: CompanyRow, filter: &ListFilter, selection: Selection) -> AnyView {
    let on = |column: &str| filter.shows(column);
    view! {
        <tr>
            <SelectBox selection=selection id=row.id.0 name=row.name.clone()/>
            <td><A href=paths::record(EntityKind::Company, row.id.0) attr:class="row-link">{row.name}</A></td>
            {on("industry").then(|| view! { <td class="table__wide">{row.industry}</td> })}
            {on("location").then(|| view! { <td class="table__wide">{row.location}</td> })}
            {on("employees").then(|| view! { <td class="table__wide number">{row.employee_count.map(|n| format::count(n.into()))}</td> })}
            {on("people").then(|| view! { <td class="number">{format::count(row.contacts)}</td> })}
            {on("deals").then(|| view! { <td class="number">{format::count(row.open_deals)}</td> })}
        </tr>
    }
    .into_any()
}
