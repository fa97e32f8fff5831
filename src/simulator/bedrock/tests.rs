//! What the simulated Bedrock answers, byte for byte.

use std::fmt::Write as _;

use bytes::Bytes;

use crate::exchange::{EventStream, RequestParts, StreamWatch, Target};

use super::super::answer::Payload;
use super::super::asked::Fingerprint;
use super::*;

const SONNET: &str = "us.anthropic.claude-3-5-sonnet-20241022-v2:0";

fn request(operation: Operation, model: &str, body: &impl ToString) -> Request {
    let path = Target::model_call(operation, model).path_and_query();
    Request::read(RequestParts {
        method: "POST",
        path_and_query: &path,
        host: "",
        headers: Vec::new(),
        body: Bytes::from(body.to_string()),
    })
    .unwrap()
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "so that calls read as sentences"
)]
fn answer(operation: Operation, model: &str, body: impl ToString) -> Answer {
    Simulator::new(7).answer(&request(operation, model, &body))
}

fn parsed(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.payload.bytes()).unwrap()
}

fn frames(answer: &Answer) -> Vec<Frame> {
    EventStream::read(&answer.payload.bytes()).unwrap().frames
}

fn asks(text: &str) -> Value {
    json!({
        "system": [{ "text": "You are a Socratic tutor." }],
        "messages": [{ "role": "user", "content": [{ "text": text }] }],
        "inferenceConfig": { "maxTokens": 60, "temperature": 0.5 },
    })
}

fn anthropic(text: &str) -> Value {
    json!({
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 60,
        "system": "You are a Socratic tutor.",
        "messages": [{ "role": "user", "content": text }],
    })
}

/// A body of every dialect with a model that speaks it.
fn every_dialect() -> Vec<(&'static str, Value)> {
    let prompt = "A coin has no memory.";
    vec![
        (SONNET, anthropic(prompt)),
        ("us.amazon.nova-pro-v1:0", asks(prompt)),
        (
            "amazon.titan-text-express-v1",
            json!({ "inputText": prompt, "textGenerationConfig": { "maxTokenCount": 30 } }),
        ),
        (
            "meta.llama3-1-70b-instruct-v1:0",
            json!({ "prompt": prompt, "max_gen_len": 30 }),
        ),
        (
            "mistral.mistral-large-2407-v1:0",
            json!({ "prompt": prompt, "max_tokens": 30 }),
        ),
    ]
}

/// An answer as a reader of the wire sees it.
fn shown(answer: &Answer) -> String {
    let mut shown = format!("{}\n", answer.status);
    for (name, value) in &answer.headers {
        writeln!(shown, "{name}: {value}").unwrap();
    }
    match &answer.payload {
        Payload::Whole(body) => writeln!(shown, "\n{}", String::from_utf8_lossy(body)).unwrap(),
        Payload::Events(_) => {
            shown.push('\n');
            for frame in frames(answer) {
                let json = String::from_utf8_lossy(&frame.json()).into_owned();
                writeln!(shown, "{} {json}", frame.event_type()).unwrap();
            }
        }
    }
    shown
}

#[test]
fn converse_on_the_wire() {
    let body = asks("Everyone has their own truth. Nobody is ever wrong.");
    insta::assert_snapshot!(shown(&answer(Operation::Converse, SONNET, body)));
}

#[test]
fn converse_stream_on_the_wire() {
    let body = asks("Everyone has their own truth. Nobody is ever wrong.");
    insta::assert_snapshot!(shown(&answer(Operation::ConverseStream, SONNET, body)));
}

#[test]
fn invoke_model_on_the_wire() {
    let body = anthropic("Everyone has their own truth. Nobody is ever wrong.");
    insta::assert_snapshot!(shown(&answer(Operation::InvokeModel, SONNET, body)));
}

#[test]
fn invoke_model_stream_on_the_wire() {
    let body = anthropic("Everyone has their own truth. Nobody is ever wrong.");
    let operation = Operation::InvokeModelWithResponseStream;
    insta::assert_snapshot!(shown(&answer(operation, SONNET, body)));
}

#[test]
fn a_tool_is_called_on_the_wire() {
    let mut body = asks("What is the weather in Turin?");
    body["toolConfig"] = json!({ "tools": [{ "toolSpec": {
        "name": "get_weather",
        "inputSchema": { "json": {
            "type": "object",
            "properties": { "city": { "type": "string" }, "days": { "type": "integer" } },
            "required": ["city"],
        } },
    } }] });
    insta::assert_snapshot!(shown(&answer(Operation::ConverseStream, SONNET, &body)));
    body["messages"] = json!([
        { "role": "user", "content": [{ "text": "What is the weather in Turin?" }] },
        { "role": "assistant", "content": [
            { "toolUse": { "toolUseId": "t", "name": "get_weather", "input": {} } },
        ] },
        { "role": "user", "content": [
            { "toolResult": { "toolUseId": "t", "content": [{ "text": "sunny" }] } },
        ] },
    ]);
    let after = parsed(&answer(Operation::Converse, SONNET, &body));
    assert_eq!(after["stopReason"], "end_turn");
    assert!(after["output"]["message"]["content"][0]["text"].is_string());
}

#[test]
fn equal_requests_get_equal_bytes_however_they_are_written() {
    let rust = r#"{"messages":[{"role":"user","content":[{"text":"é"}]}],"inferenceConfig":{"temperature":0.699999988079071,"maxTokens":50}}"#;
    let python = r#"{"inferenceConfig": {"maxTokens": 50, "temperature": 0.7}, "messages": [{"content": [{"text": "\u00e9"}], "role": "user"}]}"#;
    for operation in [Operation::Converse, Operation::ConverseStream] {
        assert_eq!(
            answer(operation, SONNET, rust),
            answer(operation, SONNET, python)
        );
    }
    let of = |body: &str| Fingerprint::of(&request(Operation::Converse, SONNET, &body));
    assert_eq!(of(rust), of(python));
}

#[test]
fn another_seed_model_or_temperature_may_give_another_answer() {
    let text = |seed: u64, model: &str, body: &Value| {
        let request = request(Operation::Converse, model, body);
        parsed(&Simulator::new(seed).answer(&request))["output"].to_string()
    };
    let body = asks("A free country means nobody gets to tell me what to do.");
    let mut warmer = body.clone();
    warmer["inferenceConfig"]["temperature"] = json!(0.9);
    let first = text(0, SONNET, &body);
    assert!((1..9).any(|seed| text(seed, SONNET, &body) != first));
    assert_ne!(
        text(0, "anthropic.claude-3-opus-20240229-v1:0", &body),
        first
    );
    assert_ne!(text(0, SONNET, &warmer), first);
}

#[test]
fn a_stream_says_what_the_unary_answer_says() {
    let body = asks("Everyone has their own truth. Nobody is ever wrong.");
    let whole = parsed(&answer(Operation::Converse, SONNET, &body));
    let frames = frames(&answer(Operation::ConverseStream, SONNET, &body));
    let events: Vec<Value> = frames
        .iter()
        .map(|frame| serde_json::from_slice(frame.payload()).unwrap())
        .collect();
    let text: String = events
        .iter()
        .filter_map(|event| event.pointer("/delta/text")?.as_str())
        .collect();
    assert_eq!(
        whole["output"]["message"]["content"][0]["text"],
        text.as_str()
    );
    assert_eq!(whole["usage"], events.last().unwrap()["usage"]);
    assert!(events.iter().all(|event| event["p"].is_string()));
}

#[test]
fn every_stream_is_whole_and_every_chunked_text_is_the_unary_one() {
    let operation = Operation::InvokeModelWithResponseStream;
    let text_members = [
        "/delta/text",
        "/contentBlockDelta/delta/text",
        "/outputText",
        "/generation",
        "/outputs/0/text",
    ];
    for (model, body) in every_dialect() {
        let stream = answer(operation, model, &body);
        assert!(
            StreamWatch::is_whole(operation, &stream.payload.bytes()),
            "{model}"
        );
        let streamed: String = frames(&stream)
            .iter()
            .map(|frame| serde_json::from_slice::<Value>(&frame.json()).unwrap())
            .flat_map(|chunk| {
                let texts = text_members.map(|member| chunk.pointer(member).cloned());
                texts.into_iter().flatten()
            })
            .filter_map(|text| text.as_str().map(str::to_owned))
            .collect();
        let whole = answer(Operation::InvokeModel, model, &body);
        assert!(streamed.len() > 20, "{model}: {streamed}");
        let quoted = Value::from(streamed).to_string();
        let body = String::from_utf8_lossy(&whole.payload.bytes()).into_owned();
        assert!(body.contains(&quoted), "{model}: {body}");
    }
}

#[test]
fn headers_count_what_the_body_counts() {
    let members = [
        ("/usage/input_tokens", "/usage/output_tokens"),
        ("/usage/inputTokens", "/usage/outputTokens"),
        ("/inputTextTokenCount", "/results/0/tokenCount"),
        ("/prompt_token_count", "/generation_token_count"),
    ];
    for (model, body) in every_dialect() {
        let answer = answer(Operation::InvokeModel, model, &body);
        let header = |name: &str| answer.header(name).unwrap().parse::<u64>().unwrap();
        let body = parsed(&answer);
        for (input, output) in members {
            let counts = (body.pointer(input), body.pointer(output));
            let (Some(input), Some(output)) = counts else {
                continue;
            };
            assert_eq!(
                *input,
                header("x-amzn-bedrock-input-token-count"),
                "{model}"
            );
            assert_eq!(
                *output,
                header("x-amzn-bedrock-output-token-count"),
                "{model}"
            );
        }
        assert!(header("x-amzn-bedrock-output-token-count") > 0);
    }
}

#[test]
fn counted_tokens_are_the_tokens_that_the_call_uses() {
    let body = asks("Everyone has their own truth.");
    let used = parsed(&answer(Operation::Converse, SONNET, &body));
    let count = json!({ "input": { "converse": body } });
    let counted = parsed(&answer(Operation::CountTokens, SONNET, count));
    assert_eq!(counted["inputTokens"], used["usage"]["inputTokens"]);

    let body = anthropic("Everyone has their own truth.");
    let used = parsed(&answer(Operation::InvokeModel, SONNET, &body));
    let encoded = BASE64.encode(body.to_string());
    let count = json!({ "input": { "invokeModel": { "body": encoded } } });
    let counted = parsed(&answer(Operation::CountTokens, SONNET, count));
    assert_eq!(counted["inputTokens"], used["usage"]["input_tokens"]);
}

#[test]
fn the_limit_of_tokens_cuts_the_answer_in_both_forms() {
    let mut body = asks("Everyone has their own truth.");
    body["inferenceConfig"]["maxTokens"] = json!(5);
    let whole = parsed(&answer(Operation::Converse, SONNET, &body));
    assert_eq!(whole["stopReason"], "max_tokens");
    assert_eq!(whole["usage"]["outputTokens"], 5);
    let shown = shown(&answer(Operation::ConverseStream, SONNET, &body));
    assert!(shown.contains(r#""stopReason":"max_tokens""#), "{shown}");
}

#[test]
fn cached_tokens_are_counted_beside_the_others() {
    let mut body = asks("Everyone has their own truth.");
    body["system"] = json!([
        { "text": "You are a Socratic tutor. ".repeat(300) },
        { "cachePoint": { "type": "default" } },
    ]);
    let usage = &parsed(&answer(Operation::Converse, SONNET, &body))["usage"];
    let count = |member: &str| usage[member].as_u64().unwrap();
    assert!(count("cacheWriteInputTokens") > 1_024);
    assert_eq!(
        count("totalTokens"),
        count("inputTokens")
            + count("outputTokens")
            + count("cacheReadInputTokens")
            + count("cacheWriteInputTokens")
    );
    assert!(usage.get("cacheDetails").is_none());
    body["system"][1]["cachePoint"]["ttl"] = json!("1h");
    let usage = &parsed(&answer(Operation::Converse, SONNET, &body))["usage"];
    let written = json!([{ "ttl": "1h", "inputTokens": usage["cacheWriteInputTokens"] }]);
    assert_eq!(usage["cacheDetails"], written);
}

#[test]
fn what_bedrock_refuses_is_refused_in_its_form() {
    let refused = [
        (SONNET, "no json".to_owned()),
        (SONNET, "[]".to_owned()),
        (SONNET, "{}".to_owned()),
        (
            SONNET,
            json!({ "messages": [{ "role": "user", "content": [] }] }).to_string(),
        ),
        (
            SONNET,
            json!({ "messages": [{ "role": "system", "content": [{ "text": "x" }] }] }).to_string(),
        ),
        (
            SONNET,
            json!({
                "messages": [{ "role": "user", "content": [{ "text": "x" }] }],
                "inferenceConfig": { "maxTokens": 0 },
            })
            .to_string(),
        ),
        ("amazon.titan-text-express-v1", asks("x").to_string()),
    ];
    let shown: Vec<String> = refused
        .into_iter()
        .map(|(model, body)| {
            let answer = answer(Operation::Converse, model, body);
            assert_eq!(answer.status, 400);
            assert_eq!(
                answer.header("x-amzn-errortype"),
                Some("ValidationException:http://internal.amazon.com/coral/com.amazon.bedrock/")
            );
            String::from_utf8_lossy(&answer.payload.bytes()).into_owned()
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn operations_that_are_not_simulated_are_refused_by_name() {
    let request = Request::read(RequestParts {
        method: "POST",
        path_and_query: "/async-invoke",
        host: "",
        headers: Vec::new(),
        body: Bytes::from_static(b"{}"),
    })
    .unwrap();
    let answer = Simulator::new(0).answer(&request);
    assert_eq!(answer.status, 404);
    assert!(shown(&answer).contains("`StartAsyncInvoke`"));
}

#[test]
fn a_guardrail_answers_without_a_model() {
    let request = Request::read(RequestParts {
        method: "POST",
        path_and_query: "/guardrail/g/version/1/apply",
        host: "",
        headers: Vec::new(),
        body: Bytes::from_static(
            br#"{"source":"OUTPUT","content":[{"text":{"text":"To a@b.example"}}]}"#,
        ),
    })
    .unwrap();
    let answer = Simulator::new(0).answer(&request);
    assert_eq!(answer.status, 200);
    assert_eq!(parsed(&answer)["outputs"][0]["text"], "To {EMAIL}");
}

#[test]
fn an_embedding_counts_what_it_read() {
    let model = "amazon.titan-embed-text-v2:0";
    let body = json!({ "inputText": "Why not?", "dimensions": 256 });
    let answer = answer(Operation::InvokeModel, model, body);
    assert_eq!(answer.header("x-amzn-bedrock-input-token-count"), Some("3"));
    assert_eq!(parsed(&answer)["embedding"].as_array().unwrap().len(), 256);
}

#[test]
fn an_endpoint_takes_and_gives_bytes_that_are_no_text() {
    let endpoint = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/speech";
    let of = |body: &str| answer(Operation::InvokeModel, endpoint, body);
    let spoken = of("\u{0}RIFF");
    assert_eq!(
        spoken.header("content-type"),
        Some("application/octet-stream")
    );
    assert!(std::str::from_utf8(&spoken.payload.bytes()).is_err());
    assert_eq!(spoken, of("\u{0}RIFF"));
    assert_ne!(spoken, of("\u{0}RIFX"));
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_the_simulator_panic(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        for operation in [Operation::Converse, Operation::InvokeModelWithResponseStream, Operation::CountTokens] {
            let text = String::from_utf8_lossy(&body).into_owned();
            proptest::prop_assert_eq!(answer(operation, SONNET, text).status, 400);
        }
    }

    #[test]
    fn no_words_make_a_part_panic(text in ".{0,200}", part in 0_usize..3) {
        let marks = ["You are a Socratic tutor.", "You are the student.", "You are a judge."];
        let mut body = asks(&text);
        body["system"][0]["text"] = json!(marks[part]);
        let answer = answer(Operation::Converse, "meta.llama3-1-8b-instruct-v1:0", body);
        proptest::prop_assert_eq!(answer.status, 200);
    }
}
