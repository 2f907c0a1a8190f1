//! Contrast is a property of the tokens, not of taste: every pair that text or a control makes, at every brand hue, in light
//! and dark (UX §5 and §12.11; WCAG 2.2 SC 1.4.3 and 1.4.11).
#![allow(clippy::unwrap_used, clippy::panic)]

use palette::{FromColor, LinSrgb, Oklch, color_difference::Wcag21RelativeContrast};
use std::collections::BTreeMap;

const TOKENS: &str = include_str!("../../../style/tokens.css");

/// What stands on what, and the least contrast it needs.
const PAIRS: &[(&[&str], &[&str], f32)] = &[
    (&["text", "text-2", "text-3"], &["bg", "s1", "s2", "s3"], 4.5),
    (&["text", "text-2"], &["accent-soft", "danger-soft", "warn-soft", "ok-soft"], 4.5),
    (&["on-accent"], &["accent"], 4.5),
    (&["accent-text"], &["bg", "s1", "s2", "accent-soft"], 4.5),
    (&["danger-text", "warn-text", "ok-text"], &["bg", "s1", "s2"], 4.5),
    (&["danger-text"], &["danger-soft"], 4.5),
    (&["warn-text"], &["warn-soft"], 4.5),
    (&["ok-text"], &["ok-soft"], 4.5),
    (&["control", "focus", "accent", "danger-dot", "warn-dot", "ok-dot"], &["bg", "s1", "s2"], 3.0),
    (&["control", "focus"], &["s3"], 3.0),
    (&["chart-1"], &["s1"], 3.0),
];

/// The value of a token in one scheme: `light-dark(a, b)` with its variables filled in.
fn values(dark: bool, hue: f32) -> BTreeMap<String, Oklch> {
    let line = |l: &str| -> Option<(String, String)> {
        let (name, value) = l.trim().strip_prefix("--")?.split_once(':')?;
        Some((name.to_owned(), value.trim().trim_end_matches(';').to_owned()))
    };
    let all: BTreeMap<String, String> = TOKENS.lines().filter_map(line).collect();
    let chroma = all["brand-c"].clone();
    let colour = |text: &str| -> Option<Oklch> {
        let inside = text.trim().strip_prefix("light-dark(")?.strip_suffix(')')?;
        let (light, night) = inside.split_once("),")?;
        let one = if dark { night.trim().trim_end_matches(')') } else { light }.trim().strip_prefix("oklch(")?.trim_end_matches(')').to_owned();
        let one = one.replace("var(--brand-c)", &chroma).replace("var(--brand-h)", &hue.to_string());
        let part: Vec<f32> = one.trim_end_matches(')').split_whitespace().filter_map(|p| p.trim_end_matches(')').parse().ok()).collect();
        Some(Oklch::new(*part.first()?, *part.get(1)?, part.get(2).copied().unwrap_or(0.0)))
    };
    all.iter().filter_map(|(name, value)| Some((name.clone(), colour(value)?))).collect()
}

/// As a browser paints it: channels that are out of gamut are clipped, then rounded to 8 bits.
fn painted(colour: Oklch) -> LinSrgb {
    let linear = LinSrgb::from_color(colour);
    let clipped = LinSrgb::new(linear.red.clamp(0.0, 1.0), linear.green.clamp(0.0, 1.0), linear.blue.clamp(0.0, 1.0));
    let bytes = palette::Srgb::<u8>::from_linear(clipped);
    bytes.into_linear()
}

#[test]
fn every_pair_holds_at_every_brand_hue() {
    let (mut tried, mut broken) = (0, Vec::new());
    for dark in [false, true] {
        for hue in 0..360u16 {
            let values = values(dark, f32::from(hue));
            let value = |name: &str| painted(*values.get(name).unwrap_or_else(|| panic!("--{name} is no colour in tokens.css")));
            for (over, under, least) in PAIRS {
                for a in *over {
                    for b in *under {
                        let contrast = value(a).relative_contrast(value(b));
                        tried += 1;
                        if contrast < *least {
                            broken.push(format!("{a} on {b}, hue {hue}, {}: {contrast:.2} < {least}", if dark { "dark" } else { "light" }));
                        }
                    }
                }
            }
        }
    }
    assert!(broken.is_empty(), "{} pairs are too weak:\n{}", broken.len(), broken.iter().take(20).cloned().collect::<Vec<_>>().join("\n"));
    assert!(tried > 30_000, "{tried}");
}
