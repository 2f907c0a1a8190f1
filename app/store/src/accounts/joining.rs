//! Entering a workspace: account, workspace, invitation, member and membership change in one transaction, so that nothing is
//! half-done when the database goes away in between.

use crate::{
    Account, Actor, Basis, Conflict, Database, StoreError, TenantTx,
    accounts::sign_in::hash_password,
    door,
    holding::hash_token,
    keys::{TenantKey, Use},
    pipelines::Words,
};
use domain::{
    Currency, EntityKind, Envelope, FieldMap, Invalid, MemberId, RecordCommand, Role, Surface, UserId, WorkspaceId, addresses::Address,
    pipelines::Template,
};
use sqlx::PgConnection;

/// Who enters.
enum Entrant<'a> {
    Account(UserId),
    /// An account that is made with the entry.
    New {
        email: &'a str,
        name: &'a str,
        password_hash: &'a str,
    },
}

/// By what right.
enum Entry<'a> {
    /// The token of an invitation, which is used up.
    Invitation(&'a str),
    /// A workspace that is made with the entry; its first member is its owner.
    Founding { name: &'a str, template: &'a str },
    /// The command line's, which holds the database's keys.
    Role(Role),
}

const GONE: &str = "This invitation cannot be used (any more).";

impl Database {
    /// Creates an account with a workspace of its own, whose stages have English names. The caller has checked the password's
    /// strength.
    ///
    /// # Errors
    /// `Invalid`: the e-mail address is malformed or has an account, or the name is refused. `Database`.
    pub async fn sign_up(&self, email: &str, name: &str, password: &str, workspace: &str, template: &Template) -> Result<Account, StoreError> {
        self.sign_up_in(email, name, password, workspace, template, &|english| english).await
    }

    /// [`Database::sign_up`] in a language: `words` translates the names of the template's pipeline and stages.
    ///
    /// # Errors
    /// `Invalid`: the e-mail address is malformed or has an account, or the name is refused. `Database`.
    pub async fn sign_up_in(
        &self,
        email: &str,
        name: &str,
        password: &str,
        workspace: &str,
        template: &Template,
        words: Words<'_>,
    ) -> Result<Account, StoreError> {
        let password_hash = hash_password(password.to_owned()).await?;
        let entrant = Entrant::New { email, name, password_hash: &password_hash };
        let actor = self.enter(WorkspaceId::new(), entrant, Entry::Founding { name: workspace, template: template.key }).await?;
        let account = Account { user: actor.user, workspace: actor.workspace };
        match crate::pipelines::seed(self, &actor, template, words).await {
            Ok(_) => Ok(account),
            // A workspace without a pipeline is none: the sign-up is made anew.
            Err(e) => {
                self.abandon(actor.workspace).await?;
                Err(e)
            }
        }
    }

    /// Creates an account from an invitation. The caller has checked the password's strength.
    ///
    /// # Errors
    /// `Conflict`: the invitation was used, revoked or has expired, or another account joined as its member. `Invalid`: as in
    /// [`Database::sign_up`]. `Database`.
    pub async fn sign_up_invited(&self, email: &str, name: &str, password: &str, token: &str) -> Result<Account, StoreError> {
        let password_hash = hash_password(password.to_owned()).await?;
        let workspace = self.workspace_of_invitation(token).await?;
        let actor = self.enter(workspace, Entrant::New { email, name, password_hash: &password_hash }, Entry::Invitation(token)).await?;
        Ok(Account { user: actor.user, workspace })
    }

    /// Accepts an invitation for an existing account and returns the workspace. The invitation works once.
    ///
    /// # Errors
    /// `Conflict`: the invitation was used, revoked or has expired, another account joined as its member, or the account is a
    /// member already. `Database`, also without such an account.
    pub async fn accept_invitation(&self, token: &str, user: UserId) -> Result<WorkspaceId, StoreError> {
        let workspace = self.workspace_of_invitation(token).await?;
        self.enter(workspace, Entrant::Account(user), Entry::Invitation(token)).await?;
        Ok(workspace)
    }

    /// Adds an account as a member to the workspace named `workspace`; without one of that name, creates it from `template`, with
    /// the account as owner.
    ///
    /// # Errors
    /// `Invalid`: the e-mail address is malformed or has an account. `Database`.
    pub async fn add_user(&self, email: &str, password: &str, workspace: &str, template: &Template) -> Result<Account, StoreError> {
        let name = email.split('@').next().unwrap_or(email);
        let found: Option<WorkspaceId> = sqlx::query_scalar("select id from workspaces where name = $1 order by created_at limit 1")
            .bind(workspace)
            .fetch_optional(&self.pool)
            .await?;
        let Some(workspace) = found else { return self.sign_up(email, name, password, workspace, template).await };
        let password_hash = hash_password(password.to_owned()).await?;
        let actor = self.enter(workspace, Entrant::New { email, name, password_hash: &password_hash }, Entry::Role(Role::Member)).await?;
        Ok(Account { user: actor.user, workspace })
    }

    async fn workspace_of_invitation(&self, token: &str) -> Result<WorkspaceId, StoreError> {
        let found = sqlx::query_scalar("select workspace_id from invitations where token_hash = $1").bind(hash_token(token));
        found.fetch_optional(&self.pool).await?.ok_or_else(|| Conflict::State(GONE.into()).into())
    }

    async fn enter(&self, workspace: WorkspaceId, entrant: Entrant<'_>, entry: Entry<'_>) -> Result<Actor, StoreError> {
        let user = match entrant {
            Entrant::Account(user) => user,
            Entrant::New { .. } => UserId::new(),
        };
        // The entrant has no role yet: the member is created with an owner's rights.
        let member = MemberId::new();
        let mut actor =
            Actor { workspace, user, member, role: Role::Owner, surface: Surface::Setup, currency: Currency::USD, basis: Basis::Server, scope: None };
        let mut tx = self.begin_setup(actor.clone()).await?;
        let conn = tx.as_login().await?;
        if let Entry::Founding { name, template } = entry {
            sqlx::query("insert into workspaces (id, name, template) values ($1, $2, $3)")
                .bind(workspace)
                .bind(name)
                .bind(template)
                .execute(&mut *conn)
                .await?;
        }
        // Two entries of one account at once: the second finds the first one's membership.
        TenantKey::new(workspace, Use::Rights, user.0).wait(conn).await?;
        let name = match entrant {
            Entrant::Account(user) => sqlx::query_scalar("select name from users where id = $1").bind(user).fetch_one(&mut *conn).await?,
            Entrant::New { email, name, password_hash } => {
                create_account(conn, user, email, name, password_hash).await?;
                name.to_owned()
            }
        };
        let (role, place) = match entry {
            Entry::Invitation(token) => claim_invitation(conn, token, user).await?,
            Entry::Founding { .. } => (Role::Owner, None),
            Entry::Role(role) => (role, None),
        };
        tx.as_tenant().await?;
        actor.member = take_place(&mut tx, &actor, place, name).await?;
        actor.role = role;
        add_membership(tx.as_login().await?, &actor).await?;
        tx.commit().await?;
        self.hub.wake();
        Ok(actor)
    }

    /// Removes a workspace whose making failed, with the account that was made for it.
    async fn abandon(&self, workspace: WorkspaceId) -> Result<(), StoreError> {
        self.delete_workspace(workspace, None).await.map(drop)
    }
}

/// The member that the account becomes: the placeholder of the invitation, the member it was before, or a new one.
async fn take_place(tx: &mut TenantTx, actor: &Actor, place: Option<MemberId>, name: String) -> Result<MemberId, StoreError> {
    // Removed, but not yet handed over; or left behind by a version that did this in several transactions.
    let before: Option<MemberId> = sqlx::query_scalar("select id from members where workspace_id = $1 and user_id = $2 and deleted_at is null")
        .bind(actor.workspace)
        .bind(actor.user)
        .fetch_optional(tx.conn())
        .await?;
    let member = match (place, before) {
        (None, Some(before)) => before,
        (Some(place), before) => {
            if let Some(before) = before.filter(|b| *b != place) {
                free(tx, before).await?;
            }
            place
        }
        (None, None) => {
            let mut set = FieldMap::new();
            set.insert("name".into(), name.into());
            let create = RecordCommand::Create { kind: EntityKind::Member, id: actor.member.0, set };
            door::carry(tx, &Envelope::new(create, None)).await?;
            actor.member
        }
    };
    let taken = sqlx::query(
        "update members set user_id = $3, left_at = null, version = version + 1, updated_at = now()
         where workspace_id = $1 and id = $2 and (user_id is null or user_id = $3) and deleted_at is null",
    )
    .bind(actor.workspace)
    .bind(member)
    .bind(actor.user)
    .execute(tx.conn())
    .await?;
    match taken.rows_affected() {
        0 => Err(Conflict::State("Somebody has joined as this member already.".into()).into()),
        _ => Ok(member),
    }
}

async fn free(tx: &mut TenantTx, member: MemberId) -> Result<(), StoreError> {
    sqlx::query("update members set user_id = null, left_at = now() where workspace_id = $1 and id = $2")
        .bind(tx.workspace())
        .bind(member)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Uses an invitation up; answers its role and the member it names.
async fn claim_invitation(conn: &mut PgConnection, token: &str, user: UserId) -> Result<(Role, Option<MemberId>), StoreError> {
    let claimed: Option<(Option<MemberId>, String)> = sqlx::query_as(
        "update invitations set accepted_at = now(), accepted_by = $2
         where token_hash = $1 and accepted_at is null and revoked_at is null and expires_at > now()
            and not exists (select from memberships m where m.workspace_id = invitations.workspace_id and m.user_id = $2 and m.status = 'active')
         returning member_id, role",
    )
    .bind(hash_token(token))
    .bind(user)
    .fetch_optional(conn)
    .await?;
    let (member, role) = claimed.ok_or_else(|| Conflict::State(GONE.into()))?;
    Ok((Role::from_code(&role).unwrap_or(Role::Viewer), member))
}

async fn add_membership(conn: &mut PgConnection, actor: &Actor) -> Result<(), StoreError> {
    // Back as the same member, they are still who they were; as another one they begin anew (`member_since`).
    sqlx::query(
        "insert into memberships as m (workspace_id, user_id, member_id, role) values ($1, $2, $3, $4)
         on conflict (workspace_id, user_id) do update set member_id = excluded.member_id, role = excluded.role, status = 'active',
            created_at = case when m.member_id = excluded.member_id then m.created_at else now() end",
    )
    .bind(actor.workspace)
    .bind(actor.user)
    .bind(actor.member)
    .bind(actor.role.code())
    .execute(conn)
    .await?;
    Ok(())
}

async fn create_account(conn: &mut PgConnection, user: UserId, email: &str, name: &str, password_hash: &str) -> Result<(), StoreError> {
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
    Ok(())
}
