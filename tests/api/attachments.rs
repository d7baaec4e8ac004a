//! Files that come with messages: who may bring them, and who may have them.

use std::time::Duration;

use axum::body::Body;

use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, WANGLOU};
use crate::support::{Actor, TestApp, Value, docx, jpeg, json, png};

on_both_databases!(
    a_picture_comes_with_an_inquiry_and_a_document_with_the_answer,
    a_file_is_only_for_who_may_read_the_message,
    an_address_ends_with_the_right_to_read_the_message,
    a_file_is_served_so_that_no_browser_runs_it,
    an_address_for_sending_is_good_for_one_file_and_one_hour,
    what_breaks_off_or_has_another_length_leaves_nothing,
    only_what_is_taken_is_taken_whatever_it_is_called,
    names_are_kept_and_their_paths_are_not,
    a_file_is_attached_by_who_brought_it_and_once,
    a_repeated_announcement_has_another_address,
    bad_announcements_are_refused,
    files_are_read_with_one_statement_for_all_messages,
);

const MESSAGES: &str = "query($id: ID!) { inquiry(id: $id) { messages(first: 100) { edges { node { \
                        attachments { id name mediaType bytes width height url } } } } } }";

/// The files of the inquiry's messages, as somebody sees them.
async fn files(actor: &Actor, inquiry: &Value) -> Vec<Value> {
    let answer = actor.query(MESSAGES, json!({ "id": inquiry["id"] })).await;
    let edges = answer.at("/inquiry/messages/edges").as_array().unwrap().clone();
    edges.iter().flat_map(|edge| edge["node"]["attachments"].as_array().unwrap().clone()).collect()
}

async fn a_picture_comes_with_an_inquiry_and_a_document_with_the_answer(app: TestApp) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let first = resident.bring("户口簿😀.jpg", jpeg()).await;
    let second = resident.bring("b.png", png(4, 5)).await;
    let inquiry = resident.ask_with(&household, &[&second, &first]).await;
    let shown = &inquiry["lastMessage"]["attachments"];
    assert_eq!((&shown[0]["id"], &shown[1]["id"]), (&second, &first), "in this order");
    assert_eq!(
        (&shown[1]["name"], &shown[1]["mediaType"]),
        (&json!("户口簿😀.jpg"), &json!("image/jpeg"))
    );
    assert_eq!((&shown[1]["width"], &shown[1]["height"]), (&json!(3), &json!(2)));
    assert_eq!((&shown[0]["width"], &shown[0]["height"]), (&json!(4), &json!(5)));
    app.advance(Duration::from_secs(60));
    let officer = app.lead(LIUHE);
    let form = officer.bring("申请表.docx", docx(300)).await;
    let reply = json!({ "idempotencyKey": "r", "inquiryId": inquiry["id"], "text": "请填表",
                        "attachmentIds": [form] });
    officer.mutate("replyToInquiry", reply, "id").await.done();
    let seen = files(&resident, &inquiry).await;
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[2]["width"], Value::Null);
    let (status, _, body) = resident.had(&seen[2]["url"]).await;
    assert_eq!((status, &body[..]), (200, &docx(300)[..]));
    let document = "query($id: ID!) { node(id: $id) { ... on Attachment { name } } }";
    let node = officer.query(document, json!({ "id": first })).await;
    assert_eq!(node.at("/node/name"), "户口簿😀.jpg");
}

async fn a_file_is_only_for_who_may_read_the_message(app: TestApp) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let file = resident.bring("a.jpg", jpeg()).await;
    let node = "query($id: ID!) { node(id: $id) { id } }";
    let loose = app.county_admin().query(node, json!({ "id": file })).await;
    assert_eq!(loose.code(), Some("NOT_FOUND"), "it is in no message yet");
    resident.ask_with(&household, &[&file]).await;
    let stranger = app.resident_of(&app.household(LIUHE).await).await;
    for (actor, expected) in [
        (resident, None),
        (app.lead(LIUHE), None),
        (app.chief(CHENJI), None),
        (app.county_admin(), None),
        (stranger, Some("NOT_FOUND")),
        (app.lead(WANGLOU), Some("NOT_FOUND")),
        (app.auditor(), Some("FORBIDDEN")),
        (app.analyst(), Some("FORBIDDEN")),
        (app.anonymous(), Some("UNAUTHENTICATED")),
    ] {
        assert_eq!(actor.query(node, json!({ "id": file })).await.code(), expected);
    }
}

async fn an_address_ends_with_the_right_to_read_the_message(app: TestApp) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let file = resident.bring("a.jpg", jpeg()).await;
    let inquiry = resident.ask_with(&household, &[&file]).await;
    let officer = app.officer_posted_to(&[LIUHE]).await;
    let url = files(&officer, &inquiry).await[0]["url"].clone();
    assert_eq!(officer.had(&url).await.0, 200);
    let text = url.as_str().unwrap();
    for guessed in ["/attachments/x", &format!("{text}A"), &text.replacen("s/", "s/A", 1)] {
        assert_eq!(officer.had(&json!(guessed)).await.0, 404, "{guessed}");
    }
    app.end_posting_of(&officer, LIUHE).await;
    assert_eq!(officer.had(&url).await.0, 404, "the posting has ended");
    let url = files(&app.lead(LIUHE), &inquiry).await[0]["url"].clone();
    app.advance(Duration::from_secs(599));
    assert_eq!(officer.had(&url).await.0, 200);
    app.advance(Duration::from_secs(1));
    assert_eq!(officer.had(&url).await.0, 404, "ten minutes are over");
}

async fn a_file_is_served_so_that_no_browser_runs_it(app: TestApp) {
    let household = app.household(LIUHE).await;
    let resident = app.resident_of(&household).await;
    let file = resident.bring("a\";\r\n刘.jpg", jpeg()).await;
    let inquiry = resident.ask_with(&household, &[&file]).await;
    let (_, headers, body) = resident.had(&inquiry["lastMessage"]["attachments"][0]["url"]).await;
    for (name, value) in [
        ("content-type", "image/jpeg"),
        ("content-disposition", "attachment; filename*=UTF-8''a%22%3B%E5%88%98%2Ejpg"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox; frame-ancestors 'none'"),
        ("cache-control", "no-store"),
        ("content-length", &body.len().to_string()),
    ] {
        assert_eq!(headers[name], value);
    }
}

async fn an_address_for_sending_is_good_for_one_file_and_one_hour(app: TestApp) {
    let officer = app.lead(LIUHE);
    let upload = officer.announce("a.jpg", jpeg().len()).await;
    assert!(upload["url"].as_str().unwrap().len() > 40);
    assert_eq!(officer.send(&upload, jpeg()).await.status, 201);
    let twice = officer.send(&upload, jpeg()).await;
    assert_eq!((twice.status.as_u16(), twice.code()), (404, Some("NOT_FOUND")));
    let guessed = officer.send(&json!({ "url": "/uploads/guessed" }), jpeg()).await;
    assert_eq!((guessed.json, guessed.status.as_u16()), (twice.json, 404), "nobody learns which");
    let late = officer.announce("a.jpg", jpeg().len()).await;
    app.advance(Duration::from_secs(3600));
    assert_eq!(officer.send(&late, jpeg()).await.code(), Some("NOT_FOUND"));
    assert_eq!(app.stored_files().await, 1);
}

async fn what_breaks_off_or_has_another_length_leaves_nothing(app: TestApp) {
    let officer = app.lead(LIUHE);
    let picture = jpeg();
    let upload = officer.announce("a.jpg", picture.len()).await;
    let pieces = [Ok(picture[..9].to_vec()), Err(std::io::Error::other("the network went away"))];
    let broken = Body::from_stream(futures_util::stream::iter(pieces));
    assert_eq!(officer.send(&upload, broken).await.code(), Some("BAD_REQUEST"));
    let longer = officer.send(&upload, [&picture[..], b"!"].concat()).await;
    assert_eq!((longer.status.as_u16(), longer.code()), (413, Some("FILE_TOO_LARGE")));
    let unsaid = Body::from_stream(futures_util::stream::iter(
        [&picture[..], b"!"].map(|piece| Ok::<_, std::io::Error>(piece.to_vec())),
    ));
    assert_eq!(officer.send(&upload, unsaid).await.code(), Some("FILE_TOO_LARGE"));
    for shorter in [&picture[..9], b""] {
        assert_eq!(officer.send(&upload, shorter.to_vec()).await.code(), Some("BAD_FILE"));
    }
    assert_eq!(app.stored_files().await, 0);
    let household = app.household(LIUHE).await;
    let input = json!({ "idempotencyKey": "a", "householdId": household["id"], "text": "看",
                        "attachmentIds": [upload["attachmentId"]] });
    let early = officer.mutate("submitInquiry", input, "id").await;
    assert_eq!(early.outcome(), "NOT_FOUND attachmentIds");
    assert_eq!(officer.send(&upload, picture).await.status, 201, "the address is still good");
}

async fn only_what_is_taken_is_taken_whatever_it_is_called(app: TestApp) {
    let officer = app.lead(LIUHE);
    for (name, contents, expected) in [
        ("page.jpg", b"<!doctype html><script>alert(1)</script>".to_vec(), "BAD_FILE"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), "BAD_FILE"),
        ("a.pdf", b"MZ\x90\0\x03 an executable".to_vec(), "BAD_FILE"),
        ("a.zip", b"PK\x03\x04 no archive".to_vec(), "BAD_FILE"),
        ("half.jpg", jpeg()[..120].to_vec(), "BAD_FILE"),
        ("huge.png", png(20_000, 20_000), "BAD_FILE"),
        ("none.png", png(0, 5), "BAD_FILE"),
        ("a.exe", b"%PDF-1.7 a document".to_vec(), "a.exe.pdf"),
        ("photo.jpg", png(3, 2), "photo.jpg.png"),
        ("voice.amr", b"#!AMR\n voice".to_vec(), "voice.amr"),
        ("bomb.docx", docx(80 << 20), "bomb.docx"),
    ] {
        let upload = officer.announce(name, contents.len()).await;
        let answer = officer.send(&upload, contents).await;
        let outcome = answer.code().or(answer.json["name"].as_str());
        assert_eq!(outcome, Some(expected), "{name}");
    }
    assert_eq!(app.stored_files().await, 4);
}

async fn names_are_kept_and_their_paths_are_not(app: TestApp) {
    let officer = app.lead(LIUHE);
    for (name, kept) in [
        ("../../etc/刘.jpg", "刘.jpg"),
        ("C:\\图片\\😀.JPG", "😀.JPG"),
        ("\u{202e}gpj.exe.jpg", "gpj.exe.jpg"),
        (".jpg", "jpg.jpg"),
    ] {
        let upload = officer.announce(name, jpeg().len()).await;
        assert_eq!(officer.send(&upload, jpeg()).await.json["name"], kept);
    }
}

async fn a_file_is_attached_by_who_brought_it_and_once(app: TestApp) {
    let household = app.household(LIUHE).await;
    let (officer, other) = (app.lead(LIUHE), app.chief(CHENJI));
    let file = officer.bring("a.jpg", jpeg()).await;
    let ask = async |actor: &Actor, key: &str, files: Value| {
        let input = json!({ "idempotencyKey": key, "householdId": household["id"], "text": "看",
                            "attachmentIds": files });
        actor.mutate("submitInquiry", input, "id").await.outcome()
    };
    assert_eq!(ask(&other, "a", json!([file])).await, "NOT_FOUND attachmentIds");
    assert_eq!(ask(&officer, "b", json!([file, file])).await, "NOT_FOUND attachmentIds");
    assert_eq!(ask(&officer, "c", json!(vec![&file; 10])).await, "TOO_LONG attachmentIds");
    assert_eq!(ask(&officer, "d", json!([household["id"]])).await, "BAD_ID");
    assert_eq!(ask(&officer, "e", json!([file])).await, "ok");
    assert_eq!(ask(&officer, "e", json!([file])).await, "ok", "the same again");
    assert_eq!(ask(&officer, "f", json!([file])).await, "NOT_FOUND attachmentIds");
    assert_eq!(app.number("SELECT count(*) FROM message").await, 1);
}

async fn a_repeated_announcement_has_another_address(app: TestApp) {
    let officer = app.lead(LIUHE);
    let input = json!({ "idempotencyKey": "a", "name": "a.jpg", "bytes": jpeg().len() });
    let again = async || {
        let wanted = "attachmentId url expiresAt";
        officer.mutate("requestAttachmentUpload", input.clone(), wanted).await
    };
    let (first, second) = (again().await.done(), again().await.done());
    assert_eq!(first["attachmentId"], second["attachmentId"]);
    assert_eq!(officer.send(&first, jpeg()).await.code(), Some("NOT_FOUND"));
    assert_eq!(officer.send(&second, jpeg()).await.status, 201);
    assert_eq!(again().await.outcome(), "WRONG_STATE idempotencyKey");
}

async fn bad_announcements_are_refused(app: TestApp) {
    let officer = app.lead(LIUHE);
    let long = "长".repeat(201);
    for (name, bytes, expected) in [
        ("a.jpg", 20 << 20, "ok"),
        ("a.jpg", (20 << 20) + 1, "INVALID bytes"),
        ("a.jpg", 0, "INVALID bytes"),
        ("a.jpg", -1, "INVALID bytes"),
        ("", 1, "BLANK name"),
        ("图片/", 1, "BLANK name"),
        ("..", 1, "BLANK name"),
        ("a\0.jpg", 1, "INVALID name"),
        (&long, 1, "TOO_LONG name"),
    ] {
        let input = json!({ "idempotencyKey": name, "name": name, "bytes": bytes });
        let input = if name.is_empty() || name.contains('\0') || name == long {
            crate::support::with(input, "idempotencyKey", "k")
        } else {
            crate::support::with(input, "idempotencyKey", format!("{name} {bytes}"))
        };
        let answer = officer.mutate("requestAttachmentUpload", input, "url").await;
        assert_eq!(answer.outcome(), expected, "{bytes}");
    }
    for _ in 0..49 {
        officer.announce("a.jpg", 1).await;
    }
    let input = json!({ "idempotencyKey": "more", "name": "a.jpg", "bytes": 1 });
    let more = officer.mutate("requestAttachmentUpload", input, "url").await;
    assert_eq!(more.outcome(), "RATE_LIMITED");
}

async fn files_are_read_with_one_statement_for_all_messages(app: TestApp) {
    let household = app.household(LIUHE).await;
    let officer = app.lead(LIUHE);
    let file = officer.bring("a.jpg", jpeg()).await;
    let inquiry = officer.ask_with(&household, &[&file]).await;
    let one = app.statements(files(&officer, &inquiry)).await;
    for key in ["a", "b", "c"] {
        let ids = [officer.bring("a.jpg", jpeg()).await, officer.bring("b.jpg", jpeg()).await];
        let reply = json!({ "idempotencyKey": key, "inquiryId": inquiry["id"], "text": "看",
                            "attachmentIds": ids });
        officer.mutate("replyToInquiry", reply, "id").await.done();
    }
    let many = app.statements(files(&officer, &inquiry)).await;
    assert_eq!((one.0, one.1.len(), many.1.len()), (many.0, 1, 7));
}
