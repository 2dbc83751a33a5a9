--[[
What the functions of this library share.

One rule for all of them: read and check everything first; then the journal by
XADD with the explicit id <last+1>-0; then the projections. A check that fails
raises an error before anything is written, and nothing after the first write
can fail. Lua knows no lifecycle: names of states come from the caller
(core/journal/lifecycle.c).

Numbers: ids, revs and times are decimal strings; arithmetic stays below 2^53
and is printed with "%.0f" (tostring(1e14) gives 1e+14). No cjson.

State of a tip, {15}:state:<id>, a small hash (listpack):
  s state   v rev   b "<region> <points> <received ms> <receipt mark, 16 bytes>"
  under a lease also h holder, u until ms; n number of messages when above 0,
  g number of transfers that brought it here when above 0; i, m, o, c: see 01_incident;
  k, l, x, e, y: see 02_clock; z the masked seed of its leaves in the sealed log, 16 bytes, which
  stands as field s beside each event of the tip too. An older tip has none
Few fields with much in them: each field costs its share of Redis' time and of
the append-only file, and b seldom changes.
--]]
-- Nothing of Lua's or Redis' own is there while the library loads: register() binds these later.
local call, format, find, match, sub, byte, floor

-- Ends the call; nothing has been written yet.
local function refuse(why)
	error({ err = 'TIPLINE ' .. why })
end

-- A whole number of at most 15 digits.
local function whole(text, what)
	if not text or #text == 0 or #text > 15 or find(text, '%D') then
		refuse('not a number: ' .. what)
	end
	return tonumber(text)
end

local function digits(number)
	return format('%.0f', number)
end

local function counted(keys, args, nkeys, nargs)
	if #keys ~= nkeys or #args ~= nargs then
		refuse('wrong number of keys or arguments')
	end
end

-- The key is of that type or absent.
local function expect_type(key, kind)
	local found = call('TYPE', key).ok
	if found ~= kind and found ~= 'none' then
		refuse('wrong type: ' .. key)
	end
end

local function now_ms()
	local time = call('TIME')
	return time[1] * 1000 + floor(time[2] / 1000)
end

-- How many entries of each journal are no longer in Redis: last number less length. Asked once per
-- start of the server, because reading the last entry to learn its id costs more than all the rest of an
-- event. Only this library writes; a journal cut by hand is refused by XADD, and asked about again.
local moved = {}

local function last_number_asked(journal)
	local last = call('XREVRANGE', journal, '+', '-', 'COUNT', 1)[1]
	local id = last and last[1]
	if not id and call('EXISTS', journal) == 1 then
		local info = call('XINFO', 'STREAM', journal)
		for i = 1, #info, 2 do
			if info[i] == 'last-generated-id' then
				id = info[i + 1]
			end
		end
	end
	return id and whole(match(id, '^(%d+)%-0$'), journal) or 0
end

-- Number of the last event of a journal, also when its entries have moved out of Redis.
local function last_number(journal)
	local length = call('XLEN', journal)
	if not moved[journal] then
		moved[journal] = last_number_asked(journal) - length
	end
	return length + moved[journal]
end

-- The first write of an event: when Redis refuses the number, nothing of it has been written.
local function append_entry(...)
	local done = redis.pcall('XADD', ...)
	if type(done) == 'table' and done.err then
		moved = {}
		refuse('journal: ' .. done.err)
	end
end

local function append(journal, number, event)
	append_entry(journal, digits(number) .. '-0', 'e', event)
end

-- An event of a tip, with the seed of its leaves beside it, and further fields.
local function append_of(tip, journal, number, event, ...)
	if tip.seed ~= '' then
		append_entry(journal, digits(number) .. '-0', 'e', event, 's', tip.seed, ...)
	else
		append_entry(journal, digits(number) .. '-0', 'e', event, ...)
	end
end

local function is_object(event)
	return byte(event) == 123 and byte(event, -1) == 125 and #event > 2
end

-- Puts members behind the last one of a JSON object.
local function with_member(event, member)
	return sub(event, 1, -2) .. ',' .. member .. '}'
end

local function check_event(event)
	if not is_object(event) then
		refuse('not an event')
	end
end

-- Best first: high points, then early receipt.
local function rank_of(points, received)
	return digits((100 - points) * 1e13 + received)
end

local function holder_member(holder, id)
	return holder .. '\0' .. id
end

local BASE = '^(%d%d%d%d%d%d) (%d+) (%d+) (................)$'

local function base_of(region, points, tip)
	return region .. ' ' .. points .. ' ' .. tip.received .. ' ' .. tip.mark
end

-- The state of a tip as a table, or nil. Numbers stay strings.
local function load_state(key)
	local f = call('HMGET', key, 's', 'v', 'b', 'h', 'u', 'n', 'g', 'i', 'm', 'o', 'c', 'k', 'l', 'x', 'z', 'e', 'y')
	if not f[1] then
		return nil
	end
	local region, points, received, mark = match(f[3] or '', BASE)
	if not region or (f[15] and #f[15] ~= 16) then
		refuse('unreadable state: ' .. key)
	end
	return { state = f[1], rev = f[2], region = region, points = points, received = received, mark = mark,
		holder = f[4] or nil, until_ms = f[5] or nil, nmessages = f[6] or '0',
		hops = f[7] or '0', hangs = f[8] or '',
		parent = f[8] and match(f[8], '^[^ ]*') or '', nchildren = f[9] or '0', suggestions = f[10] or '',
		context = f[11] or '', clock = f[12] or 'u ' .. received .. ' 0', raised = f[13] or '',
		review = f[14] or '', seed = f[15] or '', ended = f[16] or '', hold = f[17] or '' }
end

-- The row that READ, CLAIM and HELD answer with.
local function row_of(id, tip, sealed)
	return { id, tip.state, tip.rev, tip.region, tip.points, tip.received, tip.until_ms or '0', tip.holder or '',
		tip.mark, tip.nmessages, sealed or '', tip.hops, tip.hangs, tip.nchildren, tip.suggestions,
		tip.context, tip.clock, tip.raised, tip.review, tip.seed, tip.ended, tip.hold }
end

-- New counts of {15}:held after adding `delta` per region; to be written by held_write().
local function held_plan(held, delta)
	local plan = {}
	for region, change in pairs(delta) do
		local count = whole(call('HGET', held, region) or '0', held) + change
		if count < 0 then
			refuse('held below zero: ' .. region)
		end
		plan[region] = count
	end
	return plan
end

local function held_write(held, plan)
	for region, count in pairs(plan) do
		if count == 0 then
			call('HDEL', held, region)
		else
			call('HSET', held, region, digits(count))
		end
	end
end

-- A stale holder of a job's lease is told so.
local function fenced(job, fence)
	return call('HGET', job, 'fence') ~= fence
end

local function register(name, run, flags)
	redis.register_function({
		function_name = name,
		callback = function(keys, args)
			if not call then
				call, format, floor = redis.call, string.format, math.floor
				find, match, sub, byte = string.find, string.match, string.sub, string.byte
			end
			return run(keys, args)
		end,
		flags = flags or {},
	})
end
