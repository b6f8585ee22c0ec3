//! The plugin guide is true: its blocks are run, written to files, compared with what was printed, or found in the
//! file they are said to be part of, in the order of the page.
//!
//! What is done with a block stands behind its language: `run` (bash, in the reader's folder), `background` (the same,
//! left running until the page ends), `output` (every line was printed by the command before; `…` stands for
//! anything), `file=PATH` (what the reader writes), `part-of=PATH` (lines of a file of this repository), `picture`.

use nightbell_tests::{free_port, root, until};
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};

const PAGE: &str = "docs/plugin-guide.md";

/// One fenced block.
struct Block {
    line: usize,
    directive: String,
    text: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let directive = info.split_once(' ').map(|(_, directive)| directive.trim().to_owned());
        let body = lines.by_ref().take_while(|(_, line)| *line != "```");
        let text = body.map(|(_, line)| format!("{line}\n")).collect();
        let directive = directive.unwrap_or_default();
        blocks.push(Block { line: number + 1, directive, text });
    }
    blocks
}

/// A reader who does what the page says.
struct Reader {
    folder: tempfile::TempDir,
    background: Vec<Child>,
    printed: String,
    ports: [(&'static str, String); 2],
}

impl Drop for Reader {
    fn drop(&mut self) {
        for child in &mut self.background {
            // Of its own process group, so that what bash started ends with it.
            drop(Command::new("kill").args(["--", &format!("-{}", child.id())]).status());
            drop(child.wait());
        }
    }
}

impl Reader {
    fn new() -> Self {
        let ports = ["7171", "9090"].map(|known| (known, free_port().to_string()));
        let folder = tempfile::tempdir().unwrap();
        Self { folder, background: Vec::new(), printed: String::new(), ports }
    }

    /// The page's ports are free on the reader's machine, and perhaps not on this one.
    fn adapted(&self, text: &str) -> String {
        self.ports.iter().fold(text.to_owned(), |text, (known, free)| text.replace(known, free))
    }

    /// Bounded: a command of the page that waits for ever fails.
    fn bash(&self, script: &str) -> Command {
        let binary = nightbell_tests::engine::command().get_program().to_owned();
        let beside = Path::new(&binary).parent().unwrap().display().to_string();
        let script = format!("export PATH=\"{beside}:$PATH\"\n{script}");
        let mut bash = Command::new("timeout");
        bash.args(["900", "bash", "-eu", "-o", "pipefail", "-c", &script])
            .current_dir(self.folder.path())
            .env("CARGO_TARGET_DIR", root().join("target/author"))
            .env("NIGHTBELL_SOURCE", root())
            .env("NO_COLOR", "1")
            .env("COLUMNS", "120")
            .stdin(Stdio::null());
        bash
    }

    async fn follow(&mut self, block: &Block) -> Result<(), String> {
        let text = self.adapted(&block.text);
        match block.directive.split_once('=').unwrap_or((&block.directive, "")) {
            ("run", _) => {
                let done = self.bash(&format!("exec 2>&1\n{text}")).output().unwrap();
                self.printed = String::from_utf8_lossy(&done.stdout).into_owned();
                done.status.success().then_some(()).ok_or(format!("{text}\n{}", self.printed))
            }
            ("background", _) => self.leave_running(&text).await,
            ("output", _) => has_lines(&self.printed, &text),
            ("file", path) => {
                let path = self.folder.path().join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, text).map_err(|error| error.to_string())
            }
            ("part-of", path) => {
                let whole =
                    fs::read_to_string(root().join(path)).map_err(|e| format!("{path}: {e}"))?;
                let found = whole.contains(block.text.trim_end());
                found.then_some(()).ok_or(format!("not in {path}:\n{}", block.text))
            }
            ("picture", _) => Ok(()),
            _ => {
                Err("a block of the guide says what the test does with it; see tests/e2e/guide.rs"
                    .to_owned())
            }
        }
    }

    /// Waits until what was started listens on the port its text names; the engine, until it is ready.
    async fn leave_running(&mut self, text: &str) -> Result<(), String> {
        use std::os::unix::process::CommandExt;
        let log = fs::File::create(self.folder.path().join(".background.log")).unwrap();
        let errors = log.try_clone().unwrap();
        let child = self.bash(text).stdout(log).stderr(errors).process_group(0).spawn().unwrap();
        self.background.push(child);
        let named = self.ports.iter().find(|(known, _)| text.contains(&self.adapted(known)));
        let port = named.unwrap_or(&self.ports[0]).1.clone();
        let is_engine = text.contains("nightbell serve");
        until(format!("`{}` to be ready on {port}", text.trim()), || async {
            match is_engine {
                true => reqwest::get(format!("http://127.0.0.1:{port}/-/ready"))
                    .await
                    .is_ok_and(|answer| answer.status().is_success())
                    .then_some(()),
                false => std::net::TcpStream::connect(format!("127.0.0.1:{port}")).ok().map(drop),
            }
        })
        .await;
        Ok(())
    }
}

/// Whether every line was printed, in order.
fn has_lines(printed: &str, expected: &str) -> Result<(), String> {
    let mut rest = printed.lines();
    for line in expected.lines().filter(|line| !line.trim().is_empty()) {
        if !rest.any(|printed| fits(printed, line)) {
            return Err(format!("expected the line\n{line}\nin\n{printed}"));
        }
    }
    Ok(())
}

fn fits(printed: &str, pattern: &str) -> bool {
    let mut rest = printed;
    pattern.split('…').map(str::trim).all(|piece| match rest.find(piece) {
        Some(at) => {
            rest = &rest[at + piece.len()..];
            true
        }
        None => false,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_block_of_the_plugin_guide_is_true() {
    nightbell_tests::init();
    let page = fs::read_to_string(root().join(PAGE)).unwrap();
    let blocks = blocks(&page);
    assert!(blocks.len() > 10, "the guide has blocks");
    let mut reader = Reader::new();
    for block in &blocks {
        if let Err(wrong) = reader.follow(block).await {
            panic!("{PAGE}:{}: {wrong}", block.line);
        }
    }
}

#[test]
fn a_line_fits_when_its_pieces_follow_each_other() {
    assert!(fits("built in 12 ms: a.wasm", "built in … a.wasm"));
    assert!(!fits("a.wasm was built", "built … a.wasm"));
    assert!(has_lines("one\ntwo\n", "one\ntwo").is_ok());
    assert!(has_lines("two\none\n", "one\ntwo").is_err());
}
