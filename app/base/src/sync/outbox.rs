//! What waits to be sent, kept in this browser until the server has it: a reload, a crash or a dead battery loses nothing.
//! One entry per command, under the workspace and the member who gave it; its id makes sending it twice harmless.

use crate::{
    Whose,
    i18n::{t, tf, translated},
};
use domain::{CommandId, EntityKind, EventId, FieldSpec, SliceCommand};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{cell::Cell, collections::BTreeMap};
use uuid::Uuid;

/// What is sent. A command stays as the text of JSON it is sent as: code that reads every kind of command back would be a
/// seventh of what each page loads first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    pub id: CommandId,
    /// The record it changes; nil for an undo of something that was not done here, and for one's own settings.
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
    /// Title of the record before the change, for the list of unsaved changes.
    #[serde(default)]
    pub about: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum What {
    Send(Value),
    Undo(EventId),
}

impl Job {
    /// A command on its way. Generic, so that the code that writes a slice's commands belongs to the pages that send them.
    pub fn send(command: &impl SliceCommand, base: Option<i64>) -> Self {
        Self::written(serde_json::to_value(command).unwrap_or_default(), command.subject().id().unwrap_or_default(), base)
    }

    fn written(command: Value, entity: Uuid, base: Option<i64>) -> Self {
        let words = words(&command);
        Self { entity, base, ..Self::new(words, What::Send(command)) }
    }

    fn new(words: String, what: What) -> Self {
        Self { id: CommandId::new(), entity: Uuid::nil(), base: None, words, what, names: BTreeMap::new(), title: None, about: String::new() }
    }

    /// Adds the names and titles that an optimistic update shows.
    pub fn named(self, named: Named) -> Self {
        Self { names: named.names, title: named.title, about: named.about, words: named.words.unwrap_or(self.words), ..self }
    }

    pub fn undo(event: EventId) -> Self {
        Self::new(t("Take something back").into(), What::Undo(event))
    }
}

/// Names and titles that an optimistic update shows: names of the records referred to, and the title of the record after
/// it where that is made of several fields.
#[derive(Default)]
pub struct Named {
    pub names: BTreeMap<Uuid, String>,
    pub title: Option<String>,
    /// Title of the record before the change.
    pub about: String,
    /// Description of the change, where it says more than its command alone does.
    pub words: Option<String>,
}

impl Named {
    pub fn about(title: impl Into<String>) -> Self {
        Self { about: title.into(), ..Self::default() }
    }
}

/// Description of a command, from its JSON: matching on the commands of all slices would be part of the first load.
fn words(command: &Value) -> String {
    let text = |key: &str| command[key].as_str().unwrap_or_default();
    let kind = || translated(text("kind").to_owned());
    let set = || command["set"].as_object();
    match text("do") {
        "create" => {
            let keys = ["title", "firstName", "name", "subject", "body", "description"];
            let name = keys.iter().find_map(|k| set()?.get(*k)?.as_str()).unwrap_or_default();
            let title: String = name.chars().take(60).collect();
            tf("Add {kind} {title}", &[("kind", &kind()), ("title", &title)])
        }
        "edit" => {
            let fields: Vec<String> = set().into_iter().flat_map(|s| s.keys()).map(|k| translated(spaced(k))).collect();
            tf("Change {kind}: {fields}", &[("kind", &kind()), ("fields", &fields.join(", "))])
        }
        "delete" => tf("Delete {kind}", &[("kind", &kind())]),
        "restore" => tf("Restore {kind}", &[("kind", &kind())]),
        "move_deal" => t("Move a deal").into(),
        "replace_stage" => t("Delete a stage").into(),
        "order_stages" => t("Put stages in order").into(),
        "snooze" => t("Snooze something").into(),
        _ => t("Change a setting").into(),
    }
}

/// A field's label. Called by the lazy sheet alone: the field tables would otherwise be part of the first load.
fn label(kind: Option<EntityKind>, key: &str) -> String {
    kind.and_then(|k| k.field(key)).map_or_else(|| spaced(key), |field| t(field.label).to_owned())
}

/// What a change does, with the labels of its fields. Called by the lazy sheet alone, like `label`.
pub fn words_of(job: &Job) -> String {
    let edit = match &job.what {
        What::Send(command) if command["do"] == "edit" => command["kind"].as_str().and_then(EntityKind::from_noun).zip(command["set"].as_object()),
        _ => None,
    };
    let Some((kind, set)) = edit else { return job.words.clone() };
    let fields: Vec<String> = set.keys().map(|key| label(Some(kind), key)).collect();
    tf("Change {kind}: {fields}", &[("kind", t(kind.noun())), ("fields", &fields.join(", "))])
}

/// A field's key as words: `jobTitle` is "Job title".
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

/// An entry: what is sent, when it was asked for (milliseconds of the browser's clock), and how that went so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    pub at: u64,
    pub job: Job,
    /// How often the server failed on it while it was well otherwise.
    #[serde(default)]
    pub failed: u32,
    /// It could not be saved: it is not sent before the person says so.
    #[serde(default)]
    pub aside: bool,
    /// Set on a rejected change that the user has to resolve.
    #[serde(default)]
    pub refused: Option<Refused>,
    /// Discarded in another tab than the one that sends it, which takes it out.
    #[serde(default)]
    pub dropped: bool,
}

/// Rejection of a delayed change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Refused {
    pub said: String,
    /// Server version with the conflicting value; `None`: the record is no longer visible.
    pub version: Option<i64>,
}

impl Waiting {
    pub fn new(job: Job) -> Self {
        Self { at: js_sys::Date::now() as u64, job, failed: 0, aside: false, refused: None, dropped: false }
    }
}

/// An entry that this version of the program cannot read: from another version, or damaged.
#[derive(Clone, Debug, PartialEq)]
pub struct Unreadable {
    pub key: String,
    pub text: String,
}

thread_local! {
    /// Orders entries of one millisecond.
    static TURN: Cell<u32> = const { Cell::new(0) };
}

const PREFIX: &str = "outbox:";
/// Whose browser this is: the address and the memberships of one person. Another person's things are wiped.
const WHO: &str = "rapport:who";
/// Until when the server wants to hear nothing (milliseconds of the browser's clock), for all tabs and over reloads.
const NOT_BEFORE: &str = "rapport:not-before";

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

fn keys(storage: &web_sys::Storage, prefix: &str) -> Vec<String> {
    let count = storage.length().unwrap_or_default();
    (0..count).filter_map(|i| storage.key(i).ok().flatten()).filter(|k| k.starts_with(prefix)).collect()
}

/// The address may change, and a person may have several memberships: one of the words in common is the same person. Versions
/// before wrote a membership as the member's id alone.
fn is_same(who: &str, email: &str, whose: Whose) -> bool {
    who.split(' ').any(|word| word == email || is_membership(word, whose))
}

fn is_membership(word: &str, whose: Whose) -> bool {
    word == whose.to_string() || word == whose.member.to_string()
}

/// Whether a word names a membership, in today's form or that of versions before.
fn is_id(word: &str) -> bool {
    matches!(word.len(), 36 | 73) && word.bytes().all(|b| b.is_ascii_hexdigit() || matches!(b, b'-' | b'.'))
}

/// Empties what somebody else left in this browser; what is one's own stays, signed out or not.
pub fn belong_to(email: &str, whose: Whose) {
    let Some(storage) = storage() else { return };
    let before = storage.get_item(WHO).ok().flatten().unwrap_or_default();
    let same = is_same(&before, email, whose);
    if !before.is_empty() && !same {
        let _ = storage.clear();
    }
    let others = before.split(' ').filter(|word| same && is_id(word) && !is_membership(word, whose)).map(str::to_owned);
    let who: Vec<String> = std::iter::once(email.to_owned()).chain(others).chain([whose.to_string()]).collect();
    let _ = storage.set_item(WHO, &who.join(" "));
}

/// Whether this browser belongs to somebody else by now.
pub fn belongs_to_another(email: &str, whose: Whose) -> bool {
    storage().and_then(|s| s.get_item(WHO).ok().flatten()).is_none_or(|who| !is_same(&who, email, whose))
}

/// Keeps a job until it is dropped. Jobs come back in the order of their keys, which is the order they were first kept in.
/// Answers the key; nothing where the browser did not take it, for lack of room or altogether.
pub fn keep(whose: Whose, waiting: &Waiting) -> Option<String> {
    let storage = storage()?;
    let text = serde_json::to_string(waiting).ok()?;
    let id = waiting.job.id.to_string();
    let key = keys(&storage, PREFIX).into_iter().find(|k| k.ends_with(&id)).unwrap_or_else(|| {
        let turn = TURN.with(|n| n.replace(n.get() + 1));
        format!("{PREFIX}{whose}:{:015}:{turn:09}:{id}", waiting.at)
    });
    storage.set_item(&key, &text).ok()?;
    Some(key)
}

/// The entry as any tab has left it.
pub fn kept(key: &str) -> Option<Waiting> {
    serde_json::from_str(&storage()?.get_item(key).ok().flatten()?).ok()
}

pub fn discard(id: CommandId) {
    let Some(storage) = storage() else { return };
    for key in keys(&storage, PREFIX).into_iter().filter(|k| k.ends_with(&id.to_string())) {
        let _ = storage.remove_item(&key);
    }
}

/// Takes an entry out by its key, whatever it says.
pub fn throw_away(key: &str) {
    if let Some(storage) = storage().filter(|_| is_ours(key)) {
        let _ = storage.remove_item(key);
    }
}

fn entries(whose: Whose) -> impl Iterator<Item = (String, Result<Waiting, String>)> {
    let of = |storage: &web_sys::Storage| {
        let mut keys = keys(storage, PREFIX);
        keys.sort();
        // A key that names no member would be nobody's for ever.
        keys.retain(|k| k[PREFIX.len()..].split(':').next().is_none_or(|owner| !is_id(owner) || owner == whose.to_string()));
        keys.into_iter().filter_map(|k| storage.get_item(&k).ok().flatten().map(|text| (k, text))).collect::<Vec<_>>()
    };
    let all = storage().map(|s| of(&s)).unwrap_or_default();
    let own = format!("{PREFIX}{whose}:");
    all.into_iter().map(move |(key, text)| match serde_json::from_str(&text) {
        Ok(waiting) if key.starts_with(&own) => (key, Ok(waiting)),
        _ => (key, Err(text)),
    })
}

/// What waits for a member, in order, with what is set aside.
pub fn load(whose: Whose) -> Vec<Waiting> {
    entries(whose).filter_map(|(_, entry)| entry.ok()).filter(|w| !w.dropped).collect()
}

/// What another tab discarded and no tab is left to take out.
pub fn load_dropped(whose: Whose) -> Vec<CommandId> {
    entries(whose).filter_map(|(_, entry)| entry.ok()).filter(|w| w.dropped).map(|w| w.job.id).collect()
}

/// Entries that cannot be read: they stay until a version of the program can, or until they are discarded.
pub fn unreadable(whose: Whose) -> Vec<Unreadable> {
    entries(whose).filter_map(|(key, entry)| entry.err().map(|text| Unreadable { key, text })).collect()
}

/// When the server wants to be asked again, at the earliest.
pub fn not_before() -> u64 {
    storage().and_then(|s| s.get_item(NOT_BEFORE).ok().flatten()).and_then(|text| text.parse().ok()).unwrap_or_default()
}

pub fn set_not_before(at: Option<u64>) {
    let Some(storage) = storage() else { return };
    let _ = match at {
        Some(at) => storage.set_item(NOT_BEFORE, &at.to_string()),
        None => storage.remove_item(NOT_BEFORE),
    };
}

/// A change as text: what it does, and what was typed. For reading, and for copying it elsewhere.
pub fn text(job: &Job) -> Vec<String> {
    let What::Send(command) = &job.what else { return Vec::new() };
    let Some(set) = command["set"].as_object() else { return Vec::new() };
    let said = |spec: Option<&'static FieldSpec>, value: &Value| {
        let text = domain::open::named(value).map_or_else(|| domain::records::plain(Some(value)), str::to_owned);
        match text.parse::<Uuid>() {
            // What it points at, by its name where that is known.
            Ok(id) => job.names.get(&id).cloned().unwrap_or_default(),
            Err(_) => crate::values::value_words(spec, &text),
        }
    };
    let kind = command["kind"].as_str().and_then(EntityKind::from_noun);
    set.iter()
        .map(|(key, value)| (label(kind, key), said(kind.and_then(|k| k.field(key)), value)))
        .filter(|(_, v)| !v.is_empty())
        .map(|(k, v)| format!("{k}: {v}"))
        .collect()
}

/// Names of the records of a kind that were made here and are not saved yet, in order.
pub fn waiting_to_be_made(whose: Whose, kind: EntityKind) -> Vec<String> {
    let made = |command: &Value| {
        let ours = command["do"] == "create" && command["kind"] == kind.noun();
        ours.then(|| ["title", "firstName", "name", "description"].iter().find_map(|k| command["set"][*k].as_str()).unwrap_or_default().to_owned())
    };
    let jobs = load(whose).into_iter();
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
