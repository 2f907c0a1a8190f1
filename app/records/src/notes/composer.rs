//! Writing a note: Markdown, a type, pinned or not, mentions by `@`. Without wasm it is a plain POST.

use crate::{Draft, SentForm, i18n::t, interactions::About, keep_refused, mentionable, sync::Queue};
use domain::{CommandId, EntityKind, FieldMap, RecordCommand, fields, notes::TYPES};
use leptos::{prelude::*, task::spawn_local};
use ui::{FieldShell, SelectField, TextArea};
use uuid::Uuid;
use wasm_bindgen::JsCast;

const AREA: &str = "field-note-body";

fn area() -> Option<web_sys::HtmlTextAreaElement> {
    document().get_element_by_id(AREA)?.dyn_into().ok()
}

/// What stands between the last `@` and the caret, if a name is being typed there.
fn fragment(area: &web_sys::HtmlTextAreaElement) -> Option<(usize, String)> {
    let caret = area.selection_start().ok().flatten()? as usize;
    // The browser counts UTF-16 units.
    let units: Vec<u16> = area.value().encode_utf16().take(caret).collect();
    let before = String::from_utf16_lossy(&units);
    let at = before.rfind('@')?;
    let typed = &before[at + 1..];
    let starts = before[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
    (starts && typed.chars().count() <= 30 && !typed.contains(['\n', '.', ','])).then(|| (before[..=at].encode_utf16().count(), typed.to_owned()))
}

#[component]
pub fn NoteComposer(about: About, on_saved: Callback<()>) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let node = NodeRef::<leptos::html::Form>::new();
    let error = RwSignal::new(String::new());
    let people = RwSignal::new(Vec::<String>::new());
    let turn = StoredValue::new(0u32);
    let (contact, company, deal) = (about.contact.map(|c| c.0), about.company, about.deal);
    // A note about a person or a deal is not by itself one about their company.
    let company = company.filter(|_| contact.is_none() && deal.is_none());
    let contact = contact.filter(|_| deal.is_none());
    let draft = Draft::named(format_args!("note:{}", contact.or(company).or(deal).map(|id| id.to_string()).unwrap_or_default()));
    draft.restore(node);
    let typed = Callback::new(move |_: String| {
        turn.update_value(|n| *n += 1);
        let mine = turn.get_value();
        let Some((_, name)) = area().as_ref().and_then(fragment) else {
            people.set(Vec::new());
            return;
        };
        spawn_local(async move {
            let found = mentionable(name).await.unwrap_or_default();
            if turn.try_get_value() == Some(mine) {
                people.try_set(found.into_iter().map(|m| m.1).take(6).collect());
            }
        });
    });
    let mention = move |name: String| {
        let Some(area) = area() else { return };
        let Some((start, typed)) = fragment(&area) else { return };
        let end = start + typed.encode_utf16().count();
        let _ = area.set_range_text_with_start_and_end(&format!("{name} "), start as u32, end as u32);
        let caret = (start + name.encode_utf16().count() + 1) as u32;
        let _ = area.set_selection_range(caret, caret);
        let _ = area.focus();
        people.set(Vec::new());
    };
    let sent = SentForm::new(node, || ());
    let busy = sent.busy;
    let submit = move |ev: leptos::ev::SubmitEvent| {
        let Some(form) = node.get_untracked() else { return };
        let Ok(data) = web_sys::FormData::new_with_form(&form) else { return };
        ev.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let mut set = FieldMap::new();
        for spec in EntityKind::Note.fields() {
            if let Some(text) = data.get(spec.key).as_string().filter(|x| !x.trim().is_empty()) {
                set.insert(spec.key.into(), text.into());
            }
        }
        if let Err(wrong) = fields::check(EntityKind::Note, &set, true, domain::Currency::USD) {
            error.set(wrong.to_string());
            return;
        }
        error.set(String::new());
        busy.set(true);
        // The outbox holds the input while it is in flight; the draft is restored only after a rejection.
        let (key, text) = (draft.key(), crate::typed(&form));
        draft.forget();
        queue.send(RecordCommand::Create { kind: EntityKind::Note, id: Uuid::now_v7(), set }, None, move |result| match result {
            Ok(outcome) => {
                sent.let_go();
                queue.toast(t("Note saved."), outcome.event);
                on_saved.try_run(());
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
    let options = TYPES.iter().map(|x| (x.0.to_owned(), t(x.1).to_owned())).collect();
    view! {
        <form method="post" action="/do/save/note" class="composer" node_ref=node on:submit=submit on:input=move |_| draft.keep(node.get_untracked().as_ref())>
            <input type="hidden" name="id" value=Uuid::now_v7().to_string()/>
            <input type="hidden" name="command_id" value=CommandId::new().to_string()/>
            {[("contactId", contact), ("companyId", company), ("dealId", deal)].into_iter().filter_map(|(key, id)| id.map(|id| view! { <input type="hidden" name=key value=id.to_string()/> })).collect_view()}
            <FieldShell id=AREA label=t("Note") error=Signal::stored(String::new())>
                <TextArea id=AREA name="body" rows=4 on_input=typed/>
            </FieldShell>
            {move || (!people.with(Vec::is_empty)).then(|| view! {
                <div class="row row--tight" role="group" aria-label=t("Mention")>
                    {people.get().into_iter().map(|name| { let words = format!("@{name}"); view! { <button type="button" class="chip chip--toggle" on:pointerdown=|ev| ev.prevent_default() on:click=move |_| mention(name.clone())>{words}</button> } }).collect_view()}
                </div>
            })}
            <p class="muted">{t("**bold**, - list, [words](https://…), @name tells somebody")}</p>
            <div class="composer__grid">
                <SelectField name="type" label=t("Type") value="general" empty=false options=options/>
                <label class="check"><input type="checkbox" name="pinned" value="on"/><span>{t("Pin on top")}</span></label>
            </div>
            <p class="field__error" role="alert">{move || error.get()}</p>
            <button type="submit" class="button button--primary" aria-busy=move || busy.get().to_string()>{t("Save note")}</button>
        </form>
    }
}
