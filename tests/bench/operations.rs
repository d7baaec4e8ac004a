//! The operations that are measured, as requests to both servers for the same random objects.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::people::{Account, People};
use crate::server::Side;

const HOUSEHOLD: &str = "query Household($id: ID!) { household(id: $id) { \
    id label door peopleCount status updatedAt village { code name township { code name } } \
    inquiries(first: 5) { edges { node { id category status subject openedAt } } } } }";
const INBOX: &str = "query Inbox($village: DivisionCode!) { inquiries(first: 20, filter: { \
    areaCode: $village, statuses: [OPEN, WAITING_FOR_OFFICER, WAITING_FOR_RESIDENT] }) { \
    edges { node { id category status subject openedAt household { id label status } \
    lastMessage { id direction text sentAt } } } } }";
const TREE: &str = "query Township($code: DivisionCode!) { township(code: $code) { code name \
    villages(first: 40) { edges { node { code name \
    households(first: 10) { edges { node { id label status \
    inquiries(first: 3) { edges { node { id subject status openedAt } } } } } } } } } } }";
const DASHBOARD: &str = "query Dashboard { townships(first: 100) { edges { node { \
    code name openInquiryCount coverage { numerator denominator peopleCount unvisited asOf } } } } }";
const SUBMIT: &str = "mutation Submit($input: SubmitInquiryInput!) { submitInquiry(input: $input) { \
    inquiry { id status household { label } lastMessage { text } } userErrors { code message } } }";

const DESK: &str = "query Desk { inbox { \
    counts { unanswered mine unassigned overdue waitingForResident escalated } \
    inquiries(tab: UNANSWERED, first: 20) { edges { node { id category status subject waitingSince priority \
    household { id label status } lastMessage { id direction text sentAt } deadline { dueAt state } } } } } }";

/// What stands where each request has a key of its own.
const KEY: &str = "key-0000000000";
/// Digits of it that change.
pub const KEY_DIGITS: usize = 10;

/// A request as it goes over the wire.
pub struct Wire {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Where the digits of a new key have to be put in before it is sent.
    pub key: Option<usize>,
}

/// The same thing asked of both servers.
pub struct Operation {
    /// The letter under which it can be chosen.
    pub letter: char,
    /// What it is.
    pub name: &'static str,
    /// Requests to the service.
    pub service: Vec<Wire>,
    /// The same requests to the bare routes.
    pub bare: Vec<Wire>,
    /// How a right body of the service begins.
    pub begins: &'static str,
}

impl Operation {
    /// The requests to one side.
    pub fn requests(&self, side: Side) -> &[Wire] {
        match side {
            Side::Service => &self.service,
            Side::Bare => &self.bare,
        }
    }

    /// How a right body of one side begins.
    pub fn begins(&self, side: Side) -> &'static str {
        match (side, self.begins) {
            (Side::Service, begins) => begins,
            (Side::Bare, begins) if begins.contains("edges") => "[",
            (Side::Bare, _) => "{\"",
        }
    }
}

/// All operations, for these people and what they look after.
pub fn all(people: &People) -> Vec<Operation> {
    let mut operations = vec![
        Operation::new('a', "household with 5 inquiries", "{\"data\":{\"household\":{\"id\""),
        Operation::new('b', "inbox of a village", "{\"data\":{\"inquiries\":{\"edges\":["),
        Operation::new('c', "township to inquiries", "{\"data\":{\"township\":{\"code\""),
        Operation::new('d', "coverage of townships", "{\"data\":{\"townships\":{\"edges\":[{"),
        Operation::new('e', "submit an inquiry", "{\"data\":{\"submitInquiry\":{\"inquiry\":{"),
        Operation::new('f', "the desk's inbox", "{\"data\":{\"inbox\":{\"counts\":{"),
    ];
    for (officer, household) in &people.households {
        let (id, path) = (global_id(b'H', *household), format!("/household/{household}"));
        operations[0].add(officer, HOUSEHOLD, json!({ "id": id }), &path, &Value::Null);
        let text = "您好，请问换领身份证要带什么材料？";
        let input = json!({ "householdId": id, "idempotencyKey": KEY, "category": "ID_CARD", "text": text });
        let bare = json!({ "officerId": officer.id, "householdId": household, "idempotencyKey": KEY,
            "category": "ID_CARD", "text": text });
        operations[4].add(officer, SUBMIT, json!({ "input": input }), "/submit", &bare);
    }
    for (officer, village) in &people.villages {
        let path = format!("/inbox/{village}");
        operations[1].add(officer, INBOX, json!({ "village": village }), &path, &Value::Null);
        let path = format!("/desk/{}", officer.id);
        operations[5].add(officer, DESK, json!({}), &path, &Value::Null);
    }
    for (chief, township) in &people.townships {
        let path = format!("/tree/{township}");
        operations[2].add(chief, TREE, json!({ "code": township }), &path, &Value::Null);
    }
    operations[3].add(&people.administrator, DASHBOARD, json!({}), "/dashboard", &Value::Null);
    operations
}

impl Operation {
    fn new(letter: char, name: &'static str, begins: &'static str) -> Self {
        Self { letter, name, service: Vec::new(), bare: Vec::new(), begins }
    }

    fn add(&mut self, account: &Account, query: &str, variables: Value, path: &str, body: &Value) {
        let token = format!("Authorization: Bearer {}\r\n", account.token);
        let graphql = json!({ "query": query, "variables": variables });
        self.service.push(wire("/graphql", &token, &graphql));
        self.bare.push(wire(path, "", body));
    }
}

fn wire(path: &str, headers: &str, body: &Value) -> Wire {
    let host = format!("Host: bench\r\n{headers}");
    let text = if body.is_null() {
        format!("GET {path} HTTP/1.1\r\n{host}\r\n")
    } else {
        let body = body.to_string();
        let kind = format!("Content-Type: application/json\r\nContent-Length: {}", body.len());
        format!("POST {path} HTTP/1.1\r\n{host}{kind}\r\n\r\n{body}")
    };
    Wire { key: text.find(KEY).map(|at| at + KEY.len() - KEY_DIGITS), bytes: text.into_bytes() }
}

fn global_id(letter: u8, id: Uuid) -> String {
    use base64::Engine;
    let mut bytes = vec![letter];
    bytes.extend_from_slice(id.as_bytes());
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}
