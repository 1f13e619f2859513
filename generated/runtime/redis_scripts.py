"""What Redis or Valkey does for a topic in one step each: the scripts, as text.

Everything that is kept of a topic lies under its four keys, in this order (`redis_protocol.topic_keys`):

| key | type | holds |
|---|---|---|
| 1 | hash | `epoch`, `seq`, `tag` of the last update, `owner`, `last` and its `key`, `touched` |
| 2 | hash | publisher → `n|seq|ts|epoch`: the last that came from it, and where that went |
| 3 | list | the history, newest first, each the very message that was sent |
| 4 | hash | the keyed lists: `list:key` → value, and under the empty field the epoch that they are of |

The name of the first is the name of the pub/sub channel too. A message is `seq|epoch|ts|tag|publication`; one
with seq 0 and nothing after its last `|` says that the topic stands at the beginning of that epoch.

They need Redis 6.2 or Valkey. Each writes first with a command that is refused when memory is out, so that
none is ever carried out by half. Whatever is missing, since it was flushed, evicted or lost in a failover,
ends an epoch or demands a snapshot; nothing is taken for granted.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

MOST_PUBLISHERS = 64
"""Of how many publishers of one topic the last number is kept; who is forgotten begins an epoch."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script, and the name by which the server knows it once it was loaded."""

    text: str
    sha: str

    @classmethod
    def of(cls, *parts: str) -> Script:
        """A script of several parts, one after another."""
        text = "\n".join(part.strip() for part in parts) + "\n"
        return cls(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


_COMMON = """
local meta, publishers, history, state = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local time = redis.call('TIME')
local ts = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local function keep(ttl)
  for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, ttl) end
end
local function begin(epoch)
  redis.call('HSET', meta, 'epoch', epoch, 'seq', '0', 'touched', ts)
  redis.call('HDEL', meta, 'tag')
  redis.call('DEL', history, state)
end
local function announce(epoch)
  redis.call('PUBLISH', meta, '0|' .. epoch .. '|' .. ts .. '||')
end
"""

_PUBLISH = """
local publisher, n, flags, ttl = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local kept, key, body, sets = tonumber(ARGV[5]), ARGV[6], ARGV[7], tonumber(ARGV[8])
local function is(flag) return string.find(flags, flag, 1, true) ~= nil end
local function answer(...) return table.concat({...}, '|') end
local function count(number) return string.format('%.0f', number) end

-- Bytes, not the server's collation.
local function before(a, b)
  for i = 1, math.min(#a, #b) do
    local one, other = string.byte(a, i), string.byte(b, i)
    if one ~= other then return one < other end
  end
  return #a < #b
end

-- Keys are `i` and an integer of any size, or `s` and a text; of different kinds none is older.
local function older(a, b)
  if a == b or not b or a == '' or string.sub(a, 1, 1) ~= string.sub(b, 1, 1) then return false end
  if string.sub(a, 1, 1) == 's' then return before(a, b) end
  local minus, other = string.sub(a, 2, 2) == '-', string.sub(b, 2, 2) == '-'
  if minus ~= other then return minus end
  if minus then a, b = b, a end
  if #a ~= #b then return #a < #b end
  return before(a, b)
end

local known = redis.call('HMGET', meta, 'epoch', 'seq', 'owner', 'key', 'touched')
local epoch, seq, owner, latest, touched = known[1], tonumber(known[2]), known[3], known[4], tonumber(known[5])
local record = redis.call('HGET', publishers, publisher)
local reached, there, when, within
if record then
  reached, there, when, within = string.match(record, '^(%d+)|(%d+)|(%d+)|(.*)$')
  reached = tonumber(reached)
end
local tag = publisher .. ':' .. ARGV[2]
local based = not is('s') or (epoch and redis.call('HGET', state, '') == epoch)

if record and n <= reached then  -- a retry of what was carried out
  if n == reached and there ~= '0' then return answer('DUPLICATE', within, there, when, '') end
  if n < reached then
    for _, message in ipairs(redis.call('LRANGE', history, 0, -1)) do
      local number, of, at, name = string.match(message, '^(%d+)|([^|]*)|(%d+)|([^|]*)|')
      if name == tag then return answer('DUPLICATE', of, number, at, '') end
    end
  end
  if not based or n == reached then return answer('NEEDBASE', epoch or '', known[2] or '0', ts, '') end
  return answer('DUPLICATE', epoch or '', known[2] or '0', ts, '')
end

local why = ''
if not epoch then why = 'missing'
elseif n ~= (reached or 0) + 1 then why = 'lost'
elseif is('x') and owner ~= publisher and seq > 0 and not is('w') then why = 'owner'
end
if why ~= '' then
  epoch = string.sub(redis.sha1hex(table.concat({meta, tag, time[1], time[2]}, '|')), 1, 10)
  begin(epoch)
  seq, based = 0, not is('s')
end
if is('x') and owner ~= publisher then redis.call('HSET', meta, 'owner', publisher) end

if not based and not is('r') then
  redis.call('HSET', publishers, publisher, ARGV[2] .. '|0|' .. ts .. '|' .. epoch)
  keep(ttl)
  if why ~= '' then announce(epoch) end
  return answer('NEEDBASE', epoch, count(seq), ts, why)
end

seq = seq + 1
local message = table.concat({count(seq), epoch, ts, tag, body}, '|')
if is('l') and not older(key, latest) then
  redis.call('HSET', meta, 'seq', count(seq), 'tag', tag, 'last', message, 'key', key)
else
  redis.call('HSET', meta, 'seq', count(seq), 'tag', tag)
end
if is('s') then
  if is('r') then
    redis.call('DEL', state)
    redis.call('HSET', state, '', epoch)
  end
  local gone = 8 + 2 * sets
  for i = 9, gone, 1000 do redis.call('HSET', state, unpack(ARGV, i, math.min(i + 999, gone))) end
  for i = gone + 1, #ARGV, 1000 do redis.call('HDEL', state, unpack(ARGV, i, math.min(i + 999, #ARGV))) end
end
local length = 0
if kept > 0 then
  length = redis.call('LPUSH', history, message)
  if length > kept then redis.call('LTRIM', history, 0, kept - 1) end
end
redis.call(
  'HSET', publishers, publisher, table.concat({ARGV[2], count(seq), ts, epoch}, '|')
)
if not record then
  local all = redis.call('HGETALL', publishers)
  if #all > 2 * MOST_PUBLISHERS then
    local oldest, who
    for i = 1, #all, 2 do
      local last = tonumber(string.match(all[i + 1], '^%d+|%d+|(%d+)|'))
      if all[i] ~= publisher and (not oldest or last < oldest) then oldest, who = last, all[i] end
    end
    redis.call('HDEL', publishers, who)
  end
end
if why ~= '' or not record or length == 1 or (is('s') and is('r')) or ts - (touched or 0) > ttl * 250 then
  redis.call('HSET', meta, 'touched', ts)
  keep(ttl)
end
redis.call('PUBLISH', meta, message)
return answer('OK', epoch, count(seq), ts, why)
"""

_READ = """
local fresh, ttl, held, reached = ARGV[1], tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local known = redis.call('HMGET', meta, 'epoch', 'seq', 'tag', 'last')
local epoch, seq = known[1], tonumber(known[2])
if not epoch then
  epoch, seq = fresh, 0
  begin(epoch)
end
keep(ttl)
local most = -1
if held == epoch and reached <= seq then most = seq - reached end
local lists = redis.call('HGETALL', state)
local based = 0
if redis.call('HGET', state, '') == epoch then based = 1 else lists = {} end
return {
  epoch, seq, known[3] or '', tonumber(ts), known[4] or '', redis.call('LRANGE', history, 0, most), based, lists
}
"""

_RENEW = """
local expected, fresh, ttl = ARGV[1], ARGV[2], tonumber(ARGV[3])
local known = redis.call('HMGET', meta, 'epoch', 'seq')
if known[1] and known[1] ~= expected then return {0, known[1], tonumber(known[2])} end
begin(fresh)
keep(ttl)
announce(fresh)
return {1, fresh, 0}
"""

PUBLISH = Script.of(_COMMON, _PUBLISH.replace("MOST_PUBLISHERS", str(MOST_PUBLISHERS)))
"""Number an update, keep what is to be kept of it, send it.

Arguments: publisher, its number for the topic, flags, seconds to keep, updates of history, key, publication,
how many entries to set, these as field and value, then fields to delete. Flags: `x` the publisher is the only
one, `w` the update says all there is of the topic, `l` the last is kept, `s` the topic has keyed lists, `r` it
replaces these. Answer: one text, `status|epoch|seq|ts|why an epoch began`.

The epoch ends when the topic is not known (`missing`), when this is not the publisher's next number (`lost`), and
when the only publisher is another one than before (`owner`), unless each update says all there is.
"""

READ = Script.of(_COMMON, _READ)
"""What there is of a topic, as it is between two updates; a topic that is not known begins an epoch.

Arguments: that epoch's name, seconds to keep, then epoch and seq that the reader holds already, or nothing and 0.
Answer: epoch, seq, tag, ts, last message, history from the newest to the one that the reader holds (all where
the epoch is another), whether the lists are whole, these as field and value.
"""

RENEW = Script.of(_COMMON, _RENEW)
"""Begin an epoch if the topic is still in the one that is named, or in none; tell everybody.

Arguments: the epoch that is to end, the new one's name, seconds to keep. Answer: 1 or 0, epoch, seq.
"""
