//! The same events through the same filters give the same verdicts, byte for byte: on another host, after a restart, and
//! however they fall into batches (I14). One of the filters keeps state, and some events break it.

use super::differential::built;
use super::guests::judge;
use super::{Bench, event, granting};
use crate::config::Plan;
use crate::plugin::{PluginState, PluginValue};
use nightbell_core::model::{Change, Event, Verdict};
use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};
use std::collections::BTreeMap;
use std::sync::Arc;

const EVENTS: usize = 240;

/// Titles that make `judge` keep, drop, suppress or change, and here and there one that breaks both filters: fewer than
/// would quarantine them, since a quarantine is a matter of time.
fn events(random: &mut TestRng) -> Vec<Arc<Event>> {
    let words = ["keep", "drop", "suppress", "mute"];
    let titles = (0..EVENTS).map(|n| match n {
        50 | 120 | 199 => format!("! poison {n}"),
        _ => format!("{} {}", words[random.next_u64() as usize % words.len()], random.next_u64()),
    });
    titles.enumerate().map(|(n, title)| event(n, &title)).collect()
}

/// A journal cut into batches: always the same number, or at random.
fn batches(events: &[Arc<Event>], mut size: impl FnMut() -> usize) -> Vec<&[Arc<Event>]> {
    let (mut rest, mut batches) = (events, Vec::new());
    while !rest.is_empty() {
        let (batch, more) = rest.split_at(size().clamp(1, rest.len()));
        batches.push(batch);
        rest = more;
    }
    batches
}

fn granted(plan: &mut Plan) {
    granting(plan, "tally", |word| {
        word.state = true;
        word.settings = serde_json::json!({"every": 3});
    });
}

type State = BTreeMap<(Arc<str>, String), PluginValue>;

/// What was said of one event, and by which version.
type Said = (Arc<Event>, Verdict, Vec<(String, String)>);

/// Judges batch after batch on a host of its own that begins with this state.
async fn judged(batches: &[&[Arc<Event>]], state: &mut State) -> Vec<Said> {
    let before =
        state.iter().map(|((plugin, key), value)| (plugin.clone(), key.clone(), value.clone()));
    let bench = Bench::after(granted, Vec::new(), before.collect()).await;
    bench.put("judge.wasm", &judge("judge", 1)).await;
    bench
        .put("tally.wasm", &built("tally", "tally", "filter", "optional = ['state']\n[settings.every]\ntype = 'integer'\ndescription = 'Which is dropped.'"))
        .await;
    assert_eq!(bench.state("tally"), PluginState::Running, "{}", bench.error("tally"));
    let mut said = Vec::new();
    for batch in batches {
        let judged = bench.host.judge(batch.to_vec()).await;
        for change in judged.changes {
            let Change::PluginState { plugin, key, value } = change else { panic!("{change:?}") };
            match value {
                Some(value) => state.insert((plugin, key), value),
                None => state.remove(&(plugin, key)),
            };
        }
        said.extend(judged.events.into_iter().map(|judged| {
            let stages = judged.stages.into_iter();
            let stages =
                stages.map(|stage| (stage.plugin.sha256.to_string(), stage.verdict.into_owned()));
            (judged.event, judged.verdict, stages.collect())
        }));
    }
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn i14_verdicts_and_state_are_the_same_on_another_host_after_a_restart_and_in_other_batches()
{
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &[14; 32]);
    let events = events(&mut random);
    let mut state = State::new();
    let first = judged(&batches(&events, || 64), &mut state).await;
    let numbered = first
        .iter()
        .filter(|(_, verdict, _)| matches!(verdict, Verdict::Drop { by, .. } if &**by == "tally"));
    assert!(numbered.count() > 20, "the filter with state had its say");
    let broken =
        first.iter().flat_map(|(_, _, said)| said).filter(|(_, said)| said.starts_with("failed: "));
    assert_eq!(broken.count(), 6, "three events broke two filters");

    for seed in 0..4 {
        let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
        let cut = batches(&events, || random.next_u64() as usize % 64 + 1);
        let mut other = State::new();
        assert_eq!(judged(&cut, &mut other).await, first, "seed {seed}");
        assert_eq!(other, state, "seed {seed}");

        // The same with a restart in the middle: another process knows only what was committed.
        let mut other = State::new();
        let (before, after) = cut.split_at(cut.len() / 2);
        let mut said = judged(before, &mut other).await;
        said.extend(judged(after, &mut other).await);
        assert_eq!((said, &other), (first.clone(), &state), "seed {seed}, restarted");
    }
}
