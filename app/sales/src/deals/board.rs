//! The state of a board in the browser: a cards of cards, and per column the order of their ids.

use super::server_fns::read_cards;
use crate::{
    AppError,
    i18n::tf,
    sync::{Named, Queue, sleep},
};
use domain::{
    Currency, DealCommand, DealId, Outcome, StageId,
    changes::{Change, Versioned},
    deals::{Board, DealCard, DealFilter, Place, apply_move},
    pipelines::{Stage, StageOutcome},
    rank,
};
use leptos::{prelude::*, task::spawn_local};
use std::collections::HashMap;

/// Sums of a column, updated by differences, because not all cards of a column are loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums {
    pub count: i64,
    pub without_value: i64,
    pub other_currencies: i64,
    pub value_minor: i64,
    pub weighted_minor: i64,
}

impl Sums {
    fn shift(&mut self, card: &DealCard, sign: i64, home: Currency) {
        self.count += sign;
        self.without_value += sign * i64::from(card.value_minor.is_none());
        if card.currency != home {
            self.other_currencies += sign * i64::from(card.value_minor.is_some());
            return;
        }
        self.value_minor += sign * card.value_minor.unwrap_or(0);
        self.weighted_minor += sign * card.weighted_minor();
    }
}

/// One column: its order is a list of ids, so a move touches two lists and one card.
#[derive(Clone, Copy)]
pub struct ColumnState {
    pub stage: StoredValue<Stage>,
    pub ids: RwSignal<Vec<DealId>>,
    pub sums: RwSignal<Sums>,
    pub next: RwSignal<Option<String>>,
    /// How many of the cards are drawn; more as the column is scrolled, so that a big board is light.
    pub drawn: RwSignal<usize>,
}

/// Cards drawn at first, and per step of scrolling: what most screens hold. A taller one asks for the next step at once.
pub const DRAWN_AT_FIRST: usize = 8;

impl ColumnState {
    pub fn drawn_ids(self) -> Vec<DealId> {
        self.ids.with(|ids| ids.iter().take(self.drawn.get()).copied().collect())
    }

    /// The card directly below the drawn ones, if there is one here.
    pub fn first_hidden(self) -> Option<DealId> {
        self.ids.with_untracked(|ids| ids.get(self.drawn.get_untracked()).copied())
    }
}

#[derive(Clone, Copy)]
pub struct BoardState {
    cards: StoredValue<HashMap<DealId, RwSignal<DealCard>>>,
    pub columns: StoredValue<Vec<ColumnState>>,
    pub pending: RwSignal<Vec<DealId>>,
    pub currency: Currency,
    pub now: chrono::DateTime<chrono::Utc>,
    pub filter: StoredValue<DealFilter>,
    pub announcement: RwSignal<String>,
    /// The card whose menu is open.
    pub in_hand: RwSignal<Option<DealId>>,
    /// Cards as read, for cards that show pending changes.
    as_read: StoredValue<HashMap<DealId, DealCard>>,
    queue: Queue,
}

impl BoardState {
    pub fn new(board: Board, filter: DealFilter, queue: Queue) -> Self {
        let cards = StoredValue::new(HashMap::new());
        let mut columns = Vec::new();
        for column in board.columns {
            let Some(stage) = board.pipeline.stages.iter().find(|s| s.id == column.stage_id) else { continue };
            let ids = column.cards.iter().map(|c| c.id).collect();
            cards.update_value(|p| {
                for card in column.cards {
                    p.insert(card.id, RwSignal::new(card));
                }
            });
            columns.push(ColumnState {
                stage: StoredValue::new(stage.clone()),
                ids: RwSignal::new(ids),
                sums: RwSignal::new(Sums {
                    count: column.count,
                    without_value: column.without_value,
                    other_currencies: column.other_currencies,
                    value_minor: column.value_minor,
                    weighted_minor: column.weighted_minor,
                }),
                next: RwSignal::new(column.next),
                drawn: RwSignal::new(DRAWN_AT_FIRST),
            });
        }
        Self {
            cards,
            columns: StoredValue::new(columns),
            pending: RwSignal::new(Vec::new()),
            currency: board.currency,
            now: board.now,
            filter: StoredValue::new(filter),
            announcement: RwSignal::new(String::new()),
            in_hand: RwSignal::new(None),
            as_read: StoredValue::new(HashMap::new()),
            queue,
        }
    }

    pub fn card(self, id: DealId) -> Option<RwSignal<DealCard>> {
        // A reply may come after the board was left.
        self.cards.try_with_value(|p| p.get(&id).copied()).flatten()
    }

    pub fn column(self, stage: StageId) -> Option<ColumnState> {
        self.columns.try_with_value(|c| c.iter().find(|c| c.stage.try_with_value(|s| s.id == stage) == Some(true)).copied()).flatten()
    }

    /// The stage of the card whose menu is open.
    pub fn stage_in_hand(self) -> Option<StageId> {
        self.in_hand.get().and_then(|id| self.card(id)).map(|c| c.with(|c| c.stage_id))
    }

    pub fn stages(self) -> Vec<Stage> {
        self.columns.with_value(|c| c.iter().map(|c| c.stage.get_value()).collect())
    }

    /// Adds cards that were further down the column.
    pub fn append(self, column: ColumnState, cards: Vec<DealCard>, next: Option<String>) {
        let mut ids = Vec::new();
        for card in cards {
            if self.card(card.id).is_none() {
                ids.push(card.id);
                self.cards.update_value(|p| {
                    p.insert(card.id, RwSignal::new(card));
                });
            }
        }
        column.ids.update(|all| all.extend(ids));
        column.drawn.update(|n| *n += DRAWN_AT_FIRST);
        column.next.set(next);
        untrack(|| self.apply_pending());
    }

    fn take_out(self, card: &DealCard) {
        if let Some(column) = self.column(card.stage_id) {
            column.ids.update(|all| all.retain(|i| *i != card.id));
            column.sums.update(|s| s.shift(card, -1, self.currency));
        }
    }

    /// Puts a card where its rank belongs, if that part of the column is loaded.
    fn put_in(self, card: &DealCard) {
        let Some(column) = self.column(card.stage_id) else { return };
        column.sums.update(|s| s.shift(card, 1, self.currency));
        let ids = column.ids.get_untracked();
        let rank_of = |id: &DealId| self.card(*id).map(|c| c.with_untracked(|c| c.rank.clone())).unwrap_or_default();
        let at = ids.iter().position(|i| rank_of(i) > card.rank).unwrap_or(ids.len());
        if at == ids.len() && column.next.with_untracked(Option::is_some) {
            return; // Below what is loaded; it comes with the rest.
        }
        column.ids.update(|all| all.insert(at, card.id));
    }

    /// A card as the server has it now: replaces ours, wherever it stands.
    pub fn absorb(self, card: DealCard) {
        match self.card(card.id) {
            Some(known) => {
                let before = known.get_untracked();
                if before.version > card.version {
                    return;
                }
                if before.stage_id != card.stage_id || before.rank != card.rank {
                    self.take_out(&before);
                    known.set(card.clone());
                    self.put_in(&card);
                } else {
                    if let Some(column) = self.column(card.stage_id) {
                        column.sums.update(|s| {
                            s.shift(&before, -1, self.currency);
                            s.shift(&card, 1, self.currency);
                        });
                    }
                    known.set(card);
                }
            }
            None => {
                if self.column(card.stage_id).is_some() {
                    self.cards.update_value(|p| {
                        p.insert(card.id, RwSignal::new(card.clone()));
                    });
                    self.put_in(&card);
                }
            }
        }
    }

    /// Fetches cards anew; those the server no longer gives are gone.
    pub fn refresh(self, ids: Vec<DealId>) {
        spawn_local(async move {
            // News may come through where a request does not: ask until there is an answer.
            let mut wait = 500;
            let cards = loop {
                match read_cards(ids.clone()).await {
                    Ok(cards) => break cards,
                    Err(e) if e.is_temporary() && self.cards.try_with_value(|_| ()).is_some() => {
                        sleep(wait).await;
                        wait = (wait * 2).min(15_000);
                    }
                    Err(_) => return,
                }
            };
            for id in ids {
                match cards.iter().find(|c| c.id == id) {
                    Some(card) => {
                        self.as_read.try_update_value(|l| l.remove(&id));
                        self.absorb(card.clone());
                        self.apply(id);
                    }
                    None => self.forget(id),
                }
            }
        });
    }

    /// Applies the pending changes to the cards: after the board was left on a slow line, or after a reload without a network. Tracks the
    /// pending changes; cards without any more are read again.
    pub fn apply_pending(self) {
        let waiting = self.queue.changes.waiting();
        let settled = self.as_read.try_update_value(|cards| {
            let settled: Vec<DealId> = cards.keys().filter(|id| !waiting.contains(&id.0)).copied().collect();
            cards.retain(|id, _| waiting.contains(&id.0));
            settled
        });
        if let Some(settled) = settled.filter(|s| !s.is_empty()) {
            self.refresh(settled);
        }
        waiting.into_iter().for_each(|id| self.apply(DealId(id)));
    }

    fn apply(self, id: DealId) {
        let Some(card) = self.card(id).map(|c| c.get_untracked()) else { return };
        // A move made on this board is rendered already.
        if self.pending.with_untracked(|p| p.contains(&id)) {
            return;
        }
        let read = self.as_read.with_value(|l| l.get(&id).cloned()).unwrap_or_else(|| card.clone());
        let patched = self.queue.changes.one(read.clone(), |card, change| self.apply_change(card, change));
        if patched.as_ref() == Some(&card) {
            return;
        }
        self.as_read.update_value(|l| {
            l.insert(id, read);
        });
        match patched {
            Some(patched) => self.absorb(patched),
            None => self.forget(id),
        }
    }

    /// Applies a change to a card: a move with the rank that the store will give it, any other change to its fields.
    fn apply_change(self, card: &mut DealCard, change: &Change) {
        let stage = change.set.get("stageId").and_then(|v| v.as_str()?.parse().ok());
        match stage.and_then(|stage| self.column(stage)) {
            Some(column) => {
                let place = serde_json::from_value(change.place.clone()).unwrap_or(Place::Top);
                let rank = self.place_in(column, card.id, &place).1;
                apply_move(card, &column.stage.get_value(), rank, self.now);
            }
            None => card.apply(change),
        }
    }

    /// Where among the cards of a column a place is, for a card that is moved there, and its key.
    fn place_in(self, column: ColumnState, id: DealId, place: &Place) -> (usize, String) {
        let order: Vec<DealId> = column.ids.get_untracked().into_iter().filter(|i| *i != id).collect();
        let rank_at = |i: usize| order.get(i).and_then(|d| self.card(*d)).map(|c| c.with_untracked(|c| c.rank.clone()));
        let at = match place {
            Place::Top => 0,
            Place::Before { deal } => order.iter().position(|d| d == deal).unwrap_or(0),
            Place::Bottom => order.len(),
        };
        (at, rank::between(at.checked_sub(1).and_then(rank_at).as_deref(), rank_at(at).as_deref()))
    }

    fn forget(self, id: DealId) {
        let Some(card) = self.cards.try_update_value(|p| p.remove(&id)).flatten() else { return };
        self.take_out(&card.get_untracked());
    }

    /// Moves a card: painted now, sent in the background, put back with the reason if the server refuses.
    pub fn move_card(self, id: DealId, to: StageId, place: Place, reason: Option<String>) {
        let (Some(card), Some(column)) = (self.card(id), self.column(to)) else { return };
        let old = card.get_untracked();
        let stage = column.stage.get_value();
        let (at, new_rank) = self.place_in(column, id, &place);
        let mut moved = old.clone();
        apply_move(&mut moved, &stage, new_rank, self.now);
        if old.stage_id == to && self.column(to).is_some_and(|c| c.ids.get_untracked().iter().position(|d| *d == id) == Some(at)) {
            return;
        }
        self.as_read.update_value(|l| {
            l.remove(&id);
        });
        self.take_out(&old);
        card.set(moved.clone());
        column.sums.update(|s| s.shift(&moved, 1, self.currency));
        column.ids.update(|all| all.insert(at.min(all.len()), id));
        self.pending.update(|p| p.push(id));
        self.announcement.set(tf("Dropped in {stage}. Undo with Control Z.", &[("stage", &stage.name)]));
        ui::drag::focus_card(id, ui::drag::by_keyboard());
        let command = DealCommand::MoveDeal { deal: id, stage: to, place, reason };
        let title = old.title.clone();
        let names = (old.stage_id != to).then(|| (to.0, stage.name.clone())).into_iter().collect();
        let words = (old.stage_id != to).then(|| tf("Move to {stage}", &[("stage", &stage.name)]));
        let named = Named { names, words, ..Named::about(&title) };
        self.queue.send_named(command, Some(old.version), named, move |result| self.settle(id, old, &stage, &title, result));
    }

    fn settle(self, id: DealId, old: DealCard, stage: &Stage, title: &str, result: Result<Outcome, AppError>) {
        self.pending.try_update(|p| {
            if let Some(i) = p.iter().position(|d| *d == id) {
                p.remove(i);
            }
        });
        match result {
            Ok(outcome) => {
                if let Some(card) = self.card(id) {
                    card.try_update(|c| {
                        c.version = c.version.max(outcome.version);
                        if let Some(rank) = outcome.rank.filter(|_| c.stage_id == stage.id) {
                            c.rank = rank;
                        }
                    });
                }
                let text = match (old.stage_id == stage.id, stage.outcome) {
                    (true, _) => tf("Reordered {title}.", &[("title", title)]),
                    (_, StageOutcome::Won) => tf("Won {title}.", &[("title", title)]),
                    (_, StageOutcome::Lost) => tf("Lost {title}.", &[("title", title)]),
                    _ => tf("Moved {title} to {stage}.", &[("title", title), ("stage", &stage.name)]),
                };
                if old.stage_id != stage.id && stage.outcome == StageOutcome::Lost {
                    self.queue.toast_asking(text, outcome.event, id.0, outcome.version);
                } else {
                    self.queue.toast(text, outcome.event);
                }
            }
            Err(e) => {
                if let Some(card) = self.card(id) {
                    self.take_out(&card.get_untracked());
                    card.set(old.clone());
                    self.put_in(&old);
                }
                self.queue.fail(&e);
                // Theirs may be newer than ours was.
                self.refresh(vec![id]);
            }
        }
    }
}
