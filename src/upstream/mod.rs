//! Who is asked, and as whom: everything between a request that a cassette sends on and AWS.
//!
//! [`Upstream`] sends one [`Outgoing`] request; `builder` makes it of `choices`. `settings` is what the environment and the AWS
//! profile say; `endpoint` finds the address for a region, or takes the one that is `named`; `outgoing` leaves out what the client
//! signed and what belongs to its own connection; `credentials` asks the standard chain, assumes
//! a role where one is named, and renews in time; `reason` tells why not; `second_try` reads refusals that are about us; `signing` writes SigV4 or the bearer token;
//! `trust` says whose certificates hold; `wire` is TLS, proxies and time-outs, `silence` the one of a body.
//! `probe` tells all of that without a call, `profiles` whether a named profile is there, and the region that is configured; `trial` asks whether a model may be called.

mod builder;
mod choices;
mod credentials;
mod endpoint;
mod error;
mod named;
mod outgoing;
mod probe;
mod profiles;
mod reason;
mod second_try;
mod send;
mod settings;
mod signing;
mod silence;
mod time;
mod trial;
mod trust;
mod wire;

pub use builder::UpstreamBuilder;
pub use choices::Signing;
pub use credentials::{
    DEFAULT_SESSION_NAME, EXTERNAL_ID_VARIABLE, ROLE_VARIABLE, SESSION_NAME_VARIABLE,
};
pub use endpoint::Endpoint;
pub use error::{Outlook, UpstreamError};
pub use named::NamedBy;
pub use outgoing::Outgoing;
pub use probe::{Identity, Probe, RegionSource};
pub use profiles::{check_profile, configured_region};
pub use send::Upstream;
pub use silence::Silence;
pub use trial::Trial;
pub use wire::Timeouts;
