//! The lane in which equal requests are counted: task-local, and carried into spawned tasks
//! only by an explicit call, as a tracing span is.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, LazyLock};

use tokio::task::futures::TaskLocalFuture;

tokio::task_local! {
    static CURRENT: Scope;
}

/// A named lane of equal requests: a test's name, a dialogue's id. The default is the empty
/// scope.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// use bedrock_replay::playback::Scope;
///
/// Scope::new("dialogue/7")
///     .enter(async {
///         // A spawned task starts in the empty scope unless it is carried there.
///         let carried = Scope::current().enter(async { Scope::current() });
///         assert_eq!(tokio::spawn(carried).await.unwrap(), Scope::new("dialogue/7"));
///     })
///     .await;
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope(Arc<str>);

/// A future that runs in a scope.
pub type InScope<F> = TaskLocalFuture<Scope, F>;

impl Scope {
    /// A scope of that name.
    #[must_use]
    pub fn new(name: impl AsRef<str>) -> Self {
        Self(name.as_ref().into())
    }

    /// The scope of the running task; the empty one outside any.
    #[must_use]
    pub fn current() -> Self {
        CURRENT.try_with(Self::clone).unwrap_or_default()
    }

    /// Runs a future in this scope: `tokio::spawn(Scope::current().enter(future))` carries
    /// the caller's scope into a spawned task.
    #[must_use = "a future does nothing until it is awaited"]
    pub fn enter<F: Future>(self, future: F) -> InScope<F> {
        CURRENT.scope(self, future)
    }

    /// The name; empty for the default scope.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

/// Asked for by each call outside a scope.
static DEFAULT: LazyLock<Scope> = LazyLock::new(|| Scope::new(""));

impl Default for Scope {
    fn default() -> Self {
        DEFAULT.clone()
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            "" => f.write_str("(default)"),
            name => f.write_str(name),
        }
    }
}
