//! Server functions that serve every kind of record.

use crate::{AppError, notes::NoteView};
use domain::{
    EntityKind, FieldError, FieldMap, Record, StageId,
    contacts::ContactRow,
    deals::{DealCard, OpenSum, StageChange},
    events::Event,
    pipelines::Pipeline,
};
use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A record with all that its page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordView {
    pub record: Record,
    pub events: Vec<Event>,
    pub deals: Vec<DealCard>,
    /// Sum of the open ones where there are more than `deals` holds.
    #[serde(default)]
    pub open_sum: Option<OpenSum>,
    pub people: Vec<ContactRow>,
    pub history: Vec<StageChange>,
    pub pipeline: Option<Pipeline>,
    /// Names of the stages that the deals stand in.
    pub stages: BTreeMap<StageId, String>,
    /// The latest interactions about the record, newest first.
    pub interactions: Vec<Record>,
    /// Its open tasks, most pressing first.
    pub tasks: Vec<Record>,
    /// Notes about it, pinned ones first.
    pub notes: Vec<NoteView>,
    /// Name and colour of its tags.
    pub tags: Vec<(String, String)>,
    pub now: chrono::DateTime<chrono::Utc>,
}

#[server(prefix = "/fn", endpoint = "records/view", client = crate::sync::Kept)]
pub async fn read_record(kind: EntityKind, id: Uuid) -> Result<RecordView, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant_generic(domain::Permission::ViewRecords).await?;
        let record = store::get_record(&mut tx, kind, id).await?;
        let events = store::timeline(&mut tx, kind, id).await?;
        let (mut deals, mut people, mut history, mut pipeline) = (Vec::new(), Vec::new(), Vec::new(), None);
        let mut pipelines = Vec::new();
        if kind.has_activities() {
            pipelines = store::list_pipelines(&mut tx).await?;
        }
        match kind {
            EntityKind::Company => {
                deals = store::deals_of(&mut tx, Some(id.into()), None).await?;
                people = store::list_contacts(&mut tx, &domain::lists::ListFilter { company: Some(id.into()), ..Default::default() }, None, 50)
                    .await?
                    .items;
            }
            EntityKind::Contact => deals = store::deals_of(&mut tx, None, Some(id.into())).await?,
            EntityKind::Deal => {
                history = store::stage_history(&mut tx, id.into()).await?;
                let wanted = record.text("pipelineId");
                pipeline = pipelines.iter().find(|p| p.id.to_string() == wanted).cloned();
            }
            _ => {}
        }
        let (mut interactions, mut tasks, mut notes) = (Vec::new(), Vec::new(), Vec::new());
        if let Some(about) = linked_to(kind, id) {
            let linked = store::linked_records(&mut tx, &about).await?;
            (interactions, tasks) = (linked.interactions, linked.tasks);
            notes = crate::notes::note_views(&mut tx, linked.notes).await?;
        }
        let open_sum = match (kind, deals.len() >= store::DEALS_OF) {
            (EntityKind::Company, true) => Some(store::open_sum(&mut tx, Some(id.into()), None).await?),
            (EntityKind::Contact, true) => Some(store::open_sum(&mut tx, None, Some(id.into())).await?),
            _ => None,
        };
        let tags = match kind.field("tags") {
            Some(_) => store::tags_of(&mut tx, kind, id).await?,
            None => Vec::new(),
        };
        let stages = pipelines.into_iter().flat_map(|p| p.stages).map(|s| (s.id, s.name)).collect();
        Ok::<_, AppError>(RecordView {
            record,
            events,
            deals,
            open_sum,
            people,
            history,
            pipeline,
            stages,
            interactions,
            tasks,
            notes,
            tags,
            now: chrono::Utc::now(),
        })
    }
    .await
    .answer()
}

/// What hangs on a record of the kinds that interactions and tasks are about.
#[cfg(feature = "ssr")]
fn linked_to(kind: EntityKind, id: Uuid) -> Option<store::Linked> {
    let none = store::Linked::default();
    match kind {
        EntityKind::Contact => Some(store::Linked { contact: Some(id.into()), ..none }),
        EntityKind::Company => Some(store::Linked { company: Some(id.into()), ..none }),
        EntityKind::Deal => Some(store::Linked { deal: Some(id.into()), ..none }),
        _ => None,
    }
}

/// What a record is called.
#[server(prefix = "/fn", endpoint = "records/name", client = crate::sync::Kept)]
pub async fn record_name(kind: EntityKind, id: Uuid) -> Result<String, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant_generic(domain::Permission::ViewRecords).await?;
        Ok::<_, AppError>(store::get_record(&mut tx, kind, id).await?.title)
    }
    .await
    .answer()
}

#[server(prefix = "/fn", endpoint = "records/options", client = crate::sync::Kept)]
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
#[server(prefix = "/fn", endpoint = "records/tags_of", input = Json)]
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
#[server(prefix = "/fn", endpoint = "records/people", client = crate::sync::Kept)]
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

#[server(prefix = "/fn", endpoint = "records/form", client = crate::sync::Kept)]
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
                let raw = if spec.kind == FieldKind::Ref(EntityKind::Company) { text } else { record.text(spec.key) };
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
                FieldKind::Ref(EntityKind::Stage) => {
                    let pipelines = store::list_pipelines(&mut tx).await?;
                    let many = pipelines.len() > 1;
                    pipelines
                        .iter()
                        .flat_map(|p| {
                            p.stages.iter().map(move |s| (s.id.to_string(), if many { format!("{}: {}", p.name, s.name) } else { s.name.clone() }))
                        })
                        .collect()
                }
                // A name, not an id: found among the suggestions, or new.
                FieldKind::Ref(EntityKind::Company) => {
                    let names = store::options(&mut tx, EntityKind::Company, "", 200).await?;
                    form.suggestions.insert(spec.key.into(), names.into_iter().map(|(_, n)| n).collect());
                    continue;
                }
                FieldKind::Ref(target) => store::options(&mut tx, target, "", 200).await?.into_iter().map(|(i, n)| (i.to_string(), n)).collect(),
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
    use domain::{FieldKind, open::by_name};
    for spec in kind.fields().iter().filter(|s| s.kind == FieldKind::Ref(EntityKind::Company)) {
        let Some(text) = set.get(spec.key).and_then(|v| v.as_str()).map(str::trim) else { continue };
        if !text.is_empty() && Uuid::parse_str(text).is_err() {
            let named = by_name(text);
            set.insert(spec.key.into(), named);
        }
    }
    set
}
