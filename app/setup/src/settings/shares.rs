//! `/settings/shares`: links under which others see figures without signing in.

use crate::{
    AppError,
    flash::{FlashBox, FlashMessage},
    format,
    i18n::{t, tf},
    records::KeptForm,
    settings_frame::settings_page,
};
use chrono::{DateTime, Utc};
use domain::shares::{PARTS, Share, TERMS};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use ui::{EmptyState, SelectField, TextField};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SharesView {
    shares: Vec<Share>,
    now: DateTime<Utc>,
    flash: FlashMessage,
}

#[server(prefix = "/fn", endpoint = "settings/shares", protocol = crate::sync::Fetched)]
pub async fn read_shares() -> Result<SharesView, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant(domain::Permission::Share).await?;
        Ok::<_, AppError>(SharesView { shares: store::list_shares(&mut tx).await?, now: Utc::now(), flash: crate::flash::flash()? })
    }
    .await
    .answer()
}

pub struct SharesPage;

lazy_page!(SharesPage, shares_page, figures);

impl SharesPage {
    fn show() -> AnyView {
        settings_page(t("Share links"), 8, read_shares, |view| view! { <Shown view=view/> }.into_any())
    }
}

#[component]
fn Shown(view: SharesView) -> impl IntoView {
    let SharesView { shares, now, flash } = view;
    let done = flash.message.is_some() || flash.link.is_some();
    let (working, ended): (Vec<_>, Vec<_>) = shares.into_iter().partition(|s| s.works(now));
    let terms = TERMS.iter().map(|x| (x.0.to_owned(), t(x.1).to_owned())).collect();
    let none = working.is_empty();
    view! {
        <FlashBox flash=flash/>
        <section class="card" aria-label=t("New link")>
            <h2>{t("Share a dashboard by link")}</h2>
            <p class="muted">{t("Whoever has the link sees these figures as they are at the moment, without an account. Private records are never counted.")}</p>
            <KeptForm name="share" action="/do/shares/create" done=done>
                <TextField name="title" label=t("Title") required=true value=t("Sales")/>
                <fieldset class="starts">
                    <legend class="field__label">{t("What it shows")}</legend>
                    {PARTS.iter().map(|(code, words)| view! {
                        <label class="check"><input type="checkbox" name=*code value="on" checked=*code != "top_deals"/><span>{t(words)}</span></label>
                    }).collect_view()}
                </fieldset>
                <SelectField name="term" label=t("Expiry") required=true value="30" options=terms/>
                <button type="submit" class="button button--primary">{t("Make a link")}</button>
            </KeptForm>
        </section>
        <section class="card" aria-label=t("Links that work")>
            <h2>{t("Links that work")}</h2>
            {none.then(|| view! { <EmptyState text=t("No link works at the moment.")/> })}
            <ul class="people">{working.into_iter().map(|s| view! { <Line share=s now=now works=true/> }).collect_view()}</ul>
        </section>
        {(!ended.is_empty()).then(|| view! {
            <section class="card" aria-label=t("Ended")>
                <h2>{t("Revoked, expired or ended")}</h2>
                <ul class="people">{ended.into_iter().map(|s| view! { <Line share=s now=now works=false/> }).collect_view()}</ul>
            </section>
        })}
    }
}

#[component]
fn Line(share: Share, now: DateTime<Utc>, works: bool) -> impl IntoView {
    let until = match (share.revoked_at, share.expires_at) {
        (Some(at), _) => tf("revoked {when}", &[("when", &format::ago(at, now))]),
        (None, _) if !share.creator_can_share => t("creator can no longer share").to_owned(),
        (None, Some(at)) => tf("until {day}", &[("day", &format::day(format::day_of(at)))]),
        (None, None) => t("until it is revoked").to_owned(),
    };
    let opened = match share.last_opened_at {
        None => t("never opened").to_owned(),
        Some(at) => tf("opened {n} times, last {when}", &[("n", &format::count(share.opened)), ("when", &format::ago(at, now))]),
    };
    view! {
        <li class="person">
            <div class="person__text">
                <strong>{share.title.clone()}</strong>
                <span class="muted">{[share.by.unwrap_or_default(), until, opened].into_iter().filter(|x| !x.is_empty()).collect::<Vec<_>>().join(" · ")}</span>
            </div>
            {works.then(|| view! {
                <form method="post" action="/do/shares/revoke">
                    <input type="hidden" name="share" value=share.id.to_string()/>
                    <button type="submit" class="button button--danger" aria-label=tf("Revoke {title}", &[("title", &share.title)])>{t("Revoke")}</button>
                </form>
            })}
        </li>
    }
}
