//! One row of Today: why it is here, and what to do about it without leaving.

use super::gone::Gone;
use crate::{
    format,
    i18n::{language, t, tf, translated},
    interactions::{About, LogComposer},
    records::{Draft, forget_line},
    session::may,
    sync::{Job, Queue},
};
use chrono::{Days, NaiveDate};
use domain::{
    FieldMap, Language, Permission, RecordCommand, TodayCommand, paths,
    today::{NEVER, Rule, TodayItem},
};
use leptos::prelude::*;
use leptos_router::components::A;
use serde_json::{Value, json};
use ui::{Avatar, Icon, Menu, MenuItem};

/// The edit that makes a row done, for those that are done by an edit.
fn done_by(item: &TodayItem) -> Option<FieldMap> {
    let set = match item.rule {
        Rule::TaskOverdue | Rule::TaskDue => json!({"completedAt": domain::fields::instant(chrono::Utc::now())}),
        Rule::Planned => json!({"status": "done", "date": domain::fields::instant(chrono::Utc::now())}),
        Rule::FollowUp => return Some(item.followed_up()),
        Rule::DealNextStep => json!({"nextAction": null, "nextActionDate": null}),
        _ => return None,
    };
    match set {
        Value::Object(set) => Some(set),
        _ => None,
    }
}

/// Whether a row is about reaching somebody, and so can be answered by logging that one did.
fn is_touch(rule: Rule) -> bool {
    matches!(rule, Rule::Suggested | Rule::Cadence | Rule::Birthday | Rule::FollowUp)
}

fn due_words(item: &TodayItem, day: NaiveDate) -> String {
    let time = item.time.as_deref().map(|x| format!(" {x}")).unwrap_or_default();
    match item.due {
        Some(due) if due < day => tf("{n} d late", &[("n", &(day - due).num_days().to_string())]),
        Some(due) if due == day => t("today").to_owned() + &time,
        Some(due) => format::day(due) + &time,
        None => String::new(),
    }
}

/// Why the row is here, in the reader's language. How a suggestion is reckoned stands where the weights are set.
pub fn why(item: &TodayItem) -> String {
    let why = &item.why;
    match (item.rule, why.split_once(' ')) {
        (Rule::Suggested, _) => match item.score.map(|(_, days)| days) {
            None | Some(NEVER) => t("never contacted").to_owned(),
            Some(0) => t("last contact today").to_owned(),
            Some(days) => tf("last contact {n} days ago", &[("n", &format::count(days))]),
        },
        (Rule::Birthday, Some((day, month))) => {
            let at = Language::English.short_months().iter().position(|m| *m == month).unwrap_or(0);
            let stop = if language() == Language::German { "." } else { "" };
            format!("{day}{stop} {}", language().short_months()[at])
        }
        _ => translated(why.to_owned()),
    }
}

#[component]
pub fn TodayRow(item: TodayItem, day: NaiveDate, gone: Gone, reload: Callback<()>) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let key = (item.rule, item.id);
    let editable = may(Permission::EditRecords);
    let logging = RwSignal::new(false);
    let (kind, id, version) = (item.kind, item.id, item.version);
    let leave = move || gone.update(|g| g.push(key));
    let come_back = move || {
        gone.try_update(|g| g.retain(|k| *k != key));
    };
    // Painted at once; back again with the reason if the server refuses.
    let send_and = move |job: Job, words: String, kept: Option<String>| {
        leave();
        queue.send_job(job, move |result| match result {
            Ok(outcome) => {
                if let Some(key) = kept {
                    forget_line(&key);
                }
                queue.toast(words, outcome.event);
            }
            Err(e) => {
                come_back();
                queue.fail(&e);
            }
        });
    };
    let send = move |job, words| send_and(job, words, None);
    let name = StoredValue::new(item.title.clone());
    let done = done_by(&item);
    let can_finish = done.is_some();
    let finish = move |ev: leptos::ev::MouseEvent| {
        // The second half of a double click lands on the row that moved up: it means nothing.
        if ev.detail() > 1 {
            return;
        }
        if let Some(set) = done.clone() {
            send(Job::send(&RecordCommand::Edit { kind, id, set }, Some(version)), name.with_value(|n| tf("Done: {title}.", &[("title", n)])));
        }
    };
    let snooze = move |days: u64| {
        let until = day.checked_add_days(Days::new(days)).unwrap_or(day);
        let words = name.with_value(|n| tf("{title} comes back on {day}.", &[("title", n), ("day", &format::day(until))]));
        send(Job::send(&TodayCommand::Snooze { kind, id, until: Some(until) }, None), words);
    };
    let contact = item.contact_id.zip(item.contact.clone());
    let about = StoredValue::new(About { contact: contact.clone(), deal: item.rule.is_deal().then_some(id), ..Default::default() });
    let follow_up = StoredValue::new(item.followed_up());
    let logged = Callback::new(move |()| {
        logging.try_set(false);
        // Having been in touch answers the row; a follow-up that was asked for is done with it.
        match key.0 {
            Rule::FollowUp => {
                leave();
                let set = follow_up.get_value();
                queue.send(RecordCommand::Edit { kind, id, set }, Some(version), move |result| {
                    match result {
                        Ok(outcome) => queue.toast(t("The follow-up is done."), outcome.event),
                        Err(e) => {
                            come_back();
                            queue.fail(&e);
                        }
                    }
                    reload.try_run(());
                });
            }
            _ => {
                leave();
                reload.try_run(());
            }
        }
    });
    let late = item.due.is_some_and(|d| d < day);
    let subtitle: Vec<String> = [item.about.clone(), contact.as_ref().filter(|c| c.1 != item.title).map(|c| c.1.clone()).unwrap_or_default()]
        .into_iter()
        .filter(|x| !x.is_empty())
        .collect();
    let due = due_words(&item, day);
    let step = (editable && item.rule == Rule::NoNextStep).then(|| item.clone());
    let title = item.title.clone();
    let menu = format!("later-{}-{}", id, item.rule as u8);
    view! {
        <li class="today-row" class:is-gone=move || gone.with(|g| g.contains(&key)) data-rule=format!("{:?}", item.rule)>
            <Avatar name=contact.as_ref().map_or_else(|| item.title.clone(), |c| c.1.clone())/>
            <div class="today-row__text">
                <A href=paths::record(kind, id) attr:class="today-row__title">{title}</A>
                <span class="muted">{subtitle.join(" · ")}</span>
                <span class="today-row__why">
                    <span class="chip" class:chip--danger=late>{t(item.rule.words())}</span>
                    {(!due.is_empty()).then(|| view! { <span class="muted">{due}</span> })}
                    {(!item.why.is_empty()).then(|| view! { <span class="muted number-words">{why(&item)}</span> })}
                </span>
            </div>
            <div class="today-row__actions">
                {item.phone.clone().map(|p| view! { <a class="icon-button" href=format!("tel:{p}") aria-label=t("Call")><Icon name="phone"/></a> })}
                {item.email.clone().map(|e| view! { <a class="icon-button" href=domain::paths::mailto(&e) aria-label=t("E-mail")><Icon name="mail"/></a> })}
                {(editable && can_finish).then(|| view! { <button type="button" class="button" on:click=finish.clone()>{t("Done")}</button> })}
                {(editable && is_touch(item.rule)).then(|| view! { <button type="button" class="button" aria-expanded=move || logging.get().to_string() on:click=move |_| logging.update(|l| *l = !*l)>{t("Log")}</button> })}
                {editable.then(|| view! {
                    <Menu id=menu label=t("Later")>
                        <MenuItem on_choose=move |()| snooze(1)>{t("Tomorrow")}</MenuItem>
                        <MenuItem on_choose=move |()| snooze(7)>{t("In a week")}</MenuItem>
                        <MenuItem on_choose=move |()| snooze(30)>{t("In a month")}</MenuItem>
                    </Menu>
                })}
            </div>
            {step.map(|item| view! { <NextStep item=item day=day send=Callback::new(move |(job, words, key)| send_and(job, words, Some(key)))/> })}
            {move || logging.get().then(|| view! { <div class="today-row__log"><LogComposer about=about.get_value() on_logged=logged/></div> })}
        </li>
    }
}

/// Sets the next step of a deal where it is missed.
#[component]
fn NextStep(item: TodayItem, day: NaiveDate, send: Callback<(Job, String, String)>) -> impl IntoView {
    let node = NodeRef::<leptos::html::Form>::new();
    let draft = Draft::named(format_args!("step:{}", item.id));
    let line = NodeRef::<leptos::html::Input>::new();
    // The day is not kept: it may have gone by.
    Effect::new(move |_| {
        if let (Some(input), Some(words)) = (line.get(), draft.text()) {
            crate::hydration::when_hydrated(move || input.set_value(&words));
        }
    });
    let (kind, id, version, title) = (item.kind, item.id, item.version, StoredValue::new(item.title.clone()));
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let Some(form) = node.get_untracked() else { return };
        let Ok(data) = web_sys::FormData::new_with_form(&form) else { return };
        let text = |key: &str| data.get(key).as_string().unwrap_or_default().trim().to_owned();
        let (step, on) = (text("step"), text("on"));
        if step.is_empty() {
            return;
        }
        let mut set = FieldMap::new();
        set.insert("nextAction".into(), step.into());
        set.insert("nextActionDate".into(), if on.is_empty() { Value::Null } else { on.into() });
        let words = title.with_value(|n| tf("Next step for {title} is set.", &[("title", n)]));
        // What was typed is kept until it is saved.
        send.run((Job::send(&RecordCommand::Edit { kind, id, set }, Some(version)), words, draft.key()));
    };
    let next_week = day.checked_add_days(Days::new(7)).unwrap_or(day).to_string();
    let label = tf("Next step for {title}", &[("title", &item.title)]);
    view! {
        <form class="today-row__step" node_ref=node on:submit=submit>
            <input class="input" name="step" node_ref=line on:input=move |ev| draft.keep_text(&event_target_value(&ev)) maxlength="300" placeholder=t("Next step") aria-label=label autocomplete="off" enterkeyhint="done"/>
            <input class="input" type="date" name="on" value=next_week aria-label=t("Next step on")/>
            <button type="submit" class="button">{t("Set")}</button>
        </form>
    }
}
