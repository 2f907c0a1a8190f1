//! `/settings`: sections of the settings page; people, the own profile and others have pages of their own.

mod appearance;
mod memberships;
mod pipelines;
pub mod places;
pub mod products;
mod profile;
mod sections;
mod shares;
mod stage_deletion;
pub mod tag_places;
mod tags;
pub mod teams;
mod tokens;
mod workspace;

pub use appearance::Appearance;
pub use memberships::MembershipsPage;
pub use profile::ProfilePage;
pub use shares::SharesPage;
pub use tags::TagsPage;
pub use tokens::TokensPage;
pub use workspace::{WorkspacePage, logo_path};

use crate::{
    AppError,
    failed::Failed,
    i18n::{t, tf},
    latest::latest,
    place,
    records::SearchBox,
    settings_frame::{SettingsFrame, found},
    sync::{Queue, undisturbed, use_news},
};
use domain::{EntityKind, Record, StageId, paths, pipelines::Pipeline};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{components::A, hooks::use_query_map};
use sections::RecordsSection;
use serde::{Deserialize, Serialize};
use stage_deletion::{Leaving, StageDeletion};
use ui::{EmptyState, Skeleton};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettingsView {
    /// Records of the sections that list a kind.
    records: Vec<Record>,
    pipelines: Vec<Pipeline>,
    /// Deals in each stage.
    deals: Vec<(StageId, i64)>,
}

#[server(prefix = "/fn", endpoint = "settings/read", protocol = crate::sync::Fetched)]
pub async fn read_settings() -> Result<SettingsView, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant(domain::Permission::ViewRecords).await?;
        let mut records = Vec::new();
        for listing in place::listings() {
            records.extend(store::simple_list(&mut tx, listing.kind).await?);
        }
        let pipelines = store::list_pipelines(&mut tx).await?;
        let deals = store::deals_by_stage(&mut tx).await?;
        Ok::<_, AppError>(SettingsView { records, pipelines, deals })
    }
    .await
    .answer()
}

/// A search result: URL, title, description.
type Hit = (String, String, String);

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

/// Settings, pipelines, stages and records of sections that match a search.
#[component]
fn Found(view: SettingsView, q: String) -> impl IntoView {
    let fits = |name: &str| name.to_lowercase().contains(&q.to_lowercase());
    let mut hits: Vec<Hit> = found(&q).map(|s| (s.href.to_owned(), t(s.title).to_owned(), t(s.about).to_owned())).collect();
    hits.extend(pipelines::found(view.pipelines, fits));
    hits.extend(view.records.into_iter().filter(|r| fits(&r.title)).map(|r| (paths::record(r.kind, r.id), r.title, t(r.kind.noun()).to_owned())));
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
fn Sections(view: RwSignal<SettingsView>, reading: Reading, leaving: RwSignal<Option<Leaving>>) -> impl IntoView {
    let listed = place::settings().filter_map(|setting| Some((setting, setting.lists?)));
    let of_kind = move |kind| Memo::new(move |_| view.with(|v| v.records.iter().filter(|r| r.kind == kind).cloned().collect::<Vec<_>>()));
    view! {
        <section class="card" aria-label=t("More settings")>
            <ul class="links">
                {place::settings().filter(|s| !s.is_section()).map(|s| view! { <li><A href=s.href>{t(s.title)}</A><span class="muted">{t(s.about)}</span></li> }).collect_view()}
            </ul>
        </section>
        <pipelines::PipelinesSection view=view reading=reading leaving=leaving/>
        {listed.map(|(setting, listing)| view! { <RecordsSection setting=setting listing=listing records=of_kind(listing.kind)/> }).collect_view()}
    }
}
