//! Sample companies.

use super::Batch;
use domain::{EntityKind, sample::COMPANIES};
use serde_json::json;
use uuid::Uuid;

pub(super) fn companies(currency: &str, owner: &dyn Fn(usize) -> Uuid) -> Batch {
    let mut companies = Batch::new(EntityKind::Company);
    for (n, (name, industry, location, employees)) in COMPANIES.iter().enumerate() {
        companies.add(json!({"name": name, "industry": industry, "location": location, "employee_count": employees,
            "size": domain::companies::size_of(*employees), "currency": currency, "lifecycle_stage": if n % 3 == 0 { "customer" } else { "opportunity" }, "owner_id": owner(n)}));
    }
    companies
}
