//! Server functions of the import wizard. Reading and understanding the file is the server crate's work, reached
//! through a function it puts into the request.

use crate::AppError;
use domain::{
    CommandId, ImportId,
    imports::{ImportKind, ImportOptions, ImportView, PreviewRow},
};
use leptos::{prelude::*, server_fn::codec::Json};

/// The imports so far, and what was wrong with the file that was just sent.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct ImportsView {
    pub imports: Vec<ImportView>,
    pub problem: Option<String>,
}

#[server(prefix = "/fn", endpoint = "imports/list", protocol = crate::sync::Fetched)]
pub async fn list_imports() -> Result<ImportsView, AppError> {
    use crate::{Answer, context};
    async {
        let (db, actor) = context::actor()?;
        let flash = context::request()?.flash.filter(|f| f.form == "import");
        let problem = flash.and_then(|f| f.errors.first().map(|e| e.message.clone()));
        Ok::<_, AppError>(ImportsView { imports: db.import_list(&actor).await?, problem })
    }
    .await
    .answer()
}

#[server(prefix = "/fn", endpoint = "imports/view", protocol = crate::sync::Fetched)]
pub async fn view_import(id: ImportId) -> Result<ImportView, AppError> {
    use crate::{Answer, context};
    async {
        let (db, actor) = context::actor()?;
        Ok::<_, AppError>(db.import_view(&actor, id).await?)
    }
    .await
    .answer()
}

/// Settles kind and columns anew; `targets` has one entry per column.
#[server(prefix = "/fn", endpoint = "imports/describe", protocol = crate::sync::Fetched<Json>)]
pub async fn describe_import(id: ImportId, kind: ImportKind, targets: Option<Vec<String>>) -> Result<ImportView, AppError> {
    use crate::{Answer, context};
    async {
        let (db, actor) = context::actor()?;
        let describe = super::reading::describer()?;
        db.refuse_settling(&actor, id).await?;
        describe(db.clone(), actor.clone(), id, Some(kind), targets).await?;
        Ok::<_, AppError>(db.import_view(&actor, id).await?)
    }
    .await
    .answer()
}

/// Settles what happens where the file leaves it open.
#[server(prefix = "/fn", endpoint = "imports/choose", protocol = crate::sync::Fetched<Json>)]
pub async fn choose_import(id: ImportId, options: ImportOptions) -> Result<(), AppError> {
    use crate::{Answer, context};
    async {
        let (db, actor) = context::actor()?;
        Ok::<_, AppError>(db.set_import_options(&actor, id, &options).await?)
    }
    .await
    .answer()
}

/// The first rows as they would be taken.
#[server(prefix = "/fn", endpoint = "imports/preview", protocol = crate::sync::Fetched<Json>)]
pub async fn preview_import(id: ImportId) -> Result<Vec<PreviewRow>, AppError> {
    use crate::{Answer, context};
    async {
        let (db, actor) = context::actor()?;
        let run = super::reading::previewer()?;
        run(db, actor, id).await
    }
    .await
    .answer()
}

/// What would happen: findings of the first rows.
#[server(prefix = "/fn", endpoint = "imports/dry_run", protocol = crate::sync::Fetched<Json>)]
pub async fn dry_run(id: ImportId) -> Result<Vec<domain::imports::FindingView>, AppError> {
    use crate::{Answer, context};
    async {
        let (db, actor) = context::actor()?;
        let run = super::reading::dry_runner()?;
        run(db, actor, id).await
    }
    .await
    .answer()
}

#[server(prefix = "/fn", endpoint = "imports/start", protocol = crate::sync::Fetched<Json>)]
pub async fn start_import(id: ImportId, options: ImportOptions) -> Result<(), AppError> {
    use crate::{Answer, context};
    async {
        let (db, actor) = context::actor()?;
        Ok::<_, AppError>(db.start_import_as(&actor, id, Some(&options), None).await?)
    }
    .await
    .answer()
}

/// Takes back an import.
#[server(prefix = "/fn", endpoint = "imports/undo", protocol = crate::sync::Fetched<Json>)]
pub async fn undo_import(command: CommandId, id: ImportId) -> Result<ImportView, AppError> {
    use crate::{Answer, context};
    use domain::{Envelope, ImportCommand};
    async {
        let (db, actor) = context::actor()?;
        let envelope = Envelope { id: command, base_version: None, command: ImportCommand::UndoImport { import: id }.into() };
        db.dispatch(&actor, &envelope).await?;
        Ok::<_, AppError>(db.import_view(&actor, id).await?)
    }
    .await
    .answer()
}
