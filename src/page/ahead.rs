//! The list that a request will ask of an object next. The object's key is in the request, so one
//! statement can fetch both.

use std::sync::Arc;

use async_graphql::{InputType, SelectionField, Value};

use super::children::Children;
use super::{Listing, Parent, Window};
use crate::error::Result;
use crate::record::{Below, Record};
use crate::request::Request;

/// A field that is a list, and its arguments.
pub(crate) struct Ahead<'a> {
    field: SelectionField<'a>,
    arguments: Vec<(async_graphql::Name, Value)>,
}

impl<'a> Ahead<'a> {
    /// The field with this name, if exactly one such field is selected of the object.
    pub(crate) fn of(object: SelectionField<'a>, name: &str) -> Option<Self> {
        let mut named = object.selection_set().filter(|field| is(field.name(), name));
        let field = named.next().filter(|_| named.next().is_none())?;
        Some(Self { arguments: field.arguments().ok()?, field })
    }

    /// An argument. Nothing when it is wrong, which the field itself will say.
    pub(crate) fn argument<T: InputType>(&self, name: &str) -> Option<T> {
        let given = self.arguments.iter().find(|(given, _)| given == name);
        T::parse(given.map(|(_, value)| value.clone())).ok()
    }

    /// Which part of the list is asked for.
    pub(crate) fn window(&self) -> Option<Result<Window>> {
        let (first, last) = (self.argument("first")?, self.argument("last")?);
        Some(Window::new(first, self.argument("after")?, last, self.argument("before")?))
    }

    /// The list itself, which is found below `parent`. Nothing when it cannot be read, which the field
    /// itself will say.
    pub(crate) fn below<R: Record>(
        &self,
        request: &Request,
        parent: Parent,
        listing: Listing<R>,
    ) -> Option<Arc<dyn Below>> {
        let children = Children::new(request, parent, listing, &self.field.into()).ok()?;
        children.can_be_read(request).then(|| Arc::new(children) as Arc<dyn Below>)
    }
}

/// Whether `name`, as the contract writes it, is the function `function`, as Rust writes it.
fn is(name: &str, function: &str) -> bool {
    let letters = function.bytes().filter(|letter| *letter != b'_');
    name.bytes().map(|letter| letter.to_ascii_lowercase()).eq(letters)
}
