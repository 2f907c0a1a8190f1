//! Forms without wasm: plain POSTs that become the same commands, and come back with their words when they are wrong.

use crate::{flash::keep_flash, pages::error_page, state::AppState};
use app::{
    AppError,
    context::{Flash, RequestContext},
};
use axum::{
    Extension, Form,
    extract::{Path, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use domain::{CommandId, DealCommand, DealId, EntityKind, Envelope, FieldMap, RecordId, StageId, deals::Place, paths};
use records::{Submitted, create_from_form, given_away};
use serde::Deserialize;
use std::collections::HashMap;
use tower_sessions::Session;
use uuid::Uuid;

/// `POST /do/save/{kind}`: creates or edits a record.
pub async fn save(
    State(state): State<AppState>,
    Extension(request): Extension<RequestContext>,
    session: Session,
    Path(kind): Path<String>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    let Some(actor) = request.actor else { return Redirect::to(paths::SIGN_IN).into_response() };
    let Some(kind) = EntityKind::from_noun(&kind) else { return error_page(&AppError::NotFound, &state) };
    let parsed = |key: &str| form.get(key).and_then(|v| v.parse::<Uuid>().ok());
    let (Some(id), Some(command)) = (parsed("id"), parsed("command_id")) else { return error_page(&AppError::NotFound, &state) };
    let base_version = form.get("base_version").and_then(|v| v.parse().ok());
    let language = app::i18n::asked(&headers);
    // A clock in a form is the clock of whoever fills it in.
    let offsets = match kind.fields().iter().any(|f| f.kind == domain::FieldKind::Instant && form.contains_key(f.key)) {
        // Without it the clock would be taken for another.
        true => match state.db.offsets(&actor, chrono::Utc::now()).await {
            Ok(offsets) => offsets,
            Err(e) => return error_page(&e.into(), &state),
        },
        false => Default::default(),
    };
    let as_meant = |spec: &domain::FieldSpec, text: &str| match spec.kind {
        domain::FieldKind::Instant => app::format::instant_in(&offsets, text).unwrap_or_else(|| text.to_owned()),
        kind if kind.is_number() => language.typed(text),
        _ => text.to_owned(),
    };
    let values: FieldMap = kind
        .fields()
        .iter()
        .filter_map(|spec| form.get(spec.key).map(|v| (spec.key.to_owned(), as_meant(spec, v).into())))
        .filter(|(_, v): &(String, serde_json::Value)| base_version.is_some() || v.as_str().is_none_or(|s| !s.trim().is_empty()))
        .collect();
    let sent = Submitted { kind, id, command: CommandId(command), base_version, values: values.clone() };
    let error = match create_from_form(&state.db, &actor, sent).await {
        // What was given to somebody else to see alone has no page for the giver.
        Ok(_) if given_away(&values, &actor.member.to_string()) => return Redirect::to(paths::list(kind)).into_response(),
        Ok(outcome) => return Redirect::to(&paths::record(kind, outcome.id)).into_response(),
        Err(e) => e,
    };
    let errors = match &error {
        AppError::Invalid(errors) => errors.clone(),
        AppError::Conflict(text) | AppError::Refused(text) => {
            vec![domain::FieldError { field: String::new(), code: "conflict".into(), message: text.clone() }]
        }
        _ => return error_page(&error, &state),
    };
    let (form, back) = match base_version {
        None => (format!("{}:new", kind.noun()), paths::create(kind)),
        Some(_) => (format!("{}:{id}", kind.noun()), format!("/edit/{}/{id}", kind.noun())),
    };
    keep_flash(&session, Flash { form, values, errors }).await;
    Redirect::to(&back).into_response()
}

#[derive(Deserialize)]
pub struct MoveForm {
    deal: DealId,
    stage: StageId,
    command_id: CommandId,
    #[serde(default)]
    reason: Option<String>,
}

/// `POST /do/move`: moves a deal to a stage.
pub async fn move_deal(State(state): State<AppState>, Extension(request): Extension<RequestContext>, Form(form): Form<MoveForm>) -> Response {
    let Some(actor) = request.actor else { return Redirect::to(paths::SIGN_IN).into_response() };
    let command = DealCommand::MoveDeal { deal: form.deal, stage: form.stage, place: Place::Top, reason: form.reason };
    let envelope = Envelope { id: form.command_id, base_version: None, command: command.into() };
    match state.db.dispatch(&actor, &envelope).await {
        Ok(_) => Redirect::to(&paths::record(DealId::KIND, form.deal.0)).into_response(),
        Err(e) => error_page(&e.into(), &state),
    }
}
