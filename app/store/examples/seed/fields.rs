//! What each record says, as it would travel to the store: the domain's own check makes columns of it, and its history tells it.
//! A field that was edited has another value for every number of edits, so any state can be told without the ones before.

use super::{
    dice::{DAY, Dice, Moment},
    firms, names,
    plan::{Base, Logged, Plan, Seen},
    words,
};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{EntityKind, FieldMap, Money, companies, contacts, notes, tasks};
use serde_json::{Value, json};
use uuid::Uuid;

/// Values, and the words for those that are ids.
#[derive(Default)]
pub struct Fields {
    pub set: FieldMap,
    pub words: Vec<(&'static str, String)>,
}

impl Fields {
    pub fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.set.insert(key.into(), value.into());
    }

    pub fn link(&mut self, key: &'static str, id: Uuid, words: String) {
        self.put(key, id.to_string());
        self.words.push((key, words));
    }
}

/// At which point of its life a record is told.
#[derive(Clone, Copy)]
pub enum State {
    /// As somebody made it.
    Born,
    /// As it is now.
    Now,
}

pub fn utc(at: Moment) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at).unwrap_or_default()
}

pub fn day(at: Moment) -> NaiveDate {
    utc(at).date_naive()
}

/// One of these, the next one after every edit.
fn turning(all: &[&str], start: u64, edits: u32) -> Value {
    all[((start + u64::from(edits)) % all.len() as u64) as usize].into()
}

fn code(all: &[(&'static str, &'static str)], start: u64, edits: u32) -> Value {
    all[((start + u64::from(edits)) % all.len() as u64) as usize].0.into()
}

impl Plan {
    /// Fields that people edited, in the order in which they do.
    pub fn edited_keys(&self, kind: EntityKind, n: usize) -> &'static [&'static str] {
        match kind {
            EntityKind::Contact => &["warmnessScore", "jobTitle", "connectionStrength", "location", "seniority"],
            EntityKind::Company => &["engagementLevel", "lifecycleStage", "description"],
            EntityKind::Deal if self.amount(n).is_none() => &["expectedCloseDate"],
            EntityKind::Deal => &["value", "expectedCloseDate"],
            EntityKind::Interaction => &["description"],
            EntityKind::Task => &["priority"],
            EntityKind::Note => &["type", "pinned"],
            _ => &[],
        }
    }

    /// Which field the n-th edit changes, and how often that one was edited before.
    pub fn edit(&self, kind: EntityKind, n: usize, edit: u32) -> (&'static str, u32) {
        let keys = self.edited_keys(kind, n);
        let at = (edit as usize + n) % keys.len();
        (keys[at], edit / keys.len() as u32)
    }

    /// How often a field was edited in the end.
    fn edits_of(&self, kind: EntityKind, n: usize, key: &str) -> u32 {
        self.edits_among(kind, n, key, self.base(kind, n).map_or(0, |b| b.edits))
    }

    /// How often a field was edited by the first edits of a record.
    pub fn edits_among(&self, kind: EntityKind, n: usize, key: &str, edits: u32) -> u32 {
        let keys = self.edited_keys(kind, n);
        let Some(place) = keys.iter().position(|k| *k == key) else { return 0 };
        let first = (place + keys.len() - n % keys.len()) % keys.len();
        (edits as usize + keys.len() - 1 - first).checked_div(keys.len()).unwrap_or(0) as u32
    }

    /// The value of a field that is edited, after so many edits of it.
    pub fn value(&self, kind: EntityKind, n: usize, key: &str, edits: u32) -> Value {
        let mut dice = self.world.dice(kind, n, key.bytes().fold(1000, |all, b| all.wrapping_mul(31).wrapping_add(u64::from(b))));
        let start = dice.next() >> 8;
        match (kind, key) {
            (EntityKind::Contact, "warmnessScore") => {
                // Nobody is warm to people they never spoke with.
                let most = if self.contacts[n].last_contacted.is_some() { 11 } else { 6 };
                json!(((11.0 * dice.unit().powf(1.6)) as u32 + 3 * edits) % most)
            }
            (EntityKind::Contact, "jobTitle") => turning(words::JOBS, start, edits),
            (EntityKind::Contact, "connectionStrength") => code(contacts::STRENGTHS, start, edits),
            (EntityKind::Contact, "location") => turning(words::CITIES, start, edits),
            (EntityKind::Contact, "seniority") => code(contacts::SENIORITIES, start, edits),
            (EntityKind::Company, "engagementLevel") => code(companies::ENGAGEMENT, start, edits),
            (EntityKind::Company, "lifecycleStage") => code(companies::LIFECYCLE, start, edits),
            (EntityKind::Company, "description") => turning(words::COMPANY_TEXTS, start, edits),
            (EntityKind::Interaction, "description") => words::sentences(&mut Dice::of(&[start, edits.into()]), 1 + (start % 3) as usize).into(),
            (EntityKind::Task, "priority") => code(tasks::PRIORITIES, start, edits),
            (EntityKind::Note, "type") => code(notes::TYPES, start, edits),
            (EntityKind::Note, "pinned") => json!((edits + u32::from(start.is_multiple_of(20))) % 2 == 1),
            (EntityKind::Deal, "value") => match self.amount(n) {
                Some(money) => json!(Money { minor: money.minor / 20 * i64::from(20 + edits % 7), ..money }.to_decimal()),
                None => Value::Null,
            },
            (EntityKind::Deal, "expectedCloseDate") => {
                let deal = &self.deals[n];
                let last = deal.way.last().map_or(deal.base.created, |s| s.at);
                // Put off again and again: the last one is the nearest to what came.
                let end = if self.is_open(n) { last.max(self.world.now - 30 * DAY) + (dice.wait(50.0) * DAY as f64) as Moment } else { last };
                let before = self.edits_of(kind, n, key).saturating_sub(edits);
                json!(day(end - Moment::from(before) * 14 * DAY).to_string())
            }
            _ => Value::Null,
        }
    }

    pub fn fields(&self, kind: EntityKind, n: usize, state: State) -> Fields {
        let mut dice = self.world.dice(kind, n, 3);
        let mut f = Fields::default();
        match kind {
            EntityKind::Company => self.company(n, &mut f, &mut dice),
            EntityKind::Contact => self.contact(n, &mut f, &mut dice),
            EntityKind::Deal => self.deal(n, state, &mut f, &mut dice),
            EntityKind::Interaction => self.interaction(n, state, &mut f, &mut dice),
            EntityKind::Task => self.task(n, state, &mut f, &mut dice),
            EntityKind::Note => f.put("body", words::note(&mut dice)),
            EntityKind::Team => {
                f.put("name", words::TEAMS[n]);
                f.put("office", words::OFFICES[n]);
            }
            EntityKind::Member => {
                let member = &self.world.members[n + 1];
                f.put("name", member.name.as_str());
                f.put("email", format!("{}@seller.example", names::plain(&member.name).get(..).filter(|p| !p.is_empty()).unwrap_or("colleague")));
                f.put("office", words::OFFICES[n % words::OFFICES.len()]);
                f.link("teamId", self.world.teams[member.team], words::TEAMS[member.team].into());
            }
            EntityKind::Product => {
                let (name, series, price) = words::PRODUCTS[n];
                f.put("name", name);
                f.put("series", series);
                f.put("listPrice", self.money(price).to_decimal());
                f.put("currency", self.world.currency.code());
            }
            EntityKind::Tag => {
                let (name, category, color) = words::TAGS[n];
                f.put("name", name);
                f.put("category", category);
                f.put("color", color);
            }
            _ => {}
        }
        if let Some(base) = self.base(kind, n) {
            self.owned(kind, n, base, &mut f);
            for key in self.edited_keys(kind, n) {
                let edits = if matches!(state, State::Now) { self.edits_of(kind, n, key) } else { 0 };
                // What nobody ever edited is left empty by some.
                if (base.edits > 0 || kind == EntityKind::Deal || dice.chance(70.0)) && !matches!(*key, "pinned" if base.edits == 0) {
                    f.put(key, self.value(kind, n, key, edits));
                }
            }
        }
        f
    }

    fn owned(&self, kind: EntityKind, n: usize, base: &Base, f: &mut Fields) {
        let owner = &self.world.members[usize::from(base.owner)];
        f.link("ownerId", owner.id, owner.name.clone());
        if base.seen != Seen::Workspace {
            f.put("visibility", base.seen.code());
        }
        let tags = self.tags(kind, n);
        if !tags.is_empty() {
            f.put("tags", tags.iter().map(|t| words::TAGS[*t].0).collect::<Vec<_>>());
        }
        let logged = match kind {
            EntityKind::Interaction => &self.interactions[n],
            EntityKind::Task => &self.tasks[n],
            EntityKind::Note => &self.notes[n],
            _ => return,
        };
        self.links(logged, f);
    }

    /// Every fifth record carries one to three tags.
    pub fn tags(&self, kind: EntityKind, n: usize) -> Vec<usize> {
        let mut dice = self.world.dice(kind, n, 4);
        if !matches!(kind, EntityKind::Contact | EntityKind::Company | EntityKind::Deal) || !dice.chance(20.0) {
            return Vec::new();
        }
        let mut tags: Vec<usize> = (0..1 + dice.below(3)).map(|_| dice.below(words::TAGS.len())).collect();
        tags.sort_unstable();
        tags.dedup();
        tags
    }

    fn links(&self, logged: &Logged, f: &mut Fields) {
        let about = &logged.about;
        if let Some(n) = about.contact {
            f.link("contactId", self.contacts[n as usize].base.id, self.person(n).full());
        }
        if let Some(n) = about.company {
            f.link("companyId", self.companies[n as usize].id, firms::firm(n as usize).name);
        }
        if let Some(n) = about.deal {
            f.link("dealId", self.deals[n as usize].base.id, self.deal_title(n as usize));
        }
        if let Some(n) = about.task {
            f.link("taskId", self.tasks[n as usize].base.id, self.task_kind(n as usize).0.into());
        }
    }

    pub fn money(&self, major: i64) -> Money {
        Money { minor: major * 10i64.pow(self.world.currency.digits()), currency: self.world.currency }
    }
}
