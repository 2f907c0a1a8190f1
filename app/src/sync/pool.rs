//! The pool: what was changed here of each record and what was read does not hold yet. Whatever shows a record asks it, so a
//! change is seen everywhere at once, with the network and without, and after a reload. What is shown is what was read with
//! the changes of a later version laid over it, in order: a refused change is left out, and nothing newer goes with it.

use super::{
    Queue,
    outbox::{self, Job, What},
};
use domain::{
    CommandId, FieldMap, Record,
    changes::{Change, Reading},
};
use leptos::prelude::*;
use uuid::Uuid;

/// A change of this browser.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    command: CommandId,
    entity: Uuid,
    change: Change,
    /// It puts the record into the bin, or brings it back.
    gone: Option<bool>,
    /// The version it made, once it is saved.
    version: Option<i64>,
}

/// Saved changes that are remembered for readings from before them.
const REMEMBERED: usize = 200;

#[derive(Clone, Copy)]
pub struct Pool {
    entries: RwSignal<Vec<Entry>>,
    /// Counts up when this tab learns of changes it did not see being made: what is drawn already is drawn anew.
    learned: RwSignal<u32>,
}

impl Pool {
    pub(super) fn new() -> Self {
        Self { entries: RwSignal::new(Vec::new()), learned: RwSignal::new(0) }
    }

    /// A change that is on its way, or waits.
    pub(super) fn take(self, job: &Job) {
        let What::Send(command) = &job.what else { return };
        let mut change = Change { names: job.names.clone(), title: job.title.clone(), ..Change::default() };
        let mut gone = None;
        match command["do"].as_str().unwrap_or_default() {
            "edit" => change.set = command["set"].as_object().cloned().unwrap_or_default(),
            "move_deal" => {
                change.set.insert("stageId".into(), command["stage"].clone());
            }
            "snooze" => {
                change.set.insert(domain::today::SNOOZED.into(), command["until"].clone());
            }
            "delete" => gone = Some(true),
            "restore" => gone = Some(false),
            _ => return,
        }
        let entry = Entry { command: job.id, entity: job.entity, change, gone, version: None };
        if self.entries.try_with_untracked(|all| all.iter().any(|e| e.command == entry.command)) == Some(false) {
            self.entries.try_update(|all| all.push(entry));
        }
    }

    /// It is saved: readings of this version and later hold it.
    pub(super) fn saved(self, command: CommandId, version: i64) {
        if self.entries.try_with_untracked(|all| all.iter().any(|e| e.command == command && e.version.is_none())) != Some(true) {
            return;
        }
        self.entries.try_update(|all| {
            all.iter_mut().filter(|e| e.command == command).for_each(|e| e.version = Some(version));
            let mut extra = all.iter().filter(|e| e.version.is_some()).count().saturating_sub(REMEMBERED);
            all.retain(|e| {
                let goes = e.version.is_some() && extra > 0;
                extra -= usize::from(goes);
                !goes
            });
        });
    }

    /// It came to nothing.
    pub(super) fn dropped(self, command: CommandId) {
        self.forget(|e| e.command == command);
    }

    /// Something of this record was taken back: what was saved of it before is no longer sure.
    pub(super) fn taken_back(self, entity: Uuid) {
        self.forget(|e| e.entity == entity && e.version.is_some());
    }

    /// What this browser keeps by now: another tab may have made something of what this one knows as waiting.
    pub(super) fn look_again(self, member: Uuid) {
        let waiting = outbox::load(member);
        self.forget(|e| e.version.is_none() && !Queue::has(e.command) && !waiting.iter().any(|w| w.job.id == e.command));
        let before = self.entries.try_with_untracked(Vec::len);
        for w in &waiting {
            self.take(&w.job);
        }
        if self.entries.try_with_untracked(Vec::len) > before {
            self.learned.try_update(|n| *n += 1);
        }
    }

    fn forget(self, which: impl Fn(&Entry) -> bool) {
        if self.entries.try_with_untracked(|all| all.iter().any(&which)) == Some(true) {
            self.entries.try_update(|all| all.retain(|e| !which(e)));
        }
    }

    fn over_one<T: Reading>(all: &[Entry], mut read: T) -> Option<T> {
        let (id, version) = (read.id(), read.version());
        let mut gone = false;
        for e in all.iter().filter(|e| e.entity == id && e.version.is_none_or(|v| v > version)) {
            read.lay(&e.change);
            gone = e.gone.unwrap_or(gone);
        }
        (!gone).then_some(read)
    }

    /// What was read with the changes laid over it, without what was deleted here.
    pub fn laid<T: Reading + PartialEq + Send + Sync + 'static>(self, read: Vec<T>) -> Memo<Vec<T>> {
        Memo::new(move |_| self.entries.with(|all| read.iter().filter_map(|r| Self::over_one(all, r.clone())).collect()))
    }

    /// Tracks what the tab learns of changes that were not made on its pages.
    pub fn track(self) {
        self.learned.track();
    }

    /// The same as it is now, for what is drawn anew with every answer.
    pub fn over<T: Reading>(self, read: Vec<T>) -> Vec<T> {
        self.entries.with_untracked(|all| read.into_iter().filter_map(|r| Self::over_one(all, r)).collect())
    }

    /// The records that something here changed. Tracks the changes.
    pub fn touched(self) -> Vec<Uuid> {
        self.entries.with(|all| all.iter().map(|e| e.entity).collect())
    }

    /// A record as it reads with the changes.
    pub fn record(self, read: RwSignal<Record>) -> Memo<Record> {
        Memo::new(move |_| {
            let read = read.get();
            self.entries.with(|all| Self::over_one(all, read.clone())).unwrap_or(read)
        })
    }

    /// What was set here of a record after a version of it, the last word of each field; nothing where it was deleted.
    pub fn set_since(self, entity: Uuid, version: i64) -> Option<FieldMap> {
        let mut set = FieldMap::new();
        let mut gone = false;
        self.entries.with_untracked(|all| {
            for e in all.iter().filter(|e| e.entity == entity && e.version.is_none_or(|v| v > version)) {
                set.extend(e.change.set.clone());
                gone = e.gone.unwrap_or(gone);
            }
        });
        (!gone).then_some(set)
    }
}
