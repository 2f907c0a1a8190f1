//! Numbers that look random and are the same at every run: each record has a stream of its own, so that what is told of it in
//! its history can be made again without keeping it.

/// A moment in microseconds since 1970, as Postgres keeps it.
pub type Moment = i64;

pub const MINUTE: Moment = 60_000_000;
pub const HOUR: Moment = 60 * MINUTE;
pub const DAY: Moment = 24 * HOUR;

/// SplitMix64: good enough for made-up data, and needs no crate.
pub struct Dice(u64);

impl Dice {
    /// The stream of one thing, told apart by numbers.
    pub fn of(parts: &[u64]) -> Self {
        let mut dice = Self(0);
        for part in parts {
            dice.0 ^= *part;
            dice.0 = dice.next();
        }
        dice
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// From 0 up to, and without, 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn chance(&mut self, percent: f64) -> bool {
        self.unit() * 100.0 < percent
    }

    pub fn pick<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    /// A time of waiting with this mean: many short ones, a few long ones.
    pub fn wait(&mut self, mean: f64) -> f64 {
        -(1.0 - self.unit()).ln() * mean
    }

    pub fn between(&mut self, from: Moment, to: Moment) -> Moment {
        from + (self.unit() * (to - from).max(0) as f64) as Moment
    }
}

/// Ranks of a crowd in which a few have most: the weight of the n-th falls with `n` to the power of `steep`.
pub struct Zipf {
    pub steep: f64,
}

impl Zipf {
    /// A rank below `end`, by the inverse of the continuous distribution.
    pub fn rank(&self, end: usize, dice: &mut Dice) -> usize {
        let power = 1.0 - self.steep;
        let all = (end as f64 + 1.0).powf(power) - 1.0;
        let rank = (all * dice.unit() + 1.0).powf(1.0 / power) - 1.0;
        (rank as usize).min(end.saturating_sub(1))
    }
}

/// The same day in office hours; of a weekend, the Friday before. Never after `latest`.
pub fn office(at: Moment, latest: Moment, dice: &mut Dice) -> Moment {
    let day = at.div_euclid(DAY);
    // The first of January 1970 was a Thursday.
    let day = day
        - match (day + 4).rem_euclid(7) {
            6 => 1,
            0 => 2,
            _ => 0,
        };
    let at = day * DAY + 7 * HOUR + (dice.unit() * 10.0 * HOUR as f64) as Moment;
    if at < latest { at } else { latest - (dice.unit() * 40.0 * MINUTE as f64) as Moment }
}
