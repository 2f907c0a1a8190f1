//! Interactions: what was, or is going to be, done with people (SPEC §2.5, INT-01..03).

use crate::{
    EntityKind, FieldKind as K, FieldSpec, KindSpec,
    fields::{DefaultValue as D, OnDelete},
    paths,
};

/// The union of the sources' lists (C-06).
pub const TYPES: &[(&str, &str)] = &[
    ("call", "Call"),
    ("email", "E-mail"),
    ("meeting", "Meeting"),
    ("note", "Note"),
    ("task", "Task"),
    ("sms", "SMS"),
    ("linkedin_message", "LinkedIn message"),
    ("coffee_chat", "Coffee chat"),
    ("referral", "Referral"),
    ("conference", "Conference"),
    ("other", "Other"),
];
/// C-07: how it went, apart from how it felt.
pub const OUTCOMES: &[(&str, &str)] = &[("positive", "Positive"), ("neutral", "Neutral"), ("negative", "Negative"), ("no_response", "No response")];
pub const SENTIMENTS: &[(&str, &str)] = &[("positive", "Positive"), ("neutral", "Neutral"), ("negative", "Negative")];
pub const STATUSES: &[(&str, &str)] = &[("done", "Done"), ("planned", "Planned")];

/// Types that a planned interaction can have: a note or a task is made, not planned.
pub fn can_be_planned(type_code: &str) -> bool {
    !["note", "task"].contains(&type_code)
}

pub const FIELDS: &[FieldSpec] = &[
    FieldSpec::new("type", "kind", "Type", K::Choice(TYPES)).required(),
    FieldSpec::new("subject", "subject", "Subject", K::Text(300)).quick(),
    FieldSpec::new("contactId", "contact_id", "Person", K::Ref(EntityKind::Contact)).quick().on_delete(OnDelete::Cascade),
    FieldSpec::new("companyId", "company_id", "Company", K::Ref(EntityKind::Company)),
    FieldSpec::new("dealId", "deal_id", "Deal", K::Ref(EntityKind::Deal)),
    FieldSpec::new("status", "status", "Status", K::Choice(STATUSES)).default(D::Text("done")),
    FieldSpec::new("date", "occurred_at", "When", K::Instant),
    FieldSpec::new("description", "description", "Notes", K::LongText(20_000)).quick(),
    FieldSpec::new("durationMinutes", "duration_minutes", "Minutes", K::Int { min: 0, max: 1440 }),
    FieldSpec::new("outcome", "outcome", "Outcome", K::Choice(OUTCOMES)).quick(),
    FieldSpec::new("sentiment", "sentiment", "Sentiment", K::Choice(SENTIMENTS)),
    FieldSpec::new("nextStep", "next_step", "Next step", K::Text(300)),
    FieldSpec::new("followUpRequired", "follow_up_required", "Follow up", K::Bool).default(D::No),
    FieldSpec::new("followUpDate", "follow_up_date", "Follow up on", K::Date).quick(),
    FieldSpec::new("conductedBy", "conducted_by", "Conducted by", K::Text(200)),
    FieldSpec::new("ownerId", "owner_id", "Logged by", K::Ref(EntityKind::Member)),
    FieldSpec::new("visibility", "visibility", "Visible to", K::Choice(crate::members::VISIBILITIES)).default(D::Text("workspace")),
];

pub const KIND: KindSpec = KindSpec::record("interaction", "interactions")
    .title_fields(&[])
    .counted("{n} conversations")
    .created("logged {title}")
    .at(paths::INTERACTIONS)
    .listed_at(paths::FEED)
    .icon("note")
    .activity();

/// The words of a type code.
pub fn type_words(code: &str) -> &'static str {
    TYPES.iter().find(|t| t.0 == code).map_or("Other", |t| t.1)
}
