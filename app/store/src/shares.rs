//! Share links: figures that people without an account may see. Only a hash of the token is kept.

use crate::{
    Actor, Conflict, Database, StoreError, TenantTx,
    door::apply::{Apply, Context},
    door::change::Change,
    keys::{TenantKey, Use},
    records::refuse_used_id,
};
use chrono::{DateTime, Utc};
use domain::{
    Currency, Invalid, Inverse, MemberId, Role, ShareCommand, Surface, UserId, WorkspaceId,
    shares::{PARTS, Share, Shown},
};
use hmac::{Hmac, Mac};
use serde_json::{Map, json};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use uuid::Uuid;

/// Share links that are being opened at once.
static OPENING: Semaphore = Semaphore::const_new(3);
/// Most links that work at once.
const MOST: i64 = 100;

pub(crate) async fn create(
    tx: &mut TenantTx,
    share: Uuid,
    title: &str,
    shows: &[String],
    expires_at: Option<DateTime<Utc>>,
    token_hash: &str,
) -> Result<Change, StoreError> {
    let mut wrong = Invalid::default();
    let title = title.trim();
    if title.is_empty() || title.chars().count() > 120 || title.contains('\0') {
        wrong.add("title", "length", "A share needs a title of at most 120 characters");
    }
    if shows.is_empty() || shows.iter().any(|s| !PARTS.iter().any(|p| p.0 == s)) {
        let known: Vec<&str> = PARTS.iter().map(|p| p.0).collect();
        wrong.add("shows", "choice", format!("shows must hold at least one of {}", known.join(", ")));
    }
    let hash: Option<Vec<u8>> = (0..token_hash.len() / 2).map(|i| u8::from_str_radix(token_hash.get(i * 2..i * 2 + 2)?, 16).ok()).collect();
    let hash = hash.filter(|h| h.len() == 32 && token_hash.len() == 64);
    if hash.is_none() {
        wrong.add("tokenHash", "hash", "The token's hash must be 64 hex digits");
    }
    wrong.or(())?;
    let (workspace, member) = (tx.workspace(), tx.actor.member);
    refuse_used_id(tx, share).await?;
    // Counted one after the other: many at once would each see room.
    TenantKey::once(workspace, Use::Shares).wait(tx.conn()).await?;
    let open: i64 = sqlx::query_scalar(
        "select count(*) from shares where workspace_id = $1 and revoked_at is null and (expires_at is null or expires_at > now())
            and manages(created_by)",
    )
    .bind(workspace)
    .fetch_one(tx.conn())
    .await?;
    if open >= MOST {
        return Err(Conflict::State(format!("A workspace can have {MOST} links at once. Revoke one first.")).into());
    }
    sqlx::query("insert into shares (workspace_id, id, title, shows, created_by, expires_at) values ($1, $2, $3, $4, $5, $6)")
        .bind(workspace)
        .bind(share)
        .bind(title)
        .bind(shows)
        .bind(member)
        .bind(expires_at)
        .execute(tx.conn())
        .await?;
    sqlx::query("insert into share_tokens (token_hash, workspace_id, share_id) values ($1, $2, $3)")
        .bind(hash)
        .bind(workspace)
        .bind(share)
        .execute(tx.conn())
        .await?;
    Ok(change(share, title, "shared", Some(ShareCommand::RevokeShare { share }.into()), true))
}

pub(crate) async fn revoke(tx: &mut TenantTx, share: Uuid) -> Result<Change, StoreError> {
    let row: Option<(String, bool)> =
        sqlx::query_as("select title, revoked_at is not null from shares where workspace_id = $1 and id = $2 for no key update")
            .bind(tx.workspace())
            .bind(share)
            .fetch_optional(tx.conn())
            .await?;
    let (title, already) = row.ok_or(StoreError::NotFound)?;
    sqlx::query("update shares set revoked_at = coalesce(revoked_at, now()) where workspace_id = $1 and id = $2")
        .bind(tx.workspace())
        .bind(share)
        .execute(tx.conn())
        .await?;
    // A link that was taken back stays so: whoever had it must be given a new one.
    Ok(change(share, &title, "unshared", None, !already))
}

fn change(share: Uuid, title: &str, verb: &'static str, inverse: Option<Inverse>, changed: bool) -> Change {
    let mut changes = Map::new();
    changes.insert("share".into(), json!({"before": null, "after": title}));
    Change::of_share(share, title, verb).changes(changes).with_inverse(inverse).changed(changed)
}

type Row = (Uuid, String, Vec<String>, Option<String>, DateTime<Utc>, Option<DateTime<Utc>>, Option<DateTime<Utc>>, i64, Option<DateTime<Utc>>, bool);

/// The workspace's share links, newest first, at most 300. Their tokens are not stored.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<Share>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(
        "select s.id, s.title, s.shows, m.name, s.created_at, s.expires_at, s.revoked_at, s.opened, s.last_opened_at,
            coalesce(manages(s.created_by), false)
         from shares s left join members m on m.workspace_id = s.workspace_id and m.id = s.created_by
         where s.workspace_id = $1 order by s.created_at desc, s.id limit 300",
    )
    .bind(tx.workspace())
    .fetch_all(tx.conn())
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, title, shows, by, created_at, expires_at, revoked_at, opened, last_opened_at, creator_can_share)| Share {
            id,
            title,
            shows,
            by,
            created_at,
            expires_at,
            revoked_at,
            opened,
            last_opened_at,
            creator_can_share,
        })
        .collect())
}

impl Database {
    /// The token of a share link for an idempotency key of the actor: 64 hex digits, the same for the same key, derived from the
    /// workspace's secret.
    ///
    /// # Errors
    /// Only `Database`, also when the workspace does not exist.
    pub async fn share_token(&self, actor: &Actor, key: &str) -> Result<String, StoreError> {
        let secret: Vec<u8> =
            sqlx::query_scalar("select share_secret from workspaces where id = $1").bind(actor.workspace).fetch_one(&self.pool).await?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&secret).map_err(|_| StoreError::NotFound)?;
        mac.update(format!("share link\n{}\n{key}", actor.member).as_bytes());
        Ok(mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect())
    }

    /// The contents of a share link, and a transaction that sees nothing but records visible to the whole workspace. `count`:
    /// counts the visit, and returns the picture.
    ///
    /// # Errors
    /// `NotFound`: the token is unknown, was revoked or has expired, or its creator may not share any more. `Database`.
    pub async fn open_share(&self, token: &str, now: DateTime<Utc>, count: bool) -> Result<(Shown, TenantTx), StoreError> {
        let hash = Sha256::digest(token.as_bytes()).to_vec();
        let row: Option<(WorkspaceId, Uuid, String, String, i16, Option<String>, Option<Vec<u8>>)> = sqlx::query_as(
            "select t.workspace_id, t.share_id, w.name, w.currency, w.hue, w.logo_type, case when $2 then w.logo end
             from share_tokens t join workspaces w on w.id = t.workspace_id where t.token_hash = $1",
        )
        .bind(hash)
        // The picture beside the link needs no other one.
        .bind(count)
        .fetch_optional(&self.pool)
        .await?;
        let (workspace, share, name, currency, hue, logo_type, logo) = row.ok_or(StoreError::NotFound)?;
        // A few at once: whoever opens a link many times must not take the connections of those who work.
        let _turn = OPENING.acquire().await.map_err(|_| StoreError::Database(sqlx::Error::WorkerCrashed))?;
        let nobody = Uuid::nil();
        let actor = Actor {
            workspace,
            user: UserId(nobody),
            member: MemberId(nobody),
            role: Role::Viewer,
            surface: Surface::Web,
            currency: Currency::stored(&currency),
            basis: crate::Basis::Server,
            scope: None,
        };
        if count {
            // Beside the command door: a counter of visits, not a change that anybody made. Done before the reading begins,
            // so that one opening never waits for a second connection while it holds one.
            let mut counting = self.begin_generic(&actor, domain::Permission::ViewAnalytics).await?;
            sqlx::query(
                "update shares set opened = opened + 1, last_opened_at = $3 where workspace_id = $1 and id = $2
                    and revoked_at is null and (expires_at is null or expires_at > $3) and manages(created_by)",
            )
            .bind(workspace)
            .bind(share)
            .bind(now)
            .execute(counting.conn())
            .await?;
            counting.commit().await?;
        }
        let mut tx = self.begin_generic(&actor, domain::Permission::ViewAnalytics).await?;
        let found: Option<(String, Vec<String>)> = sqlx::query_as(
            "select title, shows from shares where workspace_id = $1 and id = $2 and revoked_at is null and (expires_at is null or expires_at > $3)
                and manages(created_by)",
        )
        .bind(workspace)
        .bind(share)
        .bind(now)
        .fetch_optional(tx.conn())
        .await?;
        let (title, shows) = found.ok_or(StoreError::NotFound)?;
        Ok((Shown { title, workspace: name, hue, logo: logo_type.zip(logo), shows }, tx))
    }
}

impl Apply for ShareCommand {
    async fn apply(&self, tx: &mut TenantTx, _: &mut Context) -> Result<Change, StoreError> {
        match self {
            Self::CreateShare { share, title, shows, expires_at, token_hash } => create(tx, *share, title, shows, *expires_at, token_hash).await,
            Self::RevokeShare { share } => revoke(tx, *share).await,
        }
    }
}
