//! Saved views of a list: as tabs above it. Everything is in the address; a view is an address with a name.

use super::Draft;
use crate::{
    AppError,
    i18n::{t, tf},
    latest::latest,
    lazy::Later,
    session::{may, use_session},
    sync::{Queue, undisturbed, use_news},
};
use domain::{EntityKind, FieldMap, Permission, Record, RecordCommand, views};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use ui::{Icon, Menu, MenuItem, Sheet, TextField};
use uuid::Uuid;
use wasm_bindgen::JsCast;

/// The views of a page that the person sees, by name.
#[server(prefix = "/fn", endpoint = "views/list", protocol = crate::sync::Cached)]
pub async fn list_views(page: String) -> Result<Vec<Record>, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant_generic(Permission::ViewRecords).await?;
        let mut all = store::simple_list(&mut tx, EntityKind::View).await?;
        all.retain(|v| v.text("page") == page);
        Ok::<_, AppError>(all)
    }
    .await
    .answer()
}

/// Sends a command with the version that it rests on and the words for the toast.
type Sender = Callback<(RecordCommand, Option<i64>, String)>;

/// What the sheet is about: a new view of this query, or another name for one.
#[derive(Clone, Debug, PartialEq)]
pub enum Naming {
    New(String),
    Rename(Record),
}

#[component]
pub fn ViewTabs(page: &'static str) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let query = use_query_map();
    let current = Memo::new(move |_| {
        let all: Vec<(String, String)> = query.get().into_iter().map(|(k, v)| (k.into_owned(), v)).collect();
        views::query(all.iter().map(|(k, v)| (k.as_str(), v.as_str())))
    });
    let news = use_news(EntityKind::View);
    let again = RwSignal::new(0u32);
    let saved = Resource::new(move || (news.get(), queue.undone.get(), again.get()), move |_| undisturbed(list_views(page.to_owned())));
    let naming = RwSignal::new(None::<Naming>);
    #[cfg(target_arch = "wasm32")]
    crate::lazy::prefetch_parts(fetch_naming);
    let open = RwSignal::new(false);
    let ask = move |what: Naming| {
        naming.set(Some(what));
        open.set(true);
    };
    let send = Callback::new(move |(command, base, words): (RecordCommand, Option<i64>, String)| {
        queue.send(command, base, move |result| match result {
            Ok(outcome) => {
                queue.toast(words, outcome.event);
                again.try_update(|n| *n += 1);
            }
            Err(e) => queue.fail(&e),
        });
    });
    // Where the tabs are wider than the screen, the one in view is the one that is seen.
    let into_view = move || {
        let tab = document().query_selector(".views__tab[aria-current]").ok().flatten().and_then(|x| x.dyn_into::<web_sys::HtmlElement>().ok());
        if let Some((tab, list)) = tab.and_then(|tab| Some((tab.clone(), tab.closest("ul").ok().flatten()?))) {
            list.set_scroll_left((tab.offset_left() - list.client_width() / 3).max(0));
        }
    };
    Effect::new(move |_| {
        current.track();
        saved.track();
        request_animation_frame(into_view);
    });
    let tabs = move |all: Vec<Record>| {
        let address = |v: &Record| if v.text("query").is_empty() { page.to_owned() } else { format!("{page}?{}", v.text("query")) };
        let here = all.iter().find(|v| v.text("query") == current.get()).cloned();
        // Board, list and forecast alone narrow nothing.
        let narrowed = current.get().split('&').any(|p| !p.is_empty() && !p.starts_with("as="));
        let new = narrowed && here.is_none() && may(Permission::EditRecords);
        if all.is_empty() && !new {
            return ().into_any();
        }
        view! {
            <nav class="views" aria-label=t("Saved views")>
                <ul>
                    {(!all.is_empty()).then(|| view! { <li><a class="views__tab" href=page aria-current=current.get().is_empty().then_some("page")>{t("All")}</a></li> })}
                    {all.iter().map(|v| {
                        let on = here.as_ref().is_some_and(|h| h.id == v.id);
                        let shared = v.text("visibility") != "private";
                        view! {
                            <li><a class="views__tab" href=address(v) aria-current=on.then_some("page")>
                                {v.title.clone()}
                                {shared.then(|| view! { <Icon name="people"/><span class="visually-hidden">{t("shared")}</span> })}
                            </a></li>
                        }
                    }).collect_view()}
                </ul>
                {here.map(|v| view! { <ViewMenu view=v send=send rename=Callback::new(move |v| ask(Naming::Rename(v)))/> })}
                {new.then(|| {
                    let query = current.get();
                    view! { <button type="button" class="button button--quiet views__save" on:click=move |_| ask(Naming::New(query.clone()))><Icon name="plus"/>{t("Save view")}</button> }
                })}
            </nav>
        }
        .into_any()
    };
    view! {
        <Transition>{move || Suspend::new(async move { latest(saved).await.ok().map(tabs) })}</Transition>
        <Sheet open=open title=t("Save view")><Later wanted=open part=move || naming_part(page, naming.into(), open, send)/></Sheet>
    }
}

lazy_part!(bulk, naming_part(page: &'static str, naming: Signal<Option<Naming>>, open: RwSignal<bool>, send: Sender), fetch_naming, {
    let form = move || naming.get().map(|what| view! { <NameForm page=page what=what open=open send=send/> });
    view! { {form} }.into_any()
});

/// What can be done with the view one looks at.
#[component]
fn ViewMenu(view: Record, send: Sender, rename: Callback<Record>) -> impl IntoView {
    let (id, version, name) = (view.id, view.version, view.title.clone());
    let mine = view.text("ownerId") == use_session().member.to_string();
    let shared = view.text("visibility") != "private";
    (mine && may(Permission::EditRecords)).then(|| {
        let share = move |()| {
            let mut set = FieldMap::new();
            set.insert("visibility".into(), if shared { "private" } else { "workspace" }.into());
            let words = if shared { t("Only you see this view now.") } else { t("Everybody in the workspace sees this view now.") };
            send.run((RecordCommand::Edit { kind: EntityKind::View, id, set }, Some(version), words.to_owned()));
        };
        let words = tf("Deleted the view {name}.", &[("name", &name)]);
        let delete = move |()| send.run((RecordCommand::Delete { kind: EntityKind::View, id }, None, words.clone()));
        view! {
            <Menu id="view-menu" label=tf("What to do with the view {name}", &[("name", &name)])>
                <MenuItem on_choose=move |()| rename.run(view.clone())>{t("Rename")}</MenuItem>
                <MenuItem on_choose=share>{if shared { t("Keep to myself") } else { t("Share with everybody") }}</MenuItem>
                <MenuItem danger=true on_choose=delete>{t("Delete the view")}</MenuItem>
            </Menu>
        }
    })
}

#[component]
fn NameForm(page: &'static str, what: Naming, open: RwSignal<bool>, send: Sender) -> impl IntoView {
    let error = RwSignal::new(String::new());
    let (old, new) = match &what {
        Naming::New(_) => (String::new(), true),
        Naming::Rename(view) => (view.title.clone(), false),
    };
    // A name for a new view that was begun is in hand again; a rename begins with the name as it is.
    let (node, draft) = (NodeRef::<leptos::html::Form>::new(), Draft::named(format_args!("view:{page}")));
    if new {
        draft.restore(node);
    }
    let submit = move |ev: leptos::ev::SubmitEvent| {
        ev.prevent_default();
        let form = ev.target().and_then(|x| x.dyn_into::<web_sys::HtmlFormElement>().ok());
        let Some(data) = form.and_then(|f| web_sys::FormData::new_with_form(&f).ok()) else { return };
        let name = data.get("name").as_string().unwrap_or_default().trim().to_owned();
        if name.is_empty() {
            return error.set(t("Give the view a name.").into());
        }
        let mut set = FieldMap::new();
        set.insert("name".into(), name.clone().into());
        open.set(false);
        draft.forget();
        match &what {
            Naming::Rename(view) => {
                let words = tf("The view is called {name} now.", &[("name", &name)]);
                send.run((RecordCommand::Edit { kind: EntityKind::View, id: view.id, set }, Some(view.version), words));
            }
            Naming::New(query) => {
                let shared = data.has("shared");
                set.insert("page".into(), page.into());
                set.insert("query".into(), query.clone().into());
                set.insert("visibility".into(), if shared { "workspace" } else { "private" }.into());
                let words = tf("Saved the view {name}.", &[("name", &name)]);
                send.run((RecordCommand::Create { kind: EntityKind::View, id: Uuid::now_v7(), set }, None, words));
            }
        }
    };
    view! {
        <form class="stack form" node_ref=node on:submit=submit on:input=move |_| if new { draft.keep(node.get_untracked().as_ref()) } novalidate="">
            <TextField name="name" label=t("Name of the view") value=old error=error/>
            {new.then(|| view! { <label class="row row--tight"><input type="checkbox" name="shared"/>{t("Everybody in the workspace sees it")}</label> })}
            <button type="submit" class="button button--primary">{t("Save")}</button>
        </form>
    }
}
