//! The program as it is run.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::app::KEYS;

/// The program itself, serving a test's database.
pub struct Program {
    child: Child,
    pub address: String,
}

impl Program {
    pub fn serve(url: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_huhutong"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("DATABASE_URL", url)
            .env("HUHUTONG_KEYS", KEYS)
            .env("RUST_LOG", "info")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut lines = log.lines().map(Result::unwrap);
        let address = lines
            .find_map(|line| {
                let line: Value = serde_json::from_str(&line).ok()?;
                line["address"].as_str().map(str::to_owned)
            })
            .expect("an address in the log");
        // The rest of the log goes nowhere, but somebody has to take it.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    /// Kills it as it is, wherever it is.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
