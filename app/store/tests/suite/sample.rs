//! The sample data is whole, belongs together, and goes in one step.

use crate::kit::TestDb;
use domain::{DealCommand, EntityKind, Envelope, ImportCommand, ImportId, deals::Place};
use serde_json::json;

#[tokio::test]
async fn the_sample_is_whole_and_goes_in_one_step_with_what_was_tried_on_it() {
    let t = TestDb::new().await;
    for template in domain::pipelines::TEMPLATES {
        let email = format!("{}@start.test", template.key);
        let account = t.db.sign_up(&email, "Ana", "correct horse battery", template.key, template).await.unwrap();
        let ana = t.db.actor(account.user, account.workspace, domain::Surface::Web).await.unwrap().unwrap();
        let empty = t.fingerprint(ana.workspace).await;
        let import = ImportId::new();
        t.db.dispatch(&ana, &Envelope::new(ImportCommand::AddSample { import }, None)).await.unwrap();
        assert!(
            t.db.dispatch(&ana, &Envelope::new(ImportCommand::AddSample { import: ImportId::new() }, None)).await.is_err(),
            "twice is once too many"
        );
        let mut raw = t.raw().await;
        let facts: (i64, i64, i64, i64, i64, i64) = sqlx::query_as(
            "select (select count(*) from deals where workspace_id = $1), (select count(distinct kind) from interactions where workspace_id = $1),
                (select count(*) from members where workspace_id = $1 and user_id is null), (select count(distinct full_name) from contacts where workspace_id = $1),
                (select count(*) from deals d where d.workspace_id = $1 and d.stage_seq <> (select max(seq) from deal_stage_history h where h.workspace_id = $1 and h.deal_id = d.id)),
                (select count(*) from deals d where d.workspace_id = $1 and (d.opened_at > now() or d.stage_since > now() or d.closed_at < d.opened_at))",
        )
        .bind(ana.workspace)
        .fetch_one(&mut raw)
        .await
        .unwrap();
        assert!(facts.0 >= 200, "{} deals", facts.0);
        assert_eq!((facts.1, facts.2, facts.3, facts.4, facts.5), (11, 3, 60, 0, 0), "{facts:?}");
        let mut tx = t.db.begin(&ana, domain::Permission::ViewRecords).await.unwrap();
        let today = store::today(&mut tx, chrono::Utc::now(), 0).await.unwrap();
        assert!(
            today.queue.len() >= 5 && !today.suggested.is_empty() && !today.no_next_step.is_empty(),
            "{}: Today has something to say",
            template.key
        );
        let board = store::board(&mut tx, &Default::default(), Default::default(), 0, store::COLUMN_CARDS).await.unwrap();
        drop(tx);
        let card = board.columns.iter().flat_map(|c| &c.cards).find(|c| c.closed_at.is_none()).unwrap().clone();
        // Trying things out on it does not keep it; a deal of one's own on a sample company keeps that company.
        let stage = board.pipeline.stages.iter().find(|s| s.id != card.stage_id).unwrap().id;
        let go = DealCommand::MoveDeal { deal: card.id, stage, place: Place::Top, reason: None };
        t.db.dispatch(&ana, &Envelope::new(go, None)).await.unwrap();
        if template.key == "sales" {
            let mine = t.create(&ana, EntityKind::Deal, json!({"title": "Mine", "companyId": card.company_id})).await;
            t.db.dispatch(&ana, &Envelope::new(ImportCommand::UndoImport { import }, None)).await.unwrap();
            let left: Vec<(String, i64)> = sqlx::query_as(
                "select 'deals', count(*) from deals where workspace_id = $1 and deleted_at is null union all select 'companies', count(*) from companies where workspace_id = $1 and deleted_at is null
                 union all select 'rest', (select count(*) from contacts where workspace_id = $1 and deleted_at is null) + (select count(*) from interactions where workspace_id = $1 and deleted_at is null)
                    + (select count(*) from tasks where workspace_id = $1 and deleted_at is null) + (select count(*) from members where workspace_id = $1 and deleted_at is null and user_id is null)",
            )
            .bind(ana.workspace)
            .fetch_all(&mut raw)
            .await
            .unwrap();
            assert_eq!(left, [("deals".to_owned(), 1), ("companies".into(), 1), ("rest".into(), 0)]);
            assert!(t.record(&ana, EntityKind::Deal, mine).await.is_ok());
        }
        assert_ne!(t.fingerprint(ana.workspace).await, empty);
    }
}
