//! One event as a line: who did what, when, and taking it back.

use crate::{
    TakeBack, format,
    i18n::{t, tf, translated},
    sync::Queue,
    values::value_words,
};
use chrono::{DateTime, Utc};
use domain::{Record, Subject, events::Event, paths};
use leptos::prelude::*;
use leptos_router::components::A;
use ui::{Avatar, Icon};

/// What was said, how it went and what follows.
#[component]
fn InteractionBody(record: Record) -> impl IntoView {
    let choice = |key: &str| {
        let code = record.text(key);
        let words = record.kind.field(key).and_then(|f| f.kind.words(&code));
        words.map(|w| view! { <span class="chip">{t(w)}</span> })
    };
    let text = |key: &str, label: &'static str| {
        let text = record.text(key);
        (!text.is_empty()).then(|| view! { <p><span class="muted">{label}": "</span>{text}</p> })
    };
    let planned = record.text("status") == "planned";
    view! {
        <div class="event__interaction">
            <p class="row row--tight">{choice("type")}{planned.then(|| view! { <span class="chip">{t("Planned")}</span> })}{choice("outcome")}{choice("sentiment")}</p>
            {(!record.text("description").is_empty()).then(|| view! { <p class="event__words">{record.text("description")}</p> })}
            {text("nextStep", t("Next step"))}
            {text("followUpDate", t("Follow up on"))}
        </div>
    }
}

/// How long ago something was; the moment itself on a tap.
#[component]
pub fn When(at: DateTime<Utc>, now: DateTime<Utc>) -> impl IntoView {
    let exact = RwSignal::new(false);
    let (ago, moment) = (format::ago(at, now), format::moment(at));
    let (title, label) = (moment.clone(), format!("{ago}, {moment}"));
    view! {
        <button type="button" class="when" title=title aria-label=label aria-pressed=move || exact.get().to_string() on:click=move |_| exact.update(|e| *e = !*e)>
            <time datetime=at.to_rfc3339()>{move || if exact.get() { moment.clone() } else { ago.clone() }}</time>
        </button>
    }
}

/// Takes back what an event did; asks first where that is more than it looks like.
#[component]
fn Undo(event: Event) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let id = event.id;
    if matches!(event.verb.as_str(), "imported" | "import_redone") {
        let undo = move |()| queue.undo(id);
        return view! { <TakeBack import=event.entity_id.into() label=t("Undo this import") sample=event.title.ends_with(domain::sample::NAME) button=t("Undo") on_confirm=undo busy=false/> }
            .into_any();
    }
    let back = matches!(event.verb.as_str(), "deleted" | "import_undone");
    let hidden = event.hidden;
    let undo = move |_| {
        let question = t("Everyone will see it again. Undo all the same?");
        if hidden && !window().confirm_with_message(question).unwrap_or(true) {
            return;
        }
        if back { queue.bring_back(id) } else { queue.undo(id) }
    };
    view! { <button type="button" class="button button--quiet event__undo" on:click=undo>{t("Undo")}</button> }.into_any()
}

/// An import in words: how many of what, and from where. The sample has sentences of its own, as its name takes another form
/// in each.
fn import_words(event: &Event) -> Option<String> {
    let sample = event.title == domain::sample::NAME;
    match event.verb.as_str() {
        "imported" if sample => return Some(t("added the sample data").to_owned()),
        "import_undone" if sample => return Some(t("took back the sample data").to_owned()),
        "import_redone" if sample => return Some(t("brought back the sample data").to_owned()),
        "imported" => {}
        _ => return None,
    }
    // As the store makes it: "5 contacts from people.csv".
    let (n, rest) = event.title.split_once(' ')?;
    let (what, file) = rest.split_once(" from ")?;
    let n = crate::format::count(n.parse().ok()?);
    let parts: &[(&str, &str)] = &[("n", &n), ("file", file)];
    let key = if file == domain::sample::NAME { "{n} records from the sample data".to_owned() } else { format!("{{n}} {what} from {{file}}") };
    let key = ui::words::ONE.iter().map(|one| one.0).find(|known| *known == key)?;
    let title = tf(key, parts);
    Some(tf("imported {title}", &[("title", &title)]))
}

/// A line of a timeline or feed.
#[component]
pub fn EventLine(
    event: Event,
    now: DateTime<Utc>,
    /// Link the sentence to the record.
    #[prop(default = false)]
    linked: bool,
    /// The interaction that the event tells of, to show what was said.
    #[prop(optional_no_strip)]
    body: Option<Record>,
    /// More of what the event tells of.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let actor = event.actor.clone().unwrap_or_else(|| t("Rapport").into());
    let sentence = import_words(&event).unwrap_or_else(|| event.phrase(|text| translated(text.to_owned())));
    let subject = Subject::of_event(&event.verb, event.kind, event.entity_id);
    let href = match subject {
        Subject::Import(import) => Some(format!("{}/{import}", paths::IMPORT)),
        Subject::Record(kind, id) if event.verb != "deleted" && kind.spec().has_page => Some(paths::record(kind, id)),
        _ => None,
    };
    let href = href.filter(|_| linked && !event.hidden);
    let changes: Vec<_> = event
        .changes
        .iter()
        .filter(|_| event.verb == "edited" && !event.hidden)
        .map(|(key, (before, after))| {
            let spec = event.kind.field(key);
            let label = spec.map_or_else(|| key.clone(), |f| t(f.label).to_owned());
            let (before, after) = (value_words(spec, before), value_words(spec, after));
            view! {
                <li>
                    <span class="event__field">{label}</span>
                    " "
                    <del>{before}</del>
                    " → "
                    <ins>{after}</ins>
                </li>
            }
        })
        .collect();
    let undo = (event.undoable && !event.undone).then(|| view! { <Undo event=event.clone()/> });
    view! {
        <li class="event" class:event--undone=event.undone>
            <Avatar name=actor.clone()/>
            <div class="event__body">
                <p>
                    <strong>{actor}</strong>
                    " "
                    {match href {
                        Some(href) => view! { <A href=href>{sentence}</A> }.into_any(),
                        None => view! { <span>{sentence}</span> }.into_any(),
                    }}
                    {event.undone.then(|| view! { <span class="chip">{t("undone")}</span> })}
                    {(event.surface == "import").then(|| view! { <Icon name="upload"/> })}
                </p>
                {body.map(|record| view! { <InteractionBody record=record/> })}
                {children.map(|c| c())}
                {(!changes.is_empty()).then(|| view! { <ul class="event__changes">{changes}</ul> })}
                <When at=event.recorded_at now=now/>
            </div>
            {undo}
        </li>
    }
}
