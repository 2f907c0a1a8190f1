//! The page of a member: readers edit some fields of their own.

use crate::{
    records::{OpenRecord, RecordView, plain_page, record_page},
    session::use_session,
};
use domain::members::OWN_FIELDS;
use leptos::prelude::*;

pub struct MemberPage;

lazy_page!(MemberPage, member_page, records);

impl MemberPage {
    fn show() -> AnyView {
        record_page(page)
    }
}

fn page(open: OpenRecord, _shown: RwSignal<RecordView>) -> AnyView {
    plain_page(open, if open.id == use_session().member.0 { &OWN_FIELDS } else { &[] })
}
