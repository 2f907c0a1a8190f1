//! `/kit`: every component of the kit in its states.

use crate::{i18n::t, routes::PageTitle};
use leptos::prelude::*;
use leptos_router::{LazyRoute, lazy_route};
use ui::{
    Avatar, EmptyState, ErrorBox, FieldShell, Icon, Menu, MenuItem, PendingDot, Progress, SelectField, Sheet, Skeleton, TextArea, TextField,
    charts::{BarChart, ColumnChart, Mark},
};

pub struct KitPage;

#[lazy_route]
impl LazyRoute for KitPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        let open = RwSignal::new(false);
        let marks =
            |n: i64| (1..=n).map(|i| Mark { label: format!("Item {i}"), size: i * i, text: (i * i).to_string(), href: None }).collect::<Vec<_>>();
        view! {
            <section class="page">
                <header class="page__head"><PageTitle text=t("Kit")/></header>
                <section class="card stack" aria-label=t("Buttons")>
                    <h2>{t("Buttons")}</h2>
                    <div class="row">
                        <button type="button" class="button button--primary">{t("Primary")}</button>
                        <button type="button" class="button">{t("Plain")}</button>
                        <button type="button" class="button button--quiet">{t("Quiet")}</button>
                        <button type="button" class="button button--danger">{t("Danger")}</button>
                        <button type="button" class="button button--primary" aria-busy="true">{t("Busy")}</button>
                        <button type="button" class="icon-button" aria-label=t("Search")><Icon name="search"/></button>
                        <Menu id="kit-menu" label=t("Menu")><MenuItem on_choose=|()| ()>{t("First")}</MenuItem><MenuItem danger=true on_choose=|()| ()>{t("Danger")}</MenuItem></Menu>
                        <button type="button" class="button" on:click=move |_| open.set(true)>{t("Open sheet")}</button>
                    </div>
                </section>
                <section class="card stack form" aria-label=t("Fields")>
                    <h2>{t("Fields")}</h2>
                    <TextField name="kit-text" label=t("Text") value="Ana Lee"/>
                    <TextField name="kit-required" label=t("Required") required=true/>
                    <TextField name="kit-wrong" label=t("Wrong") value="not an address" error=Signal::stored("must be an e-mail address such as ana@example.com".to_owned())/>
                    <TextField name="kit-date" label=t("Date") kind="date"/>
                    <SelectField name="kit-select" label=t("Select") value="b" options=vec![("a".into(), "Alpha".into()), ("b".into(), "Beta".into())]/>
                    <FieldShell id="kit-area" label=t("Notes") error=Signal::stored(String::new())><TextArea id="kit-area" name="kit-area" value="Several\nlines"/></FieldShell>
                    <div class="row"><button type="button" class="button" disabled=true>{t("Disabled")}</button><input class="input" disabled=true value=t("Disabled") aria-label=t("Disabled")/><input class="input" readonly=true value=t("Read only") aria-label=t("Read only")/></div>
                </section>
                <section class="card stack" aria-label=t("Feedback")>
                    <h2>{t("Feedback")}</h2>
                    <div class="row"><Avatar name="Ana Lee"/><span class="chip">{t("Chip")}</span><span class="chip chip--danger">{t("Late")}</span><PendingDot/></div>
                    <ErrorBox text=t("Something went wrong on our side (reference 7F3K).")/>
                    <EmptyState text=t("Nothing here yet.")><button type="button" class="button button--primary">{t("Add")}</button></EmptyState>
                    <Progress done=40 total=100 label=t("Rows")/>
                    <Skeleton rows=3/>
                </section>
                <div class="charts">
                    <div class="card"><BarChart title=t("Bars") sentence=t("Item 5 is the largest.") of=t("Item") marks=marks(5)/></div>
                    <div class="card"><ColumnChart title=t("Columns") sentence=t("Item 12 is the largest.") of=t("Item") marks=marks(12)/></div>
                </div>
                <Sheet open=open title=t("Sheet")><p>{t("A sheet from the bottom on the phone.")}</p></Sheet>
            </section>
        }
        .into_any()
    }
}
