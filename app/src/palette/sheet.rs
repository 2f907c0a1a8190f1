//! The sheet of keyboard shortcuts: what there is, other keys for it, and single keys off.

use super::{
    Palette,
    actions::{Action, Group, actions, key_words},
    keys::Keys,
    shortcuts::pressed,
};
use crate::{
    i18n::{t, tf},
    session::may,
};
use leptos::prelude::*;
use ui::Sheet;

#[component]
pub fn ShortcutSheet() -> impl IntoView {
    let palette = expect_context::<Palette>();
    let said = RwSignal::new(String::new());
    // The action whose new keys are being pressed, and what was pressed so far.
    let listening = RwSignal::new(None::<&'static str>);
    let set = move |change: &dyn Fn(&mut Keys)| {
        palette.keys.update(|k| change(k));
        palette.keys.with_untracked(Keys::keep);
    };
    let on_key = move |ev: leptos::ev::KeyboardEvent, action: Action| {
        if listening.get_untracked() != Some(action.id) {
            return;
        }
        let Some(key) = pressed(&ev) else { return };
        ev.prevent_default();
        ev.stop_propagation();
        listening.set(None);
        if matches!(key.as_str(), "Escape" | "Tab") {
            return said.set(String::new());
        }
        if key == "Backspace" || key == "Delete" {
            set(&|k| {
                k.chosen.insert(action.id.into(), String::new());
            });
            return said.set(tf("{action} has no key now.", &[("action", t(action.words))]));
        }
        match palette.keys.with_untracked(|k| k.taken(&key, action.id)) {
            Some(other) => said.set(tf("{key} belongs to “{action}” already.", &[("key", &key_words(&key)), ("action", t(other.words))])),
            None => {
                set(&|k| {
                    k.chosen.insert(action.id.into(), key.clone());
                });
                said.set(tf("{action}: {key}", &[("action", t(action.words)), ("key", &key_words(&key))]));
            }
        }
    };
    let lines = move |group: Group| {
        actions()
            .filter(move |a| a.group == group && a.needs.is_none_or(may))
            .map(move |action| {
                let keys = move || palette.keys.with(|k| k.of(&action));
                let label = move || tf("Change the keys of “{action}”, now {keys}", &[("action", t(action.words)), ("keys", &key_words(&keys()))]);
                view! {
                    <li>
                        <span>{t(action.words)}</span>
                        <button type="button" class="keys" aria-label=label aria-pressed=move || (listening.get() == Some(action.id)).to_string()
                            on:click=move |_| listening.set(Some(action.id)) on:keydown=move |ev| on_key(ev, action) on:blur=move |_| listening.set(None)>
                            {move || match keys() {
                                _ if listening.get() == Some(action.id) => view! { <em>{t("Press a key")}</em> }.into_any(),
                                k if k.is_empty() => view! { <span class="muted">"–"</span> }.into_any(),
                                k => view! { <kbd>{key_words(&k)}</kbd> }.into_any(),
                            }}
                        </button>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <Sheet open=palette.shortcuts title=t("Keyboard shortcuts") wide=true>
            <p class="muted">{t("Press the keys of a line to change them; Backspace takes them away. They are kept in this browser. On a Mac, Ctrl is Cmd.")}</p>
            <p role="status">{move || said.get()}</p>
            <div class="shortcuts">
                {Group::ALL.into_iter().map(|g| view! { <section aria-label=t(g.words())><h3>{t(g.words())}</h3><ul class="links">{lines(g)}</ul></section> }).collect_view()}
            </div>
            <div class="row">
                <label class="row row--tight"><input type="checkbox" checked=palette.keys.with_untracked(|k| k.singles) on:change=move |ev| { let on = event_target_checked(&ev); set(&|k| k.singles = on); }/>{t("Keys without Ctrl work")}</label>
                <button type="button" class="button" on:click=move |_| { set(&|k| *k = Keys::default()); said.set(t("All keys are as they came.").into()); }>{t("Reset all")}</button>
            </div>
        </Sheet>
    }
}
