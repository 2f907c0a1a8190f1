//! `/settings/notifications`: which kinds one hears of, in the app and by mail. A plain form per kind.

use crate::{
    AppError,
    i18n::{t, tf},
    settings::{SaidBox, SettingsFrame},
};
use domain::notifications::{KINDS, Wish};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use ui::{ErrorBox, Skeleton};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WishesView {
    wishes: Vec<Wish>,
    /// A mail server is set up.
    mail: bool,
    said: crate::settings::Said,
}

#[server(prefix = "/fn", endpoint = "notifications/wishes")]
pub async fn read_wishes() -> Result<WishesView, AppError> {
    use crate::{Answer, context};
    async {
        let request = context::request()?;
        let mut tx = context::tenant(domain::Permission::ViewRecords).await?;
        Ok::<_, AppError>(WishesView { wishes: store::notification_wishes(&mut tx).await?, mail: request.mail, said: crate::settings::said()? })
    }
    .await
    .answer()
}

pub struct NotificationSettingsPage;

lazy_page!(NotificationSettingsPage, notification_settings_page, settings);

impl NotificationSettingsPage {
    fn show() -> AnyView {
        let wishes = Resource::new_blocking(|| (), |()| read_wishes());
        view! {
            <SettingsFrame title=t("Notifications")>
                <Suspense fallback=|| view! { <Skeleton rows=6/> }>
                    {move || Suspend::new(async move {
                        match wishes.await {
                            Ok(view) => view! { <Shown view=view/> }.into_any(),
                            Err(e) => view! { <ErrorBox text=e.to_string()/> }.into_any(),
                        }
                    })}
                </Suspense>
            </SettingsFrame>
        }
        .into_any()
    }
}

#[component]
fn Shown(view: WishesView) -> impl IntoView {
    let mail = view.mail;
    let rows = view
        .wishes
        .into_iter()
        .map(|w| {
            let words = KINDS.iter().find(|k| k.0 == w.kind).map_or("", |k| t(k.1));
            view! {
                <li class="person">
                    <span class="person__text">{words}</span>
                    <form method="post" action="/do/account/notifications" class="row">
                        <input type="hidden" name="kind" value=w.kind/>
                        <label class="check"><input type="checkbox" name="in_app" value="on" checked=w.in_app aria-label=tf("{what}: in the app", &[("what", words)])/><span>{t("In the app")}</span></label>
                        {mail.then(|| view! { <label class="check"><input type="checkbox" name="by_mail" value="on" checked=w.by_mail aria-label=tf("{what}: by mail", &[("what", words)])/><span>{t("By mail")}</span></label> })}
                        <button type="submit" class="button">{t("Set")}</button>
                    </form>
                </li>
            }
        })
        .collect_view();
    view! {
        <SaidBox said=view.said/>
        <section class="card" aria-label=t("What you hear of")>
            <h2>{t("What you hear of")}</h2>
            <ul class="people">{rows}</ul>
            {(!mail).then(|| view! { <p class="muted">{t("Mail is off: whoever runs this server can set a mail server with --smtp-url.")}</p> })}
        </section>
    }
}
