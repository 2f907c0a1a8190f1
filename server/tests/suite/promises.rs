//! Promises of the design that no single slice can test for itself.

use domain::Command;
use std::{collections::BTreeSet, fs, path::Path};

/// Sources below a folder of the repository without their tests; the folders named `but` are left out.
fn sources(folder: &str, but: &str) -> String {
    fn read(folder: &Path, but: &str, out: &mut String) {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                if !but.split_whitespace().any(|name| path.ends_with(name)) {
                    read(&path, but, out);
                }
            } else if path.extension().is_some_and(|e| e == "rs") && !but.split_whitespace().any(|name| path.ends_with(name)) {
                *out += fs::read_to_string(&path).unwrap().split("#[cfg(test)]").next().unwrap();
            }
        }
    }
    let mut out = String::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder), but, &mut out);
    out
}

fn variant(name: &str) -> String {
    name.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

/// DESIGN §3: what can be done can be done on a page and by a program.
#[test]
fn every_command_has_a_rest_and_a_page_caller() {
    let rest = sources("server/src/api", "");
    // The queue only words and orders what others send.
    let pages = sources("app", "domain store tests sync") + &sources("server/src", "api cli.rs");
    // The names are checked against the variants by the domain.
    let known: Vec<&str> = Command::names().collect();
    let calls = |text: &str, name: &str| {
        let call = format!("Command::{}", variant(name));
        text.match_indices(&call).any(|(at, _)| !text[at + call.len()..].starts_with(char::is_alphanumeric))
    };
    let missing = |text: &str, but: &str| known.iter().filter(|name| **name != but && !calls(text, name)).copied().collect::<Vec<_>>();
    assert_eq!(missing(&rest, ""), Vec::<&str>::new(), "no program can send these");
    // A record comes back by the undo of its deletion, whose inverse this is.
    assert_eq!(missing(&pages, "restore"), Vec::<&str>::new(), "no page sends these");
    assert!(!calls(&rest, "no_such_command") && !calls(&pages, "no_such_command"));
}

/// Server functions register themselves from whichever crate declares them, provided that the linker includes that crate.
#[test]
fn every_server_function_of_every_crate_is_registered() {
    let sources = sources("app", "domain store tests");
    let declared: BTreeSet<String> =
        sources.split("endpoint = \"").skip(1).filter_map(|rest| Some(format!("/fn/{}", rest.split_once('"')?.0))).collect();
    let registered: BTreeSet<String> = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned()).collect();
    assert!(declared.len() > 40, "{}", declared.len());
    assert_eq!(declared, registered);
}
