//! Leads: conversion, its undo and redo, who may link what (SPEC LEA-01…03).

use crate::kit::TestDb;
use domain::{
    CommandId, CompanyId, ContactId, DealId, EntityKind, Envelope, EventId, Outcome, Record,
    leads::{LeadCommand, LeadId, Linked, NewDeal},
    lists::ListFilter,
};
use serde_json::{Value, json};
use store::{Actor, LeadPage, StoreError};
use uuid::Uuid;

async fn lead(t: &TestDb, who: &Actor, more: Value) -> LeadId {
    let mut set = json!({"firstName": "Ana", "lastName": "Field", "companyName": "Globex", "email": "ana@globex.test", "phone": "+49 30 1234567",
        "source": "referral", "value": "1200.50", "jobTitle": "CTO", "tags": ["vip"], "status": "qualified"});
    set.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    LeadId(t.create(who, EntityKind::Lead, set).await)
}

/// Everything new, under these ids.
fn all_new(lead: LeadId) -> (LeadCommand, ContactId, CompanyId, DealId) {
    let (contact, company, deal) = (ContactId::new(), CompanyId::new(), DealId::new());
    let command = LeadCommand::ConvertLead {
        lead,
        contact: Linked::New(contact),
        company: Some(Linked::New(company)),
        deal: Some(NewDeal { id: deal, title: "Globex".into(), stage: None }),
    };
    (command, contact, company, deal)
}

async fn convert(t: &TestDb, who: &Actor, command: LeadCommand) -> Result<Outcome, StoreError> {
    t.db.dispatch(who, &Envelope::new(command, None)).await
}

async fn undo(t: &TestDb, who: &Actor, event: Option<EventId>) -> Result<Outcome, StoreError> {
    t.db.undo(who, CommandId::new(), event.unwrap()).await
}

async fn page(t: &TestDb, who: &Actor, lead: LeadId) -> LeadPage {
    let mut tx = t.db.begin(who, domain::Permission::ViewRecords).await.unwrap();
    store::lead_page(&mut tx, lead).await.unwrap()
}

async fn record(t: &TestDb, who: &Actor, kind: EntityKind, id: impl Into<Uuid>) -> Record {
    t.record(who, kind, id.into()).await.unwrap()
}

#[tokio::test]
async fn lea_03_a_lead_becomes_a_contact_a_company_and_a_deal_and_is_a_lead_again() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let lead = lead(&t, &ana, json!({})).await;
    let (command, contact, company, deal) = all_new(lead);
    let done = convert(&t, &ana, command.clone()).await.unwrap();
    let person = record(&t, &ana, EntityKind::Contact, contact).await;
    assert_eq!((person.title.as_str(), person.text("jobTitle").as_str(), person.text("source").as_str()), ("Ana Field", "CTO", "referral"));
    assert_eq!(person.fields["emails"][0]["value"], "ana@globex.test");
    assert_eq!(person.fields["phones"][0]["value"], "+49301234567");
    assert_eq!((person.fields["companyId"].clone(), person.fields["tags"].clone()), (json!(company), json!(["vip"])));
    assert_eq!(record(&t, &ana, EntityKind::Company, company).await.title, "Globex");
    let sale = record(&t, &ana, EntityKind::Deal, deal).await;
    assert_eq!(
        (sale.fields["value"].clone(), sale.fields["companyId"].clone(), sale.fields["contactIds"].clone()),
        (json!("1200.50"), json!(company), json!([contact]))
    );
    let to = page(&t, &ana, lead).await.converted;
    assert_eq!(to.contact, Some((contact, "Ana Field".to_owned())));
    assert_eq!((to.company, to.deal), (Some((company, "Globex".to_owned())), Some((deal, "Globex".to_owned()))));
    assert_eq!(record(&t, &ana, EntityKind::Lead, lead).await.text("status"), "converted");
    // Once only, and its status is the conversion's.
    assert!(matches!(convert(&t, &ana, all_new(lead).0).await, Err(StoreError::Conflict(_))));
    let version = record(&t, &ana, EntityKind::Lead, lead).await.version;
    assert!(matches!(t.edit(&ana, EntityKind::Lead, lead.0, version, json!({"status": "new"})).await, Err(StoreError::Conflict(_))));
    t.edit(&ana, EntityKind::Lead, lead.0, version, json!({"quality": "hot"})).await.unwrap();
    // Undo and redo, twice over.
    let mut event = done.event;
    for _ in 0..2 {
        let undone = undo(&t, &ana, event).await.unwrap();
        assert_eq!(record(&t, &ana, EntityKind::Lead, lead).await.text("status"), "qualified");
        for (kind, id) in [(EntityKind::Contact, contact.0), (EntityKind::Company, company.0), (EntityKind::Deal, deal.0)] {
            assert!(matches!(t.record(&ana, kind, id).await, Err(StoreError::NotFound)), "{kind:?}");
        }
        assert_eq!(page(&t, &ana, lead).await.converted.at, None);
        event = undo(&t, &ana, undone.event).await.unwrap().event;
        assert_eq!(page(&t, &ana, lead).await.converted.deal, Some((deal, "Globex".to_owned())));
    }
    assert_eq!(record(&t, &ana, EntityKind::Lead, lead).await.text("quality"), "hot", "what was edited in between stays");
}

#[tokio::test]
async fn a_conversion_whose_records_went_on_is_not_taken_back() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let lead = lead(&t, &ana, json!({})).await;
    let (command, contact, _, deal) = all_new(lead);
    let done = convert(&t, &ana, command).await.unwrap();
    let changed = t.edit(&ana, EntityKind::Contact, contact.0, 1, json!({"jobTitle": "CEO"})).await.unwrap();
    let Err(StoreError::Conflict(why)) = undo(&t, &ana, done.event).await else { panic!("taken back") };
    assert!(format!("{why:?}").contains("“Ana Field” was changed since the conversion"), "{why:?}");
    assert_eq!(record(&t, &ana, EntityKind::Deal, deal).await.version, 1, "nothing was deleted");
    // The edit taken back, the contact is at another version still: deleted by hand, the rest follows.
    undo(&t, &ana, changed.event).await.unwrap();
    assert!(undo(&t, &ana, done.event).await.is_err());
    let delete = domain::RecordCommand::Delete { kind: EntityKind::Contact, id: contact.0 };
    t.db.dispatch(&ana, &Envelope::new(delete, None)).await.unwrap();
    undo(&t, &ana, done.event).await.unwrap();
    assert!(t.record(&ana, EntityKind::Deal, deal.0).await.is_err());
    assert_eq!(record(&t, &ana, EntityKind::Lead, lead).await.text("status"), "qualified");
}

#[tokio::test]
async fn what_exists_is_offered_and_linked_and_outlives_the_undo() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let known = t.create(&ana, EntityKind::Contact, json!({"firstName": "A.", "emails": ["ana@globex.test"]})).await;
    let namesake = t.create(&ana, EntityKind::Contact, json!({"firstName": "Ana", "lastName": "Field"})).await;
    let firm = t.create(&ana, EntityKind::Company, json!({"name": "GLOBEX"})).await;
    let lead = lead(&t, &ana, json!({})).await;
    let offered = page(&t, &ana, lead).await.convertible;
    assert_eq!(offered.contacts.iter().map(|c| c.0.0).collect::<Vec<_>>(), [known, namesake], "by address first");
    assert_eq!(offered.companies, [(CompanyId(firm), "GLOBEX".to_owned())]);
    assert!(offered.stages.iter().any(|s| s.1 == "Qualification"), "{:?}", offered.stages);
    let command =
        LeadCommand::ConvertLead { lead, contact: Linked::Existing(ContactId(known)), company: Some(Linked::Existing(CompanyId(firm))), deal: None };
    let done = convert(&t, &ana, command).await.unwrap();
    assert_eq!(page(&t, &ana, lead).await.converted.company, Some((CompanyId(firm), "GLOBEX".to_owned())));
    undo(&t, &ana, done.event).await.unwrap();
    assert_eq!(record(&t, &ana, EntityKind::Contact, known).await.version, 1);
    // A lead without a company makes none.
    let alone = self::lead(&t, &ana, json!({"companyName": null})).await;
    let none = convert(&t, &ana, all_new(alone).0).await;
    assert!(matches!(&none, Err(StoreError::Invalid(e)) if e.0[0].field == "company"), "{none:?}");
    assert_eq!(page(&t, &ana, alone).await.converted.at, None);
}

#[tokio::test]
async fn nobody_converts_or_links_what_they_do_not_see() {
    let t = TestDb::new().await;
    let (ana, evil) = (t.workspace("Acme").await, t.workspace("Evil").await);
    let bea = t.member("Acme", "bea@acme.test").await;
    let hidden = lead(&t, &ana, json!({"visibility": "private"})).await;
    let (command, contact, company, deal) = all_new(hidden);
    for stranger in [&bea, &evil] {
        assert!(matches!(convert(&t, stranger, command.clone()).await, Err(StoreError::NotFound)));
    }
    // What comes of a private lead is private.
    convert(&t, &ana, command).await.unwrap();
    for (kind, id) in [(EntityKind::Contact, contact.0), (EntityKind::Company, company.0), (EntityKind::Deal, deal.0)] {
        assert_eq!(record(&t, &ana, kind, id).await.text("visibility"), "private", "{kind:?}");
        assert!(matches!(t.record(&bea, kind, id).await, Err(StoreError::NotFound)), "{kind:?}");
    }
    // Another's private contact, a foreign one, and one that does not exist are all the same: not found.
    let open = lead(&t, &bea, json!({})).await;
    let secret = t.create(&ana, EntityKind::Contact, json!({"firstName": "Secret", "visibility": "private"})).await;
    let foreign = t.create(&evil, EntityKind::Contact, json!({"firstName": "Foreign"})).await;
    for id in [secret, foreign, Uuid::now_v7()] {
        let command = LeadCommand::ConvertLead { lead: open, contact: Linked::Existing(ContactId(id)), company: None, deal: None };
        let refused = convert(&t, &bea, command).await;
        assert!(matches!(&refused, Err(StoreError::Invalid(e)) if e.0[0].field == "contact" && e.0[0].code == "not_found"), "{refused:?}");
    }
    // A private record that a shared lead was converted to is not named to others.
    let command = LeadCommand::ConvertLead { lead: open, contact: Linked::New(ContactId::new()), company: None, deal: None };
    convert(&t, &bea, command).await.unwrap();
    let to = page(&t, &bea, open).await.converted.contact.unwrap().0;
    t.edit(&bea, EntityKind::Contact, to.0, 1, json!({"visibility": "private"})).await.unwrap();
    let seen = page(&t, &t.member("Acme", "cleo@acme.test").await, open).await.converted;
    assert_eq!((seen.contact, seen.at.is_some()), (None, true));
}

#[tokio::test]
async fn lea_02_leads_are_found_narrowed_and_sorted() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    for (name, status, day) in [("Cleo", "new", Some("2026-03-01")), ("Ada", "contacted", None), ("Bea", "new", Some("2026-01-01"))] {
        lead(&t, &ana, json!({"firstName": name, "lastName": "", "status": status, "followUpDate": day, "companyName": format!("{name} Ltd")})).await;
    }
    let names = async |filter: ListFilter, limit| {
        let mut tx = t.db.begin(&ana, domain::Permission::ViewRecords).await.unwrap();
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = store::list_leads(&mut tx, &filter, after.as_ref(), limit).await.unwrap();
            all.extend(page.items.into_iter().map(|l| l.full_name));
            match page.next {
                Some(mark) => after = domain::Cursor::decode(&mark),
                None => return all,
            }
        }
    };
    let by = |sort: &str| ListFilter { sort: sort.into(), ..ListFilter::default() };
    for limit in [1, 50] {
        assert_eq!(names(by(""), limit).await, ["Ada", "Bea", "Cleo"]);
        assert_eq!(names(by("followUp"), limit).await, ["Bea", "Cleo", "Ada"]);
        assert_eq!(names(by("-created"), limit).await, ["Bea", "Ada", "Cleo"]);
        assert_eq!(names(ListFilter { status: Some("new".into()), ..ListFilter::default() }, limit).await, ["Bea", "Cleo"]);
        assert_eq!(names(ListFilter { q: "ada ltd".into(), ..ListFilter::default() }, limit).await, ["Ada"]);
        assert_eq!(names(ListFilter { tag: Some("vip".into()), ..ListFilter::default() }, limit).await.len(), 3);
        assert_eq!(names(ListFilter { group: "quality".into(), ..ListFilter::default() }, limit).await.len(), 3);
    }
    let mut tx = t.db.begin(&ana, domain::Permission::ViewRecords).await.unwrap();
    let hits = store::search(&mut tx, "cleo ltd", 5).await.unwrap();
    assert_eq!(hits.iter().map(|h| (h.kind, h.about.as_str())).collect::<Vec<_>>(), [(EntityKind::Lead, "Cleo Ltd")]);
}
