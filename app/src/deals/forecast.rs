//! The forecast: deals by the month they are expected in, dragged to another one, with what was won beside it.

use crate::{
    AppError, format,
    i18n::{language, t, tf},
    session::may,
    sync::Queue,
};
use chrono::NaiveDate;
use domain::{
    Command, Currency, DealId, EntityKind, FieldMap, Permission,
    deals::{DealCard, DealFilter},
    forecast::{Forecast, LATER, PAST, Period, UNDATED},
    paths,
};
use leptos::{prelude::*, server_fn::codec::Json};
use leptos_router::components::A;
use ui::{
    Avatar, Menu, MenuItem,
    drag::{Drop, use_drag_sensor},
};

#[server(prefix = "/fn", endpoint = "deals/forecast", client = crate::sync::Kept, input = Json)]
pub async fn read_forecast(filter: DealFilter) -> Result<Forecast, AppError> {
    use crate::{Answer, context};
    async {
        let mut tx = context::tenant(Permission::ViewRecords).await?;
        Ok::<_, AppError>(store::forecast(&mut tx, &filter, chrono::Utc::now()).await?)
    }
    .await
    .answer()
}

/// The heading of a period.
fn words_of(period: &str) -> String {
    match period {
        PAST => t("Day has passed").into(),
        LATER => t("Later").into(),
        UNDATED => t("No day yet").into(),
        month => NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").map_or_else(|_| month.to_owned(), format::month),
    }
}

#[component]
pub fn ForecastView(forecast: Forecast, reload: Callback<()>) -> impl IntoView {
    let queue = expect_context::<Queue>();
    let editable = may(Permission::EditRecords);
    let currency = forecast.currency;
    let periods: Vec<String> = forecast.periods.iter().map(|p| p.period.clone()).collect();
    let shown = RwSignal::new(forecast);
    let said = RwSignal::new(String::new());
    let node = NodeRef::<leptos::html::Div>::new();
    let put = Callback::new(move |(id, period): (DealId, String)| {
        if period == PAST {
            return queue.toast(t("Nothing can be expected on a day that has passed."), None);
        }
        let before = shown.get_untracked();
        let Some(card) = before.periods.iter().flat_map(|p| &p.cards).find(|c| c.id == id) else { return };
        let (version, title) = (card.version, card.title.clone());
        let mut after = before.clone();
        let Some(day) = after.put(id, &period) else { return };
        // Painted at once; the server's word follows.
        shown.set(after);
        super::board::focus_card(id, false);
        let mut set = FieldMap::new();
        set.insert("expectedCloseDate".into(), day.map_or(serde_json::Value::Null, |d| d.to_string().into()));
        let words = match day {
            Some(day) => tf("{title} is expected on {day} now.", &[("title", &title), ("day", &format::day(day))]),
            None => tf("{title} is expected on no day now.", &[("title", &title)]),
        };
        queue.send(Command::Edit { kind: EntityKind::Deal, id: id.0, set }, Some(version), move |result| match result {
            Ok(outcome) => {
                shown.try_update(|f| {
                    if let Some(card) = f.periods.iter_mut().flat_map(|p| &mut p.cards).find(|c| c.id == id) {
                        card.version = outcome.version;
                    }
                });
                queue.toast(words, outcome.event);
            }
            Err(e) => {
                shown.try_set(before);
                queue.fail(&e);
                reload.try_run(());
            }
        });
    });
    if editable {
        let on_drop = Callback::new(move |drop: Drop| {
            if let Ok(id) = drop.card.parse() {
                put.run((id, drop.column));
            }
        });
        use_drag_sensor(node, on_drop, Callback::new(move |text| said.set(text)));
    }
    let targets = StoredValue::new(periods.clone());
    // The longest bar is the best month there is.
    let longest = Memo::new(move |_| shown.with(|f| f.periods.iter().map(|p| p.best_minor).max().unwrap_or_default()).max(1));
    let total = move || {
        let (won, weighted, best) =
            shown.with(|f| f.periods.iter().fold((0, 0, 0), |sum, p| (sum.0 + p.won_minor, sum.1 + p.weighted_minor, sum.2 + p.best_minor)));
        let money = |n| format::money(n, currency);
        tf("Won {won} · expected {weighted} · at best {best}", &[("won", &money(won)), ("weighted", &money(weighted)), ("best", &money(best))])
    };
    let columns = periods
        .into_iter()
        .map(|period| {
            let code = StoredValue::new(period.clone());
            let here = Memo::new(move |_| code.with_value(|c| shown.with(|f| f.periods.iter().find(|p| p.period == *c).cloned()).unwrap_or_default()));
            let (words, heading) = (words_of(&period), format!("forecast-{period}"));
            let (title, labelled) = (words.clone(), heading.clone());
            // An empty column beside the months says nothing.
            let beside = matches!(period.as_str(), PAST | LATER | UNDATED);
            view! {
                <section class="column forecast__period" class:is-empty=move || beside && here.with(|p| p.open == 0) data-column=period data-title=title aria-labelledby=labelled>
                    <header class="column__head">
                        <h2 id=heading>{words}" "<span class="column__count">{move || format::count(here.with(|p| p.open))}</span></h2>
                        {move || view! { <Sums period=here.get() currency=currency longest=longest.get()/> }}
                    </header>
                    <ol class="column__cards" data-cards="" tabindex="-1">
                        <For each=move || here.get().cards key=shown_of let:card>
                            <ForecastCard card=card editable=editable targets=targets put=put/>
                        </For>
                        {move || here.with(|p| (p.open > p.cards.len() as i64).then(|| {
                            let n = format::count(p.open - p.cards.len() as i64);
                            view! { <li class="muted column__more">{tf("and {n} more, in the list", &[("n", &n)])}</li> }
                        }))}
                    </ol>
                </section>
            }
        })
        .collect_view();
    view! {
        {editable.then(|| view! { <p class="visually-hidden" id="board-help">{t("Press Space to lift the card, arrow keys to move it, Space to drop it, Escape to cancel.")}</p> })}
        <p class="forecast__total">{total}</p>
        <div class="board board--forecast" node_ref=node data-ready="">{columns}</div>
        <div class="visually-hidden" role="status" aria-live="polite">{move || said.get()}</div>
    }
}

/// Won, expected and at best, as words and as one bar.
#[component]
fn Sums(period: Period, currency: Currency, longest: i64) -> impl IntoView {
    let money = |n: i64| format::money_compact(n, currency);
    let share = |n: i64| format!("{:.1}", (n.max(0) as f64 * 100.0 / longest as f64).min(100.0));
    let Period { won, won_minor, weighted_minor, best_minor, without_value, other_currencies, .. } = period;
    view! {
        <p class="column__sums">
            {(won > 0).then(|| view! { <span>{tf("won {sum}", &[("sum", &money(won_minor))])}</span> })}
            <span>{tf("expected {sum}", &[("sum", &money(weighted_minor))])}</span>
            <span class="muted">{tf("at best {sum}", &[("sum", &money(best_minor))])}</span>
            {(without_value > 0).then(|| view! { <span class="muted">{tf("{n} without value", &[("n", &format::count(without_value))])}</span> })}
            {(other_currencies > 0).then(|| view! { <span class="muted">{tf("+ {n} in other currencies", &[("n", &format::count(other_currencies))])}</span> })}
        </p>
        <svg class="forecast__bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
            <rect class="forecast__best" width=share(best_minor) height="4"></rect>
            <rect class="forecast__expected" width=share(weighted_minor) height="4"></rect>
            <rect class="forecast__won" width=share(won_minor) height="4"></rect>
        </svg>
    }
}

/// What a card shows. Another version that shows the same stays the same card, with the focus on it.
fn shown_of(c: &DealCard) -> (DealId, String, Option<i64>, i32, Option<NaiveDate>, Option<String>, Option<String>) {
    (c.id, c.title.clone(), c.value_minor, c.probability, c.expected_close_date, c.company.clone(), c.owner.clone())
}

#[component]
fn ForecastCard(card: DealCard, editable: bool, targets: StoredValue<Vec<String>>, put: Callback<(DealId, String)>) -> impl IntoView {
    let (id, title) = (card.id, card.title.clone());
    let (name, link) = (title.clone(), title.clone());
    let who = [card.company.clone(), card.contact.clone()].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let value = card.value().map_or_else(|| t("no value").to_owned(), |m| m.display(language()));
    view! {
        <li class="deal-card" data-card=id.to_string() data-title=name aria-roledescription=editable.then(|| t("movable card"))>
            <div class="deal-card__head">
                <A href=paths::record(EntityKind::Deal, id.0) attr:class="deal-card__link" attr:draggable="false" attr:aria-describedby=editable.then_some("board-help")>{link}</A>
                {editable.then(|| view! {
                    <Menu id=format!("forecast-menu-{id}") label=tf("Move {title} to…", &[("title", &title)])>
                        {targets.get_value().into_iter().filter(|p| p != PAST).map(|p| {
                            let words = words_of(&p);
                            view! { <MenuItem on_choose=move |()| put.run((id, p.clone()))>{words}</MenuItem> }
                        }).collect_view()}
                    </Menu>
                })}
            </div>
            <p class="deal-card__who">{who}</p>
            <p class="deal-card__figures">
                <span class="deal-card__value" class:deal-card__value--none=card.value_minor.is_none()>{value}</span>
                <span class="chip" title=t("probability")>{format!("{} %", card.probability)}</span>
            </p>
            <div class="deal-card__foot">
                {card.expected_close_date.map(|d| view! { <span class="muted">{format::day(d)}</span> })}
                {card.owner.map(|name| view! { <Avatar name=name/> })}
            </div>
        </li>
    }
}
