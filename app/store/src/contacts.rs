//! The people list.

use crate::{StoreError, TenantTx};
use domain::{CompanyId, ContactId, Cursor, Page, contacts::ContactRow};
use sqlx::{Postgres, QueryBuilder};

#[derive(sqlx::FromRow)]
struct Row {
    id: ContactId,
    version: i64,
    full_name: String,
    name_key: String,
    job_title: Option<String>,
    company_id: Option<CompanyId>,
    company: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    owner: Option<String>,
    status: String,
    warmness_score: i32,
}

/// Contacts by name. `q` looks into name and addresses; `company` narrows to one.
pub async fn list(
    tx: &mut TenantTx,
    q: &str,
    company: Option<CompanyId>,
    after: Option<&Cursor>,
    limit: i64,
) -> Result<Page<ContactRow>, StoreError> {
    // Cut to a page before joining: the joins then touch 51 rows, not the workspace.
    let mut query = QueryBuilder::<Postgres>::new(
        "select c.id, c.version, c.full_name, c.name_key, c.job_title, c.company_id, co.name as company,
            e.value as email, p.value as phone, o.name as owner, c.status, c.warmness_score
         from (select * from contacts where workspace_id = ",
    );
    query.push_bind(tx.workspace()).push(" and deleted_at is null");
    let q = q.trim().to_lowercase();
    if !q.is_empty() {
        query
            .push(" and (strpos(name_key, ")
            .push_bind(q.clone())
            .push(") > 0 or id in (select contact_id from contact_emails where workspace_id = ");
        query.push_bind(tx.workspace()).push(" and strpos(value, ").push_bind(q).push(") > 0))");
    }
    if let Some(company) = company {
        query.push(" and company_id = ").push_bind(company);
    }
    if let Some(after) = after {
        query.push(" and (name_key, id) > (").push_bind(after.key.clone()).push(", ").push_bind(after.id).push(")");
    }
    query.push(" order by name_key, id limit ").push_bind(limit + 1).push(
        ") c
         left join companies co on co.workspace_id = c.workspace_id and co.id = c.company_id and co.deleted_at is null
         left join contact_emails e on e.workspace_id = c.workspace_id and e.contact_id = c.id and e.is_primary
         left join contact_phones p on p.workspace_id = c.workspace_id and p.contact_id = c.id and p.is_primary
         left join members o on o.workspace_id = c.workspace_id and o.id = c.owner_id
         order by c.name_key, c.id",
    );
    let rows: Vec<Row> = query.build_query_as().fetch_all(tx.conn()).await?;
    let page = Page::cut(rows, limit as usize, |r| Cursor { key: r.name_key.clone(), id: r.id.0 });
    let items = page.items.into_iter().map(|r| ContactRow {
        id: r.id,
        version: r.version,
        full_name: r.full_name,
        job_title: r.job_title,
        company_id: r.company_id,
        company: r.company,
        email: r.email,
        phone: r.phone,
        owner: r.owner,
        status: r.status,
        warmness_score: r.warmness_score,
    });
    Ok(Page { items: items.collect(), next: page.next })
}
