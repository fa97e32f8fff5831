//! How much one client may ask for.

use std::time::Duration;

/// The limits of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerLimits {
    /// Bytes of a request's body; Bedrock takes 25 MB.
    pub body: usize,
    /// Bytes of a request's head.
    pub head: usize,
    /// How long a connection may take for a head, or wait between two requests.
    pub head_time: Duration,
    /// How long a body may take.
    pub body_time: Duration,
    /// Connections at one time.
    pub connections: usize,
    /// What answers under way get to end after a stop.
    pub grace: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            body: 25 * 1024 * 1024,
            head: 64 * 1024,
            head_time: Duration::from_mins(1),
            body_time: Duration::from_mins(2),
            connections: 1_024,
            grace: Duration::from_secs(5),
        }
    }
}
