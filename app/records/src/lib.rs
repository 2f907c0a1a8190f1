//! Area of the records of every kind: list, page, form, inline edit, pickers, timeline with its notes and interactions.
#![recursion_limit = "256"]

#[macro_use]
extern crate base;

mod bulk;
mod company_of;
mod conflict;
mod draft;
mod form_field;
mod form_page;
mod inline_editors;
mod inline_field;
pub mod interactions;
mod kept_form;
mod list_parts;
mod list_shape;
mod long_press;
mod long_text;
pub mod notes;
mod open_record;
mod page_data;
mod people_field;
mod picker;
#[cfg(feature = "ssr")]
mod prefetch;
#[cfg(feature = "ssr")]
pub mod prefetched;
mod record_details;
mod record_head;
mod record_list;
mod record_page;
mod record_panes;
mod record_timeline;
mod record_view;
mod save;
mod selection;
mod sent_form;
mod server_fns;
mod several;
mod tags_editor;
mod take_back;
mod timeline;
mod views;

pub use bulk::{BulkBar, SelectBox, SelectButton, SelectGap};
pub use company_of::CompanyOf;
pub use draft::{Draft, forget_line, keep_line, keep_refused, typed};
pub use form_page::FormPage;
pub use inline_field::shown;
pub use kept_form::KeptForm;
pub use list_parts::{Pager, SearchBox};
pub use list_shape::{Columns, GroupBy, group_words};
pub use open_record::{OpenRecord, record_page};
pub use page_data::PageData;
#[cfg(feature = "ssr")]
pub use page_data::read_own;
pub use picker::Picker;
#[cfg(feature = "ssr")]
pub use prefetch::prefetch;
pub use record_details::Details;
pub use record_head::{RecordHead, TagChips};
pub use record_list::{ListOf, keep_focus, list_table, record_list};
pub use record_page::plain_page;
pub use record_panes::{ComingUp, RecordPanes, TimelinePane};
pub use record_timeline::Unsaved;
pub use record_view::RecordView;
pub use selection::Selection;
pub use sent_form::SentForm;
#[cfg(feature = "ssr")]
pub use server_fns::{ReadForm, read_form};
#[cfg(feature = "ssr")]
pub use server_fns::{Submitted, create_from_form, given_away, names_of_companies};
pub use server_fns::{mentionable, name_of, named, record_options};
pub use timeline::{EventLine, When};
pub use views::ViewTabs;

pub use take_back::TakeBack;

/// Places of the area in the navigation.
pub const PLACES: &[&[Place]] = &[interactions::places::PLACES, notes::places::PLACES];

/// Pages of the area, besides those of records.
pub const ROUTES: &[PageRoute] =
    &[PageRoute::new::<interactions::LogPage>("log"), PageRoute::new::<FormPage>("new/:kind"), PageRoute::new::<FormPage>("edit/:kind/:id")];

use page_table::PageRoute;
use place::Place;

// Names of the layer below under the paths that they have in every area.
pub use base::AppError;
#[cfg(feature = "ssr")]
use base::{Answer, context};
use base::{Whose, failed, format, hydration, i18n, latest, lazy, page, page_table, place, query_form, session, sync, values};
