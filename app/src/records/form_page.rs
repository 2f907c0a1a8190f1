//! The form that makes or edits a record. Without wasm it is a plain POST; after hydration it is sent in place.

use super::draft::Draft;
use super::server_fns::{FormContext, Submitted, given_away, read_form, submit_form};
use crate::{
    AppError,
    failed::Failed,
    i18n::{language, t, tf},
    routes::PageTitle,
    session::{may, use_session},
    shell_parts::NotFound,
    sync::Queue,
};
use domain::{EntityKind, FieldKind, FieldMap, FieldSpec, Permission, paths};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::{
    components::A,
    hooks::{use_navigate, use_params_map, use_query_map},
};
use ui::{ErrorBox, FieldShell, SelectField, Skeleton, TextArea, TextField};
use wasm_bindgen::JsCast;

pub struct FormPage;

lazy_page!(FormPage, form_page, records);

impl FormPage {
    fn show() -> AnyView {
        view! { <Form/> }.into_any()
    }
}

#[component]
fn Form() -> impl IntoView {
    let params = use_params_map();
    let asked = move || {
        let params = params.get();
        let kind = params.get("kind").and_then(|k| EntityKind::from_noun(&k))?;
        let id = params.get("id").map(|i| i.parse::<uuid::Uuid>());
        match id {
            Some(Err(_)) => None,
            Some(Ok(id)) => Some((kind, Some(id))),
            None => Some((kind, None)),
        }
    };
    let form = Resource::new_blocking(asked, |asked| async move {
        match asked {
            Some((kind, id)) => read_form(kind, id).await,
            None => Err(AppError::NotFound),
        }
    });
    view! {
        <section class="page page--narrow">
            <Suspense fallback=|| view! { <Skeleton/> }>
                {move || Suspend::new(async move {
                    match form.await {
                        Ok(form) if may(form.kind.edit_permission()) => view! { <RecordForm form=form/> }.into_any(),
                        Ok(_) => view! { <PageTitle text=t("Not allowed")/> <ErrorBox text=AppError::NotAllowed.to_string()/> }.into_any(),
                        Err(AppError::NotFound) => view! { <NotFound/> }.into_any(),
                        Err(e) => view! { <Failed error=e/> }.into_any(),
                    }
                })}
            </Suspense>
        </section>
    }
}

#[component]
fn RecordForm(form: FormContext) -> impl IntoView {
    let query = use_query_map().get_untracked();
    let creating = form.base_version.is_none();
    let (kind, id, command, base_version) = (form.kind, form.id, RwSignal::new(form.command), form.base_version);
    // What was changed here and waits is what the record says by now.
    let waiting = form.base_version.and_then(|v| expect_context::<Queue>().pool.set_since(id, v)).unwrap_or_default();
    let errors = RwSignal::new(form.errors.clone());
    let sending = RwSignal::new(false);
    let navigate = use_navigate();
    let draft = Draft::new(kind, (!creating).then_some(id));
    let title = if creating { tf("New {kind}", &[("kind", t(kind.noun()))]) } else { tf("Edit {kind}", &[("kind", t(kind.noun()))]) };
    // Only its owner and admins make a record visible to fewer people.
    let me = use_session().member.to_string();
    let said = |key: &str| domain::records::plain(form.values.get(key));
    let narrows = creating || said("visibility") != "workspace" || said("ownerId") == me || may(Permission::Oversee);
    let specs: Vec<&'static FieldSpec> = kind
        .fields()
        .iter()
        .filter(|s| s.key != "visibility" || narrows)
        .filter(|s| if creating { s.quick } else { !s.create_only && !matches!(s.kind, FieldKind::Contacts | FieldKind::Several(_)) })
        .collect();
    let fields = specs
        .iter()
        .map(|spec| {
            let value = domain::records::plain(waiting.get(spec.key).filter(|_| form.errors.is_empty()).or(form.values.get(spec.key)));
            let value = if value.is_empty() { query.get(spec.key).unwrap_or_default() } else { value };
            let options = form.options.get(spec.key).cloned();
            let key = spec.key;
            let error = Signal::derive(move || errors.with(|all| all.iter().find(|e| e.field == key).map(|e| e.message.clone()).unwrap_or_default()));
            let suggestions = form.suggestions.get(spec.key).cloned().unwrap_or_default();
            view! { <FormField spec=spec value=value options=options suggestions=suggestions error=error/> }
        })
        .collect_view();
    let general = move || errors.with(|all| all.iter().find(|e| !specs.iter().any(|s| s.key == e.field)).map(|e| e.message.clone()));
    let on_submit = move |ev: leptos::ev::SubmitEvent| {
        let Some(node) = ev.target().and_then(|x| x.dyn_into::<web_sys::HtmlFormElement>().ok()) else { return };
        let Ok(data) = web_sys::FormData::new_with_form(&node) else { return };
        ev.prevent_default();
        let mut values = FieldMap::new();
        for spec in kind.fields() {
            if let Some(text) = data.get(spec.key).as_string() {
                let text = if spec.kind.is_number() { language().typed(&text) } else { text };
                values.insert(spec.key.into(), text.into());
            }
        }
        if creating {
            values.retain(|_, v| v.as_str().is_none_or(|s| !s.trim().is_empty()));
        }
        if sending.get_untracked() {
            return;
        }
        sending.set(true);
        let given_away = given_away(&values, &me);
        let navigate = navigate.clone();
        spawn_local(async move {
            let sent = Submitted { kind, id, command: command.get_untracked(), base_version, values };
            let result = submit_form(sent).await;
            sending.set(false);
            match result {
                Ok(outcome) => {
                    draft.forget();
                    let to = if given_away { paths::list(kind).to_owned() } else { paths::record(kind, outcome.id) };
                    navigate(&to, Default::default());
                }
                Err(AppError::Invalid(wrong)) => {
                    // A mended form is another body, so it gets another id.
                    command.set(domain::CommandId::new());
                    let first = wrong.first().map(|e| format!("field-{}", e.field));
                    errors.set(wrong);
                    if let Some(field) = first.and_then(|f| document().get_element_by_id(&f)).and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok())
                    {
                        let _ = field.focus();
                    }
                }
                Err(e) => errors.set(vec![domain::FieldError { field: String::new(), code: e.code().into(), message: e.to_string() }]),
            }
        });
    };
    let node = NodeRef::<leptos::html::Form>::new();
    let restored = RwSignal::new(false);
    Effect::new(move |_| {
        let Some(form) = node.get() else { return };
        restored.set(draft.fill(&form));
        if creating
            && let Some(first) =
                form.query_selector("input:not([type=hidden])").ok().flatten().and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok())
        {
            let _ = first.focus();
        }
    });
    let back = if creating { paths::list(kind).to_owned() } else { paths::record(kind, id) };
    view! {
        <PageTitle text=title/>
        <form method="post" action=format!("/do/save/{}", kind.noun()) on:submit=on_submit on:input=move |_| draft.keep(node.get_untracked().as_ref()) node_ref=node class="stack form" novalidate>
            <Show when=move || restored.get()>
                <p class="note">
                    {t("What you typed here before was restored.")}
                    " "
                    <button type="button" class="button button--quiet" on:click=move |_| { draft.forget(); restored.set(false); let _ = window().location().reload(); }>{t("Discard")}</button>
                </p>
            </Show>
            <input type="hidden" name="id" value=id.to_string()/>
            <input type="hidden" name="command_id" value=command.get_untracked().to_string()/>
            {base_version.map(|v| view! { <input type="hidden" name="base_version" value=v.to_string()/> })}
            {move || general().map(|text| view! { <ErrorBox text=text/> })}
            {fields}
            <div class="row form__actions">
                <button type="submit" class="button button--primary" aria-busy=move || if sending.get() { "true" } else { "false" }>
                    {if creating { t("Add") } else { t("Save") }}
                </button>
                <A href=back attr:class="button button--quiet">{t("Cancel")}</A>
            </div>
        </form>
    }
}

#[component]
fn FormField(
    spec: &'static FieldSpec,
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
    let (value, suggestions) = match spec.kind {
        FieldKind::Suggest(words) => {
            let value = spec.kind.words(&value).map_or(value, |words| t(words).to_owned());
            (value, words.iter().map(|w| t(w.1).to_owned()).collect())
        }
        _ => (value, suggestions),
    };
    match spec.kind {
        FieldKind::Choice(choices) => {
            let options = choices.iter().map(|c| (c.0.to_owned(), t(c.1).to_owned())).collect();
            view! { <SelectField name=spec.key label=t(spec.label) options=options value=value error=error/> }.into_any()
        }
        FieldKind::Recurrence => {
            let options = crate::format::recurrence_options(&value);
            view! { <SelectField name=spec.key label=t(spec.label) options=options value=value error=error/> }.into_any()
        }
        FieldKind::Bool => {
            let options = vec![("yes".to_owned(), t("Yes").to_owned()), ("no".to_owned(), t("No").to_owned())];
            view! { <SelectField name=spec.key label=t(spec.label) options=options value=value error=error/> }.into_any()
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
        FieldKind::Money | FieldKind::Int { .. } => text("number", language().to_type(&value)),
        FieldKind::Emails => text("text", value),
        FieldKind::Phones => text("tel", value),
        _ if !suggestions.is_empty() => {
            let list = format!("words-{}", spec.key);
            let hint = (spec.kind == FieldKind::Ref(EntityKind::Company)).then(|| t("A new name makes a new company."));
            view! {
                <TextField name=spec.key label=t(spec.label) value=value required=spec.required list=list.clone() hint=hint.unwrap_or_default() error=error/>
                <datalist id=list>{suggestions.into_iter().map(|w| view! { <option value=w></option> }).collect_view()}</datalist>
            }
            .into_any()
        }
        _ => text("text", value),
    }
}
