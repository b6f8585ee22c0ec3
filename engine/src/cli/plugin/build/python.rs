//! A Python project into a component: the SDK's own command, run by the project's virtual environment or the one in use.

use super::super::super::failure::Failure;
use super::super::super::out::Out;
use super::super::project::Project;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Builds the component.
///
/// # Errors
/// When Python or the SDK's package is missing, or the code does not build.
pub(super) fn component(project: &Project, out: &Out) -> Result<Vec<u8>, Failure> {
    let folder = &project.folder;
    let python = interpreter(folder);
    check_package(&python, folder)?;
    out.done(&format!("Building {} with componentize-py; some ten seconds", project.manifest.name));
    let scratch = super::scratch()?;
    let file = scratch.path().join("component.wasm");
    let mut command = Command::new(&python);
    command.current_dir(folder).args(["-m", "nightbell_plugin.build", "--project"]).arg(folder);
    super::run_tool(command.arg("--out").arg(&file), no_python)?;
    super::read_component(&file)
}

/// The project's own, else that of the environment in use, else the system's.
fn interpreter(folder: &Path) -> PathBuf {
    let active = std::env::var_os("VIRTUAL_ENV").map(PathBuf::from);
    let places = [Some(folder.join(".venv")), active];
    let pythons = places.into_iter().flatten().map(|place| place.join("bin/python"));
    pythons.into_iter().find(|python| python.is_file()).unwrap_or_else(|| "python3".into())
}

fn check_package(python: &Path, folder: &Path) -> Result<(), Failure> {
    let mut ask = Command::new(python);
    ask.current_dir(folder).args(["-c", "import nightbell_plugin, componentize_py"]);
    let asked = ask.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    match asked {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Failure::new("Python has no `nightbell_plugin` or no `componentize_py` here.")
            .hint("in the project: `python3 -m venv .venv`, then `.venv/bin/pip install \"./sdk[build]\"`")),
        Err(_) => Err(no_python()),
    }
}

fn no_python() -> Failure {
    Failure::new("There is no Python here: Python plugins are built by Python 3.11 or newer.").hint(
        "install it from your system's packages: on Debian `apt-get install python3 python3-venv`",
    )
}
