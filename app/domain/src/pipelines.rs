//! Pipelines and their stages (SPEC §3), with the templates as data.

use crate::{
    EntityKind, EventId, FieldKind as K, FieldSpec, KindSpec, Permission, PipelineId, RecordId, StageId, Subject,
    commands::{SliceCommand, SliceInternal},
    fields::DefaultValue as D,
};
use serde::{Deserialize, Serialize};

pub const KINDS: &[(&str, &str)] = &[("sales", "Sales"), ("lead_sourcing", "Lead sourcing"), ("job_search", "Job search"), ("custom", "Custom")];
pub const OUTCOMES: &[(&str, &str)] = &[("open", "Open"), ("won", "Won"), ("lost", "Lost")];

/// Fields of a deal that a stage can ask for, with their labels.
pub const REQUIRABLE: &[(&str, &str)] = &[
    ("value", "Value"),
    ("companyId", "Company"),
    ("contactIds", "People"),
    ("ownerId", "Owner"),
    ("expectedCloseDate", "Expected close"),
    ("nextAction", "Next step"),
    ("source", "Source"),
];

pub const PIPELINE_FIELDS: &[FieldSpec] = &[
    FieldSpec::new("name", "name", "Name", K::Text(120)).required(),
    FieldSpec::new("kind", "kind", "Kind", K::Choice(KINDS)).quick().default(D::Text("sales")),
];

pub const STAGE_FIELDS: &[FieldSpec] = &[
    FieldSpec::new("name", "name", "Name", K::Text(80)).required(),
    FieldSpec::new("pipelineId", "pipeline_id", "Pipeline", K::Ref(EntityKind::Pipeline)).required().create_only(),
    FieldSpec::new("probability", "probability", "Probability (%)", K::Int { min: 0, max: 100 }).quick().default(D::Int(0)),
    FieldSpec::new("expectedDays", "expected_days", "Expected days", K::Int { min: 0, max: 3650 }).quick(),
    FieldSpec::new("wipLimit", "wip_limit", "Deals at most", K::Int { min: 1, max: 100_000 }),
    FieldSpec::new("requiredFields", "required_fields", "Needed before", K::Several(REQUIRABLE)),
    FieldSpec::new("position", "position", "Position", K::Int { min: 0, max: 10_000 }).default(D::Int(0)),
    // Deals stand in it as won, lost or open: settled when the stage is made.
    FieldSpec::new("outcome", "outcome", "Closes deals as", K::Choice(OUTCOMES)).create_only().default(D::Text("open")),
    FieldSpec::new("key", "key", "Key", K::Text(60)).create_only(),
];

pub const PIPELINE: KindSpec = KindSpec::setup("pipeline", "pipelines", Permission::EditSetup).stays();
pub const STAGE: KindSpec = KindSpec::setup("stage", "stages", Permission::EditSetup).stays().within("pipelineId");

impl RecordId for PipelineId {
    const KIND: EntityKind = EntityKind::Pipeline;
}

impl RecordId for StageId {
    const KIND: EntityKind = EntityKind::Stage;
}

/// The kinds of record that a board is made of, besides its cards.
pub const OF_BOARDS: [EntityKind; 2] = [EntityKind::Pipeline, EntityKind::Stage];

/// Whether deals in a stage are still open, or how they ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum StageOutcome {
    Open,
    Won,
    Lost,
}

impl StageOutcome {
    pub fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }

    pub fn from_code(code: &str) -> Self {
        match code {
            "won" => Self::Won,
            "lost" => Self::Lost,
            _ => Self::Open,
        }
    }
}

/// A stage as boards and steppers need it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    pub id: StageId,
    pub name: String,
    pub probability: i32,
    /// Days a deal usually stays; older ones are shown as ageing (PST-01, DEA-03).
    pub expected_days: Option<i32>,
    pub outcome: StageOutcome,
    /// Deals that should stand in it at most; more is shown and not forbidden.
    #[serde(default)]
    pub wip_limit: Option<i32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Pipeline {
    pub id: PipelineId,
    pub name: String,
    pub kind: String,
    pub stages: Vec<Stage>,
}

/// A stage of a template.
#[derive(Clone, Copy, Debug)]
pub struct StageTemplate {
    pub key: &'static str,
    pub name: &'static str,
    pub probability: i32,
    pub expected_days: Option<i32>,
    pub outcome: StageOutcome,
}

const fn stage(key: &'static str, name: &'static str, probability: i32, days: i32, outcome: StageOutcome) -> StageTemplate {
    StageTemplate { key, name, probability, expected_days: if days > 0 { Some(days) } else { None }, outcome }
}

/// A pipeline people start with.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    pub key: &'static str,
    /// The kind of its pipeline.
    pub kind: &'static str,
    pub name: &'static str,
    /// Whom it is for, in one line.
    pub about: &'static str,
    pub stages: &'static [StageTemplate],
}

use StageOutcome::{Lost, Open, Won};

/// PIP-01, PIP-03 and PIP-02 in this order, and one for keeping in touch.
pub const TEMPLATES: &[Template] = &[
    Template {
        key: "sales",
        kind: "sales",
        about: "Deals with values, from the first call to the signature",
        name: "Sales",
        stages: &[
            stage("prospecting", "Prospecting", 10, 14, Open),
            stage("qualification", "Qualification", 25, 14, Open),
            stage("proposal", "Proposal", 50, 21, Open),
            stage("negotiation", "Negotiation", 75, 14, Open),
            stage("closed_won", "Closed Won", 100, 0, Won),
            stage("closed_lost", "Closed Lost", 0, 0, Lost),
        ],
    },
    Template {
        key: "lead_sourcing",
        kind: "lead_sourcing",
        about: "Contact banks and campaigns: who to contact today",
        name: "Lead sourcing",
        stages: &[
            stage("identified", "Identified", 5, 14, Open),
            stage("contacted", "Contacted", 10, 14, Open),
            stage("engaged", "Engaged", 25, 14, Open),
            stage("warm", "Warm", 50, 14, Open),
            stage("meeting", "Meeting", 75, 14, Open),
            stage("handed_over", "Handed over", 100, 0, Won),
            stage("parked", "Parked", 0, 0, Lost),
        ],
    },
    Template {
        key: "job_search",
        kind: "job_search",
        about: "Applications, interviews and the people behind them",
        name: "Job search",
        stages: &[
            stage("interested", "Interested", 5, 14, Open),
            stage("applied", "Applied", 10, 14, Open),
            stage("phone_screen", "Phone screen", 25, 14, Open),
            stage("interview", "Interview", 45, 14, Open),
            stage("final_round", "Final round", 70, 14, Open),
            stage("offer", "Offer", 90, 0, Won),
            stage("rejected", "Rejected", 0, 0, Lost),
            stage("withdrawn", "Withdrawn", 0, 0, Lost),
        ],
    },
    Template {
        key: "networking",
        kind: "custom",
        about: "People to keep in touch with, and what became of it",
        name: "Networking",
        stages: &[
            stage("met", "Met", 10, 30, Open),
            stage("in_touch", "In touch", 40, 90, Open),
            stage("working_together", "Working together", 100, 0, Won),
            stage("lost_touch", "Lost touch", 0, 0, Lost),
        ],
    },
];

pub fn template(key: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|t| t.key == key)
}

/// Commands on pipelines and stages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum PipelineCommand {
    /// Sets the order of a pipeline's stages; all of them must be named.
    OrderStages { pipeline: PipelineId, stages: Vec<StageId> },
    /// Moves the deals of a stage to another of the same pipeline and outcome, and deletes the stage.
    ReplaceStage { stage: StageId, into: StageId },
}

impl SliceCommand for PipelineCommand {
    const NAMES: &'static [&'static str] = &["order_stages", "replace_stage"];

    fn permission(&self) -> Permission {
        Permission::EditSetup
    }

    fn subject(&self) -> Subject {
        match self {
            Self::OrderStages { pipeline, .. } => Subject::Record(EntityKind::Pipeline, pipeline.0),
            Self::ReplaceStage { stage, .. } => Subject::Record(EntityKind::Stage, stage.0),
        }
    }
}

/// Internal commands on pipelines and stages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum PipelineInternal {
    /// Restores a replaced stage with its deals; `event` is that of the replacement.
    BringBackStage { stage: StageId, into: StageId, event: EventId },
}

impl SliceInternal for PipelineInternal {
    const NAMES: &'static [&'static str] = &["bring_back_stage"];

    fn permission(&self) -> Permission {
        Permission::EditSetup
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pip_01_sales_stages_in_order_with_their_probabilities() {
        let sales = template("sales").unwrap();
        let got: Vec<_> = sales.stages.iter().map(|s| (s.name, s.probability)).collect();
        assert_eq!(got, [("Prospecting", 10), ("Qualification", 25), ("Proposal", 50), ("Negotiation", 75), ("Closed Won", 100), ("Closed Lost", 0)]);
    }
}
