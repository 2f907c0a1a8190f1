//! Deals by what they have in common. One statement for the sums, one for the cards; both see what the filters of the
//! board see.

use crate::{
    StoreError, TenantTx,
    deals::cards::{CARD, CardRow, JOINS, push_filter},
    pipelines,
    records::reads,
    records::references,
    records::values,
};
use domain::{
    EntityKind, FieldKind, FieldSpec,
    deals::{DealCard, DealFilter},
    groups::{Group, Groups, MOST, field, known},
    lists::RowGroup,
};
use sqlx::{Postgres, QueryBuilder};
use std::collections::HashMap;
use uuid::Uuid;

/// Cards of a group that come along: with as many groups as are shown, what a page can hold.
const CARDS: i64 = 8;

type Sums = (String, i64, i64, i64, i64, i64);

/// The value of the field as text; empty where there is none.
fn key_of(spec: &FieldSpec) -> String {
    format!("coalesce(d.{}::text, '')", spec.column)
}

/// Writes `from (…) d`: the deals that count. Without a wish they are the open ones.
fn push_deals(query: &mut QueryBuilder<Postgres>, tx: &TenantTx, filter: &DealFilter, pipeline: domain::PipelineId, spec: &FieldSpec) {
    query.push("from (select d.*, d.currency = ").push_bind(tx.actor.currency.code().to_owned()).push(" as home, ");
    query.push(key_of(spec)).push(" as group_key from deals d where d.workspace_id = ").push_bind(tx.workspace());
    query.push(" and d.deleted_at is null and d.pipeline_id = ").push_bind(pipeline);
    if filter.status.is_none() {
        query.push(" and d.status = 'open'");
    }
    push_filter(query, tx, filter);
    query.push(") d");
}

/// The deals of `filter.pipeline`, or of the first pipeline, grouped by the field `by`; with their cards or with sums alone.
///
/// # Errors
/// `NotFound`: the field does not group deals, the pipeline does not exist, or the workspace has none. `Database`.
pub async fn read(tx: &mut TenantTx, filter: &DealFilter, by: &str, with_cards: bool) -> Result<Groups, StoreError> {
    let spec = field(EntityKind::Deal, by).ok_or(StoreError::NotFound)?;
    let pipelines = pipelines::list(tx).await?;
    let pipeline = match filter.pipeline {
        Some(id) => pipelines.iter().find(|p| p.id == id),
        None => pipelines.first(),
    }
    .ok_or(StoreError::NotFound)?;

    let mut sums = QueryBuilder::<Postgres>::new(
        "select d.group_key, count(*), count(*) filter (where d.value_minor is null), count(*) filter (where not d.home and d.value_minor is not null),
            whole(sum(d.value_minor) filter (where d.home)),
            whole(sum(case when d.value_minor >= 0 then (d.value_minor * d.probability + 50) / 100
                else -((49 - d.value_minor * d.probability) / 100) end) filter (where d.home)) ",
    );
    push_deals(&mut sums, tx, filter, pipeline.id, spec);
    sums.push(" group by d.group_key order by count(*) desc, d.group_key");
    let sums: Vec<Sums> = sums.build_query_as().fetch_all(tx.conn()).await?;

    // Those without a value have their place, however few they are.
    let shown = |(at, sum): &(usize, &Sums)| *at < MOST || sum.0.is_empty();
    let mut groups: Vec<Group> = sums
        .iter()
        .enumerate()
        .filter(shown)
        .map(|(_, sum)| sum)
        .map(|(key, count, without_value, other_currencies, value_minor, weighted_minor)| Group {
            key: key.clone(),
            count: *count,
            without_value: *without_value,
            other_currencies: *other_currencies,
            value_minor: *value_minor,
            weighted_minor: *weighted_minor,
            ..Default::default()
        })
        .collect();
    let others = sums.iter().enumerate().filter(|s| !shown(s)).map(|(_, s)| s.1).sum();
    // Somebody without a deal, and a choice nobody has made, are there to be dropped on.
    let mut more: Vec<(String, String)> = known(spec).into_iter().map(|k| (k.to_owned(), String::new())).collect();
    if spec.kind == FieldKind::Ref(EntityKind::Member) {
        more.extend(reads::options(tx, EntityKind::Member, "", MOST as i64).await?.into_iter().map(|(id, name)| (id.to_string(), name)));
    }
    // Where nothing stands for a default there is no group of those without.
    if values::empty_as(spec, tx.actor.currency).is_none() {
        more.push(Default::default());
    }
    for (key, name) in more {
        if groups.len() <= MOST && !sums.iter().any(|s| s.0 == key) && !groups.iter().any(|g| g.key == key) {
            groups.push(Group { key, name, ..Default::default() });
        }
    }
    if let FieldKind::Ref(kind) = spec.kind {
        let ids: Vec<Uuid> = groups.iter().filter_map(|g| g.key.parse().ok()).collect();
        let names = references::labels(tx, &[(kind, ids)]).await?;
        for group in &mut groups {
            if let Some(name) = group.key.parse().ok().and_then(|id: Uuid| names.get(&id)) {
                group.name.clone_from(name);
            }
        }
    }
    // Those without a value stand last.
    groups.sort_by_key(|g| g.key.is_empty());

    if with_cards {
        let mut cards = QueryBuilder::<Postgres>::new(CARD);
        cards.push(", d.group_key from (select d.*, row_number() over (partition by d.group_key order by ");
        cards.push("(select s.position from stages s where s.workspace_id = d.workspace_id and s.id = d.stage_id), d.rank, d.id) as nth ");
        push_deals(&mut cards, tx, filter, pipeline.id, spec);
        cards.push(") d ").push(JOINS).push(" where d.nth <= ").push_bind(CARDS);
        cards.push(" and d.group_key = any(").push_bind(groups.iter().map(|g| g.key.clone()).collect::<Vec<_>>()).push(") order by d.nth");
        let cards: Vec<Grouped> = cards.build_query_as().fetch_all(tx.conn()).await?;
        for Grouped { card, group_key } in cards {
            if let Some(group) = groups.iter_mut().find(|g| g.key == group_key) {
                group.cards.push(DealCard::from(card));
            }
        }
    }
    Ok(Groups {
        pipeline: pipeline.id,
        stages: pipeline.stages.iter().map(|s| (s.id, s.name.clone())).collect(),
        pipelines: pipelines.iter().map(|p| (p.id, p.name.clone())).collect(),
        currency: tx.actor.currency,
        by: by.to_owned(),
        groups,
        others,
    })
}

#[derive(sqlx::FromRow)]
struct Grouped {
    #[sqlx(flatten)]
    card: CardRow,
    group_key: String,
}

/// The name of the record that the field refers to, in words of SQL under `alias`; empty for other fields.
fn name(spec: &FieldSpec, alias: &str) -> Option<String> {
    let FieldKind::Ref(kind) = spec.kind else { return None };
    let (title, table, column) = (kind.title_column(), kind.plural(), spec.column);
    Some(format!(
        "(select r.{title} from {table} r where r.workspace_id = {alias}.workspace_id and r.id = {alias}.{column} and r.deleted_at is null)"
    ))
}

/// What a list is sorted by to stand in groups: the name of the record or of the value, those without one last; in a group
/// by `then`, a text that is never null.
pub(crate) fn order(spec: &FieldSpec, alias: &str, then: &str) -> String {
    let column = spec.column;
    let words = name(spec, alias).unwrap_or_else(|| format!("{alias}.{column}"));
    format!(
        "(case when {alias}.{column} is null then '1' else '0' end || lower(coalesce({words}, '')) || ' ' || coalesce({alias}.{column}::text, '') || ' ' || {alias}.{then}) collate \"C\""
    )
}

/// Columns `group_key` and `group_name` of a list under `alias`; both null where it stands in no groups.
pub(crate) fn columns(spec: Option<&FieldSpec>, alias: &str) -> String {
    let Some(spec) = spec else { return "null::text as group_key, null::text as group_name".into() };
    let name = name(spec, alias).unwrap_or_else(|| "''".into());
    format!("coalesce({alias}.{}::text, '') as group_key, coalesce({name}, '') as group_name", spec.column)
}

/// The group of a row, as `columns` gives it.
pub(crate) fn of_row(key: Option<String>, name: Option<String>) -> Option<RowGroup> {
    key.map(|key| RowGroup { key, name: name.unwrap_or_default(), count: None })
}

/// Says of each of these groups how many rows it has in all; `narrow` writes the conditions of the list.
pub(crate) async fn count<'a>(
    tx: &mut TenantTx,
    kind: EntityKind,
    spec: Option<&FieldSpec>,
    groups: impl Iterator<Item = &'a mut RowGroup>,
    narrow: impl FnOnce(&mut QueryBuilder<Postgres>, &TenantTx),
) -> Result<(), StoreError> {
    let Some(spec) = spec else { return Ok(()) };
    let groups: Vec<&mut RowGroup> = groups.collect();
    let mut keys: Vec<String> = groups.iter().map(|g| g.key.clone()).collect();
    keys.dedup();
    let mut query =
        QueryBuilder::<Postgres>::new(format!("select coalesce({}::text, ''), count(*) from {} where workspace_id = ", spec.column, kind.plural()));
    query.push_bind(tx.workspace()).push(" and deleted_at is null");
    narrow(&mut query, tx);
    query.push(format!(" and coalesce({}::text, '') = any(", spec.column)).push_bind(keys).push(") group by 1");
    let counts: HashMap<String, i64> = query.build_query_as().fetch_all(tx.conn()).await?.into_iter().collect();
    for group in groups {
        group.count = counts.get(&group.key).copied();
    }
    Ok(())
}
