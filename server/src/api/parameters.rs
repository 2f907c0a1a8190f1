//! Query parameters of the operations, for their documentation and for the refusal of others.

/// Names of query parameters with their descriptions.
pub type Parameters = &'static [(&'static str, &'static str)];

pub const REPORT: Parameters = &[("from", "First day"), ("to", "Last day"), ("owner", "Id of the owner of the deals")];
pub const PAGE: [(&str, &str); 2] = [("limit", "1 to 200, default 20"), ("after", "page.next of the page before")];
pub const NEW_IMPORT: Parameters =
    &[("fileName", "Name of the file, as people will read it"), ("kind", "Plural of the kind, such as contacts; left out: recognised by the header")];
pub const SEARCH: Parameters = &[("q", "Text to look for"), ("limit", "Most of each kind, 1 to 200, default 20")];
pub const EVENTS: Parameters = &[("kind", "Kind of record, such as deal"), ("by", "everybody, team or me")];
pub const SUGGESTED: Parameters = &[("limit", "1 to 200, default 10")];
pub const NOTIFICATIONS: Parameters = &[("status", "unread: only those")];
pub const DEALS: Parameters = &[
    ("q", "Text to look for"),
    ("pipeline", "Id of the pipeline"),
    ("stage", "Id of the stage"),
    ("reached", "Id of a stage that the deals reached at some time"),
    ("owner", "Id of the owner"),
    ("company", "Id of the company"),
    ("status", "open, won or lost"),
    ("nextStep", "none: deals without a next step"),
    ("tag", "Name of a tag"),
    ("closedFrom", "First day of closing"),
    ("closedTo", "Last day of closing"),
    ("openedFrom", "First day of opening"),
    ("openedTo", "Last day of opening"),
    ("expectedFrom", "First expected closing day"),
    ("expectedTo", "Last expected closing day"),
];
pub const SORT: (&str, &str) = ("sort", "Sort order; a leading minus reverses it");
/// Filter of kinds with a status.
pub const STATUS: (&str, &str) = ("status", "Code of the status, such as active");
/// Filters of the lists of contacts and companies.
pub const LIST: Parameters = &[
    ("q", "Text to look for"),
    ("company", "Id of the company"),
    ("owner", "Id of the owner"),
    ("tag", "Name of a tag"),
    ("followUp", "due: people with a follow-up that is due"),
];
pub const ACTIVITIES: Parameters = &[
    ("contact", "Id of the contact"),
    ("company", "Id of the company"),
    ("deal", "Id of the deal"),
    ("owner", "Id of the owner"),
    ("status", "open or done for tasks, planned or done for interactions"),
    ("due", "Day on which tasks are due"),
];

/// Lists of setup records are short and have one page.
pub const ONE_PAGE: Parameters = &[("limit", "1 to 200; without it the list is complete")];
