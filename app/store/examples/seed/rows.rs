//! Rows on their way into their tables, in the text form of COPY.

use super::{
    Failure,
    dice::Moment,
    events::What,
    fields::{State, utc},
    plan::Plan,
};
use domain::{
    EntityKind,
    fields::{self, Channel, FieldValue},
};
use sqlx::PgConnection;
use uuid::Uuid;

/// Bytes that are sent at once.
const PART: usize = 256 * 1024;

/// Rows of a table as text, cells between tabs.
#[derive(Default)]
pub struct Sheet {
    bytes: Vec<u8>,
}

impl Sheet {
    fn raw(&mut self, text: &str) {
        self.bytes.extend(text.as_bytes());
        self.bytes.push(b'\t');
    }

    pub fn null(&mut self) {
        self.raw("\\N");
    }

    pub fn text(&mut self, text: &str) {
        for byte in text.bytes() {
            match byte {
                b'\\' => self.bytes.extend(b"\\\\"),
                b'\n' => self.bytes.extend(b"\\n"),
                b'\r' => self.bytes.extend(b"\\r"),
                b'\t' => self.bytes.extend(b"\\t"),
                other => self.bytes.push(other),
            }
        }
        self.bytes.push(b'\t');
    }

    pub fn some_text(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.null(),
        }
    }

    pub fn uuid(&mut self, id: Uuid) {
        self.raw(id.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
    }

    pub fn some_uuid(&mut self, id: Option<Uuid>) {
        match id {
            Some(id) => self.uuid(id),
            None => self.null(),
        }
    }

    pub fn moment(&mut self, at: Option<Moment>) {
        match at {
            Some(at) => self.raw(&fields::instant(utc(at))),
            None => self.null(),
        }
    }

    pub fn number(&mut self, n: impl Into<i64>) {
        self.raw(&n.into().to_string());
    }

    pub fn bool(&mut self, yes: bool) {
        self.raw(if yes { "t" } else { "f" });
    }

    fn value(&mut self, value: &FieldValue) {
        match value {
            FieldValue::Text(text) => self.text(text),
            FieldValue::Int(n) => self.number(*n),
            FieldValue::Date(day) => self.raw(&day.to_string()),
            FieldValue::Instant(at) => self.raw(&fields::instant(*at)),
            FieldValue::Bool(yes) => self.bool(*yes),
            FieldValue::Id(id) => self.uuid(*id),
            FieldValue::List(all) => {
                let quoted: Vec<String> = all.iter().map(|one| format!("\"{}\"", one.replace('\\', "\\\\").replace('"', "\\\""))).collect();
                self.text(&format!("{{{}}}", quoted.join(",")));
            }
            FieldValue::Null | FieldValue::Ids(_) | FieldValue::Channels(_) => self.null(),
        }
    }

    /// The row is complete.
    pub fn end(&mut self) {
        if let Some(last) = self.bytes.last_mut() {
            *last = b'\n';
        }
    }
}

/// Sends what `write` makes of the numbers up to `count`, each of which may be several rows or none. Answers how many rows
/// there are.
pub async fn copy(
    conn: &mut PgConnection,
    table: &str,
    columns: &[&str],
    count: usize,
    mut write: impl FnMut(usize, &mut Sheet) -> Result<(), Failure>,
) -> Result<u64, Failure> {
    let mut copy = conn.copy_in_raw(&format!("copy {table} ({}) from stdin", columns.join(", "))).await?;
    let mut sheet = Sheet::default();
    for n in 0..count {
        write(n, &mut sheet)?;
        if sheet.bytes.len() > PART {
            copy.send(sheet.bytes.as_slice()).await?;
            sheet.bytes.clear();
        }
    }
    copy.send(sheet.bytes.as_slice()).await?;
    Ok(copy.finish().await?)
}

/// Columns that are filled beside those of the fields.
fn more_columns(kind: EntityKind) -> &'static [&'static str] {
    match kind {
        EntityKind::Contact => &["last_contacted"],
        EntityKind::Deal => &["pipeline_id", "stage_seq", "stage_since", "rank", "status", "opened_at", "closed_at", "closed_by"],
        EntityKind::Interaction | EntityKind::Task | EntityKind::Note => &["visibility_inherited"],
        _ => &[],
    }
}

/// What stands in a column that is never empty where a record says nothing.
fn default_of(kind: EntityKind, key: &str) -> Option<FieldValue> {
    let text = |text: &str| Some(FieldValue::Text(text.into()));
    match (kind, key) {
        (_, "visibility") => text("workspace"),
        (EntityKind::Contact, "status") => text("active"),
        (EntityKind::Contact, "warmnessScore") => Some(FieldValue::Int(0)),
        (_, "isPrimaryContact" | "followUpRequired" | "pinned") => Some(FieldValue::Bool(false)),
        (EntityKind::Task, "priority") => text("medium"),
        (EntityKind::Note, "type") => text("general"),
        _ => None,
    }
}

/// Writes all records of a kind into their table.
pub async fn copy_records(conn: &mut PgConnection, plan: &Plan, kind: EntityKind) -> Result<u64, Failure> {
    let specs: Vec<_> = kind.fields().iter().filter(|s| !s.column.is_empty()).collect();
    let mut columns = vec!["workspace_id", "id", "version", "created_at", "updated_at", "deleted_at"];
    columns.extend(specs.iter().map(|s| s.column));
    columns.extend(more_columns(kind));
    copy(conn, kind.plural(), &columns, plan.count(kind), |n, sheet| {
        let story = plan.story(kind, n);
        let (first, last) = (story.first().map(|e| e.at), story.last().map(|e| e.at));
        sheet.uuid(plan.world.workspace);
        sheet.uuid(plan.id(kind, n));
        sheet.number(story.len() as i64);
        sheet.moment(first);
        sheet.moment(last);
        sheet.moment(plan.base(kind, n).and_then(|b| b.deleted));
        // Checked like what people send: nothing comes in here that could not have been typed.
        let set = plan.fields(kind, n, State::Now).set;
        let creating = true;
        let checked = fields::check(kind, &set, creating, plan.world.currency)?;
        for spec in &specs {
            let given = checked.iter().find(|a| a.spec.key == spec.key).map(|a| &a.value).filter(|v| **v != FieldValue::Null);
            match (given, default_of(kind, spec.key)) {
                (Some(value), _) => sheet.value(value),
                (None, Some(value)) => sheet.value(&value),
                (None, None) => sheet.null(),
            }
        }
        match kind {
            EntityKind::Contact => sheet.moment(plan.contacts[n].last_contacted),
            EntityKind::Deal => write_standing(plan, n, sheet),
            EntityKind::Interaction | EntityKind::Task | EntityKind::Note => sheet.bool(plan.base(kind, n).is_some_and(|b| b.inherited)),
            _ => {}
        }
        sheet.end();
        Ok(())
    })
    .await
}

/// Where a deal stands.
fn write_standing(plan: &Plan, n: usize, sheet: &mut Sheet) {
    let deal = &plan.deals[n];
    let since = deal.way.last().map_or(deal.base.created, |s| s.at);
    let closed = (!plan.is_open(n)).then_some(since);
    let by = plan.story(EntityKind::Deal, n).into_iter().rfind(|e| matches!(e.what, What::Moved(_))).filter(|_| closed.is_some());
    let stage = deal.way.last().map(|s| &plan.world.stages[usize::from(s.stage)]);
    sheet.uuid(plan.world.pipeline);
    sheet.number(deal.way.len() as i64);
    sheet.moment(Some(since));
    sheet.text(&deal.rank);
    sheet.text(stage.map_or("open", |s| s.outcome.as_str()));
    sheet.moment(Some(deal.base.created));
    sheet.moment(closed);
    sheet.some_uuid(by.map(|e| plan.world.members[usize::from(plan.doer(&e))].id));
}

/// What records have beside their table: addresses, numbers, people of deals, tags, the history of stages.
pub async fn copy_channels(conn: &mut PgConnection, plan: &Plan) -> Result<(u64, u64), Failure> {
    const COLUMNS: &[&str] = &["workspace_id", "contact_id", "position", "value", "kind", "is_primary"];
    let write = |n: usize, channels: Vec<Channel>, sheet: &mut Sheet| {
        for (position, channel) in channels.into_iter().enumerate() {
            sheet.uuid(plan.world.workspace);
            sheet.uuid(plan.contacts[n].base.id);
            sheet.number(position as i64);
            sheet.text(&channel.value);
            sheet.text(&channel.kind);
            sheet.bool(channel.primary);
            sheet.end();
        }
        Ok(())
    };
    let all = plan.contacts.len();
    let emails = copy(conn, "contact_emails", COLUMNS, all, |n, sheet| write(n, plan.channels(n).0, sheet)).await?;
    let phones = copy(conn, "contact_phones", COLUMNS, all, |n, sheet| write(n, plan.channels(n).1, sheet)).await?;
    Ok((emails, phones))
}

pub async fn copy_deal_people(conn: &mut PgConnection, plan: &Plan) -> Result<u64, Failure> {
    copy(conn, "deal_contacts", &["workspace_id", "deal_id", "contact_id", "position"], plan.deals.len(), |n, sheet| {
        let deal = &plan.deals[n];
        for (position, contact) in [Some(deal.contact), deal.second].into_iter().flatten().enumerate() {
            sheet.uuid(plan.world.workspace);
            sheet.uuid(deal.base.id);
            sheet.uuid(plan.contacts[contact as usize].base.id);
            sheet.number(position as i64);
            sheet.end();
        }
        Ok(())
    })
    .await
}

pub async fn copy_history(conn: &mut PgConnection, plan: &Plan) -> Result<u64, Failure> {
    const COLUMNS: &[&str] = &[
        "workspace_id",
        "deal_id",
        "seq",
        "previous_seq",
        "from_stage_id",
        "to_stage_id",
        "member_id",
        "reason",
        "event_id",
        "occurred_at",
        "recorded_at",
    ];
    let stage = |deal: usize, step: usize| plan.world.stages[usize::from(plan.deals[deal].way[step].stage)].id;
    copy(conn, "deal_stage_history", COLUMNS, plan.deals.len(), |n, sheet| {
        for event in plan.story(EntityKind::Deal, n) {
            let step = match event.what {
                What::Born => 0,
                What::Moved(step) => usize::from(step),
                _ => continue,
            };
            let before = step.checked_sub(1);
            sheet.uuid(plan.world.workspace);
            sheet.uuid(plan.deals[n].base.id);
            sheet.number(step as i64 + 1);
            sheet.some_text(before.map(|_| step.to_string()).as_deref());
            sheet.some_uuid(before.map(|b| stage(n, b)));
            sheet.uuid(stage(n, step));
            sheet.uuid(plan.world.members[usize::from(plan.doer(&event))].id);
            sheet.some_text(plan.reason(n, step));
            sheet.uuid(plan.event_id(&event));
            sheet.moment(Some(event.at));
            sheet.moment(Some(event.at));
            sheet.end();
        }
        Ok(())
    })
    .await
}

pub async fn copy_tags(conn: &mut PgConnection, plan: &Plan) -> Result<u64, Failure> {
    let mut rows = 0;
    for kind in [EntityKind::Contact, EntityKind::Company, EntityKind::Deal] {
        let columns = ["workspace_id", "entity", "record_id", "tag_id", "position"];
        rows += copy(conn, "tagged_items", &columns, plan.count(kind), |n, sheet| {
            for (position, tag) in plan.tags(kind, n).into_iter().enumerate() {
                sheet.uuid(plan.world.workspace);
                sheet.text(kind.noun());
                sheet.uuid(plan.id(kind, n));
                sheet.uuid(plan.world.tags[tag]);
                sheet.number(position as i64 + 1);
                sheet.end();
            }
            Ok(())
        })
        .await?;
    }
    Ok(rows)
}
