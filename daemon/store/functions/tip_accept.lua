--[[
Accepts new tips of several shards: the one write of the public's way in.

KEYS  per shard: journal, queues, datakeys, outbox, due, clocks
      per tip:   state, tip, queue; identity when there is one; files when there are any; request when there is one
ARGV  1 number of shards, 2 number of tips, then per tip 14:
      "<shard, from 1> <rank> <ttl of the request in s> <priority 0..3>", id, base (see 00_lib),
      event, fingerprint, commitment, seed, sealed, identity, data key id,
      data key sealed, request value (digest and answer), outbox, names of files
      Empty: not there. A sealed data key comes with the first tip of its shard.
Result  one string per tip: "O<rev>" accepted, "A<rev>" accepted before,
        "C" the id is another tip's, "R<digest><answer>" the request mark is known
C caller: calls.c, STORE_ACCEPT

Sixteen tips of sixteen shards come in one call, so what is said once per
batch is asked once per batch, and the tips' tables are kept few.
--]]
local SHARD_KEYS, TIP_ARGS = 6, 14
local ARG_ID, ARG_BASE, ARG_EVENT, ARG_FINGERPRINT, ARG_COMMITMENT, ARG_SEED = 1, 2, 3, 4, 5, 6
local ARG_SEALED, ARG_IDENTITY, ARG_KEY_ID, ARG_KEY, ARG_REQUEST, ARG_OUTBOX, ARG_FILES = 7, 8, 9, 10, 11, 12, 13

-- The shape of BASE (00_lib.lua) and points of at most 100, without a string made for each part.
local function accept_base(base)
	return find(base, '^%d%d%d%d%d%d %d%d? %d+ ................$') or find(base, '^%d%d%d%d%d%d 100 %d+ ................$')
end

-- The batch, read: where each tip's keys are, its shard, rank, region.
local function accept_parse(keys, args)
	local nshards, ntips = whole(args[1], 'shards'), whole(args[2], 'tips')
	if nshards < 1 or ntips < 1 or ntips > 256 or #args ~= 2 + ntips * TIP_ARGS then
		refuse('wrong number of keys or arguments')
	end
	local batch = { n = ntips, k = {}, shard = {}, rank = {}, band = {}, ttl = {}, region = {}, states = {}, requests = {},
		data_keys = {} }
	local k = nshards * SHARD_KEYS + 1
	for i = 1, ntips do
		local a = 3 + (i - 1) * TIP_ARGS
		local shard, rank, ttl, band = match(args[a], '^(%d+) (%d+) (%d+) ([0-3])$')
		local region, points, received = match(args[a + ARG_BASE], BASE)
		local event, request = args[a + ARG_EVENT], args[a + ARG_REQUEST]
		if not shard or not region or tonumber(points) > 100 or #rank > 16 or #received > 13 then
			refuse('incomplete tip')
		end
		shard = tonumber(shard)
		if shard < 1 or shard > nshards or args[a + ARG_ID] == '' or args[a + ARG_SEALED] == ''
			or byte(event, 1) ~= 123 or byte(event, -1) ~= 125 or #args[a + ARG_SEED] % 16 ~= 0
			or #args[a + ARG_SEED] > 16 then
			refuse('incomplete tip')
		end
		batch.k[i], batch.shard[i], batch.rank[i], batch.region[i] = k, shard, rank, region
		batch.states[i] = keys[k]
		if region ~= NATION then
			batch.band[i] = clock_rank(tonumber(band), received)
		end
		if args[a + ARG_KEY] ~= '' then
			batch.data_keys[keys[(shard - 1) * SHARD_KEYS + 3] .. args[a + ARG_KEY_ID]] = args[a + ARG_KEY]
		end
		k = k + 3
		if args[a + ARG_IDENTITY] ~= '' then
			k = k + 1
		end
		if args[a + ARG_FILES] ~= '' then
			k = k + 1
		end
		if request ~= '' then
			if #request < 16 or #ttl > 9 or tonumber(ttl) < 1 then
				refuse('incomplete request')
			end
			batch.ttl[i] = ttl
			batch.requests[#batch.requests + 1] = keys[k]
			k = k + 1
		end
	end
	if #keys ~= k - 1 then
		refuse('wrong number of keys or arguments')
	end
	return batch
end

-- The answer for a tip whose id is there already, or nil.
local function accept_existing(key, mark)
	local old = call('HMGET', key, 'b', 'v')
	if old[1] then
		return sub(old[1], -16) == mark and 'A' .. old[2] or 'C'
	elseif call('EXISTS', key) == 1 then
		refuse('incomplete state: ' .. key)
	end
end

-- The answer for a tip that is not to be written, or nil. `mine` holds what the batch itself brings.
-- The request's mark is looked at first: a redelivery draws the same id again, and must get its first answer.
local function accept_refusal(batch, i, mark, any, request, known, mine)
	local answer = request and (known or mine[request])
	if answer then
		return 'R' .. answer
	end
	local twin = mine[batch.states[i]]
	if twin then
		return mine[twin] == mark and 'A' .. twin or 'C'
	end
	return any and accept_existing(batch.states[i], mark) or nil
end

-- Types of what the tip's writes touch; each key is looked at once a batch.
local function accept_targets(keys, args, a, first, queue, batch, region, seen)
	if not seen[queue] then
		seen[queue] = true
		-- A queue that has somebody in it stands in the set of queues already.
		if call('ZCARD', queue) == 0 and call('SISMEMBER', keys[first + 1], region) == 0 then
			local added = seen[first] or {}
			seen[first] = added
			added[#added + 1] = region
		end
	end
	local key_id = args[a + ARG_KEY_ID]
	if key_id ~= '' then
		local name = keys[first + 2] .. key_id
		if seen[name] == nil then
			seen[name] = call('HEXISTS', keys[first + 2], key_id) == 1
			if not seen[name] and not batch.data_keys[name] then
				refuse('data key without its sealed form')
			end
		end
	end
	if not seen[keys[first + 5]] then
		seen[keys[first + 5]] = true
		expect_type(keys[first + 5], 'zset')
	end
	if args[a + ARG_OUTBOX] ~= '' and not seen[keys[first + 3]] then
		seen[keys[first + 3]] = true
		expect_type(keys[first + 3], 'hash')
		expect_type(keys[first + 4], 'zset')
	end
end

-- Decides on every tip and writes nothing: the answers, and the number of each that will be written.
local function accept_plan(keys, args)
	local batch = accept_parse(keys, args)
	local any = call('EXISTS', unpack(batch.states)) > 0
	local known = #batch.requests > 0 and call('MGET', unpack(batch.requests)) or {}
	local answers, revs, last, seen, mine, nrequest = {}, {}, {}, {}, {}, 0
	for i = 1, batch.n do
		local a = 3 + (i - 1) * TIP_ARGS
		local mark, value, request = sub(args[a + ARG_BASE], -16), args[a + ARG_REQUEST], nil
		if value ~= '' then
			nrequest = nrequest + 1
			request = batch.requests[nrequest]
		end
		local answer = accept_refusal(batch, i, mark, any, request, known[nrequest], mine)
		if not answer then
			local first = (batch.shard[i] - 1) * SHARD_KEYS + 1
			local number = (last[first] or last_number(keys[first])) + 1
			local rev = digits(number)
			accept_targets(keys, args, a, first, keys[batch.k[i] + 2], batch, batch.region[i], seen)
			last[first], revs[i], answer = number, rev, 'O' .. rev
			mine[batch.states[i]], mine[rev] = rev, mark
			if request then
				mine[request] = value
			end
		end
		answers[i] = answer
	end
	return batch, answers, revs, seen
end

local function accept_journal(journal, id, args, a, seed)
	local event, fingerprint, commitment = args[a + ARG_EVENT], args[a + ARG_FINGERPRINT], args[a + ARG_COMMITMENT]
	if fingerprint ~= '' and commitment ~= '' and seed ~= '' then
		append_entry(journal, id, 'e', event, 'k', fingerprint, 'c', commitment, 's', seed)
		return
	end
	local fields, more = { 'e', event }, { 'k', fingerprint, 'c', commitment, 's', seed }
	for i = 1, #more, 2 do
		if more[i + 1] ~= '' then
			fields[#fields + 1], fields[#fields + 2] = more[i], more[i + 1]
		end
	end
	append_entry(journal, id, unpack(fields))
end

-- The state as it begins, or begins again.
local function accept_state(key, rev, base, seed)
	if seed ~= '' then
		call('HSET', key, 's', 'queued', 'v', rev, 'b', base, 'z', seed)
	else
		call('HSET', key, 's', 'queued', 'v', rev, 'b', base)
	end
end

-- What few tips bring: a data key that is new, an intent.
local function accept_extras(keys, args, a, first, rev, batch, seen)
	local key_id = args[a + ARG_KEY_ID]
	if key_id ~= '' then
		local name = keys[first + 2] .. key_id
		if not seen[name] then
			seen[name] = true
			call('HSETNX', keys[first + 2], key_id, batch.data_keys[name])
		end
	end
	if args[a + ARG_OUTBOX] ~= '' then
		call('HSET', keys[first + 3], rev, args[a + ARG_OUTBOX])
		call('ZADD', keys[first + 4], digits(now_ms()), rev)
	end
end

-- The clocks of the batch, one call a shard.
local function accept_clocks(keys, args, batch, revs)
	local lists = {}
	for i = 1, batch.n do
		if revs[i] and batch.band[i] then
			local key = keys[batch.shard[i] * SHARD_KEYS]
			local list = lists[key] or {}
			lists[key] = list
			list[#list + 1], list[#list + 2] = batch.band[i], args[3 + (i - 1) * TIP_ARGS + ARG_ID]
		end
	end
	for key, list in pairs(lists) do
		call('ZADD', key, unpack(list))
	end
end

-- Tips and identities of the whole batch in one call at the end; it cannot fail.
local function accept_blobs(keys, args, batch, revs, seen)
	local blobs, n = {}, 0
	for i = 1, batch.n do
		if revs[i] then
			local a, k = 3 + (i - 1) * TIP_ARGS, batch.k[i]
			blobs[n + 1], blobs[n + 2] = keys[k + 1], args[a + ARG_SEALED]
			n = n + 2
			if args[a + ARG_IDENTITY] ~= '' then
				blobs[n + 1], blobs[n + 2] = keys[k + 3], args[a + ARG_IDENTITY]
				n = n + 2
				k = k + 1
			end
			if args[a + ARG_FILES] ~= '' then
				blobs[n + 1], blobs[n + 2] = keys[k + 3], args[a + ARG_FILES]
				n = n + 2
			end
		end
	end
	if n > 0 then
		call('MSET', unpack(blobs))
	end
	for first, regions in pairs(seen) do
		if type(regions) == 'table' then
			call('SADD', keys[first + 1], unpack(regions))
		end
	end
end

local function accept_write(keys, args, batch, revs, seen)
	local nrequest = 0
	for i = 1, batch.n do
		local a, k, rev = 3 + (i - 1) * TIP_ARGS, batch.k[i], revs[i]
		local first, value = (batch.shard[i] - 1) * SHARD_KEYS + 1, args[a + ARG_REQUEST]
		if value ~= '' then
			nrequest = nrequest + 1
		end
		if rev then
			accept_journal(keys[first], rev .. '-0', args, a, args[a + ARG_SEED])
			accept_state(keys[k], rev, args[a + ARG_BASE], args[a + ARG_SEED])
			call('ZADD', keys[k + 2], batch.rank[i], args[a + ARG_ID])
			if value ~= '' then
				call('SET', batch.requests[nrequest], value, 'EX', batch.ttl[i])
			end
			accept_extras(keys, args, a, first, rev, batch, seen)
		end
	end
	accept_clocks(keys, args, batch, revs)
	accept_blobs(keys, args, batch, revs, seen)
end

local function tip_accept(keys, args)
	local batch, answers, revs, seen = accept_plan(keys, args)
	accept_write(keys, args, batch, revs, seen)
	return answers
end

register('tip_accept', tip_accept)
