//! Who may do what: the permission table, and what really happens when each role tries each
//! operation in its own area and in another one. Both are kept in tests/snapshots/access.txt.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

use huhutong::access::{Act, Reach, reach};
use huhutong::actor::Role;

use crate::api::access_operations::{Subject, input, query};
use crate::on_both_databases;
use crate::support::county::{CHENJI, LIUHE, OTHER_LIUHE};
use crate::support::{Actor, TestApp, Value, json};

on_both_databases!(
    the_first_quarter_of_operations_goes_as_written_down,
    the_second_quarter_of_operations_goes_as_written_down,
    the_third_quarter_of_operations_goes_as_written_down,
    the_last_quarter_of_operations_goes_as_written_down,
);

const SNAPSHOT: &str = "tests/snapshots/access.txt";
/// Each of the parts takes a database of its own, and its time.
const PARTS: usize = 4;

/// Signing in is tested by itself, and subscriptions are.
const ELSEWHERE: [&str; 7] = [
    "signIn",
    "refreshSession",
    "changePassword",
    "inquiryChanged",
    "messageAdded",
    "messageChanged",
    "urgentRaised",
];

/// Who writes the snapshot anew just now.
static WRITING: Mutex<()> = Mutex::new(());

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
        "planRollout" | "updateWorkingHours" => "version",
        "syncFieldWork" | "changeInquiries" | "moveAppointments" => {
            "userErrors { code field message }"
        }
        "setDeadlineTarget" => "category",
        "createFriendLink" => "state",
        "importCalendar" => "added",
        "checkChannel" => "works",
        "requestAttachmentUpload" => "attachmentId",
        "mergeHouseholds" => "contactsMoved",
        _ => "id",
    };
    let answer = caller.mutate(field, input(app, field, on, &key[..30]), wanted).await;
    assert_ne!(answer.outcome(), "GRAPHQL_VALIDATION_FAILED", "{field} was not tried");
    // An item is refused by itself.
    let refused = answer.json.pointer(&format!("/data/{field}/object/0/userErrors/0/code"));
    match refused.and_then(Value::as_str) {
        Some(code) => format!("refused {code}"),
        None => answer.outcome(),
    }
}

/// The permission table, and what stands above the operations.
fn head() -> String {
    let mut table = String::from("How far each role may go (src/access.rs)\n\n                ");
    for role in Role::ALL {
        write!(table, " {:<9}", format!("{role:?}").chars().take(9).collect::<String>()).unwrap();
    }
    table.truncate(table.trim_end().len());
    table.push('\n');
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
    table + "\nWhat happens in the own area, and in another area where that differs\n"
}

fn operations() -> impl Iterator<Item = &'static str> {
    let fields = Act::ALL.iter().flat_map(|act| act.root_fields()).copied();
    fields.filter(|field| !ELSEWHERE.contains(field))
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

async fn the_first_quarter_of_operations_goes_as_written_down(app: TestApp) {
    go_as_written_down(app, 0).await;
}

async fn the_second_quarter_of_operations_goes_as_written_down(app: TestApp) {
    go_as_written_down(app, 1).await;
}

async fn the_third_quarter_of_operations_goes_as_written_down(app: TestApp) {
    go_as_written_down(app, 2).await;
}

async fn the_last_quarter_of_operations_goes_as_written_down(app: TestApp) {
    go_as_written_down(app, 3).await;
}

async fn go_as_written_down(app: TestApp, part: usize) {
    let officer = app.officer_posted_to(&[LIUHE]).await;
    let mut found = HashMap::new();
    let size = operations().count().div_ceil(PARTS);
    for field in operations().skip(part * size).take(size) {
        let mut section = String::new();
        let mut own = Subject::new(&app, LIUHE, field).await;
        let mut other = Subject::new(&app, OTHER_LIUHE, field).await;
        for (role, caller) in callers(&app, &officer) {
            let caller = caller.unwrap_or_else(|| app.resident(&own.contact));
            let here = attempt(&app, &caller, field, &own).await;
            let there = attempt(&app, &caller, field, &other).await;
            let both = if here == there { here } else { format!("{here} / {there}") };
            writeln!(section, "    {role:<10} {both}").unwrap();
            if query(field, &own).is_none() && both.contains("ok") {
                own = Subject::new(&app, LIUHE, field).await;
                other = Subject::new(&app, OTHER_LIUHE, field).await;
            }
        }
        found.insert(field, section);
    }
    compare(&found);
}

/// Compares these operations, and the permission table, with what is written down.
fn compare(found: &HashMap<&str, String>) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(SNAPSHOT);
    let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let table = operations().fold(head(), |table, field| {
        let section = found.get(field).cloned().unwrap_or_else(|| section(&kept, field));
        if section.is_empty() { table } else { format!("{table}\n{field}\n{section}") }
    });
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, table).unwrap();
        return;
    }
    let (before, after) = (lines(&kept), lines(&table));
    let gone = before.iter().filter(|line| !after.contains(line)).map(|line| format!("- {line}"));
    let new = after.iter().filter(|line| !before.contains(line)).map(|line| format!("+ {line}"));
    let changed: Vec<String> = gone.chain(new).collect();
    assert!(
        changed.is_empty(),
        "permissions changed; if that is meant, run with UPDATE_SNAPSHOTS=1 and commit {SNAPSHOT}:\n{}",
        changed.join("\n")
    );
}

/// What is written down of an operation.
fn section(kept: &str, field: &str) -> String {
    let below = kept.split_once(&format!("\n\n{field}\n")).map_or("", |(_, below)| below);
    let of_field = below.lines().take_while(|line| line.starts_with("    "));
    of_field.fold(String::new(), |section, line| section + line + "\n")
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
