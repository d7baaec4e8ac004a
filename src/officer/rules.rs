//! The rules of staff accounts and postings.

use chrono::{DateTime, Utc};
use entity::{officer, posting};
use uuid::Uuid;

use super::{Officer, Posting, attendance, cover, store};
use crate::access::Act;
use crate::db::{Once, Tx};
use crate::division::{Station, lock_living};
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind};
use crate::password;
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::text;

/// The most characters of a name.
const MAX_NAME: usize = 40;
/// The most characters of an account in WeCom.
const MAX_WECOM: usize = 64;

/// A staff account to be made.
pub struct NewOfficer {
    /// The name to sign in with.
    pub username: String,
    /// The officer's name.
    pub name: String,
    /// The phone number on duty.
    pub phone: Option<String>,
    /// What the account is for.
    pub role: officer::Role,
    /// The station of an officer or a chief.
    pub station_id: Option<Uuid>,
    /// The first password.
    pub password: Option<String>,
}

/// What is to be changed of a staff account; `None` leaves it as it is.
pub struct OfficerChange {
    /// The officer's name.
    pub name: Option<String>,
    /// The phone number, or its deletion.
    pub phone: Option<Option<String>>,
    /// The account in WeCom, or its deletion.
    pub wecom_user_id: Option<Option<String>>,
    /// What the account is for.
    pub role: Option<officer::Role>,
    /// The station, or none.
    pub station_id: Option<Option<Uuid>>,
}

/// A posting to be made.
pub struct NewPosting {
    /// Who.
    pub officer_id: Uuid,
    /// Where.
    pub village_code: String,
    /// In which standing.
    pub duty: posting::Duty,
    /// From when; now when left out.
    pub starts_at: Option<DateTime<Utc>>,
}

/// Makes a staff account.
pub async fn create(request: &Request, new: NewOfficer, once: Option<Once>) -> Result<Officer> {
    let username = username(&new.username)?;
    let name = text::required("name", &new.name, MAX_NAME)?;
    let phone = new.phone.as_deref().map(|phone| text::phone("phone", phone)).transpose()?;
    let password_hash = match new.password {
        Some(password) => Some(password::hash("password", password).await?),
        None => None,
    };
    let now = request.service().clock.now();
    let id = request.new_id();
    let mut tx = request.begin(Act::ManageOfficer).await?;
    if let Some(once) = once
        && let Some(first) = once.claim(&tx, id, now).await?
    {
        return expected(record::one(&tx, &first.into(), ()).await?, "idempotencyKey");
    }
    check_place(&tx, new.role, new.station_id).await?;
    let row = store::NewRow { id, username, name, phone, role: new.role, password_hash };
    store::insert(&tx, row, new.station_id, now).await?;
    tx.record(changed(id, now));
    let officer = expected(record::one(&tx, &id.into(), ()).await?, "stationId")?;
    tx.commit().await?;
    Ok(officer)
}

/// The station of a township, by the township's code.
pub async fn station_of(request: &Request, township_code: &str) -> Result<Uuid> {
    let tx = request.begin(Act::ManageOfficer).await?;
    store::station_of(&tx, township_code).await?.ok_or_else(|| {
        Error::user(
            UserErrorCode::NotFound,
            "township",
            "没有这个乡镇的派出所。",
            "There is no station of a township with this code.",
        )
    })
}

/// Changes a staff account.
pub async fn update(
    request: &Request,
    id: Uuid,
    version: i32,
    change: OfficerChange,
) -> Result<Officer> {
    let now = request.service().clock.now();
    let name =
        change.name.as_deref().map(|name| text::required("name", name, MAX_NAME)).transpose()?;
    let phone = match change.phone {
        Some(Some(phone)) => Some(Some(text::phone("phone", &phone)?)),
        other => other,
    };
    let wecom = match change.wecom_user_id {
        Some(Some(id)) => Some(Some(wecom_user_id(&id)?)),
        other => other,
    };
    let mut tx = request.begin(Act::ManageOfficer).await?;
    let before: Officer = expected(record::one(&tx, &id.into(), ()).await?, "officerId")?;
    let role = change.role.unwrap_or(before.role.into());
    let station_id = change.station_id.unwrap_or(before.station_id);
    check_place(&tx, before.role.into(), before.station_id).await?;
    check_place(&tx, role, station_id).await?;
    let row = store::Values { name, phone, wecom_user_id: wecom, role, station_id };
    store::update(&tx, id, version, row, now).await?;
    if role != before.role.into() || station_id != before.station_id {
        sign_out(&mut tx, id, now).await?;
    }
    tx.record(changed(id, now));
    let officer = expected(record::one(&tx, &id.into(), ()).await?, "officerId")?;
    tx.commit().await?;
    Ok(officer)
}

/// Deactivates a staff account, ends its postings and its sessions.
pub async fn deactivate(request: &Request, id: Uuid, version: i32) -> Result<Officer> {
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::ManageOfficer).await?;
    let before: Officer = expected(record::lock(&tx, &id.into()).await?, "officerId")?;
    check_place(&tx, before.role.into(), before.station_id).await?;
    let codes = store::postings_not_ended(&tx, id, now).await?.into_iter();
    let villages = attendance::lock(&tx, codes.map(|posting| posting.village_code)).await?;
    let postings = store::postings_not_ended(&tx, id, now).await?;
    cover::end(&mut tx, postings, now, now).await?;
    attendance::check(&tx, &villages, now).await?;
    store::deactivate(&tx, id, version, now).await?;
    sign_out(&mut tx, id, now).await?;
    tx.record(changed(id, now));
    let officer = expected(record::one(&tx, &id.into(), ()).await?, "officerId")?;
    tx.commit().await?;
    request.service().tokens.end(id);
    Ok(officer)
}

/// Posts an officer to a village.
pub async fn post(request: &Request, new: NewPosting, once: Once) -> Result<Posting> {
    let now = request.service().clock.now();
    let id = request.new_id();
    let mut tx = request.begin(Act::ManagePosting).await?;
    if let Some(first) = once.claim(&tx, id, now).await? {
        return expected(record::one(&tx, &first.into(), ()).await?, "idempotencyKey");
    }
    let officer: Officer = expected(record::lock(&tx, &new.officer_id.into()).await?, "officerId")?;
    let village = expected(lock_living(&tx, &new.village_code, false).await?, "villageCode")?;
    if officer.deactivated_at.is_some() {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "officerId",
            "该账号已停用。",
            "This account was deactivated.",
        ));
    }
    if new.duty == posting::Duty::Cover {
        return Err(Error::user(
            UserErrorCode::Invalid,
            "duty",
            "顶岗由请假安排产生，不能直接指定。",
            "Cover comes with a leave; plan one.",
        ));
    }
    let row = posting::Model {
        id,
        officer_id: new.officer_id,
        village_code: village.code.0,
        township_code: village.township_code,
        duty: new.duty,
        starts_at: new.starts_at.unwrap_or(now),
        ends_at: None,
        version: 1,
        leave_id: None,
        source_id: None,
    };
    cover::add(request, &mut tx, vec![row], now).await?;
    let posting = expected(record::one(&tx, &id.into(), ()).await?, "villageCode")?;
    tx.commit().await?;
    Ok(posting)
}

/// Ends a posting, now or later.
pub async fn end_posting(
    request: &Request,
    id: Uuid,
    version: i32,
    ends_at: Option<DateTime<Utc>>,
) -> Result<Posting> {
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::ManagePosting).await?;
    let before: Posting = expected(record::one(&tx, &id.into(), ()).await?, "postingId")?;
    let ends_at = ends_at.unwrap_or(now).max(before.starts_at);
    if before.ends_at.is_some_and(|end| end <= now) || ends_at < now {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "endsAt",
            "包村已经结束，或结束时间早于现在。",
            "The posting is over, or its end would lie in the past.",
        ));
    }
    let villages = attendance::lock(&tx, [before.village_code]).await?;
    store::end_posting(&tx, id, version, ends_at).await?;
    let changed = store::postings(&tx, &[id]).await?;
    for posting in &changed {
        cover::tell(&mut tx, posting, now);
    }
    let covers = store::stand_ins_of(&tx, &[id], ends_at).await?;
    cover::end(&mut tx, covers, ends_at, now).await?;
    attendance::check(&tx, &villages, now).await?;
    let posting: Posting = expected(record::one(&tx, &id.into(), ()).await?, "postingId")?;
    tx.commit().await?;
    Ok(posting)
}

/// An officer or a chief belongs to a station in the caller's area; others belong to none, and
/// only who reaches the whole county keeps them and the chiefs.
async fn check_place(tx: &Tx, role: officer::Role, station_id: Option<Uuid>) -> Result<()> {
    let everywhere = tx.scope().reach() == crate::access::Reach::County;
    if !everywhere && role != officer::Role::Officer {
        return Err(Error::forbidden());
    }
    let at_station = matches!(role, officer::Role::Officer | officer::Role::StationChief);
    match station_id {
        Some(id) if at_station => {
            let station: Option<Station> = record::one(tx, &id.into(), ()).await?;
            expected(station, "stationId").map(|_| ())
        }
        None if !at_station => Ok(()),
        _ => Err(Error::user(
            UserErrorCode::Invalid,
            "stationId",
            "民警和所长必须属于一个派出所，其他角色不属于派出所。",
            "Officers and chiefs belong to a station, and other roles to none.",
        )),
    }
}

fn username(text: &str) -> Result<String> {
    let sane = (3..=40).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    if sane {
        return Ok(text.to_ascii_lowercase());
    }
    Err(Error::user(
        UserErrorCode::Invalid,
        "username",
        "用户名应为3到40个字母、数字、点、连字符或下划线。",
        "A user name has 3 to 40 letters, digits, dots, hyphens and underscores.",
    ))
}

/// An id of WeCom, which tells small and capital letters not apart.
fn wecom_user_id(text: &str) -> Result<String> {
    let id = text::required("wecomUserId", text, MAX_WECOM)?;
    if id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-@.".contains(&byte)) {
        return Ok(id.to_ascii_lowercase());
    }
    Err(Error::user(
        UserErrorCode::Invalid,
        "wecomUserId",
        "企业微信账号由字母、数字和 . _ - @ 组成，请从管理后台通讯录中复制。",
        "An account in WeCom is made of letters, digits and . _ - @; copy it from the console.",
    ))
}

/// Ends sessions, and tells every instance.
pub async fn end_sessions(tx: &mut Tx, sessions: &[Uuid], now: DateTime<Utc>) -> Result<()> {
    store::end_sessions(tx, sessions, now).await?;
    for session in sessions {
        tx.record(Draft {
            kind: Kind::SessionEnded,
            at: now,
            place: None,
            household_id: None,
            subject_id: *session,
            detail: serde_json::Value::Null,
        });
    }
    Ok(())
}

/// Ends all sessions of an account, or of a contact.
pub async fn sign_out(tx: &mut Tx, subject_id: Uuid, now: DateTime<Utc>) -> Result<()> {
    let open = store::open_sessions(tx, subject_id).await?;
    end_sessions(tx, &open, now).await
}

fn changed(id: Uuid, at: DateTime<Utc>) -> Draft {
    Draft {
        kind: Kind::OfficerChanged,
        at,
        place: None,
        household_id: None,
        subject_id: id,
        detail: serde_json::Value::Null,
    }
}
