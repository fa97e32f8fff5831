//! What each transmission of a call carries: the id that ties it to the others of its call, its
//! region, and an ear for who answered.

use aws_runtime::invocation_id::{
    DefaultInvocationIdGenerator, InvocationId, InvocationIdGenerator, SharedInvocationIdGenerator,
};
use aws_sdk_bedrockruntime::client::customize::CustomizableOperation;
use aws_sdk_bedrockruntime::config::interceptors::BeforeSerializationInterceptorContextRef;
use aws_sdk_bedrockruntime::config::{Config, ConfigBag, Intercept, Region};
use aws_sdk_bedrockruntime::error::BoxError;

use super::origin::Origin;

/// The id of one call, the same for each of its transmissions: by it a cassette ties them
/// together.
#[derive(Debug, Clone)]
pub(crate) struct Invocation(InvocationId);

/// One transmission of a call.
#[derive(Debug, Clone)]
pub(crate) struct Try {
    invocation: Option<Invocation>,
    /// Where it goes; `None` is the client's own region.
    pub(crate) region: Option<String>,
    origin: Origin,
}

impl Invocation {
    /// A new id; `None` if the system has no randomness left, and then each try is a call.
    pub(crate) fn new() -> Option<Self> {
        let id = DefaultInvocationIdGenerator::new().generate();
        id.ok().flatten().map(Self)
    }
}

impl InvocationIdGenerator for Invocation {
    fn generate(&self) -> Result<Option<InvocationId>, BoxError> {
        Ok(Some(self.0.clone()))
    }
}

impl Intercept for Invocation {
    fn name(&self) -> &'static str {
        "Invocation"
    }

    fn read_before_execution(
        &self,
        _: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let id = SharedInvocationIdGenerator::new(self.clone());
        config.interceptor_state().store_put(id);
        Ok(())
    }
}

impl Try {
    pub(crate) fn new(
        invocation: Option<&Invocation>,
        region: Option<String>,
        origin: &Origin,
    ) -> Self {
        Self {
            invocation: invocation.cloned(),
            region,
            origin: origin.clone(),
        }
    }

    /// Puts itself into an operation that is about to be sent.
    pub(crate) fn of<T, E, B>(
        self,
        operation: CustomizableOperation<T, E, B>,
    ) -> CustomizableOperation<T, E, B> {
        let mut operation = operation.interceptor(self.origin);
        if let Some(invocation) = self.invocation {
            operation = operation.interceptor(invocation);
        }
        if let Some(region) = self.region {
            let elsewhere = Config::builder().region(Region::new(region));
            operation = operation.config_override(elsewhere);
        }
        operation
    }
}
