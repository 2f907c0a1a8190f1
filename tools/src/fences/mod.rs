//! Fences: counts of what should become less, each with a ceiling that only falls.

mod circles;
mod kinds;
mod lengths;

use anyhow::{Context, Result};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Most finds per fence. Fewer finds are the new ceiling: lower the number in the same commit.
const CEILINGS: [(&str, usize); 6] = [
    ("kinds of record named outside their own folders", 25),
    ("match arms over kinds outside their own folders", 0),
    ("comparisons with a kind's noun or table as text", 1),
    ("files in circles of imports", 0),
    ("functions of more than 100 lines", 11),
    ("lines of more than 180 characters", 148),
];

/// A source file of the program, tests left out.
pub struct Source {
    /// From the top of the repository.
    path: PathBuf,
    text: String,
    tokens: TokenStream,
}

/// One find: where, and what it is.
pub struct Find {
    path: PathBuf,
    line: usize,
    what: String,
}

/// Counts and compares; `list` prints every find of the fences whose name contains it.
pub fn run(list: Option<&str>) -> Result<()> {
    let sources = sources()?;
    let named = kinds::named(&sources);
    let found: [Vec<Find>; 6] =
        [named.variants, named.arms, named.texts, circles::of(&sources), lengths::functions(&sources)?, lengths::lines(&sources)];
    let mut wrong = false;
    for ((name, most), finds) in CEILINGS.iter().zip(&found) {
        if list.is_some_and(|l| name.contains(l)) {
            for find in finds {
                println!("{}:{}: {}", find.path.display(), find.line, find.what);
            }
        }
        let verdict = match finds.len().cmp(most) {
            std::cmp::Ordering::Greater => "too many: `rapport-tools fences --list` shows them",
            std::cmp::Ordering::Less => "fewer than the ceiling: lower it in tools/src/fences/mod.rs",
            std::cmp::Ordering::Equal => "",
        };
        wrong |= !verdict.is_empty();
        println!("{name}: {} (ceiling {most}) {verdict}", finds.len());
    }
    if wrong {
        std::process::exit(1);
    }
    Ok(())
}

/// All Rust files that git knows or would add, outside folders of tests.
fn sources() -> Result<Vec<Source>> {
    let listed = Command::new("git").args(["ls-files", "-co", "--exclude-standard", "*.rs"]).output().context("git is needed")?;
    let mut sources = Vec::new();
    for path in String::from_utf8(listed.stdout)?.lines().map(PathBuf::from) {
        if path.iter().any(|part| part == "tests" || part == "examples" || part == "benches") || !path.exists() {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        let tokens: TokenStream = text.parse().map_err(|e| anyhow::anyhow!("{}: {e}", path.display()))?;
        sources.push(Source { tokens: without_tests(tokens), path, text });
    }
    Ok(sources)
}

/// The tokens without the items under `#[cfg(test)]`.
fn without_tests(tokens: TokenStream) -> TokenStream {
    let all: Vec<TokenTree> = tokens.into_iter().collect();
    let mut kept = Vec::new();
    let mut i = 0;
    while i < all.len() {
        let test = all[i].to_string() == "#" && all.get(i + 1).is_some_and(|t| t.to_string().replace(' ', "") == "[cfg(test)]");
        if test {
            // An item ends with its block or a semicolon.
            let ends = |t: &TokenTree| matches!(t, TokenTree::Group(g) if g.delimiter() == Delimiter::Brace) || t.to_string() == ";";
            i += 2 + all[i + 2..].iter().position(ends).unwrap_or(all.len());
        } else {
            kept.push(all[i].clone());
        }
        i += 1;
    }
    kept.into_iter().collect()
}

/// Whether a file belongs to the slice of a kind: a folder or a file has its name.
fn belongs_to(path: &Path, names: &[&str]) -> bool {
    path.iter().filter_map(|part| part.to_str()).any(|part| {
        let stem = part.strip_suffix(".rs").unwrap_or(part);
        names.iter().any(|name| stem == *name || stem.strip_prefix(name).is_some_and(|rest| rest.starts_with('_')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        let tokens = text.parse().unwrap();
        Source { path: path.into(), text: text.into(), tokens: without_tests(tokens) }
    }

    fn places(finds: &[Find]) -> Vec<(&str, usize)> {
        finds.iter().map(|f| (f.path.to_str().unwrap(), f.line)).collect()
    }

    const LIST: &str = "macro_rules! kinds { ($then:ident) => { $then! { Deal: deals(KIND, FIELDS), Company: companies(KIND, FIELDS), } }; }";
    const DEAL: &str = "pub const KIND: KindSpec = KindSpec::record(\"deal\", \"deals\");";
    const COMPANY: &str = "pub const KIND: KindSpec = KindSpec::record(\"company\", \"companies\").title(\"name\");";

    #[test]
    fn kinds_are_found_under_any_name_outside_their_own_folders() {
        let found = kinds::named(&[
            source("app/domain/src/kind.rs", LIST),
            source("app/domain/src/deals.rs", DEAL),
            source("app/domain/src/companies.rs", COMPANY),
            source("app/src/deals/list.rs", "fn f() { g(EntityKind::Deal); g(EntityKind::Company) }"),
            source("app/src/feed.rs", "use domain::EntityKind as K;\nfn f(k: K) { match k {\nK::Deal | K::Company => 1 } }"),
            source("app/src/peek.rs", "use EntityKind::{Deal, Company};\nfn f() {\ng(Deal); }"),
            source(
                "app/src/find.rs",
                "fn f(s: &str) -> bool {\ns == \"deals\" || s != \"other\" || g(\"deal\") }\n#[cfg(test)] mod tests { fn t() { EntityKind::Deal } }\nfn h() { EntityKind::Deal }",
            ),
        ]);
        let variants = places(&found.variants);
        assert_eq!(variants[0], ("app/src/deals/list.rs", 1));
        assert_eq!(variants.iter().filter(|v| **v == ("app/src/feed.rs", 3)).count(), 2);
        assert!(variants.contains(&("app/src/peek.rs", 3)) && variants.contains(&("app/src/find.rs", 4)));
        assert!(!variants.contains(&("app/src/find.rs", 3)), "a test is no find");
        assert_eq!(places(&found.arms), [("app/src/feed.rs", 3), ("app/src/feed.rs", 3)]);
        assert_eq!(places(&found.texts), [("app/src/find.rs", 2)]);
    }

    #[test]
    fn a_circle_is_found_through_a_re_export_and_a_tree_is_none() {
        let finds = circles::of(&[
            source("x/src/lib.rs", "pub mod a; pub mod b; pub mod c;"),
            source("x/src/a/mod.rs", "mod inner; pub use inner::Inner;"),
            source("x/src/a/inner.rs", "use crate::b::B; pub struct Inner;"),
            source("x/src/b.rs", "pub struct B; fn f() { crate::a::Inner; }"),
            source("x/src/c.rs", "use crate::{a::Inner, b::B,}; use std::fmt; mod tests { use super::*; }"),
        ]);
        assert_eq!(places(&finds).iter().map(|f| f.0).collect::<std::collections::BTreeSet<_>>(), ["x/src/a/inner.rs", "x/src/b.rs"].into());
    }

    #[test]
    fn long_functions_and_lines_are_found() {
        let long = format!("fn short() {{}}\nfn long() {{\n{}}}\n// {}", "g();\n".repeat(100), "x".repeat(180));
        let sources = [source("a.rs", &long)];
        assert_eq!(places(&lengths::functions(&sources).unwrap()), [("a.rs", 2)]);
        assert_eq!(places(&lengths::lines(&sources)), [("a.rs", 104)]);
    }
}
