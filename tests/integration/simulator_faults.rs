//! The simulator's faults as the real SDK sees them.

use aws_sdk_bedrockruntime::error::{DisplayErrorContext, ProvideErrorMetadata as _, SdkError};
use aws_sdk_bedrockruntime::operation::converse::{ConverseError, ConverseOutput};
use aws_sdk_bedrockruntime::types::error::ConverseStreamOutputError;
use aws_smithy_types::event_stream::RawMessage;
use bedrock_replay::simulator::{ErrorType, FAULT_HEADER, Running};

use crate::simulator::{HAIKU, client, says, start};

type StreamEnd = Result<(), SdkError<ConverseStreamOutputError, RawMessage>>;

/// One call that asks for faults of its own.
async fn converse(
    running: &Running,
    text: &str,
    faults: &'static str,
) -> Result<ConverseOutput, SdkError<ConverseError>> {
    let call = client(running).converse().model_id(HAIKU);
    let call = call.messages(says(text)).customize();
    call.mutate_request(move |request| {
        request.headers_mut().insert(FAULT_HEADER, faults);
    })
    .send()
    .await
}

/// How many events of a stream arrived, and how it ended.
async fn stream(running: &Running) -> (usize, StreamEnd) {
    let call = client(running).converse_stream().model_id(HAIKU);
    let mut stream = call.messages(says("Hello")).send().await.unwrap().stream;
    let mut events = 0;
    loop {
        match stream.recv().await {
            Ok(Some(_)) => events += 1,
            Ok(None) => return (events, Ok(())),
            Err(error) => return (events, Err(error)),
        }
    }
}

#[tokio::test]
async fn the_sdk_retries_a_throttled_request_until_it_is_answered() {
    let running = start("throttle=2").await;
    let call = client(&running).converse().model_id(HAIKU);
    call.messages(says("Hello")).send().await.unwrap();
    assert_eq!(running.served(), 3);
}

#[tokio::test]
async fn a_throttled_request_is_the_typed_error_once_the_retries_are_spent() {
    let running = start("throttle=3").await;
    let client = client(&running);
    let call = |text| {
        client
            .converse()
            .model_id(HAIKU)
            .messages(says(text))
            .send()
    };
    let error = call("Hello").await.unwrap_err().into_service_error();
    assert!(error.is_throttling_exception());
    assert_eq!(error.code(), Some("ThrottlingException"));
    assert_eq!(running.served(), 3);
    call("Hello").await.unwrap();
    // Another request is counted by itself.
    assert!(call("Good morning").await.is_err());
}

#[tokio::test]
async fn a_request_asks_for_faults_of_its_own() {
    let running = start("error=AccessDenied").await;
    assert!(converse(&running, "Hello", "none").await.is_ok());
    let error = converse(&running, "Hello", "error=ResourceNotFound").await;
    assert!(
        error
            .unwrap_err()
            .into_service_error()
            .is_resource_not_found_exception()
    );
}

#[tokio::test]
async fn a_fault_that_is_none_is_refused_with_the_grammar() {
    let running = start("none").await;
    let error = converse(&running, "Hello", "explode").await.unwrap_err();
    let error = error.into_service_error();
    assert!(error.is_validation_exception());
    let message = error.message().unwrap();
    assert!(
        message.contains("`throttle=N`") && message.contains("`explode`"),
        "{message}"
    );
}

#[tokio::test]
async fn every_error_has_its_status_and_its_type() {
    for name in ErrorType::names() {
        let expected = ErrorType::from_name(name).unwrap();
        let running = start(&format!("error={name}")).await;
        let call = client(&running).converse().model_id(HAIKU);
        let error = call.messages(says("Hello")).send().await.unwrap_err();
        assert_eq!(
            error.raw_response().unwrap().status().as_u16(),
            expected.status()
        );
        assert_eq!(error.code(), Some(name));
        assert!(error.message().is_some_and(|message| !message.is_empty()));
    }
}

#[tokio::test]
async fn a_fault_befalls_only_the_first_of_equal_requests() {
    let running = start("error=InternalServer; times=1").await;
    let call = client(&running).converse().model_id(HAIKU);
    call.messages(says("Hello")).send().await.unwrap();
    assert_eq!(running.served(), 2);
}

#[tokio::test]
async fn an_exception_inside_a_stream_is_the_typed_error_after_the_events_before_it() {
    let running = start("error=ModelStreamError@4").await;
    let (events, end) = stream(&running).await;
    assert_eq!(events, 4);
    let error = end.unwrap_err().into_service_error();
    assert!(error.is_model_stream_error_exception(), "{error}");

    let running = start("error=Throttling@0").await;
    let (events, end) = stream(&running).await;
    assert_eq!(events, 0);
    assert!(
        end.unwrap_err()
            .into_service_error()
            .is_throttling_exception()
    );
}

#[tokio::test]
async fn a_stream_that_is_cut_cleanly_looks_finished_to_the_sdk() {
    let whole = stream(&start("none").await).await.0;
    let running = start("cut=3").await;
    let (events, end) = stream(&running).await;
    assert!(end.is_ok());
    assert!(events == 3 && events < whole);
}

#[tokio::test]
async fn a_stream_that_is_reset_gives_its_events_and_then_an_error() {
    let running = start("reset=3").await;
    let (events, end) = stream(&running).await;
    assert_eq!(events, 3);
    let error = end.unwrap_err();
    assert!(
        !matches!(error, SdkError::ServiceError(_)),
        "{}",
        DisplayErrorContext(error)
    );
}

#[tokio::test]
async fn a_frame_with_a_wrong_checksum_is_an_error_in_its_place() {
    let running = start("bad-crc=3").await;
    let (events, end) = stream(&running).await;
    assert_eq!(events, 2);
    let error = DisplayErrorContext(end.unwrap_err()).to_string();
    assert!(
        error.contains("CRC") || error.contains("checksum"),
        "{error}"
    );
}

#[tokio::test]
async fn a_connection_that_is_reset_is_tried_again() {
    for faults in ["reset; times=2", "reset=1; times=2"] {
        let running = start(faults).await;
        let call = client(&running).converse().model_id(HAIKU);
        call.messages(says("Hello")).send().await.unwrap();
        assert_eq!(running.served(), 3, "{faults}");
    }
}

#[tokio::test]
async fn a_connection_that_is_always_reset_is_a_dispatch_failure() {
    let running = start("reset").await;
    let call = client(&running).converse().model_id(HAIKU);
    let error = call.messages(says("Hello")).send().await.unwrap_err();
    assert!(
        matches!(error, SdkError::DispatchFailure(_)),
        "{}",
        DisplayErrorContext(error)
    );
}
