//! The one place where a test waits.

use std::fmt::Display;
use std::future::Future;
use std::time::{Duration, Instant};

/// How long a promise may take before the test calls it broken. Generous: machines are loaded.
pub const DEADLINE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

/// Asks again and again until there is an answer.
///
/// # Panics
/// When there is none within [`DEADLINE`], naming `what` was waited for.
#[allow(clippy::disallowed_methods, reason = "the one helper that waits for the real binary")]
pub async fn until<T, F>(what: impl Display, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let started = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(started.elapsed() < DEADLINE, "waited {DEADLINE:?} for {what}");
        tokio::time::sleep(PAUSE).await;
    }
}
