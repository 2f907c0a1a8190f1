//! Throttling of whatever can be guessed or made in bulk: signing in, passwords asked for again, sign-ups, mails, links and
//! tokens.
//!
//! Nothing is ever locked. Each budget takes so many attempts at once; after them every further one has to wait, each time
//! twice as long, and with time the budget fills up again. Three rules keep one person's attack from being another's
//! trouble:
//! - A password is guessed against the **pair** of the asker and the account, so guesses from elsewhere cost the owner
//!   nothing at the place where they are.
//! - A browser that **signed in before** has its own pair, whatever address it comes from, and no other budget.
//! - The address of a **proxy** stands for everybody behind it and has no budget of its own.
//!
//! Against guesses from many addresses at once each account has a large budget for unknown browsers; against guesses of many
//! accounts each address has one.

use crate::{Database, StoreError, hex::hex};
use domain::{Language, UserId, Wait};
use rand::RngCore;
use sha2::{Digest, Sha256};
use std::net::IpAddr;

/// Who tries something: where they come from and which browser it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Address of the client; with IPv6 the first one of its /64.
    pub address: IpAddr,
    /// The address is a proxy's and stands for everybody behind it.
    pub shared: bool,
    /// The address may be that of a proxy that the settings do not name.
    pub forwarded: bool,
    /// What the cookie of known devices holds, at most [`DEVICES`] tokens.
    pub devices: Vec<String>,
    /// For the mails that an attempt leads to.
    pub language: Language,
}

impl Client {
    /// Somebody at an address, with an unknown browser.
    pub fn at(address: IpAddr) -> Self {
        Self { address, shared: false, forwarded: false, devices: Vec::new(), language: Language::default() }
    }
}

/// Accounts that one browser is known for at once.
pub const DEVICES: usize = 5;
/// Browsers that are kept for an account.
const DEVICES_OF_USER: i64 = 20;
/// Rows that are kept; the oldest go first.
const ROWS: i64 = 500_000;

/// What can be tried too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// Passwords for one account by one browser or from one address.
    Pair,
    /// Passwords for one account by all browsers that are not known for it.
    Account,
    /// Passwords for any account from one address, by browsers that are not known.
    Address,
    /// Accounts made from one address.
    SignUp,
    /// People who join by invitation from one address.
    Join,
    /// Mails about an account to one address of a mailbox.
    Mailbox,
    /// Mails asked for from one address.
    Mails,
    /// Links that open nothing, from one address.
    Link,
    /// API tokens that open nothing, from one address.
    Token,
}

impl Budget {
    const ALL: [Self; 9] = [Self::Pair, Self::Account, Self::Address, Self::SignUp, Self::Join, Self::Mailbox, Self::Mails, Self::Link, Self::Token];

    fn code(self) -> &'static str {
        match self {
            Self::Pair => "pair",
            Self::Account => "account",
            Self::Address => "address",
            Self::SignUp => "sign_up",
            Self::Join => "join",
            Self::Mailbox => "mailbox",
            Self::Mails => "mails",
            Self::Link => "link",
            Self::Token => "token",
        }
    }

    fn rule(self) -> Rule {
        let rule = |free: u32, first: u32, refill: u32| Rule { free: free.into(), first: first.into(), refill: refill.into() };
        match self {
            // What a person mistypes, then some 500 a day.
            Self::Pair => rule(10, 10, 180),
            // Guesses from everywhere: some 1,440 a day, and an owner with a new browser waits a minute at most.
            Self::Account => rule(100, 2, 60),
            // An office behind one address, and then some 8,640 a day.
            Self::Address => rule(300, 1, 10),
            // A team that starts on one day, then six an hour.
            Self::SignUp => rule(20, 60, 600),
            Self::Join => rule(40, 10, 60),
            Self::Mailbox => rule(3, 1200, 1200),
            Self::Mails => rule(20, 30, 120),
            // They have 192 bits or more and are found at no rate; this is against the load.
            Self::Link => rule(60, 1, 5),
            // A program whose token has expired asks on and on, and must read that for long before it reads "too many".
            Self::Token => rule(2000, 1, 1),
        }
    }
}

/// How a budget is spent, in attempts and seconds.
#[derive(Clone, Copy, Debug)]
struct Rule {
    /// Attempts before any wait.
    free: f64,
    /// The first wait. Each further one is twice as long, up to the time in which one attempt is given back.
    first: f64,
    /// Time in which one attempt is given back.
    refill: f64,
}

impl Rule {
    /// The level after one more attempt, `since` seconds after the last one left it at `level`; else the seconds to wait.
    fn draw(self, level: f64, since: f64) -> Result<f64, f64> {
        let after = (level - since / self.refill).max(0.0) + 1.0;
        let over = after - self.free;
        if over <= 0.0 {
            return Ok(after);
        }
        let wait = (self.first * 2f64.powf((over - 1e-6).floor().min(32.0))).min(self.refill.max(self.first));
        if since >= wait { Ok(after) } else { Err(wait - since) }
    }
}

/// A budget of somebody or something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    hash: Vec<u8>,
    code: &'static str,
}

impl Key {
    fn of(budget: Budget, parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in [budget.code().as_bytes()].iter().chain(parts) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self { hash: hash.finalize().to_vec(), code: budget.code() }
    }

    fn rule(&self) -> Rule {
        Budget::ALL.into_iter().find(|b| b.code() == self.code).unwrap_or(Budget::Pair).rule()
    }

    /// The mailbox behind an address; its parts are those of `domain::addresses`.
    pub(crate) fn mailbox(email_key: &str) -> Self {
        Self::of(Budget::Mailbox, &[email_key.as_bytes()])
    }

    /// What is counted for an address as a whole: nothing where it is shared. Whoever reaches us by an unnamed proxy may say
    /// so to get around a limit, so it only spares them the one that would keep others from signing in.
    fn address(budget: Budget, client: &Client) -> Option<Self> {
        (!(client.shared || budget == Budget::Address && client.forwarded)).then(|| Self::of(budget, &[client.address.to_string().as_bytes()]))
    }
}

/// Attempts that were counted, to be given back if they were none.
#[derive(Debug)]
pub(crate) struct Drawn(Vec<Key>);

impl Database {
    /// Counts an attempt at a password in all budgets that it touches, before the password is looked at: guesses sent at
    /// once are counted one by one.
    pub(crate) async fn draw_password(&self, client: &Client, user: Option<UserId>, email_key: &str) -> Result<Result<Drawn, Wait>, StoreError> {
        let account = email_key.as_bytes();
        let keys = match self.known_device(client, user).await? {
            Some(device) => vec![Key::of(Budget::Pair, &[b"device", &device, account])],
            None => {
                let pair = Key::of(Budget::Pair, &[b"address", client.address.to_string().as_bytes(), account]);
                [Some(pair), Some(Key::of(Budget::Account, &[account])), Key::address(Budget::Address, client)].into_iter().flatten().collect()
            }
        };
        self.draw(keys).await
    }

    /// Counts an attempt from an address in a budget; the address of a proxy is not counted. The inner error: how long to wait.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn draw_from(&self, budget: Budget, client: &Client) -> Result<Result<(), Wait>, StoreError> {
        match Key::address(budget, client) {
            Some(key) => Ok(self.draw(vec![key]).await?.map(drop)),
            None => Ok(Ok(())),
        }
    }

    /// Counts a mail about an account to an address.
    pub(crate) async fn draw_mailbox(&self, email_key: &str) -> Result<bool, StoreError> {
        Ok(self.draw(vec![Key::mailbox(email_key)]).await?.is_ok())
    }

    /// All or none, one asker after the other.
    async fn draw(&self, mut keys: Vec<Key>) -> Result<Result<Drawn, Wait>, StoreError> {
        // In one order, so that two askers never wait for each other.
        keys.sort();
        let hashes: Vec<&[u8]> = keys.iter().map(|k| k.hash.as_slice()).collect();
        let codes: Vec<&str> = keys.iter().map(|k| k.code).collect();
        let mut tx = self.pool.begin().await?;
        sqlx::query(
            "insert into throttle (key, budget, level, at) select k, b, 0, clock_timestamp() - interval '1 day' from unnest($1::bytea[], $2::text[]) t(k, b)
             order by k on conflict do nothing",
        )
        .bind(&hashes)
        .bind(&codes)
        .execute(&mut *tx)
        .await?;
        let rows: Vec<(Vec<u8>, f64, f64)> = sqlx::query_as(
            "select key, level, greatest(0, extract(epoch from clock_timestamp() - at))::float8 from throttle where key = any($1) order by key for update",
        )
        .bind(&hashes)
        .fetch_all(&mut *tx)
        .await?;
        let (mut levels, mut wait) = (Vec::new(), 0f64);
        for key in &keys {
            let (level, since) = rows.iter().find(|r| r.0 == key.hash).map_or((0.0, f64::MAX), |r| (r.1, r.2));
            match key.rule().draw(level, since) {
                Ok(after) => levels.push(after),
                Err(seconds) => wait = wait.max(seconds),
            }
        }
        if wait > 0.0 {
            tx.rollback().await?;
            return Ok(Err(Wait(wait.ceil().max(1.0) as u64)));
        }
        sqlx::query(
            "update throttle t set level = n.level, at = clock_timestamp() from unnest($1::bytea[], $2::float8[]) n(key, level) where t.key = n.key",
        )
        .bind(&hashes)
        .bind(&levels)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(Ok(Drawn(keys)))
    }

    /// The password was right: the pair begins anew, and the attempt is taken out of the other budgets.
    pub(crate) async fn give_back(&self, drawn: Drawn) -> Result<(), StoreError> {
        // One row at a time: two of them in one statement could wait for an asker that waits for us.
        for key in drawn.0 {
            let text = match key.code == Budget::Pair.code() {
                true => "delete from throttle where key = $1",
                false => "update throttle set level = greatest(0, level - 1) where key = $1",
            };
            sqlx::query(text).bind(key.hash).execute(&self.pool).await?;
        }
        Ok(())
    }

    /// The hash of the browser's token for this account, if it signed in before.
    async fn known_device(&self, client: &Client, user: Option<UserId>) -> Result<Option<Vec<u8>>, StoreError> {
        let hashes: Vec<Vec<u8>> = client.devices.iter().take(DEVICES).map(|t| Sha256::digest(t).to_vec()).collect();
        if hashes.is_empty() {
            return Ok(None);
        }
        let text = "select token_hash from known_devices where token_hash = any($1) and user_id = $2";
        Ok(sqlx::query_scalar(text).bind(hashes).bind(user).fetch_optional(&self.pool).await?)
    }

    /// Marks the browser as known for the user, after a sign-in. Returns the tokens for its cookie, the newest last, at most
    /// [`DEVICES`].
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn remember_device(&self, client: &Client, user: UserId) -> Result<Vec<String>, StoreError> {
        let mut tokens: Vec<String> = client.devices.iter().take(DEVICES).cloned().collect();
        let hashes: Vec<Vec<u8>> = tokens.iter().map(|t| Sha256::digest(t).to_vec()).collect();
        let known = sqlx::query("update known_devices set used_at = now() where token_hash = any($1) and user_id = $2")
            .bind(hashes)
            .bind(user)
            .execute(&self.pool)
            .await?;
        if known.rows_affected() > 0 {
            return Ok(tokens);
        }
        let mut bytes = [0u8; 24];
        rand::rng().fill_bytes(&mut bytes);
        let token = hex(&bytes);
        sqlx::query("insert into known_devices (token_hash, user_id) values ($1, $2)")
            .bind(Sha256::digest(&token).to_vec())
            .bind(user)
            .execute(&self.pool)
            .await?;
        sqlx::query(
            "delete from known_devices where token_hash in (select token_hash from known_devices where user_id = $1 order by used_at desc, token_hash offset $2)",
        )
        .bind(user)
        .bind(DEVICES_OF_USER)
        .execute(&self.pool)
        .await?;
        if tokens.len() == DEVICES {
            tokens.remove(0);
        }
        tokens.push(token);
        Ok(tokens)
    }

    /// Deletes budgets after a day (all have filled up by then), the oldest ones above 500,000, and browsers after 400 days
    /// without use.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn sweep_throttle(&self) -> Result<(), StoreError> {
        sqlx::query("delete from throttle where at < now() - interval '1 day'").execute(&self.pool).await?;
        sqlx::query("delete from throttle where at <= (select at from throttle order by at desc offset $1 limit 1)")
            .bind(ROWS)
            .execute(&self.pool)
            .await?;
        sqlx::query("delete from known_devices where used_at < now() - interval '400 days'").execute(&self.pool).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_shrink_again() {
        let rule = Budget::Pair.rule();
        let mut level = 0.0;
        for _ in 0..10 {
            level = rule.draw(level, 0.1).unwrap_or(99.0);
        }
        assert!(level > 9.0 && level <= 10.0);
        // Now each further attempt waits, about twice as long as the one before, and never longer than one is given back in.
        let mut waits = Vec::new();
        for _ in 0..8 {
            let wait = rule.draw(level, 0.0).err().unwrap_or_default();
            level = rule.draw(level, wait).unwrap_or(0.0);
            waits.push(wait);
        }
        assert_eq!(waits.iter().take(4).map(|w| w.round()).collect::<Vec<_>>(), [10.0, 20.0, 40.0, 80.0], "{waits:?}");
        assert!(waits.iter().all(|w| *w <= 180.0) && waits.iter().sum::<f64>() > 500.0, "{waits:?}");
        assert!(rule.draw(level, 86_400.0).is_ok_and(|l| l == 1.0), "a day later all is forgotten");
    }

    #[test]
    fn every_budget_is_full_again_within_a_day() {
        for budget in Budget::ALL {
            let rule = budget.rule();
            assert!((rule.free + 10.0) * rule.refill < 86_400.0, "{budget:?}");
        }
    }

    #[test]
    fn an_address_that_many_share_has_no_budget() {
        let client = Client::at(IpAddr::from([203, 0, 113, 1]));
        for budget in [Budget::Address, Budget::SignUp, Budget::Join, Budget::Mails, Budget::Link, Budget::Token] {
            assert!(Key::address(budget, &client).is_some());
            assert!(Key::address(budget, &Client { shared: true, ..client.clone() }).is_none(), "{budget:?}: everybody behind a proxy");
            // What anybody can say of themselves frees nobody but those who only sign in.
            let forwarded = Client { forwarded: true, ..client.clone() };
            assert_eq!(Key::address(budget, &forwarded).is_none(), budget == Budget::Address, "{budget:?}");
        }
    }

    #[test]
    fn keys_of_different_things_differ() {
        let pair = |a: &[u8], b: &[u8]| Key::of(Budget::Pair, &[a, b]);
        assert_ne!(pair(b"ab", b"c"), pair(b"a", b"bc"));
        assert_ne!(Key::of(Budget::Pair, &[b"a"]).hash, Key::of(Budget::Account, &[b"a"]).hash);
    }
}
