//! Tenancy: the catalog has no hole, no member reaches another workspace, and taking any one policy away is noticed.

use crate::kit::{TestDb, map};
use domain::{
    Command, CommandId, DealCommand, DealId, EntityKind, Envelope, FieldKind, ImportCommand, ImportId, NotificationCommand, Permission,
    PipelineCommand, RecordCommand, ShareCommand, StageId, TagCommand, TodayCommand, deals::Place,
};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use store::{Actor, StoreError};
use uuid::Uuid;

/// Tables that sign-in and the relay need before a workspace is known (DESIGN §5), and the migration log.
const UNSHARDED: &[&str] = &[
    "workspaces",
    "users",
    "memberships",
    "sessions",
    "api_tokens",
    "invitations",
    "throttle",
    "known_devices",
    "sign_ups",
    "outbox",
    "mails",
    "pushes",
    "push_devices",
    "push_keys",
    "share_tokens",
    "confirmations",
    // A backup holds all workspaces.
    "backup_state",
    "_sqlx_migrations",
];

#[tokio::test]
async fn every_table_carries_its_tenant_and_its_policy() {
    let t = TestDb::new().await;
    let mut raw = t.raw().await;
    let tables: Vec<(String, bool, bool, i64)> = sqlx::query_as(
        "select c.relname::text, c.relrowsecurity, c.relforcerowsecurity, (select count(*) from pg_policy p where p.polrelid = c.oid)
         from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind in ('r', 'p')",
    )
    .fetch_all(&mut raw)
    .await
    .unwrap();
    let mut wrong = Vec::new();
    for (table, enabled, forced, policies) in &tables {
        if UNSHARDED.contains(&table.as_str()) {
            continue;
        }
        if !enabled || !forced || *policies != 1 {
            wrong.push(format!("{table}: row security enabled {enabled}, forced {forced}, {policies} policies"));
        }
    }
    let loose: Vec<(String, String)> = sqlx::query_as(
        "select c.conrelid::regclass::text, c.conname::text from pg_constraint c
         join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
         where c.connamespace = 'public'::regnamespace and c.contype in ('p', 'u', 'f') and a.attname <> 'workspace_id'",
    )
    .fetch_all(&mut raw)
    .await
    .unwrap();
    wrong.extend(
        loose.into_iter().filter(|(t, _)| !UNSHARDED.contains(&t.as_str())).map(|(t, c)| format!("{t}: {c} does not start with workspace_id")),
    );
    let nullable: Vec<String> = sqlx::query_scalar(
        "select table_name::text from information_schema.columns join information_schema.tables using (table_schema, table_name)
         where table_schema = 'public' and table_type = 'BASE TABLE' and column_name = 'workspace_id' and is_nullable = 'YES'",
    )
    .fetch_all(&mut raw)
    .await
    .unwrap();
    wrong.extend(nullable.into_iter().filter(|t| !UNSHARDED.contains(&t.as_str())).map(|t| format!("{t}: workspace_id may be null")));
    let views: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind in ('v', 'm')
            and not coalesce('security_invoker=true' = any (reloptions), false)",
    )
    .fetch_all(&mut raw)
    .await
    .unwrap();
    wrong.extend(views.into_iter().map(|v| format!("{v}: a view that reads as its owner, past the policies")));
    let setnull: Vec<String> = sqlx::query_scalar("select conname::text from pg_constraint where contype = 'f' and confdeltype in ('n', 'd')")
        .fetch_all(&mut raw)
        .await
        .unwrap();
    wrong.extend(setnull.into_iter().map(|c| format!("{c}: on delete set null")));
    let enums: Vec<String> = sqlx::query_scalar("select typname::text from pg_type where typtype = 'e' and typnamespace = 'public'::regnamespace")
        .fetch_all(&mut raw)
        .await
        .unwrap();
    wrong.extend(enums.into_iter().map(|e| format!("{e}: a Postgres enum, which row security keeps off indexes")));
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(tables.len() > UNSHARDED.len() + 15, "the catalog was read: {}", tables.len());
}

#[tokio::test]
async fn the_restricted_role_sees_nothing_without_a_workspace() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    t.create(&ana, EntityKind::Contact, crate::kit::contact("Bea")).await;
    let mut raw = t.raw().await;
    sqlx::query("set role rapport_tenant").execute(&mut raw).await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from pg_class c join pg_policy p on p.polrelid = c.oid where c.relnamespace = 'public'::regnamespace",
    )
    .fetch_all(&mut raw)
    .await
    .unwrap();
    for table in tables {
        let n: i64 = sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {table}"))).fetch_one(&mut raw).await.unwrap();
        assert_eq!(n, 0, "{table}");
    }
    for table in [
        "users",
        "sessions",
        "api_tokens",
        "invitations",
        "mails",
        "pushes",
        "push_devices",
        "push_keys",
        "share_tokens",
        "confirmations",
        "backup_state",
        "outbox",
        "rapport_jobs._private_jobs",
    ] {
        assert!(sqlx::query(AssertSqlSafe(format!("select * from {table}"))).execute(&mut raw).await.is_err(), "{table} is readable");
    }
}

/// One record of each kind, and an import.
pub async fn furnish(t: &TestDb, who: &Actor) -> Vec<(EntityKind, Uuid)> {
    let mut made = Vec::new();
    let company = t.create(who, EntityKind::Company, json!({"name": "Globex"})).await;
    let contact = t
        .create(who, EntityKind::Contact, json!({"firstName": "Bea", "companyId": company, "emails": ["bea@globex.test"], "phones": ["+49 30 1"]}))
        .await;
    let product = t.create(who, EntityKind::Product, json!({"name": "GTX Pro"})).await;
    let team = t.create(who, EntityKind::Team, json!({"name": "East"})).await;
    let member = t.create(who, EntityKind::Member, json!({"name": "Placeholder", "teamId": team})).await;
    let deal = t
        .create(
            who,
            EntityKind::Deal,
            json!({"title": "Renewal", "companyId": company, "contactIds": [contact], "productId": product, "ownerId": member}),
        )
        .await;
    let pipeline = t.create(who, EntityKind::Pipeline, json!({"name": "Second", "kind": "custom"})).await;
    let stage = t.create(who, EntityKind::Stage, json!({"name": "Start", "pipelineId": pipeline})).await;
    let interaction = t
        .create(who, EntityKind::Interaction, json!({"type": "call", "contactId": contact, "companyId": company, "dealId": deal, "subject": "Demo"}))
        .await;
    let task = t.create(who, EntityKind::Task, json!({"title": "Send offer", "contactId": contact, "dealId": deal, "dueDate": "2026-01-01"})).await;
    let note = t.create(who, EntityKind::Note, json!({"body": "They like **tea**", "contactId": contact, "dealId": deal, "taskId": task})).await;
    let view = t.create(who, EntityKind::View, json!({"name": "Warm", "page": "/people", "query": "sort=-warmth", "visibility": "workspace"})).await;
    let tag = t.create(who, EntityKind::Tag, json!({"name": "vip", "color": "red"})).await;
    t.edit(who, EntityKind::Task, task, 1, json!({"tags": ["vip"], "remindAt": "2999-01-01T09:00"})).await.unwrap();
    let until = chrono::NaiveDate::from_ymd_opt(2999, 1, 1);
    let share = ShareCommand::CreateShare {
        share: Uuid::now_v7(),
        title: "Sales".into(),
        shows: vec!["figures".into()],
        expires_at: None,
        token_hash: crate::kit::hash_of(&Uuid::now_v7().to_string()),
    };
    let wish = NotificationCommand::SetNotification { kind: "mention".into(), in_app: true, by_mail: true, by_push: true };
    for command in [TodayCommand::Snooze { kind: EntityKind::Task, id: task, until }.into(), Command::from(share), wish.into()] {
        t.db.dispatch(who, &Envelope::new(command, None)).await.unwrap();
    }
    for (kind, id) in [
        (EntityKind::Company, company),
        (EntityKind::Contact, contact),
        (EntityKind::Product, product),
        (EntityKind::Team, team),
        (EntityKind::Member, member),
        (EntityKind::Deal, deal),
        (EntityKind::Pipeline, pipeline),
        (EntityKind::Stage, stage),
        (EntityKind::Interaction, interaction),
        (EntityKind::Task, task),
        (EntityKind::Note, note),
        (EntityKind::Tag, tag),
        (EntityKind::View, view),
    ] {
        made.push((kind, id));
    }
    for kind in EntityKind::ALL {
        if !made.iter().any(|m| m.0 == kind) {
            made.push((kind, t.create(who, kind, crate::kit::least(kind)).await));
        }
    }
    made
}

fn text(e: &StoreError) -> String {
    format!("{e:?}")
}

#[tokio::test]
async fn no_member_of_another_workspace_reads_changes_links_or_undoes_anything() {
    let t = TestDb::new().await;
    let (victim, thief) = (t.workspace("Acme").await, t.workspace("Evil").await);
    let made = furnish(&t, &victim).await;
    let own = furnish(&t, &thief).await;
    let import = t.db.create_import(&victim, "x.csv").await.unwrap();
    let edited = t.edit(&victim, EntityKind::Contact, made[1].1, 1, json!({"jobTitle": "CTO"})).await.unwrap();
    let foreign_stage = t.stage(&victim, "Proposal").await;
    let before = t.fingerprint(victim.workspace).await;
    let nobody = Uuid::now_v7();

    for (kind, id) in &made {
        let (kind, id) = (*kind, *id);
        let same = |a: Result<String, StoreError>, b: Result<String, StoreError>, what: &str| {
            let (a, b) = (a.unwrap_err(), b.unwrap_err());
            assert_eq!(text(&a), text(&b), "{what} {kind:?}");
        };
        let read = async |id| t.record(&thief, kind, id).await.map(|r| r.title);
        same(read(id).await, read(nobody).await, "read");
        let send = async |command: Command| t.db.dispatch(&thief, &Envelope::new(command, Some(1))).await.map(|o| o.version.to_string());
        let set = map(json!({kind.fields()[0].key: "stolen"}));
        same(
            send(RecordCommand::Edit { kind, id, set: set.clone() }.into()).await,
            send(RecordCommand::Edit { kind, id: nobody, set }.into()).await,
            "edit",
        );
        same(send(RecordCommand::Delete { kind, id }.into()).await, send(RecordCommand::Delete { kind, id: nobody }.into()).await, "delete");
        same(send(RecordCommand::Restore { kind, id }.into()).await, send(RecordCommand::Restore { kind, id: nobody }.into()).await, "restore");
        let until = chrono::NaiveDate::from_ymd_opt(2999, 1, 1);
        same(
            send(TodayCommand::Snooze { kind, id, until }.into()).await,
            send(TodayCommand::Snooze { kind, id: nobody, until }.into()).await,
            "snooze",
        );
    }
    // Linking to foreign records, from every reference field of every kind.
    let mut links = 0;
    for (kind, id) in &own {
        for spec in kind.fields() {
            let (target, value): (EntityKind, fn(Uuid) -> Value) = match spec.kind {
                FieldKind::Ref(target) => (target, |id| json!(id)),
                FieldKind::Contacts => (EntityKind::Contact, |id| json!([id])),
                _ => continue,
            };
            if spec.create_only {
                continue;
            }
            let foreign = made.iter().find(|m| m.0 == target).unwrap().1;
            let link = async |to: Uuid| {
                let version = t.record(&thief, *kind, *id).await.unwrap().version;
                t.edit(&thief, *kind, *id, version, json!({spec.key: value(to)})).await
            };
            let (a, b) = (link(foreign).await.unwrap_err(), link(nobody).await.unwrap_err());
            assert_eq!(text(&a), text(&b), "{} of {kind:?}", spec.key);
            links += 1;
        }
    }
    assert!(links >= 10, "reference fields were tried: {links}");
    let own_deal = DealId(own[5].1);
    let go = async |deal, stage| {
        let command = DealCommand::MoveDeal { deal, stage, place: Place::Top, reason: None };
        t.db.dispatch(&thief, &Envelope::new(command, None)).await.unwrap_err()
    };
    assert_eq!(text(&go(own_deal, foreign_stage).await), text(&go(own_deal, StageId(nobody)).await));
    assert_eq!(text(&go(DealId(made[5].1), foreign_stage).await), text(&go(DealId(nobody), foreign_stage).await));
    let (a, b) =
        (t.db.undo(&thief, CommandId::new(), edited.event.unwrap()).await, t.db.undo(&thief, CommandId::new(), domain::EventId(nobody)).await);
    assert_eq!(text(&a.unwrap_err()), text(&b.unwrap_err()));
    for import in [import, ImportId(nobody)] {
        assert!(matches!(t.db.import_view(&thief, import).await, Err(StoreError::NotFound)));
        assert!(t.db.import_part(&thief, import, 0).await.unwrap().is_none());
        assert!(t.db.start_import(&thief, import).await.is_err());
        assert!(t.db.add_import_part(&thief, import, 9, b"x").await.is_err());
        assert!(matches!(t.db.dispatch(&thief, &Envelope::new(ImportCommand::UndoImport { import }, None)).await, Err(StoreError::NotFound)));
    }
    let tag_of = |made: &[(EntityKind, Uuid)]| made.iter().find(|m| m.0 == EntityKind::Tag).unwrap().1;
    let merge = async |from, into| text(&t.db.dispatch(&thief, &Envelope::new(TagCommand::MergeTags { from, into }, None)).await.unwrap_err());
    assert_eq!(merge(tag_of(&made), tag_of(&own)).await, merge(nobody, tag_of(&own)).await);
    assert_eq!(merge(tag_of(&own), tag_of(&made)).await, merge(tag_of(&own), nobody).await);
    let pipeline_of = |made: &[(EntityKind, Uuid)]| made.iter().find(|m| m.0 == EntityKind::Pipeline).unwrap().1;
    let order = async |pipeline: Uuid, stages: Vec<domain::StageId>| {
        text(&t.db.dispatch(&thief, &Envelope::new(PipelineCommand::OrderStages { pipeline: pipeline.into(), stages }, None)).await.unwrap_err())
    };
    assert_eq!(order(pipeline_of(&made), vec![]).await, order(nobody, vec![]).await);
    let stage_of = |made: &[(EntityKind, Uuid)]| made.iter().find(|m| m.0 == EntityKind::Stage).unwrap().1;
    let replace = async |stage: Uuid, into: Uuid| {
        text(
            &t.db.dispatch(&thief, &Envelope::new(PipelineCommand::ReplaceStage { stage: stage.into(), into: into.into() }, None)).await.unwrap_err(),
        )
    };
    assert_eq!(replace(stage_of(&made), stage_of(&own)).await, replace(nobody, stage_of(&own)).await);
    assert_eq!(replace(stage_of(&own), stage_of(&made)).await, replace(stage_of(&own), nobody).await);
    let share: Uuid =
        sqlx::query_scalar("select id from shares where workspace_id = $1").bind(victim.workspace).fetch_one(&mut t.raw().await).await.unwrap();
    let revoke = async |share| text(&t.db.dispatch(&thief, &Envelope::new(ShareCommand::RevokeShare { share }, None)).await.unwrap_err());
    assert_eq!(revoke(share).await, revoke(nobody).await);
    assert_eq!(t.fingerprint(victim.workspace).await, before, "the victim's rows changed");
    assert_nothing_leaks(&t, &thief, &made).await;
}

/// Lists, board, feed, pickers and figures of `who` show nothing of `foreign`.
async fn assert_nothing_leaks(t: &TestDb, who: &Actor, foreign: &[(EntityKind, Uuid)]) {
    let mut tx = t.db.begin(who, Permission::ViewRecords).await.unwrap();
    let mut seen = String::new();
    seen += &format!("{:?}", store::list_contacts(&mut tx, &Default::default(), None, 200).await.unwrap());
    seen += &format!("{:?}", store::list_companies(&mut tx, &Default::default(), None, 200).await.unwrap());
    seen += &format!("{:?}", store::list_deals(&mut tx, &Default::default(), "", None, 200).await.unwrap());
    seen += &format!("{:?}", store::board(&mut tx, &Default::default(), Default::default(), 0, store::COLUMN_CARDS).await.unwrap());
    seen += &format!("{:?}", store::feed(&mut tx, &Default::default(), None, 200).await.unwrap());
    seen += &format!("{:?}", store::list_pipelines(&mut tx).await.unwrap());
    for kind in [EntityKind::Interaction, EntityKind::Task, EntityKind::Note] {
        seen += &format!("{:?}", store::list_linked(&mut tx, kind, &Default::default(), None, 200).await.unwrap());
    }
    for letter in "aeioustrn".chars() {
        seen += &format!("{:?}", store::search(&mut tx, &letter.to_string(), 200).await.unwrap());
    }
    seen += &format!("{:?}", store::list_tags(&mut tx).await.unwrap());
    seen += &format!("{:?}", store::list_shares(&mut tx).await.unwrap());
    seen += &format!("{:?}", store::list_notifications(&mut tx, false, None, 200).await.unwrap());
    seen += &format!("{:?}", store::dashboard(&mut tx, &Default::default(), chrono::Utc::now()).await.unwrap());
    seen += &format!("{:?}", store::today(&mut tx, chrono::Utc::now(), 0).await.unwrap());
    for kind in EntityKind::ALL {
        seen += &format!("{:?}", store::options(&mut tx, kind, "", 200).await.unwrap());
    }
    for (kind, id) in foreign {
        seen += &format!("{:?}", store::timeline(&mut tx, *kind, *id).await.unwrap());
        assert!(!seen.contains(&id.to_string()), "{kind:?} {id} was shown");
    }
    assert!(store::cards(&mut tx, &[DealId(foreign[5].1)]).await.unwrap().is_empty());
    assert!(store::stage_history(&mut tx, DealId(foreign[5].1)).await.unwrap().is_empty());
    assert!(store::deals_of(&mut tx, Some(foreign[0].1.into()), None).await.unwrap().is_empty());
}

/// The proof that the net is there: with the queries' own filter taken away, the policy alone still hides foreign rows,
/// and without the policy it does not.
#[tokio::test]
async fn taking_any_one_policy_away_is_noticed() {
    let t = TestDb::new().await;
    let (victim, thief) = (t.workspace("Acme").await, t.workspace("Evil").await);
    furnish(&t, &victim).await;
    t.db.create_import(&victim, "x.csv").await.unwrap();
    let mut raw = t.raw().await;
    // Tables that this small history leaves empty get a row of their own.
    for insert in [
        format!("insert into external_ids values ('{w}', 'contact', 'csv', 'x', gen_random_uuid())", w = victim.workspace),
        format!("insert into event_rows values ('{w}', gen_random_uuid(), 'contact', gen_random_uuid(), 1)", w = victim.workspace),
        format!("insert into import_parts select '{w}', id, 0, '' from imports", w = victim.workspace),
        format!(
            "insert into notifications select '{w}', gen_random_uuid(), id, 'mention', 'contact', id, 'x' from members where workspace_id = '{w}' limit 1",
            w = victim.workspace
        ),
        format!("insert into import_findings select '{w}', id, 1, 'f', 'c', 'm', 'error', '[]' from imports", w = victim.workspace),
    ] {
        sqlx::query(AssertSqlSafe(insert)).execute(&mut raw).await.unwrap();
    }
    let tables: Vec<String> = sqlx::query_scalar(
        "select c.relname::text from pg_class c join pg_policy p on p.polrelid = c.oid where c.relnamespace = 'public'::regnamespace order by 1",
    )
    .fetch_all(&mut raw)
    .await
    .unwrap();
    for table in &tables {
        let foreign = format!("select count(*) from (select * from {table} where workspace_id <> '{}') x", thief.workspace);
        let as_thief = format!(
            "begin; set local role rapport_tenant; set local app.workspace_id = '{}'; set local app.member_id = '{}'",
            thief.workspace, thief.member
        );
        for (mutate, expected_hidden) in [("", true), ("disable", false)] {
            if !mutate.is_empty() {
                sqlx::query(AssertSqlSafe(format!("alter table {table} disable row level security"))).execute(&mut raw).await.unwrap();
            }
            sqlx::raw_sql(AssertSqlSafe(as_thief.clone())).execute(&mut raw).await.unwrap();
            let seen: i64 = sqlx::query_scalar(AssertSqlSafe(foreign.clone())).fetch_one(&mut raw).await.unwrap();
            sqlx::query("rollback").execute(&mut raw).await.unwrap();
            assert_eq!(seen == 0, expected_hidden, "{table} with {mutate:?}: {seen} foreign rows");
        }
        sqlx::query(AssertSqlSafe(format!("alter table {table} enable row level security"))).execute(&mut raw).await.unwrap();
    }
    assert!(tables.len() >= 19, "{tables:?}");
}

#[tokio::test]
async fn private_and_team_records_are_seen_by_those_they_are_for() {
    let t = TestDb::new().await;
    let ana = t.workspace("Acme").await;
    let add = async |email: &str| {
        let account = t.db.add_user(email, "correct horse battery", "Acme", domain::pipelines::template("sales").unwrap()).await.unwrap();
        t.db.actor(account.user, account.workspace, domain::Surface::Web).await.unwrap().unwrap()
    };
    let (bea, cleo) = (add("bea@acme.test").await, add("cleo@acme.test").await);
    assert_eq!(bea.workspace, ana.workspace);
    let team = t.create(&ana, EntityKind::Team, json!({"name": "East"})).await;
    for member in [ana.member, bea.member] {
        let version = t.record(&ana, EntityKind::Member, member.0).await.unwrap().version;
        t.edit(&ana, EntityKind::Member, member.0, version, json!({"teamId": team})).await.unwrap();
    }
    let private = t.create(&ana, EntityKind::Deal, json!({"title": "Secret", "visibility": "private"})).await;
    let shared = t.create(&ana, EntityKind::Contact, json!({"firstName": "Team", "visibility": "team"})).await;
    assert!(t.record(&ana, EntityKind::Deal, private).await.is_ok());
    assert!(matches!(t.record(&bea, EntityKind::Deal, private).await, Err(StoreError::NotFound)));
    assert!(t.record(&bea, EntityKind::Contact, shared).await.is_ok());
    assert!(matches!(t.record(&cleo, EntityKind::Contact, shared).await, Err(StoreError::NotFound)));
    let mut tx = t.db.begin(&bea, Permission::ViewRecords).await.unwrap();
    let feed = store::feed(&mut tx, &Default::default(), None, 200).await.unwrap();
    assert!(!format!("{feed:?}").contains("Secret"));
    assert!(store::search(&mut tx, "secret", 9).await.unwrap().is_empty() && store::search(&mut tx, "team", 9).await.unwrap().len() == 1);
    // Linking to what one cannot see is refused like an unknown id.
    let deal = t.try_create(&cleo, EntityKind::Deal, json!({"title": "Mine", "contactIds": [shared]})).await;
    assert!(matches!(deal, Err(StoreError::Invalid(_))));
}
