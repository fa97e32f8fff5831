//! The words for each cause. In what comes next `{region}`, and `{argument}` (the model, after
//! a space) stand for the call's own.

use super::cause::Cause;

/// What is said of a cause.
#[derive(Debug)]
pub struct Words {
    pub cause: Cause,
    pub what: &'static str,
    pub why: &'static str,
    pub next: &'static str,
}

/// One for each cause.
pub const WORDS: &[Words] = &[
    Words {
        cause: Cause::NoModelAccess,
        what: "the account has no access to this model",
        why: "a model is open to an account from its first call on, unless a policy forbids it, its provider's form is missing, or it could not be subscribed to on the AWS Marketplace",
        next: "look at the policies of these credentials and of the organisation (`bedrock-replay iam-policy{argument}` prints what is needed); open the model once in the model catalog of the Bedrock console ({region}), as somebody who may subscribe; then `bedrock-replay doctor`",
    },
    Words {
        cause: Cause::UseCaseForm,
        what: "the provider wants to know what its model is used for",
        why: "the form with the use case, which Anthropic asks for once, has been sent neither for this account nor for its organisation",
        next: "choose the model in the model catalog of the Bedrock console ({region}) and fill in its form, or send it by `aws bedrock put-use-case-for-model-access`; then, at most 15 minutes later, `bedrock-replay doctor`",
    },
    Words {
        cause: Cause::Marketplace,
        what: "the model could not be subscribed to",
        why: "a model that is sold on the AWS Marketplace is subscribed to at its first call in an account, and these credentials may not subscribe",
        next: "have somebody with `aws-marketplace:Subscribe` and `aws-marketplace:ViewSubscriptions` call the model once, or allow both to this role; then, a few minutes later, `bedrock-replay doctor`",
    },
    Words {
        cause: Cause::NotAllowed,
        what: "these credentials may not make this call",
        why: "no IAM policy of theirs allows the action on this model",
        next: "`bedrock-replay iam-policy{argument}` prints the policy that allows it: `bedrock:InvokeModel`, and `bedrock:InvokeModelWithResponseStream` for streams, on the model and on its inference profile if one is used",
    },
    Words {
        cause: Cause::Forbidden,
        what: "these credentials are forbidden this call",
        why: "a policy denies it: an explicit deny, a permissions boundary, or one of the organisation",
        next: "ask whoever keeps the policy that the message names; another region may be open: `bedrock-replay doctor --region REGION`",
    },
    Words {
        cause: Cause::Expired,
        what: "the credentials are over",
        why: "a session token holds for hours, and its time has passed",
        next: "log in again (`aws sso login`, or a new bearer token), then go on in mode `record-missing`: what is recorded is not asked again",
    },
    Words {
        cause: Cause::UnknownKeys,
        what: "AWS does not know these credentials",
        why: "the key was deleted, or key, secret and session token are not of one set",
        next: "`aws sts get-caller-identity` shows who you are to AWS; check `AWS_PROFILE`, and that no old `AWS_SESSION_TOKEN` is set",
    },
    Words {
        cause: Cause::Clock,
        what: "the signature is of another time",
        why: "this machine's clock differs from AWS's by more than five minutes, or the request waited",
        next: "set the clock (`timedatectl set-ntp true`), then go on in mode `record-missing`",
    },
    Words {
        cause: Cause::Signature,
        what: "the signature does not fit the request",
        why: "the secret key is wrong, or a proxy changed the request on its way",
        next: "check the secret key with `aws sts get-caller-identity`; then the proxy, if there is one",
    },
    Words {
        cause: Cause::UnknownModel,
        what: "there is no such model in this region",
        why: "the id is misspelt, or the model is offered in other regions only",
        next: "`bedrock-replay models check{argument}`; `aws bedrock list-foundation-models --region {region}` lists what is offered there",
    },
    Words {
        cause: Cause::EndOfLife,
        what: "the model is gone",
        why: "its provider has retired it; its answers can only be replayed",
        next: "`bedrock-replay models check{argument}` names its dates; choose a later model, or replay a cassette that has its answers",
    },
    Words {
        cause: Cause::OnDemand,
        what: "the model cannot be called by its own id",
        why: "newer models answer through an inference profile only",
        next: "write an inference profile of it in place of its id: `aws bedrock list-inference-profiles --region {region}` lists those that there are",
    },
    Words {
        cause: Cause::SystemPrompt,
        what: "the model takes no system prompt",
        why: "some models know user and assistant messages only",
        next: "put the prompt into the first user message; for a benchmark set `system` of the model's entry in models.toml (`bedrock-replay models list` shows it)",
    },
    Words {
        cause: Cause::Temperature,
        what: "the model does not take these sampling parameters",
        why: "newer models refuse `temperature` or `topP`, or both together",
        next: "leave `temperature` and `topP` out for this model; for a benchmark set `sampling` of the model's entry in models.toml, then go on in mode `record-missing`",
    },
    Words {
        cause: Cause::NoStreaming,
        what: "the model does not stream",
        why: "it gives its answer in one piece",
        next: "call Converse or InvokeModel in place of the streaming operation; for a benchmark `bedrock-replay run` without `--stream`",
    },
    Words {
        cause: Cause::WrongOperation,
        what: "the model does not speak this operation",
        why: "Converse is for chat models, InvokeModel for each model in its own form",
        next: "call InvokeModel with the provider's own body, or choose a chat model for Converse: `bedrock-replay models list`",
    },
    Words {
        cause: Cause::WrongBody,
        what: "the body is not in this model's form",
        why: "InvokeModel passes a body on as it is, and each provider has a form of its own",
        next: "use Converse, which has one form for all models; or write the body as the provider documents it, then go on in mode `record-missing`",
    },
    Words {
        cause: Cause::Unsupported,
        what: "the model does not take a part of this request",
        why: "what a message may hold differs from model to model",
        next: "leave the part that the message names out, or choose a model that takes it: `bedrock-replay models list`",
    },
    Words {
        cause: Cause::TooLong,
        what: "the request is too long for this model",
        why: "history, documents and system prompt together exceed its context",
        next: "shorten the history or the document, or choose a model with a larger context: `bedrock-replay models list`",
    },
    Words {
        cause: Cause::DailyQuota,
        what: "the tokens of today are used up",
        why: "the account has a quota of tokens a day for this model",
        next: "go on tomorrow in mode `record-missing`: what is recorded is not asked again; or ask for more in Service Quotas, \"Amazon Bedrock\"",
    },
    Words {
        cause: Cause::Throttled,
        what: "too many requests or tokens in this minute",
        why: "the account has a quota for each model and region, and input plus maxTokens count at once",
        next: "lower `--concurrency` and go on in mode `record-missing`: what is recorded is not asked again; or ask for more in Service Quotas, \"Amazon Bedrock\"",
    },
    Words {
        cause: Cause::Quota,
        what: "a quota of the account is reached",
        why: "the message names which",
        next: "`aws service-quotas list-service-quotas --service-code bedrock --region {region}` lists them; ask for more in Service Quotas, \"Amazon Bedrock\"",
    },
    Words {
        cause: Cause::NotReady,
        what: "the model is being loaded",
        why: "it was not called for a while; SDKs ask again by themselves",
        next: "ask again in mode `record-missing`: what is recorded is not asked again",
    },
    Words {
        cause: Cause::TooSlow,
        what: "the model took too long",
        why: "a long answer, or a busy model",
        next: "ask again in mode `record-missing`: what is recorded is not asked again",
    },
    Words {
        cause: Cause::ModelFailed,
        what: "the model failed",
        why: "the message is the model's own",
        next: "ask again in mode `record-missing`: what is recorded is not asked again",
    },
    Words {
        cause: Cause::ServiceFailed,
        what: "the service failed",
        why: "the fault is not in the request",
        next: "ask again in mode `record-missing`: what is recorded is not asked again",
    },
    Words {
        cause: Cause::Invalid,
        what: "the request breaks a rule of the operation",
        why: "the message names which",
        next: "change what the message names, then go on in mode `record-missing`; Converse is for dialogues, InvokeModel for a body in the model's own form",
    },
    Words {
        cause: Cause::Denied,
        what: "access is denied",
        why: "the message says why",
        next: "`bedrock-replay doctor` says as whom you ask",
    },
    Words {
        cause: Cause::NotFound,
        what: "something that the request names does not exist",
        why: "the message says what: a model, a profile, a guardrail",
        next: "`bedrock-replay models check{argument}`; `aws bedrock list-foundation-models --region {region}` and `aws bedrock list-inference-profiles --region {region}` list what is offered there",
    },
    Words {
        cause: Cause::NoCredentials,
        what: "there are no AWS credentials",
        why: "what is not recorded has to be sent to AWS and signed; what is recorded replays without",
        next: "log in (`aws sso login`), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; `bedrock-replay doctor` checks it, then go on in mode `record-missing`",
    },
    Words {
        cause: Cause::NotLoggedIn,
        what: "the AWS credentials could not be had",
        why: "their source is configured and gives none: the message says why",
        next: "log in again (`aws sso login`), or choose another profile with AWS_PROFILE; `bedrock-replay doctor` checks it",
    },
    Words {
        cause: Cause::NoRole,
        what: "the role of BEDROCK_ASSUME_ROLE_ARN could not be taken on",
        why: "its trust policy, the external id or your own permissions do not allow it: the message says which",
        next: "compare its policies with `bedrock-replay iam-policy --cross-account ACCOUNT`; `bedrock-replay doctor` tries it again",
    },
    Words {
        cause: Cause::UnknownHost,
        what: "the endpoint's name has no address",
        why: "the region or the endpoint is misspelt, or this machine reaches no name server",
        next: "`bedrock-replay doctor` says which region and endpoint are asked; mend `--region` or `--endpoint-url`, then go on in mode `record-missing`",
    },
    Words {
        cause: Cause::NobodyListens,
        what: "nobody listens at the endpoint",
        why: "what should answer there is not running, or its port is another one",
        next: "check `--endpoint-url` and the proxy variables with `bedrock-replay doctor` (`bedrock-replay simulate` starts a stand-in), then go on in mode `record-missing`",
    },
    Words {
        cause: Cause::Untrusted,
        what: "the endpoint's certificate is not trusted",
        why: "a proxy that looks into TLS shows its own, or the endpoint's is wrong or over",
        next: "name a file with the proxy's certificate in AWS_CA_BUNDLE; `bedrock-replay doctor` tries it again",
    },
    Words {
        cause: Cause::Unreachable,
        what: "the endpoint could not be reached",
        why: "the connection was not made, or broke: the network, a firewall or a proxy",
        next: "`bedrock-replay doctor` tries it; then go on in mode `record-missing`: what is recorded is not asked again",
    },
    Words {
        cause: Cause::TimedOut,
        what: "no answer came in time",
        why: "the network or the service is slow, or something on the way drops what is sent",
        next: "ask again in mode `record-missing`: what is recorded is not asked again",
    },
];
