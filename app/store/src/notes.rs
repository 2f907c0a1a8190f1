//! Notes in lists and search.

use crate::{
    listing::{Listing, Order},
    records::hook::Hooks,
    searched::Searched,
};
use domain::EntityKind;

pub(crate) const LISTING: Listing =
    Listing { kind: EntityKind::Note, order: Order::newest("t.created_at"), flagged_order: None, flag: ("t.pinned", "not t.pinned"), day: None };

const SEARCHED: Searched = Searched { by: "lower(title)", about: "null", also: "" };

pub(crate) struct Notes;

impl Hooks for Notes {
    const SEARCHED: Option<&'static Searched> = Some(&SEARCHED);
}
