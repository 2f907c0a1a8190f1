//! The sample data: in by one tap, out by two.

use crate::{
    AppError,
    i18n::{t, tf},
    latest::latest,
    records::TakeBack,
    session::may,
    sync::Queue,
};
use domain::{ImportCommand, ImportId, Permission, imports::SampleView};
use leptos::{prelude::*, task::spawn_local};

/// The sample data as the reader sees it, if it is here.
#[server(prefix = "/fn", endpoint = "imports/sample", protocol = crate::sync::Fetched)]
pub async fn sample_import() -> Result<Option<SampleView>, AppError> {
    use crate::{Answer, context};
    async {
        let (db, actor) = context::actor()?;
        Ok::<_, AppError>(db.sample_import(&actor).await?)
    }
    .await
    .answer()
}

/// Adds the sample data, or takes it away where it is.
#[component]
pub fn SampleButton(
    /// Called when it came or went.
    on_change: Callback<()>,
    /// Only offered for taking away: says nothing where there is no sample.
    #[prop(default = false)]
    only_remove: bool,
) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let busy = RwSignal::new(false);
    // With the page and not after it: what comes late pushes everything below it down.
    let found = Resource::new_blocking(|| (), |()| sample_import());
    let changed = RwSignal::new(None::<Option<SampleView>>);
    let send = move |command: ImportCommand, after: Option<SampleView>, words: &'static str| {
        let gone = after.is_none();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        queue.send(command, None, move |result| {
            busy.try_set(false);
            match result {
                Ok(outcome) => {
                    changed.try_set(Some(after));
                    if gone {
                        queue.toast_gone(words, outcome.event)
                    } else {
                        queue.toast(words, outcome.event)
                    }
                    on_change.try_run(());
                }
                Err(e) => queue.fail(&e),
            }
        });
    };
    // Taken back from the toast: it is there again, or gone again.
    Effect::new(move |before: Option<u32>| {
        let now = queue.undone.get();
        if before.is_some_and(|b| b != now) && changed.get_untracked().is_some() {
            spawn_local(async move {
                if let Ok(fresh) = sample_import().await {
                    changed.try_set(Some(fresh));
                    on_change.try_run(());
                }
            });
        }
        now
    });
    let add = move |_| {
        let import = ImportId::new();
        let mine = SampleView { import, some_mine: true, added_by: None, may_remove: true };
        send(ImportCommand::AddSample { import }, Some(mine), t("The sample data is here."));
    };
    let shown = move |there: Option<Option<SampleView>>| match there {
        Some(Some(sample)) => {
            let import = sample.import;
            let remove = move |()| send(ImportCommand::UndoImport { import }, None, t("The sample data is gone."));
            view! {
                <div class="note row">
                    <span>{sentence(&sample)}</span>
                    {sample.may_remove.then(|| view! { <TakeBack import=import sample=true label=t("Remove the sample data") on_confirm=remove busy=busy/> })}
                </div>
            }
            .into_any()
        }
        Some(None) if may(Permission::Import) && !only_remove => view! {
            <button type="button" class="button" aria-busy=move || busy.get().to_string() on:click=add>{t("Try with sample data")}</button>
        }
        .into_any(),
        _ => ().into_any(),
    };
    view! {
        <Suspense fallback=|| ()>
            {move || Suspend::new(async move {
                let at_first = latest(found).await.ok();
                move || shown(changed.get().or_else(|| at_first.clone()))
            })}
        </Suspense>
    }
}

/// What of it is the reader's, and who added it.
fn sentence(sample: &SampleView) -> String {
    match (&sample.added_by, sample.some_mine) {
        (None, true) => t("You are looking at sample data, with some of it as yours.").into(),
        (None, false) => t("You are looking at sample data.").into(),
        (Some(name), true) => tf("You are looking at sample data that {name} added, with some of it as yours.", &[("name", name)]),
        (Some(name), false) => tf("You are looking at sample data that {name} added.", &[("name", name)]),
    }
}
