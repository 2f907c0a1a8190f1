//! How this browser shows Rapport: light or dark, roomy or dense. A cookie keeps it, so that the server's first paint is
//! right already; it is this device's and nobody else's.

use crate::{
    cookies::{all_cookies, keep_cookie},
    i18n::{self, t},
};
use domain::Language;
use leptos::prelude::*;

const COOKIE: &str = "rapport-look";
const THEMES: [(&str, &str); 3] = [("auto", "As the device"), ("light", "Light"), ("dark", "Dark")];
const DENSITIES: [(&str, &str); 2] = [("cosy", "Roomy"), ("compact", "Dense")];

/// What the cookie says; anything unknown is as if nothing was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Appearance {
    pub theme: &'static str,
    pub density: &'static str,
}

impl Appearance {
    /// Out of the cookies of a request, or of `document.cookie`.
    pub fn of_cookies(cookies: &str) -> Self {
        let mine = cookies.split(';').find_map(|c| c.trim().strip_prefix(COOKIE)?.strip_prefix('=')).unwrap_or_default();
        let (theme, density) = mine.split_once('.').unwrap_or_default();
        let known = |all: &[(&'static str, &str)], code: &str| all.iter().find(|c| c.0 == code).or(all.first()).map_or("", |c| c.0);
        Self { theme: known(&THEMES, theme), density: known(&DENSITIES, density) }
    }

    /// The attribute of the document; none: what the style sheet does by itself.
    pub fn theme_attribute(self) -> Option<&'static str> {
        Some(self.theme).filter(|x| *x != "auto")
    }

    pub fn density_attribute(self) -> Option<&'static str> {
        Some(self.density).filter(|x| *x != "cosy")
    }

    /// The look of the page that is being made, or that is here.
    pub fn now() -> Self {
        Self::of_cookies(&all_cookies())
    }

    /// Paints the page that is here so.
    pub fn paint(self) {
        let Some(root) = document().document_element() else { return };
        for (name, value) in [("data-theme", self.theme_attribute()), ("data-density", self.density_attribute())] {
            let _ = match value {
                Some(value) => root.set_attribute(name, value),
                None => root.remove_attribute(name),
            };
        }
    }

    fn keep(self) {
        keep_cookie(COOKIE, &format!("{}.{}", self.theme, self.density));
    }
}

/// The words of a page are settled when it is made, so another language means another page.
fn pick(language: Option<Language>) {
    keep_cookie(i18n::COOKIE, language.map_or("", Language::code));
    let _ = window().location().reload();
}

#[component]
pub fn AppearanceCard() -> impl IntoView {
    let look = StoredValue::new(Appearance::now());
    let set = move |change: &dyn Fn(&mut Appearance)| {
        look.update_value(|l| change(l));
        let now = look.get_value();
        now.keep();
        now.paint();
    };
    let now = look.get_value();
    let picked = i18n::picked(&all_cookies());
    view! {
        <section class="card" aria-label=t("Appearance")>
            <h2>{t("Appearance")}</h2>
            <p class="muted">{t("For this browser.")}</p>
            // Buttons and no radio: another language is another page, and arrow keys would go through all of them.
            <div class="look" role="group" aria-label=t("Language")>
                <span>{t("Language")}</span>
                <button type="button" class="chip chip--toggle" aria-pressed=picked.is_none().to_string() on:click=move |_| pick(None)>{t("As the browser")}</button>
                {Language::ALL.into_iter().map(|l| view! {
                    <button type="button" class="chip chip--toggle" aria-pressed=(picked == Some(l)).to_string() on:click=move |_| pick(Some(l))><span lang=l.code()>{l.name()}</span></button>
                }).collect_view()}
            </div>
            <fieldset class="look">
                <legend>{t("Colours")}</legend>
                {THEMES.into_iter().map(|(code, words)| view! {
                    <label class="row row--tight"><input type="radio" name="theme" value=code checked=now.theme == code on:change=move |_| set(&|l| l.theme = code)/>{t(words)}</label>
                }).collect_view()}
            </fieldset>
            <fieldset class="look">
                <legend>{t("Rows")}</legend>
                {DENSITIES.into_iter().map(|(code, words)| view! {
                    <label class="row row--tight"><input type="radio" name="density" value=code checked=now.density == code on:change=move |_| set(&|l| l.density = code)/>{t(words)}</label>
                }).collect_view()}
            </fieldset>
            <crate::tabs::TabsPicker/>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_says_what_it_may_and_nothing_else() {
        let of = |c: &str| Appearance::of_cookies(c);
        assert_eq!(of("a=b; rapport-look=dark.compact; c=d"), Appearance { theme: "dark", density: "compact" });
        assert_eq!(of("rapport-look=light.cosy").theme_attribute(), Some("light"));
        for odd in ["", "rapport-look=", "rapport-look=x.y", "rapport-look=\"><script>.", "rapport-lookalike=dark.compact"] {
            assert_eq!((of(odd).theme_attribute(), of(odd).density_attribute()), (None, None), "{odd}");
        }
    }
}
