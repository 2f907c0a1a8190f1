//! The command queue: paint first, send in order, say so when it failed. Pages never call a write endpoint themselves.

use super::{
    Pool,
    ahead::{catch_up, went_ahead},
    outbox::{self, Job, What},
};
use crate::{
    AppError,
    i18n::{t, translated},
};
#[cfg(feature = "ssr")]
use domain::Envelope;
use domain::{Command, CommandId, DealId, EventId, Outcome};
use leptos::{prelude::*, server_fn::codec::Json, task::spawn_local};
use serde_json::{Value, json};
use std::{
    cell::RefCell,
    collections::{BTreeMap, HashSet, VecDeque},
};
use uuid::Uuid;

/// Carries out one command of the signed-in person: an [`Envelope`], which the browser has no need to read.
#[server(prefix = "/fn", endpoint = "commands/dispatch", input = Json)]
pub async fn dispatch_command(envelope: Value, member: Uuid) -> Result<Outcome, AppError> {
    use crate::{Answer, context};
    async {
        let envelope: Envelope = serde_json::from_value(envelope).map_err(|_| AppError::unreadable())?;
        let (db, actor) = context::actor()?;
        whose(&actor, member)?;
        Ok::<_, AppError>(db.dispatch(&actor, &envelope).await?)
    }
    .await
    .answer()
}

/// A page that was opened as somebody, or in some workspace, changes nothing as another whom the cookie means by now.
#[cfg(feature = "ssr")]
pub(super) fn whose(actor: &store::Actor, member: Uuid) -> Result<(), AppError> {
    if actor.member.0 == member { Ok(()) } else { Err(AppError::SignInNeeded) }
}

/// Takes back what an event did.
#[server(prefix = "/fn", endpoint = "commands/undo", input = Json)]
pub async fn undo_event(id: CommandId, event: EventId, member: Uuid) -> Result<Outcome, AppError> {
    use crate::{Answer, context};
    async {
        let (db, actor) = context::actor()?;
        whose(&actor, member)?;
        Ok::<_, AppError>(db.undo(&actor, id, event).await?)
    }
    .await
    .answer()
}

/// A short message at the bottom, with undo where there is something to take back.
#[derive(Clone, Debug, PartialEq)]
pub struct Toast {
    pub id: u32,
    pub text: String,
    /// The events of one doing, which are taken back together.
    pub undo: Vec<EventId>,
    /// Errors stay until they are closed.
    pub error: bool,
    /// A deal that was just lost, with its version: the reason may be said here.
    pub lost: Option<(DealId, i64)>,
}

/// Words that a change needs to be shown before it is saved: names of what it points at, and what the record is called after
/// it where that is made of several fields.
#[derive(Default)]
pub struct Named {
    pub names: BTreeMap<Uuid, String>,
    pub title: Option<String>,
}

type Reply = Box<dyn FnOnce(Result<Outcome, AppError>)>;

thread_local! {
    /// What waits to be sent from this browser tab. On the server nothing ever does.
    static JOBS: RefCell<VecDeque<(Job, Reply)>> = const { RefCell::new(VecDeque::new()) };
    /// Discarded while they were on their way.
    static DISCARDED: RefCell<HashSet<CommandId>> = RefCell::default();
}

/// The queue of this browser tab.
#[derive(Clone, Copy)]
pub struct Queue {
    /// Commands not yet confirmed.
    pub pending: RwSignal<usize>,
    /// The last attempt did not reach the server.
    pub offline: RwSignal<bool>,
    pub toasts: RwSignal<Vec<Toast>>,
    /// Commands sent from here: their live echo is no news.
    sent: StoredValue<VecDeque<CommandId>>,
    running: StoredValue<bool>,
    next_toast: StoredValue<u32>,
    /// Events of changes made here, newest last: what Ctrl/Cmd-Z takes back.
    pub(super) done: StoredValue<Vec<Vec<EventId>>>,
    /// Events by which something was taken back, newest last: what Ctrl/Cmd-Shift-Z takes back again.
    pub(super) taken_back: StoredValue<Vec<Vec<EventId>>>,
    /// How often something was taken back: pages that show events look again.
    pub undone: RwSignal<u32>,
    /// Something waits that this browser could not keep: leaving loses it.
    pub(super) unkept: StoredValue<bool>,
    /// Whose changes these are.
    pub(super) member: StoredValue<Uuid>,
    /// What was changed here and readings do not hold yet.
    pub pool: Pool,
    /// Undo was asked for before the server confirmed the change: it follows as soon as it can.
    undo_next: StoredValue<bool>,
}

impl Queue {
    pub fn new() -> Self {
        Self {
            pending: RwSignal::new(0),
            offline: RwSignal::new(false),
            toasts: RwSignal::new(Vec::new()),
            sent: StoredValue::new(VecDeque::new()),
            running: StoredValue::new(false),
            next_toast: StoredValue::new(0),
            done: StoredValue::new(Vec::new()),
            taken_back: StoredValue::new(Vec::new()),
            member: StoredValue::new(Uuid::nil()),
            unkept: StoredValue::new(false),
            undone: RwSignal::new(0),
            undo_next: StoredValue::new(false),
            pool: Pool::new(),
        }
    }

    /// Sends a command; `reply` hears what became of it. The caller has painted the change already.
    pub fn send(self, command: Command, base_version: Option<i64>, reply: impl FnOnce(Result<Outcome, AppError>) + 'static) {
        self.send_job(Job::send(&command, base_version), reply);
    }

    /// The same for a change whose record is on the page, which knows the words for it.
    pub fn send_named(self, command: Command, base_version: Option<i64>, words: Named, reply: impl FnOnce(Result<Outcome, AppError>) + 'static) {
        self.send_job(Job { names: words.names, title: words.title, ..Job::send(&command, base_version) }, reply);
    }

    fn send_job(self, job: Job, reply: impl FnOnce(Result<Outcome, AppError>) + 'static) {
        // What is done anew leaves nothing to do again.
        self.taken_back.update_value(Vec::clear);
        self.remember(job.id);
        self.push(job, Box::new(reply));
    }

    /// Whose page this is: what is sent from it is sent as them or not at all.
    pub fn belongs_to(self, member: Uuid) {
        self.member.set_value(member);
    }

    /// Leaving now would lose something that the browser could not keep.
    pub fn may_lose(self) -> bool {
        self.pending.try_get_untracked().unwrap_or_default() > 0 && self.unkept.try_get_value().unwrap_or_default()
    }

    /// Drops all that waits in this tab; the browser's store is somebody else's by now.
    pub fn forget_all() {
        JOBS.with_borrow_mut(VecDeque::clear);
    }

    /// Whether a command waits in this tab already.
    pub(super) fn has(id: CommandId) -> bool {
        JOBS.with_borrow(|jobs| jobs.iter().any(|(job, _)| job.id == id))
    }

    /// Forgets a change that waits.
    pub fn discard(self, id: CommandId) {
        outbox::discard(id);
        let gone = JOBS.with_borrow_mut(|jobs| {
            let at = jobs.iter().position(|(job, _)| job.id == id)?;
            jobs.remove(at)
        });
        match gone {
            Some((_, reply)) => self.dropped(id, reply),
            // On its way: it is dropped when it turns out not to have arrived.
            None => {
                DISCARDED.with_borrow_mut(|d| d.insert(id));
                self.pending.update(|_| {});
            }
        }
    }

    fn dropped(self, id: CommandId, reply: Reply) {
        self.pool.dropped(id);
        self.pending.update(|n| *n = n.saturating_sub(1));
        if self.pending.get_untracked() == 0 {
            self.undo_next.set_value(false);
            self.offline.set(false);
        }
        reply(Err(AppError::Conflict(t("This change was discarded.").into())));
        // Pages that show it as if it were saved look again.
        self.undone.update(|n| *n += 1);
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
        self.toasts.update(|all| all.retain(|x| x.undo != events));
        self.undo_all(events);
        true
    }

    pub fn toast(self, text: impl Into<String>, undo: Option<EventId>) {
        self.show(text.into(), undo.into_iter().collect(), false, None);
    }

    /// Tells of a lost deal, and asks for the reason after the fact.
    pub fn toast_lost(self, text: impl Into<String>, undo: Option<EventId>, deal: DealId, version: i64) {
        self.show(text.into(), undo.into_iter().collect(), false, Some((deal, version)));
    }

    /// Tells of a failure in the person's words.
    pub fn fail(self, error: &AppError) {
        self.show(translated(error.to_string()), Vec::new(), true, None);
    }

    pub fn close(self, id: u32) {
        self.toasts.update(|all| all.retain(|x| x.id != id));
    }

    pub(super) fn show(self, text: String, undo: Vec<EventId>, error: bool, lost: Option<(DealId, i64)>) {
        let id = self.next_toast.with_value(|n| n + 1);
        self.next_toast.set_value(id);
        self.toasts.update(|all| {
            all.push(Toast { id, text, undo, error, lost });
            // Errors stay until they were read; of the rest the newest three.
            let mut extra = all.iter().filter(|x| !x.error).count().saturating_sub(3);
            all.retain(|x| {
                let goes = !x.error && extra > 0;
                extra -= usize::from(goes);
                !goes
            });
            let errors = all.len().saturating_sub(20);
            all.drain(..errors);
        });
        if !error {
            let seconds = if lost.is_some() { 20 } else { 6 };
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

    pub(super) fn push(self, mut job: Job, reply: Reply) {
        catch_up(&mut job);
        if !outbox::keep(self.member.get_value(), &job) {
            self.unkept.set_value(true);
        }
        self.pool.take(&job);
        JOBS.with_borrow_mut(|j| j.push_back((job, reply)));
        self.pending.update(|n| *n += 1);
        if !self.running.get_value() {
            self.running.set_value(true);
            spawn_local(self.flush());
        }
    }

    /// What waits behind a confirmed change of the same record rests on it from now on, in the browser's store too: after a
    /// reload nobody knows any more that the change in between was our own.
    fn rebase_waiting(self) {
        JOBS.with_borrow_mut(|jobs| {
            for (job, _) in jobs {
                let before = job.base;
                catch_up(job);
                if job.base != before {
                    outbox::keep(self.member.get_value(), job);
                }
            }
        });
    }

    async fn flush(self) {
        let (mut wait, mut tries) = (500, 0);
        let member = self.member.get_value();
        while let Some((mut job, reply)) = JOBS.with_borrow_mut(VecDeque::pop_front) {
            let before = job.base;
            catch_up(&mut job);
            if job.base != before {
                outbox::keep(member, &job);
            }
            let result = match &job.what {
                What::Send(command) => {
                    let envelope = json!({"id": job.id, "baseVersion": job.base, "command": command});
                    dispatch_command(envelope, member).await
                }
                What::Undo(event) => undo_event(job.id, *event, member).await,
            };
            let discarded = DISCARDED.with_borrow_mut(|d| d.remove(&job.id));
            // A server that stumbles is asked a few times more: it may be on its way up.
            let stumbled = matches!(result, Err(AppError::Bug(_))) && tries < 4;
            if result.as_ref().is_err_and(AppError::is_temporary) || stumbled {
                if discarded {
                    self.dropped(job.id, reply);
                    continue;
                }
                // The same envelope again: its id makes the repetition harmless.
                tries += u32::from(stumbled);
                self.offline.set(true);
                JOBS.with_borrow_mut(|j| j.push_front((job, reply)));
                pause(wait).await;
                wait = (wait * 2).min(15_000);
                continue;
            }
            if matches!(result, Err(AppError::SignInNeeded)) {
                crate::session::forget();
                // It waits, here and in the browser's store, for whoever it belongs to.
                JOBS.with_borrow_mut(|j| j.push_front((job, reply)));
                self.show(
                    t("You are signed out here, or signed in as somebody else. What you changed waits in this browser.").into(),
                    Vec::new(),
                    true,
                    None,
                );
                break;
            }
            (wait, tries) = (500, 0);
            outbox::discard(job.id);
            self.pool.hear(&job, &result);
            if let Ok(outcome) = &result {
                went_ahead(&job, outcome);
                self.rebase_waiting();
            }
            self.offline.set(false);
            self.pending.update(|n| *n = n.saturating_sub(1));
            let made = match (&job.what, &result) {
                (What::Send(_), Ok(outcome)) => outcome.event,
                _ => None,
            };
            if let Some(event) = made {
                self.done.update_value(|d| d.push(vec![event]));
                if discarded {
                    self.toast(t("This change was saved already."), Some(event));
                }
            }
            reply(result);
            // Asked for while something was on its way: it is about what was on its way, and about nothing later.
            if self.undo_next.get_value() && self.pending.get_untracked() == 0 {
                self.undo_next.set_value(false);
                if made.is_some() {
                    self.undo_newest();
                }
            }
        }
        if JOBS.with_borrow(VecDeque::is_empty) {
            self.offline.set(false);
            self.unkept.set_value(false);
        }
        self.running.set_value(false);
    }
}

/// Waits for so long, or until the network is back.
async fn pause(ms: i32) {
    let online = || window().navigator().on_line();
    let before = online();
    for _ in 0..(ms / 250).max(1) {
        sleep(250).await;
        if online() && !before {
            return;
        }
    }
}

/// Waits in the browser.
pub async fn sleep(ms: i32) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        if let Some(w) = web_sys::window() {
            let _ = w.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms);
        }
    });
    let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
}
