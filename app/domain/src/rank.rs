//! Board order: a text key between its neighbours, so that a move writes one row.
//!
//! Keys are base-36 fractions compared as plain text. Keys made at an end keep a fixed width, so importing a hundred
//! thousand cards in order does not make them grow; keys made in between grow by a digit when there is no room.

const WIDTH: usize = 10;
const STEP: u64 = 36u64.pow(5);
const MIDDLE: u64 = 36u64.pow(10) / 2;
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

fn write(mut n: u64) -> String {
    let mut out = [b'0'; WIDTH];
    for place in out.iter_mut().rev() {
        *place = DIGITS[(n % 36) as usize];
        n /= 36;
    }
    String::from_utf8_lossy(&out).trim_end_matches('0').to_owned()
}

fn head(key: &str) -> u64 {
    let digit = |b: u8| DIGITS.iter().position(|d| *d == b).unwrap_or(0) as u64;
    (0..WIDTH).fold(0, |n, i| n * 36 + key.as_bytes().get(i).map_or(0, |b| digit(*b)))
}

/// A key strictly between two neighbours; `None` is the open end. Neighbours must be in order.
pub fn between(before: Option<&str>, after: Option<&str>) -> String {
    match (before, after) {
        (None, None) => write(MIDDLE),
        (Some(low), None) => {
            let next = head(low).saturating_add(STEP);
            if next < 36u64.pow(10) { write(next) } else { midpoint(low, None) }
        }
        (None, Some(high)) => {
            let at = head(high);
            if at > STEP { write(at - STEP) } else { midpoint("", Some(high)) }
        }
        (Some(low), Some(high)) => midpoint(low, Some(high)),
    }
}

/// The same place, told apart from others who choose it at the same moment: `salt` becomes two more digits. Still below
/// the upper neighbour, because a key made by [`between`] is never the beginning of it.
pub fn salted(key: &str, salt: u128) -> String {
    let digit = |n: u128| DIGITS[(n % 35 + 1) as usize] as char;
    format!("{key:0<WIDTH$}{}{}", digit(salt), digit(salt / 35))
}

/// `count` keys in order, all after `last`.
pub fn after(last: Option<&str>, count: usize) -> Vec<String> {
    let mut keys: Vec<String> = Vec::with_capacity(count);
    for _ in 0..count {
        let previous = keys.last().map(String::as_str).or(last);
        keys.push(between(previous, None));
    }
    keys
}

fn midpoint(low: &str, high: Option<&str>) -> String {
    let digit = |s: &str, i: usize| s.as_bytes().get(i).and_then(|b| DIGITS.iter().position(|d| d == b));
    let mut key = String::new();
    let mut bounded = high;
    for i in 0.. {
        let from = digit(low, i).unwrap_or(0);
        let to = bounded.map_or(36, |h| digit(h, i).unwrap_or(0));
        if to.saturating_sub(from) > 1 {
            key.push(DIGITS[(from + to) / 2] as char);
            break;
        }
        key.push(DIGITS[from] as char);
        if from < to {
            // One below the upper bound: anything longer than this prefix stays under it.
            bounded = None;
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_at_the_ends_do_not_grow() {
        let keys = after(None, 100_000);
        assert!(keys.windows(2).all(|w| w[0] < w[1]));
        assert!(keys.iter().all(|k| k.len() <= WIDTH));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        #[test]
        fn inserting_anywhere_keeps_the_order(places in prop::collection::vec(0usize..1000, 1..120)) {
            let mut keys: Vec<String> = Vec::new();
            for place in places {
                let at = place % (keys.len() + 1);
                let before = at.checked_sub(1).map(|i| keys[i].clone());
                let key = between(before.as_deref(), keys.get(at).map(String::as_str));
                let key = if place % 2 == 0 { salted(&key, place as u128) } else { key };
                keys.insert(at, key);
                prop_assert!(keys.windows(2).all(|w| w[0] < w[1]), "{keys:?}");
                prop_assert!(keys.iter().all(|k| !k.ends_with('0')));
            }
        }
    }
}
