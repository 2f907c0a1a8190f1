//! The form that makes or edits a record. Without wasm it is a plain POST; after hydration it goes through the queue, like every
//! other change: with the network or without.

use super::conflict::{ConflictBox, EditConflict, typed_as};
use super::draft::{Draft, keep_refused, typed};
use super::form_field::FormField;
use super::server_fns::{FormContext, as_meant, given_away, goes_on, read_form};
use crate::{
    AppError,
    failed::Failed,
    i18n::{language, t, tf},
    latest::latest,
    page::NotFound,
    page::PageTitle,
    session::{may, use_session},
    sync::{Named, Queue},
};
use domain::{
    CommandId, EntityKind, FieldError, FieldKind, FieldMap, FieldSpec, Permission, RecordCommand, fields, open::named, paths, records::plain,
};
use leptos::prelude::*;
use leptos_router::{
    components::A,
    hooks::{use_navigate, use_params_map, use_query_map},
};
use ui::{ErrorBox, Skeleton};
use wasm_bindgen::JsCast;

pub struct FormPage;

lazy_page!(FormPage, form_page, forms);

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
                    match latest(form).await {
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

/// What stands in a form, by field; numbers as they travel.
fn typed_in(form: &web_sys::HtmlFormElement, kind: EntityKind) -> FieldMap {
    let Ok(data) = web_sys::FormData::new_with_form(form) else { return FieldMap::new() };
    let mut values = FieldMap::new();
    for spec in kind.fields() {
        if let Some(text) = data.get(spec.key).as_string() {
            let text = if spec.kind.is_number() { language().typed(&text) } else { text };
            values.insert(spec.key.into(), text.into());
        }
    }
    values
}

/// Client-side validation by the field table, so that errors appear before the change is queued.
fn wrong(kind: EntityKind, set: &FieldMap, creating: bool) -> Vec<FieldError> {
    let mut plain = set.clone();
    plain.retain(|_, value| named(value).is_none());
    fields::check(kind, &plain, creating, use_session().currency).err().map(|invalid| invalid.0).unwrap_or_default()
}

/// Display name of a record with these fields.
fn called(values: &FieldMap) -> String {
    let all = ["title", "name", "firstName", "lastName"].iter().map(|key| plain(values.get(*key)));
    all.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn focus_on(field: &str) {
    if let Some(field) = document().get_element_by_id(&format!("field-{field}")).and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = field.focus();
    }
}

/// The form's way through the queue.
#[derive(Clone, Copy)]
struct Sending {
    kind: EntityKind,
    /// Id and base version of the edited record; `None` when creating.
    edited: Option<(uuid::Uuid, StoredValue<i64>)>,
    /// What the form started from.
    before: StoredValue<FieldMap>,
    /// Words for the ids that can be chosen.
    names: StoredValue<Vec<(String, String)>>,
    queue: Queue,
    draft: Draft,
    errors: RwSignal<Vec<FieldError>>,
    /// Unresolved edit conflict.
    conflict: RwSignal<Option<EditConflict>>,
    /// It is on its way, and the form waits for the answer.
    busy: RwSignal<bool>,
    /// Where the form leads when the change waits for the network or the server.
    onward: RwSignal<Option<String>>,
    me: StoredValue<String>,
}

impl Sending {
    /// A field that is typed into is not wrong any more.
    fn mended(self, ev: &web_sys::Event) {
        let field = ev.target().and_then(|x| x.dyn_into::<web_sys::Element>().ok()).and_then(|e| e.get_attribute("name"));
        if let Some(name) = field.filter(|name| self.errors.with_untracked(|all| all.iter().any(|e| e.field == *name))) {
            self.errors.update(|all| all.retain(|e| e.field != name));
        }
    }

    fn refused(self, errors: Vec<FieldError>) {
        if let Some(first) = errors.first() {
            focus_on(&first.field);
        }
        self.errors.try_set(errors);
    }

    fn submit(self, form: &web_sys::HtmlFormElement) {
        let kind = self.kind;
        let values = typed_in(form, kind);
        let mut set = as_meant(kind, values.clone());
        match self.edited {
            None => set.retain(|_, v| v.as_str().is_none_or(|s| !s.trim().is_empty())),
            // Only dirty fields are sent: concurrent edits of other fields merge.
            Some(_) => set
                .retain(|key, value| self.before.with_value(|b| plain(b.get(key)) != named(value).map_or_else(|| plain(Some(value)), str::to_owned))),
        }
        let mistakes = wrong(kind, &set, self.edited.is_none());
        if !mistakes.is_empty() {
            return self.refused(mistakes);
        }
        if self.edited.is_some() && !self.before.with_value(|before| goes_on(before, &set, &self.me.get_value())) {
            return;
        }
        let id = self.edited.map_or_else(uuid::Uuid::now_v7, |e| e.0);
        let away = given_away(&values, &self.me.get_value());
        let to = if away { paths::list(kind).to_owned() } else { paths::record(kind, id) };
        if self.edited.is_some() && set.is_empty() {
            self.draft.forget();
            return self.lead(&to);
        }
        let name = called(&values);
        let words = Named {
            names: self.names.with_value(|all| all.iter().filter_map(|(id, name)| Some((id.parse().ok()?, name.clone()))).collect()),
            title: (kind.spec().title_fields.len() > 1 && self.edited.is_some()).then(|| name.clone()),
            about: if self.edited.is_some() { self.before.with_value(called) } else { String::new() },
            ..Named::default()
        };
        let command = match self.edited {
            None => RecordCommand::Create { kind, id, set },
            Some(_) => RecordCommand::Edit { kind, id, set },
        };
        self.errors.set(Vec::new());
        self.conflict.set(None);
        self.busy.set(true);
        // The outbox holds the input while it is in flight; the draft is restored only after a rejection.
        let (key, text) = (self.draft.key(), typed(form));
        self.draft.forget();
        self.queue.send_named(command, self.edited.map(|e| e.1.get_value()), words, move |result| {
            let here = self.busy.try_update(|b| std::mem::replace(b, false)) == Some(true);
            match result {
                Ok(_) if here => self.lead(&to),
                Ok(outcome) => self.queue.toast(tf("Saved {name}.", &[("name", &name)]), outcome.event),
                Err(e) => {
                    keep_refused(&key, &text, &e);
                    match e {
                        AppError::Invalid(wrong) if here => self.refused(wrong),
                        e @ AppError::Changed { .. } if here => self.conflicted(&e),
                        e if here => self.refused(vec![FieldError { field: String::new(), code: e.code().into(), message: e.to_string() }]),
                        e => self.queue.fail(&e),
                    }
                }
            }
        });
    }

    fn conflicted(self, error: &AppError) {
        let Some((conflict, (id, _))) = EditConflict::of(error).zip(self.edited) else { return };
        leptos::task::spawn_local(async move {
            let conflict = conflict.with_theirs(self.kind, id).await;
            self.conflict.try_set(Some(conflict));
        });
    }

    /// Rebases the form on the server's version: of the fields in conflict the server's values are the ones to compare with.
    fn rebase(self) -> Option<EditConflict> {
        let conflict = self.conflict.try_update(Option::take).flatten()?;
        self.before.update_value(|before| before.extend(conflict.values()));
        self.edited?.1.set_value(conflict.version);
        Some(conflict)
    }

    fn use_mine(self, form: &web_sys::HtmlFormElement) {
        if self.rebase().is_some() {
            self.submit(form);
        }
    }

    fn keep_theirs(self, form: &web_sys::HtmlFormElement) {
        if let Some(conflict) = self.rebase() {
            conflict.fill(form);
            self.draft.keep(Some(form));
            conflict.fields.first().into_iter().for_each(|field| focus_on(field));
        }
    }

    /// The change stays queued: show the toast and leave the form.
    fn leave(self) {
        if self.busy.try_update(|b| std::mem::replace(b, false)) == Some(true) {
            self.queue.toast(t("Saved here, sent when you are online."), None);
            self.lead(&self.edited.map_or_else(|| paths::list(self.kind).to_owned(), |(id, _)| paths::record(self.kind, id)));
        }
    }

    fn lead(self, to: &str) {
        self.onward.try_set(Some(to.to_owned()));
    }
}

#[component]
fn RecordForm(form: FormContext) -> impl IntoView {
    let query = use_query_map().get_untracked();
    let queue = expect_context::<Queue>();
    let creating = form.base_version.is_none();
    let (kind, id, base_version) = (form.kind, form.id, form.base_version);
    // What was changed here and waits is what the record says by now.
    let waiting = form.base_version.and_then(|v| queue.changes.set_since(id, v)).unwrap_or_default();
    let errors = RwSignal::new(form.errors.clone());
    let (busy, onward) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let draft = Draft::new(kind, (!creating).then_some(id));
    let title = if creating { tf("New {kind}", &[("kind", t(kind.noun()))]) } else { tf("Edit {kind}", &[("kind", t(kind.noun()))]) };
    // Only its owner and admins make a record visible to fewer people.
    let me = use_session().member.to_string();
    let said = |key: &str| plain(form.values.get(key));
    let narrows = creating || said("visibility") != "workspace" || said("ownerId") == me || may(Permission::Oversee);
    let specs: Vec<&'static FieldSpec> = kind
        .fields()
        .iter()
        .filter(|s| s.key != "visibility" || narrows)
        .filter(|s| if creating { s.quick } else { !s.create_only && !matches!(s.kind, FieldKind::Contacts | FieldKind::Several(_)) })
        .collect();
    let mut before = form.values.clone();
    if form.errors.is_empty() {
        before.extend(waiting.clone());
    }
    let inputs = specs
        .iter()
        .map(|spec| {
            let value = plain(before.get(spec.key));
            let value = if value.is_empty() { query.get(spec.key).unwrap_or_default() } else { value };
            let options = form.options.get(spec.key).cloned();
            let key = spec.key;
            let error = Signal::derive(move || errors.with(|all| all.iter().find(|e| e.field == key).map(|e| e.message.clone()).unwrap_or_default()));
            let suggestions = form.suggestions.get(spec.key).cloned().unwrap_or_default();
            let standard = spec.when_empty();
            let value = typed_as(kind, key, &value);
            view! { <FormField spec=spec empty=standard.is_none() value=value options=options suggestions=suggestions error=error/> }
        })
        .collect_view();
    // What the page came with is said first; what Save was answered is said beside it.
    let came_with = !form.errors.is_empty();
    let general = Memo::new(move |_| errors.with(|all| all.iter().find(|e| !specs.iter().any(|s| s.key == e.field)).map(|e| e.message.clone())));
    let sending = Sending {
        kind,
        edited: base_version.map(|v| (id, StoredValue::new(v))),
        // A form that came back with its mistakes says what was typed: all of it counts as changed.
        before: StoredValue::new(if form.errors.is_empty() { before } else { FieldMap::new() }),
        names: StoredValue::new(form.options.values().flatten().cloned().collect()),
        queue,
        draft,
        errors,
        conflict: RwSignal::new(None),
        busy,
        onward,
        me: StoredValue::new(me),
    };
    let on_submit = move |ev: leptos::ev::SubmitEvent| {
        let Some(form) = ev.target().and_then(|x| x.dyn_into::<web_sys::HtmlFormElement>().ok()) else { return };
        ev.prevent_default();
        if !busy.get_untracked() {
            sending.submit(&form);
        }
    };
    Effect::new(move |_| {
        if busy.get() && queue.waits() {
            sending.leave();
        }
    });
    let navigate = use_navigate();
    Effect::new(move |_| {
        if let Some(to) = onward.get() {
            navigate(&to, Default::default());
        }
    });
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
        <form method="post" action=format!("/do/save/{}", kind.noun()) on:submit=on_submit on:input=move |ev| { sending.mended(&ev); draft.keep(node.get_untracked().as_ref()); } node_ref=node class="stack form" novalidate>
            <Show when=move || restored.get()>
                <p class="note">
                    {t("What you typed here before was restored.")}
                    " "
                    <button type="button" class="button button--quiet" on:click=move |_| { draft.forget(); restored.set(false); let _ = window().location().reload(); }>{t("Discard")}</button>
                </p>
            </Show>
            // For a browser without scripts; the queue gives ids of its own.
            <input type="hidden" name="id" value=id.to_string()/>
            <input type="hidden" name="command_id" value=CommandId::new().to_string()/>
            {base_version.map(|v| view! { <input type="hidden" name="base_version" value=v.to_string()/> })}
            {move || general.get().filter(|_| came_with).map(|text| view! { <ErrorBox text=text/> })}
            {inputs}
            {move || general.get().filter(|_| !came_with).map(|text| view! { <ErrorBox text=text/> })}
            {move || sending.conflict.get().map(|conflict| {
                let with_form = move |run: fn(Sending, &web_sys::HtmlFormElement)| {
                    Callback::new(move |()| if let Some(form) = node.get_untracked() { run(sending, &form) })
                };
                let theirs = (!conflict.values().is_empty()).then(|| with_form(Sending::keep_theirs));
                view! { <ConflictBox conflict=conflict focus=true on_mine=with_form(Sending::use_mine) on_theirs=theirs/> }
            })}
            <div class="row form__actions">
                <button type="submit" class="button button--primary" aria-busy=move || if busy.get() { "true" } else { "false" }>
                    {if creating { t("Add") } else { t("Save") }}
                </button>
                <A href=back attr:class="button button--quiet">{t("Cancel")}</A>
            </div>
        </form>
    }
}
