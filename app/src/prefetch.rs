//! What somebody works with, read ahead into the browser's store, so that it is there when the network is not: the pages
//! one goes to, one's open deals, what Today asks for, and the page in view.

use crate::{
    AppError,
    browser_store::{PREFETCHED, forget_prefetch},
    sync::keep,
};
use leptos::{prelude::*, server_fn::codec::Json, task::spawn_local};
use std::time::Duration;

/// After this long the page itself has all it needs.
const SETTLED: Duration = Duration::from_secs(3);
/// The whole set is read this often, in milliseconds.
const EVERY: u64 = 10 * 60 * 1_000;
/// Records that are read ahead beside the lists.
#[cfg(feature = "ssr")]
const RECORDS: usize = 60;

/// Answers as the functions of the pages would give them, each under what it answers to.
#[server(prefix = "/fn", endpoint = "sync/working_set", input = Json)]
pub async fn working_set(
    /// The page in view.
    at: String,
    /// With the lists and one's own records.
    whole: bool,
    /// Whose page asks: its browser keeps the answers under this member.
    member: uuid::Uuid,
    workspace: Option<uuid::Uuid>,
) -> Result<Vec<(String, String)>, AppError> {
    use crate::{Answer, context};
    async {
        let (_, actor) = context::actor()?;
        crate::context::same_person(&actor, member, workspace)?;
        let mut set = on_the_server::Set::default();
        if whole {
            set.lists(actor.member).await?;
        }
        if let Some((kind, id)) = domain::paths::record_of(&at) {
            set.record(kind, id).await;
        }
        // A record in view that is gone is no fault of the whole: its reading has said "not found" for all of it.
        if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
            response.set_status(http::StatusCode::OK);
        }
        Ok::<_, AppError>(set.answers)
    }
    .await
    .answer()
}

#[cfg(feature = "ssr")]
mod on_the_server {
    use super::RECORDS;
    use crate::{
        AppError,
        companies::{ListCompanies, list_companies},
        contacts::{ListContacts, list_contacts},
        deals::{ReadBoard, read_board},
        notifications::{CountUnread, count_unread},
        places,
        records::{ListViews, ReadForm, ReadRecord, list_views, read_form, read_record},
        tasks::{Asked, ListTasks, list_tasks},
        today::{ReadToday, read_today},
    };
    use domain::{ContactId, DealId, EntityKind, MemberId, deals::DealFilter, lists::ListFilter};
    use leptos::server_fn::ServerFn;
    use serde::Serialize;
    use std::collections::BTreeSet;
    use uuid::Uuid;

    #[derive(Default)]
    pub struct Set {
        pub answers: Vec<(String, String)>,
        seen: BTreeSet<Uuid>,
    }

    impl Set {
        /// Under the same key as the browser makes of its request.
        fn add<F: ServerFn>(&mut self, body: &str, answer: &impl Serialize) {
            if let Ok(text) = serde_json::to_string(answer) {
                self.answers.push((format!("{} {body}", F::PATH), text));
            }
        }

        fn add_json<F: ServerFn + Serialize>(&mut self, arguments: &F, answer: &impl Serialize) {
            if let Ok(body) = serde_json::to_string(arguments) {
                self.add::<F>(&body, answer);
            }
        }

        pub async fn record(&mut self, kind: EntityKind, id: Uuid) {
            if self.seen.insert(id)
                && let Ok(view) = read_record(kind, id).await
            {
                self.add::<ReadRecord>(&format!("kind={}&id={id}", kind.noun()), &view);
            }
        }

        pub async fn lists(&mut self, member: MemberId) -> Result<(), AppError> {
            let today = read_today().await?;
            let mut wanted: Vec<(EntityKind, Uuid)> = today.queue.iter().chain(&today.suggested).map(|row| (row.kind, row.id)).collect();
            self.add::<ReadToday>("", &today);
            let filter = DealFilter::default();
            let board = read_board(filter.clone()).await?;
            let cards = board.columns.iter().flat_map(|c| &c.cards);
            wanted.extend(cards.filter(|c| c.owner_id == Some(member) && c.closed_at.is_none()).map(|c| (DealId::KIND, c.id.0)));
            self.add_json(&ReadBoard { filter }, &board);
            for board in [false, true] {
                let asked = Asked::mine(board);
                let tasks = list_tasks(asked.clone()).await?;
                self.add_json(&ListTasks { asked }, &tasks);
            }
            let (filter, after) = (ListFilter::default(), None);
            let people = list_contacts(filter.clone(), after.clone()).await?;
            wanted.extend(people.items.iter().map(|row| (ContactId::KIND, row.id.0)));
            self.add_json(&ListContacts { filter: filter.clone(), after: after.clone() }, &people);
            let companies = list_companies(filter.clone(), after.clone()).await?;
            self.add_json(&ListCompanies { filter, after }, &companies);
            self.add::<CountUnread>("", &count_unread().await?);
            for kind in places::forms() {
                let form = read_form(kind, None).await?;
                self.add::<ReadForm>(&format!("kind={}", kind.noun()), &form);
            }
            for (page, _) in domain::views::PAGES {
                let views = list_views((*page).to_owned()).await?;
                self.add::<ListViews>(&format!("page={}", domain::paths::query_value(page)), &views);
            }
            for (kind, id) in wanted {
                if self.seen.len() >= RECORDS {
                    break;
                }
                self.record(kind, id).await;
            }
            Ok(())
        }
    }
}

/// Reads ahead anew, a little later: after an import, the sample, or a gap in the live stream.
pub fn read_again(whose: crate::Whose) {
    forget_prefetch(whose);
    set_timeout(move || read(whose), SETTLED);
}

/// Reads ahead once the page has settled, and the page in view with it.
pub fn read_ahead(whose: crate::Whose) {
    set_timeout(move || read(whose), SETTLED);
    // A program that is left open renews what it keeps.
    let again = set_interval_with_handle(move || read(whose), Duration::from_millis(EVERY)).ok();
    on_cleanup(move || {
        if let Some(again) = again {
            again.clear();
        }
    });
}

fn read(whose: crate::Whose) {
    if !window().navigator().on_line() {
        return;
    }
    let storage = window().local_storage().ok().flatten();
    let key = whose.key(PREFETCHED);
    let last = storage.as_ref().and_then(|s| s.get_item(&key).ok().flatten()).and_then(|t| t.parse::<u64>().ok());
    let now = js_sys::Date::now() as u64;
    let whole = last.is_none_or(|l| now.saturating_sub(l) >= EVERY - 5_000);
    let place = window().location();
    let at = place.pathname().unwrap_or_default();
    spawn_local(async move {
        if let Ok(answers) = working_set(at, whole, whose.member.0, Some(whose.workspace.0)).await {
            keep(answers).await;
            if let Some(storage) = storage.filter(|_| whole) {
                let _ = storage.set_item(&key, &now.to_string());
            }
            // For whoever looks from outside: tests, and people with a console.
            if let Some(root) = document().document_element() {
                let _ = root.set_attribute("data-kept", "yes");
            }
        }
    });
}
