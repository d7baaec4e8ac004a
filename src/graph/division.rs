//! What the divisions and the stations lead to.

use async_graphql::{ComplexObject, Context};

use crate::division::{
    County, Station, Township, TownshipFilter, TownshipOrder, Village, VillageFilter, VillageGroup,
    VillageOrder,
};
use crate::error::Result;
use crate::page::{Connection, Window};
use crate::record;

#[ComplexObject]
impl County {
    /// Its townships.
    #[expect(clippy::too_many_arguments, reason = "the arguments of a Relay connection")]
    async fn townships(
        &self,
        context: &Context<'_>,
        filter: Option<TownshipFilter>,
        order_by: Option<TownshipOrder>,
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Option<Connection<Township>>> {
        let window = Window::new(first, after, last, before)?;
        let filter = filter.unwrap_or_default().checked()?;
        let order = order_by.unwrap_or_default();
        let parent = ("township", "county_code");
        Connection::below(context, parent, self.id.key.clone(), filter, order, window)
            .await
            .map(Some)
    }
}

#[ComplexObject]
impl Township {
    /// The county that it belongs to.
    async fn county(&self, context: &Context<'_>) -> Result<County> {
        record::parent(context, self.county_code.as_str()).await
    }
}

#[ComplexObject]
impl Village {
    /// The township that it belongs to.
    async fn township(&self, context: &Context<'_>) -> Result<Township> {
        match &self.township {
            Some(township) => Ok(township.clone()),
            None => record::parent(context, self.township_code.as_str()).await,
        }
    }
}

#[ComplexObject]
impl VillageGroup {
    /// The village that it belongs to.
    async fn village(&self, context: &Context<'_>) -> Result<Village> {
        record::parent(context, self.village_code.as_str()).await
    }
}

#[ComplexObject]
impl Station {
    /// The township that it serves.
    async fn township(&self, context: &Context<'_>) -> Result<Township> {
        record::parent(context, self.township_code.as_str()).await
    }
}
