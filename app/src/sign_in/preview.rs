//! A still picture of the product beside the sign-up form: the board, drawn with the same tokens.

use crate::i18n::t;
use leptos::prelude::*;

/// Stage, its sum, and its cards: title, value, next step and how pressing that is.
type Column = (&'static str, &'static str, &'static [(&'static str, &'static str, &'static str, &'static str)]);

const COLUMNS: &[Column] = &[
    (
        "Qualification",
        "$ 21,500",
        &[("Harbour Hotel, linens", "$ 14,000", "Call Ana today", "today"), ("Kite & Co rollout", "$ 7,500", "2 days late", "late")],
    ),
    (
        "Proposal",
        "$ 64,200",
        &[
            ("Northwind renewal", "$ 38,000", "Send offer, Thu", "later"),
            ("Bakery till system", "$ 9,200", "No next step", "none"),
            ("Lakeside clinic", "$ 17,000", "Visit, 12 May", "later"),
        ],
    ),
    ("Negotiation", "$ 92,000", &[("Orchard Foods", "$ 92,000", "Sign on Friday", "later")]),
];

/// Nothing to read for whoever cannot see it: the form beside it says what the product is for.
pub fn preview() -> AnyView {
    let columns = COLUMNS
        .iter()
        .enumerate()
        .map(|(i, (stage, sum, cards))| {
            let x = 16 + i * 196;
            let cards = cards
                .iter()
                .enumerate()
                .map(|(n, (title, value, step, state))| {
                    let y = 64 + n * 96;
                    view! {
                        <g>
                            <rect class="preview__card" x=x y=y width="180" height="84" rx="10"></rect>
                            <text class="preview__title" x=x + 12 y=y + 24>{*title}</text>
                            <text class="preview__value" x=x + 12 y=y + 46>{*value}</text>
                            <circle class=format!("preview__dot preview__dot--{state}") cx=x + 17 cy=y + 64 r="5"></circle>
                            <text class="preview__step" x=x + 30 y=y + 68>{*step}</text>
                        </g>
                    }
                })
                .collect_view();
            view! {
                <g>
                    <text class="preview__stage" x=x y="32">{*stage}</text>
                    <text class="preview__step" x=x y="50">{*sum}</text>
                    {cards}
                </g>
            }
        })
        .collect_view();
    view! {
        <aside class="preview" aria-hidden="true">
            <svg viewBox="0 0 604 360">{columns}</svg>
            <p>{t("See who needs you today, log the call with one thumb, drag the deal.")}</p>
        </aside>
    }
    .into_any()
}
