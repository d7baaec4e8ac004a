//! What stands in the files: the columns of each, and where their rows come from.

use super::sheet::{Cell, Column};
use super::words::word;
use super::{ExportContent, store, visits};
use crate::access::Act;
use crate::db::Key;
use crate::division::{Village, VillageOrder, VillageWith, parse_group};
use crate::error::Result;
use crate::household::{
    Contact, ContactFilter, ContactStanding, Household, HouseholdOrder, HouseholdWith, SPEAKS_FOR,
};
use crate::inquiry::{Inquiry, InquiryOrder, InquiryWith};
use crate::page;
use crate::record::{Columns, Record};
use crate::request::{Batch, Request};
use crate::scalar::DivisionCode;
use crate::tally::{Coverage, Level, Tallies};
use crate::visit::Visit;

const HOUSEHOLDS: &[Column] = &[
    ("villageCode", "村代码", "Village code"),
    ("township", "乡镇", "Township"),
    ("village", "村", "Village"),
    ("group", "组", "Group"),
    ("door", "门牌", "Door"),
    ("label", "户主标签", "Label"),
    ("address", "地址", "Address"),
    ("people", "人数", "People"),
    ("status", "状态", "Status"),
    ("reachable", "可联系", "Reachable"),
    ("confirmedAt", "最近确认", "Last confirmed"),
    ("nextVisitOn", "下次走访", "Next visit"),
    ("contact", "联系人", "Contact"),
    ("phone", "电话", "Phone"),
    ("updatedAt", "更新时间", "Updated"),
];

const INQUIRIES: &[Column] = &[
    ("villageCode", "村代码", "Village code"),
    ("township", "乡镇", "Township"),
    ("village", "村", "Village"),
    ("household", "户主标签", "Household"),
    ("category", "类别", "Category"),
    ("status", "状态", "Status"),
    ("openedAt", "提出时间", "Opened"),
    ("updatedAt", "更新时间", "Updated"),
    ("resolvedAt", "办结时间", "Resolved"),
];

const COVERAGE: &[Column] = &[
    ("villageCode", "村代码", "Village code"),
    ("township", "乡镇", "Township"),
    ("village", "村", "Village"),
    ("households", "总户数", "Households"),
    ("enrolled", "已建联", "Enrolled"),
    ("percent", "覆盖率（%）", "Coverage (%)"),
    ("people", "人数", "People"),
    ("unvisited", "未走访", "Unvisited"),
    ("visited", "已走访", "Visited"),
    ("declined", "不愿加入", "Declined"),
    ("movedAway", "已迁出", "Moved away"),
    ("noSmartphone", "无智能手机", "No smartphone"),
    ("vacant", "空户", "Vacant"),
    ("openInquiries", "未办结咨询", "Open inquiries"),
];

/// The columns of a file.
pub fn columns(content: ExportContent) -> &'static [Column] {
    match content {
        ExportContent::Households => HOUSEHOLDS,
        ExportContent::Inquiries => INQUIRIES,
        ExportContent::Visits => visits::COLUMNS,
        ExportContent::Coverage => COVERAGE,
    }
}

/// What the caller must be allowed to see.
pub fn act(content: ExportContent) -> Act {
    match content {
        ExportContent::Households => Household::READ,
        ExportContent::Inquiries => Inquiry::READ,
        ExportContent::Visits => Visit::READ,
        ExportContent::Coverage => Act::ReadTally,
    }
}

/// How many rows there are.
pub async fn count(
    request: &Request,
    content: ExportContent,
    area: Option<&DivisionCode>,
) -> Result<i64> {
    let reader = request.reader(act(content))?;
    match content {
        ExportContent::Households => store::count::<Household>(&reader, area).await,
        ExportContent::Inquiries => store::count::<Inquiry>(&reader, area).await,
        ExportContent::Visits => store::count::<Visit>(&reader, area).await,
        ExportContent::Coverage => store::count::<Village>(&reader, area).await,
    }
}

/// How far a file has come: the last object that is in it.
#[expect(clippy::large_enum_variant, reason = "one lives for each file that is being written")]
pub enum Rows {
    /// Of households.
    Households(Option<Household>),
    /// Of inquiries.
    Inquiries(Option<Inquiry>),
    /// Of visits.
    Visits(Option<Visit>),
    /// Of villages.
    Coverage(Option<Village>),
}

impl Rows {
    /// The beginning.
    pub fn of(content: ExportContent) -> Self {
        match content {
            ExportContent::Households => Self::Households(None),
            ExportContent::Inquiries => Self::Inquiries(None),
            ExportContent::Visits => Self::Visits(None),
            ExportContent::Coverage => Self::Coverage(None),
        }
    }

    /// The next rows; none at the end.
    pub async fn next(
        &mut self,
        request: &Request,
        area: Option<&DivisionCode>,
    ) -> Result<Vec<Vec<Cell>>> {
        match self {
            Self::Households(last) => households(request, area, last).await,
            Self::Inquiries(last) => inquiries(request, area, last).await,
            Self::Visits(last) => visits::rows(request, area, last).await,
            Self::Coverage(last) => coverage(request, area, last).await,
        }
    }
}

/// A household with its village and township.
pub const PLACE: HouseholdWith =
    HouseholdWith { village: Some(VillageWith::NAMED), columns: Columns::ALL };

/// The codes and names of where it is.
pub fn place(village: Option<&Village>) -> [Cell; 3] {
    let township = village.and_then(|village| village.township.as_ref());
    [
        Cell::text(village.map(|village| village.code.0.clone())),
        Cell::text(township.map(|township| township.name.clone())),
        Cell::text(village.map(|village| village.name.clone())),
    ]
}

/// The number of its group.
pub fn group(household: &Household) -> Cell {
    let group = parse_group(&household.group_code);
    group.map_or(Cell::Empty, |(_, number)| Cell::Number(number.into()))
}

async fn households(
    request: &Request,
    area: Option<&DivisionCode>,
    last: &mut Option<Household>,
) -> Result<Vec<Vec<Cell>>> {
    let reader = request.reader(Household::READ)?;
    let found = store::next(&reader, PLACE, area, HouseholdOrder::DoorAsc, last.as_ref()).await?;
    let keys: Vec<Key> = found.iter().map(Record::key).collect();
    let mut contacts = if keys.is_empty() {
        Default::default()
    } else {
        let primary = ContactFilter { standing: Some(ContactStanding::Primary) };
        page::first_of_each::<Contact>(request, SPEAKS_FOR, &keys, primary).await?
    };
    request.write_down_export(found.iter().map(|household| household.id.uuid())).await?;
    let rows = found.iter().zip(keys).map(|(household, key)| {
        let contact = contacts.remove(&key);
        let (name, phone) = contact.map(|contact| (contact.name, contact.phone)).unzip();
        let mut row = place(household.village.as_deref()).to_vec();
        row.extend([
            group(household),
            Cell::Number(household.door.into()),
            Cell::Text(household.label.clone()),
            Cell::text(household.address.clone()),
            Cell::Number(household.people_count.into()),
            word(household.status),
            Cell::Flag(household.reachable),
            Cell::moment(household.confirmed_at),
            household.next_visit_on.map_or(Cell::Empty, |day| Cell::Day(day.0)),
            Cell::text(name),
            Cell::text(phone.flatten().map(|phone| phone.0)),
            Cell::Moment(household.updated_at),
        ]);
        row
    });
    let rows = rows.collect();
    *last = found.into_iter().next_back();
    Ok(rows)
}

async fn inquiries(
    request: &Request,
    area: Option<&DivisionCode>,
    last: &mut Option<Inquiry>,
) -> Result<Vec<Vec<Cell>>> {
    let reader = request.reader(Inquiry::READ)?;
    let with = InquiryWith { household: Some(PLACE), ..Default::default() };
    let found = store::next(&reader, with, area, InquiryOrder::OpenedAtAsc, last.as_ref()).await?;
    request.write_down_export(found.iter().map(|inquiry| inquiry.household_id)).await?;
    let rows = found.iter().map(|inquiry| {
        let household = inquiry.household.as_ref();
        let village = household.and_then(|household| household.village.as_deref());
        let mut row = place(village).to_vec();
        row.extend([
            Cell::text(household.map(|household| household.label.clone())),
            word(inquiry.category),
            word(inquiry.status),
            Cell::Moment(inquiry.opened_at),
            Cell::Moment(inquiry.updated_at),
            Cell::moment(inquiry.resolved_at),
        ]);
        row
    });
    let rows = rows.collect();
    *last = found.into_iter().next_back();
    Ok(rows)
}

async fn coverage(
    request: &Request,
    area: Option<&DivisionCode>,
    last: &mut Option<Village>,
) -> Result<Vec<Vec<Cell>>> {
    let reader = request.reader(Act::ReadTally)?;
    let named = VillageWith::NAMED;
    let found = store::next(&reader, named, area, VillageOrder::CodeAsc, last.as_ref()).await?;
    let keys: Vec<Key> = found.iter().map(Record::key).collect();
    let tallies = if keys.is_empty() {
        Default::default()
    } else {
        Tallies(Level::Village, None).fetch(request, &keys).await?
    };
    let rows = found.iter().zip(keys).map(|(village, key)| {
        let tally = tallies.get(&key).cloned().unwrap_or_default();
        let open_inquiries = tally.open_inquiries;
        let coverage = Coverage::new(tally, Level::Village, key, None);
        let mut row = place(Some(village)).to_vec();
        row.extend([
            Cell::Number(coverage.denominator),
            Cell::Number(coverage.numerator),
            coverage.percent.map_or(Cell::Empty, |percent| Cell::Share(percent.0)),
            Cell::Number(coverage.people_count),
            Cell::Number(coverage.unvisited),
            Cell::Number(coverage.visited),
            Cell::Number(coverage.declined),
            Cell::Number(coverage.moved_away),
            Cell::Number(coverage.no_smartphone),
            Cell::Number(coverage.vacant),
            Cell::Number(open_inquiries),
        ]);
        row
    });
    let rows = rows.collect();
    *last = found.into_iter().next_back();
    Ok(rows)
}
