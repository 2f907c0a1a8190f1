//! The command queue: paint first, send in order, say so when it failed. Pages never call a write endpoint themselves.

use super::{
    PendingChanges,
    answers::Trouble,
    line::{Entry, JOBS, Reply},
    outbox::{self, Job, Named, Waiting},
    rebase::catch_up,
};
use crate::{
    AppError, Whose,
    i18n::{t, tf, translated},
};
use domain::{CommandId, EventId, Outcome, SliceCommand};
use leptos::{prelude::*, task::spawn_local};
use std::collections::VecDeque;
use uuid::Uuid;

/// A short message at the bottom, with undo where there is something to take back.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    pub id: u32,
    pub text: String,
    /// The events of one doing, which are taken back together.
    pub undo: Vec<EventId>,
    /// Errors stay until they are closed.
    pub error: bool,
    /// Record and version that the message asks a question about; the shell draws it.
    pub question: Option<(Uuid, i64)>,
}

/// The queue of this browser tab.
#[derive(Clone, Copy)]
pub struct Queue {
    /// Commands that are on their way, or will be by themselves.
    pub pending: RwSignal<usize>,
    /// Commands that could not be saved, here and in what other tabs have left: the person says what becomes of them.
    pub aside: RwSignal<usize>,
    /// Why the last attempt came to nothing.
    pub trouble: RwSignal<Option<Trouble>>,
    pub toasts: RwSignal<Vec<Toast>>,
    /// Commands sent from here: their live echo is no news.
    sent: StoredValue<VecDeque<CommandId>>,
    pub(super) running: StoredValue<bool>,
    next_toast: StoredValue<u32>,
    /// Events of changes made here, newest last: what Ctrl/Cmd-Z takes back.
    pub(super) done: StoredValue<Vec<Vec<EventId>>>,
    /// Events by which something went away: undoing them says that it is back.
    pub(super) gone: StoredValue<Vec<EventId>>,
    /// Events by which something was taken back, newest last: what Ctrl/Cmd-Shift-Z takes back again.
    pub(super) taken_back: StoredValue<Vec<Vec<EventId>>>,
    /// How often something was taken back: pages that show events look again.
    pub undone: RwSignal<u32>,
    /// Something waits that this browser could not keep, for lack of room: leaving loses it.
    pub unkept: RwSignal<bool>,
    /// Of what is set aside, how much no job of this tab stands for.
    pub(super) elsewhere: StoredValue<usize>,
    /// Changes from before this page that are saved by now and not told of yet.
    pub(super) of_before: StoredValue<usize>,
    /// What an answer is about that comes long after its change, for telling of it.
    pub(super) about: StoredValue<Option<String>>,
    /// Whose changes these are.
    pub(super) whose: StoredValue<Whose>,
    /// What was changed here and readings do not hold yet.
    pub changes: PendingChanges,
    /// Undo was asked for before the server confirmed the change: it follows as soon as it can.
    pub(super) undo_next: StoredValue<bool>,
}

impl Default for Queue {
    fn default() -> Self {
        Self {
            pending: RwSignal::new(0),
            aside: RwSignal::new(0),
            trouble: RwSignal::new(None),
            toasts: RwSignal::new(Vec::new()),
            sent: StoredValue::new(VecDeque::new()),
            running: StoredValue::new(false),
            next_toast: StoredValue::new(0),
            done: StoredValue::new(Vec::new()),
            gone: StoredValue::new(Vec::new()),
            taken_back: StoredValue::new(Vec::new()),
            whose: StoredValue::new(Whose::ANONYMOUS),
            unkept: RwSignal::new(false),
            elsewhere: StoredValue::new(0),
            of_before: StoredValue::new(0),
            undone: RwSignal::new(0),
            about: StoredValue::new(None),
            undo_next: StoredValue::new(false),
            changes: PendingChanges::new(),
        }
    }
}

impl Queue {
    /// Sends a command; `reply` hears what became of it. The caller has painted the change already.
    pub fn send(self, command: impl SliceCommand, base_version: Option<i64>, reply: impl FnOnce(Result<Outcome, AppError>) + 'static) {
        self.send_job(Job::send(&command, base_version), reply);
    }

    /// The same for a change whose record is on the page, which knows the words for it.
    pub fn send_named(
        self,
        command: impl SliceCommand,
        base_version: Option<i64>,
        named: Named,
        reply: impl FnOnce(Result<Outcome, AppError>) + 'static,
    ) {
        self.send_job(Job::send(&command, base_version).named(named), reply);
    }

    /// Sends a command that is written already.
    pub fn send_job(self, job: Job, reply: impl FnOnce(Result<Outcome, AppError>) + 'static) {
        // What is done anew leaves nothing to do again.
        self.taken_back.update_value(Vec::clear);
        self.remember(job.id);
        self.push(job, Box::new(reply));
    }

    /// Whose page this is: what is sent from it is sent as them or not at all.
    pub fn belongs_to(self, whose: Whose) {
        self.whose.set_value(whose);
    }

    /// Leaving now would lose something that the browser could not keep.
    pub fn may_lose(self) -> bool {
        JOBS.with_borrow(|jobs| jobs.iter().any(|e| e.key.is_none()))
    }

    /// Whether the last change is queued: offline, server unavailable, or blocked by a failed change. Tracked.
    pub fn waits(self) -> bool {
        self.trouble.get().is_some() || self.pending.get() == 0
    }

    /// Drops all that waits in this tab; the browser's store is somebody else's by now.
    pub fn forget_all() {
        JOBS.with_borrow_mut(VecDeque::clear);
    }

    pub fn is_own(self, command: uuid::Uuid) -> bool {
        self.sent.try_with_value(|s| s.contains(&CommandId(command))).unwrap_or(false)
    }

    /// Takes back the newest change of this tab: the one still on its way, else the last that was made. Answers whether
    /// there was one.
    pub fn undo_newest(self) -> bool {
        if self.pending.get_untracked() > 0 {
            self.undo_next.set_value(true);
            return true;
        }
        let Some(events) = self.done.try_update_value(Vec::pop).flatten() else { return false };
        self.undo_all(events);
        true
    }

    pub fn toast(self, text: impl Into<String>, undo: Option<EventId>) {
        self.show(text.into(), undo.into_iter().collect(), false, None);
    }

    /// Tells of something that went away.
    pub fn toast_gone(self, text: impl Into<String>, undo: Option<EventId>) {
        self.gone.update_value(|all| all.extend(undo));
        self.toast(text, undo);
    }

    /// A message that asks a question about a record.
    pub fn toast_asking(self, text: impl Into<String>, undo: Option<EventId>, record: Uuid, version: i64) {
        self.show(text.into(), undo.into_iter().collect(), false, Some((record, version)));
    }

    /// Tells of a failure in the person's words.
    pub fn fail(self, error: &AppError) {
        let reason = translated(error.to_string());
        let words = match self.about.get_value() {
            Some(change) => tf("{change}: {reason}", &[("change", &change), ("reason", &reason)]),
            None => reason,
        };
        self.show(words, Vec::new(), true, None);
    }

    pub fn close(self, id: u32) {
        self.toasts.update(|all| all.retain(|x| x.id != id));
    }

    pub(super) fn show(self, text: String, undo: Vec<EventId>, error: bool, question: Option<(Uuid, i64)>) {
        let id = self.next_toast.with_value(|n| n + 1);
        self.next_toast.set_value(id);
        self.toasts.update(|all| {
            // The same is said once, and three at a time: the oldest goes, an error only where all are errors.
            all.retain(|x| x.text != text || x.undo != undo);
            if all.len() > 2 {
                all.remove(all.iter().position(|x| !x.error).unwrap_or_default());
            }
            all.push(Toast { id, text, undo, error, question });
        });
        if !error {
            let seconds = if question.is_some() { 20 } else { 6 };
            set_timeout(move || self.close(id), std::time::Duration::from_secs(seconds));
        }
    }

    fn remember(self, id: CommandId) {
        self.sent.update_value(|s| {
            s.push_back(id);
            if s.len() > 500 {
                s.pop_front();
            }
        });
    }

    pub(super) fn push(self, job: Job, reply: Reply) {
        self.enqueue(Waiting::new(job), self.trouble.get_untracked().is_some(), reply);
        self.start();
    }

    /// Puts a change in line; `start` sends it.
    pub(super) fn enqueue(self, mut waiting: Waiting, waited: bool, reply: Reply) {
        catch_up(&mut waiting.job);
        let key = outbox::keep(self.whose.get_value(), &waiting);
        if key.is_none() && !self.unkept.get_untracked() {
            self.tell_full();
        }
        self.changes.take(&waiting.job);
        JOBS.with_borrow_mut(|jobs| {
            jobs.push_back(Entry { waiting, key, waited, reply });
            // What was made before this page comes before what was made on it.
            jobs.make_contiguous().sort_by(|a, b| (a.key.is_none(), &a.key).cmp(&(b.key.is_none(), &b.key)));
        });
        self.recount();
    }

    pub(super) fn start(self) {
        if !self.running.get_value() && self.pending.get_untracked() > 0 {
            self.running.set_value(true);
            spawn_local(self.flush());
        }
    }

    /// The browser has no room left for what is typed.
    pub(super) fn tell_full(self) {
        let words = t("This browser has no room left to keep what you change until it is saved. Do not close this page before everything is saved.");
        if !self.toasts.with_untracked(|all| all.iter().any(|x| x.text == words)) {
            self.show(words.into(), Vec::new(), true, None);
        }
    }
}
