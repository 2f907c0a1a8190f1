//! Tasks: what is to be done, by whom and when (SPEC §2.11, TSK-01).

use crate::{
    EntityKind, FieldKind as K, FieldSpec, KindSpec,
    fields::{DefaultValue as D, OnDelete},
    paths,
};

pub const PRIORITIES: &[(&str, &str)] = &[("high", "High"), ("medium", "Medium"), ("low", "Low")];
pub const TYPES: &[(&str, &str)] = &[
    ("todo", "To do"),
    ("call", "Call"),
    ("email", "E-mail"),
    ("meeting", "Meeting"),
    ("follow_up", "Follow-up"),
    ("linkedin", "LinkedIn"),
    ("other", "Other"),
];
/// Rules people pick, and their words; any other of RFC 5545 is taken as it is written.
pub const RECURRENCES: &[(&str, &str)] = &[
    ("FREQ=DAILY", "Every day"),
    ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "Every weekday"),
    ("FREQ=WEEKLY", "Every week"),
    ("FREQ=WEEKLY;INTERVAL=2", "Every two weeks"),
    ("FREQ=MONTHLY", "Every month"),
    ("FREQ=MONTHLY;INTERVAL=3", "Every quarter"),
    ("FREQ=YEARLY", "Every year"),
];

/// Words of a rule that people pick; other rules have none but their own.
pub fn recurrence_words(rule: &str) -> Option<&'static str> {
    RECURRENCES.iter().find(|r| r.0 == rule).map(|r| r.1)
}

pub const FIELDS: &[FieldSpec] = &[
    FieldSpec::new("title", "title", "Title", K::Text(300)).required(),
    FieldSpec::new("dueDate", "due_date", "Due on", K::Date).quick(),
    FieldSpec::new("dueTime", "due_time", "At", K::Time),
    FieldSpec::new("remindAt", "remind_at", "Remind me", K::LocalTime),
    FieldSpec::new("priority", "priority", "Priority", K::Choice(PRIORITIES)).quick().default(D::Text("medium")),
    FieldSpec::new("type", "kind", "Type", K::Choice(TYPES)).quick().default(D::Text("todo")),
    FieldSpec::new("contactId", "contact_id", "Person", K::Ref(EntityKind::Contact)).quick(),
    FieldSpec::new("companyId", "company_id", "Company", K::Ref(EntityKind::Company)),
    FieldSpec::new("dealId", "deal_id", "Deal", K::Ref(EntityKind::Deal)),
    FieldSpec::new("tags", "", "Tags", K::Tags),
    FieldSpec::new("ownerId", "owner_id", "Assigned to", K::Ref(EntityKind::Member)).on_delete(OnDelete::Restrict),
    FieldSpec::new("recurrence", "recurrence", "Repeats", K::Recurrence),
    FieldSpec::new("completedAt", "completed_at", "Done at", K::Instant),
    FieldSpec::new("description", "description", "Notes", K::LongText(20_000)),
    FieldSpec::new("visibility", "visibility", "Visible to", K::Choice(crate::members::VISIBILITIES)).default(D::Text("workspace")),
];

pub const KIND: KindSpec =
    KindSpec::record("task", "tasks").label("Task").counted("{n} tasks").at(paths::TASKS).assigned().icon("tasks").activity().own_list();
