//! The pool: what was changed here of each record and what was read does not hold yet. Whatever shows a record asks it, so a
//! change is seen everywhere at once, with the network and without, and after a reload. What is shown is what was read with
//! the changes of a later version laid over it, in order: a refused change is left out, and nothing newer goes with it.

use super::{
    line,
    outbox::{self, Job, What},
};
use domain::{
    CommandId, EventId, FieldMap, Outcome, Record,
    changes::{Change, Reading},
    today::SNOOZED,
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
    /// What tells of it then; undo names it.
    event: Option<EventId>,
}

impl Entry {
    /// Whether a reading of that version does not hold it.
    fn is_news(&self, entity: Uuid, version: i64) -> bool {
        self.entity == entity && self.version.is_none_or(|v| v > version)
    }

    fn save(&mut self, version: i64, event: Option<EventId>) {
        // What only one person's Today knows leaves the record's version as it is.
        self.version = Some(version + i64::from(self.change.set.contains_key(SNOOZED)));
        self.event = event.or(self.event);
    }
}

/// Saved changes that are remembered for readings from before them.
const REMEMBERED: usize = 200;

#[derive(Clone, Copy)]
pub struct Pool {
    entries: RwSignal<Vec<Entry>>,
    /// Counts up when what is drawn already may be wrong: this tab learned of changes it did not see being made, or one that
    /// was laid over a reading came to nothing.
    learned: RwSignal<u32>,
}

impl Pool {
    pub(super) fn new() -> Self {
        Self { entries: RwSignal::new(Vec::new()), learned: RwSignal::new(0) }
    }

    /// A change that is on its way, or waits. Answers whether it is new here.
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

    /// The server's word on a job of this tab.
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

    /// It is saved: readings of this version and later hold it.
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

    /// The record that an event of a change made here tells of.
    pub(super) fn entity_of(self, event: EventId) -> Option<Uuid> {
        self.entries.try_with_untracked(|all| all.iter().find(|e| e.event == Some(event)).map(|e| e.entity)).flatten()
    }

    /// Whether it tells of a record that was put into the bin here.
    pub(super) fn took_away(self, event: EventId) -> bool {
        self.entries.with_untracked(|all| all.iter().any(|e| e.event == Some(event) && e.gone == Some(true)))
    }

    /// It came to nothing.
    pub(super) fn dropped(self, command: CommandId) {
        self.forget(|e| e.command == command);
    }

    /// What this browser keeps by now: another tab may have made something of what this one knows as waiting.
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

    /// What was read with each change that it does not hold laid over it by `lay`, and whether it was deleted here.
    fn fold<T: Reading>(all: &[Entry], mut read: T, lay: impl Fn(&mut T, &Change)) -> (T, bool) {
        let (id, version) = (read.id(), read.version());
        let mut gone = false;
        for e in all.iter().filter(|e| e.is_news(id, version)) {
            lay(&mut read, &e.change);
            gone = e.gone.unwrap_or(gone);
        }
        (read, gone)
    }

    fn present<T: Reading>(all: &[Entry], read: T, lay: impl Fn(&mut T, &Change)) -> Option<T> {
        let (read, gone) = Self::fold(all, read, lay);
        (!gone).then_some(read)
    }

    /// What was read with the changes laid over it by `lay`, without what was deleted here.
    pub fn laid_by<T: Reading + PartialEq + Send + Sync + 'static>(
        self,
        read: Vec<T>,
        lay: impl Fn(&mut T, &Change) + Send + Sync + 'static,
    ) -> Memo<Vec<T>> {
        Memo::new(move |_| self.entries.with(|all| read.iter().filter_map(|r| Self::present(all, r.clone(), &lay)).collect()))
    }

    /// The same in the way of the reading itself.
    pub fn laid<T: Reading + PartialEq + Send + Sync + 'static>(self, read: Vec<T>) -> Memo<Vec<T>> {
        self.laid_by(read, T::lay)
    }

    /// Tracks what makes drawn readings wrong, for those that are drawn once.
    pub fn track(self) {
        self.learned.track();
    }

    /// The same as it is now, for what is drawn anew with every answer.
    pub fn over<T: Reading>(self, read: Vec<T>) -> Vec<T> {
        self.entries.with_untracked(|all| read.into_iter().filter_map(|r| Self::present(all, r, T::lay)).collect())
    }

    /// One of them as it is now, laid by `lay`; nothing if it was deleted here.
    pub fn one<T: Reading>(self, read: T, lay: impl Fn(&mut T, &Change)) -> Option<T> {
        self.entries.with_untracked(|all| Self::present(all, read, lay))
    }

    /// The records of which something waits. Tracks the changes.
    pub fn waiting(self) -> Vec<Uuid> {
        self.entries.with(|all| all.iter().filter(|e| e.version.is_none()).map(|e| e.entity).collect())
    }

    /// A record as it reads with the changes.
    pub fn record(self, read: RwSignal<Record>) -> Memo<Record> {
        Memo::new(move |_| {
            let read = read.get();
            self.entries.with(|all| Self::fold(all, read, Record::lay).0)
        })
    }

    /// What was set here of a record after a version of it, the last word of each field; nothing where it was deleted.
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
