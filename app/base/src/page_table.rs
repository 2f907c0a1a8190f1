//! Routes of the pages as a table. Each `<Route>` of `leptos_router` is a type of its own and brings some 2 kB to the first file;
//! a line of this table brings a string and two function pointers.

use crate::lazy::{LazyPage, LocalFuture};
use leptos::prelude::*;
use leptos_router::{ChooseView, GeneratedRouteData, MatchInterface, MatchNestedRoutes, MatchParams, Method, PathSegment, RouteMatchId, SsrMode};
use std::{borrow::Cow, sync::Arc};

/// A page: the pattern of its path without the leading slash (`people/:id`) and its lazily loaded code.
#[derive(Clone)]
pub struct PageRoute {
    pattern: Cow<'static, str>,
    load: fn() -> LocalFuture<()>,
    view: fn() -> LocalFuture<AnyView>,
    #[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "the server has all words"))]
    words: &'static [&'static str],
}

type Params = Vec<(Cow<'static, str>, String)>;

impl PageRoute {
    pub const fn new<P: LazyPage>(pattern: &'static str) -> Self {
        Self { pattern: Cow::Borrowed(pattern), load: P::load, view: P::view, words: P::WORDS }
    }

    /// The pages of a kind's records: `at` is the path of the kind, such as `/people`.
    pub fn of_records<P: LazyPage>(at: &str) -> Self {
        Self { pattern: Cow::Owned(format!("{}/:id", at.trim_start_matches('/'))), ..Self::new::<P>("") }
    }

    /// Loads the page's code and words.
    async fn load(&self) {
        #[cfg(feature = "hydrate")]
        crate::lazy::both((self.load)(), crate::i18n::learn(self.words)).await;
        #[cfg(not(feature = "hydrate"))]
        (self.load)().await;
    }

    /// The values of the pattern's parameters, percent-encoded as in the path; `None` for the path of another page.
    fn params(&self, path: &str) -> Option<Params> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let mut given = path.strip_suffix('/').unwrap_or(path).split('/');
        let mut params = Params::new();
        for segment in self.pattern.split('/') {
            let value = given.next()?;
            match segment.strip_prefix(':') {
                Some(name) if !value.is_empty() => params.push((Cow::Owned(name.to_owned()), value.to_owned())),
                None if value == segment => {}
                _ => return None,
            }
        }
        given.next().is_none().then_some(params)
    }
}

/// All pages. The first pattern that matches a path decides.
#[derive(Clone)]
pub struct PageTable(Arc<[(RouteMatchId, PageRoute)]>);

impl PageTable {
    pub fn new(routes: impl Iterator<Item = PageRoute>) -> Self {
        Self(routes.map(|route| (RouteMatchId::new_from_route_id(), route)).collect())
    }

    /// Loads the code of the page at a path; ready at once where it is loaded and for an unknown path.
    pub async fn load(&self, path: &str) {
        if let Some((_, route)) = self.0.iter().find(|r| r.1.params(path).is_some()) {
            route.load().await;
        }
    }
}

impl MatchNestedRoutes for PageTable {
    type Data = ();
    type Match = PageMatch;

    fn match_nested<'a>(&'a self, path: &'a str) -> (Option<(RouteMatchId, PageMatch)>, &'a str) {
        let found = self.0.iter().find_map(|(id, route)| {
            let params = route.params(path)?;
            Some((*id, PageMatch { id: *id, path: path.to_owned(), params, route: route.clone() }))
        });
        let rest = if found.is_some() { "" } else { path };
        (found, rest)
    }

    /// Pages are rendered whole and in order: they read the same before, or without, any script.
    fn generate_routes(&self) -> impl IntoIterator<Item = GeneratedRouteData> + '_ {
        self.0.iter().map(|(_, route)| GeneratedRouteData {
            segments: route
                .pattern
                .split('/')
                .map(|segment| match segment.strip_prefix(':') {
                    Some(name) => PathSegment::Param(name.to_owned().into()),
                    None => PathSegment::Static(segment.to_owned().into()),
                })
                .collect(),
            ssr_mode: SsrMode::Async,
            methods: [Method::Get].into(),
            regenerate: Vec::new(),
        })
    }

    fn optional(&self) -> bool {
        false
    }
}

/// A page with the path that it was found for.
pub struct PageMatch {
    id: RouteMatchId,
    path: String,
    params: Params,
    route: PageRoute,
}

impl MatchInterface for PageMatch {
    type Child = ();

    fn as_id(&self) -> RouteMatchId {
        self.id
    }

    fn as_matched(&self) -> &str {
        &self.path
    }

    fn into_view_and_child(self) -> (impl ChooseView, Option<()>) {
        (PageView(self.route), None)
    }
}

impl MatchParams for PageMatch {
    fn to_params(&self) -> Params {
        self.params.clone()
    }
}

#[derive(Clone)]
struct PageView(PageRoute);

impl ChooseView for PageView {
    async fn choose(self) -> AnyView {
        #[cfg(feature = "hydrate")]
        crate::i18n::learn(self.0.words).await;
        (self.0.view)().await
    }

    async fn preload(&self) {
        self.0.load().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Page;

    impl LazyPage for Page {
        const WORDS: &'static [&'static str] = &[];

        fn load() -> LocalFuture<()> {
            Box::pin(async {})
        }

        fn view() -> LocalFuture<AnyView> {
            Box::pin(async { ().into_any() })
        }
    }

    fn params(pattern: &'static str, path: &str) -> Option<String> {
        let params = PageRoute::new::<Page>(pattern).params(path)?;
        Some(params.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&"))
    }

    #[test]
    fn a_path_is_matched_whole() {
        assert_eq!(params("", "/").as_deref(), Some(""));
        assert_eq!(params("", "/people"), None);
        assert_eq!(params("people", "/people").as_deref(), Some(""));
        assert_eq!(params("people", "/people/").as_deref(), Some(""));
        for other in ["/", "/people/1", "/people//", "//people", "/peoples", "/People"] {
            assert_eq!(params("people", other), None, "{other}");
        }
    }

    #[test]
    fn parameters_are_single_segments_and_not_empty() {
        assert_eq!(params("people/:id", "/people/a%2Fb").as_deref(), Some("id=a%2Fb"));
        assert_eq!(params("edit/:kind/:id", "/edit/deal/7/").as_deref(), Some("kind=deal&id=7"));
        for other in ["/people", "/people/", "/people//", "/people/1/2", "/deals/1"] {
            assert_eq!(params("people/:id", other), None, "{other}");
        }
    }

    #[test]
    fn the_first_pattern_decides() {
        let routes = [PageRoute::new::<Page>("settings/tags"), PageRoute::new::<Page>("settings/:name"), PageRoute::of_records::<Page>("/deals")];
        let table = PageTable::new(routes.into_iter());
        let found = |path| table.match_nested(path).0.map(|(_, m)| m.route.pattern.into_owned());
        assert_eq!(found("/settings/tags").as_deref(), Some("settings/tags"));
        assert_eq!(found("/settings/people").as_deref(), Some("settings/:name"));
        assert_eq!(found("/deals/7").as_deref(), Some("deals/:id"));
        assert_eq!(found("/other"), None);
        assert_ne!(table.0[0].0, table.0[1].0);
    }
}
