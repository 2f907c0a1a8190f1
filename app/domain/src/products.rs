//! Products with a list price.

use crate::{
    FieldKind as K, FieldSpec, KindSpec, Permission,
    fields::DefaultValue as D,
    imports::{Identity, ImportSpec, target},
    kind_spec::ByName,
};

pub const FIELDS: &[FieldSpec] = &[
    FieldSpec::new("name", "name", "Name", K::Text(200)).required(),
    FieldSpec::new("series", "series", "Series", K::Text(120)).quick(),
    FieldSpec::new("listPrice", "list_price_minor", "List price", K::Money).quick(),
    FieldSpec::new("currency", "currency", "Currency", K::Currency).default(D::HomeCurrency),
];

pub const KIND: KindSpec =
    KindSpec::setup("product", "products", Permission::EditSetup).counted("{n} products").by_name(ByName::AtOnce).named_loosely();

pub const IMPORT: ImportSpec = ImportSpec::new("Products", Identity::LooseName).headers(&[
    ("name", &["product", "productname", "name", "item"]),
    ("series", &["series", "family", "category", "line"]),
    ("listPrice", &["salesprice", "listprice", "price", "unitprice"]),
    (target::EXTERNAL_ID, &["productid", "sku", "externalid", "id"]),
]);
