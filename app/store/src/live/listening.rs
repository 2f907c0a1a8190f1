//! Who may go on listening. A stream outlives the request that opened it, so the right to listen is asked again and again,
//! for all streams of this process in one statement. The database is the channel: what another process ended, ends here.

use crate::{Actor, Credential, Database, StoreError, live::hub::LiveHub, live::listeners::Listener};
use std::{sync::Arc, time::Duration};
use tokio::sync::Notify;

/// How long an answer counts. No message goes out on an older one.
pub(crate) const RECHECK: Duration = Duration::from_millis(250);

/// One stream's place among them, given up when it is dropped.
#[derive(Debug)]
pub struct Listening {
    hub: Arc<LiveHub>,
    number: i64,
    ended: Arc<Notify>,
}

impl Listening {
    /// Resolves when the right to listen has ended: session or token over, membership ended, role changed, account disabled.
    pub async fn ended(self) {
        self.ended.notified().await;
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.hub.listeners.lock().1.remove(&self.number);
    }
}

impl Database {
    /// Counts a stream among those whose right is asked for again.
    pub fn listen(&self, actor: &Actor, credential: Credential) -> Listening {
        let ended = Arc::new(Notify::new());
        let mut all = self.hub.listeners.lock();
        all.0 += 1;
        let number = all.0;
        let listener = Listener { user: actor.user, workspace: actor.workspace, role: actor.role, credential, ended: ended.clone() };
        all.1.insert(number, listener);
        Listening { hub: self.hub.clone(), number, ended }
    }

    /// Ends the streams of this process whose session, token, membership or role is not what it was.
    pub(crate) async fn end_listeners(&self) -> Result<(), StoreError> {
        let (mut numbers, mut users, mut workspaces, mut roles, mut hashes, mut by_token) = (vec![], vec![], vec![], vec![], vec![], vec![]);
        for (number, l) in &self.hub.listeners.lock().1 {
            let (hash, token) = match &l.credential {
                Credential::Session(hash) => (hash.clone(), false),
                Credential::Token(hash) => (hash.clone(), true),
            };
            numbers.push(*number);
            users.push(l.user.0);
            workspaces.push(l.workspace.0);
            roles.push(l.role.code());
            hashes.push(hash);
            by_token.push(token);
        }
        if numbers.is_empty() {
            return Ok(());
        }
        let over: Vec<i64> = sqlx::query_scalar(
            "select l.number
             from unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::text[], $5::bytea[], $6::boolean[]) l(number, user_id, workspace_id, role, hash, by_token)
             where not exists (
                select from memberships m join users u on u.id = m.user_id
                where m.workspace_id = l.workspace_id and m.user_id = l.user_id and m.status = 'active' and m.role = l.role and u.disabled_at is null)
             or not case when l.by_token
                then exists (select from api_tokens t where t.token_hash = l.hash and t.user_id = l.user_id and t.workspace_id = l.workspace_id
                    and t.revoked_at is null and (t.expires_at is null or t.expires_at > now()))
                else exists (select from sessions s where s.id_hash = l.hash and s.user_id = l.user_id and s.workspace_id = l.workspace_id
                    and s.expires_at > now()) end",
        )
        .bind(numbers)
        .bind(users)
        .bind(workspaces)
        .bind(roles)
        .bind(hashes)
        .bind(by_token)
        .fetch_all(&self.pool)
        .await?;
        let all = self.hub.listeners.lock();
        for listener in over.iter().filter_map(|number| all.1.get(number)) {
            listener.ended.notify_one();
        }
        Ok(())
    }
}
