//! Records of every kind: the page, the form, inline edit, pickers.

mod bulk;
mod conflict;
mod draft;
mod form_field;
mod form_page;
mod hold;
mod inline_editors;
mod inline_field;
mod kept_form;
mod list_parts;
mod list_shape;
mod long_text;
mod people_field;
mod picker;
mod record_head;
mod record_list;
mod record_lists;
mod record_page;
mod save;
mod selection;
mod sent_form;
mod server_fns;
mod several;
mod tags_editor;
mod timeline;
mod views;

pub use bulk::{BulkBar, SelectBox, SelectButton, SelectGap};
pub use draft::{Draft, forget_line, keep_line, keep_refused, typed};
pub use form_page::FormPage;
pub use inline_field::shown;
pub use kept_form::KeptForm;
pub use list_parts::{Pager, SearchBox};
pub use list_shape::{Columns, GroupBy, group_words};
pub use picker::Picker;
pub use record_list::{ListOf, keep_focus, list_table, record_list};
pub use record_page::RecordPage;
pub use selection::Selection;
pub use sent_form::SentForm;
pub use server_fns::read_record;
#[cfg(feature = "ssr")]
pub use server_fns::{ReadForm, ReadRecord, read_form};
pub use server_fns::{RecordView, mentionable, record_name, record_options};
#[cfg(feature = "ssr")]
pub use server_fns::{Submitted, create_from_form, given_away, names_of_companies};
pub use timeline::{EventLine, When};
pub use views::ViewTabs;
#[cfg(feature = "ssr")]
pub use views::{ListViews, list_views};
