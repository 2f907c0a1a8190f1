//! CSV files of the shape and mess of real ones: blank accounts, missing values, odd product names, subsidiaries.
//! The same numbers every time, so that tests can say what must come out.

use anyhow::Result;
use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::Path,
};

/// A small generator with a fixed start: good enough to look random, the same on every machine.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(sides.max(1))) as u32
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.roll(words.len() as u32) as usize]
    }
}

const FIRST: &[&str] =
    &["Ana", "Bea", "Chidi", "Dana", "Emeka", "Farah", "Günther", "Hana", "Ivo", "José", "Kaya", "Lærke", "Mei", "Nadia", "Oleg", "Priya"];
const LAST: &[&str] =
    &["Lee", "O'Brien", "Müller", "Okafor", "Silva", "Novák", "Sørensen", "Tanaka", "Weiß", "Zhang", "Haddad", "Costa", "Ivanova", "Park"];
const MAKE: &[&str] = &["Alpha", "Beta", "Cedar", "Delta", "Ember", "Fjord", "Granite", "Harbor", "Indigo", "Juniper"];
const KIND: &[&str] = &["Systems", "Foods", "Logistics", "Media", "Bank", "Health", "Tools"];
const SECTORS: &[&str] = &["technolgy", "medical", "retail", "software", "finance"];

fn day(n: u32) -> String {
    // Days from 2023-01-01 in months of 28 days: all of them exist.
    format!("{}-{:02}-{:02}", 2023 + n / 336, n % 336 / 28 + 1, n % 28 + 1)
}

pub fn sales(folder: &Path, deals: u32) -> Result<()> {
    fs::create_dir_all(folder)?;
    let mut dice = Dice(7);
    let accounts: Vec<String> = (0..40).map(|i| format!("{} {}", MAKE[i % MAKE.len()], KIND[i % KIND.len()])).collect();
    let mut out = BufWriter::new(File::create(folder.join("accounts.csv"))?);
    writeln!(out, "account,sector,year_established,revenue,employees,office_location,subsidiary_of")?;
    for (i, account) in accounts.iter().enumerate() {
        let parent = if i > 10 && i % 7 == 0 { accounts[i % 5].as_str() } else { "" };
        let cents = dice.roll(500_000);
        writeln!(
            out,
            "{account},{},{},{}.{:02},{},United States,{parent}",
            dice.of(SECTORS),
            1980 + dice.roll(40),
            cents / 100,
            cents % 100,
            5 + dice.roll(9000)
        )?;
    }
    fs::write(folder.join("products.csv"), "product,series,sales_price\nGTX Basic,GTX,550\nGTX Pro,GTX,4821\nMG Special,MG,55\n")?;
    let agents: Vec<String> = (0..12).map(|i| format!("{} {}", FIRST[i], LAST[i])).collect();
    let mut out = BufWriter::new(File::create(folder.join("sales_teams.csv"))?);
    writeln!(out, "sales_agent,manager,regional_office")?;
    for (i, agent) in agents.iter().enumerate() {
        writeln!(out, "{agent},{},{}", ["Rita Boss", "Sam Chief"][i % 2], ["Central", "East", "West"][i % 3])?;
    }
    let mut out = BufWriter::new(File::create(folder.join("sales_pipeline.csv"))?);
    writeln!(out, "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value")?;
    for i in 0..deals {
        let product = ["GTX Basic", "GTXPro", "MG Special"][dice.roll(3) as usize];
        let account = if dice.roll(6) == 0 { "" } else { accounts[dice.roll(40) as usize].as_str() };
        let agent = &agents[dice.roll(12) as usize];
        let (stage, open, close, value) = match i % 8 {
            0..=3 => ("Won", true, true, (50 + dice.roll(5000)).to_string()),
            4 | 5 => ("Lost", true, true, "0".to_owned()),
            6 => ("Engaging", true, false, String::new()),
            _ => ("Prospecting", false, false, String::new()),
        };
        let start = dice.roll(300);
        let (engaged, closed) = (if open { day(start) } else { String::new() }, if close { day(start + 1 + dice.roll(90)) } else { String::new() });
        writeln!(out, "T{i:06},{agent},{product},{account},{stage},{engaged},{closed},{value}")?;
    }
    Ok(())
}

pub fn contacts(file: &Path, rows: u32) -> Result<()> {
    let mut dice = Dice(11);
    let mut out = BufWriter::new(File::create(file)?);
    writeln!(out, "First Name,Last Name,E-mail Address,Phone,Company,Job Title,Shoe size")?;
    for i in 0..rows {
        let (first, last) = (dice.of(FIRST), dice.of(LAST));
        let company = format!("{} {} {}", dice.of(MAKE), dice.of(KIND), i % 2000);
        writeln!(
            out,
            "{first},{last},person{i}@example{}.com,+49 30 {:07},\"{company}\",{},{}",
            i % 97,
            i,
            dice.of(&["CEO", "Buyer", "Engineer", "Head of, well, things"]).replace(',', ";"),
            36 + dice.roll(12)
        )?;
    }
    Ok(())
}
