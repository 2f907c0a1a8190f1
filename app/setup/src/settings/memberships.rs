//! `/settings/people`: who is here, as what, and inviting more. Plain forms: they work without wasm.

#[cfg(feature = "ssr")]
use crate::flash::flash;
use crate::{
    AppError,
    flash::{FlashBox, FlashMessage},
    format,
    i18n::{t, tf},
    records::KeptForm,
    session::{may, use_session},
    settings_frame::settings_page,
};
use domain::{
    MemberId, Permission, Role,
    memberships::{Invitation, MemberView, MembersView},
    paths,
};
use leptos::prelude::*;
use leptos_router::components::A;
use serde::{Deserialize, Serialize};
use ui::{Avatar, SelectField};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MembershipsView {
    members: MembersView,
    flash: FlashMessage,
}

#[server(prefix = "/fn", endpoint = "settings/people", protocol = crate::sync::Fetched)]
pub async fn read_memberships() -> Result<MembershipsView, AppError> {
    use crate::{Answer, context};
    async {
        let (db, actor) = context::actor()?;
        Ok::<_, AppError>(MembershipsView { members: db.members_view(&actor).await?, flash: flash()? })
    }
    .await
    .answer()
}

pub struct MembershipsPage;

lazy_page!(MembershipsPage, memberships_page, settings);

impl MembershipsPage {
    fn show() -> AnyView {
        settings_page(t("People and rights"), 10, read_memberships, |view| view! { <Shown view=view/> }.into_any())
    }
}

fn role_options(mine: Role) -> Vec<(String, String)> {
    Role::ALL.into_iter().filter(|r| mine == Role::Owner || *r != Role::Owner).map(|r| (r.code().to_owned(), t(r.words()).to_owned())).collect()
}

#[component]
fn Shown(view: MembershipsView) -> impl IntoView {
    let mine = use_session().role;
    let manages = may(Permission::ManageMembers);
    let MembersView { members, invitations } = view.members;
    let (joined, placeholders): (Vec<_>, Vec<_>) = members.into_iter().partition(|p| p.role.is_some());
    // Owners of records edit them; the reader comes first.
    let mut heirs: Vec<&MemberView> = joined.iter().filter(|p| p.role.is_some_and(|r| r.allows(Permission::EditRecords))).collect();
    heirs.sort_by_key(|p| !p.is_me);
    let heirs: Vec<(String, String)> = heirs.into_iter().map(|p| (p.id.to_string(), p.name.clone())).collect();
    let free: Vec<(String, String)> = placeholders.iter().map(|p| (p.id.to_string(), p.name.clone())).collect();
    let (former, placeholders): (Vec<_>, Vec<_>) = placeholders.into_iter().partition(|p| p.left);
    let owners = joined.iter().filter(|p| p.role == Some(Role::Owner)).count();
    let rows = joined
        .into_iter()
        .map(|p| {
            let role = p.role.unwrap_or(Role::Viewer);
            let id = p.id.to_string();
            let others: Vec<(String, String)> = heirs.iter().filter(|h| h.0 != id).cloned().collect();
            let changeable = manages && (mine == Role::Owner || role != Role::Owner);
            let role_id = id.clone();
            let (name, role_label) = (p.name.clone(), tf("Role of {name}", &[("name", &p.name)]));
            view! {
                <li class="person">
                    <Avatar name=p.name.clone()/>
                    <div class="person__text">
                        <A href=paths::page_of(p.id)>{name}{p.is_me.then(|| t(" (you)"))}</A>
                        <span class="muted">{p.email.clone()}</span>
                    </div>
                    {if changeable {
                        view! {
                            <form method="post" action="/do/people/role" class="row">
                                <input type="hidden" name="member" value=role_id/>
                                <select class="input" name="role" aria-label=role_label>
                                    {role_options(mine).into_iter().map(|(code, words)| { let on = code == role.code(); view! { <option value=code selected=on>{words}</option> } }).collect_view()}
                                </select>
                                <button type="submit" class="button">{t("Set")}</button>
                            </form>
                        }.into_any()
                    } else {
                        view! { <span class="chip">{t(role.words())}</span> }.into_any()
                    }}
                    {(p.is_me && role == Role::Owner && owners == 1 && !others.is_empty())
                        .then(|| view! { <p class="muted person__remove">{t("You are the only owner. Make somebody else an owner first.")}</p> })}
                    {((changeable || p.is_me) && (role != Role::Owner || owners > 1)).then(|| view! { <Leaving member=p.id is_me=p.is_me heirs=others/> })}
                </li>
            }
        })
        .collect_view();
    let done = view.flash.message.is_some() || view.flash.link.is_some();
    view! {
        <FlashBox flash=view.flash/>
        <section class="card" aria-label=t("Members")>
            <h2>{t("Members")}</h2>
            <ul class="people">{rows}</ul>
        </section>
        {manages.then(|| view! {
            <section class="card" aria-label=t("Invite")>
                <h2>{t("Invite somebody")}</h2>
                <KeptForm name="invite" action="/do/people/invite" done=done>
                    <SelectField name="role" label=t("Role") required=true value="member" options=role_options(mine)/>
                    {(!free.is_empty()).then(|| view! { <SelectField name="member" label=t("Joins as") options=free/> })}
                    <button type="submit" class="button button--primary">{t("Make a link")}</button>
                </KeptForm>
                <Open invitations=invitations/>
            </section>
        })}
        <section class="card" aria-label=t("Roles")>
            <h2>{t("What the roles may do")}</h2>
            <dl class="facts">{Role::ALL.into_iter().map(|r| view! { <div class="fact"><dt class="fact__label">{t(r.words())}</dt><dd class="fact__value">{t(r.sentence())}</dd></div> }).collect_view()}</dl>
        </section>
        <Others title=t("Not joined yet") people=placeholders/>
        <Others title=t("Former members") people=former/>
    }
}

/// Taking a member out of the workspace, or leaving it: what ends, and the new owner of the records.
#[component]
fn Leaving(member: MemberId, is_me: bool, heirs: Vec<(String, String)>) -> impl IntoView {
    let (summary, button) = if is_me { (t("Leave"), t("Leave this workspace")) } else { (t("Remove"), t("Remove from this workspace")) };
    let ends = if is_me {
        t(
            "You are signed out of this workspace, and your API tokens and share links for it end. Your records, private ones too, get a new owner. Nothing is deleted.",
        )
    } else {
        t("Their sessions, API tokens and share links end at once. Their records, private ones too, get a new owner. Nothing is deleted.")
    };
    (!heirs.is_empty()).then(|| {
        view! {
            <details class="person__remove">
                <summary>{summary}</summary>
                <form method="post" action="/do/people/remove" class="stack">
                    <input type="hidden" name="member" value=member.to_string()/>
                    <p class="muted">{ends}</p>
                    <label class="stack">
                        <span class="muted">{t("New owner")}</span>
                        <select class="input" name="heir" required=true>
                            {heirs.into_iter().map(|(id, name)| view! { <option value=id>{name}</option> }).collect_view()}
                        </select>
                    </label>
                    <button type="submit" class="button button--danger">{button}</button>
                </form>
            </details>
        }
    })
}

/// Invitations that can still be used.
#[component]
fn Open(invitations: Vec<Invitation>) -> impl IntoView {
    (!invitations.is_empty()).then(|| {
        let rows = invitations.into_iter().map(|i| {
            view! {
                <li>
                    <span>{t(i.role.words())}{i.joins_as.map(|n| format!(" · {n}"))}</span>
                    <form method="post" action="/do/people/revoke" class="row">
                        <span class="muted">{tf("until {day}", &[("day", &format::day(format::day_of(i.expires_at)))])}</span>
                        <input type="hidden" name="id" value=i.id.to_string()/>
                        <button type="submit" class="button button--quiet">{t("Revoke")}</button>
                    </form>
                </li>
            }
        });
        view! {
            <h3>{t("Open invitations")}</h3>
            <ul class="links">{rows.collect_view()}</ul>
        }
    })
}

/// Members without an account here: placeholders, or those who left.
#[component]
fn Others(title: &'static str, people: Vec<MemberView>) -> impl IntoView {
    (!people.is_empty()).then(|| {
        let rows = people.into_iter().map(|p| {
            view! { <li><A href=paths::page_of(p.id)>{p.name}</A><span class="muted">{p.office}</span></li> }
        });
        view! {
            <section class="card" aria-label=title>
                <h2>{title}</h2>
                <ul class="links">{rows.collect_view()}</ul>
            </section>
        }
    })
}
