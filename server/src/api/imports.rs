//! Imports by program: send the file as the body, look at what was understood, start, watch, take back.

use super::{Answer, Caller, body, command_id, created, data, dispatch, id, idempotency_key, openapi::Api, parameters::NEW_IMPORT, wrong};
use crate::imports as reading;
use axum::{
    RequestExt,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Query, Request},
    http::HeaderMap,
    routing::post,
};
use domain::{
    ImportCommand, ImportId,
    imports::{ImportKind, ImportOptions, ImportView},
};
use futures::StreamExt;
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// The routes with their documentation; `bytes` is the maximum size of a file.
pub fn operations(api: Api, bytes: usize) -> Api {
    let create = post(create).layer(DefaultBodyLimit::max(bytes));
    api.get("/api/v1/imports", list, |d| d.gives::<Vec<ImportView>>())
        .add("post", "/api/v1/imports", create, |d| d.query(NEW_IMPORT).takes_file().creates::<ImportView>())
        .get("/api/v1/imports/{id}", show, |d| d.gives::<ImportView>())
        .post("/api/v1/imports/{id}/start", start, |d| d.may_take::<Option<ImportOptions>>().gives::<ImportView>())
        .post("/api/v1/imports/{id}/undo", undo, |d| d.gives::<ImportView>())
        .post("/api/v1/sample", add_sample, |d| d.creates::<ImportView>())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewImport {
    file_name: Option<String>,
    /// Left out: recognised by the header.
    kind: Option<String>,
}

pub async fn list(caller: Caller) -> Answer {
    Ok(data(caller.db.import_list(&caller.actor).await?))
}

pub async fn create(caller: Caller, Query(query): Query<NewImport>, request: Request) -> Answer {
    let kind = match query.kind.as_deref() {
        None => None,
        Some(code) => {
            let known = || ImportKind::all().map(ImportKind::code).collect::<Vec<_>>().join(", ");
            Some(ImportKind::from_code(code).ok_or_else(|| wrong("kind", "choice", format!("kind must be one of {}", known())))?)
        }
    };
    let file_name = query.file_name.as_deref().unwrap_or("upload.csv");
    let key = idempotency_key(request.headers()).map(|_| command_id(&caller.actor, request.headers(), "import"));
    let mut sent = Sha256::new();
    sent.update(serde_json::json!([file_name, query.kind]).to_string());
    let chunks = request.into_limited_body().into_data_stream().inspect(|chunk| {
        if let (Some(_), Ok(bytes)) = (key, chunk) {
            sent.update(bytes);
        }
    });
    let import = reading::draft(&caller.db, &caller.actor, file_name, chunks, kind).await?;
    // Known as the same request only now that the whole file is here.
    let import = match key {
        Some(key) => caller.db.keep_first_import(&caller.actor, import, key, &sent.finalize()).await?,
        None => import,
    };
    Ok(created(caller.db.import_view(&caller.actor, import).await?))
}

pub async fn show(caller: Caller, Path(import): Path<String>) -> Answer {
    Ok(data(caller.db.import_view(&caller.actor, ImportId(id(&import)?)).await?))
}

/// A body, if there is one, settles what the file leaves open: `{"known": "fill|skip|create", "products": {"GTXPro": "GTX Pro"}}`.
pub async fn start(caller: Caller, Path(import): Path<String>, headers: HeaderMap, bytes: Bytes) -> Answer {
    let import = ImportId(id(&import)?);
    // Says "not found" for what is not the caller's.
    caller.db.import_view(&caller.actor, import).await?;
    let options = if bytes.is_empty() { None } else { body::<Option<ImportOptions>>(&bytes)? };
    let sent = Sha256::digest(&bytes);
    let key = idempotency_key(&headers).map(|_| command_id(&caller.actor, &headers, &format!("start import {import}")));
    caller.db.start_import_as(&caller.actor, import, options.as_ref(), key.map(|key| (key, &sent[..]))).await?;
    Ok(data(caller.db.import_view(&caller.actor, import).await?))
}

pub async fn undo(caller: Caller, Path(import): Path<String>, headers: HeaderMap) -> Answer {
    let import = ImportId(id(&import)?);
    dispatch(&caller, &headers, &format!("undo import {import}"), None, ImportCommand::UndoImport { import }).await?;
    Ok(data(caller.db.import_view(&caller.actor, import).await?))
}

/// Adds the sample data; the answer is the import that takes it back.
pub async fn add_sample(caller: Caller, headers: HeaderMap) -> Answer {
    let import = ImportId(super::new_id(&caller.actor, &headers, "sample"));
    dispatch(&caller, &headers, "sample", None, ImportCommand::AddSample { import }).await?;
    Ok(created(caller.db.import_view(&caller.actor, import).await?))
}
