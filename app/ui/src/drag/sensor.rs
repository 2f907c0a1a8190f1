//! The state machine: Idle → Armed → Dragging (or Lifted, by keyboard) → Idle.

use super::geometry::{Target, column_at, elements, name, target_at};
use crate::words::{t, tf};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement};

/// Auto-scroll zone at the edges.
const EDGE: f64 = 56.0;
/// On a phone the next column snaps in after dwelling at the edge.
const DWELL_MS: f64 = 450.0;

/// A finished drag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drop {
    pub card: String,
    pub column: String,
    /// The card it lands above; `None`: at the end of the column.
    pub before: Option<String>,
}

pub(super) enum Phase {
    Idle,
    Armed { card: HtmlElement, x: f64, y: f64, pointer: i32, touch: bool, timer: Option<i32> },
    Dragging(Drag),
    Lifted { card: HtmlElement, id: String, target: Target, line: HtmlElement },
}

pub(super) struct Drag {
    card: HtmlElement,
    id: String,
    pointer: i32,
    overlay: HtmlElement,
    line: HtmlElement,
    grip: (f64, f64),
    at: (f64, f64),
    target: Option<Target>,
    dwell: Option<(i8, f64)>,
}

pub(super) struct Sensor {
    pub(super) board: HtmlElement,
    pub(super) phase: Phase,
    pub(super) swallow_click: bool,
    pub(super) on_drop: Callback<Drop>,
    pub(super) announce: Callback<String>,
}

pub(super) fn window() -> Option<web_sys::Window> {
    web_sys::window()
}

fn set(element: &HtmlElement, property: &str, value: &str) {
    let _ = element.style().set_property(property, value);
}

fn floating(class: &str) -> Option<HtmlElement> {
    let document = window()?.document()?;
    let element: HtmlElement = document.create_element("div").ok()?.dyn_into().ok()?;
    element.set_class_name(class);
    document.body()?.append_child(&element).ok()?;
    Some(element)
}

fn words(card: &Element) -> String {
    name(card, "data-title")
}

impl Sensor {
    pub(super) fn card_of(&self, event: &Event) -> Option<HtmlElement> {
        let target: Element = event.target()?.dyn_into().ok()?;
        let control = target.closest("button, input, select, textarea, summary, [data-no-drag]").ok().flatten();
        if control.is_some_and(|c| self.board.contains(Some(&c))) {
            return None;
        }
        target.closest("[data-card]").ok().flatten()?.dyn_into().ok()
    }

    pub(super) fn start(&mut self) {
        let Phase::Armed { card, x, y, pointer, touch, timer } = std::mem::replace(&mut self.phase, Phase::Idle) else { return };
        if let (Some(timer), Some(w)) = (timer, window()) {
            w.clear_timeout_with_handle(timer);
        }
        let rect = card.get_bounding_client_rect();
        let Some((overlay, line)) = floating("drag-overlay").zip(floating("drop-line")) else { return };
        if let Ok(copy) = card.clone_node_with_deep(true) {
            let _ = overlay.append_child(&copy);
        }
        set(&overlay, "width", &format!("{}px", rect.width()));
        set(&overlay, "height", &format!("{}px", rect.height()));
        let _ = card.class_list().add_1("is-lifted");
        let _ = self.board.class_list().add_1("is-dragging");
        let _ = self.board.set_pointer_capture(pointer);
        if touch && let Some(w) = window() {
            let _ = w.navigator().vibrate_with_duration(10);
        }
        let id = name(&card, "data-card");
        let drag = Drag { id, card, pointer, overlay, line, grip: (x - rect.left(), y - rect.top()), at: (x, y), target: None, dwell: None };
        self.announce.run(tf("Lifted {card}.", &[("card", &words(&drag.card))]));
        self.phase = Phase::Dragging(drag);
        self.swallow_click = true;
        self.follow(x, y);
    }

    pub(super) fn follow(&mut self, x: f64, y: f64) {
        let board = self.board.clone();
        let Phase::Dragging(drag) = &mut self.phase else { return };
        drag.at = (x, y);
        set(&drag.overlay, "transform", &format!("translate3d({}px, {}px, 0) scale(1.02)", x - drag.grip.0, y - drag.grip.1));
        for column in elements(&board, "[data-column].is-over") {
            let _ = column.class_list().remove_1("is-over");
        }
        if let Some((target, line, column)) = target_at(&board, &drag.id, x, y) {
            let _ = column.class_list().add_1("is-over");
            place_line(&drag.line, &column, line);
            drag.target = Some(target);
        }
    }

    /// One frame of auto-scroll while the pointer is near an edge.
    pub(super) fn scroll_frame(&mut self, now: f64) {
        let board = self.board.clone();
        let Phase::Dragging(drag) = &mut self.phase else { return };
        let (x, y) = drag.at;
        if let Some(list) = column_at(&board, x).and_then(|c| c.query_selector("[data-cards]").ok().flatten()) {
            let r = list.get_bounding_client_rect();
            let step = push(y - r.top()) - push(r.bottom() - y);
            if step != 0.0 {
                list.set_scroll_top(list.scroll_top() - step as i32);
            }
        }
        let r = board.get_bounding_client_rect();
        let phone = r.width() < 600.0;
        let (left, right) = (x - r.left(), r.right() - x);
        if phone {
            let side = if left < 28.0 {
                -1
            } else if right < 28.0 {
                1
            } else {
                0
            };
            drag.dwell = match (side, drag.dwell) {
                (0, _) => None,
                (s, Some((before, since))) if s == before => {
                    if now - since > DWELL_MS {
                        board.scroll_by_with_x_and_y(f64::from(s) * r.width() * 0.88, 0.0);
                        // A pause after each column, so that a resting finger does not run to the end.
                        Some((s, now + 250.0))
                    } else {
                        Some((before, since))
                    }
                }
                (s, _) => Some((s, now)),
            };
        } else {
            let step = push(left) - push(right);
            if step != 0.0 {
                board.scroll_by_with_x_and_y(-step, 0.0);
            }
        }
        self.follow(x, y);
    }

    pub(super) fn finish(&mut self, commit: bool) {
        match std::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Armed { timer: Some(timer), .. } => {
                if let Some(w) = window() {
                    w.clear_timeout_with_handle(timer);
                }
            }
            Phase::Dragging(drag) => {
                let _ = self.board.release_pointer_capture(drag.pointer);
                drag.overlay.remove();
                drag.line.remove();
                self.clear_marks(&drag.card);
                match drag.target.filter(|_| commit) {
                    Some(target) => self.on_drop.run(Drop { card: drag.id, column: target.column, before: target.before }),
                    None => self.announce.run(t("Cancelled.").into()),
                }
            }
            Phase::Lifted { card, id, target, line } => {
                line.remove();
                self.clear_marks(&card);
                if commit {
                    self.on_drop.run(Drop { card: id, column: target.column, before: target.before });
                } else {
                    self.announce.run(tf("Cancelled. {card} stays where it was.", &[("card", &words(&card))]));
                }
            }
            _ => {}
        }
    }

    fn clear_marks(&self, card: &HtmlElement) {
        let _ = card.class_list().remove_1("is-lifted");
        let _ = self.board.class_list().remove_1("is-dragging");
        for column in elements(&self.board, "[data-column].is-over") {
            let _ = column.class_list().remove_1("is-over");
        }
    }

    pub(super) fn lift(&mut self, card: HtmlElement) {
        let Some(column) = card.closest("[data-column]").ok().flatten() else { return };
        let Some(line) = floating("drop-line") else { return };
        let id = name(&card, "data-card");
        let cards = elements(&column, "[data-card]");
        let at = cards.iter().position(|c| name(c, "data-card") == id).unwrap_or(0);
        let target = Target { column: name(&column, "data-column"), before: cards.get(at + 1).map(|c| name(c, "data-card")) };
        let _ = card.class_list().add_1("is-lifted");
        let (place, many) = ((at + 1).to_string(), cards.len().to_string());
        self.announce.run(tf(
            "Lifted {card}. {column}, {place} of {many}. Arrow keys move it, Space drops it, Escape cancels.",
            &[("card", &words(&card)), ("column", &name(&column, "data-title")), ("place", &place), ("many", &many)],
        ));
        self.phase = Phase::Lifted { card, id, target, line };
        self.show_lifted();
    }

    fn show_lifted(&mut self) {
        let Phase::Lifted { id, target, line, .. } = &self.phase else { return };
        let Some(column) = elements(&self.board, "[data-column]").into_iter().find(|c| name(c, "data-column") == target.column) else { return };
        column.scroll_into_view();
        for other in elements(&self.board, "[data-column].is-over") {
            let _ = other.class_list().remove_1("is-over");
        }
        let _ = column.class_list().add_1("is-over");
        let cards: Vec<HtmlElement> = elements(&column, "[data-card]").into_iter().filter(|c| name(c, "data-card") != *id).collect();
        let y = match target.before.as_ref().and_then(|b| cards.iter().find(|c| name(c, "data-card") == *b)) {
            Some(card) => card.get_bounding_client_rect().top() - 4.0,
            None => cards.last().map_or_else(|| column.get_bounding_client_rect().top() + 72.0, |c| c.get_bounding_client_rect().bottom() + 4.0),
        };
        place_line(line, &column, y);
    }

    /// Moves the lifted card's target; returns the sentence to speak.
    pub(super) fn steer(&mut self, key: &str) -> bool {
        let board = self.board.clone();
        let Phase::Lifted { id, target, .. } = &mut self.phase else { return false };
        let columns = elements(&board, "[data-column]");
        let Some(at) = columns.iter().position(|c| name(c, "data-column") == target.column) else { return false };
        let others = |column: &HtmlElement| -> Vec<String> {
            elements(column, "[data-card]").iter().map(|c| name(c, "data-card")).filter(|c| c != id).collect()
        };
        let cards = others(&columns[at]);
        let place = target.before.as_ref().and_then(|b| cards.iter().position(|c| c == b)).unwrap_or(cards.len());
        let (column, place) = match key {
            "ArrowUp" => (at, place.saturating_sub(1)),
            "ArrowDown" => (at, (place + 1).min(cards.len())),
            "ArrowLeft" => (at.saturating_sub(1), 0),
            "ArrowRight" => ((at + 1).min(columns.len() - 1), 0),
            "Home" => (at, 0),
            "End" => (at, cards.len()),
            _ => return false,
        };
        let cards = others(&columns[column]);
        target.column = name(&columns[column], "data-column");
        target.before = cards.get(place).cloned();
        let (at, many) = ((place + 1).to_string(), (cards.len() + 1).to_string());
        let text = tf("{column}, {place} of {many}.", &[("column", &name(&columns[column], "data-title")), ("place", &at), ("many", &many)]);
        self.announce.run(text);
        self.show_lifted();
        true
    }

    /// Arrow keys walk over the cards while nothing is lifted.
    pub(super) fn walk(&self, card: &HtmlElement, key: &str) -> bool {
        let Some(column) = card.closest("[data-column]").ok().flatten() else { return false };
        let columns = elements(&self.board, "[data-column]");
        let cards = elements(&column, "[data-card]");
        let id = name(card, "data-card");
        let (Some(at), Some(in_column)) = (
            columns.iter().position(|c| name(c, "data-column") == name(&column, "data-column")),
            cards.iter().position(|c| name(c, "data-card") == id),
        ) else {
            return false;
        };
        let nearest = |mut range: Box<dyn Iterator<Item = usize>>| {
            range.find_map(|c| {
                let cards = elements(&columns[c], "[data-card]");
                cards.get(in_column.min(cards.len().saturating_sub(1))).cloned()
            })
        };
        let next = match key {
            "ArrowDown" => cards.get(in_column + 1).cloned(),
            "ArrowUp" => in_column.checked_sub(1).and_then(|i| cards.get(i).cloned()),
            "ArrowLeft" => nearest(Box::new((0..at).rev())),
            "ArrowRight" => nearest(Box::new(at + 1..columns.len())),
            _ => return false,
        };
        if let Some(link) = next.and_then(|c| c.query_selector("a").ok().flatten()).and_then(|a| a.dyn_into::<HtmlElement>().ok()) {
            let _ = link.focus();
        }
        true
    }
}

/// Speed near an edge: 2 to 16 px a frame, squared by depth.
fn push(distance: f64) -> f64 {
    if distance >= EDGE {
        return 0.0;
    }
    let depth = ((EDGE - distance) / EDGE).clamp(0.0, 1.0);
    2.0 + 14.0 * depth * depth
}

fn place_line(line: &HtmlElement, column: &Element, y: f64) {
    let r = column.get_bounding_client_rect();
    set(line, "width", &format!("{}px", r.width() - 16.0));
    set(line, "transform", &format!("translate3d({}px, {}px, 0)", r.left() + 8.0, y.clamp(r.top(), r.bottom())));
}
