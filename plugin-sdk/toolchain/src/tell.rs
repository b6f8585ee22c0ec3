//! What does a command print? Its standard output, or why there is none.

use std::process::{Command, Stdio};

/// A command that tells nothing.
#[derive(Debug, thiserror::Error)]
pub enum TellError {
    /// It is not there, or may not be run.
    #[error("{program} does not start: {error}")]
    Start {
        /// Which.
        program: String,
        /// Why.
        error: std::io::Error,
    },
    /// It ended badly.
    #[error("{program} failed ({status})")]
    Failed {
        /// Which.
        program: String,
        /// How.
        status: std::process::ExitStatus,
    },
    /// What it prints is not what it used to be.
    #[error("{program}: expected {expected}")]
    Unexpected {
        /// Which.
        program: String,
        /// What was looked for.
        expected: &'static str,
    },
}

/// What a command prints, trimmed. What it says on standard error is not shown: asking is no reason to complain.
pub(crate) fn tell(command: &mut Command) -> Result<String, TellError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = match command.stdin(Stdio::null()).stderr(Stdio::null()).output() {
        Ok(output) => output,
        Err(error) => return Err(TellError::Start { program, error }),
    };
    if !output.status.success() {
        return Err(TellError::Failed { program, status: output.status });
    }
    match String::from_utf8(output.stdout) {
        Ok(text) => Ok(text.trim().to_owned()),
        Err(_) => Err(TellError::Unexpected { program, expected: "text" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_is_not_there_is_named() {
        let error = tell(&mut Command::new("nightbell-no-such-program")).expect_err("not there");
        assert!(
            error.to_string().starts_with("nightbell-no-such-program does not start"),
            "{error}"
        );
    }
}
