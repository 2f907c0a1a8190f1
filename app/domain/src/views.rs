//! Saved views: a list as somebody narrowed and sorted it, under a name (UX rule 10: filters live in the address, views
//! are saved from what one sees).

use crate::{EntityKind, FieldKind as K, FieldSpec, KindSpec, Permission, fields::DefaultValue as D};

/// The pages that have views, by their path: lists of the kinds that daily work is about, and of tasks.
pub const PAGES: &[(&str, &str)] = &LISTS;

const LISTS: [(&str, &str); count()] = lists();

const fn is_listed(kind: EntityKind) -> bool {
    let spec = kind.spec();
    spec.records_at.is_some() && (!spec.activity || spec.own_list)
}

const fn count() -> usize {
    let (mut at, mut count) = (0, 0);
    while at < EntityKind::ALL.len() {
        count += is_listed(EntityKind::ALL[at]) as usize;
        at += 1;
    }
    count
}

const fn lists() -> [(&'static str, &'static str); count()] {
    let mut lists = [("", ""); count()];
    let (mut at, mut count) = (0, 0);
    while at < EntityKind::ALL.len() {
        let spec = EntityKind::ALL[at].spec();
        if is_listed(EntityKind::ALL[at]) {
            let label = match spec.feed {
                Some((_, plural)) => plural,
                None => spec.label,
            };
            lists[count] = (spec.listed_at, label);
            count += 1;
        }
        at += 1;
    }
    lists
}

pub const FIELDS: &[FieldSpec] = &[
    FieldSpec::new("name", "name", "Name", K::Text(60)).required(),
    FieldSpec::new("page", "page", "Page", K::Choice(PAGES)).required(),
    // What stands behind the question mark of the address, as [`query`] writes it.
    FieldSpec::new("query", "query", "Filters", K::Text(2_000)).default(D::Text("")),
    FieldSpec::new("ownerId", "owner_id", "Owner", K::Ref(EntityKind::Member)),
    FieldSpec::new("visibility", "visibility", "Visible to", K::Choice(crate::members::VISIBILITIES)).default(D::Text("workspace")),
];

pub const KIND: KindSpec = KindSpec::setup("view", "views", Permission::EditRecords).without_page();

/// The parameters of an address in one order, without those that are of the moment: which page of the list, which tab,
/// where one came from. Two addresses that show the same are the same view.
pub fn query<'a>(parameters: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut kept: Vec<(&str, &str)> =
        parameters.filter(|(k, v)| !v.is_empty() && !matches!(*k, "after" | "before" | "tab" | "src" | "add")).collect();
    kept.sort_unstable();
    crate::paths::with_query("", &kept).trim_start_matches('?').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_of_daily_work_have_views() {
        let pages: Vec<&str> = PAGES.iter().map(|p| p.0).collect();
        assert_eq!(pages, ["/people", "/companies", "/deals", "/leads", "/tasks"]);
    }

    #[test]
    fn addresses_that_show_the_same_are_the_same_view() {
        let one = [("sort", "-value"), ("owner", "me"), ("after", "x"), ("q", "")];
        let other = [("owner", "me"), ("sort", "-value"), ("src", "app")];
        assert_eq!(query(one.into_iter()), "owner=me&sort=-value");
        assert_eq!(query(one.into_iter()), query(other.into_iter()));
        assert_eq!(query([("q", "a&b=c d")].into_iter()), "q=a%26b%3Dc%20d");
    }
}
