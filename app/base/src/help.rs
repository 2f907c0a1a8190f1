//! Articles of the help: Markdown files in `docs/help`. Areas declare their own.

use crate::i18n::language;
use domain::Language;

pub struct Article {
    /// Name of the file, and of the page.
    pub slug: &'static str,
    /// In the order of `Language::ALL`.
    pub texts: [&'static str; Language::ALL.len()],
}

/// Articles by their slugs, after the path from the crate's folder to that of the help: `articles!("/../../docs/help/": "leads")`.
#[macro_export]
macro_rules! articles {
    ($folder:literal: $($slug:literal),* $(,)?) => {
        &[$($crate::help::Article {
            slug: $slug,
            texts: [
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), $folder, $slug, ".md")),
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), $folder, "de/", $slug, ".md")),
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), $folder, "es/", $slug, ".md")),
            ],
        }),*]
    };
}

impl Article {
    /// The article in the language of the page; pseudo-languages read the English one.
    pub fn text(&self) -> &'static str {
        let at = Language::ALL.iter().position(|l| *l == language()).unwrap_or(0);
        self.texts[at]
    }

    pub fn title(&self) -> &'static str {
        self.text().lines().next().unwrap_or_default().trim_start_matches("# ")
    }

    pub fn keywords(&self) -> &'static str {
        self.text().lines().find_map(|l| l.strip_prefix("Keywords: ")).unwrap_or_default()
    }

    pub fn body(&self) -> &'static str {
        let after = self.text().find("Keywords: ").and_then(|at| self.text()[at..].find('\n').map(|n| at + n));
        self.text().get(after.unwrap_or(0)..).unwrap_or_default().trim()
    }

    /// How well it fits all of `words`; none if one of them is nowhere. A title counts most, a keyword more than the text.
    pub fn fits(&self, words: &[String]) -> Option<u32> {
        let (title, keys, body) = (self.title().to_lowercase(), self.keywords().to_lowercase(), self.body().to_lowercase());
        words.iter().try_fold(0, |sum, w| {
            let points = [(&title, 9), (&keys, 3), (&body, 1)].into_iter().filter(|(text, _)| text.contains(w.as_str())).map(|p| p.1).sum::<u32>();
            (points > 0).then_some(sum + points)
        })
    }
}
