//! `/log`: log an interaction from anywhere; `?contact=` brings the person along, `?plan=yes` is for one to come.

use super::composer::{About, LogComposer};
use crate::{AppError, failed::Failed, i18n::t, latest::latest, name_of, page::PageTitle, session::may};
use domain::{ContactId, Permission, paths};
use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_query_map};
use ui::{ErrorBox, Skeleton};

pub struct LogPage;

lazy_page!(LogPage, log_page, daily);

impl LogPage {
    fn show() -> AnyView {
        view! { <Log/> }.into_any()
    }
}

#[component]
fn Log() -> impl IntoView {
    let query = use_query_map();
    let asked = move || query.get().get("contact").and_then(|c| c.parse::<uuid::Uuid>().ok());
    let contact = Resource::new_blocking(asked, |id| async move {
        match id {
            Some(id) => name_of(ContactId(id)).await.map(|name| Some((id, name))),
            None => Ok::<_, AppError>(None),
        }
    });
    let plan = query.get_untracked().get("plan").is_some();
    let title = if plan { t("Schedule a meeting") } else { t("Log an interaction") };
    let navigate = StoredValue::new(use_navigate());
    view! {
        <section class="page page--narrow">
            <header class="page__head"><PageTitle text=title/></header>
            <Suspense fallback=|| view! { <Skeleton/> }>
                {move || Suspend::new(async move {
                    match latest(contact).await {
                        Ok(_) if !may(Permission::EditRecords) => view! { <ErrorBox text=AppError::NotAllowed.to_string()/> }.into_any(),
                        Ok(contact) => {
                            let back = contact.as_ref().map_or_else(|| paths::TODAY.to_owned(), |c| paths::page_of(ContactId(c.0)));
                            let done = Callback::new(move |()| { navigate.try_with_value(|n| n(&back, Default::default())); });
                            view! { <div class="card"><LogComposer about=About { contact, ..Default::default() } on_logged=done plan=plan/></div> }.into_any()
                        }
                        Err(e) => view! { <Failed error=e/> }.into_any(),
                    }
                })}
            </Suspense>
        </section>
    }
}
