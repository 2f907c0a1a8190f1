//! A form whose words become a record through the queue: it is cleared as soon as they are saved, or known to wait. What waits
//! is shown where it will stand, so the form is free for the next one.

use crate::sync::Queue;
use leptos::{html, prelude::*};

#[derive(Clone, Copy)]
pub struct SentForm {
    node: NodeRef<html::Form>,
    /// Its words are on their way, and the form holds them.
    pub busy: RwSignal<bool>,
}

impl SentForm {
    /// `on_wait`: called when what was sent waits for the network or the server.
    pub fn new(node: NodeRef<html::Form>, on_wait: impl Fn() + 'static) -> Self {
        let (form, queue) = (Self { node, busy: RwSignal::new(false) }, expect_context::<Queue>());
        Effect::new(move |_| {
            if form.busy.get() && queue.waits() {
                form.let_go();
                on_wait();
            }
        });
        form
    }

    /// Whether the form still held what was sent; from here on it does not.
    pub fn ends(self) -> bool {
        self.busy.try_update(|b| std::mem::replace(b, false)) == Some(true)
    }

    pub fn let_go(self) {
        if let Some(form) = self.node.try_get_untracked().flatten().filter(|_| self.ends()) {
            form.reset();
        }
    }
}
