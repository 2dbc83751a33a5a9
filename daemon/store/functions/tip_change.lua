--[[
One event on one tip: compares the rev, appends the event, sets the next state
and moves the tip between queue, lease and neither.

KEYS  1 state, 2 tip, 3 messages, 4 journal, 5 prefix of queues, 6 queues,
      7 leases, 8 held, 9 holders, 10 outbox, 11 due, 12 datakeys,
      13 clocks, 14 asked, 15 escalated, 16 ended; 17 request when it is a named one,
      or files when some came with it
ARGV  1 id, 2 expected rev, 3 next state, 4 its place: "queue", "lease", "none",
      5 event, 6 region, 7 points, 8 holder, 9 lease ms (0: keep), 10 message,
      11 sealed, 12 outbox, 13 data key id, 14 data key sealed, 15 example,
      16 clock, 17 priority 0..3, 18 "keep" or empty: field l, 19 field x or empty (see 02_clock);
      20 field e, "now" for its time, or empty, 21 field y or empty (see 02_clock too);
      of a named request: 22 digest, 23 ttl in s. Its key then holds the digest without an answer.
      of one with files: 22 their names, which are put behind those of the tip.
      A lease appends "until":<ms> to the event, a message "messages":<count>, a clock that
      starts now "since":<ms>, an end that is now "ended":<ms>.
Result  verdict, rev, now ms, until ms
        "ok" | "already" (the last event is this very change) | "conflict" | "absent"
        | "repeated" (the request made a tip before, or was added to one)
C caller: calls.c, STORE_CHANGE
--]]

-- A change whose answer got lost comes again: its event and message are the last ones.
local function change_is_last(keys, args, tip)
	local entry = call('XRANGE', keys[4], tip.rev .. '-0', tip.rev .. '-0')[1]
	if not entry or entry[2][1] ~= 'e' then
		return false
	end
	local event, stored = args[5], entry[2][2]
	if stored ~= event and sub(stored, 1, #event - 1) .. '}' ~= event then
		return false
	end
	return args[10] == '' or call('LINDEX', keys[3], -1) == args[10]
end

-- The key of a named request, the key of the names of files: one of them or neither.
local function change_extra(keys, args)
	local files = #args == 22
	return not files and keys[17] or nil, files and keys[17] or nil
end

local function change_check(keys, args)
	local named, files = change_extra(keys, args)
	counted(keys, args, (named or files) and 17 or 16, named and 23 or files and 22 or 21)
	if files then
		expect_type(files, 'string')
		if not find(args[22], '^[%x ]+$') then
			refuse('names of files')
		end
	end
	if named and (#args[22] ~= 16 or whole(args[23], 'ttl') < 1) then
		refuse('incomplete request')
	end
	local place = args[4]
	if place ~= 'queue' and place ~= 'lease' and place ~= 'none' then
		refuse('unknown place')
	end
	if not find(args[6], '^%d%d%d%d%d%d$') or whole(args[7], 'points') > 100 or find(args[8], '%z') then
		refuse('region, points or holder')
	end
	if (place == 'lease') ~= (args[8] ~= '') then
		refuse('holder without lease, or lease without holder')
	end
	whole(args[9], 'lease')
	check_event(args[5])
	clock_at(args[16], '1')
	clock_band(args[17])
	clock_types(keys[13], keys[14], keys[15])
	if args[19] ~= '' and not find(args[19], '^%d+ ') then
		refuse('review')
	end
	if (args[20] ~= '' and not find(args[20], '^%w+ %l+ %d+$')) or (args[21] ~= '' and not find(args[21], '^%S+ %S+$')) then
		refuse('end or hold')
	end
	expect_type(keys[16], 'zset')
	expect_type(keys[3], 'list')
	expect_type(keys[6], 'set')
	expect_type(keys[7], 'zset')
	expect_type(keys[9], 'zset')
	expect_type(keys[5] .. args[6], 'zset')
	if args[12] ~= '' then
		expect_type(keys[10], 'hash')
		expect_type(keys[11], 'zset')
	end
	if args[13] ~= '' then
		expect_type(keys[12], 'hash')
	end
end

-- Until when the lease runs: from now, or as before; nil without a lease.
local function change_until(args, tip, now)
	if args[4] ~= 'lease' then
		return nil
	end
	if args[9] ~= '0' then
		return digits(now + tonumber(args[9]))
	end
	return tip.until_ms or refuse('no lease to keep')
end

local function change_leave(keys, tip, id)
	if tip.until_ms then
		call('ZREM', keys[7], id)
		call('ZREM', keys[9], holder_member(tip.holder, id))
	else
		call('ZREM', keys[5] .. tip.region, id)
	end
end

local function change_enter(keys, args, tip, until_ms)
	local id = args[1]
	if args[4] == 'lease' then
		call('ZADD', keys[7], until_ms, id)
		call('ZADD', keys[9], '0', holder_member(args[8], id))
		call('HSET', keys[1], 'h', args[8], 'u', until_ms)
		return
	end
	if tip.until_ms then
		call('HDEL', keys[1], 'h', 'u')
	end
	if args[4] == 'queue' then
		call('ZADD', keys[5] .. args[6], rank_of(tonumber(args[7]), tonumber(tip.received)), id)
		call('SADD', keys[6], args[6])
	end
end

local function change_attachments(keys, args, rev, now)
	if args[10] ~= '' then
		call('RPUSH', keys[3], args[10])
	end
	if args[11] ~= '' then
		call('SET', keys[2], args[11])
	end
	if args[12] ~= '' then
		call('HSET', keys[10], rev, args[12])
		call('ZADD', keys[11], digits(now), rev)
	end
	if args[13] ~= '' then
		call('HSETNX', keys[12], args[13], args[14])
	end
	local _, files = change_extra(keys, args)
	if files then
		local names = call('GET', files)
		call('SET', files, names and names .. ' ' .. args[22] or args[22])
	end
end

-- A mark that another request holds already stays with it: nothing is lost then, and nothing known.
local function change_request(keys, args)
	local named = change_extra(keys, args)
	if named then
		call('SET', named, args[22], 'EX', args[23], 'NX')
	end
end

-- Clocks, what was escalated, who closed it.
local function change_clock(keys, args, tip, clock)
	local raised = args[18] == 'keep' and tip.raised or ''
	if clock ~= tip.clock then
		call('HSET', keys[1], 'k', clock)
	end
	if raised ~= tip.raised then
		call('HDEL', keys[1], 'l')
	end
	if args[19] ~= tip.review and args[19] ~= '' then
		call('HSET', keys[1], 'x', args[19])
	end
	clock_write(keys[13], keys[14], args[1], args[6], clock, tonumber(args[17]))
	raised_write(keys[15], args[1], tip.raised, raised, args[4] ~= 'none')
end

-- How many more (or fewer) tips of each region are under a lease afterwards.
local function change_held(keys, args, tip)
	local delta = {}
	if tip.until_ms then
		delta[tip.region] = -1
	end
	if args[4] == 'lease' then
		delta[args[6]] = (delta[args[6]] or 0) + 1
	end
	return held_plan(keys[8], delta)
end

local function tip_change(keys, args)
	change_check(keys, args)
	local tip, now = load_state(keys[1]), now_ms()
	if not tip then
		return { 'absent', '0', digits(now), '0' }
	end
	if tip.rev ~= args[2] then
		local same = tonumber(tip.rev) > whole(args[2], 'rev') and change_is_last(keys, args, tip)
		return { same and 'already' or 'conflict', tip.rev, digits(now), tip.until_ms or '0' }
	end
	local named = change_extra(keys, args)
	local before = named and call('GET', named)
	if before and sub(before, 1, 16) == args[22] then
		return { 'repeated', tip.rev, digits(now), tip.until_ms or '0' }
	end
	expect_type(keys[5] .. tip.region, 'zset')
	local event, until_ms, held = args[5], change_until(args, tip, now), change_held(keys, args, tip)
	local nmessages = whole(tip.nmessages, 'messages') + 1
	if args[10] ~= '' then
		event = with_member(event, '"messages":' .. digits(nmessages))
	end
	if until_ms and args[9] ~= '0' then
		event = with_member(event, '"until":' .. until_ms)
	end
	local clock, starts = clock_at(args[16], digits(now))
	if starts then
		event = with_member(event, '"since":' .. digits(now))
	end
	local ended, ends = string.gsub(args[20], '^now', digits(now))
	if ends > 0 then
		event = with_member(event, '"ended":' .. digits(now))
	end
	local number = last_number(keys[4]) + 1
	local rev = digits(number)

	if args[15] ~= '' then
		append_of(tip, keys[4], number, event, 'l', args[15])
	else
		append_of(tip, keys[4], number, event)
	end
	change_leave(keys, tip, args[1])
	call('HSET', keys[1], 's', args[3], 'v', rev, 'b', base_of(args[6], args[7], tip))
	if args[10] ~= '' then
		call('HSET', keys[1], 'n', digits(nmessages))
	end
	change_enter(keys, args, tip, until_ms)
	held_write(keys[8], held)
	change_clock(keys, args, tip, clock)
	end_write(keys[16], keys[1], args[1], tip.ended, ended)
	if args[21] ~= tip.hold then
		field_write(keys[1], 'y', args[21])
	end
	change_attachments(keys, args, rev, now)
	change_request(keys, args)
	return { 'ok', rev, digits(now), until_ms or '0' }
end

register('tip_change', tip_change)
