//! Circles of imports between the files of a crate: files that can only be understood together.

use super::{Find, Source};
use proc_macro2::{TokenStream, TokenTree};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
};

/// A module: the file that it is, and the names it re-exports from elsewhere.
struct Module {
    file: usize,
    exports: HashMap<String, Vec<String>>,
}

/// Modules of a crate by their path.
type Modules = BTreeMap<Vec<String>, Module>;

/// One find per file that is in a circle.
pub fn of(sources: &[Source]) -> Vec<Find> {
    let mut crates: BTreeMap<PathBuf, Vec<usize>> = BTreeMap::new();
    for (at, source) in sources.iter().enumerate() {
        if let Some(root) = source.path.ancestors().find(|a| a.ends_with("src")) {
            crates.entry(root.to_path_buf()).or_default().push(at);
        }
    }
    let mut finds = Vec::new();
    for (root, files) in crates {
        let mut modules = Modules::new();
        let uses: Vec<(usize, Vec<String>, Vec<Use>)> =
            files.iter().filter_map(|at| Some((*at, module_path(&root, &sources[*at].path)?, uses(&sources[*at].tokens)))).collect();
        for (file, path, uses) in &uses {
            let exports = uses.iter().filter(|u| u.public).filter_map(|u| Some((u.name.clone()?, absolute(path, &u.path)?))).collect();
            modules.insert(path.clone(), Module { file: *file, exports });
        }
        let mut edges: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        let mut names: BTreeMap<(usize, usize), String> = BTreeMap::new();
        for (file, path, uses) in &uses {
            edges.entry(*file).or_default();
            for used in uses.iter().filter(|u| !u.public) {
                let Some(to) = absolute(path, &used.path).and_then(|at| target(&modules, &at, 0)).filter(|to| to != file) else { continue };
                edges.entry(*file).or_default().insert(to);
                names.insert((*file, to), used.path.join("::"));
            }
        }
        for circle in circles(&edges) {
            for file in &circle {
                let ties: Vec<&str> = circle.iter().filter_map(|to| Some(names.get(&(*file, *to))?.as_str())).collect();
                let what = format!("in a circle of {}, by {}", circle.len(), ties.join(", "));
                finds.push(Find { path: sources[*file].path.clone(), line: 1, what });
            }
        }
    }
    finds
}

/// `src/a/b.rs` and `src/a/b/mod.rs` are `a::b`.
fn module_path(root: &Path, file: &Path) -> Option<Vec<String>> {
    let mut parts: Vec<String> = file.strip_prefix(root).ok()?.iter().map(|p| p.to_string_lossy().into_owned()).collect();
    let last = parts.pop()?;
    let stem = last.strip_suffix(".rs")?;
    if !matches!(stem, "mod" | "lib" | "main") {
        parts.push(stem.to_owned());
    }
    Some(parts)
}

/// A path that a file names, in a `use` or in passing.
struct Use {
    path: Vec<String>,
    /// What a `use` calls it here.
    name: Option<String>,
    public: bool,
}

/// Everything that starts with `crate`, `super` or `self`.
fn uses(tokens: &TokenStream) -> Vec<Use> {
    let mut found = Vec::new();
    walk(tokens.clone(), &mut found);
    found
}

fn walk(tokens: TokenStream, found: &mut Vec<Use>) {
    let all: Vec<TokenTree> = tokens.into_iter().collect();
    let mut i = 0;
    while i < all.len() {
        match &all[i] {
            TokenTree::Ident(ident) if ident == "use" => {
                let public = i > 0 && (is(&all[i - 1], "pub") || (i > 1 && is(&all[i - 2], "pub")));
                let end = all[i..].iter().position(|t| is(t, ";")).map_or(all.len(), |n| i + n);
                tree(&all[i + 1..end], &[], public, found);
                i = end;
            }
            TokenTree::Ident(ident)
                if ["crate", "super", "self"].contains(&ident.to_string().as_str()) && all.get(i + 1).is_some_and(|t| is(t, ":")) =>
            {
                let mut path = vec![ident.to_string()];
                while let (Some(a), Some(b), Some(TokenTree::Ident(next))) = (all.get(i + 1), all.get(i + 2), all.get(i + 3))
                    && is(a, ":")
                    && is(b, ":")
                {
                    path.push(next.to_string());
                    i += 3;
                }
                found.push(Use { path, name: None, public: false });
            }
            // `mod name { … }`: its `super` is this file.
            TokenTree::Group(group) if i > 1 && is(&all[i - 2], "mod") => {
                let mut inner = Vec::new();
                walk(group.stream(), &mut inner);
                found.extend(inner.into_iter().filter_map(|mut used| {
                    (used.path.first()? == "super").then(|| used.path[0] = "self".into());
                    Some(used)
                }));
            }
            TokenTree::Group(group) => walk(group.stream(), found),
            _ => {}
        }
        i += 1;
    }
}

/// The leaves of a `use` tree.
fn tree(tokens: &[TokenTree], before: &[String], public: bool, found: &mut Vec<Use>) {
    // A list may end with a comma.
    for branch in tokens.split(|t| is(t, ",")).filter(|branch| !branch.is_empty()) {
        let mut path = before.to_vec();
        let mut name = None;
        let mut rest = branch.iter();
        while let Some(token) = rest.next() {
            match token {
                TokenTree::Ident(ident) if ident == "as" => name = rest.next().map(ToString::to_string),
                TokenTree::Ident(ident) => path.push(ident.to_string()),
                TokenTree::Group(group) => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    tree(&inner, &path, public, found);
                    path.clear();
                }
                _ => {}
            }
        }
        if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
            path.pop();
        }
        if let Some(last) = path.last().cloned() {
            found.push(Use { path, name: Some(name.unwrap_or(last)), public });
        }
    }
}

fn is(token: &TokenTree, text: &str) -> bool {
    token.to_string() == text
}

/// A path from the top of the crate. `None`: of another crate.
fn absolute(module: &[String], path: &[String]) -> Option<Vec<String>> {
    let mut at = module.to_vec();
    let mut rest = path.iter();
    match rest.next()?.as_str() {
        "crate" => at.clear(),
        "self" => {}
        "super" => {
            at.pop();
        }
        // Re-exports name their own modules without `self`.
        own => at.push(own.to_owned()),
    }
    for part in rest {
        if part == "super" {
            at.pop();
        } else {
            at.push(part.clone());
        }
    }
    Some(at)
}

/// The file that defines what a path names: the deepest module, or what that module re-exports.
fn target(modules: &Modules, path: &[String], depth: usize) -> Option<usize> {
    let (at, module) = (0..=path.len()).rev().find_map(|n| Some((n, modules.get(&path[..n])?)))?;
    let Some(name) = path.get(at) else { return Some(module.file) };
    match module.exports.get(name) {
        Some(origin) if depth < 8 && origin.as_slice() != path => target(modules, origin, depth + 1),
        // A crate of another name, or a definition of this very module.
        _ => (at > 0 || path.len() == 1 || depth > 0).then_some(module.file),
    }
}

/// Strongly connected files, two or more, by Tarjan's algorithm.
fn circles(edges: &BTreeMap<usize, BTreeSet<usize>>) -> Vec<Vec<usize>> {
    let mut state = Tarjan { edges, index: HashMap::new(), low: HashMap::new(), stack: Vec::new(), found: Vec::new() };
    for file in edges.keys() {
        if !state.index.contains_key(file) {
            state.visit(*file);
        }
    }
    state.found
}

struct Tarjan<'a> {
    edges: &'a BTreeMap<usize, BTreeSet<usize>>,
    index: HashMap<usize, usize>,
    low: HashMap<usize, usize>,
    stack: Vec<usize>,
    found: Vec<Vec<usize>>,
}

impl Tarjan<'_> {
    fn visit(&mut self, file: usize) {
        let number = self.index.len();
        self.index.insert(file, number);
        self.low.insert(file, number);
        self.stack.push(file);
        for next in self.edges.get(&file).into_iter().flatten() {
            if !self.index.contains_key(next) {
                self.visit(*next);
                self.low.insert(file, self.low[&file].min(self.low[next]));
            } else if self.stack.contains(next) {
                self.low.insert(file, self.low[&file].min(self.index[next]));
            }
        }
        if self.low[&file] == number {
            let at = self.stack.iter().position(|f| *f == file).unwrap_or_default();
            let circle = self.stack.split_off(at);
            if circle.len() > 1 {
                self.found.push(circle);
            }
        }
    }
}
