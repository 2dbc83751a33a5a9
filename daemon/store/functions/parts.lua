--[[
Parts of long SMS, kept until their group is whole or its time is up.

A group is a hash: "total", and per number the part's digest (8 bytes) and its
sealed octets. A group that became a tip leaves a tombstone for 24 hours:
"done" with the tip's id, and the digests, so that redelivered parts are known.
A part is never written over: another one under the same number is a collision,
and makes a message of its own: a group whose "prev" is the one before it with
the same reference. A group that has such a follower ("next") takes nothing any
more. What a follower has when its time is up, and a tip before it lacks, are
late parts of that tip; "note" of its tombstone tells how to add to it.
"of" is the sender, whose open groups are counted.

part_put    KEYS 1 group, 2 groups by deadline, 3 prefix of groups, 4 open groups of the sender
            ARGV 1 group in hex, 2 total, 3 number, 4 digest, 5 sealed, 6 timeout ms,
                 7 group before it in hex or empty, 8 open groups at most; the oldest is due when there are more
            Result "ok" | "whole", group | "already" | "collision"
                   | "late", tip id (the group is a tip already; this part is missing there)
parts_due   KEYS 1 groups by deadline, 2 prefix of groups   ARGV 1 at most, 2 lease ms
            Result groups: hex, total, late, late tip, note, number, sealed, number, sealed, ...
                   late: hex of the group that these parts are late for, or empty
parts_done  KEYS 1 group, 2 groups by deadline, 3 prefix of groups
            ARGV 1 group in hex, 2 tip id, 3 seconds to remember, 4 note or empty, 5 hex of the group it was late for
            Result "ok" | "already" | "absent"
C caller: calls.c, STORE_PART, STORE_PARTS_DUE, STORE_PARTS_DONE
--]]
do -- a Lua function has room for 200 names
local PART_WHOLE_MS = 10000  -- whoever got the whole group has this long to make it a tip
local PART_LATE_MS = 60000   -- what seems to be late waits so long at most for others that would make it a new message
local PART_VARIANTS = 1000

-- The numbers of the parts that are there, in order, and what they hold.
local function part_list(fields)
	local numbers, parts = {}, {}
	for i = 1, #fields, 2 do
		local number = tonumber(fields[i])
		if number then
			numbers[#numbers + 1] = number
			parts[number] = sub(fields[i + 1], 9)
		else
			parts[fields[i]] = fields[i + 1]
		end
	end
	table.sort(numbers)
	return numbers, parts
end

-- The latest tip before this group that lacks all of these parts: its group, id, note.
local function part_late(prefix, prev, total, numbers)
	local words = {}
	for i = 1, #numbers do
		words[i] = digits(numbers[i])
	end
	for _ = 1, PART_VARIANTS do
		if not prev then
			return nil
		end
		local known = call('HMGET', prefix .. prev, 'done', 'total', 'note', 'prev', unpack(words))
		local lacks = known[1] and known[3] and known[2] == total
		for i = 1, #words do
			lacks = lacks and not known[4 + i]
		end
		if lacks then
			return prev, known[1], known[3]
		end
		prev = known[4]
	end
	return nil
end

-- A group as it is told: `numbers` and `parts` as of part_list().
local function part_told(prefix, hex, numbers, parts)
	local late, id, note
	if #numbers < tonumber(parts.total or '0') then
		late, id, note = part_late(prefix, parts.prev, parts.total, numbers)
	end
	local group = { hex, parts.total or '0', late or '', id or '', note or '' }
	for i = 1, #numbers do
		group[#group + 1] = digits(numbers[i])
		group[#group + 1] = parts[numbers[i]]
	end
	return group
end

local function part_check(keys, args)
	counted(keys, args, 4, 8)
	local total, number = whole(args[2], 'total'), whole(args[3], 'number')
	if total < 2 or total > 255 or number < 1 or number > total or #args[4] ~= 8 then
		refuse('part out of range')
	end
	whole(args[6], 'timeout')
	if args[7] ~= '' and not find(args[7], '^%x+$') then
		refuse('group before')
	end
	whole(args[8], 'open groups')
	expect_type(keys[2], 'zset')
	expect_type(keys[4], 'zset')
	if args[7] ~= '' then
		expect_type(keys[3] .. args[7], 'hash')
	end
end

-- A group begins: what came before it takes nothing more, and the sender's oldest may have to go.
local function part_begin(keys, args, now)
	call('HSET', keys[1], 'of', keys[4])
	if args[7] ~= '' then
		call('HSET', keys[1], 'prev', args[7])
		if call('EXISTS', keys[3] .. args[7]) == 1 then
			call('HSET', keys[3] .. args[7], 'next', '1')
		end
	end
	local newest = call('ZREVRANGE', keys[4], '0', '0', 'WITHSCORES')
	call('ZADD', keys[4], digits(tonumber(newest[2] or '0') + 1), args[1])
	if call('ZCARD', keys[4]) > tonumber(args[8]) then
		local oldest = call('ZRANGE', keys[4], '0', '0')[1]
		call('ZREM', keys[4], oldest)
		call('ZADD', keys[2], 'XX', digits(now), oldest)
	end
end

-- When an open group's time is up: soon, while all it has is missing in a tip before it.
local function part_deadline(keys, args, begins, group, parts, now)
	local timeout, late = tonumber(args[6]), group[3] ~= ''
	if begins and late then
		call('HSET', keys[1], 'late', '1')
		timeout = timeout < PART_LATE_MS and timeout or PART_LATE_MS
	elseif not begins and (late or not parts.late) then
		return
	elseif not begins then
		call('HDEL', keys[1], 'late')
	end
	call('ZADD', keys[2], digits(now + timeout), args[1])
end

local function part_put(keys, args)
	part_check(keys, args)
	local known = call('HMGET', keys[1], args[3], 'done', 'total', 'next')
	if known[1] then
		return { sub(known[1], 1, 8) == args[4] and 'already' or 'collision' }
	elseif known[3] and known[3] ~= args[2] then
		return { 'collision' }
	elseif known[2] then
		return { 'late', known[2] }
	elseif known[4] then
		return { 'collision' }
	end
	local now, begins, fields = now_ms(), not known[3], call('HGETALL', keys[1])
	fields[#fields + 1] = args[3]
	fields[#fields + 1] = args[4] .. args[5]
	local numbers, parts = part_list(fields)
	if begins then
		parts.total, parts.prev = args[2], args[7] ~= '' and args[7] or nil
	end
	local group = part_told(keys[3], args[1], numbers, parts)

	call('HSET', keys[1], 'total', args[2], args[3], args[4] .. args[5])
	if begins then
		part_begin(keys, args, now)
	end
	if #numbers < tonumber(args[2]) then
		part_deadline(keys, args, begins, group, parts, now)
		return { 'ok' }
	end
	call('ZADD', keys[2], digits(now + PART_WHOLE_MS), args[1])
	return { 'whole', group }
end

local function parts_due(keys, args)
	counted(keys, args, 2, 2)
	local now, lease = now_ms(), whole(args[2], 'lease')
	local due = call('ZRANGEBYSCORE', keys[1], '-inf', digits(now), 'LIMIT', '0', digits(whole(args[1], 'max')))
	local reply = {}
	for i = 1, #due do
		reply[i] = part_told(keys[2], due[i], part_list(call('HGETALL', keys[2] .. due[i])))
	end
	for i = 1, #due do
		call('ZADD', keys[1], digits(now + lease), due[i])
	end
	return reply
end

local function parts_done(keys, args)
	counted(keys, args, 3, 5)
	whole(args[3], 'seconds')
	expect_type(keys[2], 'zset')
	local late = args[5] ~= '' and keys[3] .. args[5] or nil
	if late then
		expect_type(late, 'hash')
	end
	local fields = call('HGETALL', keys[1])
	local tombstone, came, of = { 'done', args[2] }, {}, nil
	if #fields == 0 then
		return { 'absent' }
	end
	for i = 1, #fields, 2 do
		if fields[i] == 'done' then
			return { 'already' }
		elseif tonumber(fields[i]) then
			came[#came + 1] = fields[i]
			came[#came + 1] = sub(fields[i + 1], 1, 8)
		elseif fields[i] == 'of' then
			of = fields[i + 1]
			expect_type(of, 'zset')
		end
	end
	if args[4] ~= '' then
		tombstone[3], tombstone[4] = 'note', args[4]
	end
	call('HSET', keys[1], unpack(tombstone))
	call('HSET', keys[1], unpack(came))
	call('EXPIRE', keys[1], args[3])
	if late and call('HEXISTS', late, 'done') == 1 then
		call('HSET', late, unpack(came))
	end
	call('ZREM', keys[2], args[1])
	if of then
		call('ZREM', of, args[1])
	end
	return { 'ok' }
end

register('part_put', part_put)
register('parts_due', parts_due)
register('parts_done', parts_done)
end
