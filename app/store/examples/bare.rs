//! Baseline of the bench: axum handlers with sqlx, without session, role, policy and permission. `/contacts` runs the query of
//! our contact list, `/light` reads fifty names with their company (the baseline of DESIGN §12), `/hello` runs no query.
//!
//! `bare DATA WORKSPACE PORT` reads the private server under DATA.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use axum::{Json, Router, extract::State, routing::get};
use serde_json::{Value, json};
use sqlx::{PgPool, postgres::PgConnectOptions};
use uuid::Uuid;

type Row = (Uuid, i64, String, Option<String>, Option<Uuid>, Option<String>, Option<String>, Option<String>, Option<String>, String, i32);

async fn list(State((pool, workspace)): State<(PgPool, Uuid)>) -> Json<Value> {
    let rows: Vec<Row> = sqlx::query_as(
        "select c.id, c.version, c.full_name, c.job_title, c.company_id, co.name, e.value, p.value, o.name, c.status, c.warmness_score
         from (select * from contacts where workspace_id = $1 and deleted_at is null order by name_key, id limit 51) c
         left join companies co on co.workspace_id = c.workspace_id and co.id = c.company_id and co.deleted_at is null
         left join contact_emails e on e.workspace_id = c.workspace_id and e.contact_id = c.id and e.is_primary
         left join contact_phones p on p.workspace_id = c.workspace_id and p.contact_id = c.id and p.is_primary
         left join members o on o.workspace_id = c.workspace_id and o.id = c.owner_id
         order by c.name_key, c.id",
    )
    .bind(workspace)
    .fetch_all(&pool)
    .await
    .unwrap();
    let items: Vec<Value> = rows
        .into_iter()
        .map(|(id, version, name, job, company, company_name, email, phone, owner, status, warmth)| {
            json!({"id": id, "version": version, "fullName": name, "jobTitle": job, "companyId": company, "company": company_name,
                "email": email, "phone": phone, "owner": owner, "status": status, "warmnessScore": warmth})
        })
        .collect();
    Json(json!({"data": items}))
}

type Light = (Uuid, String, Option<String>, String, i32, Option<String>);

async fn light(State((pool, workspace)): State<(PgPool, Uuid)>) -> Json<Value> {
    let rows: Vec<Light> = sqlx::query_as(
        "select c.id, c.full_name, c.job_title, c.status, c.warmness_score, co.name
         from (select * from contacts where workspace_id = $1 and deleted_at is null order by name_key, id limit 50) c
         left join companies co on co.workspace_id = c.workspace_id and co.id = c.company_id order by c.name_key, c.id",
    )
    .bind(workspace)
    .fetch_all(&pool)
    .await
    .unwrap();
    let items: Vec<Value> = rows
        .into_iter()
        .map(|(id, name, job, status, warmth, company)| {
            json!({"id": id, "fullName": name, "jobTitle": job, "status": status, "warmnessScore": warmth, "company": company})
        })
        .collect();
    Json(json!({"data": items}))
}

async fn hello() -> Json<Value> {
    Json(json!({"hello": "world"}))
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let c = embedded_postgres::attach(std::path::Path::new(&arguments[1])).expect("a server runs on the folder");
    let options = PgConnectOptions::new().socket(&c.socket_folder).username(&c.user).password(&c.password).database("rapport").port(5432);
    let pool = sqlx::postgres::PgPoolOptions::new().max_connections(16).connect_with(options).await.unwrap();
    let workspace: Uuid = sqlx::query_scalar("select id from workspaces where name = $1").bind(&arguments[2]).fetch_one(&pool).await.unwrap();
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{}", arguments[3])).await.unwrap();
    axum::serve(
        listener,
        Router::new().route("/hello", get(hello)).route("/light", get(light)).route("/contacts", get(list)).with_state((pool, workspace)),
    )
    .await
    .unwrap();
}
