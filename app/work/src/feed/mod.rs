//! `/feed`: what happened in the workspace, newest first.

pub mod places;

use crate::{
    AppError,
    failed::Failed,
    i18n::t,
    latest::{latest, suspended},
    page::PageTitle,
    records::EventLine,
    session::may,
    sync::{Live, Queue, use_live},
    today::why,
};
use domain::{
    EntityKind, Page, Permission,
    events::{Event, FeedBy, FeedFilter},
    paths,
    today::TodayItem,
};
use leptos::{prelude::*, server_fn::codec::Json};
use leptos_router::{components::A, hooks::use_query_map};
use serde::{Deserialize, Serialize};
use ui::{EmptyState, Skeleton};

/// Events with the clock their ages are counted from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeedView {
    page: Page<Event>,
    now: chrono::DateTime<chrono::Utc>,
}

#[server(prefix = "/fn", endpoint = "feed/read", protocol = crate::sync::Cached<Json>)]
pub async fn read_feed(filter: FeedFilter, after: Option<String>) -> Result<FeedView, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant_generic(domain::Permission::ViewRecords).await?;
        let after = after.as_deref().and_then(domain::Cursor::decode);
        let page = store::feed(&mut tx, &filter, after.as_ref(), domain::page::PAGE_ROWS).await?;
        Ok::<_, AppError>(FeedView { page, now: chrono::Utc::now() })
    }
    .await
    .answer()
}

pub struct FeedPage;

lazy_page!(FeedPage, feed_page, more);

impl FeedPage {
    fn show() -> AnyView {
        view! { <Feed/> }.into_any()
    }
}

#[component]
fn Feed() -> impl IntoView {
    let query = use_query_map();
    let kind = Memo::new(move |_| query.get().get("kind").and_then(|k| EntityKind::from_noun(&k)));
    let by = Memo::new(move |_| query.get().get("by").and_then(|b| FeedBy::from_code(&b)).unwrap_or_default());
    let mut kinds: Vec<_> = EntityKind::ALL.into_iter().filter_map(|kind| Some((kind, kind.spec().feed?))).collect();
    kinds.sort_by_key(|(_, (place, _))| *place);
    let kinds = [(None, t("Everything"))].into_iter().chain(kinds.into_iter().map(|(kind, (_, words))| (Some(kind), t(words))));
    let address = move |kind: Option<EntityKind>, by: FeedBy| {
        let by = if by == FeedBy::Everybody { "" } else { by.code() };
        paths::with_query(paths::FEED, &[("kind", kind.map_or("", EntityKind::noun)), ("by", by)])
    };
    let after = Memo::new(move |_| query.get().get("after"));
    let again = RwSignal::new(0u32);
    let waiting = RwSignal::new(0u32);
    let queue = expect_context::<Queue>();
    use_live(move |live| match live {
        Live::Message(m) if m.command.is_some_and(|c| queue.is_own(c)) => {}
        Live::Message(_) | Live::Reset => waiting.update(|n| *n += 1),
    });
    // What was taken back from here shows so at once.
    Effect::new(move |before: Option<u32>| {
        let now = queue.undone.get();
        if before.is_some_and(|b| b != now) {
            waiting.set(0);
            again.update(|n| *n += 1);
        }
        now
    });
    let feed =
        Resource::new(move || (kind.get(), by.get(), after.get(), again.get()), |(kind, by, after, _)| read_feed(FeedFilter { kind, by }, after));
    view! {
        <section class="page feed">
            <header class="page__head"><PageTitle text=t("Feed")/></header>
            <div class="feed__panes">
                <div class="stack feed__main">
                    <div class="filters filters--scroll">
                        {kinds
                            .map(|(k, words)| view! { <a class="chip chip--toggle" href=move || address(k, by.get()) aria-current=move || (kind.get() == k).then_some("true")>{words}</a> })
                            .collect_view()}
                    </div>
                    <div class="filters filters--scroll">
                        {[(FeedBy::Everybody, t("Everybody")), (FeedBy::Team, t("My team")), (FeedBy::Me, t("Me"))]
                            .into_iter()
                            .map(|(b, words)| view! { <a class="chip chip--toggle" href=move || address(kind.get(), b) aria-current=move || (by.get() == b).then_some("true")>{words}</a> })
                            .collect_view()}
                    </div>
                    // News waits for a tap: the page never jumps under a reading eye.
                    <Show when=move || { waiting.get() > 0 }>
                        <button type="button" class="button news" on:click=move |_| { waiting.set(0); again.update(|n| *n += 1); }>
                            {t("New items ↑")}
                        </button>
                    </Show>
                    <Transition fallback=|| view! { <Skeleton rows=8/> }>
                        {suspended(move || async move {
                            let here = address(kind.get_untracked(), by.get_untracked());
                            match latest(feed).await {
                                Ok(view) if view.page.items.is_empty() && here != paths::FEED => view! {
                                    <EmptyState text=t("Nothing of this kind has happened.")><A href=paths::FEED attr:class="button">{t("Show everything")}</A></EmptyState>
                                }.into_any(),
                                Ok(view) if view.page.items.is_empty() => view! { <EmptyState text=t("Nothing has happened yet.")/> }.into_any(),
                                Ok(view) => {
                                    let now = view.now;
                                    let join = if here.contains('?') { '&' } else { '?' };
                                    let next = view.page.next.map(|c| format!("{here}{join}after={c}"));
                                    view! {
                                        <ol class="events card">{view.page.items.into_iter().map(|e| {
                                            let ways = (e.kind.spec().person && e.verb != "deleted" && !e.verb.starts_with("import") && !e.hidden).then_some(e.entity_id);
                                            view! { <EventLine event=e now=now linked=true>{ways.map(|id| view! { <Ways contact=id/> })}</EventLine> }
                                        }).collect_view()}</ol>
                                        <nav class="pager" aria-label=t("Pages")>{next.map(|href| view! { <A href=href attr:class="button" attr:rel="next">{t("Older")}</A> })}</nav>
                                    }
                                        .into_any()
                                }
                                Err(e) => view! { <Failed error=e/> }.into_any(),
                            }
                        })}
                    </Transition>
                </div>
                <Suggested/>
            </div>
        </section>
    }
}

/// What to do with a person whom the feed tells of.
#[component]
fn Ways(contact: uuid::Uuid) -> impl IntoView {
    may(Permission::EditRecords).then(|| {
        view! {
            <p class="event__ways">
                <A href=paths::log(contact, false)>{t("Log outreach")}</A>
                <A href=paths::log(contact, true)>{t("Schedule a meeting")}</A>
            </p>
        }
    })
}

/// People to get in touch with, beside the feed where there is room.
#[component]
fn Suggested() -> impl IntoView {
    let suggested = Resource::new(|| (), |()| crate::today::read_suggested());
    view! {
        <Suspense fallback=|| ()>
            {suspended(move || async move {
                let people: Vec<TodayItem> = latest(suggested).await.unwrap_or_default();
                (!people.is_empty()).then(|| view! {
                    <aside class="card feed__side" aria-label=t("Get in touch")>
                        <h2>{t("Get in touch")}</h2>
                        <ul class="links">
                            {people.into_iter().map(|p| {
                                let why = why(&p);
                                view! { <li><A href=paths::record(p.kind, p.id)>{p.title}</A><span class="muted">{why}</span></li> }
                            }).collect_view()}
                        </ul>
                        <A href=paths::TODAY attr:class="button button--quiet">{t("All of Today")}</A>
                    </aside>
                })
            })}
        </Suspense>
    }
}
