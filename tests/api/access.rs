//! Who may do what: the permission table, and what really happens when each role tries each
//! operation in its own area and in another one. Both are kept in tests/snapshots/access.txt.

use std::fmt::Write;

use huhutong::access::{Act, Reach, reach};
use huhutong::actor::Role;
use huhutong::id::{GlobalId, Kind};

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, OTHER_LIUHE, lead, posting_of_lead, township_of};
use crate::support::{Actor, TestApp, Value, json};

on_both_databases!(what_each_role_may_do_is_as_written_down);

const SNAPSHOT: &str = "tests/snapshots/access.txt";

/// What an operation is tried on.
struct Subject {
    village: &'static str,
    household: Value,
    inquiry: Value,
    contact: Value,
    officer: Value,
    posting: Value,
    upload: Value,
    batch: Value,
    leave: Value,
    handover: Value,
    transfer: Value,
    guide: Value,
    canned: Value,
}

impl Subject {
    /// What `field` is tried on; an import is made only for those that are about one.
    async fn new(app: &TestApp, village: &'static str, field: &str) -> Self {
        let household = app.household(village).await;
        let contact = app.contact_of(&household, "王建国").await;
        let inquiry = app.inquiry(&household).await;
        if field == "reopenInquiry" {
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
        }
    }
}

/// A canned reply of the station of a village.
async fn canned(app: &TestApp, village: &str) -> Value {
    let station = crate::support::county::station_id(township_of(village));
    let input = json!({ "idempotencyKey": app.service().new_id(), "stationId": station,
                        "title": "a", "text": "b" });
    app.county_admin().mutate("createCannedReply", input, "id").await.done()
}

/// A leave and a hand-over among two more officers of a village.
struct Planned {
    leave: Value,
    handover: Value,
    transfer: Value,
}

impl Planned {
    async fn new(app: &TestApp, village: &'static str) -> Self {
        let admin = app.county_admin();
        let (from, to) =
            (app.officer_posted_to(&[village]).await, app.officer_posted_to(&[village]).await);
        let input = json!({ "idempotencyKey": from.id(), "officerId": to.id(),
            "coverOfficerId": from.id(), "startsAt": "2026-09-02T00:00:00Z",
            "endsAt": "2026-09-03T00:00:00Z" });
        let leave = admin.mutate("planLeave", input, "id").await.done()["id"].clone();
        let input = json!({ "idempotencyKey": to.id(), "fromOfficerId": from.id(),
            "toOfficerId": to.id(), "villageCodes": [village] });
        let wanted = "id transfers(first: 1) { edges { node { id } } }";
        let made = admin.mutate("handOver", input, wanted).await.done();
        let transfer = made["transfers"]["edges"][0]["node"]["id"].clone();
        Self { leave, handover: made["id"].clone(), transfer }
    }
}

/// The input of a mutation, good but for who sends it. What would change the staff carries a version
/// that cannot be, so that the next one finds it as it was.
fn input(app: &TestApp, mutation: &str, on: &Subject, key: &str) -> Value {
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
            "survivorVersion": 2, "mergedId": household, "mergedVersion": 2 }),
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
        "updateStation" => json!({ "expectedVersion": 99,
            "stationId": crate::support::county::station_id(township_of(on.village)) }),
        "assignInquiry" | "resolveInquiry" => json!({ "inquiryId": inquiry, "expectedVersion": 1 }),
        _ => json!({}),
    }
}

/// A query of a root field about one subject.
fn query(field: &str, on: &Subject) -> Option<String> {
    let id = |object: &Value| format!("(id: {object}) {{ id }}");
    let (village, township) = (on.village, township_of(on.village));
    let arguments = match field {
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
        "rolloutBoard" => " { townships { coverage { denominator } } }".to_owned(),
        "reorganisations" => " { pageInfo { hasNextPage } }".to_owned(),
        "exports" => " { totalCount }".to_owned(),
        "handovers" => " { totalCount }".to_owned(),
        "guide" => "(slug: \"passport\") { id }".to_owned(),
        "guides" | "outdatedReplies" | "cannedReplies" => " { totalCount }".to_owned(),
        "guideVersions" => "(filter: { statuses: [DRAFT] }) { totalCount }".to_owned(),
        "searchGuides" => "(text: \"护照\") { id }".to_owned(),
        "renderCannedReply" => format!(
            "(cannedReplyId: {}, inquiryId: {}) {{ text }}",
            on.canned["id"], on.inquiry["id"]
        ),
        "serviceInfo" => " { version }".to_owned(),
        "viewer" => " { role }".to_owned(),
        "consentTexts" => " { version }".to_owned(),
        _ => return None,
    };
    Some(format!("{{ {field}{arguments} }}"))
}

/// How one operation of one caller goes: for a list, whether there is anything in it.
async fn attempt(app: &TestApp, caller: &Actor, field: &str, on: &Subject) -> String {
    if let Some(document) = query(field, on) {
        let answer = caller.query(&document, json!({})).await;
        let found = &answer.json["data"][field];
        return match answer.outcome().as_str() {
            "ok" if found["totalCount"] == 0 => "nothing".to_owned(),
            "ok" if found.is_null() || found == &json!([null]) => "null".to_owned(),
            other => other.to_owned(),
        };
    }
    let key = format!("k{}", app.service().new_id().simple());
    let wanted = match field {
        "signOut" => "",
        "planRollout" => "version",
        "syncFieldWork" => "userErrors { code field message }",
        _ => "id",
    };
    let answer = caller.mutate(field, input(app, field, on, &key[..30]), wanted).await;
    // An item is refused by itself.
    let refused = answer.json.pointer("/data/syncFieldWork/object/0/userErrors/0/code");
    match refused.and_then(Value::as_str) {
        Some(code) => format!("refused {code}"),
        None => answer.outcome(),
    }
}

fn reaches(table: &mut String) {
    for act in Act::ALL {
        write!(table, "{:<16}", format!("{act:?}")).unwrap();
        for role in Role::ALL {
            let word = match reach(role, *act) {
                Reach::Nothing => "-",
                Reach::Own => "own",
                Reach::Posted => "posted",
                Reach::Township => "township",
                Reach::County => "county",
            };
            write!(table, " {word:<9}").unwrap();
        }
        table.truncate(table.trim_end().len());
        table.push('\n');
    }
}

/// A caller of each role. The resident is the contact of each subject.
fn callers(app: &TestApp, officer: &Actor) -> [(&'static str, Option<Actor>); 7] {
    [
        ("anonymous", Some(app.anonymous())),
        ("resident", None),
        ("officer", Some(officer.clone())),
        ("chief", Some(app.chief(CHENJI))),
        ("admin", Some(app.county_admin())),
        ("analyst", Some(app.analyst())),
        ("auditor", Some(app.auditor())),
    ]
}

async fn what_each_role_may_do_is_as_written_down(app: TestApp) {
    let mut table = String::from("How far each role may go (src/access.rs)\n\n                ");
    for role in Role::ALL {
        write!(table, " {:<9}", format!("{role:?}").chars().take(9).collect::<String>()).unwrap();
    }
    table.truncate(table.trim_end().len());
    table.push('\n');
    reaches(&mut table);
    table.push_str("\nWhat happens in the own area, and in another area where that differs\n");
    let officer = app.officer_posted_to(&[LIUHE]).await;
    // Signing in is tested by itself, and subscriptions are.
    let elsewhere =
        ["signIn", "refreshSession", "changePassword", "inquiryChanged", "messageAdded"];
    for field in Act::ALL.iter().flat_map(|act| act.root_fields()) {
        if elsewhere.contains(field) {
            continue;
        }
        writeln!(table, "\n{field}").unwrap();
        let mut own = Subject::new(&app, LIUHE, field).await;
        let mut other = Subject::new(&app, OTHER_LIUHE, field).await;
        for (role, caller) in callers(&app, &officer) {
            let caller = caller.unwrap_or_else(|| app.resident(&own.contact));
            let here = attempt(&app, &caller, field, &own).await;
            let there = attempt(&app, &caller, field, &other).await;
            let both = if here == there { here } else { format!("{here} / {there}") };
            writeln!(table, "    {role:<10} {both}").unwrap();
            if query(field, &own).is_none() && both.contains("ok") {
                own = Subject::new(&app, LIUHE, field).await;
                other = Subject::new(&app, OTHER_LIUHE, field).await;
            }
        }
    }
    compare(&table);
}

fn compare(table: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(SNAPSHOT);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, table).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let (before, after) = (lines(&kept), lines(table));
    let gone = before.iter().filter(|line| !after.contains(line)).map(|line| format!("- {line}"));
    let new = after.iter().filter(|line| !before.contains(line)).map(|line| format!("+ {line}"));
    let changed: Vec<String> = gone.chain(new).collect();
    assert!(
        changed.is_empty(),
        "permissions changed; if that is meant, run with UPDATE_SNAPSHOTS=1 and commit {SNAPSHOT}:\n{}",
        changed.join("\n")
    );
}

/// The lines of a table, each with its heading.
fn lines(table: &str) -> Vec<String> {
    let mut heading = "";
    let mut lines = Vec::new();
    for line in table.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix("    ") {
            Some(rest) => lines.push(format!("{heading}: {rest}")),
            None => {
                heading = line;
                lines.push(line.to_owned());
            }
        }
    }
    lines
}
