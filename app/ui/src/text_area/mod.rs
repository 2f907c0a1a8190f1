//! A field of several lines.

use leptos::prelude::*;

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
    // … in a document, but not where the element is made by a script: there it would stand in the text.
    let node = NodeRef::<leptos::html::Textarea>::new();
    let before = StoredValue::new(value);
    Effect::new(move |_| {
        let Some(area) = node.get() else { return };
        before.with_value(|text| {
            if area.value().strip_prefix('\n') == Some(&text.replace("\r\n", "\n")) {
                // As its default too, for a form that is reset.
                let _ = area.set_default_value(text);
                area.set_value(text);
            }
        });
    });
    view! {
        <textarea
            class="input input--area"
            id=id
            name=name
            node_ref=node
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
        let html = Owner::new_root(None).with(|| view! { <TextArea id="n" name="n" value="</textarea><script>alert(1)</script>"/> }.to_html());
        assert!(!html.contains("<script>"), "{html}");
        assert!(html.contains("&lt;/textarea&gt;&lt;script&gt;"), "{html}");
    }
}
