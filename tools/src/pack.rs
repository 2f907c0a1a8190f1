//! Puts the many small pieces that several groups of pages share into a few files: a page asks for what it needs in two
//! requests, not sixty, each of which costs two milliseconds of the page's own time.
//!
//! What most groups need lies in the common pack; what few need lies in the pack of every group that does, beside the group's
//! own module, so the first page brings little that is not its own. The pieces stay modules of their own: whichever pack brings
//! one first, it is taken once.

use anyhow::{Context, Result, bail};
use std::{collections::BTreeMap, fs, path::Path};

/// Pieces that at least so many groups need are common.
const COMMON: usize = 6;
/// Not counted, because visits seldom begin there: pieces shared with them and few other groups stay out of the common pack.
const LATER: [&str; 2] = ["forms", "more"];

/// How parts are fetched out of packs. `PACKS` stands above it: for each pack its file, and its pieces in order with their sizes.
const FROM_PACKS: &str = r#"// Which group is being loaded: its pack has copies of what it shares with few others.
let group = "";
let loading = 0;
const within = (name, load) => async () => {
    group = name;
    loading++;
    const done = load();
    group = "";
    // The shell's parts follow the page's and need pieces of the same packs.
    try { return await done; } finally { if (--loading === 0) setTimeout(() => { if (loading === 0) bodies.clear(); }, 5000); }
};
const bodies = new Map();
const bodyOf = file => {
    if (!bodies.has(file)) bodies.set(file, fetchWhole(new URL(file, import.meta.url)));
    return bodies.get(file);
};
const fetchPart = async url => {
    const piece = /(?:chunk|split)_([^-]+)/.exec(url)?.[1];
    for (const pack of [PACKS.common, PACKS[group]]) {
        let at = 0;
        for (const [name, size] of pack?.parts ?? []) {
            if (name === piece) {
                const body = await bodyOf(pack.file);
                // A task of its own for each: there are fifty of them.
                await new Promise(next => setTimeout(next));
                return body.slice(at, at + size);
            }
            at += size;
        }
    }
    return fetchWhole(url);
};
"#;

/// The group that a line exports the loader of.
fn exported(line: &str) -> Option<&str> {
    line.strip_prefix("export const __wasm_split_load_")?.split_once(' ').map(|l| l.0)
}

/// Rewrites the loader and puts the pieces it names into packs.
pub fn run(stage: &Path, id: &str) -> Result<()> {
    let file = stage.join(format!("__wasm_split-{id}.js"));
    let text = fs::read_to_string(&file)?;
    let mut packs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut groups = Vec::new();
    for line in text.lines() {
        if let Some(list) = line.strip_prefix("/* ").and_then(|l| l.strip_suffix(" */")) {
            groups = list.split(", ").map(str::to_owned).collect();
        } else if let Some(piece) = line.strip_prefix("const __chunk_").and_then(|l| l.split_once(' ')) {
            let name = format!("chunk_{}-{id}.wasm", piece.0);
            if groups.is_empty() {
                bail!("{name} has no group that imports it: the loader has an unexpected format");
            }
            let all = groups.iter().filter(|g| !LATER.contains(&g.as_str())).count();
            let into = match all {
                n if n >= COMMON => vec!["common".to_owned()],
                _ => std::mem::take(&mut groups),
            };
            for pack in into {
                packs.entry(pack).or_default().push(name.clone());
            }
        }
    }
    for name in fs::read_dir(stage)?.flatten().filter_map(|entry| entry.file_name().into_string().ok()) {
        if let Some((group, _)) = name.strip_prefix("split_").and_then(|rest| rest.split_once('-')) {
            packs.entry(group.to_owned()).or_default().push(name.clone());
        }
    }
    let mut index = serde_json::Map::new();
    let mut gone: Vec<String> = Vec::new();
    for (pack, pieces) in &packs {
        let (mut body, mut parts) = (Vec::new(), Vec::new());
        for piece in pieces {
            let bytes = fs::read(stage.join(piece)).with_context(|| piece.clone())?;
            let name = piece.split_once('_').and_then(|p| p.1.split_once('-')).context("a piece has another name")?.0;
            parts.push(serde_json::json!([name, bytes.len()]));
            body.extend(bytes);
        }
        let name = format!("pack_{pack}-{id}.bin");
        fs::write(stage.join(&name), body)?;
        index.insert(pack.clone(), serde_json::json!({"file": format!("./{name}"), "parts": parts}));
        gone.extend(pieces.iter().cloned());
    }
    gone.sort();
    gone.dedup();
    for piece in gone {
        fs::remove_file(stage.join(piece))?;
    }
    fs::write(file, rewrite(&text, &serde_json::to_string(&index)?)?)?;
    Ok(())
}

fn rewrite(text: &str, index: &str) -> Result<String> {
    let (before, after) =
        text.split_once("const fetchPart = ").and_then(|(b, rest)| Some((b, rest.split_once("\n};\n")?.1))).context("no fetchPart")?;
    let mut out = format!("{before}const PACKS = {index};\n{FROM_PACKS}");
    let mut inside = None;
    for line in after.lines() {
        match (exported(line), inside) {
            (Some(name), _) => {
                inside = Some(name);
                out.push_str(&line.replace("wrapAsyncCb(makeLoad(", &format!("wrapAsyncCb(within(\"{name}\", makeLoad(")));
            }
            (None, Some(_)) if line.ends_with("]));") => {
                inside = None;
                out.push_str(&line.replace("]));", "])));"));
            }
            _ => out.push_str(line),
        }
        out.push('\n');
    }
    if inside.is_some() || !out.contains("within(\"daily\"") {
        bail!("the loader of the groups is not written as it was");
    }
    Ok(out)
}
