//! Finding records of every kind by name, for the palette and for programs.

use crate::{StoreError, TenantTx, records::hooks, searched::Searched};
use domain::{EntityKind, lists::SearchHit};
use uuid::Uuid;

/// At most `each` records of every searched kind whose names contain `q`; names that begin with it come first. Contacts are found
/// by e-mail too.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn search(tx: &mut TenantTx, q: &str, each: i64) -> Result<Vec<SearchHit>, StoreError> {
    let q = q.trim().to_lowercase();
    if q.is_empty() {
        return Ok(Vec::new());
    }
    let searched = EntityKind::ALL.into_iter().filter_map(|kind| Some((kind, hooks::searched(kind)?)));
    let parts: Vec<String> = searched
        .map(|(kind, Searched { by, about, also })| {
            format!(
                "(select '{noun}' as kind, t.id, t.{title} as title, {about} as about from (select * from {table}
                    where workspace_id = $1 and deleted_at is null and (strpos({by}, $2) > 0{also}) order by strpos({by}, $2) <> 1, {by}, id limit {each}) t)",
                title = kind.title_column(),
                noun = kind.noun(),
                table = kind.plural()
            )
        })
        .collect();
    let text = parts.join(" union all ");
    let rows: Vec<(String, Uuid, String, Option<String>)> =
        sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(tx.workspace()).bind(q).fetch_all(tx.conn()).await?;
    Ok(rows
        .into_iter()
        .filter_map(|(kind, id, title, about)| Some(SearchHit { kind: EntityKind::from_noun(&kind)?, id, title, about: about.unwrap_or_default() }))
        .collect())
}
