//! Notes: what one wants to remember, in Markdown (SPEC §2.12, NOT-01, C-28).

use crate::{
    EntityKind, FieldKind as K, FieldSpec, KindSpec,
    fields::{DefaultValue as D, OnDelete},
    paths,
};

/// NOT-01, and the two kinds that notes of a contact came from (C-28).
pub const TYPES: &[(&str, &str)] = &[
    ("general", "General"),
    ("call", "Call"),
    ("meeting", "Meeting"),
    ("internal", "Internal"),
    ("decision", "Decision"),
    ("personal", "Personal"),
    ("professional", "Professional"),
];

pub const FIELDS: &[FieldSpec] = &[
    FieldSpec::new("body", "body", "Note", K::LongText(20_000)).required(),
    FieldSpec::new("type", "kind", "Type", K::Choice(TYPES)).quick().default(D::Text("general")),
    FieldSpec::new("pinned", "pinned", "Pinned", K::Bool).default(D::No),
    FieldSpec::new("contactId", "contact_id", "Person", K::Ref(EntityKind::Contact)).quick().on_delete(OnDelete::Cascade),
    FieldSpec::new("companyId", "company_id", "Company", K::Ref(EntityKind::Company)),
    FieldSpec::new("dealId", "deal_id", "Deal", K::Ref(EntityKind::Deal)),
    FieldSpec::new("taskId", "task_id", "Task", K::Ref(EntityKind::Task)),
    FieldSpec::new("ownerId", "owner_id", "Written by", K::Ref(EntityKind::Member)),
    FieldSpec::new("visibility", "visibility", "Visible to", K::Choice(crate::members::VISIBILITIES)).default(D::Text("workspace")),
];

pub const KIND: KindSpec = KindSpec::record("note", "notes")
    .title_fields(&[])
    .label("Note")
    .created("noted {title}")
    .at(paths::NOTES)
    .listed_at(paths::FEED)
    .icon("note")
    .activity();

/// Where `body` mentions one of `names` as `@Name`, whatever the case: start and end in bytes, and who. The longest name
/// that fits counts, so that `@Ana Lee` is not also `@Ana`.
pub fn mentions<I: Copy>(body: &str, names: &[(I, String)]) -> Vec<(usize, usize, I)> {
    let mut known: Vec<(I, &str)> = names.iter().map(|(id, name)| (*id, name.trim())).filter(|(_, n)| !n.is_empty()).collect();
    known.sort_by_key(|(_, name)| std::cmp::Reverse(name.len()));
    let mut out = Vec::new();
    let mut before = ' ';
    for (at, c) in body.char_indices() {
        let starts = c == '@' && !before.is_alphanumeric();
        before = c;
        let rest = &body[at + c.len_utf8()..];
        if starts && let Some((id, long)) = known.iter().find_map(|(id, name)| Some((*id, named(rest, name)?))) {
            out.push((at, at + 1 + long, id));
        }
    }
    out
}

/// Who is mentioned, each once.
pub fn mentioned<I: Copy + PartialEq>(body: &str, names: &[(I, String)]) -> Vec<I> {
    let mut out = Vec::new();
    for (_, _, id) in mentions(body, names) {
        if !out.contains(&id) {
            out.push(id);
        }
    }
    out
}

/// How many bytes of `text` are `name`, whatever the case, if it begins with it and the word ends there.
fn named(text: &str, name: &str) -> Option<usize> {
    let mut rest = text.chars();
    let fits = name.chars().all(|n| rest.next().is_some_and(|c| c.to_lowercase().eq(n.to_lowercase())));
    let long = text.len() - rest.as_str().len();
    (fits && !rest.next().is_some_and(char::is_alphanumeric)).then_some(long)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_01_mentions_are_names_behind_an_at_sign() {
        let names = [(1, "Ana".to_owned()), (2, "Ana Lee".to_owned()), (3, "Zoë".to_owned()), (4, "".to_owned())];
        let who = |text: &str| mentioned(text, &names);
        assert_eq!(who("@ana lee, please"), [2]);
        assert_eq!(who("@Ana and @ANA LEE"), [1, 2]);
        assert_eq!(who("@zoë @Zoë"), [3]);
        assert_eq!(who("ana@ana.test, @Anabel, @ Ana, me@Zoë.test"), [0i32; 0]);
        assert_eq!(mentions("hi @zoë!", &names), [(3, 8, 3)]);
    }
}
