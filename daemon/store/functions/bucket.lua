--[[
Token buckets that several processes share: the time at which one will be full again.

bucket_take  KEYS 1 the bucket
             ARGV 1 what it gives at once, 2 what it gives in an hour
             Result "ok" | "untimely", ms to wait
C caller: calls_memo.c, STORE_BUCKET

A bucket is worth nothing after a restart, so it is in memory alone: neither in
the append-only file, where each would cost an fsync, nor on a replica. It is
gone when it is full.
--]]
local function bucket_take(keys, args)
	counted(keys, args, 1, 2)
	local burst, hourly = whole(args[1], 'burst'), whole(args[2], 'rate')
	if #(match(keys[1], '^{00}:bucket:(%x+)$') or '') ~= 32 then
		refuse('mark')
	end
	if burst < 1 or burst > 1e6 or hourly < 1 or hourly > 3.6e9 then
		refuse('limits')
	end
	expect_type(keys[1], 'string')
	local time = call('TIME')
	local now, each = time[1] * 1e6 + time[2], 3.6e9 / hourly
	local most = burst * each
	local full = tonumber(call('GET', keys[1]) or '0') or 0
	-- A clock that was set back makes nobody wait longer than an empty bucket does.
	full = math.min(math.max(full, now), now + most) + each
	if full - now > most + 0.5 then
		return { 'untimely', digits(math.ceil((full - now - most) / 1000)) }
	end
	redis.set_repl(redis.REPL_NONE)
	call('SET', keys[1], digits(full), 'PX', digits(math.ceil((full - now) / 1000) + 1))
	return { 'ok', '0' }
end

register('bucket_take', bucket_take)
