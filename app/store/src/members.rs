//! Members with their role, for the settings page.

use crate::{Actor, Database, StoreError};
use domain::{MemberId, Permission};

/// Members by name: id, name, office, manager, role code (`None`: a placeholder nobody has joined as).
pub async fn list_with_roles(
    db: &Database,
    actor: &Actor,
) -> Result<Vec<(MemberId, String, Option<String>, Option<String>, Option<String>)>, StoreError> {
    let mut tx = db.begin(actor, Permission::ViewRecords).await?;
    let rows: Vec<(MemberId, String, Option<String>, Option<String>)> = sqlx::query_as(
        "select m.id, m.name, m.office, b.name from members m
         left join members b on b.workspace_id = m.workspace_id and b.id = m.manager_id
         where m.workspace_id = $1 and m.deleted_at is null order by m.user_id is null, m.name, m.id limit 500",
    )
    .bind(tx.workspace())
    .fetch_all(tx.conn())
    .await?;
    drop(tx);
    let roles: Vec<(MemberId, String)> = sqlx::query_as("select member_id, role from memberships where workspace_id = $1 and status = 'active'")
        .bind(actor.workspace)
        .fetch_all(&db.pool)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, name, office, manager)| {
            let role = roles.iter().find(|(m, _)| *m == id).map(|(_, r)| r.clone());
            (id, name, office, manager, role)
        })
        .collect())
}
