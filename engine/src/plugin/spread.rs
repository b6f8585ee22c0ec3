//! Work on many files, on as many threads as there are cores: a directory of a thousand plugins is read and hashed in a
//! fraction of a second. Blocks; the order of the answers is that of the items.

use std::num::NonZero;
use std::thread;

/// Below this many items threads cost more than they save.
const WORTH_IT: usize = 16;
/// More threads than this wait for the disk together.
const THREADS_MAX: usize = 8;

/// Does the work on every item.
pub(super) fn spread<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get).min(THREADS_MAX);
    if items.len() < WORTH_IT || threads == 1 {
        return items.iter().map(work).collect();
    }
    let work = &work;
    thread::scope(|scope| {
        let parts = items.chunks(items.len().div_ceil(threads));
        let parts: Vec<_> = parts
            .map(|part| scope.spawn(move || part.iter().map(work).collect::<Vec<_>>()))
            .collect();
        let join = |part: thread::ScopedJoinHandle<'_, Vec<R>>| match part.join() {
            Ok(answers) => answers,
            // A bug of ours, not the item's: it goes on as if there had been no threads.
            Err(panic) => std::panic::resume_unwind(panic),
        };
        parts.into_iter().flat_map(join).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_in_the_order_of_the_items() {
        for count in [0, 1, WORTH_IT - 1, WORTH_IT, 1_001] {
            let items: Vec<usize> = (0..count).collect();
            let doubled: Vec<usize> = items.iter().map(|item| item * 2).collect();
            assert_eq!(spread(&items, |item| item * 2), doubled, "{count} items");
        }
    }
}
