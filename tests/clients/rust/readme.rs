//! The README's lines. This build leaves the SDK's TLS out, so its loader is one without it.

use std::error::Error;

use super::without_tls as aws_config;

pub async fn ask() -> Result<(), Box<dyn Error>> {
    use aws_sdk_bedrockruntime::types::{ContentBlock, ConversationRole, Message};

    let config = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
    let client = aws_sdk_bedrockruntime::Client::new(&config);
    let claim = ContentBlock::Text("Freedom means doing whatever I want.".into());
    let message = Message::builder().role(ConversationRole::User).content(claim).build()?;
    let call = client.converse().model_id("anthropic.claude-3-5-haiku-20241022-v1:0");
    let reply = call.messages(message).send().await?;
    println!("{:?}", reply.output());
    Ok(())
}
