//! `/import`: choose a file, and the imports so far.

use super::server_fns::list_imports;
use crate::{
    AppError,
    failed::Failed,
    format,
    i18n::{t, tf},
    latest::latest,
    page::PageTitle,
    session::may,
};
use domain::{Permission, imports::ImportView, paths};
use leptos::prelude::*;
use leptos_router::components::A;
use ui::{EmptyState, ErrorBox, Icon, Skeleton};
use work::sample::SampleButton;

pub struct ImportsPage;

lazy_page!(ImportsPage, imports_page, more);

impl ImportsPage {
    fn show() -> AnyView {
        if !may(Permission::Import) {
            return view! {
                <section class="page page--narrow">
                    <header class="page__head"><PageTitle text=t("Import")/></header>
                    <ErrorBox text=AppError::NotAllowed.to_string()/>
                </section>
            }
            .into_any();
        }
        let imports = Resource::new(|| (), |()| list_imports());
        let chosen = RwSignal::new(String::new());
        view! {
            <section class="page page--narrow">
                <header class="page__head"><PageTitle text=t("Import")/></header>
                <Suspense fallback=|| ()>
                    {move || Suspend::new(async move { latest(imports).await.ok().and_then(|view| view.problem).map(|p| view! { <ErrorBox text=p/> }) })}
                </Suspense>
                <form method="post" action="/import/upload" enctype="multipart/form-data" class="card stack">
                    <p>{t("Bring people, companies, products, team members or deals from a CSV file. You see what each column means before anything is written, and can take all of it back afterwards.")}</p>
                    <label class="file-drop">
                        <Icon name="upload"/>
                        <span>{move || if chosen.get().is_empty() { t("Choose a CSV file, or drop it here").to_owned() } else { chosen.get() }}</span>
                        <input type="file" name="file" accept=".csv,.tsv,.txt,text/csv" required=true on:change=move |ev| {
                            let path: String = event_target_value(&ev);
                            chosen.set(path.rsplit(['\\', '/']).next().unwrap_or_default().to_owned());
                        }/>
                    </label>
                    <div class="row"><button type="submit" class="button button--primary">{t("Upload")}</button></div>
                </form>
                <section class="card stack" aria-label=t("Sample data")>
                    <h2>{t("Sample data")}</h2>
                    <p class="muted">{t("People, deals with a history and a week of work, to look around in. It goes as easily as it comes.")}</p>
                    <SampleButton on_change=Callback::new(move |()| imports.refetch())/>
                </section>
                <h2>{t("Imports so far")}</h2>
                <Suspense fallback=|| view! { <Skeleton/> }>
                    {move || Suspend::new(async move {
                        match latest(imports).await {
                            Ok(view) if view.imports.is_empty() => view! { <EmptyState text=t("Nothing was imported yet.")/> }.into_any(),
                            Ok(view) => view! { <ul class="links card">{view.imports.into_iter().map(|i| view! { <ImportLine import=i/> }).collect_view()}</ul> }.into_any(),
                            Err(e) => view! { <Failed error=e/> }.into_any(),
                        }
                    })}
                </Suspense>
            </section>
        }
        .into_any()
    }
}

/// The state of an import in words.
pub fn status_words(status: &str) -> &'static str {
    match status {
        "draft" => t("not started"),
        "queued" => t("waiting"),
        "running" => t("running"),
        "done" => t("done"),
        "undone" => t("taken back"),
        _ => t("failed"),
    }
}

#[component]
fn ImportLine(import: ImportView) -> impl IntoView {
    let counts = tf(
        "{status} · {created} added, {matched} known, {failed} failed",
        &[
            ("status", status_words(&import.status)),
            ("created", &format::count(import.created)),
            ("matched", &format::count(import.matched)),
            ("failed", &format::count(import.failed)),
        ],
    );
    let name = super::shown_name(&import.file_name);
    view! {
        <li>
            <A href=format!("{}/{}", paths::IMPORT, import.id)>{name}</A>
            <span class="muted">{counts}</span>
        </li>
    }
}
