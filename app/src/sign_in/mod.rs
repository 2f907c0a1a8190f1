//! Signing in and up: plain pages, plain forms, no wasm.

mod preview;

use crate::{
    i18n::{language, plain, t, tf, translated},
    title::PlainTitle,
};
use domain::{paths, pipelines::TEMPLATES};
use leptos::prelude::*;
use ui::{ErrorBox, TextField};

/// What a form came back with.
#[derive(Clone, Debug, Default)]
pub struct FormState {
    pub email: String,
    pub workspace: String,
    /// Where to go afterwards: a path of our own.
    pub next: String,
    pub error: String,
    /// The field the error is about; empty: all of them.
    pub field: String,
}

/// A document without scripts.
fn document(title: &str, style: &str, body: impl IntoView) -> String {
    document_with(title, style, body, None)
}

fn document_with(title: &str, style: &str, body: impl IntoView, beside: Option<AnyView>) -> String {
    let class = if beside.is_some() { "sign-in-page sign-in-page--two" } else { "sign-in-page" };
    let title = format!("{title} · Rapport");
    let html = view! {
        <html lang=language().code()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="description" content="Rapport: the people you work with, and what comes next."/>
                <PlainTitle text=title/>
                <link rel="icon" href="/public/icon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=style.to_owned()/>
            </head>
            <body class=class>
                <main class="sign-in" id="main">
                    <p class="sign-in__brand">"Rapport"</p>
                    {body}
                </main>
                {beside}
                <script src="/public/plain.js" defer=""></script>
            </body>
        </html>
    };
    format!("<!DOCTYPE html>{}", html.to_html())
}

fn errors(state: &FormState, field: &str) -> Signal<String> {
    Signal::stored(if state.field == field { state.error.clone() } else { String::new() })
}

fn general(state: &FormState) -> Option<AnyView> {
    (!state.error.is_empty() && state.field.is_empty()).then(|| view! { <ErrorBox text=state.error.clone()/> }.into_any())
}

/// The sign-in page as HTML.
pub fn sign_in_page(state: &FormState, style: &str) -> String {
    plain(|| {
        let body = view! {
            <h1>{t("Sign in")}</h1>
            {general(state)}
            <form method="post" action=paths::SIGN_IN class="stack form card" data-signed-out="">
                <input type="hidden" name="next" value=state.next.clone()/>
                <TextField name="email" label=t("E-mail") kind="email" required=true autocomplete="username" value=state.email.clone() error=errors(state, "email")/>
                <TextField name="password" label=t("Password") kind="password" required=true autocomplete="current-password" error=errors(state, "password")/>
                <button type="submit" class="button button--primary">{t("Sign in")}</button>
            </form>
            <p><a href=paths::FORGOT>{t("Forgot the password?")}</a></p>
            <p>{t("New here?")}" "<a href=paths::SIGN_UP>{t("Create an account")}</a></p>
        };
        document_with(t("Sign in"), style, body, Some(preview::preview()))
    })
}

/// The sign-up page as HTML. With a mail server it asks for the address alone; the rest is asked for behind the link.
pub fn sign_up_page(mail: bool, state: &FormState, style: &str) -> String {
    plain(|| {
        let fields = match mail {
            true => by_mail(state).into_any(),
            false => view! {
                {address(state)}
                {start_fields(state)}
                <button type="submit" class="button button--primary">{t("Create account")}</button>
            }
            .into_any(),
        };
        let body = view! {
            <h1>{t("Create an account")}</h1>
            {mail.then(|| view! { <p>{t("Give your address, and a link to make your account comes by mail.")}</p> })}
            {general(state)}
            <form method="post" action=paths::SIGN_UP class="stack form card">{fields}</form>
            <p>{t("Have an account?")}" "<a href=paths::SIGN_IN>{t("Sign in")}</a></p>
        };
        document_with(t("Create an account"), style, body, Some(preview::preview()))
    })
}

fn address(state: &FormState) -> impl IntoView + use<> {
    view! { <TextField name="email" label=t("E-mail") kind="email" required=true autocomplete="username" value=state.email.clone() error=errors(state, "email")/> }
}

fn new_password(state: &FormState) -> impl IntoView + use<> {
    view! { <TextField name="password" label=t("Password (at least 8 characters)") kind="password" required=true autocomplete="new-password" error=errors(state, "password")/> }
}

/// What a form asks for that goes on by mail.
fn by_mail(state: &FormState) -> impl IntoView + use<> {
    view! {
        {address(state)}
        <button type="submit" class="button button--primary">{t("Send the link")}</button>
    }
}

/// What a new account with a workspace of its own is made of, besides the address.
fn start_fields(state: &FormState) -> impl IntoView + use<> {
    view! {
        {new_password(state)}
        <fieldset class="starts">
            <legend class="field__label">{t("What do you want to keep track of?")}</legend>
            {TEMPLATES.iter().enumerate().map(|(i, template)| view! {
                <label class="start">
                    <input type="radio" name="template" value=template.key checked=i == 0/>
                    <span><strong>{t(template.name)}</strong><span class="muted">{t(template.about)}</span></span>
                </label>
            }).collect_view()}
        </fieldset>
        <input type="hidden" name="time_zone" value=""/>
        <TextField name="workspace" label=t("Name of your workspace (optional)") value=state.workspace.clone() error=errors(state, "workspace")/>
    }
}

/// The rest of a sign-up, behind the link that proves the address. `join`: the token of the invitation that it joins by, or
/// empty for a workspace of its own.
pub fn finish_page(token: &str, join: &str, state: &FormState, style: &str) -> String {
    let action = format!("/sign-up/{token}");
    plain(|| {
        let fields = match join.is_empty() {
            true => start_fields(state).into_any(),
            false => view! {
                <input type="hidden" name="join" value=join.to_owned()/>
                <TextField name="name" label=t("Your name") required=true autocomplete="name" value=state.workspace.clone() error=errors(state, "name")/>
                {new_password(state)}
            }
            .into_any(),
        };
        let body = view! {
            <h1>{t("Finish your account")}</h1>
            <p>{tf("Your account gets the address {email}.", &[("email", &state.email)])}</p>
            {general(state)}
            <form method="post" action=action class="stack form card">
                <input class="visually-hidden" type="text" name="username" autocomplete="username" value=state.email.clone() readonly=true tabindex="-1" aria-hidden="true"/>
                {fields}
                <button type="submit" class="button button--primary">{t("Create account")}</button>
            </form>
        };
        document(t("Finish your account"), style, body)
    })
}

/// What a page behind an invitation asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// Nothing: the person is signed in.
    Nothing,
    /// The address alone; the rest comes by mail.
    Address,
    /// All that an account is made of.
    Account,
}

/// The page behind an invitation: join with the account one has, or make one.
pub fn join_page(to: &domain::memberships::InvitedTo, token: &str, asks: Asks, state: &FormState, style: &str) -> String {
    let action = format!("/join/{token}");
    plain(|| {
        let title = tf("Join {workspace}", &[("workspace", &to.workspace)]);
        let fields = match asks {
            Asks::Nothing => view! { <button type="submit" class="button button--primary">{t("Join")}</button> }.into_any(),
            Asks::Address => by_mail(state).into_any(),
            Asks::Account => view! {
                <TextField name="name" label=t("Your name") required=true autocomplete="name" value=state.workspace.clone() error=errors(state, "name")/>
                {address(state)}
                {new_password(state)}
                <button type="submit" class="button button--primary">{t("Join")}</button>
            }
            .into_any(),
        };
        let other = (asks != Asks::Nothing).then(|| {
            let href = paths::with_query(paths::SIGN_IN, &[("next", &action)]);
            view! { <p>{t("Have an account?")}" "<a href=href>{t("Sign in and join")}</a></p> }
        });
        let body = view! {
            <h1>{title.clone()}</h1>
            <p>{tf("You were invited as {role}.", &[("role", t(to.role.words()))])}" "{t(to.role.sentence())}</p>
            {(asks == Asks::Address).then(|| view! { <p>{t("Give your address, and a link to join comes by mail.")}</p> })}
            {general(state)}
            <form method="post" action=action.clone() class="stack form card">{fields}</form>
            {other}
        };
        document(&title, style, body)
    })
}

/// Asking for a link to set a new password; without a mail server, whom to ask instead.
pub fn forgot_page(mail: bool, state: &FormState, style: &str) -> String {
    plain(|| {
        let form = mail.then(|| {
            view! {
                <p>{t("Give your address, and a link to set a new password comes by mail.")}</p>
                <form method="post" action=paths::FORGOT class="stack form card">
                    <TextField name="email" label=t("E-mail") kind="email" required=true autocomplete="username" value=state.email.clone() error=errors(state, "email")/>
                    <button type="submit" class="button button--primary">{t("Send the link")}</button>
                </form>
            }
        });
        let without = (!mail).then(
            || view! { <p>{t("This server sends no mail. Whoever runs it can set a new password for you with: rapport user reset E-MAIL")}</p> },
        );
        let body = view! {
            <h1>{t("Forgot the password?")}</h1>
            {general(state)}
            {form}
            {without}
            <p><a href=paths::SIGN_IN>{t("Back to signing in")}</a></p>
        };
        document(t("Forgot the password?"), style, body)
    })
}

/// Setting a new password behind a link.
pub fn reset_page(token: &str, state: &FormState, style: &str) -> String {
    let action = format!("/reset/{token}");
    plain(|| {
        let body = view! {
            <h1>{t("Set a new password")}</h1>
            {general(state)}
            <form method="post" action=action class="stack form card">
                <input class="visually-hidden" type="text" name="username" autocomplete="username" value=state.email.clone() readonly=true tabindex="-1" aria-hidden="true"/>
                <TextField name="password" label=t("New password (at least 8 characters)") kind="password" required=true autocomplete="new-password" error=errors(state, "password")/>
                <label class="check"><input type="checkbox" name="tokens" value="on" checked=true/><span>{t("Also end my API tokens")}</span></label>
                <button type="submit" class="button button--primary">{t("Set the password")}</button>
            </form>
        };
        document(t("Set a new password"), style, body)
    })
}

/// A form that waits for the password to be entered again.
pub struct AskedAgain<'a> {
    /// Where it goes on to.
    pub action: &'a str,
    /// What it is about to do.
    pub words: &'static str,
    /// The page it came from.
    pub back: &'static str,
    /// Its fields as they were sent.
    pub fields: &'a [(String, String)],
    pub error: String,
    /// Address of the account, for the person and for password managers.
    pub email: &'a str,
}

/// Asks for the password of somebody signed in, and goes on with the form that they sent.
pub fn password_page(asked: &AskedAgain<'_>, style: &str) -> String {
    plain(|| {
        let fields = asked.fields.iter().map(|(name, value)| view! { <input type="hidden" name=name.clone() value=value.clone()/> }).collect_view();
        let body = view! {
            <h1>{t("Confirm your password")}</h1>
            <p>{translated(asked.words.to_owned())}" "{t("Rapport asks for it again because some time has passed since you signed in on this browser.")}</p>
            <form method="post" action=asked.action.to_owned() class="stack form card">
                {fields}
                <input type="text" class="visually-hidden" autocomplete="username" readonly tabindex="-1" aria-hidden="true" value=asked.email.to_owned()/>
                <p class="muted">{tf("Signed in as {email}", &[("email", asked.email)])}</p>
                <TextField name="confirm_password" label=t("Your password") kind="password" required=true autocomplete="current-password" error=Signal::stored(translated(asked.error.clone()))/>
                <button type="submit" class="button button--primary">{t("Continue")}</button>
            </form>
            <p><a href=asked.back>{t("Cancel")}</a></p>
        };
        document(t("Confirm your password"), style, body)
    })
}

/// Confirming a new address behind a link, by a button.
pub fn confirm_page(token: &str, email: &str, style: &str) -> String {
    let action = format!("/confirm/{token}");
    plain(|| {
        let body = view! {
            <h1>{t("Confirm your address")}</h1>
            <p>{tf("Sign in as {email} from now on?", &[("email", email)])}</p>
            <form method="post" action=action class="stack form"><button type="submit" class="button button--primary">{t("Confirm")}</button></form>
        };
        document(t("Confirm your address"), style, body)
    })
}

/// A page that only says something, for errors outside the app.
pub fn message_page(title: &str, text: &str, style: &str) -> String {
    plain(|| {
        let title = translated(title.to_owned());
        let body = view! {
            <h1>{title.clone()}</h1>
            <p>{translated(text.to_owned())}</p>
            <p><a class="button button--primary" href="/">{t("Go to the start")}</a></p>
        };
        document(&title, style, body)
    })
}

/// The answer while the server cannot answer, such as when its database is away. `by_itself`: the browser asks again, so the
/// reader needs to do nothing.
pub fn retry_page(why: &str, by_itself: bool, style: &str) -> String {
    plain(|| {
        let next = if by_itself { t("This page tries again by itself.") } else { t("Go back and send it again in a moment.") };
        let body = view! {
            <h1>{t("Back in a moment")}</h1>
            <p>{translated(why.to_owned())}</p>
            <p>{next}</p>
        };
        document(t("Back in a moment"), style, body)
    })
}
