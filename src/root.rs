//! The root of queries. It keeps what the library passes to it, which [`crate::executor`] needs and cannot make.

use std::borrow::Cow;
use std::sync::OnceLock;

use async_graphql::extensions::Extensions;
use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, SchemaEnv,
    ServerResult, Value,
};

/// What the library passes to every resolver.
pub type Passed = (SchemaEnv, Extensions);

/// The root of queries.
#[derive(Default)]
pub struct Root<Q> {
    query: Q,
    passed: OnceLock<Passed>,
}

impl<Q> Root<Q> {
    /// Its fields.
    pub fn query(&self) -> &Q {
        &self.query
    }

    /// What the library passed to the first of its fields that was asked for, which was not resolved.
    pub fn passed(&self) -> Option<&Passed> {
        self.passed.get()
    }
}

impl<Q: ObjectType> OutputType for Root<Q> {
    fn type_name() -> Cow<'static, str> {
        Q::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Q::create_type_info(registry)
    }

    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        field: &Positioned<Field>,
    ) -> ServerResult<Value> {
        self.query.resolve(context, field).await
    }
}

impl<Q: ObjectType> ContainerType for Root<Q> {
    async fn resolve_field(&self, context: &Context<'_>) -> ServerResult<Option<Value>> {
        if self.passed.get().is_none() {
            let (schema, env) = (context.schema_env, context.query_env);
            self.passed.get_or_init(|| (schema.clone(), env.extensions.clone()));
            return Ok(None);
        }
        self.query.resolve_field(context).await
    }
}

impl<Q: ObjectType> ObjectType for Root<Q> {}
