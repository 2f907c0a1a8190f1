//! Tasks with the day they are looked at.

use crate::i18n::t;
use chrono::{Days, NaiveDate};
use domain::{Page, Record};
use serde::{Deserialize, Serialize};

/// Tasks with the day they are looked at, in the person's zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TasksView {
    pub page: Page<Record>,
    pub day: NaiveDate,
    /// Open tasks due on each of the days of the strip.
    pub days: Vec<(NaiveDate, i64)>,
}

/// Days that the strip shows, today included.
pub const STRIP: u64 = 14;

/// The heading a task stands under.
pub fn group(due: Option<NaiveDate>, day: NaiveDate) -> &'static str {
    let within = |n| day.checked_add_days(Days::new(n)).unwrap_or(day);
    match due {
        None => t("Some day"),
        Some(d) if d < day => t("Overdue"),
        Some(d) if d == day => t("Today"),
        Some(d) if d == within(1) => t("Tomorrow"),
        Some(d) if d <= within(7) => t("This week"),
        Some(_) => t("Later"),
    }
}
