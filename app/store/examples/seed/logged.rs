//! What was done with people, what is to be done, and what was noted down: when, about whom, and what it says.

use super::{
    dice::{DAY, Dice, HOUR, MINUTE, Moment, Zipf, office},
    fields::{Fields, State, day, utc},
    plan::{About, Base, Logged, Plan, Seen},
    words,
};
use domain::{EntityKind, fields, interactions, tasks};

/// Of a thousand interactions so many are still to come, and so many should have been and were never ticked off.
const PLANNED: f64 = 0.4;
const MISSED: f64 = 0.05;

/// Who it belongs to and who sees it follows from what it is about.
fn base(plan: &Plan, kind: EntityKind, n: usize, created: Moment, about: &About, dice: &mut Dice) -> Base {
    let narrowest = plan.linked(about).max_by_key(|b| b.seen);
    let chosen = Seen::rolled(dice, 0.7, 1.5);
    let inherited = narrowest.map_or(Seen::Workspace, |b| b.seen);
    let owner = match narrowest {
        Some(b) if b.seen == Seen::Private => b.owner,
        Some(b) if b.seen == Seen::Team => plan.world.teammate(b.owner, dice),
        Some(b) if dice.chance(80.0) => b.owner,
        _ => plan.world.anybody(dice),
    };
    let deleted = plan.bin(created, dice);
    let id = plan.world.id(kind, n, created);
    Base { id, created, deleted, owner, seen: inherited.max(chosen), inherited: inherited > Seen::Workspace && chosen <= inherited, edits: 0 }
}

/// A contact, sometimes with its company and one of its deals that was open by then.
fn about_contact(plan: &Plan, contact: u32, at: Moment, dice: &mut Dice) -> About {
    let mut about = About { contact: Some(contact), ..Default::default() };
    if dice.chance(50.0) {
        about.company = plan.contacts[contact as usize].company;
    }
    let deals = &plan.deals_of[contact as usize];
    if !deals.is_empty() && dice.chance(45.0) {
        about.deal = Some(deals[dice.below(deals.len())]).filter(|d| plan.deals[*d as usize].base.created < at);
    }
    about
}

fn company(plan: &Plan, dice: &mut Dice) -> u32 {
    Zipf { steep: 0.7 }.rank(plan.companies.len(), dice) as u32
}

pub fn plan_interactions(plan: &mut Plan) {
    let mut dice = plan.steps(4);
    let now = plan.world.now;
    // When it was logged, when it was, whether it is still to come, and whom it is about.
    let mut all: Vec<(Moment, Moment, bool, About)> = Vec::with_capacity(plan.size.interactions);
    for _ in 0..plan.size.interactions {
        let (known, about) = if dice.chance(4.0) {
            let n = company(plan, &mut dice);
            (plan.companies[n as usize].created, About { company: Some(n), ..Default::default() })
        } else {
            let n = plan.busiest_contact(&mut dice);
            (plan.contacts[n as usize].base.created, About { contact: Some(n), ..Default::default() })
        };
        let (ahead, missed) = (dice.chance(PLANNED), dice.chance(MISSED));
        let at = match (ahead, missed) {
            (true, _) => office(now + HOUR + (dice.unit() * 30.0 * DAY as f64) as Moment, Moment::MAX, &mut dice).max(now + HOUR),
            (_, true) => office(dice.between((now - 10 * DAY).max(known), now), now, &mut dice).max(known),
            _ => office(dice.between(known, now), now, &mut dice).max(known),
        };
        let logged = match ahead || missed {
            true => dice.between((now - 20 * DAY).max(known), at.min(now)),
            false => (at + MINUTE + (dice.wait(0.1) * DAY as f64) as Moment).min(now - 1),
        };
        let about = about.contact.map_or(about, |c| about_contact(plan, c, logged, &mut dice));
        all.push((logged, at.min(if ahead { at } else { now - 1 }), ahead || missed, about));
    }
    all.sort_unstable_by_key(|i| i.0);
    for (n, (created, at, open, about)) in all.into_iter().enumerate() {
        let base = base(plan, EntityKind::Interaction, n, created, &about, &mut dice);
        if let Some(contact) = about.contact.filter(|_| !open && base.deleted.is_none()) {
            let last = &mut plan.contacts[contact as usize].last_contacted;
            *last = (*last).max(Some(at));
        }
        plan.interactions.push(Logged { base, about, at: Some(at), open });
    }
}

pub fn plan_tasks(plan: &mut Plan) {
    let mut dice = plan.steps(5);
    let now = plan.world.now;
    let mut all: Vec<(Moment, About)> = Vec::with_capacity(plan.size.tasks);
    for _ in 0..plan.size.tasks {
        all.push(match dice.below(100) {
            0..60 => {
                let n = plan.busy_contact(0.6, &mut dice);
                let at = office(dice.between(plan.contacts[n as usize].base.created, now), now, &mut dice);
                let at = at.max(plan.contacts[n as usize].base.created);
                (at, about_contact(plan, n, at, &mut dice))
            }
            60..75 => {
                let n = dice.below(plan.deals.len());
                let base = &plan.deals[n].base;
                (dice.between(base.created, now.min(base.created + 120 * DAY)), About { deal: Some(n as u32), ..Default::default() })
            }
            75..86 => {
                let n = company(plan, &mut dice);
                let known = plan.companies[n as usize].created;
                (office(dice.between(known, now), now, &mut dice).max(known), About { company: Some(n), ..Default::default() })
            }
            _ => (office(dice.between(plan.world.start, now), now, &mut dice), About::default()),
        });
    }
    all.sort_unstable_by_key(|t| t.0);
    for (n, (created, about)) in all.into_iter().enumerate() {
        let base = base(plan, EntityKind::Task, n, created, &about, &mut dice);
        let undated = dice.chance(4.0);
        let due = due_day(created, n, plan);
        // Done around its day, unless it was put off until it was forgotten.
        let done = due + (dice.wait(1.5) * DAY as f64) as Moment - DAY;
        let done = office(done, now, &mut dice).max(created + MINUTE);
        let put_off = match undated {
            true => dice.chance(15.0),
            false => dice.chance(if due > now - 45 * DAY { 12.0 } else { 0.1 }),
        };
        let at = Some(done).filter(|at| !put_off && *at < base.deleted.unwrap_or(now) && due < now);
        plan.tasks.push(Logged { base, about, at, open: undated });
    }
}

/// The day on which a task is due, as the moment it begins.
pub fn due_day(created: Moment, n: usize, plan: &Plan) -> Moment {
    let days = 1 + plan.world.dice(EntityKind::Task, n, 7).wait(9.0) as Moment;
    (created.div_euclid(DAY) + days) * DAY
}

pub fn plan_notes(plan: &mut Plan) {
    let mut dice = plan.steps(6);
    let now = plan.world.now;
    let mut all: Vec<(Moment, About)> = Vec::with_capacity(plan.size.notes);
    for _ in 0..plan.size.notes {
        let about = match dice.below(100) {
            0..55 => About { contact: Some(plan.busy_contact(0.6, &mut dice)), ..Default::default() },
            55..75 => About { deal: Some(dice.below(plan.deals.len()) as u32), ..Default::default() },
            75..90 => About { company: Some(company(plan, &mut dice)), ..Default::default() },
            _ => About { task: Some(dice.below(plan.tasks.len()) as u32), ..Default::default() },
        };
        let known = plan.linked(&about).map(|b| b.created).max().unwrap_or(plan.world.start);
        let at = office(dice.between(known, now), now, &mut dice).max(known + MINUTE / 2).min(now - 1);
        all.push((at, about));
    }
    all.sort_unstable_by_key(|t| t.0);
    for (n, (created, about)) in all.into_iter().enumerate() {
        let base = base(plan, EntityKind::Note, n, created, &about, &mut dice);
        plan.notes.push(Logged { base, about, at: None, open: false });
    }
}

impl Plan {
    pub fn interaction(&self, n: usize, _: State, f: &mut Fields, dice: &mut Dice) {
        let it = &self.interactions[n];
        let at = it.at.unwrap_or(it.base.created);
        let kinds =
            ["email", "email", "email", "call", "call", "meeting", "meeting", "linkedin_message", "coffee_chat", "sms", "conference", "other"];
        f.put("type", dice.pick(&kinds));
        f.put("date", fields::instant(utc(at)));
        if dice.chance(85.0) {
            f.put("subject", dice.pick(words::SUBJECTS));
        }
        if it.open {
            f.put("status", "planned");
            return;
        }
        f.put("status", "done");
        if dice.chance(50.0) {
            f.put("durationMinutes", 5 * (1 + dice.wait(5.0) as i64).min(48));
        }
        if dice.chance(45.0) {
            let (outcome, _) = interactions::OUTCOMES[dice.below(interactions::OUTCOMES.len())];
            f.put("outcome", outcome);
            if outcome != "no_response" {
                f.put("sentiment", outcome);
            }
        }
        if dice.chance(20.0) {
            f.put("nextStep", dice.pick(words::NEXT_STEPS));
        }
        // Somebody promised to come back to it, and has not yet.
        if at > self.world.now - 45 * DAY && dice.chance(3.0) {
            f.put("followUpRequired", true);
            f.put("followUpDate", day(self.world.now + (dice.unit() * 25.0 - 4.0) as Moment * DAY).to_string());
        }
    }

    pub fn task_kind(&self, n: usize) -> (&'static str, &'static str) {
        words::TASKS[self.world.dice(EntityKind::Task, n, 8).below(words::TASKS.len())]
    }

    pub fn task(&self, n: usize, state: State, f: &mut Fields, dice: &mut Dice) {
        let task = &self.tasks[n];
        let (title, kind) = self.task_kind(n);
        f.put("title", title);
        f.put("type", kind);
        if !task.open {
            f.put("dueDate", day(due_day(task.base.created, n, self)).to_string());
            if dice.chance(20.0) {
                f.put("dueTime", format!("{:02}:{}", 8 + dice.below(10), dice.pick(&["00", "15", "30", "45"])));
            }
            // A repeated task that is done would have been followed by the next one.
            if task.at.is_none() && dice.chance(6.0) {
                f.put("recurrence", tasks::RECURRENCES[dice.below(tasks::RECURRENCES.len())].0);
            }
        }
        if dice.chance(25.0) {
            f.put("description", words::sentences(dice, 1));
        }
        if let (State::Now, Some(at)) = (state, task.at) {
            f.put("completedAt", fields::instant(utc(at)));
        }
    }
}
