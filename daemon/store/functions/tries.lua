--[[
Failures of secrets that were tried: how often, since when, when last.

A table of fixed size, 4,096 sets of 8: the marks are keyed, so nobody outside
can choose whose set it is, and where a set is full the one that failed longest
ago gives way. A set that was left alone for a period is gone.

try_fail   KEYS 1 set of the mark
           ARGV 1 mark in hex, 2 free ones, 3 most in a period, 4 longest wait s, 5 period s
           Result "ok" | "untimely" | "conflict", failures, ms to wait
C caller: calls_money.c, STORE_TRY
--]]
local TRY_WAYS = 8

local function try_load(fields)
	local marks, n = {}, 0
	for i = 1, #fields, 2 do
		local count, first, last = match(fields[i + 1], '^(%d+) (%d+) (%d+)$')
		if count then
			marks[fields[i]] = { count = tonumber(count), first = tonumber(first), last = tonumber(last) }
			n = n + 1
		end
	end
	return marks, n
end

-- After the free ones 2, 4, 8 ... seconds since the last.
local function try_wait(count, free, longest)
	if count < free then
		return 0
	end
	local more = count - free + 1
	local seconds = more < 32 and 2 ^ more or longest
	return 1000 * (seconds < longest and seconds or longest)
end

local function try_oldest(marks)
	local oldest
	for mark, at in pairs(marks) do
		if not oldest or at.last < marks[oldest].last or (at.last == marks[oldest].last and mark < oldest) then
			oldest = mark
		end
	end
	return oldest
end

local function try_fail(keys, args)
	counted(keys, args, 1, 5)
	local free, most = whole(args[2], 'free'), whole(args[3], 'most')
	local longest, period = whole(args[4], 'longest'), whole(args[5], 'period')
	local set = match(keys[1], '^{money}:failures:(%x%x%x)$')
	if not set or #args[1] ~= 32 or find(args[1], '%X') or sub(args[1], 1, 3) ~= set then
		refuse('mark')
	end
	if most < 1 or free > most or period < 1 or period > 1e9 then
		refuse('limits')
	end
	expect_type(keys[1], 'hash')
	local now, marks, n = now_ms(), try_load(call('HGETALL', keys[1]))
	local at = marks[args[1]]
	if at and now - at.first >= 1000 * period then
		at = { count = 0, first = now, last = 0 }
	end
	if at and at.count >= most then
		return { 'conflict', digits(at.count), '0' }
	end
	local early = at and at.count > 0 and at.last + try_wait(at.count, free, longest) - now or 0
	if early > 0 then
		return { 'untimely', digits(at.count), digits(early) }
	end
	at = at or { count = 0, first = now }
	if not marks[args[1]] and n >= TRY_WAYS then
		call('HDEL', keys[1], try_oldest(marks))
	end
	call('HSET', keys[1], args[1], digits(at.count + 1) .. ' ' .. digits(at.first) .. ' ' .. digits(now))
	call('EXPIRE', keys[1], digits(period))
	return { 'ok', digits(at.count + 1), '0' }
end

register('try_fail', try_fail)
