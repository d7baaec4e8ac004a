//! The program as it is run.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::app::KEYS;
use super::database::Folder;

/// The program itself, serving a test's database.
pub struct Program {
    child: Child,
    pub address: String,
}

impl Program {
    pub fn serve(url: &str) -> Self {
        let (child, mut lines) = Self::run(&["serve"], url, Stdio::null());
        let address = lines
            .find_map(|line| {
                let line: Value = serde_json::from_str(&line.unwrap()).ok()?;
                line["address"].as_str().map(str::to_owned)
            })
            .expect("an address in the log");
        Self::going_on(child, lines, address)
    }

    /// The demo with its double of WeChat on a test's database, as if the demo had filled that; and what it says.
    pub fn demo(url: &str, folder: &Folder) -> (Self, Value) {
        std::fs::write(folder.file("keys"), KEYS).unwrap();
        let data = folder.file("").display().to_string();
        let arguments = ["demo", "--json", "--wechat", "--data", &data];
        let (mut child, lines) = Self::run(&arguments, url, Stdio::piped());
        let said = BufReader::new(child.stdout.take().unwrap()).lines().next();
        let said = said.expect("a line").unwrap();
        let said: Value = serde_json::from_str(&said).expect("a line of JSON");
        (Self::going_on(child, lines, String::new()), said)
    }

    fn run(arguments: &[&str], url: &str, output: Stdio) -> (Child, Lines<BufReader<ChildStderr>>) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_huhutong"))
            .args(arguments)
            .args(["--listen", "127.0.0.1:0"])
            .env("DATABASE_URL", url)
            .env("HUHUTONG_KEYS", KEYS)
            .env("HUHUTONG_CHANNEL_PATIENCE", "2")
            .env("RUST_LOG", "info")
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        (child, log.lines())
    }

    fn going_on(child: Child, lines: Lines<BufReader<ChildStderr>>, address: String) -> Self {
        // The rest of the log goes nowhere, but somebody has to take it.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Self { child, address }
    }

    /// Kills it as it is, wherever it is.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Tells it to stop, and waits until it has.
    pub fn stop(&mut self) {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(told.unwrap().success());
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks a program at this address in the name of who has this token.
pub async fn ask(url: &str, token: &str, document: &str, variables: Value) -> Value {
    let body = json!({ "query": document, "variables": variables });
    let request = reqwest::Client::new().post(url).bearer_auth(token).json(&body);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["errors"], Value::Null, "{answer}");
    answer["data"].clone()
}

/// Waits until something holds, which another program brings about.
pub async fn until(holds: impl AsyncFn() -> bool) {
    while !holds().await {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
