//! Phone tab bar: three pages by the workspace's template, or by choice of this browser.

use crate::{
    cookies::{all_cookies, keep_cookie},
    i18n::t,
    place::{self, Place},
    session::use_session,
};
use domain::paths;
use leptos::prelude::*;

const COOKIE: &str = "rapport-tabs";

/// A page in the tab bar, and its label.
pub type Tab = (&'static Place, &'static str);

/// Pages of a template, with the labels that it has for them.
type Template = [(&'static str, &'static str); 3];

const USUAL: Template = [(paths::TODAY, "Today"), (paths::PEOPLE, "People"), (paths::DEALS, "Deals")];

/// Templates whose tabs or labels differ from the usual ones.
const TEMPLATES: &[(&str, Template)] = &[
    ("lead_sourcing", [(paths::FEED, "Feed"), (paths::PEOPLE, "People"), (paths::DEALS, "Pipeline")]),
    ("job_search", [(paths::TODAY, "Today"), (paths::PEOPLE, "People"), (paths::DEALS, "Jobs")]),
    ("networking", [(paths::TODAY, "Today"), (paths::PEOPLE, "People"), (paths::TASKS, "Reminders")]),
];

/// Pages that the tab bar can show; those that it does not show are in the More sheet.
pub fn pages() -> impl Iterator<Item = &'static Place> {
    place::ordered(|p| p.tab)
}

/// Tabs of a template.
pub fn of_template(template: &str) -> Vec<Tab> {
    let tabs = TEMPLATES.iter().find(|t| t.0 == template).map_or(USUAL, |t| t.1);
    tabs.into_iter().filter_map(|(href, label)| Some((pages().find(|p| p.href == href)?, label))).collect()
}

/// The cookie's choice: three different pages by their numbers; anything else counts as no choice.
pub fn picked(cookies: &str) -> Option<[&'static Place; 3]> {
    let mine = cookies.split(';').find_map(|c| c.trim().strip_prefix(COOKIE)?.strip_prefix('='))?;
    let page = |number: &str| number.parse().ok().and_then(|n: u8| pages().find(|p| p.tab == Some(n)));
    let [a, b, c]: [&Place; 3] = mine.split('.').filter_map(page).collect::<Vec<_>>().try_into().ok()?;
    (a != b && a != c && b != c).then_some([a, b, c])
}

/// The three pages in the tab bar of this browser.
pub fn tabs() -> Vec<Tab> {
    let usual = of_template(&use_session().template);
    let Some(picked) = picked(&all_cookies()) else { return usual };
    // A page keeps the label that the template has for it.
    picked.into_iter().map(|page| usual.iter().copied().find(|u| u.0 == page).unwrap_or((page, page.words))).collect()
}

/// Settings of the tab bar for this browser. They reload the page, because the server renders the bar.
#[component]
pub fn TabsPicker() -> impl IntoView {
    let number = |page: &Place| page.tab.unwrap_or_default();
    let now: [u8; 3] = tabs().iter().map(|tab| number(tab.0)).collect::<Vec<_>>().try_into().unwrap_or_default();
    let own = picked(&all_cookies()).is_some();
    let chosen = RwSignal::new(now);
    let keep = |choice: &str| {
        keep_cookie(COOKIE, choice);
        let _ = window().location().reload();
    };
    let set = move |slot: usize, page: u8| {
        chosen.update(|next| {
            // Swap with the slot that showed it.
            if let Some(other) = next.iter().position(|p| *p == page) {
                next[other] = next[slot];
            }
            next[slot] = page;
        });
    };
    let labels = ["First tab", "Second tab", "Third tab"];
    let selects = (0..3)
        .map(|slot| {
            let option = |p: &Place| view! { <option value=number(p).to_string() selected=now[slot] == number(p)>{t(p.words)}</option> };
            let options = pages().map(option).collect_view();
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
