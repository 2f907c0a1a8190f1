//! Every setting, as a flag and as an environment variable.

use crate::trusted::Trusted;
use clap::{Args, Parser, Subcommand};
use std::{net::SocketAddr, path::PathBuf, time::Duration};

/// Rapport: a CRM with its own Postgres, in one program.
#[derive(Debug, Parser)]
#[command(name = "rapport", version, about)]
pub struct Cli {
    #[command(flatten)]
    pub settings: Settings,
    #[command(subcommand)]
    pub command: Option<Subcommands>,
}

#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// Address to serve on; 0.0.0.0:3000 lets phones of the same network in.
    #[arg(long, env = "RAPPORT_LISTEN", default_value = "127.0.0.1:3000", global = true)]
    pub listen: SocketAddr,
    /// Folder of the private Postgres and everything else that is kept.
    #[arg(long, env = "RAPPORT_DATA", default_value = "./data", global = true)]
    pub data: PathBuf,
    /// Use this Postgres (15 or newer) instead of a private one: postgres://user:password@host/database
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true)]
    pub database_url: Option<String>,
    /// Address people type, if it is not --listen; https here makes cookies secure.
    #[arg(long, env = "RAPPORT_BASE_URL", global = true)]
    pub base_url: Option<String>,
    /// Connections to the database.
    #[arg(long, env = "RAPPORT_CONNECTIONS", default_value_t = 16, value_parser = clap::value_parser!(u32).range(2..=1000), global = true)]
    pub connections: u32,
    /// Write logs as JSON lines.
    #[arg(long, env = "RAPPORT_LOG_JSON", global = true)]
    pub log_json: bool,
    /// What to log, as in `info,server=debug`.
    #[arg(long, env = "RAPPORT_LOG", default_value = "info,graphile_worker=warn,sqlx=warn", global = true)]
    pub log: String,
    /// Who may make an account: anybody, only whom somebody invited, or nobody.
    #[arg(long, env = "RAPPORT_SIGNUP", value_enum, default_value_t = Signup::Open, global = true)]
    pub signup: Signup,
    /// Mail server for notifications and forgotten passwords: smtps://user:password@host, or smtp://host:25 without TLS.
    #[arg(long, env = "RAPPORT_SMTP_URL", hide_env_values = true, requires = "mail_from", global = true)]
    pub smtp_url: Option<String>,
    /// Who mails come from, such as: Rapport <crm@example.com>
    #[arg(long, env = "RAPPORT_MAIL_FROM", global = true)]
    pub mail_from: Option<String>,
    /// Send to addresses of this machine and its network too, over plain http as well: for services of one's own. Without it
    /// only public addresses are asked.
    #[arg(long, env = "RAPPORT_PRIVATE_TARGETS", global = true)]
    pub private_targets: bool,
    /// Token that /metrics asks for; without one there is no /metrics.
    #[arg(long, env = "RAPPORT_METRICS_TOKEN", hide_env_values = true, global = true)]
    pub metrics_token: Option<String>,
    /// Proxies that are believed when they say who asks: addresses or ranges such as 10.0.0.0/8, several with commas between
    /// them; `loopback` stands for every address of this machine.
    #[arg(long, env = "RAPPORT_TRUSTED_PROXY", value_delimiter = ',', value_parser = crate::trusted::ranges, global = true)]
    pub trusted_proxy: Vec<Trusted>,
    /// Minutes that an entered password counts in a browser, before roles, tokens, share links and deletions ask for it
    /// again; 0 asks every time.
    #[arg(long, env = "RAPPORT_PASSWORD_MINUTES", default_value_t = 15, value_parser = clap::value_parser!(u16).range(0..=1440), global = true)]
    pub password_minutes: u16,
    /// Let the server make a backup this often, such as 1d or 12h, into backups in the data folder.
    #[arg(long, env = "RAPPORT_BACKUP_EVERY", value_parser = humantime::parse_duration, global = true)]
    pub backup_every: Option<Duration>,
    /// How many of these backups stay; older ones are deleted. Backups made otherwise always stay.
    #[arg(long, env = "RAPPORT_BACKUP_KEEP", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=10_000), global = true)]
    pub backup_keep: u32,
    /// Largest file that can be imported, in megabytes.
    #[arg(long, env = "RAPPORT_IMPORT_MB", default_value_t = 200, global = true)]
    pub import_mb: usize,
}

#[derive(Debug, Subcommand)]
pub enum Subcommands {
    /// Serve (what happens without a subcommand).
    Serve,
    /// Work background jobs only, without serving pages.
    Work,
    /// Bring the database schema up to date.
    Migrate,
    /// Import CSV files; kinds and columns are recognised.
    Import {
        #[arg(required = true)]
        files: Vec<PathBuf>,
        #[arg(long)]
        workspace: String,
    },
    /// Manage accounts.
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Manage API tokens.
    Token {
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// Check the installation.
    Doctor,
    /// Write everything, as it stands at one moment, into a file (without a name: under backups in the data folder).
    Backup { file: Option<PathBuf> },
    /// Put a backup in the place of what is there; what is there is kept aside. The server must be stopped.
    Restore { file: PathBuf },
    /// Go back to the newest backup that this program's schema can hold, such as the one made before an upgrade.
    Rollback,
    /// Make a workspace called Demo with sample data and an account to look at it, then serve it.
    Demo,
}

/// Who may make an account here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Signup {
    Open,
    Invite,
    Closed,
}

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Give an account another address.
    Email { old: String, new: String },
    /// Add an account; the password is read from standard input. The workspace is made if there is none of that name.
    Add {
        email: String,
        #[arg(long)]
        workspace: String,
    },
    /// Set a new password, read from standard input; every browser of the account is signed out, and its API tokens end.
    Reset {
        email: String,
        /// Let the account's API tokens go on.
        #[arg(long)]
        keep_tokens: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make an API token and print it alone.
    Create {
        email: String,
        #[arg(long)]
        workspace: String,
        /// What it is for.
        #[arg(long, default_value = "command line")]
        name: String,
        /// Days it works; without it, until it is revoked.
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=3650))]
        expires: Option<u16>,
        /// It may look, and change nothing.
        #[arg(long)]
        read_only: bool,
    },
    /// List the API tokens of a workspace.
    List {
        #[arg(long)]
        workspace: String,
    },
    /// End an API token, named by its id in the list.
    Revoke {
        id: uuid::Uuid,
        #[arg(long)]
        workspace: String,
    },
}

impl Settings {
    /// The address people type.
    pub fn base_url(&self) -> String {
        match &self.base_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.listen),
        }
    }

    pub fn is_secure(&self) -> bool {
        self.base_url().starts_with("https://")
    }

    /// All proxies that are believed.
    pub fn trusted(&self) -> Trusted {
        self.trusted_proxy.iter().cloned().collect()
    }

    /// Settings that cannot work, as a sentence naming the setting.
    pub fn check(&self) -> Result<(), String> {
        if let Some(url) = &self.base_url
            && !(url.starts_with("http://") || url.starts_with("https://"))
        {
            return Err(format!("--base-url (RAPPORT_BASE_URL) must start with http:// or https://, not “{url}”"));
        }
        if let Some(url) = &self.database_url
            && !(url.starts_with("postgres://") || url.starts_with("postgresql://"))
        {
            return Err("--database-url (DATABASE_URL) must start with postgres://".into());
        }
        if self.backup_every.is_some_and(|every| every < Duration::from_secs(60) || every > Duration::from_secs(366 * 24 * 60 * 60)) {
            return Err("--backup-every (RAPPORT_BACKUP_EVERY) must be between 1min and 366d".into());
        }
        if tracing_subscriber::EnvFilter::try_new(&self.log).is_err() {
            return Err(format!("--log (RAPPORT_LOG) cannot be understood: “{}”", self.log));
        }
        Ok(())
    }
}
