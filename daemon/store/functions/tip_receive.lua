--[[
The second half of a transfer between shards: the tip arrives with its
messages. Asked twice, it answers "A" the second time and changes nothing.

A tip may come back to a shard it left. It does so with a higher number of
hops than it arrived with before; an intent that is carried out once more
later than that finds its hop used up.

KEYS  as tip_accept for one shard and one tip, then: ended, messages
ARGV  as tip_accept for one shard and one tip, then: hops, id under which it
      hung or empty, context or empty, each message
      The event gets "since":<ms>, of its clock, and that of a tip with messages
      "messages":<count>.
Result  as tip_accept
C caller: calls.c, STORE_RECEIVE
--]]
local SHARD_JOURNAL, SHARD_QUEUES, SHARD_DATA_KEYS, SHARD_CLOCKS = 1, 2, 3, 6

-- Takes what is not tip_accept's out of keys and arguments.
local function receive_parse(keys, args)
	local first = 3 + TIP_ARGS
	local more = { messages = keys[#keys], ended = keys[#keys - 1], hops = whole(args[first], 'hops'), parent = args[first + 1],
		context = args[first + 2], list = {}, now = digits(now_ms()) }
	for i = first + 3, #args do
		more.list[#more.list + 1] = args[i]
		args[i] = nil
	end
	args[first], args[first + 1], args[first + 2], keys[#keys] = nil, nil, nil, nil
	keys[#keys] = nil
	if not more.messages or not more.context or #more.list > 4000 or more.hops < 1 or args[1] ~= '1'
		or args[2] ~= '1' then
		refuse('wrong number of keys or arguments')
	end
	if (more.parent ~= '' and not find(more.parent, '^%d%d%-%w+$')) or find(more.context, '[^%d ]') then
		refuse('parent or context')
	end
	args[3 + ARG_EVENT] = with_member(args[3 + ARG_EVENT], '"since":' .. more.now)
	if #more.list > 0 then
		args[3 + ARG_EVENT] = with_member(args[3 + ARG_EVENT], '"messages":' .. digits(#more.list))
	end
	return more
end

-- What was declined here stays declined; open suggestions are gone, and the pair it hangs under.
local function receive_pairs(old, parent)
	local list, kept = pairs_of(old.suggestions), {}
	for i = 1, #list do
		if list[i].declined and list[i].id ~= parent then
			kept[#kept + 1] = list[i]
		end
	end
	return pairs_text(kept)
end

-- The tip was here, went away, and is back: everything of it is as it was there.
local function receive_back(keys, args, batch, more, old)
	local a, k = 3, batch.k[1]
	local key_id = args[a + ARG_KEY_ID]
	expect_type(keys[k + 1], 'string')
	expect_type(keys[k + 2], 'zset')
	expect_type(keys[SHARD_CLOCKS], 'zset')
	expect_type(keys[SHARD_QUEUES], 'set')
	expect_type(keys[SHARD_DATA_KEYS], 'hash')
	expect_type(more.messages, 'list')
	expect_type(more.ended, 'zset')
	local rev = digits(last_number(keys[SHARD_JOURNAL]) + 1)
	local seed = old.seed ~= '' and old.seed or args[a + ARG_SEED]
	accept_journal(keys[SHARD_JOURNAL], rev .. '-0', args, a, seed)
	call('DEL', more.messages)
	call('HDEL', keys[k], 'n', 'i', 'c', 'l', 'y')
	end_write(more.ended, keys[k], args[a + ARG_ID], old.ended, '')
	link_field(keys[k], 'o', receive_pairs(old, more.parent))
	accept_state(keys[k], rev, args[a + ARG_BASE], seed)
	call('SET', keys[k + 1], args[a + ARG_SEALED])
	if args[a + ARG_IDENTITY] ~= '' then
		call('SET', keys[k + 3], args[a + ARG_IDENTITY])
		k = k + 1
	end
	if args[a + ARG_FILES] ~= '' then
		call('SET', keys[k + 3], args[a + ARG_FILES])
	end
	k = batch.k[1]
	call('ZADD', keys[k + 2], batch.rank[1], args[a + ARG_ID])
	call('SADD', keys[SHARD_QUEUES], batch.region[1])
	if key_id ~= '' then
		call('HSETNX', keys[SHARD_DATA_KEYS], key_id, args[a + ARG_KEY])
	end
	return { 'O' .. rev }, true
end

-- The answers, and whether the tip arrived now.
local function receive_tip(keys, args, more)
	local batch = accept_parse(keys, args)
	local old = load_state(batch.states[1])
	if not old then
		local _, answers, revs, seen = accept_plan(keys, args)
		if revs[1] and call('EXISTS', more.messages) == 1 then
			refuse('messages of nobody: ' .. more.messages)
		end
		accept_write(keys, args, batch, revs, seen)
		return answers, revs[1]
	elseif old.mark ~= sub(args[3 + ARG_BASE], -16) then
		return { 'C' }, false
	elseif old.state ~= 'transferred' or more.hops <= tonumber(old.hops) then
		return { 'A' .. old.rev }, false
	end
	return receive_back(keys, args, batch, more, old)
end

local function tip_receive(keys, args)
	local more = receive_parse(keys, args)
	local state, region = keys[7], match(args[3 + ARG_BASE], '^%d+')
	local band, id = tonumber(match(args[3], '%d$')), args[3 + ARG_ID]
	local answers, arrived = receive_tip(keys, args, more)
	if arrived then
		call('HSET', state, 'g', digits(more.hops), 'k', 'p ' .. more.now .. ' 0')
		if region ~= NATION then
			call('ZADD', keys[SHARD_CLOCKS], clock_rank(4 + band, more.now), id)
		end
		if more.parent ~= '' then
			call('HSET', state, 'i', more.parent)
		end
		if more.context ~= '' then
			call('HSET', state, 'c', more.context)
		end
		if #more.list > 0 then
			call('RPUSH', more.messages, unpack(more.list))
			call('HSET', state, 'n', digits(#more.list))
		end
	end
	return answers
end

register('tip_receive', tip_receive)
