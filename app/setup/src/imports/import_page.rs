//! One import: mapping, dry run, progress, result, undo.

use super::{
    imports_page::status_words,
    mapping_step::{Findings, MappingStep},
    server_fns::{undo_import, view_import},
};
use crate::{
    AppError,
    failed::Failed,
    format,
    i18n::{t, tf},
    latest::latest,
    page::NotFound,
    page::PageTitle,
    records::TakeBack,
    sync::Queue,
};
use domain::{CommandId, imports::ImportView, paths};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{components::A, hooks::use_params_map};
use std::time::Duration;
use ui::{ErrorBox, Progress, Skeleton};

pub struct ImportPage;

lazy_page!(ImportPage, import_page, more);

impl ImportPage {
    fn show() -> AnyView {
        let params = use_params_map();
        let id = move || params.get().get("id").and_then(|i| i.parse().ok());
        let import = Resource::new(id, |id| async move {
            match id {
                Some(id) => view_import(id).await,
                None => Err(AppError::NotFound),
            }
        });
        view! {
            <section class="page">
                <Suspense fallback=|| view! { <Skeleton rows=8/> }>
                    {move || Suspend::new(async move {
                        match latest(import).await {
                            Ok(view) => view! { <Wizard import=RwSignal::new(view)/> }.into_any(),
                            Err(AppError::NotFound) => view! { <NotFound/> }.into_any(),
                            Err(e) => view! { <Failed error=e/> }.into_any(),
                        }
                    })}
                </Suspense>
            </section>
        }
        .into_any()
    }
}

#[component]
fn Wizard(import: RwSignal<ImportView>) -> impl IntoView {
    let name = import.with_untracked(|i| super::shown_name(&i.file_name));
    let status = Memo::new(move |_| import.with(|i| i.status.clone()));
    // Progress is asked for while it runs; the page may be left and come back to.
    Effect::new(move |_| {
        let going = matches!(status.get().as_str(), "queued" | "running");
        let Some(handle) = going
            .then(|| {
                set_interval_with_handle(
                    move || {
                        let id = import.with_untracked(|i| i.id);
                        spawn_local(async move {
                            if let Ok(fresh) = view_import(id).await {
                                import.try_set(fresh);
                            }
                        });
                    },
                    Duration::from_millis(500),
                )
                .ok()
            })
            .flatten()
        else {
            return;
        };
        on_cleanup(move || handle.clear());
    });
    view! {
        <header class="page__head">
            <A href=paths::IMPORT attr:class="button button--quiet">{t("All imports")}</A>
            <PageTitle text=name/>
            <span class="chip">{move || status_words(&status.get())}</span>
        </header>
        {move || match status.get().as_str() {
            "draft" => view! { <MappingStep import=import/> }.into_any(),
            "queued" | "running" => view! { <Running import=import/> }.into_any(),
            _ => view! { <ResultStep import=import/> }.into_any(),
        }}
    }
}

#[component]
fn Running(import: RwSignal<ImportView>) -> impl IntoView {
    view! {
        <div class="card">
            {move || { let i = import.get(); view! { <Progress done=i.rows_done total=i.rows_total label=t("Rows")/> } }}
            <p class="muted">{t("You can leave this page; the import goes on.")}</p>
        </div>
    }
}

#[component]
fn ResultStep(import: RwSignal<ImportView>) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let id = import.with_untracked(|i| i.id);
    let sample = import.with_untracked(|i| i.file_name == domain::sample::NAME);
    let command = StoredValue::new(CommandId::new());
    let busy = RwSignal::new(false);
    let undo = move |()| {
        busy.set(true);
        spawn_local(async move {
            match undo_import(command.get_value(), id).await {
                Ok(fresh) => {
                    queue.toast_gone(t("The import is taken back."), fresh.undone_by);
                    import.try_set(fresh);
                }
                Err(e) => queue.fail(&e),
            }
            busy.try_set(false);
        });
    };
    // Brought back by the toast or by another page: what it is now is asked for, and it can be taken back anew.
    Effect::new(move |before: Option<u32>| {
        let now = queue.undone.get();
        if before.is_some_and(|b| b != now) {
            spawn_local(async move {
                if let Ok(fresh) = view_import(id).await {
                    command.try_set_value(CommandId::new());
                    import.try_set(fresh);
                }
            });
        }
        now
    });
    view! {
        <div class="card stack">
            {move || import.with(|i| i.error.clone()).map(|text| view! { <ErrorBox text=text/> })}
            <p>{move || import.with(|i| tf(
                if i.status == "undone" { "Taken back. {created} had been added, {matched} known already, {failed} not taken." } else { "{created} added, {matched} known already, {failed} not taken." },
                &[("created", &format::count(i.created)), ("matched", &format::count(i.matched)), ("failed", &format::count(i.failed))],
            ))}</p>
            <div class="row">
                {move || (import.with(|i| i.failed > 0)).then(|| view! { <a class="button" href=format!("/import/{id}/failed.csv") rel="external" download="">{t("Download the failed rows")}</a> })}
                {move || import.with(|i| i.may_undo && matches!(i.status.as_str(), "done" | "failed") && (i.created > 0 || i.matched > 0)).then(|| view! { <TakeBack import=id sample=sample label=t("Undo this import") on_confirm=undo busy=busy/> })}
                {move || import.with(|i| i.undone_by.filter(|_| i.may_undo)).map(|event| view! { <button type="button" class="button" on:click=move |_| queue.bring_back(event)>{t("Bring it back")}</button> })}
            </div>
        </div>
        {move || { let found = import.with(|i| i.findings.clone()); (!found.is_empty()).then(|| view! { <section class="card"><h2>{t("Findings")}</h2><Findings findings=found/></section> }) }}
    }
}
