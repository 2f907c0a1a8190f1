//! The pane of a record's fields, to edit in place.

use super::{inline_field::InlineField, open_record::OpenRecord};
use crate::{
    i18n::{t, tf},
    session::{may, use_session},
};
use domain::{FieldSpec, Permission, records::plain};
use leptos::prelude::*;

#[component]
pub fn Details(
    open: OpenRecord,
    /// Fields that are shown at first even when they are empty, besides those of the short create form.
    #[prop(default = &[])]
    upfront: &'static [&'static str],
) -> impl IntoView {
    let OpenRecord { kind, record, editable, .. } = open;
    let member = use_session().member;
    let (me, is_me) = (member.to_string(), member.0 == open.id);
    // Only its owner and admins make a record visible to fewer people.
    let narrows = record.with_untracked(|r| r.text("visibility") != "workspace" || r.text("ownerId") == me) || may(Permission::Oversee);
    let may_edit =
        move |spec: &FieldSpec| (editable && (spec.key != "visibility" || narrows)) || (is_me && kind.spec().own_fields.contains(&spec.key));
    // Filled fields and those of the short form come first; the others are behind a button.
    let all_fields = RwSignal::new(false);
    let specs: Vec<(&FieldSpec, bool)> = record.with_untracked(|r| {
        let first = |s: &FieldSpec| s.quick || !r.text(s.key).is_empty() || upfront.contains(&s.key);
        kind.fields().iter().filter(|s| s.key != "key").map(|s| (s, first(s))).collect()
    });
    let hidden = specs.iter().filter(|(_, first)| !first).count();
    let facts = specs
        .into_iter()
        .map(|(spec, first)| {
            let editable = may_edit(spec);
            if first {
                view! { <InlineField spec=spec record=record editable=editable/> }.into_any()
            } else {
                view! { <Show when=move || all_fields.get()><InlineField spec=spec record=record editable=editable/></Show> }.into_any()
            }
        })
        .collect_view();
    let imported = record.with_untracked(|r| r.imported.clone());
    view! {
        <section class="card pane--details" aria-label=t("Details")>
            <h2>{t("Details")}</h2>
            <dl class="facts">
                {facts}
            </dl>
            {(hidden > 0).then(|| view! {
                <button type="button" class="button button--quiet" aria-expanded=move || all_fields.get().to_string() on:click=move |_| all_fields.update(|a| *a = !*a)>
                    {move || if all_fields.get() { t("Show fewer fields").to_owned() } else { tf("Show {n} more fields", &[("n", &hidden.to_string())]) }}
                </button>
            })}
            {(!imported.is_empty()).then(|| view! {
                <h3>{t("From the import")}</h3>
                <dl class="facts">
                    {imported.iter().map(|(k, v)| view! {
                        <div class="fact"><dt class="fact__label">{k.clone()}</dt><dd class="fact__value">{plain(Some(v))}</dd></div>
                    }).collect_view()}
                </dl>
            })}
        </section>
    }
}
