//! Whether somebody looks after a village at every moment from one on: the whole line of time is
//! looked at, with what is planned, so that nothing planned can leave a gap. An officer on leave
//! does not look after anything.

use chrono::{DateTime, Utc};

use super::store;
use crate::db::Tx;
use crate::division::lock_living;
use crate::error::{Error, Result, UserErrorCode};

/// From one moment to another, exclusive; without an end while none is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// From when.
    pub start: DateTime<Utc>,
    /// Until when.
    pub end: Option<DateTime<Utc>>,
}

impl Span {
    /// What is left of the span outside of these `absences`.
    pub fn without(self, absences: &[Self]) -> Vec<Self> {
        absences.iter().fold(vec![self], |left, absence| {
            left.into_iter().flat_map(|span| span.minus(*absence)).collect()
        })
    }

    fn minus(self, absence: Self) -> impl Iterator<Item = Self> {
        let cut = absence.end.map(|end| Self { start: self.start.max(end), end: self.end });
        let before = Self { start: self.start, end: earlier(self.end, Some(absence.start)) };
        // What lies wholly before the absence, or wholly after it, is in one of the two alone.
        [Some(before), cut].into_iter().flatten().filter(|span| !span.is_empty())
    }

    fn is_empty(self) -> bool {
        self.end.is_some_and(|end| end <= self.start)
    }
}

/// The earlier of two ends.
pub fn earlier(a: Option<DateTime<Utc>>, b: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    }
}

/// The first moment from `from` on that lies in none of the spans.
pub fn gap(mut spans: Vec<Span>, from: DateTime<Utc>) -> Option<DateTime<Utc>> {
    spans.sort_by_key(|span| span.start);
    let mut covered = from;
    for span in spans {
        if span.start > covered {
            break;
        }
        covered = covered.max(span.end?);
    }
    Some(covered)
}

/// Whether a village has an officer at every moment from `from` on.
pub async fn is_looked_after(tx: &Tx, village_code: &str, from: DateTime<Utc>) -> Result<bool> {
    let postings = store::postings_of_village(tx, village_code, from).await?;
    let mut officers: Vec<_> = postings.iter().map(|posting| posting.officer_id).collect();
    officers.sort();
    officers.dedup();
    let leaves = store::leave::of_officers(tx, &officers, from).await?;
    let spans = postings.iter().flat_map(|posting| {
        let absences: Vec<Span> = leaves
            .iter()
            .filter(|leave| leave.officer_id == posting.officer_id)
            .map(|leave| Span { start: leave.starts_at, end: Some(leave.ends_at) })
            .collect();
        Span { start: posting.starts_at, end: posting.ends_at }.without(&absences)
    });
    Ok(gap(spans.collect(), from).is_none())
}

/// Households may live in a village only while an officer looks after it (DESIGN: no household
/// without an officer, at any moment). The village is locked already.
pub async fn require_officer(tx: &Tx, village_code: &str, at: DateTime<Utc>) -> Result<()> {
    if is_looked_after(tx, village_code, at).await? {
        return Ok(());
    }
    Err(without_officer("villageCode"))
}

/// Keeps others from changing who looks after these villages until the change is over.
pub async fn lock(tx: &Tx, villages: impl IntoIterator<Item = String>) -> Result<Vec<String>> {
    // Always in one order, so that two changes never wait for each other.
    let mut codes: Vec<String> = villages.into_iter().collect();
    codes.sort();
    codes.dedup();
    for code in &codes {
        lock_living(tx, code, true).await?;
    }
    Ok(codes)
}

/// Checks that villages from which an officer is being taken are not left to nobody from now on.
pub async fn check(tx: &Tx, villages: &[String], now: DateTime<Utc>) -> Result<()> {
    for code in villages {
        if !is_looked_after(tx, code, now).await? && store::is_inhabited(tx, code).await? {
            return Err(without_officer(""));
        }
    }
    Ok(())
}

fn without_officer(field: &str) -> Error {
    Error::user(
        UserErrorCode::WithoutOfficer,
        field,
        "该村将没有包村民警，请先安排他人。",
        "This village would be without an officer. Post somebody else there first.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + chrono::TimeDelta::days(day)
    }

    fn span(start: i64, end: impl Into<Option<i64>>) -> Span {
        Span { start: at(start), end: end.into().map(at) }
    }

    #[test]
    fn a_gap_is_found_wherever_it_lies() {
        assert_eq!(gap(vec![], at(3)), Some(at(3)));
        assert_eq!(gap(vec![span(0, None)], at(3)), None);
        assert_eq!(gap(vec![span(4, None)], at(3)), Some(at(3)));
        assert_eq!(gap(vec![span(0, 5)], at(3)), Some(at(5)));
        assert_eq!(gap(vec![span(5, None), span(0, 5)], at(3)), None);
        assert_eq!(gap(vec![span(0, 5), span(6, None)], at(3)), Some(at(5)));
        assert_eq!(gap(vec![span(0, 9), span(1, 2), span(9, None)], at(0)), None);
    }

    #[test]
    fn a_span_is_cut_by_absences() {
        let always = span(0, None);
        assert_eq!(always.without(&[]), [always]);
        assert_eq!(always.without(&[span(2, 3)]), [span(0, 2), span(3, None)]);
        assert_eq!(always.without(&[span(0, 3)]), [span(3, None)]);
        assert_eq!(span(0, 5).without(&[span(7, 9)]), [span(0, 5)]);
        assert_eq!(span(7, 9).without(&[span(0, 5)]), [span(7, 9)]);
        assert_eq!(span(2, 4).without(&[span(0, 5)]), []);
        let twice = [span(1, 2), span(3, 4)];
        assert_eq!(span(0, 5).without(&twice), [span(0, 1), span(2, 3), span(4, 5)]);
    }
}
