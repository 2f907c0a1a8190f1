//! Functions and lines that are too long to read at once.

use super::{Find, Source};
use anyhow::Result;
use syn::{spanned::Spanned, visit::Visit};

const FUNCTION: usize = 100;
/// rustfmt leaves view macros and long texts alone, so that lines of theirs may grow without end.
const LINE: usize = 180;

struct Functions<'a> {
    source: &'a Source,
    found: Vec<Find>,
}

impl Functions<'_> {
    fn look(&mut self, sig: &syn::Signature, block: &syn::Block) {
        let (from, to) = (sig.span().start().line, block.span().end().line);
        if to + 1 - from > FUNCTION {
            self.found.push(Find { path: self.source.path.clone(), line: from, what: format!("{}: {} lines", sig.ident, to + 1 - from) });
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, f: &'ast syn::ItemFn) {
        self.look(&f.sig, &f.block);
        syn::visit::visit_item_fn(self, f);
    }

    fn visit_impl_item_fn(&mut self, f: &'ast syn::ImplItemFn) {
        self.look(&f.sig, &f.block);
        syn::visit::visit_impl_item_fn(self, f);
    }
}

pub fn functions(sources: &[Source]) -> Result<Vec<Find>> {
    let mut found = Vec::new();
    for source in sources {
        let file = syn::parse2(source.tokens.clone()).map_err(|e| anyhow::anyhow!("{}: {e}", source.path.display()))?;
        let mut functions = Functions { source, found: Vec::new() };
        functions.visit_file(&file);
        found.append(&mut functions.found);
    }
    Ok(found)
}

pub fn lines(sources: &[Source]) -> Vec<Find> {
    sources
        .iter()
        .flat_map(|source| {
            let long = source.text.lines().enumerate().filter(|(_, line)| line.chars().count() > LINE);
            long.map(|(at, line)| Find { path: source.path.clone(), line: at + 1, what: format!("{} characters", line.chars().count()) })
        })
        .collect()
}
