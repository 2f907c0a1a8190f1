//! The tools the front end's build runs, from the path where their versions fit, else installed into a folder of
//! the project, never over the user's own.

use crate::progress;
use anyhow::{Context, Result, bail};
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const TRUNK: &str = "0.22.1";
/// Must equal the version of the crate in Cargo.lock.
const WASM_BINDGEN: &str = "0.2.130";

/// Where the tools live: `$RAPPORT_TOOLS`, else `.tools`.
pub fn folder() -> PathBuf {
    std::env::var_os("RAPPORT_TOOLS").map_or_else(|| PathBuf::from(".tools"), PathBuf::from)
}

fn version_of(program: &Path) -> Option<String> {
    let out = Command::new(program).arg("--version").stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(out.stdout).ok()?;
    text.split_whitespace().nth(1).map(str::to_owned)
}

/// Installs what is missing: a Trunk or wasm-bindgen of the right version on the path is used as it is. Answers the folder of
/// what was installed, which goes before the path.
pub fn ensure() -> Result<PathBuf> {
    let folder = folder();
    std::fs::create_dir_all(&folder)?;
    let folder = folder.canonicalize()?;
    wasm_target()?;
    // Trunk's manifest requires a newer compiler than it needs, and fat LTO. Trunk runs for seconds, so optimising it and its
    // JavaScript and CSS minifiers would cost minutes of compile time without benefit.
    install(&folder, "trunk", "trunk", TRUNK, "0", &["--locked", "--ignore-rust-version"])?;
    install(&folder, "wasm-bindgen", "wasm-bindgen-cli", WASM_BINDGEN, "1", &[])?;
    Ok(folder.join("bin"))
}

fn wasm_target() -> Result<()> {
    let root =
        Command::new("rustc").args(["--print", "sysroot"]).output().context("rustc is missing: install Rust with rustup (https://rustup.rs)")?;
    let root = String::from_utf8(root.stdout)?;
    if Path::new(root.trim()).join("lib/rustlib/wasm32-unknown-unknown").exists() {
        return Ok(());
    }
    eprintln!("Adding the wasm32 target");
    let done = Command::new("rustup").args(["target", "add", "wasm32-unknown-unknown"]).status();
    match done {
        Ok(status) if status.success() => Ok(()),
        _ => bail!("the wasm32 target is missing; add it with: rustup target add wasm32-unknown-unknown"),
    }
}

fn install(folder: &Path, program: &str, package: &str, version: &str, optimisation: &str, extra: &[&str]) -> Result<()> {
    let own = folder.join("bin").join(program);
    if version_of(&own).as_deref() == Some(version) {
        return Ok(());
    }
    if version_of(Path::new(program)).as_deref() == Some(version) {
        // Another version of ours would come first.
        let _ = std::fs::remove_file(own);
        return Ok(());
    }
    let mut install = Command::new("cargo");
    install
        .args(["install", package, "--version", version, "--root"])
        .arg(folder)
        .args(extra)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", optimisation)
        .env_remove("CARGO_BUILD_TARGET");
    let what = format!("Compiling {package} {version}, once");
    progress::run(&mut install, &what).with_context(|| format!("try: cargo install {package} --version {version}"))
}
