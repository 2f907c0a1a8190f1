//! Sends what waits, one change after the other, until an answer decides each (decision 0015).

use super::{
    Queue,
    answers::{self, FAILURES, Trouble, Verdict, judge},
    line::{DISCARDED, JOBS, SENDING, take_out, tell},
    order::{held, same_fields},
    outbox::{self, Job, Waiting, What},
    rebase::{catch_up, went_ahead},
    wire,
};
use crate::{
    AppError,
    i18n::{t, tf},
};
use domain::{CommandId, Outcome};
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsValue;

thread_local! {
    /// Ends the pause that is going on.
    static WAKE: RefCell<Option<js_sys::Function>> = const { RefCell::new(None) };
    /// The person ended it: not even the server's wish to be left alone stands in the way.
    static BY_HAND: Cell<bool> = const { Cell::new(false) };
    /// It was ended: the back-off begins anew.
    static WOKEN: Cell<bool> = const { Cell::new(false) };
}

/// Something happened that may have mended what the queue waits for: the network is back, the live stream is open again,
/// somebody signed in, or the person wants it.
pub(super) fn wake(by_hand: bool) {
    let Some(resolve) = WAKE.take() else { return };
    BY_HAND.set(by_hand);
    WOKEN.set(true);
    let _ = resolve.call0(&JsValue::NULL);
}

/// Marks every queued entry as delayed.
fn all_wait() {
    JOBS.with_borrow_mut(|jobs| jobs.iter_mut().for_each(|e| e.waited = true));
}

fn now() -> u64 {
    js_sys::Date::now() as u64
}

/// What is left of the time in which the server wants to hear nothing, in milliseconds.
fn asked_pause() -> Option<u64> {
    let at = outbox::not_before();
    // No longer than a server may ask for, however the clock was set meanwhile.
    (at > now()).then(|| (at - now()).min(answers::LONGEST_ASKED_MS))
}

/// Pauses for so long (`None`: until it is woken), at least as long as the server asked for.
async fn rest(ms: Option<u64>) {
    let mut left = ms;
    loop {
        let promise = js_sys::Promise::new(&mut |resolve, _| {
            if let (Some(ms), Some(window)) = (left, web_sys::window()) {
                let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms.min(i32::MAX as u64) as i32);
            }
            WAKE.set(Some(resolve));
        });
        let _ = wasm_bindgen_futures::JsFuture::from(promise).await;
        WAKE.take();
        if BY_HAND.replace(false) {
            outbox::set_not_before(None);
        }
        match asked_pause() {
            Some(more) => left = Some(more),
            None => return,
        }
    }
}

impl Queue {
    /// Sends until nothing is left that can be sent.
    pub(super) async fn flush(self) {
        let whose = self.whose.get_value();
        let mut tries = 0;
        if let Some(pause) = asked_pause() {
            tell(self.trouble, Some(Trouble::Server));
            rest(Some(pause)).await;
        }
        while let Some(waiting) = self.next() {
            let id = waiting.job.id;
            SENDING.set(Some(id));
            let answer = wire::send(&waiting.job, whose).await;
            SENDING.set(None);
            let discarded = DISCARDED.with_borrow_mut(|d| d.remove(&id));
            let decided = match judge(answer.as_ref()) {
                Verdict::Saved(outcome) => Some(Ok(outcome)),
                Verdict::Refused(reason) if !discarded && self.is_for_the_person(id, &reason) => {
                    tries = 0;
                    continue;
                }
                Verdict::Refused(reason) => Some(Err(reason)),
                _ if discarded => {
                    take_out(id).into_iter().for_each(|entry| self.dropped(entry));
                    continue;
                }
                Verdict::SignIn { ours } => {
                    self.signed_out(ours);
                    // The session is checked before a change is sent again: by now it may be another member's.
                    rest(None).await;
                    while wire::is_refused(whose).await {
                        rest(None).await;
                    }
                    None
                }
                Verdict::Failed if wire::is_well().await && self.failed_again(id) => {
                    tries = 0;
                    continue;
                }
                Verdict::Failed => self.wait(Trouble::Server, &mut tries, None).await,
                Verdict::Wait(trouble) => self.wait(trouble, &mut tries, answer.and_then(|a| a.retry_after)).await,
            };
            if let Some(result) = decided {
                tries = 0;
                self.decided(id, result, discarded);
            }
        }
        self.running.set_value(false);
        let saved = self.of_before.get_value();
        if saved > 0 {
            self.of_before.set_value(0);
            self.undone.update(|n| *n += 1);
            let words = match saved {
                1 => t("1 earlier change was saved.").to_owned(),
                n => tf("{n} earlier changes were saved.", &[("n", &n.to_string())]),
            };
            self.toast(words, None);
        }
    }

    /// The first change that waits for nothing but its turn, resting on what our own changes have led to meanwhile.
    fn next(self) -> Option<Waiting> {
        let whose = self.whose.get_value();
        JOBS.with_borrow_mut(|jobs| {
            let held = held(jobs.iter().map(|e| (&e.waiting.job, e.waiting.aside)));
            let entry = jobs.get_mut(held.iter().position(|h| !h)?)?;
            let before = entry.waiting.job.base;
            catch_up(&mut entry.waiting.job);
            // There may be room for it by now.
            if entry.waiting.job.base != before || entry.key.is_none() {
                entry.key = outbox::keep(whose, &entry.waiting).or(entry.key.take());
            }
            Some(entry.waiting.clone())
        })
    }

    /// Nothing is decided: the same envelope goes out again later; its id makes the repetition harmless.
    async fn wait(self, trouble: Trouble, tries: &mut u32, asked: Option<u64>) -> Option<Result<Outcome, AppError>> {
        tell(self.trouble, Some(trouble));
        all_wait();
        if let Some(asked) = asked {
            outbox::set_not_before(Some(now() + asked));
        }
        *tries += 1;
        rest(Some(answers::pause(*tries, asked, js_sys::Math::random()))).await;
        if WOKEN.replace(false) {
            *tries = 0;
        }
        None
    }

    /// It waits, here and in the browser's store, for the person it belongs to.
    fn signed_out(self, ours: bool) {
        if ours {
            crate::session::ended(self.whose.get_value());
        }
        all_wait();
        if self.trouble.get_untracked() != Some(Trouble::SignedOut) {
            self.trouble.set(Some(Trouble::SignedOut));
            let words = t("You are signed out here, or signed in as somebody else. What you changed waits in this browser.");
            self.show(words.into(), Vec::new(), true, None);
        }
    }

    /// Delayed edits that end in a field conflict or in 404 are set aside for the user to resolve; other rejections roll back
    /// the optimistic update.
    fn is_for_the_person(self, id: CommandId, reason: &AppError) -> bool {
        let whose = self.whose.get_value();
        let set_aside = JOBS.with_borrow_mut(|jobs| {
            let entry = jobs.iter_mut().find(|e| e.waiting.job.id == id)?;
            let is_edit = matches!(&entry.waiting.job.what, What::Send(command) if command["do"] == "edit");
            let version = match reason {
                AppError::Changed { version, .. } if is_edit && entry.waited => Some(*version),
                AppError::NotFound if is_edit => None,
                _ => return None,
            };
            entry.waiting.refused = Some(outbox::Refused { said: reason.to_string(), version });
            entry.waiting.aside = true;
            outbox::keep(whose, &entry.waiting);
            Some(())
        });
        if set_aside.is_some() {
            outbox::set_not_before(None);
            self.went_aside();
        }
        set_aside.is_some()
    }

    fn went_aside(self) {
        tell(self.trouble, None);
        self.recount();
        if self.pending.get_untracked() == 0 {
            self.undo_next.set_value(false);
        }
        // Invalidates pages that show the record: the server has a newer version.
        self.undone.update(|n| *n += 1);
    }

    /// The server failed on a change and is well otherwise. Answers whether it was once too often: the change is set aside,
    /// and those that have nothing to do with it go on.
    fn failed_again(self, id: CommandId) -> bool {
        let whose = self.whose.get_value();
        let aside = JOBS.with_borrow_mut(|jobs| {
            let entry = jobs.iter_mut().find(|e| e.waiting.job.id == id)?;
            entry.waiting.failed += 1;
            entry.waiting.aside = entry.waiting.failed >= FAILURES;
            outbox::keep(whose, &entry.waiting);
            Some(entry.waiting.aside)
        });
        if aside == Some(true) {
            self.went_aside();
        }
        aside != Some(false)
    }

    /// An answer decided a change: it leaves the line and the store, and whoever sent it hears.
    fn decided(self, id: CommandId, result: Result<Outcome, AppError>, discarded: bool) {
        let Some(entry) = take_out(id) else { return };
        let job = entry.waiting.job;
        outbox::discard(id);
        outbox::set_not_before(None);
        self.changes.hear(&job, &result);
        if let Ok(outcome) = &result {
            went_ahead(&job, outcome);
            self.rebase_waiting(&job, outcome.version);
        }
        tell(self.trouble, None);
        self.recount();
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
        // A delayed rejection names the record and the change.
        let about = [job.about, job.words].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
        self.about.set_value(entry.waited.then_some(about));
        (entry.reply)(result);
        self.about.set_value(None);
        // Asked for while something was on its way: it is about what was on its way, and about nothing later.
        if self.undo_next.get_value() && self.pending.get_untracked() == 0 {
            self.undo_next.set_value(false);
            if made.is_some() {
                self.undo_newest();
            }
        }
    }

    /// What waits behind a confirmed change of the same record rests on it from now on, in the browser's store too: after a
    /// reload nobody knows any more that the change in between was our own.
    fn rebase_waiting(self, done: &Job, version: i64) {
        JOBS.with_borrow_mut(|jobs| {
            for entry in jobs {
                let before = entry.waiting.job.base;
                catch_up(&mut entry.waiting.job);
                if same_fields(&entry.waiting.job, done) {
                    entry.waiting.job.base = before.max(Some(version));
                }
                if entry.waiting.job.base != before {
                    outbox::keep(self.whose.get_value(), &entry.waiting);
                }
            }
        });
    }
}
