//! `/settings/tags`: all tags by category, how often each is used, and merging two.

use crate::{
    AppError,
    flash::{FlashBox, FlashMessage},
    format,
    i18n::{t, tf},
    session::may,
    settings_frame::settings_page,
};
use domain::{EntityKind, Permission, paths, tags::TagRow};
use leptos::prelude::*;
use leptos_router::components::A;
use serde::{Deserialize, Serialize};
use ui::{EmptyState, Icon};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TagsView {
    tags: Vec<TagRow>,
    flash: FlashMessage,
}

#[server(prefix = "/fn", endpoint = "settings/tags", protocol = crate::sync::Fetched)]
pub async fn read_tags() -> Result<TagsView, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant(Permission::ViewRecords).await?;
        Ok::<_, AppError>(TagsView { tags: store::list_tags(&mut tx).await?, flash: crate::flash::flash()? })
    }
    .await
    .answer()
}

pub struct TagsPage;

lazy_page!(TagsPage, tags_page, settings);

impl TagsPage {
    fn show() -> AnyView {
        settings_page(t("Tags"), 8, read_tags, |view| view! { <Shown view=view/> }.into_any())
    }
}

#[component]
fn Shown(view: TagsView) -> impl IntoView {
    let edits = may(Permission::EditSetup);
    let TagsView { tags, flash } = view;
    let all: Vec<(String, String)> = tags.iter().map(|x| (x.id.to_string(), x.name.clone())).collect();
    let mut groups: Vec<(String, Vec<TagRow>)> = Vec::new();
    for tag in tags {
        let category = tag.category.clone().unwrap_or_default();
        match groups.last_mut().filter(|g| g.0.eq_ignore_ascii_case(&category)) {
            Some((_, list)) => list.push(tag),
            None => groups.push((category, vec![tag])),
        }
    }
    let empty = groups.is_empty();
    view! {
        <FlashBox flash=flash/>
        {edits.then(|| view! { <div><A href=paths::create(EntityKind::Tag) attr:class="button button--primary"><Icon name="plus"/>{t("Tag")}</A></div> })}
        {empty.then(|| view! { <EmptyState text=t("No tags yet. Type one on a person, a company, a deal or a task, and it is here.")/> })}
        {groups.into_iter().map(|(category, tags)| {
            let title = if category.is_empty() { t("Without a category").to_owned() } else { category };
            let label = title.clone();
            let all = all.clone();
            view! {
                <section class="card" aria-label=label>
                    <h2>{title}</h2>
                    <ul class="people">{tags.into_iter().map(|tag| view! { <Line tag=tag all=all.clone() edits=edits/> }).collect_view()}</ul>
                </section>
            }
        }).collect_view()}
    }
}

#[component]
fn Line(tag: TagRow, all: Vec<(String, String)>, edits: bool) -> impl IntoView {
    let id = tag.id.to_string();
    let others: Vec<(String, String)> = all.into_iter().filter(|o| o.0 != id).collect();
    let used = match tag.count {
        0 => t("not used").to_owned(),
        1 => t("used once").to_owned(),
        n => tf("used {n} times", &[("n", &format::count(n))]),
    };
    let at = |path: &str| paths::with_query(path, &[("tag", &tag.name)]);
    view! {
        <li class="person tag-line">
            <span class=format!("tag tag--{}", tag.color)>{tag.name.clone()}</span>
            <span class="muted tag-line__used">{used}</span>
            <span class="row row--tight plain-links">
                <A href=at(paths::PEOPLE)>{t("People")}</A>
                <A href=at(paths::COMPANIES)>{t("Companies")}</A>
                <A href=paths::with_query(paths::DEALS, &[("as", "list"), ("tag", &tag.name)])>{t("Deals")}</A>
                {edits.then(|| view! { <A href=paths::record(EntityKind::Tag, tag.id)>{t("Edit")}</A> })}
            </span>
            {(edits && !others.is_empty()).then(|| view! {
                <details class="person__remove">
                    <summary>{t("Merge into another tag")}</summary>
                    <form method="post" action="/do/tags/merge" class="stack">
                        <input type="hidden" name="from" value=id/>
                        <label class="stack">
                            <span class="muted">{tf("Everything tagged {name} gets this tag instead. It can be undone in the feed.", &[("name", &tag.name)])}</span>
                            <select class="input" name="into">{others.into_iter().map(|(id, name)| view! { <option value=id>{name}</option> }).collect_view()}</select>
                        </label>
                        <button type="submit" class="button">{t("Merge")}</button>
                    </form>
                </details>
            })}
        </li>
    }
}
