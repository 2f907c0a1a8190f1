//! How suggestions are weighed, with a preview of what would change.

use crate::{
    i18n::{t, tf, translated},
    sync::Queue,
};
use domain::{
    TodayCommand,
    today::{TodayItem, Weights, arithmetic, priority},
};
use leptos::prelude::*;

#[component]
pub fn WeightsEditor(weights: Weights, items: Vec<TodayItem>, reload: Callback<()>) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let warmth = RwSignal::new(weights.warmth);
    let time = RwSignal::new(weights.time);
    let people: Vec<(String, i32, i64)> = items.iter().filter_map(|i| i.score.map(|(w, d)| (i.title.clone(), w, d))).collect();
    let preview = move || {
        let weights = Weights { warmth: warmth.get(), time: time.get() };
        let mut all: Vec<(f64, String, String)> =
            people.iter().map(|(name, w, d)| (priority(*w, *d, weights), name.clone(), arithmetic(*w, *d, weights))).collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        all.truncate(5);
        all.into_iter()
            .map(|(_, name, sum)| view! { <li><span>{name}</span><span class="muted number-words">{translated(sum)}</span></li> })
            .collect_view()
    };
    let save = move |_| {
        let command = TodayCommand::SetWeights { warmth: warmth.get_untracked(), time: time.get_untracked() };
        queue.send(command, None, move |result| match result {
            Ok(outcome) => {
                queue.toast(t("The suggestions are weighed anew."), outcome.event);
                reload.try_run(());
            }
            Err(e) => queue.fail(&e),
        });
    };
    let slider = move |name: &'static str, label: &'static str, value: RwSignal<i32>| {
        view! {
            <label class="weights__slider">
                <span>{move || tf("{label}: {n}", &[("label", label), ("n", &format!("{}", f64::from(value.get()) / 100.0))])}</span>
                <input type="range" name=name min="0" max="100" step="5" value=value.get_untracked() on:input=move |ev| { if let Ok(n) = event_target_value(&ev).parse() { value.set(n) } }/>
            </label>
        }
    };
    view! {
        <details class="card weights">
            <summary>{t("How these are chosen")}</summary>
            <p class="muted">{t("Warmth (0 to 10) times its weight, plus the days since the last contact (30 count in full) times theirs.")}</p>
            {slider("warmth", t("Warmth"), warmth)}
            {slider("time", t("Time since the last contact"), time)}
            <ul class="links">{preview}</ul>
            <div class="row">
                <button type="button" class="button button--primary" on:click=save>{t("Use these weights")}</button>
                <button type="button" class="button button--quiet" on:click=move |_| { warmth.set(70); time.set(30); }>{t("Back to 0.7 and 0.3")}</button>
            </div>
        </details>
    }
}
