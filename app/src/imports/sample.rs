//! The sample data: in by one tap, out by one tap.

use super::server_fns::sample_import;
use crate::{i18n::t, session::may, sync::Queue};
use domain::{Command, ImportId, Permission};
use leptos::prelude::*;

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
    let changed = RwSignal::new(None::<Option<ImportId>>);
    let send = move |command: Command, words: &'static str| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let after = match &command {
            Command::AddSample { import } => Some(*import),
            _ => None,
        };
        queue.send(command, None, move |result| {
            busy.try_set(false);
            match result {
                Ok(outcome) => {
                    changed.try_set(Some(after));
                    queue.toast(words, if after.is_some() { outcome.event } else { None });
                    on_change.try_run(());
                }
                Err(e) => queue.fail(&e),
            }
        });
    };
    let allowed = may(Permission::Import);
    let shown = move |there: Option<Option<ImportId>>| {
        match there {
        Some(Some(import)) if allowed => view! {
            <p class="note row">
                <span>{t("You are looking at sample data, with some of it as yours.")}</span>
                <button type="button" class="button" aria-busy=move || busy.get().to_string() on:click=move |_| send(Command::UndoImport { import }, t("The sample data is gone."))>{t("Remove the sample data")}</button>
            </p>
        }
        .into_any(),
        Some(None) if allowed && !only_remove => view! {
            <button type="button" class="button" aria-busy=move || busy.get().to_string() on:click=move |_| send(Command::AddSample { import: ImportId::new() }, t("The sample data is here."))>{t("Try with sample data")}</button>
        }
        .into_any(),
        _ => ().into_any(),
    }
    };
    view! {
        <Suspense fallback=|| ()>
            {move || Suspend::new(async move {
                let at_first = found.await.ok();
                move || shown(changed.get().or(at_first))
            })}
        </Suspense>
    }
}
