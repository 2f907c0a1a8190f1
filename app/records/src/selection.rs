//! Selected rows of a list.

use domain::EntityKind;
use leptos::prelude::*;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Selected rows of a list. Created by the page, so that the selection survives a reload of the rows.
#[derive(Clone, Copy)]
pub struct Selection {
    pub kind: EntityKind,
    pub chosen: RwSignal<BTreeSet<Uuid>>,
    /// Checkboxes are visible; with a mouse they always are.
    pub selecting: RwSignal<bool>,
    /// Rows of the page with their versions, in list order.
    pub rows: StoredValue<Vec<(Uuid, i64)>>,
    last: StoredValue<Option<Uuid>>,
}

/// Inserts one by one: `collect` sorts first, and the sort is 8 kB of code.
fn ids_of(rows: &[(Uuid, i64)]) -> BTreeSet<Uuid> {
    let mut ids = BTreeSet::new();
    ids.extend(rows.iter().map(|r| r.0));
    ids
}

impl Selection {
    pub fn new(kind: EntityKind) -> Self {
        Self { kind, chosen: RwSignal::default(), selecting: RwSignal::new(false), rows: StoredValue::default(), last: StoredValue::new(None) }
    }

    /// Updates the rows of the page; rows that left it are deselected.
    pub fn shows(self, rows: Vec<(Uuid, i64)>) {
        let gone = self.chosen.with_untracked(|c| c.iter().any(|id| !rows.iter().any(|r| r.0 == *id)));
        if gone {
            let here = ids_of(&rows);
            self.chosen.update(|c| c.retain(|id| here.contains(id)));
        }
        self.rows.set_value(rows);
    }

    pub fn set(self, id: Uuid, on: bool, extend: bool) {
        let ids: Vec<Uuid> = self.rows.with_value(|r| r.iter().map(|r| r.0).collect());
        let place = |id: Uuid| ids.iter().position(|x| *x == id);
        let range = match (extend, self.last.get_value().and_then(place), place(id)) {
            (true, Some(a), Some(b)) => ids.get(a.min(b)..=a.max(b)).map(<[Uuid]>::to_vec).unwrap_or_default(),
            _ => vec![id],
        };
        self.last.set_value(Some(id));
        self.chosen.update(|c| {
            for id in range {
                if on {
                    c.insert(id)
                } else {
                    c.remove(&id)
                };
            }
        });
    }

    pub fn all(self, on: bool) {
        let ids = self.rows.with_value(|rows| ids_of(rows));
        self.chosen.set(if on { ids } else { BTreeSet::new() });
    }

    /// Shows the checkboxes.
    pub fn start(self) {
        self.selecting.try_set(true);
    }

    /// The page may be gone by the time the last answer comes.
    pub fn end(self) {
        self.chosen.try_set(BTreeSet::new());
        self.selecting.try_set(false);
    }

    /// Selected rows with their versions, in list order.
    pub fn picked(self) -> Vec<(Uuid, i64)> {
        let chosen = self.chosen.get_untracked();
        self.rows.with_value(|r| r.iter().filter(|r| chosen.contains(&r.0)).copied().collect())
    }
}
