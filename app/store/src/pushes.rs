//! Telling browsers that have no page open: the devices, what is on its way to them, and this installation's key.

use crate::{Actor, Database, StoreError};
use chrono::{DateTime, Duration, Utc};
use domain::notifications::Device;
use uuid::Uuid;

/// Attempts at devices whose service did not answer.
const ATTEMPTS: i32 = 6;
/// What could not be told within this time is stale.
const STALE: Duration = Duration::hours(12);
/// Browsers of one person.
const DEVICES: i64 = 20;

/// Where a browser takes pushes, as it says itself (RFC 8291 §2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    pub endpoint: String,
    pub p256dh: Vec<u8>,
    pub auth: Vec<u8>,
    /// Code of the language its page is in.
    pub language: String,
}

/// Something to tell now, and whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    pub id: Uuid,
    pub title: String,
    /// Path of what it is about.
    pub link: String,
    pub to: Vec<(Uuid, Subscription)>,
}

impl Database {
    /// The installation's key for pushes. The first process that calls this sets it to `fresh`.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn push_key(&self, fresh: &[u8]) -> Result<Vec<u8>, StoreError> {
        sqlx::query("insert into push_keys (secret) values ($1) on conflict do nothing").bind(fresh).execute(&self.pool).await?;
        Ok(sqlx::query_scalar("select secret from push_keys").fetch_one(&self.pool).await?)
    }

    /// Registers a browser for the actor's push messages; a user has at most 20. The endpoint identifies the device. The device passes
    /// to another user only with equal keys, since an endpoint alone is no secret. `again`: an automatic registration in a new session.
    ///
    /// # Errors
    /// `NotFound`: the endpoint is another user's with other keys, or with `again` was stopped. `Database`.
    pub async fn add_push_device(&self, actor: &Actor, session: &[u8], s: &Subscription, again: bool) -> Result<(), StoreError> {
        let done = sqlx::query(
            "insert into push_devices (id, session_hash, user_id, workspace_id, endpoint, p256dh, auth, language) values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (endpoint) do update set session_hash = excluded.session_hash, user_id = excluded.user_id, workspace_id = excluded.workspace_id,
                p256dh = excluded.p256dh, auth = excluded.auth, language = excluded.language, stopped_at = null
             where (not $9 or push_devices.stopped_at is null)
                and (push_devices.user_id = excluded.user_id or (push_devices.auth = excluded.auth and push_devices.p256dh = excluded.p256dh))",
        )
        .bind(Uuid::now_v7())
        .bind(session)
        .bind(actor.user)
        .bind(actor.workspace)
        .bind(&s.endpoint)
        .bind(&s.p256dh)
        .bind(&s.auth)
        .bind(&s.language)
        .bind(again)
        .execute(&self.pool)
        .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NotFound);
        }
        sqlx::query("delete from push_devices where user_id = $1 and id not in (select id from push_devices where user_id = $1 order by created_at desc limit $2)")
            .bind(actor.user)
            .bind(DEVICES)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// The actor's browsers that get pushes, newest first, at most 20. `session`: the hash of the session of this request.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn push_devices(&self, actor: &Actor, session: &[u8]) -> Result<Vec<Device>, StoreError> {
        let rows: Vec<(Uuid, Option<String>, DateTime<Utc>, bool)> = sqlx::query_as(
            "select d.id, s.device, d.created_at, d.session_hash = $3 from push_devices d join sessions s on s.id_hash = d.session_hash and s.expires_at > now()
             where d.user_id = $1 and d.workspace_id = $2 and d.stopped_at is null order by d.created_at desc limit $4",
        )
        .bind(actor.user)
        .bind(actor.workspace)
        .bind(session)
        .bind(DEVICES)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|(id, name, since, is_this)| Device { id, name: name.unwrap_or_default(), since, is_this }).collect())
    }

    /// Stops the pushes to one browser of the actor.
    ///
    /// # Errors
    /// `NotFound`: the actor has no such browser, or it is stopped. `Database`.
    pub async fn remove_push_device(&self, actor: &Actor, id: Uuid) -> Result<(), StoreError> {
        let gone =
            sqlx::query("update push_devices set stopped_at = now() where id = $1 and user_id = $2 and workspace_id = $3 and stopped_at is null")
                .bind(id)
                .bind(actor.user)
                .bind(actor.workspace)
                .execute(&self.pool)
                .await?;
        if gone.rows_affected() == 0 { Err(StoreError::NotFound) } else { Ok(()) }
    }

    /// Claims the next push that is due for this process. One that was claimed over five minutes ago by a process that died is
    /// claimed again: a browser shows it once.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn claim_push(&self, now: DateTime<Utc>) -> Result<Option<Push>, StoreError> {
        sqlx::query("delete from pushes where created_at < $1").bind(now - STALE).execute(&self.pool).await?;
        let row: Option<(Uuid, String, String)> = sqlx::query_as(
            "update pushes set state = 'sending', attempts = attempts + 1, updated_at = $1
             where id = (select id from pushes where not_before <= $1 and (state = 'queued' or updated_at < $1 - interval '5 minutes')
                order by not_before, id limit 1 for update skip locked)
             returning id, title, link",
        )
        .bind(now)
        .fetch_optional(&self.pool)
        .await?;
        let Some((id, title, link)) = row else { return Ok(None) };
        let to: Vec<(Uuid, String, Vec<u8>, Vec<u8>, String)> = sqlx::query_as(
            "select d.id, d.endpoint, d.p256dh, d.auth, d.language
             from pushes p
             join memberships m on m.workspace_id = p.workspace_id and m.member_id = p.member_id and m.status = 'active'
             join users u on u.id = m.user_id and u.disabled_at is null
             join push_devices d on d.user_id = m.user_id and d.workspace_id = p.workspace_id
             join sessions s on s.id_hash = d.session_hash and s.expires_at > $2
             where d.stopped_at is null and p.id = $1 and d.id <> all(p.reached)",
        )
        .bind(id)
        .bind(now)
        .fetch_all(&self.pool)
        .await?;
        let to = to.into_iter().map(|(id, endpoint, p256dh, auth, language)| (id, Subscription { endpoint, p256dh, auth, language })).collect();
        Ok(Some(Push { id, title, link, to }))
    }

    /// Stores the result of a claimed push: devices it reached, devices that are gone for good, and whether to try `again`.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn push_done(&self, id: Uuid, reached: &[Uuid], gone: &[Uuid], again: bool, now: DateTime<Utc>) -> Result<(), StoreError> {
        sqlx::query("delete from push_devices where id = any($1)").bind(gone).execute(&self.pool).await?;
        sqlx::query("delete from pushes where id = $1 and (not $2 or attempts >= $3)")
            .bind(id)
            .bind(again)
            .bind(ATTEMPTS)
            .execute(&self.pool)
            .await?;
        sqlx::query(
            "update pushes set state = 'queued', reached = reached || $2, updated_at = $3, not_before = $3 + interval '5 seconds' * power(2, attempts) where id = $1",
        )
        .bind(id)
        .bind(reached)
        .bind(now)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
