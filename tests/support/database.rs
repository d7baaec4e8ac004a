//! A database for each test: a copy of a template that is migrated and filled once a process.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sea_orm::ConnectionTrait;
use tokio::runtime::Builder;
use tokio::time::timeout;

use super::app::{TestApp, make_template};
use super::lonely::Lonely;
use super::postgres::Postgres;

/// No test takes longer, unless it hangs.
pub const PATIENCE: Duration = Duration::from_secs(240);
const TEMPLATE: &str = "template_county";
static SQLITE: OnceLock<Vec<u8>> = OnceLock::new();
static POSTGRES: OnceLock<Postgres> = OnceLock::new();
static NEXT: AtomicU32 = AtomicU32::new(1);

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// Runs a test in an application of its own.
pub fn run<T: Future<Output = ()>>(backend: Backend, test: impl FnOnce(TestApp) -> T) {
    let place = alone(async move || Place::new(backend).await);
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let app = TestApp::start(place).await;
        let kept = app.clone();
        timeout(PATIENCE, test(app)).await.expect("the test hangs");
        kept.finish().await;
    });
}

/// Runs something in a runtime and on a thread of its own.
pub fn alone<T: Send, F: Future<Output = T>>(work: impl FnOnce() -> F + Send) -> T {
    std::thread::scope(|scope| {
        let worker = scope
            .spawn(|| Builder::new_current_thread().enable_all().build().unwrap().block_on(work()));
        worker.join().expect("the template or its copy")
    })
}

/// Where a test's database is. It is gone when this is.
pub enum Place {
    File(Folder),
    Server(String),
    Alone(Lonely),
}

/// A folder that is removed when it is dropped, in memory where there is such a place.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let memory = Path::new("/dev/shm");
        let base = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = base.join(format!("huhutong-test-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a temporary folder");
        Self(folder)
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn sqlite_url(file: &Path) -> String {
    format!("sqlite://{}?mode=rwc", file.display())
}

fn server() -> &'static Postgres {
    POSTGRES.get_or_init(|| {
        let server = Postgres::start(&[
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "autovacuum=off",
            "max_connections=300",
            "max_wal_size=8GB",
        ]);
        alone(async || {
            order(&server, &format!("CREATE DATABASE {TEMPLATE}")).await;
            make_template(&server.url(TEMPLATE)).await;
        });
        server
    })
}

/// Has the server do something that concerns whole databases.
async fn order(server: &Postgres, sql: &str) {
    let admin = sea_orm::Database::connect(server.url("postgres")).await.unwrap();
    admin.execute_unprepared(sql).await.unwrap();
    admin.close().await.unwrap();
}

impl Place {
    async fn new(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => {
                let template = SQLITE.get_or_init(|| {
                    let folder = Folder::new();
                    let file = folder.file("template.db");
                    alone(async || make_template(&sqlite_url(&file)).await);
                    std::fs::read(&file).unwrap()
                });
                let folder = Folder::new();
                std::fs::write(folder.file("test.db"), template).unwrap();
                Self::File(folder)
            }
            Backend::Postgres => {
                let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
                order(server(), &format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE}")).await;
                Self::Server(name)
            }
        }
    }

    /// A database without anything in it.
    pub async fn empty(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => Self::File(Folder::new()),
            Backend::Postgres => {
                let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
                order(server(), &format!("CREATE DATABASE {name}")).await;
                Self::Server(name)
            }
        }
    }

    pub fn url(&self) -> String {
        match self {
            Self::File(folder) => sqlite_url(&folder.file("test.db")),
            Self::Server(name) => server().url(name),
            Self::Alone(server) => server.url(),
        }
    }

    pub fn backend(&self) -> Backend {
        match self {
            Self::File(_) => Backend::Sqlite,
            Self::Server(_) | Self::Alone(_) => Backend::Postgres,
        }
    }

    /// Frees what a PostgreSQL database takes; the server goes at the end in any case.
    pub async fn drop_database(&self) {
        if let Self::Server(name) = self {
            order(server(), &format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}
