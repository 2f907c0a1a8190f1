//! A page as a browser understands it: parsed by the algorithm of the standard, down to elements, attributes and texts.

use html5ever::{
    Attribute, ExpandedName, ParseOpts, QualName, parse_document,
    tendril::{StrTendril, TendrilSink},
    tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeBuilderOpts, TreeSink},
};
use std::{
    borrow::Cow,
    cell::{OnceCell, RefCell},
    rc::Rc,
};

/// An element. What is no element (document, comment) has no name.
#[derive(Debug, Default)]
pub struct Element {
    name: OnceCell<QualName>,
    attributes: RefCell<Vec<(String, String)>>,
    /// Of its own, without that of its children.
    text: RefCell<String>,
}

impl Element {
    pub fn tag(&self) -> &str {
        self.name.get().map_or("", |n| &n.local)
    }

    pub fn is_html(&self) -> bool {
        self.name.get().is_some_and(|n| &*n.ns == "http://www.w3.org/1999/xhtml")
    }

    pub fn text(&self) -> String {
        self.text.borrow().clone()
    }

    pub fn attribute(&self, key: &str) -> Option<String> {
        self.attributes.borrow().iter().find(|a| a.0 == key).map(|a| a.1.clone())
    }

    pub fn attributes(&self) -> Vec<(String, String)> {
        self.attributes.borrow().clone()
    }
}

/// Every element that the parser made, in the order of the document.
#[derive(Default)]
pub struct Page {
    document: Rc<Element>,
    all: RefCell<Vec<Rc<Element>>>,
}

impl Page {
    pub fn parse(html: &str) -> Self {
        parse_document(Self::default(), ParseOpts { tree_builder: TreeBuilderOpts::default(), ..Default::default() }).one(html)
    }

    pub fn elements(&self) -> Vec<Rc<Element>> {
        self.all.borrow().clone()
    }

    /// The texts of all elements of a name.
    pub fn texts(&self, tag: &str) -> Vec<String> {
        self.all.borrow().iter().filter(|e| e.is_html() && e.tag() == tag).map(|e| e.text()).collect()
    }
}

impl TreeSink for Page {
    type Handle = Rc<Element>;
    type Output = Self;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Self {
        self
    }

    fn get_document(&self) -> Rc<Element> {
        self.document.clone()
    }

    fn elem_name<'a>(&'a self, target: &'a Rc<Element>) -> ExpandedName<'a> {
        target.name.get().expect("the parser asks for names of elements alone").expanded()
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _: ElementFlags) -> Rc<Element> {
        let attributes = RefCell::new(attributes.into_iter().map(|a| (a.name.local.to_string(), a.value.to_string())).collect());
        let element = Rc::new(Element { name: OnceCell::from(name), attributes, text: RefCell::default() });
        self.all.borrow_mut().push(element.clone());
        element
    }

    fn create_comment(&self, _: StrTendril) -> Rc<Element> {
        Rc::default()
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Rc<Element> {
        Rc::default()
    }

    fn append(&self, parent: &Rc<Element>, child: NodeOrText<Rc<Element>>) {
        if let NodeOrText::AppendText(text) = child {
            parent.text.borrow_mut().push_str(&text);
        }
    }

    fn append_based_on_parent_node(&self, _: &Rc<Element>, before: &Rc<Element>, child: NodeOrText<Rc<Element>>) {
        self.append(before, child);
    }

    fn append_before_sibling(&self, _: &Rc<Element>, _: NodeOrText<Rc<Element>>) {}

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &Rc<Element>) -> Rc<Element> {
        target.clone()
    }

    fn same_node(&self, x: &Rc<Element>, y: &Rc<Element>) -> bool {
        Rc::ptr_eq(x, y)
    }

    fn add_attrs_if_missing(&self, target: &Rc<Element>, attributes: Vec<Attribute>) {
        let mut have = target.attributes.borrow_mut();
        for a in attributes {
            if !have.iter().any(|h| h.0 == *a.name.local) {
                have.push((a.name.local.to_string(), a.value.to_string()));
            }
        }
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}
    fn parse_error(&self, _: Cow<'static, str>) {}
    fn remove_from_parent(&self, _: &Rc<Element>) {}
    fn reparent_children(&self, _: &Rc<Element>, _: &Rc<Element>) {}
}
