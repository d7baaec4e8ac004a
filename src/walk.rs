//! Resolves an object's fields one after the other. The library makes a boxed future for each field
//! and joins them; most fields are plain values, and the objects of a page are joined anyway, so what
//! is loaded below them is still loaded together. A selection that the library has to merge or to
//! match against other types is left to it.

use std::future::poll_fn;
use std::task::Poll;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, Selection};
use async_graphql::{ContainerType, ContextSelectionSet, Name, Positioned, ServerResult, Value};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

/// The fields of an object.
pub type Fields<'a> = Vec<&'a Positioned<Field>>;

/// Resolves the `fields` of an object.
pub async fn walk<T: ContainerType>(
    object: &T,
    context: &ContextSelectionSet<'_>,
    fields: &[&Positioned<Field>],
) -> ServerResult<Value> {
    let mut values = IndexMap::with_capacity(fields.len());
    for field in fields {
        let value = if is_type_name(field) {
            Value::String(T::type_name().into_owned())
        } else {
            let context = context.with_field(field);
            object.resolve_field(&context).await?.unwrap_or_default()
        };
        values.insert(response_key(field), value);
    }
    Ok(Value::Object(values))
}

/// Resolves `count` objects together, each started by `start`. Most are ready at once, and are dropped
/// before the next one is made.
pub async fn together<'a>(
    count: usize,
    mut start: impl FnMut(usize) -> BoxFuture<'a, ServerResult<Value>>,
) -> ServerResult<Vec<Value>> {
    let mut values = Vec::with_capacity(count);
    let mut waiting = Vec::new();
    poll_fn(|context| {
        for index in values.len()..count {
            let mut future = start(index);
            match future.poll_unpin(context) {
                Poll::Ready(value) => values.push(value?),
                Poll::Pending => {
                    values.push(Value::Null);
                    waiting.push((index, future));
                }
            }
        }
        let mut failed = None;
        waiting.retain_mut(|(index, future)| match future.poll_unpin(context) {
            Poll::Ready(Ok(value)) => {
                values[*index] = value;
                false
            }
            Poll::Ready(Err(error)) => {
                failed.get_or_insert(error);
                false
            }
            Poll::Pending => true,
        });
        match failed {
            Some(error) => Poll::Ready(Err(error)),
            None if waiting.is_empty() => Poll::Ready(Ok(std::mem::take(&mut values))),
            None => Poll::Pending,
        }
    })
    .await
}

/// Whether a field asks for the name of its object's type.
pub fn is_type_name(field: &Positioned<Field>) -> bool {
    field.node.name.node == "__typename"
}

/// Under which name a field stands in the answer.
pub fn response_key(field: &Positioned<Field>) -> Name {
    field.node.response_key().node.clone()
}

/// The fields that `items` select of an object of type `T`, unless the library has to sort them out.
pub fn selected<'a, T: ContainerType>(
    context: &ContextSelectionSet<'a>,
    items: &'a [Positioned<Selection>],
) -> Option<Fields<'a>> {
    let mut fields = Vec::with_capacity(items.len());
    flatten(context, items, &T::type_name(), &mut fields).then_some(fields)
}

/// Collects the fields of a selection and of its fragments on the object's own type. False when a
/// field has a directive or comes twice, or when a fragment is on another type.
fn flatten<'a>(
    context: &ContextSelectionSet<'a>,
    items: &'a [Positioned<Selection>],
    type_name: &str,
    fields: &mut Fields<'a>,
) -> bool {
    items.iter().all(|item| {
        let (condition, selected) = match &item.node {
            Selection::Field(field) => {
                let key = &field.node.response_key().node;
                let plain = field.node.directives.is_empty()
                    && fields.iter().all(|other| other.node.response_key().node != *key);
                fields.push(field);
                return plain;
            }
            Selection::FragmentSpread(spread) => {
                match context.query_env.fragments.get(&spread.node.fragment_name.node) {
                    Some(fragment) => {
                        (Some(&fragment.node.type_condition), &fragment.node.selection_set)
                    }
                    None => return false,
                }
            }
            Selection::InlineFragment(fragment) => {
                (fragment.node.type_condition.as_ref(), &fragment.node.selection_set)
            }
        };
        condition.is_none_or(|condition| condition.node.on.node == type_name)
            && flatten(context, &selected.node.items, type_name, fields)
    })
}
