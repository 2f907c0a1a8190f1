//! Static files of the front end: embedded in the program (`embed`), else read from the folders `dist/pkg` and `public`.

use axum::{
    body::Body,
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use std::{borrow::Cow, collections::BTreeSet, io::Read, path::PathBuf, sync::OnceLock};

/// Embedded files. A release build embeds only the compressed form, `NAME.br`.
pub struct Files {
    /// File names of `pkg`.
    pub names: fn() -> Vec<String>,
    /// A file of the folder `pkg` or `public`.
    pub read: fn(&str, &str) -> Option<Cow<'static, [u8]>>,
}

static EMBEDDED: OnceLock<Files> = OnceLock::new();

/// Serves these files from now on. Called once, before the server starts.
pub fn embed(files: Files) {
    let _ = EMBEDDED.set(files);
}

fn root(folder: &str) -> PathBuf {
    let base = std::env::var_os("RAPPORT_SITE").map_or_else(|| PathBuf::from("."), PathBuf::from);
    if folder == "pkg" { base.join("dist/pkg") } else { base.join("public") }
}

/// Names of the build's files without the suffix of their compressed form.
pub fn names() -> Vec<String> {
    let all: Vec<String> = match EMBEDDED.get() {
        Some(files) => (files.names)(),
        None => std::fs::read_dir(root("pkg")).into_iter().flatten().flatten().filter_map(|e| e.file_name().into_string().ok()).collect(),
    };
    let all: BTreeSet<String> =
        all.into_iter().filter(|n| !n.starts_with('.')).map(|n| n.strip_suffix(".br").map_or(n.clone(), str::to_owned)).collect();
    all.into_iter().collect()
}

fn read(folder: &str, name: &str) -> Option<Cow<'static, [u8]>> {
    match EMBEDDED.get() {
        Some(files) => (files.read)(folder, name),
        None => std::fs::read(root(folder).join(name)).ok().map(Cow::Owned),
    }
}

/// Trunk writes `frontend-<hash>_bg.wasm`; its stem is what Leptos calls the output name.
pub fn output_name() -> Option<String> {
    names().into_iter().find_map(|n| n.strip_suffix("_bg.wasm").filter(|s| s.starts_with("frontend-")).map(str::to_owned))
}

/// Path of the hashed style sheet.
pub fn style_sheet() -> Option<String> {
    names().into_iter().find(|n| n.starts_with("app-") && n.ends_with(".css")).map(|n| format!("/pkg/{n}"))
}

fn mime(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("wasm") => "application/wasm",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("json") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        _ => "application/octet-stream",
    }
}

fn serve(folder: &str, name: &str, headers: &HeaderMap, cache: &'static str) -> Response {
    // One plain name: no folders to climb out of.
    if name.contains(['/', '\\']) || name.starts_with('.') {
        return StatusCode::NOT_FOUND.into_response();
    }
    let brotli = headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("br"));
    let compressed = read(folder, &format!("{name}.br"));
    let (body, encoded) = match (compressed, brotli) {
        (Some(bytes), true) => (body(bytes), true),
        // Clients without brotli, such as scripts.
        (Some(bytes), false) => match unpacked(&bytes) {
            Some(plain) => (Body::from(plain), false),
            None => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        },
        (None, _) => match read(folder, name) {
            Some(bytes) => (body(bytes), false),
            None => return StatusCode::NOT_FOUND.into_response(),
        },
    };
    let mut response = (
        [
            (header::CONTENT_TYPE, HeaderValue::from_static(mime(name))),
            (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
            (header::VARY, HeaderValue::from_static("accept-encoding")),
        ],
        body,
    )
        .into_response();
    if encoded {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

/// Response body; embedded bytes are not copied.
fn body(bytes: Cow<'static, [u8]>) -> Body {
    match bytes {
        Cow::Borrowed(bytes) => Body::from(bytes),
        Cow::Owned(bytes) => Body::from(bytes),
    }
}

fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    brotli_decompressor::Decompressor::new(bytes, 4096).read_to_end(&mut plain).ok()?;
    Some(plain)
}

/// What a file with a fixed name says.
pub fn read_public(name: &str) -> Option<Cow<'static, [u8]>> {
    read("public", name)
}

/// Files of the build: their names carry a hash, so they never change.
pub async fn pkg(Path(name): Path<String>, headers: HeaderMap) -> Response {
    serve("pkg", &name, &headers, "public, max-age=31536000, immutable")
}

/// Files with fixed names.
pub async fn public(Path(name): Path<String>, headers: HeaderMap) -> Response {
    serve("public", &name, &headers, "public, max-age=3600")
}
