//! Reads JSON so that an error names the field it is about, not only a line and a column.

use serde::de::DeserializeOwned;

/// Reads one JSON value; nothing but white space may follow it.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let cause = error.into_inner();
        if path == "." { cause.to_string() } else { format!("`{path}`: {cause}") }
    })?;
    reader.end().map_err(|error| error.to_string())?;
    Ok(value)
}
