//! What the caller was told, and how they want to be told (SPEC §2.12).

use super::{Answer, Caller, ListQuery, body, data, dispatch, openapi::Api, page_of, parameters::NOTIFICATIONS, wrong};
use axum::{body::Bytes, extract::Query, http::HeaderMap};
use domain::{
    NotificationCommand, Permission,
    notifications::{Notification, NotificationPreference},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The routes with their documentation.
pub fn operations(api: Api) -> Api {
    api.get("/api/v1/notifications", list, |d| d.query(NOTIFICATIONS).lists::<Notification>())
        .post("/api/v1/notifications/read", read, |d| d.takes::<Read>().gives::<Unread>())
        .get("/api/v1/notifications/settings", settings, |d| d.gives::<Vec<NotificationPreference>>())
        .put("/api/v1/notifications/settings", set, |d| d.takes::<NotificationPreference>().gives::<NotificationPreference>())
}

/// `GET /api/v1/notifications`, newest first; `status=unread` leaves the read ones out.
pub async fn list(caller: Caller, Query(query): Query<ListQuery>) -> Answer {
    let unread = match query.status.as_deref() {
        None => false,
        Some("unread") => true,
        Some(_) => return Err(wrong("status", "choice", "status must be unread, or left out").into()),
    };
    let mut tx = caller.db.begin_generic(&caller.actor, Permission::ViewRecords).await?;
    let page = store::list_notifications(&mut tx, unread, query.cursor()?.as_ref(), query.limit()?).await?;
    Ok(page_of(page.items, page.next))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Read {
    /// None: all of them.
    #[serde(default)]
    ids: Vec<Uuid>,
}

/// How many are unread now.
#[derive(Serialize, JsonSchema)]
pub struct Unread {
    unread: i64,
}

pub async fn read(caller: Caller, headers: HeaderMap, bytes: Bytes) -> Answer {
    let wanted: Read = body(&bytes)?;
    if wanted.ids.len() > 1000 {
        return Err(wrong("ids", "too_many", "ids takes at most 1000 entries").into());
    }
    dispatch(&caller, &headers, "read notifications", None, NotificationCommand::ReadNotifications { ids: wanted.ids }).await?;
    let mut tx = caller.db.begin_generic(&caller.actor, Permission::ViewRecords).await?;
    Ok(data(Unread { unread: store::unread_notifications(&mut tx).await? }))
}

pub async fn settings(caller: Caller) -> Answer {
    let mut tx = caller.db.begin_generic(&caller.actor, Permission::ViewRecords).await?;
    Ok(data(store::notification_preferences(&mut tx).await?))
}

pub async fn set(caller: Caller, headers: HeaderMap, bytes: Bytes) -> Answer {
    let preference: NotificationPreference = body(&bytes)?;
    let command = NotificationCommand::SetNotification {
        kind: preference.kind.clone(),
        in_app: preference.in_app,
        by_mail: preference.by_mail,
        by_push: preference.by_push,
    };
    dispatch(&caller, &headers, "wish", None, command).await?;
    Ok(data(preference))
}
