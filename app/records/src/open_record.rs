//! An open record: reads it, keeps it up to date while its page is open, and offers it to the parts of the page.

use super::record_view::RecordView;
use crate::{
    AppError,
    failed::Failed,
    i18n::t,
    latest::{latest, suspended},
    page::NotFound,
    page::PageTitle,
    session::may,
    sync::{Live, Queue, use_live, when_free},
};
use domain::{EntityKind, Record, paths};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{
    components::A,
    hooks::{use_location, use_params_map},
};
use std::pin::Pin;
use ui::{EmptyState, Skeleton};
use uuid::Uuid;

/// The record of the page, for its parts.
#[derive(Clone, Copy)]
pub struct OpenRecord {
    pub kind: EntityKind,
    pub id: Uuid,
    /// With the local changes that the last reading does not have.
    pub record: Memo<Record>,
    /// Data of the page.
    pub view: RwSignal<RecordView>,
    /// Whether the reader may edit records of the kind.
    pub editable: bool,
    pub reload: Callback<()>,
}

/// Reads the data of a record's page.
pub type Read = fn(EntityKind, Uuid) -> Pin<Box<dyn Future<Output = Result<RecordView, AppError>> + Send>>;
/// Renders the page of an open record.
pub type Body = fn(OpenRecord) -> AnyView;

/// The page of the record that the path names.
pub fn record_page(read: Read, body: Body) -> AnyView {
    let asked = asked_record();
    let view = Resource::new_blocking(
        move || asked.get(),
        move |asked| async move {
            match asked {
                Some((kind, id)) => read(kind, id).await,
                None => Err(AppError::NotFound),
            }
        },
    );
    // The record that became invisible to the reader while its page was open.
    let lost = RwSignal::new(None::<Uuid>);
    view! {
        <Suspense fallback=|| view! { <section class="page"><Skeleton/></section> }>
            {suspended(move || {
                let lost_now = lost.get();
                async move {
                    match latest(view).await {
                        Ok(view) if lost_now == Some(view.record.id) => view! { <NoLongerSeen kind=view.record.kind/> }.into_any(),
                        Ok(view) => untrack(|| open(view, lost, read, body)),
                        Err(AppError::NotFound) => view! { <NotFound/> }.into_any(),
                        Err(e) => view! { <section class="page"><PageTitle text=t("Not available right now")/><Failed error=e/></section> }.into_any(),
                    }
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// The record that the path names.
fn asked_record() -> Memo<Option<(EntityKind, Uuid)>> {
    let path = use_location().pathname;
    let params = use_params_map();
    // During navigation the path is already that of the next page: the record stays until this page is disposed.
    Memo::new(move |before: Option<&Option<(EntityKind, Uuid)>>| {
        let id = params.get().get("id").and_then(|id| id.parse::<Uuid>().ok());
        let named = paths::record_of(path.get().trim_end_matches('/'));
        named.filter(|(_, of)| Some(*of) == id).or_else(|| before.copied().flatten())
    })
}

/// In place of a record that was deleted, or became invisible to the reader.
#[component]
fn NoLongerSeen(kind: EntityKind) -> impl IntoView {
    view! {
        <section class="page">
            <PageTitle text=t("Not found")/>
            <EmptyState text=t("You can no longer see this record.")><A href=paths::list(kind) attr:class="button">{t("Back to the list")}</A></EmptyState>
        </section>
    }
}

/// Draws the page, and reads it again whenever something changes.
fn open(view: RecordView, lost: RwSignal<Option<Uuid>>, read: Read, body: Body) -> AnyView {
    let known = RwSignal::new(view.record.clone());
    let shown = RwSignal::new(view);
    // Local changes are applied also to a page from the offline cache.
    let record = expect_context::<Queue>().changes.record(known);
    let (kind, id) = record.with_untracked(|r| (r.kind, r.id));
    let asking = Coalesced::default();
    let reload = Callback::new(move |()| {
        if !asking.starts() {
            return;
        }
        spawn_local(async move {
            loop {
                // Open editors hold their own text: fresh values do not overwrite it.
                match read(kind, id).await {
                    Ok(fresh) => {
                        known.try_set(fresh.record.clone());
                        when_free(move || {
                            shown.try_set(fresh);
                        });
                    }
                    // The record is no longer visible to this member.
                    Err(AppError::NotFound) => {
                        lost.try_set(Some(id));
                        return;
                    }
                    Err(_) => {}
                }
                if asking.ends() {
                    break;
                }
            }
        });
    });
    reload_on_news(id, reload);
    body(OpenRecord { kind, id, record, view: shown, editable: may(kind.edit_permission()), reload })
}

/// Coalesces the readings of many changes at once to two.
#[derive(Clone, Copy, Default)]
struct Coalesced {
    asking: StoredValue<bool>,
    again: StoredValue<bool>,
}

impl Coalesced {
    /// Whether a reading starts; while one is under way, another one is noted instead.
    fn starts(self) -> bool {
        let busy = self.asking.try_update_value(|a| std::mem::replace(a, true)) != Some(false);
        self.again.try_set_value(busy);
        !busy
    }

    /// Whether the reading was the last one.
    fn ends(self) -> bool {
        let more = self.again.try_update_value(std::mem::take) == Some(true);
        if !more {
            self.asking.try_set_value(false);
        }
        !more
    }
}

/// Invalidates the reading after an undo or a discarded change in this browser, and after changes elsewhere.
fn reload_on_news(id: Uuid, reload: Callback<()>) {
    let queue = expect_context::<Queue>();
    Effect::new(move |before: Option<u32>| {
        let now = queue.undone.get();
        if before.is_some_and(|b| b != now) {
            reload.run(());
        }
        now
    });
    use_live(move |live| match live {
        Live::Message(m) if m.id == id && m.verb == "deleted" => {
            if !m.command.is_some_and(|c| queue.is_own(c)) {
                queue.toast(t("This record was deleted."), None);
            }
        }
        Live::Message(m) if m.id == id || m.kind.is_activity() => reload.run(()),
        Live::Reset => reload.run(()),
        Live::Message(_) => {}
    });
}
