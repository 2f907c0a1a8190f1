//! Password policy.

/// Reason for rejecting a password: too short, too long or easy to guess.
pub fn weak_password(password: &str, email: &str) -> Option<&'static str> {
    let length = password.chars().count();
    if length < 8 {
        return Some("The password needs at least 8 characters.");
    }
    if password.len() > 1000 {
        return Some("The password takes at most 1000 bytes.");
    }
    let name = email.split('@').next().unwrap_or_default();
    let head: String = password.chars().take(72).collect();
    let guess = zxcvbn::zxcvbn(&head, &[email, name, "rapport"]);
    (guess.guesses_log10() < 5.0)
        .then_some("This password is among the first that somebody would guess. Take another, such as three unrelated words.")
}
