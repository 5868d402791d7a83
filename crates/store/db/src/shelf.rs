//! The shelf: what the engines read from packs, by type, so that a verb finds its own definitions.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;

use crate::error::{Error, Result};

/// Definitions by their type. Built once per load of the packs and then only read.
#[derive(Clone, Default)]
pub struct Shelf {
    items: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Shelf({} items)", self.items.len())
    }
}

impl Shelf {
    /// Puts a set of definitions on the shelf, in place of an older one of the same type.
    #[must_use]
    pub fn with<T: Send + Sync + 'static>(mut self, item: T) -> Self {
        self.items.insert(TypeId::of::<T>(), Arc::new(item));
        self
    }

    /// Finds definitions by type.
    pub fn get<T: Send + Sync + 'static>(&self) -> Result<Arc<T>> {
        self.items
            .get(&TypeId::of::<T>())
            .cloned()
            .and_then(|item| item.downcast::<T>().ok())
            .ok_or_else(|| {
                Error::Broken(format!("{} was never loaded", std::any::type_name::<T>()))
            })
    }
}
