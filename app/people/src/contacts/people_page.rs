//! The people list.

use crate::{
    AppError, format,
    i18n::{t, tf},
    records::{ListOf, SelectBox, Selection, record_list},
};
use domain::{
    EntityKind, Page,
    contacts::ContactRow,
    lists::{ListFilter, PEOPLE_COLUMNS, PEOPLE_SORTS},
    paths,
};
use leptos::{prelude::*, server_fn::codec::Json};
use leptos_router::components::A;
use ui::Avatar;

#[server(prefix = "/fn", endpoint = "contacts/list", protocol = crate::sync::Cached<Json>)]
pub async fn list_contacts(filter: ListFilter, after: Option<String>) -> Result<Page<ContactRow>, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant(domain::Permission::ViewRecords).await?;
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
        let people = ListOf {
            kind: EntityKind::Contact,
            path: paths::PEOPLE,
            title: t("People"),
            one: t("Contact"),
            search: t("Search names and addresses"),
            nothing: (t("Nobody here yet. Add the first person, or bring a file."), t("Add a contact")),
            sorts: &PEOPLE_SORTS,
            columns: &PEOPLE_COLUMNS,
            class: |code| if code == "warmth" { "number" } else { "table__wide" },
            group: |row: &ContactRow| row.group.as_ref(),
            row,
        };
        record_list(people, list_contacts)
    }
}

fn row(row: ContactRow, filter: &ListFilter, selection: Selection) -> AnyView {
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
                        <A href=paths::page_of(row.id) attr:class="row-link">{row.full_name.clone()}</A>
                        <span class="muted table__narrow">{second.join(" · ")}</span>
                        <span class="muted table__narrow">{contacted.clone()}</span>
                        <span class="muted table__wide">{row.job_title}</span>
                    </div>
                </div>
            </td>
            {on("company").then(|| view! { <td class="table__wide">{row.company_id.zip(row.company).map(|(id, name)| view! { <A href=paths::page_of(id)>{name}</A> })}</td> })}
            {on("email").then(|| view! { <td class="table__wide"><span class="plain-links">{row.email.map(|e| view! { <a href=domain::paths::mailto(&e)>{e.clone()}</a> })}</span></td> })}
            {on("phone").then(|| view! { <td class="table__wide nowrap"><span class="plain-links">{row.phone.map(|p| view! { <a href=format!("tel:{p}")>{p.clone()}</a> })}</span></td> })}
            {on("warmth").then(|| view! { <td class="number"><Warmth score=row.warmness_score/></td> })}
            {on("contacted").then(|| view! { <td class="table__wide muted nowrap">{contacted}</td> })}
            {on("owner").then(|| view! { <td class="table__wide muted nowrap">{row.owner}</td> })}
        </tr>
    }
    .into_any()
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
