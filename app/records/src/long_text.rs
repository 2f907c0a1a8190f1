//! Several lines edited in place: saved by leaving or by Ctrl/Cmd-Enter, left alone by Escape.

use super::{draft::Draft, save::Save};
use crate::i18n::t;
use domain::FieldSpec;
use leptos::prelude::*;
use ui::TextArea;
use wasm_bindgen::JsCast;

#[component]
pub fn LongText(spec: &'static FieldSpec, current: String, editing: RwSignal<bool>, save: Save, draft: Draft) -> impl IntoView {
    // As it was typed, if it was: the editor is only ever made in the browser.
    let said = current.clone();
    let restored = draft.of_field(&said);
    // Restored, it waits for whoever typed it: it neither takes the focus nor saves itself.
    let touched = StoredValue::new(restored.is_none());
    let current = restored.unwrap_or(current);
    let text = RwSignal::new(current.clone());
    let root = NodeRef::<leptos::html::Div>::new();
    let done = StoredValue::new(false);
    let commit = move || {
        if done.try_get_value() == Some(false) {
            done.set_value(true);
            save.run((text.get_untracked().into(), None));
            // Refused: the words stay, and can be mended.
            if editing.try_get_untracked() == Some(true) {
                done.set_value(false);
            }
        }
    };
    let cancel = move || {
        done.set_value(true);
        draft.forget();
        editing.set(false);
    };
    Effect::new(move |_| {
        let area = root.get().and_then(|r| r.query_selector("textarea").ok().flatten());
        if let Some(area) = area.and_then(|a| a.dyn_into::<web_sys::HtmlElement>().ok()).filter(|_| touched.get_value()) {
            let _ = area.focus();
        }
    });
    let left = move |ev: web_sys::FocusEvent| {
        let to = ev.related_target().and_then(|x| x.dyn_into::<web_sys::Node>().ok());
        // Saving takes the field away, which is a leaving too.
        let Some(root) = root.try_get_untracked().flatten() else { return };
        if touched.try_get_value() == Some(true) && !to.as_ref().is_some_and(|n| root.contains(Some(n))) {
            commit();
        }
    };
    view! {
        <div
            class="stack"
            node_ref=root
            on:focusout=left
            on:keydown=move |ev| match ev.key().as_str() {
                "Escape" => cancel(),
                "Enter" if ev.ctrl_key() || ev.meta_key() => commit(),
                _ => {}
            }
        >
            <TextArea id=format!("edit-{}", spec.key) name=spec.key value=current rows=6 label=spec.label on_input=Callback::new(move |t: String| {
                touched.set_value(true);
                draft.keep_field(&said, &t);
                text.set(t);
            })/>
            <div class="row">
                <button type="button" class="button button--primary" on:click=move |_| commit()>{t("Save")}</button>
                <button type="button" class="button button--quiet" on:click=move |_| cancel()>{t("Cancel")}</button>
            </div>
        </div>
    }
}
