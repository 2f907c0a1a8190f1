//! `make seed`: fills a workspace with made-up records by COPY, for benches, budgets and looking at pages under load.
//!
//! `seed --data DIR --workspace NAME --size 10k|300k`. The same workspace at the same moment gets the same records at every
//! run. A later slice adds its kinds to `plan`, what they say to `fields` and their tables to `fill`.
#![expect(clippy::print_stdout, reason = "a command line answers on standard output")]

mod deals;
mod dice;
mod events;
mod fields;
mod firms;
mod logged;
mod names;
mod people;
mod plan;
mod rows;
mod words;
mod world;

use domain::EntityKind;
use embedded_postgres::{Cluster, Options};
use plan::{Plan, Size};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use std::{path::PathBuf, process::ExitCode, time::Instant};
use store::{Actor, Database, StoreError};
use world::World;

/// A sentence for whoever typed the command.
pub type Failure = Box<dyn std::error::Error>;

const HELP: &str = "Fills a workspace with made-up records.

  make seed ARGS=\"--data data --workspace NAME --size 10k\"

  --data DIR          the data folder of a Rapport, whether its server runs or not
  --database-url URL  instead of it: a database of your own, as a role that row security does not hold
                      (of a folder: postgres:///rapport?host=$(cat DIR/socket)&user=rapport&password=$(cat DIR/password))
  --workspace NAME    made by signing up or by: rapport user add EMAIL --workspace NAME
  --size 10k|300k     contacts; the rest follows
  --seed N            other records than those of seed 1";

/// More people than this are somebody's own, or an earlier filling.
const MOST_CONTACTS: i64 = 100;

struct Arguments {
    data: Option<PathBuf>,
    url: Option<String>,
    workspace: String,
    size: Size,
    seed: u64,
}

fn arguments() -> Result<Option<Arguments>, Failure> {
    let (mut data, mut url, mut workspace, mut size, mut seed) = (None, None, None, None, 1);
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        if name == "--help" || name == "-h" {
            return Ok(None);
        }
        let value = given.next().ok_or_else(|| format!("{name} needs a value; see --help"))?;
        match name.as_str() {
            "--data" => data = Some(PathBuf::from(value)),
            "--database-url" => url = Some(value),
            "--workspace" => workspace = Some(value),
            "--size" => size = Some(Size::named(&value).ok_or("--size is 10k or 300k")?),
            "--seed" => seed = value.parse().map_err(|_| "--seed is a number")?,
            _ => return Err(format!("{name} is not known; see --help").into()),
        }
    }
    if data.is_some() == url.is_some() {
        return Err("say where, with --data DIR or with --database-url URL; see --help".into());
    }
    let workspace = workspace.ok_or("--workspace is needed; see --help")?;
    Ok(Some(Arguments { data, url, workspace, size: size.ok_or("--size is needed; see --help")?, seed }))
}

fn main() -> ExitCode {
    let done = match arguments() {
        Ok(Some(arguments)) => run(&arguments),
        Ok(None) => {
            println!("{HELP}");
            Ok(())
        }
        Err(e) => Err(e),
    };
    if let Err(e) = done {
        eprintln!("seed: {e}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    // On the main thread: a private server ends with the thread that started it.
    let mut own = None;
    let options = match (&arguments.data, &arguments.url) {
        (Some(data), _) => {
            if !data.join("pg").exists() {
                return Err(format!("{} is no data folder of a Rapport", data.display()).into());
            }
            let connection = match embedded_postgres::attach(data) {
                Some(running) => running,
                None => own.insert(Cluster::start(&Options { data: data.clone(), ..Default::default() })?).connection().clone(),
            };
            PgConnectOptions::new_without_pgpass()
                .socket(&connection.socket_folder)
                .port(5432)
                .username(&connection.user)
                .password(&connection.password)
                .database("rapport")
        }
        (None, Some(url)) => url.parse().map_err(|_| "--database-url is not a Postgres address")?,
        (None, None) => return Err(HELP.into()),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(seed(options, arguments))
}

async fn seed(options: PgConnectOptions, arguments: &Arguments) -> Result<(), Failure> {
    let began = Instant::now();
    let db = Database::connect(options.clone(), 1).await?;
    let actor = match db.owner_of(&arguments.workspace).await {
        Err(StoreError::NotFound) => return Err(format!("there is no workspace called “{}”; see --help", arguments.workspace).into()),
        found => found?,
    };
    db.close().await;
    let mut conn = PgConnection::connect_with(&options).await?;
    refuse(&mut conn, &actor).await?;
    let mut plan = Plan::new(World::read(&mut conn, &actor, arguments.seed).await?, arguments.size);
    plan.plan_edits(&arguments.size, 1);
    println!("{:>10} s  planned", seconds(began));
    fill(&mut conn, &plan, &actor).await?;
    let tidied = Instant::now();
    for table in TABLES {
        // Vacuumed too, as it would be by itself some minutes later, in the middle of somebody's measuring.
        sqlx::query(AssertSqlSafe(format!("vacuum (analyze) {table}"))).execute(&mut conn).await?;
    }
    println!("{:>10} s  vacuumed and analyzed", seconds(tidied));
    let size: String = sqlx::query_scalar("select pg_size_pretty(pg_database_size(current_database()))").fetch_one(&mut conn).await?;
    conn.close().await?;
    println!("“{}” is filled after {} s; the database has {size}.", arguments.workspace, seconds(began));
    Ok(())
}

fn seconds(since: Instant) -> String {
    format!("{:.1}", since.elapsed().as_secs_f64())
}

/// All that is filled.
const TABLES: [&str; 16] = [
    "teams",
    "members",
    "products",
    "tags",
    "companies",
    "contacts",
    "contact_emails",
    "contact_phones",
    "deals",
    "deal_contacts",
    "deal_stage_history",
    "interactions",
    "tasks",
    "notes",
    "tagged_items",
    "events",
];

/// Somebody's own records are not mixed with made-up ones, and COPY does not go through row security.
async fn refuse(conn: &mut PgConnection, actor: &Actor) -> Result<(), Failure> {
    let free: bool = sqlx::query_scalar("select rolsuper or rolbypassrls from pg_roles where rolname = current_user").fetch_one(&mut *conn).await?;
    if !free {
        return Err("row security holds this role, and COPY does not work under it; connect as a superuser or one with BYPASSRLS".into());
    }
    let text = "select count(*), exists (select from tags where workspace_id = $1 and deleted_at is null) from contacts where workspace_id = $1";
    let (contacts, tags): (i64, bool) = sqlx::query_as(text).bind(actor.workspace).fetch_one(conn).await?;
    if contacts > MOST_CONTACTS {
        return Err(format!("the workspace has {contacts} contacts already; fill a fresh one").into());
    }
    // Of one name there is one tag.
    if tags { Err("the workspace has tags already; fill a fresh one".into()) } else { Ok(()) }
}

/// Everything in one transaction: a workspace is filled or as it was.
async fn fill(conn: &mut PgConnection, plan: &Plan, actor: &Actor) -> Result<(), Failure> {
    let mut tx = conn.begin().await?;
    for kind in events::KINDS {
        let began = Instant::now();
        let rows = rows::copy_records(&mut tx, plan, kind).await?;
        say(began, rows, kind.plural());
        let began = Instant::now();
        match kind {
            EntityKind::Contact => {
                let (emails, phones) = rows::copy_channels(&mut tx, plan).await?;
                say(began, emails + phones, "e-mail addresses and phone numbers");
            }
            EntityKind::Deal => {
                let people = rows::copy_deal_people(&mut tx, plan).await?;
                say(began, people, "people of deals");
                let began = Instant::now();
                say(began, rows::copy_history(&mut tx, plan).await?, "steps of deals");
            }
            _ => {}
        }
    }
    let began = Instant::now();
    say(began, rows::copy_tags(&mut tx, plan).await?, "tags on records");
    let began = Instant::now();
    join_team(&mut tx, plan, actor).await?;
    let all = plan.events();
    let rows = rows::copy(&mut tx, "events", events::COLUMNS, all.len(), |n, sheet| {
        plan.write_event(&all[n], sheet);
        Ok(())
    })
    .await?;
    say(began, rows + 1, "events");
    let began = Instant::now();
    tx.commit().await?;
    println!("{:>10} s  committed", seconds(began));
    Ok(())
}

fn say(began: Instant, rows: u64, what: &str) {
    println!("{:>10} s  {rows} {what}", seconds(began));
}

/// The owner of the workspace is in the first team. Told like any other edit, by an event of now.
async fn join_team(conn: &mut PgConnection, plan: &Plan, actor: &Actor) -> Result<(), Failure> {
    let team = plan.world.teams[0];
    let changes = json!({"teamId": {"before": null, "after": team, "beforeWords": "", "afterWords": words::TEAMS[0]}});
    let inverse = json!(domain::RecordCommand::Edit {
        kind: EntityKind::Member,
        id: actor.member.0,
        set: [("teamId".to_owned(), serde_json::Value::Null)].into_iter().collect(),
    });
    sqlx::query(
        "with m as (
            update members set team_id = $3, version = version + 1, updated_at = now() where workspace_id = $1 and id = $2 returning id, name, version
         )
         insert into events (workspace_id, id, command_id, member_id, surface, verb, entity, entity_id, title, version, changes, inverse, occurred_at)
         select $1, $4, $5, id, 'cli', 'edited', 'member', id, name, version, $6, $7, now() from m",
    )
    .bind(actor.workspace)
    .bind(actor.member)
    .bind(team)
    .bind(uuid::Uuid::now_v7())
    .bind(uuid::Uuid::now_v7())
    .bind(changes)
    .bind(inverse)
    .execute(conn)
    .await?;
    Ok(())
}
