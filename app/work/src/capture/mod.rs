//! One line that becomes a task, or something logged: understood while it is typed, in this browser.

use crate::{
    format,
    i18n::{t, tf},
    records::{Draft, keep_refused, named},
    sync::{Queue, sleep},
};
use chrono::NaiveDate;
use domain::{
    CompanyId, ContactId, EntityKind, FieldMap, Language, RecordCommand,
    capture::{Capture, LANGUAGES, parse},
    interactions, tasks,
};
use leptos::{prelude::*, task::spawn_local};
use uuid::Uuid;

/// The line that was not sent yet.
pub fn draft() -> Draft {
    Draft::named("capture:new")
}

/// Milliseconds of silence before names are looked for.
const PAUSE: i32 = 150;

/// Records that the names of a line may mean.
#[derive(Clone, Debug, Default, PartialEq)]
struct Found {
    /// What was looked for: an answer to another line is none to this.
    name: Option<String>,
    tags: Vec<String>,
    people: Vec<(Uuid, String)>,
    company: Option<(Uuid, String)>,
}

/// The day it is where the browser is.
fn today() -> NaiveDate {
    let now = js_sys::Date::new_0();
    NaiveDate::from_ymd_opt(now.get_full_year() as i32, now.get_month() + 1, now.get_date()).unwrap_or_default()
}

/// People write in the language of the page; on an English one many write in that of their browser.
fn language() -> String {
    let page = crate::i18n::language();
    if page != Language::English {
        return page.code().to_owned();
    }
    let code = window().navigator().language().unwrap_or_default();
    LANGUAGES.into_iter().find(|l| code.starts_with(l)).unwrap_or("en").to_owned()
}

/// Looks for the person and the company that a line names. The company is taken only when its name is meant as a whole.
async fn look_for(said: Capture) -> Found {
    let mut found = Found { name: said.name.clone(), tags: said.tags.clone(), ..Found::default() };
    if let Some(name) = said.name {
        found.people = named::<ContactId>(name.clone()).await;
        let whole = |n: &str| n.eq_ignore_ascii_case(&name) || n.to_lowercase() == name.to_lowercase();
        found.people.sort_by_key(|p| !whole(&p.1));
        found.people.truncate(4);
    }
    for tag in said.tags {
        let companies = named::<CompanyId>(tag.clone()).await;
        if let Some(company) = companies.into_iter().find(|c| same(&c.1, &tag)) {
            found.company = Some(company);
            break;
        }
    }
    found
}

impl Found {
    fn answers(&self, said: &Capture) -> bool {
        self.name == said.name && self.tags == said.tags
    }
}

/// The change a line asks for; `person` is who is meant.
fn command(said: &Capture, person: Option<&(Uuid, String)>, company: Option<&(Uuid, String)>) -> RecordCommand {
    let mut set = FieldMap::new();
    let mut put = |key: &str, value: String| {
        set.insert(key.into(), value.into());
    };
    if let Some((id, _)) = person {
        put("contactId", id.to_string());
    }
    if let Some((id, _)) = company {
        put("companyId", id.to_string());
    }
    if said.done {
        let kind = if interactions::TYPES.iter().any(|k| k.0 == said.kind) { said.kind.as_str() } else { "other" };
        put("type", kind.into());
        put("description", said.title.clone());
        if let Some(day) = said.day.filter(|d| *d < today()) {
            let time = said.time.map_or_else(|| "12:00".to_owned(), |x| x.format("%H:%M").to_string());
            put("date", format::instant_of_input(&format!("{day}T{time}")).unwrap_or_default());
        }
        return RecordCommand::Create { kind: EntityKind::Interaction, id: Uuid::now_v7(), set };
    }
    put("title", said.title.clone());
    put("type", said.kind.clone());
    if let Some(day) = said.day {
        put("dueDate", day.to_string());
    }
    if let Some(time) = said.time {
        put("dueTime", time.format("%H:%M").to_string());
    }
    if let Some(priority) = &said.priority {
        put("priority", priority.clone());
    }
    let tags: Vec<serde_json::Value> = said.tags.iter().filter(|x| company.is_none_or(|c| !same(&c.1, x))).cloned().map(Into::into).collect();
    if !tags.is_empty() {
        set.insert("tags".into(), tags.into());
    }
    RecordCommand::Create { kind: EntityKind::Task, id: Uuid::now_v7(), set }
}

/// The same name, whatever stands between its letters.
fn same(a: &str, b: &str) -> bool {
    let squash = |s: &str| s.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    squash(a) == squash(b)
}

#[component]
pub fn QuickCapture(
    /// Called when the line is on its way and no other is to follow.
    on_done: Callback<()>,
    again: RwSignal<bool>,
) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let line = RwSignal::new(String::new());
    let found = RwSignal::new(Found::default());
    let chosen = RwSignal::new(None::<Option<Uuid>>);
    let error = RwSignal::new(String::new());
    let asked = StoredValue::new(0u32);
    let draft = draft();
    let node = NodeRef::<leptos::html::Input>::new();
    let said = Memo::new(move |_| {
        let text = line.get();
        (!text.trim().is_empty()).then(|| parse(&text, today(), &language()))
    });
    let typed = move |text: String| {
        error.set(String::new());
        draft.keep_text(&text);
        line.set(text);
        asked.update_value(|n| *n += 1);
        let turn = asked.get_value();
        let Some(now) = said.get_untracked().filter(|s| s.name.is_some() || !s.tags.is_empty()) else {
            chosen.set(None);
            return found.set(Found::default());
        };
        if found.with_untracked(|f| f.name != now.name) {
            chosen.set(None);
        }
        spawn_local(async move {
            sleep(PAUSE).await;
            if asked.try_get_value() != Some(turn) {
                return;
            }
            let news = look_for(now).await;
            if asked.try_get_value() == Some(turn) {
                found.try_set(news);
            }
        });
    };
    Effect::new(move |_| {
        let Some(input) = node.get() else { return };
        if let Some(text) = draft.text() {
            input.set_value(&text);
            typed(text);
        }
        // Where the code of this line comes later than the sheet around it, it stands on the page a moment after this.
        request_animation_frame(move || {
            let _ = input.focus();
        });
    });
    // Who is meant: as chosen, else the one found, else nobody.
    let person = move || {
        let people = found.with(|f| f.people.clone());
        match chosen.get() {
            Some(None) => None,
            Some(Some(id)) => people.into_iter().find(|p| p.0 == id),
            None => people.into_iter().next(),
        }
    };
    let send = move |said: Capture| {
        let (who, company) = (untrack(person), found.with_untracked(|f| f.company.clone()));
        if said.done && who.is_none() && company.is_none() {
            return error.set(t("Say with whom: a person or a company that is here already.").into());
        }
        let words = if said.done { tf("Logged: {title}.", &[("title", &said.title)]) } else { tf("Added {title}.", &[("title", &said.title)]) };
        let (text, key) = (line.get_untracked(), draft.key());
        queue.send(command(&said, who.as_ref(), company.as_ref()), None, move |result| match result {
            Ok(outcome) => queue.toast(words, outcome.event),
            Err(e) => {
                // The words come back with the next opening.
                keep_refused(&key, &text, &e);
                queue.fail(&e);
            }
        });
        chosen.set(None);
        typed(String::new());
        if let Some(input) = node.get_untracked() {
            input.set_value("");
            let _ = input.focus();
        }
        if !again.get_untracked() {
            on_done.run(());
        }
    };
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let Some(said) = said.get_untracked() else {
            return error.set(t("Write what is to be done, or what was.").into());
        };
        if found.with_untracked(|f| f.answers(&said)) || (said.name.is_none() && said.tags.is_empty()) {
            return send(said);
        }
        // Enter was faster than the looking: whom it means is asked for first. A second Enter meanwhile, or more words, and
        // only the last one counts.
        asked.update_value(|n| *n += 1);
        let turn = asked.get_value();
        spawn_local(async move {
            let news = look_for(said.clone()).await;
            if asked.try_get_value() == Some(turn) && found.try_set(news).is_none() {
                send(said);
            }
        });
    };
    let chips = move || {
        let said = said.get()?;
        let kind = if said.done {
            tf("Log: {kind}", &[("kind", t(interactions::type_words(&said.kind)))])
        } else {
            tf("Task: {kind}", &[("kind", t(kind_words(&said.kind)))])
        };
        let when = said.day.map(|day| {
            let time = said.time.map(|x| x.format(" %H:%M").to_string()).unwrap_or_default();
            format!("{}, {}{time}", crate::format::short_weekday(day), crate::format::day(day))
        });
        let company = found.with(|f| f.company.clone());
        let tags: Vec<String> =
            said.tags.iter().filter(|x| !said.done && company.as_ref().is_none_or(|c| !same(&c.1, x))).map(|x| format!("#{x}")).collect();
        let priority = said
            .priority
            .as_ref()
            .and_then(|p| tasks::PRIORITIES.iter().find(|c| c.0 == p))
            .map(|c| tf("{priority} priority", &[("priority", t(c.1))]));
        let people = found.with(|f| f.people.clone());
        let (who, asked_for) = (person(), said.name.clone());
        Some(view! {
            <span class="chip">{kind}</span>
            {when.map(|w| view! { <span class="chip">{w}</span> })}
            {people.into_iter().map(|(id, name)| {
                let on = who.as_ref().is_some_and(|w| w.0 == id);
                view! { <button type="button" class="chip chip--toggle" aria-pressed=on.to_string() on:click=move |_| chosen.set(Some((!on).then_some(id)))>{name}</button> }
            }).collect_view()}
            {asked_for.filter(|_| found.with(|f| f.people.is_empty())).map(|name| view! { <span class="chip chip--quiet">{tf("{name}: nobody of this name", &[("name", &name)])}</span> })}
            {company.map(|(_, name)| view! { <span class="chip">{name}</span> })}
            {tags.into_iter().map(|x| view! { <span class="chip">{x}</span> }).collect_view()}
            {priority.map(|p| view! { <span class="chip">{p}</span> })}
        })
    };
    view! {
        <form class="capture" on:submit=submit>
            <div class="capture__line">
                <input
                    class="input"
                    node_ref=node
                    type="text"
                    aria-label=t("What is to be done, or what was")
                    aria-describedby="capture-hint"
                    placeholder=t("Call Ana tue 10 #acme")
                    autocomplete="off"
                    enterkeyhint="done"
                    maxlength="300"
                    on:input=move |ev| typed(event_target_value(&ev))
                />
                <button type="submit" class="button button--primary">{t("Add")}</button>
            </div>
            <div class="row row--tight capture__chips" role="status">{chips}</div>
            <p class="field__error" role="alert">{move || error.get()}</p>
            <p class="muted capture__hint" id="capture-hint">{t("A day, a time, @person, #company or #tag, !high. “Called Ana” logs a call.")}</p>
            <label class="row row--tight"><input type="checkbox" checked=again.get_untracked() on:change=move |ev| again.set(event_target_checked(&ev))/>{t("Add another after this")}</label>
        </form>
    }
}

fn kind_words(code: &str) -> &'static str {
    tasks::TYPES.iter().find(|k| k.0 == code).map_or("To do", |k| k.1)
}
