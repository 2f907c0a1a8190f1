//! `rapport token`: made, listed and revoked from the command line.
#![expect(clippy::print_stdout, reason = "a command line answers on standard output")]

use crate::config::TokenCommand;
use anyhow::{anyhow, bail};
use chrono::{DateTime, Duration, Utc};
use domain::tokens::TokenLine;
use store::{Database, NewToken, StoreError};

/// Carries out one of them; what fails is a sentence.
pub async fn run(db: &Database, command: TokenCommand) -> anyhow::Result<()> {
    match command {
        TokenCommand::Create { email, workspace, name, expires, read_only } => {
            let now = Utc::now();
            let new = NewToken { name, read_only, expires_at: expires.map(|days| now + Duration::days(days.into())) };
            let actor = match db.member_of(&email, &workspace).await {
                Err(StoreError::NotFound) => bail!("{email} is no member of a workspace called “{workspace}”"),
                other => other?,
            };
            match db.make_token(&actor, &new, now).await {
                Ok((_, token)) => println!("{}", token.0),
                Err(StoreError::Invalid(e)) => bail!("{e}"),
                Err(e) => return Err(e.into()),
            }
        }
        TokenCommand::List { workspace } => {
            let now = Utc::now();
            for token in db.tokens(&owner(db, &workspace).await?).await? {
                println!("{}", line(&token, now));
            }
        }
        TokenCommand::Revoke { id, workspace } => match db.revoke_token(&owner(db, &workspace).await?, id).await {
            Ok(()) => println!("The token {id} is revoked."),
            Err(StoreError::NotFound) => bail!("{workspace} has no working token {id}; see rapport token list --workspace \"{workspace}\""),
            Err(e) => return Err(e.into()),
        },
    }
    Ok(())
}

async fn owner(db: &Database, workspace: &str) -> anyhow::Result<store::Actor> {
    match db.owner_of(workspace).await {
        Err(StoreError::NotFound) => Err(anyhow!("there is no workspace called “{workspace}”")),
        other => Ok(other?),
    }
}

/// Columns apart by tabs, for people and for `cut`.
fn line(token: &TokenLine, now: DateTime<Utc>) -> String {
    let day = |at: DateTime<Utc>| at.format("%Y-%m-%d").to_string();
    let until = match (token.revoked_at, token.expires_at) {
        (Some(at), _) => format!("revoked {}", day(at)),
        (None, Some(at)) if at <= now => format!("expired {}", day(at)),
        (None, Some(at)) => format!("until {}", day(at)),
        (None, None) => "until it is revoked".into(),
    };
    let used = token.last_used_at.map_or("never used".into(), |at| format!("last used {}", at.format("%Y-%m-%d %H:%M UTC")));
    let may = if token.read_only { "read only" } else { "everything" };
    let by = token.by.clone().unwrap_or_default();
    [token.id.to_string(), format!("rap_…{}", token.last4), by, token.name.clone(), may.into(), used, until].join("\t")
}
