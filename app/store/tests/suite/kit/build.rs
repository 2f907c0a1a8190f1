//! Records for tests, said in a line: `t.deal(&ana).in_stage("Proposal").value("10").create().await`.

use super::{TestDb, map};
use domain::{EntityKind, fields};
use serde_json::{Value, json};
use store::Actor;
use uuid::Uuid;

/// A record that is about to be made, with what its kind needs at least.
pub struct Build<'a> {
    t: &'a TestDb,
    who: &'a Actor,
    kind: EntityKind,
    set: Value,
    stage: Option<&'a str>,
}

impl TestDb {
    fn build<'a>(&'a self, who: &'a Actor, kind: EntityKind, set: Value) -> Build<'a> {
        Build { t: self, who, kind, set, stage: None }
    }

    pub fn contact<'a>(&'a self, who: &'a Actor) -> Build<'a> {
        self.build(who, EntityKind::Contact, json!({"firstName": "Ana"}))
    }

    pub fn company<'a>(&'a self, who: &'a Actor) -> Build<'a> {
        self.build(who, EntityKind::Company, json!({"name": "Globex"}))
    }

    pub fn deal<'a>(&'a self, who: &'a Actor) -> Build<'a> {
        self.build(who, EntityKind::Deal, json!({"title": "Renewal"}))
    }

    pub fn task<'a>(&'a self, who: &'a Actor) -> Build<'a> {
        self.build(who, EntityKind::Task, json!({"title": "Send offer"}))
    }

    pub fn note<'a>(&'a self, who: &'a Actor) -> Build<'a> {
        self.build(who, EntityKind::Note, json!({"body": "They like tea"}))
    }

    pub fn call<'a>(&'a self, who: &'a Actor) -> Build<'a> {
        self.build(who, EntityKind::Interaction, json!({"type": "call"}))
    }
}

impl<'a> Build<'a> {
    /// Any field; a key that the kind does not have is a mistake of the test.
    pub fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        assert!(self.kind.field(key).is_some(), "{:?} has no {key}", self.kind);
        self.set[key] = value.into();
        self
    }

    /// By the field that names records of this kind.
    pub fn named(self, name: &str) -> Self {
        let key = match self.kind {
            EntityKind::Contact => "firstName",
            EntityKind::Interaction => "subject",
            EntityKind::Note => "body",
            EntityKind::Deal | EntityKind::Task => "title",
            _ => "name",
        };
        self.with(key, name)
    }

    /// Of the first pipeline, by its name.
    pub fn in_stage(mut self, name: &'a str) -> Self {
        self.stage = Some(name);
        self
    }

    /// In major units of the record's currency.
    pub fn value(self, amount: &str) -> Self {
        self.with("value", amount)
    }

    /// A contact, company, deal or task that this is about; the people of a deal are several.
    pub fn about(self, kind: EntityKind, id: Uuid) -> Self {
        match (self.kind, kind) {
            (EntityKind::Deal, EntityKind::Contact) => self.with("contactIds", json!([id])),
            _ => self.with(&format!("{}Id", kind.noun()), id.to_string()),
        }
    }

    pub fn owned_by(self, owner: &Actor) -> Self {
        self.with("ownerId", owner.member.0.to_string())
    }

    /// `private`, `team` or `workspace`.
    pub fn visible_to(self, visibility: &str) -> Self {
        self.with("visibility", visibility)
    }

    pub async fn create(mut self) -> Uuid {
        if let Some(name) = self.stage {
            self.set["stageId"] = json!(self.t.stage(self.who, name).await);
        }
        fields::check(self.kind, &map(self.set.clone()), true, self.who.currency).unwrap();
        self.t.create(self.who, self.kind, self.set).await
    }
}
