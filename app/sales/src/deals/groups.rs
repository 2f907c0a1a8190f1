//! Deals in columns by a field of theirs: whose they are, where they came from. A card that changes its column changes its field.

use super::columns::{CardColumns, Head, Held, Put};
use crate::{
    AppError, format,
    i18n::{t, tf},
    records::group_words,
    sync::Queue,
};
use domain::{
    DealId, EntityKind, FieldKind, FieldMap,
    deals::{DealCard, DealFilter},
    groups::{Group, Groups, field},
};
use leptos::{prelude::*, server_fn::codec::Json};

#[server(prefix = "/fn", endpoint = "deals/groups", protocol = crate::sync::Cached<Json>)]
pub async fn read_groups(filter: DealFilter, by: String, with_cards: bool) -> Result<Groups, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant(domain::Permission::ViewRecords).await?;
        Ok::<_, AppError>(store::deal_groups(&mut tx, &filter, &by, with_cards).await?)
    }
    .await
    .answer()
}

#[component]
pub fn GroupsView(groups: Groups, reload: Callback<()>) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let Some(spec) = field(EntityKind::Deal, &groups.by) else { return ().into_any() };
    let (currency, others) = (groups.currency, groups.others);
    let stages = StoredValue::new(groups.stages.clone());
    let heads: Vec<Head> = groups
        .groups
        .iter()
        .map(|g| Head {
            key: g.key.clone(),
            words: group_words(spec, &g.key, &g.name),
            takes: g.key.is_empty() || !matches!(spec.kind, FieldKind::Ref(_)) || !g.name.is_empty(),
            beside: g.key.is_empty(),
        })
        .collect();
    let shown = RwSignal::new(groups);
    let put = Callback::new(move |(id, key): (DealId, String)| {
        let before = shown.get_untracked();
        let Some(card) = before.groups.iter().flat_map(|g| &g.cards).find(|c| c.id == id).cloned() else { return };
        let mut after = before.clone();
        let Some(value) = after.put(id, &key) else { return };
        let group = after.groups.iter().find(|g| g.key == key).map(|g| group_words(spec, &g.key, &g.name)).unwrap_or_default();
        let words = match value.is_null() {
            true => tf("{title}: {field} is empty now.", &[("title", &card.title), ("field", t(spec.label))]),
            false => tf("{title}: {field} is {value} now.", &[("title", &card.title), ("field", t(spec.label)), ("value", &group)]),
        };
        let set = FieldMap::from_iter([(spec.key.to_owned(), value)]);
        let names = after.groups.iter().filter(|g| g.key == key).filter_map(|g| Some((g.key.parse().ok()?, g.name.clone()))).collect();
        Put { card, set, names, words, before, after, find: |g, id| g.groups.iter_mut().flat_map(|g| &mut g.cards).find(|c| c.id == id) }
            .send(queue, shown, reload);
    });
    let of = move |key: &str| shown.with(|g| g.groups.iter().find(|g| g.key == key).cloned()).unwrap_or_default();
    let held = Callback::new(move |key: String| {
        let group = of(&key);
        Held { count: group.count, cards: group.cards }
    });
    let sums = Callback::new(move |key: String| {
        let Group { value_minor, weighted_minor, without_value, other_currencies, .. } = of(&key);
        let weighted = tf("weighted {sum}", &[("sum", &format::money_compact(weighted_minor, currency))]);
        view! {
            <p class="column__sums">
                <span title=t("Sum of values")>{format!("Σ {}", format::money_compact(value_minor, currency))}</span>
                <span class="muted" title=t("Weighted by probability")>{weighted}</span>
                {(without_value > 0).then(|| view! { <span class="muted">{tf("{n} without value", &[("n", &format::count(without_value))])}</span> })}
                {(other_currencies > 0).then(|| view! { <span class="muted">{tf("+ {n} in other currencies", &[("n", &format::count(other_currencies))])}</span> })}
            </p>
        }
        .into_any()
    });
    let chip = Callback::new(move |card: DealCard| {
        let stage = stages.with_value(|s| s.iter().find(|s| s.0 == card.stage_id).map(|s| s.1.clone())).unwrap_or_default();
        (stage, t("Stage"))
    });
    view! {
        {(others > 0).then(|| view! { <p class="forecast__total">{tf("{n} more deals stand in smaller groups; the list shows them.", &[("n", &format::count(others))])}</p> })}
        <CardColumns heads=heads held=held sums=sums chip=chip put=put/>
    }
    .into_any()
}
