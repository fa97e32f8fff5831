//! Waits for a future in a test that is no `async fn`, or in one that is.

use tokio::runtime::Builder;

/// On a thread of its own: a runtime that runs already cannot wait for another.
pub(super) fn wait<T, F>(work: impl FnOnce() -> F + Send) -> std::io::Result<T>
where
    T: Send,
    F: Future<Output = T>,
{
    let waiting = || {
        let runtime = Builder::new_current_thread().enable_time().build()?;
        Ok(runtime.block_on(work()))
    };
    std::thread::scope(|scope| {
        let ended = scope.spawn(waiting).join();
        ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
