use aws_sdk_bedrockruntime::types::{ContentBlock, ConversationRole, Message};
use bedrock_replay::Cassette;

#[tokio::test]
async fn the_tutor_answers_a_claim() -> Result<(), Box<dyn std::error::Error>> {
    let cassette = Cassette::open("tests/cassettes/tutor.sqlite")?;
    let claim = ContentBlock::Text("Freedom means doing whatever I want.".into());
    let message = Message::builder().role(ConversationRole::User).content(claim).build()?;
    let call = cassette.client().await?.converse().messages(message);
    let reply = call.model_id("anthropic.claude-3-5-haiku-20241022-v1:0").send().await?;
    insta::assert_debug_snapshot!(reply.output());
    Ok(cassette.finish().map(drop)?)
}
