//! API tokens: made, listed, revoked, and the actor behind one.

use crate::{
    Actor, Conflict, Database, StoreError,
    accounts::membership::{Membership, MembershipRow},
    hex::hex,
    holding::{hold, lock_rights},
};
use chrono::{DateTime, Utc};
use domain::{
    Invalid, MemberId, Permission, Surface, UserId, WorkspaceId,
    tokens::{NAME_LENGTH, TokenLine},
};
use rand::RngCore;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Working tokens that one person may have in a workspace.
const MOST: i64 = 50;
/// Ended tokens are listed this long, in days.
const ENDED_DAYS: i32 = 90;
/// Tokens in a list.
const LISTED: i64 = 500;

/// A new API token. The text is shown once; only its hash is kept.
pub struct Token(pub String);

/// What a token is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// What it is for, in the words of the person who makes it.
    pub name: String,
    /// It may look, and change nothing.
    pub read_only: bool,
    /// None: until it is revoked.
    pub expires_at: Option<DateTime<Utc>>,
}

/// What a token opens.
#[derive(Clone, Debug)]
pub struct Opened {
    pub membership: Membership,
    /// The hash under which the token is kept.
    pub hash: Vec<u8>,
    pub read_only: bool,
}

#[derive(sqlx::FromRow)]
struct OpenedRow {
    #[sqlx(flatten)]
    membership: MembershipRow,
    read_only: bool,
    /// Its last use is written down anew.
    stale: bool,
}

type Row = (Uuid, String, String, bool, UserId, Option<MemberId>, DateTime<Utc>, Option<DateTime<Utc>>, Option<DateTime<Utc>>, Option<DateTime<Utc>>);

impl Database {
    /// The membership behind an API token, with the member's present role; `None` for unknown, expired and revoked tokens.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn actor_by_token(&self, token: &str) -> Result<Option<Opened>, StoreError> {
        let hash = Sha256::digest(token).to_vec();
        let row: Option<OpenedRow> = sqlx::query_as(
            "select s.*, t.read_only, (t.last_used_at is null or t.last_used_at < now() - interval '1 minute') as stale
             from api_tokens t cross join lateral active_membership(t.user_id, t.workspace_id) s
             where t.token_hash = $1 and t.revoked_at is null and (t.expires_at is null or t.expires_at > now())",
        )
        .bind(&hash)
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        if row.stale {
            // Asked again: of many requests at once one writes.
            sqlx::query(
                "update api_tokens set last_used_at = now()
                 where token_hash = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')",
            )
            .bind(&hash)
            .execute(&self.pool)
            .await?;
        }
        let read_only = row.read_only;
        Ok(row.membership.membership(Surface::Api).map(|membership| Opened { membership, hash, read_only }))
    }

    /// Creates an API token with the rights of `actor`; returns id and text, of which only the hash is stored. Names need not
    /// differ.
    ///
    /// # Errors
    /// `Denied`: the actor is a viewer. `Invalid`: the name (1 to 80 characters) or a past expiry. `Ended`: the sign-in has
    /// ended. `Conflict`: the actor has 50 working tokens. `Database`.
    pub async fn make_token(&self, actor: &Actor, new: &NewToken, now: DateTime<Utc>) -> Result<(Uuid, Token), StoreError> {
        if !actor.role.allows(Permission::ManageTokens) {
            return Err(StoreError::Denied(Permission::ManageTokens));
        }
        let name = new.name.trim();
        let mut wrong = Invalid::default();
        if name.is_empty() || name.chars().count() > NAME_LENGTH || name.chars().any(char::is_control) {
            wrong.add("name", "length", "Give the token a name of at most 80 characters, such as what uses it");
        }
        if new.expires_at.is_some_and(|at| at <= now) {
            wrong.add("expiresAt", "past", "The token must expire in the future");
        }
        wrong.or(())?;
        let mut tx = self.pool.begin().await?;
        hold(&mut tx, actor, Permission::ManageTokens).await?;
        let mut bytes = [0u8; 32];
        rand::rng().fill_bytes(&mut bytes);
        let text = format!("rap_{}", hex(&bytes));
        let made: Option<Uuid> = sqlx::query_scalar(
            "insert into api_tokens (token_hash, workspace_id, user_id, name, last4, read_only, expires_at)
             select $1, $2, $3, $4, $5, $6, $7
             where (select count(*) from api_tokens t where t.workspace_id = $2 and t.user_id = $3 and t.revoked_at is null
                and (t.expires_at is null or t.expires_at > now())) < $8 returning id",
        )
        .bind(Sha256::digest(&text).to_vec())
        .bind(actor.workspace)
        .bind(actor.user)
        .bind(name)
        .bind(&text[text.len() - 4..])
        .bind(new.read_only)
        .bind(new.expires_at)
        .bind(MOST)
        .fetch_optional(&mut *tx)
        .await?;
        tx.commit().await?;
        match made {
            Some(id) => Ok((id, Token(text))),
            None => Err(Conflict::State(format!("You have {MOST} tokens that work. Revoke one first.")).into()),
        }
    }

    /// Creates an API token without expiry for the account `email` in the workspace named `workspace`, for the command line.
    ///
    /// # Errors
    /// `NotFound`: no such membership. `Denied`: the member is a viewer. `Ended`: the membership ended meanwhile. `Conflict`: the
    /// member has 50 working tokens. `Database`.
    pub async fn create_token(&self, email: &str, workspace: &str) -> Result<Token, StoreError> {
        let actor = self.member_of(email, workspace).await?;
        let new = NewToken { name: "command line".into(), read_only: false, expires_at: None };
        Ok(self.make_token(&actor, &new, Utc::now()).await?.1)
    }

    /// The account `email` as a member of the workspace called `workspace`, for the command line.
    ///
    /// # Errors
    /// `NotFound`: no such membership. `Database`.
    pub async fn member_of(&self, email: &str, workspace: &str) -> Result<Actor, StoreError> {
        let typed = domain::addresses::Address::typed(email);
        let row: Option<(UserId, WorkspaceId)> = sqlx::query_as(
            "select u.id, w.id from users u join memberships m on m.user_id = u.id and m.status = 'active'
             join workspaces w on w.id = m.workspace_id where (u.email = $1 or u.email_key = $3) and w.name = $2
             order by u.email = $1 desc, w.created_at limit 1",
        )
        .bind(&typed.text)
        .bind(workspace)
        .bind(&typed.key)
        .fetch_optional(&self.pool)
        .await?;
        let (user, workspace) = row.ok_or(StoreError::NotFound)?;
        self.actor(user, workspace, Surface::Cli).await?.ok_or(StoreError::NotFound)
    }

    /// Tokens of the workspace for actors who manage members, else the actor's own; newest first, at most 500. Ended ones are
    /// listed for 90 days.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn tokens(&self, actor: &Actor) -> Result<Vec<TokenLine>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "select t.id, t.name, t.last4, t.read_only, t.user_id, m.member_id, t.created_at, t.last_used_at, t.expires_at, t.revoked_at
             from api_tokens t left join memberships m on m.workspace_id = t.workspace_id and m.user_id = t.user_id
             where t.workspace_id = $1 and ($2 or t.user_id = $3)
                and coalesce(t.revoked_at, t.expires_at, now()) > now() - make_interval(days => $4)
             order by t.created_at desc, t.id limit $5",
        )
        .bind(actor.workspace)
        .bind(actor.role.allows(Permission::ManageMembers))
        .bind(actor.user)
        .bind(ENDED_DAYS)
        .bind(LISTED)
        .fetch_all(&self.pool)
        .await?;
        let members: Vec<MemberId> = rows.iter().filter_map(|r| r.5).collect();
        let mut tx = self.begin(actor, Permission::ViewRecords).await?;
        let names: Vec<(MemberId, String)> = sqlx::query_as("select id, name from members where workspace_id = $1 and id = any($2)")
            .bind(actor.workspace)
            .bind(members)
            .fetch_all(tx.conn())
            .await?;
        let name_of = |id: Option<MemberId>| names.iter().find(|n| Some(n.0) == id).map(|n| n.1.clone());
        Ok(rows
            .into_iter()
            .map(|(id, name, last4, read_only, user, member, created_at, last_used_at, expires_at, revoked_at)| TokenLine {
                id,
                name,
                last4,
                read_only,
                by: name_of(member),
                is_mine: user == actor.user,
                created_at,
                last_used_at,
                expires_at,
                revoked_at,
            })
            .collect())
    }

    /// Ends a token at once: one of the actor, or any of the workspace for actors who manage members.
    ///
    /// # Errors
    /// `NotFound`: it does not exist, is another member's, or has been revoked. `Ended`: the sign-in has ended. `Database`.
    pub async fn revoke_token(&self, actor: &Actor, id: Uuid) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        let whose: Option<UserId> = sqlx::query_scalar("select user_id from api_tokens where id = $1 and workspace_id = $2")
            .bind(id)
            .bind(actor.workspace)
            .fetch_optional(&mut *tx)
            .await?;
        let whose = whose.ok_or(StoreError::NotFound)?;
        // What the token is writing ends first.
        lock_rights(&mut tx, &[whose, actor.user]).await?;
        let role = hold(&mut tx, actor, Permission::ViewRecords).await?;
        let done = sqlx::query(
            "update api_tokens set revoked_at = now() where id = $1 and workspace_id = $2 and ($3 or user_id = $4) and revoked_at is null",
        )
        .bind(id)
        .bind(actor.workspace)
        .bind(role.allows(Permission::ManageMembers))
        .bind(actor.user)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 { Err(StoreError::NotFound) } else { Ok(tx.commit().await?) }
    }
}

/// Ends all tokens of an account, in every workspace.
pub(crate) async fn end_tokens(conn: &mut sqlx::PgConnection, user: UserId) -> Result<(), StoreError> {
    sqlx::query("update api_tokens set revoked_at = now() where user_id = $1 and revoked_at is null").bind(user).execute(conn).await?;
    Ok(())
}
