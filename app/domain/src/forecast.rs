//! The forecast: what was won and what is expected, by month (SPEC DSH-01, DSH-05, §2.8 "forecast amount").

use crate::{Currency, PipelineId, deals::DealCard};
use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

/// Months that stand on their own, the present one included.
pub const MONTHS: u32 = 6;
/// Open deals whose day has passed; those after the last month; those without a day.
pub const PAST: &str = "past";
pub const LATER: &str = "later";
pub const UNDATED: &str = "undated";

/// One month, or what stands beside the months.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Period {
    /// `2026-11`, or `past`, `later`, `undated`.
    pub period: String,
    /// Open deals expected in it.
    pub open: i64,
    /// Deals won in it.
    pub won: i64,
    /// Minor units of the workspace's currency: what was won.
    pub won_minor: i64,
    /// What was won, and of each open deal its value × probability.
    pub weighted_minor: i64,
    /// What was won, and all open deals in full.
    pub best_minor: i64,
    /// Deals without a value add nothing.
    pub without_value: i64,
    /// Deals in another currency than the workspace's add nothing.
    pub other_currencies: i64,
    /// The first open deals, the earliest first.
    pub cards: Vec<DealCard>,
}

/// The forecast of one pipeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Forecast {
    pub pipeline: PipelineId,
    pub pipelines: Vec<(PipelineId, String)>,
    pub currency: Currency,
    /// The day in the person's zone; its month is the first.
    pub day: NaiveDate,
    pub periods: Vec<Period>,
}

/// The first day of the month that is `n` months after the one of `day`.
pub fn month(day: NaiveDate, n: u32) -> NaiveDate {
    let first = day.with_day(1).unwrap_or(day);
    first.checked_add_months(Months::new(n)).unwrap_or(first)
}

/// The periods in the order they are shown.
pub fn periods(day: NaiveDate) -> Vec<String> {
    let months = (0..MONTHS).map(|n| month(day, n).format("%Y-%m").to_string());
    [PAST.to_owned()].into_iter().chain(months).chain([LATER.to_owned(), UNDATED.to_owned()]).collect()
}

/// The period an open deal stands in.
pub fn period_of(expected: Option<NaiveDate>, day: NaiveDate) -> String {
    match expected {
        None => UNDATED.into(),
        Some(d) if d < month(day, 0) => PAST.into(),
        Some(d) if d >= month(day, MONTHS) => LATER.into(),
        Some(d) => d.format("%Y-%m").to_string(),
    }
}

/// The day a deal is expected on when it is put into a period: the same day of that month where there is one and it has
/// not passed, else the month's last. `Err`: nothing can be expected there.
#[allow(clippy::result_unit_err)]
pub fn day_in(period: &str, before: Option<NaiveDate>, day: NaiveDate) -> Result<Option<NaiveDate>, ()> {
    let first = match period {
        PAST => return Err(()),
        UNDATED => return Ok(None),
        LATER => month(day, MONTHS),
        month => NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").map_err(|_| ())?,
    };
    let last = month(first, 1).checked_sub_days(Days::new(1)).ok_or(())?;
    let wanted = before.and_then(|b| first.with_day(b.day())).unwrap_or(last);
    if last < day {
        return Err(());
    }
    Ok(Some(if wanted < day { last } else { wanted }))
}

impl Forecast {
    /// Moves a card to another period, sums included; answers the day it is expected on there. `None`: it cannot go there,
    /// or is there already.
    pub fn put(&mut self, deal: crate::DealId, period: &str) -> Option<Option<NaiveDate>> {
        let from = self.periods.iter().position(|p| p.cards.iter().any(|c| c.id == deal))?;
        let to = self.periods.iter().position(|p| p.period == period)?;
        if from == to {
            return None;
        }
        let at = self.periods[from].cards.iter().position(|c| c.id == deal)?;
        let expected = day_in(period, self.periods[from].cards[at].expected_close_date, self.day).ok()?;
        let mut card = self.periods[from].cards.remove(at);
        self.periods[from].count(&card, -1, self.currency);
        card.expected_close_date = expected;
        let into = &mut self.periods[to];
        into.count(&card, 1, self.currency);
        let place = into.cards.iter().position(|c| c.expected_close_date > expected).unwrap_or(into.cards.len());
        into.cards.insert(place, card);
        Some(expected)
    }
}

impl Period {
    fn count(&mut self, card: &DealCard, sign: i64, home: Currency) {
        self.open += sign;
        let Some(value) = card.value_minor else {
            self.without_value += sign;
            return;
        };
        if card.currency == home {
            self.weighted_minor += sign * card.weighted_minor();
            self.best_minor += sign * value;
        } else {
            self.other_currencies += sign;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn deals_stand_in_the_month_they_are_expected_in() {
        let day = date("2026-11-21");
        assert_eq!(periods(day), ["past", "2026-11", "2026-12", "2027-01", "2027-02", "2027-03", "2027-04", "later", "undated"]);
        let of = |d: &str| period_of(Some(date(d)), day);
        assert_eq!([of("2026-10-31"), of("2026-11-01"), of("2027-04-30"), of("2027-05-01")], ["past", "2026-11", "2027-04", "later"]);
        assert_eq!(period_of(None, day), "undated");
    }

    #[test]
    fn a_deal_put_into_a_month_keeps_its_day_where_there_is_one() {
        let day = date("2026-11-21");
        let put = |period: &str, before: Option<&str>| day_in(period, before.map(date), day).map(|d| d.map(|d| d.to_string()));
        assert_eq!(put("2027-01", Some("2026-11-25")), Ok(Some("2027-01-25".into())));
        assert_eq!(put("2027-02", Some("2027-01-31")), Ok(Some("2027-02-28".into())), "February has no 31st");
        assert_eq!(put("2026-12", None), Ok(Some("2026-12-31".into())));
        // Not on a day that has passed already.
        assert_eq!(put("2026-11", Some("2026-12-03")), Ok(Some("2026-11-30".into())));
        assert_eq!(put("2026-11", Some("2026-12-21")), Ok(Some("2026-11-21".into())));
        assert_eq!(put("later", Some("2026-11-25")), Ok(Some("2027-05-25".into())));
        assert_eq!(put("undated", Some("2026-11-25")), Ok(None));
        for nowhere in ["past", "2026-10", "x", ""] {
            assert_eq!(put(nowhere, None), Err(()), "{nowhere}");
        }
    }
}
