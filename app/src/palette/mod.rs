//! Ctrl/Cmd-K: one line that finds places, actions and records; and the keys behind it.

mod actions;
mod keys;
mod sheet;
mod shortcuts;
mod state;

use crate::{
    AppError,
    i18n::{t, tf},
    place::{self, Setting},
    records::record_options,
    session::may,
    sync::{Queue, sleep},
};
use actions::{Action, Group, actions, key_words};
use domain::{EntityKind, lists::SearchHit, paths};
use keys::Keys;
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_navigate;
pub use sheet::ShortcutSheet;
pub use shortcuts::listen_for_keys;
use shortcuts::run;
pub use state::Palette;
use ui::Icon;
use uuid::Uuid;

/// Milliseconds of silence before the server is asked.
const PAUSE: i32 = 120;

/// Records whose names hold `q`, a few of every kind.
#[server(prefix = "/fn", endpoint = "search/all", protocol = crate::sync::Fetched)]
pub async fn search_all(q: String) -> Result<Vec<SearchHit>, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant(domain::Permission::ViewRecords).await?;
        Ok::<_, AppError>(store::search(&mut tx, &q, 5).await?)
    }
    .await
    .answer()
}

/// A line of the palette.
#[derive(Clone, Debug, PartialEq)]
struct Item {
    group: &'static str,
    words: String,
    about: String,
    icon: &'static str,
    keys: String,
    to: To,
}

#[derive(Clone, Debug, PartialEq)]
enum To {
    Action(Action),
    Page(String),
}

/// How well an action fits what was typed: every word begins one of its own. `None`: not at all.
fn fit(words: &str, wanted: &str) -> Option<usize> {
    let words = words.to_lowercase();
    let of: Vec<&str> = words.split([' ', ',', '-']).filter(|w| !w.is_empty()).collect();
    wanted.split_whitespace().try_fold(0, |sum, w| of.iter().position(|o| o.starts_with(w)).map(|at| sum + at))
}

/// Results without the server: actions and settings that match, best first within their group.
fn local(q: &str, keys: &Keys) -> Vec<Item> {
    let wanted = q.to_lowercase();
    let mut out: Vec<(usize, usize, Item)> = Vec::new();
    for action in actions().filter(|a| a.needs.is_none_or(may) && a.id != "palette") {
        let group = Group::ALL.iter().position(|g| *g == action.group).unwrap_or_default();
        // What does nothing on this page is not offered.
        let here = match action.does {
            actions::Does::Press(s) | actions::Does::Focus(s) => document().query_selector(s).ok().flatten().is_some(),
            actions::Does::Walk(_) | actions::Does::Mark => false,
            _ => true,
        };
        if let Some(rank) = fit(t(action.words), &wanted).filter(|_| here) {
            let item = Item {
                group: t(action.group.words()),
                words: t(action.words).into(),
                about: String::new(),
                icon: action.icon,
                keys: key_words(&keys.of(&action)),
                to: To::Action(action),
            };
            out.push((group, rank, item));
        }
    }
    if !wanted.is_empty() {
        let fits = |s: &&Setting| fit(&format!("{} {}", t(s.title), s.words), &wanted).is_some();
        for setting in place::settings().filter(fits) {
            let (words, about) = (t(setting.title).to_owned(), t(setting.about).to_owned());
            let item = Item { group: t("Settings"), words, about, icon: "settings", keys: String::new(), to: To::Page(setting.href.into()) };
            out.push((9, 0, item));
        }
    }
    out.sort_by_key(|o| (o.0, o.1));
    out.into_iter().map(|o| o.2).collect()
}

/// Results of the server: records whose names match; behind the prefix of a finder those of its kind alone.
async fn remote(q: String) -> Vec<Item> {
    let item = |kind: EntityKind, words: String, about: String, page: String| Item {
        group: t("Records"),
        words,
        about,
        icon: kind.spec().icon,
        keys: String::new(),
        to: To::Page(page),
    };
    let Some((finder, name)) = place::finder(&q) else {
        let hits = search_all(q).await.unwrap_or_default();
        return hits.into_iter().map(|h| item(h.kind, h.title, h.about, paths::record(h.kind, h.id))).collect();
    };
    let kind = finder.kind;
    let found = record_options(kind, name.trim().to_owned()).await.unwrap_or_default();
    let line = |(id, name): (Uuid, String)| {
        let page = match finder.page {
            Some((page, parameter)) => paths::with_query(page, &[(parameter, &name)]),
            None => paths::record(kind, id),
        };
        item(kind, name, t(finder.about).to_owned(), page)
    };
    found.into_iter().take(10).map(line).collect()
}

/// Lines that a palette shows before anybody scrolls.
const SEEN: usize = 14;

#[component]
pub fn PaletteDialog() -> impl IntoView {
    let palette = expect_context::<Palette>();
    let peek = expect_context::<crate::peek::Peek>();
    let queue = expect_context::<Queue>();
    let navigate = StoredValue::new(use_navigate());
    let node = NodeRef::<leptos::html::Dialog>::new();
    let input = NodeRef::<leptos::html::Input>::new();
    let q = RwSignal::new(String::new());
    let active = RwSignal::new(0usize);
    let found = RwSignal::new(Vec::<Item>::new());
    let asked = StoredValue::new(0u32);
    let looking = RwSignal::new(false);
    // How many lines are drawn: those that are seen with the first frame, the rest behind it.
    let drawn = RwSignal::new(SEEN);
    let ours = Memo::new(move |_| {
        let text = q.get();
        match text.trim() {
            text if !palette.open.get() || place::finder(text).is_some() => Vec::new(),
            text => palette.keys.with(|k| local(text.trim_start_matches('>').trim(), k)),
        }
    });
    // What the server finds stands below and never moves what is marked.
    let items = move || ours.get().into_iter().chain(found.get()).collect::<Vec<_>>();
    let type_words = move |text: String| {
        active.set(0);
        let wanted = text.trim().to_owned();
        q.set(text);
        asked.update_value(|n| *n += 1);
        let turn = asked.get_value();
        if wanted.is_empty() || wanted.starts_with('>') {
            found.set(Vec::new());
            return looking.set(false);
        }
        // What was found for other words is not what Enter means now.
        found.set(Vec::new());
        looking.set(true);
        spawn_local(async move {
            sleep(PAUSE).await;
            if asked.try_get_value() != Some(turn) {
                return;
            }
            let news = remote(wanted).await;
            if asked.try_get_value() == Some(turn) {
                found.try_set(news);
                looking.try_set(false);
            }
        });
    };
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        let dialog: &web_sys::HtmlDialogElement = &dialog;
        match (palette.open.get(), dialog.open()) {
            (true, false) => {
                drawn.set(SEEN);
                let _ = dialog.show_modal();
                let typed = palette.typed.try_update(std::mem::take).unwrap_or_default();
                if let Some(input) = input.get_untracked() {
                    input.set_value(&typed);
                    let _ = input.focus();
                }
                type_words(typed);
                request_animation_frame(move || {
                    request_animation_frame(move || {
                        drawn.try_set(usize::MAX);
                    });
                });
            }
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let choose = move |item: Item| {
        palette.open.set(false);
        let go = |path: &str| {
            navigate.try_with_value(|n| n(path, Default::default()));
        };
        match item.to {
            To::Page(path) => go(&path),
            // After the dialog has given the focus back.
            To::Action(action) => request_animation_frame(move || {
                let go = |path: &str| {
                    navigate.try_with_value(|n| n(path, Default::default()));
                };
                run(action.does, palette, peek, queue, &go);
            }),
        }
    };
    let on_key = move |ev: leptos::ev::KeyboardEvent| {
        if ev.is_composing() {
            return;
        }
        let all = items();
        let last = all.len().saturating_sub(1);
        let to = match ev.key().as_str() {
            "ArrowDown" => {
                if active.get_untracked() >= last {
                    0
                } else {
                    active.get_untracked() + 1
                }
            }
            "ArrowUp" => active.get_untracked().checked_sub(1).unwrap_or(last),
            "Home" if ev.ctrl_key() => 0,
            "End" if ev.ctrl_key() => last,
            "Enter" => {
                ev.prevent_default();
                if let Some(item) = all.get(active.get_untracked()) {
                    choose(item.clone());
                }
                return;
            }
            _ => return,
        };
        ev.prevent_default();
        active.set(to);
        if let Some(line) = document().get_element_by_id(&format!("palette-{to}")) {
            line.scroll_into_view_with_bool(false);
        }
    };
    let lines = move || {
        let mut before = "";
        items()
            .into_iter()
            .enumerate()
            .take(drawn.get())
            .map(|(i, item)| {
                let head = (item.group != before).then(|| view! { <li role="presentation" class="palette__group">{item.group}</li> });
                before = item.group;
                let Item { words, about, icon, keys, .. } = item.clone();
                view! {
                    {head}
                    <li
                        role="option"
                        id=format!("palette-{i}")
                        class="palette__item"
                        class:is-active=move || active.get() == i
                        aria-selected=move || (active.get() == i).to_string()
                        on:pointermove=move |_| active.set(i)
                        on:click=move |_| choose(item.clone())
                    >
                        <Icon name=icon/>
                        <span class="palette__words">{words}</span>
                        <span class="muted palette__about">{about}</span>
                        {(!keys.is_empty()).then(|| view! { <kbd>{keys}</kbd> })}
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <dialog class="palette" node_ref=node aria-label=t("Search and commands") on:close=move |_| {
                // The word of a closing comes late: by then it may be open again.
                if node.get_untracked().is_none_or(|d| !d.open()) {
                    palette.open.set(false);
                }
            }
            on:click=move |ev| if ev.target() == ev.current_target() { palette.open.set(false) }>
            <div class="palette__head">
                <Icon name="search"/>
                <input
                    class="palette__input"
                    node_ref=input
                    type="text"
                    role="combobox"
                    aria-expanded="true"
                    aria-controls="palette-list"
                    aria-autocomplete="list"
                    aria-activedescendant=move || (!items().is_empty()).then(|| format!("palette-{}", active.get()))
                    aria-label=t("Search and commands")
                    placeholder=t("Search, or type > for commands, @ for people, # for tags")
                    autocomplete="off"
                    enterkeyhint="go"
                    spellcheck="false"
                    on:input=move |ev| type_words(event_target_value(&ev))
                    on:keydown=on_key
                />
                <button type="button" class="icon-button" aria-label=t("Close") on:click=move |_| palette.open.set(false)><Icon name="close"/></button>
            </div>
            <ul class="palette__list" id="palette-list" role="listbox" aria-label=t("Found")>{move || palette.open.get().then(lines)}</ul>
            <p class="palette__foot muted" role="status">
                {move || match items().len() {
                    _ if looking.get() => t("Searching…").to_owned(),
                    0 if palette.open.get() => t("Nothing found").to_owned(),
                    n => tf("{n} found", &[("n", &n.to_string())]),
                }}
            </p>
        </dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fit_by_their_beginnings() {
        assert_eq!(fit("Add a contact", "con"), Some(2));
        assert_eq!(fit("Add a contact", "add c"), Some(2));
        assert_eq!(fit("Add a contact", "ontact"), None);
        assert_eq!(fit("Deals as a list", ""), Some(0));
    }
}
