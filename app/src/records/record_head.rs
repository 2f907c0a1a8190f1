//! The head of a record's page: its name, what is to be known at once, the ways on.

use super::server_fns::RecordView;
use crate::{
    format,
    i18n::{language, t, tf},
    session::may,
};
use domain::{EntityKind, Permission, Record, paths};
use leptos::prelude::*;
use leptos_router::components::A;
use serde_json::Value;
use ui::Icon;

/// Parts of a record's page; a narrow screen shows one of them.
pub const TABS: [&str; 3] = ["timeline", "details", "related"];

#[component]
pub fn PaneTabs(kind: EntityKind, id: uuid::Uuid, tab: Memo<&'static str>) -> impl IntoView {
    let related = match kind {
        EntityKind::Contact => t("Deals and tasks"),
        EntityKind::Company => t("People and deals"),
        _ => t("Tasks and history"),
    };
    view! {
        <nav class="tabs" aria-label=t("Parts of this page")>
            {TABS.into_iter().zip([t("Timeline"), t("Details"), related]).map(|(code, words)| {
                let href = paths::with_query(&paths::record(kind, id), &[("tab", if code == TABS[0] { "" } else { code })]);
                view! { <a href=href class="tabs__item" aria-current=move || (tab.get() == code).then_some("true") data-noscroll="">{words}</a> }
            }).collect_view()}
        </nav>
    }
}

pub fn title_of(record: &Record) -> String {
    match record.kind {
        EntityKind::Contact => format!("{} {}", record.text("firstName"), record.text("lastName")).trim().to_owned(),
        EntityKind::Deal => record.text("title"),
        EntityKind::Task | EntityKind::Interaction | EntityKind::Note => record.title.clone(),
        _ => record.text("name"),
    }
}

/// What a record is called with a field changed, where its name is made of several.
pub fn title_after(now: &Record, key: &str, new: &Value) -> Option<String> {
    (now.kind == EntityKind::Contact && matches!(key, "firstName" | "lastName")).then(|| {
        let mut after = now.clone();
        after.fields.insert(key.into(), new.clone());
        title_of(&after)
    })
}

/// The line under the name: who somebody is, or how a deal stands.
pub fn subtitle(record: &Record) -> String {
    let parts: Vec<String> = match record.kind {
        EntityKind::Contact => vec![record.text("jobTitle"), record.label("companyId").unwrap_or_default().to_owned()],
        EntityKind::Company => vec![record.text("industry"), record.text("location")],
        EntityKind::Deal => {
            let currency = domain::Currency::stored(&record.text("currency"));
            let value = domain::Money::parse(&record.text("value"), currency).map(|m| m.display(language())).unwrap_or_else(|_| t("no value").into());
            let close = record.text("expectedCloseDate").parse().map(|d| tf("closes {day}", &[("day", &format::day(d))])).unwrap_or_default();
            let next = record.text("nextAction");
            let next = if next.is_empty() { t("no next step").to_owned() } else { tf("next: {step}", &[("step", &next)]) };
            vec![value, format!("{} %", record.text("probability")), close, next, record.label("companyId").unwrap_or_default().to_owned()]
        }
        _ => Vec::new(),
    };
    // A restricted record says so before anyone writes into it.
    let visibility = match record.text("visibility").as_str() {
        "private" => t("Owner only"),
        "team" => t("Owner's team"),
        _ => "",
    };
    parts.into_iter().chain([visibility.to_owned()]).filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// The ways to reach a person, one tap each.
#[component]
pub fn ContactActions(record: Memo<Record>) -> impl IntoView {
    // A list as it is kept, or a text as it was just typed.
    let first = move |key: &str| record.with(|r| r.text(key)).split([',', ';']).next().map(|x| x.trim().to_owned()).filter(|x| !x.is_empty());
    let link = move |href: Option<String>, icon: &'static str, words: &'static str| {
        href.map(|href| view! { <a class="button" href=href rel="noreferrer"><Icon name=icon/>{words}</a> })
    };
    view! {
        <div class="actions">
            {move || link(first("phones").map(|p| format!("tel:{p}")), "phone", t("Call"))}
            {move || link(first("emails").map(|e| paths::mailto(&e)), "mail", t("E-mail"))}
            {may(Permission::EditRecords).then(|| {
                let id = record.with_untracked(|r| r.id);
                view! {
                    <A href=paths::log(id, false) attr:class="button"><Icon name="note"/>{t("Log")}</A>
                    <A href=paths::log(id, true) attr:class="button"><Icon name="calendar"/>{t("Schedule")}</A>
                }
            })}
            {move || link(Some(record.with(|r| r.text("linkedinUrl"))).filter(|u| !u.is_empty()), "link", t("LinkedIn"))}
        </div>
    }
}

/// Tags in their colours; each opens the list of what carries it.
#[component]
pub fn TagChips(kind: EntityKind, shown: RwSignal<RecordView>) -> impl IntoView {
    let list = match kind {
        EntityKind::Contact => paths::PEOPLE,
        EntityKind::Company => paths::COMPANIES,
        EntityKind::Deal => "/deals?as=list",
        _ => paths::TAGS,
    };
    move || {
        let tags = shown.with(|v| v.tags.clone());
        (!tags.is_empty()).then(|| {
            view! {
                <p class="row row--tight">
                    {tags.into_iter().map(|(name, color)| {
                        let join = if list.contains('?') { '&' } else { '?' };
                        let href = if kind == EntityKind::Task { list.to_owned() } else { format!("{list}{join}tag={}", paths::query_value(&name)) };
                        view! { <A href=href attr:class=format!("tag tag--{color}")>{name}</A> }
                    }).collect_view()}
                </p>
            }
        })
    }
}
