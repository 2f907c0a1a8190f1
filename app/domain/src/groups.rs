//! Records side by side by what they have in common: whose they are, from where they came, what kind they are of.

use crate::{Currency, DealId, EntityKind, FieldKind, FieldSpec, PipelineId, StageId, deals::DealCard};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Groups that are shown at most; the deals of the rest are counted.
pub const MOST: usize = 14;

/// Fields that records can be grouped by: those with choices and those that name one other record. A deal's stage is what
/// its board is made of.
pub fn fields(kind: EntityKind) -> impl Iterator<Item = &'static FieldSpec> {
    kind.fields().iter().filter(|f| !f.create_only && matches!(f.kind, FieldKind::Ref(_) | FieldKind::Choice(_) | FieldKind::Suggest(_)))
}

/// The field of that key, if records of the kind can be grouped by it.
pub fn field(kind: EntityKind, key: &str) -> Option<&'static FieldSpec> {
    fields(kind).find(|f| f.key == key)
}

/// Values that make a group although no deal has them yet.
pub fn known(spec: &FieldSpec) -> Vec<&'static str> {
    match spec.kind {
        FieldKind::Choice(choices) | FieldKind::Suggest(choices) => choices.iter().map(|c| c.0).collect(),
        _ => Vec::new(),
    }
}

/// Deals with one value of the field. Sums in minor units of the workspace's currency.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// The value as the field holds it, an id for a reference; empty: the deals without one.
    pub key: String,
    /// Name of the record that the key refers to; empty otherwise.
    pub name: String,
    pub count: i64,
    pub without_value: i64,
    pub other_currencies: i64,
    pub value_minor: i64,
    pub weighted_minor: i64,
    /// The first deals, in the order of their stages.
    pub cards: Vec<DealCard>,
}

/// The deals of one pipeline, grouped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Groups {
    pub pipeline: PipelineId,
    pub pipelines: Vec<(PipelineId, String)>,
    /// Names of the stages, for the cards.
    pub stages: Vec<(StageId, String)>,
    pub currency: Currency,
    /// Key of the field.
    pub by: String,
    pub groups: Vec<Group>,
    /// Deals of groups that are not shown.
    pub others: i64,
}

impl Group {
    fn count(&mut self, card: &DealCard, sign: i64, home: Currency) {
        self.count += sign;
        match card.value_minor {
            None => self.without_value += sign,
            Some(_) if card.currency != home => self.other_currencies += sign,
            Some(value) => {
                self.value_minor += sign * value;
                self.weighted_minor += sign * card.weighted_minor();
            }
        }
    }
}

impl Groups {
    /// Puts a card into another group, sums included; answers the value its field has there. `None`: it is there already,
    /// or there is no such card or group.
    pub fn put(&mut self, deal: DealId, key: &str) -> Option<Value> {
        let from = self.groups.iter().position(|g| g.cards.iter().any(|c| c.id == deal))?;
        let to = self.groups.iter().position(|g| g.key == key)?;
        if from == to {
            return None;
        }
        let at = self.groups[from].cards.iter().position(|c| c.id == deal)?;
        let mut card = self.groups[from].cards.remove(at);
        self.groups[from].count(&card, -1, self.currency);
        let name = Some(self.groups[to].name.clone()).filter(|n| !n.is_empty());
        match self.by.as_str() {
            "ownerId" => (card.owner_id, card.owner) = (key.parse().ok(), name),
            "companyId" => (card.company_id, card.company) = (key.parse().ok(), name),
            _ => {}
        }
        let into = &mut self.groups[to];
        into.count(&card, 1, self.currency);
        into.cards.insert(0, card);
        Some(if key.is_empty() { Value::Null } else { key.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_grouped_by_what_has_choices() {
        let field = |key: &str| field(EntityKind::Deal, key);
        let keys: Vec<&str> = fields(EntityKind::Deal).map(|f| f.key).collect();
        assert_eq!(keys, ["companyId", "ownerId", "productId", "type", "source", "visibility"]);
        assert!(field("stageId").is_none() && field("title").is_none() && field("owner_id; drop table deals").is_none());
        assert_eq!(known(field("visibility").unwrap()), ["workspace", "team", "private"]);
    }

    #[test]
    fn a_card_takes_its_money_along() {
        let card: DealCard = serde_json::from_value(serde_json::json!({
            "id": DealId::new(), "version": 1, "title": "Renewal", "valueMinor": 1000, "currency": "USD", "pipelineId": PipelineId::new(),
            "stageId": StageId::new(), "rank": "a", "probability": 50, "stageSince": "2026-01-01T00:00:00Z", "openedAt": "2026-01-01T00:00:00Z",
        }))
        .unwrap();
        let id = card.id;
        let group = |key: &str, name: &str, cards: Vec<DealCard>| Group { key: key.into(), name: name.into(), cards, ..Default::default() };
        let mut first = group("", "", vec![card.clone()]);
        first.count(&card, 1, Currency::USD);
        let bea = crate::MemberId::new().to_string();
        let mut groups = Groups {
            pipeline: card.pipeline_id,
            pipelines: vec![],
            stages: vec![],
            currency: Currency::USD,
            by: "ownerId".into(),
            groups: vec![first, group(&bea, "Bea", vec![])],
            others: 0,
        };
        assert_eq!(groups.put(id, ""), None, "it is there already");
        assert_eq!(groups.put(id, "nobody"), None);
        assert_eq!(groups.put(id, &bea), Some(Value::String(bea.clone())));
        let sums: Vec<(i64, i64, i64)> = groups.groups.iter().map(|g| (g.count, g.value_minor, g.weighted_minor)).collect();
        assert_eq!(sums, [(0, 0, 0), (1, 1000, 500)]);
        assert_eq!(groups.groups[1].cards[0].owner.as_deref(), Some("Bea"));
        assert_eq!(groups.put(id, ""), Some(Value::Null));
        assert_eq!(groups.groups[0].cards[0].owner_id, None);
    }
}
