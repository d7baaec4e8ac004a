//! The event log: append-only, written in the transaction of the change, and the only way anything
//! travels onward. Readers go through it in the order of [`Position`] and keep their own.
//!
//! On PostgreSQL the order of sequence numbers is not the order of commits: a transaction may take
//! number 5 and commit after number 6 was read. So a position is the writing transaction and the
//! number, and nothing of a transaction that is not older than every one in flight is read yet.

use chrono::{DateTime, Utc};
use entity::event;
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    DbBackend, DbErr, EntityTrait, IdenStatic, Order, QueryFilter, QueryOrder, QueryResult,
    QuerySelect, QueryTrait, Statement, TryGetableMany,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What can happen. The names are stored, so they never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// An account was made, changed or deactivated.
    OfficerChanged,
    /// A session was ended.
    SessionEnded,
    /// An officer was posted to a village, or the posting was ended.
    PostingChanged,
    /// A household was registered; `detail` has its status and people.
    HouseholdRegistered,
    /// A household was changed; `detail` has what it counts as before and after. There is no `after`
    /// when the import that registered it was rolled back.
    HouseholdChanged,
    /// A double was merged into another household; `detail` has what it counted as.
    HouseholdMerged,
    /// A merged double is there again; `detail` has what it counts as.
    HouseholdRestored,
    /// An officer was at the door; what it changed of the household is told besides.
    VisitRecorded,
    /// A contact was enrolled, changed or removed.
    ContactChanged,
    /// An inquiry was opened.
    InquirySubmitted,
    /// An inquiry was changed; `detail` has its status before and after.
    InquiryChanged,
    /// An officer was named to see a sealed inquiry, or sees it no longer; `detail` has who.
    InquiryReadersChanged,
    /// Somebody else was asked to settle an inquiry, or what came of that was written down; `detail` has the referral.
    InquiryReferred,
    /// What was written in a sealed inquiry was erased, as its time was over.
    InquiryErased,
    /// An officer began or stopped writing an answer to an inquiry.
    DraftLockChanged,
    /// A message was written; `detail` has its id.
    MessageAdded,
    /// A message was taken back, or went on its way to the household or failed to; `detail` has its id.
    MessageChanged,
    /// It was found out who somebody is who wrote in WeChat; `detail` has the contact.
    SenderBound,
    /// What somebody unknown wrote in WeChat was left aside.
    SenderDismissed,
    /// The rollout of a township was planned; `detail` has its plan before and after.
    RolloutPlanned,
    /// An import was started, or ended; `detail` has its state.
    ImportChanged,
    /// The division tree was changed; `detail` has the codes of what was changed, and nothing of what was added.
    DivisionChanged,
    /// A file of data was asked for.
    ExportRequested,
    /// Somebody began to take the file, or took it whole; `detail` then has its rows.
    ExportTaken,
    /// A leave was planned or cancelled.
    LeaveChanged,
    /// A hand-over was made, confirmed or cancelled; `detail` has its status.
    HandoverChanged,
    /// A household's transfer went on; `detail` has its state before and after.
    TransferChanged,
    /// A version of a guide was written, reviewed, published or retired; `detail` has the guide's id, the
    /// version's number and its status before and after.
    GuideChanged,
    /// A canned reply was written, changed or retired; `detail` has its version.
    CannedReplyChanged,
    /// A station was changed.
    StationChanged,
    /// The county decided anew how soon inquiries are to be answered and resolved.
    DeadlineTargetChanged,
    /// A deadline of an inquiry ran out; `detail` has who was to see to it before and who is now.
    InquiryEscalated,
    /// A shift was planned, ended or swapped for a day, or a swap was cancelled.
    ShiftChanged,
    /// The working calendar was changed; `detail` has its version.
    CalendarChanged,
    /// A household wrote of an emergency; `detail` has its kind, the inquiry and who was alerted.
    UrgentRaised,
    /// An alert was acknowledged or found to be false; `detail` has its state.
    UrgentHandled,
    /// A service window was made, changed, closed for a time or retired; `detail` has its version.
    ServiceWindowChanged,
    /// An appointment was booked, moved, checked, cancelled, displaced or attended; `detail` has its status before
    /// and after, its window, and whether that no longer offers its time.
    AppointmentChanged,
    /// A household was reminded of an appointment; `detail` has when it starts.
    AppointmentReminded,
    /// A household waits for a place at a window, was offered one, took it or waits no longer; `detail` has the status.
    WaitingPlaceChanged,
    /// A household rated how its inquiry was handled, or changed that.
    InquiryRated,
    /// A correction was asked for, or the request was answered; `detail` has its state.
    CorrectionRequestChanged,
    /// A channel was made, changed, given other keys, or taken out of use; `detail` has its version.
    ChannelChanged,
    /// An officer and a resident became friends in WeCom, or are none any more, or it became known who that is;
    /// `detail` has the state before and after.
    FriendChanged,
}

impl Kind {
    /// Whether somebody else may be on duty after it.
    pub(crate) fn changes_rosters(self) -> bool {
        matches!(
            self,
            Self::OfficerChanged
                | Self::PostingChanged
                | Self::ShiftChanged
                | Self::LeaveChanged
                | Self::HandoverChanged
                | Self::StationChanged
                | Self::DivisionChanged
                | Self::CalendarChanged
        )
    }

    pub(crate) fn stored(self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|value| value.as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    fn from_stored(text: &str) -> Option<Self> {
        serde_json::from_value(text.into()).ok()
    }
}

/// An event before it is written.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What happened.
    pub kind: Kind,
    /// When.
    pub at: DateTime<Utc>,
    /// Where: the village's code and its township's.
    pub place: Option<(String, String)>,
    /// To which household.
    pub household_id: Option<Uuid>,
    /// To which object.
    pub subject_id: Uuid,
    /// What readers must know besides; never personal data.
    pub detail: serde_json::Value,
}

/// How far a reader has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// The writing transaction; 0 on SQLite.
    pub transaction: i64,
    /// The number of the event.
    pub sequence: i64,
}

/// An event of the log.
#[derive(Clone, Debug)]
pub struct Event {
    /// Where it stands in the log.
    pub position: Position,
    /// What happened, unless a newer program wrote it or it cannot be read.
    pub kind: Option<Kind>,
    /// When.
    pub at: DateTime<Utc>,
    /// In which village.
    pub village_code: Option<String>,
    /// In which township.
    pub township_code: Option<String>,
    /// To which household.
    pub household_id: Option<Uuid>,
    /// To which object.
    pub subject_id: Uuid,
    /// What readers must know besides.
    pub detail: serde_json::Value,
}

/// What comes next in the log.
#[derive(Debug)]
pub struct Part {
    /// Those of the events that are of the wanted kinds, and in any case the last of them all.
    pub events: Vec<Event>,
    /// How many events were looked at.
    pub looked_at: usize,
}

impl Part {
    /// How far the log was looked at; nothing when there was nothing new.
    pub fn until(&self) -> Option<Position> {
        self.events.last().map(|event| event.position)
    }
}

impl Event {
    /// Whether one of these things happened.
    pub fn is_one_of(&self, kinds: &[Kind]) -> bool {
        self.kind.is_some_and(|kind| kinds.contains(&kind))
    }
}

/// The row of a draft.
pub fn row(draft: Draft) -> event::ActiveModel {
    let (village_code, township_code) = draft.place.unzip();
    event::ActiveModel {
        sequence: NotSet,
        transaction: NotSet,
        at: Set(draft.at),
        kind: Set(draft.kind.stored()),
        village_code: Set(village_code),
        township_code: Set(township_code),
        household_id: Set(draft.household_id),
        subject_id: Set(draft.subject_id),
        detail: Set(draft.detail),
    }
}

/// Asks for the next `limit` events after `position` in order, and for none that an event still in flight could come
/// before. When kinds are named, what is of none of them is left out but for the last, so that a reader who wants few of
/// them still knows how far it has come.
pub(crate) fn after(
    position: Position,
    kinds: Option<&[Kind]>,
    limit: u64,
    backend: DbBackend,
) -> Statement {
    let order =
        Expr::tuple([Expr::col(event::Column::Transaction), Expr::col(event::Column::Sequence)]);
    let start = Expr::tuple([Expr::val(position.transaction), Expr::val(position.sequence)]);
    let mut next = event::Entity::find()
        .filter(order.gt(start))
        .filter(settled(backend))
        .order_by(event::Column::Transaction, Order::Asc)
        .order_by(event::Column::Sequence, Order::Asc)
        .limit(limit)
        .build(backend);
    if let Some(kinds) = kinds {
        let wanted: String =
            kinds.iter().map(|kind| format!("kind = '{}' OR ", kind.stored())).collect();
        next.sql = format!(
            "SELECT * FROM (SELECT event.*, count(*) OVER () AS looked_at, lead(sequence) OVER \
             (ORDER BY \"transaction\", sequence) IS NULL AS is_last FROM ({}) AS event) AS event \
             WHERE {wanted}is_last ORDER BY \"transaction\", sequence",
            next.sql,
        );
    }
    next
}

/// Reads what [`after`] asks for.
pub(crate) fn read_part(rows: &[QueryResult]) -> Result<Part, DbErr> {
    let events = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let looked_at = rows.first().and_then(|row| row.try_get::<i64>("", "looked_at").ok());
    let looked_at = looked_at.and_then(|count| usize::try_from(count).ok());
    Ok(Part { looked_at: looked_at.unwrap_or(events.len()), events })
}

/// Asks for the last event that a reader may see now.
pub(crate) fn last(backend: DbBackend) -> Statement {
    event::Entity::find()
        .filter(settled(backend))
        .order_by(event::Column::Transaction, Order::Desc)
        .order_by(event::Column::Sequence, Order::Desc)
        .limit(1)
        .build(backend)
}

/// What is read of an event, in the order of the table's columns.
type Columns = (
    i64,
    i64,
    DateTime<Utc>,
    String,
    Option<String>,
    Option<String>,
    Option<Uuid>,
    Uuid,
    serde_json::Value,
);

/// Reads an event. A row that cannot be read becomes an event of no kind, so
/// that readers pass it: one bad row must not stop everything that comes after it.
pub(crate) fn read(row: &QueryResult) -> Result<Event, DbErr> {
    if let Ok(columns) = Columns::try_get_many_by_index(row) {
        let (sequence, transaction, at, kind, village, township, household, subject, detail) =
            columns;
        return Ok(Event {
            position: Position { transaction, sequence },
            kind: Kind::from_stored(&kind),
            at,
            village_code: village,
            township_code: township,
            household_id: household,
            subject_id: subject,
            detail,
        });
    }
    let transaction = row.try_get("", event::Column::Transaction.as_str())?;
    let sequence = row.try_get("", event::Column::Sequence.as_str())?;
    tracing::error!(transaction, sequence, "an event cannot be read and is passed over");
    Ok(Event {
        position: Position { transaction, sequence },
        kind: None,
        at: DateTime::default(),
        village_code: None,
        township_code: None,
        household_id: None,
        subject_id: Uuid::nil(),
        detail: serde_json::Value::Null,
    })
}

/// Whether an event is older than every transaction in flight. SQLite writes one at a time.
pub(crate) fn settled(backend: DbBackend) -> SimpleExpr {
    Expr::cust(match backend {
        DbBackend::Postgres => {
            "\"transaction\" < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        }
        _ => "TRUE",
    })
}
