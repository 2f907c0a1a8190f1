//! Data of the tasks page.

use crate::i18n::t;
use chrono::{Days, NaiveDate};
use domain::{Page, Record};
use serde::{Deserialize, Serialize};

/// A page of tasks with today's date in the person's time zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TasksView {
    pub page: Page<Record>,
    pub day: NaiveDate,
    /// Open tasks by due date, for the days of the strip.
    pub days: Vec<(NaiveDate, i64)>,
}

/// Days in the strip, today included.
pub const STRIP: u64 = 14;

/// Group heading of a due date.
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
