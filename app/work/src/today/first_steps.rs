//! What somebody new does first, each one tap away; put away for good when they like.

use crate::{
    i18n::{t, tf},
    session::may,
    sync::Queue,
};
use domain::{Permission, TodayCommand, today::FIRST_STEPS};
use leptos::prelude::*;
use leptos_router::components::A;
use ui::Icon;

#[component]
pub fn FirstSteps(steps: Vec<(String, bool)>, reload: Callback<()>) -> impl IntoView {
    // Only what the reader's role allows.
    let allowed = |step: &(String, bool)| may(if step.0 == "invite" { Permission::ManageMembers } else { Permission::EditRecords });
    let steps: Vec<(String, bool)> = steps.into_iter().filter(allowed).collect();
    let queue = expect_context::<Queue>();
    let done = steps.iter().filter(|s| s.1).count();
    let all = steps.len();
    let close = move |_| {
        queue.send(TodayCommand::CloseFirstSteps { closed: true }, None, move |result| match result {
            Ok(outcome) => {
                queue.toast(t("The first steps are put away."), outcome.event);
                reload.try_run(());
            }
            Err(e) => queue.fail(&e),
        });
    };
    (all > 0).then(|| view! {
        <section class="card first-steps" aria-label=t("First steps")>
            <div class="card__head">
                <h2>{t("First steps")} " " <span class="muted">{tf("{n} of {all}", &[("n", &done.to_string()), ("all", &all.to_string())])}</span></h2>
                <button type="button" class="icon-button" aria-label=t("Put the first steps away") title=t("Put away") on:click=close><Icon name="close"/></button>
            </div>
            <progress class="first-steps__bar" max=all.to_string() value=done.to_string() aria-label=t("First steps done")></progress>
            <ul class="first-steps__list">
                {steps.into_iter().filter_map(|(code, done)| {
                    let (_, words, href) = FIRST_STEPS.into_iter().find(|s| s.0 == code)?;
                    Some(view! {
                        <li class:is-done=done>
                            {if done {
                                view! { <span class="first-step"><Icon name="check"/><s>{t(words)}</s><span class="visually-hidden">{t("done")}</span></span> }.into_any()
                            } else {
                                view! { <A href=href attr:class="first-step"><span class="first-step__dot" aria-hidden="true"></span>{t(words)}</A> }.into_any()
                            }}
                        </li>
                    })
                }).collect_view()}
            </ul>
        </section>
    })
}
