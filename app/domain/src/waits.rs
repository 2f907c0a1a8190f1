//! How long somebody has to wait who tried too often.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How long to wait, in seconds, before the same is worth another try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait(pub u64);

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0..=1 => f.write_str("Too many attempts. Try again in a second."),
            s @ 2..=90 => write!(f, "Too many attempts. Try again in {s} seconds."),
            s => write!(f, "Too many attempts. Try again in {} minutes.", s.div_ceil(60)),
        }
    }
}

impl std::error::Error for Wait {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_says_when() {
        for (seconds, says) in [(1, "in a second."), (40, "in 40 seconds."), (90, "in 90 seconds."), (91, "in 2 minutes."), (600, "in 10 minutes.")] {
            assert!(Wait(seconds).to_string().ends_with(says), "{seconds}");
        }
    }
}
