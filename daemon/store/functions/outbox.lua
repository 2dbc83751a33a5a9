--[[
The outbox: intents written together with their cause, carried out afterwards.
An item's id is the number of the event that caused it.

outbox_due  KEYS 1 due, 2 outbox, 3 tries, 4 job   ARGV 1 fence, 2 at most, 3 lease ms
            Result "ok", id, payload, times handed out before, ... | "fenced"
            What is handed out is invisible to others for the lease.
outbox_end  KEYS 1 due, 2 outbox, 3 tries, 4 journal, 5 dead, 6 letters; 7 state of the tip that the event is about
            ARGV 1 item, 2 "end" or "later", 3 delay ms, 4 event or empty,
                 5 why it was given up or empty, 6 seconds to keep it then, 7 at most so many
            Result "ok" | "absent"
outbox_dead KEYS 1 dead, 2 letters   ARGV 1 at most
            Result "ok", id, ms, why, payload, ...  the oldest first
outbox_revive KEYS 1 due, 2 outbox, 3 dead, 4 letters   ARGV 1 item, 2 its new id, 3 payload or empty: it goes
            Result "ok" | "absent"
outbox_put  KEYS 1 due, 2 outbox, 3 what was said under this mark
            ARGV 1 mark in hex, 2 payload, 3 seconds to remember
            Result "ok" | "already"
            An intent that no event caused: its id is the mark.
C caller: calls.c, STORE_OUTBOX_*
--]]
do -- a Lua function has room for 200 names
local function outbox_due(keys, args)
	counted(keys, args, 4, 3)
	local max, lease = whole(args[2], 'max'), whole(args[3], 'lease')
	if max < 1 or max > 1000 then
		refuse('max out of range')
	end
	if fenced(keys[4], args[1]) then
		return { 'fenced' }
	end
	local now = now_ms()
	local ids = call('ZRANGEBYSCORE', keys[1], '-inf', digits(now), 'LIMIT', '0', digits(max))
	local reply = { 'ok' }
	if #ids == 0 then
		return reply
	end
	local payloads, tries = call('HMGET', keys[2], unpack(ids)), call('HMGET', keys[3], unpack(ids))
	local due, counts = {}, {}
	for i = 1, #ids do
		local before = whole(tries[i] or '0', keys[3])
		due[2 * i - 1], due[2 * i] = digits(now + lease), ids[i]
		counts[2 * i - 1], counts[2 * i] = ids[i], digits(before + 1)
		reply[#reply + 1] = ids[i]
		reply[#reply + 1] = payloads[i] or ''
		reply[#reply + 1] = digits(before)
	end
	call('ZADD', keys[1], unpack(due))
	call('HSET', keys[3], unpack(counts))
	return reply
end

-- Those that are too old or too many, to be taken away with the next one that comes.
local function dead_plan(dead, now, keep, most)
	local gone = call('ZRANGEBYSCORE', dead, '-inf', digits(now - 1000 * keep))
	local left = call('ZCARD', dead) - #gone
	if left >= most then
		gone = call('ZRANGE', dead, '0', digits(#gone + left - most))
	end
	return gone
end

local function dead_write(keys, args, now, payload, gone)
	for i = 1, #gone do
		call('ZREM', keys[5], gone[i])
		call('HDEL', keys[6], gone[i])
	end
	call('HSET', keys[6], args[1], args[5] .. '\0' .. payload)
	call('ZADD', keys[5], digits(now), args[1])
end

local function outbox_end(keys, args)
	counted(keys, args, #keys == 7 and 7 or 6, 7)
	local delay, keep, most = whole(args[3], 'delay'), whole(args[6], 'keep'), whole(args[7], 'most')
	if #args[5] > 200 or find(args[5], '%c') or most < 1 then
		refuse('why')
	end
	expect_type(keys[5], 'zset')
	expect_type(keys[6], 'hash')
	if args[2] ~= 'end' and args[2] ~= 'later' then
		refuse('unknown end')
	end
	expect_type(keys[1], 'zset')
	expect_type(keys[3], 'hash')
	local tip = keys[7] and load_state(keys[7]) or { seed = '' }
	if call('HEXISTS', keys[2], args[1]) == 0 then
		return { 'absent' }
	end
	if args[2] == 'later' then
		call('ZADD', keys[1], digits(now_ms() + delay), args[1])
		return { 'ok' }
	end
	local now = now_ms()
	local payload = call('HGET', keys[2], args[1])
	local gone = args[5] ~= '' and dead_plan(keys[5], now, keep, most)
	if args[4] ~= '' then
		check_event(args[4])
		append_of(tip, keys[4], last_number(keys[4]) + 1, args[4])
	end
	if gone then
		dead_write(keys, args, now, payload, gone)
	end
	call('HDEL', keys[2], args[1])
	call('HDEL', keys[3], args[1])
	call('ZREM', keys[1], args[1])
	return { 'ok' }
end

local function outbox_dead(keys, args)
	counted(keys, args, 2, 1)
	local max = whole(args[1], 'max')
	if max < 1 or max > 1000 then
		refuse('max out of range')
	end
	local ids = call('ZRANGE', keys[1], '0', digits(max - 1), 'WITHSCORES')
	local reply = { 'ok' }
	for i = 1, #ids, 2 do
		local letter = call('HGET', keys[2], ids[i]) or '\0'
		local at = find(letter, '\0', 1, true)
		reply[#reply + 1] = ids[i]
		reply[#reply + 1] = digits(tonumber(ids[i + 1]))
		reply[#reply + 1] = sub(letter, 1, at - 1)
		reply[#reply + 1] = sub(letter, at + 1)
	end
	return reply
end

local function outbox_revive(keys, args)
	counted(keys, args, 4, 3)
	expect_type(keys[1], 'zset')
	expect_type(keys[2], 'hash')
	if #args[2] == 0 or args[2] == args[1] then
		refuse('id')
	end
	if call('HEXISTS', keys[4], args[1]) == 0 then
		return { 'absent' }
	end
	if args[3] ~= '' then
		call('HSET', keys[2], args[2], args[3])
		call('ZADD', keys[1], digits(now_ms()), args[2])
	end
	call('HDEL', keys[4], args[1])
	call('ZREM', keys[3], args[1])
	return { 'ok' }
end

local function outbox_put(keys, args)
	counted(keys, args, 3, 3)
	local seconds = whole(args[3], 'seconds')
	if #args[1] ~= 32 or find(args[1], '%X') or #args[2] == 0 or seconds < 1 or seconds > 1e9 then
		refuse('intent')
	end
	expect_type(keys[1], 'zset')
	expect_type(keys[2], 'hash')
	expect_type(keys[3], 'string')
	if call('EXISTS', keys[3]) == 1 then
		return { 'already' }
	end
	call('SET', keys[3], '1', 'EX', args[3])
	call('HSET', keys[2], args[1], args[2])
	call('ZADD', keys[1], digits(now_ms()), args[1])
	return { 'ok' }
end

register('outbox_due', outbox_due)
register('outbox_end', outbox_end)
register('outbox_dead', outbox_dead, { 'no-writes' })
register('outbox_revive', outbox_revive)
register('outbox_put', outbox_put)
end
