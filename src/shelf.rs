//! What is asked for again and again and seldom changes, read once and kept until an event tells that it changed.
//! The database stays the only place where it lives: every instance hears of every event.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Result;

/// One value of each type.
#[derive(Default)]
pub struct Shelf(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    values: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
    /// How often it was cleared: what was being read meanwhile may be old.
    cleared: u64,
}

impl Shelf {
    /// The value that is kept, or the one that `read` finds.
    pub async fn get<T: Send + Sync + 'static>(
        &self,
        read: impl Future<Output = Result<T>>,
    ) -> Result<Arc<T>> {
        let cleared = {
            let kept = self.kept();
            let value = kept.values.get(&TypeId::of::<T>());
            if let Some(value) = value.and_then(|value| value.clone().downcast().ok()) {
                return Ok(value);
            }
            kept.cleared
        };
        let value = Arc::new(read.await?);
        let mut kept = self.kept();
        if kept.cleared == cleared {
            kept.values.insert(TypeId::of::<T>(), value.clone());
        }
        Ok(value)
    }

    /// Forgets everything.
    pub fn clear(&self) {
        let mut kept = self.kept();
        kept.values.clear();
        kept.cleared += 1;
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
