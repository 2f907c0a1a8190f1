//! Edit conflict shown beside the edit, with a choice between the own value and the server's.

use super::{
    draft::value_of,
    server_fns::{FormContext, read_form},
};
use crate::{
    AppError,
    i18n::{language, t, tf, translated},
};
use domain::{EntityKind, FieldKind, FieldMap, FieldSpec, records::plain};
use leptos::prelude::*;
use ui::Icon;
use uuid::Uuid;

/// A refused edit, with the version that its resolution starts from.
#[derive(Clone, Debug, PartialEq)]
pub struct EditConflict {
    pub said: String,
    pub version: i64,
    /// Keys of the fields in conflict.
    pub fields: Vec<String>,
    /// The form as the server has it now; `None`: it could not be read.
    pub theirs: Option<FormContext>,
}

impl EditConflict {
    /// Nothing where the error is not an edit conflict.
    pub fn of(error: &AppError) -> Option<Self> {
        match error {
            AppError::Changed { said, version, fields } => Some(Self { said: said.clone(), version: *version, fields: fields.clone(), theirs: None }),
            _ => None,
        }
    }

    /// The same with the server's values. A stored copy from before the conflict does not have them.
    pub async fn with_theirs(self, kind: EntityKind, id: Uuid) -> Self {
        let theirs = read_form(kind, Some(id)).await.ok().filter(|form| form.base_version >= Some(self.version));
        Self { theirs, ..self }
    }

    /// The server's values of the fields in conflict.
    pub fn values(&self) -> FieldMap {
        let value = |key: &String| Some((key.clone(), self.theirs.as_ref()?.values.get(key)?.clone()));
        self.fields.iter().filter_map(value).collect()
    }

    /// The sentence names one field; of several, all are listed.
    fn lines(&self) -> Vec<String> {
        let Some(theirs) = self.theirs.as_ref().filter(|_| self.fields.len() > 1) else { return Vec::new() };
        let line = |key: &String| {
            let spec = theirs.kind.field(key)?;
            let value = plain(theirs.values.get(key));
            let name = theirs.options.get(key).and_then(|all| all.iter().find(|o| o.0 == value)).map(|o| o.1.clone());
            Some(format!("{}: {}", t(spec.label), name.unwrap_or_else(|| crate::values::value_words(Some(spec), &value))))
        };
        self.fields.iter().filter_map(line).collect()
    }

    /// Puts the server's values into the form.
    pub fn fill(&self, form: &web_sys::HtmlFormElement) {
        let Some(theirs) = &self.theirs else { return };
        for (key, value) in self.values() {
            let Some(field) = form.query_selector(&format!("[name=\"{key}\"]")).ok().flatten() else { continue };
            let code = plain(Some(&value));
            let text = typed_as(theirs.kind, &key, &code);
            put(&field, &text);
            // A choice that was made after the form was opened.
            if field.tag_name() == "SELECT"
                && value_of(&field) != text
                && let Ok(option) = document().create_element("option")
            {
                let name = theirs.options.get(&key).and_then(|all| all.iter().find(|o| o.0 == code)).map_or(text.as_str(), |o| &o.1);
                let _ = option.set_attribute("value", &text);
                option.set_text_content(Some(name));
                let _ = field.append_child(&option);
                put(&field, &text);
            }
            if let Ok(event) = web_sys::Event::new("input") {
                let _ = field.dispatch_event(&event);
            }
        }
    }
}

/// A stored value as it stands in the input of its field.
pub fn typed_as(kind: EntityKind, key: &str, value: &str) -> String {
    let spec = kind.field(key);
    match spec.map(|s| s.kind) {
        _ if value.is_empty() => spec.and_then(FieldSpec::when_empty).unwrap_or_default().to_owned(),
        Some(FieldKind::Money | FieldKind::Int { .. }) => language().to_type(value),
        Some(words @ FieldKind::Suggest(_)) => words.words(value).map_or_else(|| value.to_owned(), |words| t(words).to_owned()),
        _ => value.to_owned(),
    }
}

fn put(field: &web_sys::Element, text: &str) {
    let _ = js_sys::Reflect::set(field, &"value".into(), &text.into());
}

/// The conflict with its choices.
#[component]
pub fn ConflictBox(
    conflict: EditConflict,
    /// The refused value where the page shows it no longer.
    #[prop(default = None)]
    mine: Option<String>,
    /// Takes the focus, so that it is scrolled into view.
    #[prop(default = false)]
    focus: bool,
    on_mine: Callback<()>,
    /// `None`: their value is not known.
    on_theirs: Option<Callback<()>>,
) -> impl IntoView {
    let node = NodeRef::<leptos::html::Div>::new();
    Effect::new(move |_| {
        if let Some(shown) = node.get().filter(|_| focus) {
            let _ = shown.focus();
        }
    });
    let lines = conflict.lines();
    view! {
        <div class="error-box conflict" role="alert" tabindex="-1" node_ref=node>
            <Icon name="alert"/>
            <div class="stack conflict__body">
                <p>{translated(conflict.said)}</p>
                {(!lines.is_empty()).then(|| view! { <ul class="conflict__lines">{lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul> })}
                {mine.map(|value| view! { <p>{tf("You entered “{value}”.", &[("value", &value)])}</p> })}
                <div class="row row--tight">
                    <button type="button" class="button" on:click=move |_| on_mine.run(())>{t("Use mine")}</button>
                    {on_theirs.map(|run| view! { <button type="button" class="button" on:click=move |_| run.run(())>{t("Keep theirs")}</button> })}
                </div>
            </div>
        </div>
    }
}
