-- The requests of the speed benchmark: EXCHANGES different ones, each longer by PADDING bytes that
-- hardly compress; over and over, or with ONCE each once. Each keeps its invocation id, so that
-- whoever asks again is an SDK that tries again, and is given the same answer: as long as the
-- endpoint remembers the id, any number of requests fits on one recording.

local exchanges = tonumber(os.getenv("EXCHANGES") or "500")
local padding = tonumber(os.getenv("PADDING") or "0")
local once = os.getenv("ONCE") ~= nil
local operation = "/model/anthropic.claude-3-5-haiku-20241022-v1%3A0/converse"
local signature = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/bedrock/aws4_request, "
  .. "SignedHeaders=host, Signature=0"
local kept, asked = {}, 0

local function padded(number)
  local state, parts = number, {}
  for part = 1, padding / 8 do
    state = (state * 1103515245 + 12345) % 2147483648
    parts[part] = string.format("%08x", state)
  end
  return table.concat(parts)
end

local function written(number)
  local text = string.format("Question %d: what is a virtue, and can it be taught?", number)
  local body = '{"messages":[{"role":"user","content":[{"text":"' .. text .. padded(number) .. '"}]}]}'
  local headers = {
    ["Content-Type"] = "application/json",
    ["amz-sdk-invocation-id"] = "call-" .. number,
    ["Authorization"] = signature,
  }
  return wrk.format("POST", wrk.path:gsub("/$", "") .. operation, headers, body)
end

function init(_)
  if padding > 0 then return end
  for number = 1, exchanges do
    kept[number] = written(number)
  end
end

-- wrk itself asks for one that it never sends, so that the first comes last.
local all = exchanges + 1

function request()
  asked = asked + 1
  local number = once and asked > all and 1 or (asked - 1) % exchanges + 1
  return kept[number] or written(number)
end

-- With ONCE the first is asked for again and again, which records nothing.
function delay()
  return once and asked > all and 1000 or 0
end

function done(summary, latency, _)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    "%d requests, %.0f a second, median %d us, p99 %d us, %d failed\n",
    summary.requests, summary.requests / summary.duration * 1e6,
    latency:percentile(50), latency:percentile(99), failed))
end
