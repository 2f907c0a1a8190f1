//! Dashboards (SPEC DSH-01, DSH-02 without leads, DSH-03): how things stand, each figure with its records behind it.

use crate::{
    Record,
    analytics::{ActivityFigures, AnalyticsFilter, Bar, ContactFigures, SalesFigures},
    events::Event,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One stage of the pipeline. Sums in minor units of the workspace currency.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct StageSum {
    pub id: Uuid,
    pub name: String,
    pub count: i64,
    pub value_minor: i64,
    pub weighted_minor: i64,
}

/// What is expected to close in a month: open deals as they are and weighted by their probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct ForecastMonth {
    /// First day of the month; none: open deals whose expected close has passed or is not set.
    pub month: Option<NaiveDate>,
    pub count: i64,
    pub value_minor: i64,
    pub weighted_minor: i64,
}

/// One of the largest open deals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct TopDeal {
    pub id: Uuid,
    pub title: String,
    pub company: Option<String>,
    pub stage: String,
    pub value_minor: i64,
    pub probability: i32,
}

/// What dashboards and share links show of deals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SalesBoard {
    pub currency: String,
    /// The day on which it was read; the forecast begins with it.
    pub day: NaiveDate,
    pub filter: AnalyticsFilter,
    pub sales: SalesFigures,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub previous: Option<SalesFigures>,
    /// Name of the pipeline, and its open stages in order.
    pub pipeline: String,
    pub pipeline_id: Uuid,
    pub stages: Vec<StageSum>,
    pub forecast: Vec<ForecastMonth>,
    pub won_by_month: Vec<Bar>,
    /// DSH-02: the five largest by value.
    pub top_deals: Vec<TopDeal>,
}

/// The whole dashboard of somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Dashboard {
    #[serde(flatten)]
    pub board: SalesBoard,
    pub contacts: ContactFigures,
    pub activities: ActivityFigures,
    /// People with a follow-up that is due or overdue.
    pub people_to_follow_up: i64,
    /// DSH-03: open tasks of the asker that are due today or overdue.
    pub tasks: Vec<Record>,
    pub recent: Vec<Event>,
    pub now: DateTime<Utc>,
}
