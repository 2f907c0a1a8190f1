//! Two weeks as a strip: how much is due on each day, one tap to see it.

use super::view::{STRIP, TasksView};
use crate::{
    format,
    i18n::{t, tf},
};
use chrono::{Datelike, Days, NaiveDate};
use domain::paths;
use leptos::prelude::*;

#[component]
pub fn DayStrip(view: TasksView, chosen: Option<NaiveDate>, whose: &'static str) -> impl IntoView {
    let today = view.day;
    let days = (0..STRIP)
        .filter_map(|n| today.checked_add_days(Days::new(n)))
        .map(|day| {
            let count = view.days.iter().find(|d| d.0 == day).map_or(0, |d| d.1);
            let on = chosen == Some(day);
            let due = day.to_string();
            let href = paths::with_query(paths::TASKS, &[("due", if on { "" } else { &due }), ("whose", whose)]);
            let label = tf("{day}: {n} tasks", &[("day", &format::weekday(day)), ("n", &count.to_string())]);
            view! {
                <a class="strip__day" class:strip__day--today={day == today} class:strip__day--weekend={day.weekday().number_from_monday() > 5} href=href aria-current=on.then_some("true") aria-label=label>
                    <span>{format::short_weekday(day)}</span>
                    <strong>{day.day()}</strong>
                    <span class="strip__count">{if count == 0 { String::new() } else { count.to_string() }}</span>
                </a>
            }
        })
        .collect_view();
    view! { <nav class="strip" aria-label=t("Two weeks")>{days}</nav> }
}
