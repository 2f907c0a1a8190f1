//! `/api/v1/<plural>`: every kind of record by the same rules.

use super::{Answer, Caller, ListQuery, body, dispatch, dispatch_reading, id, if_match, new_id, page_of, tagged, wrong};
use app::{AppError, records::names_of_companies};
use axum::{
    body::Bytes,
    extract::{Path, Query},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use domain::{EntityKind, FieldMap, Outcome, Permission, Record, RecordCommand, deals::DealFilter, lists::ListFilter};
use serde_json::{Value, json};
use uuid::Uuid;

fn kind_of(plural: &str) -> Result<EntityKind, AppError> {
    EntityKind::from_plural(plural).ok_or(AppError::NotFound)
}

/// A record as REST shows it: its fields, flat.
pub fn json_of(record: &Record) -> Value {
    let mut out = record.fields.clone();
    out.insert("id".into(), json!(record.id));
    out.insert("version".into(), json!(record.version));
    out.insert("createdAt".into(), json!(record.created_at));
    out.insert("updatedAt".into(), json!(record.updated_at));
    out.insert("imported".into(), Value::Object(record.imported.clone()));
    if record.kind == EntityKind::Contact {
        out.insert("fullName".into(), json!(record.title));
        for (one, many) in [("email", "emails"), ("phone", "phones")] {
            let primary = record.fields.get(many).and_then(|v| v.as_array()?.iter().find(|c| c["primary"] == true).map(|c| c["value"].clone()));
            out.insert(one.into(), primary.unwrap_or(Value::Null));
        }
        out.insert("company".into(), json!(record.label("companyId")));
    }
    if record.kind == EntityKind::Task {
        out.insert("completed".into(), json!(!record.text("completedAt").is_empty()));
    }
    if record.kind == EntityKind::Deal {
        out.insert("company".into(), json!(record.label("companyId")));
        out.insert("stage".into(), json!(record.label("stageId")));
        out.insert("owner".into(), json!(record.label("ownerId")));
    }
    Value::Object(out)
}

/// What a command answers: the record as it left it. Of one that was given to somebody else to see alone, the caller may know
/// no more than that it is there.
pub fn answer(status: StatusCode, (outcome, record): &(Outcome, Option<Record>)) -> Response {
    match record {
        Some(record) => tagged(status, record.version, json_of(record)),
        None => tagged(status, outcome.version, json!({"id": outcome.id, "version": outcome.version, "visible": false})),
    }
}

/// Names that the sources use besides ours (SPEC C-01, C-02, C-03, C-05).
fn accept_aliases(kind: EntityKind, mut set: FieldMap) -> Result<FieldMap, AppError> {
    let rename = |set: &mut FieldMap, from: &str, to: &str| {
        if let Some(value) = set.remove(from) {
            set.entry(to).or_insert(value);
        }
    };
    if kind == EntityKind::Contact {
        for alias in ["fullName", "name"] {
            if let Some(Value::String(name)) = set.remove(alias) {
                let (first, last) = name.trim().split_once(' ').unwrap_or((name.trim(), ""));
                set.entry("firstName").or_insert(first.into());
                set.entry("lastName").or_insert(last.trim().into());
            }
        }
        for (one, many) in [("email", "emails"), ("phone", "phones")] {
            if let Some(value) = set.remove(one) {
                set.entry(many).or_insert(if value.is_null() { json!([]) } else { json!([value]) });
            }
        }
        rename(&mut set, "title", "jobTitle");
        rename(&mut set, "assignedTo", "ownerId");
    }
    if kind == EntityKind::Deal {
        rename(&mut set, "name", "title");
        rename(&mut set, "probabilityPercent", "probability");
        rename(&mut set, "expectedClose", "expectedCloseDate");
    }
    if kind == EntityKind::Interaction {
        rename(&mut set, "interactionType", "type");
        rename(&mut set, "interactionDate", "date");
        rename(&mut set, "note", "description");
        rename(&mut set, "notes", "description");
        // The spellings of the sources (C-06): CALL, LINKEDIN.
        if let Some(Value::String(text)) = set.get("type") {
            let code = text.to_lowercase();
            set.insert("type".into(), if code == "linkedin" { "linkedin_message".into() } else { code.into() });
        }
    }
    if kind == EntityKind::Note {
        rename(&mut set, "text", "body");
        rename(&mut set, "isPinned", "pinned");
    }
    if kind == EntityKind::Task
        && let Some(done) = set.remove("completed")
    {
        let Some(done) = done.as_bool() else { return Err(wrong("completed", "bool", "completed must be true or false")) };
        // The moment is the store's to fill in: sent again under its key, the request is still the same.
        set.entry("completedAt").or_insert(json!(done.then_some(domain::open::NOW)));
    }
    if matches!(kind, EntityKind::Contact | EntityKind::Deal) {
        rename(&mut set, "company", "companyId");
    }
    Ok(names_of_companies(kind, set))
}

pub async fn list(caller: Caller, Path(plural): Path<String>, Query(query): Query<ListQuery>) -> Answer {
    let kind = kind_of(&plural)?;
    let (limit, after) = (query.limit()?, query.cursor()?);
    let mut tx = caller.db.begin(&caller.actor, Permission::ViewRecords).await?;
    Ok(match kind {
        EntityKind::Contact => {
            let page = store::list_contacts(&mut tx, &list_filter(&query, &domain::lists::PEOPLE_SORTS)?, after.as_ref(), limit).await?;
            page_of(page.items, page.next)
        }
        EntityKind::Company => {
            let page = store::list_companies(&mut tx, &list_filter(&query, &domain::lists::COMPANY_SORTS)?, after.as_ref(), limit).await?;
            page_of(page.items, page.next)
        }
        EntityKind::Deal => {
            let filter = deal_filter(&query)?;
            let page = store::list_deals(&mut tx, &filter, query.sort.as_deref().unwrap_or("-opened"), after.as_ref(), limit).await?;
            page_of(page.items, page.next)
        }
        EntityKind::Interaction | EntityKind::Task | EntityKind::Note => {
            let done = match query.status.as_deref() {
                None => None,
                Some("done") => Some(true),
                Some("open" | "planned") => Some(false),
                Some(_) => return Err(wrong("status", "choice", "status must be open or done for tasks, planned or done for interactions").into()),
            };
            let filter = store::Linked {
                contact: ListQuery::reference("contact", &query.contact)?,
                company: ListQuery::reference("company", &query.company)?,
                deal: ListQuery::reference("deal", &query.deal)?,
                owner: ListQuery::reference("owner", &query.owner)?,
                done,
                due: query.day("due", &query.due)?,
            };
            let page = store::list_linked(&mut tx, kind, &filter, after.as_ref(), limit).await?;
            page_of(page.items.iter().map(json_of).collect::<Vec<_>>(), page.next)
        }
        EntityKind::Tag => page_of(at_most(store::list_tags(&mut tx).await?, &query)?, None),
        _ => {
            let records = at_most(store::simple_list(&mut tx, kind).await?, &query)?;
            page_of(records.iter().map(json_of).collect::<Vec<_>>(), None)
        }
    })
}

/// Applies `limit` to a list without pagination.
fn at_most<T>(mut rows: Vec<T>, query: &ListQuery) -> Result<Vec<T>, AppError> {
    if query.limit.is_some() {
        rows.truncate(query.limit()?.unsigned_abs() as usize);
    }
    Ok(rows)
}

fn list_filter(query: &ListQuery, sorts: &[(&str, &str)]) -> Result<ListFilter, AppError> {
    let sort = query.sort.clone().unwrap_or_default();
    if !matches!(sort.as_str(), "" | "name") && !sorts.iter().any(|s| s.0 == sort) {
        let known: Vec<&str> = sorts.iter().map(|s| if s.0.is_empty() { "name" } else { s.0 }).collect();
        return Err(wrong("sort", "choice", format!("sort must be one of {}", known.join(", "))));
    }
    Ok(ListFilter {
        q: query.q.clone().unwrap_or_default(),
        company: ListQuery::reference("company", &query.company)?,
        owner: ListQuery::reference("owner", &query.owner)?,
        tag: query.tag.clone().filter(|t| !t.is_empty()),
        follow_up: match query.follow_up.as_deref() {
            None | Some("") => None,
            Some("due") => Some("due".into()),
            Some(_) => return Err(wrong("followUp", "choice", "followUp must be due, or left out")),
        },
        sort,
        group: String::new(),
        hide: String::new(),
    })
}

pub fn deal_filter(query: &ListQuery) -> Result<DealFilter, AppError> {
    if query.status.as_deref().is_some_and(|s| !matches!(s, "open" | "won" | "lost")) {
        return Err(wrong("status", "choice", "status must be open, won or lost"));
    }
    Ok(DealFilter {
        q: query.q.clone(),
        pipeline: ListQuery::reference("pipeline", &query.pipeline)?,
        stage: ListQuery::reference("stage", &query.stage)?,
        reached: ListQuery::reference("reached", &query.reached)?,
        owner: ListQuery::reference("owner", &query.owner)?,
        company: ListQuery::reference("company", &query.company)?,
        status: query.status.clone(),
        next_step: match query.next_step.as_deref() {
            None | Some("") => None,
            Some("none") => Some("none".into()),
            Some(_) => return Err(wrong("nextStep", "choice", "nextStep must be none, or left out")),
        },
        tag: query.tag.clone().filter(|t| !t.is_empty()),
        closed_from: query.day("closedFrom", &query.closed_from)?,
        closed_to: query.day("closedTo", &query.closed_to)?,
        opened_from: query.day("openedFrom", &query.opened_from)?,
        opened_to: query.day("openedTo", &query.opened_to)?,
        expected_from: query.day("expectedFrom", &query.expected_from)?,
        expected_to: query.day("expectedTo", &query.expected_to)?,
    })
}

pub async fn read(caller: &Caller, kind: EntityKind, id: Uuid) -> Result<Record, AppError> {
    let mut tx = caller.db.begin_generic(&caller.actor, Permission::ViewRecords).await?;
    Ok(store::get_record(&mut tx, kind, id).await?)
}

pub async fn show(caller: Caller, Path((plural, record)): Path<(String, String)>) -> Answer {
    let record = read(&caller, kind_of(&plural)?, id(&record)?).await?;
    Ok(tagged(StatusCode::OK, record.version, json_of(&record)))
}

pub async fn create(caller: Caller, Path(plural): Path<String>, headers: HeaderMap, bytes: Bytes) -> Answer {
    let kind = kind_of(&plural)?;
    let route = format!("create {plural}");
    let set = accept_aliases(kind, body(&bytes)?)?;
    let id = new_id(&caller.actor, &headers, &route);
    let done = dispatch_reading(&caller, &headers, &route, None, RecordCommand::Create { kind, id, set }).await?;
    Ok(answer(StatusCode::CREATED, &done))
}

pub async fn edit(caller: Caller, Path((plural, record)): Path<(String, String)>, headers: HeaderMap, bytes: Bytes) -> Answer {
    let (kind, id) = (kind_of(&plural)?, id(&record)?);
    let mut set: FieldMap = body(&bytes)?;
    // The version may also come in the body, as the page sends it.
    let in_body = set.remove("version").and_then(|v| v.as_i64());
    let base = if_match(&headers)?.or(in_body);
    let set = accept_aliases(kind, set)?;
    let done = dispatch_reading(&caller, &headers, &format!("edit {id}"), base, RecordCommand::Edit { kind, id, set }).await?;
    Ok(answer(StatusCode::OK, &done))
}

pub async fn delete(caller: Caller, Path((plural, record)): Path<(String, String)>, headers: HeaderMap) -> Answer {
    let (kind, id) = (kind_of(&plural)?, id(&record)?);
    let base = if_match(&headers)?;
    dispatch(&caller, &headers, &format!("delete {id}"), base, RecordCommand::Delete { kind, id }).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub async fn restore(caller: Caller, Path((plural, record)): Path<(String, String)>, headers: HeaderMap) -> Answer {
    let (kind, id) = (kind_of(&plural)?, id(&record)?);
    let done = dispatch_reading(&caller, &headers, &format!("restore {id}"), None, RecordCommand::Restore { kind, id }).await?;
    Ok(answer(StatusCode::OK, &done))
}
