//! `/settings/profile`: one's own password, signed-in browsers and workspaces.

use crate::{
    AppError,
    flash::{FlashBox, FlashMessage},
    format,
    i18n::{t, tf, translated},
    records::KeptForm,
    session::use_session,
    settings_frame::settings_page,
};
use domain::{WorkspaceId, memberships::SessionLine, paths};
use leptos::prelude::*;
use leptos_router::components::A;
use serde::{Deserialize, Serialize};
use ui::TextField;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProfileView {
    sessions: Vec<SessionLine>,
    /// Id, name, role code.
    workspaces: Vec<(WorkspaceId, String, String)>,
    here: WorkspaceId,
    /// A mail server is set up.
    mail: bool,
    /// When the account will be gone.
    ends: Option<chrono::DateTime<chrono::Utc>>,
    flash: FlashMessage,
}

#[server(prefix = "/fn", endpoint = "settings/profile", protocol = crate::sync::Fetched)]
pub async fn read_profile() -> Result<ProfileView, AppError> {
    use crate::{Answer, context};
    async {
        let (db, actor) = context::actor()?;
        let request = context::request()?;
        let mail = request.mail;
        let ends = db.account_ends(actor.user).await?;
        let sessions = db.sessions_of(actor.user, request.session().unwrap_or_default()).await?;
        let workspaces = db.workspaces_of(actor.user).await?;
        Ok::<_, AppError>(ProfileView { sessions, workspaces, here: actor.workspace, mail, ends, flash: crate::flash::flash()? })
    }
    .await
    .answer()
}

pub struct ProfilePage;

lazy_page!(ProfilePage, profile_page, settings);

impl ProfilePage {
    fn show() -> AnyView {
        settings_page(t("Your profile"), 8, read_profile, |view| view! { <Shown view=view/> }.into_any())
    }
}

#[component]
fn Shown(view: ProfileView) -> impl IntoView {
    let session = use_session();
    let here = view.here;
    let user_email = session.email.clone();
    let many = view.workspaces.len() > 1;
    let sessions = view
        .sessions
        .into_iter()
        .map(|s| {
            let device = if s.device.is_empty() { t("Unknown device").to_owned() } else { translated(s.device) };
            view! {
                <li>
                    <span>{device}</span>
                    <span class="row row--tight">
                        <span class="muted">{format::ago(s.since, session.now)}</span>
                        {if s.is_this {
                            view! { <span class="chip">{t("This browser")}</span> }.into_any()
                        } else {
                            view! { <form method="post" action="/do/account/session"><input type="hidden" name="key" value=s.key/><button type="submit" class="button button--quiet">{t("Sign out")}</button></form> }.into_any()
                        }}
                    </span>
                </li>
            }
        })
        .collect_view();
    let mut flash = view.flash;
    let done = flash.message.is_some();
    let (of_password, of_email, of_deletion) = (flash.of_card("password"), flash.of_card("email"), flash.of_card("delete"));
    view! {
        <FlashBox flash=flash/>
        <section class="card" aria-label=t("You")>
            <h2>{session.user.clone()}</h2>
            <p class="muted">{session.email.clone()}</p>
            <p><A href=paths::page_of(session.member)>{t("Name, office and time zone in this workspace")}</A></p>
        </section>
        {many.then(|| view! {
            <section class="card" aria-label=t("Workspaces")>
                <h2>{t("Workspaces")}</h2>
                <ul class="links">
                    {view.workspaces.into_iter().map(|(id, name, _)| view! {
                        <li>
                            <span>{name}</span>
                            {if id == here { view! { <span class="chip">{t("Here")}</span> }.into_any() } else {
                                view! { <form method="post" action="/do/account/workspace"><input type="hidden" name="workspace" value=id.to_string()/><button type="submit" class="button">{t("Go there")}</button></form> }.into_any()
                            }}
                        </li>
                    }).collect_view()}
                </ul>
            </section>
        })}
        <super::appearance::AppearanceCard/>
        <PasswordCard flash=of_password/>
        {view.mail.then(|| view! {
            <section class="card" id="email" aria-label=t("E-mail")>
                <h2>{t("Another address")}</h2>
                <FlashBox flash=of_email.clone()/>
                <KeptForm name="email" action="/do/account/email" done=done>
                    <input class="visually-hidden" type="text" name="username" autocomplete="username" value=user_email.clone() readonly=true tabindex="-1" aria-hidden="true"/>
                    <TextField name="email" label=t("New e-mail") kind="email" required=true autocomplete="email"/>
                    <TextField name="password" label=t("Password, to confirm") kind="password" required=true autocomplete="current-password"/>
                    <button type="submit" class="button">{t("Send a link to it")}</button>
                </KeptForm>
            </section>
        })}
        <section class="card" aria-label=t("Signed-in browsers")>
            <h2>{t("Signed-in browsers")}</h2>
            <ul class="links">{sessions}</ul>
            <p><A href=paths::TOKENS>{t("API tokens, for programs")}</A></p>
        </section>
        <section class="card" id="delete" aria-label=t("Delete account")>
            <h2>{t("Delete the account")}</h2>
            <FlashBox flash=of_deletion.clone()/>
            {match view.ends {
                Some(day) => view! {
                    <p>{tf("Your account will be deleted on {day}.", &[("day", &format::day(format::day_of(day)))])}</p>
                    <form method="post" action="/do/account/keep"><button type="submit" class="button button--primary">{t("Keep my account")}</button></form>
                }
                .into_any(),
                None => view! {
                    <p class="muted">{t("It waits 14 days, in which you can take it back. What you did for a team stays with the team; a workspace that is yours alone goes with you.")}</p>
                    <details class="person__remove" open=of_deletion.wrong.is_some()>
                        <summary>{t("Delete…")}</summary>
                        <form method="post" action="/do/account/delete" class="stack form">
                            <input class="visually-hidden" type="text" name="username" autocomplete="username" value=session.email.clone() readonly=true tabindex="-1" aria-hidden="true"/>
                            <TextField name="password" label=t("Your password") kind="password" required=true autocomplete="current-password"/>
                            <button type="submit" class="button button--danger">{t("Delete my account in 14 days")}</button>
                        </form>
                    </details>
                }
                .into_any(),
            }}
        </section>
    }
}

#[component]
fn PasswordCard(flash: FlashMessage) -> impl IntoView {
    let email = use_session().email;
    view! {
        <section class="card" id="password" aria-label=t("Password")>
            <h2>{t("Password")}</h2>
            <FlashBox flash=flash/>
            <form method="post" action="/do/account/password" class="stack form">
                <input class="visually-hidden" type="text" name="username" autocomplete="username" value=email readonly=true tabindex="-1" aria-hidden="true"/>
                <TextField name="old" label=t("Present password") kind="password" required=true autocomplete="current-password"/>
                <TextField name="new" label=t("New password (at least 8 characters)") kind="password" required=true autocomplete="new-password"/>
                <label class="check"><input type="checkbox" name="tokens" value="on" checked=true/><span>{t("Also end my API tokens")}</span></label>
                <button type="submit" class="button button--primary">{t("Change the password")}</button>
            </form>
        </section>
    }
}
