//! Reading deals.

use crate::AppError;
use domain::{
    DealId, Page, StageId,
    deals::{Board, DealCard, DealFilter},
};
use leptos::{prelude::*, server_fn::codec::Json};

/// Cards per column in the server-rendered page; further ones are lazy-loaded on scroll. Calls of the server function return
/// [`store::COLUMN_CARDS`], because the response is also cached for offline use.
#[cfg(feature = "ssr")]
const FIRST_CARDS: i64 = 24;

#[server(prefix = "/fn", endpoint = "deals/board", protocol = crate::sync::Cached<Json>)]
pub async fn read_board(filter: DealFilter) -> Result<Board, AppError> {
    use crate::{Answer, context};
    async {
        let position = context::request()?.position;
        let per_column = if context::is_page() { FIRST_CARDS } else { store::COLUMN_CARDS };
        let mut tx = context::tenant_generic(domain::Permission::ViewRecords).await?;
        Ok::<_, AppError>(store::board(&mut tx, &filter, chrono::Utc::now(), position, per_column).await?)
    }
    .await
    .answer()
}

#[server(prefix = "/fn", endpoint = "deals/column", protocol = crate::sync::Cached<Json>)]
pub async fn read_column(stage: StageId, filter: DealFilter, after: String) -> Result<Page<DealCard>, AppError> {
    use crate::{Answer, context};
    async {
        let after = domain::Cursor::decode(&after).ok_or(AppError::NotFound)?;
        let mut tx = context::tenant(domain::Permission::ViewRecords).await?;
        Ok::<_, AppError>(store::column(&mut tx, stage, &filter, &after).await?)
    }
    .await
    .answer()
}

#[server(prefix = "/fn", endpoint = "deals/cards", protocol = crate::sync::Cached<Json>)]
pub async fn read_cards(ids: Vec<DealId>) -> Result<Vec<DealCard>, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant_generic(domain::Permission::ViewRecords).await?;
        let few = ids.get(..ids.len().min(200)).unwrap_or_default();
        Ok::<_, AppError>(store::cards(&mut tx, few).await?)
    }
    .await
    .answer()
}

#[server(prefix = "/fn", endpoint = "deals/list", protocol = crate::sync::Cached<Json>)]
pub async fn list_deals(filter: DealFilter, sort: String, after: Option<String>) -> Result<Page<DealCard>, AppError> {
    use crate::{Answer, context};
    async {
        let after = after.as_deref().and_then(domain::Cursor::decode);
        let mut tx = context::tenant(domain::Permission::ViewRecords).await?;
        Ok::<_, AppError>(store::list_deals(&mut tx, &filter, &sort, after.as_ref(), domain::page::PAGE_ROWS).await?)
    }
    .await
    .answer()
}

/// The board as it is first opened, the open deals of the member, and the form.
#[cfg(feature = "ssr")]
pub async fn prefetch(set: &mut crate::prefetched::Prefetched, member: domain::MemberId) -> Result<(), AppError> {
    let filter = DealFilter::default();
    let board = read_board(filter.clone()).await?;
    let cards = board.columns.iter().flat_map(|c| &c.cards);
    set.want(cards.filter(|c| c.owner_id == Some(member) && c.closed_at.is_none()).map(|c| (<DealId as domain::RecordId>::KIND, c.id.0)));
    set.add_json(&ReadBoard { filter }, &board);
    set.add_form(<DealId as domain::RecordId>::KIND).await
}
