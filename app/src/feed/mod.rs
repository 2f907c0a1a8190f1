//! `/feed`: what happened in the workspace, newest first.

use crate::{
    AppError,
    i18n::t,
    records::EventLine,
    routes::PageTitle,
    sync::{Live, Queue, use_live},
};
use domain::{EntityKind, Page, events::Event, paths};
use leptos::prelude::*;
use leptos_router::{LazyRoute, components::A, hooks::use_query_map, lazy_route};
use serde::{Deserialize, Serialize};
use ui::{EmptyState, ErrorBox, Skeleton};

/// Events with the clock their ages are counted from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FeedView {
    page: Page<Event>,
    now: chrono::DateTime<chrono::Utc>,
}

#[server(prefix = "/fn", endpoint = "feed/read")]
pub async fn read_feed(kind: Option<EntityKind>, after: Option<String>) -> Result<FeedView, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant(domain::Permission::ViewRecords).await?;
        let after = after.as_deref().and_then(domain::Cursor::decode);
        let page = store::feed(&mut tx, kind, after.as_ref(), domain::page::PAGE_ROWS).await?;
        Ok::<_, AppError>(FeedView { page, now: chrono::Utc::now() })
    }
    .await
    .answer()
}

pub struct FeedPage;

#[lazy_route]
impl LazyRoute for FeedPage {
    fn data() -> Self {
        Self
    }

    fn view(_this: Self) -> AnyView {
        view! { <Feed/> }.into_any()
    }
}

#[component]
fn Feed() -> impl IntoView {
    let query = use_query_map();
    let kind = Memo::new(move |_| query.get().get("kind").and_then(|k| EntityKind::from_noun(&k)));
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
    let feed = Resource::new(move || (kind.get(), after.get(), again.get()), |(kind, after, _)| read_feed(kind, after));
    view! {
        <section class="page page--narrow">
            <header class="page__head"><PageTitle text=t("Feed")/></header>
            <div class="filters">
                {[(None, t("Everything")), (Some(EntityKind::Deal), t("Deals")), (Some(EntityKind::Contact), t("People")), (Some(EntityKind::Company), t("Companies"))]
                    .into_iter()
                    .map(|(k, words)| {
                        let href = k.map_or_else(|| paths::FEED.to_owned(), |k| format!("{}?kind={}", paths::FEED, k.noun()));
                        view! { <a class="chip chip--toggle" href=href aria-current=move || (kind.get() == k).then_some("true")>{words}</a> }
                    })
                    .collect_view()}
            </div>
            // News waits for a tap: the page never jumps under a reading eye.
            <Show when=move || { waiting.get() > 0 }>
                <button type="button" class="button news" on:click=move |_| { waiting.set(0); again.update(|n| *n += 1); }>
                    {t("New items ↑")}
                </button>
            </Show>
            <Transition fallback=|| view! { <Skeleton rows=8/> }>
                {move || Suspend::new(async move {
                    match feed.await {
                        Ok(view) if view.page.items.is_empty() => view! { <EmptyState text=t("Nothing has happened yet.")/> }.into_any(),
                        Ok(view) => {
                            let now = view.now;
                            let kind = kind.get_untracked().map(|k| format!("kind={}&", k.noun())).unwrap_or_default();
                            let next = view.page.next.map(|c| format!("{}?{kind}after={c}", paths::FEED));
                            view! {
                                <ol class="events card">{view.page.items.into_iter().map(|e| view! { <EventLine event=e now=now linked=true/> }).collect_view()}</ol>
                                <nav class="pager" aria-label=t("Pages")>{next.map(|href| view! { <A href=href attr:class="button" attr:rel="next">{t("Older")}</A> })}</nav>
                            }
                                .into_any()
                        }
                        Err(e) => view! { <ErrorBox text=e.to_string()/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}
