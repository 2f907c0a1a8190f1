//! The pool, and the one way through it to a tenant's tables.

use crate::{
    Actor, Away, Basis, StoreError,
    errors::{lost_lately, note_loss},
    live::hub::LiveHub,
};
use chrono_tz::Tz;
use domain::{Currency, MemberId, Permission, Role, Surface, UserId, WorkspaceId};
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// How long a request waits for a connection before it is answered that the database is away.
const ACQUIRE: Duration = Duration::from_secs(2);
/// How long the first statement of a request or a transaction may take, the wait for its connection included.
const BEGIN: Duration = Duration::from_secs(4);
/// A connection that lay idle for longer is asked whether it is alive before it is used: the database may have been started
/// anew meanwhile. Shorter than a start of Postgres takes, and long enough that a busy server never asks. Once one was lost,
/// all are asked for a while.
const UNASKED: Duration = Duration::from_millis(200);
/// How long a start waits for a database that is not there yet, such as one that is started at the same time.
const AT_START: Duration = Duration::from_secs(30);
/// How long the database has to prove that it is ready.
const READY: Duration = Duration::from_secs(2);

/// Sets the actor's team members for the row-level security policies. Evaluated after role, workspace and member are set.
pub(crate) const TEAM: &str = "set_config('app.team_members', my_team_members(), true)";
/// Forces generic plans for the rest of the transaction: each connection plans a prepared statement once.
pub(crate) const GENERIC_PLANS: &str = "set local plan_cache_mode = force_generic_plan";
/// Capacity of a connection's prepared-statement cache. Larger than the set of statements in daily use: an evicted statement is
/// parsed and planned again.
const STATEMENTS: usize = 400;

/// The database. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    pub(crate) pool: PgPool,
    pub(crate) hub: Arc<LiveHub>,
}

impl Database {
    /// Connects, with at most `connections` at once. Waits for a database that is away, half a minute at most.
    ///
    /// # Errors
    /// Only `Database`: the login or the name of the database is refused, or it is away for longer.
    pub async fn connect(options: PgConnectOptions, connections: u32) -> Result<Self, StoreError> {
        let pool = PgPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(ACQUIRE)
            .test_before_acquire(false)
            .before_acquire(|connection, meta| {
                Box::pin(async move {
                    if meta.idle_for > UNASKED || lost_lately() {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .idle_timeout(Duration::from_secs(300))
            .connect_lazy_with(options.application_name("rapport").statement_cache_capacity(STATEMENTS));
        let since = Instant::now();
        while let Err(e) = pool.acquire().await {
            if Away::of(&e).is_none() || is_refusal(&e) || since.elapsed() > AT_START {
                return Err(e.into());
            }
            tracing::warn!(error = %e, "the database cannot be reached yet; waiting for it");
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        Ok(Self { pool, hub: Arc::new(LiveHub::default()) })
    }

    /// Brings the schema up to date. Forward only; safe to run from several processes at once.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed migration.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        sqlx::migrate!("../../migrations").run(&self.pool).await.map_err(|e| StoreError::Database(e.into()))?;
        graphile_migrate(&self.pool).await?;
        self.key_addresses().await?;
        let mut tx = self.pool.begin().await?;
        sqlx::query("set local role rapport_tenant").execute(&mut *tx).await?;
        tx.rollback().await?;
        Ok(())
    }

    /// Opens a transaction for `actor`, who must hold `permission`. One round trip; from here on the connection has the
    /// restricted role, whatever the login, and sees this workspace only.
    ///
    /// # Errors
    /// `Denied`: the role lacks `permission`. `Database`, also when no transaction begins within four seconds.
    pub async fn begin(&self, actor: &Actor, permission: Permission) -> Result<TenantTx, StoreError> {
        if !actor.role.allows(permission) {
            return Err(StoreError::Denied(permission));
        }
        self.open_reading(actor, "").await
    }

    /// [`Database::begin`] with generic plans, for lookups by key and for writes: each statement is planned once per connection.
    /// With `plan_cache_mode = auto` the planner estimates a custom plan as cheaper at each call under row-level security. Not
    /// for searches and aggregates, whose best plan depends on the parameter values.
    ///
    /// # Errors
    /// `Denied`: the role lacks `permission`. `Database`, also when no transaction begins within four seconds.
    pub async fn begin_generic(&self, actor: &Actor, permission: Permission) -> Result<TenantTx, StoreError> {
        if !actor.role.allows(permission) {
            return Err(StoreError::Denied(permission));
        }
        self.open_reading(actor, GENERIC_PLANS).await
    }

    /// A chore of the server itself in one workspace: the same fence, but private records are seen too.
    pub(crate) async fn begin_system(&self, workspace: WorkspaceId) -> Result<TenantTx, StoreError> {
        let nobody = uuid::Uuid::nil();
        self.begin_setup(Actor {
            workspace,
            user: UserId(nobody),
            member: MemberId(nobody),
            role: Role::Owner,
            surface: Surface::Setup,
            currency: Currency::USD,
            basis: Basis::Server,
            scope: None,
        })
        .await
    }

    /// A chore in the name of a member.
    pub(crate) async fn begin_setup(&self, actor: Actor) -> Result<TenantTx, StoreError> {
        self.open(actor, &["set local app.sees_all = 'yes'; select ", TEAM]).await
    }

    /// Opens a read transaction with the settings of the cached scope; reads the team if the scope is stale or missing.
    async fn open_reading(&self, actor: &Actor, setting: &'static str) -> Result<TenantTx, StoreError> {
        let Some((settings, zone)) = actor.scope.as_ref().and_then(|s| Some((s.settings()?, s.zone()))) else {
            return self.open(actor.clone(), &[setting, "; select ", TEAM]).await;
        };
        let tx = self.open(actor.clone(), &[setting, &settings]).await?;
        Ok(TenantTx { zone: Some(zone), ..tx })
    }

    /// Begins a transaction as the restricted role in the actor's workspace and executes `more`: constants, or what [`Scope::settings`] writes.
    pub(crate) async fn open(&self, actor: Actor, more: &[&str]) -> Result<TenantTx, StoreError> {
        // Built from typed uuids: SET takes no bind values, and this form also reaches Citus workers.
        let text = format!(
            "begin; set local role rapport_tenant; set local app.workspace_id = '{w}'; set local app.member_id = '{m}'; {more}",
            w = actor.workspace,
            m = actor.member,
            more = more.concat()
        );
        // In a task of its own: a request may be dropped at any await, and sqlx does not roll back a BEGIN that was under
        // way when its future went. The task ends what it began; a transaction nobody takes is rolled back.
        let pool = self.pool.clone();
        #[expect(clippy::disallowed_methods, reason = "a transaction that is begun outlives a caller who leaves, and is rolled back")]
        let begun = tokio::spawn(async move { pool.begin_with(AssertSqlSafe(text)).await });
        // A database that hangs is away too.
        let begun = tokio::time::timeout(BEGIN, begun).await.map_err(|_| sqlx::Error::PoolTimedOut)?;
        let tx = begun.map_err(|_| StoreError::Database(sqlx::Error::WorkerCrashed))??;
        Ok(TenantTx { tx, actor, zone: None, bypasses_visibility: false })
    }

    /// Checks that the database serves the restricted role within two seconds.
    ///
    /// # Errors
    /// A sentence for the operator: all connections busy, no answer in time, disk full, or another cause.
    pub async fn ready(&self) -> Result<(), String> {
        let ask = async {
            let mut tx = self.pool.begin().await?;
            sqlx::query("set local role rapport_tenant").execute(&mut *tx).await?;
            sqlx::query("select from workspaces limit 1").execute(&mut *tx).await?;
            tx.rollback().await
        };
        let answered = tokio::time::timeout(READY, ask).await;
        if let Ok(Err(e)) = &answered {
            note_loss(e);
        }
        match answered {
            Ok(Ok(())) => Ok(()),
            Ok(Err(sqlx::Error::PoolTimedOut)) | Err(_) if self.is_exhausted() => Err("every connection to the database is busy".into()),
            Ok(Err(sqlx::Error::PoolTimedOut)) | Err(_) => Err(format!("the database did not answer within {} seconds", READY.as_secs())),
            Ok(Err(e)) if Away::of(&e) == Some(Away::DiskFull) => Err("the disk of the database is full".into()),
            Ok(Err(e)) => Err(format!("the database cannot be used: {e}")),
        }
    }

    fn is_exhausted(&self) -> bool {
        self.pool.num_idle() == 0 && self.pool.size() >= self.pool.options().get_max_connections()
    }

    pub fn hub(&self) -> &Arc<LiveHub> {
        &self.hub
    }

    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Server version as Postgres writes it, for `doctor`.
    ///
    /// # Errors
    /// Only `Database`: a lost connection or a failed statement.
    pub async fn server_version(&self) -> Result<String, StoreError> {
        Ok(sqlx::query_scalar("show server_version").fetch_one(&self.pool).await?)
    }
}

/// Runs the first statement of a request, for four seconds at most: a database that hangs is away too.
///
/// # Errors
/// Those of `asked`; `Database` (away) after four seconds.
pub async fn in_time<T>(asked: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    tokio::time::timeout(BEGIN, asked).await.unwrap_or_else(|_| Err(sqlx::Error::PoolTimedOut.into()))
}

/// The database answered, and what it said is about the address that was given: waiting changes nothing.
fn is_refusal(e: &sqlx::Error) -> bool {
    matches!(e, sqlx::Error::Database(d) if d.code().is_some_and(|c| c.starts_with("28") || c == "3D000"))
}

/// The job library's own tables; it keeps their history itself.
async fn graphile_migrate(pool: &PgPool) -> Result<(), StoreError> {
    crate::job_tables::migrate(pool).await
}

/// A transaction inside one workspace: the only value that reaches a tenant table. Dropped without
/// [`TenantTx::commit`], it rolls back.
pub struct TenantTx {
    tx: Transaction<'static, Postgres>,
    pub(crate) actor: Actor,
    /// The actor's time zone, where it is set for the transaction.
    pub(crate) zone: Option<Tz>,
    /// The private part of the policy is lifted for the moment.
    pub(crate) bypasses_visibility: bool,
}

impl TenantTx {
    pub(crate) fn conn(&mut self) -> &mut PgConnection {
        &mut self.tx
    }

    pub(crate) fn workspace(&self) -> WorkspaceId {
        self.actor.workspace
    }

    /// Leaves the fence for the tables of accounts, which no tenant's role reaches; [`TenantTx::as_tenant`] closes it again.
    pub(crate) async fn as_login(&mut self) -> Result<&mut PgConnection, StoreError> {
        sqlx::query("reset role").execute(&mut *self.tx).await?;
        Ok(&mut self.tx)
    }

    pub(crate) async fn as_tenant(&mut self) -> Result<(), StoreError> {
        sqlx::query("set local role rapport_tenant").execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Commits the transaction.
    ///
    /// # Errors
    /// Only `Database`. If the connection is lost meanwhile, the commit may have taken place.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.tx.commit().await?)
    }
}

/// Creates the database `name` in a private server if it does not exist.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn ensure_database(options: &PgConnectOptions, name: &'static str) -> Result<(), StoreError> {
    use sqlx::ConnectOptions;
    let mut conn = options.clone().database("postgres").connect().await?;
    let there: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)").bind(name).fetch_one(&mut conn).await?;
    if !there {
        sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&mut conn).await?;
    }
    Ok(conn.close().await?)
}
