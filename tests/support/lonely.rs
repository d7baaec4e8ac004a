//! A PostgreSQL server for one test alone, which may stop it and start it again.

use std::future::Future;
use std::process::Stdio;
use std::sync::Arc;

use tokio::runtime::Builder;
use tokio::time::timeout;

use super::app::{TestApp, make_template};
use super::database::{PATIENCE, Place, alone};
use super::postgres::{Postgres, apart, binary, unprivileged};

/// A server of one's own.
#[derive(Clone)]
pub struct Lonely(Arc<Postgres>);

impl Lonely {
    /// Runs a test with a server of its own, and an application on it.
    pub fn run<T: Future<Output = ()>>(test: impl FnOnce(Self, TestApp) -> T) {
        let server = Self(Arc::new(Postgres::start(&["fsync=off"])));
        alone(async || make_template(&server.url()).await);
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let app = TestApp::start(Place::Alone(server.clone())).await;
            timeout(PATIENCE, test(server.clone(), app)).await.expect("the test hangs");
        });
        server.stop();
    }

    /// The URL of its database.
    pub fn url(&self) -> String {
        self.0.url("postgres")
    }

    /// Stops the server at once, as a crash does.
    pub fn stop(&self) {
        self.control(&["-m", "immediate", "stop"]);
    }

    /// Starts a stopped server again with what it had.
    pub fn start_again(&self) {
        self.control(&["start"]);
        self.0.wait();
    }

    fn control(&self, arguments: &[&str]) {
        let folder = &self.0.folder;
        let options = format!("-k {} -c listen_addresses= -c fsync=off", folder.display());
        let done = apart(unprivileged(), &binary("pg_ctl"))
            .arg("-D")
            .arg(folder.join("data"))
            .args(["-s", "-w", "-l"])
            .arg(folder.join("log"))
            .arg("-o")
            .arg(options)
            .args(arguments)
            .stdin(Stdio::null())
            .status()
            .expect("pg_ctl");
        assert!(done.success(), "{arguments:?}");
    }
}
