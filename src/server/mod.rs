//! Every other language's door: an HTTP endpoint that any AWS SDK follows by
//! `AWS_ENDPOINT_URL_BEDROCK_RUNTIME`.
//!
//! [`Builder`] is what an endpoint is made of, [`Running`] the listening whole. `gate` says who
//! may come in, `route` takes token and scope out of a path, `desk` makes one answer of one
//! request (`call`): it asks the same `playback` as the client does, plays what is recorded (`replay`),
//! has a [`Sender`] send what is forwarded (`forward`), and says in AWS's form what is refused
//! (`refusal`). `control` answers under `/_replay/`; `progress` follows a call for `tally`, which counts,
//! `tokens` and `passing` read what it counts; [`Witness`] is told of each call, and by `explained` what a refusal of Bedrock means.

mod access;
mod body;
mod builder;
mod call;
mod control;
mod desk;
mod explained;
mod forward;
mod gate;
mod limits;
mod passing;
mod progress;
mod refusal;
mod replay;
mod route;
mod running;
mod sender;
mod tally;
mod tokens;
mod witness;

pub use access::{Access, Token, WeakToken};
pub use builder::Builder;
pub use control::CONTROL_PATH;
pub use gate::TOKEN_HEADER;
pub use limits::ServerLimits;
pub use route::SCOPE_HEADER;
pub use running::Running;
pub use sender::{Outgoing, Sender, Sending, Unsigned};
pub use tally::{MissedCall, Summary};
pub use witness::{Answered, Source, Witness};
