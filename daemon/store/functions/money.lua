--[[
The money journal: one stream of records, each naming the hash of the one
before. What money there is follows from it alone (money/book.h), so nothing
else is kept but the head and the keys that were used.

Hashes are taken and checked in C. Here a record is held against what stands
beside it, against {money}:head, and the head against the last entry of the
stream: one that was put in, taken out or changed by hand is found by the next
append. Times are this server's; a record has to be of now, and never older
than the one before.

money_append  KEYS 1 journal, 2 head, 3 idem of the key; 4 job, when a job writes it
              ARGV 1 number, 2 hash before, 3 hash, 4 key, 5 print, 6 at ms,
                   7 how far from now it may be, in ms, 8 record, 9 fence or empty
              Result "ok" | "already" (its key was used with this print) | "collision"
                     (with another print) | "fenced" | "conflict" (it does not follow
                     the head) | "untimely";
                     number of the record with this key or 0, then head and clock
money_read    KEYS 1 journal, 2 head
              ARGV 1 from, 2 at most
              Result head and clock, then entries of the stream; four megabytes at most
Head and clock: number, hash, at ms, entries in the stream, now ms
C caller: calls_money.c, STORE_MONEY_APPEND, STORE_MONEY_READ
--]]
local MONEY_RECORD_MAX = 1048576
local MONEY_READ_BYTES = 4194304
local MONEY_READ_STEP = 16
local MONEY_NO_HASH = '0000000000000000000000000000000000000000000000000000000000000000'

local function money_hash(text, what)
	if #text ~= 64 or find(text, '[^0-9a-f]') then
		refuse('not a hash: ' .. what)
	end
end

local function money_starts(text, with)
	return sub(text, 1, #with) == with
end

-- The record says what stands beside it; its members have one order and no blanks.
local function money_names(record, args)
	local first = '{"seq":"' .. args[1] .. '","prev":"' .. args[2] .. '","at":"' .. args[6] .. '","kind":"'
	local kind = match(record, '^[%l_.]+', #first + 1)
	return money_starts(record, first) and kind and
		money_starts(sub(record, #first + #kind + 1, #first + #kind + 300),
			'","key":"' .. args[4] .. '","print":"' .. args[5] .. '",') and
		sub(record, -75) == ',"hash":"' .. args[3] .. '"}'
end

local function money_check(keys, args)
	counted(keys, args, args[9] == '' and 3 or 4, 9)
	for i, what in pairs({ [1] = 'number', [6] = 'at', [7] = 'skew' }) do
		whole(args[i], what)
	end
	for i, what in pairs({ [2] = 'before', [3] = 'of the record', [5] = 'print' }) do
		money_hash(args[i], what)
	end
	if #args[4] > 64 or not find(args[4], '^[%w._:-]+$') or sub(keys[3], -#args[4] - 1) ~= ':' .. args[4] then
		refuse('key')
	end
	if #args[8] > MONEY_RECORD_MAX or not money_names(args[8], args) then
		refuse('the record says something else')
	end
	if args[9] ~= '' then
		whole(args[9], 'fence')
		expect_type(keys[4], 'hash')
	end
	expect_type(keys[1], 'stream')
	expect_type(keys[2], 'hash')
	expect_type(keys[3], 'hash')
end

local function money_head(keys)
	local f = call('HMGET', keys[2], 'seq', 'hash', 'at')
	return { seq = f[1] or '0', hash = f[2] or MONEY_NO_HASH, at = f[3] or '0', count = call('XLEN', keys[1]) }
end

-- The head is the one of the last entry, and no entry is missing.
local function money_head_check(journal, head)
	local seq, last = whole(head.seq, 'head'), call('XREVRANGE', journal, '+', '-', 'COUNT', 1)[1]
	if head.count ~= seq or (last and last[1] or '0-0') ~= head.seq .. '-0' then
		refuse('the head does not fit the journal')
	elseif last then
		local fields = last[2]
		local first = '^{"seq":"' .. head.seq .. '","prev":"%x+","at":"(%d+)",'
		local at = #fields == 2 and fields[1] == 'e' and match(fields[2], first)
		if at ~= head.at or sub(fields[2], -75) ~= ',"hash":"' .. head.hash .. '"}' then
			refuse('the head does not fit the last record')
		end
	end
	return seq
end

local function money_answer(head, now)
	return { head.seq, head.hash, head.at, digits(head.count), digits(now) }
end

local function money_verdict(keys, args, head, now)
	local used, seq = call('HMGET', keys[3], 'print', 'seq'), money_head_check(keys[1], head)
	if used[1] then
		whole(used[2], keys[3])
		return used[1] == args[5] and 'already' or 'collision', used[2]
	elseif args[9] ~= '' and fenced(keys[4], args[9]) then
		return 'fenced', '0'
	elseif tonumber(args[1]) ~= seq + 1 or args[2] ~= head.hash then
		return 'conflict', '0'
	end
	local at = tonumber(args[6])
	local timely = at >= whole(head.at, 'head') and math.abs(at - now) <= tonumber(args[7])
	return timely and 'ok' or 'untimely', timely and args[1] or '0'
end

local function money_append(keys, args)
	money_check(keys, args)
	local head, now = money_head(keys), now_ms()
	local verdict, seq = money_verdict(keys, args, head, now)
	if verdict == 'ok' then
		append_entry(keys[1], args[1] .. '-0', 'e', args[8])
		call('HSET', keys[2], 'seq', args[1], 'hash', args[3], 'at', args[6])
		call('HSET', keys[3], 'print', args[5], 'seq', args[1])
		head = { seq = args[1], hash = args[3], at = args[6], count = head.count + 1 }
	end
	return { verdict, seq, unpack(money_answer(head, now)) }
end

local function money_read(keys, args)
	counted(keys, args, 2, 2)
	local from, left, bytes = whole(args[1], 'from'), whole(args[2], 'at most'), 0
	local answer = money_answer(money_head(keys), now_ms())
	local next_id = digits(from)
	while left > 0 and bytes < MONEY_READ_BYTES do
		local step = left < MONEY_READ_STEP and left or MONEY_READ_STEP
		local entries = call('XRANGE', keys[1], next_id, '+', 'COUNT', digits(step))
		for i = 1, #entries do
			answer[#answer + 1] = entries[i]
			bytes = bytes + #(entries[i][2][2] or '')
		end
		left = #entries == step and left - step or 0
		next_id = #entries > 0 and '(' .. entries[#entries][1] or next_id
	end
	return answer
end

register('money_append', money_append)
register('money_read', money_read, { 'no-writes' })
