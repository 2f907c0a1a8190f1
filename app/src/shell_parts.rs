//! Layout around every page: navigation for thumb and mouse, the route announcer.

use crate::{
    i18n::{t, tf},
    lazy::Later,
    lazy_parts::{capture_part, palette_part, peek_part, prefetch_parts, shortcuts_part, waiting_part},
    notifications::Bell,
    palette::{Palette, listen_for_keys},
    peek::Peek,
    place::{self, Place},
    prefetch::{read_again, read_ahead},
    session::{may, use_session},
    sync::{OfflineBar, ask_before_leaving},
    tabs::{pages, tabs},
    toasts::Toasts,
};
use domain::{Permission, paths};
use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_location};
use ui::{Avatar, Icon, Sheet, Skeleton};
use wasm_bindgen::JsCast;

#[component]
pub fn Layout(children: Children) -> impl IntoView {
    let palette = Palette::new();
    provide_context(palette);
    let peek = Peek(RwSignal::new(None));
    provide_context(peek);
    listen_for_keys();
    prefetch_parts();
    let adding = palette.adding;
    let more = RwSignal::new(false);
    take_in(adding);
    view! {
        <a class="skip" href="#main">{t("Skip to the page")}</a>
        <div class="app">
            <Sidebar adding=adding/>
            <main id="main" class="main">{children()}</main>
            <Later wanted=Signal::derive(move || peek.0.get().is_some()) part=peek_part/>
            <TabBar adding=adding more=more/>
        </div>
        <AddSheet open=adding/>
        <MoreSheet open=more/>
        <Later wanted=palette.open part=palette_part/>
        <Later wanted=palette.shortcuts part=shortcuts_part/>
        <Toasts/>
        <OfflineBar waiting=waiting_part read_ahead=read_ahead read_again=read_again/>
        <RouteAnnouncer/>
    }
    .into_any()
}

/// What was shared to the installed program stands in the address: it becomes the line of quick capture.
fn take_in(adding: RwSignal<bool>) {
    let draft = crate::capture::draft();
    Effect::new(move |_| {
        let place = window().location();
        let query = place.search().ok().and_then(|s| web_sys::UrlSearchParams::new_with_str(&s).ok());
        let Some(line) = query.and_then(|q| q.get("add")).filter(|l| !l.trim().is_empty()) else { return };
        if place.pathname().is_ok_and(|p| p != paths::TODAY) {
            return;
        }
        // Behind what was typed and not sent.
        draft.keep_text(format!("{} {line}", draft.text().unwrap_or_default()).trim());
        if let Ok(history) = window().history() {
            let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", place.pathname().ok().as_deref());
        }
        crate::hydration::when_hydrated(move || {
            adding.try_set(true);
        });
    });
}

/// Link to a place.
#[component]
fn PlaceLink(place: &'static Place, #[prop(default = place.words)] label: &'static str) -> impl IntoView {
    let label = t(label);
    if place.badge {
        return view! { <NoticesLink place=place/> }.into_any();
    }
    if place.external {
        return view! { <a href=place.href class="nav-link" rel="external" title=label><Icon name=place.icon/><span>{label}</span></a> }.into_any();
    }
    view! {
        // Every path begins with that of Today, which is current on its own page only.
        <A href=place.address() exact=place.href == paths::TODAY attr:class="nav-link" attr:title=label>
            <Icon name=place.icon/>
            <span>{label}</span>
        </A>
    }
    .into_any()
}

/// Opens the palette.
#[component]
fn SearchButton() -> impl IntoView {
    let palette = expect_context::<Palette>();
    view! {
        <button type="button" class="nav-link nav-link--search" title=t("Search and commands") on:click=move |_| palette.open.set(true)>
            <Icon name="search"/>
            <span>{t("Search")}</span>
            <kbd aria-hidden="true">"Ctrl K"</kbd>
        </button>
    }
}

/// Link with the number of unread notifications.
#[component]
fn NoticesLink(place: &'static Place) -> impl IntoView {
    let bell = expect_context::<Bell>();
    view! {
        <A href=place.href attr:class="nav-link" attr:title=t(place.words)>
            <Icon name=place.icon/>
            <span>{t(place.words)}</span>
            <Badge/>
            <span class="visually-hidden" role="status">{move || (bell.unread.get() > 0).then(|| tf("{n} unread notifications", &[("n", &Bell::words(bell.unread.get()))]))}</span>
        </A>
    }
}

#[component]
fn Badge() -> impl IntoView {
    let bell = expect_context::<Bell>();
    // Always there, so that a count that comes early changes its words and nothing else.
    view! { <b class="badge" aria-hidden="true" hidden=move || bell.unread.get() == 0>{move || Bell::words(bell.unread.get())}</b> }
}

#[component]
fn Sidebar(adding: RwSignal<bool>) -> impl IntoView {
    let session = use_session();
    let can_add = may(Permission::EditRecords);
    view! {
        <nav class="sidebar" aria-label=t("Main")>
            <div class="sidebar__workspace">
                {match session.logo.as_deref().map(crate::settings::logo_path) {
                    Some(src) => view! { <img class="logo" src=src alt="" width="28" height="28"/> }.into_any(),
                    None => view! { <Avatar name=session.workspace.clone()/> }.into_any(),
                }}
                <span class="sidebar__name">{session.workspace.clone()}</span>
            </div>
            <SearchButton/>
            {can_add
                .then(|| {
                    view! {
                        <button type="button" class="button button--primary sidebar__add" on:click=move |_| adding.set(true)>
                            <Icon name="plus"/>
                            <span>{t("Add")}</span>
                        </button>
                    }
                })}
            {place::ordered(|p| p.sidebar).map(|place| view! { <PlaceLink place=place/> }).collect_view()}
            <div class="sidebar__foot">
                <span class="sidebar__user">{session.user.clone()}</span>
                <form method="post" action="/sign-out" on:submit=ask_before_leaving>
                    <button type="submit" class="button button--quiet" title=t("Sign out")><Icon name="exit"/><span>{t("Sign out")}</span></button>
                </form>
            </div>
        </nav>
    }
}

#[component]
fn TabBar(adding: RwSignal<bool>, more: RwSignal<bool>) -> impl IntoView {
    let can_add = may(Permission::EditRecords);
    let mut links = tabs().into_iter().map(|(place, label)| view! { <PlaceLink place=place label=label/> });
    let before = links.by_ref().take(2).collect_view();
    let after = links.collect_view();
    view! {
        <nav class="tabbar" aria-label=t("Tabs")>
            {before}
            {can_add
                .then(|| {
                    view! {
                        <button type="button" class="tabbar__add" aria-label=t("Add") on:click=move |_| adding.set(true)>
                            <Icon name="plus"/>
                        </button>
                    }
                })}
            {after}
            <button type="button" class="nav-link" on:click=move |_| more.set(true)>
                <Icon name="menu"/>
                <span>{t("More")}</span>
                <Badge/>
            </button>
        </nav>
    }
}

#[component]
fn AddSheet(open: RwSignal<bool>) -> impl IntoView {
    let again = RwSignal::new(false);
    view! {
        <Sheet open=open title=t("Add")>
            <Suspense fallback=|| view! { <Skeleton rows=2/> }>
                {move || Suspend::new(capture_part(Callback::new(move |()| open.set(false)), again))}
            </Suspense>
            <div class="choices" on:click=move |_| open.set(false)>
                {place::ordered(|p| p.add.map(|a| a.0)).map(|place| view! { <PlaceLink place=place label=place.add.map_or(place.words, |a| a.1)/> }).collect_view()}
            </div>
        </Sheet>
    }
}

#[component]
fn MoreSheet(open: RwSignal<bool>) -> impl IntoView {
    let session = use_session();
    let shown: Vec<&str> = tabs().into_iter().map(|tab| tab.0.href).collect();
    let hidden = pages().filter(|page| !shown.contains(&page.href));
    let (first, rest): (Vec<&Place>, Vec<&Place>) = place::ordered(|p| p.sidebar).filter(|p| p.tab.is_none()).partition(|p| p.badge);
    let links: Vec<&Place> = first.into_iter().chain(hidden).chain(rest).collect();
    view! {
        <Sheet open=open title=session.workspace>
            <div class="choices" on:click=move |_| open.set(false)>
                <SearchButton/>
                {links.iter().map(|place| view! { <PlaceLink place=*place/> }).collect_view()}
            </div>
            // Not among what closes the sheet: a form that is gone is not sent.
            <form class="choices" method="post" action="/sign-out" on:submit=ask_before_leaving>
                <button type="submit" class="nav-link">
                    <Icon name="exit"/>
                    <span>{t("Sign out")}</span>
                </button>
            </form>
        </Sheet>
    }
}

/// After a client navigation: the heading gets the focus, and screen readers hear it.
#[component]
fn RouteAnnouncer() -> impl IntoView {
    crate::scroll_memory::use_scroll_memory();
    let location = use_location();
    let spoken = RwSignal::new(String::new());
    Effect::new(move |before: Option<String>| {
        let path = location.pathname.get();
        if before.is_some_and(|b| b != path) {
            let old = heading();
            announce(old, spoken, 0);
        }
        path
    });
    view! { <div class="visually-hidden" aria-live="polite">{move || spoken.get()}</div> }
}

fn heading() -> Option<web_sys::HtmlElement> {
    document().query_selector("main h1").ok().flatten()?.dyn_into().ok()
}

/// Waits for the new page's heading: its code and its data may have to come first.
fn announce(old: Option<web_sys::HtmlElement>, spoken: RwSignal<String>, turn: u32) {
    set_timeout(
        move || {
            let now = heading().filter(|h| turn > 60 || old.as_ref().is_none_or(|o| !o.is_same_node(Some(h))));
            let Some(now) = now else {
                if turn < 100 {
                    announce(old, spoken, turn + 1);
                }
                return;
            };
            // A form puts the focus into its first field itself.
            let typing = document().active_element().is_some_and(|e| e.closest("main form, dialog").ok().flatten().is_some());
            if !typing {
                let _ = now.focus();
            }
            spoken.try_set(now.text_content().unwrap_or_default());
        },
        std::time::Duration::from_millis(50),
    );
}
