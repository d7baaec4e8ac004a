//! What guides and their versions lead to.

use async_graphql::{ComplexObject, Context};

use crate::alone::Alone;
use crate::error::Result;
use crate::guide::{
    Guide, GuideAnswer, GuideNext, GuideVersion, GuideVersionFilter, GuideVersionOrder,
};
use crate::officer::Officer;
use crate::page::{self, lists};
use crate::record::{self, Related};
use crate::request::Request;
use crate::scalar::Date;
use crate::walk::Walked;

/// The column by which versions belong to their guide.
const GUIDE: (&str, &str) = ("guide_version", "guide_id");

impl Guide {
    /// The version in force on a day, today when left out. There is at most one.
    async fn in_force(
        &self,
        context: &Context<'_>,
        on: Option<Date>,
    ) -> Result<Option<GuideVersion>> {
        let today = Request::of(context)?.service().clock.today();
        let in_force_on = Some(on.unwrap_or(Date(today)));
        let filter = GuideVersionFilter { in_force_on, ..Default::default() };
        let order = GuideVersionOrder::default();
        page::load_first_below(context, GUIDE, &self.id.key, filter, order).await
    }
}

lists! {
    #[ComplexObject]
    impl Guide {
        /// All its versions.
        versions: GuideVersion, filter GuideVersionFilter, order GuideVersionOrder
            => below("guide_version", "guide_id");
        ---
        /// The version in force; null when there is none.
        async fn current(
            &self,
            context: &Context<'_>,
            #[graphql(desc = "On this day, in China; today when left out.")] as_of: Option<Date>,
        ) -> Alone<Option<GuideVersion>> {
            Alone::of(self.in_force(context, as_of)).await
        }

        /// Where answers lead in the version in force: to the next question, or to the checklist at the end.
        /// Null when no version is in force.
        async fn checklist(
            &self,
            context: &Context<'_>,
            #[graphql(
                default,
                desc = "What is answered so far, in any order; answers to questions off the way are passed over."
            )]
            answers: Vec<GuideAnswer>,
        ) -> Alone<Option<GuideNext>> {
            Alone::of(async move {
                let current = self.in_force(context, None).await?;
                current.map(|version| version.next(&answers)).transpose()
            })
            .await
        }
    }
}

#[ComplexObject]
impl GuideVersion {
    /// The guide.
    async fn guide(&self, context: &Context<'_>) -> Result<Walked<Guide>> {
        record::parent(context, self.guide_id).await
    }

    /// Where answers lead: to the next question, or to the checklist at the end.
    async fn checklist(
        &self,
        #[graphql(
            default,
            desc = "What is answered so far, in any order; answers to questions off the way are passed over."
        )]
        answers: Vec<GuideAnswer>,
    ) -> Alone<GuideNext> {
        Alone::of(async move { self.next(&answers) }).await
    }

    /// The checklist as a message that can be sent as it is (一次性告知单), in Chinese. Null while a question
    /// is left.
    async fn message(
        &self,
        #[graphql(default, desc = "What is answered, as for `checklist`.")] answers: Vec<
            GuideAnswer,
        >,
    ) -> Alone<Option<String>> {
        Alone::of(async move { self.as_message(&answers) }).await
    }

    /// Who wrote it last; null when it came with the program, and for roles that see no drafts.
    async fn author(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, self.author_id).await
    }

    /// Who reviewed it last; null when nobody did, and for roles that see no drafts.
    async fn reviewer(&self, context: &Context<'_>) -> Related<Officer> {
        record::related(context, self.reviewer_id).await
    }

    /// The version that follows it; null while there is none.
    async fn superseded_by(&self, context: &Context<'_>) -> Related<GuideVersion> {
        record::related(context, self.superseded_by).await
    }
}
