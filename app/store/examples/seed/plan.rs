//! Which records there will be, when they were made, whose they are and what they are about. Kept small, because it stands in
//! memory as a whole; what a record says is made from its number when it is written.

use super::{
    deals::{self, Step},
    dice::{DAY, Dice, MINUTE, Moment, Zipf, office},
    logged,
    world::World,
};
use domain::EntityKind;
use uuid::Uuid;

/// How many of each.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub contacts: usize,
    pub companies: usize,
    pub deals: usize,
    pub interactions: usize,
    pub tasks: usize,
    pub notes: usize,
    pub events: usize,
    /// Of a hundred interactions and edits so many are with the five busiest people, so that some have thousands in either size.
    pub crowded: f64,
}

impl Size {
    pub const SMALL: Self =
        Self { contacts: 10_000, companies: 2_000, deals: 2_100, interactions: 17_000, tasks: 5_000, notes: 3_000, events: 55_000, crowded: 25.0 };
    pub const LARGE: Self = Self {
        contacts: 300_000,
        companies: 40_000,
        deals: 64_000,
        interactions: 500_000,
        tasks: 100_000,
        notes: 60_000,
        events: 1_500_000,
        crowded: 4.0,
    };

    pub fn named(name: &str) -> Option<Self> {
        match name {
            "10k" => Some(Self::SMALL),
            "300k" => Some(Self::LARGE),
            _ => None,
        }
    }
}

/// Who sees a record, the narrowest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    Workspace,
    Team,
    Private,
}

impl Seen {
    pub fn code(self) -> &'static str {
        match self {
            Self::Workspace => "workspace",
            Self::Team => "team",
            Self::Private => "private",
        }
    }

    /// Narrowed for so many of a hundred.
    pub fn rolled(dice: &mut Dice, private: f64, team: f64) -> Self {
        match dice.unit() * 100.0 {
            n if n < private => Self::Private,
            n if n < private + team => Self::Team,
            _ => Self::Workspace,
        }
    }
}

/// What all records have.
#[derive(Clone, Debug)]
pub struct Base {
    pub id: Uuid,
    pub created: Moment,
    pub deleted: Option<Moment>,
    /// Place in the list of members.
    pub owner: u8,
    pub seen: Seen,
    /// Taken over from what it is about.
    pub inherited: bool,
    /// How often its fields were edited.
    pub edits: u32,
}

pub struct Contact {
    pub base: Base,
    pub company: Option<u32>,
    pub last_contacted: Option<Moment>,
}

pub struct Deal {
    pub base: Base,
    pub contact: u32,
    pub second: Option<u32>,
    /// Through the stages, the first one included.
    pub way: Vec<Step>,
    pub rank: String,
}

/// What an interaction, a task or a note is about.
#[derive(Clone, Copy, Debug, Default)]
pub struct About {
    pub contact: Option<u32>,
    pub company: Option<u32>,
    pub deal: Option<u32>,
    pub task: Option<u32>,
}

pub struct Logged {
    pub base: Base,
    pub about: About,
    /// When an interaction was or will be, when a task was done.
    pub at: Option<Moment>,
    /// An interaction that is still to come, or a task that has no day.
    pub open: bool,
}

pub struct Plan {
    pub world: World,
    pub size: Size,
    pub companies: Vec<Base>,
    pub contacts: Vec<Contact>,
    pub deals: Vec<Deal>,
    pub interactions: Vec<Logged>,
    pub tasks: Vec<Logged>,
    pub notes: Vec<Logged>,
    /// Contacts, the busiest first.
    pub busiest: Vec<u32>,
    pub by_company: Vec<Vec<u32>>,
    pub deals_of: Vec<Vec<u32>>,
}

/// How many of the busiest people everybody sees, and one of how many companies, the oldest.
const OPENLY: usize = 50;
const OPEN_PART: usize = 40;
/// Records in the bin went there so lately that they are not thrown away soon after.
const BIN_DAYS: Moment = 25;

impl Plan {
    pub fn new(world: World, size: Size) -> Self {
        let mut plan = Self {
            world,
            size,
            companies: Vec::new(),
            contacts: Vec::new(),
            deals: Vec::new(),
            interactions: Vec::new(),
            tasks: Vec::new(),
            notes: Vec::new(),
            busiest: Vec::new(),
            by_company: vec![Vec::new(); size.companies],
            deals_of: vec![Vec::new(); size.contacts],
        };
        plan.plan_companies();
        plan.plan_contacts();
        deals::plan(&mut plan);
        logged::plan_interactions(&mut plan);
        logged::plan_tasks(&mut plan);
        logged::plan_notes(&mut plan);
        plan
    }

    /// A stream for a step of planning.
    pub fn steps(&self, step: u64) -> Dice {
        Dice::of(&[self.world.seed, 1000 + step])
    }

    /// Two of a hundred are in the bin, if they were there before they went.
    pub fn bin(&self, after: Moment, dice: &mut Dice) -> Option<Moment> {
        let from = after.max(self.world.now - BIN_DAYS * DAY);
        (dice.chance(2.0) && from + 2 * MINUTE < self.world.now).then(|| dice.between(from + MINUTE, self.world.now))
    }

    /// So many moments over the years, more of them lately, in order.
    fn growing(&self, count: usize, dice: &mut Dice) -> Vec<Moment> {
        let span = (self.world.now - self.world.start) as f64;
        let mut all: Vec<Moment> = (0..count)
            .map(|_| {
                let at = self.world.start + (span * dice.unit().powf(0.65)) as Moment;
                office(at, self.world.now, dice)
            })
            .collect();
        all.sort_unstable();
        all
    }

    fn plan_companies(&mut self) {
        let mut dice = self.steps(1);
        let mut moments = self.growing(self.size.companies, &mut dice);
        // People need somewhere to work from the first day on.
        for first in moments.iter_mut().take(20) {
            *first = self.world.start - DAY;
        }
        for (n, created) in moments.into_iter().enumerate() {
            // The first ones are those with most people.
            let seen = if n < self.size.companies / OPEN_PART { Seen::Workspace } else { Seen::rolled(&mut dice, 3.0, 5.0) };
            let deleted = self.bin(created, &mut dice);
            let id = self.world.id(EntityKind::Company, n, created);
            self.companies.push(Base { id, created, deleted, owner: self.world.anybody(&mut dice), seen, inherited: false, edits: 0 });
        }
    }

    fn plan_contacts(&mut self) {
        let mut dice = self.steps(2);
        let zipf = Zipf { steep: 0.7 };
        let moments = self.growing(self.size.contacts, &mut dice);
        for (n, created) in moments.into_iter().enumerate() {
            let there = self.companies.partition_point(|c| c.created < created);
            let company = dice.chance(86.0).then(|| zipf.rank(there, &mut dice));
            let (mut owner, mut seen) = (self.world.anybody(&mut dice), Seen::rolled(&mut dice, 1.2, 2.4));
            if let Some(firm) = company.map(|c| &self.companies[c]) {
                // Whoever sees few sees the people there, and who looks after a company looks after most of its people.
                if firm.seen != Seen::Workspace || dice.chance(60.0) {
                    (owner, seen) = (firm.owner, seen.max(firm.seen));
                }
            }
            let deleted = self.bin(created, &mut dice);
            let id = self.world.id(EntityKind::Contact, n, created);
            let base = Base { id, created, deleted, owner, seen, inherited: false, edits: 0 };
            if let Some(company) = company {
                self.by_company[company].push(n as u32);
            }
            self.contacts.push(Contact { base, company: company.map(|c| c as u32), last_contacted: None });
        }
        self.rank_contacts(&mut dice);
    }

    /// Whom one has known for long one has had more to do with, on the whole.
    fn rank_contacts(&mut self, dice: &mut Dice) {
        let span = (self.world.now - self.world.start) as f64;
        let mut keyed: Vec<(f64, u32)> = self
            .contacts
            .iter()
            .enumerate()
            .map(|(n, c)| (dice.unit() / ((self.world.now - c.base.created) as f64 / span + 0.02), n as u32))
            .collect();
        keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
        self.busiest = keyed.into_iter().map(|k| k.1).collect();
        // Those with thousands of entries are for everybody to look at, and so is their company.
        for n in self.busiest.iter().take(OPENLY) {
            let contact = &mut self.contacts[*n as usize];
            (contact.base.seen, contact.base.deleted) = (Seen::Workspace, None);
            contact.company = contact.company.filter(|c| self.companies[*c as usize].seen == Seen::Workspace);
        }
    }

    /// Whether somebody is one of those with thousands of entries.
    pub fn is_busiest(&self, contact: u32) -> bool {
        self.busiest.iter().take(OPENLY).any(|n| *n == contact)
    }

    /// Somebody, the busy ones more often.
    pub fn busy_contact(&self, steep: f64, dice: &mut Dice) -> u32 {
        self.busiest[Zipf { steep }.rank(self.busiest.len(), dice)]
    }

    /// The same for what a few have very much of.
    pub fn busiest_contact(&self, dice: &mut Dice) -> u32 {
        match dice.chance(self.size.crowded) {
            true => self.busiest[Zipf { steep: 0.99 }.rank(self.busiest.len().min(5), dice)],
            false => self.busy_contact(0.7, dice),
        }
    }

    pub fn base(&self, kind: EntityKind, n: usize) -> Option<&Base> {
        match kind {
            EntityKind::Company => self.companies.get(n),
            EntityKind::Contact => self.contacts.get(n).map(|c| &c.base),
            EntityKind::Deal => self.deals.get(n).map(|d| &d.base),
            EntityKind::Interaction => self.interactions.get(n).map(|i| &i.base),
            EntityKind::Task => self.tasks.get(n).map(|t| &t.base),
            EntityKind::Note => self.notes.get(n).map(|t| &t.base),
            _ => None,
        }
    }

    pub fn base_mut(&mut self, kind: EntityKind, n: usize) -> Option<&mut Base> {
        match kind {
            EntityKind::Company => self.companies.get_mut(n),
            EntityKind::Contact => self.contacts.get_mut(n).map(|c| &mut c.base),
            EntityKind::Deal => self.deals.get_mut(n).map(|d| &mut d.base),
            EntityKind::Interaction => self.interactions.get_mut(n).map(|i| &mut i.base),
            EntityKind::Task => self.tasks.get_mut(n).map(|t| &mut t.base),
            EntityKind::Note => self.notes.get_mut(n).map(|t| &mut t.base),
            _ => None,
        }
    }

    /// How many records of a kind are made.
    pub fn count(&self, kind: EntityKind) -> usize {
        match kind {
            EntityKind::Company => self.companies.len(),
            EntityKind::Contact => self.contacts.len(),
            EntityKind::Deal => self.deals.len(),
            EntityKind::Interaction => self.interactions.len(),
            EntityKind::Task => self.tasks.len(),
            EntityKind::Note => self.notes.len(),
            EntityKind::Team => self.world.teams.len(),
            EntityKind::Member => self.world.members.len() - 1,
            EntityKind::Product => self.world.products.len(),
            EntityKind::Tag => self.world.tags.len(),
            _ => 0,
        }
    }

    /// The records that something is about.
    pub fn linked(&self, about: &About) -> impl Iterator<Item = &Base> {
        let of = |kind, n: Option<u32>| n.and_then(|n| self.base(kind, n as usize));
        [
            of(EntityKind::Contact, about.contact),
            of(EntityKind::Company, about.company),
            of(EntityKind::Deal, about.deal),
            of(EntityKind::Task, about.task),
        ]
        .into_iter()
        .flatten()
    }
}
