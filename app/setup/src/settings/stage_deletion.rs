//! Deleting a stage of a pipeline: where deals stand in it, it asks first where they go (UX §4).

use crate::{
    AppError, format,
    i18n::{t, tf},
    sync::Queue,
};
use domain::{EntityKind, PipelineCommand, RecordCommand, pipelines::Stage};
use leptos::prelude::*;
use ui::{Icon, Sheet};

/// A stage that is to go.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaving {
    pub stage: Stage,
    /// How many deals stand in it, as far as one sees them.
    pub deals: i64,
    /// Where they could go: stages of the same pipeline and outcome.
    pub others: Vec<Stage>,
}

/// The sheet that asks. It belongs to the page: the list of stages is read anew under it.
#[component]
pub fn StageDeletion(leaving: RwSignal<Option<Leaving>>, reload: Callback<()>) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let open = RwSignal::new(false);
    let why = RwSignal::new(String::new());
    let ask = move |words: String| {
        why.try_set(words);
        open.try_set(true);
    };
    Effect::new(move |_| {
        let Some(Leaving { stage, deals, .. }) = leaving.get() else { return };
        match deals {
            0 => {
                let words = tf("Deleted the stage {name}.", &[("name", &stage.name)]);
                queue.send(RecordCommand::Delete { kind: EntityKind::Stage, id: stage.id.0 }, None, move |result| match result {
                    Ok(outcome) => {
                        queue.toast(words, outcome.event);
                        reload.try_run(());
                    }
                    // Deals that only somebody else sees, or that came meanwhile.
                    Err(AppError::Conflict(words)) => ask(words),
                    Err(e) => queue.fail(&e),
                });
            }
            1 => ask(t("One deal stands in it.").into()),
            n => ask(tf("{n} deals stand in it.", &[("n", &format::count(n))])),
        }
    });
    let replace = move |stage: Stage, into: Stage| {
        open.set(false);
        let words = tf("Deleted the stage {name}; its deals are in {into}.", &[("name", &stage.name), ("into", &into.name)]);
        queue.send(PipelineCommand::ReplaceStage { stage: stage.id, into: into.id }, None, move |result| match result {
            Ok(outcome) => {
                queue.toast(words, outcome.event);
                reload.try_run(());
            }
            Err(e) => queue.fail(&e),
        });
    };
    let heirs = move || {
        let Leaving { stage, others, .. } = leaving.get()?;
        let words = if others.is_empty() {
            t("It is the only stage of its kind in this pipeline, so there is none its deals could go to.").to_owned()
        } else {
            tf("Where do the deals of {name} go?", &[("name", &stage.name)])
        };
        Some(view! {
            <p class="muted">{move || why.get()}</p>
            <p>{words}</p>
            <div class="choices">
                {others.into_iter().map(|into| {
                    let (stage, name) = (stage.clone(), into.name.clone());
                    view! { <button type="button" class="nav-link" on:click=move |_| replace(stage.clone(), into.clone())><Icon name="arrow"/><span>{name}</span></button> }
                }).collect_view()}
            </div>
        })
    };
    view! { <Sheet open=open title=t("Delete a stage")>{heirs}</Sheet> }
}
