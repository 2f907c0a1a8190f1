//! The form that converts a lead.

use crate::{
    i18n::{t, tf},
    lazy::Later,
    records::OpenRecord,
    sync::Queue,
};
use domain::{
    CompanyId, ContactId, DealId, Record,
    leads::{Convertible, LeadCommand, LeadId, Linked, NewDeal, deal_title},
};
use leptos::prelude::*;
use serde_json::Value;
use ui::{Icon, SelectField, Sheet, TextField};
use uuid::Uuid;
use wasm_bindgen::JsCast;

/// Value of the choice that creates a record.
const NEW: &str = "new";

/// The button, and the sheet that it opens.
#[component]
pub fn Convert(open: OpenRecord, options: Memo<Value>) -> impl IntoView {
    let shown = RwSignal::new(false);
    #[cfg(target_arch = "wasm32")]
    crate::lazy::prefetch_parts(fetch_convert);
    view! {
        <p class="row">
            <button type="button" class="button button--primary" on:click=move |_| shown.set(true)><Icon name="check"/>{t("Convert")}</button>
        </p>
        <Sheet open=shown title=t("Convert the lead")>
            <Later wanted=shown part=move || convert_part(open, options, shown)/>
        </Sheet>
    }
}

lazy_part!(bulk, convert_part(open: OpenRecord, options: Memo<Value>, shown: RwSignal<bool>), fetch_convert, {
    let form = move || shown.get().then(|| view! { <ConvertForm open=open record=open.record.get_untracked() options=options.get_untracked() shown=shown/> });
    view! { {form} }.into_any()
});

/// Choices of what a part of the lead becomes: records that may be its own, a new one, and nothing.
fn choices<Id: Into<Uuid> + Copy>(known: &[(Id, String)], new: Option<String>, none: Option<&'static str>) -> Vec<(String, String)> {
    let known = known.iter().map(|(id, name)| ((*id).into().to_string(), tf("Link to {name}", &[("name", name)])));
    let new = new.map(|name| (NEW.to_owned(), tf("New: {name}", &[("name", &name)])));
    known.chain(new).chain(none.map(|words| (String::new(), words.to_owned()))).collect()
}

/// What a choice means.
fn link<Id: From<Uuid>>(choice: &str) -> Option<Linked<Id>> {
    match choice {
        NEW => Some(Linked::New(Uuid::now_v7().into())),
        id => id.parse::<Uuid>().ok().map(|id| Linked::Existing(id.into())),
    }
}

#[component]
fn ConvertForm(open: OpenRecord, record: Record, options: Value, shown: RwSignal<bool>) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let options: Convertible = serde_json::from_value(options).unwrap_or_default();
    let (name, company) = (record.current_title(), record.text("companyName"));
    let title = deal_title(&company, &name);
    let contacts = choices(&options.contacts, Some(name.clone()), None);
    let companies = choices(&options.companies, Some(company).filter(|c| !c.is_empty()), Some(t("No company")));
    let (contact, firm) = (first(&contacts), first(&companies));
    let stages: Vec<(String, String)> = options.stages.iter().map(|(id, words)| (id.to_string(), words.clone())).collect();
    let stage = first(&stages);
    let with_deal = RwSignal::new(true);
    let error = RwSignal::new(String::new());
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let form = ev.target().and_then(|x| x.dyn_into::<web_sys::HtmlFormElement>().ok());
        let Some(data) = form.and_then(|f| web_sys::FormData::new_with_form(&f).ok()) else { return };
        let said = |key: &str| data.get(key).as_string().unwrap_or_default();
        let title = said("title").trim().to_owned();
        if with_deal.get_untracked() && title.is_empty() {
            return error.set(t("Give the deal a title.").into());
        }
        let Some(contact) = link::<ContactId>(&said("contact")) else { return };
        let command = LeadCommand::ConvertLead {
            lead: LeadId(open.id),
            contact,
            company: link::<CompanyId>(&said("company")),
            deal: with_deal.get_untracked().then(|| NewDeal { id: DealId::new(), title, stage: said("stage").parse().ok() }),
        };
        shown.set(false);
        let name = name.clone();
        queue.send(command, None, move |result| match result {
            Ok(outcome) => {
                queue.toast(tf("Converted {name}.", &[("name", &name)]), outcome.event);
                open.reload.run(());
            }
            Err(e) => queue.fail(&e),
        });
    };
    view! {
        <form class="stack form" on:submit=submit novalidate="">
            <SelectField name="contact" label=t("Contact") options=contacts value=contact required=true/>
            <SelectField name="company" label=t("Company") options=companies value=firm empty=false/>
            <label class="row row--tight">
                <input type="checkbox" prop:checked=move || with_deal.get() on:change=move |ev| with_deal.set(event_target_checked(&ev))/>{t("Open a deal")}
            </label>
            <Show when=move || with_deal.get()>
                <TextField name="title" label=t("Title of the deal") value=title.clone() required=true error=error/>
                {(stages.len() > 1).then(|| view! { <SelectField name="stage" label=t("Stage") options=stages.clone() value=stage.clone() required=true/> })}
            </Show>
            <button type="submit" class="button button--primary">{t("Convert")}</button>
        </form>
    }
}

/// The first choice, which the form starts with.
fn first(choices: &[(String, String)]) -> String {
    choices.first().map(|c| c.0.clone()).unwrap_or_default()
}
