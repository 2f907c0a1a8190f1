//! What happened to every record, from its making to the bin, in the form in which the store tells it.

use super::{
    dice::{MINUTE, Moment},
    fields::{Fields, State, utc},
    firms,
    plan::{Plan, Seen, Size},
    rows::Sheet,
    words,
};
use domain::{DealId, DealInternal, EntityKind, FieldMap, Inverse, RecordCommand, StageId, deals::Was, fields, rank};
use serde_json::{Map, Value, json};
use uuid::Uuid;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum What {
    Born,
    /// The n-th edit.
    Edited(u32),
    /// To the n-th step of a deal's way.
    Moved(u8),
    Completed,
    Deleted,
}

#[derive(Clone, Copy)]
pub struct Event {
    pub at: Moment,
    pub kind: EntityKind,
    pub n: u32,
    /// Of the record after it.
    pub version: u32,
    pub what: What,
}

/// All kinds of which something is made, those first that others refer to.
pub const KINDS: [EntityKind; 10] = [
    EntityKind::Team,
    EntityKind::Member,
    EntityKind::Product,
    EntityKind::Tag,
    EntityKind::Company,
    EntityKind::Contact,
    EntityKind::Deal,
    EntityKind::Interaction,
    EntityKind::Task,
    EntityKind::Note,
];

pub const COLUMNS: &[&str] = &[
    "workspace_id",
    "id",
    "command_id",
    "member_id",
    "surface",
    "verb",
    "entity",
    "entity_id",
    "title",
    "version",
    "changes",
    "inverse",
    "occurred_at",
    "recorded_at",
];

/// What an event says besides when and of what.
struct Told {
    verb: &'static str,
    changes: Map<String, Value>,
    inverse: Inverse,
}

impl Plan {
    pub fn id(&self, kind: EntityKind, n: usize) -> Uuid {
        match kind {
            EntityKind::Team => self.world.teams[n],
            EntityKind::Member => self.world.members[n + 1].id,
            EntityKind::Product => self.world.products[n],
            EntityKind::Tag => self.world.tags[n],
            _ => self.base(kind, n).map_or_else(Uuid::nil, |b| b.id),
        }
    }

    /// Everything that happened to a record, in order.
    pub fn story(&self, kind: EntityKind, n: usize) -> Vec<Event> {
        let event = |at, what| Event { at, kind, n: n as u32, version: 0, what };
        let Some(base) = self.base(kind, n) else {
            return vec![Event { version: 1, ..event(self.world.setup_at(kind, n), What::Born) }];
        };
        let mut story = vec![event(base.created, What::Born)];
        let mut until = base.deleted.unwrap_or(self.world.now);
        match kind {
            EntityKind::Deal => {
                story.extend(self.deals[n].way.iter().enumerate().skip(1).map(|(step, s)| event(s.at, What::Moved(step as u8))));
            }
            EntityKind::Task => {
                if let Some(done) = self.tasks[n].at {
                    until = done;
                    story.push(event(done, What::Completed));
                }
            }
            _ => {}
        }
        let mut dice = self.world.dice(kind, n, 9);
        let each = (until - base.created - 2) as f64 / f64::from(base.edits.max(1));
        story.extend((0..base.edits).map(|e| event(base.created + 1 + (each * (f64::from(e) + dice.unit())) as Moment, What::Edited(e))));
        story.extend(base.deleted.map(|at| event(at, What::Deleted)));
        story.sort_by_key(|e| e.at);
        for (n, event) in story.iter_mut().enumerate() {
            event.version = n as u32 + 1;
        }
        story
    }

    pub fn event_id(&self, event: &Event) -> Uuid {
        self.world.id_of(event.at, &mut self.world.dice(event.kind, event.n as usize, 1 << 32 | u64::from(event.version)))
    }

    /// Spreads edits over the records until there are as many events as wanted, `beside` of which are told elsewhere.
    pub fn plan_edits(&mut self, size: &Size, beside: usize) {
        let so_far: usize = KINDS.iter().map(|kind| (0..self.count(*kind)).map(|n| self.story(*kind, n).len()).sum::<usize>()).sum();
        let mut left = size.events.saturating_sub(so_far + beside);
        let mut dice = self.steps(7);
        while left > 0 {
            let (kind, n) = match dice.below(100) {
                0..70 => (EntityKind::Contact, self.busiest_contact(&mut dice) as usize),
                70..82 => (EntityKind::Deal, dice.below(self.deals.len())),
                82..90 => (EntityKind::Company, dice.below(self.companies.len())),
                90..94 => (EntityKind::Task, dice.below(self.tasks.len())),
                94..97 => (EntityKind::Interaction, dice.below(self.interactions.len())),
                _ => (EntityKind::Note, dice.below(self.notes.len())),
            };
            let now = self.world.now;
            if let Some(base) = self.base_mut(kind, n)
                && base.deleted.unwrap_or(now) - base.created > 10 * MINUTE
            {
                base.edits += 1;
                left -= 1;
            }
        }
    }

    /// All events, in the order in which they happened.
    pub fn events(&self) -> Vec<Event> {
        let mut all: Vec<Event> = KINDS.iter().flat_map(|kind| (0..self.count(*kind)).flat_map(|n| self.story(*kind, n))).collect();
        all.sort_by_key(|e| e.at);
        all
    }

    /// Mostly its owner, else somebody who sees it.
    pub fn doer(&self, event: &Event) -> u8 {
        let mut dice = self.world.dice(event.kind, event.n as usize, 1 << 33 | u64::from(event.version));
        match self.base(event.kind, event.n as usize) {
            None => 0,
            Some(base) if event.what == What::Born || base.seen == Seen::Private || dice.chance(85.0) => base.owner,
            Some(base) if base.seen == Seen::Team => self.world.teammate(base.owner, &mut dice),
            Some(_) => self.world.anybody(&mut dice),
        }
    }

    pub fn write_event(&self, event: &Event, sheet: &mut Sheet) {
        let (kind, n) = (event.kind, event.n as usize);
        let told = match event.what {
            What::Born => Told {
                verb: "created",
                changes: born(self.fields(kind, n, State::Born)),
                inverse: RecordCommand::Delete { kind, id: self.id(kind, n) }.into(),
            },
            What::Edited(edit) => self.edited(kind, n, edit),
            What::Moved(step) => self.moved(event, usize::from(step)),
            What::Completed => {
                let at = fields::instant(utc(event.at));
                self.told_edit("completed", kind, n, "completedAt", Value::Null, at.into())
            }
            What::Deleted => Told { verb: "deleted", changes: Map::new(), inverse: RecordCommand::Restore { kind, id: self.id(kind, n) }.into() },
        };
        let mut dice = self.world.dice(kind, n, 1 << 34 | u64::from(event.version));
        sheet.uuid(self.world.workspace);
        sheet.uuid(self.event_id(event));
        sheet.uuid(self.world.id_of(event.at, &mut dice));
        sheet.uuid(self.world.members[usize::from(self.doer(event))].id);
        sheet.text(if dice.chance(10.0) { "api" } else { "web" });
        sheet.text(told.verb);
        sheet.text(kind.noun());
        sheet.uuid(self.id(kind, n));
        sheet.text(&self.title(kind, n));
        sheet.text(&event.version.to_string());
        sheet.text(&Value::Object(told.changes).to_string());
        sheet.text(&json!(told.inverse).to_string());
        sheet.moment(Some(event.at));
        sheet.moment(Some(event.at));
        sheet.end();
    }

    fn edited(&self, kind: EntityKind, n: usize, edit: u32) -> Told {
        let (key, so_far) = self.edit(kind, n, edit);
        self.told_edit("edited", kind, n, key, self.value(kind, n, key, so_far), self.value(kind, n, key, so_far + 1))
    }

    fn told_edit(&self, verb: &'static str, kind: EntityKind, n: usize, key: &str, before: Value, after: Value) -> Told {
        let set: FieldMap = [(key.to_owned(), before.clone())].into_iter().collect();
        let changes = [(key.to_owned(), json!({"before": before, "after": after}))].into_iter().collect();
        Told { verb, changes, inverse: RecordCommand::Edit { kind, id: self.id(kind, n), set }.into() }
    }

    fn moved(&self, event: &Event, step: usize) -> Told {
        let n = event.n as usize;
        let deal = &self.deals[n];
        let (before, after) = (deal.way[step - 1], deal.way[step]);
        let (from, to) = (&self.world.stages[usize::from(before.stage)], &self.world.stages[usize::from(after.stage)]);
        let mut changes = Map::new();
        changes.insert("stage".into(), json!({"before": from.id, "after": to.id, "beforeWords": from.name, "afterWords": to.name}));
        let (was, is) = (self.reason(n, step - 1), self.reason(n, step));
        if was != is {
            changes.insert("closeReason".into(), json!({"before": was, "after": is}));
        }
        if to.outcome == "won" {
            let edits = self.story(EntityKind::Deal, n).iter().take(event.version as usize).filter(|e| matches!(e.what, What::Edited(_))).count();
            let value = match self.edited_keys(EntityKind::Deal, n).contains(&"value") {
                true => self.value(EntityKind::Deal, n, "value", self.edits_among(EntityKind::Deal, n, "value", edits as u32)),
                false => Value::Null,
            };
            changes.insert("value".into(), json!({"before": value, "after": value}));
        }
        let verb = match (to.outcome.as_str(), from.outcome.as_str()) {
            ("won", _) => "won",
            ("lost", _) => "lost",
            (_, "won" | "lost") => "reopened",
            _ => "moved",
        };
        let place = Was::Restore {
            // The same height in the other column, told apart like any key that somebody makes.
            rank: rank::salted(deal.rank.get(..10).unwrap_or(&deal.rank), self.world.dice(EntityKind::Deal, n, 70 + step as u64).next().into()),
            probability: from.probability,
            probability_is_manual: false,
            closed_at: (from.outcome != "open").then(|| utc(before.at)),
            close_reason: was.map(str::to_owned),
        };
        Told { verb, changes, inverse: DealInternal::MoveBack { deal: DealId(deal.base.id), stage: StageId(from.id), place, reason: () }.into() }
    }

    /// What a record is called; the database makes the same of its columns.
    pub fn title(&self, kind: EntityKind, n: usize) -> String {
        match kind {
            EntityKind::Contact => self.person(n as u32).full(),
            EntityKind::Company => firms::firm(n).name,
            EntityKind::Deal => self.deal_title(n),
            EntityKind::Task => self.task_kind(n).0.into(),
            EntityKind::Note => note_title(self.fields(kind, n, State::Born).set["body"].as_str().unwrap_or_default()),
            EntityKind::Interaction => {
                let set = self.fields(kind, n, State::Born).set;
                let text = |key: &str| set.get(key).and_then(Value::as_str);
                text("subject").map_or_else(|| capital(text("type").unwrap_or_default()), str::to_owned)
            }
            EntityKind::Team => words::TEAMS[n].into(),
            EntityKind::Member => self.world.members[n + 1].name.clone(),
            EntityKind::Product => words::PRODUCTS[n].0.into(),
            _ => words::TAGS[n].0.into(),
        }
    }
}

/// Every value as a change from nothing, with the words of those that are ids.
fn born(fields: Fields) -> Map<String, Value> {
    let mut changes: Map<String, Value> = fields.set.into_iter().map(|(key, value)| (key, json!({"before": null, "after": value}))).collect();
    for (key, words) in fields.words {
        if let Some(change) = changes.get_mut(key).and_then(Value::as_object_mut) {
            change.insert("beforeWords".into(), "".into());
            change.insert("afterWords".into(), words.into());
        }
    }
    changes
}

fn capital(kind: &str) -> String {
    let (first, rest) = kind.split_at(1);
    first.to_uppercase() + &rest.replace('_', " ")
}

fn note_title(body: &str) -> String {
    body.trim_matches([' ', '\n', '\t', '#', '*']).split('\n').next().unwrap_or_default().chars().take(120).collect()
}
