//! Figures and how they are reckoned (SPEC §4.5, §6.2).

use serde::{Deserialize, Serialize};

/// `data.sales` of `GET /api/v1/analytics`. Money in major units of the workspace currency, rates 0–100, cycle in days.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    /// Average days from opening to closing over won and lost deals.
    pub sales_cycle: f64,
    pub open_value: f64,
    pub weighted_open_value: f64,
    pub open_without_value: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContactFigures {
    pub total_contacts: i64,
    pub total_companies: i64,
    pub new_contacts_30_days: i64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActivityFigures {
    pub events_7_days: i64,
    pub events_30_days: i64,
    pub stage_moves_30_days: i64,
}

/// Everything the analytics page and the endpoint show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Analytics {
    pub currency: String,
    pub sales: SalesFigures,
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
#[serde(rename_all = "camelCase")]
pub struct Bar {
    pub label: String,
    pub count: i64,
    /// Minor units of the workspace currency.
    pub value_minor: i64,
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
    fn win_rate_of_the_imported_history() {
        assert_eq!(percent(4_238, 4_238 + 2_473), 63.15);
        assert_eq!(percent(0, 0), 0.0);
    }
}
