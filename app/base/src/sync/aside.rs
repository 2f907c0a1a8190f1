//! Changes that wait, in the hands of the person: discarded, tried again, in this tab or in another.

use super::{
    Queue,
    line::{DISCARDED, Entry, JOBS, SENDING, has, take_out, tell},
    order::{held, resting_on},
    outbox::{self, Waiting, What},
    sender::wake,
};
use crate::{
    AppError,
    i18n::{t, tf},
};
use domain::{CommandId, EntityKind};
use leptos::prelude::*;
use serde_json::Value;
use uuid::Uuid;

impl Queue {
    /// Number of changes that wait for one that could not be saved.
    pub fn blocked(self) -> usize {
        let all = self.all_waiting();
        let held = held(all.iter().map(|w| (&w.job, w.aside)));
        all.iter().zip(held).filter(|(w, held)| *held && !w.aside).count()
    }

    /// All that waits for the person whose page this is, in order, in this tab and in others; what the browser could not keep
    /// comes last.
    pub fn all_waiting(self) -> Vec<Waiting> {
        let mut all = outbox::load(self.whose.get_value());
        JOBS.with_borrow(|jobs| all.extend(jobs.iter().filter(|e| e.key.is_none()).map(|e| e.waiting.clone())));
        all
    }

    /// Queued creations of activities linked to `record`, newest first: kind and fields.
    pub fn waiting_about(self, record: Uuid) -> Vec<(EntityKind, Value)> {
        let record = record.to_string();
        let of = |w: Waiting| {
            let What::Send(command) = &w.job.what else { return None };
            let (kind, set) = (command["kind"].as_str().and_then(EntityKind::from_noun)?, &command["set"]);
            let about = ["contactId", "companyId", "dealId"].iter().any(|key| set[*key] == record.as_str());
            (about && kind.is_activity() && command["do"] == "create").then(|| (kind, set.clone()))
        };
        self.all_waiting().into_iter().rev().filter_map(of).collect()
    }

    /// What rests on a change, and goes with it when it is discarded.
    pub fn resting_on(self, id: CommandId) -> Vec<CommandId> {
        resting_on(self.all_waiting().iter().map(|w| &w.job), id)
    }

    /// Forgets a change that waits, and what rests on it.
    pub fn discard(self, id: CommandId) {
        let with = self.resting_on(id);
        if !with.is_empty() {
            let words = match with.len() {
                1 => t("1 change that builds on it was discarded too.").to_owned(),
                n => tf("{n} changes that build on it were discarded too.", &[("n", &n.to_string())]),
            };
            self.show(words, Vec::new(), false, None);
        }
        for id in with.into_iter().rev().chain([id]) {
            if SENDING.get() == Some(id) {
                outbox::discard(id);
                // On its way: it is dropped when it turns out not to have arrived.
                DISCARDED.with_borrow_mut(|d| d.insert(id));
            } else if let Some(entry) = take_out(id) {
                outbox::discard(id);
                self.dropped(entry);
            } else {
                // Another tab's: it takes it out, so that it does not send what is discarded.
                self.mark_in_store(id, |w| w.dropped = true);
                self.changes.dropped(id);
                self.undone.update(|n| *n += 1);
            }
        }
        self.look_at_store();
        wake(false);
    }

    /// Resends a conflicting edit with the server's version as its base, merged with later queued edits of the same fields.
    pub fn use_mine(self, id: CommandId) {
        let keys = |w: &Waiting| match &w.job.what {
            What::Send(command) => command["set"].as_object().map(|set| set.keys().cloned().collect::<Vec<_>>()),
            What::Undo(_) => None,
        };
        let all = self.all_waiting();
        let Some(mine) = all.iter().find(|w| w.job.id == id) else { return };
        let (known, version) = (keys(mine).unwrap_or_default(), mine.refused.as_ref().and_then(|r| r.version));
        let same = |w: &&Waiting| w.job.entity == mine.job.entity && keys(w).is_some_and(|all| all.iter().all(|key| known.contains(key)));
        for later in all.iter().filter(same) {
            self.amend(later.job.id, |w| w.job.base = w.job.base.max(version));
        }
        self.try_again(id);
    }

    /// Sends a change that was set aside once more.
    pub fn try_again(self, id: CommandId) {
        self.amend(id, |w| (w.aside, w.failed, w.refused) = (false, 0, None));
        self.look_at_store();
        self.start();
        wake(true);
    }

    /// Updates an entry in memory and in storage, in any tab.
    fn amend(self, id: CommandId, how: impl Fn(&mut Waiting)) {
        JOBS.with_borrow_mut(|jobs| jobs.iter_mut().filter(|e| e.waiting.job.id == id).for_each(|e| how(&mut e.waiting)));
        self.mark_in_store(id, how);
    }

    fn mark_in_store(self, id: CommandId, mark: impl Fn(&mut Waiting)) {
        let whose = self.whose.get_value();
        for mut waiting in outbox::load(whose).into_iter().filter(|w| w.job.id == id) {
            mark(&mut waiting);
            outbox::keep(whose, &waiting);
        }
    }

    /// What other tabs have said of the changes that wait here: tried again, or discarded.
    pub fn look_at_store(self) {
        let (mut gone, mut changed) = (Vec::new(), false);
        JOBS.with_borrow_mut(|jobs| {
            for entry in jobs.iter_mut() {
                let Some(kept) = entry.key.as_deref().and_then(outbox::kept) else { continue };
                if kept.dropped {
                    gone.push(entry.waiting.job.id);
                } else if entry.waiting.aside != kept.aside {
                    (entry.waiting, changed) = (kept, true);
                }
            }
        });
        changed |= !gone.is_empty();
        for id in gone {
            outbox::discard(id);
            if SENDING.get() == Some(id) {
                DISCARDED.with_borrow_mut(|d| d.insert(id));
            } else if let Some(entry) = take_out(id) {
                self.dropped(entry);
            }
        }
        let whose = self.whose.get_value();
        let aside = outbox::load(whose).iter().filter(|w| w.aside && !has(w.job.id)).count();
        self.elsewhere.set_value(aside + outbox::unreadable(whose).len());
        self.recount();
        self.start();
        // Only then: two tabs that both wait would wake each other for ever.
        if changed {
            wake(false);
        }
    }

    /// Counts what waits, and tells who shows it.
    pub(super) fn recount(self) {
        let (pending, aside) = JOBS.with_borrow(|jobs| {
            let held = held(jobs.iter().map(|e| (&e.waiting.job, e.waiting.aside)));
            (held.iter().filter(|h| !**h).count(), jobs.iter().filter(|e| e.waiting.aside).count())
        });
        if pending == 0 {
            tell(self.trouble, None);
        }
        tell(self.unkept, self.may_lose());
        tell(self.aside, aside + self.elsewhere.get_value());
        self.pending.set(pending);
    }

    pub(super) fn dropped(self, entry: Entry) {
        self.changes.dropped(entry.waiting.job.id);
        self.recount();
        if self.pending.get_untracked() == 0 {
            self.undo_next.set_value(false);
        }
        (entry.reply)(Err(AppError::Discarded));
        // Pages that show it as if it were saved look again.
        self.undone.update(|n| *n += 1);
    }
}
