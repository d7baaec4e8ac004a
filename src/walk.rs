//! Resolves an object's fields one after the other. The library makes a boxed future for each field
//! and joins them; most fields are plain values, and the objects of a page are joined anyway, so what
//! is loaded below them is still loaded together. A selection that the library has to merge or to
//! match against other types is left to it.

use std::borrow::Cow;
use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::Poll;

use async_graphql::parser::types::{Field, Selection};
use async_graphql::registry::Registry;
use async_graphql::{
    ContainerType, ContextSelectionSet, Name, OutputType, Positioned, ServerResult, Value,
};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use crate::answer::{Form, Object};

/// The fields of an object.
pub type Fields<'a> = Vec<&'a Positioned<Field>>;

/// Resolves the `fields` of an object.
pub async fn walk<T: ContainerType>(
    object: &T,
    context: &ContextSelectionSet<'_>,
    fields: &[&Positioned<Field>],
    form: Form,
) -> ServerResult<Value> {
    let mut answer = Object::new(form, fields.len());
    for field in fields {
        answer.add(response_key(field), resolve(object, context, field).await?);
    }
    Ok(answer.done())
}

/// Resolves the `fields` of an object that has no siblings: what its fields load is loaded together.
pub async fn walk_alone<T: ContainerType>(
    object: &T,
    context: &ContextSelectionSet<'_>,
    fields: &[&Positioned<Field>],
    form: Form,
) -> ServerResult<Value> {
    let leads_on = |index: &usize| !fields[*index].node.selection_set.node.items.is_empty();
    let leading: Vec<_> = (0..fields.len()).filter(leads_on).collect();
    if leading.len() < 2 {
        return walk(object, context, fields, form).await;
    }
    let mut values = vec![Value::Null; fields.len()];
    for index in (0..fields.len()).filter(|index| !leads_on(index)) {
        values[index] = resolve(object, context, fields[index]).await?;
    }
    let start = |nth: usize| boxed(resolve(object, context, fields[leading[nth]]));
    for (index, value) in leading.iter().zip(together(leading.len(), start).await?) {
        values[*index] = value;
    }
    let mut answer = Object::new(form, fields.len());
    for (field, value) in fields.iter().zip(values) {
        answer.add(response_key(field), value);
    }
    Ok(answer.done())
}

async fn resolve<T: ContainerType>(
    object: &T,
    context: &ContextSelectionSet<'_>,
    field: &Positioned<Field>,
) -> ServerResult<Value> {
    if is_type_name(field) {
        return Ok(Value::String(T::type_name().into_owned()));
    }
    Ok(object.resolve_field(&context.with_field(field)).await?.unwrap_or_default())
}

/// An object whose fields are resolved by [`walk`] where that may be.
pub struct Walked<T>(Arc<T>);

impl<T> From<T> for Walked<T> {
    fn from(object: T) -> Self {
        Self(Arc::new(object))
    }
}

impl<T> From<Arc<T>> for Walked<T> {
    fn from(object: Arc<T>) -> Self {
        Self(object)
    }
}

impl<T: OutputType + ContainerType> OutputType for Walked<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn qualified_type_name() -> String {
        T::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        match selected::<T>(context, &context.item.node.items) {
            Some(fields) => boxed(walk_alone(&*self.0, context, &fields, Form::of(context))).await,
            None => self.0.resolve(context, field).await,
        }
    }
}

/// A type leads to itself again by way of others, so its future is boxed somewhere on the way.
fn boxed<'a>(
    walked: impl Future<Output = ServerResult<Value>> + Send + 'a,
) -> BoxFuture<'a, ServerResult<Value>> {
    Box::pin(walked)
}

/// Resolves `count` objects together, each started by `start`. Most are ready at once, and are dropped
/// before the next one is made.
pub async fn together<'a>(
    count: usize,
    mut start: impl FnMut(usize) -> BoxFuture<'a, ServerResult<Value>>,
) -> ServerResult<Vec<Value>> {
    let mut values = vec![Value::Null; count];
    let mut unbegun = 0..count;
    let mut waiting = Vec::new();
    poll_fn(|context| {
        let begun = std::mem::take(&mut unbegun).map(|index| (index, start(index)));
        // Each is asked once: it may have such a list below it, and that again.
        for (index, mut future) in std::mem::take(&mut waiting).into_iter().chain(begun) {
            match future.poll_unpin(context) {
                Poll::Ready(value) => values[index] = value?,
                Poll::Pending => waiting.push((index, future)),
            }
        }
        if waiting.is_empty() {
            Poll::Ready(Ok(std::mem::take(&mut values)))
        } else {
            Poll::Pending
        }
    })
    .await
}

/// Whether a field asks for the name of its object's type.
pub fn is_type_name(field: &Positioned<Field>) -> bool {
    field.node.name.node == "__typename"
}

/// Under which name a field stands in the answer.
pub fn response_key(field: &Positioned<Field>) -> &Name {
    &field.node.response_key().node
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

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Waker};

    use super::*;

    #[test]
    fn what_waits_is_asked_once_each_time() {
        let asked = AtomicUsize::new(0);
        let object = |index: usize| -> BoxFuture<'_, ServerResult<Value>> {
            let first = Cell::new(true);
            Box::pin(poll_fn({
                let asked = &asked;
                move |_| {
                    asked.fetch_add(1, Ordering::Relaxed);
                    let waits = index % 2 == 1 && first.replace(false);
                    if waits { Poll::Pending } else { Poll::Ready(Ok(index.into())) }
                }
            }))
        };
        let mut all = std::pin::pin!(together(5, object));
        let mut context = Context::from_waker(Waker::noop());
        assert!(all.as_mut().poll(&mut context).is_pending());
        assert_eq!(asked.load(Ordering::Relaxed), 5);
        let values = match all.as_mut().poll(&mut context) {
            Poll::Ready(values) => values.expect("values"),
            Poll::Pending => panic!("nothing waits any more"),
        };
        assert_eq!(asked.load(Ordering::Relaxed), 7);
        assert_eq!(values, (0..5).map(Value::from).collect::<Vec<_>>());
    }
}
