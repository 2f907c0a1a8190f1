//! One import: mapping, dry run, progress, result, undo.

use super::{
    imports_page::status_words,
    server_fns::{describe_import, dry_run, start_import, undo_import, view_import},
};
use crate::{
    AppError, format,
    i18n::{t, tf},
    routes::PageTitle,
    shell_parts::NotFound,
    sync::Queue,
};
use domain::{
    CommandId,
    imports::{FindingView, ImportKind, ImportView, targets},
    paths,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{LazyRoute, components::A, hooks::use_params_map, lazy_route};
use std::time::Duration;
use ui::{ErrorBox, Progress, Skeleton};

pub struct ImportPage {
    import: Resource<Result<ImportView, AppError>>,
}

#[lazy_route]
impl LazyRoute for ImportPage {
    fn data() -> Self {
        let params = use_params_map();
        let id = move || params.get().get("id").and_then(|i| i.parse().ok());
        Self {
            import: Resource::new(id, |id| async move {
                match id {
                    Some(id) => view_import(id).await,
                    None => Err(AppError::NotFound),
                }
            }),
        }
    }

    fn view(this: Self) -> AnyView {
        let import = this.import;
        view! {
            <section class="page">
                <Suspense fallback=|| view! { <Skeleton rows=8/> }>
                    {move || Suspend::new(async move {
                        match import.await {
                            Ok(view) => view! { <Wizard import=RwSignal::new(view)/> }.into_any(),
                            Err(AppError::NotFound) => view! { <NotFound/> }.into_any(),
                            Err(e) => view! { <ErrorBox text=e.to_string()/> }.into_any(),
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
    let name = import.with_untracked(|i| i.file_name.clone());
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
fn MappingStep(import: RwSignal<ImportView>) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let findings = RwSignal::new(None::<Vec<FindingView>>);
    let busy = RwSignal::new(false);
    let id = import.with_untracked(|i| i.id);
    let describe = move |kind: ImportKind, targets: Option<Vec<String>>| {
        findings.set(None);
        spawn_local(async move {
            match describe_import(id, kind, targets).await {
                Ok(fresh) => import.set(fresh),
                Err(e) => queue.fail(&e),
            }
        });
    };
    let check = move |_| {
        busy.set(true);
        spawn_local(async move {
            match dry_run(id).await {
                Ok(found) => findings.set(Some(found)),
                Err(e) => queue.fail(&e),
            }
            busy.set(false);
        });
    };
    let start = move |_| {
        busy.set(true);
        spawn_local(async move {
            match start_import(id).await {
                Ok(()) => import.update(|i| i.status = "queued".into()),
                Err(e) => queue.fail(&e),
            }
            busy.set(false);
        });
    };
    view! {
        <div class="card stack">
            <label class="row">
                <span>{t("This file holds")}</span>
                <select class="input" on:change=move |ev| {
                    if let Some(kind) = ImportKind::from_code(&event_target_value(&ev)) { describe(kind, None) }
                }>
                    {ImportKind::ALL.into_iter().map(|kind| view! {
                        <option value=kind.code() selected=move || import.with(|i| i.kind == kind)>{t(kind.label())}</option>
                    }).collect_view()}
                </select>
                <span class="muted">{move || tf("{n} rows", &[("n", &format::count(import.with(|i| i.rows_total)))])}</span>
            </label>
        </div>
        <div class="table-wrap card table-cards">
            <table class="table">
                <thead><tr><th scope="col">{t("Column")}</th><th scope="col">{t("Samples")}</th><th scope="col">{t("Goes to")}</th><th scope="col" class="number">{t("Sure")}</th></tr></thead>
                <tbody>
                    {move || {
                        let view = import.get();
                        let options = targets(view.kind);
                        let all: Vec<String> = view.mapping.iter().map(|m| m.target.clone()).collect();
                        view.mapping.into_iter().enumerate().map(|(i, column)| {
                            let (kind, all) = (view.kind, all.clone());
                            let label = tf("Field for {column}", &[("column", &column.header)]);
                            view! {
                                <tr>
                                    <th scope="row">{column.header.clone()}</th>
                                    <td class="muted">{column.samples.join(" · ")}</td>
                                    <td>
                                        <select class="input" aria-label=label on:change=move |ev| {
                                            let mut targets = all.clone();
                                            if let Some(t) = targets.get_mut(i) { *t = event_target_value(&ev); }
                                            describe(kind, Some(targets));
                                        }>
                                            {options.iter().map(|(code, words)| view! { <option value=code.clone() selected=*code == column.target>{words.clone()}</option> }).collect_view()}
                                        </select>
                                    </td>
                                    <td class="number">{if column.confidence == 0 { "–".to_owned() } else { format!("{} %", column.confidence) }}</td>
                                </tr>
                            }
                        }).collect_view()
                    }}
                </tbody>
            </table>
        </div>
        {move || findings.get().map(|found| view! {
            <section class="card">
                <h2>{t("Dry run")}</h2>
                {if found.is_empty() { view! { <p>{t("Every row can be taken as it is.")}</p> }.into_any() } else { view! { <Findings findings=found/> }.into_any() }}
            </section>
        })}
        <div class="row sticky-actions">
            <button type="button" class="button button--primary" aria-busy=move || busy.get().to_string() on:click=start>{move || tf("Import {n} rows", &[("n", &format::count(import.with(|i| i.rows_total)))])}</button>
            <button type="button" class="button button--quiet" aria-busy=move || busy.get().to_string() on:click=check>{t("Try without writing")}</button>
        </div>
    }
}

/// The label of a field that a finding names by its key.
fn field_words(key: &str) -> String {
    let label = ImportKind::ALL.iter().find_map(|k| k.entity().field(key)).map(|f| f.label);
    label.map_or_else(|| key.to_owned(), |l| t(l).to_owned())
}

#[component]
fn Findings(findings: Vec<FindingView>) -> impl IntoView {
    view! {
        <ul class="links links--plain">
            {findings.into_iter().map(|f| view! {
                <li>
                    <span class="chip" class:chip--danger=f.severity == "error">{if f.severity == "error" { t("not taken") } else { t("note") }}</span>
                    " "
                    {tf("Row {n}, {field}: {message}", &[("n", &f.row_number.to_string()), ("field", &field_words(&f.field)), ("message", &f.message)])}
                </li>
            }).collect_view()}
        </ul>
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
    let command = CommandId::new();
    let undo = move |_| {
        spawn_local(async move {
            match undo_import(command, id).await {
                Ok(fresh) => import.set(fresh),
                Err(e) => queue.fail(&e),
            }
        });
    };
    view! {
        <div class="card stack">
            {move || import.with(|i| i.error.clone()).map(|text| view! { <ErrorBox text=text/> })}
            <p>{move || import.with(|i| tf(
                if i.status == "undone" { "Taken back. {created} had been added, {matched} were known already, {failed} could not be taken." } else { "{created} added, {matched} were known already, {failed} could not be taken." },
                &[("created", &format::count(i.created)), ("matched", &format::count(i.matched)), ("failed", &format::count(i.failed))],
            ))}</p>
            <div class="row">
                {move || (import.with(|i| i.failed > 0)).then(|| view! { <a class="button" href=format!("/import/{id}/failed.csv") rel="external" download="">{t("Download the failed rows")}</a> })}
                {move || import.with(|i| matches!(i.status.as_str(), "done" | "failed") && i.created > 0).then(|| view! { <button type="button" class="button button--danger" on:click=undo>{t("Undo this import")}</button> })}
            </div>
        </div>
        {move || { let found = import.with(|i| i.findings.clone()); (!found.is_empty()).then(|| view! { <section class="card"><h2>{t("Findings")}</h2><Findings findings=found/></section> }) }}
    }
}
