//! What happened, in one form: type, words, outcome, next step, follow-up. Without wasm it is a plain POST.

use crate::{
    Draft, Picker, SentForm, format,
    i18n::{t, tf, translated},
    keep_refused,
    sync::Queue,
    typed,
};
use domain::{
    CommandId, EntityKind, FieldMap, RecordCommand, fields,
    interactions::{OUTCOMES, SENTIMENTS, TYPES, can_be_planned, type_words},
};
use leptos::prelude::*;
use ui::{FieldShell, SelectField, TextArea, TextField};
use uuid::Uuid;

/// What the interaction is about. The person may still have to be chosen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct About {
    pub contact: Option<(Uuid, String)>,
    pub company: Option<Uuid>,
    pub deal: Option<Uuid>,
}

fn choices(of: &'static [(&'static str, &'static str)]) -> Vec<(String, String)> {
    of.iter().map(|c| (c.0.to_owned(), t(c.1).to_owned())).collect()
}

#[component]
pub fn LogComposer(
    about: About,
    /// Called when the interaction is on its way.
    #[prop(optional, into)]
    on_logged: Option<Callback<()>>,
    /// Everything is shown at once; otherwise the rest waits behind "More".
    #[prop(default = false)]
    open: bool,
    /// For something to come: asks when, and keeps it as planned.
    #[prop(default = false)]
    plan: bool,
) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let contact = RwSignal::new(about.contact.clone());
    let choosing = RwSignal::new(false);
    let error = RwSignal::new(String::new());
    let node = NodeRef::<leptos::html::Form>::new();
    let (company, deal) = (about.company, about.deal);
    let subject = deal.or(about.contact.as_ref().map(|c| c.0)).or(company).map(|id| id.to_string()).unwrap_or_default();
    let draft = Draft::named(format_args!("{}:{subject}", if plan { "plan" } else { "log" }));
    draft.restore(node);
    let sent = SentForm::new(node, move || {
        if let Some(f) = on_logged {
            f.run(());
        }
    });
    let busy = sent.busy;
    let submit = move |ev: leptos::ev::SubmitEvent| {
        let Some(form) = node.get_untracked() else { return };
        let Ok(data) = web_sys::FormData::new_with_form(&form) else { return };
        ev.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let mut set = FieldMap::new();
        for spec in EntityKind::Interaction.fields() {
            let text = data.get(spec.key).as_string().filter(|x| !x.trim().is_empty());
            if let Some(text) = text {
                let text = if spec.key == "date" { format::instant_of_input(&text).unwrap_or(text) } else { text };
                set.insert(spec.key.into(), text.into());
            }
        }
        if set.contains_key("followUpDate") {
            set.insert("followUpRequired".into(), true.into());
        }
        if let Err(wrong) = fields::check(EntityKind::Interaction, &set, true, domain::Currency::USD) {
            error.set(wrong.to_string());
            return;
        }
        if contact.with_untracked(Option::is_none) && company.is_none() && deal.is_none() {
            error.set(t("Choose the person it was with.").into());
            choosing.set(true);
            return;
        }
        error.set(String::new());
        let kind = set.get("type").and_then(|v| v.as_str()).map_or("", type_words).to_owned();
        let words = match contact.get_untracked() {
            Some((_, name)) if plan => tf("Planned: {kind} with {name}.", &[("kind", &kind), ("name", &name)]),
            Some((_, name)) => tf("Logged: {kind} with {name}.", &[("kind", &kind), ("name", &name)]),
            None if plan => tf("Planned: {kind}.", &[("kind", &kind)]),
            None => tf("Logged: {kind}.", &[("kind", &kind)]),
        };
        busy.set(true);
        // The outbox holds the input while it is in flight; the draft is restored only after a rejection.
        let (key, text) = (draft.key(), typed(&form));
        draft.forget();
        queue.send(RecordCommand::Create { kind: EntityKind::Interaction, id: Uuid::now_v7(), set }, None, move |result| match result {
            Ok(outcome) => {
                sent.let_go();
                queue.toast(words, outcome.event);
                if let Some(f) = on_logged {
                    f.try_run(());
                }
            }
            Err(e) => {
                keep_refused(&key, &text, &e);
                if sent.ends() {
                    error.try_set(e.to_string());
                }
                queue.fail(&e);
            }
        });
    };
    let first = if plan { "meeting" } else { TYPES.first().map_or("", |k| k.0) };
    let kinds = TYPES
        .iter()
        .filter(|(code, _)| !plan || can_be_planned(code))
        .map(|(code, words)| {
            view! {
                <label class="chip chip--toggle pick">
                    <input type="radio" name="type" value=*code checked=*code == first/>
                    {t(words)}
                </label>
            }
        })
        .collect_view();
    view! {
        <form method="post" action="/do/save/interaction" class="composer" node_ref=node on:submit=submit on:input=move |_| draft.keep(node.get_untracked().as_ref())>
            <input type="hidden" name="id" value=Uuid::now_v7().to_string()/>
            <input type="hidden" name="command_id" value=CommandId::new().to_string()/>
            {company.map(|id| view! { <input type="hidden" name="companyId" value=id.to_string()/> })}
            {deal.map(|id| view! { <input type="hidden" name="dealId" value=id.to_string()/> })}
            <input type="hidden" name="contactId" value=move || contact.get().map(|c| c.0.to_string()).unwrap_or_default()/>
            <div class="composer__who">
                {move || match contact.get() {
                    Some((_, name)) => view! {
                        <button type="button" class="chip chip--toggle" on:click=move |_| choosing.set(true)>{tf("with {name}", &[("name", &name)])}</button>
                    }
                    .into_any(),
                    None => view! { <button type="button" class="button" on:click=move |_| choosing.set(true)>{t("Choose a person")}</button> }.into_any(),
                }}
                {move || choosing.get().then(|| EntityKind::Interaction.picked_for("contactId")).flatten().map(|kind| view! {
                    <Picker
                        kind=kind
                        id="log-contact"
                        label=t("Person")
                        none=contact.with_untracked(Option::is_some) && (company.is_some() || deal.is_some())
                        on_choose=Callback::new(move |choice| { contact.set(choice); choosing.set(false); })
                        on_cancel=Callback::new(move |()| { choosing.try_set(false); })
                    />
                })}
            </div>
            <div class="composer__kinds" role="radiogroup" aria-label=t("Type")>{kinds}</div>
            {plan.then(|| view! {
                <input type="hidden" name="status" value="planned"/>
                <div class="composer__grid">
                    <TextField name="date" label=t("When") kind="datetime-local" required=true/>
                    <TextField name="subject" label=t("Subject")/>
                </div>
            })}
            <FieldShell id="field-log-description" label=if plan { t("What about?") } else { t("What happened?") } error=Signal::stored(String::new())>
                <TextArea id="field-log-description" name="description" rows=2/>
            </FieldShell>
            {(!plan).then(|| view! { <details class="composer__more" open=open>
                <summary>{t("Outcome, next step, follow-up")}</summary>
                <div class="composer__grid">
                    <TextField name="subject" label=t("Subject")/>
                    <SelectField name="outcome" label=t("Outcome") options=choices(OUTCOMES)/>
                    <SelectField name="sentiment" label=t("Sentiment") options=choices(SENTIMENTS)/>
                    <TextField name="durationMinutes" label=t("Minutes") kind="number"/>
                    <TextField name="nextStep" label=t("Next step")/>
                    <TextField name="followUpDate" label=t("Follow up on") kind="date"/>
                    <SelectField name="status" label=t("Status") value="done" empty=false options=choices(domain::interactions::STATUSES)/>
                    <TextField name="date" label=t("When (now, if left out)") kind="datetime-local"/>
                </div>
            </details> })}
            <p class="field__error" role="alert">{move || translated(error.get())}</p>
            <button type="submit" class="button button--primary" aria-busy=move || busy.get().to_string()>{if plan { t("Plan it") } else { t("Log it") }}</button>
        </form>
    }
}
