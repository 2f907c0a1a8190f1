//! Products in the settings.

use crate::place::Setting;
use domain::EntityKind;

pub const SETTING: Setting =
    Setting::new("Products", "What deals are about", "/settings#products", "price list series").lists(EntityKind::Product, &["series", "listPrice"]);
