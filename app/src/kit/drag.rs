//! The drag sensor with two columns of nothing in particular.

use crate::i18n::t;
use leptos::prelude::*;
use ui::drag::{Drop, use_drag_sensor};

#[component]
pub fn Movable() -> impl IntoView {
    let cards = RwSignal::new(vec![("1", "a"), ("2", "a"), ("3", "b")]);
    let said = RwSignal::new(String::new());
    let node = NodeRef::<leptos::html::Div>::new();
    let on_drop = Callback::new(move |drop: Drop| {
        cards.update(|all| {
            let Some(at) = all.iter().position(|c| c.0 == drop.card) else { return };
            let (card, _) = all.remove(at);
            let place = drop.before.and_then(|b| all.iter().position(|c| c.0 == b)).unwrap_or(all.len());
            all.insert(place, (card, if drop.column == "a" { "a" } else { "b" }));
        });
    });
    use_drag_sensor(node, on_drop, Callback::new(move |text| said.set(text)));
    let column = move |code: &'static str, title: &'static str| {
        let here = move || cards.get().into_iter().filter(|c| c.1 == code).collect::<Vec<_>>();
        view! {
            <section class="column" data-column=code data-title=title aria-label=title>
                <header class="column__head"><h3>{title}</h3></header>
                <ol class="column__cards" data-cards="" tabindex="-1">
                    <For each=here key=|c| *c let:card>
                        <li class="deal-card" data-card=card.0 data-title=card.0 tabindex="0" aria-roledescription=t("movable card")>{t("Card")}" "{card.0}</li>
                    </For>
                </ol>
            </section>
        }
    };
    view! {
        <section class="card stack" aria-label=t("Board")>
            <h2>{t("Board")}</h2>
            <div class="board" node_ref=node data-ready="">{column("a", t("First"))}{column("b", t("Done"))}</div>
            <div class="visually-hidden" role="status" aria-live="polite">{move || said.get()}</div>
        </section>
    }
}
