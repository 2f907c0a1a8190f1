//! The two writing endpoints: a command, and the undo of an event.

use crate::AppError;
#[cfg(feature = "ssr")]
use domain::Envelope;
use domain::{CommandId, EventId, Outcome};
use leptos::{prelude::*, server_fn::codec::Json};
use serde_json::Value;
use uuid::Uuid;

/// Executes a command of the signed-in member. The envelope is opaque JSON, because the browser never deserialises it.
#[server(prefix = "/fn", endpoint = "commands/dispatch", protocol = crate::sync::Fetched<Json>)]
pub async fn dispatch_command(envelope: Value, member: Uuid, workspace: Option<Uuid>) -> Result<Outcome, AppError> {
    use crate::{Answer, context};
    async {
        let envelope: Envelope = serde_json::from_value(envelope).map_err(|_| AppError::unreadable())?;
        let (db, actor) = context::actor()?;
        context::same_person(&actor, member, workspace)?;
        if envelope.command.needs_confirmation() {
            context::request()?.recently_confirmed()?;
        }
        Ok::<_, AppError>(db.dispatch(&actor, &envelope).await?)
    }
    .await
    .answer()
}

/// Checks whether the session is still `member`'s in `workspace`; `SignInNeeded` otherwise.
#[server(prefix = "/fn", endpoint = "session/same", protocol = crate::sync::Fetched<Json>)]
pub async fn same_session(member: Uuid, workspace: Option<Uuid>) -> Result<(), AppError> {
    use crate::{Answer, context};
    context::actor().and_then(|(_, actor)| context::same_person(&actor, member, workspace)).answer()
}

/// Undoes an event.
#[server(prefix = "/fn", endpoint = "commands/undo", protocol = crate::sync::Fetched<Json>)]
pub async fn undo_event(id: CommandId, event: EventId, member: Uuid, workspace: Option<Uuid>) -> Result<Outcome, AppError> {
    use crate::{Answer, context};
    async {
        let (db, actor) = context::actor()?;
        context::same_person(&actor, member, workspace)?;
        Ok::<_, AppError>(db.undo(&actor, id, event).await?)
    }
    .await
    .answer()
}
