//! What is wrong with input, field by field.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One thing wrong with one field. `message` is a sentence for the person (already in words; the code is for programs).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// JSON name of the field, such as `firstName`; empty when it is about the whole.
    pub field: String,
    /// Stable code, such as `required`.
    pub code: String,
    pub message: String,
}

/// Everything wrong with an input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub struct Invalid(pub Vec<FieldError>);

impl Invalid {
    pub fn one(field: &str, code: &str, message: impl Into<String>) -> Self {
        let mut all = Self::default();
        all.add(field, code, message);
        all
    }

    pub fn add(&mut self, field: &str, code: &str, message: impl Into<String>) {
        self.0.push(FieldError { field: field.into(), code: code.into(), message: message.into() });
    }

    /// `Ok` when nothing was added.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<&str> = self.0.iter().map(|e| e.message.as_str()).collect();
        f.write_str(&texts.join("; "))
    }
}
