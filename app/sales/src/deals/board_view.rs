//! The board: columns with sums, cards, dragging, quick add, more on scroll.

use super::{
    board::{BoardState, ColumnState, DRAWN_AT_FIRST},
    card::{DealCardView, MoveMenu},
    server_fns::read_column,
};
use crate::{
    format,
    i18n::{t, tf},
    records::{Draft, keep_refused},
    session::may,
    sync::{Live, Queue, use_live_since},
};
use domain::{
    DealId, EntityKind, Permission, RecordCommand,
    deals::{Board, DealFilter, Place, new_deal},
    pipelines::OF_BOARDS,
};
use leptos::{prelude::*, task::spawn_local};
use ui::{
    Icon,
    drag::{Drop, use_drag_sensor},
};

#[component]
pub fn BoardView(
    board: Board,
    filter: DealFilter,
    /// When it was asked for, in the browser's milliseconds; 0 for the server's own page.
    asked: f64,
    /// Asks the page to read the board anew.
    reload: Callback<()>,
) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let state = BoardState::new(board, filter, queue);
    let editable = may(Permission::EditRecords);
    let node = NodeRef::<leptos::html::Div>::new();
    if editable {
        let on_drop = Callback::new(move |drop: Drop| {
            let (Ok(card), Ok(stage)) = (drop.card.parse::<DealId>(), drop.column.parse()) else { return };
            let drawn_end = || state.column(stage).and_then(|c| c.first_hidden());
            let before = drop.before.and_then(|b| b.parse::<DealId>().ok()).or_else(drawn_end);
            let place = before.map_or(Place::Bottom, |deal| Place::Before { deal });
            state.move_card(card, stage, place, None);
        });
        use_drag_sensor(node, on_drop, Callback::new(move |text| state.announcement.set(text)));
    }
    use_live_since(asked, move |live| match live {
        Live::Message(m) if m.kind == EntityKind::Deal && m.verb.starts_with("import") => reload.run(()),
        Live::Message(m) if OF_BOARDS.contains(&m.kind) => reload.run(()),
        Live::Message(m) if m.kind == EntityKind::Deal && !m.command.is_some_and(|c| queue.is_own(c)) => state.refresh(vec![DealId(m.id)]),
        Live::Reset => reload.run(()),
        Live::Message(_) => {}
    });
    Effect::new(move |_| state.apply_pending());
    let columns = state.columns.get_value();
    Effect::new(move |_| {
        if let Some(board) = node.get() {
            let _ = board.set_attribute("data-ready", "");
        }
    });
    view! {
        <p class="visually-hidden" id="board-help">{t("Press Space to lift the card, arrow keys to move it, Space to drop it, Escape to cancel.")}</p>
        <div class="stage-chips" role="navigation" aria-label=t("Stages")>
            {columns
                .iter()
                .map(|c| {
                    let (c, id) = (*c, c.stage.with_value(|s| s.id));
                    view! {
                        <a class="chip" href=format!("#stage-{id}") rel="external">
                            {c.stage.with_value(|s| s.name.clone())}
                            " "
                            {move || format!("{} · {}", format::count(c.sums.get().count), format::money_compact(c.sums.get().value_minor, state.currency))}
                        </a>
                    }
                })
                .collect_view()}
        </div>
        <div class="board" node_ref=node>
            {columns.into_iter().map(|c| view! { <ColumnView column=c board=state editable=editable/> }).collect_view()}
        </div>
        {editable.then(|| view! { <MoveMenu board=state/> })}
        <div class="visually-hidden" role="status" aria-live="polite">{move || state.announcement.get()}</div>
    }
}

#[component]
fn ColumnView(column: ColumnState, board: BoardState, editable: bool) -> impl IntoView {
    let stage = column.stage.get_value();
    let currency = board.currency;
    // A narrowed board counts some of them only.
    let narrowed = board.filter.with_value(|f| *f != DealFilter { pipeline: f.pipeline, ..Default::default() });
    let (id, limit) = (stage.id, stage.wip_limit.filter(|_| !narrowed));
    let heading = format!("heading-{id}");
    let (labelled, name) = (heading.clone(), stage.name.clone());
    // Where deals end is closed on a wide screen until somebody wants to see it; a rail still takes what is dropped on it.
    // Where a filter asks for deals of one standing, the columns that have some are the ones to see.
    let asked = board.filter.with_value(|f| f.status.is_some());
    let empty = column.sums.with_untracked(|s| s.count == 0);
    let closed = RwSignal::new(if asked { empty } else { stage.outcome != domain::pipelines::StageOutcome::Open });
    let toggle_label = tf("Fold or unfold {stage}", &[("stage", &stage.name)]);
    view! {
        <section class=format!("column column--{}", stage.outcome.code()) class:is-folded=move || closed.get() id=format!("stage-{id}") data-column=id.to_string() data-title=name aria-labelledby=labelled>
            <header class="column__head">
                <button type="button" class="icon-button column__fold" aria-label=toggle_label aria-expanded=move || (!closed.get()).to_string() data-no-drag="" on:click=move |_| closed.update(|c| *c = !*c)>
                    <Icon name="arrow"/>
                </button>
                <h2 id=heading>
                    {stage.name}
                    " "
                    <span class="column__count" class:column__count--over=move || limit.is_some_and(|most| column.sums.get().count > i64::from(most)) title=limit.map(|most| tf("At most {n} are planned here", &[("n", &most.to_string())]))>
                        {move || match limit {
                            Some(most) => format!("{}/{}", format::count(column.sums.get().count), format::count(most.into())),
                            None => format::count(column.sums.get().count),
                        }}
                    </span>
                </h2>
                <p class="column__sums">
                    <span title=t("Sum of values")>{move || format!("Σ {}", format::money_compact(column.sums.get().value_minor, currency))}</span>
                    <span class="muted" title=t("Weighted by probability")>{move || tf("weighted {sum}", &[("sum", &format::money_compact(column.sums.get().weighted_minor, currency))])}</span>
                    {move || {
                        let without = column.sums.get().without_value;
                        (without > 0).then(|| view! { <span class="muted">{tf("{n} without value", &[("n", &format::count(without))])}</span> })
                    }}
                    {move || {
                        let others = column.sums.get().other_currencies;
                        (others > 0).then(|| view! { <span class="muted">{tf("+ {n} in other currencies", &[("n", &format::count(others))])}</span> })
                    }}
                </p>
            </header>
            <ol class="column__cards" data-cards="" tabindex="-1">
                <For each=move || column.drawn_ids() key=|id| *id let:id>
                    {board.card(id).map(|card| view! { <DealCardView card=card board=board editable=editable/> })}
                </For>
                <LoadMore column=column board=board/>
            </ol>
            {(editable && stage.outcome == domain::pipelines::StageOutcome::Open).then(|| view! { <QuickAdd column=column board=board/> })}
        </section>
    }
}

/// More cards when the end of the column comes into sight, and by button for whoever does not scroll.
#[component]
fn LoadMore(column: ColumnState, board: BoardState) -> impl IntoView {
    let loading = RwSignal::new(false);
    let queue = expect_context::<Queue>();
    let load = move || {
        if column.first_hidden().is_some() {
            column.drawn.update(|n| *n += DRAWN_AT_FIRST);
            return;
        }
        let Some(after) = column.next.get_untracked().filter(|_| !loading.get_untracked()) else { return };
        loading.set(true);
        let (stage, filter) = (column.stage.with_value(|s| s.id), board.filter.get_value());
        spawn_local(async move {
            match read_column(stage, filter, after).await {
                Ok(page) => board.append(column, page.items, page.next),
                Err(e) => queue.fail(&e),
            }
            loading.try_set(false);
        });
    };
    let node = NodeRef::<leptos::html::Li>::new();
    Effect::new(move |_| {
        // A fresh observer after every step speaks at once if the end is still in sight.
        column.drawn.track();
        let Some(element) = node.get() else { return };
        use wasm_bindgen::{JsCast, closure::Closure};
        let seen = Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
            let visible = entries.iter().any(|e| e.unchecked_into::<web_sys::IntersectionObserverEntry>().is_intersecting());
            if visible {
                load();
            }
        });
        let Ok(observer) = web_sys::IntersectionObserver::new(seen.as_ref().unchecked_ref()) else { return };
        observer.observe(&element);
        let held = StoredValue::new_local(Some((observer, seen)));
        on_cleanup(move || {
            if let Some(Some((observer, _))) = held.try_update_value(Option::take) {
                observer.disconnect();
            }
        });
    });
    view! {
        <Show when=move || column.next.with(Option::is_some) || column.ids.with(|ids| ids.len() > column.drawn.get())>
            <li class="column__more" node_ref=node>
                <button type="button" class="button button--quiet" on:click=move |_| load()>
                    {move || if loading.get() { t("Loading…") } else { t("Show more") }}
                </button>
            </li>
        </Show>
    }
}

/// One line makes a deal in this column.
#[component]
fn QuickAdd(column: ColumnState, board: BoardState) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let text = RwSignal::new(String::new());
    let draft = Draft::named(format_args!("deal:{}", column.stage.with_value(|s| s.id)));
    Effect::new(move |_| {
        crate::hydration::when_hydrated(move || {
            if let Some(before) = draft.text() {
                text.try_set(before);
            }
        });
    });
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let title = text.get_untracked().trim().to_owned();
        if title.is_empty() {
            return;
        }
        text.set(String::new());
        let key = draft.key();
        draft.forget();
        let stage = column.stage.with_value(|s| s.id);
        let id = DealId::new();
        let typed = title.clone();
        queue.send(RecordCommand::Create { kind: EntityKind::Deal, id: id.0, set: new_deal(&title, stage) }, None, move |result| match result {
            Ok(outcome) => {
                board.refresh(vec![id]);
                queue.toast(tf("Added {title}.", &[("title", &typed)]), outcome.event);
            }
            Err(e) => {
                // The words come back rather than being lost.
                keep_refused(&key, &typed, &e);
                text.try_set(typed);
                queue.fail(&e);
            }
        });
    };
    let name = column.stage.with_value(|s| s.name.clone());
    view! {
        <form class="quick-add" on:submit=submit>
            <input
                class="input"
                placeholder=t("New deal")
                aria-label=tf("New deal in {stage}", &[("stage", &name)])
                enterkeyhint="done"
                prop:value=move || text.get()
                on:input=move |ev| {
                    let typed = event_target_value(&ev);
                    draft.keep_text(&typed);
                    text.set(typed);
                }
            />
            <button type="submit" class="button button--quiet">{t("Add")}</button>
        </form>
    }
}
