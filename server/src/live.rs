//! `GET /live?after=N`: what changed, as server-sent events, for those who may see it.

use crate::{live_places, security::refusal};
use app::{AppError, context::RequestContext};
use axum::{
    Extension,
    extract::Query,
    http::{HeaderMap, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use domain::{MemberId, RecordId};
use futures::{Stream, StreamExt, stream};
use serde::Deserialize;
use std::{convert::Infallible, sync::Arc, time::Duration};
use store::{Actor, Addressed};
use tokio_stream::wrappers::BroadcastStream;
use uuid::Uuid;

/// How long one stream lasts.
const LISTEN: Duration = Duration::from_secs(300);

#[derive(Deserialize)]
pub struct After {
    #[serde(default)]
    after: i64,
}

fn event(message: &domain::events::LiveMessage) -> Event {
    let text = serde_json::to_string(message).unwrap_or_default();
    Event::default().id(message.position.to_string()).data(text)
}

pub async fn live(Extension(request): Extension<RequestContext>, Query(query): Query<After>, headers: HeaderMap) -> Response {
    let (Some(actor), Some(credential)) = (request.actor, request.credential) else { return refusal(&AppError::SignInNeeded) };
    // Before anything is read: what ends from here on ends the stream.
    let listening = request.db.listen(&actor, credential);
    let Some(place) = live_places::take(actor.workspace, actor.member) else { return too_many() };
    let after = headers.get("last-event-id").and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok()).unwrap_or(query.after);
    // Listen first, then read what was missed: nothing falls in between. Doubles are cut by position.
    let news = BroadcastStream::new(request.db.hub().subscribe());
    let caught_up = async {
        let team = store::team_of(&request.db, &actor).await?;
        Ok::<_, store::StoreError>((team, request.db.missed(&actor, team, after).await?))
    };
    let (team, missed) = match caught_up.await {
        Ok(found) => found,
        Err(e) => return refusal(&e.into()),
    };
    let (mut first, seen) = match missed {
        Some(messages) => (messages.iter().map(event).collect(), messages.last().map_or(after, |m| m.position)),
        None => (vec![Event::default().data("reset")], store::live_position(&request.db)),
    };
    // Also says: that was all there was to catch up with.
    first.push(position(seen));
    let head = stream::iter(first.into_iter().map(Ok::<_, Infallible>));
    // A browser asks again after a while, and at once when it may not listen any more: then it learns why.
    let over = async move {
        let _ = tokio::time::timeout(LISTEN, listening.ended()).await;
    };
    let stream = head.chain(tail(news, actor, team, seen)).take_until(Box::pin(over));
    let stream = stream.inspect(move |_| _ = &place);
    // Said aloud, not as a comment: the browser's script must hear that the line is alive.
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(15)).event(Event::default().data("beat"));
    ([("cache-control", "no-store"), ("x-accel-buffering", "no")], Sse::new(stream).keep_alive(keep_alive)).into_response()
}

/// Browsers try again later by themselves.
fn too_many() -> Response {
    let text = "Too many open live streams. Close some tabs, or sign out in browsers you no longer use.";
    (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "30")], text).into_response()
}

fn position(at: i64) -> Event {
    Event::default().data(format!("position:{at}"))
}

/// Messages after `seen`. An edit of the actor's own member record may change the team, so the stream ends after it; the
/// browser reconnects and the new stream reads the team again.
fn tail(news: BroadcastStream<Arc<Addressed>>, actor: Actor, team: Option<Uuid>, seen: i64) -> impl Stream<Item = Result<Event, Infallible>> {
    let known = news.scan(false, move |stale, item| {
        if *stale {
            return std::future::ready(None);
        }
        *stale = matches!(&item, Ok(a) if a.message.kind == MemberId::KIND && a.message.id == actor.member.0 && a.message.verb == "edited");
        std::future::ready(Some(item))
    });
    known.filter_map(move |item| {
        let event = match item {
            Ok(a) if a.message.position > seen && a.is_for(&actor, team) => Some(event(&a.message)),
            Ok(_) => None,
            // This browser was too slow to keep up.
            Err(_) => Some(Event::default().data("reset")),
        };
        std::future::ready(event.map(Ok))
    })
}
