//! `/settings/workspace`: its name, zone and colour, and its end.

use crate::{
    AppError,
    flash::{FlashBox, FlashMessage},
    format,
    i18n::{t, tf},
    records::KeptForm,
    session::{may, use_session},
    settings_frame::settings_page,
};
use chrono::{DateTime, Utc};
use domain::{Permission, Role};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use ui::TextField;
use wasm_bindgen::JsCast;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkspaceView {
    name: String,
    time_zone: String,
    hue: i16,
    ends: Option<DateTime<Utc>>,
    flash: FlashMessage,
}

#[server(prefix = "/fn", endpoint = "settings/workspace", protocol = crate::sync::Fetched)]
pub async fn read_workspace() -> Result<WorkspaceView, AppError> {
    use crate::{Answer, context};
    async {
        let (db, actor) = context::actor()?;
        let (name, time_zone, hue, ends) = db.workspace_facts(actor.workspace).await?;
        Ok::<_, AppError>(WorkspaceView { name, time_zone, hue, ends, flash: crate::flash::flash()? })
    }
    .await
    .answer()
}

pub struct WorkspacePage;

lazy_page!(WorkspacePage, workspace_page, settings);

impl WorkspacePage {
    fn show() -> AnyView {
        settings_page(t("Workspace"), 6, read_workspace, |view| view! { <Shown view=view/> }.into_any())
    }
}

#[component]
fn Shown(view: WorkspaceView) -> impl IntoView {
    let owner = use_session().role == Role::Owner;
    let WorkspaceView { name, time_zone, hue, ends, flash } = view;
    let done = flash.message.is_some();
    let called = name.clone();
    let facts = match may(Permission::ManageMembers) {
        true => view! {
            <KeptForm name="workspace" action="/do/workspace/save" done=done>
                <TextField name="name" label=t("Name") required=true value=called/>
                <TextField name="timeZone" label=t("Time zone") required=true value=time_zone hint=t("Such as Europe/Berlin. It holds for everybody who has not set their own.")/>
                <Hue hue=hue/>
                <button type="submit" class="button button--primary">{t("Save")}</button>
            </KeptForm>
        }
        .into_any(),
        false => view! { <p>{name.clone()}" · "{time_zone}</p> }.into_any(),
    };
    let end = owner.then(|| match ends {
        Some(day) => view! {
            <p>{tf("Everything in this workspace will be deleted on {day}.", &[("day", &format::day(format::day_of(day)))])}</p>
            <form method="post" action="/do/workspace/keep"><button type="submit" class="button button--primary">{t("Keep the workspace")}</button></form>
        }
        .into_any(),
        None => view! {
            <p class="muted">{t("For everybody in it, with all people, deals and history. It waits 14 days, in which an owner can take it back.")}</p>
            <details class="person__remove">
                <summary>{t("Delete…")}</summary>
                <form method="post" action="/do/workspace/delete" class="stack form">
                    <label class="stack"><span class="field__label">{tf("Type “{name}” to confirm", &[("name", &name)])}</span><input class="input" name="name" required=true autocomplete="off"/></label>
                    <button type="submit" class="button button--danger">{t("Delete the workspace in 14 days")}</button>
                </form>
            </details>
        }
        .into_any(),
    });
    let logo = use_session().logo;
    let picture = may(Permission::ManageMembers).then(|| view! {
        <section class="card stack" aria-label=t("Picture")>
            <h2>{t("Picture")}</h2>
            {logo.clone().map(|hash| view! { <img class="logo logo--large" src=logo_path(&hash) alt=t("The workspace's picture") width="96" height="96"/> })}
            <form method="post" action="/do/workspace/logo" enctype="multipart/form-data" class="row">
                <input class="input" type="file" name="logo" accept="image/png,image/jpeg,image/webp" required=true aria-label=t("Picture")/>
                <button type="submit" class="button">{t("Set the picture")}</button>
            </form>
            <p class="muted">{t("PNG, JPEG or WebP of at most 256 kB, best a square. It stands beside the workspace's name and on pages shared by link.")}</p>
            {logo.is_some().then(|| view! {
                <form method="post" action="/do/workspace/logo" enctype="multipart/form-data"><input type="hidden" name="remove" value="yes"/><button type="submit" class="button button--quiet">{t("Take it away")}</button></form>
            })}
        </section>
    });
    view! {
        <FlashBox flash=flash/>
        <section class="card" aria-label=t("Workspace")>{facts}</section>
        {picture}
        {end.map(|end| view! { <section class="card" aria-label=t("Delete workspace")><h2>{t("Delete the workspace")}</h2>{end}</section> })}
    }
}

/// Where the workspace's picture is; its hash makes a new one another address.
pub fn logo_path(hash: &str) -> String {
    format!("/workspace/logo?v={hash}")
}

/// The colour of the workspace, painted while it is being chosen. Lightness and chroma are the design's, so that text stays
/// readable at every hue (tested in `ui/tests/contrast.rs`).
#[component]
fn Hue(hue: i16) -> impl IntoView {
    let paint = move |hue: &str| {
        if let Some(root) = document().document_element().and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = root.style().set_property("--brand-h", hue);
        }
    };
    // Left without saving: the page is as it was.
    on_cleanup(move || {
        if cfg!(target_arch = "wasm32") {
            paint(&hue.to_string());
        }
    });
    view! {
        <div class="stack field">
            <label class="field__label" for="field-hue">{t("Colour")}</label>
            <input class="hue" id="field-hue" type="range" name="hue" min="0" max="359" step="1" value=hue aria-describedby="hue-hint" on:input=move |ev| paint(&event_target_value(&ev))/>
            <p class="muted" id="hue-hint">{t("For everybody in this workspace. Text stays readable at every colour, in light and dark.")}</p>
            <div class="row hue__preview" aria-hidden="true">
                <span class="button button--primary">{t("Button")}</span>
                <span class="chip chip--toggle" aria-current="true">{t("Chosen")}</span>
                <span class="hue__link">{t("A link")}</span>
            </div>
        </div>
    }
}
