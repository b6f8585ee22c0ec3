//! The native runner: every case of a folder through a plugin of this process, on the fake host of the thread.

use std::panic::AssertUnwindSafe;
use std::path::Path;

use super::case::{Case, Compared, Output};

/// Asks a plugin what a case asks.
pub(super) type Call<'a> = &'a dyn Fn(&Case) -> Result<Output, String>;

/// Runs every case of the folder and panics with all that failed.
pub(super) fn run_all(folder: &Path, call: Call<'_>) {
    let update = std::env::var_os("UPDATE_CASES").is_some_and(|value| value == "1");
    let files = match Case::files(folder) {
        Ok(files) => files,
        Err(why) => panic!("{why}"),
    };
    let failed: Vec<String> =
        files.iter().filter_map(|file| run(file, call, update).err()).collect();
    assert!(
        failed.is_empty(),
        "{} of {} cases failed\n\n{}",
        failed.len(),
        files.len(),
        failed.join("\n")
    );
}

fn run(file: &Path, call: Call<'_>, update: bool) -> Result<(), String> {
    let fail = |why: String| format!("case {}: {why}", file.display());
    let case = Case::open(file).map_err(fail)?;
    let host = case.host().map_err(fail)?;
    host.install_here();
    let before = host.state();
    let called = std::panic::catch_unwind(AssertUnwindSafe(|| call(&case)));
    let output = match called {
        Ok(output) => output.map_err(fail)?,
        Err(panic) => {
            // As in the engine: a failed call leaves no state.
            host.replace_state(before);
            Output::Trap(text_of(panic.as_ref()))
        }
    };
    match case.compare(&output, &host).map_err(fail)? {
        Compared::Same => Ok(()),
        Compared::Different { accepted, .. } if update => {
            std::fs::write(file, accepted).map_err(|error| fail(error.to_string()))
        }
        Compared::Different { diff, .. } => {
            let about = case.about();
            Err(fail(format!("{about}\n(- expected, + came; UPDATE_CASES=1 rewrites)\n{diff}")))
        }
    }
}

fn text_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without text")
        .to_owned()
}
