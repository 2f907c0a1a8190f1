//! Where code outside a slice knows its kind: variants of `EntityKind` under any alias, arms over them, nouns as text.

use super::{Find, Source, belongs_to};
use proc_macro2::{TokenStream, TokenTree};
use std::collections::BTreeMap;
use syn::Lit;

pub struct Named {
    pub variants: Vec<Find>,
    pub arms: Vec<Find>,
    pub texts: Vec<Find>,
}

/// A kind as its declaration says: the variant, and the words that stand for it.
struct Kind {
    variant: String,
    noun: String,
    plural: String,
}

pub fn named(sources: &[Source]) -> Named {
    let kinds = declared(sources);
    let mut named = Named { variants: Vec::new(), arms: Vec::new(), texts: Vec::new() };
    for source in sources {
        let tokens: Vec<TokenTree> = flat(source.tokens.clone());
        let aliases = aliases(&tokens);
        let direct = imported(&tokens);
        for (at, token) in tokens.iter().enumerate() {
            let line = token.span().start().line;
            let before = |n: usize| at.checked_sub(n).map(|i| tokens[i].to_string()).unwrap_or_default();
            let after = |n: usize| tokens.get(at + n).map(ToString::to_string).unwrap_or_default();
            if let TokenTree::Ident(ident) = token {
                let name = ident.to_string();
                let qualified = before(1) == ":" && before(2) == ":" && aliases.contains(&before(3));
                let Some(kind) = kinds.iter().find(|k| k.variant == name).filter(|_| qualified || direct.contains(&name)) else { continue };
                // A field table names the kind that a reference points at: a declaration, which generic code reads.
                let declared = source.path.starts_with("app/domain/src") && before(4) == "Ref" && before(5) == ":";
                if declared || belongs_to(&source.path, &[&kind.noun, &kind.plural]) {
                    continue;
                }
                let find = || Find { path: source.path.clone(), line, what: format!("EntityKind::{name}") };
                named.variants.push(find());
                if is_arm(&tokens, at) {
                    named.arms.push(find());
                }
            } else if let Some(text) = string(token)
                && let Some(kind) = kinds.iter().find(|k| k.noun == text || k.plural == text)
                && !belongs_to(&source.path, &[&kind.noun, &kind.plural])
                && (is_arm(&tokens, at) || (before(1) == "=" && matches!(before(2).as_str(), "=" | "!")) || (after(1) == "=" && after(2) == "="))
            {
                named.texts.push(Find { path: source.path.clone(), line, what: format!("\"{text}\"") });
            }
        }
    }
    named
}

/// The kinds: the list in `kind.rs` names the constant of each (`Deal: deals(KIND, FIELDS)`), which holds noun and plural.
fn declared(sources: &[Source]) -> Vec<Kind> {
    let domain = || sources.iter().filter(|s| s.path.starts_with("app/domain/src"));
    let mut words = BTreeMap::new();
    for source in domain() {
        let slice = source.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        words.extend(specs(&flat(source.tokens.clone())).into_iter().map(|(name, noun, plural)| ((slice.clone(), name), (noun, plural))));
    }
    let listed = domain().filter(|s| s.path.ends_with("kind.rs")).flat_map(|s| list(&flat(s.tokens.clone())));
    listed
        .filter_map(|(variant, slice, name)| {
            let (noun, plural) = words.get(&(slice, name))?.clone();
            Some(Kind { variant, noun, plural })
        })
        .collect()
}

/// `Deal: deals(KIND, FIELDS)` as variant, slice, constant.
fn list(tokens: &[TokenTree]) -> Vec<(String, String, String)> {
    let text = |i: usize| tokens.get(i).map(ToString::to_string).unwrap_or_default();
    (0..tokens.len())
        .filter(|i| text(i + 1) == ":" && text(i + 2) != ":" && text(i + 4) == "," && text(i + 6) == ",")
        .map(|i| (text(i), text(i + 2), text(i + 3)))
        .collect()
}

/// `const KIND: KindSpec = KindSpec::record("deal", "deals", …` as constant, noun, plural.
fn specs(tokens: &[TokenTree]) -> Vec<(String, String, String)> {
    let text = |i: usize| tokens.get(i).map(ToString::to_string).unwrap_or_default();
    (0..tokens.len())
        .filter(|i| text(*i) == "const" && text(i + 3) == "KindSpec" && text(i + 5) == "KindSpec")
        .filter_map(|i| Some((text(i + 1), string(tokens.get(i + 9)?)?, string(tokens.get(i + 11)?)?)))
        .collect()
}

fn string(token: &TokenTree) -> Option<String> {
    let TokenTree::Literal(literal) = token else { return None };
    match syn::parse_str::<Lit>(&literal.to_string()).ok()? {
        Lit::Str(s) => Some(s.value()),
        _ => None,
    }
}

/// All tokens in order; groups are opened, their brackets kept as tokens of their own would be of no use here.
fn flat(tokens: TokenStream) -> Vec<TokenTree> {
    let mut all = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => all.extend(flat(group.stream())),
            other => all.push(other),
        }
    }
    all
}

/// Names that stand for `EntityKind` in a file.
fn aliases(tokens: &[TokenTree]) -> Vec<String> {
    let mut names = vec!["EntityKind".to_owned()];
    for three in tokens.windows(3) {
        if three[0].to_string() == "EntityKind" && three[1].to_string() == "as" {
            names.push(three[2].to_string());
        }
    }
    names
}

/// Variants that a file imports by name: `use EntityKind::{Contact, Deal}`.
fn imported(tokens: &[TokenTree]) -> Vec<String> {
    let mut names = Vec::new();
    let mut i = 0;
    while i + 4 < tokens.len() {
        let text = |n: usize| tokens[i + n].to_string();
        if text(0) == "use" {
            let end = tokens[i..].iter().position(|t| t.to_string() == ";").map_or(tokens.len(), |n| i + n);
            let used: Vec<String> = tokens[i..end].iter().map(ToString::to_string).collect();
            if let Some(at) = used.windows(3).position(|w| w[0] == "EntityKind" && w[1] == ":" && w[2] == ":") {
                names.extend(used[at + 3..].iter().filter(|w| w.chars().next().is_some_and(char::is_uppercase)).cloned());
            }
            i = end;
        }
        i += 1;
    }
    names
}

/// Followed by `=>`, or by `|` and then an arm, or by a guard and then an arm: a pattern of a `match`.
fn is_arm(tokens: &[TokenTree], at: usize) -> bool {
    let next = |n: usize| tokens.get(at + n).map(ToString::to_string).unwrap_or_default();
    (next(1) == "=" && next(2) == ">") || next(1) == "|" || (at > 0 && tokens[at - 1].to_string() == "|")
}
