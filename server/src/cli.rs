//! The command line: serve, and the chores beside it.
#![expect(clippy::print_stdout, reason = "a command line answers on standard output")]

use crate::{
    accept, assets, backups, beside,
    config::{Cli, Settings, Subcommands, UserCommand},
    egress::Egress,
    imports,
    mail::Mailer,
    postgres::{self, Running},
    push::Pusher,
    router::router,
    sentence::sentence,
    state::AppState,
    supervisor::Supervisor,
    token_commands as tokens,
    weak_password::weak_password,
};
use anyhow::{Context, anyhow, bail};
use bytes::Bytes;
use clap::Parser;
use domain::{Envelope, ImportCommand, ImportId, pipelines::template};
use indicatif::{ProgressBar, ProgressStyle};
use leptos::prelude::LeptosOptions;
use std::{io::Read, path::PathBuf, process::ExitCode, time::Duration};
use store::{Database, StoreError};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

/// Runs the program; every failure is one sentence on standard error.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("rapport: {}", sentence(&e));
            ExitCode::FAILURE
        }
    }
}

fn logging(settings: &Settings) {
    let filter = EnvFilter::try_new(&settings.log).unwrap_or_default();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if settings.log_json {
        builder.json().init();
    } else {
        builder.with_target(false).init();
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let settings = cli.settings;
    settings.check().map_err(|e| anyhow!(e))?;
    logging(&settings);
    let command = cli.command.unwrap_or(Subcommands::Serve);
    // On the main thread, before any other: the private server lives as long as the thread that started it.
    let running = match command {
        Subcommands::Serve | Subcommands::Work | Subcommands::Demo | Subcommands::Restore { .. } | Subcommands::Rollback => {
            postgres::start(&settings)?
        }
        _ => postgres::find_or_start(&settings)?,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("the runtime could not start")?;
    let result = runtime.block_on(async {
        // These work on the database as a whole, before anybody is connected to it.
        match &command {
            Subcommands::Restore { file } => return backups::restore(&settings, &running, file).await,
            Subcommands::Rollback => return backups::rollback(&settings, &running).await,
            _ => {}
        }
        let db = running.open(&settings).await?;
        if running.cluster.is_some() {
            // The folder is ours alone, so whoever held jobs here is dead.
            db.release_jobs().await?;
        }
        let result = match command {
            Subcommands::Serve => serve(&settings, db.clone(), &running).await,
            Subcommands::Work => work(&db, &running).await,
            Subcommands::Migrate => {
                println!("The database schema is up to date.");
                Ok(())
            }
            Subcommands::Import { files, workspace } => import(&db, &running, files, &workspace).await,
            Subcommands::User { command: UserCommand::Add { email, workspace } } => add_user(&db, &email, &workspace).await,
            Subcommands::User { command: UserCommand::Reset { email, keep_tokens } } => reset_password(&db, &email, !keep_tokens).await,
            Subcommands::User { command: UserCommand::Email { old, new } } => change_email(&db, &old, &new).await,
            Subcommands::Token { command } => tokens::run(&db, command).await,
            Subcommands::Backup { file } => backups::backup(&settings, &db, file).await,
            Subcommands::Restore { .. } | Subcommands::Rollback => Ok(()),
            Subcommands::Demo => demo(&settings, db.clone(), &running).await,
            Subcommands::Doctor => doctor(&settings, &db, &running).await,
        };
        db.close().await;
        result
    });
    runtime.shutdown_timeout(Duration::from_secs(2));
    if let Some(cluster) = running.cluster {
        cluster.stop();
    }
    result
}

async fn serve(settings: &Settings, db: Database, running: &Running) -> anyhow::Result<()> {
    let output = assets::output_name().ok_or_else(|| anyhow!("the front end was not built; run make build"))?;
    let style = assets::style_sheet().ok_or_else(|| anyhow!("the style sheet was not built; run make build"))?;
    let listener = TcpListener::bind(settings.listen)
        .await
        .with_context(|| format!("--listen (RAPPORT_LISTEN) {} cannot be used; choose another port with --listen 127.0.0.1:3001", settings.listen))?;
    let leptos = LeptosOptions::builder().output_name(output).site_root("dist").site_pkg_dir("pkg").site_addr(settings.listen).build();
    if settings.smtp_url.is_some() && settings.base_url.is_none() && !settings.listen.ip().is_loopback() {
        bail!("mails hold links, so --smtp-url needs --base-url (RAPPORT_BASE_URL), the address that people type");
    }
    let mailer = match (&settings.smtp_url, &settings.mail_from) {
        (Some(url), Some(from)) => Some(Mailer::new(url, from, &settings.base_url()).map_err(|e| anyhow!(e))?),
        _ => None,
    };
    let egress = Egress::new(settings.private_targets).map_err(|e| anyhow!(e))?;
    let pusher = Pusher::new(&db, egress, &contact(settings)).await?;
    let beside = supervisor(running);
    let state = AppState {
        beside: beside.clone(),
        push_key: pusher.public_key().into(),
        pusher: pusher.clone(),
        db: db.clone(),
        leptos,
        style: style.into(),
        secure: settings.is_secure(),
        base_url: settings.base_url().into(),
        import_bytes: settings.import_mb * 1024 * 1024,
        signup: settings.signup,
        mail: settings.smtp_url.is_some(),
        password_counts: chrono::Duration::minutes(settings.password_minutes.into()),
        metrics_token: settings.metrics_token.as_deref().filter(|token| !token.is_empty()).map(Into::into),
        trusted: settings.trusted(),
    };
    beside::start(&beside, &db, running.cluster.is_some(), &pusher, mailer, backups::Schedule::of(settings));
    println!("Rapport is at {}", settings.base_url());
    let mut ended = Ok(());
    let limits = accept::Limits::of_this_process(state.trusted.clone());
    accept::serve(listener, router(state), limits, async { ended = stopped(&beside).await }).await;
    beside.stop();
    ended
}

/// Over what runs beside the requests, our own Postgres included: when that cannot be brought back, the program ends.
fn supervisor(running: &Running) -> Supervisor {
    let supervisor = Supervisor::default();
    if let Some(cluster) = &running.cluster {
        let ends = supervisor.clone();
        cluster.when_given_up(move |e| ends.end(e.to_string()));
    }
    supervisor
}

/// Ready when somebody stops the program, or when it cannot go on.
async fn stopped(beside: &Supervisor) -> anyhow::Result<()> {
    tokio::select! {
        () = stop_signal() => Ok(()),
        why = beside.ended() => Err(anyhow!("stopping, because {why}")),
    }
}

/// Whom a push service may write to about this installation (RFC 8292 §2.1).
fn contact(settings: &Settings) -> String {
    let mail = settings.mail_from.as_deref().and_then(|m| m.parse::<lettre::message::Mailbox>().ok());
    mail.map_or_else(|| settings.base_url(), |m| format!("mailto:{}", m.email))
}

async fn work(db: &Database, running: &Running) -> anyhow::Result<()> {
    let beside = supervisor(running);
    beside::start_work(&beside, db, running.cluster.is_some());
    stopped(&beside).await
}

async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping: requests under way may finish");
}

async fn import(db: &Database, running: &Running, files: Vec<PathBuf>, workspace: &str) -> anyhow::Result<()> {
    let actor = match db.owner_of(workspace).await {
        Ok(actor) => actor,
        Err(StoreError::NotFound) => {
            bail!("there is no workspace called “{workspace}”; make one with: rapport user add EMAIL --workspace \"{workspace}\"")
        }
        Err(e) => return Err(e.into()),
    };
    // Where no server runs, its work is done here.
    let beside = supervisor(running);
    if running.cluster.is_some() {
        beside::start_work(&beside, db, true);
    }
    let mut failed = 0;
    for file in in_order(files)? {
        failed += tokio::select! {
            done = import_file(db, &actor, &file) => done?,
            why = beside.ended() => bail!("{why}"),
        };
    }
    beside.stop();
    if failed > 0 {
        println!("{failed} rows could not be taken; see the import's page for their reasons.");
    }
    Ok(())
}

/// Records before the deals that refer to them, so that names meet their full records.
fn in_order(files: Vec<PathBuf>) -> anyhow::Result<Vec<PathBuf>> {
    let mut keyed = Vec::new();
    for file in files {
        let mut head = Vec::new();
        std::fs::File::open(&file)
            .and_then(|f| f.take(64 * 1024).read_to_end(&mut head))
            .with_context(|| format!("{} cannot be read", file.display()))?;
        let text = String::from_utf8_lossy(&head);
        let first = text.lines().next().unwrap_or_default();
        let headers: Vec<String> = first.split([',', ';', '\t', '|']).map(|h| h.trim_matches('"').to_owned()).collect();
        let late = domain::imports::sniff_kind(&headers).names_others();
        keyed.push((late, file));
    }
    keyed.sort_by_key(|k| k.0);
    Ok(keyed.into_iter().map(|k| k.1).collect())
}

async fn import_file(db: &Database, actor: &store::Actor, file: &std::path::Path) -> anyhow::Result<i64> {
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let mut source = std::fs::File::open(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let mut buffer = vec![0; 256 * 1024];
    let chunks = std::iter::from_fn(|| source.read(&mut buffer).map(|n| (n > 0).then(|| Bytes::copy_from_slice(&buffer[..n]))).transpose());
    let id = imports::draft(db, actor, &name, futures::stream::iter(chunks), None).await.map_err(|e| anyhow!("{name}: {e}"))?;
    db.start_import(actor, id).await?;
    let bar = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{prefix:24} {bar:30} {pos}/{len}") {
        bar.set_style(style);
    }
    bar.set_prefix(name.clone());
    loop {
        let view = db.import_view(actor, id).await?;
        bar.set_length(view.rows_total.max(0) as u64);
        bar.set_position(view.rows_done.max(0) as u64);
        match view.status.as_str() {
            "done" => {
                bar.finish_and_clear();
                println!(
                    "{name}: {} as {}: {} added, {} known, {} failed",
                    view.rows_done,
                    view.kind.label(),
                    view.created,
                    view.matched,
                    view.failed
                );
                return Ok(view.failed);
            }
            "failed" => {
                bar.abandon();
                bail!("{name}: {}", view.error.unwrap_or_default());
            }
            _ => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

/// A password from standard input that is good enough.
fn read_password(email: &str) -> anyhow::Result<String> {
    let mut password = String::new();
    std::io::stdin().read_to_string(&mut password).context("the password is read from standard input")?;
    let password = password.trim_end_matches(['\r', '\n']);
    match weak_password(password, email) {
        Some(why) => bail!("{why}"),
        None => Ok(password.to_owned()),
    }
}

async fn reset_password(db: &Database, email: &str, tokens: bool) -> anyhow::Result<()> {
    match db.reset_password(email, &read_password(email)?, tokens).await {
        Ok(()) => {
            let of_tokens = if tokens { ", and all API tokens have ended" } else { "" };
            println!("{email} has a new password; all browsers are signed out{of_tokens}.");
            Ok(())
        }
        Err(StoreError::NotFound) => bail!("there is no account for {email}"),
        Err(e) => Err(e.into()),
    }
}

async fn change_email(db: &Database, old: &str, new: &str) -> anyhow::Result<()> {
    let new = domain::addresses::Address::new(new).map_err(|e| anyhow!("{e}"))?.text;
    match db.change_email(old, &new).await {
        Ok(()) => {
            println!("{old} signs in as {new} from now on.");
            Ok(())
        }
        Err(StoreError::NotFound) => bail!("there is no account for {old}"),
        Err(e) => Err(e.into()),
    }
}

async fn add_user(db: &Database, email: &str, workspace: &str) -> anyhow::Result<()> {
    let password = read_password(email)?;
    let sales = template("sales").ok_or_else(|| anyhow!("the sales template is missing"))?;
    match db.add_user(email, &password, workspace, sales).await {
        Ok(_) => {
            println!("{email} can sign in to {workspace}.");
            Ok(())
        }
        Err(StoreError::Invalid(e)) => bail!("{e}"),
        Err(e) => Err(e.into()),
    }
}

const DEMO_EMAIL: &str = "demo@example.com";
const DEMO_PASSWORD: &str = "three unrelated words";

/// A workspace to look around in. Run again, it is as it was left.
async fn demo(settings: &Settings, db: Database, running: &Running) -> anyhow::Result<()> {
    if !settings.listen.ip().is_loopback() {
        bail!("the demo has a password that everybody knows, so --listen must be an address of this machine alone");
    }
    if let Err(StoreError::NotFound) = db.owner_of("Demo").await {
        let sales = template("sales").ok_or_else(|| anyhow!("the sales template is missing"))?;
        db.add_user(DEMO_EMAIL, DEMO_PASSWORD, "Demo", sales).await?;
        let actor = db.owner_of("Demo").await?;
        let command = ImportCommand::AddSample { import: ImportId::new() };
        db.dispatch(&actor, &Envelope::new(command, None)).await?;
    }
    println!("Sign in as {DEMO_EMAIL} with the password: {DEMO_PASSWORD}");
    serve(settings, db, running).await
}

async fn doctor(settings: &Settings, db: &Database, running: &Running) -> anyhow::Result<()> {
    println!("database  PostgreSQL {}", db.server_version().await?);
    let whose = match (&running.cluster, &settings.database_url) {
        (Some(_), _) => format!("private, in {}", settings.data.display()),
        (None, Some(_)) => "the one of DATABASE_URL".into(),
        (None, None) => format!("private, in {}, run by another process", settings.data.display()),
    };
    println!("          {whose}");
    println!("schema    up to date; the restricted role can be taken");
    println!("backups   {}", backups::report(settings, &db.backup_state().await?));
    match (assets::output_name(), assets::style_sheet()) {
        (Some(name), Some(_)) => println!("front end {name}"),
        _ => println!("front end missing: run make build"),
    }
    for (email, older) in db.twin_addresses().await? {
        println!("accounts  {email} reads like {older}, which is older; rename one with: rapport user email {email} NEW");
    }
    println!(
        "address   {}{}",
        settings.base_url(),
        if settings.is_secure() { "" } else { " (no TLS: fine on this machine; put a proxy with TLS in front for others)" }
    );
    Ok(())
}
