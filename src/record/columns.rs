//! Which columns of its table an object is read from: those that the fields need that are asked of it. A column that
//! nobody asked for costs the database and the service as much as another.

use async_graphql::Lookahead;
use sea_orm::{DbErr, TryGetable};

use super::Cells;

/// Columns of a table, by their places among all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Columns(u32);

/// A field of an object, and the columns that it needs besides those that are always read.
pub type Needs = (&'static str, Columns);

impl Columns {
    /// Every column.
    pub const ALL: Self = Self(u32::MAX);

    /// The columns with these names, of a table with the columns `all`. A name that is not there does not compile
    /// where this is a constant.
    pub const fn named(names: &[&str], all: &[&str]) -> Self {
        let (mut chosen, mut nth) = (0, 0);
        while nth < names.len() {
            let mut place = 0;
            while !same(names[nth], all[place]) {
                place += 1;
            }
            chosen |= 1 << place;
            nth += 1;
        }
        Self(chosen)
    }

    /// What has to be read for the fields that `wanted` asks for: those `always`, and what `fields` says. For a field
    /// that is not there, all.
    pub fn asked(wanted: &Lookahead<'_>, always: Self, fields: &[Needs]) -> Self {
        let asked = wanted.selection_fields();
        let names = asked.iter().flat_map(|object| object.selection_set());
        names.fold(always, |columns, field| {
            let needs = fields.iter().find(|(name, _)| *name == field.name());
            columns.and(needs.map_or(Self::ALL, |(_, needs)| *needs))
        })
    }

    /// These and the others.
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Their names, of a table with the columns `all`.
    pub fn of(self, all: &[&'static str]) -> Vec<&'static str> {
        all.iter()
            .enumerate()
            .filter(|(place, _)| self.has(*place))
            .map(|(_, name)| *name)
            .collect()
    }

    /// Reads them from `cells`, column by column of the table.
    pub fn read<'c, 'a>(self, cells: &'c mut Cells<'a>) -> Chosen<'c, 'a> {
        Chosen { columns: self, place: 0, cells }
    }

    const fn has(self, place: usize) -> bool {
        self.0 & (1 << place) != 0
    }
}

impl Default for Columns {
    fn default() -> Self {
        Self::ALL
    }
}

/// The columns of a table, of which some were read.
pub struct Chosen<'c, 'a> {
    columns: Columns,
    place: usize,
    cells: &'c mut Cells<'a>,
}

impl Chosen<'_, '_> {
    /// The table's next column; empty when it was not read.
    pub fn take<T: TryGetable + Default>(&mut self) -> Result<T, DbErr> {
        self.take_or(T::default())
    }

    /// The table's next column, or this when it was not read.
    pub fn take_or<T: TryGetable>(&mut self, unread: T) -> Result<T, DbErr> {
        if self.is_next() { self.cells.take() } else { Ok(unread) }
    }

    /// The table's next column, opened; nothing when it was not read.
    pub fn open(&mut self, purpose: &str) -> Result<Option<String>, DbErr> {
        if self.is_next() { self.cells.open(purpose) } else { Ok(None) }
    }

    fn is_next(&mut self) -> bool {
        self.place += 1;
        self.columns.has(self.place - 1)
    }
}

const fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut nth = 0;
    while nth < one.len() && nth < other.len() && one[nth] == other[nth] {
        nth += 1;
    }
    nth == one.len() && nth == other.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: [&str; 3] = ["id", "id_before", "name"];

    #[test]
    fn columns_are_chosen_by_their_names_and_named_in_the_order_of_the_table() {
        let chosen = Columns::named(&["name", "id"], &TABLE);
        assert_eq!(chosen.of(&TABLE), ["id", "name"]);
        assert_eq!(chosen.and(Columns::named(&["id_before"], &TABLE)).of(&TABLE), TABLE);
        assert_eq!(Columns::ALL.of(&TABLE), TABLE);
        assert_eq!(Columns::named(&[], &TABLE).of(&TABLE), [""; 0]);
    }
}
