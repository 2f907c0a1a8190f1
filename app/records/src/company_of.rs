//! The company of another record.

use crate::{i18n::t, page::RecordLink};
use domain::{CompanyId, Record};
use leptos::prelude::*;

/// Heading and link; nothing for a record without a company.
#[component]
pub fn CompanyOf(record: Memo<Record>) -> impl IntoView {
    let company = Memo::new(move |_| record.with(|r| r.reference("companyId")));
    move || {
        company.get().map(|(id, name)| {
            view! { <h2>{t("Company")}</h2><ul class="links"><li><RecordLink id=CompanyId(id) text=name/></li></ul> }
        })
    }
}
