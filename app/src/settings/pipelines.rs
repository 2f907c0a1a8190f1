//! Pipelines in the settings: their stages, put in order by dragging, by keyboard or by menu, and taken away.

use super::stage_deletion::Leaving;
use crate::{
    i18n::{t, tf},
    session::may,
    sync::Queue,
};
use domain::{
    Command, EntityKind, StageId, paths,
    pipelines::{Pipeline, Stage},
};
use leptos::prelude::*;
use leptos_router::components::A;
use ui::{
    Menu, MenuItem,
    drag::{Drop, use_drag_sensor},
};

#[component]
pub fn PipelineStages(
    pipeline: Pipeline,
    /// How many deals stand in each stage.
    deals: Vec<(StageId, i64)>,
    reload: Callback<()>,
    /// Takes a stage away.
    leaving: Callback<Leaving>,
) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let editable = may(EntityKind::Stage.edit_permission());
    let Pipeline { id, name, stages, .. } = pipeline;
    let stages = RwSignal::new(stages);
    let said = RwSignal::new(String::new());
    let node = NodeRef::<leptos::html::Div>::new();
    // Puts a stage before another, or at the end; painted at once.
    let put = Callback::new(move |(moved, before): (StageId, Option<StageId>)| {
        let old = stages.get_untracked();
        let mut new: Vec<Stage> = old.iter().filter(|s| s.id != moved).cloned().collect();
        let Some(stage) = old.iter().find(|s| s.id == moved).cloned() else { return };
        let at = before.and_then(|b| new.iter().position(|s| s.id == b)).unwrap_or(new.len());
        let words = tf("Moved {name} to place {n}.", &[("name", &stage.name), ("n", &(at + 1).to_string())]);
        new.insert(at, stage);
        if new == old {
            return;
        }
        let order = new.iter().map(|s| s.id).collect();
        stages.set(new);
        queue.send(Command::OrderStages { pipeline: id, stages: order }, None, move |result| match result {
            Ok(outcome) => queue.toast(words, outcome.event),
            Err(e) => {
                stages.try_set(old);
                queue.fail(&e);
                reload.try_run(());
            }
        });
    });
    if editable {
        let on_drop = Callback::new(move |drop: Drop| {
            if let Ok(moved) = drop.card.parse() {
                put.run((moved, drop.before.and_then(|b| b.parse().ok())));
            }
        });
        use_drag_sensor(node, on_drop, Callback::new(move |text| said.set(text)));
    }
    let deals = StoredValue::new(deals);
    let standing = move |stage: StageId| deals.with_value(|d| d.iter().find(|d| d.0 == stage).map_or(0, |d| d.1));
    let delete = Callback::new(move |stage: Stage| {
        let others = stages.get_untracked().into_iter().filter(|s| s.id != stage.id && s.outcome == stage.outcome).collect();
        let deals = standing(stage.id);
        leaving.run(Leaving { stage, deals, others });
    });
    let help = format!("order-help-{id}");
    let title = name.clone();
    let rows = move || {
        let all = stages.get();
        let ids: Vec<StageId> = all.iter().map(|s| s.id).collect();
        all.into_iter()
            .enumerate()
            .map(|(at, stage)| {
                let up = at.checked_sub(1).and_then(|n| ids.get(n).copied());
                let stage_id = stage.id;
                let (down, last) = (ids.get(at + 2).copied(), at + 1 == ids.len());
                view! { <StageRow stage=stage editable=editable up=up down=(!last).then_some(down) put=put deals=standing(stage_id) delete=delete/> }
            })
            .collect_view()
    };
    view! {
        <h3><A href=paths::record(EntityKind::Pipeline, id.0)>{name}</A></h3>
        {editable.then(|| view! { <p class="visually-hidden" id=help.clone()>{t("Press Space to lift the stage, arrow keys to move it, Space to drop it, Escape to cancel.")}</p> })}
        <div class="stages" node_ref=node data-ready="">
            <div data-column=id.to_string() data-title=title><ol class="links" data-cards="">{rows}</ol></div>
        </div>
        <div class="visually-hidden" role="status" aria-live="polite">{move || said.get()}</div>
        {editable.then(|| view! { <A href=format!("{}?pipelineId={id}", paths::create(EntityKind::Stage)) attr:class="button button--quiet">{t("Add a stage")}</A> })}
    }
}

#[component]
fn StageRow(
    stage: Stage,
    editable: bool,
    /// The stage above, if there is one.
    up: Option<StageId>,
    /// What stands two below (none: the end), if anything stands below at all.
    down: Option<Option<StageId>>,
    put: Callback<(StageId, Option<StageId>)>,
    /// How many stand in it.
    deals: i64,
    delete: Callback<Stage>,
) -> impl IntoView {
    let whole = stage.clone();
    let Stage { id, name, probability, expected_days, .. } = stage;
    let about = match expected_days {
        Some(days) => tf("{percent} % · {days} days", &[("percent", &probability.to_string()), ("days", &days.to_string())]),
        None => format!("{probability} %"),
    };
    let about = match deals {
        0 => about,
        1 => tf("{about} · 1 deal", &[("about", &about)]),
        n => tf("{about} · {n} deals", &[("about", &about), ("n", &crate::format::count(n))]),
    };
    let title = name.clone();
    view! {
        <li data-card=id.to_string() data-title=title.clone() class="stages__row" class:stages__row--movable=editable aria-roledescription=editable.then(|| t("movable stage"))>
            {editable.then(|| view! { <ui::Icon name="grip"/> })}
            <A href=paths::record(EntityKind::Stage, id.0)>{name}</A>
            <span class="muted">{about}</span>
            {editable.then(|| view! {
                <Menu id=format!("stage-menu-{id}") label=tf("Move or delete {title}", &[("title", &title)])>
                    {up.map(|above| view! { <MenuItem on_choose=move |()| put.run((id, Some(above)))>{t("Move up")}</MenuItem> })}
                    {down.map(|two_below| view! { <MenuItem on_choose=move |()| put.run((id, two_below))>{t("Move down")}</MenuItem> })}
                    <MenuItem danger=true on_choose=move |()| delete.run(whole.clone())>{t("Delete the stage")}</MenuItem>
                </Menu>
            })}
        </li>
    }
}
