//! Answers that are read ahead for the browser's cache, as slices collect them.

use crate::{AppError, ReadForm, read_form};
use domain::EntityKind;
use leptos::server_fn::ServerFn;
use serde::Serialize;
use std::collections::BTreeSet;
use uuid::Uuid;

#[derive(Default)]
pub struct Prefetched {
    answers: Vec<(String, String)>,
    /// Records that the lists lead to, most wanted first.
    wanted: Vec<(EntityKind, Uuid)>,
    records: BTreeSet<Uuid>,
}

impl Prefetched {
    /// Adds an answer under the key that the browser makes of its request: path and body.
    pub fn add<F: ServerFn>(&mut self, body: &str, answer: &impl Serialize) {
        if let Ok(text) = serde_json::to_string(answer) {
            self.answers.push((format!("{} {body}", F::PATH), text));
        }
    }

    pub fn add_json<F: ServerFn + Serialize>(&mut self, arguments: &F, answer: &impl Serialize) {
        if let Ok(body) = serde_json::to_string(arguments) {
            self.add::<F>(&body, answer);
        }
    }

    /// The form that creates a record of the kind.
    pub async fn add_form(&mut self, kind: EntityKind) -> Result<(), AppError> {
        let form = read_form(kind, None).await?;
        self.add::<ReadForm>(&format!("kind={}", kind.noun()), &form);
        Ok(())
    }

    /// Asks for the pages of records, after those that were asked for before.
    pub fn want(&mut self, records: impl Iterator<Item = (EntityKind, Uuid)>) {
        self.wanted.extend(records);
    }

    pub fn wanted(&self) -> Vec<(EntityKind, Uuid)> {
        self.wanted.clone()
    }

    /// Whether the page of the record is not read yet; it counts as read from now on.
    pub fn takes(&mut self, id: Uuid) -> bool {
        self.records.insert(id)
    }

    /// How many records were read.
    pub fn records(&self) -> usize {
        self.records.len()
    }

    pub fn answers(self) -> Vec<(String, String)> {
        self.answers
    }
}
