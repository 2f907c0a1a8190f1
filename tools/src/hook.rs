//! After Trunk: split lazy routes off, give every file the build's id, optimise and compress.
//!
//! Splitting must happen before wasm-bindgen, so the bindgen step is done again here and Trunk's own output replaced.

use anyhow::{Context, Result, bail};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

pub fn run() -> Result<()> {
    let stage = PathBuf::from(std::env::var("TRUNK_STAGING_DIR").context("this is called by trunk")?);
    let release = std::env::var("TRUNK_PROFILE").is_ok_and(|p| p == "release");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let profile = if release { "wasm-release" } else { "debug" };
    let raw = target.join("wasm32-unknown-unknown").join(profile).join("frontend.wasm");
    let stem = names(&stage)?.into_iter().find_map(|n| n.strip_suffix("_bg.wasm").map(str::to_owned)).context("trunk made no wasm file")?;
    let parts = target.join("split");
    let _ = fs::remove_dir_all(&parts);
    fs::create_dir_all(&parts)?;
    split(&raw, &parts, &stem)?;
    bindgen(&parts.join(format!("{stem}.wasm")), &stage, &stem)?;
    fs::remove_file(parts.join(format!("{stem}.wasm")))?;
    for name in names(&parts)? {
        fs::copy(parts.join(&name), stage.join(&name))?;
    }
    rename(&stage, &stem)?;
    let _ = fs::remove_file(stage.join("index.html"));
    if release {
        optimise(&stage)?;
        crate::pack::run(&stage, stem.trim_start_matches("frontend-"))?;
        minify(&stage)?;
        // Only the compressed form is stored; the server decompresses it for clients without brotli.
        for_each_parallel(names(&stage)?, |name| {
            compress(&stage.join(name))?;
            Ok(fs::remove_file(stage.join(name))?)
        })?;
    }
    Ok(())
}

fn names(folder: &Path) -> Result<Vec<String>> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder)? {
        if let Ok(name) = entry?.file_name().into_string() {
            out.push(name);
        }
    }
    out.sort();
    Ok(out)
}

fn split(raw: &Path, parts: &Path, stem: &str) -> Result<()> {
    let wasm = fs::read(raw).with_context(|| raw.display().to_string())?;
    let main = parts.join(format!("{stem}.wasm"));
    let module = format!("./{stem}.js");
    let mut options = wasm_split_cli_support::Options::new(&wasm);
    options.output_dir = parts;
    options.main_out_path = &main;
    options.main_module = &module;
    wasm_split_cli_support::transform(options).map_err(|e| anyhow::anyhow!("splitting failed: {e:?}"))?;
    Ok(())
}

fn bindgen(wasm: &Path, stage: &Path, stem: &str) -> Result<()> {
    let done = Command::new("wasm-bindgen")
        .args(["--target", "web", "--no-typescript", "--keep-lld-exports", "--no-demangle", "--out-name", stem, "--out-dir"])
        .arg(stage)
        .arg(wasm)
        .status()
        .context("wasm-bindgen could not be run")?;
    if !done.success() {
        bail!("wasm-bindgen failed");
    }
    Ok(())
}

/// How a part's code is fetched. The loader that came with it gives up at the first failure, and the app with it.
const FETCH_PART: &str = r#"// A part that does not come is asked for until it does. One that is not there any more belongs to an older version of
// the program: the page is loaded anew, once.
const fetchWhole = async url => {
    for (let wait = 500; ; wait = Math.min(wait * 2, 15000)) {
        try {
            const answer = await fetch(url);
            // Whole: a body that is cut, by the network or by leaving the page, is one that did not come.
            if (answer.ok) return await answer.arrayBuffer();
            if (answer.status === 404 && sessionStorage.getItem("rapport:reloaded") !== url.href) {
                sessionStorage.setItem("rapport:reloaded", url.href);
                location.reload();
            }
        } catch { /* no network */ }
        await new Promise(again => {
            const turn = setTimeout(again, wait);
            addEventListener("online", () => { clearTimeout(turn); again(); }, { once: true });
        });
    }
};
const instantiatePart = async (body, imports) => WebAssembly.instantiate(await body, imports);
const fetchPart = async url => {
    // A task of its own for each: asking takes a millisecond, and a page asks for many at once.
    await new Promise(next => setTimeout(next));
    return fetchWhole(url);
};
"#;

/// One build id on every file: all of /pkg can be cached for ever.
fn rename(stage: &Path, stem: &str) -> Result<()> {
    let id = stem.trim_start_matches("frontend-");
    for name in names(stage)? {
        if name.starts_with("frontend-") && name.ends_with(".js") && name != format!("{stem}.js") {
            fs::remove_file(stage.join(name))?;
        }
    }
    let mut links = fs::read_to_string(stage.join("__wasm_split.js"))?;
    for name in names(stage)? {
        if name.ends_with(".wasm") && name != format!("{stem}_bg.wasm") {
            let renamed = format!("{}-{id}.wasm", name.trim_end_matches(".wasm"));
            links = links.replace(&format!("./{name}"), &format!("./{renamed}"));
            fs::rename(stage.join(&name), stage.join(renamed))?;
        }
    }
    fs::write(
        stage.join(format!("__wasm_split-{id}.js")),
        format!(
            "{FETCH_PART}{}",
            links.replace("fetch(new URL(", "fetchPart(new URL(").replace("WebAssembly.instantiateStreaming(", "instantiatePart(")
        ),
    )?;
    fs::remove_file(stage.join("__wasm_split.js"))?;
    let glue = stage.join(format!("{stem}.js"));
    let mut text = fs::read_to_string(&glue)?;
    // Only where the file is loaded from: the module's own name in the import object stays.
    for quote in ['"', '\''] {
        text = text.replace(&format!("from {quote}./__wasm_split.js{quote}"), &format!("from {quote}./__wasm_split-{id}.js{quote}"));
    }
    fs::write(glue, text)?;
    Ok(())
}

/// Binaryen from npm where it is installed; without it the files are somewhat larger.
fn optimise(stage: &Path) -> Result<()> {
    let program = Path::new("end2end/node_modules/.bin/wasm-opt");
    if !program.exists() {
        eprintln!("wasm-opt is not installed (npm ci in end2end does it): the front end will be a tenth larger");
        return Ok(());
    }
    for_each_parallel(names(stage)?.into_iter().filter(|n| n.ends_with(".wasm")).collect(), |name| {
        let file = stage.join(name);
        crate::stub::run(&file)?;
        let done = Command::new(program)
            // The second -Oz pass shrinks the output of the first by another 0.1 percent. --low-memory-unused folds constant
            // offsets below 1,024 into loads and stores. It is safe because rustc links with --stack-first: the lowest kilobyte is
            // the end of the stack, and no data lies there.
            .args([
                "-Oz",
                "-Oz",
                "--low-memory-unused",
                "--enable-bulk-memory",
                "--enable-nontrapping-float-to-int",
                "--enable-sign-ext",
                "--enable-mutable-globals",
            ])
            .args(["--enable-reference-types", "--enable-multivalue"])
            .arg(&file)
            .arg("-o")
            .arg(&file)
            .status()?;
        if !done.success() {
            bail!("wasm-opt failed on {name}");
        }
        Ok(())
    })
}

/// Runs `job` for every file, in parallel on all cores.
fn for_each_parallel(names: Vec<String>, job: impl Fn(&str) -> Result<()> + Sync) -> Result<()> {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
            job(name)?;
        }
        Ok(())
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|w| w.join().unwrap_or_else(|_| bail!("a worker panicked")))
    })
}

/// Minifies the JavaScript glue with esbuild from npm where it is installed, and bundles the loader of the parts into it: one
/// request less for every first visit.
fn minify(stage: &Path) -> Result<()> {
    let program = Path::new("end2end/node_modules/.bin/esbuild");
    if !program.exists() {
        eprintln!("esbuild is not installed (npm ci in end2end does it): the glue will be a quarter larger");
        return Ok(());
    }
    let scripts: Vec<String> = names(stage)?.into_iter().filter(|n| n.ends_with(".js")).collect();
    let glue = scripts.iter().find(|n| n.starts_with("frontend-")).context("wasm-bindgen made no glue")?;
    let file = stage.join(glue);
    let done = Command::new(program)
        .args(["--bundle", "--minify", "--format=esm", "--target=es2022", "--log-level=warning", "--allow-overwrite"])
        // The import object of several parts names the loader once per part.
        .args(["--log-override:duplicate-object-key=silent"])
        .arg(&file)
        .arg(format!("--outfile={}", file.display()))
        .status()?;
    if !done.success() {
        bail!("esbuild failed on {glue}");
    }
    for bundled in scripts.iter().filter(|n| *n != glue) {
        fs::remove_file(stage.join(bundled))?;
    }
    Ok(())
}

/// Writes `<file>.br` beside a file.
pub fn compress(file: &Path) -> Result<()> {
    let bytes = fs::read(file)?;
    let mut out = Vec::new();
    {
        let params = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: bytes.len(), ..Default::default() };
        let mut writer = brotli::CompressorWriter::with_params(&mut out, 64 * 1024, &params);
        writer.write_all(&bytes)?;
    }
    let mut name = file.as_os_str().to_owned();
    name.push(".br");
    Ok(fs::write(name, out)?)
}
