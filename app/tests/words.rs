//! Every word of the interface is in every catalogue, with the same parts.
#![cfg(feature = "ssr")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use app::i18n::{PARTS, catalogue, words_of};
use domain::{Currency, EntityKind, FieldKind, Language, Role};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};
use ui::words::{Catalogue, names};

/// The languages that need a catalogue.
fn others() -> impl Iterator<Item = (Language, &'static Catalogue)> {
    Language::ALL.into_iter().filter_map(|l| Some((l, catalogue(l)?)))
}

fn sources(path: &Path, all: &mut Vec<String>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap().map(Result::unwrap) {
            sources(&entry.path(), all);
        }
    } else if path.extension().is_some_and(|e| e == "rs") {
        let text = fs::read_to_string(path).unwrap();
        all.push(text.split("#[cfg(test)]").next().unwrap().to_owned());
    }
}

/// The literal that starts `text`, unescaped.
fn literal(text: &str) -> Option<String> {
    let text = text.trim_start().strip_prefix('"')?;
    let mut out = String::new();
    let mut chars = text.chars();
    loop {
        match chars.next()? {
            '"' => return Some(out),
            '\\' => match chars.next()? {
                'n' => out.push('\n'),
                // A line that goes on: its indent is no part of the words.
                '\n' => chars = chars.as_str().trim_start().chars(),
                'u' => {
                    let code: String = chars.by_ref().skip(1).take_while(|c| *c != '}').collect();
                    out.push(char::from_u32(u32::from_str_radix(&code, 16).ok()?)?);
                }
                c => out.push(c),
            },
            c => out.push(c),
        }
    }
}

/// Modules of the shell that run on the server alone.
const ON_THE_SERVER: [&str; 4] = ["sign_in", "help", "offline_page.rs", "shell.rs"];

/// All texts given to `t` and `tf` in the sources of pages and parts, by crate; `server` for those of plain pages.
fn words_of_crates() -> BTreeMap<String, BTreeSet<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = BTreeMap::new();
    // The crates of pages: the kit, the base, the areas, the shell. Texts of domain and store are tables or sentences.
    let crates = fs::read_dir(root).unwrap().map(Result::unwrap).map(|e| (e.file_name().into_string().unwrap(), e.path().join("src")));
    let crates = crates.filter(|(name, source)| source.is_dir() && !["domain", "store"].contains(&name.as_str()));
    for (name, source) in crates.chain([("app".to_owned(), root.join("src"))]) {
        for entry in fs::read_dir(source).unwrap().map(Result::unwrap) {
            let plain = name == "app" && ON_THE_SERVER.iter().any(|n| entry.file_name() == *n);
            let of: &mut BTreeSet<String> = found.entry(if plain { "server".into() } else { name.clone() }).or_default();
            let mut texts = Vec::new();
            sources(&entry.path(), &mut texts);
            of.extend(texts.iter().flat_map(|text| words_in(text)));
        }
    }
    found
}

fn words_in(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for call in ["t(", "tf("] {
        for (at, _) in text.match_indices(call) {
            let own = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            found.extend(own.then(|| literal(&text[at + call.len()..])).flatten());
        }
    }
    // Of a text about several, the browser takes the form for one.
    let one = |word: &String| ui::words::ONE.iter().find(|o| o.0 == word).map(|o| o.1.to_owned());
    let ones: Vec<String> = found.iter().filter_map(one).collect();
    found.into_iter().chain(ones).collect()
}

fn words_of_pages() -> BTreeSet<String> {
    let counted = ui::words::ONE.iter().flat_map(|o| [o.0, o.1]).map(str::to_owned);
    words_of_crates().into_values().flatten().chain(counted).collect()
}

/// Texts of tables: places, labels, choices, roles, templates.
fn words_of_tables() -> BTreeSet<String> {
    let mut all: BTreeSet<String> = app::places::words().map(str::to_owned).collect();
    for kind in EntityKind::ALL {
        let spec = kind.spec();
        all.insert(kind.noun().to_owned());
        all.extend([Some(spec.label), spec.counted, spec.feed.map(|f| f.1)].into_iter().flatten().map(str::to_owned));
        all.extend(spec.phrases.iter().map(|p| p.1.to_owned()));
        for field in kind.fields() {
            all.insert(field.label.to_owned());
            if let FieldKind::Choice(choices) | FieldKind::Several(choices) = field.kind {
                all.extend(choices.iter().map(|c| c.1.to_owned()));
            }
        }
    }
    for role in Role::ALL {
        all.extend([role.words().to_owned(), role.sentence().to_owned()]);
    }
    for template in domain::pipelines::TEMPLATES {
        all.extend([template.name.to_owned(), template.about.to_owned()]);
        all.extend(template.stages.iter().map(|s| s.name.to_owned()));
    }
    all.extend(domain::tasks::RECURRENCES.iter().map(|r| r.1.to_owned()));
    all
}

#[test]
fn every_word_is_in_every_catalogue() {
    let words: BTreeSet<String> = words_of_pages().union(&words_of_tables()).cloned().collect();
    assert!(words.len() > 800, "{} words found", words.len());
    for (language, catalogue) in others() {
        let missing: Vec<&String> = words.iter().filter(|w| w.chars().any(char::is_alphabetic) && catalogue.get(w).is_none()).collect();
        assert!(missing.is_empty(), "{language:?} lacks {}: {missing:#?}", missing.len());
    }
}

/// A page finds its words in the files that it loads; a word lies in one file, and an area's file has only words of the area.
#[test]
fn a_word_lies_in_the_file_of_its_area() {
    let keys = |json: &str| serde_json::from_str::<BTreeMap<String, String>>(json).unwrap().into_keys().collect::<BTreeSet<_>>();
    let files: BTreeMap<&str, BTreeSet<String>> = PARTS.iter().map(|(part, german, _)| (*part, keys(german))).collect();
    for (part, _, spanish) in PARTS {
        assert_eq!(keys(spanish), files[part], "{part}");
    }
    let total: usize = files.values().map(BTreeSet::len).sum();
    assert_eq!(files.values().flatten().collect::<BTreeSet<_>>().len(), total, "a word lies in two files");
    // The shell shows the tables of all areas on every page.
    let tables = words_of_tables();
    let lost: Vec<&String> = tables.iter().filter(|w| w.chars().any(char::is_alphabetic) && !files[""].contains(*w)).collect();
    assert!(lost.is_empty(), "words of tables outside the file of all pages: {lost:#?}");
    let crates = words_of_crates();
    for (name, words) in &crates {
        let mut loaded: Vec<&str> = vec!["", name.as_str()];
        // The server has all files; the shell's own parts are on every page.
        match name.as_str() {
            "server" => loaded = files.keys().copied().collect(),
            "app" => {}
            area => loaded.extend(words_of(area)),
        }
        let lost: Vec<&String> = words
            .iter()
            .filter(|w| w.chars().any(char::is_alphabetic))
            .filter(|w| !loaded.iter().any(|f| files.get(f).is_some_and(|f| f.contains(*w))))
            .collect();
        assert!(lost.is_empty(), "{name} does not load: {lost:#?}");
    }
    for area in ["sales", "people", "setup", "figures"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(area);
        let mut own = Vec::new();
        sources(&root.join("src"), &mut own);
        let own = own.join("\n").replace("\\\"", "\"");
        let strange: Vec<&String> = files[area].iter().filter(|w| !own.contains(&format!("\"{w}\"")) && !crates[area].contains(*w)).collect();
        assert!(
            strange.iter().all(|w| files[area].contains(*w) && area == "sales" && crates["people"].contains(*w)),
            "{area} has no such word: {strange:#?}"
        );
    }
}

#[test]
fn the_parts_of_a_text_are_the_parts_of_its_translation() {
    let sorted = |text| {
        let mut all: Vec<String> = names(text).map(str::to_owned).collect();
        all.sort();
        all
    };
    for (language, catalogue) in others() {
        for english in catalogue.keys() {
            let own = catalogue.get(english).unwrap();
            assert!(!own.trim().is_empty(), "{language:?}: {english}");
            assert_eq!(sorted(english), sorted(own), "{language:?}: {english} → {own}");
        }
    }
}

/// What the rules say is wrong is said in the language of the reader, whichever rule it is.
#[test]
fn refusals_are_translated() {
    let wrong = serde_json::json!({
        "firstName": "x".repeat(500), "warmnessScore": 11, "birthday": "2023-02-30", "linkedinUrl": "javascript:alert(1)", "emails": ["no address"],
        "phones": "call me", "status": "sleeping", "companyId": "17", "meetingCadence": "soon",
    });
    let serde_json::Value::Object(set) = wrong else { panic!("an object") };
    let errors = domain::fields::check(EntityKind::Contact, &set, true, Currency::USD).unwrap_err();
    assert_eq!(errors.0.len(), 9);
    let sentences = [
        app::AppError::NotFound.to_string(),
        app::AppError::NotAllowed.to_string(),
        app::AppError::Bug("7F3K".into()).to_string(),
        app::AppError::from(store::Away::Unreachable).to_string(),
        app::AppError::from(store::Away::DiskFull).to_string(),
        app::AppError::from(store::Away::Overloaded).to_string(),
        "Bea changed First name to “Ana” meanwhile.".to_owned(),
        "Only its owner or an admin can make this visible to fewer people.".to_owned(),
        "You took this over yourself, so only the owner before you or an admin can make it visible to fewer people.".to_owned(),
        "Only the member who made this import, a manager or an admin can take it back.".to_owned(),
        "You deleted 10 records of others within 10 minutes. Ask a manager or an admin to delete more, or wait a little.".to_owned(),
    ];
    for (language, catalogue) in others() {
        for sentence in errors.0.iter().map(|e| &e.message).chain(&sentences) {
            assert_ne!(&catalogue.sentence(sentence), sentence, "{language:?}");
        }
    }
}

/// Every verb that the store writes is told in every language; a title that looks like a part stays a title.
#[test]
fn events_are_told_in_the_language_of_the_reader() {
    let change = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    let mut event = domain::events::Event {
        id: domain::EventId::new(),
        verb: "moved".into(),
        kind: EntityKind::Deal,
        entity_id: uuid::Uuid::nil(),
        title: "{to} Acme".into(),
        actor: None,
        surface: "web".into(),
        recorded_at: chrono::DateTime::UNIX_EPOCH,
        occurred_at: chrono::DateTime::UNIX_EPOCH,
        changes: [("stage".to_owned(), change("A", "B")), ("until".to_owned(), change("", "2026-11-30"))].into(),
        undone: false,
        undoable: false,
        hidden: false,
    };
    assert_eq!(event.sentence(), "moved {to} Acme from A to B");
    let verbs = "ordered replaced brought_back merged split tidied wished shared unshared created deleted restored won lost moved reopened snoozed \
                 handed_over weighted imported import_undone import_redone edited";
    for (language, catalogue) in others() {
        for verb in verbs.split_whitespace() {
            event.verb = verb.into();
            let own = event.phrase(|text| catalogue.sentence(text));
            assert_ne!(own, event.sentence(), "{language:?} {verb}");
            assert!(!own.contains("{title}") && !own.contains("{from}"), "{own}");
        }
        for visibility in ["team", "private"] {
            let mut narrowed = domain::events::Event { hidden: true, ..event.clone() };
            narrowed.changes.insert("visibility".into(), change("workspace", visibility));
            let own = narrowed.phrase(|text| catalogue.sentence(text));
            assert_ne!(own, narrowed.sentence(), "{language:?} {visibility}");
        }
    }
}
