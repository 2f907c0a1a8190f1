//! Who asks, as throttling sees them: their address, and whether their browser signed in before.

use crate::{
    client_address::{ClientAddress, is_forwarded, throttled_as},
    state::AppState,
};
use app::AppError;
use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{Extensions, HeaderMap, HeaderValue, header, request::Parts},
    response::Response,
};
use domain::UserId;
use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Once,
    time::Duration,
};
use store::{Budget, Client, DEVICES};
use tokio::time::Instant;

/// How long a browser is known without being used: the longest that browsers keep a cookie.
const KNOWN_SECONDS: u32 = 400 * 86_400;
/// An answer that must not tell by its time what was found takes at least this long.
const EVEN: Duration = Duration::from_millis(150);

/// The client of a request, for handlers.
pub struct Asking(pub Client);

impl FromRequestParts<AppState> for Asking {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Self(client_of(state, &parts.headers, &parts.extensions)))
    }
}

/// The client of a request.
pub fn client_of(state: &AppState, headers: &HeaderMap, extensions: &Extensions) -> Client {
    let nowhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map_or(nowhere, |c| c.0.ip().to_canonical());
    let address = extensions.get::<ClientAddress>().map_or(peer, |a| a.0);
    let forwarded = is_near(peer) && is_forwarded(headers) && !state.trusted.contains(peer);
    if forwarded {
        static SAID: Once = Once::new();
        SAID.call_once(|| tracing::warn!("requests come through a proxy that --trusted-proxy (RAPPORT_TRUSTED_PROXY) does not name"));
    }
    Client {
        address: throttled_as(address),
        shared: state.trusted.contains(address),
        forwarded,
        devices: devices(headers, cookie(state.secure)),
        language: app::i18n::asked(headers),
    }
}

/// Where a proxy of one's own would be: on this machine or in its network.
fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(a) => a.is_loopback() || a.is_private() || a.is_link_local(),
        IpAddr::V6(a) => a.is_loopback() || a.is_unique_local() || a.is_unicast_link_local(),
    }
}

fn cookie(secure: bool) -> &'static str {
    if secure { "__Host-rapport-known" } else { "rapport-known" }
}

fn devices(headers: &HeaderMap, name: &str) -> Vec<String> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(';'));
    let value = all.filter_map(|pair| pair.trim().split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value);
    let is_token = |t: &&str| t.len() == 48 && t.bytes().all(|b| b.is_ascii_hexdigit());
    value.unwrap_or_default().split('.').filter(is_token).take(DEVICES).map(str::to_owned).collect()
}

/// Marks the browser as one that the user signed in with. It goes on unmarked if that fails: nothing depends on it.
pub async fn remembered(state: &AppState, client: &Client, user: UserId, mut response: Response) -> Response {
    match state.db.remember_device(client, user).await {
        Ok(tokens) => {
            let secure = if state.secure { "; Secure" } else { "" };
            let text = format!("{}={}; Path=/; Max-Age={KNOWN_SECONDS}; HttpOnly; SameSite=Lax{secure}", cookie(state.secure), tokens.join("."));
            if let Ok(value) = HeaderValue::from_str(&text) {
                response.headers_mut().append(header::SET_COOKIE, value);
            }
        }
        Err(e) => tracing::warn!(error = %e, "a browser could not be remembered"),
    }
    response
}

/// Counts something done from the client's address.
pub async fn count(state: &AppState, budget: Budget, client: &Client) -> Result<(), AppError> {
    state.db.draw_from(budget, client).await?.map_err(AppError::TooMany)
}

/// Counts a link that opened nothing, and answers what to say about it. Links that open something are never counted and
/// never refused: they cannot be guessed, and somebody behind the same address may be guessing.
pub async fn missed(state: &AppState, client: &Client, says: AppError) -> AppError {
    match count(state, Budget::Link, client).await {
        Ok(()) => says,
        Err(e) => e,
    }
}

/// Does the work and answers at the same time whatever it found.
pub async fn evenly<T>(work: impl Future<Output = T>) -> T {
    let until = Instant::now() + EVEN;
    let out = work.await;
    tokio::time::sleep_until(until).await;
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_tokens_are_read_from_the_cookie() {
        let token = "0123456789abcdef".repeat(3);
        let read = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.append(header::COOKIE, HeaderValue::from_str(text).unwrap());
            devices(&headers, "rapport-known")
        };
        assert_eq!(read(&format!("rapport=x; rapport-known={token}.{token}")), [token.clone(), token.clone()]);
        assert_eq!(read(&format!("rapport-known={}", vec![token.clone(); 40].join("."))).len(), DEVICES);
        for nothing in
            ["", "rapport-known=", "rapport-known=short", &format!("x-rapport-known={token}"), &format!("rapport-known={}", "g".repeat(48))]
        {
            assert!(read(nothing).is_empty(), "{nothing}");
        }
    }
}
