//! `cargo xtask bench`: the benchmarks whose figures stand in docs/performance.md. The name of one runs that alone; other
//! arguments go to `cargo bench` of the engine, but for `extism`, which is a workspace of its own: see `tests/bench-extism`.

use anyhow::ensure;
use nightbell_toolchain::{TARGET, remap_flags};

use crate::cargo::{cargo, target_dir};
use crate::steps::{Steps, run};
use crate::{plugins, root, wasm_target};

/// Where the other plugin system's benchmark lies, and its lock file.
const EXTISM: &str = "tests/bench-extism";

/// Packages and where their benchmarks lie; only the engine's need plugins.
const CORE: (&str, &str) = ("nightbell-core", "engine/core/benches");
const ENGINE: (&str, &str) = ("nightbell", "engine/benches");

/// Builds what the benchmarks measure, and runs them.
pub(crate) fn run_benches(arguments: &[String]) -> anyhow::Result<()> {
    let (name, rest) = match arguments.split_first() {
        Some((name, rest)) => (name.as_str(), rest),
        None => ("", arguments),
    };
    if name == "extism" {
        return run_extism(rest);
    }
    let has = |(_, folder): (&str, &str)| root().join(folder).join(format!("{name}.rs")).is_file();
    if has(CORE) {
        return step(&mut Steps::new(1), CORE, &["--bench", name], rest);
    }
    let alone = has(ENGINE);
    let mut steps = Steps::new(if alone { 3 } else { 4 });
    steps.step("the plugins", "cargo xtask plugins", || plugins::run(&[]))?;
    steps.step(
        "the measured guest",
        "as above, for tests/fixtures/plugins",
        plugins::run_fixtures,
    )?;
    if alone {
        return step(&mut steps, ENGINE, &["--bench", name], rest);
    }
    step(&mut steps, CORE, &[], &[])?;
    step(&mut steps, ENGINE, &[], arguments)
}

fn step(
    steps: &mut Steps,
    (package, _): (&str, &str),
    which: &[&str],
    arguments: &[String],
) -> anyhow::Result<()> {
    let typed = format!("cargo bench --package {package}");
    steps.step("the benchmarks", &typed, || {
        run(cargo(&["bench", "--package", package]).args(which).args(arguments))
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
