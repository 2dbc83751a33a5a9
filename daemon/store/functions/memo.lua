--[[
Memos: what is remembered of a telephone, sealed, for some time.

memo_put   KEYS 1 the memo, 2 what stands beside it, or one key alone
           ARGV 1 as it was read, or empty: there was none, 2 sealed bytes, 3 seconds to keep;
                4, 5 the same two of what stands beside it
           Result "ok" | "already" (these very bytes) | "conflict" (others: nothing was written)
memo_with  KEYS 1 the state of a tip, then as memo_put
           ARGV 1 the tip's receipt mark, then as memo_put
           Result as memo_put; "absent": no such tip with that mark, and nothing was written
C caller: calls_memo.c, STORE_MEMO_PUT
--]]
do -- a Lua function has room for 200 names
local MEMO_BYTES_MAX = 8192

local function memo_check(key, sealed, seconds)
	local keep = whole(seconds, 'seconds')
	if #(match(key, '^{%d%d}:memo:(%x+)$') or '') ~= 32 then
		refuse('mark')
	end
	if #sealed == 0 or #sealed > MEMO_BYTES_MAX or keep < 1 or keep > 1e9 then
		refuse('memo')
	end
	expect_type(key, 'string')
end

local function memo_put(keys, args)
	counted(keys, args, #keys == 2 and 2 or 1, #keys == 2 and 5 or 3)
	memo_check(keys[1], args[2], args[3])
	if keys[2] then
		memo_check(keys[2], args[4], args[5])
	end
	local there = call('GET', keys[1]) or ''
	local already = there == args[2]
	if not already and there ~= args[1] then
		return { 'conflict' }
	end
	call('SET', keys[1], args[2], 'EX', args[3])
	if keys[2] then
		call('SET', keys[2], args[4], 'EX', args[5])
	end
	return { already and 'already' or 'ok' }
end

-- A tip and its memo come in two calls, one behind the other: whatever became of the first one, the second names no tip
-- that is not there, or somebody else's.
local function memo_with(keys, args)
	local state, mark = keys[1], args[1]
	if not match(state or '', '^{%d%d}:state:') or #(mark or '') ~= 16 then
		refuse('tip')
	end
	expect_type(state, 'hash')
	local base = call('HGET', state, 'b')
	table.remove(keys, 1)
	table.remove(args, 1)
	if not base or sub(base, -16) ~= mark then
		return { 'absent' }
	end
	return memo_put(keys, args)
end

register('memo_put', memo_put)
register('memo_with', memo_with)
end
