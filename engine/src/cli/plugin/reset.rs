//! `nightbell plugin reset`: how does one bring a plugin back from quarantine?

use super::super::connect::Connection;
use super::super::failure::Failure;
use super::super::out::Out;
use super::super::session::Session;
use serde_json::Value;

/// Does it.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn run(connection: &Connection, out: &Out, name: &str) -> Result<(), Failure> {
    let session = Session::open(connection, out)?;
    let answer = session.client.post(&["plugins", name, "reset"], &Value::Null).await?;
    session.changed(&answer, &format!("Plugin {name} is out of quarantine and is called again."))
}
