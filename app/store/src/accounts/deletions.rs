//! Leaving for good: accounts and workspaces. What cannot be taken back waits first.

use crate::{Actor, Client, Conflict, Database, StoreError};
use chrono::{DateTime, Duration, Utc};
use domain::{MemberId, Permission, Role, UserId, WorkspaceId};
use sqlx::AssertSqlSafe;
use std::collections::BTreeSet;

/// How long a deletion waits, in days.
pub const WAIT_DAYS: i64 = 14;

/// What is known of accounts besides their workspaces, in an order that their references allow.
const FORGET: [&str; 8] = [
    "delete from push_devices where user_id = any($1)",
    "delete from sessions where user_id = any($1)",
    "delete from known_devices where user_id = any($1)",
    "delete from api_tokens where user_id = any($1)",
    "delete from confirmations where user_id = any($1)",
    "update invitations set accepted_by = null where accepted_by = any($1)",
    "delete from memberships where user_id = any($1)",
    "delete from users where id = any($1)",
];

impl Database {
    /// Time at which the account will be deleted; `None`: no deletion is scheduled.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn account_ends(&self, user: UserId) -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(sqlx::query_scalar("select delete_after from users where id = $1").bind(user).fetch_optional(&self.pool).await?.flatten())
    }

    /// Schedules the deletion of the account in [`WAIT_DAYS`] days and returns the time. The only owner of a workspace with other
    /// members must make another member an owner first.
    ///
    /// # Errors
    /// `NotFound`: the account does not exist. `Conflict`: the password is wrong or was tried too often, or a workspace with
    /// other members would lose its only owner. `Database`.
    pub async fn end_account(&self, user: UserId, password: &str, client: &Client, now: DateTime<Utc>) -> Result<DateTime<Utc>, StoreError> {
        self.verify_password(user, password, client).await?;
        let stuck: Option<String> = sqlx::query_scalar(
            "select w.name from memberships m join workspaces w on w.id = m.workspace_id
             where m.user_id = $1 and m.status = 'active' and m.role = 'owner'
                and not exists (select from memberships o where o.workspace_id = m.workspace_id and o.user_id <> $1 and o.status = 'active' and o.role = 'owner')
                and exists (select from memberships o where o.workspace_id = m.workspace_id and o.user_id <> $1 and o.status = 'active') limit 1",
        )
        .bind(user)
        .fetch_optional(&self.pool)
        .await?;
        if let Some(name) = stuck {
            return Err(
                Conflict::State(format!("You are the only owner of {name}, and others work there. Make somebody else an owner first.")).into()
            );
        }
        let after = now + Duration::days(WAIT_DAYS);
        sqlx::query("update users set delete_after = $2 where id = $1").bind(user).bind(after).execute(&self.pool).await?;
        Ok(after)
    }

    /// Cancels the scheduled deletion of an account.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn keep_account(&self, user: UserId) -> Result<(), StoreError> {
        sqlx::query("update users set delete_after = null where id = $1").bind(user).execute(&self.pool).await?;
        Ok(())
    }

    /// Schedules the deletion of the workspace in [`WAIT_DAYS`] days and returns the time. Takes an owner, who types its name.
    ///
    /// # Errors
    /// `Denied`: the actor is no owner. `Conflict`: `name` is not the name of the workspace. `Database`.
    pub async fn end_workspace(&self, actor: &Actor, name: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, StoreError> {
        if actor.role != Role::Owner {
            return Err(StoreError::Denied(Permission::ManageMembers));
        }
        let after = now + Duration::days(WAIT_DAYS);
        let done = sqlx::query("update workspaces set delete_after = $3 where id = $1 and name = $2")
            .bind(actor.workspace)
            .bind(name.trim())
            .bind(after)
            .execute(&self.pool)
            .await?;
        match done.rows_affected() {
            0 => Err(Conflict::State("Type the name of the workspace exactly as it is.".into()).into()),
            _ => Ok(after),
        }
    }

    /// Cancels the scheduled deletion of the workspace.
    ///
    /// # Errors
    /// `Denied`: the actor is no owner. `Database`.
    pub async fn keep_workspace(&self, actor: &Actor) -> Result<(), StoreError> {
        if actor.role != Role::Owner {
            return Err(StoreError::Denied(Permission::ManageMembers));
        }
        sqlx::query("update workspaces set delete_after = null where id = $1").bind(actor.workspace).execute(&self.pool).await?;
        Ok(())
    }

    /// Carries out the deletions that are due; returns the numbers of deleted accounts and workspaces. Does nothing while another
    /// server does this.
    ///
    /// # Errors
    /// Only `Database`. A deletion that fails is logged and does not stop the others.
    pub async fn delete_due(&self, now: DateTime<Utc>) -> Result<(u64, u64), StoreError> {
        let mut guard = self.pool.begin().await?;
        if !crate::keys::InstallationLock::DELETIONS.take(&mut guard).await? {
            return Ok((0, 0));
        }
        let (mut accounts, mut workspaces) = (0, 0);
        let due: Vec<UserId> = sqlx::query_scalar("select id from users where delete_after <= $1").bind(now).fetch_all(&self.pool).await?;
        for user in due {
            match self.leave_everything(user, now).await {
                Ok(Some(gone)) => {
                    workspaces += gone;
                    accounts += 1;
                }
                Ok(None) => {}
                Err(e) => tracing::warn!(error = %e, "an account could not be deleted"),
            }
        }
        let due: Vec<WorkspaceId> = sqlx::query_scalar("select id from workspaces where delete_after <= $1").bind(now).fetch_all(&self.pool).await?;
        for workspace in due {
            match self.delete_workspace(workspace, Some(now)).await {
                Ok(true) => workspaces += 1,
                Ok(false) => {}
                Err(e) => tracing::warn!(error = %e, "a workspace could not be deleted"),
            }
        }
        guard.rollback().await?;
        Ok((accounts, workspaces))
    }

    /// C-40: what belongs to a team stays with it; a workspace with nobody else in it goes with its only member. None: it
    /// was taken back meanwhile. What an earlier attempt left undone is finished.
    async fn leave_everything(&self, user: UserId, now: DateTime<Utc>) -> Result<Option<u64>, StoreError> {
        let still: bool = sqlx::query_scalar("select exists (select from users where id = $1 and delete_after <= $2)")
            .bind(user)
            .bind(now)
            .fetch_one(&self.pool)
            .await?;
        if !still {
            return Ok(None);
        }
        let mut gone = 0;
        let places: Vec<(WorkspaceId, MemberId, bool)> =
            sqlx::query_as("select workspace_id, member_id, status = 'active' from memberships where user_id = $1")
                .bind(user)
                .fetch_all(&self.pool)
                .await?;
        for (workspace, member, active) in places {
            // Removed long ago, and somebody else has the place by now: nothing there is theirs to hand on.
            if !active && !self.still_sits(workspace, member, user).await? {
                continue;
            }
            let heir: Option<MemberId> = sqlx::query_scalar(
                "select member_id from memberships where workspace_id = $1 and user_id <> $2 and status = 'active'
                 order by role = 'owner' desc, role = 'admin' desc, created_at limit 1",
            )
            .bind(workspace)
            .bind(user)
            .fetch_optional(&self.pool)
            .await?;
            let Some(heir) = heir else {
                if active && self.delete_workspace(workspace, None).await? {
                    gone += 1;
                }
                continue;
            };
            // Whoever was the only owner leaves somebody behind who can act.
            sqlx::query(
                "update memberships set role = 'owner' where workspace_id = $1 and member_id = $2 and $4 and not exists (
                    select from memberships o where o.workspace_id = $1 and o.user_id <> $3 and o.status = 'active' and o.role = 'owner')",
            )
            .bind(workspace)
            .bind(heir)
            .bind(user)
            .bind(active)
            .execute(&self.pool)
            .await?;
            let actor = Actor {
                workspace,
                user,
                member,
                role: Role::Owner,
                surface: domain::Surface::Setup,
                currency: domain::Currency::USD,
                basis: crate::Basis::Server,
                scope: None,
            };
            let left = match active {
                true => self.remove_member(&actor, member, Some(heir)).await,
                false => self.hand_over(&actor, member, heir).await,
            };
            left?;
        }
        let mut tx = self.pool.begin().await?;
        for text in FORGET {
            sqlx::query(text).bind(vec![user.0]).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(Some(gone))
    }

    /// Whether a member is still this user: a removal was begun and not finished.
    async fn still_sits(&self, workspace: WorkspaceId, member: MemberId, user: UserId) -> Result<bool, StoreError> {
        let mut tx = self.begin_system(workspace).await?;
        let text = "select exists (select from members where workspace_id = $1 and id = $2 and user_id = $3)";
        Ok(sqlx::query_scalar(text).bind(workspace).bind(member).bind(user).fetch_one(tx.conn()).await?)
    }

    /// Every row of every table that carries the workspace, those that refer to others first.
    pub(crate) async fn delete_workspace(&self, workspace: WorkspaceId, due: Option<DateTime<Utc>>) -> Result<bool, StoreError> {
        let tables: Vec<String> = sqlx::query_scalar(
            "select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id' and not a.attisdropped
             where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'",
        )
        .fetch_all(&self.pool)
        .await?;
        let references: Vec<(String, String)> = sqlx::query_as(
            "select f.relname::text, t.relname::text from pg_constraint k join pg_class f on f.oid = k.conrelid join pg_class t on t.oid = k.confrelid
             where k.contype = 'f' and k.connamespace = 'public'::regnamespace and k.conrelid <> k.confrelid",
        )
        .fetch_all(&self.pool)
        .await?;
        // Members point at their team and teams at their manager: such a circle is cut before anything is deleted.
        let cut = ["update members set team_id = null where workspace_id = $1", "update teams set manager_id = null where workspace_id = $1"];
        let mut left: BTreeSet<&str> = tables.iter().map(String::as_str).collect();
        let mut order = Vec::new();
        while !left.is_empty() {
            let blocked = |table: &str| {
                references
                    .iter()
                    .any(|(from, to)| to == table && left.contains(from.as_str()) && !matches!((from.as_str(), to.as_str()), ("members", "teams")))
            };
            let free: Vec<&str> = left.iter().filter(|t| !blocked(t)).copied().collect();
            if free.is_empty() {
                return Err(StoreError::Database(sqlx::Error::Protocol("tables refer to each other in a circle".into())));
            }
            for table in free {
                left.remove(table);
                order.push(table.to_owned());
            }
        }
        // As the owner of the tables, since the history of stages may not be deleted by anybody else; the policies hold still.
        let mut tx = self.pool.begin().await?;
        sqlx::query("select set_config('app.workspace_id', $1, true), set_config('app.sees_all', 'yes', true)")
            .bind(workspace.to_string())
            .execute(&mut *tx)
            .await?;
        let still: Option<WorkspaceId> =
            sqlx::query_scalar("select id from workspaces where id = $1 and ($2::timestamptz is null or delete_after <= $2) for update")
                .bind(workspace)
                .bind(due)
                .fetch_optional(&mut *tx)
                .await?;
        if still.is_none() {
            return Ok(false);
        }
        let people: Vec<uuid::Uuid> =
            sqlx::query_scalar("select user_id from memberships where workspace_id = $1").bind(workspace).fetch_all(&mut *tx).await?;
        for text in cut {
            sqlx::query(text).bind(workspace).execute(&mut *tx).await?;
        }
        for table in order.iter().filter(|t| *t != "workspaces") {
            sqlx::query(AssertSqlSafe(format!("delete from {table} where workspace_id = $1"))).bind(workspace).execute(&mut *tx).await?;
        }
        sqlx::query("delete from workspaces where id = $1").bind(workspace).execute(&mut *tx).await?;
        // An account that can enter nothing any more could neither sign in nor sign up again.
        let homeless: Vec<uuid::Uuid> =
            sqlx::query_scalar("select id from users u where id = any($1) and not exists (select from memberships m where m.user_id = u.id)")
                .bind(people)
                .fetch_all(&mut *tx)
                .await?;
        for text in FORGET {
            sqlx::query(text).bind(&homeless).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}
