//! Form fields: label, hint and error belong to the control. Inputs are uncontrolled: typing before hydration survives.

use crate::words::translated;
use leptos::prelude::*;

/// Label, control and error in one.
#[component]
pub fn FieldShell(
    #[prop(into)] id: String,
    #[prop(into)] label: String,
    #[prop(default = false)] required: bool,
    /// What is wrong with it; empty when nothing is.
    #[prop(into)]
    error: Signal<String>,
    children: Children,
) -> impl IntoView {
    let error_id = format!("{id}-error");
    view! {
        <div class="field" class:field--wrong=move || !error.get().is_empty()>
            <label class="field__label" for=id>
                {label}
                {required.then(|| view! { <span class="field__required" aria-hidden="true">" *"</span> })}
            </label>
            {children()}
            <p class="field__error" id=error_id aria-live="polite">{move || translated(error.get())}</p>
        </div>
    }
}

/// One line of text.
#[component]
pub fn TextField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(into, default = String::new())] value: String,
    /// `text`, `email`, `tel`, `url`, `date`, `number`, `password`, `search`.
    #[prop(default = "text")]
    kind: &'static str,
    #[prop(default = false)] required: bool,
    #[prop(default = "off")] autocomplete: &'static str,
    /// Id of a datalist with suggestions.
    #[prop(into, default = String::new())]
    list: String,
    /// What to know before filling it in.
    #[prop(into, default = String::new())]
    hint: String,
    #[prop(into, default = Signal::stored(String::new()))] error: Signal<String>,
) -> impl IntoView {
    let id = format!("field-{name}");
    let described = format!("{id}-error");
    let mode = match kind {
        "number" => "decimal",
        "email" => "email",
        "tel" => "tel",
        "url" => "url",
        _ => "text",
    };
    let native = if kind == "number" { "text" } else { kind };
    view! {
        <FieldShell id=id.clone() label=label required=required error=error>
            <input
                class="input"
                id=id
                name=name
                type=native
                inputmode=mode
                value=value
                required=required
                autocomplete=autocomplete
                list=(!list.is_empty()).then_some(list)
                aria-describedby=described
                aria-invalid=move || (!error.get().is_empty()).then_some("true")
            />
            {(!hint.is_empty()).then(|| view! { <p class="field__hint">{hint}</p> })}
        </FieldShell>
    }
}

/// One of a few.
#[component]
pub fn SelectField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    /// Value and words of each choice.
    options: Vec<(String, String)>,
    #[prop(into, default = String::new())] value: String,
    #[prop(default = false)] required: bool,
    #[prop(into, default = Signal::stored(String::new()))] error: Signal<String>,
) -> impl IntoView {
    let id = format!("field-{name}");
    let described = format!("{id}-error");
    view! {
        <FieldShell id=id.clone() label=label required=required error=error>
            <select class="input" id=id name=name aria-describedby=described>
                {(!required).then(|| view! { <option value="">"–"</option> })}
                {options
                    .into_iter()
                    .map(|(code, words)| {
                        let chosen = code == value;
                        view! { <option value=code selected=chosen>{words}</option> }
                    })
                    .collect_view()}
            </select>
        </FieldShell>
    }
}

/// Text that is safe as the content of a `<textarea>`, which Leptos 0.8 does not escape when rendering on the server.
pub fn escape_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Several lines of text: the only `<textarea>` of the product.
#[component]
pub fn TextArea(
    #[prop(into)] id: String,
    #[prop(into)] name: String,
    #[prop(into, default = String::new())] value: String,
    #[prop(default = 4)] rows: u32,
    /// Called with the text whenever it changes.
    #[prop(optional, into)]
    on_input: Option<Callback<String>>,
    #[prop(into, default = String::new())] label: String,
) -> impl IntoView {
    // The newline keeps a leading newline of the text: HTML drops the first one.
    let html = format!("\n{}", escape_text(&value));
    view! {
        <textarea
            class="input input--area"
            id=id
            name=name
            rows=rows
            aria-label=(!label.is_empty()).then_some(label)
            inner_html=html
            on:input=move |ev| {
                if let Some(f) = on_input {
                    f.run(event_target_value(&ev));
                }
            }
        ></textarea>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn a_textarea_cannot_be_broken_out_of() {
        let html = Owner::new().with(|| view! { <TextArea id="n" name="n" value="</textarea><script>alert(1)</script>"/> }.to_html());
        assert!(!html.contains("<script>"), "{html}");
        assert!(html.contains("&lt;/textarea&gt;&lt;script&gt;"), "{html}");
    }
}
