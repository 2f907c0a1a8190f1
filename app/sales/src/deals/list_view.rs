//! The list of deals with optimistic updates: a deal moved here stands under its new stage at once.

use super::{address::BY_STAGE, list::DealTable};
use crate::{
    records::{Selection, keep_focus},
    sync::Queue,
};
use chrono::{DateTime, Utc};
use domain::{
    Page,
    changes::{Change, Versioned},
    deals::{Board, DealCard, apply_move},
    groups::Groups,
    pipelines::Stage,
};
use leptos::prelude::*;

/// What the list shows, and how.
pub struct ListShown {
    pub page: Page<DealCard>,
    pub board: Board,
    /// Empty: by the groups.
    pub sort: String,
    pub groups: Option<Groups>,
    pub hide: String,
    /// It is the first page.
    pub first: bool,
    /// No filter is set.
    pub everything: bool,
    pub link: Callback<(String, String), String>,
    pub selection: Selection,
}

#[component]
pub fn DealList(shown: ListShown) -> impl IntoView {
    let ListShown { page, board, sort, groups, hide, first, everything, link, selection } = shown;
    let read = page.items.clone();
    let rows = expect_context::<Queue>().changes.patched_by(page.items, moving_among(board.pipeline.stages.clone(), board.now));
    move || {
        keep_focus();
        let mut page = Page { items: rows.get(), next: page.next.clone() };
        let mut board = board.clone();
        if sort == BY_STAGE {
            // What was moved here stands under its new heading, and counts there.
            page.items.sort_by_key(|d| board.pipeline.stages.iter().position(|s| s.id == d.stage_id));
            read.iter().for_each(|d| count(&mut board, d, -1));
            page.items.iter().for_each(|d| count(&mut board, d, 1));
        }
        view! { <DealTable page=page board=board sort=sort.clone() groups=groups.clone() hide=hide.clone() first=first everything=everything link=link selection=selection/> }
    }
}

/// Applies a change to a deal of the list; a move as the board applies it to a card.
fn moving_among(stages: Vec<Stage>, now: DateTime<Utc>) -> impl Fn(&mut DealCard, &Change) + Send + Sync + 'static {
    move |deal, change| {
        let to = change.set.get("stageId").and_then(|v| v.as_str()?.parse().ok());
        match stages.iter().find(|s| Some(s.id) == to) {
            Some(stage) => apply_move(deal, stage, deal.rank.clone(), now),
            None => deal.apply(change),
        }
    }
}

/// Counts a deal in, or out of, the sums of its stage.
fn count(board: &mut Board, deal: &DealCard, sign: i64) {
    let currency = board.currency;
    let Some(column) = board.columns.iter_mut().find(|c| c.stage_id == deal.stage_id) else { return };
    column.count += sign;
    match deal.value_minor {
        None => column.without_value += sign,
        Some(_) if deal.currency != currency => column.other_currencies += sign,
        Some(value) => {
            column.value_minor += sign * value;
            column.weighted_minor += sign * deal.weighted_minor();
        }
    }
}
