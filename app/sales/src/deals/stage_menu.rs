//! Moving the selected rows of the list to a stage.

use crate::{
    i18n::{t, tf},
    records::Selection,
    sync::{Job, Queue},
};
use domain::{DealCommand, deals::Place, pipelines::Stage};
use leptos::prelude::*;
use std::collections::BTreeMap;
use ui::{Menu, MenuItem};

#[component]
pub fn StageMenu(selection: Selection, #[prop(into)] stages: Signal<Vec<Stage>>) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let move_to = move |stage: Stage| {
        let commands = selection
            .picked()
            .into_iter()
            .map(|(id, _)| Job::send(&DealCommand::MoveDeal { deal: id.into(), stage: stage.id, place: Place::Top, reason: None }, None))
            .collect();
        // The selection ends first: a second press does nothing.
        selection.end();
        queue.send_many(commands, BTreeMap::new(), |n| tf("{n} moved.", &[("n", &n.to_string())]));
    };
    move || {
        let all = stages.get();
        (!all.is_empty()).then(|| view! {
            <span class="bulk__menu">{t("Stage")}<Menu id="bulk-stage" label=t("Move to a stage")>
                {all.into_iter().map(|s| { let name = s.name.clone(); view! { <MenuItem on_choose=move |()| move_to(s.clone())>{name}</MenuItem> } }).collect_view()}
            </Menu></span>
        })
    }
}
