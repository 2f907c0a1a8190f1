//! The list of leads.

use crate::{
    AppError, format,
    i18n::t,
    records::{ListOf, SelectBox, Selection, record_list},
};
use domain::{
    EntityKind, Page,
    leads::{COLUMNS, LEADS, LeadRow, QUALITIES, SORTS, SOURCES, STATUSES},
    lists::ListFilter,
    paths,
};
use leptos::{prelude::*, server_fn::codec::Json};
use leptos_router::components::A;

#[server(prefix = "/fn", endpoint = "leads/list", protocol = crate::sync::Cached<Json>)]
pub async fn list_leads(filter: ListFilter, after: Option<String>) -> Result<Page<LeadRow>, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant(domain::Permission::ViewRecords).await?;
        let after = after.as_deref().and_then(domain::Cursor::decode);
        Ok::<_, AppError>(store::list_leads(&mut tx, &filter, after.as_ref(), domain::page::PAGE_ROWS).await?)
    }
    .await
    .answer()
}

pub struct LeadsPage;

// With the deals' list, whose table it shares: in the group of the other lists it would weigh on every first visit to people.
lazy_page!(LeadsPage, leads_page, views);

impl LeadsPage {
    fn show() -> AnyView {
        let leads = ListOf {
            kind: EntityKind::Lead,
            path: LEADS,
            title: t("Leads"),
            one: t("Lead"),
            search: t("Search names, companies and e-mails"),
            nothing: (t("No leads yet. Add people and firms that may become customers, or import a file."), t("Add a lead")),
            sorts: &SORTS,
            columns: &COLUMNS,
            class: |code| match code {
                "status" | "companyName" => "",
                _ => "table__wide",
            },
            group: |row: &LeadRow| row.group.as_ref(),
            row,
        };
        record_list(leads, list_leads)
    }
}

/// The words for a code; free text as it is.
fn words(choices: &'static [(&'static str, &'static str)], code: Option<&str>) -> String {
    let code = code.unwrap_or_default();
    choices.iter().find(|c| c.0 == code).map_or_else(|| code.to_owned(), |c| t(c.1).to_owned())
}

fn row(row: LeadRow, filter: &ListFilter, selection: Selection) -> AnyView {
    let on = |column: &str| filter.shows(column);
    view! {
        <tr>
            <SelectBox selection=selection id=row.id.0 name=row.full_name.clone()/>
            <td><A href=paths::page_of(row.id) attr:class="row-link">{row.full_name}</A></td>
            {on("companyName").then(|| view! { <td>{row.company_name}</td> })}
            {on("status").then(|| view! { <td>{words(STATUSES, Some(&row.status))}</td> })}
            {on("quality").then(|| view! { <td class="table__wide">{words(QUALITIES, row.quality.as_deref())}</td> })}
            {on("source").then(|| view! { <td class="table__wide">{words(SOURCES, row.source.as_deref())}</td> })}
            {on("followUp").then(|| view! { <td class="table__wide">{row.follow_up_date.map(format::day)}</td> })}
            {on("owner").then(|| view! { <td class="table__wide">{row.owner}</td> })}
        </tr>
    }
    .into_any()
}
