//! Leave and cover (请假、顶岗) as the contract shows them, and how they are planned.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{Officer, StaffRole, attendance, cover, store};
use crate::access::Act;
use crate::db::{Once, Tx};
use crate::error::{Error, Result, UserErrorCode};
use crate::event::{Draft, Kind as EventKind};
use crate::id::{GlobalId, Kind};
use crate::payload;
use crate::payload::expected;
use crate::record;
use crate::request::Request;
use crate::scalar::check_moments;

/// The longest leave.
const MAX_LEAVE: TimeDelta = TimeDelta::days(366);

/// The time that an officer is away (请假), during which another one looks after the officer's
/// villages (顶岗): sees what the officer sees there, and handles it.
#[derive(SimpleObject, Clone)]
#[graphql(complex)]
pub struct Leave {
    /// Global id.
    pub id: GlobalId,
    /// From when the officer is away.
    pub starts_at: DateTime<Utc>,
    /// Until when, exclusive.
    pub ends_at: DateTime<Utc>,
    /// When it was cancelled; null while it stands.
    pub cancelled_at: Option<DateTime<Utc>>,
    /// Counts changes; send it back as `expectedVersion`.
    pub version: i32,
    /// When it was planned.
    pub created_at: DateTime<Utc>,
    #[graphql(skip)]
    pub(crate) officer_id: Uuid,
    #[graphql(skip)]
    pub(crate) cover_id: Uuid,
}

/// The input of `planLeave`.
#[derive(InputObject)]
pub struct PlanLeaveInput {
    /// Chosen by the caller, new for each leave: repeating a call with it makes no second one.
    pub idempotency_key: String,
    /// Who is away.
    pub officer_id: ID,
    /// From when; now when that has passed.
    pub starts_at: DateTime<Utc>,
    /// Until when, exclusive: in the future, at most 366 days after the start.
    pub ends_at: DateTime<Utc>,
    /// Who stands in: an active officer of the same station. When that one is away as well, that
    /// one's own cover stands in for both.
    pub cover_officer_id: ID,
}

/// The input of `cancelLeave`.
#[derive(InputObject)]
pub struct CancelLeaveInput {
    /// The leave.
    pub leave_id: ID,
    /// The leave's `version` that the change is based on.
    pub expected_version: i32,
}

payload! {
    /// The answer of `planLeave`.
    PlanLeavePayload {
        /// The new leave.
        leave: Leave
    }
}
payload! {
    /// The answer of `cancelLeave`.
    CancelLeavePayload {
        /// The leave, which ends now, or never begins.
        leave: Leave
    }
}

/// How leaves are planned.
#[derive(Default)]
pub struct LeaveMutation;

#[Object]
impl LeaveMutation {
    /// Plans an officer's leave and who stands in. Leaves of one officer do not overlap, and nobody
    /// stands in for who stands in for them at the same time.
    async fn plan_leave(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: PlanLeaveInput,
    ) -> Result<PlanLeavePayload> {
        let made = async {
            let once = Once::new("planLeave", &input.idempotency_key, &input)?;
            check_moments(&[Some(input.starts_at), Some(input.ends_at)])?;
            let officer_id = GlobalId::expect_uuid(&input.officer_id, Kind::Officer)?;
            let cover_id = GlobalId::expect_uuid(&input.cover_officer_id, Kind::Officer)?;
            let request = Request::of(context)?;
            plan(request, officer_id, cover_id, (input.starts_at, input.ends_at), once).await
        };
        PlanLeavePayload::of(context, made.await)
    }

    /// Cancels a leave, or ends it early: the cover stands in no longer. Refused with WITHOUT_OFFICER
    /// when a village with households would be left to nobody.
    async fn cancel_leave(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What is to be done.")] input: CancelLeaveInput,
    ) -> Result<CancelLeavePayload> {
        let made = async {
            let id = GlobalId::expect_uuid(&input.leave_id, Kind::Leave)?;
            cancel(Request::of(context)?, id, input.expected_version).await
        };
        CancelLeavePayload::of(context, made.await)
    }
}

async fn plan(
    request: &Request,
    officer_id: Uuid,
    cover_id: Uuid,
    (starts_at, ends_at): (DateTime<Utc>, DateTime<Utc>),
    once: Once,
) -> Result<Leave> {
    let now = request.service().clock.now();
    let starts_at = starts_at.max(now);
    if ends_at <= starts_at || ends_at - starts_at > MAX_LEAVE {
        return Err(Error::user(
            UserErrorCode::Invalid,
            "endsAt",
            "请假应在将来结束，且不超过366天。",
            "A leave ends in the future, after it starts, and takes at most 366 days.",
        ));
    }
    let id = request.new_id();
    let mut tx = request.begin(Act::ManageLeave).await?;
    if let Some(first) = once.claim(&tx, id, now).await? {
        return expected(record::one(&tx, &first.into(), ()).await?, "idempotencyKey");
    }
    let officer: Officer = expected(record::one(&tx, &officer_id.into(), ()).await?, "officerId")?;
    let Some(station_id) = officer.station_id.filter(|_| officer.role == StaffRole::Officer) else {
        return Err(refused("officerId"));
    };
    // Everything that is planned at one station is planned one after the other.
    let township_code = expected(store::leave::lock_station(&tx, station_id).await?, "officerId")?;
    let officer = lock_pair(&tx, officer_id, cover_id, station_id).await?;
    if officer.deactivated_at.is_some() {
        return Err(refused("officerId"));
    }
    let leave = entity::leave::Model {
        id,
        officer_id,
        cover_id,
        township_code,
        starts_at,
        ends_at,
        cancelled_at: None,
        version: 1,
        created_at: now,
    };
    check_overlap(&tx, &leave).await?;
    check_cycle(&tx, &leave).await?;
    store::leave::insert(&tx, &leave).await?;
    tx.record(changed(id, now));
    let postings = store::postings_not_ended(&tx, officer_id, now).await?;
    let codes = postings.iter().map(|posting| posting.village_code.clone());
    let villages = attendance::lock(&tx, codes).await?;
    // Read again: until the villages were locked, others could change who looks after them.
    let postings = store::postings_not_ended(&tx, officer_id, now).await?;
    let covers = postings
        .iter()
        .filter_map(|posting| cover::stand_in(request.new_id(), posting, &leave, now))
        .collect();
    cover::add(request, &mut tx, covers, now).await?;
    attendance::check(&tx, &villages, now).await?;
    let leave = expected(record::one(&tx, &id.into(), ()).await?, "officerId")?;
    tx.commit().await?;
    Ok(leave)
}

/// Locks the officer and the cover, who must be another active officer of the same station, in an
/// order that is always the same.
async fn lock_pair(tx: &Tx, officer_id: Uuid, cover_id: Uuid, station_id: Uuid) -> Result<Officer> {
    let mut found = Vec::new();
    for id in [officer_id.min(cover_id), officer_id.max(cover_id)] {
        found.extend(record::lock::<Officer>(tx, &id.into()).await?);
    }
    let cover = found.iter().find(|one| one.id.uuid() == cover_id);
    let cover = expected(cover, "coverOfficerId")?;
    let able = cover_id != officer_id
        && cover.role == StaffRole::Officer
        && cover.station_id == Some(station_id)
        && cover.deactivated_at.is_none();
    if !able {
        return Err(refused("coverOfficerId"));
    }
    expected(found.into_iter().find(|one| one.id.uuid() == officer_id), "officerId")
}

async fn check_overlap(tx: &Tx, new: &entity::leave::Model) -> Result<()> {
    let own = store::leave::of_officers(tx, &[new.officer_id], new.starts_at).await?;
    if own.iter().all(|leave| leave.starts_at >= new.ends_at) {
        return Ok(());
    }
    Err(Error::user(
        UserErrorCode::WrongState,
        "startsAt",
        "该民警在此期间已有请假。",
        "The officer has another leave at that time.",
    ))
}

/// Follows who stands in for the cover while the cover is away, and so on, within the new leave.
async fn check_cycle(tx: &Tx, new: &entity::leave::Model) -> Result<()> {
    let mut waiting = vec![(new.cover_id, new.starts_at, new.ends_at)];
    while !waiting.is_empty() {
        let officers: Vec<Uuid> = waiting.iter().map(|(officer, ..)| *officer).collect();
        let leaves = store::leave::of_officers(tx, &officers, new.starts_at).await?;
        let further = waiting.iter().flat_map(|(officer, start, end)| {
            leaves
                .iter()
                .filter(move |leave| leave.officer_id == *officer)
                .map(|leave| (leave.cover_id, leave.starts_at.max(*start), leave.ends_at.min(*end)))
                .filter(|(_, start, end)| start < end)
        });
        waiting = further.collect();
        if waiting.iter().any(|(officer, ..)| *officer == new.officer_id) {
            return Err(Error::user(
                UserErrorCode::WrongState,
                "coverOfficerId",
                "顶岗人员在此期间由请假民警本人顶岗。",
                "The officer stands in for the cover at that time.",
            ));
        }
    }
    Ok(())
}

async fn cancel(request: &Request, id: Uuid, version: i32) -> Result<Leave> {
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::ManageLeave).await?;
    let before: Leave = expected(record::lock(&tx, &id.into()).await?, "leaveId")?;
    if before.cancelled_at.is_some() || before.ends_at <= now {
        return Err(Error::user(
            UserErrorCode::WrongState,
            "leaveId",
            "该请假已结束或已取消。",
            "This leave is over, or was cancelled.",
        ));
    }
    let codes = store::leave::covers(&tx, id, now).await?.into_iter().map(|one| one.village_code);
    let villages = attendance::lock(&tx, codes).await?;
    store::leave::cancel(&tx, id, version, now).await?;
    let covers = store::leave::covers(&tx, id, now).await?;
    cover::end(&mut tx, covers, now, now).await?;
    attendance::check(&tx, &villages, now).await?;
    tx.record(changed(id, now));
    let leave = expected(record::one(&tx, &id.into(), ()).await?, "leaveId")?;
    tx.commit().await?;
    Ok(leave)
}

fn refused(field: &str) -> Error {
    Error::user(
        UserErrorCode::WrongState,
        field,
        "应为同一派出所在职的另一位民警。",
        "This must be another active officer of the same station.",
    )
}

fn changed(id: Uuid, at: DateTime<Utc>) -> Draft {
    let detail = serde_json::Value::Null;
    let kind = EventKind::LeaveChanged;
    Draft { kind, at, place: None, household_id: None, subject_id: id, detail }
}
