--[[
Parts of long SMS, kept until their group is whole or its time is up.

A group is a hash: "total", and per number the part's digest (8 bytes) and its
sealed octets. A group that became a tip leaves a tombstone for 24 hours:
"done" with the tip's id, and the digests, so that redelivered parts are known.
A part is never written over: another one under the same number is a collision.

part_put    KEYS 1 group, 2 groups by deadline
            ARGV 1 group in hex, 2 total, 3 number, 4 digest, 5 sealed, 6 timeout ms
            Result "ok" | "whole", group | "already" | "collision"
                   | "late", tip id (the group is a tip already; this part is missing there)
parts_due   KEYS 1 groups by deadline, 2 prefix of groups   ARGV 1 at most, 2 lease ms
            Result groups: hex, total, number, sealed, number, sealed, ...
parts_done  KEYS as part_put   ARGV 1 group in hex, 2 tip id, 3 seconds to remember
            Result "ok" | "already" | "absent"
C caller: calls.c, STORE_PART, STORE_PARTS_DUE, STORE_PARTS_DONE
--]]
local PART_WHOLE_MS = 10000  -- whoever got the whole group has this long to make it a tip

local function part_group(key, hex)
	local fields = call('HGETALL', key)
	local group, numbers, parts = { hex, '0' }, {}, {}
	for i = 1, #fields, 2 do
		local number = tonumber(fields[i])
		if number then
			numbers[#numbers + 1] = number
			parts[number] = sub(fields[i + 1], 9)
		elseif fields[i] == 'total' then
			group[2] = fields[i + 1]
		end
	end
	table.sort(numbers)
	for i = 1, #numbers do
		group[#group + 1] = digits(numbers[i])
		group[#group + 1] = parts[numbers[i]]
	end
	return group, #numbers
end

local function part_check(keys, args)
	counted(keys, args, 2, 6)
	local total, number = whole(args[2], 'total'), whole(args[3], 'number')
	if total < 2 or total > 255 or number < 1 or number > total or #args[4] ~= 8 then
		refuse('part out of range')
	end
	whole(args[6], 'timeout')
	expect_type(keys[2], 'zset')
end

local function part_put(keys, args)
	part_check(keys, args)
	local known = call('HMGET', keys[1], args[3], 'done', 'total')
	if known[1] then
		return { sub(known[1], 1, 8) == args[4] and 'already' or 'collision' }
	elseif known[3] and known[3] ~= args[2] then
		return { 'collision' }
	elseif known[2] then
		return { 'late', known[2] }
	end
	call('HSET', keys[1], 'total', args[2], args[3], args[4] .. args[5])
	if not known[3] then
		call('ZADD', keys[2], digits(now_ms() + tonumber(args[6])), args[1])
	end
	local group, n = part_group(keys[1], args[1])
	if n < tonumber(args[2]) then
		return { 'ok' }
	end
	call('ZADD', keys[2], digits(now_ms() + PART_WHOLE_MS), args[1])
	return { 'whole', group }
end

local function parts_due(keys, args)
	counted(keys, args, 2, 2)
	local now, lease = now_ms(), whole(args[2], 'lease')
	local due = call('ZRANGEBYSCORE', keys[1], '-inf', digits(now), 'LIMIT', '0', digits(whole(args[1], 'max')))
	local reply = {}
	for i = 1, #due do
		reply[i] = part_group(keys[2] .. due[i], due[i])
	end
	for i = 1, #due do
		call('ZADD', keys[1], digits(now + lease), due[i])
	end
	return reply
end

local function parts_done(keys, args)
	counted(keys, args, 2, 3)
	whole(args[3], 'seconds')
	expect_type(keys[2], 'zset')
	local fields = call('HGETALL', keys[1])
	local tombstone = { 'done', args[2] }
	if #fields == 0 then
		return { 'absent' }
	end
	for i = 1, #fields, 2 do
		if fields[i] == 'done' then
			return { 'already' }
		end
		tombstone[#tombstone + 1] = fields[i]
		tombstone[#tombstone + 1] = sub(fields[i + 1], 1, 8)
	end
	call('HSET', keys[1], unpack(tombstone))
	call('EXPIRE', keys[1], args[3])
	call('ZREM', keys[2], args[1])
	return { 'ok' }
end

register('part_put', part_put)
register('parts_due', parts_due)
register('parts_done', parts_done)
