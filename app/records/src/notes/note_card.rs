//! A note as it is read, with pinning and taking away.

use super::NoteView;
use crate::{
    When,
    i18n::{t, tf},
    session::{may, use_session},
    sync::Queue,
};
use domain::{EntityKind, FieldMap, Permission, RecordCommand, notes::TYPES, paths};
use leptos::prelude::*;
use leptos_router::components::A;
use ui::{Icon, Menu, MenuItem};

/// The words of a note. They come sanitised from the server.
#[component]
pub fn NoteBody(html: String) -> impl IntoView {
    view! { <div class="prose" inner_html=html></div> }
}

#[component]
pub fn NoteCard(note: NoteView, on_change: Callback<()>) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let now = use_session().now;
    let record = note.record;
    let (id, version) = (record.id, record.version);
    let pinned = record.text("pinned") == "yes";
    let kind = record.text("type");
    let words = TYPES.iter().find(|x| x.0 == kind && x.0 != "general").map(|x| t(x.1));
    let title = record.title.clone();
    let author = record.label("ownerId").unwrap_or_default().to_owned();
    let pin = move |()| {
        let mut set = FieldMap::new();
        set.insert("pinned".into(), (!pinned).into());
        queue.send(RecordCommand::Edit { kind: EntityKind::Note, id, set }, Some(version), move |result| match result {
            Ok(outcome) => {
                queue.toast(if pinned { t("Note unpinned.") } else { t("Note pinned.") }, outcome.event);
                on_change.try_run(());
            }
            Err(e) => queue.fail(&e),
        });
    };
    let delete = {
        let title = title.clone();
        move |()| {
            let title = title.clone();
            queue.send(RecordCommand::Delete { kind: EntityKind::Note, id }, None, move |result| match result {
                Ok(outcome) => {
                    queue.toast(tf("Deleted {name}.", &[("name", &title)]), outcome.event);
                    on_change.try_run(());
                }
                Err(e) => queue.fail(&e),
            });
        }
    };
    view! {
        <article class="note-card" class:note-card--pinned=pinned aria-label=title>
            <div class="note-card__head">
                {pinned.then(|| view! { <span class="note-card__pin" title=t("Pinned")><Icon name="pin"/></span> })}
                <span class="muted">{author}" · "<When at=record.created_at now=now/></span>
                {words.map(|w| view! { <span class="chip">{w}</span> })}
                <span class="page__spring"></span>
                {may(Permission::EditRecords).then(|| view! {
                    <A href=paths::record(EntityKind::Note, id) attr:class="button button--quiet">{t("Edit")}</A>
                    <Menu id=format!("note-{id}") label=t("More actions")>
                        <MenuItem on_choose=pin><Icon name="pin"/>{if pinned { t("Unpin") } else { t("Pin on top") }}</MenuItem>
                        <MenuItem danger=true on_choose=delete.clone()><Icon name="trash"/>{t("Delete")}</MenuItem>
                    </Menu>
                })}
            </div>
            <NoteBody html=note.html/>
        </article>
    }
}
