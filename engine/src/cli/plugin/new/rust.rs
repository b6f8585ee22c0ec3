//! What does a Rust project need besides its own files? The SDK as a package on its own (in the repository it takes
//! versions from the workspace), and a lock file: the versions this binary was built with, so that the first build works
//! with the compilers it works with, and two machines make the same plugin.

use super::super::super::failure::Failure;
use super::{Made, bundle};
use std::collections::BTreeSet;
use toml::{Table, Value};

/// Parts of the SDK's manifest that speak of files that are not copied, or of the repository alone.
const LEFT_OUT: [&str; 5] = ["lints", "dev-dependencies", "bench", "example", "test"];

/// What the templates need beside the SDK.
const ALSO: [&str; 2] = ["serde", "serde_derive"];

/// The SDK's files, in `sdk`.
///
/// # Errors
/// When the manifests that were put into this binary are not readable: a fault of the build.
pub(super) fn sdk() -> Result<Vec<Made>, Failure> {
    let files = bundle::rust_sdk().iter();
    files
        .map(|(path, text)| {
            let text = match path.ends_with("Cargo.toml") {
                true => on_its_own(text, bundle::workspace_manifest())?,
                false => (*text).to_owned(),
            };
            Ok((format!("sdk/{path}"), text))
        })
        .collect()
}

/// A member's manifest with what it takes from the workspace written out.
pub(super) fn on_its_own(member: &str, workspace: &str) -> Result<String, Failure> {
    let broken = |why: String| Failure::new(format!("The SDK's manifest cannot be used: {why}."));
    let read = |text: &str| text.parse::<Table>().map_err(|error| broken(error.to_string()));
    let (mut member, workspace) = (read(member)?, read(workspace)?);
    let workspace =
        table_in(&workspace, "workspace").ok_or_else(|| broken("no workspace".into()))?;
    for name in LEFT_OUT {
        member.remove(name);
    }
    if let (Some(Value::Table(package)), Some(shared)) =
        (member.get_mut("package"), table_in(workspace, "package"))
    {
        for (key, value) in package.iter_mut().filter(|(_, value)| is_inherited(value)) {
            *value = shared.get(key).cloned().ok_or_else(|| broken(format!("no {key}")))?;
        }
    }
    let versions =
        table_in(workspace, "dependencies").ok_or_else(|| broken("no versions".into()))?;
    write_out(&mut member, versions).map_err(broken)?;
    toml::to_string(&member).map_err(|error| broken(error.to_string()))
}

/// Writes out every list of dependencies, those of a target too.
fn write_out(table: &mut Table, versions: &Table) -> Result<(), String> {
    for (key, value) in table.iter_mut() {
        let Value::Table(inner) = value else { continue };
        if key == "dependencies" || key == "build-dependencies" {
            for (name, dependency) in inner.iter_mut().filter(|(_, value)| is_inherited(value)) {
                let shared = versions.get(name).ok_or_else(|| format!("no version of {name}"))?;
                *dependency = joined(shared, dependency);
            }
        } else if key == "target" || table_has_dependencies(inner) {
            write_out(inner, versions)?;
        }
    }
    Ok(())
}

fn table_has_dependencies(table: &Table) -> bool {
    table.contains_key("dependencies")
}

/// The workspace's word with what the member says more.
fn joined(shared: &Value, own: &Value) -> Value {
    let mut all = match shared {
        Value::Table(table) => table.clone(),
        version => Table::from_iter([("version".to_owned(), version.clone())]),
    };
    if let Value::Table(own) = own {
        for (key, value) in own.iter().filter(|(key, _)| *key != "workspace") {
            match (all.get_mut(key), value) {
                (Some(Value::Array(there)), Value::Array(more)) => there.extend(more.clone()),
                _ => drop(all.insert(key.clone(), value.clone())),
            }
        }
    }
    // The SDK's own parts lie in the copy as they lie below its folder in the repository.
    if let Some(Value::String(path)) = all.get_mut("path")
        && let Some(below) = path.strip_prefix("plugin-sdk/")
    {
        *path = below.to_owned();
    }
    Value::Table(all)
}

fn is_inherited(value: &Value) -> bool {
    value.as_table().and_then(|table| table.get("workspace")).and_then(Value::as_bool) == Some(true)
}

fn table_in<'a>(table: &'a Table, key: &str) -> Option<&'a Table> {
    table.get(key)?.as_table()
}

/// A `Cargo.lock` for a new project: of the workspace's lock what the SDK and the template need, and what that needs.
/// Cargo takes out what a feature leaves unused.
///
/// # Errors
/// When the lock that was put into this binary is not readable: a fault of the build.
pub(super) fn lock(name: &str) -> Result<String, Failure> {
    let broken = |why: &str| Failure::new(format!("The lock file cannot be used: {why}."));
    let lock: Table = bundle::workspace_lock().parse().map_err(|_| broken("it is no TOML"))?;
    let packages = lock.get("package").and_then(Value::as_array);
    let packages = packages.ok_or_else(|| broken("it has no packages"))?;
    let mut wanted: BTreeSet<usize> = BTreeSet::new();
    let mut open: Vec<usize> = ["nightbell-plugin"]
        .iter()
        .chain(&ALSO)
        .filter_map(|name| position(packages, name, None))
        .collect();
    while let Some(at) = open.pop() {
        if !wanted.insert(at) {
            continue;
        }
        for dependency in dependencies(&packages[at]) {
            let mut words = dependency.split(' ');
            let name = words.next().unwrap_or_default();
            open.extend(position(packages, name, words.next()));
        }
    }
    let own = Table::from_iter([
        ("name".to_owned(), Value::from(format!("plugin-{name}"))),
        ("version".to_owned(), Value::from("0.1.0")),
        ("dependencies".to_owned(), Value::from(vec!["nightbell-plugin", "serde"])),
    ]);
    let mut kept: Vec<Value> = wanted.into_iter().map(|at| packages[at].clone()).collect();
    kept.push(own.into());
    let version = lock.get("version").cloned().unwrap_or(Value::Integer(4));
    let lock = Table::from_iter([
        ("version".to_owned(), version),
        ("package".to_owned(), Value::Array(kept)),
    ]);
    toml::to_string(&lock).map_err(|_| broken("it cannot be written"))
}

fn position(packages: &[Value], name: &str, version: Option<&str>) -> Option<usize> {
    let text =
        |package: &Value, key: &str| package.get(key).and_then(Value::as_str).map(str::to_owned);
    packages.iter().position(|package| {
        text(package, "name").as_deref() == Some(name)
            && version.is_none_or(|version| text(package, "version").as_deref() == Some(version))
    })
}

fn dependencies(package: &Value) -> Vec<&str> {
    let list = package.get("dependencies").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}
