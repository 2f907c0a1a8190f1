//! A form that is sent as a whole page: what was typed into it and not sent outlives a reload, passwords excepted. What was
//! typed over a value that somebody else has changed since stays away.

use super::draft::{Draft, fields, tick_of, value_of};
use crate::{hydration::when_hydrated, i18n::t};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// By field: what stood there, and what was typed.
type Typed = BTreeMap<String, (String, String)>;

/// What a field is called here, what it says by itself, and what it says now.
fn state(field: &web_sys::Element) -> Option<(String, String, String)> {
    let name = field.get_attribute("name")?;
    if let Some(tick) = tick_of(field) {
        return Some((format!("{name}={}", tick.value()), tick.default_checked().to_string(), tick.checked().to_string()));
    }
    let text = |of: &web_sys::Element, key: &str| js_sys::Reflect::get(of, &key.into()).ok().and_then(|v| v.as_string()).unwrap_or_default();
    let said = if field.tag_name() == "SELECT" {
        let option = |which: &str| field.query_selector(which).ok().flatten();
        option("option[selected]").or_else(|| option("option")).map(|o| text(&o, "value")).unwrap_or_default()
    } else {
        text(field, "defaultValue")
    };
    Some((name, said, value_of(field)))
}

fn typed_in(form: &web_sys::HtmlFormElement) -> Typed {
    fields(form).iter().filter_map(state).filter(|(_, said, now)| said != now).map(|(name, said, now)| (name, (said, now))).collect()
}

/// Whoever listens to a field hears that it was changed.
fn tell_input(field: &web_sys::EventTarget) {
    if let Ok(event) = web_sys::Event::new("input") {
        let _ = field.dispatch_event(&event);
    }
}

/// Puts back what was typed; answers whether there was anything.
fn fill(form: &web_sys::HtmlFormElement, typed: &Typed) -> bool {
    let mut changed = false;
    for field in fields(form) {
        let Some((name, said, now)) = state(&field) else { continue };
        let Some((_, words)) = typed.get(&name).filter(|(before, words)| *before == said && now == said && *words != now) else { continue };
        match tick_of(&field) {
            Some(tick) => tick.set_checked(words == "true"),
            None => {
                let _ = js_sys::Reflect::set(&field, &"value".into(), &words.into());
            }
        }
        changed = true;
        tell_input(&field);
    }
    changed
}

/// Of this tab alone: another one that opens the page meanwhile knows nothing of the sending.
fn of_tab() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok().flatten()
}

fn mark_sent(name: &str) {
    if let Some(tab) = of_tab() {
        let _ = tab.set_item(&format!("sent:{name}"), "yes");
    }
}

/// Whether the form was sent by the page before this one.
fn was_sent(name: &str) -> bool {
    let Some(tab) = of_tab() else { return false };
    let key = format!("sent:{name}");
    let sent = tab.get_item(&key).ok().flatten().is_some();
    let _ = tab.remove_item(&key);
    sent
}

#[component]
pub fn KeptForm(
    /// Its name in the browser's store.
    name: &'static str,
    action: &'static str,
    /// The page answers that something was done: what was sent from here is not kept any longer.
    done: bool,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<leptos::html::Form>::new();
    let draft = Draft::named(format_args!("form:{name}"));
    let restored = RwSignal::new(false);
    Effect::new(move |_| {
        let Some(form) = node.get() else { return };
        when_hydrated(move || {
            if was_sent(name) && done {
                draft.forget();
            }
            if let Some(typed) = draft.text().and_then(|text| serde_json::from_str::<Typed>(&text).ok()) {
                restored.try_set(fill(&form, &typed));
            }
        });
    });
    let keep = move |_| {
        let Some(form) = node.get_untracked() else { return };
        let typed = typed_in(&form);
        match serde_json::to_string(&typed) {
            Ok(text) if !typed.is_empty() => draft.keep_text(&text),
            _ => draft.forget(),
        }
    };
    let start_over = move |_| {
        draft.forget();
        restored.set(false);
        if let Some(form) = node.get_untracked() {
            form.reset();
            // A slider that paints what it says paints it again.
            let sliders = form.query_selector_all("input[type=range]").ok();
            for slider in sliders.iter().flat_map(|all| (0..all.length()).filter_map(|i| all.item(i))) {
                tell_input(&slider);
            }
        }
    };
    view! {
        <form method="post" action=action class="stack form" node_ref=node on:input=keep on:submit=move |_| mark_sent(name)>
            {children()}
            <Show when=move || restored.get()>
                <p class="note row" role="status">{t("What you typed before is back.")}<button type="button" class="button button--quiet" on:click=start_over>{t("Start over")}</button></p>
            </Show>
        </form>
    }
}
