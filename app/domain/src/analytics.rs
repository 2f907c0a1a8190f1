//! Figures and how they are reckoned (SPEC §4.5, §6.2).

use crate::MemberId;
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

/// Which deals the figures are about. Days are those of the zone of whoever asks, both included; without them, all time.
///
/// With a period, deals count that were opened in it, and won and lost ones that were closed in it; open ones are those
/// that are open now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct AnalyticsFilter {
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    pub owner: Option<MemberId>,
}

impl AnalyticsFilter {
    /// The period of the same length just before this one; none if it has no beginning or no end.
    pub fn before(self) -> Option<Self> {
        let (from, to) = self.from.zip(self.to)?;
        let days = u64::try_from((to - from).num_days()).ok()? + 1;
        Some(Self { from: from.checked_sub_days(Days::new(days)), to: from.pred_opt(), ..self })
    }
}

/// Presets: code, words.
pub const PERIODS: [(&str, &str); 6] =
    [("", "All time"), ("30d", "30 days"), ("90d", "90 days"), ("month", "This month"), ("quarter", "This quarter"), ("year", "This year")];

/// First and last day of a preset as of `today`; none for all time.
pub fn period(code: &str, today: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
    use chrono::Datelike;
    let first = match code {
        "30d" => today.checked_sub_days(Days::new(29))?,
        "90d" => today.checked_sub_days(Days::new(89))?,
        "month" => today.with_day(1)?,
        "quarter" => today.with_day(1)?.with_month(today.month0() / 3 * 3 + 1)?,
        "year" => today.with_day(1)?.with_month(1)?,
        _ => return None,
    };
    Some((first, today))
}

/// `data.sales` of `GET /api/v1/analytics`. Money in major units of the workspace currency, rates 0–100, cycle in days.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SalesFigures {
    pub total_deals: i64,
    pub open_deals: i64,
    pub won_deals: i64,
    pub lost_deals: i64,
    pub won_value: f64,
    /// Won ÷ (won + lost).
    pub win_rate: f64,
    /// Average value of deals closed as won (C-11).
    pub average_deal_size: f64,
    /// Average days from opening to closing of won deals.
    pub sales_cycle: f64,
    pub open_value: f64,
    pub weighted_open_value: f64,
    pub open_without_value: i64,
    /// Open deals with a value in another currency than the workspace's: in no sum.
    #[serde(default)]
    pub open_in_other_currencies: i64,
    /// Deals closed as won in another currency: in no sum.
    #[serde(default)]
    pub won_in_other_currencies: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ContactFigures {
    pub total_contacts: i64,
    pub total_companies: i64,
    pub new_contacts_30_days: i64,
    /// Made in this calendar month.
    pub new_this_month: i64,
    /// Contacts with a done interaction in 30 days ÷ all, 0–100.
    pub engagement_rate: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ActivityFigures {
    pub events_7_days: i64,
    pub events_30_days: i64,
    pub stage_moves_30_days: i64,
    /// Done interactions of the last 7 days.
    pub interactions_this_week: i64,
    /// Tasks done in the last 7 days.
    pub tasks_completed: i64,
    /// Follow-ups of contacts and interactions that are due today or overdue.
    pub follow_ups_due: i64,
}

/// Everything the analytics page and the endpoint show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Analytics {
    pub currency: String,
    pub sales: SalesFigures,
    /// The same for the period of the same length before; none without a period.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub previous: Option<SalesFigures>,
    pub contacts: ContactFigures,
    pub activities: ActivityFigures,
    /// Stage name, deals that ever reached it.
    pub funnel: Vec<Bar>,
    /// `2017-03` → won value and count.
    pub won_by_month: Vec<Bar>,
    pub won_by_agent: Vec<Bar>,
}

/// One bar of a chart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Bar {
    pub label: String,
    pub count: i64,
    /// Minor units of the workspace currency.
    pub value_minor: i64,
    /// The stage or the member the bar stands for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<uuid::Uuid>,
}

/// `part` of `whole` as 0–100 with two decimals; 0 when there is no whole.
pub fn percent(part: i64, whole: i64) -> f64 {
    if whole == 0 { 0.0 } else { round2(part as f64 * 100.0 / whole as f64) }
}

/// Two decimals, half away from zero.
pub fn round2(x: f64) -> f64 {
    (x * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_period_before_has_the_same_length_and_touches() {
        let day = |d: &str| d.parse::<NaiveDate>().ok();
        let filter = AnalyticsFilter { from: day("2026-03-01"), to: day("2026-03-31"), owner: None };
        assert_eq!(filter.before(), Some(AnalyticsFilter { from: day("2026-01-29"), to: day("2026-02-28"), owner: None }));
        assert_eq!(AnalyticsFilter::default().before(), None);
        let today = day("2026-11-21").unwrap();
        assert_eq!(period("quarter", today), day("2026-10-01").zip(day("2026-11-21")));
        assert_eq!(period("30d", today), day("2026-10-23").zip(day("2026-11-21")));
        assert_eq!(period("", today), None);
    }

    #[test]
    fn win_rate_of_the_imported_history() {
        assert_eq!(percent(4_238, 4_238 + 2_473), 63.15);
        assert_eq!(percent(0, 0), 0.0);
    }
}
