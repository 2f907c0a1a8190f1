//! Deals: with whom, when they were opened, how each went through the stages, and what they say.

use super::{
    dice::{DAY, Dice, HOUR, Moment, office},
    fields::{Fields, State, day, utc},
    firms,
    plan::{Base, Deal, Plan, Seen},
    words,
    world::World,
};
use domain::{Currency, EntityKind, Money, deals, rank};

/// A deal came into a stage.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Place in the list of stages.
    pub stage: u8,
    pub at: Moment,
}

/// Of a hundred deals in an open stage so many are lost there.
const LOST: f64 = 16.0;
/// So many are forgotten in the middle, and stand there still.
const FORGOTTEN: f64 = 7.0;

pub fn plan(plan: &mut Plan) {
    let mut dice = plan.steps(3);
    let mut planned: Vec<(Moment, u32)> = (0..plan.size.deals)
        .map(|_| {
            let contact = plan.busy_contact(0.5, &mut dice);
            let known = plan.contacts[contact as usize].base.created;
            (office(dice.between(known, plan.world.now), plan.world.now, &mut dice).max(known + HOUR / 4), contact)
        })
        .collect();
    planned.sort_unstable();
    for (n, (opened, contact)) in planned.into_iter().enumerate() {
        let opened = opened.min(plan.world.now - 1);
        let person = &plan.contacts[contact as usize];
        let (mut owner, mut seen) = (person.base.owner, person.base.seen);
        if seen == Seen::Workspace {
            if dice.chance(30.0) {
                owner = plan.world.anybody(&mut dice);
            }
            seen = if plan.is_busiest(contact) { Seen::Workspace } else { Seen::rolled(&mut dice, 1.0, 2.0) };
        }
        let mates = person.company.map_or(&[][..], |c| &plan.by_company[c as usize]);
        // A second one from the same company, known by then and seen by as many.
        let second = (dice.chance(30.0) && !mates.is_empty()).then(|| mates[dice.below(mates.len())]).filter(|m| {
            let mate = &plan.contacts[*m as usize].base;
            *m != contact && mate.created < opened && mate.seen == Seen::Workspace
        });
        let way = way(&plan.world, opened, &mut dice);
        let latest = way.last().map_or(opened, |s| s.at);
        let deleted = plan.bin(latest, &mut dice);
        let id = plan.world.id(EntityKind::Deal, n, opened);
        let base = Base { id, created: opened, deleted, owner, seen, inherited: false, edits: 0 };
        plan.deals_of[contact as usize].push(n as u32);
        plan.deals.push(Deal { base, contact, second, way, rank: String::new() });
    }
    place(plan);
}

/// From stage to stage until it is won, lost, forgotten, or today.
fn way(world: &World, opened: Moment, dice: &mut Dice) -> Vec<Step> {
    let of = |outcome: &str| (0..world.stages.len()).filter(|s| world.stages[*s].outcome == outcome).collect::<Vec<_>>();
    let (open, won, lost) = (of("open"), of("won"), of("lost"));
    let forgotten = dice.chance(FORGOTTEN);
    let mut place = usize::from(open.len() > 1 && dice.chance(20.0));
    let mut way = vec![Step { stage: open[place] as u8, at: opened }];
    let mut reopened = false;
    while way.len() < 12 && !(forgotten && dice.chance(40.0)) {
        let last = way[way.len() - 1].at;
        let days = 0.5 + dice.wait(f64::from(world.stages[open[place]].days));
        let at = office(last + (days * DAY as f64) as Moment, world.now, dice).max(last + HOUR);
        if last + (days * DAY as f64) as Moment >= world.now || at >= world.now {
            break;
        }
        let mut go = |stage: usize, at| way.push(Step { stage: stage as u8, at });
        if !lost.is_empty() && dice.chance(LOST) {
            go(lost[dice.below(lost.len())], at);
            let again = at + (dice.wait(20.0) * DAY as f64) as Moment + DAY;
            if reopened || !dice.chance(4.0) || again >= world.now {
                break;
            }
            reopened = true;
            go(open[place], again);
        } else if place > 0 && dice.chance(5.0) {
            place -= 1;
            go(open[place], at);
        } else if place + 1 < open.len() {
            place = (place + 1 + usize::from(dice.chance(10.0))).min(open.len() - 1);
            go(open[place], at);
        } else {
            if !won.is_empty() {
                go(won[dice.below(won.len())], at);
            }
            break;
        }
    }
    way
}

/// Gives every deal its key on the board: what came last stands on top, and all below what is there already.
fn place(plan: &mut Plan) {
    let mut columns: Vec<Vec<(Moment, usize)>> = vec![Vec::new(); plan.world.stages.len()];
    for (n, deal) in plan.deals.iter().enumerate() {
        if let Some(last) = deal.way.last() {
            columns[usize::from(last.stage)].push((-last.at, n));
        }
    }
    for (stage, mut column) in plan.world.stages.iter().zip(columns) {
        column.sort_unstable();
        for (key, (_, n)) in rank::after(stage.last_rank.as_deref(), column.len()).into_iter().zip(column) {
            plan.deals[n].rank = rank::salted(&key, n as u128);
        }
    }
}

impl Plan {
    /// What a deal is worth when it is opened, in its currency; some say nothing.
    pub fn amount(&self, n: usize) -> Option<Money> {
        let mut dice = self.world.dice(EntityKind::Deal, n, 6);
        if dice.chance(5.0) {
            return None;
        }
        let (price, many) = (words::PRODUCTS[self.deal_product(n)].2, 1.0 + dice.wait(6.0));
        let major = ((price as f64 * many * (0.7 + 0.4 * dice.unit())) as i64 / 20).max(1) * 20;
        let foreign = ["EUR", "USD", "GBP", "CHF", "SEK"].map(Currency::stored);
        let currency = if dice.chance(7.0) { foreign[dice.below(foreign.len())] } else { self.world.currency };
        Some(Money { minor: major * 10i64.pow(currency.digits()), currency })
    }

    fn deal_product(&self, n: usize) -> usize {
        self.world.dice(EntityKind::Deal, n, 7).below(words::PRODUCTS.len())
    }

    pub fn deal_title(&self, n: usize) -> String {
        let deal = &self.deals[n];
        let (product, year) = (words::PRODUCTS[self.deal_product(n)].0, utc(deal.base.created).format("%Y"));
        let who = match self.contacts[deal.contact as usize].company {
            Some(company) => firms::firm(company as usize).name,
            None => self.person(deal.contact).full(),
        };
        match n % 5 {
            0 => format!("{product} for {who}"),
            1 => format!("{who}: {product} {year}"),
            _ => format!("{who} – {product}"),
        }
    }

    pub fn is_open(&self, n: usize) -> bool {
        self.deals[n].way.last().is_none_or(|s| self.world.stages[usize::from(s.stage)].outcome == "open")
    }

    /// Why a deal was closed, if that step closed it and somebody said so.
    pub fn reason(&self, n: usize, step: usize) -> Option<&'static str> {
        let stage = &self.world.stages[usize::from(self.deals[n].way[step].stage)];
        let mut dice = self.world.dice(EntityKind::Deal, n, 50 + step as u64);
        match stage.outcome.as_str() {
            "lost" if dice.chance(80.0) => Some(dice.pick(deals::LOST_REASONS)),
            "won" if dice.chance(15.0) => Some(dice.pick(&["Best fit", "Price", "Reference customer nearby"])),
            _ => None,
        }
    }

    pub fn deal(&self, n: usize, state: State, f: &mut Fields, dice: &mut Dice) {
        let deal = &self.deals[n];
        f.put("title", self.deal_title(n));
        f.put("currency", self.amount(n).map_or(self.world.currency, |m| m.currency).code());
        let last = deal.way.len() - 1;
        let stage = &self.world.stages[usize::from(deal.way[if matches!(state, State::Born) { 0 } else { last }].stage)];
        f.link("stageId", stage.id, stage.name.clone());
        if matches!(state, State::Now) {
            f.put("probability", stage.probability);
            if let Some(reason) = self.reason(n, last) {
                f.put("closeReason", reason);
            }
        }
        if let Some(company) = self.contacts[deal.contact as usize].company {
            f.link("companyId", self.companies[company as usize].id, firms::firm(company as usize).name);
        }
        let people: Vec<u32> = [Some(deal.contact), deal.second].into_iter().flatten().collect();
        f.put("contactIds", people.iter().map(|c| self.contacts[*c as usize].base.id.to_string()).collect::<Vec<_>>());
        f.words.push(("contactIds", people.iter().map(|c| self.person(*c).full()).collect::<Vec<_>>().join(", ")));
        let product = self.deal_product(n);
        f.link("productId", self.world.products[product], words::PRODUCTS[product].0.into());
        if self.is_open(n) && dice.chance(72.0) {
            f.put("nextAction", dice.pick(words::NEXT_STEPS));
            f.put("nextActionDate", day(self.world.now + (dice.unit() * 33.0 - 4.0) as Moment * DAY).to_string());
        }
        f.put("type", deals::TYPES[dice.below(deals::TYPES.len())].0);
        if dice.chance(50.0) {
            f.put("source", dice.pick(&["inbound", "referral", "website", "outbound"]));
        }
        if dice.chance(15.0) {
            f.put("description", words::sentences(dice, 2));
        }
    }
}
