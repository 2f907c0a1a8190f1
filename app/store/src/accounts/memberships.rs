//! Who may enter a workspace: invitations, roles, leaving and removing; sessions and passwords of accounts.

use crate::{
    Actor, Basis, Conflict, Database, StoreError,
    hex::hex,
    holding::{hold, lock_rights},
};
use chrono::{DateTime, Utc};
use domain::{Invalid, MemberId, Permission, Role, UserId, WorkspaceId, addresses::Address, memberships::*};
use rand::RngCore;
use sha2::{Digest, Sha256};
use uuid::Uuid;

fn needs(actor: &Actor, permission: Permission) -> Result<(), StoreError> {
    if actor.role.allows(permission) { Ok(()) } else { Err(StoreError::Denied(permission)) }
}

/// Nobody gives away more than they have.
fn may_grant(mine: Role, role: Role) -> Result<(), StoreError> {
    let may = mine.allows(Permission::ManageMembers) && (role != Role::Owner || mine == Role::Owner);
    if may { Ok(()) } else { Err(StoreError::Denied(Permission::ManageMembers)) }
}

fn heir_missing() -> Invalid {
    Invalid::one("heir", "required", "Choose another member to take over the records.")
}

impl Database {
    /// Members with their role, at most 500, and for actors who manage members the open invitations.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn members_view(&self, actor: &Actor) -> Result<MembersView, StoreError> {
        let mut tx = self.begin(actor, Permission::ViewRecords).await?;
        let members: Vec<(MemberId, String, Option<String>, Option<String>, bool)> = sqlx::query_as(
            "select m.id, m.name, m.email, m.office, m.left_at is not null from members m where m.workspace_id = $1 and m.deleted_at is null
             order by m.user_id is null, m.name, m.id limit 500",
        )
        .bind(actor.workspace)
        .fetch_all(tx.conn())
        .await?;
        drop(tx);
        let roles: Vec<(MemberId, String, String)> = sqlx::query_as(
            "select m.member_id, m.role, u.email from memberships m join users u on u.id = m.user_id where m.workspace_id = $1 and m.status = 'active'",
        )
        .bind(actor.workspace)
        .fetch_all(&self.pool)
        .await?;
        let invitations: Vec<(Uuid, String, Option<MemberId>, DateTime<Utc>)> = match actor.role.allows(Permission::ManageMembers) {
            false => Vec::new(),
            true => {
                sqlx::query_as(
                    "select id, role, member_id, expires_at from invitations
                     where workspace_id = $1 and accepted_at is null and revoked_at is null and expires_at > now() order by created_at",
                )
                .bind(actor.workspace)
                .fetch_all(&self.pool)
                .await?
            }
        };
        let name_of = |id: &MemberId| members.iter().find(|m| m.0 == *id).map(|m| m.1.clone());
        let invitations = invitations
            .iter()
            .filter_map(|(id, role, member, expires_at)| {
                Some(Invitation { id: *id, role: Role::from_code(role)?, joins_as: member.as_ref().and_then(name_of), expires_at: *expires_at })
            })
            .collect();
        let members = members
            .into_iter()
            .map(|(id, name, email, office, left)| {
                let joined = roles.iter().find(|r| r.0 == id);
                MemberView {
                    id,
                    name,
                    email: joined.map(|r| r.2.clone()).or(email),
                    office,
                    role: joined.and_then(|r| Role::from_code(&r.1)),
                    is_me: id == actor.member,
                    left,
                }
            })
            .collect();
        Ok(MembersView { members, invitations })
    }

    /// Creates an invitation and returns its token, of which only the hash is stored. `joins_as`: the placeholder that the
    /// account becomes.
    ///
    /// # Errors
    /// `Denied`: the actor may not manage members, or not make owners. `Ended`: the sign-in has ended. `NotFound`: no such
    /// placeholder. `Conflict`: an account joined as it. `Database`.
    pub async fn invite(&self, actor: &Actor, role: Role, joins_as: Option<MemberId>) -> Result<String, StoreError> {
        may_grant(actor.role, role)?;
        let mut tx = self.begin_write(actor, Permission::ManageMembers).await?;
        may_grant(tx.actor.role, role)?;
        if let Some(member) = joins_as {
            let free: Option<bool> =
                sqlx::query_scalar("select user_id is null from members where workspace_id = $1 and id = $2 and deleted_at is null")
                    .bind(actor.workspace)
                    .bind(member)
                    .fetch_optional(tx.conn())
                    .await?;
            if !free.ok_or(StoreError::NotFound)? {
                return Err(Conflict::State("Somebody has joined as this member already.".into()).into());
            }
        }
        let mut bytes = [0u8; 24];
        rand::rng().fill_bytes(&mut bytes);
        let token = hex(&bytes);
        sqlx::query("insert into invitations (id, token_hash, workspace_id, member_id, role, invited_by) values ($1, $2, $3, $4, $5, $6)")
            .bind(Uuid::now_v7())
            .bind(Sha256::digest(&token).to_vec())
            .bind(actor.workspace)
            .bind(joins_as)
            .bind(role.code())
            .bind(actor.member)
            .execute(tx.as_login().await?)
            .await?;
        tx.commit().await?;
        Ok(token)
    }

    /// Revokes an invitation that was not accepted.
    ///
    /// # Errors
    /// `Denied`: the actor may not manage members. `Ended`: the sign-in has ended. `NotFound`: it does not exist or was accepted.
    /// `Database`.
    pub async fn revoke_invitation(&self, actor: &Actor, id: Uuid) -> Result<(), StoreError> {
        needs(actor, Permission::ManageMembers)?;
        let mut tx = self.pool.begin().await?;
        hold(&mut tx, actor, Permission::ManageMembers).await?;
        let done = sqlx::query("update invitations set revoked_at = now() where workspace_id = $1 and id = $2 and accepted_at is null")
            .bind(actor.workspace)
            .bind(id)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 0 { Err(StoreError::NotFound) } else { Ok(tx.commit().await?) }
    }

    /// Whether an address has an account. For holders of an invitation only.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn has_account(&self, email: &str) -> Result<bool, StoreError> {
        Ok(self.account_of(&Address::typed(email)).await?.is_some())
    }

    /// Workspace and role of an invitation; `None` if it is unknown, used, revoked or expired.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn invitation(&self, token: &str) -> Result<Option<InvitedTo>, StoreError> {
        let row: Option<(String, String)> = sqlx::query_as(
            "select w.name, i.role from invitations i join workspaces w on w.id = i.workspace_id
             where i.token_hash = $1 and i.accepted_at is null and i.revoked_at is null and i.expires_at > now()",
        )
        .bind(Sha256::digest(token).to_vec())
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.and_then(|(workspace, role)| Some(InvitedTo { workspace, role: Role::from_code(&role)? })))
    }

    /// Gives a member another role and revokes the member's open invitations, and share links that the role does not allow.
    ///
    /// # Errors
    /// `Denied`: the actor may not manage members, or not owners. `Ended`: the sign-in has ended. `NotFound`: the membership has
    /// ended. `Conflict`: the member is the only owner. `Database`.
    pub async fn set_role(&self, actor: &Actor, member: MemberId, role: Role) -> Result<(), StoreError> {
        may_grant(actor.role, role)?;
        let mut tx = self.pool.begin().await?;
        lock_members(&mut tx, actor, &[member]).await?;
        let mine = hold(&mut tx, actor, Permission::ManageMembers).await?;
        may_grant(mine, role)?;
        let now = locked_role(&mut tx, actor, member).await?;
        if now == Role::Owner {
            may_grant(mine, Role::Owner)?;
            if role != Role::Owner {
                another_owner(&mut tx, actor.workspace, member).await?;
            }
        }
        sqlx::query("update memberships set role = $3 where workspace_id = $1 and member_id = $2 and status = 'active'")
            .bind(actor.workspace)
            .bind(member)
            .bind(role.code())
            .execute(&mut *tx)
            .await?;
        revoke_links(&mut tx, actor.workspace, member).await?;
        Ok(tx.commit().await?)
    }

    /// Ends a membership with its sessions and tokens for this workspace, then gives the records to `heir` (C-40: the removal of
    /// a user deletes nothing of the team's). Every member may leave; removing another member takes the right to manage members.
    ///
    /// # Errors
    /// `Denied`; `Ended`; `Invalid`: no heir, or a viewer. `NotFound`: heir or member has left. `Conflict`: the member is the
    /// only owner. `Database`. If giving the records away fails, the membership has ended; an admin may repeat the call.
    pub async fn remove_member(&self, actor: &Actor, member: MemberId, heir: Option<MemberId>) -> Result<(), StoreError> {
        if member != actor.member {
            needs(actor, Permission::ManageMembers)?;
        }
        let heir = heir.filter(|h| *h != member).ok_or_else(heir_missing)?;
        let mut tx = self.pool.begin().await?;
        // Leaving together, two members are not each other's heirs: the second finds the first gone.
        lock_members(&mut tx, actor, &[member, heir]).await?;
        let permission = if member == actor.member { Permission::ViewRecords } else { Permission::ManageMembers };
        let mine = hold(&mut tx, actor, permission).await?;
        let heir_role: Option<String> =
            sqlx::query_scalar("select role from memberships where workspace_id = $1 and member_id = $2 and status = 'active'")
                .bind(actor.workspace)
                .bind(heir)
                .fetch_optional(&mut *tx)
                .await?;
        let heir_role = heir_role.and_then(|code| Role::from_code(&code));
        let heir_role = heir_role.ok_or_else(heir_missing)?;
        if !heir_role.allows(Permission::EditRecords) {
            return Err(Invalid::one("heir", "choice", "A viewer cannot take over records.").into());
        }
        // The membership ended earlier without the transfer of its records: this request completes it.
        let half_done: bool =
            sqlx::query_scalar("select exists (select from memberships where workspace_id = $1 and member_id = $2 and status = 'revoked')")
                .bind(actor.workspace)
                .bind(member)
                .fetch_one(&mut *tx)
                .await?;
        match locked_role(&mut tx, actor, member).await {
            Ok(role) => {
                if role == Role::Owner {
                    if member != actor.member {
                        may_grant(mine, Role::Owner)?;
                    }
                    another_owner(&mut tx, actor.workspace, member).await?;
                }
                end_membership(&mut tx, actor.workspace, member).await?;
            }
            Err(StoreError::NotFound) if half_done && member != actor.member => {}
            Err(e) => return Err(e),
        }
        tx.commit().await?;
        // From here on they are out; what they had is handed over as a command of its own, in the name of whoever did it.
        let by = Actor { role: Role::Owner, basis: Basis::Server, ..actor.clone() };
        self.hand_over(&by, member, heir).await
    }

    /// Workspaces that a user may enter, oldest membership first: id, name, role.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn workspaces_of(&self, user: UserId) -> Result<Vec<(WorkspaceId, String, String)>, StoreError> {
        Ok(sqlx::query_as(
            "select w.id, w.name, m.role from memberships m join workspaces w on w.id = m.workspace_id
             where m.user_id = $1 and m.status = 'active' order by m.created_at, w.id",
        )
        .bind(user)
        .fetch_all(&self.pool)
        .await?)
    }

    /// The user's sessions, newest first, at most 100. `current`: the hash of the session of this request.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn sessions_of(&self, user: UserId, current: &[u8]) -> Result<Vec<SessionLine>, StoreError> {
        let rows: Vec<(Vec<u8>, Option<String>, DateTime<Utc>)> = sqlx::query_as(
            "select id_hash, device, created_at from sessions where user_id = $1 and expires_at > now() order by created_at desc limit 100",
        )
        .bind(user)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows
            .into_iter()
            .map(|(hash, device, since)| SessionLine { key: hex(&hash[..8]), device: device.unwrap_or_default(), since, is_this: hash == current })
            .collect())
    }

    /// Ends one session of a user, named by the key of its line.
    ///
    /// # Errors
    /// `NotFound`: the user has no session with this key. `Database`.
    pub async fn end_session(&self, user: UserId, key: &str) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        lock_rights(&mut tx, &[user]).await?;
        let done = sqlx::query("delete from sessions where user_id = $1 and substr(encode(id_hash, 'hex'), 1, 16) = $2")
            .bind(user)
            .bind(key)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 0 { Err(StoreError::NotFound) } else { Ok(tx.commit().await?) }
    }
}

/// Links that somebody made do not outlive the right to make them.
async fn revoke_links(tx: &mut sqlx::Transaction<'_, sqlx::Postgres>, workspace: WorkspaceId, member: MemberId) -> Result<(), StoreError> {
    sqlx::query(
        "update invitations set revoked_at = now() where workspace_id = $1 and invited_by = $2 and accepted_at is null and revoked_at is null",
    )
    .bind(workspace)
    .bind(member)
    .execute(&mut **tx)
    .await?;
    let may_share = sqlx::query_scalar::<_, String>("select role from memberships where workspace_id = $1 and member_id = $2 and status = 'active'")
        .bind(workspace)
        .bind(member)
        .fetch_optional(&mut **tx)
        .await?
        .and_then(|role| Role::from_code(&role))
        .is_some_and(|role| role.allows(Permission::Share));
    if !may_share {
        // Revoked permanently: the role may return, or another person may join as this member, while the old URL is known.
        // `shares` forces row security, so the workspace is set for this role as well.
        sqlx::query("select set_config('app.workspace_id', $1::text, true)").bind(workspace).execute(&mut **tx).await?;
        sqlx::query("update shares set revoked_at = now() where workspace_id = $1 and created_by = $2 and revoked_at is null")
            .bind(workspace)
            .bind(member)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// Out at once: membership, sessions and tokens for this workspace, and the links they made.
async fn end_membership(tx: &mut sqlx::Transaction<'_, sqlx::Postgres>, workspace: WorkspaceId, member: MemberId) -> Result<(), StoreError> {
    let user: UserId = sqlx::query_scalar(
        "update memberships set status = 'revoked' where workspace_id = $1 and member_id = $2 and status = 'active' returning user_id",
    )
    .bind(workspace)
    .bind(member)
    .fetch_one(&mut **tx)
    .await?;
    for text in [
        "delete from sessions where workspace_id = $1 and user_id = $2",
        "update api_tokens set revoked_at = now() where workspace_id = $1 and user_id = $2 and revoked_at is null",
    ] {
        sqlx::query(text).bind(workspace).bind(user).execute(&mut **tx).await?;
    }
    revoke_links(tx, workspace, member).await
}

/// Waits for the writes under way of the actor and these members, and keeps new ones out.
async fn lock_members(tx: &mut sqlx::Transaction<'_, sqlx::Postgres>, actor: &Actor, members: &[MemberId]) -> Result<(), StoreError> {
    let mut accounts: Vec<UserId> =
        sqlx::query_scalar("select user_id from memberships where workspace_id = $1 and member_id = any($2) and status = 'active'")
            .bind(actor.workspace)
            .bind(members.iter().map(|m| m.0).collect::<Vec<_>>())
            .fetch_all(&mut **tx)
            .await?;
    accounts.push(actor.user);
    lock_rights(tx, &accounts).await
}

async fn locked_role(tx: &mut sqlx::Transaction<'_, sqlx::Postgres>, actor: &Actor, member: MemberId) -> Result<Role, StoreError> {
    // All memberships of the workspace are locked in one order: two owners cannot remove each other at once.
    let rows: Vec<(MemberId, String)> =
        sqlx::query_as("select member_id, role from memberships where workspace_id = $1 and status = 'active' order by user_id for update")
            .bind(actor.workspace)
            .fetch_all(&mut **tx)
            .await?;
    rows.iter().find(|r| r.0 == member).and_then(|r| Role::from_code(&r.1)).ok_or(StoreError::NotFound)
}

async fn another_owner(tx: &mut sqlx::Transaction<'_, sqlx::Postgres>, workspace: WorkspaceId, but: MemberId) -> Result<(), StoreError> {
    let others: i64 =
        sqlx::query_scalar("select count(*) from memberships where workspace_id = $1 and role = 'owner' and status = 'active' and member_id <> $2")
            .bind(workspace)
            .bind(but)
            .fetch_one(&mut **tx)
            .await?;
    if others == 0 { Err(Conflict::State("A workspace needs an owner. Make somebody else an owner first.".into()).into()) } else { Ok(()) }
}
