//! How each operation of the permission table is tried, and on what.

use huhutong::id::{GlobalId, Kind};

use crate::api::access_planned::{Planned, canned};
use crate::support::county::{lead, posting_of_lead, township_of};
use crate::support::{TestApp, Value, json, with};

/// What an operation is tried on.
pub struct Subject {
    pub village: &'static str,
    pub household: Value,
    pub inquiry: Value,
    pub contact: Value,
    pub officer: Value,
    pub posting: Value,
    pub upload: Value,
    pub batch: Value,
    pub leave: Value,
    pub handover: Value,
    pub transfer: Value,
    pub guide: Value,
    pub canned: Value,
    pub alert: Value,
    pub roster: Value,
    pub booking: Value,
    pub correction: Value,
    pub channel: Value,
    pub referral: Value,
    pub sender: Value,
}

impl Subject {
    /// What `field` is tried on; an import is made only for those that are about one.
    pub async fn new(app: &TestApp, village: &'static str, field: &str) -> Self {
        let household = app.household(village).await;
        let contact = app.contact_of(&household, "王建国").await;
        let inquiry = app.inquiry(&household).await;
        if ["reopenInquiry", "rateInquiry"].contains(&field) {
            let input = json!({ "inquiryId": inquiry["id"], "expectedVersion": 1 });
            app.county_admin().mutate("resolveInquiry", input, "id").await.done();
        }
        let officer = GlobalId::new(Kind::Officer, lead(village)).to_string().into();
        let posting = GlobalId::new(Kind::Posting, posting_of_lead(village)).to_string().into();
        let (mut upload, mut batch) = (Value::Null, Value::Null);
        if field.contains("mport") {
            let file = format!("村代码,组,户主\n{village},9,甲\n");
            upload = app.county_admin().upload(file.clone()).await.json["uploadId"].clone();
            batch = app.county_admin().import(app, file).await["id"].clone();
        }
        let guide = match field.contains("uide") {
            true => app.drafted(&format!("g{}", &app.service().new_id().simple())).await,
            false => Value::Null,
        };
        let canned = match field.contains("anned") {
            true => canned(app, village).await,
            false => Value::Null,
        };
        let alert = match field.contains("rgent") || field == "reportFalseAlarm" {
            true => app.alert(&household).await["id"].clone(),
            false => Value::Null,
        };
        let roster = app.rostered(village, field).await;
        let booking = app.subject_of_booking(village, &household, field).await;
        let correction = match field.contains("orrection") {
            true => app.correction(&app.resident(&contact), &household).await["id"].clone(),
            false => Value::Null,
        };
        let sender = match field.contains("Sender") {
            true => crate::api::access_planned::sender(app, village).await,
            false => Value::Null,
        };
        let channel = match field.contains("hannel") {
            true => app.gate().await.channel["id"].clone(),
            false => Value::Null,
        };
        let referral = match ["closeReferral", "postponeReferral"].contains(&field) {
            true => app.referral(&inquiry).await["id"].clone(),
            false => Value::Null,
        };
        let planned = Planned::new(app, village).await;
        let Planned { leave, handover, transfer } = planned;
        Self {
            village,
            household,
            inquiry,
            contact,
            officer,
            posting,
            upload,
            batch,
            leave,
            handover,
            transfer,
            guide,
            canned,
            alert,
            roster,
            booking,
            correction,
            channel,
            referral,
            sender,
        }
    }
}

/// The input of a mutation, good but for who sends it. What would change the staff carries a version
/// that cannot be, so that the next one finds it as it was.
pub fn input(app: &TestApp, mutation: &str, on: &Subject, key: &str) -> Value {
    let (household, inquiry) = (&on.household["id"], &on.inquiry["id"]);
    let contact = &on.contact["id"];
    match mutation {
        "createOfficer" => json!({ "idempotencyKey": key, "username": key, "name": "周",
            "role": "OFFICER", "stationId": crate::support::county::station_id(township_of(on.village)) }),
        "updateOfficer" => json!({ "officerId": on.officer, "expectedVersion": 99, "name": "周" }),
        "deactivateOfficer" => json!({ "officerId": on.officer, "expectedVersion": 99 }),
        "postOfficer" => json!({ "idempotencyKey": key, "officerId": on.officer,
            "villageCode": on.village, "duty": "AUXILIARY" }),
        "planLeave" => json!({ "idempotencyKey": key, "officerId": on.officer,
            "coverOfficerId": on.officer, "startsAt": "2026-09-02T00:00:00Z",
            "endsAt": "2026-09-03T00:00:00Z" }),
        "handOver" => json!({ "idempotencyKey": key, "fromOfficerId": on.officer,
            "toOfficerId": on.officer, "villageCodes": [on.village] }),
        "cancelLeave" => json!({ "leaveId": on.leave, "expectedVersion": 99 }),
        "cancelHandover" => json!({ "handoverId": on.handover, "expectedVersion": 99 }),
        "confirmHandoverItem" => json!({ "handoverId": on.handover, "expectedVersion": 99,
            "item": "DISPUTES" }),
        "recordTransfer" => json!({ "transferId": on.transfer, "expectedVersion": 99,
            "state": "ACCEPTED" }),
        "endPosting" => json!({ "postingId": on.posting, "expectedVersion": 99 }),
        "registerHousehold" => json!({ "idempotencyKey": key, "villageCode": on.village,
            "groupNumber": 1, "label": "新户", "peopleCount": 1 }),
        "updateHousehold" => {
            json!({ "householdId": household, "expectedVersion": 2, "peopleCount": 1 })
        }
        "enrolContact" => json!({ "idempotencyKey": key, "householdId": household, "name": "李",
            "standing": "BACKUP", "consent": app.consent() }),
        "changeContactStanding" => json!({ "householdId": household, "contactId": contact,
            "standing": "BACKUP", "expectedVersion": 2 }),
        "confirmContact" => json!({ "householdId": household, "contactId": contact }),
        "withdrawConsent" => json!({ "idempotencyKey": key, "contactId": contact }),
        "recordVisit" => {
            json!({ "idempotencyKey": key, "householdId": household, "outcome": "MET" })
        }
        "updateContact" => json!({ "contactId": contact, "expectedVersion": 1, "name": "李" }),
        "removeContact" => {
            json!({ "householdId": household, "contactId": contact, "expectedVersion": 2 })
        }
        "submitInquiry" => {
            json!({ "idempotencyKey": key, "householdId": household, "text": "问一下" })
        }
        "requestAttachmentUpload" => json!({ "idempotencyKey": key, "name": "a.jpg", "bytes": 1 }),
        "replyToInquiry" | "addInternalNote" => {
            json!({ "idempotencyKey": key, "inquiryId": inquiry, "text": "好的" })
        }
        "planRollout" => json!({ "townshipCode": township_of(on.village), "expectedVersion": 0,
            "stage": "PLANNED", "targetPercent": 80, "startsOn": "2026-10-01", "targetOn": "2027-03-31" }),
        "recategorizeInquiry" => {
            json!({ "inquiryId": inquiry, "expectedVersion": 1, "category": "DISPUTE" })
        }
        "mergeHouseholds" => json!({ "idempotencyKey": key, "survivorId": household,
            "survivorVersion": 2, "mergedVersion": 2,
            "mergedId": GlobalId::new(Kind::Household, app.service().new_id()).to_string() }),
        "undoMerge" => json!({ "mergeId": "VQAAAAAAAAAAAAAAAAAAAAA" }),
        "renameDivision" => json!({ "idempotencyKey": key, "code": on.village, "name": "新名",
            "dryRun": true }),
        "moveVillage" => json!({ "idempotencyKey": key, "villageCode": on.village,
            "townshipCode": "411481001", "newCode": "411481001777", "dryRun": true }),
        "mergeVillages" => json!({ "idempotencyKey": key, "villageCodes": [on.village],
            "intoCode": "411481109205", "dryRun": true }),
        "splitVillage" => json!({ "idempotencyKey": key, "villageCode": on.village, "name": "新村",
            "newCode": format!("{}888", township_of(on.village)), "groupNumbers": [1], "dryRun": true }),
        "moveHouseholds" => json!({ "idempotencyKey": key, "householdIds": [household],
            "villageCode": on.village, "groupNumber": 2, "dryRun": true }),
        "requestExport" => json!({ "idempotencyKey": key, "content": "COVERAGE", "format": "CSV",
            "purpose": "核对" }),
        "reopenInquiry" => json!({ "inquiryId": inquiry, "expectedVersion": 2 }),
        "syncFieldWork" => {
            let visit = json!({ "visit": { "householdId": household, "outcome": "MET" } });
            json!({ "items": [{ "idempotencyKey": key, "madeAt": app.now(), "work": visit }] })
        }
        "importHouseholds" => {
            json!({ "idempotencyKey": key, "uploadId": on.upload, "dryRun": true })
        }
        "rollBackImport" => json!({ "batchId": on.batch }),
        "createGuide" => json!({ "idempotencyKey": key, "slug": key, "category": "OTHER",
            "content": crate::support::guides::content() }),
        "reviseGuide" => json!({ "idempotencyKey": key, "guideId": on.guide["guide"]["id"],
            "content": crate::support::guides::content() }),
        "updateGuideDraft" => json!({ "guideVersionId": on.guide["id"], "expectedVersion": 99,
            "content": crate::support::guides::content() }),
        "submitGuide" | "publishGuide" | "retireGuide" => {
            json!({ "guideVersionId": on.guide["id"], "expectedVersion": 99 })
        }
        "returnGuide" => {
            json!({ "guideVersionId": on.guide["id"], "expectedVersion": 99, "note": "改" })
        }
        "createCannedReply" => json!({ "idempotencyKey": key, "title": "a", "text": "b",
            "stationId": crate::support::county::station_id(township_of(on.village)) }),
        "updateCannedReply" | "retireCannedReply" => {
            json!({ "cannedReplyId": on.canned["id"], "expectedVersion": 99 })
        }
        "acknowledgeUrgentAlert" | "reportFalseAlarm" => json!({ "urgentAlertId": on.alert }),
        "createChannel" => with(app.channel_input(), "idempotencyKey", key),
        "rotateChannelKeys" => json!({ "channelId": on.channel, "expectedVersion": 99,
            "callbackKeys": app.channel_input()["callbackKeys"] }),
        "updateChannel" | "retireOldChannelKeys" | "disableChannel" | "enableChannel" => {
            json!({ "channelId": on.channel, "expectedVersion": 99 })
        }
        "checkChannel" => json!({ "channelId": on.channel }),
        "createFriendLink" => json!({ "idempotencyKey": key, "householdId": household }),
        "matchFriend" => {
            json!({ "friendId": GlobalId::new(Kind::Friend, app.service().new_id()).to_string(),
            "expectedVersion": 1, "householdId": household })
        }
        "bindSender" => {
            json!({ "idempotencyKey": key, "senderId": on.sender, "householdId": household,
            "name": "李秀英", "consent": app.consent() })
        }
        "dismissSender" => json!({ "senderId": on.sender, "expectedVersion": 99 }),
        "rateInquiry" => json!({ "inquiryId": inquiry, "score": 5 }),
        "requestCorrection" => json!({ "idempotencyKey": key, "householdId": household,
            "value": "PEOPLE_COUNT", "right": "5" }),
        "answerCorrectionRequest" => {
            json!({ "correctionRequestId": on.correction, "corrected": true })
        }
        "updateStation" => json!({ "expectedVersion": 99,
            "stationId": crate::support::county::station_id(township_of(on.village)) }),
        "assignInquiry" | "resolveInquiry" => json!({ "inquiryId": inquiry, "expectedVersion": 1 }),
        "prioritizeInquiry" => {
            json!({ "inquiryId": inquiry, "expectedVersion": 1, "priority": "HIGH" })
        }
        "referInquiry" => json!({ "idempotencyKey": key, "inquiryId": inquiry,
            "referredTo": "JUSTICE_OFFICE" }),
        "postponeReferral" => json!({ "referralId": on.referral, "expectedVersion": 99,
            "followUpOn": "2026-10-01", "reason": "等待开庭" }),
        "closeReferral" => json!({ "referralId": on.referral, "expectedVersion": 1,
            "outcome": "AGREED" }),
        "nameInquiryReader" | "removeInquiryReader" | "excludeOfficer" => {
            json!({ "inquiryId": inquiry, "officerId": on.officer })
        }
        "claimInquiry" | "lockDraft" | "unlockDraft" => json!({ "inquiryId": inquiry }),
        "changeInquiries" => json!({ "change": { "priority": "HIGH" },
            "items": [{ "inquiryId": inquiry, "expectedVersion": 1 }] }),
        "setDeadlineTarget" => json!({ "category": "OTHER", "priority": "LOW", "hours": "WORKING",
            "firstReplyMinutes": 60, "resolutionMinutes": 600, "escalationMinutes": 60 }),
        _ => crate::support::roster::input(mutation, on.village, &on.roster, key).unwrap_or_else(
            || {
                crate::support::appointments::access_input(
                    app,
                    mutation,
                    on.village,
                    &on.booking,
                    key,
                )
            },
        ),
    }
}

/// A query of a root field about one subject.
pub fn query(field: &str, on: &Subject) -> Option<String> {
    let id = |object: &Value| format!("(id: {object}) {{ id }}");
    let (village, township) = (on.village, township_of(on.village));
    let arguments = match field {
        "channel" => id(&on.channel),
        "household" => id(&on.household["id"]),
        "inquiry" => id(&on.inquiry["id"]),
        "officer" => id(&on.officer),
        "importBatch" => id(&on.batch),
        "importBatches" => " { totalCount }".to_owned(),
        "node" => id(&on.contact["id"]),
        "nodes" => format!("(ids: [{}]) {{ id }}", on.household["id"]),
        "county" => "(code: \"411481\") { id }".to_owned(),
        "township" => format!("(code: \"{township}\") {{ id }}"),
        "village" => format!("(code: \"{village}\") {{ id }}"),
        "counties" => " { totalCount }".to_owned(),
        "townships" | "villages" => "(filter: { text: \"刘河\" }) { totalCount }".to_owned(),
        "fieldBook" => {
            let village = GlobalId::new(Kind::Village, on.village);
            format!("(villages: [\"{village}\"], first: 1) {{ cursor }}")
        }
        "officers" => format!("(filter: {{ townshipCode: \"{township}\" }}) {{ totalCount }}"),
        "households" => format!("(filter: {{ villageCode: \"{village}\" }}) {{ totalCount }}"),
        "inquiries" => format!("(filter: {{ areaCode: \"{village}\" }}) {{ totalCount }}"),
        "referrals" | "accessHistory" | "accessLog" | "friends" | "friendDifferences" => {
            " { totalCount }".to_owned()
        }
        "unboundSenders" => format!("(filter: {{ areaCode: \"{village}\" }}) {{ totalCount }}"),
        "inbox" => format!("(areaCode: \"{village}\") {{ counts {{ unanswered }} }}"),
        "deadlineTargets" => " { category }".to_owned(),
        "rolloutBoard" => " { townships { coverage { denominator } } }".to_owned(),
        "reorganisations" => " { pageInfo { hasNextPage } }".to_owned(),
        "exports" => " { totalCount }".to_owned(),
        "handovers" => " { totalCount }".to_owned(),
        "guide" => "(slug: \"passport\") { id }".to_owned(),
        "calendar" => "(from: \"2026-10-01\", to: \"2026-10-01\") { version }".to_owned(),
        "onDuty" => format!("(villageCode: \"{village}\") {{ at }}"),
        "dutyCalendar" => format!(
            "(of: {{ villageCode: \"{village}\" }}, from: \"2026-10-01\", to: \"2026-10-01\") {{ day }}"
        ),
        "shifts" => format!("(filter: {{ villageCode: \"{village}\" }}) {{ totalCount }}"),
        "guides" | "outdatedReplies" | "cannedReplies" | "serviceWindows" | "appointments"
        | "channels" => " { totalCount }".to_owned(),
        "guideVersions" => "(filter: { statuses: [DRAFT] }) { totalCount }".to_owned(),
        "searchGuides" => "(text: \"护照\") { id }".to_owned(),
        "renderCannedReply" => format!(
            "(cannedReplyId: {}, inquiryId: {}) {{ text }}",
            on.canned["id"], on.inquiry["id"]
        ),
        "correctionRequests" => {
            format!("(filter: {{ areaCode: \"{village}\" }}) {{ totalCount }}")
        }
        "keptAboutMe" => " { data }".to_owned(),
        "urgentAlerts" => format!("(filter: {{ areaCode: \"{village}\" }}) {{ totalCount }}"),
        "urgentStatistics" => format!("(filter: {{ areaCode: \"{village}\" }}) {{ raised }}"),
        "appointmentOutcomes" => format!(
            "(areaCode: \"{village}\", since: \"2026-09-01\", until: \"2026-09-30\") {{ totalCount: booked }}"
        ),
        "availableSlots" => format!("(windowId: {}) {{ free }}", on.booking["window"]),
        "serviceInfo" => " { version }".to_owned(),
        "viewer" => " { role }".to_owned(),
        "consentTexts" => " { version }".to_owned(),
        _ => return None,
    };
    Some(format!("{{ {field}{arguments} }}"))
}
