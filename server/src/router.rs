//! All routes, and the layers around them.

use crate::{
    account, api, assets, auth, client_address, forms, help, imports, live, memberships, metrics, offline, pages, push_forms, reauth, security,
    settings_forms, shares, sign_up, state::AppState, token_forms,
};
use app::{App, context::RequestContext, shell};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::StatusCode,
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use leptos::prelude::LeptosOptions;
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list};
use std::sync::{Arc, LazyLock};
use time::Duration as Days;
use tower_http::{
    CompressionLevel,
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer,
        predicate::{NotForContentType, Predicate, SizeAbove},
    },
};
use tower_sessions::{Expiry, SessionManagerLayer, cookie::SameSite};

/// Largest body of anything but an upload.
const BODY_BYTES: usize = 1024 * 1024;

/// Found once: while Leptos looks for routes it holds back every resource of the process, and a page that is being made
/// meanwhile would wait for its own for ever.
static PAGES: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));

/// The whole application.
pub fn router(state: AppState) -> Router {
    let sessions = SessionManagerLayer::new(state.db.session_store())
        .with_name(if state.secure { "__Host-rapport" } else { "rapport" })
        .with_secure(state.secure)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(Days::days(14)));
    let pages = PAGES.clone();
    let listed: Vec<String> = pages.iter().map(|r| r.path().to_owned()).collect();
    let style = state.style.clone();
    let options = state.leptos.clone();
    let unknown_page = (options.clone(), style.clone());
    // Small bodies, compressed bodies and event streams are excluded. Brotli at level 1 took a fifth of the server's time on the page
    // of the board; the fastest levels (brotli 0, gzip 1) make a page a tenth larger.
    let compress = CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(1024).and(NotForContentType::SSE).and(NotForContentType::const_new("application/wasm")));
    Router::new()
        .route("/sign-in", get(auth::show_sign_in).post(auth::sign_in))
        .route("/sign-up", get(sign_up::show_sign_up).post(sign_up::sign_up))
        .route("/sign-up/{token}", get(sign_up::show_finish).post(sign_up::finish))
        .route("/sign-out", post(auth::sign_out))
        .route("/do/save/{kind}", post(forms::save))
        .route("/do/move", post(forms::move_deal))
        .merge(reauth::forms(&state))
        .route("/do/people/revoke", post(memberships::revoke))
        .route("/do/account/workspace", post(memberships::switch))
        .route("/do/account/password", post(memberships::change_password))
        .route("/do/account/session", post(memberships::end_session))
        .route("/do/account/notifications", post(settings_forms::set_wish))
        .route("/do/tags/merge", post(settings_forms::merge_tags))
        .route("/do/tokens/revoke", post(token_forms::revoke))
        .route("/do/shares/revoke", post(settings_forms::revoke_share))
        .route("/forgot", get(account::show_forgot).post(account::forgot))
        .route("/reset/{token}", get(account::show_reset).post(account::reset))
        .route("/confirm/{token}", get(account::show_confirm).post(account::confirm))
        .route("/do/account/push", post(push_forms::add))
        .route("/do/account/push/remove", post(push_forms::remove))
        .route("/do/account/email", post(account::change_email))
        .route("/do/account/delete", post(account::delete_account))
        .route("/do/account/keep", post(account::keep_account))
        .route("/do/workspace/save", post(account::set_workspace))
        // Large enough to say that a picture is too large.
        .route("/do/workspace/logo", post(account::set_logo).layer(DefaultBodyLimit::max(16 * BODY_BYTES)))
        .route("/workspace/logo", get(account::logo))
        .route("/do/workspace/keep", post(account::keep_workspace))
        .route("/join/{token}", get(memberships::show_join).post(memberships::join))
        .route("/import/upload", post(imports::upload).layer(DefaultBodyLimit::max(state.import_bytes)))
        .route("/import/{id}/failed.csv", get(imports::failed_csv))
        .route("/live", get(live::live))
        .merge(api::routes(state.import_bytes))
        .leptos_routes(&state, pages, move || shell(options.clone(), &style))
        .fallback(move |state, request| not_found(state, request, unknown_page.clone()))
        .method_not_allowed_fallback(wrong_method)
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(from_fn(security::own_status))
        .layer(from_fn_with_state(state.clone(), auth::who))
        .layer(sessions)
        .route("/help", get(help::home))
        .route("/help/{slug}", get(help::article))
        .route("/metrics", get(metrics::show))
        .route("/s/{token}", get(shares::show))
        .route("/brand/{hue}", get(shares::brand))
        .route("/s/{token}/preview.png", get(shares::preview))
        .route("/sw.js", get(offline::worker))
        .route("/offline", get(offline::page))
        .route("/share-in", get(offline::share_in))
        .route("/pkg/{name}", get(assets::pkg))
        .route("/public/routes.json", get(move || std::future::ready(axum::Json(listed.clone()))))
        .route("/public/{name}", get(assets::public))
        .route("/healthz", get(healthy))
        .route("/readyz", get(ready))
        .layer(from_fn_with_state(state.clone(), pages::when_away))
        .layer(from_fn(metrics::count))
        .layer(from_fn_with_state(state.clone(), security::same_origin))
        .layer(compress)
        .layer(from_fn_with_state(state.clone(), security::headers))
        .layer(from_fn(in_language))
        .layer(CatchPanicLayer::custom(security::on_panic))
        .layer(from_fn(security::log))
        .layer(from_fn_with_state(state.clone(), client_address::find))
        .with_state(state)
}

/// Plain pages speak the language of whoever asks.
async fn in_language(request: Request, next: axum::middleware::Next) -> Response {
    let language = app::i18n::asked(request.headers());
    app::i18n::in_language(language, next.run(request)).await
}

/// Healthy while the program and everything beside its requests is alive, whatever the database does: a restart of the
/// program brings no database back.
async fn healthy(State(state): State<AppState>) -> impl IntoResponse {
    match state.beside.ailing() {
        None => (StatusCode::OK, "ok".to_owned()),
        Some(task) => (StatusCode::SERVICE_UNAVAILABLE, format!("the task “{task}” is down")),
    }
}

/// Ready when the database answers the restricted role.
async fn ready(State(state): State<AppState>) -> impl IntoResponse {
    match state.db.ready().await {
        Ok(()) => (StatusCode::OK, "ready".to_owned()),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, why),
    }
}

/// A GET of a form's action, as by reloading it from the address bar, redirects to the start page.
async fn wrong_method(request: Request) -> Response {
    let path = request.uri().path();
    match request.method() == http::Method::GET && path.starts_with("/do/") {
        true => Redirect::to(domain::paths::TODAY).into_response(),
        false => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

/// An unknown page is told inside the app, so that the ways on are at hand; programs get their sentence.
async fn not_found(State(state): State<AppState>, request: Request, (options, style): (LeptosOptions, Arc<str>)) -> Response {
    let path = request.uri().path();
    if path.starts_with("/api") || path.starts_with("/fn") {
        return security::refusal(&app::AppError::NotFound);
    }
    let signed_in = request.extensions().get::<RequestContext>().is_some_and(|r| r.actor.is_some());
    if !signed_in || request.method() != http::Method::GET {
        return pages::error_page(&app::AppError::NotFound, &state);
    }
    let page = leptos_axum::render_app_async(move || shell(options.clone(), &style));
    page(request).await.into_response()
}
