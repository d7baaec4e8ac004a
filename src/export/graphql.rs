//! Exports as the contract shows them.

use async_graphql::{ComplexObject, Context, Enum, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::rules::{self, NewExport};
use crate::access::Act;
use crate::db::Once;
use crate::error::Result;
use crate::id::GlobalId;
use crate::officer::Officer;
use crate::page::lists;
use crate::payload;
use crate::record::{self, Related};
use crate::request::Request;
use crate::scalar::DivisionCode;

/// What is taken out.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::export::Content")]
pub enum ExportContent {
    /// 住户: a row a household, with its primary contact. Names, numbers and addresses are masked or
    /// left out as they are everywhere for the caller.
    Households,
    /// 咨询: a row an inquiry, without what was written.
    Inquiries,
    /// 走访: a row a visit, with what came of it and what the officer noted, where the caller may see that.
    Visits,
    /// 覆盖率: a row a village, with its numbers. No person appears.
    Coverage,
}

/// As what kind of file.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[graphql(remote = "entity::export::Format")]
pub enum ExportFormat {
    /// Comma-separated, UTF-8 with a byte order mark, lines ended by CR LF: opens in Excel and WPS. A
    /// cell that a spreadsheet would take for a formula begins with an apostrophe.
    Csv,
    /// An Excel workbook of one sheet; every cell is a text or a number, none a formula.
    Xlsx,
    /// A JSON object a line, in UTF-8, with English names and the codes of this contract.
    JsonLines,
}

/// Data that somebody took out, and why (导出记录). It is never deleted.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Export {
    /// Global id.
    pub id: GlobalId,
    /// What is taken out.
    pub content: ExportContent,
    /// As what kind of file.
    pub format: ExportFormat,
    /// The county, township or village that it is of; null for the caller's whole area.
    pub area_code: Option<DivisionCode>,
    /// What it is for, as written by who asked.
    pub purpose: String,
    /// When it was asked for.
    pub requested_at: DateTime<Utc>,
    /// How often the file was taken, whole or in part.
    pub downloads: i32,
    /// The rows of the last file that was taken whole; null before that.
    pub row_count: Option<i64>,
    /// When a file was last taken whole; null before that.
    pub downloaded_at: Option<DateTime<Utc>>,
    #[graphql(skip)]
    pub(crate) officer_id: Uuid,
}

#[ComplexObject]
impl Export {
    /// Where the file is: GET it within an hour, with the same `Authorization` header.
    async fn path(&self) -> String {
        format!("/exports/{}", self.id)
    }

    /// Who asked for it.
    async fn officer(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, Some(self.officer_id)).await
    }
}

/// In which order exports come.
#[derive(Enum, Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ExportOrder {
    /// Asked for last first.
    #[default]
    RequestedAtDesc,
    /// Asked for first first.
    RequestedAtAsc,
}

/// How exports are looked up.
#[derive(Default)]
pub struct ExportQuery;

lists! {
    #[Object]
    impl ExportQuery {
        /// What was taken out: by everybody for county administrators and auditors, by oneself for others.
        exports: Export, order ExportOrder => all(Act::ReadExport);
        ---
    }
}

/// The input of `requestExport`.
#[derive(InputObject)]
pub struct RequestExportInput {
    /// Chosen by the caller, new for each export: repeating a call with it makes no second one.
    pub idempotency_key: String,
    /// What is taken out.
    pub content: ExportContent,
    /// As what kind of file.
    pub format: ExportFormat,
    /// Only of this county, township or village: a code of 6, 9 or 12 digits.
    pub area_code: Option<DivisionCode>,
    /// What it is for, in 2 to 200 characters. It is kept for auditors.
    pub purpose: String,
}

payload! {
    /// The answer of `requestExport`.
    RequestExportPayload {
        /// The export; its `path` leads to the file.
        export: Export
    }
}

/// How data are taken out.
#[derive(Default)]
pub struct ExportMutation;

#[Object]
impl ExportMutation {
    /// Asks for a file of what the caller may see. The purpose is written down before any row leaves;
    /// the rows are read when the file is taken.
    async fn request_export(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: RequestExportInput,
    ) -> Result<RequestExportPayload> {
        let made = async {
            let once = Once::new("requestExport", &input.idempotency_key, &input)?;
            input.area_code.as_ref().map(DivisionCode::expect_area).transpose()?;
            let new = NewExport {
                content: input.content,
                format: input.format,
                area_code: input.area_code,
                purpose: input.purpose,
            };
            rules::request(Request::of(context)?, new, once).await
        };
        RequestExportPayload::of(context, made.await)
    }
}
