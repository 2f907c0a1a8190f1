//! Mail on its way: claimed by one process, sent, and told what became of it. What may have gone out is never sent twice.

use crate::{Database, StoreError};
use chrono::{DateTime, Utc};
use domain::{Language, UserId};
use uuid::Uuid;

/// Attempts at a mail that the server would not take for the moment.
const ATTEMPTS: i32 = 8;

/// A mail to send now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    pub id: Uuid,
    pub address: String,
    pub subject: String,
    /// `{base}` stands for the address of this installation.
    pub body: String,
    /// Code of the language its reader reads.
    pub language: String,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Posted {
    Sent,
    /// Refused for good: another attempt would get the same answer.
    Refused(String),
    /// Not taken for the moment, and surely not sent.
    Later(String),
    /// The connection broke when it may have been taken already.
    Unknown(String),
}

impl Database {
    /// Queues a mail to an address of the user, present or new. It is written in English and sent in the user's language.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn post_mail(&self, user: UserId, address: &str, subject: &str, body: &str) -> Result<(), StoreError> {
        sqlx::query("insert into mails (id, address, subject, body, language) values ($1, $2, $3, $4, (select language from users where id = $5))")
            .bind(Uuid::now_v7())
            .bind(address)
            .bind(subject)
            .bind(body)
            .bind(user)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Puts a mail to an address that has no account on its way, in the language that was asked for.
    pub(crate) async fn post_mail_to_stranger(&self, address: &str, language: Language, subject: &str, body: &str) -> Result<(), StoreError> {
        sqlx::query("insert into mails (id, address, subject, body, language) values ($1, $2, $3, $4, $5)")
            .bind(Uuid::now_v7())
            .bind(address)
            .bind(subject)
            .bind(body)
            .bind(language.code())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Claims the next mail that is due for this process. One that was claimed over ten minutes ago by a process that died
    /// becomes `unknown`: it may have been sent.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn claim_mail(&self, now: DateTime<Utc>) -> Result<Option<Mail>, StoreError> {
        sqlx::query("update mails set state = 'unknown', updated_at = $1 where state = 'sending' and updated_at < $1 - interval '10 minutes'")
            .bind(now)
            .execute(&self.pool)
            .await?;
        // What waited for a day, because no mail server was there, would only surprise.
        sqlx::query(
            "update mails set state = 'failed', error = 'too old', updated_at = $1 where state = 'queued' and created_at < $1 - interval '1 day'",
        )
        .bind(now)
        .execute(&self.pool)
        .await?;
        let row: Option<(Uuid, Option<String>, String, String, String)> = sqlx::query_as(
            "update mails m set state = 'sending', attempts = attempts + 1, updated_at = $1
             where m.id = (select id from mails where state = 'queued' and not_before <= $1 order by not_before, id limit 1 for update skip locked)
             returning m.id, coalesce(m.address, (select u.email from memberships s join users u on u.id = s.user_id
                where s.workspace_id = m.workspace_id and s.member_id = m.member_id and s.status = 'active' and u.disabled_at is null)), m.subject, m.body,
                coalesce(m.language, (select u.language from memberships s join users u on u.id = s.user_id
                where s.workspace_id = m.workspace_id and s.member_id = m.member_id and s.status = 'active'), 'en')",
        )
        .bind(now)
        .fetch_optional(&self.pool)
        .await?;
        let Some((id, address, subject, body, language)) = row else { return Ok(None) };
        match address {
            Some(address) => Ok(Some(Mail { id, address, subject, body, language })),
            // Left the workspace meanwhile.
            None => {
                self.mail_posted(id, &Posted::Refused("nobody to send it to".into()), now).await?;
                Ok(None)
            }
        }
    }

    /// Deletes mails after 30 days, expired sign-up links, and other links a day after they expired.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn sweep_mails(&self) -> Result<(), StoreError> {
        sqlx::query("delete from mails where state <> 'queued' and updated_at < now() - interval '30 days'").execute(&self.pool).await?;
        sqlx::query("delete from sign_ups where expires_at < now()").execute(&self.pool).await?;
        sqlx::query("delete from confirmations where expires_at < now() - interval '1 day'").execute(&self.pool).await?;
        Ok(())
    }

    /// Stores the result of a claimed mail; one to try again waits twice as long each time. It may be `unknown` by then, when the
    /// database was away for long.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn mail_posted(&self, id: Uuid, posted: &Posted, now: DateTime<Utc>) -> Result<(), StoreError> {
        let (state, error) = match posted {
            Posted::Sent => ("sent", None),
            Posted::Refused(why) => ("failed", Some(why)),
            Posted::Later(why) => ("queued", Some(why)),
            Posted::Unknown(why) => ("unknown", Some(why)),
        };
        sqlx::query(
            "update mails set state = case when $2 = 'queued' and attempts >= $5 then 'failed' else $2 end, error = left($3, 500), updated_at = $4,
                not_before = case when $2 = 'queued' then $4 + interval '15 seconds' * power(2, attempts) else not_before end,
                body = case when $2 = 'sent' then '' else body end
             where id = $1 and state in ('sending', 'unknown')",
        )
        .bind(id)
        .bind(state)
        .bind(error)
        .bind(now)
        .bind(ATTEMPTS)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
