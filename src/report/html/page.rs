//! What every page has in common: the frame, its style and script, and what a browser may do.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// Text that a browser runs or applies, by which it is known.
#[derive(Debug, Serialize)]
struct Pinned {
    text: String,
    hash: String,
}

/// What the frame is filled with.
#[derive(Debug, Serialize)]
struct Frame {
    style: Pinned,
    script: Pinned,
    version: &'static str,
}

/// The content beside the frame.
#[derive(Debug, Serialize)]
struct Page<T: Serialize> {
    frame: &'static Frame,
    #[serde(flatten)]
    content: T,
}

static FRAME: LazyLock<Frame> = LazyLock::new(|| Frame {
    style: Pinned::new(include_str!("templates/page.css")),
    script: Pinned::new(include_str!("templates/page.js")),
    version: env!("CARGO_PKG_VERSION"),
});

const TEMPLATES: [(&str, &str); 6] = [
    ("page.html", include_str!("templates/page.html")),
    ("parts.html", include_str!("templates/parts.html")),
    ("run.html", include_str!("templates/run.html")),
    ("judges.html", include_str!("templates/judges.html")),
    ("comparison.html", include_str!("templates/comparison.html")),
    ("pairwise.html", include_str!("templates/pairwise.html")),
];

impl Pinned {
    fn new(source: &str) -> Self {
        // A browser hashes what it has read, and it reads every line break as `\n`.
        let text = source.replace("\r\n", "\n");
        let hash = STANDARD.encode(Sha256::digest(&text));
        Self { text, hash }
    }
}

/// Fills a template in; every text is escaped unless the template says otherwise.
pub(in crate::report) fn render(template: &str, content: impl Serialize) -> Result<String, Error> {
    let page = Page {
        frame: &FRAME,
        content,
    };
    environment()?.get_template(template)?.render(Serde(page))
}

fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build()?;
    environment.set_syntax(syntax);
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    Ok(environment)
}
