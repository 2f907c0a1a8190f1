//! Today: what is overdue and due, whom to get in touch with, and which deals have no next step (SPEC §4.3, A-04).

use crate::{StoreError, TenantTx};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    EntityKind,
    interactions::type_words,
    today::{FIRST_STEPS, Rule, Suggestion, Today, TodayItem, Weights, arithmetic, days_since, priority},
};
use uuid::Uuid;

/// Predicate for open deals without a next step, owned by `o.id`; the nil UUID is the sentinel for deals without an owner. A B-tree
/// index scan returns sorted rows only with equality on the leading columns, hence one scan of `deals_no_next_step` per owner.
/// CASE instead of COALESCE: Postgres treats COALESCE as leaky, and row-level security does not use leaky predicates as index
/// conditions.
macro_rules! without_step {
    () => {
        "workspace_id = $1 and status = 'open' and deleted_at is null and next_action is null and next_action_date is null
         and case when owner_id is null then '00000000-0000-0000-0000-000000000000'::uuid else owner_id end = o.id"
    };
}
/// Days ahead that a birthday is told.
const BIRTHDAY_DAYS: i32 = 7;

#[derive(sqlx::FromRow)]
struct QueueRow {
    rule: String,
    /// Noun of the record's kind.
    kind: String,
    id: Uuid,
    version: i64,
    title: String,
    about: Option<String>,
    contact_id: Option<Uuid>,
    contact: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    due: Option<NaiveDate>,
    time: Option<String>,
    why: Option<String>,
}

impl QueueRow {
    fn item(self, day: NaiveDate) -> Option<TodayItem> {
        let rule = match self.rule.as_str() {
            "due" if self.due.is_some_and(|d| d < day) => Rule::TaskOverdue,
            "due" => Rule::TaskDue,
            "planned" => Rule::Planned,
            "follow_up" => Rule::FollowUp,
            "cadence" => Rule::Cadence,
            "birthday" => Rule::Birthday,
            "no_next_step" => Rule::NoNextStep,
            _ => Rule::DealNextStep,
        };
        Some(TodayItem {
            rule,
            kind: EntityKind::from_noun(&self.kind)?,
            id: self.id,
            version: self.version,
            title: self.title,
            about: self.about.unwrap_or_default(),
            contact_id: self.contact_id,
            contact: self.contact,
            email: self.email,
            phone: self.phone,
            due: self.due,
            time: self.time,
            why: self.why.unwrap_or_default(),
            score: None,
        })
    }
}

/// Lateral join that reads the first rows of a table for each owner `o.id`: the member, and the nil UUID as the sentinel for records
/// without an owner. Each side is an ordered index scan, since the index leads with workspace and owner.
macro_rules! first_per_owner {
    ($table:literal, $conditions:literal, $order:literal, $limit:literal) => {
        concat!(
            "(values ($2), ('00000000-0000-0000-0000-000000000000'::uuid)) o (id) cross join lateral (select r.* from ",
            $table,
            " r where r.workspace_id = $1 and r.deleted_at is null and case when r.owner_id is null then '00000000-0000-0000-0000-000000000000'::uuid else r.owner_id end = o.id and ",
            $conditions,
            " order by ",
            $order,
            ", r.id limit ",
            $limit,
            ") r order by ",
            $order,
            ", r.id limit ",
            $limit
        )
    };
}

/// Mine, or nobody's: what somebody else answers for is on their Today. `$2` is the member, `$3` the day.
const QUEUE: &str = concat!("
 with mine as (
    select 'due' as rule, 'task' as kind, t.id, t.version, t.title, null::text as about, t.contact_id, t.due_date as due, t.due_time as time, null::text as why
    from tasks t where t.workspace_id = $1 and t.owner_id = $2 and t.completed_at is null and t.deleted_at is null and t.due_date <= $3
 union all
    select 'planned', 'interaction', i.id, i.version, i.title, null, i.contact_id, (i.occurred_at at time zone $4)::date, to_char(i.occurred_at at time zone $4, 'HH24:MI'), null
    from interactions i where i.workspace_id = $1 and i.owner_id = $2 and i.status = 'planned' and i.deleted_at is null
        and i.occurred_at < (select ($3 + 1)::timestamp at time zone $4)
 union all
    select 'follow_up', 'interaction', i.id, i.version, coalesce(nullif(i.next_step, ''), i.title), null, i.contact_id, i.follow_up_date, null, null
    from interactions i where i.workspace_id = $1 and i.owner_id = $2 and i.follow_up_required and i.deleted_at is null and i.follow_up_date <= $3
 union all
    (select 'follow_up', 'contact', r.id, r.version, r.full_name, null, r.id, r.next_follow_up, null, null from ",
    first_per_owner!("contacts", "r.next_follow_up <= $3", "r.next_follow_up", "100"), ")
 union all
    (select 'next_step', 'deal', r.id, r.version, r.title, r.next_action,
        (select dc.contact_id from deal_contacts dc where dc.workspace_id = $1 and dc.deal_id = r.id and dc.position = 0), r.next_action_date, null, null from ",
    first_per_owner!("deals", "r.status = 'open' and r.next_action_date <= $3", "r.next_action_date", "100"), ")
 union all
    (select 'cadence', 'contact', r.id, r.version, r.full_name, null, r.id, ((r.last_contacted at time zone $4)::date + r.meeting_cadence), null,
        'every ' || r.meeting_cadence || ' days, last ' || case when r.last_contacted is null then 'never' else ($3 - (r.last_contacted at time zone $4)::date) || ' days ago' end
    from ",
    first_per_owner!(
        "contacts",
        "r.meeting_cadence > 0 and r.status not in ('archived', 'do_not_contact') and (r.next_follow_up is null or r.next_follow_up <= $3)
            and (r.last_contacted is null or (r.last_contacted at time zone $4)::date + r.meeting_cadence <= $3)",
        "r.last_contacted nulls first",
        "50"
    ), ")
 union all
    (select 'birthday', 'contact', c.id, c.version, c.full_name, null, c.id, null::date, null, to_char(c.birthday, 'FMDD Mon')
    from contacts c where c.workspace_id = $1 and (c.owner_id = $2 or c.owner_id is null) and c.deleted_at is null and c.birthday is not null
        and c.birthday_key = any($5) order by c.id limit 20)
 )
 select q.rule, q.kind, q.id, q.version, q.title, coalesce(q.about, co.name) as about, q.contact_id, c.full_name as contact, e.value as email, p.value as phone, q.due, q.time, q.why
 from mine q
 left join contacts c on c.workspace_id = $1 and c.id = q.contact_id and c.deleted_at is null
 left join companies co on co.workspace_id = $1 and co.id = c.company_id and co.deleted_at is null
 left join contact_emails e on e.workspace_id = $1 and e.contact_id = c.id and e.is_primary
 left join contact_phones p on p.workspace_id = $1 and p.contact_id = c.id and p.is_primary
 where not exists (select from snoozes s where s.workspace_id = $1 and s.member_id = $2 and s.record_id = q.id and s.until > $3)
 order by case q.rule when 'birthday' then 2 when 'cadence' then 1 else 0 end, q.due nulls last, q.time nulls last, q.title, q.id limit 100");

/// The actor's time zone (IANA name), and the day there at `now`.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn day_of(tx: &mut TenantTx, now: DateTime<Utc>) -> Result<(String, NaiveDate), StoreError> {
    if let Some(zone) = tx.zone {
        return Ok((zone.name().to_owned(), now.with_timezone(&zone).date_naive()));
    }
    let (workspace, member) = (tx.workspace(), tx.actor.member);
    Ok(sqlx::query_as(
        "select z.name, ($3 at time zone z.name)::date
         from (select coalesce((select m.time_zone from members m where m.workspace_id = $1 and m.id = $2), w.time_zone) as name
               from workspaces w where w.id = $1) z",
    )
    .bind(workspace)
    .bind(member)
    .bind(now)
    .fetch_one(tx.conn())
    .await?)
}

/// Settings of Today that belong to the actor.
#[derive(sqlx::FromRow)]
struct Mine {
    /// IANA name of the time zone.
    zone: String,
    day: NaiveDate,
    warmth: i32,
    time: i32,
    /// Completion flags in the order of FIRST_STEPS; none if the list is closed or was not requested.
    steps: Option<Vec<bool>>,
}

impl Mine {
    fn weights(&self) -> Weights {
        Weights { warmth: self.warmth, time: self.time }
    }

    fn first_steps(self) -> Vec<(String, bool)> {
        FIRST_STEPS.iter().zip(self.steps.unwrap_or_default()).map(|(step, done)| (step.0.to_owned(), done)).collect()
    }
}

async fn mine(tx: &mut TenantTx, now: DateTime<Utc>, with_steps: bool) -> Result<Mine, StoreError> {
    let (workspace, member) = (tx.workspace(), tx.actor.member);
    let default = Weights::default();
    Ok(sqlx::query_as(
        "select z.name as zone, ($3 at time zone z.name)::date as day, coalesce(m.warmth_weight, $5) as warmth, coalesce(m.time_weight, $6) as time,
            case when $4 and m.first_steps_closed_at is null and m.id is not null then array[
                exists (select from contacts where workspace_id = $1 and deleted_at is null),
                exists (select from deals where workspace_id = $1 and deleted_at is null),
                exists (select from deals where workspace_id = $1 and deleted_at is null and (next_action is not null or next_action_date is not null)),
                exists (select from interactions where workspace_id = $1 and owner_id = $2 and deleted_at is null),
                (select count(*) > 1 from members o where o.workspace_id = $1 and o.user_id is not null and o.deleted_at is null)] end as steps
         from workspaces w left join members m on m.workspace_id = w.id and m.id = $2
         cross join lateral (select coalesce(m.time_zone, w.time_zone) as name) z where w.id = $1",
    )
    .bind(workspace)
    .bind(member)
    .bind(now)
    .bind(with_steps)
    .bind(default.warmth)
    .bind(default.time)
    .fetch_one(tx.conn())
    .await?)
}

/// Everything on the actor's Today, as of `now`. `position`: that of the live stream, read before.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn today(tx: &mut TenantTx, now: DateTime<Utc>, position: i64) -> Result<Today, StoreError> {
    let (workspace, member) = (tx.workspace(), tx.actor.member);
    let mut mine = mine(tx, now, true).await?;
    let (zone, day, weights) = (std::mem::take(&mut mine.zone), mine.day, mine.weights());
    // Month and day of each day ahead, so that the turn of the year needs no arithmetic in SQL.
    let ahead: Vec<NaiveDate> = (0..=BIRTHDAY_DAYS).filter_map(|n| day.checked_add_days(chrono::Days::new(n as u64))).collect();
    let keys: Vec<i32> = ahead.iter().map(|d| (chrono::Datelike::month(d) * 100 + chrono::Datelike::day(d)) as i32).collect();
    let queue: Vec<QueueRow> = sqlx::query_as(QUEUE).bind(workspace).bind(member).bind(day).bind(&zone).bind(&keys).fetch_all(tx.conn()).await?;
    let no_step: Vec<QueueRow> = sqlx::query_as(concat!(
        "select 'no_next_step' as rule, 'deal' as kind, d.id, d.version, d.title, co.name as about, null::uuid as contact_id, null::text as contact, null::text as email,
            null::text as phone, null::date as due, null::text as time, 'in ' || s.name || ' for ' || greatest(0, $3 - (d.stage_since at time zone $4)::date) || ' days' as why
         from (select d.* from (values ($2), ('00000000-0000-0000-0000-000000000000'::uuid)) o (id) cross join lateral (
                 select * from deals where ", without_step!(), "
                 and not exists (select from snoozes s where s.workspace_id = $1 and s.member_id = $2 and s.entity = 'deal' and s.record_id = deals.id and s.until > $3)
                 order by stage_since desc limit 10) d
               order by d.stage_since desc limit 10) d
         join stages s on s.workspace_id = $1 and s.id = d.stage_id
         left join companies co on co.workspace_id = $1 and co.id = d.company_id order by d.stage_since desc",
    ))
    .bind(workspace)
    .bind(member)
    .bind(day)
    .bind(&zone)
    .fetch_all(tx.conn())
    .await?;
    let (without, open_tasks, this_week): (i64, i64, i64) = sqlx::query_as(concat!(
        "select (select count(*) from (select from (values ($2), ('00000000-0000-0000-0000-000000000000'::uuid)) o (id)
                    cross join lateral (select from deals where ",
        without_step!(),
        " limit 1000) d limit 1000) d),
            (select count(*) from tasks where workspace_id = $1 and owner_id = $2 and completed_at is null and deleted_at is null),
            (select count(*) from interactions where workspace_id = $1 and owner_id = $2 and status = 'done' and deleted_at is null
                and occurred_at >= (select date_trunc('week', $3::timestamp) at time zone $4) and occurred_at <= $5)",
    ))
    .bind(workspace)
    .bind(member)
    .bind(day)
    .bind(&zone)
    .bind(now)
    .fetch_one(tx.conn())
    .await?;
    let suggested = suggestions(tx, weights, now, day, 10).await?;
    let queue: Vec<TodayItem> = queue.into_iter().filter_map(|r| r.item(day)).collect();
    // No suggestion for a person who is in the queue already.
    let shown: Vec<Uuid> = queue.iter().filter_map(|i| i.contact_id).collect();
    Ok(Today {
        member,
        day,
        time_zone: zone,
        weights,
        suggested: suggested.into_iter().filter(|s| !shown.contains(&s.id)).map(suggested_item).collect(),
        queue,
        no_next_step: no_step.into_iter().filter_map(|r| r.item(day)).collect(),
        no_next_step_count: without,
        open_tasks,
        interactions_this_week: this_week,
        first_steps: mine.first_steps(),
        position,
    })
}

/// The `limit` highest-ranked people to contact, ranked by the actor's own weights.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn suggested(tx: &mut TenantTx, now: DateTime<Utc>, limit: i64) -> Result<Vec<TodayItem>, StoreError> {
    let mine = mine(tx, now, false).await?;
    Ok(suggestions(tx, mine.weights(), now, mine.day, limit).await?.into_iter().map(suggested_item).collect())
}

fn suggested_item(s: Suggestion) -> TodayItem {
    TodayItem {
        rule: Rule::Suggested,
        kind: EntityKind::Contact,
        id: s.id,
        version: s.version,
        title: s.full_name.clone(),
        about: s.company.unwrap_or_default(),
        contact_id: Some(s.id),
        contact: Some(s.full_name),
        email: s.email,
        phone: s.phone,
        due: None,
        time: None,
        why: s.arithmetic,
        score: Some((s.warmness_score, s.days_since_last_contact)),
    }
}

/// Contacts to get in touch with, best first (SPEC §4.3; order by C-11b: score, never contacted first, warmth).
///
/// Within one warmth the score falls with the last contact, so the best of each of the eleven warmths are enough: an index finds
/// them without looking at the rest.
///
/// # Errors
/// Only `Database`: a lost connection or a failed statement.
pub async fn suggestions(tx: &mut TenantTx, weights: Weights, now: DateTime<Utc>, day: NaiveDate, limit: i64) -> Result<Vec<Suggestion>, StoreError> {
    // An index gives its order for an equal column, not for one that is null: nobody is an id like any other here. Said by a
    // case, since Postgres holds coalesce for leaky and would not look it up under a policy.
    const OWNER: &str = "case when c.owner_id is null then '00000000-0000-0000-0000-000000000000'::uuid else c.owner_id end";
    const ONE: &str = "(select id, version, full_name, company_id, warmness_score, last_contacted from contacts c
        where c.workspace_id = $1 and OWNER and c.warmness_score = w.n and c.deleted_at is null and c.status not in ('archived', 'do_not_contact')
            and not exists (select from snoozes s where s.workspace_id = $1 and s.member_id = $2 and s.entity = 'contact' and s.record_id = c.id and s.until > $3)
        order by c.last_contacted nulls first, c.id limit LIMIT)";
    let one = ONE.replace("LIMIT", &limit.to_string());
    let text = format!(
        "with best as (select b.* from generate_series(0, 10) w (n) cross join lateral ({mine} union all {free}) b)
         select b.id, b.version, b.full_name, co.name, e.value, p.value, b.warmness_score, b.last_contacted,
            (select i.kind || coalesce(': ' || nullif(i.subject, ''), '') from interactions i
             where i.workspace_id = $1 and i.contact_id = b.id and i.deleted_at is null order by i.occurred_at desc limit 1)
         from best b
         left join companies co on co.workspace_id = $1 and co.id = b.company_id and co.deleted_at is null
         left join contact_emails e on e.workspace_id = $1 and e.contact_id = b.id and e.is_primary
         left join contact_phones p on p.workspace_id = $1 and p.contact_id = b.id and p.is_primary",
        mine = one.replace("OWNER", &format!("{OWNER} = $2")),
        free = one.replace("OWNER", &format!("{OWNER} = '{}'", Uuid::nil())),
    );
    type Row = (Uuid, i64, String, Option<String>, Option<String>, Option<String>, i32, Option<DateTime<Utc>>, Option<String>);
    let (workspace, member) = (tx.workspace(), tx.actor.member);
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(workspace).bind(member).bind(day).fetch_all(tx.conn()).await?;
    let mut all: Vec<Suggestion> = rows
        .into_iter()
        .map(|(id, version, full_name, company, email, phone, warmness_score, last_contacted, latest)| {
            let days = days_since(last_contacted, now);
            Suggestion {
                id,
                version,
                full_name,
                company,
                email,
                phone,
                warmness_score,
                last_contacted,
                days_since_last_contact: days,
                priority_score: (priority(warmness_score, days, weights) * 10_000.0).round() / 10_000.0,
                arithmetic: arithmetic(warmness_score, days, weights),
                latest_activity: latest.map(|l| match l.split_once(": ") {
                    Some((kind, subject)) => format!("{}: {subject}", type_words(kind)),
                    None => type_words(&l).into(),
                }),
            }
        })
        .collect();
    all.sort_by(|a, b| {
        b.priority_score
            .total_cmp(&a.priority_score)
            .then(a.last_contacted.is_some().cmp(&b.last_contacted.is_some()))
            .then(b.warmness_score.cmp(&a.warmness_score))
            .then(a.last_contacted.cmp(&b.last_contacted))
            .then(a.id.cmp(&b.id))
    });
    all.truncate(limit as usize);
    Ok(all)
}
