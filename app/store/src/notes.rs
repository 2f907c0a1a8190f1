//! Notes in lists and search.

use crate::{
    listing::{Listing, Order},
    searched::Searched,
};
use domain::EntityKind;

pub(crate) const LISTING: Listing =
    Listing { kind: EntityKind::Note, order: Order::newest("t.created_at"), flagged_order: None, flag: ("t.pinned", "not t.pinned"), day: None };

pub(crate) const SEARCHED: Searched = Searched { kind: EntityKind::Note, by: "lower(title)", about: "null", also: "" };
