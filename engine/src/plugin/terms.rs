//! The operator's word on one plugin, brought together: the sidecar, the config over it, and the manifest's wishes within
//! the bounds. Pure.

use super::bounds;
use super::grant::Grants;
use super::installed::{Limits, Terms};
use super::sidecar::Sidecar;
use super::signature::Signature;
use super::types::{Kind, Source};
use crate::config::{PluginPlan, lay_over};
use nightbell_pack::Manifest;
use std::sync::Arc;
use std::time::Duration;

/// Resolves everything.
pub(super) fn resolve(
    manifest: &Manifest,
    source: Source,
    sidecar: &Sidecar,
    plan: &PluginPlan,
    signature: Signature,
) -> Terms {
    Terms {
        settings: lay_over(&sidecar.settings, &plan.settings),
        order: plan.order.unwrap_or(sidecar.order),
        scope: sidecar.scope.clone(),
        shadow: sidecar.shadow,
        limits: limits(manifest, plan),
        rest: plan.rest.unwrap_or(bounds::CIRCUIT_REST),
        grants: Arc::new(Grants::new(manifest, source, plan)),
        signature,
    }
}

/// The operator's word, else the manifest's wish, else the default; never beyond the bound.
pub(super) fn limits(manifest: &Manifest, plan: &PluginPlan) -> Limits {
    let wish = &manifest.limits;
    let pick = |word: Option<u32>, wish: Option<u32>, usual: u32, max: u32| {
        word.or(wish).unwrap_or(usual).clamp(1, max)
    };
    let memory = pick(plan.memory_mib, wish.memory_mib, bounds::MEMORY_MIB, bounds::MEMORY_MIB_MAX);
    let cpu = pick(plan.cpu_ms, wish.cpu_ms, bounds::CPU_MS, bounds::CPU_MS_MAX);
    let (usual, max) = match manifest.kind {
        Kind::Channel => (bounds::CHANNEL_WALL_MS, bounds::CHANNEL_WALL_MS_MAX),
        Kind::Parser | Kind::Filter | Kind::Router => (bounds::WALL_MS, bounds::WALL_MS_MAX),
    };
    let wall = pick(plan.wall_ms, wish.wall_ms, usual, max);
    Limits {
        memory_bytes: (memory as usize) << 20,
        cpu_ticks: cpu.div_ceil(bounds::TICK.as_millis() as u32).max(bounds::CPU_TICKS_MIN),
        wall: Duration::from_millis(u64::from(wall)),
    }
}

impl Limits {
    /// The limits of a part of a batch: a budget per event, so that looking for the one that fails costs no more than
    /// a few whole calls.
    pub(super) fn for_part(self, part: usize, whole: usize) -> Self {
        let ticks = u64::from(self.cpu_ticks) * part as u64 / whole.max(1) as u64;
        let ticks = u32::try_from(ticks).unwrap_or(self.cpu_ticks);
        Self {
            cpu_ticks: ticks
                .clamp(bounds::CPU_TICKS_MIN, self.cpu_ticks.max(bounds::CPU_TICKS_MIN)),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(kind: &str, limits: &str) -> Manifest {
        let text = format!(
            "name='x'\nversion='1.0.0'\nkind='{kind}'\ndescription='d'\n[limits]\n{limits}"
        );
        Manifest::parse(&text).expect("valid")
    }

    #[test]
    fn limits_are_the_operator_s_word_then_the_wish_then_the_default_within_bounds() {
        let ms = Duration::from_millis;
        let none = PluginPlan::default();
        let word = PluginPlan {
            memory_mib: Some(4_000),
            cpu_ms: Some(50),
            wall_ms: Some(60_000),
            ..none.clone()
        };
        let wishes = "memory_mib = 16\ncpu_ms = 60000\nwall_ms = 2000";
        for (kind, wish, plan, expected) in [
            ("filter", "", &none, (32 << 20, 25, ms(1_000))),
            ("channel", "", &none, (32 << 20, 25, ms(10_000))),
            ("filter", wishes, &none, (16 << 20, 1_000, ms(2_000))),
            ("filter", wishes, &word, (256 << 20, 5, ms(5_000))),
            ("channel", wishes, &word, (256 << 20, 5, ms(30_000))),
        ] {
            let got = limits(&manifest(kind, wish), plan);
            assert_eq!((got.memory_bytes, got.cpu_ticks, got.wall), expected, "{kind} {wish}");
        }
    }

    #[test]
    fn a_part_of_a_batch_has_its_share() {
        let whole = Limits { memory_bytes: 1, cpu_ticks: 100, wall: Duration::ZERO };
        for (part, of, ticks) in [(64, 64, 100), (32, 64, 50), (1, 64, 3), (1, 1, 100), (0, 0, 3)] {
            assert_eq!(whole.for_part(part, of).cpu_ticks, ticks, "{part} of {of}");
        }
    }

    #[test]
    fn the_config_is_laid_over_the_sidecar() {
        let sidecar = Sidecar::parse("order = 5\n[settings]\na = 1\nb = 2").expect("valid");
        let plan = PluginPlan {
            order: Some(1),
            settings: serde_json::json!({"b": 3}),
            ..PluginPlan::default()
        };
        let (source, signature) = (Source::Directory, Signature::Unsigned);
        let terms = resolve(&manifest("filter", ""), source, &sidecar, &plan, signature);
        assert_eq!((terms.order, terms.settings), (1, serde_json::json!({"a": 1, "b": 3})));
    }
}
