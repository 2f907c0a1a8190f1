//! `/dashboard`: the content of the area `figures` with lines of tasks and events.

use crate::{records::EventLine, tasks::TaskLine};
use figures::dashboard::{DashboardView, Lines};
use leptos::prelude::*;

pub struct DashboardPage;

lazy_page!(DashboardPage, dashboard_page, figures);

impl DashboardPage {
    fn show() -> AnyView {
        let lines = Lines {
            task: |task, again| view! { <TaskLine task=task again=again/> }.into_any(),
            event: |event, now| view! { <EventLine event=event now=now linked=true/> }.into_any(),
        };
        view! { <DashboardView lines=lines/> }.into_any()
    }
}
