//! What a browser lays over a reading before the server has answered is what the server then says.

use crate::kit::TestDb;
use domain::{
    EntityKind, FieldMap, Permission,
    changes::{Change, Versioned},
    companies::CompanyRow,
    contacts::ContactRow,
    deals::{DealCard, DealFilter},
    lists::ListFilter,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::Actor;
use uuid::Uuid;

async fn contact_row(t: &TestDb, who: &Actor, id: Uuid) -> ContactRow {
    let mut tx = t.db.begin(who, Permission::ViewRecords).await.unwrap();
    store::list_contacts(&mut tx, &ListFilter::default(), None, 50).await.unwrap().items.into_iter().find(|r| r.id.0 == id).unwrap()
}

async fn company_row(t: &TestDb, who: &Actor, id: Uuid) -> CompanyRow {
    let mut tx = t.db.begin(who, Permission::ViewRecords).await.unwrap();
    store::list_companies(&mut tx, &ListFilter::default(), None, 50).await.unwrap().items.into_iter().find(|r| r.id.0 == id).unwrap()
}

async fn deal_card(t: &TestDb, who: &Actor, id: Uuid) -> DealCard {
    let mut tx = t.db.begin(who, Permission::ViewRecords).await.unwrap();
    let filter = DealFilter { status: Some("any".into()), ..Default::default() };
    store::list_deals(&mut tx, &filter, "title", None, 50).await.unwrap().items.into_iter().find(|d| d.id.0 == id).unwrap()
}

/// Lays an edit over what was read before it, carries it out, and reads again.
macro_rules! same {
    ($t:expr, $who:expr, $kind:expr, $id:expr, $read:ident, $names:expr, $edits:expr) => {
        for (set, title) in $edits {
            let set: FieldMap = serde_json::from_value::<FieldMap>(set).unwrap();
            let mut patched = $read($t, $who, $id).await;
            let version = patched.version();
            patched.apply(&Change { set: set.clone(), names: $names.clone(), title, ..Default::default() });
            let whole = t_record($t, $who, $kind, $id, &set, $names).await;
            $t.edit($who, $kind, $id, version, Value::Object(set.clone())).await.unwrap();
            let now = $read($t, $who, $id).await;
            assert!(now.version() > version, "{set:?} changes something");
            patched.version = now.version;
            assert_eq!(patched, now, "{set:?}");
            let record = $t.record($who, $kind, $id).await.unwrap();
            // A number as it was typed is the same number as it is kept.
            for key in set.keys().filter(|k| *k != "phones") {
                assert_eq!(whole.text(key), record.text(key), "{key} of the whole record");
            }
            assert_eq!((whole.title.clone(), whole.label("companyId")), (record.title.clone(), record.label("companyId")), "{set:?}");
        }
    };
}

async fn t_record(t: &TestDb, who: &Actor, kind: EntityKind, id: Uuid, set: &FieldMap, names: &BTreeMap<Uuid, String>) -> domain::Record {
    let mut record = t.record(who, kind, id).await.unwrap();
    let full = |key: &str| set.get(key).map_or_else(|| record.text(key), |v| domain::records::plain(Some(v)));
    let title = (kind == EntityKind::Contact).then(|| format!("{} {}", full("firstName"), full("lastName")).trim().to_owned());
    record.apply(&Change { set: set.clone(), names: names.clone(), title, ..Default::default() });
    record
}

#[tokio::test]
async fn a_change_patched_over_a_row_is_what_the_row_says_when_it_is_saved() {
    let t = &TestDb::new().await;
    let ana = &t.workspace("Acme").await;
    let acme = t.create(ana, EntityKind::Company, json!({"name": "Acme", "employeeCount": 7, "location": "Rome"})).await;
    let bix = t.create(ana, EntityKind::Company, json!({"name": "Bix"})).await;
    let bea = t.create(ana, EntityKind::Contact, json!({"firstName": "Bea", "lastName": "Ray", "emails": "bea@acme.test", "companyId": acme})).await;
    let carl = t.create(ana, EntityKind::Contact, json!({"firstName": "Carl"})).await;
    let deal = t.create(ana, EntityKind::Deal, json!({"title": "Pump", "value": "10", "contactIds": [bea]})).await;
    let me = t.record(ana, EntityKind::Member, ana.member.0).await.unwrap().title;
    let names = &BTreeMap::from([(acme, "Acme".into()), (bix, "Bix".into()), (bea, "Beate Ray".into()), (carl, "Carl".into()), (ana.member.0, me)]);
    let plain = |set: Value| (set, None::<String>);

    same!(
        t,
        ana,
        EntityKind::Contact,
        bea,
        contact_row,
        names,
        [
            (json!({"firstName": "Beate"}), Some("Beate Ray".to_owned())),
            plain(json!({"jobTitle": "Buyer", "warmnessScore": "7"})),
            plain(json!({"emails": "b@bix.test, bea@acme.test", "phones": "+49 30 1234567"})),
            plain(json!({"companyId": bix})),
            plain(json!({"companyId": null, "jobTitle": null, "phones": null})),
            plain(json!({"ownerId": null})),
            plain(json!({"ownerId": ana.member.0, "status": "inactive"})),
        ]
    );
    same!(
        t,
        ana,
        EntityKind::Company,
        acme,
        company_row,
        names,
        [
            plain(json!({"name": "Acme Ltd", "industry": "Pumps"})),
            plain(json!({"employeeCount": "12", "location": ""})),
            plain(json!({"employeeCount": null, "ownerId": null})),
        ]
    );
    same!(
        t,
        ana,
        EntityKind::Deal,
        deal,
        deal_card,
        names,
        [
            plain(json!({"title": "Pumps", "value": "1250.50"})),
            plain(json!({"value": null, "probability": 35})),
            plain(json!({"nextAction": "Call", "nextActionDate": "2026-12-01", "expectedCloseDate": "2027-01-31"})),
            plain(json!({"companyId": bix, "contactIds": [carl, bea]})),
            plain(json!({"contactIds": [], "nextAction": "", "nextActionDate": null})),
            plain(json!({"ownerId": null})),
        ]
    );
}

/// An emptied currency is the workspace's, and an amount stays the amount it was when its currency has other minor units.
#[tokio::test]
async fn emptied_fields_take_the_defaults_of_the_workspace() {
    let t = TestDb::new().await;
    let usd = t.workspace("Acme").await;
    let ana = Actor { currency: "JPY".parse().unwrap(), ..usd };
    for (kind, title, money) in
        [(EntityKind::Deal, "title", "value"), (EntityKind::Product, "name", "listPrice"), (EntityKind::Company, "name", "revenue")]
    {
        let id = t.create(&ana, kind, json!({title: "One", "currency": "USD", money: "1200.00"})).await;
        let holds = async || {
            let record = t.record(&ana, kind, id).await.unwrap();
            (record.text("currency"), record.text(money))
        };
        let done = t.edit(&ana, kind, id, 1, json!({"currency": null})).await.unwrap();
        assert_eq!(holds().await, ("JPY".into(), "1200".into()), "{kind:?}");
        t.db.undo(&ana, domain::CommandId::new(), done.event.unwrap()).await.unwrap();
        assert_eq!(holds().await, ("USD".into(), "1200.00".into()), "{kind:?}");
        // With an amount: it is one of the currency that is left.
        t.edit(&ana, kind, id, 3, json!({"currency": "", money: "5000"})).await.unwrap();
        assert_eq!(holds().await, ("JPY".into(), "5000".into()), "{kind:?}");
        t.edit(&ana, kind, id, 4, json!({"currency": "USD", money: "10.50"})).await.unwrap();
        let lossy = t.edit(&ana, kind, id, 5, json!({"currency": "JPY"})).await;
        assert!(matches!(lossy, Err(store::StoreError::Invalid(_))), "nobody's cents are rounded away: {lossy:?}");
    }
    // A code that this version does not know is no dollar.
    let id = t.create(&ana, EntityKind::Deal, json!({"title": "Old", "value": "7", "currency": "USD"})).await;
    sqlx::query("update deals set currency = 'ZZZ' where id = $1").bind(id).execute(&mut t.raw().await).await.unwrap();
    let card = deal_card(&t, &ana, id).await;
    assert_eq!(card.value().unwrap().display(domain::Language::English), "ZZZ\u{a0}7");
    let sent: DealCard = serde_json::from_value(serde_json::to_value(&card).unwrap()).unwrap();
    assert_eq!(sent, card, "it travels as what it is");
}

#[tokio::test]
async fn sums_of_open_deals_add_the_currency_of_the_workspace_and_count_the_others() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let company = t.create(&ana, EntityKind::Company, json!({"name": "Globex"})).await;
    for (title, value, currency) in [("A", "100", "USD"), ("B", "50000", "JPY"), ("C", "20", "USD"), ("D", "", "EUR")] {
        t.create(&ana, EntityKind::Deal, json!({"title": title, "value": value, "currency": currency, "companyId": company.to_string()})).await;
    }
    let mut tx = t.db.begin(&ana, Permission::ViewRecords).await.unwrap();
    let expected = domain::deals::OpenSum { value_minor: 12_000, other_currencies: 1 };
    let cards = store::deals_of(&mut tx, Some(company.into()), None).await.unwrap();
    assert_eq!(domain::deals::OpenSum::of(&cards, ana.currency), expected);
    assert_eq!(store::open_sum(&mut tx, Some(company.into()), None).await.unwrap(), expected);
    let sales = store::sales(&mut tx, &Default::default()).await.unwrap();
    assert_eq!((sales.open_value, sales.open_in_other_currencies, sales.open_without_value), (120.0, 1, 1));
    assert_eq!((sales.won_value, sales.won_in_other_currencies), (0.0, 0));
}
