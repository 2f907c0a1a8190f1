//! The page behind a share link: server-rendered, no wasm, only what was chosen.

use crate::{
    dashboard::parts::{FigureTiles, ForecastChart, PipelineChart, TopDeals, WonChart},
    format,
    i18n::{language, plain, t, tf},
    title::PlainTitle,
};
use base64::prelude::{BASE64_STANDARD, Engine};
use chrono::{DateTime, Utc};
use domain::{dashboard::SalesBoard, shares::Shown};
use leptos::prelude::*;

/// What messengers read to show the link (Open Graph).
fn og(property: &'static str, content: impl Into<String>) -> impl IntoView {
    leptos::html::meta().attr("property", property).attr("content", content.into())
}

/// The whole document. `address` is the page's own, for the preview picture.
pub fn share_page(shown: &Shown, board: &SalesBoard, now: DateTime<Utc>, address: &str, style: &str) -> String {
    let title = format!("{} · {}", shown.title, shown.workspace);
    // In the page itself: the picture of a workspace has no address that everybody may read.
    let logo = shown.logo.as_ref().map(|(kind, bytes)| format!("data:{kind};base64,{}", BASE64_STANDARD.encode(bytes)));
    let part = |code: &str| shown.shows(code).then(|| board.clone());
    let html = plain(|| {
        let period = match (board.filter.from, board.filter.to) {
            (Some(from), Some(to)) => tf("{from} – {to}", &[("from", &format::day(from)), ("to", &format::day(to))]),
            _ => t("All time").to_owned(),
        };
        view! {
            <html lang=language().code()>
                <head>
                    <meta charset="utf-8"/>
                    <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                    <meta name="color-scheme" content="light dark"/>
                    <meta name="robots" content="noindex, nofollow"/>
                    {og("og:title", title.clone())}
                    {og("og:type", "website")}
                    {og("og:image", format!("{address}/preview.png"))}
                    {og("og:image:width", "1200")}
                    {og("og:image:height", "630")}
                    <meta name="twitter:card" content="summary_large_image"/>
                    <PlainTitle text=title/>
                    <link rel="icon" href="/public/icon.svg" type="image/svg+xml"/>
                    <link rel="stylesheet" href=style.to_owned()/>
                    <link rel="stylesheet" href=format!("/brand/{}.css", shown.hue)/>
                </head>
                <body class="share">
                    <main class="main share__main" id="main">
                        <section class="page">
                            <header class="page__head">
                                {logo.map(|src| view! { <img class="logo" src=src alt="" width="40" height="40"/> })}
                                <div class="page__title">
                                    <h1>{shown.title.clone()}</h1>
                                    <p class="muted">{format!("{} · {period}", shown.workspace)}</p>
                                </div>
                            </header>
                            {part("figures").map(|b| view! { <div class="tiles"><FigureTiles board=b links=false/></div> })}
                            <div class="charts">
                                {part("pipeline").map(|b| view! { <div class="card"><PipelineChart board=b links=false/></div> })}
                                {part("top_deals").map(|b| view! { <section class="card" aria-label=t("Largest open deals")><TopDeals board=b links=false/></section> })}
                                {part("forecast").map(|b| view! { <div class="card"><ForecastChart board=b links=false/></div> })}
                                {part("won_by_month").map(|b| view! { <div class="card"><WonChart board=b links=false/></div> })}
                            </div>
                            <p class="muted share__foot">{tf("As of {moment}. Shared with Rapport.", &[("moment", &format::moment(now))])}</p>
                        </section>
                    </main>
                </body>
            </html>
        }
        .to_html()
    });
    format!("<!DOCTYPE html>{html}")
}
