//! Deal cards, and the filter shared by board, list, groups and figures.

use crate::{TenantTx, tags::tagging};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    CompanyId, ContactId, Currency, DealId, EntityKind, MemberId, PipelineId, StageId,
    deals::{DealCard, DealFilter},
};
use sqlx::{Postgres, QueryBuilder};

#[derive(sqlx::FromRow)]
pub(crate) struct CardRow {
    pub id: DealId,
    version: i64,
    title: String,
    value_minor: Option<i64>,
    currency: String,
    pipeline_id: PipelineId,
    stage_id: StageId,
    rank: String,
    probability: i32,
    company_id: Option<CompanyId>,
    company: Option<String>,
    contact_id: Option<ContactId>,
    contact: Option<String>,
    owner_id: Option<MemberId>,
    owner: Option<String>,
    stage_since: DateTime<Utc>,
    opened_at: DateTime<Utc>,
    closed_at: Option<DateTime<Utc>>,
    next_action: Option<String>,
    next_action_date: Option<NaiveDate>,
    expected_close_date: Option<NaiveDate>,
}

impl From<CardRow> for DealCard {
    fn from(r: CardRow) -> Self {
        Self {
            id: r.id,
            version: r.version,
            title: r.title,
            value_minor: r.value_minor,
            currency: Currency::stored(&r.currency),
            pipeline_id: r.pipeline_id,
            stage_id: r.stage_id,
            rank: r.rank,
            probability: r.probability,
            company_id: r.company_id,
            company: r.company,
            contact_id: r.contact_id,
            contact: r.contact,
            owner_id: r.owner_id,
            owner: r.owner,
            stage_since: r.stage_since,
            opened_at: r.opened_at,
            closed_at: r.closed_at,
            next_action: r.next_action,
            next_action_date: r.next_action_date,
            expected_close_date: r.expected_close_date,
            group: None,
        }
    }
}

pub(crate) const CARD: &str = "select d.id, d.version, d.title, d.value_minor, d.currency, d.pipeline_id, d.stage_id, d.rank, d.probability,
    d.company_id, co.name as company, dc.contact_id, ct.full_name as contact, d.owner_id, o.name as owner,
    d.stage_since, d.opened_at, d.closed_at, d.next_action, d.next_action_date, d.expected_close_date ";

pub(crate) const JOINS: &str = "
    left join companies co on co.workspace_id = d.workspace_id and co.id = d.company_id
    left join deal_contacts dc on dc.workspace_id = d.workspace_id and dc.deal_id = d.id and dc.position = 0
    left join contacts ct on ct.workspace_id = dc.workspace_id and ct.id = dc.contact_id
    left join members o on o.workspace_id = d.workspace_id and o.id = d.owner_id ";

pub(crate) fn push_filter(query: &mut QueryBuilder<Postgres>, tx: &TenantTx, filter: &DealFilter) {
    let workspace = tx.workspace();
    if let Some(owner) = filter.owner {
        query.push(" and d.owner_id = ").push_bind(owner);
    }
    if let Some(company) = filter.company {
        query.push(" and d.company_id = ").push_bind(company);
    }
    if let Some(stage) = filter.stage {
        query.push(" and d.stage_id = ").push_bind(stage);
    }
    if let Some(status) = filter.status.as_deref().filter(|s| matches!(*s, "open" | "won" | "lost")) {
        query.push(" and d.status = ").push_bind(status.to_owned());
    }
    tagging::push_filter(query, tx, EntityKind::Deal, "d.id", filter.tag.as_deref());
    if filter.next_step.as_deref() == Some("none") {
        query.push(" and d.next_action is null and d.next_action_date is null");
    }
    if let Some(stage) = filter.reached {
        query.push(" and d.id in (select h.deal_id from deal_stage_history h");
        query.push(" join stages s on s.workspace_id = h.workspace_id and s.id = h.to_stage_id and s.outcome <> 'lost'");
        query.push(" join stages r on r.workspace_id = s.workspace_id and r.pipeline_id = s.pipeline_id and s.position >= r.position");
        query.push(" where h.workspace_id = ").push_bind(workspace).push(" and r.id = ").push_bind(stage).push(")");
    }
    for (column, from, to) in [("closed_at", filter.closed_from, filter.closed_to), ("opened_at", filter.opened_from, filter.opened_to)] {
        if let Some(from) = from {
            query.push(format!(" and d.{column} >= (select ")).push_bind(from).push("::date::timestamp at time zone my_time_zone())");
        }
        if let Some(to) = to {
            query.push(format!(" and d.{column} < (select (")).push_bind(to).push("::date + 1)::timestamp at time zone my_time_zone())");
        }
    }
    if let Some(from) = filter.expected_from {
        query.push(" and d.expected_close_date >= ").push_bind(from);
    }
    if let Some(to) = filter.expected_to {
        query.push(" and d.expected_close_date <= ").push_bind(to);
    }
    if let Some(q) = filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
        let q = q.to_lowercase();
        query.push(" and (strpos(lower(d.title), ").push_bind(q.clone());
        query.push(") > 0 or d.company_id in (select id from companies where workspace_id = ").push_bind(workspace);
        query.push(" and strpos(name_key, ").push_bind(q).push(") > 0))");
    }
}
