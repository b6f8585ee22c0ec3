//! A JavaScript project into a component: node runs the SDK's own command, which bundles and componentizes.

use super::super::super::failure::Failure;
use super::super::super::out::Out;
use super::super::project::Project;
use std::process::{Command, Stdio};

/// The SDK's command in a project whose packages are installed.
const COMMAND: &str = "node_modules/nightbell-plugin/bin/nightbell-plugin.js";
/// The oldest node that it runs on.
const NODE_MIN: u32 = 20;

/// Builds the component.
///
/// # Errors
/// When node or the packages are missing, or the code does not build.
pub(super) fn component(project: &Project, out: &Out) -> Result<Vec<u8>, Failure> {
    check_node()?;
    let folder = &project.folder;
    if !folder.join(COMMAND).is_file() {
        return Err(Failure::new("The project's packages are not installed.")
            .hint(format!("run `npm install` in {}", folder.display())));
    }
    out.done(&format!("Building {} with node; a few seconds", project.manifest.name));
    let scratch = super::scratch()?;
    let file = scratch.path().join("component.wasm");
    let mut node = Command::new("node");
    node.current_dir(folder).arg(COMMAND).args(["build", "--project"]).arg(folder);
    super::run_tool(node.arg("--out").arg(&file), no_node)?;
    super::read_component(&file)
}

fn no_node() -> Failure {
    Failure::new(format!(
        "There is no node here: JavaScript plugins are built by node {NODE_MIN} or newer."
    ))
    .hint("install it from your system's packages: on Debian `apt-get install nodejs npm`")
}

fn check_node() -> Result<(), Failure> {
    let said = Command::new("node").arg("--version").stdin(Stdio::null()).output();
    let said = said.map_err(|_| no_node())?;
    let said = String::from_utf8_lossy(&said.stdout).trim().to_owned();
    match major(&said) {
        Some(major) if major >= NODE_MIN => Ok(()),
        _ => Err(Failure::new(format!("Node is `{said}` here: {NODE_MIN} or newer is needed."))),
    }
}

/// `v20.11.1` → 20.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_s_version_is_read() {
        assert_eq!(major("v20.11.1"), Some(20));
        assert_eq!(major("20"), None);
        assert_eq!(major(""), None);
    }
}
