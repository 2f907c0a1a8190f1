//! A form that creates a record through the queue: cleared once the change is saved or known to be queued. Queued records appear
//! in their list, so the form is free for the next one.

use crate::sync::Queue;
use leptos::{html, prelude::*};

#[derive(Clone, Copy)]
pub struct SentForm {
    node: NodeRef<html::Form>,
    /// The submission is in flight, and the form keeps its input.
    pub busy: RwSignal<bool>,
}

impl SentForm {
    /// `on_wait` is called when the submission is queued.
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

    /// Ends the submission; whether it was still in flight.
    pub fn ends(self) -> bool {
        self.busy.try_update(|b| std::mem::replace(b, false)) == Some(true)
    }

    pub fn let_go(self) {
        if let Some(form) = self.node.try_get_untracked().flatten().filter(|_| self.ends()) {
            form.reset();
        }
    }
}
