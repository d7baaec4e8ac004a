//! What an appointment is for: the inquiry that it belongs to, and the guide's checklist to be brought.

use uuid::Uuid;

use crate::access::Act;
use crate::db::Tx;
use crate::error::{Error, Result, UserErrorCode};
use crate::guide::{self, GuideAnswer, GuideNext, GuideVersion};
use crate::inquiry::{Inquiry, InquiryWith};
use crate::payload::expected;
use crate::record;
use crate::request::Request;

/// What an appointment is for, as it was asked.
#[derive(Default)]
pub struct Purpose {
    /// The inquiry that it belongs to.
    pub inquiry_id: Option<Uuid>,
    /// The version of the guide that says what to bring.
    pub guide_version_id: Option<Uuid>,
    /// What was answered to the guide's questions.
    pub answers: Vec<GuideAnswer>,
}

impl Purpose {
    /// The checklist in which the answers end.
    pub async fn checklist_key(&self, request: &Request) -> Result<Option<String>> {
        let Some(id) = self.guide_version_id else {
            return if self.answers.is_empty() {
                Ok(None)
            } else {
                Err(Error::user(
                    UserErrorCode::Blank,
                    "guideVersionId",
                    "请指明所答的是哪一版指南。",
                    "Say which version of a guide is answered.",
                ))
            };
        };
        let reader = request.reader(Act::ReadGuide)?;
        let version: Option<GuideVersion> = record::one(&reader, &id.into(), ()).await?;
        match expected(version, "guideVersionId")?.next(&self.answers)? {
            GuideNext::Checklist(list) => Ok(Some(list.key)),
            GuideNext::Question(_) => Err(Error::user(
                UserErrorCode::Invalid,
                "guideAnswers",
                "指南的问题尚未答完。",
                "Not all questions of the guide are answered.",
            )),
        }
    }

    /// Checks that the inquiry is the household's, and that the guide is in force.
    pub async fn check(&self, request: &Request, tx: &Tx, household_id: Uuid) -> Result<()> {
        if let Some(id) = self.inquiry_id {
            let found = record::one::<Inquiry>(tx, &id.into(), InquiryWith::default()).await?;
            let own = found.filter(|inquiry| inquiry.household_id == household_id);
            expected(own, "inquiryId")?;
        }
        if let Some(id) = self.guide_version_id {
            guide::citable(request, tx, id, "guideVersionId").await?;
        }
        Ok(())
    }
}
