//! Server functions that serve every kind of record.

use crate::AppError;
use domain::{EntityKind, FieldError, FieldMap, RecordId};
use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What a record is called.
#[server(prefix = "/fn", endpoint = "records/name", protocol = crate::sync::Cached)]
pub async fn record_name(kind: EntityKind, id: Uuid) -> Result<String, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant_generic(domain::Permission::ViewRecords).await?;
        Ok::<_, AppError>(store::get_record(&mut tx, kind, id).await?.title)
    }
    .await
    .answer()
}

/// The same by a typed id.
pub async fn name_of<I: RecordId>(id: I) -> Result<String, AppError> {
    record_name(I::KIND, id.into()).await
}

/// Records of the kind of a typed id whose names contain `q`; none while the server is away.
pub async fn named<I: RecordId>(q: String) -> Vec<(Uuid, String)> {
    record_options(I::KIND, q).await.unwrap_or_default()
}

#[server(prefix = "/fn", endpoint = "records/options", protocol = crate::sync::Cached)]
pub async fn record_options(kind: EntityKind, q: String) -> Result<Vec<(Uuid, String)>, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant(domain::Permission::ViewRecords).await?;
        Ok::<_, AppError>(store::options(&mut tx, kind, q.trim(), 20).await?)
    }
    .await
    .answer()
}

/// Version and tags of several records, for changing them together.
#[server(prefix = "/fn", endpoint = "records/tags_of", protocol = crate::sync::Fetched<Json>)]
pub async fn tags_of_many(kind: EntityKind, ids: Vec<Uuid>) -> Result<Vec<(Uuid, i64, Vec<String>)>, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant_generic(domain::Permission::ViewRecords).await?;
        let mut out = Vec::new();
        for id in ids.into_iter().take(domain::page::PAGE_ROWS as usize) {
            let record = store::get_record(&mut tx, kind, id).await?;
            let tags = record.fields.get("tags").and_then(|v| v.as_array().cloned()).unwrap_or_default();
            out.push((id, record.version, tags.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()));
        }
        Ok::<_, AppError>(out)
    }
    .await
    .answer()
}

/// Members with an account, whom a mention tells something.
#[server(prefix = "/fn", endpoint = "records/people", protocol = crate::sync::Cached)]
pub async fn mentionable(q: String) -> Result<Vec<(Uuid, String)>, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant(domain::Permission::ViewRecords).await?;
        Ok::<_, AppError>(store::mentionable(&mut tx, q.trim(), 6).await?)
    }
    .await
    .answer()
}

/// What a create or edit form starts from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FormContext {
    pub kind: EntityKind,
    /// The record, or the id it will have.
    pub id: Uuid,
    pub base_version: Option<i64>,
    pub values: FieldMap,
    pub errors: Vec<FieldError>,
    /// Choices of reference fields by field key.
    pub options: BTreeMap<String, Vec<(String, String)>>,
    /// Words offered while typing, by field key.
    pub suggestions: BTreeMap<String, Vec<String>>,
}

#[server(prefix = "/fn", endpoint = "records/form", protocol = crate::sync::Cached)]
pub async fn read_form(kind: EntityKind, id: Option<Uuid>) -> Result<FormContext, AppError> {
    use crate::{Answer, context};
    use domain::{FieldKind, Permission};
    async {
        let request = context::request()?;
        let mut tx = context::tenant_generic(Permission::ViewRecords).await?;
        let mut form = FormContext {
            kind,
            id: id.unwrap_or_else(Uuid::now_v7),
            base_version: None,
            values: FieldMap::new(),
            errors: Vec::new(),
            options: BTreeMap::new(),
            suggestions: BTreeMap::new(),
        };
        let mut present = BTreeMap::new();
        if let Some(id) = id {
            let record = store::get_record(&mut tx, kind, id).await?;
            present.extend(kind.fields().iter().filter_map(|spec| Some((spec.key, record.label(spec.key)?.to_owned()))));
            form.base_version = Some(record.version);
            for spec in kind.fields() {
                let text = record.label(spec.key).map_or_else(|| record.text(spec.key), str::to_owned);
                let raw = if spec.kind.is_typed_by_name() { text } else { record.text(spec.key) };
                form.values.insert(spec.key.into(), raw.into());
            }
        }
        let name = format!("{}:{}", kind.noun(), id.map_or_else(|| "new".to_owned(), |i| i.to_string()));
        if let Some(flash) = request.flash.filter(|f| f.form == name) {
            form.values = flash.values;
            form.errors = flash.errors;
        }
        for spec in kind.fields() {
            let mut choices: Vec<(String, String)> = match spec.kind {
                // A name, not an id: found among the suggestions, or new.
                FieldKind::Ref(target) if spec.kind.is_typed_by_name() => {
                    let names = store::options(&mut tx, target, "", 200).await?;
                    form.suggestions.insert(spec.key.into(), names.into_iter().map(|(_, n)| n).collect());
                    continue;
                }
                FieldKind::Ref(target) => store::choices(&mut tx, target).await?.into_iter().map(|(i, n)| (i.to_string(), n)).collect(),
                _ => continue,
            };
            // The value that the record has is always among them, so that saving the form does not change it.
            let value = form.values.get(spec.key).and_then(|v| v.as_str()).unwrap_or_default();
            if let Some(name) = present.get(spec.key).filter(|_| !value.is_empty() && !choices.iter().any(|c| c.0 == value)) {
                choices.push((value.to_owned(), name.clone()));
            }
            form.options.insert(spec.key.into(), choices);
        }
        Ok::<_, AppError>(form)
    }
    .await
    .answer()
}

/// Whether these values put a record out of the sender's own sight: private, and somebody else's.
pub fn given_away(values: &FieldMap, me: &str) -> bool {
    let value = |key: &str| values.get(key).and_then(|v| v.as_str()).unwrap_or_default();
    value("visibility") == "private" && !matches!(value("ownerId"), "" | "null") && value("ownerId") != me
}

/// Confirmation before an edit that hides the record from the member making it. `true`: continue.
pub fn goes_on(before: &FieldMap, set: &FieldMap, me: &str) -> bool {
    let mut after = before.clone();
    after.extend(set.clone());
    let loses = given_away(&after, me) && !given_away(before, me);
    let question = crate::i18n::t("You will no longer see this record: it will be for its owner only. Go on all the same?");
    !loses || window().confirm_with_message(question).unwrap_or(true)
}

/// A form as a browser without scripts sends it.
#[cfg(feature = "ssr")]
pub struct Submitted {
    pub kind: EntityKind,
    pub id: Uuid,
    pub command: domain::CommandId,
    /// `None` creates.
    pub base_version: Option<i64>,
    pub values: FieldMap,
}

#[cfg(feature = "ssr")]
pub async fn create_from_form(db: &store::Database, actor: &store::Actor, form: Submitted) -> Result<domain::Outcome, AppError> {
    use domain::{Envelope, RecordCommand};
    let Submitted { kind, id, command, base_version, values } = form;
    // What was chosen is in the language of the request.
    let set = crate::i18n::plain(|| as_meant(kind, values));
    let command_body = match base_version {
        None => RecordCommand::Create { kind, id, set },
        Some(_) => RecordCommand::Edit { kind, id, set },
    };
    let envelope = Envelope { id: command, base_version, command: command_body.into() };
    db.dispatch(actor, &envelope).await.map_err(|e| match e.into() {
        // The form comes back with the sentence.
        AppError::Changed { said, .. } => AppError::Conflict(said),
        other => other,
    })
}

/// The words of a form as what they mean: names of companies, and suggestions in the reader's words.
pub fn as_meant(kind: EntityKind, values: FieldMap) -> FieldMap {
    let mut set = names_of_companies(kind, values);
    suggestions_to_codes(kind, &mut set);
    set
}

/// A suggestion in the reader's words is kept under its code.
fn suggestions_to_codes(kind: EntityKind, set: &mut FieldMap) {
    for spec in kind.fields() {
        let (domain::FieldKind::Suggest(words), Some(typed)) = (spec.kind, set.get(spec.key).and_then(|v| v.as_str())) else { continue };
        let wanted = typed.trim().to_lowercase();
        if let Some((code, _)) = words.iter().find(|w| crate::i18n::t(w.1).to_lowercase() == wanted) {
            set.insert(spec.key.into(), (*code).into());
        }
    }
}

/// A company may be typed by its name: the store finds it, or makes it with the record (SPEC C-03).
pub fn names_of_companies(kind: EntityKind, mut set: FieldMap) -> FieldMap {
    use domain::open::by_name;
    for spec in kind.fields().iter().filter(|s| s.kind.is_typed_by_name()) {
        let Some(text) = set.get(spec.key).and_then(|v| v.as_str()).map(str::trim) else { continue };
        if !text.is_empty() && Uuid::parse_str(text).is_err() {
            let named = by_name(text);
            set.insert(spec.key.into(), named);
        }
    }
    set
}
