//! What the demo says when it is ready: where it is, a token for each role, and a first query.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::store::{self, Cast};
use super::{DemoError, PASSWORD};
use crate::actor::Role;
use crate::http;
use crate::service::Service;

/// How long the tokens of the demo are good. A service's own are good for a quarter of an hour.
const TOKEN_LIFE: TimeDelta = TimeDelta::hours(12);

/// An account and its token.
struct Introduced {
    role: Role,
    token: String,
    /// The name to sign in with; a resident signs in elsewhere.
    username: Option<String>,
    name: String,
}

/// What there is to say, as text or as one line of JSON.
pub async fn announce(
    service: &Service,
    cast: &Cast,
    address: SocketAddr,
    wechat: Option<String>,
    json: bool,
) -> Result<String, DemoError> {
    let now = service.clock.now();
    let introduced = introduce(service, cast)?;
    let until = now + TOKEN_LIFE;
    let village = cast.village.as_ref().map(|village| village.code.as_str());
    if json {
        return line(address, wechat, &introduced, village, until);
    }
    let (households, inquiries) = store::sizes(&service.database, now).await?;
    let mut text = format!("Huhutong is ready: {households} households, {inquiries} inquiries. ");
    text.push_str("The county is real, the people are made up.\n");
    let addresses = (address, wechat.as_deref());
    tell(&mut text, addresses, &introduced, cast, until).map_err(io::Error::other)?;
    Ok(text)
}

/// Prints it to standard output.
pub fn print(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{}", text.trim_end())?;
    output.flush()
}

fn introduce(service: &Service, cast: &Cast) -> Result<Vec<Introduced>, DemoError> {
    let token = |role, id: Uuid| service.tokens.issue(role, id, None, TOKEN_LIFE);
    let mut introduced = Vec::new();
    for officer in &cast.staff {
        let role = Role::from(officer.role);
        introduced.push(Introduced {
            role,
            token: token(role, officer.id)?.0,
            username: Some(officer.username.clone()),
            name: officer.name.clone(),
        });
    }
    if let Some(contact) = &cast.resident {
        introduced.push(Introduced {
            role: Role::Resident,
            token: token(Role::Resident, contact.id)?.0,
            username: None,
            name: contact.name.clone(),
        });
    }
    Ok(introduced)
}

/// The one line for scripts.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    url: String,
    ws_url: String,
    /// The page on which one plays a resident in WeChat.
    #[serde(skip_serializing_if = "Option::is_none")]
    wechat_url: Option<String>,
    tokens: BTreeMap<String, &'a str>,
    tokens_expire_at: DateTime<Utc>,
    usernames: BTreeMap<String, &'a str>,
    password: &'a str,
    /// The village of the officer and the resident.
    village_code: Option<&'a str>,
}

fn line(
    address: SocketAddr,
    wechat_url: Option<String>,
    introduced: &[Introduced],
    village_code: Option<&str>,
    tokens_expire_at: DateTime<Utc>,
) -> Result<String, DemoError> {
    let named = |one: &Introduced| name(one.role);
    let line = Line {
        url: format!("http://{address}{}", http::PATH),
        ws_url: format!("ws://{address}{}", http::PATH),
        wechat_url,
        tokens: introduced.iter().map(|one| (named(one), one.token.as_str())).collect(),
        tokens_expire_at,
        usernames: introduced
            .iter()
            .filter_map(|one| Some((named(one), one.username.as_deref()?)))
            .collect(),
        password: PASSWORD,
        village_code,
    };
    Ok(serde_json::to_string(&line)?)
}

fn tell(
    text: &mut String,
    (address, wechat): (SocketAddr, Option<&str>),
    introduced: &[Introduced],
    cast: &Cast,
    until: DateTime<Utc>,
) -> std::fmt::Result {
    writeln!(text, "\n  GraphQL    http://{address}{}", http::PATH)?;
    writeln!(text, "  WebSocket  ws://{address}{}", http::PATH)?;
    if let (Some(page), Some(resident)) = (wechat, &cast.resident) {
        writeln!(text, "  WeChat     {page} (play the resident {})", resident.name)?;
    }
    writeln!(text, "\nSign in (`signIn`) with the password {PASSWORD} as")?;
    for one in introduced {
        let Some(username) = &one.username else { continue };
        writeln!(text, "  {:<14} {username} ({})", name(one.role), one.name)?;
    }
    let until = until.format("%Y-%m-%d %H:%M");
    writeln!(text, "\nor use these tokens. They are good for 12 hours, until {until} UTC,")?;
    writeln!(text, "where those of `signIn` are good for 15 minutes.")?;
    if let (Some(village), true) = (&cast.village, cast.resident.is_some()) {
        let (name, code) = (&village.name, &village.code);
        writeln!(text, "The officer leads in {name} ({code}), where the resident lives.")?;
    }
    for one in introduced {
        writeln!(text, "\n{}\n{}", name(one.role), one.token)?;
    }
    let officer = introduced.iter().find(|one| one.role == Role::Officer);
    if let Some(officer) = officer.or(introduced.first()) {
        writeln!(text, "\nA first query, the officer's inbox:\n")?;
        writeln!(
            text,
            "curl http://{address}{} -H 'content-type: application/json' \\",
            http::PATH
        )?;
        writeln!(text, "  -H 'authorization: Bearer {}' \\", officer.token)?;
        writeln!(text, "  -d '{{\"query\":\"{FIRST_QUERY}\"}}'")?;
    }
    writeln!(text, "\nCtrl-C stops it; the same command starts it again with the same data.")
}

const FIRST_QUERY: &str = "{ inquiries(first: 5, filter: {waitingOn: OFFICER}) { totalCount edges { node { subject openedAt household { label } lastMessage { text } } } } }";

/// The role as the contract writes it.
fn name(role: Role) -> String {
    role.serialize(serde_json::value::Serializer)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// The address for programs on this machine: an address of all interfaces is not one to call.
pub fn reachable(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => (Ipv4Addr::LOCALHOST, v4.port()).into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => (Ipv6Addr::LOCALHOST, v6.port()).into(),
        other => other,
    }
}
