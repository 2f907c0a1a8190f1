//! `/notifications`: what one was told; the bell that counts it; how one wants to be told.

mod bell;
pub mod places;
mod preferences_page;

pub use bell::{Bell, provide_bell};
pub use preferences_page::NotificationSettingsPage;

use crate::{
    AppError,
    failed::Failed,
    format,
    i18n::{t, translated},
    latest::latest,
    page::PageTitle,
    records::Pager,
    session::use_session,
    sync::{Live, Queue, use_live},
};
use domain::{NotificationCommand, Page, notifications::Notification, paths};
use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_query_map};
use ui::{EmptyState, Icon, Skeleton};
use uuid::Uuid;

#[server(prefix = "/fn", endpoint = "notifications/list", protocol = crate::sync::Cached)]
pub async fn list_notifications(after: Option<String>) -> Result<Page<Notification>, AppError> {
    use crate::{Answer, context};
    async {
        let after = after.as_deref().and_then(domain::Cursor::decode);
        let mut tx = context::tenant_generic(domain::Permission::ViewRecords).await?;
        Ok::<_, AppError>(store::list_notifications(&mut tx, false, after.as_ref(), domain::page::PAGE_ROWS).await?)
    }
    .await
    .answer()
}

#[server(prefix = "/fn", endpoint = "notifications/unread", protocol = crate::sync::Cached)]
pub async fn count_unread() -> Result<i64, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant_generic(domain::Permission::ViewRecords).await?;
        Ok::<_, AppError>(store::unread_notifications(&mut tx).await?)
    }
    .await
    .answer()
}

/// The count of the bell.
#[cfg(feature = "ssr")]
pub async fn prefetch(set: &mut crate::prefetched::Prefetched) -> Result<(), AppError> {
    set.add::<CountUnread>("", &count_unread().await?);
    Ok(())
}

pub struct NotificationsPage;

lazy_page!(NotificationsPage, notifications_page, more);

impl NotificationsPage {
    fn show() -> AnyView {
        view! { <Notifications/> }.into_any()
    }
}

#[component]
fn Notifications() -> impl IntoView {
    let queue = expect_context::<Queue>();
    let bell = expect_context::<Bell>();
    let query = use_query_map();
    let after = Memo::new(move |_| query.get().get("after").filter(|a| !a.is_empty()));
    let again = RwSignal::new(0u32);
    use_live(move |live| match live {
        Live::Message(m) if m.verb == "notified" => again.update(|n| *n += 1),
        Live::Reset => again.update(|n| *n += 1),
        Live::Message(_) => {}
    });
    let list = Resource::new(move || (after.get(), again.get()), |(after, _)| list_notifications(after));
    let read = Callback::new(move |ids: Vec<Uuid>| {
        queue.send(NotificationCommand::ReadNotifications { ids }, None, move |result| match result {
            Ok(_) => {
                bell.refresh();
                again.try_update(|n| *n += 1);
            }
            Err(e) => queue.fail(&e),
        });
    });
    view! {
        <section class="page page--narrow">
            <header class="page__head">
                <PageTitle text=t("Notifications")/>
                <span class="page__spring"></span>
                // Its place is kept: the count comes after the page.
                <button type="button" class="button" class:is-kept=move || bell.unread.get() == 0 on:click=move |_| read.run(Vec::new())>{t("Mark all as read")}</button>
                <A href=paths::NOTIFICATION_SETTINGS attr:class="icon-button" attr:aria-label=t("Settings")><Icon name="settings"/></A>
            </header>
            <Transition fallback=|| view! { <Skeleton/> }>
                {move || Suspend::new(async move {
                    match latest(list).await {
                        Ok(page) if page.items.is_empty() => view! { <EmptyState text=t("Nothing yet. You hear of mentions, of what others give you, and of your reminders.")/> }.into_any(),
                        Ok(page) => {
                            let next = page.next.map(|c| paths::with_query(paths::NOTIFICATIONS, &[("after", &c)]));
                            let first = after.get_untracked().map(|_| paths::NOTIFICATIONS.to_owned());
                            view! {
                                <ul class="notices card">{page.items.into_iter().map(|n| view! { <Line notice=n read=read/> }).collect_view()}</ul>
                                <Pager first=first next=next/>
                            }
                            .into_any()
                        }
                        Err(e) => view! { <Failed error=e/> }.into_any(),
                    }
                })}
            </Transition>
        </section>
    }
}

#[component]
fn Line(notice: Notification, read: Callback<Vec<Uuid>>) -> impl IntoView {
    let now = use_session().now;
    let id = notice.id;
    let icon = match notice.kind.as_str() {
        "mention" => "note",
        "reminder" => "bell",
        "deal_moved" => "deals",
        domain::notifications::BACKUP_FAILED => "alert",
        _ => "person",
    };
    let unread = !notice.read;
    view! {
        <li class="notice" class:notice--unread=unread>
            <Icon name=icon/>
            <div class="notice__text">
                <a href=notice.link() on:click=move |_| if unread { read.run(vec![id]) }>
                    {unread.then(|| view! { <span class="visually-hidden">{t("Unread: ")}</span> })}
                    {translated(notice.sentence())}
                </a>
                <time class="muted" datetime=notice.created_at.to_rfc3339()>{format::ago(notice.created_at, now)}</time>
            </div>
            {unread.then(|| view! { <button type="button" class="icon-button" aria-label=t("Mark as read") title=t("Mark as read") on:click=move |_| read.run(vec![id])><Icon name="check"/></button> })}
        </li>
    }
}
