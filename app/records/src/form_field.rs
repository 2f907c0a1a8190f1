//! One field of the form of a record, by its kind.

use crate::i18n::t;
use domain::{FieldKind, FieldSpec};
use leptos::prelude::*;
use ui::{FieldShell, SelectField, TextArea, TextField};

#[component]
pub fn FormField(
    spec: &'static FieldSpec,
    empty: bool,
    /// As it is typed.
    value: String,
    options: Option<Vec<(String, String)>>,
    suggestions: Vec<String>,
    error: Signal<String>,
) -> impl IntoView {
    if let Some(options) = options {
        return view! { <SelectField name=spec.key label=t(spec.label) options=options value=value required=spec.required || spec.key == "stageId" error=error/> }
            .into_any();
    }
    let text = |kind: &'static str, value: String| {
        view! { <TextField name=spec.key label=t(spec.label) kind=kind value=value required=spec.required error=error/> }.into_any()
    };
    let suggestions = match spec.kind {
        FieldKind::Suggest(words) => words.iter().map(|w| t(w.1).to_owned()).collect(),
        _ => suggestions,
    };
    match spec.kind {
        FieldKind::Choice(choices) => {
            let options = choices.iter().map(|c| (c.0.to_owned(), t(c.1).to_owned())).collect();
            view! { <SelectField name=spec.key label=t(spec.label) options=options value=value required=spec.required empty=empty error=error/> }
                .into_any()
        }
        FieldKind::Recurrence => {
            let options = crate::format::recurrence_options(&value);
            view! { <SelectField name=spec.key label=t(spec.label) options=options value=value error=error/> }.into_any()
        }
        FieldKind::Bool => {
            let options = vec![("yes".to_owned(), t("Yes").to_owned()), ("no".to_owned(), t("No").to_owned())];
            view! { <SelectField name=spec.key label=t(spec.label) options=options value=value empty=empty error=error/> }.into_any()
        }
        FieldKind::LongText(_) => view! {
            <FieldShell id=format!("field-{}", spec.key) label=t(spec.label) error=error>
                <TextArea id=format!("field-{}", spec.key) name=spec.key value=value/>
            </FieldShell>
        }
        .into_any(),
        FieldKind::Date => text("date", value),
        FieldKind::Time => text("time", value),
        FieldKind::LocalTime => text("datetime-local", value),
        FieldKind::Money | FieldKind::Int { .. } => text("number", value),
        FieldKind::Emails => text("text", value),
        FieldKind::Phones | FieldKind::Phone => text("tel", value),
        _ if !suggestions.is_empty() => {
            let list = format!("words-{}", spec.key);
            let hint = spec.kind.is_typed_by_name().then(|| t("A new name makes a new company."));
            view! {
                <TextField name=spec.key label=t(spec.label) value=value required=spec.required list=list.clone() hint=hint.unwrap_or_default() error=error/>
                <datalist id=list>{suggestions.into_iter().map(|w| view! { <option value=w></option> }).collect_view()}</datalist>
            }
            .into_any()
        }
        _ => text("text", value),
    }
}
