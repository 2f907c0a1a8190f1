//! The mapping step of the wizard: what each column means, what the first rows become, what happens to known records.

use super::server_fns::{choose_import, describe_import, dry_run, preview_import, start_import};
use crate::{
    format,
    i18n::{t, tf, translated},
    sync::Queue,
};
use domain::imports::{ColumnMapping, FindingView, ImportKind, ImportOptions, ImportView, KnownRows, Suggestion, target, targets};
use leptos::{prelude::*, task::spawn_local};

#[component]
pub fn MappingStep(import: RwSignal<ImportView>) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let findings = RwSignal::new(None::<Vec<FindingView>>);
    let busy = RwSignal::new(false);
    let id = import.with_untracked(|i| i.id);
    let describe = Callback::new(move |(kind, targets): (ImportKind, Option<Vec<String>>)| {
        findings.set(None);
        spawn_local(async move {
            match describe_import(id, kind, targets).await {
                Ok(fresh) => import.set(fresh),
                // The control shows again what holds.
                Err(e) => {
                    queue.fail(&e);
                    import.update(|_| {});
                }
            }
        });
    });
    // Optimistic update: the options apply on the page at once, are saved in the background, and are sent again with the start.
    let choose = Callback::new(move |options: ImportOptions| {
        import.update(|i| i.options = options.clone());
        spawn_local(async move {
            if let Err(e) = choose_import(id, options).await {
                queue.fail(&e);
            }
        });
    });
    // The answer comes into view: the button stands at the foot of the window, the findings may not.
    let answer = NodeRef::<leptos::html::Section>::new();
    Effect::new(move |_| {
        if findings.with(Option::is_some)
            && let Some(card) = answer.get()
        {
            card.scroll_into_view();
        }
    });
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
            match start_import(id, import.with_untracked(|i| i.options.clone())).await {
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
                    if let Some(kind) = ImportKind::from_code(&event_target_value(&ev)) { describe.run((kind, None)) }
                }>
                    {ImportKind::all().map(|kind| view! {
                        <option value=kind.code() selected=move || import.with(|i| i.kind == kind)>{t(kind.label())}</option>
                    }).collect_view()}
                </select>
                <span class="muted">{move || tf("{n} rows", &[("n", &format::count(import.with(|i| i.rows_total)))])}</span>
            </label>
            <label class="row">
                <span>{t("Records that are here already")}</span>
                <select class="input" on:change=move |ev| {
                    let at: usize = event_target_value(&ev).parse().unwrap_or_default();
                    let known = KnownRows::ALL.get(at).copied().unwrap_or_default();
                    choose.run(ImportOptions { known, ..import.with_untracked(|i| i.options.clone()) });
                }>
                    {KnownRows::ALL.into_iter().enumerate().map(|(at, known)| view! {
                        <option value=at.to_string() selected=move || import.with(|i| i.options.known == known)>{t(known.label())}</option>
                    }).collect_view()}
                </select>
            </label>
            <p class="muted">{t("A record is known by its id in the other system, else by e-mail, else by name and company.")}</p>
        </div>
        <Columns import=import describe=describe/>
        <Preview import=import/>
        {move || findings.get().map(|found| view! {
            <section class="card" node_ref=answer>
                <h2>{t("Dry run")}</h2>
                {if found.is_empty() { view! { <p>{t("Every row can be taken as it is.")}</p> }.into_any() } else { view! { <Findings findings=found choice=Some((import, choose))/> }.into_any() }}
            </section>
        })}
        <div class="sticky-actions">
            <button type="button" class="button button--primary" aria-busy=move || busy.get().to_string() on:click=start>{move || tf("Import {n} rows", &[("n", &format::count(import.with(|i| i.rows_total)))])}</button>
            <button type="button" class="button button--quiet" aria-busy=move || busy.get().to_string() on:click=check>{t("Try without writing")}</button>
        </div>
    }
}

/// Columns that somebody should look at come first: those nothing fits, then those guessed.
fn by_doubt(mapping: &[ColumnMapping]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..mapping.len()).collect();
    order.sort_by_key(|i| mapping.get(*i).map_or(0, |m| m.confidence));
    order
}

#[component]
fn Columns(import: RwSignal<ImportView>, describe: Callback<(ImportKind, Option<Vec<String>>)>) -> impl IntoView {
    // The order stays as it was when the page came: a row does not run away from whoever corrects it.
    let kind = Memo::new(move |_| import.with(|i| i.kind));
    let order = Memo::new(move |_| {
        kind.get();
        import.with_untracked(|i| by_doubt(&i.mapping))
    });
    view! {
        <div class="table-wrap card table-cards">
            <table class="table">
                <thead><tr><th scope="col">{t("Column")}</th><th scope="col">{t("Samples")}</th><th scope="col">{t("Goes to")}</th><th scope="col" class="number">{t("Sure")}</th></tr></thead>
                <tbody>
                    {move || {
                        let view = import.get();
                        let options = targets(view.kind);
                        let all: Vec<String> = view.mapping.iter().map(|m| m.target.clone()).collect();
                        order.get().into_iter().filter_map(|i| view.mapping.get(i).cloned().map(|m| (i, m))).map(|(i, column)| {
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
                                            describe.run((kind, Some(targets)));
                                        }>
                                            {options.iter().map(|(code, words)| view! { <option value=code.clone() selected=*code == column.target>{t(words)}</option> }).collect_view()}
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
    }
}

/// The first rows under the names of the fields they go to.
#[component]
fn Preview(import: RwSignal<ImportView>) -> impl IntoView {
    let id = import.with_untracked(|i| i.id);
    let mapping = Memo::new(move |_| import.with(|i| (i.kind, i.mapping.iter().map(|m| m.target.clone()).collect::<Vec<_>>())));
    let rows = RwSignal::new(None);
    // In the browser alone: the page is whole without it.
    Effect::new(move |_| {
        mapping.track();
        spawn_local(async move {
            let answer = preview_import(id).await;
            rows.try_set(Some(answer));
        });
    });
    view! {
        <details class="card" open=true>
            <summary><h2 class="inline">{t("The first rows")}</h2></summary>
            {move || rows.get().map(|answer| match answer {
                Err(e) => view! { <ui::ErrorBox text=e.to_string()/> }.into_any(),
                Ok(rows) => {
                    let (kind, goals) = mapping.get_untracked();
                    let labels = targets(kind);
                    let shown: Vec<(usize, String)> = goals
                        .iter()
                        .enumerate()
                        .filter(|(_, g)| *g != target::IGNORE && *g != target::KEEP)
                        .map(|(i, g)| (i, labels.iter().find(|l| l.0 == *g).map_or_else(|| g.clone(), |l| t(l.1).to_owned())))
                        .collect();
                    let head = shown.iter().map(|(_, label)| view! { <th scope="col">{label.clone()}</th> }).collect_view();
                    let body = rows.into_iter().map(|row| {
                        let cells = shown.iter().map(|(i, _)| view! { <td>{row.cells.get(*i).cloned().unwrap_or_default()}</td> }).collect_view();
                        let wrong = !row.problems.is_empty();
                        view! {
                            <tr class:row-wrong=wrong>
                                <th scope="row" class="number">{row.number}</th>
                                {cells}
                                <td>{if wrong { view! { <span class="chip chip--danger">{t("not taken")}</span> " " {row.problems.iter().map(|p| problem_words(p)).collect::<Vec<_>>().join("; ")} }.into_any() } else { view! { <span class="chip">{t("fine")}</span> }.into_any() }}</td>
                            </tr>
                        }
                    }).collect_view();
                    view! { <div class="table-wrap" tabindex="0" role="region" aria-label=t("The first rows")><table class="table table--compact"><thead><tr><th scope="col" class="number">{t("Row")}</th>{head}<th scope="col">{t("Check")}</th></tr></thead><tbody>{body}</tbody></table></div> }.into_any()
                }
            })}
        </details>
    }
}

/// The label of a field that a finding names by its key.
fn field_words(key: &str) -> String {
    let label = ImportKind::all().find_map(|k| k.entity().field(key)).map(|f| f.label);
    label.map_or_else(|| key.to_owned(), |l| t(l).to_owned())
}

/// Validation message of a preview row, prefixed with the column unless it concerns the whole row.
fn problem_words(problem: &str) -> String {
    match problem.split_once(": ") {
        Some(("row", message)) => translated(message.to_owned()),
        Some((column, message)) => format!("{}: {}", field_words(column), translated(message.to_owned())),
        None => translated(problem.to_owned()),
    }
}

/// A finding in words. What undo left in place has no row in the file.
fn finding_words(finding: &FindingView) -> String {
    let message = translated(finding.message.clone());
    if finding.is_about_undo() {
        return message;
    }
    let n = finding.row_number.to_string();
    let label = ImportKind::all().find_map(|k| k.entity().field(&finding.field)).map(|f| f.label);
    // A message about the whole row, or one that names its field.
    if finding.field == "row" || label.is_some_and(|l| finding.message.starts_with(l)) {
        return tf("Row {n}: {message}", &[("n", &n), ("message", &message)]);
    }
    tf("Row {n}, {field}: {message}", &[("n", &n), ("field", &field_words(&finding.field)), ("message", &message)])
}

/// Findings, row by row; a name like one we know can be settled here before the import runs.
#[component]
pub fn Findings(
    findings: Vec<FindingView>,
    #[prop(default = None)] choice: Option<(RwSignal<ImportView>, Callback<ImportOptions>)>,
) -> impl IntoView {
    view! {
        <ul class="links links--plain">
            {findings.into_iter().map(|f| view! {
                <li>
                    <span class="chip" class:chip--danger=f.severity == "error">{match f.severity.as_str() { "error" => t("not taken"), _ if f.is_about_undo() => t("stays"), _ => t("hint") }}</span>
                    " "
                    {finding_words(&f)}
                    {f.suggestion.zip(choice).map(|(s, (import, choose))| view! { <Choice suggestion=s import=import choose=choose/> })}
                </li>
            }).collect_view()}
        </ul>
    }
}

/// What a name of the file is taken as.
#[component]
fn Choice(suggestion: Suggestion, import: RwSignal<ImportView>, choose: Callback<ImportOptions>) -> impl IntoView {
    let Suggestion { name, like, taken } = suggestion;
    let label = tf("What “{name}” is taken as", &[("name", &name)]);
    let (same, new) = (tf("Take it as “{name}”", &[("name", &like)]), tf("Make a new product “{name}”", &[("name", &name)]));
    let chosen = {
        let (name, like) = (name.clone(), like.clone());
        Memo::new(move |_| import.with(|i| i.options.products.get(&name).map_or(taken, |to| *to == like)))
    };
    view! {
        <select class="input" aria-label=label on:change=move |ev| {
            let mut options = import.with_untracked(|i| i.options.clone());
            let to = if event_target_value(&ev) == "same" { like.clone() } else { name.clone() };
            options.products.insert(name.clone(), to);
            choose.run(options);
        }>
            <option value="same" selected=move || chosen.get()>{same}</option>
            <option value="new" selected=move || !chosen.get()>{new}</option>
        </select>
    }
}
