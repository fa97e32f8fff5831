//! Sees by a response's header whether a model was asked at all. What comes from a cassette
//! says it by its recording; this is for what passes by one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_bedrockruntime::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_bedrockruntime::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_bedrockruntime::error::BoxError;

use crate::exchange::SIMULATED_HEADER;

/// Whether the simulator answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct Origin(Arc<AtomicBool>);

impl Origin {
    pub(crate) fn is_simulated(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Intercept for Origin {
    fn name(&self) -> &'static str {
        "Origin"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.response().headers().contains_key(SIMULATED_HEADER) {
            self.0.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}
