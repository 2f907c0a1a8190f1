//! Sign-ups that wait for their proof: a link goes to the address, and the account is made by who follows it. Known and
//! unknown addresses are treated the same until then, and nothing is reserved for either.

use crate::{
    Client, Database, StoreError,
    accounts::{LINK, fresh},
};
use chrono::{DateTime, Utc};
use domain::{UserId, addresses::Address};
use sha2::{Digest, Sha256};

/// A sign-up behind a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The address that the link proves.
    pub email: String,
}

fn hash_of(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

impl Database {
    /// Mails the next step to an address: a link to create the account, or a notice that it exists. With `invitation` (the token
    /// of its link) the new account joins by it. The result is the same for a mailbox that got enough mails.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn ask_to_sign_up(&self, client: &Client, address: &Address, invitation: Option<&str>, now: DateTime<Utc>) -> Result<(), StoreError> {
        let found = self.account_of(address).await?;
        if !self.draw_mailbox(&address.key).await? {
            return Ok(());
        }
        let close = "If it was not you, do nothing.";
        if let Some(found) = found {
            let body = match invitation {
                Some(token) => format!(
                    "An invitation to a Rapport workspace was accepted with this address, which already has an account. Sign in with it to join:\n\n{{base}}/sign-in?next=%2Fjoin%2F{token}\n\nIf you forgot the password, set a new one:\n\n{{base}}/forgot\n\n{close}"
                ),
                None => format!(
                    "A Rapport account was requested for this address, which already has one. Sign in with it:\n\n{{base}}/sign-in\n\nIf you forgot the password, set a new one:\n\n{{base}}/forgot\n\n{close}"
                ),
            };
            return self.post_mail(found.id, &found.email, "You have an account already", &body).await;
        }
        let (token, hash) = fresh();
        sqlx::query("insert into sign_ups (token_hash, email, invitation_hash, language, expires_at) values ($1, $2, $3, $4, $5)")
            .bind(hash)
            .bind(&address.text)
            .bind(invitation.map(hash_of))
            .bind(client.language.code())
            .bind(now + LINK)
            .execute(&self.pool)
            .await?;
        let join = invitation.map(|token| format!("?join={token}")).unwrap_or_default();
        let body = format!(
            "Confirm this address to finish creating your Rapport account. This link works once, for two hours:\n\n{{base}}/sign-up/{token}{join}\n\n{close}"
        );
        self.post_mail_to_stranger(&address.text, client.language, "Finish your account", &body).await
    }

    /// The sign-up behind a link. A link that was requested with an invitation works with that invitation alone.
    ///
    /// # Errors
    /// `NotFound`: the link is unknown, was used or has expired, or belongs to another invitation. `Database`.
    pub async fn sign_up_of_link(&self, token: &str, invitation: Option<&str>, now: DateTime<Utc>) -> Result<Wanted, StoreError> {
        let text = "select email from sign_ups where token_hash = $1 and invitation_hash is not distinct from $2 and expires_at > $3";
        let email: Option<String> =
            sqlx::query_scalar(text).bind(hash_of(token)).bind(invitation.map(hash_of)).bind(now).fetch_optional(&self.pool).await?;
        email.map(|email| Wanted { email }).ok_or(StoreError::NotFound)
    }

    /// Deletes all sign-up links to an address, once its account exists.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn end_sign_ups(&self, email: &str) -> Result<(), StoreError> {
        sqlx::query("delete from sign_ups where email = $1").bind(email).execute(&self.pool).await?;
        Ok(())
    }

    /// Gives accounts of older versions the key of their address. Of two that share one the older gets it; the other is found
    /// by its exact address alone, and `doctor` names it.
    pub(crate) async fn key_addresses(&self) -> Result<(), StoreError> {
        let rows: Vec<(UserId, String)> =
            sqlx::query_as("select id, email from users where email_key is null order by created_at, id").fetch_all(&self.pool).await?;
        for (user, email) in rows {
            let done = sqlx::query(
                "update users set email_key = $2 where id = $1 and email_key is null and not exists (select from users where email_key = $2)",
            )
            .bind(user)
            .bind(Address::typed(&email).key)
            .execute(&self.pool)
            .await;
            match done {
                // Another process was faster.
                Err(e) if e.as_database_error().is_some_and(|d| d.is_unique_violation()) => {}
                other => _ = other?,
            }
        }
        Ok(())
    }

    /// Accounts whose address reads like that of an older account, each with the older address.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn twin_addresses(&self) -> Result<Vec<(String, String)>, StoreError> {
        let rows: Vec<String> = sqlx::query_scalar("select email from users where email_key is null order by email").fetch_all(&self.pool).await?;
        let mut twins = Vec::new();
        for email in rows {
            let older: Option<String> = sqlx::query_scalar("select email from users where email_key = $1")
                .bind(Address::typed(&email).key)
                .fetch_optional(&self.pool)
                .await?;
            twins.push((email, older.unwrap_or_default()));
        }
        Ok(twins)
    }
}
