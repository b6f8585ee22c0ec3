//! Do the types of the JavaScript and the Python SDK say what is true, of templates and examples too? `tsc` and `mypy` read them
//! and the files that say in both directions what must be allowed and what must not: `test/types.ts` and `tests/types_hold.py`.
//! Nothing is run or written, but for their tools and caches in cargo's target directory.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context;

use crate::cargo::target_dir;
use crate::languages::install_node_tools;
use crate::root;
use crate::steps::run;

/// The Python files that are read together, each group in a folder of its own: two of them may have one name.
const PYTHON: [(&str, &[&str]); 11] = [
    ("plugin-sdk/python", &["nightbell_plugin"]),
    ("plugin-sdk/python/tests", &["types_hold.py"]),
    ("plugin-sdk/python/templates/channel", &["plugin.py"]),
    ("plugin-sdk/python/templates/filter", &["plugin.py"]),
    ("plugin-sdk/python/templates/parser", &["plugin.py"]),
    ("plugin-sdk/python/templates/router", &["plugin.py"]),
    ("engine/templates/plugin/python/channel", &["plugin.py"]),
    ("engine/templates/plugin/python/filter", &["plugin.py"]),
    ("engine/templates/plugin/python/parser", &["plugin.py"]),
    ("engine/templates/plugin/python/router", &["plugin.py"]),
    ("examples/python-parser-backup/src", &["plugin.py", "report.py"]),
];

/// Fails with the tools' own words. Python's environment must have been prepared.
pub(crate) fn check() -> anyhow::Result<()> {
    let folder = target_dir().join("types");
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    install_node_tools(&root().join("tests"), &folder)?;
    let compiler = folder.join("node_modules/typescript/bin/tsc");
    let project = root().join("plugin-sdk/javascript/test/tsconfig.json");
    run(Command::new("node").arg(compiler).arg("--project").arg(project))
        .context("types of the JavaScript SDK")?;
    for (place, files) in PYTHON {
        check_python(&folder, place, files)
            .with_context(|| format!("types of the Python SDK, in {place}"))?;
    }
    Ok(())
}

fn check_python(folder: &Path, place: &str, files: &[&str]) -> anyhow::Result<()> {
    let mut mypy = Command::new(target_dir().join("venv/bin/python"));
    mypy.args(["-m", "mypy", "--strict", "--no-error-summary", "--cache-dir"]);
    mypy.arg(folder.join("mypy")).args(files).current_dir(root().join(place));
    run(mypy.env("MYPYPATH", root().join("plugin-sdk/python")))
}
