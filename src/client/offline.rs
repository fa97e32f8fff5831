//! What an SDK client needs when nothing it sends leaves the process: no credentials, no TLS,
//! no time lost in back-off, and time-outs without the time.

use std::time::Duration;

use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::service_clock_skew::ServiceClockSkewInterceptor;
use aws_runtime::user_agent::UserAgentInterceptor;
use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextMut,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, disable_interceptor};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, OrchestratorError};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use crate::exchange::{Fault, FaultKind};
use crate::playback::Attempts;
use crate::relay::ReplayedFault;

/// The region where none is configured: the request key leaves it out.
pub const ANY_REGION: &str = "us-east-1";

/// A network that is not there.
#[derive(Debug, Clone, Copy)]
pub struct NoNetwork;

/// Why nothing is sent.
#[derive(Debug, thiserror::Error)]
#[error(
    "this client has no network (enable the feature `live`, or give `Cassette::http_client` a client of your own)"
)]
struct Offline;

impl HttpConnector for NoNetwork {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        HttpConnectorFuture::ready(Err(ConnectorError::user(Box::new(Offline))))
    }
}

impl HttpClient for NoNetwork {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(*self)
    }
}

/// Sleep that is over at once: a replayed back-off need not be waited for.
#[derive(Debug, Clone, Copy)]
pub struct InstantSleep;

impl AsyncSleep for InstantSleep {
    fn sleep(&self, _duration: Duration) -> Sleep {
        Sleep::new(std::future::ready(()))
    }
}

/// Leaves out what the SDK does for a server alone: to a replay nobody listens, and these
/// headers and measurements are a tenth of what its call costs.
#[derive(Debug, Clone, Copy)]
pub struct NobodyListens {
    /// Whether a call may be tried again: its tries are known by the invocation's id.
    pub attempts: Attempts,
}

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for NobodyListens {
    fn name(&self) -> &'static str {
        "NobodyListens"
    }

    fn read_before_execution(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let cause = "nothing that a replay sends leaves the process";
        let state = config.interceptor_state();
        state.store_put(disable_interceptor::<UserAgentInterceptor>(cause));
        state.store_put(disable_interceptor::<RequestInfoInterceptor>(cause));
        state.store_put(disable_interceptor::<ServiceClockSkewInterceptor>(cause));
        if self.attempts != Attempts::All {
            state.store_put(disable_interceptor::<InvocationIdInterceptor>(cause));
        }
        Ok(())
    }
}

/// Tells a recorded time-out of the SDK itself as the SDK tells it: a connector can only say
/// that the transport was too slow.
#[derive(Debug, Clone, Copy)]
pub struct RecordedTimeouts;

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for RecordedTimeouts {
    fn name(&self) -> &'static str {
        "RecordedTimeouts"
    }

    fn modify_before_attempt_completion(
        &self,
        context: &mut FinalizerInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(Err(error)) = context.output_or_error_mut() else {
            return Ok(());
        };
        if let Some(fault) = given_up(error) {
            *error = OrchestratorError::timeout(ReplayedFault(fault).into());
        }
        Ok(())
    }
}

fn given_up<E: std::fmt::Debug>(error: &OrchestratorError<E>) -> Option<Fault> {
    let source = std::error::Error::source(error.as_connector_error()?)?;
    let ReplayedFault(fault) = source.downcast_ref::<ReplayedFault>()?;
    (fault.kind == FaultKind::GivenUp).then(|| fault.clone())
}
