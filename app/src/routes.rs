//! The application: context, layout, routes.

use crate::{
    dashboard::DashboardPage,
    kit::KitPage,
    notifications::provide_bell,
    page::{NotFound, Titled, present_title},
    page_table::{PageRoute, PageTable},
    record_pages::RecordPages,
    session::provide_session,
    shell_parts::Layout,
    sync::{Queue, start_live},
    title,
};
use domain::EntityKind;
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Router};
use std::sync::LazyLock;

/// Pages of the shell.
const ROUTES: &[PageRoute] =
    &[PageRoute::new::<DashboardPage>("dashboard"), PageRoute::new::<KitPage>("kit"), PageRoute::new::<RecordPages>("settings/:plural/:id")];

/// Every page that a signed-in person opens. One page shows the records of all kinds.
static TABLE: LazyLock<PageTable> = LazyLock::new(|| {
    let areas = [ROUTES, work::ROUTES, people::ROUTES, sales::ROUTES, records::ROUTES, figures::ROUTES, setup::ROUTES];
    let of_kinds = EntityKind::ALL.into_iter().filter_map(|kind| kind.spec().records_at).map(PageRoute::of_records::<RecordPages>);
    PageTable::new(areas.into_iter().flatten().cloned().chain(of_kinds))
});

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
                <FlatRoutes fallback=|| view! { <NotFound/> } children=ToChildren::to_children(|| TABLE.clone())/>
            </Layout>
        </Router>
    }
    // Types this deep cost the compiler more than a box costs the browser.
    .into_any()
}
