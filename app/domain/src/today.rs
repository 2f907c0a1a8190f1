//! Today: who needs me and why (SPEC §4.3 exact, A-04).

use crate::{EntityKind, FieldMap, MemberId, Permission, SliceCommand, Subject, records::plain};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Days that stand for "never contacted".
pub const NEVER: i64 = 999;

/// How much warmth and time weigh, in hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Weights {
    pub warmth: i32,
    pub time: i32,
}

impl Default for Weights {
    /// The formula's own: 0.7 and 0.3.
    fn default() -> Self {
        Self { warmth: 70, time: 30 }
    }
}

/// Whole days since the last contact (SPEC §4.3: floor of milliseconds by 86,400,000).
pub fn days_since(last: Option<DateTime<Utc>>, now: DateTime<Utc>) -> i64 {
    last.map_or(NEVER, |at| (now - at).num_milliseconds().div_euclid(86_400_000))
}

/// `warmness / 10 × 0.7 + min(days / 30, 1) × 0.3` (SPEC §4.3), from 0 to 1.
pub fn priority(warmness: i32, days: i64, weights: Weights) -> f64 {
    let time = (days as f64 / 30.0).min(1.0);
    f64::from(warmness) / 10.0 * f64::from(weights.warmth) / 100.0 + time * f64::from(weights.time) / 100.0
}

/// The same as people read it: "7 × 0.7 + 45 days × 0.3 = 0.79".
pub fn arithmetic(warmness: i32, days: i64, weights: Weights) -> String {
    let weight = |w: i32| format!("{}", f64::from(w) / 100.0);
    let time = if days == NEVER { "never".to_owned() } else { format!("{days} days") };
    format!("{warmness} × {} + {time} × {} = {:.2}", weight(weights.warmth), weight(weights.time), priority(warmness, days, weights))
}

/// Why a row is on Today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    TaskOverdue,
    TaskDue,
    Planned,
    FollowUp,
    DealNextStep,
    Birthday,
    Cadence,
    Suggested,
    NoNextStep,
}

impl Rule {
    /// Whether the row is a task.
    pub fn is_task(self) -> bool {
        matches!(self, Self::TaskOverdue | Self::TaskDue)
    }

    /// Whether the row is a deal.
    pub fn is_deal(self) -> bool {
        matches!(self, Self::DealNextStep | Self::NoNextStep)
    }

    /// The rule in words, as every row shows it.
    pub fn words(self) -> &'static str {
        match self {
            Self::TaskOverdue => "Task overdue",
            Self::TaskDue => "Task due today",
            Self::Planned => "Planned for today",
            Self::FollowUp => "Follow-up due",
            Self::DealNextStep => "Next step due",
            Self::Birthday => "Birthday soon",
            Self::Cadence => "Keep-in-touch lapsed",
            Self::Suggested => "Suggested",
            Self::NoNextStep => "No next step",
        }
    }
}

/// One row: a record and what it wants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct TodayItem {
    pub rule: Rule,
    pub kind: EntityKind,
    pub id: Uuid,
    pub version: i64,
    pub title: String,
    /// Who or what it is about besides the title.
    pub about: String,
    /// The contact to act on, if there is one.
    pub contact_id: Option<Uuid>,
    pub contact: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub due: Option<NaiveDate>,
    /// "07:30" in the person's zone.
    pub time: Option<String>,
    /// The arithmetic behind a suggestion, or what lapsed.
    pub why: String,
    /// Warmth and days behind a suggestion.
    pub score: Option<(i32, i64)>,
}

/// Stands in what was set of a record for the day until which it is hidden from Today; no field has this key.
pub const SNOOZED: &str = "snoozed until";

impl TodayItem {
    /// The edit that answers a follow-up: of an activity that asked for one, or of the record itself.
    pub fn followed_up(&self) -> FieldMap {
        let (key, value) = if self.kind.spec().activity { ("followUpRequired", Value::Bool(false)) } else { ("nextFollowUp", Value::Null) };
        FieldMap::from_iter([(key.to_owned(), value)])
    }

    /// Whether what was set of its record since it was read leaves nothing to do about it on this day.
    pub fn answered_by(&self, set: &FieldMap, day: NaiveDate) -> bool {
        let set_to = |key: &str| set.get(key).map(|v| plain(Some(v)));
        let later = |key: &str| set_to(key).is_some_and(|v| v.parse::<NaiveDate>().map_or(v.is_empty(), |d| d > day));
        let filled = |key: &str| set_to(key).is_some_and(|v| !v.is_empty());
        (filled(SNOOZED) && later(SNOOZED))
            || match self.rule {
                Rule::TaskOverdue | Rule::TaskDue => filled("completedAt") || later("dueDate"),
                Rule::Planned => set_to("status").is_some_and(|s| s != "planned"),
                Rule::FollowUp if self.kind.spec().activity => set_to("followUpRequired").is_some_and(|v| v == "no" || v == "false"),
                Rule::FollowUp => later("nextFollowUp"),
                Rule::DealNextStep => later("nextActionDate"),
                Rule::NoNextStep => filled("nextAction") || filled("nextActionDate"),
                _ => false,
            }
    }
}

/// Everything Today shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Today {
    pub member: MemberId,
    /// The day in the person's zone.
    pub day: NaiveDate,
    pub time_zone: String,
    pub weights: Weights,
    /// Overdue and due, most pressing first.
    pub queue: Vec<TodayItem>,
    pub suggested: Vec<TodayItem>,
    pub no_next_step: Vec<TodayItem>,
    pub no_next_step_count: i64,
    /// Open tasks of the person.
    pub open_tasks: i64,
    /// Interactions done since Monday.
    pub interactions_this_week: i64,
    /// First steps and whether each was taken; none once they are put away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub first_steps: Vec<(String, bool)>,
    pub position: i64,
}

/// What somebody new does first: code, words, where.
pub const FIRST_STEPS: [(&str, &str, &str); 5] = [
    ("person", "Add somebody you work with", "/new/contact"),
    ("deal", "Add a deal", "/new/deal"),
    ("step", "Give a deal its next step", "/deals?as=list&status=open&nextStep=none"),
    ("log", "Log a call or a meeting", "/log"),
    ("invite", "Invite somebody, if you work with others", "/settings/people"),
];

/// A contact to get in touch with (`GET /api/v1/contacts/suggested`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Suggestion {
    pub id: Uuid,
    pub version: i64,
    pub full_name: String,
    pub company: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub warmness_score: i32,
    pub last_contacted: Option<DateTime<Utc>>,
    pub days_since_last_contact: i64,
    /// 0–1.
    pub priority_score: f64,
    pub arithmetic: String,
    /// Words of the latest interaction.
    pub latest_activity: Option<String>,
}

/// Commands of Today; each concerns the sender alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum TodayCommand {
    /// Hides a record from the sender's Today until a day in the sender's zone; `None` shows it again.
    Snooze { kind: EntityKind, id: Uuid, until: Option<NaiveDate> },
    /// Weights of warmth and time in the sender's suggestions, in hundredths.
    SetWeights { warmth: i32, time: i32 },
    /// Closes the sender's list of first steps, or reopens it.
    CloseFirstSteps { closed: bool },
}

impl SliceCommand for TodayCommand {
    const NAMES: &'static [&'static str] = &["snooze", "set_weights", "close_first_steps"];

    fn permission(&self) -> Permission {
        match self {
            Self::Snooze { .. } | Self::SetWeights { .. } => Permission::EditRecords,
            Self::CloseFirstSteps { .. } => Permission::ViewRecords,
        }
    }

    fn subject(&self) -> Subject {
        match self {
            Self::Snooze { kind, id, .. } => Subject::Record(*kind, *id),
            Self::SetWeights { .. } | Self::CloseFirstSteps { .. } => Subject::Settings,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spec_21_example_6_priorities() {
        let p = |w, days| (priority(w, days, Weights::default()) * 100.0).round() / 100.0;
        assert_eq!([p(7, 45), p(10, 0), p(0, NEVER), p(5, 15)], [0.79, 0.70, 0.30, 0.50]);
        assert_eq!(arithmetic(7, 45, Weights::default()), "7 × 0.7 + 45 days × 0.3 = 0.79");
        assert_eq!(arithmetic(0, NEVER, Weights::default()), "0 × 0.7 + never × 0.3 = 0.30");
    }

    #[test]
    fn a_row_is_answered_by_what_was_set_of_its_record_and_by_nothing_else() {
        let row = |rule, kind| TodayItem {
            rule,
            kind,
            id: Uuid::nil(),
            version: 1,
            title: String::new(),
            about: String::new(),
            contact_id: None,
            contact: None,
            email: None,
            phone: None,
            due: None,
            time: None,
            why: String::new(),
            score: None,
        };
        let day: NaiveDate = "2026-03-05".parse().unwrap();
        let answered = |rule, kind, set: serde_json::Value| row(rule, kind).answered_by(&serde_json::from_value(set).unwrap(), day);
        use EntityKind::{Contact, Deal, Interaction, Task};
        use serde_json::json;
        for (rule, kind, yes, no) in [
            (Rule::TaskDue, Task, json!({"completedAt": "2026-03-05T09:00:00Z"}), json!({"completedAt": null})),
            (Rule::TaskOverdue, Task, json!({"dueDate": "2026-03-06"}), json!({"dueDate": "2026-03-05"})),
            (Rule::TaskDue, Task, json!({"dueDate": null}), json!({"title": "Later"})),
            (Rule::Planned, Interaction, json!({"status": "done"}), json!({"status": "planned"})),
            (Rule::FollowUp, Interaction, json!({"followUpRequired": false}), json!({"followUpRequired": true})),
            (Rule::FollowUp, Contact, json!({"nextFollowUp": null}), json!({"nextFollowUp": "2026-03-01"})),
            (Rule::DealNextStep, Deal, json!({"nextAction": null, "nextActionDate": null}), json!({"nextAction": "Call again"})),
            (Rule::NoNextStep, Deal, json!({"nextAction": "Call"}), json!({"nextAction": ""})),
            (Rule::Suggested, Contact, json!({SNOOZED: "2026-03-06"}), json!({SNOOZED: null})),
            (Rule::Suggested, Contact, json!({SNOOZED: "2026-03-06"}), json!({SNOOZED: "2026-03-05"})),
        ] {
            assert!(answered(rule, kind, yes.clone()), "{rule:?} {yes}");
            assert!(!answered(rule, kind, no.clone()), "{rule:?} {no}");
        }
    }

    #[test]
    fn days_are_whole_and_start_at_the_moment_itself() {
        let now: DateTime<Utc> = "2026-03-29T12:00:00Z".parse().unwrap();
        let at = |text: &str| Some(text.parse::<DateTime<Utc>>().unwrap());
        assert_eq!(days_since(at("2026-03-28T12:00:01Z"), now), 0);
        assert_eq!(days_since(at("2026-03-28T12:00:00Z"), now), 1);
        assert_eq!(days_since(None, now), NEVER);
    }
}
