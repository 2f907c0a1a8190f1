//! Figures over many records: analytics, dashboard, forecast.

pub(crate) mod analytics;
pub(crate) mod dashboard;
pub(crate) mod forecast;
