--[[
Tips whose clock has run as long as its limit, and passing one of them to the
level above.

tip_overdue
KEYS  1 clocks, 2 asked, 3 prefix of states
ARGV  1 at most, then 12 limits in ms, 0 for none: unopened, stalled, unanswered,
      of each priority
Result  now ms, rows (row_of) without what is sealed; a tip once
C caller: calls.c, STORE_OVERDUE

tip_escalate
KEYS  1 state, 2 journal, 3 prefix of queues, 4 queues, 5 leases, 6 held, 7 holders,
      8 clocks, 9 asked, 10 escalated, 11 job, 12 ended
ARGV  1 id, 2 expected rev, 3 event, 4 fence, 5 state to set, 6 region, 7 points,
      8 priority 0..3, 9 clock, 10 since when the one ran that reached its limit, 11 limit ms,
      12 times, 13 region it came from, 14 why, 15 field x or empty
      Appends "since":<ms> and "waited":<ms> to the event.
Result  "ok" | "fenced" | "absent" | "conflict" | "untimely", rev, now ms, "0"
C caller: calls.c, STORE_ESCALATE
--]]
local OVERDUE_MAX = 1000

local function overdue_add(ids, seen, key, class, limit, now, max)
	if limit == 0 or #ids >= max then
		return
	end
	local from, to = clock_rank(class, '0'), clock_rank(class, digits(math.max(0, now - limit)))
	local found = call('ZRANGEBYSCORE', key, from, to, 'LIMIT', '0', digits(max - #ids))
	for i = 1, #found do
		if not seen[found[i]] then
			seen[found[i]] = true
			ids[#ids + 1] = found[i]
		end
	end
end

local function tip_overdue(keys, args)
	counted(keys, args, 3, 13)
	local max, now, ids, seen = whole(args[1], 'max'), now_ms(), {}, {}
	if max > OVERDUE_MAX then
		refuse('max out of range')
	end
	for class = 0, 11 do
		overdue_add(ids, seen, class < 8 and keys[1] or keys[2], class % 8, whole(args[2 + class], 'limit'), now, max)
	end
	local reply = { digits(now) }
	for i = 1, #ids do
		local tip = load_state(keys[3] .. ids[i])
		if tip then
			reply[#reply + 1] = row_of(ids[i], tip)
		end
	end
	return reply
end

register('tip_overdue', tip_overdue, { 'no-writes' })

local function escalate_check(keys, args)
	counted(keys, args, 12, 15)
	check_event(args[3])
	if not find(args[6], '^%d%d%d%d%d%d$') or whole(args[7], 'points') > 100 or not find(args[13], '^%d%d%d%d%d%d$')
		or not find(args[14], '^%l+$') or (args[15] ~= '' and not find(args[15], '^%d+ ')) then
		refuse('region, points, reason or review')
	end
	whole(args[10], 'since')
	whole(args[11], 'limit')
	whole(args[12], 'times')
	clock_at(args[9], '1')
	expect_type(keys[3] .. args[6], 'zset')
	expect_type(keys[4], 'set')
	expect_type(keys[5], 'zset')
	expect_type(keys[7], 'zset')
	expect_type(keys[12], 'zset')
	clock_types(keys[8], keys[9], keys[10])
	return clock_band(args[8])
end

-- Out of where it was, queue or lease or neither, into the queue of the level above.
local function escalate_move(keys, args, tip)
	local id = args[1]
	call('ZREM', keys[3] .. tip.region, id)
	if tip.until_ms then
		call('ZREM', keys[5], id)
		call('ZREM', keys[7], holder_member(tip.holder, id))
		call('HDEL', keys[1], 'h', 'u')
	end
	call('ZADD', keys[3] .. args[6], rank_of(tonumber(args[7]), tonumber(tip.received)), id)
	call('SADD', keys[4], args[6])
end

-- The answer when nothing is to be written, or nil.
local function escalate_refusal(keys, args, tip, now)
	if fenced(keys[11], args[4]) then
		return { 'fenced', '0', digits(now), '0' }
	elseif not tip then
		return { 'absent', '0', digits(now), '0' }
	elseif tip.rev ~= args[2] then
		return { 'conflict', tip.rev, digits(now), '0' }
	elseif now < tonumber(args[10]) + tonumber(args[11]) then
		return { 'untimely', tip.rev, digits(now), '0' }
	end
end

local function tip_escalate(keys, args)
	local band, tip, now = escalate_check(keys, args), load_state(keys[1]), now_ms()
	local refusal = escalate_refusal(keys, args, tip, now)
	if refusal then
		return refusal
	end
	expect_type(keys[3] .. tip.region, 'zset')
	local held = held_plan(keys[6], tip.until_ms and { [tip.region] = -1 } or {})
	local number, clock = last_number(keys[2]) + 1, clock_at(args[9], digits(now))
	local waited = digits(now - tonumber(args[10]))
	local raised = args[12] .. ' ' .. digits(now) .. ' ' .. args[13] .. ' ' .. args[14] .. ' ' .. waited

	append_of(tip, keys[2], number, with_member(args[3], '"since":' .. digits(now) .. ',"waited":' .. waited))
	call('HSET', keys[1], 's', args[5], 'v', digits(number), 'b', base_of(args[6], args[7], tip), 'k', clock,
		'l', raised)
	if args[15] ~= '' then
		call('HSET', keys[1], 'x', args[15])
	end
	escalate_move(keys, args, tip)
	held_write(keys[6], held)
	clock_write(keys[8], keys[9], args[1], args[6], clock, band)
	raised_write(keys[10], args[1], tip.raised, raised, true)
	end_write(keys[12], keys[1], args[1], tip.ended, '')
	return { 'ok', digits(number), digits(now), '0' }
end

register('tip_escalate', tip_escalate)
