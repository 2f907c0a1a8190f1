//! The sheet behind the bar: what could not be saved, with what can be done about it, and what waits.

use super::{Queue, answers::Trouble, order::held, outbox, sender::wake};
use crate::browser_store::call;
use crate::{
    Whose,
    i18n::{t, tf, translated},
    session::use_session,
};
use domain::{CommandId, paths};
use leptos::prelude::*;
use ui::Sheet;

#[component]
pub fn WaitingSheet(open: RwSignal<bool>) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let whose = use_session().whose();
    view! {
        <Sheet open=open title=t("Unsaved changes")>
            {move || {
                queue.pending.track();
                queue.aside.track();
                let all = queue.all_waiting();
                let held = held(all.iter().map(|w| (&w.job, w.aside)));
                let unreadable = outbox::unreadable(whose);
                if all.is_empty() && unreadable.is_empty() {
                    return view! { <p>{t("Nothing is waiting.")}</p> }.into_any();
                }
                let (aside, waiting): (Vec<_>, Vec<_>) = all.into_iter().zip(held).partition(|(w, _)| w.aside);
                let failed = !aside.is_empty() || !unreadable.is_empty();
                let waits = !waiting.is_empty();
                view! {
                    {failed.then(|| view! {
                        <section class="waiting" aria-label=t("Could not be saved")>
                            <h3>{t("Could not be saved")}</h3>
                            <ul class="links">
                                {aside.into_iter().map(|(w, _)| view! { <Aside waiting=w/> }).collect_view()}
                                {unreadable.into_iter().map(|entry| view! { <Unreadable entry=entry whose=whose/> }).collect_view()}
                            </ul>
                        </section>
                    })}
                    {waits.then(|| view! {
                        <section class="waiting" aria-label=t("Waiting to be sent")>
                            {failed.then(|| view! { <h3>{t("Waiting to be sent")}</h3> })}
                            <Why/>
                            <ul class="links">{waiting.into_iter().map(|(w, held)| view! { <Line waiting=w held=held/> }).collect_view()}</ul>
                        </section>
                    })}
                }
                .into_any()
            }}
        </Sheet>
    }
}

/// Why they wait, and what ends it.
#[component]
fn Why() -> impl IntoView {
    let queue = expect_context::<Queue>();
    move || {
        let trouble = queue.trouble.get();
        let kept = match trouble {
            _ if queue.unkept.get() => t("This browser has no room left to keep them. Do not close this page before they are saved."),
            Some(Trouble::SignedOut) => t("They are kept in this browser, and sent when you sign in again."),
            Some(Trouble::Server) => {
                t("They are stored in this browser and sent in this order as soon as the server accepts them, even if you close the browser.")
            }
            _ => t("They are stored in this browser and sent in this order when you are online again, even if you close the browser."),
        };
        let sign_in = (trouble == Some(Trouble::SignedOut)).then(|| {
            let here = window().location();
            let next = format!("{}{}", here.pathname().unwrap_or_default(), here.search().unwrap_or_default());
            view! { <a class="button" rel="external" href=paths::with_query(paths::SIGN_IN, &[("next", &next)])>{t("Sign in")}</a> }
        });
        view! {
            <p class="muted">{kept}</p>
            {trouble.is_some().then(|| view! { <p class="row">{sign_in}<button type="button" class="button" on:click=|_| wake(true)>{t("Try now")}</button></p> })}
        }
    }
}

#[component]
fn Line(waiting: outbox::Waiting, held: bool) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let id = waiting.job.id;
    let typed = outbox::text(&waiting.job);
    // Record name and new value replace the generic description.
    let words = (waiting.job.about.is_empty() || typed.is_empty()).then(|| outbox::words_of(&waiting.job));
    view! {
        <li>
            <span>{about(&waiting.job)}{words}{typed.into_iter().map(|line| view! { <small class="muted waiting__note waiting__typed">{line}</small> }).collect_view()}{held.then(|| view! { <small class="muted waiting__note">{t("Waits for the change above that could not be saved.")}</small> })}</span>
            <Discard run=move || queue.discard(id)/>
            <Along id=id/>
        </li>
    }
}

/// Name of the changed record.
fn about(job: &outbox::Job) -> impl IntoView + use<> {
    (!job.about.is_empty()).then(|| view! { <strong class="waiting__about">{job.about.clone()}</strong> })
}

/// Discarding cannot be undone, so the button asks for confirmation.
#[component]
fn Discard(run: impl Fn() + 'static, #[prop(default = t("Discard"))] words: &'static str) -> impl IntoView {
    let sure = RwSignal::new(false);
    let tap = move |_| if sure.get_untracked() { run() } else { sure.set(true) };
    view! {
        <button type="button" class="button" class:button--quiet=move || !sure.get() class:button--danger=move || sure.get() on:click=tap on:blur=move |_| sure.set(false)>
            {move || if sure.get() { t("Discard for good") } else { words }}
        </button>
    }
}

/// What goes with a change that is discarded.
#[component]
fn Along(id: CommandId) -> impl IntoView {
    let words = match expect_context::<Queue>().resting_on(id).len() {
        0 => return ().into_any(),
        1 => t("1 later change builds on this one and would be discarded too.").to_owned(),
        n => tf("{n} later changes build on this one and would be discarded too.", &[("n", &n.to_string())]),
    };
    view! { <small class="muted waiting__note">{words}</small> }.into_any()
}

/// A failed change: repeated server errors, or an edit conflict.
#[component]
fn Aside(waiting: outbox::Waiting) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let id = waiting.job.id;
    let text = outbox::text(&waiting.job);
    // As with those that wait: the record's name and the new value say it.
    let words = (waiting.job.about.is_empty() || text.is_empty()).then(|| outbox::words_of(&waiting.job));
    let head = [waiting.job.about.clone(), outbox::words_of(&waiting.job)];
    let refused = waiting.refused.clone();
    let (mine, gone) = (refused.as_ref().is_some_and(|r| r.version.is_some()), refused.as_ref().is_some_and(|r| r.version.is_none()));
    let why = match refused {
        Some(r) if mine => translated(r.said),
        Some(_) => t("You can no longer see this record.").to_owned(),
        None => t("The server has a problem with this change. Your text is safe in this browser.").to_owned(),
    };
    let copied = head.into_iter().filter(|line| !line.is_empty()).chain(text.iter().cloned()).collect::<Vec<_>>().join("\n");
    view! {
        <li class="waiting__aside">
            {about(&waiting.job)}
            {words.map(|words| view! { <strong>{words}</strong> })}
            {text.into_iter().map(|line| view! { <p class="waiting__text">{line}</p> }).collect_view()}
            <small class="muted waiting__note">{why}</small>
            <Along id=id/>
            <div class="row row--tight">
                {match (mine, gone) {
                    (true, _) => view! { <button type="button" class="button" on:click=move |_| queue.use_mine(id)>{t("Use mine")}</button> }.into_any(),
                    (_, true) => ().into_any(),
                    _ => view! { <button type="button" class="button" on:click=move |_| queue.try_again(id)>{t("Try again")}</button> }.into_any(),
                }}
                {mine.then(|| view! { <Discard words=t("Keep theirs") run=move || queue.discard(id)/> })}
                <CopyButton text=copied/>
                {(!mine).then(|| view! { <Discard run=move || queue.discard(id)/> })}
            </div>
        </li>
    }
}

/// An entry of another version of the program, or a damaged one.
#[component]
fn Unreadable(entry: outbox::Unreadable, whose: Whose) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let (key, text) = (entry.key, entry.text);
    // As much as tells it apart; copying takes all of it.
    let start: String = text.chars().take(300).collect();
    let discard = move || {
        outbox::throw_away(&key);
        queue.look_at_store();
        queue.changes.look_again(whose);
    };
    view! {
        <li class="waiting__aside">
            <strong>{t("A change that this version of Rapport cannot read")}</strong>
            <p class="waiting__text">{start}</p>
            <small class="muted waiting__note">{t("It stays in this browser until a version that can read it is used, or you discard it.")}</small>
            <div class="row row--tight">
                <CopyButton text=text/>
                <Discard run=discard/>
            </div>
        </li>
    }
}

#[component]
fn CopyButton(text: String) -> impl IntoView {
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let text = text.clone();
        leptos::task::spawn_local(async move {
            let done = call("copy", &[text.into()]).await.is_some();
            copied.try_set(done);
        });
    };
    view! { <button type="button" class="button" on:click=copy>{move || if copied.get() { t("Copied") } else { t("Copy") }}</button> }
}
