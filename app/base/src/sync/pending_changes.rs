//! Optimistic updates: changes made in this browser that the answers read so far do not contain. Every view of a record applies them,
//! so a change shows everywhere at once, also offline and after a reload. A view shows the record as read plus the changes of later
//! versions, in order; a refused change is dropped without those after it.

use super::{
    line,
    outbox::{self, Job, What},
};
use domain::{
    CommandId, EventId, FieldMap, Outcome, Record,
    changes::{Change, Versioned},
    today::SNOOZED,
};
use leptos::prelude::*;
use uuid::Uuid;

/// A change made in this browser.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    command: CommandId,
    entity: Uuid,
    change: Change,
    /// Deletes (`true`) or restores (`false`) the record.
    gone: Option<bool>,
    /// Version of the record after the change; `None` until the server answered.
    version: Option<i64>,
    /// Event of the change, by which undo finds it.
    event: Option<EventId>,
}

impl Entry {
    /// Whether a record read at that version lacks the change.
    fn is_news(&self, entity: Uuid, version: i64) -> bool {
        self.entity == entity && self.version.is_none_or(|v| v > version)
    }

    fn save(&mut self, version: i64, event: Option<EventId>) {
        // What only one person's Today knows leaves the record's version as it is.
        self.version = Some(version + i64::from(self.change.set.contains_key(SNOOZED)));
        self.event = event.or(self.event);
    }
}

/// Most saved changes that are retained for records read before them.
const REMEMBERED: usize = 200;

#[derive(Clone, Copy)]
pub struct PendingChanges {
    entries: RwSignal<Vec<Entry>>,
    /// Incremented when rendered views may be stale: another tab made changes, or an applied change was refused.
    learned: RwSignal<u32>,
}

impl PendingChanges {
    pub(super) fn new() -> Self {
        Self { entries: RwSignal::new(Vec::new()), learned: RwSignal::new(0) }
    }

    /// Adds a change that is being sent or waits in the outbox; returns whether it is new to this tab.
    pub(super) fn take(self, job: &Job) -> bool {
        let What::Send(command) = &job.what else { return false };
        let mut change = Change { names: job.names.clone(), title: job.title.clone(), ..Change::default() };
        let mut gone = None;
        match command["do"].as_str().unwrap_or_default() {
            "edit" => change.set = command["set"].as_object().cloned().unwrap_or_default(),
            "move_deal" => {
                change.set.insert("stageId".into(), command["stage"].clone());
                change.place = command["place"].clone();
            }
            "snooze" => {
                change.set.insert(SNOOZED.into(), command["until"].clone());
            }
            "delete" => gone = Some(true),
            "restore" => gone = Some(false),
            _ => return false,
        }
        let entry = Entry { command: job.id, entity: job.entity, change, gone, version: None, event: None };
        let new = self.entries.try_with_untracked(|all| !all.iter().any(|e| e.command == entry.command)) == Some(true);
        if new {
            self.entries.try_update(|all| all.push(entry));
        }
        new
    }

    /// Handles the answer to a command of this tab.
    pub(super) fn hear<E>(self, job: &Job, result: &Result<Outcome, E>) {
        match (result, &job.what) {
            (Ok(outcome), What::Send(_)) => self.saved(job.id, outcome.version, outcome.event),
            // Of an undo from elsewhere it is not known what it took back: nothing that was saved of the record is sure.
            (Ok(outcome), What::Undo(event)) => {
                let known = self.entries.try_with_untracked(|all| all.iter().any(|e| e.event == Some(*event))) == Some(true);
                self.forget(|e| if known { e.event == Some(*event) } else { e.entity == outcome.id && e.version.is_some() });
            }
            (Err(_), _) => self.dropped(job.id),
        }
    }

    /// Marks a change as saved: records read at this version or later contain it.
    pub(super) fn saved(self, command: CommandId, version: i64, event: Option<EventId>) {
        let ours = |e: &Entry| e.command == command && (e.version.is_none() || e.event.is_none() && event.is_some());
        if self.entries.try_with_untracked(|all| all.iter().any(ours)) != Some(true) {
            return;
        }
        self.entries.try_update(|all| {
            all.iter_mut().filter(|e| ours(e)).for_each(|e| e.save(version, event));
            let mut extra = all.iter().filter(|e| e.version.is_some()).count().saturating_sub(REMEMBERED);
            all.retain(|e| {
                let goes = e.version.is_some() && extra > 0;
                extra -= usize::from(goes);
                !goes
            });
        });
    }

    /// The record of an event that a change made here caused.
    pub(super) fn entity_of(self, event: EventId) -> Option<Uuid> {
        self.entries.try_with_untracked(|all| all.iter().find(|e| e.event == Some(event)).map(|e| e.entity)).flatten()
    }

    /// Whether the event deleted a record here.
    pub(super) fn took_away(self, event: EventId) -> bool {
        self.entries.with_untracked(|all| all.iter().any(|e| e.event == Some(event) && e.gone == Some(true)))
    }

    /// Drops a refused or discarded change.
    pub(super) fn dropped(self, command: CommandId) {
        self.forget(|e| e.command == command);
    }

    /// Reads the outbox again: another tab may have added or sent changes.
    pub(super) fn look_again(self, whose: crate::Whose) {
        let waiting = outbox::load(whose);
        self.forget(|e| e.version.is_none() && !line::has(e.command) && !waiting.iter().any(|w| w.job.id == e.command));
        let taken = waiting.iter().filter(|w| self.take(&w.job)).count();
        if taken > 0 {
            self.learned.try_update(|n| *n += 1);
        }
    }

    fn forget(self, which: impl Fn(&Entry) -> bool) {
        let found = self.entries.try_with_untracked(|all| all.iter().filter(|e| which(e)).map(|e| e.version.is_none()).collect::<Vec<_>>());
        let Some(found) = found.filter(|f| !f.is_empty()) else { return };
        self.entries.try_update(|all| all.retain(|e| !which(e)));
        if found.contains(&true) {
            self.learned.try_update(|n| *n += 1);
        }
    }

    /// The record with all later changes applied by `apply`, and whether it was deleted here.
    fn fold<T: Versioned>(all: &[Entry], mut read: T, apply: impl Fn(&mut T, &Change)) -> (T, bool) {
        let (id, version) = (read.id(), read.version());
        let mut gone = false;
        for e in all.iter().filter(|e| e.is_news(id, version)) {
            apply(&mut read, &e.change);
            gone = e.gone.unwrap_or(gone);
        }
        (read, gone)
    }

    fn present<T: Versioned>(all: &[Entry], read: T, apply: impl Fn(&mut T, &Change)) -> Option<T> {
        let (read, gone) = Self::fold(all, read, apply);
        (!gone).then_some(read)
    }

    /// Records with their later changes applied by `apply`, without those deleted here.
    pub fn patched_by<T: Versioned + PartialEq + Send + Sync + 'static>(
        self,
        read: Vec<T>,
        apply: impl Fn(&mut T, &Change) + Send + Sync + 'static,
    ) -> Memo<Vec<T>> {
        Memo::new(move |_| self.entries.with(|all| read.iter().filter_map(|r| Self::present(all, r.clone(), &apply)).collect()))
    }

    /// Records with their later changes, without those deleted here.
    pub fn patched<T: Versioned + PartialEq + Send + Sync + 'static>(self, read: Vec<T>) -> Memo<Vec<T>> {
        self.patched_by(read, T::apply)
    }

    /// Tracks changes after which a view that renders once is stale.
    pub fn track(self) {
        self.learned.track();
    }

    /// [`Self::patched`] without tracking, for views that render with every answer.
    pub fn patched_now<T: Versioned>(self, read: Vec<T>) -> Vec<T> {
        self.entries.with_untracked(|all| read.into_iter().filter_map(|r| Self::present(all, r, T::apply)).collect())
    }

    /// One record with its later changes applied by `apply`; `None` if it was deleted here. Untracked.
    pub fn one<T: Versioned>(self, read: T, apply: impl Fn(&mut T, &Change)) -> Option<T> {
        self.entries.with_untracked(|all| Self::present(all, read, apply))
    }

    /// Records with unsaved changes. Tracked.
    pub fn waiting(self) -> Vec<Uuid> {
        self.entries.with(|all| all.iter().filter(|e| e.version.is_none()).map(|e| e.entity).collect())
    }

    /// A record with its later changes.
    pub fn record(self, read: RwSignal<Record>) -> Memo<Record> {
        Memo::new(move |_| {
            let read = read.get();
            self.entries.with(|all| Self::fold(all, read, Record::apply).0)
        })
    }

    /// Fields of a record set here after a version, the latest value of each; `None` if it was deleted here.
    pub fn set_since(self, entity: Uuid, version: i64) -> Option<FieldMap> {
        let mut set = FieldMap::new();
        let mut gone = false;
        self.entries.with_untracked(|all| {
            for e in all.iter().filter(|e| e.is_news(entity, version)) {
                set.extend(e.change.set.clone());
                gone = e.gone.unwrap_or(gone);
            }
        });
        (!gone).then_some(set)
    }
}
