//! Sessions in Postgres for tower-sessions: the id is kept as a hash, with user and workspace in columns of their own,
//! so that "sign out everywhere" is one DELETE.

use crate::{Away, Database, StoreError};
use async_trait::async_trait;
use domain::UserId;
use sha2::{Digest, Sha256};
use sqlx::PgPool;
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

/// A session store over our pool.
#[derive(Clone, Debug)]
pub struct PgSessionStore(PgPool);

fn hash(id: &Id) -> Vec<u8> {
    Sha256::digest(id.to_string()).to_vec()
}

fn backend(e: sqlx::Error) -> Error {
    Error::Backend(Away::of(&e).map_or_else(|| e.to_string(), |away| away.code().to_owned()))
}

/// Whether a session could not be read or written because the database was away. Anything else means that there is no
/// such session.
pub fn session_away(error: &tower_sessions::session::Error) -> Option<Away> {
    match error {
        tower_sessions::session::Error::Store(Error::Backend(text)) => Some(Away::from_code(text).unwrap_or(Away::Unreachable)),
        _ => None,
    }
}

/// A session keeps forms that came back wrong, whatever was typed into them, and Postgres takes no NUL.
fn without_nul(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => text.retain(|c| c != '\0'),
        serde_json::Value::Array(all) => all.iter_mut().for_each(without_nul),
        serde_json::Value::Object(all) => all.values_mut().for_each(without_nul),
        _ => {}
    }
}

impl PgSessionStore {
    /// Writes a record with `text`, whose parameters are id, user, workspace, data, expiry and device.
    async fn write(&self, text: &'static str, record: &Record) -> Result<()> {
        let mut data = serde_json::to_value(&record.data).map_err(|e| Error::Encode(e.to_string()))?;
        without_nul(&mut data);
        let column = |name: &str| data["identity"][name].as_str().and_then(|s| uuid::Uuid::parse_str(s).ok());
        sqlx::query(text)
            .bind(hash(&record.id))
            .bind(column("user"))
            .bind(column("workspace"))
            .bind(&data)
            .bind(record.expiry_date.unix_timestamp() as f64)
            .bind(data["identity"]["device"].as_str())
            .execute(&self.0)
            .await
            .map_err(backend)?;
        Ok(())
    }
}

#[async_trait]
impl SessionStore for PgSessionStore {
    async fn create(&self, record: &mut Record) -> Result<()> {
        // 128 random bits: a collision has never been seen, and `save` would only overwrite our own.
        let text = "insert into sessions (id_hash, user_id, workspace_id, data, expires_at, device) values ($1, $2, $3, $4, to_timestamp($5), $6)
             on conflict (id_hash) do update set user_id = excluded.user_id, workspace_id = excluded.workspace_id, data = excluded.data,
                expires_at = excluded.expires_at, device = excluded.device";
        self.write(text, record).await
    }

    /// Only what is there: a session that was ended meanwhile does not come back because a request of it was under way.
    async fn save(&self, record: &Record) -> Result<()> {
        let text = "update sessions set user_id = $2, workspace_id = $3, data = $4, expires_at = to_timestamp($5), device = $6 where id_hash = $1";
        self.write(text, record).await
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let asked = async {
            let text = "select data, extract(epoch from expires_at)::float8 from sessions where id_hash = $1 and expires_at > now()";
            Ok(sqlx::query_as(text).bind(hash(id)).fetch_optional(&self.0).await?)
        };
        let row: Option<(serde_json::Value, f64)> = crate::in_time(asked).await.map_err(|e| match e {
            StoreError::Database(e) => backend(e),
            e => Error::Backend(e.to_string()),
        })?;
        row.map(|(data, expiry)| {
            Ok(Record {
                id: *id,
                data: serde_json::from_value(data).map_err(|e| Error::Decode(e.to_string()))?,
                expiry_date: OffsetDateTime::from_unix_timestamp(expiry as i64).map_err(|e| Error::Decode(e.to_string()))?,
            })
        })
        .transpose()
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let ended = async {
            let mut tx = self.0.begin().await?;
            let user: Option<UserId> =
                sqlx::query_scalar("select user_id from sessions where id_hash = $1").bind(hash(id)).fetch_optional(&mut *tx).await?.flatten();
            if let Some(user) = user {
                // What this session is writing ends first.
                crate::holding::lock_rights(&mut tx, &[user]).await?;
            }
            sqlx::query("delete from sessions where id_hash = $1").bind(hash(id)).execute(&mut *tx).await?;
            Ok::<_, StoreError>(tx.commit().await?)
        };
        ended.await.map_err(|e| match e {
            StoreError::Database(e) => backend(e),
            e => Error::Backend(e.to_string()),
        })
    }
}

/// The hash under which a session is kept, to tell it from others.
pub fn session_hash(id: &Id) -> Vec<u8> {
    hash(id)
}

impl Database {
    pub fn session_store(&self) -> PgSessionStore {
        PgSessionStore(self.pool.clone())
    }

    /// Ends every session of a user at once and returns their number.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn revoke_sessions(&self, user: UserId) -> std::result::Result<u64, StoreError> {
        let mut tx = self.pool.begin().await?;
        crate::holding::lock_rights(&mut tx, &[user]).await?;
        let ended = sqlx::query("delete from sessions where user_id = $1").bind(user).execute(&mut *tx).await?.rows_affected();
        tx.commit().await?;
        Ok(ended)
    }

    /// Deletes expired sessions and returns their number. Deletes stale throttling data, API tokens that ended 90 days ago and
    /// relayed messages of the outbox after 3 days as well.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn sweep_sessions(&self) -> std::result::Result<u64, StoreError> {
        let gone = sqlx::query("delete from sessions where expires_at < now()").execute(&self.pool).await?.rows_affected();
        self.sweep_throttle().await?;
        sqlx::query("delete from api_tokens where coalesce(revoked_at, expires_at) < now() - interval '90 days'").execute(&self.pool).await?;
        sqlx::query("delete from outbox where position is not null and created_at < now() - interval '3 days'").execute(&self.pool).await?;
        Ok(gone)
    }
}
