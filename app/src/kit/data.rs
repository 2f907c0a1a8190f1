//! What says something back, and what shows records.

use crate::i18n::t;
use leptos::prelude::*;
use ui::{
    Avatar, EmptyState, ErrorBox, PendingDot, Progress, Skeleton,
    charts::{BarChart, ColumnChart, Mark},
};

#[component]
pub fn Feedback() -> impl IntoView {
    view! {
        <section class="card stack" aria-label=t("Feedback")>
            <h2>{t("Feedback")}</h2>
            <div class="row">
                <Avatar name="Ana Lee"/>
                <Avatar name="Bea Kurz"/>
                <span class="badge">"3"</span>
                <PendingDot/>
                {domain::tags::COLORS.iter().map(|(code, words)| view! { <span class=format!("tag tag--{code}")>{t(words)}</span> }).collect_view()}
            </div>
            <div class="row">
                <span class="next-step next-step--late">{t("2 days late")}</span>
                <span class="next-step next-step--today">{t("Today")}</span>
                <span class="next-step next-step--planned">{t("Send offer, Thu")}</span>
                <span class="next-step next-step--none">{t("no next step")}</span>
            </div>
            <ErrorBox text="Something went wrong on our side (reference 7F3K)."/>
            <p class="note" role="status">{t("Saved.")}</p>
            <EmptyState text=t("Nothing here yet.")><button type="button" class="button button--primary">{t("Add")}</button></EmptyState>
            <Progress done=40 total=100 label=t("Rows")/>
            <Skeleton rows=3/>
        </section>
    }
}

#[component]
pub fn Data() -> impl IntoView {
    let marks = |n: i64| (1..=n).map(|i| Mark { label: format!("{i}"), size: i * i, text: (i * i).to_string(), href: None }).collect::<Vec<_>>();
    let rows = [("Ana Lee", "7", "Acme"), ("Bea Kurz", "10", "Globex"), ("Ein sehr langer Name, der umbricht", "0", "–")];
    view! {
        <div class="table-wrap">
            <table class="table">
                <caption class="visually-hidden">{t("People")}</caption>
                <thead><tr><th scope="col" aria-sort="ascending">{t("Name")}</th><th scope="col" class="table__wide">{t("Company")}</th><th scope="col" class="number">{t("Warmth")}</th></tr></thead>
                <tbody>
                    {rows.into_iter().map(|(name, warmth, company)| view! {
                        <tr><th scope="row">{name}</th><td class="table__wide">{company}</td><td class="number"><span class="warmth"><meter min="0" max="10" value=warmth aria-label=t("Warmth")></meter><span>{warmth}</span></span></td></tr>
                    }).collect_view()}
                </tbody>
            </table>
        </div>
        <section class="card" aria-label=t("Details")>
            <h2>{t("Details")}</h2>
            <dl class="facts">
                <div class="fact"><dt class="fact__label">{t("Job title")}</dt><dd class="fact__value"><button type="button" class="fact__button">"CTO"</button></dd></div>
                <div class="fact"><dt class="fact__label">{t("Phone")}</dt><dd class="fact__value"><span class="fact__text">"+49 30 1234567"</span></dd></div>
                <div class="fact fact--wrong"><dt class="fact__label">{t("Website")}</dt><dd class="fact__value"><button type="button" class="fact__button"><span class="fact__empty">"–"</span></button></dd></div>
            </dl>
        </section>
        <div class="charts">
            <div class="card"><BarChart title=t("Bars") sentence=t("Item 5 is the largest.") of=t("Item") marks=marks(5)/></div>
            <div class="card"><ColumnChart title=t("Columns") sentence=t("Item 12 is the largest.") of=t("Item") marks=marks(12)/></div>
        </div>
    }
}
