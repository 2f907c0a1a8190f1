//! What stands at the thumb: three pages in the tab bar of a phone. By what the workspace was made for, unless somebody
//! chose others for their browser.

use crate::{
    cookies::{all_cookies, keep_cookie},
    i18n::t,
    session::use_session,
};
use domain::paths;
use leptos::prelude::*;

const COOKIE: &str = "rapport-tabs";

/// Path, icon and name of a page in the tab bar.
pub type Tab = (&'static str, &'static str, &'static str);

/// What can be in the tab bar, or else is under More.
pub const PAGES: [Tab; 6] = [
    (paths::TODAY, "today", "Today"),
    (paths::PEOPLE, "people", "People"),
    (paths::DEALS, "deals", "Deals"),
    (paths::TASKS, "tasks", "Tasks"),
    (paths::COMPANIES, "company", "Companies"),
    (paths::FEED, "feed", "Feed"),
];

/// By what the workspace was made for.
fn of_template(template: &str) -> [Tab; 3] {
    let [today, people, deals, ..] = PAGES;
    match template {
        "lead_sourcing" => [(paths::FEED, "feed", "Feed"), people, (paths::DEALS, "deals", "Pipeline")],
        "job_search" => [today, people, (paths::DEALS, "deals", "Jobs")],
        "networking" => [today, people, (paths::TASKS, "tasks", "Reminders")],
        _ => [today, people, deals],
    }
}

/// What the cookies say: three pages, none twice; anything else is as if nothing was said.
fn picked(cookies: &str) -> Option<[usize; 3]> {
    let mine = cookies.split(';').find_map(|c| c.trim().strip_prefix(COOKIE)?.strip_prefix('='))?;
    let places: Vec<usize> = mine.split('.').filter_map(|n| n.parse().ok()).filter(|n| *n < PAGES.len()).collect();
    let [a, b, c] = places.as_slice() else { return None };
    (a != b && a != c && b != c).then_some([*a, *b, *c])
}

/// The three pages at the thumb of this browser.
pub fn tabs() -> [Tab; 3] {
    let usual = of_template(&use_session().template);
    // A page keeps the name that the workspace has for it.
    let named = |n: usize| usual.into_iter().find(|u| u.0 == PAGES[n].0).unwrap_or(PAGES[n]);
    picked(&all_cookies()).map_or(usual, |p| p.map(named))
}

/// Chooses them, for this browser. The page is made anew: the bar is part of what the server draws.
#[component]
pub fn TabsPicker() -> impl IntoView {
    let now = tabs().map(|tab| PAGES.iter().position(|p| p.0 == tab.0).unwrap_or(0));
    let own = picked(&all_cookies()).is_some();
    let chosen = RwSignal::new(now);
    let keep = |choice: &str| {
        keep_cookie(COOKIE, choice);
        let _ = window().location().reload();
    };
    let set = move |slot: usize, page: usize| {
        chosen.update(|next| {
            // Whatever was there changes places with it.
            if let Some(other) = next.iter().position(|p| *p == page) {
                next[other] = next[slot];
            }
            next[slot] = page;
        });
    };
    let labels = ["First tab", "Second tab", "Third tab"];
    let selects = (0..3)
        .map(|slot| {
            let options = PAGES.iter().enumerate().map(|(n, p)| view! { <option value=n.to_string() selected=now[slot] == n>{t(p.2)}</option> }).collect_view();
            let change = move |ev| {
                if let Ok(page) = event_target_value(&ev).parse() {
                    set(slot, page);
                }
            };
            view! { <select class="input look__select" aria-label=t(labels[slot]) prop:value=move || chosen.get()[slot].to_string() on:change=change>{options}</select> }
        })
        .collect_view();
    view! {
        <div class="look" role="group" aria-label=t("Tabs at the thumb")>
            <span>{t("Tabs at the thumb")}</span>
            {selects}
            // A button, since arrow keys go through a list one by one.
            {move || (chosen.get() != now).then(|| view! { <button type="button" class="button" on:click=move |_| keep(&chosen.get_untracked().map(|n| n.to_string()).join("."))>{t("Use these tabs")}</button> })}
            {own.then(|| view! { <button type="button" class="button button--quiet" on:click=move |_| keep("")>{t("As usual")}</button> })}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_says_three_pages_or_nothing() {
        assert_eq!(picked("a=b; rapport-tabs=0.4.3; c=d"), Some([0, 4, 3]));
        for odd in
            ["", "rapport-tabs=", "rapport-tabs=0.1", "rapport-tabs=0.0.1", "rapport-tabs=0.1.9", "rapport-tabs=0.1.2.3", "rapport-tabs=-1.x.2"]
        {
            assert_eq!(picked(odd), None, "{odd}");
        }
    }

    #[test]
    fn every_start_has_three_pages_that_can_be_chosen() {
        for template in ["sales", "lead_sourcing", "job_search", "networking", "unknown"] {
            assert!(of_template(template).iter().all(|tab| PAGES.iter().any(|p| p.0 == tab.0)), "{template}");
        }
    }
}
