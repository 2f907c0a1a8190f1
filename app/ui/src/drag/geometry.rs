//! Where a point is on a board: which column, above which card.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// A place a card can go: a column, and the card it lands above (`None`: at the end).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub column: String,
    pub before: Option<String>,
}

pub(super) fn elements(root: &Element, selector: &str) -> Vec<HtmlElement> {
    let Ok(list) = root.query_selector_all(selector) else { return Vec::new() };
    (0..list.length()).filter_map(|i| list.get(i)?.dyn_into().ok()).collect()
}

pub(super) fn name(element: &Element, attribute: &str) -> String {
    element.get_attribute(attribute).unwrap_or_default()
}

/// The column whose horizontal range holds `x`, else the nearest one.
pub(super) fn column_at(board: &Element, x: f64) -> Option<HtmlElement> {
    elements(board, "[data-column]").into_iter().min_by(|a, b| {
        let far = |e: &HtmlElement| {
            let r = e.get_bounding_client_rect();
            if x < r.left() {
                r.left() - x
            } else if x > r.right() {
                x - r.right()
            } else {
                0.0
            }
        };
        far(a).total_cmp(&far(b))
    })
}

/// The target under a point, and the vertical position of its drop line.
pub(super) fn target_at(board: &Element, dragged: &str, x: f64, y: f64) -> Option<(Target, f64, HtmlElement)> {
    let column = column_at(board, x)?;
    let cards: Vec<HtmlElement> = elements(&column, "[data-card]").into_iter().filter(|c| name(c, "data-card") != dragged).collect();
    let below = cards.iter().find(|c| {
        let r = c.get_bounding_client_rect();
        y < r.top() + r.height() / 2.0
    });
    let line = match (below, cards.last()) {
        (Some(card), _) => card.get_bounding_client_rect().top() - 4.0,
        (None, Some(last)) => last.get_bounding_client_rect().bottom() + 4.0,
        (None, None) => column
            .query_selector("[data-cards]")
            .ok()
            .flatten()
            .map_or_else(|| column.get_bounding_client_rect().top() + 72.0, |list| list.get_bounding_client_rect().top() + 6.0),
    };
    let target = Target { column: name(&column, "data-column"), before: below.map(|c| name(c, "data-card")) };
    Some((target, line, column))
}
