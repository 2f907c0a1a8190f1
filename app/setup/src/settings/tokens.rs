//! `/settings/tokens`: what programs sign in with. Plain forms: they work without wasm.

use crate::{
    AppError,
    flash::{FlashBox, FlashMessage},
    format,
    i18n::{t, tf},
    records::KeptForm,
    session::may,
    settings_frame::settings_page,
};
use chrono::{DateTime, Utc};
use domain::{
    Permission,
    tokens::{TERM, TERMS, TokenLine},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use ui::{EmptyState, SelectField, TextField};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokensView {
    tokens: Vec<TokenLine>,
    now: DateTime<Utc>,
    flash: FlashMessage,
}

#[server(prefix = "/fn", endpoint = "settings/tokens", protocol = crate::sync::Fetched)]
pub async fn read_tokens() -> Result<TokensView, AppError> {
    use crate::{Answer, context};
    async {
        let (db, actor) = context::actor()?;
        Ok::<_, AppError>(TokensView { tokens: db.tokens(&actor).await?, now: Utc::now(), flash: crate::flash::flash()? })
    }
    .await
    .answer()
}

pub struct TokensPage;

lazy_page!(TokensPage, tokens_page, settings);

impl TokensPage {
    fn show() -> AnyView {
        settings_page(t("API tokens"), 8, read_tokens, |view| view! { <Shown view=view/> }.into_any())
    }
}

#[component]
fn Shown(view: TokensView) -> impl IntoView {
    let TokensView { tokens, now, flash } = view;
    let done = flash.message.is_some();
    let (working, ended): (Vec<_>, Vec<_>) = tokens.into_iter().partition(|x| x.works(now));
    let terms = TERMS.iter().map(|x| (x.0.to_owned(), t(x.1).to_owned())).collect();
    let accesses = vec![("all".to_owned(), t("Everything I may do").to_owned()), ("read".to_owned(), t("Read-only").to_owned())];
    let none = working.is_empty();
    view! {
        <FlashBox flash=flash/>
        {may(Permission::ManageTokens).then(|| view! {
            <section class="card stack" aria-label=t("New token")>
                <h2>{t("Make an API token")}</h2>
                <p class="muted">{t("A program that uses this token acts as you, with your current role. The token ends when you leave the workspace.")}" "<a href="/help/password-and-tokens">{t("How programs use it")}</a></p>
                <KeptForm name="token" action="/do/tokens/create" done=done>
                    <TextField name="name" label=t("Name, for example Zapier") required=true autocomplete="off"/>
                    <SelectField name="term" label=t("Expiry") required=true value=TERM options=terms/>
                    <SelectField name="access" label=t("Access") required=true value="all" options=accesses/>
                    <button type="submit" class="button button--primary">{t("Make a token")}</button>
                </KeptForm>
            </section>
        })}
        <section class="card" aria-label=t("Active tokens")>
            <h2>{t("Active tokens")}</h2>
            {none.then(|| view! { <EmptyState text=t("No active tokens.")/> })}
            <ul class="people">{working.into_iter().map(|x| view! { <Line token=x now=now works=true/> }).collect_view()}</ul>
        </section>
        {(!ended.is_empty()).then(|| view! {
            <section class="card" aria-label=t("Ended")>
                <h2>{t("Revoked or expired")}</h2>
                <ul class="people">{ended.into_iter().map(|x| view! { <Line token=x now=now works=false/> }).collect_view()}</ul>
            </section>
        })}
    }
}

#[component]
fn Line(token: TokenLine, now: DateTime<Utc>, works: bool) -> impl IntoView {
    let day = |at: DateTime<Utc>| format::day(format::day_of(at));
    let until = match (token.revoked_at, token.expires_at) {
        (Some(at), _) => tf("revoked {when}", &[("when", &format::ago(at, now))]),
        (None, Some(at)) if works => tf("until {day}", &[("day", &day(at))]),
        (None, Some(at)) => tf("expired {day}", &[("day", &day(at))]),
        (None, None) => t("until it is revoked").to_owned(),
    };
    let used = match token.last_used_at {
        None => t("never used").to_owned(),
        Some(at) => tf("last used {when}", &[("when", &format::ago(at, now))]),
    };
    let made = tf("made {day}", &[("day", &day(token.created_at))]);
    let mark = format!("rap_…{}", token.last4);
    view! {
        <li class="person">
            <div class="person__text">
                <strong>{token.name.clone()}</strong>
                <span class="muted">{[mark, token.by.unwrap_or_default(), made, used, until].into_iter().filter(|x| !x.is_empty()).collect::<Vec<_>>().join(" · ")}</span>
            </div>
            {token.read_only.then(|| view! { <span class="chip">{t("Read-only")}</span> })}
            {works.then(|| view! {
                <form method="post" action="/do/tokens/revoke">
                    <input type="hidden" name="token" value=token.id.to_string()/>
                    <button type="submit" class="button button--danger" aria-label=tf("Revoke {title}", &[("title", &token.name)])>{t("Revoke")}</button>
                </form>
            })}
        </li>
    }
}
