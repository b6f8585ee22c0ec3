//! Puts into the binary what `nightbell plugin new` writes (`build/bundle.rs`), and the shipped plugins: what
//! `cargo xtask plugins` left in `target/plugins`, or in the directory that `NIGHTBELL_PLUGINS_DIR` names. Without them
//! the engine still builds, and says so when it starts.

#[path = "build/bundle.rs"]
mod bundle;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

const NAMES: [&str; 11] = [
    "by-label",
    "email",
    "generic",
    "mute",
    "nagios",
    "newrelic",
    "pagerduty",
    "prometheus",
    "slack",
    "twilio",
    "webhook",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-env-changed=NIGHTBELL_PLUGINS_DIR");
    let directory = match env::var_os("NIGHTBELL_PLUGINS_DIR") {
        Some(directory) => PathBuf::from(directory),
        None => default_directory()?,
    };
    println!("cargo::rerun-if-changed={}", directory.display());
    let mut text =
        String::from("/// Name and packed component.\nstatic EMBEDDED: &[(&str, &[u8])] = &[\n");
    for name in NAMES {
        let file = directory.join(format!("{name}.wasm"));
        if file.is_file() {
            let path = fs::canonicalize(&file)?;
            writeln!(text, "    ({name:?}, include_bytes!({:?})),", path.display().to_string())?;
        }
    }
    text.push_str("];\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    fs::write(out.join("shipped.rs"), text)?;
    let package = env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo sets CARGO_MANIFEST_DIR")?;
    fs::write(out.join("bundle.rs"), bundle::source(Path::new(&package))?)?;
    Ok(())
}

/// The workspace's `target/plugins`. It is made when it is not there: a path that is missing would make cargo run this
/// script, and build the engine again, every time.
fn default_directory() -> Result<PathBuf, Box<dyn std::error::Error>> {
    let package = env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo sets CARGO_MANIFEST_DIR")?;
    let directory = Path::new(&package).join("../target/plugins");
    fs::create_dir_all(&directory)?;
    Ok(directory)
}
