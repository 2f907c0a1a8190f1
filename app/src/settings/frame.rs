//! What the settings pages share: their list, and a search that finds single settings.

use crate::latest::latest;
use crate::{AppError, failed::Failed, i18n::t, page::PageTitle, session::may};
use domain::{Permission, paths};
use leptos::prelude::*;
use leptos_router::components::A;
use serde::{Serialize, de::DeserializeOwned};
use ui::Skeleton;

/// A place in the settings.
pub struct Place {
    pub title: &'static str,
    pub about: &'static str,
    pub href: &'static str,
    /// Other words people look for.
    pub words: &'static str,
    /// Who is shown it; none: everybody.
    pub needs: Option<Permission>,
}

const fn place(title: &'static str, about: &'static str, href: &'static str, words: &'static str) -> Place {
    Place { title, about, href, words, needs: None }
}

pub const PLACES: &[Place] = &[
    place(
        "Your profile",
        "Password, light or dark, signed-in browsers",
        paths::PROFILE,
        "name e-mail time zone session sign out language account delete leave theme dark mode appearance density compact workspaces",
    ),
    place(
        "People and rights",
        "Members, roles, invitations",
        paths::PEOPLE_SETTINGS,
        "invite link owner admin manager viewer remove leave user permission",
    ),
    place("Workspace", "Name, time zone, colour, deleting it", paths::WORKSPACE_SETTINGS, "company name zone delete brand branding colour color hue"),
    place("Notifications", "What you hear of, in the app and by mail", paths::NOTIFICATION_SETTINGS, "mention reminder alert mail e-mail bell"),
    place("Tags", "Colours, categories, merging", paths::TAGS, "label colour category merge"),
    Place {
        needs: Some(Permission::Share),
        ..place("Share links", "Dashboards for people without an account", paths::SHARES, "public link dashboard revoke token")
    },
    place("API tokens", "Programs that act for you", paths::TOKENS, "token api rest key program integration script revoke expire"),
    place("Pipelines", "Stages and their probability", "/settings#pipelines", "stage order won lost percent"),
    place("Products", "What deals are about", "/settings#products", "price list series"),
    place("Teams", "Who works with whom", "/settings#teams", "office manager visibility"),
    Place {
        needs: Some(Permission::Import),
        ..place("Import and sample data", "Bring files, add or remove the sample", paths::IMPORT, "csv upload undo example demo")
    },
];

/// The places that fit what somebody looks for; all of them for nothing.
pub fn found(q: &str) -> Vec<&'static Place> {
    let wanted: Vec<String> = q.to_lowercase().split_whitespace().map(str::to_owned).collect();
    PLACES
        .iter()
        .filter(|p| p.needs.is_none_or(may))
        .filter(|p| {
            let text = format!("{} {} {}", t(p.title), t(p.about), t(p.words)).to_lowercase();
            wanted.iter().all(|w| text.contains(w))
        })
        .collect()
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
                    {found("").into_iter().map(|p| match p.href.contains('#') {
                        true => view! { <a href=p.href class="nav-link">{t(p.title)}</a> }.into_any(),
                        false => view! { <A href=p.href attr:class="nav-link">{t(p.title)}</A> }.into_any(),
                    }).collect_view()}
                </nav>
                <div class="stack settings__body">{children()}</div>
            </div>
        </section>
    }
}
