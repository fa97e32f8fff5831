-- The requests of the speed benchmark: EXCHANGES different ones, over and over. Each keeps its
-- invocation id, so that whoever asks again is an SDK that tries again, and is given the same
-- answer: any number of requests fits on one recording.

local exchanges = tonumber(os.getenv("EXCHANGES") or "500")
local path = "/model/anthropic.claude-3-5-haiku-20241022-v1%3A0/converse"
local requests, next_one = {}, 0

function init(_)
  for number = 1, exchanges do
    local text = string.format("Question %d: what is a virtue, and can it be taught?", number)
    local body = '{"messages":[{"role":"user","content":[{"text":"' .. text .. '"}]}]}'
    local headers = {
      ["Content-Type"] = "application/json",
      ["amz-sdk-invocation-id"] = "call-" .. number,
    }
    requests[number] = wrk.format("POST", path, headers, body)
  end
end

function request()
  next_one = next_one % exchanges + 1
  return requests[next_one]
end

function done(summary, latency, _)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    "%d requests, %.0f a second, median %d us, p99 %d us, %d failed\n",
    summary.requests, summary.requests / summary.duration * 1e6,
    latency:percentile(50), latency:percentile(99), failed))
end
