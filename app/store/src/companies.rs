//! The company list, and the page of a company.

use crate::{
    StoreError, TenantTx, contacts, deals,
    errors::page_mark,
    groups,
    records::hook::Hooks,
    records::page::{self, RecordPage},
    searched::Searched,
    sorting::{Order, Sorts},
    tags::tagging,
};
use domain::{
    CompanyId, Cursor, EntityKind, Page,
    companies::{CompanyRow, size_of},
    contacts::ContactRow,
    deals::RelatedDeals,
    fields::{Assignment, FieldValue},
    lists::ListFilter,
};
use sqlx::{Postgres, QueryBuilder};

const SEARCHED: Searched = Searched { by: "name_key", about: "t.industry", also: "" };

pub(crate) struct Companies;

impl Hooks for Companies {
    const SEARCHED: Option<&'static Searched> = Some(&SEARCHED);

    /// The size class follows the number of employees, unless it is set itself.
    async fn derive(_tx: &mut TenantTx, new: bool, set: &mut Vec<Assignment>) -> Result<(), StoreError> {
        let employees = set.iter().find(|a| a.spec.key == "employeeCount").map(|a| &a.value);
        let (Some(FieldValue::Int(employees)), Some(spec)) = (employees, EntityKind::Company.field("size")) else { return Ok(()) };
        let size = FieldValue::Text(size_of(*employees).into());
        if !set.iter().any(|a| a.spec.key == "size" && (!new || a.value != FieldValue::Null)) {
            set.retain(|a| a.spec.key != "size");
            set.push(Assignment { spec, value: size });
        }
        Ok(())
    }
}

/// Most people shown with a company.
const PEOPLE_OF: i64 = 50;

/// Data of a company's page.
#[derive(Debug)]
pub struct CompanyPage {
    pub page: RecordPage,
    pub deals: RelatedDeals,
    pub people: Vec<ContactRow>,
}

/// Reads a company's page: the shared data, its deals, and its people, at most 50.
///
/// # Errors
/// `NotFound`: the record does not exist or the actor cannot see it. `Database`.
pub async fn page(tx: &mut TenantTx, id: CompanyId) -> Result<CompanyPage, StoreError> {
    let page = page::read(tx, EntityKind::Company, id.0).await?;
    let deals = deals::related(tx, Some(id), None).await?;
    let of = ListFilter { company: Some(id), ..Default::default() };
    let people = contacts::list(tx, &of, None, PEOPLE_OF).await?.items;
    Ok(CompanyPage { page, deals, people })
}

#[derive(sqlx::FromRow)]
struct Row {
    id: CompanyId,
    version: i64,
    name: String,
    sort_key: String,
    group_key: Option<String>,
    group_name: Option<String>,
    industry: Option<String>,
    location: Option<String>,
    employee_count: Option<i32>,
    contacts: i64,
    open_deals: i64,
    owner: Option<String>,
}

const SORTS: Sorts = &[
    ("", "name_key", "c.name_key", "text", "asc"),
    ("-created", "created_at", "c.created_at", "timestamptz", "desc"),
    (
        "-employees",
        "case when employee_count is null then -1 else employee_count end",
        "case when c.employee_count is null then -1 else c.employee_count end",
        "int",
        "desc",
    ),
];

/// Writes the conditions of the filter, for the columns of `companies`.
fn narrow(query: &mut QueryBuilder<Postgres>, tx: &TenantTx, filter: &ListFilter) {
    let q = filter.q.trim().to_lowercase();
    if !q.is_empty() {
        query.push(" and strpos(name_key, ").push_bind(q).push(") > 0");
    }
    tagging::push_filter(query, tx, EntityKind::Company, "id", filter.tag.as_deref());
    if let Some(owner) = filter.owner {
        query.push(" and owner_id = ").push_bind(owner);
    }
}

/// Companies, by name unless the filter says otherwise, with the numbers of their contacts and open deals; at most `limit`.
///
/// # Errors
/// `Invalid`: `after` does not fit the sort order. `Database`.
pub async fn list(tx: &mut TenantTx, filter: &ListFilter, after: Option<&Cursor>, limit: i64) -> Result<Page<CompanyRow>, StoreError> {
    let order = Order::of(EntityKind::Company, SORTS, filter);
    let Order { by_c, direction, group, .. } = &order;
    let mut query = QueryBuilder::<Postgres>::new(format!(
        "select c.id, c.version, c.name, ({by_c})::text as sort_key, {group}, c.industry, c.location, c.employee_count, o.name as owner,
            (select count(*) from contacts p where p.workspace_id = c.workspace_id and p.company_id = c.id and p.deleted_at is null) as contacts,
            (select count(*) from deals d where d.workspace_id = c.workspace_id and d.company_id = c.id and d.status = 'open' and d.deleted_at is null) as open_deals
         from (select * from companies where workspace_id = ",
    ));
    query.push_bind(tx.workspace()).push(" and deleted_at is null");
    narrow(&mut query, tx, filter);
    order.push_page(&mut query, after, limit);
    query.push(format!(
        ") c left join members o on o.workspace_id = c.workspace_id and o.id = c.owner_id order by {by_c} {direction}, c.id {direction}"
    ));
    let rows: Vec<Row> = query.build_query_as().fetch_all(tx.conn()).await.map_err(page_mark)?;
    let page = Page::cut(rows, limit as usize, |r| Cursor { key: r.sort_key.clone(), id: r.id.0 });
    let items = page.items.into_iter().map(|r| CompanyRow {
        id: r.id,
        version: r.version,
        name: r.name,
        industry: r.industry,
        location: r.location,
        employee_count: r.employee_count,
        contacts: r.contacts,
        open_deals: r.open_deals,
        owner: r.owner,
        group: groups::of_row(r.group_key, r.group_name),
    });
    let mut items: Vec<CompanyRow> = items.collect();
    groups::count(tx, EntityKind::Company, order.grouped, items.iter_mut().filter_map(|r| r.group.as_mut()), |query, tx| narrow(query, tx, filter))
        .await?;
    Ok(Page { items, next: page.next })
}
