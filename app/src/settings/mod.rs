//! `/settings`: pipelines, products, teams; people and one's own profile have pages of their own.

mod frame;
mod look;
mod people;
mod pipelines;
mod profile;
mod said;
mod shares;
mod stage_deletion;
mod tags;
mod tokens;
mod workspace;

pub use look::Look;
pub use people::PeopleSettingsPage;
pub use profile::ProfilePage;
#[cfg(feature = "ssr")]
pub use said::said;
pub use said::{Said, SaidBox};
pub use shares::SharesPage;
pub use tags::TagsPage;
pub use tokens::TokensPage;
pub use workspace::{WorkspacePage, logo_path};

use crate::{
    AppError,
    failed::Failed,
    i18n::{t, tf},
    latest::latest,
    records::SearchBox,
    session::may,
    sync::{Queue, undisturbed, use_news},
};
use domain::{EntityKind, PipelineId, Record, StageId, paths, pipelines::Pipeline};
pub use frame::SettingsFrame;
use frame::found;
pub use frame::{Place, found as places};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{components::A, hooks::use_query_map};
use serde::{Deserialize, Serialize};
use stage_deletion::{Leaving, StageDeletion};
use ui::{EmptyState, Icon, Skeleton};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettingsView {
    teams: Vec<Record>,
    products: Vec<Record>,
    pipelines: Vec<Pipeline>,
    /// Deals in each stage.
    deals: Vec<(StageId, i64)>,
}

#[server(prefix = "/fn", endpoint = "settings/read")]
pub async fn read_settings() -> Result<SettingsView, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant(domain::Permission::ViewRecords).await?;
        let teams = store::simple_list(&mut tx, EntityKind::Team).await?;
        let products = store::simple_list(&mut tx, EntityKind::Product).await?;
        let pipelines = store::list_pipelines(&mut tx).await?;
        let deals = store::deals_by_stage(&mut tx).await?;
        Ok::<_, AppError>(SettingsView { teams, products, pipelines, deals })
    }
    .await
    .answer()
}

pub struct SettingsPage;

lazy_page!(SettingsPage, settings_page, settings);

impl SettingsPage {
    fn show() -> AnyView {
        view! { <Settings/> }.into_any()
    }
}

#[component]
fn Settings() -> impl IntoView {
    let settings = Resource::new(|| (), |()| read_settings());
    let reading = Reading { again: RwSignal::new(0), newest: StoredValue::new(0), pending: StoredValue::new(0) };
    let leaving = RwSignal::new(None);
    let query = use_query_map();
    let q = Memo::new(move |_| query.get().get("q").unwrap_or_default().trim().to_owned());
    view! {
        <SettingsFrame title=t("Settings") back=false>
            <SearchBox path=paths::SETTINGS label=t("Find a setting")/>
            <Transition fallback=|| view! { <Skeleton rows=10/> }>
                {move || Suspend::new(async move {
                    match latest(settings).await {
                        Ok(view) => {
                            let view = RwSignal::new(view);
                            reading.refresh(view);
                            (move || match q.get() {
                                q if q.is_empty() => view! { <Sections view=view reading=reading leaving=leaving/> }.into_any(),
                                q => view! { <Found view=view.get() q=q/> }.into_any(),
                            })
                            .into_any()
                        }
                        Err(e) => view! { <Failed error=e/> }.into_any(),
                    }
                })}
            </Transition>
            <StageDeletion leaving=leaving reload=Callback::new(move |()| reading.again())/>
        </SettingsFrame>
    }
}

/// Reading the settings again.
#[derive(Clone, Copy)]
struct Reading {
    again: RwSignal<u32>,
    /// Sequence number of the latest request; responses to earlier ones are stale.
    newest: StoredValue<u32>,
    /// Number of optimistic updates in flight. While there are any, a response may be stale and is discarded.
    pending: StoredValue<u32>,
}

impl Reading {
    fn again(self) {
        self.again.try_update(|n| *n += 1);
    }

    /// Invalidates the request in flight.
    fn discard(self) {
        self.newest.try_update_value(|n| *n += 1);
    }

    /// Marks an optimistic update as sent.
    fn begin(self) {
        self.discard();
        self.pending.try_update_value(|n| *n += 1);
    }

    /// Marks it as answered and refetches.
    fn end(self) {
        self.pending.try_update_value(|n| *n -= 1);
        self.again();
    }

    /// Refetches after changes of pipelines and stages, an undo and `again`. An unchanged response does not rerender the page:
    /// rerendering would lose the focus and close menus.
    fn refresh(self, view: RwSignal<SettingsView>) {
        let queue = expect_context::<Queue>();
        let (pipelines, stages) = (use_news(EntityKind::Pipeline), use_news(EntityKind::Stage));
        let Self { again, newest, pending } = self;
        Effect::new(move |before: Option<()>| {
            let _ = (pipelines.get(), stages.get(), queue.undone.get(), again.get());
            if before.is_none() {
                return;
            }
            self.discard();
            let mine = newest.get_value();
            spawn_local(async move {
                let answer = undisturbed(read_settings()).await;
                if newest.try_get_value() == Some(mine)
                    && pending.try_get_value() == Some(0)
                    && let Ok(fresh) = answer
                    && view.try_with_untracked(|v| *v != fresh) == Some(true)
                {
                    view.set(fresh);
                }
            });
        });
    }
}

/// Places, stages, products and teams that fit what somebody looks for.
#[component]
fn Found(view: SettingsView, q: String) -> impl IntoView {
    let fits = |name: &str| name.to_lowercase().contains(&q.to_lowercase());
    let mut hits: Vec<(String, String, String)> =
        found(&q).into_iter().map(|p| (p.href.to_owned(), t(p.title).to_owned(), t(p.about).to_owned())).collect();
    for p in view.pipelines {
        if fits(&p.name) {
            hits.push((paths::record(EntityKind::Pipeline, p.id.0), p.name.clone(), t("Pipeline").to_owned()));
        }
        for s in p.stages.into_iter().filter(|s| fits(&s.name)) {
            hits.push((paths::record(EntityKind::Stage, s.id.0), s.name, tf("Stage of {pipeline}", &[("pipeline", &p.name)])));
        }
    }
    for r in view.products.into_iter().chain(view.teams).filter(|r| fits(&r.title)) {
        hits.push((paths::record(r.kind, r.id), r.title, t(r.kind.noun()).to_owned()));
    }
    if hits.is_empty() {
        return view! { <EmptyState text=tf("No setting matches “{q}”.", &[("q", &q)])><A href=paths::SETTINGS attr:class="button">{t("Show all")}</A></EmptyState> }
            .into_any();
    }
    view! {
        <section class="card" aria-label=t("Found")>
            <ul class="links">{hits.into_iter().map(|(href, title, about)| view! { <li><A href=href>{title}</A><span class="muted">{about}</span></li> }).collect_view()}</ul>
        </section>
    }
    .into_any()
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
fn Sections(view: RwSignal<SettingsView>, reading: Reading, leaving: RwSignal<Option<Leaving>>) -> impl IntoView {
    let record = |r: Record, note: String| view! { <li><A href=paths::record(r.kind, r.id)>{r.title}</A><span class="muted">{note}</span></li> };
    let pipelines = Memo::new(move |_| view.with(|v| v.pipelines.iter().map(|p| (p.id, p.name.clone())).collect::<Vec<_>>()));
    let stages = move |id: PipelineId| {
        Memo::new(move |_| view.with(|v| v.pipelines.iter().find(|p| p.id == id).map(|p| p.stages.clone()).unwrap_or_default()))
    };
    let deals = Memo::new(move |_| view.with(|v| v.deals.clone()));
    let leave = Callback::new(move |stage| leaving.set(Some(stage)));
    let products = Memo::new(move |_| view.with(|v| v.products.clone()));
    let teams = Memo::new(move |_| view.with(|v| v.teams.clone()));
    view! {
        <section class="card" aria-label=t("More settings")>
            <ul class="links">
                {found("").into_iter().filter(|p| !p.href.contains('#')).map(|p| view! { <li><A href=p.href>{t(p.title)}</A><span class="muted">{t(p.about)}</span></li> }).collect_view()}
            </ul>
        </section>
        <section class="card" id="pipelines">
            <Head kind=EntityKind::Pipeline words=t("Pipelines")/>
            {move || {
                let all = pipelines.get().into_iter();
                all.map(|(id, name)| view! { <pipelines::PipelineStages id=id name=name read=stages(id) deals=deals reading=reading leaving=leave/> }).collect_view()
            }}
        </section>
        <section class="card" id="products">
            <Head kind=EntityKind::Product words=t("Products")/>
            <ul class="links">{move || products.get().into_iter().map(|r| { let note = format!("{} {}", r.text("series"), r.text("listPrice")); record(r, note) }).collect_view()}</ul>
        </section>
        <section class="card" id="teams">
            <Head kind=EntityKind::Team words=t("Teams")/>
            <ul class="links">{move || teams.get().into_iter().map(|r| { let note = r.text("office"); record(r, note) }).collect_view()}</ul>
        </section>
    }
}
