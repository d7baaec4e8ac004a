//! Resolves an object's fields one after the other. The library makes a boxed future for each field
//! and joins them; most fields are plain values, and the objects of a page are joined anyway, so what
//! is loaded below them is still loaded together. A selection that the library has to merge or to
//! match against other types is left to it.

use std::borrow::Cow;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::{Field, Selection};
use async_graphql::registry::Registry;
use async_graphql::resolver_utils::resolve_list;
use async_graphql::{
    ContainerType, ContextSelectionSet, OutputType, Positioned, ServerResult, Value,
};
use futures_util::future::{BoxFuture, try_join_all};

/// An object of a page.
pub struct Walked<T>(pub T);

impl<T: ContainerType> OutputType for Walked<T> {
    fn type_name() -> Cow<'static, str> {
        T::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        T::create_type_info(registry)
    }

    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        match selected::<T>(context) {
            Some(fields) => walk(&self.0, context, &fields).await,
            None => self.0.resolve(context, field).await,
        }
    }
}

/// The objects of a list. What is selected is the same for all of them, so it is looked at once.
pub struct WalkedList<'a, T>(pub &'a [T]);

impl<T: ContainerType> OutputType for WalkedList<'_, T> {
    fn type_name() -> Cow<'static, str> {
        Vec::<&T>::type_name()
    }

    fn qualified_type_name() -> String {
        Vec::<&T>::qualified_type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Vec::<&T>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        let Some(fields) = &selected::<T>(context) else {
            return resolve_list(context, field, self.0, Some(self.0.len())).await;
        };
        let objects = self.0.iter().enumerate().map(|(index, object)| async move {
            let context = context.with_index(index);
            walk(object, &context, fields).await.map_err(|error| context.set_error_path(error))
        });
        Ok(Value::List(try_join_all(objects).await?))
    }
}

/// Resolves the `fields` of an object. Boxed, because types lead to each other without end.
fn walk<'a, T: ContainerType>(
    object: &'a T,
    context: &'a ContextSelectionSet<'a>,
    fields: &'a [&'a Positioned<Field>],
) -> BoxFuture<'a, ServerResult<Value>> {
    Box::pin(async move {
        let mut values = IndexMap::with_capacity(fields.len());
        for field in fields {
            let context = context.with_field(field);
            let value = if field.node.name.node == "__typename" {
                Value::String(T::type_name().into_owned())
            } else {
                object.resolve_field(&context).await?.unwrap_or_default()
            };
            values.insert(field.node.response_key().node.clone(), value);
        }
        Ok(Value::Object(values))
    })
}

/// The fields that are selected of an object of type `T`, unless the library has to sort them out.
fn selected<'a, T: ContainerType>(
    context: &ContextSelectionSet<'a>,
) -> Option<Vec<&'a Positioned<Field>>> {
    let items = &context.item.node.items;
    let mut fields = Vec::with_capacity(items.len());
    flatten(context, items, &T::type_name(), &mut fields).then_some(fields)
}

/// Collects the fields of a selection and of its fragments on the object's own type. False when a
/// field has a directive or comes twice, or when a fragment is on another type.
fn flatten<'a>(
    context: &ContextSelectionSet<'a>,
    items: &'a [Positioned<Selection>],
    type_name: &str,
    fields: &mut Vec<&'a Positioned<Field>>,
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
