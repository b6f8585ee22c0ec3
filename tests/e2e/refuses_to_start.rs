//! What cannot work is refused at the start, in words that say what to do.

use nightbell_tests::{Config, Engine, engine};

fn serve(config: &Config) -> (Option<i32>, String) {
    let output =
        engine::command().arg("serve").arg("--config").arg(config.file()).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_on_the_data_directory_is_refused() {
    let config = Config::two_steps(nightbell_tests::free_port(), "2s");
    let engine = Engine::start(&config).await;
    let other = nightbell_tests::free_port();
    let port = config.port.to_string();
    let second = Config::two_steps(nightbell_tests::free_port(), "2s");
    let data = format!("data       = \"{}\"", config.data().display());
    let second = second.replace("data       = \"./data\"", &data);
    let (code, said) = serve(&second);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("in use by another nightbell"), "{said}");
    assert_ne!(port, other.to_string());
    assert!(engine.incidents().await.is_empty(), "the first goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_is_named() {
    let config = Config::two_steps(nightbell_tests::free_port(), "2s");
    let _taken = std::net::TcpListener::bind(("127.0.0.1", config.port)).unwrap();
    let (code, said) = serve(&config);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(&config.port.to_string()) && said.contains("in use"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_directory_that_cannot_be_written_is_named() {
    let config = Config::two_steps(nightbell_tests::free_port(), "2s");
    std::fs::write(config.dir().join("file"), "").unwrap();
    let config = config.replace("\"./data\"", "\"./file/data\"");
    let (code, said) = serve(&config);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("file/data") && said.contains("data directory"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_configuration_is_refused_with_every_mistake_at_once() {
    let config = Config::two_steps(nightbell_tests::free_port(), "2s");
    let config = config.replace("targets = [\"person:bob\"]", "targets = [\"person:bobby\"]");
    let config = config.replace("\"Asia/Tokyo\"", "\"Asia/Tokio\"");
    for command in ["serve", "check"] {
        let mut process = engine::command();
        let output = process.arg(command).arg("--config").arg(config.file()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned()
            + &String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(3), "{command}: {said}");
        assert!(said.contains("bobby") && said.contains("Asia/Tokio"), "{command}: {said}");
        assert!(said.contains("nightbell.toml:"), "{command} says where: {said}");
    }
}
