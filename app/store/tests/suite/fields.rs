//! Every field of every kind is stored and read back, by creation and by edit: the writer casts JSON to the type of its column.

use crate::{
    isolation::furnish,
    kit::{TestDb, map},
};
use domain::{EntityKind, FieldKind as K, FieldSpec};
use serde_json::{Value, json};

/// A valid value that differs from the default.
fn value(spec: &FieldSpec) -> Option<Value> {
    Some(match spec.kind {
        K::Text(_) | K::LongText(_) | K::Suggest(_) => json!("Ünï"),
        K::Url => json!("https://example.org/a"),
        K::Email => json!("ana@example.org"),
        K::Phone => json!("+49301234567"),
        K::Int { min, max } => json!((min + 7).min(max)),
        K::Money => json!("12.50"),
        K::Currency => json!("CHF"),
        K::Date => json!("2027-01-31"),
        K::Time => json!("09:30"),
        K::LocalTime => json!("2027-01-30T09:00"),
        K::Instant => json!("2026-01-31T10:00:00Z"),
        K::Recurrence => json!("FREQ=WEEKLY;INTERVAL=2"),
        K::TimeZone => json!("Europe/Lisbon"),
        K::Bool => json!(true),
        K::Choice(all) => json!(all.last()?.0),
        K::Several(all) => json!([all.first()?.0]),
        K::List => json!(["a", "b c"]),
        K::Tags => json!(["vip"]),
        K::Emails | K::Phones | K::Contacts | K::Ref(_) => return None,
    })
}

#[tokio::test]
async fn every_field_is_stored_and_read_back() {
    let t = TestDb::new().await;
    let who = t.workspace("Acme").await;
    let made = furnish(&t, &who).await;
    let (mut edited, mut created) = (0, 0);
    for (kind, id) in made {
        let fields = || kind.fields().iter().filter_map(|spec| Some((spec, value(spec)?)));
        for (spec, value) in fields().filter(|(spec, _)| !spec.create_only) {
            let version = t.record(&who, kind, id).await.unwrap().version;
            let mut set = map(json!({spec.key: value}));
            if spec.key == "visibility" {
                set.insert("ownerId".into(), json!(who.member));
            }
            t.edit(&who, kind, id, version, Value::Object(set)).await.unwrap_or_else(|e| panic!("{kind:?} {}: {e:?}", spec.key));
            let now = t.record(&who, kind, id).await.unwrap();
            assert_eq!(now.fields.get(spec.key), Some(&value), "{kind:?} {}", spec.key);
            edited += 1;
        }
        // The same values in a new record, with the references that the kind requires.
        let record = t.record(&who, kind, id).await.unwrap();
        let mut set = map(json!({}));
        set.extend(fields().map(|(spec, value)| (spec.key.to_owned(), value)));
        set.extend(
            kind.fields().iter().filter(|f| matches!(f.kind, K::Ref(_)) && f.required).map(|f| (f.key.to_owned(), record.fields[f.key].clone())),
        );
        if kind.field("visibility").is_some() {
            set.insert("ownerId".into(), json!(who.member));
        }
        if kind == EntityKind::Tag {
            set.insert("name".into(), json!("another"));
        }
        let id = t.create(&who, kind, Value::Object(set.clone())).await;
        let now = t.record(&who, kind, id).await.unwrap();
        for (key, value) in &set {
            assert_eq!(now.fields.get(key), Some(value), "{kind:?} {key}");
        }
        created += 1;
    }
    assert!(edited > 90 && created == EntityKind::ALL.len(), "{edited} {created}");
}
