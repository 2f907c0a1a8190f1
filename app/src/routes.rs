//! The application: context, layout, routes.

use crate::{
    companies::CompaniesPage,
    contacts::PeoplePage,
    dashboard::DashboardPage,
    deals::DealsPage,
    feed::FeedPage,
    imports::{ImportPage, ImportsPage},
    interactions::LogPage,
    kit::KitPage,
    notifications::{NotificationSettingsPage, NotificationsPage, provide_bell},
    page::{NotFound, Titled, present_title},
    page_table::{PageRoute, PageTable},
    record_pages::RecordPages,
    records::FormPage,
    session::provide_session,
    settings::{MembershipsPage, ProfilePage, SettingsPage, SharesPage, TagsPage, TokensPage, WorkspacePage},
    shell_parts::Layout,
    sync::{Queue, start_live},
    tasks::TasksPage,
    title,
    today::TodayPage,
};
use figures::analytics::AnalyticsPage;
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{Router, Routes};
use std::sync::LazyLock;

/// Every page that a signed-in person opens. Record pages share one page, which draws the kind in the path.
static PAGES: &[PageRoute] = &[
    PageRoute::new::<TodayPage>(""),
    PageRoute::new::<LogPage>("log"),
    PageRoute::new::<TasksPage>("tasks"),
    PageRoute::new::<RecordPages>("tasks/:id"),
    PageRoute::new::<RecordPages>("interactions/:id"),
    PageRoute::new::<DealsPage>("deals"),
    PageRoute::new::<RecordPages>("deals/:id"),
    PageRoute::new::<PeoplePage>("people"),
    PageRoute::new::<RecordPages>("people/:id"),
    PageRoute::new::<CompaniesPage>("companies"),
    PageRoute::new::<RecordPages>("companies/:id"),
    PageRoute::new::<FeedPage>("feed"),
    PageRoute::new::<RecordPages>("notes/:id"),
    PageRoute::new::<NotificationsPage>("notifications"),
    PageRoute::new::<DashboardPage>("dashboard"),
    PageRoute::new::<AnalyticsPage>("analytics"),
    PageRoute::new::<ImportsPage>("import"),
    PageRoute::new::<ImportPage>("import/:id"),
    PageRoute::new::<SettingsPage>("settings"),
    PageRoute::new::<MembershipsPage>("settings/people"),
    PageRoute::new::<TagsPage>("settings/tags"),
    PageRoute::new::<WorkspacePage>("settings/workspace"),
    PageRoute::new::<SharesPage>("settings/shares"),
    PageRoute::new::<TokensPage>("settings/tokens"),
    PageRoute::new::<NotificationSettingsPage>("settings/notifications"),
    PageRoute::new::<ProfilePage>("settings/profile"),
    PageRoute::new::<RecordPages>("settings/:plural/:id"),
    PageRoute::new::<FormPage>("new/:kind"),
    PageRoute::new::<FormPage>("edit/:kind/:id"),
    PageRoute::new::<KitPage>("kit"),
];

static TABLE: LazyLock<PageTable> = LazyLock::new(|| PageTable::new(PAGES));

/// Loads the code of the page at a path.
#[cfg(feature = "hydrate")]
pub async fn load_page(path: &str) {
    TABLE.load(path).await;
}

#[component]
pub fn App() -> impl IntoView {
    crate::places::REGISTRY.register();
    provide_meta_context();
    #[cfg(feature = "ssr")]
    crate::i18n::speak_as_asked();
    let session = provide_session();
    provide_context(Queue::default());
    start_live(session.position, session.whose());
    provide_bell();
    let title = Titled(RwSignal::new(present_title()));
    provide_context(title);
    view! {
        // The words stay until the next page has its own: a document without a title is nameless to a screen reader.
        <Title text=move || title.0.get() formatter=|text: String| title::in_head(&text)/>
        <Router>
            <Layout>
                <Routes fallback=|| view! { <NotFound/> } children=ToChildren::to_children(|| TABLE.clone())/>
            </Layout>
        </Router>
    }
    // Types this deep cost the compiler more than a box costs the browser.
    .into_any()
}
