//! Batches: changes of several rows as one action with one undo, changes restored from the outbox, undo and redo.

use super::{
    Queue, line,
    outbox::{self, Job},
};
use crate::{
    AppError, Whose,
    i18n::{t, tf},
};
use domain::{EventId, Outcome};
use leptos::prelude::*;
use std::{cell::RefCell, collections::BTreeMap, rc::Rc};
use uuid::Uuid;

/// How several jobs that belong together went so far. Not a signal: the page that asked may be gone by then.
#[derive(Default)]
struct Tally {
    answered: usize,
    events: Vec<EventId>,
    /// The last reason one of them failed.
    failed: Option<AppError>,
}

impl Tally {
    fn hear(&mut self, result: Result<Outcome, AppError>) {
        self.answered += 1;
        match result {
            Ok(outcome) => self.events.extend(outcome.event),
            Err(e) => self.failed = Some(e),
        }
    }
}

impl Queue {
    /// Sends what was not sent when this browser was closed, or signed out. Once per page.
    pub fn take_up(self, whose: Whose) {
        outbox::load_dropped(whose).into_iter().for_each(outbox::discard);
        self.changes.look_again(whose);
        for waiting in outbox::load(whose).into_iter().filter(|w| !line::has(w.job.id)) {
            let reply = move |result: Result<Outcome, AppError>| match &result {
                Ok(_) => self.of_before.update_value(|n| *n += 1),
                Err(e) => {
                    self.fail(e);
                    self.undone.update(|n| *n += 1);
                }
            };
            self.enqueue(waiting, true, Box::new(reply));
        }
        self.look_at_store();
    }

    /// Sends several commands as one doing: told once at the end, with the words for how many came through, and taken back
    /// together.
    pub fn send_many(self, jobs: Vec<Job>, names: BTreeMap<Uuid, String>, words: impl Fn(usize) -> String + 'static) {
        let all = jobs.len();
        let tally = Rc::new(RefCell::new(Tally::default()));
        let words = Rc::new(words);
        for job in jobs {
            let (words, tally) = (words.clone(), tally.clone());
            self.send_job(Job { names: names.clone(), ..job }, move |result| {
                let (events, failed) = {
                    let mut tally = tally.borrow_mut();
                    tally.hear(result);
                    if tally.answered < all {
                        return;
                    }
                    (std::mem::take(&mut tally.events), tally.failed.take())
                };
                // One doing, one undoing.
                self.done.update_value(|d| {
                    d.retain(|group| !group.iter().all(|e| events.contains(e)));
                    if !events.is_empty() {
                        d.push(events.clone());
                    }
                });
                if let Some(e) = &failed {
                    self.fail(e);
                }
                if !events.is_empty() || failed.is_none() {
                    self.show(words(events.len()), events, false, None);
                }
            });
        }
    }

    /// Takes back an event. Its live echo is news to this page too, so it is not remembered as our own.
    pub fn undo(self, event: EventId) {
        self.undo_all(vec![event]);
    }

    /// Takes back an event by which something went away.
    pub fn bring_back(self, event: EventId) {
        self.gone.update_value(|all| all.push(event));
        self.undo(event);
    }

    /// Takes back events that belong together, the last first.
    pub fn undo_all(self, events: Vec<EventId>) {
        self.done.update_value(|d| d.retain(|group| *group != events));
        let back = |event: &EventId| self.changes.took_away(*event) || self.gone.with_value(|all| all.contains(event));
        let words = if events.iter().all(back) {
            t(if events.len() == 1 { "It is back." } else { "They are back." }).to_owned()
        } else if events.len() == 1 {
            t("Undone.").to_owned()
        } else {
            tf("Undone: {n} changes.", &[("n", &events.len().to_string())])
        };
        self.take_back(events, words, self.taken_back);
    }

    fn take_back(self, events: Vec<EventId>, words: String, into: StoredValue<Vec<Vec<EventId>>>) {
        // Whatever offers to undo it has nothing left to offer.
        self.toasts.update(|all| all.retain(|x| !x.undo.iter().any(|e| events.contains(e))));
        let all = events.len();
        let tally = Rc::new(RefCell::new(Tally::default()));
        for event in events.into_iter().rev() {
            let (words, tally) = (words.clone(), tally.clone());
            let reply = move |result: Result<Outcome, AppError>| {
                if let Err(e) = &result {
                    self.fail(e);
                }
                let group = {
                    let mut tally = tally.borrow_mut();
                    tally.hear(result);
                    if tally.answered < all {
                        return;
                    }
                    std::mem::take(&mut tally.events)
                };
                if !group.is_empty() {
                    into.update_value(|all| all.push(group));
                    self.undone.update(|n| *n += 1);
                    self.toast(words, None);
                }
            };
            let entity = self.changes.entity_of(event).unwrap_or_default();
            self.push(Job { entity, ..Job::undo(event) }, Box::new(reply));
        }
    }

    /// Does again what was taken back last. Answers whether there was something.
    pub fn redo_newest(self) -> bool {
        let Some(events) = self.taken_back.try_update_value(Vec::pop).flatten() else { return false };
        self.take_back(events, t("Done again.").into(), self.done);
        true
    }
}
