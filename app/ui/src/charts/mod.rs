//! Charts as server-rendered SVG: the same marks on both sides, a sentence to read and a table to check. The drawing
//! itself is for the eyes alone; sentence and table say the same to everybody.

use crate::words::t;
use leptos::prelude::*;

/// One bar: words, size, and the size in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    pub label: String,
    pub size: i64,
    pub text: String,
    /// Where the records behind it are.
    pub href: Option<String>,
}

/// Horizontal bars, for funnels and rankings. Sizes below zero are drawn as zero.
#[component]
pub fn BarChart(
    #[prop(into)] title: String,
    /// What the chart says, in one sentence.
    #[prop(into)]
    sentence: String,
    marks: Vec<Mark>,
    /// Heading of the first column of the table.
    #[prop(into)]
    of: String,
) -> impl IntoView {
    let most = marks.iter().map(|m| m.size).max().unwrap_or(0).max(1);
    let height = marks.len() * 34;
    let rows: Vec<_> = marks
        .iter()
        .enumerate()
        .map(|(i, m)| {
            // Share of a 320-wide drawing in whole units: the same on every machine.
            let width = (m.size.max(0).saturating_mul(320) / most).max(2);
            let y = i * 34;
            let bar = view! {
                <g>
                    <text class="chart__label" x="0" y=y + 12>{beside(&m.label, &m.text)}</text>
                    <text class="chart__value" x="320" y=y + 12 text-anchor="end">{m.text.clone()}</text>
                    <rect class="chart__track" x="0" y=y + 18 width="320" height="8" rx="4"></rect>
                    <rect class="chart__bar" x="0" y=y + 18 width=width height="8" rx="4"></rect>
                    <rect class="chart__hit" x="0" y=y width="320" height="32"></rect>
                </g>
            };
            linked(m, bar.into_any())
        })
        .collect();
    view! {
        <figure class="chart">
            <figcaption>
                <h2>{title}</h2>
                <p>{sentence}</p>
            </figcaption>
            <svg class="chart__svg chart__svg--bars" viewBox=format!("0 0 320 {}", height.max(34)) aria-hidden="true">
                {rows}
            </svg>
            <DataTable marks=marks of=of/>
        </figure>
    }
}

/// So much of a label as stands beside its value, by letters of middling width; the table has all of it.
fn beside(label: &str, value: &str) -> String {
    let room = 44_usize.saturating_sub(value.chars().count() + 2).max(8);
    if label.chars().count() <= room { label.to_owned() } else { label.chars().take(room - 1).collect::<String>().trim_end().to_owned() + "…" }
}

/// Columns over time.
#[component]
pub fn ColumnChart(#[prop(into)] title: String, #[prop(into)] sentence: String, marks: Vec<Mark>, #[prop(into)] of: String) -> impl IntoView {
    let most = marks.iter().map(|m| m.size).max().unwrap_or(0).max(1);
    let count = marks.len().max(1) as i64;
    let slot = 320 / count;
    let columns: Vec<_> = marks
        .iter()
        .enumerate()
        .map(|(i, m)| {
            let height = (m.size.max(0).saturating_mul(90) / most).max(1);
            let x = i as i64 * slot;
            let middle = x + slot / 2;
            let every = (count + 4) / 5;
            let named = i as i64 % every == 0;
            let bar = view! {
                <g>
                    <rect class="chart__hit" x=x y="0" width=slot height="116"></rect>
                    <rect class="chart__bar" x=x + slot / 8 y=96 - height width=(slot * 3 / 4).max(1) height=height rx="1">
                        <title>{format!("{}: {}", m.label, m.text)}</title>
                    </rect>
                    {named.then(|| view! { <text class="chart__tick" x=middle y="110" text-anchor="middle">{m.label.clone()}</text> })}
                </g>
            };
            linked(m, bar.into_any())
        })
        .collect();
    view! {
        <figure class="chart">
            <figcaption>
                <h2>{title}</h2>
                <p>{sentence}</p>
            </figcaption>
            <svg class="chart__svg" viewBox="0 0 320 116" aria-hidden="true">
                <line class="chart__axis" x1="0" y1="96" x2="320" y2="96"></line>
                {columns}
            </svg>
            <DataTable marks=marks of=of/>
        </figure>
    }
}

/// The whole bar leads to its records; the table below has the same links for keyboard and screen reader.
fn linked(mark: &Mark, bar: AnyView) -> AnyView {
    match mark.href.clone() {
        Some(href) => leptos::svg::a().attr("href", href).attr("tabindex", "-1").child(bar).into_any(),
        None => bar,
    }
}

#[component]
fn DataTable(marks: Vec<Mark>, of: String) -> impl IntoView {
    view! {
        <details class="chart__data">
            <summary>{t("View data")}</summary>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{of}</th>
                        <th scope="col" class="number">{t("Value")}</th>
                    </tr>
                </thead>
                <tbody>
                    {marks
                        .into_iter()
                        .map(|m| {
                            view! {
                                <tr>
                                    <th scope="row">{match m.href { Some(href) => view! { <a href=href>{m.label}</a> }.into_any(), None => m.label.into_any() }}</th>
                                    <td class="number">{m.text}</td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </details>
    }
}
