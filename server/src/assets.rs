//! The front end's files: inside the binary when built with `embed`, from the folders otherwise.

use axum::{
    extract::Path,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use std::borrow::Cow;

#[cfg(feature = "embed")]
mod files {
    use std::borrow::Cow;

    #[derive(rust_embed::RustEmbed)]
    #[folder = "../dist/pkg"]
    struct Pkg;

    #[derive(rust_embed::RustEmbed)]
    #[folder = "../public"]
    struct Public;

    pub fn names() -> Vec<String> {
        Pkg::iter().map(Cow::into_owned).collect()
    }

    pub fn read(folder: &str, name: &str) -> Option<Cow<'static, [u8]>> {
        if folder == "pkg" { Pkg::get(name).map(|f| f.data) } else { Public::get(name).map(|f| f.data) }
    }
}

#[cfg(not(feature = "embed"))]
mod files {
    use std::{borrow::Cow, path::PathBuf};

    fn root(folder: &str) -> PathBuf {
        let base = std::env::var_os("RAPPORT_SITE").map_or_else(|| PathBuf::from("."), PathBuf::from);
        if folder == "pkg" { base.join("dist/pkg") } else { base.join("public") }
    }

    pub fn names() -> Vec<String> {
        std::fs::read_dir(root("pkg")).into_iter().flatten().flatten().filter_map(|e| e.file_name().into_string().ok()).collect()
    }

    pub fn read(folder: &str, name: &str) -> Option<Cow<'static, [u8]>> {
        std::fs::read(root(folder).join(name)).ok().map(Cow::Owned)
    }
}

/// Trunk writes `frontend-<hash>_bg.wasm`; its stem is what Leptos calls the output name.
pub fn output_name() -> Option<String> {
    files::names().into_iter().find_map(|n| n.strip_suffix("_bg.wasm").filter(|s| s.starts_with("frontend-")).map(str::to_owned))
}

/// Path of the hashed style sheet.
pub fn style_sheet() -> Option<String> {
    files::names().into_iter().find(|n| n.starts_with("app-") && n.ends_with(".css")).map(|n| format!("/pkg/{n}"))
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
    let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or("");
    let choices: [(&str, &str); 2] = [("br", ".br"), ("", "")];
    for (encoding, suffix) in choices {
        if !accepts.contains(encoding) {
            continue;
        }
        let found: Option<Cow<'static, [u8]>> = files::read(folder, &format!("{name}{suffix}"));
        if let Some(bytes) = found {
            let mut response = (
                [
                    (header::CONTENT_TYPE, HeaderValue::from_static(mime(name))),
                    (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
                    (header::VARY, HeaderValue::from_static("accept-encoding")),
                ],
                bytes.into_owned(),
            )
                .into_response();
            if !encoding.is_empty() {
                response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
            }
            return response;
        }
    }
    StatusCode::NOT_FOUND.into_response()
}

/// The build's files by name.
pub fn names() -> Vec<String> {
    files::names()
}

/// What a file with a fixed name says.
pub fn read_public(name: &str) -> Option<Cow<'static, [u8]>> {
    files::read("public", name)
}

/// Files of the build: their names carry a hash, so they never change.
pub async fn pkg(Path(name): Path<String>, headers: HeaderMap) -> Response {
    serve("pkg", &name, &headers, "public, max-age=31536000, immutable")
}

/// Files with fixed names.
pub async fn public(Path(name): Path<String>, headers: HeaderMap) -> Response {
    serve("public", &name, &headers, "public, max-age=3600")
}
