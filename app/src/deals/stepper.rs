//! The stages of a deal across the top of its page: one tap moves it; without wasm a select and a button do.

use crate::{
    i18n::{t, tf},
    records::RecordView,
    sync::Queue,
};
use domain::{
    Command, CommandId, DealId, Record, StageId,
    deals::{LOST_REASONS, Place},
    pipelines::{Stage, StageOutcome},
};
use leptos::prelude::*;
use ui::Sheet;

#[component]
pub fn StageStepper(record: RwSignal<Record>, shown: RwSignal<RecordView>, editable: bool, on_moved: Callback<()>) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let Some(pipeline) = shown.with_untracked(|s| s.pipeline.clone()) else { return ().into_any() };
    let stages = StoredValue::new(pipeline.stages.clone());
    let asking = RwSignal::new(false);
    let current = Memo::new(move |_| record.with(|r| r.text("stageId")));
    let go = move |stage: StageId, reason: Option<String>| {
        let before = record.get_untracked();
        let name = stages.with_value(|s| s.iter().find(|s| s.id == stage).map(|s| s.name.clone()).unwrap_or_default());
        record.update(|r| {
            r.fields.insert("stageId".into(), stage.to_string().into());
        });
        let command = Command::MoveDeal { deal: DealId(before.id), stage, place: Place::Top, reason };
        queue.send(command, Some(before.version), move |result| match result {
            Ok(outcome) => {
                queue.toast(tf("Moved to {stage}.", &[("stage", &name)]), outcome.event);
                on_moved.run(());
            }
            Err(e) => {
                record.try_set(before);
                queue.fail(&e);
            }
        });
    };
    let choose = move |stage: Stage| {
        if stage.outcome == StageOutcome::Lost { asking.set(true) } else { go(stage.id, None) }
    };
    let reached = move |stage: &Stage| {
        let order = stages.with_value(|s| s.iter().map(|s| s.id.to_string()).collect::<Vec<_>>());
        let place = |id: &str| order.iter().position(|o| o == id);
        place(&stage.id.to_string()) <= place(&current.get())
    };
    let steps = pipeline
        .stages
        .iter()
        .map(|stage| {
            let (id, name) = (stage.id.to_string(), stage.name.clone());
            let (chosen, colour) = (stage.clone(), stage.clone());
            let is_current = move || current.get() == id;
            view! {
                <li class=format!("step step--{}", stage.outcome.code()) class:is-reached=move || reached(&colour)>
                    <button type="button" class="step__button" disabled=!editable aria-current=move || is_current().then_some("step") on:click=move |_| choose(chosen.clone())>
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
            choose(stage);
        }
    };
    let lost = stages.with_value(|s| s.iter().find(|s| s.outcome == StageOutcome::Lost).map(|s| s.id));
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
        <Sheet open=asking title=t("Why was it lost?")>
            <div class="choices">
                {LOST_REASONS.iter().map(|reason| view! {
                    <button type="button" class="nav-link" on:click=move |_| {
                        asking.set(false);
                        if let Some(stage) = lost { go(stage, Some((*reason).to_owned())) }
                    }>{t(reason)}</button>
                }).collect_view()}
                <button type="button" class="nav-link" on:click=move |_| {
                    asking.set(false);
                    if let Some(stage) = lost { go(stage, None) }
                }>{t("Lost without a reason")}</button>
            </div>
        </Sheet>
    }
    .into_any()
}
