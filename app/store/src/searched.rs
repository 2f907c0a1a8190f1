//! How a slice's records are found by search.

/// Search of one kind. In SQL, `t` is the record, `$1` the workspace, `$2` the lower-case query.
pub(crate) struct Searched {
    /// Expression that is searched.
    pub by: &'static str,
    /// Expression of the line under the title.
    pub about: &'static str,
    /// Alternative condition, starting with ` or `.
    pub also: &'static str,
}
