//! The fields that are lists. All of them take the same arguments and page in the same way, so they are
//! declared by what differs: what they list, how it is filtered and ordered, and where it comes from.

/// Declares the lists of a type or of the query root, and takes its other fields after `---`.
///
/// ```ignore
/// lists! {
///     #[ComplexObject]
///     impl Village {
///         /// Its households.
///         households: Household, filter HouseholdFilter, order HouseholdOrder
///             => below("household", "village_code");
///         ---
///         /// The township that it belongs to.
///         async fn township(&self, context: &Context<'_>) -> Result<Township> { … }
///     }
/// }
/// ```
macro_rules! lists {
    (#[$kind:ident] impl $type:ty {
        $(
            $(#[doc = $doc:literal])*
            $name:ident: $node:ty $(, filter $filter:ty)? $(, order $order:ty)?
                => $source:ident($($place:tt)*);
        )*
        ---
        $($rest:tt)*
    }) => {
        $crate::page::lists!(@leads $kind $type {
            $( $name: $node $(, filter $filter)? $(, order $order)? => $source($($place)*); )*
        });

        #[$kind]
        impl $type {
            $(
                $(#[doc = $doc])*
                async fn $name(
                    &self,
                    context: &async_graphql::Context<'_>,
                    $(
                        #[graphql(desc = "Keeps what meets all of its conditions; everything when left out.")]
                        filter: Option<Box<$filter>>,
                    )?
                    $(
                        #[graphql(desc = "In which order the rows come; the first value of the enum when left out.")]
                        order_by: Option<$order>,
                    )?
                    #[graphql(desc = "The first so many rows, from 1 to 100; 20 when neither this nor `last` is given.")]
                    first: Option<i32>,
                    #[graphql(desc = "Only what comes after this cursor. Goes with `first`.")]
                    after: Option<String>,
                    #[graphql(desc = "The last so many rows, from 1 to 100. Not together with `first`.")]
                    last: Option<i32>,
                    #[graphql(desc = "Only what comes before this cursor. Goes with `last`.")]
                    before: Option<String>,
                ) -> $crate::record::Found<$crate::page::Connection<$node>> {
                    let listing = $crate::page::Listing {
                        filter: $crate::page::lists!(@unboxed $(filter as $filter)?),
                        order: $crate::page::lists!(@given $(order_by as $order)?),
                        window: $crate::page::Window::new(first, after, last, before),
                    };
                    $crate::page::lists!(@page $source($($place)*), self, context, listing)
                }
            )*
            $($rest)*
        }
    };
    (@leads Object $type:ty { $($lists:tt)* }) => {};
    (@leads ComplexObject $type:ty {
        $(
            $name:ident: $node:ty $(, filter $filter:ty)? $(, order $order:ty)? => all($act:expr);
        )*
    }) => {};
    (@leads ComplexObject $type:ty {
        $(
            $name:ident: $node:ty $(, filter $filter:ty)? $(, order $order:ty)?
                => $source:ident($($place:tt)*);
        )*
    }) => {
        impl $crate::record::Leads for $type {
            fn first_list(
                request: &$crate::request::Request,
                wanted: &async_graphql::Lookahead<'_>,
            ) -> Option<std::sync::Arc<dyn $crate::record::Below>> {
                let [object] = wanted.selection_fields()[..] else { return None };
                $(
                    if let Some(field) = $crate::page::ahead::Ahead::of(object, stringify!($name)) {
                        $( let filter: Option<Box<$filter>> = field.argument("filter")?; )?
                        $( let order_by: Option<$order> = field.argument("orderBy")?; )?
                        let listing = $crate::page::Listing {
                            filter: $crate::page::lists!(@unboxed $(filter as $filter)?),
                            order: $crate::page::lists!(@given $(order_by as $order)?),
                            window: field.window()?,
                        };
                        let parent = $crate::page::lists!(@parent $source($($place)*));
                        return field.below::<$node>(request, parent, listing);
                    }
                )*
                None
            }
        }
    };
    (@parent below($table:literal, $column:literal)) => { ($table, $column).into() };
    (@parent through($table:literal, $parent:literal, $row:literal)) => {
        $crate::page::Parent::through($table, $parent, $row)
    };
    (@unboxed) => { Default::default() };
    (@unboxed $argument:ident as $type:ty) => { $argument.map(|boxed| *boxed).unwrap_or_default() };
    (@given) => { () };
    (@given $argument:ident as $type:ty) => { $argument.unwrap_or_default() };
    (@page all($act:expr), $self:ident, $context:ident, $listing:ident) => {
        $crate::page::Connection::all($context, $act, $listing).await
    };
    (@page $source:ident($($place:tt)*), $self:ident, $context:ident, $listing:ident) => {{
        let parent = $crate::page::lists!(@parent $source($($place)*));
        $crate::page::Connection::below($context, parent, &$self.id.key, $listing).await
    }};
}

pub(crate) use lists;
