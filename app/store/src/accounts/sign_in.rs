//! People who sign in: accounts, passwords, and the making of a workspace.

pub(crate) use crate::accounts::passwords::{hash_password, verify_password};
use crate::{Actor, Client, Conflict, Database, StoreError, hex::hex};
use domain::{Surface, UserId, Wait, WorkspaceId, addresses::Address};
use rand::RngCore;
use std::sync::OnceLock;

#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Wrong password, unknown address, disabled account: nobody learns which.
    #[error("E-mail or password is wrong.")]
    Refused,
    /// The password is right, and there is nothing to enter.
    #[error("This account is in no workspace any more. Ask for an invitation: its link lets you in with this address and password.")]
    NoWorkspace,
    #[error(transparent)]
    Throttled(Wait),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for SignInError {
    fn from(e: sqlx::Error) -> Self {
        Self::Store(e.into())
    }
}

/// Who signed in and where they land.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub user: UserId,
    pub workspace: WorkspaceId,
}

/// An account as signing in sees it.
#[derive(sqlx::FromRow)]
pub(crate) struct Found {
    pub(crate) id: UserId,
    pub(crate) email: String,
    pub(crate) password_hash: String,
    pub(crate) disabled: bool,
}

/// A real hash that no password opens, so that unknown addresses cost the same.
async fn decoy() -> Result<String, StoreError> {
    static DECOY: OnceLock<String> = OnceLock::new();
    if let Some(hash) = DECOY.get() {
        return Ok(hash.clone());
    }
    let mut bytes = [0u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    let fresh = hash_password(hex(&bytes)).await?;
    Ok(DECOY.get_or_init(|| fresh).clone())
}

impl Database {
    /// The account that an address means: the one that has exactly this, else the one that reads the same.
    pub(crate) async fn account_of(&self, typed: &Address) -> Result<Option<Found>, StoreError> {
        let text = "select id, email, password_hash, disabled_at is not null as disabled from users where email = $1 or email_key = $2
            order by email = $1 desc limit 1";
        Ok(sqlx::query_as(text).bind(&typed.text).bind(&typed.key).fetch_optional(&self.pool).await?)
    }

    /// Checks a password; same answer and same work for addresses that have no account.
    ///
    /// # Errors
    /// `Refused`: wrong password, unknown address or disabled account. `Throttled`: too many attempts. `Store`: the database.
    pub async fn check_password(&self, email: &str, password: &str, client: &Client) -> Result<UserId, SignInError> {
        let typed = Address::typed(email);
        let found = self.account_of(&typed).await?;
        let drawn = self.draw_password(client, found.as_ref().map(|f| f.id), &typed.key).await?.map_err(SignInError::Throttled)?;
        let hash = match &found {
            Some(found) => found.password_hash.clone(),
            None => decoy().await?,
        };
        let matches = verify_password(password.to_owned(), hash).await?;
        match found {
            Some(found) if matches && !found.disabled => {
                self.give_back(drawn).await?;
                Ok(found.id)
            }
            _ => Err(SignInError::Refused),
        }
    }

    /// Checks the password of a signed-in user and returns their address. Throttled like signing in: a session left open is no
    /// place to guess from.
    ///
    /// # Errors
    /// `NotFound`: the account does not exist. `Conflict`: the password is wrong or was tried too often, or the account is
    /// disabled. `Database`.
    pub async fn verify_password(&self, user: UserId, password: &str, client: &Client) -> Result<String, StoreError> {
        let email: Option<String> = sqlx::query_scalar("select email from users where id = $1").bind(user).fetch_optional(&self.pool).await?;
        let email = email.ok_or(StoreError::NotFound)?;
        let wrong = || Conflict::State("This password is wrong.".into()).into();
        // Argon2 takes any length; nobody types more than this.
        if password.len() > 1000 {
            return Err(wrong());
        }
        match self.check_password(&email, password, client).await {
            Ok(_) => Ok(email),
            Err(SignInError::Store(e)) => Err(e),
            Err(SignInError::Throttled(wait)) => Err(Conflict::Throttled(wait).into()),
            Err(_) => Err(wrong()),
        }
    }

    /// Checks a password and returns the account with the workspace of its oldest membership.
    ///
    /// # Errors
    /// `Refused` and `Throttled`: as in [`Database::check_password`]. `NoWorkspace`: the account has no active membership.
    /// `Store`: the database.
    pub async fn sign_in(&self, email: &str, password: &str, client: &Client) -> Result<Account, SignInError> {
        let user = self.check_password(email, password, client).await?;
        let workspace: Option<WorkspaceId> =
            sqlx::query_scalar("select workspace_id from memberships where user_id = $1 and status = 'active' order by created_at limit 1")
                .bind(user)
                .fetch_optional(&self.pool)
                .await?;
        workspace.map(|workspace| Account { user, workspace }).ok_or(SignInError::NoWorkspace)
    }

    /// An owner of the workspace named `name`, for the command line, which has the database's credentials.
    ///
    /// # Errors
    /// `NotFound`: no workspace of this name has an owner who may sign in. `Database`.
    pub async fn owner_of(&self, name: &str) -> Result<Actor, StoreError> {
        let row: Option<(WorkspaceId, UserId)> = sqlx::query_as(
            "select m.workspace_id, m.user_id from memberships m join workspaces w on w.id = m.workspace_id
             where w.name = $1 and m.role = 'owner' and m.status = 'active' order by w.created_at, m.created_at limit 1",
        )
        .bind(name)
        .fetch_optional(&self.pool)
        .await?;
        let (workspace, user) = row.ok_or(StoreError::NotFound)?;
        self.actor(user, workspace, Surface::Cli).await?.ok_or(StoreError::NotFound)
    }

    /// Stores the code of the language that a user reads, for mails.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn reads_in(&self, user: UserId, language: &str) -> Result<(), StoreError> {
        sqlx::query("update users set language = $2 where id = $1").bind(user).bind(language).execute(&self.pool).await?;
        Ok(())
    }
}
