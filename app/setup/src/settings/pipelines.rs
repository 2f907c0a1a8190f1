//! Pipelines in the settings: their stages, put in order by dragging, by keyboard or by menu, and taken away.

use super::{Hit, Reading, SettingsView, sections::Head, stage_deletion::Leaving};
use crate::{
    i18n::{t, tf},
    session::may,
    sync::Queue,
};
use domain::{
    PipelineCommand, PipelineId, RecordId, StageId, paths,
    pipelines::{Pipeline, Stage},
};
use leptos::prelude::*;
use leptos_router::components::A;
use ui::{
    Menu, MenuItem,
    drag::{Drop, by_keyboard, focus_card, keep_focus, use_drag_sensor},
};

/// Pipelines and stages whose names match a search.
pub fn found(pipelines: Vec<Pipeline>, fits: impl Fn(&str) -> bool) -> Vec<Hit> {
    let mut hits = Vec::new();
    for p in pipelines {
        if fits(&p.name) {
            hits.push((paths::page_of(p.id), p.name.clone(), t("Pipeline").to_owned()));
        }
        for s in p.stages.into_iter().filter(|s| fits(&s.name)) {
            hits.push((paths::page_of(s.id), s.name, tf("Stage of {pipeline}", &[("pipeline", &p.name)])));
        }
    }
    hits
}

#[component]
pub fn PipelinesSection(view: RwSignal<SettingsView>, reading: Reading, leaving: RwSignal<Option<Leaving>>) -> impl IntoView {
    let pipelines = Memo::new(move |_| view.with(|v| v.pipelines.iter().map(|p| (p.id, p.name.clone())).collect::<Vec<_>>()));
    let stages = move |id: PipelineId| {
        Memo::new(move |_| view.with(|v| v.pipelines.iter().find(|p| p.id == id).map(|p| p.stages.clone()).unwrap_or_default()))
    };
    let deals = Memo::new(move |_| view.with(|v| v.deals.clone()));
    let leave = Callback::new(move |stage| leaving.set(Some(stage)));
    view! {
        <section class="card" id="pipelines">
            <Head kind=PipelineId::KIND words=t("Pipelines")/>
            {move || {
                let all = pipelines.get().into_iter();
                all.map(|(id, name)| view! { <PipelineStages id=id name=name read=stages(id) deals=deals reading=reading leaving=leave/> }).collect_view()
            }}
        </section>
    }
}

/// The stages of a pipeline.
#[component]
pub fn PipelineStages(
    id: PipelineId,
    name: String,
    /// The stages as the server has them.
    read: Memo<Vec<Stage>>,
    /// How many deals stand in each stage.
    deals: Memo<Vec<(StageId, i64)>>,
    reading: Reading,
    /// Asks for a stage's deletion.
    leaving: Callback<Leaving>,
) -> impl IntoView {
    let editable = may(StageId::KIND.edit_permission());
    let order = Order::new(id, read, reading);
    let said = RwSignal::new(String::new());
    let node = NodeRef::<leptos::html::Div>::new();
    if editable {
        let on_drop = Callback::new(move |drop: Drop| {
            if let Ok(moved) = drop.card.parse() {
                order.put(moved, drop.before.and_then(|b| b.parse().ok()));
            }
        });
        use_drag_sensor(node, on_drop, Callback::new(move |text| said.set(text)));
    }
    let help = format!("order-help-{id}");
    let title = name.clone();
    // Keyed by content: a changed stage gets a new row, a moved one keeps its row.
    let rows = move || {
        let standing = |stage: StageId| deals.with(|d| d.iter().find(|d| d.0 == stage).map_or(0, |d| d.1));
        order.stages.get().into_iter().map(|s| (standing(s.id), s)).collect::<Vec<_>>()
    };
    view! {
        <h3><A href=paths::page_of(id)>{name}</A></h3>
        {editable.then(|| view! { <p class="visually-hidden" id=help.clone()>{t("Press Space to lift the stage, arrow keys to move it, Space to drop it, Escape to cancel.")}</p> })}
        <div class="stages" node_ref=node data-ready="">
            <div data-column=id.to_string() data-title=title>
                <ol class="links" data-cards="">
                    <For each=rows key=|row| format!("{row:?}") let((deals, stage))>
                        <StageRow stage=stage editable=editable order=order deals=deals leaving=leaving/>
                    </For>
                </ol>
            </div>
        </div>
        <div class="visually-hidden" role="status" aria-live="polite">{move || said.get()}</div>
        {editable.then(|| view! { <A href=format!("{}?pipelineId={id}", paths::create(StageId::KIND)) attr:class="button button--quiet">{t("Add a stage")}</A> })}
    }
}

/// The stages in their order, moved optimistically.
#[derive(Clone, Copy)]
struct Order {
    pipeline: PipelineId,
    stages: RwSignal<Vec<Stage>>,
    queue: Queue,
    reading: Reading,
}

impl Order {
    fn new(pipeline: PipelineId, read: Memo<Vec<Stage>>, reading: Reading) -> Self {
        let order = Self { pipeline, stages: RwSignal::new(read.get_untracked()), queue: expect_context::<Queue>(), reading };
        Effect::new(move |_| {
            let fresh = read.get();
            if order.stages.with_untracked(|s| *s != fresh) {
                keep_focus();
                order.stages.set(fresh);
            }
        });
        order
    }

    fn place(self, stage: StageId) -> Option<usize> {
        self.stages.with(|all| all.iter().position(|s| s.id == stage))
    }

    /// The stage `by` places further down (up, if negative), or none.
    fn neighbour(self, stage: StageId, by: isize) -> Option<StageId> {
        self.stages.with(|all| {
            let at = all.iter().position(|s| s.id == stage)?.checked_add_signed(by)?;
            all.get(at).map(|s| s.id)
        })
    }

    /// Puts a stage before another, or at the end.
    fn put(self, moved: StageId, before: Option<StageId>) {
        let old = self.stages.get_untracked();
        let mut new: Vec<Stage> = old.iter().filter(|s| s.id != moved).cloned().collect();
        let Some(stage) = old.iter().find(|s| s.id == moved).cloned() else { return };
        let at = before.and_then(|b| new.iter().position(|s| s.id == b)).unwrap_or(new.len());
        let words = tf("Moved {name} to place {n}.", &[("name", &stage.name), ("n", &(at + 1).to_string())]);
        new.insert(at, stage);
        if new == old {
            return;
        }
        let stages = new.iter().map(|s| s.id).collect();
        self.stages.set(new);
        focus_card(moved, by_keyboard());
        let Self { pipeline, queue, reading, .. } = self;
        reading.begin();
        queue.send(PipelineCommand::OrderStages { pipeline, stages }, None, move |result| {
            match result {
                Ok(outcome) => queue.toast(words, outcome.event),
                Err(e) => {
                    self.stages.try_set(old);
                    queue.fail(&e);
                }
            }
            reading.end();
        });
    }
}

#[component]
fn StageRow(
    stage: Stage,
    editable: bool,
    order: Order,
    /// How many stand in it.
    deals: i64,
    leaving: Callback<Leaving>,
) -> impl IntoView {
    let whole = StoredValue::new(stage.clone());
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
    let delete = move |()| {
        let stage = whole.get_value();
        let others = order.stages.get_untracked().into_iter().filter(|s| s.id != stage.id && s.outcome == stage.outcome).collect();
        leaving.run(Leaving { stage, deals, others });
    };
    let first = Memo::new(move |_| order.place(id) == Some(0));
    let last = Memo::new(move |_| order.neighbour(id, 1).is_none());
    view! {
        <li data-card=id.to_string() data-title=title.clone() class="stages__row" class:stages__row--movable=editable aria-roledescription=editable.then(|| t("movable stage"))>
            {editable.then(|| view! { <ui::Icon name="grip"/> })}
            <A href=paths::page_of(id)>{name}</A>
            <span class="muted">{about}</span>
            {editable.then(|| view! {
                <Menu id=format!("stage-menu-{id}") label=tf("Move or delete {title}", &[("title", &title)])>
                    {move || (!first.get()).then(|| view! { <MenuItem on_choose=move |()| order.put(id, order.neighbour(id, -1))>{t("Move up")}</MenuItem> })}
                    {move || (!last.get()).then(|| view! { <MenuItem on_choose=move |()| order.put(id, order.neighbour(id, 2))>{t("Move down")}</MenuItem> })}
                    <MenuItem danger=true on_choose=delete>{t("Delete the stage")}</MenuItem>
                </Menu>
            })}
        </li>
    }
}
