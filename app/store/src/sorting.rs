//! What a list of records is sorted by, and where its next page begins: the order somebody chose, or that of its groups.

use crate::groups;
use domain::{Cursor, EntityKind, FieldSpec, lists::ListFilter};
use sqlx::{Postgres, QueryBuilder};

/// Sort orders: code, expression, the same under the alias of the joins, type to read the cursor back, direction.
pub(crate) type Sorts = &'static [(&'static str, &'static str, &'static str, &'static str, &'static str)];

pub(crate) struct Order {
    by: String,
    /// The same under the alias `c` of the joins.
    pub by_c: String,
    cast: &'static str,
    pub direction: &'static str,
    /// The field whose groups the list stands in.
    pub grouped: Option<&'static FieldSpec>,
    /// The columns that say in which group a row is.
    pub group: String,
}

impl Order {
    /// Of the list of `kind` under this filter; an order that is not known is the first one.
    pub fn of(kind: EntityKind, sorts: Sorts, filter: &ListFilter) -> Self {
        let grouped = domain::groups::field(kind, &filter.group);
        let group = groups::columns(grouped, "c");
        if let Some(spec) = grouped {
            let by = |alias| groups::order(spec, alias, "name_key");
            return Self { by: by(kind.plural()), by_c: by("c"), cast: "text collate \"C\"", direction: "asc", grouped, group };
        }
        let (_, by, by_c, cast, direction) = *sorts.iter().find(|s| s.0 == filter.sort).unwrap_or(&sorts[0]);
        Self { by: by.to_owned(), by_c: by_c.to_owned(), cast, direction, grouped, group }
    }

    /// Writes where the page begins, the order, and one row more than fits it.
    pub fn push_page(&self, query: &mut QueryBuilder<Postgres>, after: Option<&Cursor>, limit: i64) {
        let Self { by, cast, direction, .. } = self;
        if let Some(after) = after {
            let compare = if *direction == "desc" { "<" } else { ">" };
            query.push(format!(" and ({by}, id) {compare} (")).push_bind(after.key.clone());
            query.push(format!("::text::{cast}, ")).push_bind(after.id).push(")");
        }
        query.push(format!(" order by {by} {direction}, id {direction} limit {}", limit + 1));
    }
}
