//! Deals: opportunities of every kind of pipeline (SPEC §2.8, C-04), and the rules of moving them.

use crate::{
    CompanyId, ContactId, Currency, DealId, EntityKind, FieldKind as K, FieldMap, FieldSpec, KindSpec, MemberId, Money, Permission, PipelineId,
    RecordId, StageId, Subject,
    commands::{SliceCommand, SliceInternal},
    fields::{DefaultValue as D, OnDelete},
    imports::{Identity, ImportSpec, MappedRow, target},
    paths,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub const TYPES: &[(&str, &str)] = &[("new_business", "New business"), ("expansion", "Expansion"), ("renewal", "Renewal"), ("services", "Services")];
pub const LOST_REASONS: &[&str] = &["Price", "No budget", "No decision", "Chose a competitor", "Bad timing", "No answer"];

pub const FIELDS: &[FieldSpec] = &[
    FieldSpec::new("title", "title", "Title", K::Text(300)).required(),
    FieldSpec::new("value", "value_minor", "Value", K::Money).quick(),
    FieldSpec::new("currency", "currency", "Currency", K::Currency).default(D::HomeCurrency),
    FieldSpec::new("stageId", "stage_id", "Stage", K::Ref(EntityKind::Stage)).quick().create_only().on_delete(OnDelete::Restrict),
    FieldSpec::new("companyId", "company_id", "Company", K::Ref(EntityKind::Company)).quick(),
    FieldSpec::new("contactIds", "", "People", K::Contacts),
    FieldSpec::new("tags", "", "Tags", K::Tags),
    FieldSpec::new("ownerId", "owner_id", "Owner", K::Ref(EntityKind::Member)).on_delete(OnDelete::Restrict),
    FieldSpec::new("productId", "product_id", "Product", K::Ref(EntityKind::Product)),
    FieldSpec::new("expectedCloseDate", "expected_close_date", "Expected close", K::Date).quick(),
    FieldSpec::new("probability", "probability", "Probability (%)", K::Int { min: 0, max: 100 }).default(D::Int(0)),
    FieldSpec::new("nextAction", "next_action", "Next step", K::Text(300)),
    FieldSpec::new("nextActionDate", "next_action_date", "Next step on", K::Date),
    FieldSpec::new("type", "deal_type", "Type", K::Suggest(TYPES)),
    FieldSpec::new(
        "source",
        "source",
        "Source",
        K::Suggest(&[("inbound", "Inbound"), ("referral", "Referral"), ("website", "Website"), ("outbound", "Outbound")]),
    ),
    FieldSpec::new("closeReason", "close_reason", "Reason for won or lost", K::Text(500)),
    FieldSpec::new("competitor", "competitor", "Competitor", K::Text(300)),
    FieldSpec::new("visibility", "visibility", "Visible to", K::Choice(crate::members::VISIBILITIES)).default(D::Text("workspace")),
    FieldSpec::new("description", "description", "Description", K::LongText(20_000)),
];

pub const KIND: KindSpec =
    KindSpec::record("deal", "deals").label("Deal").counted("{n} deals").feed(1, "Deals").at(paths::DEALS).assigned().icon("deals");

pub const IMPORT: ImportSpec = ImportSpec::new("Deals", Identity::Row)
    .special(&[
        (target::COMPANY, "Company"),
        (target::PRODUCT, "Product"),
        (target::OWNER, "Owner"),
        (target::STAGE, "Stage"),
        (target::OPENED, "Opened on"),
        (target::CLOSED, "Closed on"),
    ])
    .complete(titled)
    .headers(&[
        (target::EXTERNAL_ID, &["opportunityid", "dealid", "externalid", "id"]),
        ("title", &["title", "dealname", "opportunityname", "name", "deal"]),
        (target::OWNER, &["salesagent", "owner", "agent", "assignedto", "salesrep"]),
        (target::PRODUCT, &["product", "productname", "item"]),
        (target::COMPANY, &["account", "company", "accountname", "organisation", "organization", "customer"]),
        (target::STAGE, &["dealstage", "stage", "status"]),
        (target::OPENED, &["engagedate", "openedat", "created", "createdate", "opendate"]),
        (target::CLOSED, &["closedate", "closedat", "actualclose"]),
        ("value", &["closevalue", "value", "amount", "dealvalue", "price"]),
        ("currency", &["currency"]),
        ("probability", &["probability", "probabilitypercent"]),
        ("expectedCloseDate", &["expectedclose", "expectedclosedate"]),
        ("source", &["source", "leadsource"]),
    ]);

/// A deal without a title is called by company and product, else by its id in the other system.
fn titled(row: &mut MappedRow) {
    if row.fields.contains_key("title") {
        return;
    }
    let title = match (&row.company, &row.product) {
        (Some(company), Some(product)) => format!("{company} – {product}"),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => row.external_id.clone().unwrap_or_default(),
    };
    row.fields.insert("title".into(), title.into());
}

impl RecordId for DealId {
    const KIND: EntityKind = EntityKind::Deal;
}

/// Where in the new stage a moved card goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum Place {
    Top,
    Bottom,
    /// Directly above this card.
    Before {
        deal: DealId,
    },
}

/// Where and how a deal was before it was moved: what undo puts back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "at", rename_all = "snake_case")]
pub enum Was {
    Restore { rank: String, probability: i32, probability_is_manual: bool, closed_at: Option<DateTime<Utc>>, close_reason: Option<String> },
}

/// What a board shows of a deal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct DealCard {
    pub id: DealId,
    pub version: i64,
    pub title: String,
    /// Minor units of `currency`; a deal may have no value.
    pub value_minor: Option<i64>,
    pub currency: Currency,
    pub pipeline_id: PipelineId,
    pub stage_id: StageId,
    pub rank: String,
    /// 0–100.
    pub probability: i32,
    pub company_id: Option<CompanyId>,
    pub company: Option<String>,
    pub contact_id: Option<ContactId>,
    pub contact: Option<String>,
    pub owner_id: Option<MemberId>,
    pub owner: Option<String>,
    /// When it came into its stage (occurred-at).
    pub stage_since: DateTime<Utc>,
    pub opened_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    pub next_action: Option<String>,
    pub next_action_date: Option<NaiveDate>,
    pub expected_close_date: Option<NaiveDate>,
    /// In a list that is grouped: its group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<crate::lists::RowGroup>,
}

impl DealCard {
    pub fn value(&self) -> Option<Money> {
        self.value_minor.map(|minor| Money { minor, currency: self.currency })
    }

    /// Value × probability ÷ 100 in minor units, rounded half up (SPEC §2.8 "forecast amount").
    pub fn weighted_minor(&self) -> i64 {
        weighted(self.value_minor.unwrap_or(0), self.probability)
    }
}

pub fn weighted(value_minor: i64, probability: i32) -> i64 {
    ((i128::from(value_minor) * i128::from(probability) + 50).div_euclid(100)) as i64
}

/// What open deals are worth together: those in the workspace's own currency, and how many have a value in another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct OpenSum {
    /// Minor units of the workspace's currency.
    pub value_minor: i64,
    /// In no sum.
    pub other_currencies: i64,
}

impl OpenSum {
    pub fn of(deals: &[DealCard], home: Currency) -> Self {
        let mut sum = Self::default();
        for deal in deals.iter().filter(|d| d.closed_at.is_none()) {
            match deal.value_minor {
                Some(value) if deal.currency == home => sum.value_minor += value,
                Some(_) => sum.other_currencies += 1,
                None => {}
            }
        }
        sum
    }
}

/// The deals of a person or of a company, as their pages list them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RelatedDeals {
    /// Open ones first, then the newest.
    pub deals: Vec<DealCard>,
    /// Sum of all open ones where there are more than `deals` holds.
    #[serde(default)]
    pub open_sum: Option<OpenSum>,
    /// Names of the stages.
    pub stages: BTreeMap<StageId, String>,
}

/// One column: how much is in it, and its first cards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Column {
    pub stage_id: StageId,
    pub count: i64,
    /// Deals without a value are counted here and add nothing to the sums.
    pub without_value: i64,
    /// Deals in another currency than the workspace's: counted here, and in no sum.
    pub other_currencies: i64,
    pub value_minor: i64,
    pub weighted_minor: i64,
    pub cards: Vec<DealCard>,
    pub next: Option<String>,
}

/// A whole board.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Board {
    pub pipeline: crate::pipelines::Pipeline,
    pub pipelines: Vec<(PipelineId, String)>,
    pub currency: Currency,
    pub columns: Vec<Column>,
    /// The server's clock when it read this; ages are counted from it.
    pub now: DateTime<Utc>,
    /// Live messages after this position are news to this page.
    pub position: i64,
}

/// One line of a deal's stage history (DST-01).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct StageChange {
    pub seq: i32,
    pub from_stage: Option<String>,
    pub to_stage: String,
    pub moved_by: Option<String>,
    pub reason: Option<String>,
    pub occurred_at: DateTime<Utc>,
}

/// Filters of the deals board and list; everything is in the URL.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DealFilter {
    pub q: Option<String>,
    pub pipeline: Option<PipelineId>,
    pub stage: Option<StageId>,
    /// Deals that came at least as far as this stage, wherever they are now.
    pub reached: Option<StageId>,
    pub owner: Option<MemberId>,
    pub company: Option<CompanyId>,
    /// `open`, `won` or `lost`.
    pub status: Option<String>,
    /// `none`: deals without a next step.
    pub next_step: Option<String>,
    /// Name of a tag.
    pub tag: Option<String>,
    /// Closed, opened, or expected to close on these days (of the person who asks, both included).
    pub closed_from: Option<NaiveDate>,
    pub closed_to: Option<NaiveDate>,
    pub opened_from: Option<NaiveDate>,
    pub opened_to: Option<NaiveDate>,
    pub expected_from: Option<NaiveDate>,
    pub expected_to: Option<NaiveDate>,
}

/// What a move does to a card, the same in the browser (at once) and in the store (for good).
pub fn apply_move(card: &mut DealCard, to: &crate::pipelines::Stage, rank: String, now: DateTime<Utc>) {
    if card.stage_id != to.id {
        card.stage_since = now;
        card.probability = to.probability;
        card.closed_at = (to.outcome != crate::pipelines::StageOutcome::Open).then_some(now);
    }
    card.stage_id = to.id;
    card.rank = rank;
}

/// Fields for a new deal from a quick form.
pub fn new_deal(title: &str, stage: StageId) -> FieldMap {
    let mut set = FieldMap::new();
    set.insert("title".into(), title.into());
    set.insert("stageId".into(), stage.to_string().into());
    set
}

/// Commands on deals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum DealCommand {
    /// Moves a deal within a stage or to another; a won or lost stage closes the deal.
    MoveDeal { deal: DealId, stage: StageId, place: Place, reason: Option<String> },
}

impl SliceCommand for DealCommand {
    const NAMES: &'static [&'static str] = &["move_deal"];

    fn permission(&self) -> Permission {
        Permission::EditRecords
    }

    fn subject(&self) -> Subject {
        let Self::MoveDeal { deal, .. } = self;
        Subject::Record(EntityKind::Deal, deal.0)
    }
}

/// Internal commands on deals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum DealInternal {
    /// Puts a deal back where it was, as it was.
    #[serde(rename = "move_deal")]
    MoveBack {
        deal: DealId,
        stage: StageId,
        place: Was,
        /// Always null; events of versions before this type have it.
        #[serde(default)]
        reason: (),
    },
}

impl SliceInternal for DealInternal {
    const NAMES: &'static [&'static str] = &["move_deal"];

    fn permission(&self) -> Permission {
        Permission::EditRecords
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dea_forecast_of_the_worked_example() {
        // SPEC §21 example 3: 250000 at 60 % → 150000.
        assert_eq!(weighted(25_000_000, 60), 15_000_000);
        assert_eq!(weighted(1, 50), 1);
        assert_eq!(weighted(-1, 50), 0);
    }
}
