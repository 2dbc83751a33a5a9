--[[
What the functions about incidents share: tip_link, tip_child, tip_suggest,
tip_rescore. All of them are a fact about one tip: looked at under its state,
written as one event, with a new rev.

Fields of {15}:state:<id>: i the tip under which it hangs, with why when that
was said here, "<id> <percent> <words>"; m number of its children when above 0;
c context of its points; o suggestions, oldest first, "<id> <percent> <words>;..."
and "<id> -;..." for a pair that was declined.

KEYS  1 state, 2 journal, 3 outbox, 4 due, then those of the function; the last
      one is a job when a job writes
ARGV  1 id, 2 event, 3 fence or empty, 4 outbox or empty, then those of the function
Result  verdict, rev, parent or empty, region where a transferred tip went or empty
--]]
local SUGGESTIONS_MAX = 8

-- The tip, or nil and the answer for one that is not there or a job that lost its lease.
local function link_open(keys, args, nkeys, nargs)
	if args[3] ~= '' then
		nkeys = nkeys + 1
	end
	counted(keys, args, nkeys, nargs)
	check_event(args[2])
	if args[4] ~= '' then
		expect_type(keys[3], 'hash')
		expect_type(keys[4], 'zset')
	end
	if args[3] ~= '' and fenced(keys[nkeys], args[3]) then
		return nil, { 'fenced', '0', '', '' }
	end
	local tip = load_state(keys[1])
	return tip, { 'absent', '0', '', '' }
end

local function link_answer(verdict, tip)
	return { verdict, tip.rev, tip.parent, tip.state == 'transferred' and tip.region or '' }
end

-- The event, and what it caused elsewhere; the first writes. Everything was checked before.
local function link_write(keys, args, tip, ...)
	local number = last_number(keys[2]) + 1
	tip.rev = digits(number)
	append_of(tip, keys[2], number, args[2])
	call('HSET', keys[1], 'v', tip.rev, ...)
	if args[4] ~= '' then
		call('HSET', keys[3], tip.rev, args[4])
		call('ZADD', keys[4], digits(now_ms()), tip.rev)
	end
end

-- One field more, or none when there is nothing to keep.
local function link_field(key, field, value)
	if value ~= '' then
		call('HSET', key, field, value)
	else
		call('HDEL', key, field)
	end
end

-- The pairs of field o, in order.
local function pairs_of(written)
	local list = {}
	for id, rest in string.gmatch(written, '([^ ;]+) ([^;]*)') do
		list[#list + 1] = { id = id, rest = rest, declined = rest == '-' }
	end
	return list
end

local function pairs_text(list)
	local parts = {}
	for i = 1, #list do
		parts[i] = list[i].id .. ' ' .. list[i].rest
	end
	return table.concat(parts, ';')
end

local function pairs_find(list, id)
	for i = 1, #list do
		if list[i].id == id then
			return i
		end
	end
end

-- The pair is declined; for room the oldest open one goes, else the oldest.
local function pairs_decline(list, id)
	local at = pairs_find(list, id)
	if not at then
		if #list >= SUGGESTIONS_MAX then
			local least = 1
			for i = #list, 1, -1 do
				least = not list[i].declined and i or least
			end
			table.remove(list, least)
		end
		at = #list + 1
	end
	list[at] = { id = id, rest = '-', declined = true }
end

-- The same child under the id it has now or had in another shard; nil when it is not listed.
local function child_find(key, id, received)
	if call('ZSCORE', key, id) then
		return id
	end
	local same = call('ZRANGEBYSCORE', key, received, received)
	for i = 1, #same do
		if sub(same[i], 3) == sub(id, 3) then
			return same[i]
		end
	end
end

-- Puts a child into a list, or takes it out with `id` nil; field m follows.
local function child_write(children, state, old, id, received)
	if old and old == id then
		return
	elseif old then
		call('ZREM', children, old)
	end
	if id then
		call('ZADD', children, received, id)
	end
	local n = call('ZCARD', children)
	link_field(state, 'm', n > 0 and digits(n) or '')
end
