// Sends distinct requests in rounds over a number of connections, and prints what came of it as
// one JSON line: `load.mjs ENDPOINT REQUESTS ROUNDS CONNECTIONS`.

import autocannon from "autocannon";

const [endpoint, distinct, rounds, connections] = process.argv.slice(2);
const path = "/model/anthropic.claude-3-5-haiku-20241022-v1%3A0/converse";

const body = (number) =>
  JSON.stringify({
    messages: [{ role: "user", content: [{ text: `Question ${number}: what is courage?` }] }],
    inferenceConfig: { maxTokens: 60, temperature: 0 },
  });
const bodies = Array.from({ length: Number(distinct) }, (_, number) => body(number));

// One counter for all connections: each request is sent once a round.
let sent = 0;
const result = await autocannon({
  url: endpoint,
  connections: Number(connections),
  amount: bodies.length * Number(rounds),
  timeout: 60,
  method: "POST",
  requests: [
    {
      path: new URL(endpoint).pathname.replace(/\/$/, "") + path,
      setupRequest: (request) => ({ ...request, body: bodies[sent++ % bodies.length] }),
    },
  ],
  headers: {
    "content-type": "application/json",
    authorization:
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/bedrock/aws4_request, " +
      "SignedHeaders=host, Signature=0",
  },
});
console.log(
  JSON.stringify({
    seconds: result.duration,
    answered: result["2xx"],
    failed: result.non2xx + result.errors,
    median_ms: result.latency.p50,
  }),
);
