//! Tells whoever waits that a run gets on.

use std::sync::Arc;

/// Who is told that calls end.
pub type Progress = Arc<dyn Fn() + Send + Sync>;

/// Tells a call's end to whoever wants to know.
#[derive(Clone, Default)]
pub(crate) struct Tick(pub(crate) Option<Progress>);

impl Tick {
    pub(crate) fn call_ended(&self) {
        if let Some(progress) = &self.0 {
            progress();
        }
    }
}
