//! Finding records of every kind by name, for the palette and for programs.

use crate::{StoreError, TenantTx};
use domain::{EntityKind, lists::SearchHit};
use uuid::Uuid;

/// What a kind is found by, and the line under its name; `$1` is the workspace, `$2` the lower-case words.
const KINDS: &[(EntityKind, &str, &str, &str)] = &[
    (
        EntityKind::Contact,
        "full_name",
        "name_key",
        "coalesce((select c.name from companies c where c.workspace_id = $1 and c.id = t.company_id and c.deleted_at is null), t.job_title)",
    ),
    (EntityKind::Company, "name", "name_key", "t.industry"),
    (EntityKind::Deal, "title", "lower(title)", "(select s.name from stages s where s.workspace_id = $1 and s.id = t.stage_id)"),
    (EntityKind::Task, "title", "lower(title)", "t.due_date::text"),
    (EntityKind::Note, "title", "lower(title)", "null"),
];

/// At most `each` records of every kind whose names hold `q`; names that begin with it come first. People are found by
/// e-mail too.
pub async fn search(tx: &mut TenantTx, q: &str, each: i64) -> Result<Vec<SearchHit>, StoreError> {
    let q = q.trim().to_lowercase();
    if q.is_empty() {
        return Ok(Vec::new());
    }
    let parts: Vec<String> = KINDS
        .iter()
        .map(|(kind, title, by, about)| {
            let more = match kind {
                EntityKind::Contact => " or id in (select e.contact_id from contact_emails e where e.workspace_id = $1 and strpos(e.value, $2) > 0)",
                _ => "",
            };
            format!(
                "(select '{noun}' as kind, t.id, t.{title} as title, {about} as about from (select * from {table}
                    where workspace_id = $1 and deleted_at is null and (strpos({by}, $2) > 0{more}) order by strpos({by}, $2) <> 1, {by}, id limit {each}) t)",
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
