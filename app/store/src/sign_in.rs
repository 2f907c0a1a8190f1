//! People who sign in: accounts, passwords, and the making of a workspace.

pub(crate) use crate::passwords::{hash_password, verify_password};
use crate::{Actor, Client, Conflict, Database, StoreError, pipelines::Words};
use domain::{Currency, Invalid, MemberId, Role, Surface, UserId, Wait, WorkspaceId, addresses::Address, pipelines::Template};
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

#[derive(sqlx::FromRow)]
pub(crate) struct ActorRow {
    user_id: UserId,
    workspace_id: WorkspaceId,
    member_id: MemberId,
    role: String,
    currency: String,
}

impl ActorRow {
    pub(crate) fn actor(self, surface: Surface) -> Option<Actor> {
        Some(Actor {
            workspace: self.workspace_id,
            user: self.user_id,
            member: self.member_id,
            role: Role::from_code(&self.role)?,
            surface,
            currency: Currency::stored(&self.currency),
        })
    }
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

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

impl Database {
    /// Makes an account with a workspace of its own. The password was judged by the caller.
    pub async fn sign_up(&self, email: &str, name: &str, password: &str, workspace: &str, template: &Template) -> Result<Account, StoreError> {
        self.sign_up_in(email, name, password, workspace, template, &|english| english).await
    }

    /// The same in a language: the stages of the template get their names in it.
    pub async fn sign_up_in(
        &self,
        email: &str,
        name: &str,
        password: &str,
        workspace: &str,
        template: &Template,
        words: Words<'_>,
    ) -> Result<Account, StoreError> {
        let hash = hash_password(password.to_owned()).await?;
        let user = create_user(&mut *self.pool.acquire().await?, email, name, &hash).await?;
        let made = self.create_workspace(workspace, user, name, template, words).await;
        self.or_no_account(user, made).await
    }

    /// An account that got no workspace could neither sign in nor sign up again: it goes with the failure.
    async fn or_no_account(&self, user: UserId, made: Result<WorkspaceId, StoreError>) -> Result<Account, StoreError> {
        if made.is_err() {
            sqlx::query("delete from users where id = $1 and not exists (select from memberships where user_id = $1)")
                .bind(user)
                .execute(&self.pool)
                .await?;
        }
        Ok(Account { user, workspace: made? })
    }

    /// Makes an account for somebody who was invited. The password was judged by the caller.
    pub async fn sign_up_invited(&self, email: &str, name: &str, password: &str, token: &str) -> Result<Account, StoreError> {
        let hash = hash_password(password.to_owned()).await?;
        // One transaction: of several people with one link those who come too late leave no account behind.
        let mut tx = self.pool.begin().await?;
        let user = create_user(&mut tx, email, name, &hash).await?;
        let claim = crate::people::claim_invitation(&mut tx, token, user).await?;
        tx.commit().await?;
        let joined = self.join_by(&claim, user, name).await;
        if joined.is_err() {
            crate::people::give_back(&mut *self.pool.acquire().await?, &claim).await?;
        }
        self.or_no_account(user, joined.map(|()| claim.workspace)).await
    }

    /// Adds an account to the workspace called `workspace`, made with the sales template if there is none of that name.
    /// The first user of a workspace is its owner.
    pub async fn add_user(&self, email: &str, password: &str, workspace: &str, template: &Template) -> Result<Account, StoreError> {
        let hash = hash_password(password.to_owned()).await?;
        let name = email.split('@').next().unwrap_or(email).to_owned();
        let user = create_user(&mut *self.pool.acquire().await?, email, &name, &hash).await?;
        let found: Option<WorkspaceId> = sqlx::query_scalar("select id from workspaces where name = $1 order by created_at limit 1")
            .bind(workspace)
            .fetch_optional(&self.pool)
            .await?;
        let made = match found {
            Some(id) => self.join_workspace(id, user, &name, Role::Member).await.map(|_| id),
            None => self.create_workspace(workspace, user, &name, template, &|english| english).await,
        };
        self.or_no_account(user, made).await
    }

    async fn create_workspace(
        &self,
        name: &str,
        owner: UserId,
        owner_name: &str,
        template: &Template,
        words: Words<'_>,
    ) -> Result<WorkspaceId, StoreError> {
        let id = WorkspaceId::new();
        sqlx::query("insert into workspaces (id, name, template) values ($1, $2, $3)")
            .bind(id)
            .bind(name)
            .bind(template.key)
            .execute(&self.pool)
            .await?;
        let actor = self.join_workspace(id, owner, owner_name, Role::Owner).await?;
        crate::pipelines::seed(self, &actor, template, words).await?;
        Ok(id)
    }

    pub(crate) async fn join_workspace(&self, workspace: WorkspaceId, user: UserId, name: &str, role: Role) -> Result<Actor, StoreError> {
        let member = MemberId::new();
        let actor = Actor { workspace, user, member, role, surface: Surface::Setup, currency: Currency::USD };
        let mut set = domain::FieldMap::new();
        set.insert("name".into(), name.into());
        // Joining is what makes somebody an actor at all, so this one command runs with the owner's rights.
        let joining = Actor { role: Role::Owner, ..actor.clone() };
        let create = domain::Command::Create { kind: domain::EntityKind::Member, id: member.0, set };
        self.dispatch(&joining, &domain::Envelope::new(create, None)).await?;
        let mut tx = self.begin(&joining, domain::Permission::ManageMembers).await?;
        sqlx::query("update members set user_id = $3 where workspace_id = $1 and id = $2")
            .bind(workspace)
            .bind(member)
            .bind(user)
            .execute(tx.conn())
            .await?;
        tx.commit().await?;
        self.add_membership(workspace, user, member, role).await?;
        Ok(actor)
    }

    /// The account that an address means: the one that has exactly this, else the one that reads the same.
    pub(crate) async fn account_of(&self, typed: &Address) -> Result<Option<Found>, StoreError> {
        let text = "select id, email, password_hash, disabled_at is not null as disabled from users where email = $1 or email_key = $2
            order by email = $1 desc limit 1";
        Ok(sqlx::query_as(text).bind(&typed.text).bind(&typed.key).fetch_optional(&self.pool).await?)
    }

    /// Checks a password; same answer and same work for addresses that have no account.
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

    /// Checks the password of somebody who is signed in and answers their address. Throttled like signing in, whatever asks:
    /// a session left open is no place to guess from.
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

    /// Checks a password and finds the workspace that its owner lands in.
    pub async fn sign_in(&self, email: &str, password: &str, client: &Client) -> Result<Account, SignInError> {
        let user = self.check_password(email, password, client).await?;
        let workspace: Option<WorkspaceId> =
            sqlx::query_scalar("select workspace_id from memberships where user_id = $1 and status = 'active' order by created_at limit 1")
                .bind(user)
                .fetch_optional(&self.pool)
                .await?;
        workspace.map(|workspace| Account { user, workspace }).ok_or(SignInError::NoWorkspace)
    }

    /// The actor behind a session, if the membership is (still) active.
    pub async fn actor(&self, user: UserId, workspace: WorkspaceId, surface: Surface) -> Result<Option<Actor>, StoreError> {
        let row: Option<ActorRow> = sqlx::query_as(
            "select m.user_id, m.workspace_id, m.member_id, m.role, w.currency
             from memberships m join users u on u.id = m.user_id join workspaces w on w.id = m.workspace_id
             where m.user_id = $1 and m.workspace_id = $2 and m.status = 'active' and u.disabled_at is null",
        )
        .bind(user)
        .bind(workspace)
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.and_then(|r| r.actor(surface)))
    }

    /// An owner of the workspace called `name`, for the command line, which already holds the database's keys.
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

    /// In which language somebody reads, for what reaches them without a page.
    pub async fn reads_in(&self, user: UserId, language: &str) -> Result<(), StoreError> {
        sqlx::query("update users set language = $2 where id = $1").bind(user).bind(language).execute(&self.pool).await?;
        Ok(())
    }

    /// What the shell shows of the workspace and the person.
    pub async fn whoami(&self, actor: &Actor) -> Result<Whoami, StoreError> {
        Ok(sqlx::query_as(
            "select w.name as workspace, w.currency, w.hue, w.template, w.logo_hash as logo, u.name as user, u.email, u.language
             from workspaces w, users u where w.id = $1 and u.id = $2",
        )
        .bind(actor.workspace)
        .bind(actor.user)
        .fetch_one(&self.pool)
        .await?)
    }
}

async fn create_user(conn: &mut sqlx::PgConnection, email: &str, name: &str, password_hash: &str) -> Result<UserId, StoreError> {
    let user = UserId::new();
    let address = Address::new(email)?;
    sqlx::query("insert into users (id, email, email_key, name, password_hash) values ($1, $2, $3, $4, $5)")
        .bind(user)
        .bind(address.text)
        .bind(address.key)
        .bind(name)
        .bind(password_hash)
        .execute(conn)
        .await
        .map_err(StoreError::from)
        .map_err(|e| match e.constraint() {
            Some("users_email_key" | "users_email_key_key") => {
                Invalid::one("email", "taken", "This e-mail address has an account already. Sign in instead.").into()
            }
            _ => e,
        })?;
    Ok(user)
}

/// A workspace and a person in it, as the shell shows them.
#[derive(Debug, sqlx::FromRow)]
pub struct Whoami {
    pub workspace: String,
    pub currency: String,
    /// Degrees, 0–359.
    pub hue: i16,
    /// Key of the start that was chosen.
    pub template: String,
    /// Hash of the workspace's picture, if it has one.
    pub logo: Option<String>,
    pub user: String,
    pub email: String,
    /// Code of the language of the page they last had before them.
    pub language: String,
}
