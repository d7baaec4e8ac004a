//! Files that are imported.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, header};
use huhutong::import;
use tower::ServiceExt;

use super::actor::Actor;
use super::answer::Answer;
use super::app::TestApp;
use super::{Value, json};

/// What a test wants to know of an import.
pub const COUNTS: &str = "id state dryRun failure rowCount blankRowCount processedRowCount createdCount \
                          updatedCount unchangedCount skippedCount failedCount touchedCount";

impl TestApp {
    /// Does all imports that wait, as the worker does.
    pub async fn do_imports(&self) {
        let service: &Arc<_> = self.service();
        while import::work(service).await.unwrap() {}
    }
}

impl Actor {
    /// Sends a file.
    pub async fn upload(&self, body: impl Into<Body>) -> Answer {
        let request = Request::post("/imports")
            .header(header::CONTENT_DISPOSITION, "attachment; filename*=UTF-8''%E5%88%98.csv");
        let request = self.authorised(request).body(body.into()).unwrap();
        Answer::of(self.router().oneshot(request).await.unwrap()).await
    }

    /// Sends a file and starts an import of it.
    pub async fn start_import(&self, file: impl Into<Body>, dry_run: bool) -> Value {
        let upload = self.upload(file).await;
        let id = upload.json["uploadId"].as_str().unwrap_or_else(|| panic!("{}", upload.json));
        let input = json!({ "idempotencyKey": id, "uploadId": id, "dryRun": dry_run });
        self.mutate("importHouseholds", input, "id").await.done()
    }

    /// Sends a file, imports it, and says what came of it.
    pub async fn import(&self, app: &TestApp, file: impl Into<Body>) -> Value {
        let batch = self.start_import(file, false).await;
        app.do_imports().await;
        self.batch(&batch).await
    }

    /// How far an import is; the counts always add up.
    pub async fn batch(&self, batch: &Value) -> Value {
        let document = format!("query($id: ID!) {{ importBatch(id: $id) {{ {COUNTS} }} }}");
        let answer = self.query(&document, json!({ "id": batch["id"] })).await;
        let batch = answer.at("/importBatch").clone();
        let names = ["created", "updated", "unchanged", "skipped", "failed"];
        let count = |name: &str| batch[format!("{name}Count")].as_i64().unwrap();
        let sum: i64 = names.into_iter().map(count).sum();
        assert_eq!(batch["processedRowCount"], sum);
        if batch["state"] == "DONE" {
            assert_eq!(batch["rowCount"], sum, "every row has a fate");
        }
        batch
    }

    /// What became of each row: its line, fate, code and field.
    pub async fn fates(&self, batch: &Value) -> Vec<String> {
        let document = "query($id: ID!) { importBatch(id: $id) { rows(first: 100) { edges { node { \
                        line fate code field argument } } } } }";
        let answer = self.query(document, json!({ "id": batch["id"] })).await;
        let word = |value: &Value| match value {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        let edges = answer.at("/importBatch/rows/edges").as_array().unwrap().clone();
        edges
            .iter()
            .map(|edge| {
                let row = &edge["node"];
                let parts =
                    ["line", "fate", "code", "field", "argument"].map(|name| word(&row[name]));
                parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
            })
            .collect()
    }

    /// The report of an import: its status and its text.
    pub async fn report(&self, batch: &Value) -> (u16, String) {
        use http_body_util::BodyExt;
        let path = format!("/imports/{}/report", batch["id"].as_str().unwrap());
        let request = self.authorised(Request::get(path)).body(Body::empty()).unwrap();
        let response = self.router().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    }
}
