//! Columns that are no stages: months of the forecast, groups of a field. Cards go from one to another by drag, keys and menu.

use crate::{
    format,
    i18n::{language, t, tf},
    session::may,
    sync::{Named, Queue},
};
use chrono::NaiveDate;
use domain::{DealId, EntityKind, FieldMap, Permission, RecordCommand, StageId, deals::DealCard, paths};
use leptos::prelude::*;
use leptos_router::components::A;
use std::collections::BTreeMap;
use ui::{
    Avatar, MenuButton, MenuItem, MenuList,
    drag::{Drop, use_drag_sensor},
};
use uuid::Uuid;

/// The id of the one menu that all cards open.
const MENU: &str = "column-menu";

/// A column: what it is called, and whether a card can be put there.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    pub key: String,
    pub words: String,
    pub takes: bool,
    /// Beside the others: it is shown while it holds something, or while a card is in hand.
    pub beside: bool,
}

/// What a column holds at the moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Held {
    pub count: i64,
    pub cards: Vec<DealCard>,
}

/// A card that was put into another column: painted at once, the server's word follows.
pub struct Put<T: 'static> {
    pub card: DealCard,
    /// What changes of the deal.
    pub set: FieldMap,
    /// Names of what it points at then.
    pub names: BTreeMap<Uuid, String>,
    /// What is said when it is kept.
    pub words: String,
    pub before: T,
    pub after: T,
    pub find: fn(&mut T, DealId) -> Option<&mut DealCard>,
}

impl<T: Clone + Send + Sync + 'static> Put<T> {
    pub fn send(self, queue: Queue, shown: RwSignal<T>, reload: Callback<()>) {
        let Self { card, set, names, words, before, after, find } = self;
        let id = card.id;
        shown.set(after);
        ui::drag::focus_card(id, false);
        let named = Named { names, ..Named::about(&card.title) };
        queue.send_named(RecordCommand::Edit { kind: EntityKind::Deal, id: id.0, set }, Some(card.version), named, move |result| match result {
            Ok(outcome) => {
                shown.try_update(|all| {
                    if let Some(card) = find(all, id) {
                        card.version = outcome.version;
                    }
                });
                queue.toast(words, outcome.event);
            }
            Err(e) => {
                shown.try_set(before);
                queue.fail(&e);
                reload.try_run(());
            }
        });
    }
}

#[component]
pub fn CardColumns(
    heads: Vec<Head>,
    /// What the column of a key holds.
    held: Callback<String, Held>,
    /// Its sums.
    sums: Callback<String, AnyView>,
    /// The chip beside a card's value, with what it means.
    chip: Callback<DealCard, (String, &'static str)>,
    /// Puts a card into a column.
    put: Callback<(DealId, String)>,
) -> impl IntoView {
    let editable = may(Permission::EditRecords);
    let said = RwSignal::new(String::new());
    let node = NodeRef::<leptos::html::Div>::new();
    if editable {
        let on_drop = Callback::new(move |drop: Drop| {
            if let Ok(id) = drop.card.parse() {
                put.run((id, drop.column));
            }
        });
        use_drag_sensor(node, on_drop, Callback::new(move |text| said.set(text)));
    }
    // One list of places serves all cards: one each would be most of the page.
    let targets = heads.clone();
    let in_hand = RwSignal::new(None::<DealId>);
    let columns = heads
        .into_iter()
        .enumerate()
        .map(|(nth, Head { key, words, beside, .. })| {
            let code = StoredValue::new(key.clone());
            let here = Memo::new(move |_| held.run(code.get_value()));
            // By its place: a key may be anybody's words.
            let heading = format!("column-{nth}");
            let (title, labelled) = (words.clone(), heading.clone());
            view! {
                <section class="column forecast__period" class:is-empty=move || beside && here.with(|h| h.count == 0) data-column=key data-title=title aria-labelledby=labelled>
                    <header class="column__head">
                        <h2 id=heading>{words}" "<span class="column__count">{move || format::count(here.with(|h| h.count))}</span></h2>
                        {move || sums.run(code.get_value())}
                    </header>
                    <ol class="column__cards" data-cards="" tabindex="-1">
                        <For each=move || here.get().cards key=shown_of let:card>
                            <MovableCard chip=chip.run(card.clone()) card=card editable=editable in_hand=in_hand/>
                        </For>
                        {move || here.with(|h| (h.count > h.cards.len() as i64).then(|| {
                            let n = format::count(h.count - h.cards.len() as i64);
                            view! { <li class="muted column__more">{tf("and {n} more, in the list", &[("n", &n)])}</li> }
                        }))}
                    </ol>
                </section>
            }
        })
        .collect_view();
    view! {
        {editable.then(|| view! { <p class="visually-hidden" id="board-help">{t("Press Space to lift the card, arrow keys to move it, Space to drop it, Escape to cancel.")}</p> })}
        <div class="board board--forecast" node_ref=node data-ready="">{columns}</div>
        {editable.then(|| view! {
            <MenuList id=MENU>
                {targets.into_iter().filter(|h| h.takes).map(|Head { key, words, .. }| {
                    let choose = move |()| if let Some(id) = in_hand.get_untracked() { put.run((id, key.clone())) };
                    view! { <MenuItem on_choose=choose>{words}</MenuItem> }
                }).collect_view()}
            </MenuList>
        })}
        <div class="visually-hidden" role="status" aria-live="polite">{move || said.get()}</div>
    }
}

type Shown = (DealId, String, Option<i64>, i32, StageId, Option<NaiveDate>, Option<String>, Option<String>);

/// What a card shows. Another version that shows the same stays the same card, with the focus on it.
fn shown_of(c: &DealCard) -> Shown {
    (c.id, c.title.clone(), c.value_minor, c.probability, c.stage_id, c.expected_close_date, c.company.clone(), c.owner.clone())
}

#[component]
fn MovableCard(
    card: DealCard,
    chip: (String, &'static str),
    editable: bool,
    /// The card whose menu is open.
    in_hand: RwSignal<Option<DealId>>,
) -> impl IntoView {
    let (id, title) = (card.id, card.title.clone());
    let (name, link) = (title.clone(), title.clone());
    let who = [card.company.clone(), card.contact.clone()].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let value = card.value().map_or_else(|| t("no value").to_owned(), |m| m.display(language()));
    view! {
        <li class="deal-card" data-card=id.to_string() data-title=name aria-roledescription=editable.then(|| t("movable card"))>
            <div class="deal-card__head">
                <A href=paths::record(EntityKind::Deal, id.0) attr:class="deal-card__link" attr:draggable="false" attr:aria-describedby=editable.then_some("board-help")>{link}</A>
                {editable.then(|| view! { <MenuButton target=MENU label=tf("Move {title} to…", &[("title", &title)]) on_open=move |()| in_hand.set(Some(id))/> })}
            </div>
            <p class="deal-card__who">{who}</p>
            <p class="deal-card__figures">
                <span class="deal-card__value" class:deal-card__value--none=card.value_minor.is_none()>{value}</span>
                <span class="chip" title=chip.1>{chip.0}</span>
            </p>
            <div class="deal-card__foot">
                {card.expected_close_date.map(|d| view! { <span class="muted">{format::day(d)}</span> })}
                {card.owner.map(|name| view! { <Avatar name=name/> })}
            </div>
        </li>
    }
}
