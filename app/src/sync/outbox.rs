//! What waits to be sent, kept in this browser until the server has it: a reload, a crash or a dead battery loses nothing.
//! One entry per command, under the member who gave it; its id makes sending it twice harmless.

use crate::i18n::{t, tf};
use domain::{Command, CommandId, EntityKind, EventId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{cell::Cell, collections::BTreeMap};
use uuid::Uuid;

/// What is sent. A command stays as the text of JSON it is sent as: code that reads every kind of command back would be a
/// seventh of what each page loads first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    pub id: CommandId,
    /// The record it changes; nil for an undo.
    pub entity: Uuid,
    /// The version it was made from.
    pub base: Option<i64>,
    /// What it does, for the list of what waits.
    pub words: String,
    pub what: What,
    /// Names of what it points at, and what the record is called after it: for showing it before it is saved.
    #[serde(default)]
    pub names: BTreeMap<Uuid, String>,
    #[serde(default)]
    pub title: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum What {
    Send(Value),
    Undo(EventId),
}

impl Job {
    pub fn send(command: &Command, base: Option<i64>) -> Self {
        let what = What::Send(serde_json::to_value(command).unwrap_or_default());
        Self { id: CommandId::new(), entity: command.entity().1, base, words: words(command), what, names: BTreeMap::new(), title: None }
    }

    pub fn undo(event: EventId) -> Self {
        Self {
            id: CommandId::new(),
            entity: Uuid::nil(),
            base: None,
            words: t("Take something back").into(),
            what: What::Undo(event),
            names: BTreeMap::new(),
            title: None,
        }
    }
}

fn words(command: &Command) -> String {
    let title = |set: &domain::FieldMap| {
        let name = ["title", "firstName", "name", "subject", "body", "description"].iter().find_map(|k| set.get(*k)?.as_str()).unwrap_or_default();
        name.chars().take(60).collect::<String>()
    };
    let noun = |kind: &EntityKind| t(kind.noun());
    match command {
        Command::Create { kind, set, .. } => tf("Add {kind} {title}", &[("kind", noun(kind)), ("title", &title(set))]),
        Command::Edit { kind, set, .. } => {
            let fields: Vec<String> = set.keys().map(|k| spaced(k)).collect();
            tf("Change {kind}: {fields}", &[("kind", noun(kind)), ("fields", &fields.join(", "))])
        }
        Command::Delete { kind, .. } => tf("Delete {kind}", &[("kind", noun(kind))]),
        Command::Restore { kind, .. } => tf("Restore {kind}", &[("kind", noun(kind))]),
        Command::MoveDeal { .. } => t("Move a deal").into(),
        Command::ReplaceStage { .. } => t("Delete a stage").into(),
        Command::OrderStages { .. } => t("Put stages in order").into(),
        Command::Snooze { .. } => t("Snooze something").into(),
        _ => t("Change a setting").into(),
    }
}

/// A field's key as words: `jobTitle` is "Job title". The tables with the real labels would come along into the code that
/// every page loads.
fn spaced(key: &str) -> String {
    let mut out = String::new();
    for c in key.chars() {
        if out.is_empty() {
            out.extend(c.to_uppercase());
        } else if c.is_uppercase() {
            out.push(' ');
            out.extend(c.to_lowercase());
        } else {
            out.push(c);
        }
    }
    out
}

/// An entry: what is sent, and when it was asked for (milliseconds of the browser's clock).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    pub at: u64,
    pub job: Job,
}

thread_local! {
    /// Orders what is kept within one millisecond.
    static TURN: Cell<u32> = const { Cell::new(0) };
}

const PREFIX: &str = "outbox:";
/// Whose browser this is: another person's things are wiped.
const WHO: &str = "rapport:who";

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

fn keys(storage: &web_sys::Storage, prefix: &str) -> Vec<String> {
    let count = storage.length().unwrap_or_default();
    (0..count).filter_map(|i| storage.key(i).ok().flatten()).filter(|k| k.starts_with(prefix)).collect()
}

/// Empties what somebody else left in this browser; what is one's own stays, signed out or not.
pub fn belong_to(email: &str) {
    let Some(storage) = storage() else { return };
    let before = storage.get_item(WHO).ok().flatten();
    if before.is_some_and(|b| b != email) {
        let _ = storage.clear();
    }
    let _ = storage.set_item(WHO, email);
}

/// Whether this browser belongs to somebody else by now.
pub fn belongs_to_another(email: &str) -> bool {
    storage().and_then(|s| s.get_item(WHO).ok().flatten()).is_none_or(|b| b != email)
}

/// Keeps a job until it is dropped. Jobs come back in the order of their keys, which is the order they were kept in.
/// Answers whether the browser took it.
pub fn keep(member: Uuid, job: &Job) -> bool {
    let Some(storage) = storage() else { return false };
    let waiting = Waiting { at: js_sys::Date::now() as u64, job: job.clone() };
    let Ok(text) = serde_json::to_string(&waiting) else { return false };
    let old = keys(&storage, PREFIX).into_iter().find(|k| k.ends_with(&job.id.to_string()));
    let turn = TURN.with(|n| n.replace(n.get() + 1));
    let key = old.unwrap_or_else(|| format!("{PREFIX}{member}:{:015}:{turn:09}:{}", waiting.at, job.id));
    storage.set_item(&key, &text).is_ok()
}

pub fn discard(id: CommandId) {
    let Some(storage) = storage() else { return };
    for key in keys(&storage, PREFIX).into_iter().filter(|k| k.ends_with(&id.to_string())) {
        let _ = storage.remove_item(&key);
    }
}

/// What waits for a member, in order.
pub fn load(member: Uuid) -> Vec<Waiting> {
    let Some(storage) = storage() else { return Vec::new() };
    let mut keys = keys(&storage, &format!("{PREFIX}{member}:"));
    keys.sort();
    keys.iter().filter_map(|k| serde_json::from_str(&storage.get_item(k).ok().flatten()?).ok()).collect()
}

/// Names of the records of a kind that were made here and are not saved yet, in order.
pub fn waiting_to_be_made(member: Uuid, kind: EntityKind) -> Vec<String> {
    let made = |command: &Value| {
        let ours = command["do"] == "create" && command["kind"] == kind.noun();
        ours.then(|| ["title", "firstName", "name", "description"].iter().find_map(|k| command["set"][*k].as_str()).unwrap_or_default().to_owned())
    };
    let jobs = load(member).into_iter();
    jobs.filter_map(|w| if let What::Send(command) = &w.job.what { made(command) } else { None }).collect()
}

/// Whether a key of the browser's store is an entry's.
pub fn is_ours(key: &str) -> bool {
    key.starts_with(PREFIX)
}

/// How many changes of anybody wait in this browser.
pub fn count() -> usize {
    storage().map_or(0, |s| keys(&s, PREFIX).len())
}
