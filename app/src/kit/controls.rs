//! What one presses and fills in.

use crate::{i18n::t, records::Picker, sync::Queue};
use domain::EntityKind;
use leptos::prelude::*;
use ui::{FieldShell, Icon, Menu, MenuItem, SelectField, Sheet, TextArea, TextField};

#[component]
pub fn Controls() -> impl IntoView {
    let queue = expect_context::<Queue>();
    let open = RwSignal::new(false);
    view! {
        <section class="card stack" aria-label=t("Buttons")>
            <h2>{t("Buttons")}</h2>
            <div class="row">
                <button type="button" class="button button--primary">{t("Primary")}</button>
                <button type="button" class="button">{t("Plain")}</button>
                <button type="button" class="button button--quiet">{t("Quiet")}</button>
                <button type="button" class="button button--danger">{t("Danger")}</button>
                <button type="button" class="button button--won">{t("Won")}</button>
                <button type="button" class="button button--primary" aria-busy="true">{t("Busy")}</button>
                <button type="button" class="button" disabled=true>{t("Disabled")}</button>
                <a class="button" href="#kit-link">{t("A link")}</a>
                <button type="button" class="icon-button" aria-label=t("Search")><Icon name="search"/></button>
                <button type="button" class="icon-button" aria-label=t("Disabled") disabled=true><Icon name="search"/></button>
            </div>
            <div class="row" id="kit-link">
                <Menu id="kit-menu" label=t("Menu")><MenuItem on_choose=|()| ()>{t("First")}</MenuItem><MenuItem on_choose=|()| ()>{t("Plain")}</MenuItem><MenuItem danger=true on_choose=|()| ()>{t("Danger")}</MenuItem></Menu>
                <button type="button" class="button" on:click=move |_| open.set(true)>{t("Open sheet")}</button>
                <button type="button" class="button" on:click=move |_| queue.toast(t("Note saved."), None)>{t("Show a message")}</button>
                <button type="button" class="button" on:click=move |_| queue.fail(&crate::AppError::Unreachable)>{t("Show an error")}</button>
            </div>
            <div class="row">
                <div class="segmented" role="group" aria-label=t("View")>
                    <a class="segmented__item" href="#kit-board" aria-current="true">{t("Board")}</a>
                    <a class="segmented__item" href="#kit-list">{t("List")}</a>
                    <a class="segmented__item" href="#kit-forecast">{t("Forecast")}</a>
                </div>
            </div>
            <nav class="tabs" aria-label=t("Tabs")>
                <a class="tabs__item" href="#kit-timeline" aria-current="true">{t("Timeline")}</a>
                <a class="tabs__item" href="#kit-details">{t("Details")}</a>
                <a class="tabs__item" href="#kit-deals">{t("Deals")}</a>
            </nav>
            <div class="filters">
                <a class="chip chip--toggle" href="#kit-mine" aria-current="true">{t("Mine")}</a>
                <a class="chip chip--toggle" href="#kit-open">{t("Open")}</a>
                <button type="button" class="chip chip--toggle" aria-pressed="true">{t("Won")}</button>
                <span class="chip">{t("Chip")}</span>
                <span class="chip chip--danger">{t("Late")}</span>
                <span class="chip">{t("Chip")}<button type="button" class="chip__remove" aria-label=t("Take it away")>"×"</button></span>
            </div>
        </section>
        <Sheet open=open title=t("Sheet")>
            <p>{t("A sheet from the bottom on the phone.")}</p>
            <button type="button" class="button button--primary" on:click=move |_| open.set(false)>{t("Done")}</button>
        </Sheet>
    }
}

#[component]
pub fn Fields() -> impl IntoView {
    let chosen = RwSignal::new(String::new());
    let pick = Callback::new(move |choice: Option<(uuid::Uuid, String)>| chosen.set(choice.map(|c| c.1).unwrap_or_default()));
    let choosing = RwSignal::new(false);
    view! {
        <section class="card stack form" aria-label=t("Fields")>
            <h2>{t("Fields")}</h2>
            <TextField name="kit-text" label=t("Text") value="Ana Lee" hint=t("What to know before filling it in.")/>
            <TextField name="kit-required" label=t("Required") required=true/>
            <TextField name="kit-wrong" label=t("Wrong") value=t("not an address") error=Signal::stored("The e-mail address must be an e-mail address such as ana@example.com".to_owned())/>
            <TextField name="kit-email" label=t("E-mail") kind="email"/>
            <TextField name="kit-phone" label=t("Phone") kind="tel"/>
            <TextField name="kit-url" label=t("Website") kind="url"/>
            <TextField name="kit-number" label=t("Value") kind="number" value="1234.50"/>
            <TextField name="kit-date" label=t("Date") kind="date"/>
            <TextField name="kit-time" label=t("Time") kind="time"/>
            <TextField name="kit-moment" label=t("Date and time") kind="datetime-local"/>
            <SelectField name="kit-select" label=t("Select") value="b" options=vec![("a".into(), "Alpha".into()), ("b".into(), "Beta".into())]/>
            <SelectField name="kit-select-wrong" label=t("Wrong") options=vec![("a".into(), "Alpha".into())] error=Signal::stored("Stage was not found".to_owned())/>
            <FieldShell id="kit-area" label=t("Notes") error=Signal::stored(String::new())><TextArea id="kit-area" name="kit-area" value="Several\nlines"/></FieldShell>
            <fieldset class="look">
                <legend>{t("One of a few")}</legend>
                <label class="row row--tight"><input type="radio" name="kit-radio" checked=true/>{t("First")}</label>
                <label class="row row--tight"><input type="radio" name="kit-radio"/>{t("Plain")}</label>
                <label class="row row--tight"><input type="radio" name="kit-radio" disabled=true/>{t("Disabled")}</label>
            </fieldset>
            <fieldset class="look">
                <legend>{t("Any of a few")}</legend>
                <label class="row row--tight"><input type="checkbox" checked=true/>{t("First")}</label>
                <label class="row row--tight"><input type="checkbox"/>{t("Plain")}</label>
                <label class="row row--tight"><input type="checkbox" disabled=true/>{t("Disabled")}</label>
            </fieldset>
            <div class="row">
                <input class="input" disabled=true value=t("Disabled") aria-label=t("Disabled")/>
                <input class="input" readonly=true value=t("Read only") aria-label=t("Read only")/>
                <input class="input" type="file" aria-label=t("File")/>
                <input class="hue" type="range" min="0" max="359" value="120" aria-label=t("Colour")/>
            </div>
            <div class="stack">
                <button type="button" class="button" on:click=move |_| choosing.set(true)>{t("Choose a company")}</button>
                {move || choosing.get().then(|| view! { <Picker kind=EntityKind::Company id="kit-pick" label=t("Company") on_choose=pick on_cancel=Callback::new(move |()| { choosing.try_set(false); })/> })}
                <p class="muted">{move || chosen.get()}</p>
            </div>
        </section>
    }
}
