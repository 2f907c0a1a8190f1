//! The head of a record's page: its name, the line under it, edit, delete, tags.

use super::open_record::OpenRecord;
use crate::{
    i18n::{t, tf},
    page::PageTitle,
    session::may,
    sync::{Named, Queue},
};
use domain::{Permission, Record, RecordCommand, members::VISIBILITIES, paths};
use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_navigate};
use ui::{Avatar, Icon, Menu, MenuItem};

#[component]
pub fn RecordHead(
    open: OpenRecord,
    /// With the initials of the title.
    #[prop(default = false)]
    avatar: bool,
    /// Parts of the line under the title; empty ones are left out.
    #[prop(optional)]
    subtitle: Option<fn(&Record) -> Vec<String>>,
) -> impl IntoView {
    let OpenRecord { kind, id, record, editable, .. } = open;
    let queue = expect_context::<Queue>();
    let title = Memo::new(move |_| record.with(Record::current_title));
    let navigate = use_navigate();
    let delete = move |()| {
        let navigate = navigate.clone();
        let name = title.get_untracked();
        queue.send_named(RecordCommand::Delete { kind, id }, None, Named::about(&name), move |result| match result {
            Ok(outcome) => {
                queue.toast(tf("Deleted {name}.", &[("name", &name)]), outcome.event);
                // A reader who went elsewhere meanwhile stays there.
                if window().location().pathname().is_ok_and(|p| p == paths::record(kind, id)) {
                    navigate(paths::list(kind), Default::default());
                }
            }
            Err(e) => queue.fail(&e),
        });
    };
    view! {
        <header class="page__head">
            <A href=paths::list(kind) attr:class="icon-button" attr:aria-label=t("Back")><Icon name="back"/></A>
            {avatar.then(|| view! { <Avatar name=title.get_untracked()/> })}
            <div class="page__title">
                {move || view! { <PageTitle text=title.get()/> }}
                <p class="muted">{move || record.with(|r| line(r, subtitle.map(|parts| parts(r)).unwrap_or_default()))}</p>
            </div>
            <span class="page__spring"></span>
            {editable.then(|| view! {
                <A href=format!("/edit/{}/{id}", kind.noun()) attr:class="button record__edit"><Icon name="edit"/><span>{t("Edit")}</span></A>
                <Menu id="record-menu" label=t("More actions")>
                    {may(Permission::DeleteRecords).then(|| view! { <MenuItem danger=true on_choose=delete.clone()><Icon name="trash"/>{t("Delete")}</MenuItem> })}
                </Menu>
            })}
        </header>
    }
}

/// The line under the title; it names a restricted visibility, so that it is known before anything is written.
fn line(record: &Record, parts: Vec<String>) -> String {
    let code = record.text("visibility");
    let everyone = VISIBILITIES.first().map(|v| v.0);
    let visibility = VISIBILITIES.iter().find(|v| v.0 == code && everyone != Some(v.0)).map_or("", |v| t(v.1));
    parts.into_iter().chain([visibility.to_owned()]).filter(|p| !p.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// Tags in their colours; each opens the list of records that have it.
#[component]
pub fn TagChips(
    open: OpenRecord,
    /// The list that filters by tag, with `tag` as one more parameter; otherwise the chips lead to the tags themselves.
    #[prop(optional)]
    list: Option<&'static str>,
) -> impl IntoView {
    let href = move |name: &str| match list {
        Some(list) => {
            let join = if list.contains('?') { '&' } else { '?' };
            format!("{list}{join}tag={}", paths::query_value(name))
        }
        None => paths::TAGS.to_owned(),
    };
    move || {
        let tags = open.view.with(|v| v.tags.clone());
        (!tags.is_empty()).then(|| {
            view! {
                <p class="row row--tight">
                    {tags.into_iter().map(|(name, color)| view! { <A href=href(&name) attr:class=format!("tag tag--{color}")>{name}</A> }).collect_view()}
                </p>
            }
        })
    }
}
