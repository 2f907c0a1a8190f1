//! Passwords and addresses of accounts, by mail too; and what a workspace settles of itself.

pub(crate) mod deletions;
pub(crate) mod joining;
pub(crate) mod membership;
pub(crate) mod memberships;
pub(crate) mod passwords;
pub(crate) mod sessions;
pub(crate) mod sign_in;
pub(crate) mod sign_ups;
pub(crate) mod tokens;

use crate::{Actor, Client, Conflict, Database, StoreError, accounts::sign_in::hash_password, hex::hex};
use chrono::{DateTime, Duration, Utc};
use domain::{MemberId, Permission, UserId, WorkspaceId, addresses::Address};
use rand::RngCore;
use sha2::{Digest, Sha256};

/// How long a link in a mail works.
pub(crate) const LINK: Duration = Duration::hours(2);

/// A token for a link, and its hash.
pub(crate) fn fresh() -> (String, Vec<u8>) {
    let mut bytes = [0u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    let token = hex(&bytes);
    let hash = Sha256::digest(&token).to_vec();
    (token, hash)
}

/// Sets a password. Sessions end, and with `tokens` API tokens; so do links that were asked for before, perhaps by the very
/// person whom the change is to keep out.
async fn set_password(conn: &mut sqlx::PgConnection, user: UserId, hash: &str, tokens: bool) -> Result<(), StoreError> {
    crate::holding::lock_rights(conn, &[user]).await?;
    sqlx::query("update users set password_hash = $2 where id = $1").bind(user).bind(hash).execute(&mut *conn).await?;
    sqlx::query("update confirmations set used_at = now() where user_id = $1 and used_at is null").bind(user).execute(&mut *conn).await?;
    sqlx::query("delete from sessions where user_id = $1").bind(user).execute(&mut *conn).await?;
    sqlx::query("delete from known_devices where user_id = $1").bind(user).execute(&mut *conn).await?;
    if tokens {
        crate::accounts::tokens::end_tokens(conn, user).await?;
    }
    Ok(())
}

impl Database {
    /// Mails a link to set a new password. The result is the same without an account, and for a mailbox that got enough mails.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn forgot_password(&self, email: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        let typed = Address::typed(email);
        let found = self.account_of(&typed).await?.filter(|f| !f.disabled);
        if !self.draw_mailbox(&typed.key).await? {
            return Ok(());
        }
        let Some(found) = found else { return Ok(()) };
        let (token, hash) = fresh();
        sqlx::query("insert into confirmations (token_hash, user_id, purpose, expires_at) values ($1, $2, 'password', $3)")
            .bind(hash)
            .bind(found.id)
            .bind(now + LINK)
            .execute(&self.pool)
            .await?;
        let body = format!(
            "We were asked to set a new password for your Rapport account. This link works once, for two hours:\n\n{{base}}/reset/{token}\n\nIf it was not you, do nothing."
        );
        self.post_mail(found.id, &found.email, "Set a new password", &body).await
    }

    /// The address of the account whose password a link sets.
    ///
    /// # Errors
    /// `NotFound`: the link is unknown, was used or has expired. `Database`.
    pub async fn reset_of_link(&self, token: &str, now: DateTime<Utc>) -> Result<String, StoreError> {
        let text = "select u.email from confirmations c join users u on u.id = c.user_id
            where c.token_hash = $1 and c.purpose = 'password' and c.used_at is null and c.expires_at > $2";
        let email: Option<String> = sqlx::query_scalar(text).bind(Sha256::digest(token).to_vec()).bind(now).fetch_optional(&self.pool).await?;
        email.ok_or(StoreError::NotFound)
    }

    /// Sets the password of a link's account, once, ends its sessions, and with `tokens` its API tokens. Returns the account. The
    /// caller has checked the password's strength.
    ///
    /// # Errors
    /// `NotFound`: the link is unknown, was used or has expired. `Database`.
    pub async fn reset_by_link(&self, token: &str, new: &str, tokens: bool, now: DateTime<Utc>) -> Result<UserId, StoreError> {
        // The work is done for holders of a link alone.
        self.reset_of_link(token, now).await?;
        let hash = hash_password(new.to_owned()).await?;
        let mut tx = self.pool.begin().await?;
        let user: Option<UserId> = sqlx::query_scalar(
            "update confirmations set used_at = $2 where token_hash = $1 and purpose = 'password' and used_at is null and expires_at > $2 returning user_id",
        )
        .bind(Sha256::digest(token).to_vec())
        .bind(now)
        .fetch_optional(&mut *tx)
        .await?;
        let user = user.ok_or(StoreError::NotFound)?;
        set_password(&mut tx, user, &hash, tokens).await?;
        tx.commit().await?;
        Ok(user)
    }

    /// Sets a new password after checking the old one; every session ends, and with `tokens` every API token.
    ///
    /// # Errors
    /// `NotFound`: the account does not exist. `Conflict`: the old password is wrong or was tried too often. `Database`.
    pub async fn change_password(&self, user: UserId, old: &str, new: &str, client: &Client, tokens: bool) -> Result<(), StoreError> {
        self.verify_password(user, old, client).await?;
        let hash = hash_password(new.to_owned()).await?;
        let mut tx = self.pool.begin().await?;
        set_password(&mut tx, user, &hash, tokens).await?;
        Ok(tx.commit().await?)
    }

    /// Sets a password without the old one, for the command line, which has the database's credentials. Ends the same as
    /// [`Database::change_password`].
    ///
    /// # Errors
    /// `NotFound`: no account has this address. `Database`.
    pub async fn reset_password(&self, email: &str, new: &str, tokens: bool) -> Result<(), StoreError> {
        let hash = hash_password(new.to_owned()).await?;
        let user = self.account_of(&Address::typed(email)).await?.ok_or(StoreError::NotFound)?.id;
        let mut tx = self.pool.begin().await?;
        set_password(&mut tx, user, &hash, tokens).await?;
        Ok(tx.commit().await?)
    }

    /// Mails a link to the new address, and a warning to the old one, which stays until the link is followed.
    ///
    /// # Errors
    /// `NotFound`: the account does not exist. `Conflict`: the password is wrong or was tried too often, or too many links were
    /// requested. `Database`.
    pub async fn ask_for_email(&self, user: UserId, password: &str, client: &Client, new: &Address, now: DateTime<Utc>) -> Result<(), StoreError> {
        let old = self.verify_password(user, password, client).await?;
        // The mailbox of somebody else is not theirs to fill, and what they ask for is counted at their own.
        let old_key = Address::typed(&old).key;
        if !self.draw_mailbox(&format!("change:{old_key}")).await? || !self.draw_mailbox(&new.key).await? {
            return Err(Conflict::State("Too many links were asked for. Try again in an hour.".into()).into());
        }
        let (token, hash) = fresh();
        sqlx::query("insert into confirmations (token_hash, user_id, purpose, email, expires_at) values ($1, $2, 'email', $3, $4)")
            .bind(hash)
            .bind(user)
            .bind(&new.text)
            .bind(now + LINK)
            .execute(&self.pool)
            .await?;
        let new = &new.text;
        let body = format!(
            "This address was given for an account at Rapport. Confirm it with this link, which works once, for two hours:\n\n{{base}}/confirm/{token}\n\nIf it was not you, do nothing."
        );
        self.post_mail(user, new, "Confirm your new address", &body).await?;
        let body = format!(
            "We were asked to change the email address of your Rapport account to {new}. If this was not you, change your password at once:\n\n{{base}}/settings/profile"
        );
        self.post_mail(user, &old, "Your address is about to change", &body).await
    }

    /// The new address that a link confirms.
    ///
    /// # Errors
    /// `NotFound`: the link is unknown, was used or has expired. `Database`.
    pub async fn email_of_link(&self, token: &str, now: DateTime<Utc>) -> Result<String, StoreError> {
        let text = "select email from confirmations where token_hash = $1 and purpose = 'email' and used_at is null and expires_at > $2";
        let email: Option<String> = sqlx::query_scalar(text).bind(Sha256::digest(token).to_vec()).bind(now).fetch_optional(&self.pool).await?;
        email.ok_or(StoreError::NotFound)
    }

    /// Sets the time zone of a new workspace to the IANA name that its creator's browser sends; an unknown name changes nothing.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn begins_in(&self, workspace: WorkspaceId, zone: &str) -> Result<(), StoreError> {
        if zone.parse::<chrono_tz::Tz>().is_ok() {
            sqlx::query("update workspaces set time_zone = $2 where id = $1 and exists (select from pg_timezone_names where name = $2)")
                .bind(workspace)
                .bind(zone)
                .execute(&self.pool)
                .await?;
        }
        Ok(())
    }

    /// Makes the confirmed address the account's and returns it. The link works once; the old address gets a notice.
    ///
    /// # Errors
    /// `NotFound`: the link is unknown, was used or has expired. `Conflict`: another account has the address. `Database`,
    /// possibly after the change: the notice is queued last.
    pub async fn confirm_email(&self, token: &str, now: DateTime<Utc>) -> Result<String, StoreError> {
        let mut tx = self.pool.begin().await?;
        let row: Option<(UserId, String)> = sqlx::query_as(
            "update confirmations set used_at = $2 where token_hash = $1 and purpose = 'email' and used_at is null and expires_at > $2 returning user_id, email",
        )
        .bind(Sha256::digest(token).to_vec())
        .bind(now)
        .fetch_optional(&mut *tx)
        .await?;
        let (user, email) = row.ok_or(StoreError::NotFound)?;
        let old: String = sqlx::query_scalar("select email from users where id = $1").bind(user).fetch_one(&mut *tx).await?;
        self.rename(&mut tx, user, &email).await?;
        tx.commit().await?;
        let body = format!("Your account at Rapport has the address {email} from now on, and mails about it go there.");
        self.post_mail(user, &old, "Your address was changed", &body).await?;
        Ok(email)
    }

    async fn rename(&self, tx: &mut sqlx::PgConnection, user: UserId, email: &str) -> Result<(), StoreError> {
        let address = Address::new(email)?;
        let text = "update users set email = $2, email_key = $3 where id = $1";
        match sqlx::query(text).bind(user).bind(&address.text).bind(&address.key).execute(&mut *tx).await {
            Err(e) if e.as_database_error().is_some_and(|d| d.is_unique_violation()) => {
                Err(Conflict::State("Another account has this address.".into()).into())
            }
            Err(e) => Err(e.into()),
            // Links to the old address, or asked for under it, are of no use to its present owner.
            Ok(_) => Ok(sqlx::query("update confirmations set used_at = now() where user_id = $1 and used_at is null")
                .bind(user)
                .execute(tx)
                .await
                .map(drop)?),
        }
    }

    /// Changes the address of an account from `old` to `new`, for the command line.
    ///
    /// # Errors
    /// `NotFound`: no account has the address `old`. `Invalid`: `new` is malformed. `Conflict`: another account has it.
    /// `Database`.
    pub async fn change_email(&self, old: &str, new: &str) -> Result<(), StoreError> {
        let user = self.account_of(&Address::typed(old)).await?.ok_or(StoreError::NotFound)?.id;
        let mut tx = self.pool.begin().await?;
        self.rename(&mut tx, user, new).await?;
        Ok(tx.commit().await?)
    }

    /// Name, time zone (IANA), hue (degrees) and the time of a scheduled deletion of a workspace.
    ///
    /// # Errors
    /// Only `Database`, also when the workspace does not exist.
    pub async fn workspace_facts(&self, workspace: WorkspaceId) -> Result<(String, String, i16, Option<DateTime<Utc>>), StoreError> {
        Ok(sqlx::query_as("select name, time_zone, hue, delete_after from workspaces where id = $1").bind(workspace).fetch_one(&self.pool).await?)
    }

    /// Sets the workspace's name (at most 120 characters), time zone (IANA) and hue (degrees, 0–359). Reminders of members
    /// without a zone of their own move with it.
    ///
    /// # Errors
    /// `Denied`: the actor may not manage members. `Ended`: the sign-in has ended. `Invalid`: name, zone or hue. `Database`,
    /// possibly after the settings were saved: reminders move last.
    pub async fn set_workspace(&self, actor: &Actor, name: &str, zone: &str, hue: i16) -> Result<(), StoreError> {
        if !actor.role.allows(Permission::ManageMembers) {
            return Err(StoreError::Denied(Permission::ManageMembers));
        }
        let name = name.trim();
        let mut wrong = domain::Invalid::default();
        if name.is_empty() || name.chars().count() > 120 || name.chars().any(char::is_control) {
            wrong.add("name", "length", "The workspace needs a name of at most 120 characters");
        }
        // Both must know it: Postgres reckons days, we reckon reminders.
        let known: bool =
            sqlx::query_scalar("select exists (select from pg_timezone_names where name = $1)").bind(zone).fetch_one(&self.pool).await?;
        if !known || zone.parse::<chrono_tz::Tz>().is_err() {
            wrong.add("timeZone", "time_zone", "The time zone must be one such as Europe/Berlin");
        }
        if !(0..360).contains(&hue) {
            wrong.add("hue", "range", "The colour must be a hue between 0 and 359");
        }
        wrong.or(())?;
        let mut tx = self.pool.begin().await?;
        crate::holding::hold(&mut tx, actor, Permission::ManageMembers).await?;
        sqlx::query("update workspaces set name = $2, time_zone = $3, hue = $4 where id = $1")
            .bind(actor.workspace)
            .bind(name)
            .bind(zone)
            .bind(hue)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        // Reminders of those who follow the workspace's zone move with it.
        let mut tx = self.begin_system(actor.workspace).await?;
        let followers: Vec<MemberId> =
            sqlx::query_scalar("select id from members where workspace_id = $1 and time_zone is null and deleted_at is null")
                .bind(actor.workspace)
                .fetch_all(tx.conn())
                .await?;
        for member in followers {
            crate::tasks::reminders::zone_changed(&mut tx, member).await?;
        }
        tx.commit().await
    }
}
