//! Rows that a change adds.

use sea_orm::{
    ActiveModelTrait, ActiveValue, EntityName, EntityTrait, IdenStatic, Iterable, Value,
};

use super::writer::Writer;

/// Rows of one table, which all set the same columns.
pub(super) struct Added {
    table: &'static str,
    columns: Vec<&'static str>,
    values: Vec<Value>,
}

impl Added {
    /// Nothing, when there are no rows.
    pub(super) fn of<A: ActiveModelTrait>(rows: impl IntoIterator<Item = A>) -> Option<Self> {
        let (mut columns, mut values) = (Vec::new(), Vec::new());
        let mut count = 0;
        for mut row in rows {
            for column in <A::Entity as EntityTrait>::Column::iter() {
                if let ActiveValue::Set(value) | ActiveValue::Unchanged(value) = row.take(column) {
                    if count == 0 {
                        columns.push(column.as_str());
                    }
                    values.push(value);
                }
            }
            count += 1;
        }
        debug_assert_eq!(values.len(), columns.len() * count, "rows that set other columns");
        (count > 0).then(|| Self { table: A::Entity::default().table_name(), columns, values })
    }

    /// Writes the INSERT.
    pub(super) fn write(self, writer: &mut Writer) {
        writer.text("INSERT INTO \"");
        writer.text(self.table);
        for (nth, column) in self.columns.iter().enumerate() {
            writer.text(if nth == 0 { "\" (\"" } else { "\", \"" });
            writer.text(column);
        }
        writer.text("\") VALUES (");
        for (nth, value) in self.values.into_iter().enumerate() {
            match nth % self.columns.len() {
                _ if nth == 0 => {}
                0 => writer.text("), ("),
                _ => writer.text(", "),
            }
            writer.value(value);
        }
        writer.text(")");
    }
}
