--[[
What retention takes away of a tip that has ended.

tip_ended
KEYS  1 ended, 2 prefix of states
ARGV  1 ended ms from which on, 2 id behind which, or empty, 3 at most, 4 ended ms up to which
Result  now ms, rows (row_of) without what is sealed, by end and then id
C caller: calls_retention.c, STORE_ENDED

tip_erase
KEYS  1 state, 2 tip, 3 messages, 4 identity, 5 files, 6 children, 7 journal, 8 ended,
      9 clocks, 10 asked, 11 erased, 12 doomed, 13 job
ARGV  1 id, 2 expected rev, 3 event, 4 fence, 5 parts: "i", "f", "t", "r", one behind the other,
      6 state to set, 7 field e afterwards, 8 not before ms, 9 "<month> <region> <outcome>"
      With "r" all the others go, too. Names of files go to doomed: the files themselves are still there.
Result  "ok" | "fenced" | "absent" | "conflict" | "untimely", rev, now ms, "0"
        "conflict": it changed, has not ended, or is held
C caller: calls_retention.c, STORE_ERASE

files_doomed
KEYS  1 doomed
ARGV  1 at most
Result  id, names, id, names ...
C caller: calls_retention.c, STORE_DOOMED

The body stands in a block: the library has almost as many locals as Lua allows.
--]]
do
	local ENDED_MAX = 1000
	local PART_WORDS = { i = 'identity', f = 'files', t = 'text', r = 'row' }

	-- How many at that very time come up to this id: they were looked at before.
	local function ended_skip(key, from, after)
		local same, n = after ~= '' and call('ZRANGEBYSCORE', key, from, from) or {}, 0
		for i = 1, #same do
			if same[i] <= after then
				n = i
			end
		end
		return n
	end

	local function tip_ended(keys, args)
		counted(keys, args, 2, 4)
		whole(args[1], 'from')
		whole(args[4], 'until')
		local max = whole(args[3], 'max')
		if max > ENDED_MAX then
			refuse('max out of range')
		end
		local ids = call('ZRANGEBYSCORE', keys[1], args[1], args[4], 'LIMIT', digits(ended_skip(keys[1], args[1], args[2])), args[3])
		local reply = { digits(now_ms()) }
		for i = 1, #ids do
			local tip = load_state(keys[2] .. ids[i])
			if tip then
				reply[#reply + 1] = row_of(ids[i], tip)
			end
		end
		return reply
	end

	register('tip_ended', tip_ended, { 'no-writes' })

	local function erase_check(keys, args)
		counted(keys, args, 13, 9)
		check_event(args[3])
		whole(args[8], 'not before')
		if not find(args[5], '^[iftr]+$') or not find(args[7], '^%d+ %l+ %d+$') or not find(args[9], '^%d+%-%d+ %d+ %l+$') then
			refuse('parts, end or count')
		end
		expect_type(keys[5], 'string')
		expect_type(keys[8], 'zset')
		expect_type(keys[9], 'zset')
		expect_type(keys[10], 'zset')
		expect_type(keys[11], 'hash')
		expect_type(keys[12], 'hash')
	end

	-- The answer when nothing is to be written, or nil.
	local function erase_refusal(keys, args, tip, now)
		if fenced(keys[13], args[4]) then
			return { 'fenced', '0', digits(now), '0' }
		elseif not tip then
			return { 'absent', '0', digits(now), '0' }
		elseif tip.rev ~= args[2] or tip.ended == '' or tip.hold ~= '' or tip.until_ms then
			return { 'conflict', tip.rev, digits(now), '0' }
		elseif now < tonumber(args[8]) then
			return { 'untimely', tip.rev, digits(now), '0' }
		end
	end

	local function erase_files(keys, id)
		local names, before = call('GET', keys[5]), call('HGET', keys[12], id)
		if names then
			call('HSET', keys[12], id, before and before .. ' ' .. names or names)
			call('DEL', keys[5])
		end
	end

	local function erase_text(keys, id)
		call('DEL', keys[2], keys[3])
		call('HDEL', keys[1], 'n')
		call('HSET', keys[1], 'k', '- 0 0')
		call('ZREM', keys[9], id)
		call('ZREM', keys[10], id)
	end

	local function tip_erase(keys, args)
		erase_check(keys, args)
		local tip, now, id, parts = load_state(keys[1]), now_ms(), args[1], args[5]
		local refusal = erase_refusal(keys, args, tip, now)
		if refusal then
			return refusal
		end
		local rev = digits(last_number(keys[7]) + 1)

		append_of(tip, keys[7], tonumber(rev), args[3])
		if find(parts, 'i') then
			call('DEL', keys[4])
		end
		if find(parts, 'f') then
			erase_files(keys, id)
		end
		if find(parts, 't') then
			erase_text(keys, id)
		end
		if find(parts, 'r') then
			erase_files(keys, id)
			erase_text(keys, id)
			call('DEL', keys[1], keys[4], keys[6])
			call('ZREM', keys[8], id)
		else
			call('HSET', keys[1], 's', args[6], 'v', rev, 'e', args[7])
		end
		for i = 1, #parts do
			call('HINCRBY', keys[11], args[9] .. ' ' .. PART_WORDS[sub(parts, i, i)], 1)
		end
		return { 'ok', rev, digits(now), '0' }
	end

	register('tip_erase', tip_erase)

	local function files_doomed(keys, args)
		counted(keys, args, 1, 1)
		local max, found = whole(args[1], 'max'), call('HGETALL', keys[1])
		for i = #found, 2 * max + 1, -1 do
			found[i] = nil
		end
		return found
	end

	register('files_doomed', files_doomed, { 'no-writes' })
end
