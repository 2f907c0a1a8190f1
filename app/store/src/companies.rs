//! The company list.

use crate::{StoreError, TenantTx};
use domain::{CompanyId, Cursor, Page, companies::CompanyRow};
use sqlx::{Postgres, QueryBuilder};

#[derive(sqlx::FromRow)]
struct Row {
    id: CompanyId,
    version: i64,
    name: String,
    name_key: String,
    industry: Option<String>,
    location: Option<String>,
    employee_count: Option<i32>,
    contacts: i64,
    open_deals: i64,
    owner: Option<String>,
}

/// Companies by name, with how many people and open deals hang on each.
pub async fn list(tx: &mut TenantTx, q: &str, after: Option<&Cursor>, limit: i64) -> Result<Page<CompanyRow>, StoreError> {
    let mut query = QueryBuilder::<Postgres>::new(
        "select c.id, c.version, c.name, c.name_key, c.industry, c.location, c.employee_count, o.name as owner,
            (select count(*) from contacts p where p.workspace_id = c.workspace_id and p.company_id = c.id and p.deleted_at is null) as contacts,
            (select count(*) from deals d where d.workspace_id = c.workspace_id and d.company_id = c.id and d.status = 'open' and d.deleted_at is null) as open_deals
         from (select * from companies where workspace_id = ",
    );
    query.push_bind(tx.workspace()).push(" and deleted_at is null");
    let q = q.trim().to_lowercase();
    if !q.is_empty() {
        query.push(" and strpos(name_key, ").push_bind(q).push(") > 0");
    }
    if let Some(after) = after {
        query.push(" and (name_key, id) > (").push_bind(after.key.clone()).push(", ").push_bind(after.id).push(")");
    }
    query
        .push(" order by name_key, id limit ")
        .push_bind(limit + 1)
        .push(") c left join members o on o.workspace_id = c.workspace_id and o.id = c.owner_id order by c.name_key, c.id");
    let rows: Vec<Row> = query.build_query_as().fetch_all(tx.conn()).await?;
    let page = Page::cut(rows, limit as usize, |r| Cursor { key: r.name_key.clone(), id: r.id.0 });
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
    });
    Ok(Page { items: items.collect(), next: page.next })
}
