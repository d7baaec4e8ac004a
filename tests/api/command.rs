//! The command line as whoever runs the service meets it: what it says, and how it ends.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use sea_orm::ConnectionTrait;

use crate::support::Folder;

pub const KEYS: &str = "test:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// Runs the program with nothing in its environment but these, and this on its standard input.
pub fn run(arguments: &[&str], environment: &[(&str, &str)], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_huhutong"))
        .args(arguments)
        .env_clear()
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that has already refused reads no more.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn said(output: &[u8]) -> String {
    String::from_utf8_lossy(output).into_owned()
}

pub fn assert_done(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(&output.stderr));
    said(&output.stdout)
}

/// It ended with 1, said `text`, did not panic, and repeated none of the secrets.
pub fn assert_refused(output: &Output, text: &str) {
    let error = said(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains(text), "{error}");
    for unwanted in ["panicked", "AAECAwQ", "Correct-Horse", "hunter2"] {
        assert!(!error.contains(unwanted), "{error}");
    }
}

/// A SQLite database of this program's version.
struct Migrated {
    _folder: Folder,
    url: String,
}

impl Migrated {
    fn new() -> Self {
        let folder = Folder::new();
        let url = format!("sqlite://{}", folder.file("test.db").display());
        let migrated = Self { _folder: folder, url };
        assert_done(&migrated.run(&["migrate"], ""));
        migrated
    }

    fn run(&self, arguments: &[&str], input: &str) -> Output {
        run(arguments, &[("DATABASE_URL", &self.url), ("HUHUTONG_KEYS", KEYS)], input)
    }

    fn add(&self, arguments: &[&str], password: &str) -> Output {
        let all = [&["user", "add", "--name", "管理员"], arguments].concat();
        self.run(&all, password)
    }
}

#[test]
fn what_needs_no_database_runs_without_one() {
    assert!(assert_done(&run(&["--help"], &[], "")).contains("migrate"));
    assert!(assert_done(&run(&["schema"], &[], "")).contains("type Query"));
    let key = assert_done(&run(&["new-key", "k2"], &[], ""));
    assert!(key.starts_with("k2:") && key.trim().len() == "k2:".len() + 44, "{key}");
    assert_refused(&run(&["new-key", "not an id"], &[], ""), "id of 1 to 16 letters or digits");
}

#[test]
fn without_good_keys_nothing_is_opened() {
    assert_refused(&run(&["migrate"], &[], ""), "set HUHUTONG_KEYS");
    let bad = [("HUHUTONG_KEYS", "test:AAECAwQFBgcICQ==")];
    assert_refused(&run(&["migrate"], &bad, ""), "32 bytes in base64");
}

#[test]
fn a_wrong_url_is_told_apart() {
    for (url, text) in [
        ("mysql://root:hunter2@db/huhutong", "must begin with sqlite:// or postgres://"),
        ("postgres://root:hunter2@localhost:1/huhutong", "cannot open the database"),
        ("sqlite:///no/such/folder/test.db", "cannot open the database"),
    ] {
        let environment = [("DATABASE_URL", url), ("HUHUTONG_KEYS", KEYS)];
        assert_refused(&run(&["serve"], &environment, ""), text);
    }
}

#[test]
fn a_database_of_another_version_is_not_served() {
    let folder = Folder::new();
    let url = format!("sqlite://{}", folder.file("empty.db").display());
    let environment = [("DATABASE_URL", url.as_str()), ("HUHUTONG_KEYS", KEYS)];
    assert_refused(&run(&["serve"], &environment, ""), "`huhutong migrate` adds them");

    let ahead = Migrated::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let raw = sea_orm::Database::connect(&ahead.url).await.unwrap();
        let later = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 0)";
        raw.execute_unprepared(later).await.unwrap();
        raw.close().await.unwrap();
    });
    for command in ["serve", "migrate"] {
        assert_refused(&ahead.run(&[command], ""), "a newer program has changed the database");
    }
}

#[test]
fn other_keys_than_those_that_sealed_are_refused_at_start() {
    let migrated = Migrated::new();
    assert_done(&migrated.run(&["rotate-signing-key"], ""));
    let other = assert_done(&run(&["new-key", "other"], &[], ""));
    let environment = [("DATABASE_URL", migrated.url.as_str()), ("HUHUTONG_KEYS", other.trim())];
    assert_refused(&run(&["serve"], &environment, ""), "sealed with other HUHUTONG_KEYS");
}

#[test]
fn an_address_that_is_taken_is_named() {
    let migrated = Migrated::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let text = format!("cannot listen on {address}");
    assert_refused(&migrated.run(&["serve", "--listen", &address], ""), &text);
}

#[test]
fn a_staff_account_is_added_once_and_only_with_a_good_password() {
    let migrated = Migrated::new();
    let admin = ["--username", "admin", "--role", "county-admin"];
    assert_refused(&migrated.add(&admin, "hunter2\n"), "password");
    assert_eq!(assert_done(&migrated.add(&admin, "Correct-Horse-1\n")).trim(), "added");
    assert_refused(&migrated.add(&admin, "Correct-Horse-1\n"), "taken");
    let nowhere = ["--username", "bob", "--role", "officer", "--township", "999999999"];
    assert_refused(&migrated.add(&nowhere, "Correct-Horse-1\n"), "no station of a township");
}
