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
    record_pages::RecordPages,
    records::FormPage,
    session::provide_session,
    settings::{PeopleSettingsPage, ProfilePage, SettingsPage, SharesPage, TagsPage, TokensPage, WorkspacePage},
    shell_parts::Layout,
    sync::{Queue, start_live},
    tasks::TasksPage,
    title,
    today::TodayPage,
};
use figures::analytics::AnalyticsPage;
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    Lazy, ParamSegment, SsrMode, StaticSegment,
    components::{Route, Router, Routes},
};

#[component]
pub fn App() -> impl IntoView {
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
                // Whole pages, in order: they read the same before, or without, any script.
                <Routes fallback=|| view! { <NotFound/> }>
                    <Route ssr=SsrMode::Async path=StaticSegment("") view={Lazy::<TodayPage>::new()}/>
                    <Route ssr=SsrMode::Async path=StaticSegment("log") view={Lazy::<LogPage>::new()}/>
                    <Route ssr=SsrMode::Async path=StaticSegment("tasks") view={Lazy::<TasksPage>::new()}/>
                    <Route ssr=SsrMode::Async path=(StaticSegment("tasks"), ParamSegment("id")) view={Lazy::<RecordPages>::new()}/>
                    <Route ssr=SsrMode::Async path=(StaticSegment("interactions"), ParamSegment("id")) view={Lazy::<RecordPages>::new()}/>
                    <Route ssr=SsrMode::Async path=StaticSegment("deals") view={Lazy::<DealsPage>::new()}/>
                    <Route ssr=SsrMode::Async path=(StaticSegment("deals"), ParamSegment("id")) view={Lazy::<RecordPages>::new()}/>
                    <Route ssr=SsrMode::Async path=StaticSegment("people") view={Lazy::<PeoplePage>::new()}/>
                    <Route ssr=SsrMode::Async path=(StaticSegment("people"), ParamSegment("id")) view={Lazy::<RecordPages>::new()}/>
                    <Route ssr=SsrMode::Async path=StaticSegment("companies") view={Lazy::<CompaniesPage>::new()}/>
                    <Route ssr=SsrMode::Async path=(StaticSegment("companies"), ParamSegment("id")) view={Lazy::<RecordPages>::new()}/>
                    <Route ssr=SsrMode::Async path=StaticSegment("feed") view={Lazy::<FeedPage>::new()}/>
                    <Route ssr=SsrMode::Async path=(StaticSegment("notes"), ParamSegment("id")) view={Lazy::<RecordPages>::new()}/>
                    <Route ssr=SsrMode::Async path=StaticSegment("notifications") view={Lazy::<NotificationsPage>::new()}/>
                    <Route ssr=SsrMode::Async path=StaticSegment("dashboard") view={Lazy::<DashboardPage>::new()}/>
                    <Route ssr=SsrMode::Async path=StaticSegment("analytics") view={Lazy::<AnalyticsPage>::new()}/>
                    <Route ssr=SsrMode::Async path=StaticSegment("import") view={Lazy::<ImportsPage>::new()}/>
                    <Route ssr=SsrMode::Async path=(StaticSegment("import"), ParamSegment("id")) view={Lazy::<ImportPage>::new()}/>
                    <Route ssr=SsrMode::Async path=StaticSegment("settings") view={Lazy::<SettingsPage>::new()}/>
                    <Route ssr=SsrMode::Async path=(StaticSegment("settings"), StaticSegment("people")) view={Lazy::<PeopleSettingsPage>::new()}/>
                    <Route ssr=SsrMode::Async path=(StaticSegment("settings"), StaticSegment("tags")) view={Lazy::<TagsPage>::new()}/>
                    <Route ssr=SsrMode::Async path=(StaticSegment("settings"), StaticSegment("workspace")) view={Lazy::<WorkspacePage>::new()}/>
                    <Route ssr=SsrMode::Async path=(StaticSegment("settings"), StaticSegment("shares")) view={Lazy::<SharesPage>::new()}/>
                    <Route ssr=SsrMode::Async path=(StaticSegment("settings"), StaticSegment("tokens")) view={Lazy::<TokensPage>::new()}/>
                    <Route ssr=SsrMode::Async path=(StaticSegment("settings"), StaticSegment("notifications")) view={Lazy::<NotificationSettingsPage>::new()}/>
                    <Route ssr=SsrMode::Async path=(StaticSegment("settings"), StaticSegment("profile")) view={Lazy::<ProfilePage>::new()}/>
                    <Route ssr=SsrMode::Async path=(StaticSegment("settings"), ParamSegment("plural"), ParamSegment("id")) view={Lazy::<RecordPages>::new()}/>
                    <Route ssr=SsrMode::Async path=(StaticSegment("new"), ParamSegment("kind")) view={Lazy::<FormPage>::new()}/>
                    <Route ssr=SsrMode::Async path=(StaticSegment("edit"), ParamSegment("kind"), ParamSegment("id")) view={Lazy::<FormPage>::new()}/>
                    <Route ssr=SsrMode::Async path=StaticSegment("kit") view={Lazy::<KitPage>::new()}/>
                </Routes>
            </Layout>
        </Router>
    }
    // Types this deep cost the compiler more than a box costs the browser.
    .into_any()
}
