//! `/settings`: pipelines, products, teams; people and one's own profile have pages of their own.

mod people;
mod profile;

pub use people::PeopleSettingsPage;
pub use profile::ProfilePage;

use crate::{AppError, i18n::t, routes::PageTitle, session::may};
use domain::{EntityKind, Record, paths, pipelines::Pipeline};
use leptos::prelude::*;
use leptos_router::{LazyRoute, components::A, lazy_route};
use serde::{Deserialize, Serialize};
use ui::{ErrorBox, Icon, Skeleton};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettingsView {
    teams: Vec<Record>,
    products: Vec<Record>,
    pipelines: Vec<Pipeline>,
}

#[server(prefix = "/fn", endpoint = "settings/read")]
pub async fn read_settings() -> Result<SettingsView, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant(domain::Permission::ViewRecords).await?;
        let teams = store::simple_list(&mut tx, EntityKind::Team).await?;
        let products = store::simple_list(&mut tx, EntityKind::Product).await?;
        let pipelines = store::list_pipelines(&mut tx).await?;
        Ok::<_, AppError>(SettingsView { teams, products, pipelines })
    }
    .await
    .answer()
}

pub struct SettingsPage;

#[lazy_route]
impl LazyRoute for SettingsPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <Settings/> }.into_any()
    }
}

#[component]
fn Settings() -> impl IntoView {
    let settings = Resource::new(|| (), |()| read_settings());
    view! {
        <section class="page page--narrow">
            <header class="page__head"><PageTitle text=t("Settings")/></header>
            <Suspense fallback=|| view! { <Skeleton rows=10/> }>
                {move || Suspend::new(async move {
                    match settings.await {
                        Ok(view) => view! { <Sections view=view/> }.into_any(),
                        Err(e) => view! { <ErrorBox text=e.to_string()/> }.into_any(),
                    }
                })}
            </Suspense>
        </section>
    }
}

#[component]
fn Head(kind: EntityKind, words: &'static str) -> impl IntoView {
    view! {
        <div class="card__head">
            <h2>{words}</h2>
            {may(kind.edit_permission()).then(|| view! { <A href=paths::create(kind) attr:class="icon-button" attr:aria-label=t("Add")><Icon name="plus"/></A> })}
        </div>
    }
}

#[component]
fn Sections(view: SettingsView) -> impl IntoView {
    let record = |r: Record, note: String| view! { <li><A href=paths::record(r.kind, r.id)>{r.title}</A><span class="muted">{note}</span></li> };
    view! {
        <section class="card" aria-label=t("More settings")>
            <ul class="links">
                <li><A href=paths::PEOPLE_SETTINGS>{t("People and rights")}</A><span class="muted">{t("Members, roles, invitations")}</span></li>
                <li><A href=paths::PROFILE>{t("Your profile")}</A><span class="muted">{t("Password, signed-in browsers, workspaces")}</span></li>
            </ul>
        </section>
        <section class="card">
            <Head kind=EntityKind::Pipeline words=t("Pipelines")/>
            {view.pipelines.into_iter().map(|p| view! {
                <h3><A href=paths::record(EntityKind::Pipeline, p.id.0)>{p.name}</A></h3>
                <ol class="links">
                    {p.stages.into_iter().map(|s| view! { <li><A href=paths::record(EntityKind::Stage, s.id.0)>{s.name}</A><span class="muted">{format!("{} %", s.probability)}</span></li> }).collect_view()}
                </ol>
                {may(EntityKind::Stage.edit_permission()).then(|| view! { <A href=format!("{}?pipelineId={}", paths::create(EntityKind::Stage), p.id) attr:class="button button--quiet">{t("Add a stage")}</A> })}
            }).collect_view()}
        </section>
        <section class="card">
            <Head kind=EntityKind::Product words=t("Products")/>
            <ul class="links">{view.products.into_iter().map(|r| { let note = format!("{} {}", r.text("series"), r.text("listPrice")); record(r, note) }).collect_view()}</ul>
        </section>
        <section class="card">
            <Head kind=EntityKind::Team words=t("Teams")/>
            <ul class="links">{view.teams.into_iter().map(|r| { let note = r.text("office"); record(r, note) }).collect_view()}</ul>
        </section>
    }
}
