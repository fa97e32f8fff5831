// The scenarios in the AWS SDK for JavaScript v3. `scenarios.mjs NAME…` prints one normal line
// for each.

import {
  ApplyGuardrailCommand,
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  CountTokensCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from "@aws-sdk/client-bedrock-runtime";

const SONNET = "us.anthropic.claude-3-5-sonnet-20241022-v2:0";
const NOVA = "us.amazon.nova-pro-v1:0";
const TITAN = "amazon.titan-text-express-v1";
const SPEECH = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/speech";

const SYSTEM = [{ text: "You are a Socratic tutor. Ask “why?” — once." }];
const TOOLS = [
  {
    toolSpec: {
      name: "get_weather",
      description: "The weather of a city.",
      inputSchema: {
        json: {
          type: "object",
          required: ["city", "days"],
          properties: {
            unit: { enum: ["celsius", "kelvin"], type: "string" },
            days: { type: "integer", maximum: 7, minimum: 1 },
            city: { type: "string" },
          },
        },
      },
    },
  },
];
const PIXEL = Buffer.from(
  "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de" +
    "0000000c4944415408d763f8cfc000000301010018dd8db00000000049454e44ae426082",
  "hex",
);
const OCTETS = Uint8Array.from({ length: 1024 }, (_, at) => at % 256);

const asks = (...content) => [{ role: "user", content }];

const DOCUMENT = {
  document: {
    format: "txt",
    name: "Notes",
    source: { bytes: Buffer.from("Turin lies on the Po. It rains in November.") },
  },
};
const QUESTION = { text: "What is the weather in Turin — is it naïve to ask?" };
const CONVERSE = {
  modelId: SONNET,
  system: SYSTEM,
  messages: asks(DOCUMENT, QUESTION),
  inferenceConfig: { maxTokens: 300, temperature: 0.7, topP: 0.9 },
  toolConfig: { tools: TOOLS },
  requestMetadata: { run: "javascript" },
};
const CALLED = {
  role: "assistant",
  content: [
    {
      toolUse: {
        toolUseId: "tooluse_1",
        name: "get_weather",
        input: { unit: "celsius", days: 2, city: "Turin" },
      },
    },
  ],
};
const RESULT = {
  role: "user",
  content: [
    {
      toolResult: {
        toolUseId: "tooluse_1",
        content: [{ json: { night: false, degrees: 7.5, sky: "rain" } }],
        status: "success",
      },
    },
  ],
};

/** A Converse request that is one question. */
const question = (text) => ({
  modelId: SONNET,
  system: SYSTEM,
  messages: asks({ text }),
  inferenceConfig: { maxTokens: 120, temperature: 0.7 },
});

const anthropic = (content) =>
  JSON.stringify({
    messages: [{ role: "user", content }],
    system: "You are a Socratic tutor.",
    temperature: 0.3,
    max_tokens: 80,
    anthropic_version: "bedrock-2023-05-31",
  });

// What is sent: the command and its input.
const REQUESTS = {
  converse: [ConverseCommand, CONVERSE],
  "converse-tool-result": [
    ConverseCommand,
    { ...CONVERSE, messages: [...CONVERSE.messages, CALLED, RESULT] },
  ],
  "converse-image": [
    ConverseCommand,
    {
      ...question(""),
      messages: asks(
        { image: { format: "png", source: { bytes: PIXEL } } },
        { text: "What colour is it?" },
      ),
    },
  ],
  "converse-stream": [ConverseStreamCommand, question("Is every promise binding?")],
  "invoke-anthropic": [
    InvokeModelCommand,
    { modelId: SONNET, body: anthropic("Is courage a habit?") },
  ],
  "invoke-titan": [
    InvokeModelCommand,
    {
      modelId: TITAN,
      body: JSON.stringify({
        textGenerationConfig: { temperature: 0, maxTokenCount: 40 },
        inputText: "Is courage a habit?",
      }),
    },
  ],
  "invoke-nova": [
    InvokeModelCommand,
    {
      modelId: NOVA,
      body: JSON.stringify({
        inferenceConfig: { topP: 0.9, maxTokens: 60 },
        messages: asks({ text: "Is courage a habit?" }),
        schemaVersion: "messages-v1",
      }),
    },
  ],
  "invoke-octets": [
    InvokeModelCommand,
    {
      modelId: SPEECH,
      body: OCTETS,
      contentType: "audio/wav",
      accept: "application/octet-stream",
    },
  ],
  "invoke-stream": [
    InvokeModelWithResponseStreamCommand,
    { modelId: SONNET, body: anthropic("Can virtue be taught?") },
  ],
  "count-tokens": [
    CountTokensCommand,
    {
      modelId: SONNET,
      input: { converse: { messages: asks(QUESTION), system: SYSTEM } },
    },
  ],
  guardrail: [
    ApplyGuardrailCommand,
    {
      guardrailIdentifier: "gr1234567890",
      guardrailVersion: "1",
      source: "INPUT",
      content: [{ text: { text: "Write to plato@example.com, please." } }],
    },
  ],
  "throttled-then-answered": [ConverseCommand, question("What is a fair share?")],
  throttled: [ConverseCommand, question("What is a fair price?")],
  validation: [
    ConverseCommand,
    { modelId: TITAN, system: SYSTEM, messages: asks({ text: "Why?" }) },
  ],
  "invoke-validation": [
    InvokeModelCommand,
    { modelId: SONNET, body: JSON.stringify({ messages: [] }) },
  ],
  "stream-exception": [ConverseStreamCommand, question("What is a just war?")],
  "stream-cut": [ConverseStreamCommand, question("What is a just law?")],
  "stream-reset": [ConverseStreamCommand, question("What is a just king?")],
  miss: [
    ConverseCommand,
    { ...CONVERSE, system: [{ text: "You are a Socratic tutor. Ask “why?” — twice." }] },
  ],
  "miss-stream": [ConverseStreamCommand, question("Was every promise binding?")],
};

const usage = (members) =>
  ["inputTokens", "outputTokens", "cacheReadInputTokens", "cacheWriteInputTokens"].map(
    (name) => members[name] ?? 0,
  );

function converse(reply) {
  const { content } = reply.output.message;
  return {
    text: content.map((block) => block.text ?? "").join(""),
    tool: content.find((block) => block.toolUse)?.toolUse ?? null,
    stop: reply.stopReason,
    usage: usage(reply.usage),
    latency: reply.metrics.latencyMs,
  };
}

function invoke(reply) {
  const body = Buffer.from(reply.body);
  let said;
  try {
    said = JSON.parse(body.toString());
  } catch {
    said = body.toString("hex");
  }
  return { type: reply.contentType, body: said };
}

async function converseStream(reply, seen) {
  for await (const event of reply.stream) {
    seen.events += 1;
    seen.text += event.contentBlockDelta?.delta?.text ?? "";
    if (event.messageStop) seen.stop = event.messageStop.stopReason;
    if (event.metadata) {
      seen.usage = usage(event.metadata.usage);
      seen.latency = event.metadata.metrics.latencyMs;
    }
  }
}

async function invokeStream(reply, seen) {
  for await (const event of reply.body) {
    seen.events += 1;
    const chunk = JSON.parse(Buffer.from(event.chunk.bytes).toString());
    seen.text += chunk.delta?.text ?? "";
    seen.stop = chunk.delta?.stop_reason ?? seen.stop;
    const metrics = chunk["amazon-bedrock-invocationMetrics"];
    if (metrics) seen.usage = [metrics.inputTokenCount, metrics.outputTokenCount];
  }
}

const WHOLE = new Map([
  [ConverseCommand, converse],
  [InvokeModelCommand, invoke],
  [CountTokensCommand, (reply) => ({ tokens: reply.inputTokens })],
  [
    ApplyGuardrailCommand,
    (reply) => ({ action: reply.action, outputs: reply.outputs.map((part) => part.text) }),
  ],
]);
const STREAMED = new Map([
  [ConverseStreamCommand, converseStream],
  [InvokeModelWithResponseStreamCommand, invokeStream],
]);

/** What the program sees of a call, with nothing in it that differs from client to client. */
async function run(client, Command, input) {
  const seen = {};
  try {
    const reply = await client.send(new Command(input));
    seen.attempts = reply.$metadata.attempts;
    if (WHOLE.has(Command)) return { outcome: "answered", ...seen, ...WHOLE.get(Command)(reply) };
    Object.assign(seen, { events: 0, text: "" });
    await STREAMED.get(Command)(reply, seen);
    return { outcome: "answered", ...seen };
  } catch (error) {
    return { ...seen, outcome: "error", ...normal(error, "events" in seen) };
  }
}

function normal(error, inStream) {
  if (error.$fault) {
    const { name, message } = error;
    return inStream
      ? { error: name }
      : { attempts: error.$metadata.attempts, error: name, message };
  }
  // Whatever ends the connection: each client has words of its own for it.
  console.error(`${error.name}: ${error.message}`);
  return { error: "connection" };
}

const client = new BedrockRuntimeClient({});
for (const name of process.argv.slice(2)) {
  const line = { scenario: name, ...(await run(client, ...REQUESTS[name])) };
  console.log(JSON.stringify(line));
}
