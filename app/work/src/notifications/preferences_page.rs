//! `/settings/notifications`: which kinds one hears of, in the app and by mail. A plain form per kind.

use crate::{
    AppError,
    browser_store::call,
    failed::Failed,
    flash::FlashBox,
    format,
    i18n::{t, tf},
    latest::latest,
    session::use_session,
    settings_frame::SettingsFrame,
    sync::Queue,
};
use domain::{
    NotificationCommand,
    notifications::{Device, KINDS, NotificationPreference},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use ui::Skeleton;
use wasm_bindgen::JsCast;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PreferencesView {
    preferences: Vec<NotificationPreference>,
    /// A mail server is set up.
    mail: bool,
    /// Browsers of the person's that are told although no page is open, and the key to make this one such.
    devices: Vec<Device>,
    push_key: String,
    flash: crate::flash::FlashMessage,
}

#[server(prefix = "/fn", endpoint = "notifications/wishes", protocol = crate::sync::Fetched)]
pub async fn read_preferences() -> Result<PreferencesView, AppError> {
    use crate::{Answer, context};
    async {
        let request = context::request()?;
        let (db, actor) = context::actor()?;
        let devices = db.push_devices(&actor, request.session().unwrap_or_default()).await?;
        let mut tx = context::tenant_generic(domain::Permission::ViewRecords).await?;
        let preferences = store::notification_preferences(&mut tx).await?;
        Ok::<_, AppError>(PreferencesView {
            preferences,
            mail: request.mail,
            devices,
            push_key: request.push_key.to_string(),
            flash: crate::flash::flash()?,
        })
    }
    .await
    .answer()
}

pub struct NotificationSettingsPage;

lazy_page!(NotificationSettingsPage, notification_settings_page, settings);

impl NotificationSettingsPage {
    fn show() -> AnyView {
        let again = RwSignal::new(0u32);
        let undone = expect_context::<Queue>().undone;
        let preferences = Resource::new_blocking(move || (again.get(), undone.get()), |_| read_preferences());
        view! {
            <SettingsFrame title=t("Notifications")>
                <Transition fallback=|| view! { <Skeleton rows=6/> }>
                    {move || Suspend::new(async move {
                        match latest(preferences).await {
                            Ok(view) => view! { <Shown view=view again=again/> }.into_any(),
                            Err(e) => view! { <Failed error=e/> }.into_any(),
                        }
                    })}
                </Transition>
            </SettingsFrame>
        }
        .into_any()
    }
}

#[component]
fn Shown(view: PreferencesView, again: RwSignal<u32>) -> impl IntoView {
    let (mail, push) = (view.mail, !view.devices.is_empty());
    let kept = |name: &'static str, on: bool| on.then(|| view! { <input type="hidden" name=name value="on"/> }).into_any();
    let queue = expect_context::<Queue>();
    // With scripts a tick is enough; without them there is a button.
    let preference = move |ev: leptos::ev::Event, kind: &str| {
        let form = ev.target().and_then(|x| x.dyn_into::<web_sys::Element>().ok()).and_then(|e| e.closest("form").ok().flatten());
        let Some(data) = form.and_then(|f| f.dyn_into().ok()).and_then(|f| web_sys::FormData::new_with_form(&f).ok()) else { return };
        let command = NotificationCommand::SetNotification {
            kind: kind.to_owned(),
            in_app: data.has("in_app"),
            by_mail: data.has("by_mail"),
            by_push: data.has("by_push"),
        };
        queue.send(command, None, move |result| match result {
            Ok(outcome) => queue.toast(t("Noted."), outcome.event),
            Err(e) => {
                queue.fail(&e);
                again.try_update(|n| *n += 1);
            }
        });
    };
    let rows = view
        .preferences
        .into_iter()
        .map(|w| {
            let kind = w.kind.clone();
            let words = KINDS.iter().find(|k| k.0 == w.kind).map_or("", |k| t(k.1));
            view! {
                <li class="person">
                    <span class="person__text">{words}</span>
                    <form method="post" action="/do/account/notifications" class="row" on:change=move |ev| preference(ev, &kind)>
                        <input type="hidden" name="kind" value=w.kind/>
                        <label class="check"><input type="checkbox" name="in_app" value="on" checked=w.in_app prop:checked=w.in_app aria-label=tf("{what}: in the app", &[("what", words)])/><span>{t("In the app")}</span></label>
                        {match mail {
                            true => view! { <label class="check"><input type="checkbox" name="by_mail" value="on" checked=w.by_mail prop:checked=w.by_mail aria-label=tf("{what}: by mail", &[("what", words)])/><span>{t("By mail")}</span></label> }.into_any(),
                            // What cannot be chosen stays as it was.
                            false => kept("by_mail", w.by_mail),
                        }}
                        {match push {
                            true => view! { <label class="check"><input type="checkbox" name="by_push" value="on" checked=w.by_push prop:checked=w.by_push aria-label=tf("{what}: on my devices", &[("what", words)])/><span>{t("On my devices")}</span></label> }.into_any(),
                            false => kept("by_push", w.by_push),
                        }}
                        <button type="submit" class="button only-plain">{t("Set")}</button>
                    </form>
                </li>
            }
        })
        .collect_view();
    view! {
        <FlashBox flash=view.flash/>
        <section class="card" aria-label=t("What you hear of")>
            <h2>{t("What you hear of")}</h2>
            <ul class="people">{rows}</ul>
            {(!mail).then(|| view! { <p class="muted">{t("Mail is off: whoever runs this server can set a mail server with --smtp-url.")}</p> })}
        </section>
        <Devices devices=view.devices push_key=view.push_key again=again/>
    }
}

/// Browsers that are told although no page of Rapport is open; this one becomes such on a tap, never by itself.
#[component]
fn Devices(devices: Vec<Device>, push_key: String, again: RwSignal<u32>) -> impl IntoView {
    let person = use_session().email;
    let now = use_session().now;
    let here = devices.iter().any(|d| d.is_this);
    let answer = RwSignal::new(String::new());
    let asking = RwSignal::new(false);
    // What the browser cannot or may not do is said before anybody taps.
    Effect::new(move |_| {
        leptos::task::spawn_local(async move {
            let can = call("pushState", &[]).await.and_then(|a| a.as_string()).unwrap_or_else(|| "never".into());
            answer.try_set(if can == "off" { String::new() } else { can });
        });
    });
    let tell = move |_| {
        if asking.get_untracked() {
            return;
        }
        asking.set(true);
        let (person, key) = (person.clone(), push_key.clone());
        leptos::task::spawn_local(async move {
            let done = call("subscribePush", &[person.into(), key.into()]).await.and_then(|a| a.as_string()).unwrap_or_else(|| "failed".into());
            asking.try_set(false);
            if done == "on" {
                again.try_update(|n| *n += 1);
            } else {
                answer.try_set(done);
            }
        });
    };
    let why = move || match answer.get().as_str() {
        "never" => t("This browser cannot be told while Rapport is closed. On an iPhone, put Rapport on the home screen first."),
        "denied" => t("This browser does not let Rapport notify you. You can allow it in the browser's settings for this site."),
        "failed" => t("The browser's push service did not answer. Try again later."),
        _ => "",
    };
    let rows = devices
        .into_iter()
        .map(|d| {
            let label = tf("Stop telling {device}", &[("device", &d.name)]);
            view! {
                <li class="person">
                    <span class="person__text">
                        <span>{d.name}" "{d.is_this.then(|| view! { <span class="chip">{t("This device")}</span> })}</span>
                        <span class="muted">{format::ago(d.since, now)}</span>
                    </span>
                    <form method="post" action="/do/account/push/remove">
                        <input type="hidden" name="id" value=d.id.to_string()/>
                        <button type="submit" class="button" aria-label=label on:click=move |_| {
                            if d.is_this {
                                leptos::task::spawn_local(async { call("unsubscribePush", &[]).await; });
                            }
                        }>{t("Stop")}</button>
                    </form>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="card" aria-label=t("Devices")>
            <h2>{t("Devices")}</h2>
            <p class="muted">{t("A device can tell you although Rapport is closed. Only the sentence you would read here is sent, and nobody on the way can read it.")}</p>
            <ul class="people">{rows}</ul>
            {(!here).then(|| view! {
                <div class="row">
                    <button type="button" class="button button--primary" aria-busy=move || asking.get().to_string() on:click=tell>{t("Tell me on this device")}</button>
                </div>
                <p role="status">{why}</p>
            })}
        </section>
    }
}
