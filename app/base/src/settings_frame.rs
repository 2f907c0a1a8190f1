//! Frame of the settings pages with their list, and the search for single settings.

use crate::{
    AppError,
    failed::Failed,
    i18n::t,
    latest::latest,
    page::PageTitle,
    place::{self, Setting},
};
use domain::paths;
use leptos::prelude::*;
use leptos_router::components::A;
use serde::{Serialize, de::DeserializeOwned};
use ui::Skeleton;

/// The settings that match a search; all of them for an empty one.
pub fn found(q: &str) -> impl Iterator<Item = &'static Setting> {
    let wanted: Vec<String> = q.to_lowercase().split_whitespace().map(str::to_owned).collect();
    place::settings().filter(move |s| {
        let text = format!("{} {} {}", t(s.title), t(s.about), t(s.words)).to_lowercase();
        wanted.iter().all(|w| text.contains(w))
    })
}

/// A page of the settings that is read as a whole and sends plain forms.
pub fn settings_page<V, Answer>(title: &'static str, rows: usize, read: fn() -> Answer, shown: fn(V) -> AnyView) -> AnyView
where
    V: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
    Answer: Future<Output = Result<V, AppError>> + Send + 'static,
{
    let answer = Resource::new_blocking(|| (), move |()| read());
    view! {
        <SettingsFrame title=title>
            <Suspense fallback=move || view! { <Skeleton rows=rows/> }>
                {move || Suspend::new(async move {
                    match latest(answer).await {
                        Ok(view) => shown(view),
                        Err(e) => view! { <Failed error=e/> }.into_any(),
                    }
                })}
            </Suspense>
        </SettingsFrame>
    }
    .into_any()
}

/// A settings page: its list beside it where there is room.
#[component]
pub fn SettingsFrame(#[prop(into)] title: String, #[prop(default = true)] back: bool, children: Children) -> impl IntoView {
    view! {
        <section class="page settings">
            <header class="page__head">
                {back.then(|| view! { <A href=paths::SETTINGS attr:class="icon-button settings__back" attr:aria-label=t("Back")><ui::Icon name="back"/></A> })}
                <PageTitle text=title/>
            </header>
            <div class="settings__panes">
                <nav class="settings__nav" aria-label=t("Settings")>
                    {place::settings().map(|p| match p.is_section() {
                        true => view! { <a href=p.href class="nav-link">{t(p.title)}</a> }.into_any(),
                        false => view! { <A href=p.href attr:class="nav-link">{t(p.title)}</A> }.into_any(),
                    }).collect_view()}
                </nav>
                <div class="stack settings__body">{children()}</div>
            </div>
        </section>
    }
}
