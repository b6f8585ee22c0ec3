//! `cargo xtask bench`: the benchmarks whose figures stand in docs/performance.md. The name of one of
//! the core's runs that alone; other arguments go to `cargo bench` of the engine, but for `extism`, which is a workspace of its own:
//! see `tests/bench-extism`.

use anyhow::ensure;
use nightbell_toolchain::{TARGET, remap_flags};

use crate::cargo::{cargo, target_dir};
use crate::steps::{Steps, run};
use crate::{plugins, root, wasm_target};

/// Where the other plugin system's benchmark lies, and its lock file.
const EXTISM: &str = "tests/bench-extism";

/// The core's benchmarks: they need no plugins.
const CORE: &str = "engine/core/benches";

/// Builds the plugins and runs the benchmarks.
pub(crate) fn run_benches(arguments: &[String]) -> anyhow::Result<()> {
    if arguments.first().is_some_and(|first| first == "extism") {
        return run_extism(&arguments[1..]);
    }
    if let Some((name, rest)) = arguments.split_first()
        && root().join(CORE).join(format!("{name}.rs")).is_file()
    {
        let mut steps = Steps::new(1);
        return steps.step("the benchmark", "cargo bench --package nightbell-core", || {
            let of_core = ["bench", "--package", "nightbell-core", "--bench", name];
            run(cargo(&of_core).args(rest))
        });
    }
    let mut steps = Steps::new(4);
    steps.step("the plugins", "cargo xtask plugins", || plugins::run(&[]))?;
    steps.step(
        "the measured guest",
        "as above, for tests/fixtures/plugins",
        plugins::run_fixtures,
    )?;
    steps.step("the core's benchmarks", "cargo bench --package nightbell-core", || {
        run(&mut cargo(&["bench", "--package", "nightbell-core"]))
    })?;
    steps.step("the benchmarks", "cargo bench --package nightbell", || {
        run(cargo(&["bench", "--package", "nightbell"]).args(arguments))
    })
}

/// The same filter behind the extism crate. The first time compiles a second wasmtime: some ten minutes.
fn run_extism(arguments: &[String]) -> anyhow::Result<()> {
    ensure!(arguments.is_empty(), "usage: cargo xtask bench extism (it takes nothing more)");
    let (project, results) = (root().join(EXTISM), target_dir().join("extism"));
    let toolchain = wasm_target::find()?;
    let guests = results.join(format!("guest{}", toolchain.suffix));
    let module = guests.join(TARGET).join("guest/nightbell_bench_extism_guest.wasm");
    let mut steps = Steps::new(2);
    steps.step("the measured guest", toolchain.name, || {
        let flags = remap_flags(&toolchain, &[(&project, "bench-extism")]);
        let mut cargo = toolchain.cargo(&project, &guests, "build", &flags);
        run(cargo.args([
            "--locked",
            "--profile",
            "guest",
            "--package",
            "nightbell-bench-extism-guest",
        ]))
    })?;
    steps.step("the benchmark", "cargo run --release, in tests/bench-extism", || {
        let mut cargo = cargo(&["run", "--locked", "--release", "--target-dir"]);
        run(cargo.current_dir(&project).arg(&results).arg("--").arg(&module))
    })
}
