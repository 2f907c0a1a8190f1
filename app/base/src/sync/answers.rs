//! What an answer to a change means for it, and how long to wait for a better one. No browser in here: see `wire.rs`.

use crate::{AppError, i18n::t};
use domain::Outcome;

/// Failures of a change, with the server well otherwise, after which it is set aside.
pub const FAILURES: u32 = 5;
/// The first pause of the back-off, in milliseconds; each one doubles.
const FIRST_MS: u64 = 500;
const LONGEST_MS: u64 = 60_000;
/// The longest pause a server may ask for: its clock, or a proxy's, may be wrong by days.
pub const LONGEST_ASKED_MS: u64 = 60 * 60 * 1_000;

/// An answer as it came over the line, from our server or from whatever stands before it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    pub status: u16,
    /// `Retry-After`, in milliseconds from now.
    pub retry_after: Option<u64>,
    pub text: String,
}

/// Why a change waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No answer came, or none of ours.
    NoNetwork,
    /// The server, or what stands before it, asked to come again, or failed.
    Server,
    /// The session has ended, or is another person's by now.
    SignedOut,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    Saved(Outcome),
    /// The server decided against the change: it is taken back, with this reason.
    Refused(AppError),
    /// It waits for the same person to sign in. `ours`: the program said so itself, and no proxy.
    SignIn {
        ours: bool,
    },
    /// Nothing is decided; the same envelope is sent again.
    Wait(Trouble),
    /// Nothing is decided, and it may be this change that the server fails on.
    Failed,
}

/// What an answer decides, by its status alone: the words in it only give the reason.
pub fn judge(answer: Option<&Answer>) -> Verdict {
    let Some(answer) = answer else { return Verdict::Wait(Trouble::NoNetwork) };
    let said = serde_json::from_str::<AppError>(&answer.text).ok();
    match answer.status {
        // An answer that is none of ours: a captive portal's page, for one.
        200..=299 => serde_json::from_str(&answer.text).map_or(Verdict::Wait(Trouble::NoNetwork), Verdict::Saved),
        400 | 403 | 404 | 409 | 410 | 413 | 422 => Verdict::Refused(reason(answer, said)),
        428 if said.is_some() => Verdict::Refused(reason(answer, said)),
        401 => Verdict::SignIn { ours: said == Some(AppError::SignInNeeded) },
        407 | 408 | 421 | 425 | 429 => Verdict::Wait(Trouble::Server),
        // Statuses that nobody meant as a word on this change: no reason to lose it, nor to wait for ever.
        402..=500 => Verdict::Failed,
        501..=599 => Verdict::Wait(Trouble::Server),
        _ => Verdict::Wait(Trouble::NoNetwork),
    }
}

/// The reason in the answer's own words, else in those of its status.
fn reason(answer: &Answer, said: Option<AppError>) -> AppError {
    let refusal = || serde_json::from_str::<serde_json::Value>(&answer.text).ok()?["error"]["message"].as_str().map(str::to_owned);
    match said {
        Some(
            e @ (AppError::Invalid(_)
            | AppError::NotFound
            | AppError::NotAllowed
            | AppError::PasswordNeeded
            | AppError::Refused(_)
            | AppError::Conflict(_)
            | AppError::Changed { .. }
            | AppError::VersionNeeded),
        ) => e,
        _ => match (refusal(), answer.status) {
            (Some(words), _) => AppError::Conflict(words),
            (_, 403) => AppError::NotAllowed,
            (_, 404 | 410) => AppError::NotFound,
            (_, 409) => AppError::Conflict(t("It was changed elsewhere in the meantime.").into()),
            (_, 413) => AppError::Conflict(t("This is too large to be saved.").into()),
            _ => AppError::unreadable(),
        },
    }
}

/// `Retry-After`: seconds, or a moment as the browser reads it (both in milliseconds; not a number where it is none).
pub fn retry_after(header: &str, moment: f64, now: f64) -> Option<u64> {
    let asked = match header.trim().parse::<u64>() {
        Ok(seconds) => seconds.saturating_mul(1_000),
        Err(_) if moment.is_finite() => (moment - now).max(0.0) as u64,
        Err(_) => return None,
    };
    Some(asked.min(LONGEST_ASKED_MS))
}

/// The pause before the next attempt, in milliseconds. `tries`: attempts that came to nothing so far, at least one; `random`:
/// 0 to 1, so that the browsers of an office do not all come back in the same moment.
pub fn pause(tries: u32, asked: Option<u64>, random: f64) -> u64 {
    let full = FIRST_MS.saturating_mul(1 << tries.saturating_sub(1).min(20)).min(LONGEST_MS);
    let jittered = full / 2 + (full as f64 / 2.0 * random.clamp(0.0, 1.0)) as u64;
    asked.unwrap_or(0).max(jittered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{EntityKind, FieldError};

    fn of(status: u16, text: &str) -> Verdict {
        judge(Some(&Answer { status, retry_after: None, text: text.into() }))
    }

    #[test]
    fn only_a_decision_takes_a_change_out() {
        let refused = |status| matches!(of(status, "<html>no</html>"), Verdict::Refused(_));
        let decide: Vec<u16> = (100..600).filter(|s| refused(*s)).collect();
        assert_eq!(decide, [400, 403, 404, 409, 410, 413, 422]);
        for status in [408, 425, 429, 501, 502, 503, 504, 507, 520, 599] {
            assert_eq!(of(status, ""), Verdict::Wait(Trouble::Server), "{status}");
        }
        for status in [402, 405, 418, 431, 451, 500] {
            assert_eq!(of(status, ""), Verdict::Failed, "{status}");
        }
        assert_eq!(judge(None), Verdict::Wait(Trouble::NoNetwork));
        // A portal that answers every request with its own page.
        for status in [200, 204, 302] {
            assert_eq!(of(status, "<html>Welcome</html>"), Verdict::Wait(Trouble::NoNetwork), "{status}");
        }
    }

    #[test]
    fn what_was_saved_is_read() {
        let outcome = Outcome { kind: EntityKind::Deal, id: uuid::Uuid::nil(), version: 3, event: None, rank: None };
        assert_eq!(of(200, &serde_json::to_string(&outcome).unwrap_or_default()), Verdict::Saved(outcome));
    }

    #[test]
    fn only_the_program_itself_ends_a_session() {
        assert_eq!(of(401, "\"SignInNeeded\""), Verdict::SignIn { ours: true });
        assert_eq!(of(401, "Authorization Required"), Verdict::SignIn { ours: false });
    }

    #[test]
    fn the_reason_is_the_answers_own_or_that_of_its_status() {
        assert_eq!(of(409, "{\"Conflict\":\"Bea was first.\"}"), Verdict::Refused(AppError::Conflict("Bea was first.".into())));
        let wrong = AppError::Invalid(vec![FieldError { field: "title".into(), code: "required".into(), message: "Give it a title.".into() }]);
        assert_eq!(of(422, &serde_json::to_string(&wrong).unwrap_or_default()), Verdict::Refused(wrong));
        assert_eq!(
            of(403, "{\"error\":{\"code\":\"cross_origin\",\"message\":\"From elsewhere.\"}}"),
            Verdict::Refused(AppError::Conflict("From elsewhere.".into()))
        );
        assert_eq!(of(403, "{\"Refused\":\"Only its owner.\"}"), Verdict::Refused(AppError::Refused("Only its owner.".into())));
        let changed = AppError::Changed { said: "Bea changed Name to “B” meanwhile.".into(), version: 3, fields: vec!["name".into()] };
        assert_eq!(of(409, &serde_json::to_string(&changed).unwrap_or_default()), Verdict::Refused(changed));
        assert_eq!(of(404, "gone"), Verdict::Refused(AppError::NotFound));
        assert_eq!(of(410, "gone"), Verdict::Refused(AppError::NotFound));
        assert_eq!(of(428, "\"VersionNeeded\""), Verdict::Refused(AppError::VersionNeeded));
        // Words that contradict a status that decides: never "try again".
        assert_eq!(of(403, "\"Unreachable\""), Verdict::Refused(AppError::NotAllowed));
        assert_eq!(of(503, "\"NotFound\""), Verdict::Wait(Trouble::Server));
    }

    #[test]
    fn pauses_double_up_to_a_minute_and_differ() {
        let full: Vec<u64> = (1..10).map(|n| pause(n, None, 1.0)).collect();
        assert_eq!(full, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
        assert_eq!((pause(1, None, 0.0), pause(4, None, 0.0), pause(u32::MAX, None, 0.0)), (250, 2_000, 30_000));
        // Never before the server wants to be asked.
        assert_eq!(pause(1, Some(7_000), 0.0), 7_000);
        assert_eq!(pause(9, Some(7_000), 1.0), 60_000);
    }

    #[test]
    fn a_server_says_when_to_come_again_in_seconds_or_as_a_moment() {
        assert_eq!(retry_after("30", f64::NAN, 0.0), Some(30_000));
        assert_eq!(retry_after(" 0 ", 9e9, 0.0), Some(0));
        assert_eq!(retry_after("Wed, 21 Oct 2026 07:28:00 GMT", 5_000.0, 1_000.0), Some(4_000));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT", 1_000.0, 5_000.0), Some(0));
        assert_eq!(retry_after("soon", f64::NAN, 0.0), None);
        assert_eq!(retry_after("99999999999999", f64::NAN, 0.0), Some(3_600_000));
    }
}
