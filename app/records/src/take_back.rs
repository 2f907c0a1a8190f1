//! Taking an import or the sample back: what goes is said before it goes, counted by the server.

use crate::{
    AppError, format,
    i18n::{t, tf, translated},
    sync::Queue,
};
use domain::{EntityKind, ImportId, imports::UndoPreview};
use leptos::{prelude::*, server_fn::codec::Json, task::spawn_local};
use ui::{Sheet, Skeleton};

/// What taking an import back would do.
#[server(prefix = "/fn", endpoint = "imports/undo_preview", protocol = crate::sync::Fetched<Json>)]
pub async fn preview_undo(id: ImportId) -> Result<UndoPreview, AppError> {
    use crate::{Answer, context};
    async {
        let (db, actor) = context::actor()?;
        Ok::<_, AppError>(db.import_undo_preview(&actor, id).await?)
    }
    .await
    .answer()
}

/// What taking back does, sentence by sentence.
fn sentences(preview: &UndoPreview, sample: bool) -> Vec<String> {
    // Records of daily work come before setup records.
    let (work, setup): (Vec<EntityKind>, Vec<EntityKind>) = EntityKind::ALL.into_iter().partition(|kind| kind.spec().records_at.is_some());
    let goes = |kind: EntityKind| preview.goes.iter().find(|(k, n)| *k == kind && *n > 0).zip(kind.spec().counted);
    let goes: Vec<String> = work.into_iter().chain(setup).filter_map(goes).map(|((_, n), words)| tf(words, &[("n", &format::count(*n))])).collect();
    let mut out = vec![match goes.as_slice() {
        [] => t("No records go.").to_owned(),
        all => tf("This goes: {list}.", &[("list", &all.join(", "))]),
    }];
    if sample {
        out.push(t("Sample records are removed even if they were edited.").into());
    }
    if preview.stays > 0 {
        out.push(tf("{n} records stay, because they were changed since or something else needs them.", &[("n", &format::count(preview.stays))]));
    }
    if preview.put_back > 0 {
        out.push(tf("{n} records that were here before lose the values the import filled in.", &[("n", &format::count(preview.put_back))]));
    }
    out.push(t("You can bring it all back for 30 days, here and in the feed.").into());
    out
}

/// The button that asks first.
#[component]
pub fn TakeBack(
    import: ImportId,
    label: &'static str,
    /// Carries it out.
    #[prop(into)]
    on_confirm: Callback<()>,
    #[prop(into)] busy: Signal<bool>,
    /// The sample goes as it is now, with what was changed in it.
    #[prop(default = false)]
    sample: bool,
    /// Words of a quiet button among other lines.
    #[prop(optional)]
    button: Option<&'static str>,
) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let open = RwSignal::new(false);
    let preview = RwSignal::new(None::<UndoPreview>);
    let ask = move |_| {
        preview.set(None);
        open.set(true);
        spawn_local(async move {
            match preview_undo(import).await {
                Ok(found) => {
                    preview.try_set(Some(found));
                }
                Err(e) => {
                    open.try_set(false);
                    queue.fail(&e);
                }
            }
        });
    };
    let confirm = move |_| {
        open.set(false);
        on_confirm.run(());
    };
    view! {
        <button type="button" class="button" class:button--quiet=button.is_some() class:event__undo=button.is_some() aria-busy=move || busy.get().to_string() on:click=ask>{button.unwrap_or(label)}</button>
        <Sheet open=open title=label>
            <div class="stack">
                {move || match preview.get() {
                    None => view! { <Skeleton rows=2/> }.into_any(),
                    Some(found) => view! {
                        {sentences(&found, sample).into_iter().map(|text| view! { <p>{text}</p> }).collect_view()}
                        {(!found.kept.is_empty()).then(|| view! { <ul class="muted">{found.kept.into_iter().map(|text| view! { <li>{translated(text)}</li> }).collect_view()}</ul> })}
                        <div class="row">
                            <button type="button" class="button" on:click=move |_| open.set(false)>{t("Keep everything")}</button>
                            <button type="button" class="button button--danger" on:click=confirm>{label}</button>
                        </div>
                    }.into_any(),
                }}
            </div>
        </Sheet>
    }
}
