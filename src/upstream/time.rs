//! The project's clock as the AWS crates want it.

use std::time::SystemTime;

use aws_smithy_async::time::TimeSource;

use crate::clock::SharedClock;

/// A clock behind the SDK's own trait.
#[derive(Debug, Clone)]
pub struct ClockTime(pub SharedClock);

impl TimeSource for ClockTime {
    fn now(&self) -> SystemTime {
        SystemTime::from(self.0.now())
    }
}
