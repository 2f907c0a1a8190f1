//! Share links: the page, its preview picture, and how tokens are made. No session, no wasm, nothing to index.

use crate::{
    asking::{Asking, missed},
    state::AppState,
};
use app::{AppError, shares::share_page};
use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use chrono::Utc;
use domain::{Money, analytics::AnalyticsFilter, dashboard::SalesBoard, shares::Shown};
use rand::RngCore;
use resvg::{tiny_skia, usvg};
use sha2::{Digest, Sha256};
use std::{
    fmt::Write as _,
    sync::{Arc, LazyLock},
};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

/// 256 bits nobody guesses.
pub fn new_token() -> String {
    let mut bytes = [0u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    hex(&bytes)
}

pub fn hash_of(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

async fn read(state: &AppState, token: &str, count: bool) -> Result<(Shown, SalesBoard), AppError> {
    if token.len() != 64 {
        return Err(AppError::NotFound);
    }
    let now = Utc::now();
    let (shown, mut tx) = state.db.open_share(token, now, count).await?;
    let filter = AnalyticsFilter::default();
    let (_, day) = store::day_of(&mut tx, now).await?;
    let board = store::sales_board(&mut tx, &filter, day).await?;
    Ok((shown, board))
}

/// Nothing keeps a copy, and nobody learns the address from a link on the page.
fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex, nofollow"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub async fn show(State(state): State<AppState>, Asking(client): Asking, Path(token): Path<String>) -> Response {
    let found = match read(&state, &token, true).await {
        Err(AppError::NotFound) => Err(missed(&state, &client, AppError::NotFound).await),
        found => found,
    };
    let answer = match found {
        Ok((shown, board)) => {
            let address = format!("{}/s/{token}", state.base_url);
            Html(share_page(&shown, &board, Utc::now(), &address, &state.style)).into_response()
        }
        Err(AppError::NotFound) => {
            let page = app::sign_in::message_page(
                "This link does not work",
                "It was revoked, has expired, or was never one. Ask whoever sent it for a new one.",
                &state.style,
            );
            (StatusCode::NOT_FOUND, Html(page)).into_response()
        }
        Err(e) => crate::pages::error_page(&e, &state),
    };
    guarded(answer)
}

/// The picture that messengers show beside the link: what the page shows first, and nothing it does not show.
pub async fn preview(State(state): State<AppState>, Asking(client): Asking, Path(token): Path<String>) -> Response {
    let picture = match read(&state, &token, false).await {
        Ok((shown, board)) => {
            // One at a time: drawing is work for a whole core.
            static DRAWING: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(1);
            let _turn = DRAWING.acquire().await;
            tokio::task::spawn_blocking(move || picture(&shown, &board)).await.ok().flatten()
        }
        Err(e) if e.is_temporary() => return crate::security::refusal(&e),
        Err(AppError::NotFound) => match missed(&state, &client, AppError::NotFound).await {
            AppError::NotFound => None,
            e => return guarded(crate::security::refusal(&e)),
        },
        Err(_) => None,
    };
    guarded(match picture {
        Some(png) => ([(header::CONTENT_TYPE, "image/png")], png).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    })
}

static FONTS: LazyLock<Arc<usvg::fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = usvg::fontdb::Database::new();
    for font in [dejavu::sans::regular(), dejavu::sans::bold()] {
        fonts.load_font_data(font.to_vec());
    }
    fonts.set_sans_serif_family("DejaVu Sans");
    Arc::new(fonts)
});

/// Text for the SVG, without the characters that XML cannot hold.
fn escape(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}'))
        .map(|c| match c {
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            '&' => "&amp;".to_owned(),
            '"' => "&quot;".to_owned(),
            c => c.to_string(),
        })
        .collect()
}

fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most { text.to_owned() } else { format!("{}…", text.chars().take(most - 1).collect::<String>()) }
}

/// The hue of a workspace as a style sheet, for pages that have no script and no style of their own.
pub async fn brand(Path(name): Path<String>) -> Response {
    let hue = name.strip_suffix(".css").and_then(|h| h.parse::<u16>().ok()).filter(|h| *h < 360);
    match hue {
        Some(hue) => {
            let headers = [(header::CONTENT_TYPE, "text/css"), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")];
            (headers, format!(":root{{--brand-h:{hue}}}")).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// 1200 × 630, as Open Graph pictures are.
fn picture(shown: &Shown, board: &SalesBoard) -> Option<Vec<u8>> {
    let currency: domain::Currency = board.currency.parse().ok()?;
    let mut svg = String::from(
        "<svg xmlns='http://www.w3.org/2000/svg' width='1200' height='630' font-family='DejaVu Sans'><rect width='1200' height='630' fill='#f8f8fc'/>",
    );
    let text = |x: i64, y: i64, size: i64, weight: &str, fill: &str, words: &str| {
        format!("<text x='{x}' y='{y}' font-size='{size}' font-weight='{weight}' fill='{fill}'>{}</text>", escape(words))
    };
    svg += &text(64, 110, 56, "bold", "#1c1b2b", &short(&shown.title, 30));
    svg += &text(64, 164, 30, "normal", "#585766", &short(&shown.workspace, 50));
    if shown.shows("figures") {
        let unit = 10f64.powi(currency.digits() as i32);
        let major = |x: f64| Money { minor: (x * unit).round() as i64, currency }.display(domain::Language::English);
        for (x, label, figure) in [(64, "Open pipeline", major(board.sales.open_value)), (620, "Win rate", format!("{:.1} %", board.sales.win_rate))]
        {
            svg += &text(x, 260, 28, "normal", "#585766", label);
            svg += &text(x, 312, 48, "bold", "#1c1b2b", &figure);
        }
    }
    if shown.shows("pipeline") {
        let most = board.stages.iter().map(|s| s.value_minor).max().unwrap_or(0).max(1);
        for (i, stage) in board.stages.iter().take(4).enumerate() {
            let y = 380 + i as i64 * 60;
            let width = (stage.value_minor.max(0).saturating_mul(760) / most).max(4);
            svg += &text(64, y + 22, 24, "normal", "#1c1b2b", &short(&stage.name, 20));
            svg += &format!("<rect x='376' y='{y}' width='{width}' height='28' rx='8' fill='#4a55c8'/>");
        }
    }
    svg.push_str("</svg>");
    let options = usvg::Options { fontdb: FONTS.clone(), font_family: "DejaVu Sans".into(), ..Default::default() };
    let tree = usvg::Tree::from_str(&svg, &options).ok()?;
    let mut pixels = tiny_skia::Pixmap::new(1200, 630)?;
    resvg::render(&tree, tiny_skia::Transform::identity(), &mut pixels.as_mut());
    pixels.encode_png().ok()
}
