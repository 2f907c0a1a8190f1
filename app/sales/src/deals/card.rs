//! A card of the board.

use super::board::BoardState;
use crate::{
    format,
    i18n::{language, t, tf},
};
use domain::{
    EntityKind, StageId,
    deals::{DealCard, Place},
    paths,
};
use leptos::prelude::*;
use leptos_router::components::A;
use ui::{Avatar, Icon, MenuButton, MenuItem, MenuList, PendingDot};

/// What is next on this deal: shape, colour and words together.
fn next_step(card: &DealCard, today: chrono::NaiveDate) -> (&'static str, String) {
    match (&card.next_action, card.next_action_date) {
        _ if card.closed_at.is_some() => ("closed", String::new()),
        (_, Some(day)) if day < today => ("late", tf("{n} d late", &[("n", &(today - day).num_days().to_string())])),
        (_, Some(day)) if day == today => ("today", t("today").into()),
        (_, Some(day)) => ("planned", format::day(day)),
        (Some(_), None) => ("planned", t("planned").into()),
        (None, None) => ("none", t("no next step").into()),
    }
}

#[component]
pub fn DealCardView(card: RwSignal<DealCard>, board: BoardState, editable: bool) -> impl IntoView {
    let id = card.with_untracked(|c| c.id);
    let now = board.now;
    let expected = move || board.column(card.with(|c| c.stage_id)).and_then(|c| c.stage.with_value(|s| s.expected_days));
    let ageing = Memo::new(move |_| {
        let (since, closed, planned) =
            card.with(|c| (c.stage_since, c.closed_at.is_some(), c.next_action_date.is_some_and(|d| d >= format::day_of(now))));
        !closed && !planned && expected().is_some_and(|days| (now - since).num_days() > i64::from(days))
    });
    let step = Memo::new(move |_| card.with(|c| next_step(c, format::day_of(now))));
    let title = Memo::new(move |_| card.with(|c| c.title.clone()));
    view! {
        <li class="deal-card" class:deal-card--ageing=move || ageing.get() data-card=id.to_string() data-title=move || title.get() aria-roledescription=t("movable card")>
            <div class="deal-card__head">
                <A href=paths::record(EntityKind::Deal, id.0) attr:class="deal-card__link" attr:draggable="false" attr:aria-describedby="board-help">{move || title.get()}</A>
                {editable.then(|| view! { <MenuButton target=MENU label=t("Move to…") on_open=move |()| board.in_hand.set(Some(id))/> })}
            </div>
            <p class="deal-card__who">{move || card.with(|c| [c.company.clone(), c.contact.clone()].into_iter().flatten().collect::<Vec<_>>().join(" · "))}</p>
            <p class="deal-card__figures">
                <span class="deal-card__value" class:deal-card__value--none=move || card.with(|c| c.value_minor.is_none())>{move || card.with(|c| c.value().map_or_else(|| t("no value").to_owned(), |m| m.display(language())))}</span>
                <span class="chip" class:chip--danger=move || ageing.get() title=t("in this stage")>{move || card.with(|c| format::age(c.stage_since, now))}</span>
            </p>
            <div class="deal-card__foot">
                {move || {
                    let (kind, words) = step.get();
                    (!words.is_empty()).then(|| view! { <span class=format!("next-step next-step--{kind}")>{words}</span> })
                }}
                {move || board.pending.with(|p| p.contains(&id)).then(|| view! { <PendingDot/> })}
                {move || card.with(|c| c.owner.clone()).map(|name| view! { <Avatar name=name/> })}
            </div>
        </li>
    }
}

/// The id of the one menu that all cards open.
const MENU: &str = "move-menu";

/// The menu twin of dragging: every move has an equal without a drag (WCAG 2.5.7). One list serves all cards.
#[component]
pub fn MoveMenu(board: BoardState) -> impl IntoView {
    let choose = move |stage: StageId| {
        if let Some(deal) = board.in_hand.get_untracked() {
            board.move_card(deal, stage, Place::Top, None);
        }
    };
    view! {
        <MenuList id=MENU>
            {board
                .stages()
                .into_iter()
                .map(|stage| {
                    let name = StoredValue::new(stage.name);
                    view! {
                        // The stage the card is in is no move.
                        <Show when=move || board.stage_in_hand() != Some(stage.id)>
                            <MenuItem on_choose=move |()| choose(stage.id)>
                                <Icon name="arrow"/>
                                {name.get_value()}
                            </MenuItem>
                        </Show>
                    }
                })
                .collect_view()}
        </MenuList>
    }
}
