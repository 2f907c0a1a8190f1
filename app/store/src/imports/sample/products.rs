//! Sample products.

use super::Batch;
use domain::{EntityKind, sample::PRODUCTS};
use serde_json::json;

pub(super) fn products(currency: &str) -> Batch {
    let mut products = Batch::new(EntityKind::Product);
    for (name, price) in PRODUCTS {
        products.add(json!({"name": name, "list_price_minor": price, "currency": currency}));
    }
    products
}
