//! How a slice's activities are listed.

use domain::EntityKind;

/// Order of a list: expression of the table `t`, and its type.
#[derive(Clone, Copy)]
pub(crate) struct Order {
    pub key: &'static str,
    pub cast: &'static str,
    pub descending: bool,
}

impl Order {
    pub const fn newest(key: &'static str) -> Self {
        Self { key, cast: "timestamptz", descending: true }
    }
}

/// List of one kind of activity.
pub(crate) struct Listing {
    pub kind: EntityKind,
    pub order: Order,
    /// Order of the rows whose flag is set, if it differs.
    pub flagged_order: Option<Order>,
    /// Conditions for rows whose flag is set, and is not set.
    pub flag: (&'static str, &'static str),
    /// Column of the day that a list can be narrowed to.
    pub day: Option<&'static str>,
}

impl Listing {
    pub fn order(&self, flag: Option<bool>) -> Order {
        self.flagged_order.filter(|_| flag == Some(true)).unwrap_or(self.order)
    }
}
