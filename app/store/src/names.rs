//! Names inside built SQL, where Postgres takes no bound value.

/// A name between quotes, with the quotes in it doubled: whatever it holds, it stays one name.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Several of them, as in a list of columns.
pub(crate) fn quoted_list(names: &[String]) -> String {
    names.iter().map(|n| quoted(n)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_end_its_quotes() {
        assert_eq!(quoted("first name"), "\"first name\"");
        assert_eq!(quoted("a\") from program 'id' --"), "\"a\"\") from program 'id' --\"");
        assert_eq!(quoted_list(&["a".into(), "b\"".into()]), "\"a\", \"b\"\"\"");
    }
}
