//! Building the front end: Trunk when its inputs changed, and the style sheet always.

use crate::{progress, setup};
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const OUT: &str = "dist/pkg";

pub fn build(release: bool) -> Result<()> {
    let stamp_file = Path::new("dist").join("stamp");
    let stamp = stamp(release)?;
    let fresh = fs::read_to_string(&stamp_file).is_ok_and(|s| s == stamp) && has_wasm();
    if !fresh {
        let bin = setup::ensure()?;
        trunk(&bin, release)?;
        fs::write(&stamp_file, stamp)?;
    }
    style(release)
}

/// Available memory, in kB, needed to compile the two largest crates in parallel.
const ROOM_KB: u64 = 6 << 20;

/// Builds the program with the front end embedded. The server's library does not depend on the front end, so both compile in
/// parallel where memory allows: linking the wasm occupies a single core for minutes.
pub fn program(profile: &str) -> Result<()> {
    if cfg!(target_os = "linux") && available_kb().is_some_and(|kb| kb < ROOM_KB) {
        build(true)?;
    } else {
        let mut library = server(profile);
        library.arg("--lib").stdout(Stdio::null()).stderr(Stdio::null());
        // Output is discarded: the second call reports the same errors.
        let mut beside = library.spawn().context("cargo is missing")?;
        let front = build(true);
        if front.is_err() {
            let _ = beside.kill();
        }
        let _ = beside.wait();
        front?;
    }
    progress::run(server(profile).args(["--bin", "rapport"]).env("RAPPORT_FILES", names()?), "Building the server")
}

fn server(profile: &str) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--profile", profile]);
    match profile {
        // Feature unification depends on the selected packages and targets. This selection equals that of `make test`, and the
        // example activates the dev-dependencies, so cargo reuses the compiled dependencies.
        "release" => cargo.args(["--workspace", "--exclude", "frontend", "--features", "app/ssr,ui/ssr,server/embed", "--example", "seed"]),
        _ => cargo.args(["-p", "server", "--features", "embed"]),
    };
    cargo
}

/// Hash of the names of the embedded files. Cargo tracks changed files itself; this hash tracks new ones.
fn names() -> Result<String> {
    let mut all = Vec::new();
    for folder in [Path::new(OUT), Path::new("public")] {
        collect(folder, &mut all)?;
    }
    all.sort();
    Ok(hex(&Sha256::digest(all.iter().map(|p| p.to_string_lossy()).collect::<Vec<_>>().join("\n"))))
}

fn hex(sum: &[u8]) -> String {
    sum.iter().map(|b| format!("{b:02x}")).collect()
}

fn available_kb() -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    text.lines().find_map(|l| l.strip_prefix("MemAvailable:"))?.split_whitespace().next()?.parse().ok()
}

fn has_wasm() -> bool {
    fs::read_dir(OUT).into_iter().flatten().flatten().any(|e| {
        let name = e.file_name();
        name.to_string_lossy().trim_end_matches(".br").ends_with("_bg.wasm")
    })
}

fn trunk(bin: &Path, release: bool) -> Result<()> {
    // Our hook and the pinned tools first on the path; nothing is looked for elsewhere.
    let own = std::env::current_exe()?.parent().map(Path::to_owned).context("this program has no folder")?;
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([own, bin.to_owned()].into_iter().chain(std::env::split_paths(&path)))?;
    fs::create_dir_all("dist")?;
    let installed = bin.join("trunk");
    let mut command = Command::new(if installed.exists() { installed } else { PathBuf::from("trunk") });
    command.args(["build", "--color", "never"]).env("PATH", path).env_remove("NO_COLOR");
    // clippy-driver, the compiler wrapper of `make test`, disables MIR optimisations, which makes the wasm larger.
    command.env_remove("RUSTC_WORKSPACE_WRAPPER");
    if release {
        command.arg("--release");
    }
    progress::run(&mut command, if release { "Building the front end, smallest size" } else { "Building the front end" })
}

/// Hash of everything the wasm is made of.
fn stamp(release: bool) -> Result<String> {
    let mut files = Vec::new();
    for top in ["app", "frontend"] {
        collect(Path::new(top), &mut files)?;
    }
    files.extend(["build", "hook", "pack", "setup", "stub"].map(|part| Path::new("tools/src").join(part).with_extension("rs")));
    files.extend(["Cargo.toml", "Cargo.lock", "Trunk.toml", "index.html", ".cargo/config.toml"].map(PathBuf::from));
    files.sort();
    let mut sum = Sha256::new();
    sum.update([u8::from(release)]);
    for file in files {
        sum.update(file.as_os_str().as_encoded_bytes());
        sum.update(fs::read(&file)?);
    }
    Ok(hex(&sum.finalize()))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            // Neither the store nor tests are in the browser.
            if !path.ends_with("store") && !path.ends_with("tests") {
                collect(&path, files)?;
            }
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// All style files in their order of layers, as one hashed file.
fn style(release: bool) -> Result<()> {
    let mut text = String::new();
    for file in ["tokens.css", "base.css", "layout.css"] {
        text += &fs::read_to_string(Path::new("style").join(file))?;
    }
    for folder in ["components", "pages"] {
        let mut files: Vec<PathBuf> = fs::read_dir(Path::new("style").join(folder))?.map(|e| e.map(|e| e.path())).collect::<Result<_, _>>()?;
        files.sort();
        for file in files {
            text += &fs::read_to_string(file)?;
        }
    }
    let text = squeeze(&text);
    let sum = Sha256::digest(&text);
    let name = format!("app-{}.css", sum.iter().take(8).map(|b| format!("{b:02x}")).collect::<String>());
    let target = Path::new(OUT).join(&name);
    let (plain, compressed) = (target.exists(), target.with_extension("css.br").exists());
    if (plain, compressed) == (!release, release) {
        return Ok(());
    }
    for entry in fs::read_dir(OUT)? {
        let path = entry?.path();
        if path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("app-") && n.to_string_lossy().contains(".css")) {
            fs::remove_file(path)?;
        }
    }
    fs::write(&target, &text)?;
    if release {
        crate::hook::compress(&target)?;
        fs::remove_file(&target)?;
    }
    Ok(())
}

/// Comments and indentation out. Strings with comments in them do not occur in our styles.
fn squeeze(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(start) = rest.find("/*") {
        out += &rest[..start];
        rest = rest[start..].find("*/").map_or("", |end| &rest[start + end + 2..]);
    }
    out += rest;
    out.lines().map(str::trim).filter(|l| !l.is_empty()).collect::<Vec<_>>().join("\n") + "\n"
}
