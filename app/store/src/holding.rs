//! Rights at the moment of writing. A request's actor is found before its body has arrived; the transaction that writes asks
//! again and holds the rights until it ends (migration 0023).

use crate::{
    Actor, Basis, Credential, Database, StoreError, TenantTx,
    database::{GENERIC_PLANS, TEAM},
    scope::Scope,
};
use domain::{Permission, Role, UserId};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, PgConnection};

/// SHA-256 of a link's token, as stored.
pub(crate) fn hash_token(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

/// The role that the actor has now; [`StoreError::Ended`] if they have none any more.
///
/// The statement also evaluates the expression `beside`.
async fn role_now(conn: &mut PgConnection, actor: &Actor, beside: &'static str) -> Result<Role, StoreError> {
    let credential = match &actor.basis {
        Basis::Server => {
            sqlx::query(AssertSqlSafe(format!("select {beside}"))).execute(conn).await?;
            return Ok(actor.role);
        }
        Basis::Membership(credential) => credential.as_ref(),
    };
    let (session, token) = match credential {
        Some(Credential::Session(hash)) => (Some(hash), None),
        Some(Credential::Token(hash)) => (None, Some(hash)),
        None => (None, None),
    };
    let (role, _): (Option<String>, Option<String>) = sqlx::query_as(AssertSqlSafe(format!("select hold_rights($1, $2, $3, $4), {beside}")))
        .bind(actor.user)
        .bind(actor.member)
        .bind(session)
        .bind(token)
        .fetch_one(conn)
        .await?;
    role.and_then(|code| Role::from_code(&code)).ok_or(StoreError::Ended)
}

/// Waits for the writes under way of these accounts and keeps new ones out until the transaction ends: what ends or changes
/// rights comes after it. For connections of the login role.
pub(crate) async fn lock_rights(conn: &mut PgConnection, accounts: &[UserId]) -> Result<(), StoreError> {
    let accounts: Vec<uuid::Uuid> = accounts.iter().map(|a| a.0).collect();
    sqlx::query("select lock_rights($1)").bind(accounts).execute(conn).await?;
    Ok(())
}

/// Checks and holds the actor's rights in a transaction of the login role, for writes to the account tables. Answers the role.
pub(crate) async fn hold(conn: &mut PgConnection, actor: &Actor, permission: Permission) -> Result<Role, StoreError> {
    sqlx::query("select set_config('app.workspace_id', $1::text, true)").bind(actor.workspace).execute(&mut *conn).await?;
    let role = role_now(conn, actor, "null::text").await?;
    if role.allows(permission) { Ok(role) } else { Err(StoreError::Denied(permission)) }
}

impl Actor {
    /// The same actor, whose writes need this session or token to hold.
    pub fn held_by(self, credential: Option<Credential>) -> Self {
        Self { basis: Basis::Membership(credential), ..self }
    }
}

impl Database {
    /// Opens a transaction that writes. Checks the actor's rights again and holds them until the end.
    ///
    /// # Errors
    /// `Denied`: the role lacks `permission`, or does by now. `Ended`: membership, session or token has ended. `Database`.
    pub async fn begin_write(&self, actor: &Actor, permission: Permission) -> Result<TenantTx, StoreError> {
        if !actor.role.allows(permission) {
            return Err(StoreError::Denied(permission));
        }
        // One statement reads the rights and sets the team members, which saves a round trip per write. A fresh scope sets them in
        // the text of BEGIN instead.
        let scope = actor.scope.as_ref().and_then(Scope::settings);
        let mut tx = self.open(actor.clone(), &[GENERIC_PLANS, scope.as_deref().unwrap_or_default()]).await?;
        let role = role_now(tx.conn(), actor, if scope.is_some() { "null::text" } else { TEAM }).await?;
        if !role.allows(permission) {
            return Err(StoreError::Denied(permission));
        }
        tx.actor.role = role;
        Ok(tx)
    }
}
