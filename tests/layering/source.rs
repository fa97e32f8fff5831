//! A source file as the rules see it: which module it is, what it names, what it declares.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// One file under `src/`.
pub struct Source {
    /// Relative to `src/`, with `/`.
    pub path: String,
    /// `exchange/json.rs` is `[exchange, json]`; `lib.rs` and `main.rs` are the root, `[]`.
    pub module: Vec<String>,
    /// Modules that it declares.
    pub children: BTreeSet<String>,
    /// Names that it passes on with `use`, and the absolute path that each stands for.
    pub aliases: BTreeMap<String, Vec<String>>,
    /// Every path of the same crate that it names.
    pub mentions: Vec<Mention>,
    /// Items that are neither `mod` nor `use`: line and kind.
    pub logic: Vec<(usize, &'static str)>,
    /// Lines inside a function that a feature switches.
    pub gated_lines: Vec<usize>,
}

/// A path that a file names.
pub struct Mention {
    pub line: usize,
    /// As written, for the message.
    pub text: String,
    /// From the crate's root.
    pub path: Vec<String>,
    /// Ends in `*`.
    pub glob: bool,
    /// Inside `#[cfg(test)]`.
    pub in_tests: bool,
}

impl Source {
    /// Reads a file that parses as Rust; the compiler has said so before.
    pub fn parse(path: &str, text: &str) -> Self {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let module = module_of(path);
        let children = file.items.iter().filter_map(declared_module).collect();
        let mut reader = Reader {
            module: module.clone(),
            source: Self {
                path: path.to_owned(),
                module,
                children,
                aliases: BTreeMap::new(),
                mentions: Vec::new(),
                logic: file.items.iter().filter_map(logic).collect(),
                gated_lines: Vec::new(),
            },
            in_tests: false,
            blocks: 0,
        };
        reader.visit_file(&file);
        reader.source
    }

    /// A file that only shows the way: `mod` and `use` lines.
    pub fn is_map(&self) -> bool {
        self.path == "lib.rs" || self.path.ends_with("mod.rs")
    }
}

fn module_of(path: &str) -> Vec<String> {
    let stem = path.strip_suffix(".rs").unwrap_or(path);
    let mut module: Vec<String> = stem.split('/').map(str::to_owned).collect();
    if matches!(
        module.last().map(String::as_str),
        Some("mod" | "lib" | "main")
    ) {
        module.pop();
    }
    module
}

fn declared_module(item: &syn::Item) -> Option<String> {
    match item {
        syn::Item::Mod(module) if module.content.is_none() => Some(module.ident.to_string()),
        _ => None,
    }
}

fn logic(item: &syn::Item) -> Option<(usize, &'static str)> {
    let (span, kind) = match item {
        syn::Item::Use(_) | syn::Item::ExternCrate(_) => return None,
        syn::Item::Mod(module) => match &module.content {
            Some((_, items)) if !items.is_empty() => (module.ident.span(), "inline `mod`"),
            _ => return None,
        },
        syn::Item::Const(item) => (item.ident.span(), "`const`"),
        syn::Item::Enum(item) => (item.ident.span(), "`enum`"),
        syn::Item::Fn(item) => (item.sig.ident.span(), "`fn`"),
        syn::Item::Impl(item) => (item.impl_token.span, "`impl`"),
        syn::Item::Macro(item) => (first_span(&item.mac.path), "macro"),
        syn::Item::Static(item) => (item.ident.span(), "`static`"),
        syn::Item::Struct(item) => (item.ident.span(), "`struct`"),
        syn::Item::Trait(item) => (item.ident.span(), "`trait`"),
        syn::Item::Type(item) => (item.ident.span(), "`type`"),
        _ => (Span::call_site(), "item"),
    };
    Some((line(span), kind))
}

fn line(span: Span) -> usize {
    span.start().line
}

fn first_span(path: &syn::Path) -> Span {
    path.segments
        .first()
        .map_or_else(Span::call_site, |segment| segment.ident.span())
}

/// Walks one file.
struct Reader {
    source: Source,
    /// The file's module, and the inline modules that the walk is in.
    module: Vec<String>,
    in_tests: bool,
    blocks: usize,
}

impl Reader {
    fn mention(&mut self, span: Span, written: &[String], glob: bool) {
        let Some(path) = self.absolute(written) else {
            return;
        };
        self.source.mentions.push(Mention {
            line: line(span),
            text: written.join("::"),
            path,
            glob,
            in_tests: self.in_tests,
        });
    }

    /// The path from the crate's root; `None` for what other crates and the prelude name.
    fn absolute(&self, written: &[String]) -> Option<Vec<String>> {
        let mut base = self.module.clone();
        let mut rest = written;
        match rest.first()?.as_str() {
            "crate" => {
                base.clear();
                rest = &rest[1..];
            }
            "self" => rest = &rest[1..],
            "super" => {}
            child if self.source.children.contains(child) => {}
            _ => return None,
        }
        while rest.first().is_some_and(|segment| segment == "super") {
            base.pop();
            rest = &rest[1..];
        }
        base.extend_from_slice(rest);
        Some(base)
    }

    fn use_tree(&mut self, prefix: &[String], tree: &syn::UseTree) {
        let mut path = prefix.to_vec();
        match tree {
            syn::UseTree::Path(tree) => {
                path.push(tree.ident.to_string());
                self.use_tree(&path, &tree.tree);
            }
            syn::UseTree::Group(group) => {
                group
                    .items
                    .iter()
                    .for_each(|tree| self.use_tree(&path, tree));
            }
            syn::UseTree::Glob(glob) => self.mention(glob.star_token.spans[0], &path, true),
            syn::UseTree::Name(name) => self.used_name(path, &name.ident, &name.ident),
            syn::UseTree::Rename(name) => self.used_name(path, &name.ident, &name.rename),
        }
    }

    fn used_name(&mut self, mut path: Vec<String>, ident: &syn::Ident, alias: &syn::Ident) {
        // `use a::{self}` names `a`.
        if ident != "self" {
            path.push(ident.to_string());
        }
        if let Some(absolute) = self.absolute(&path)
            && self.module == self.source.module
        {
            self.source.aliases.insert(alias.to_string(), absolute);
        }
        self.mention(ident.span(), &path, false);
    }

    /// Paths inside a macro call are tokens, not yet syntax.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(first) => {
                    let path = path_at(&tokens[at..]);
                    at += 3 * (path.len() - 1);
                    if matches!(path[0].as_str(), "crate" | "self" | "super") && path.len() > 1 {
                        self.mention(first.span(), &path, false);
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }
}

fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    let conditions = attributes.iter().filter_map(condition);
    conditions
        .flat_map(TokenStream::into_iter)
        .any(|token| token.to_string() == "test")
}

/// What `#[cfg(…)]` asks for.
fn condition(attribute: &syn::Attribute) -> Option<TokenStream> {
    let is_cfg = attribute.path().is_ident("cfg");
    let list = attribute.meta.require_list().ok()?;
    is_cfg.then(|| list.tokens.clone())
}

fn names_a_feature(tokens: &TokenStream) -> bool {
    tokens.to_string().contains("feature")
}

/// The identifiers of `a::b::c` at the start of the tokens.
fn path_at(tokens: &[TokenTree]) -> Vec<String> {
    let mut path = Vec::new();
    let mut rest = tokens;
    while let [TokenTree::Ident(ident), tail @ ..] = rest {
        path.push(ident.to_string());
        match tail {
            [
                TokenTree::Punct(a),
                TokenTree::Punct(b),
                TokenTree::Ident(_),
                ..,
            ] if a.as_char() == ':' && b.as_char() == ':' => {
                rest = &tail[2..];
            }
            _ => break,
        }
    }
    path
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let outer = self.in_tests;
        self.in_tests |= is_for_tests(item_attributes(item));
        visit::visit_item(self, item);
        self.in_tests = outer;
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.use_tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            let written: Vec<String> = path
                .segments
                .iter()
                .map(|segment| segment.ident.to_string())
                .collect();
            self.mention(first_span(path), &written, false);
        }
        visit::visit_path(self, path);
    }

    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {
        // `pub(super)` and `pub(in crate::x)` import nothing.
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        if self.blocks > 0 && mac.path.is_ident("cfg") && names_a_feature(&mac.tokens) {
            self.source.gated_lines.push(line(first_span(&mac.path)));
        }
        self.tokens(mac.tokens.clone());
        visit::visit_macro(self, mac);
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        self.blocks += 1;
        visit::visit_block(self, block);
        self.blocks -= 1;
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        let gates = condition(attribute).is_some_and(|tokens| names_a_feature(&tokens));
        if self.blocks > 0 && gates {
            self.source
                .gated_lines
                .push(line(attribute.pound_token.span));
        }
    }
}

fn item_attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
