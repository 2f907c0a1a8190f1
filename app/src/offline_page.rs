//! `/offline`: what a browser shows first when there is no network. It starts the program, which reads what was kept.

use crate::{
    i18n::{self, t},
    title::PlainTitle,
};
use domain::Language;
use leptos::prelude::*;

/// The page as HTML. It is the same for everybody, and the service worker keeps it.
pub fn offline_page(sheet: &str, output_name: &str, language: Language) -> String {
    let glue = format!("/pkg/{output_name}.js");
    let wasm = format!("/pkg/{output_name}_bg.wasm");
    Owner::new_root(None).with(|| {
        i18n::speak_in(language);
        let html = view! {
            <html lang=language.code() data-words=i18n::words_version() data-glue=glue data-wasm=wasm>
                <head>
                    <meta charset="utf-8"/>
                    <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content"/>
                    <meta name="color-scheme" content="light dark"/>
                    <PlainTitle text=format!("{} · Rapport", t("No network"))/>
                    <link rel="icon" href="/public/icon.svg" type="image/svg+xml"/>
                    <link rel="stylesheet" href=sheet.to_owned()/>
                    <script type="module" src="/public/kept.js"></script>
                    <script type="module" src="/public/start-offline.js"></script>
                </head>
                <body>
                    <main class="page offline-start" id="main">
                        <h1>{t("No network")}</h1>
                        <p>{t("Opening what this browser has kept…")}</p>
                        <div id="never" hidden="">
                            <p>{t("This page needs the network, or nobody is signed in on this browser. Sign in once with a network, and what you look at stays at hand.")}</p>
                            <p><a class="button button--primary" href="/">{t("Try again")}</a></p>
                        </div>
                    </main>
                </body>
            </html>
        };
        format!("<!DOCTYPE html>{}", html.to_html())
    })
}
