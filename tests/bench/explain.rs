//! Shows the statements that the service really sends, with the plans that PostgreSQL really takes.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::{Connection, PgConnection, raw_sql};

use crate::load::Client;
use crate::operations::Operation;
use crate::server::{Server, Side};

/// Asked so often before the plans are shown, because PostgreSQL changes from plans for the values at
/// hand to plans for any value after five executions.
const BEFORE: usize = 40;

/// Has the plans of all statements on this database written into the server's log.
const LOG_PLANS: &str = "DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET session_preload_libraries = auto_explain', current_database());
    EXECUTE format('ALTER DATABASE %I SET auto_explain.log_min_duration = 0', current_database());
    EXECUTE format('ALTER DATABASE %I SET auto_explain.log_analyze = on', current_database());
    EXECUTE format('ALTER DATABASE %I SET auto_explain.log_buffers = on', current_database());
END $$";

/// Prints the plans of the last request of each operation, of both sides.
pub async fn explain(operations: &[Arc<Operation>], url: &str, keys: &str) {
    let mut connection = PgConnection::connect(url).await.expect("a connection");
    raw_sql(LOG_PLANS).execute(&mut connection).await.expect("auto_explain");
    let (_, folder) = url.split_once("host=").expect("the server's folder");
    let log = PathBuf::from(folder).join("log");
    for side in [Side::Service, Side::Bare] {
        let server = Server::start(side, url, keys);
        for operation in operations {
            println!("\n# {side:?}: {} {}", operation.letter, operation.name);
            let mut client = Client::connect(server.address).await;
            let requests = operation.requests(side);
            for turn in 0..BEFORE {
                client.ask(&requests[turn % requests.len()]).await;
            }
            let before = length(&log);
            client.ask(&requests[BEFORE % requests.len()]).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
            show(&log, before);
        }
    }
}

fn length(log: &Path) -> usize {
    std::fs::read(log).map_or(0, |text| text.len())
}

/// Prints what was logged since, except for the service's own looks at the event log.
fn show(log: &Path, since: usize) {
    let bytes = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes[since.min(bytes.len())..]).into_owned();
    for entry in text.split("LOG:  ").skip(1) {
        let background = ["pg_snapshot_xmin", "checkpoint", "village_tally\" ("];
        if !background.iter().any(|part| entry.contains(part)) {
            println!("{}", entry.trim_end());
        }
    }
}
