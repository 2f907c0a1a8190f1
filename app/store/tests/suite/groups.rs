//! Deals and people in groups: what is counted where, and who sees what.

use crate::kit::TestDb;
use domain::{EntityKind, Permission, deals::DealFilter, lists::ListFilter};
use serde_json::json;

#[tokio::test]
async fn groups_beyond_the_largest_are_counted_and_those_without_have_their_place() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    for n in 0..32 {
        let company = t.create(&ana, EntityKind::Company, json!({"name": format!("C{n:02}")})).await;
        for d in 0..2 {
            t.create(&ana, EntityKind::Deal, json!({"title": format!("D{n}-{d}"), "companyId": company, "value": "10", "probability": 50})).await;
        }
    }
    let loose = t.create(&ana, EntityKind::Deal, json!({"title": "Loose", "value": "7"})).await;
    let mut tx = t.db.begin(&ana, Permission::ViewRecords).await.unwrap();
    let filter = DealFilter::default();
    let groups = store::deal_groups(&mut tx, &filter, "companyId", true).await.unwrap();
    let last = groups.groups.last().unwrap();
    assert_eq!((groups.groups.len(), groups.others), (15, 36), "fourteen, and those without; eighteen companies are left over");
    assert_eq!((last.key.as_str(), last.count, last.value_minor, last.cards.len()), ("", 1, 700, 1));
    assert!(
        groups.groups.iter().take(14).all(|g| (g.count, g.value_minor, g.weighted_minor, g.cards.len()) == (2, 2000, 1000, 2) && !g.name.is_empty())
    );
    // Emptying the visibility would open a deal to all, so there is no such group.
    let shown = store::deal_groups(&mut tx, &filter, "visibility", true).await.unwrap();
    assert_eq!(shown.groups.iter().map(|g| g.key.as_str()).collect::<Vec<_>>(), ["workspace", "team", "private"]);
    assert!(store::deal_groups(&mut tx, &filter, "stageId", true).await.is_err());
    assert!(store::deal_groups(&mut tx, &filter, "id) or true --", true).await.is_err());
    // The list, page by page: every deal once, by the name of its company, those without at the end.
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store::list_deals(&mut tx, &filter, "by:companyId", after.as_ref(), 20).await.unwrap();
        seen.extend(page.items.iter().map(|d| (d.group.clone().unwrap().name, d.id.0)));
        match page.next.as_deref().and_then(domain::Cursor::decode) {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    assert_eq!(seen.len(), 65);
    assert_eq!(seen.last().unwrap().1, loose);
    let names: Vec<&str> = seen.iter().take(64).map(|s| s.0.as_str()).collect();
    assert!(names.is_sorted() && names[0] == "C00" && names[63] == "C31");
}

#[tokio::test]
async fn a_group_of_what_somebody_does_not_see_has_no_name_for_them() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let bob = t.member("Acme", "bob@acme.test").await;
    let hidden = t.create(&ana, EntityKind::Company, json!({"name": "Secret", "visibility": "private", "ownerId": ana.member.0})).await;
    t.create(&ana, EntityKind::Deal, json!({"title": "Open to all", "companyId": hidden})).await;
    t.create(&ana, EntityKind::Contact, json!({"firstName": "Tom", "companyId": hidden})).await;
    t.create(&ana, EntityKind::Contact, json!({"firstName": "Abe", "companyId": hidden})).await;
    let mut tx = t.db.begin(&bob, Permission::ViewRecords).await.unwrap();
    let groups = store::deal_groups(&mut tx, &DealFilter::default(), "companyId", true).await.unwrap();
    assert!(!serde_json::to_string(&groups).unwrap().contains("Secret"), "{groups:?}");
    let filter = ListFilter { group: "companyId".into(), ..Default::default() };
    let people = store::list_contacts(&mut tx, &filter, None, 50).await.unwrap();
    assert_eq!(people.items[0].group.as_ref().unwrap().name, "");
    assert_eq!(people.items.iter().map(|p| p.full_name.as_str()).collect::<Vec<_>>(), ["Abe", "Tom"], "in a group by name");
    // Counted is the whole group, of what one sees and the filters let through; not the page.
    t.create(&ana, EntityKind::Contact, json!({"firstName": "Zoe", "companyId": hidden, "visibility": "private", "ownerId": ana.member.0})).await;
    t.create(&ana, EntityKind::Contact, json!({"firstName": "Una"})).await;
    let mut tx = t.db.begin(&bob, Permission::ViewRecords).await.unwrap();
    let counts = async |tx: &mut store::TenantTx, filter: &ListFilter| {
        let page = store::list_contacts(tx, filter, None, 1).await.unwrap();
        (page.items[0].full_name.clone(), page.items[0].group.as_ref().unwrap().count)
    };
    assert_eq!(counts(&mut tx, &filter).await, ("Abe".into(), Some(2)));
    assert_eq!(counts(&mut tx, &ListFilter { q: "to".into(), ..filter.clone() }).await, ("Tom".into(), Some(1)));
    assert_eq!(counts(&mut tx, &ListFilter { q: "una".into(), ..filter.clone() }).await, ("Una".into(), Some(1)));
    let companies = store::list_companies(&mut tx, &ListFilter { group: "ownerId".into(), ..Default::default() }, None, 50).await.unwrap();
    assert!(companies.items.is_empty());
    t.create(&bob, EntityKind::Company, json!({"name": "Open"})).await;
    let mut tx = t.db.begin(&bob, Permission::ViewRecords).await.unwrap();
    let companies = store::list_companies(&mut tx, &ListFilter { group: "visibility".into(), ..Default::default() }, None, 50).await.unwrap();
    assert_eq!(companies.items[0].group.as_ref().unwrap().count, Some(1));
}
