//! What contacts and companies say.

use super::{
    dice::{DAY, Dice, Moment},
    fields::{Fields, day},
    firms,
    names::{self, Person},
    plan::Plan,
    words,
};
use domain::{EntityKind, companies, contacts, fields::Channel};
use serde_json::{Value, json};

impl Plan {
    pub fn person(&self, contact: u32) -> Person {
        names::person(&mut self.world.dice(EntityKind::Contact, contact as usize, 2))
    }

    pub fn company(&self, n: usize, f: &mut Fields, dice: &mut Dice) {
        let firm = firms::firm(n);
        let employees = (6.0 * dice.wait(3.0).exp()).min(180_000.0) as i64;
        f.put("name", firm.name);
        f.put("website", format!("https://{}.example", firm.slug));
        f.put("industry", firm.industry);
        f.put("location", dice.pick(words::CITIES));
        f.put("employeeCount", employees);
        f.put("size", companies::size_of(employees));
        f.put("currency", self.world.currency.code());
        if dice.chance(30.0) {
            f.put("revenue", self.money(employees * 90_000).to_decimal());
        }
        if dice.chance(40.0) {
            f.put("yearEstablished", 2024 - (dice.wait(30.0) as i64).min(300));
        }
        // Part of a larger one that was known before.
        if n > 50 && dice.chance(5.0) {
            let parent = dice.below(50);
            f.link("parentId", self.companies[parent].id, firms::firm(parent).name);
        }
    }

    /// Addresses and numbers of a contact: those of its firm first. All lead nowhere, should somebody write to them.
    pub fn channels(&self, n: usize) -> (Vec<Channel>, Vec<Channel>) {
        let mut dice = self.world.dice(EntityKind::Contact, n, 5);
        let person = self.person(n as u32);
        let channel = |value: String, kind: &str, primary| Channel { value, kind: kind.into(), primary };
        let company = self.contacts[n].company;
        let host = company.map_or("mail.example".into(), |c| format!("{}.example", firms::firm(c as usize).slug));
        // Where many work, names come twice.
        let number = if company.is_none_or(|c| c < 5_000) { n.to_string() } else { String::new() };
        let emails = match dice.below(10) {
            0..7 => 1,
            7 => 2,
            _ => 0,
        };
        let emails = [(format!("{}{number}@{host}", person.address), "work"), (format!("{}.{n}@home.example", person.address), "personal")]
            .into_iter()
            .take(emails)
            .enumerate()
            .map(|(at, (value, kind))| channel(value, kind, at == 0));
        // Ranges that are kept free for films and books.
        let phone = match dice.below(4) {
            0 => format!("+1212555{:04}", 100 + dice.below(100)),
            1 => format!("+447700900{:03}", dice.below(1000)),
            2 => format!("+336399800{:02}", dice.below(100)),
            _ => format!("+4915550{:05}", dice.below(100_000)),
        };
        let phones = if dice.chance(50.0) { vec![channel(phone, if dice.chance(70.0) { "mobile" } else { "work" }, true)] } else { Vec::new() };
        (emails.collect(), phones)
    }

    pub fn contact(&self, n: usize, f: &mut Fields, dice: &mut Dice) {
        let person = self.person(n as u32);
        f.put("firstName", person.first);
        f.put("lastName", person.last);
        let (emails, phones) = self.channels(n);
        for (key, channels) in [("emails", emails), ("phones", phones)] {
            if !channels.is_empty() {
                f.put(key, json!(channels));
            }
        }
        if let Some(company) = self.contacts[n].company {
            f.link("companyId", self.companies[company as usize].id, firms::firm(company as usize).name);
        }
        let now = self.world.now;
        let mut some = |percent, key: &str, value: &mut dyn FnMut(&mut Dice) -> Value| {
            if dice.chance(percent) {
                f.put(key, value(dice));
            }
        };
        let mut of = |percent, key: &str, codes: &[(&'static str, &'static str)]| some(percent, key, &mut |d| codes[d.below(codes.len())].0.into());
        of(18.0, "status", contacts::STATUSES);
        of(40.0, "contactSource", contacts::CONTACT_SOURCES);
        of(20.0, "customerRole", contacts::CUSTOMER_ROLES);
        of(25.0, "preferredContactMethod", contacts::METHODS);
        of(10.0, "relationship", contacts::RELATIONSHIPS);
        some(8.0, "isPrimaryContact", &mut |_| true.into());
        some(12.0, "meetingCadence", &mut |d| [30, 60, 90, 180][d.below(4)].into());
        some(4.0, "nextFollowUp", &mut |d| day(now + (d.unit() * 60.0 - 6.0) as Moment * DAY).to_string().into());
        some(22.0, "birthday", &mut |d| day(now - (22.0 + 45.0 * d.unit()) as Moment * 365 * DAY - d.below(365) as Moment * DAY).to_string().into());
        some(6.0, "favoriteTopics", &mut |d| json!([d.pick(&words::TOPICS[..5]), d.pick(&words::TOPICS[5..])]));
        some(15.0, "professionalNotes", &mut |d| words::sentences(d, 2).into());
        some(20.0, "linkedinUrl", &mut |_| format!("https://www.linkedin.com/in/made-up-{n}").into());
    }
}
