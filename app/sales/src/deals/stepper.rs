//! The stages of a deal across the top of its page: one tap moves it; without wasm a select and a button do.

use crate::{
    i18n::{t, tf},
    sync::{Named, Queue},
};
use domain::{
    CommandId, DealCommand, DealId, Record,
    deals::Place,
    pipelines::{Pipeline, Stage, StageOutcome},
};
use leptos::prelude::*;

#[component]
pub fn StageStepper(record: Memo<Record>, pipeline: Pipeline, editable: bool, on_moved: Callback<()>) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let stages = StoredValue::new(pipeline.stages.clone());
    let current = Memo::new(move |_| record.with(|r| r.text("stageId")));
    let go = move |to: Stage| {
        let before = record.get_untracked();
        let stage = to.id;
        let command = DealCommand::MoveDeal { deal: DealId(before.id), stage, place: Place::Top, reason: None };
        let words = Some(tf("Move to {stage}", &[("stage", &to.name)]));
        let named = Named { names: [(stage.0, to.name.clone())].into(), words, ..Named::about(before.title) };
        queue.send_named(command, Some(before.version), named, move |result| match result {
            Ok(outcome) => {
                let text = tf("Moved to {stage}.", &[("stage", &to.name)]);
                if to.outcome == StageOutcome::Lost {
                    queue.toast_asking(text, outcome.event, outcome.id, outcome.version);
                } else {
                    queue.toast(text, outcome.event);
                }
                on_moved.try_run(());
            }
            Err(e) => queue.fail(&e),
        });
    };
    // A deal has come through the open stages up to where it is; how it ended is a stage of its own.
    let reached = move |stage: &Stage| {
        let order = stages.with_value(|s| s.iter().map(|s| s.id.to_string()).collect::<Vec<_>>());
        let place = |id: &str| order.iter().position(|o| o == id);
        let here = current.get();
        stage.id.to_string() == here || stage.outcome == StageOutcome::Open && place(&stage.id.to_string()) <= place(&here)
    };
    let step_to = move |wanted: StageOutcome| {
        let here = current.get_untracked();
        stages.with_value(|all| match wanted {
            StageOutcome::Open => {
                let at = all.iter().position(|s| s.id.to_string() == here)?;
                all.get(at + 1).filter(|s| s.outcome == StageOutcome::Open).cloned()
            }
            outcome => all.iter().find(|s| s.outcome == outcome && s.id.to_string() != here).cloned(),
        })
    };
    let open_now = move || stages.with_value(|all| all.iter().any(|s| s.id.to_string() == current.get() && s.outcome == StageOutcome::Open));
    let steps = pipeline
        .stages
        .iter()
        .map(|stage| {
            let (id, name) = (stage.id.to_string(), stage.name.clone());
            let (chosen, colour) = (stage.clone(), stage.clone());
            let is_current = move || current.get() == id;
            view! {
                <li class=format!("step step--{}", stage.outcome.code()) class:is-reached=move || reached(&colour)>
                    <button type="button" class="step__button" disabled=!editable aria-current=move || is_current().then_some("step") on:click=move |_| go(chosen.clone())>
                        {name}
                    </button>
                </li>
            }
        })
        .collect_view();
    let deal = record.with_untracked(|r| r.id.to_string());
    let options = pipeline.stages.iter().map(|s| view! { <option value=s.id.to_string()>{s.name.clone()}</option> }).collect_view();
    let select = NodeRef::<leptos::html::Select>::new();
    let on_submit = move |ev: leptos::ev::SubmitEvent| {
        let Some(wanted) = select.get_untracked().map(|s| s.value()) else { return };
        ev.prevent_default();
        if let Some(stage) = stages.with_value(|s| s.iter().find(|s| s.id.to_string() == wanted).cloned()) {
            go(stage);
        }
    };
    view! {
        <ol class="steps" aria-label=t("Stage")>{steps}</ol>
        {editable.then(|| view! {
            <form method="post" action="/do/move" class="row step-form" on:submit=on_submit>
                <input type="hidden" name="deal" value=deal/>
                <input type="hidden" name="command_id" value=CommandId::new().to_string()/>
                <label class="row">{t("Move to")}<select class="input" name="stage" node_ref=select>{options}</select></label>
                <button type="submit" class="button">{t("Move")}</button>
            </form>
        })}
        // The three ways on, under the thumb.
        {editable.then(|| view! {
            <div class="deal-actions" role="group" aria-label=t("Close or move on")>
                <Show when=open_now>
                    <button type="button" class="button button--won" on:click=move |_| if let Some(s) = step_to(StageOutcome::Won) { go(s) }>{t("Won")}</button>
                    <button type="button" class="button button--danger" on:click=move |_| if let Some(s) = step_to(StageOutcome::Lost) { go(s) }>{t("Lost")}</button>
                    <Show when=move || { current.track(); step_to(StageOutcome::Open).is_some() }>
                        <button type="button" class="button button--primary" on:click=move |_| if let Some(s) = step_to(StageOutcome::Open) { go(s) }>{t("Next stage")}</button>
                    </Show>
                </Show>
            </div>
        })}
    }
}
