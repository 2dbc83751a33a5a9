--[[
Takes or renews the lease of a job in a shard. The fence goes up with every
new holder, so that what an earlier one still sends is refused.

KEYS  1 job
ARGV  1 holder, 2 lease ms
Result  "ok" | "fenced" (another holds it), fence, now ms, note (see job_note)
C caller: calls.c, STORE_JOB_LEASE
--]]
local function job_lease(keys, args)
	counted(keys, args, 1, 2)
	local lease, now = whole(args[2], 'lease'), now_ms()
	local job = call('HMGET', keys[1], 'holder', 'until', 'fence', 'note')
	local fence, note = whole(job[3] or '0', keys[1]), job[4] or '0'
	if args[1] == '' then
		refuse('holder')
	end
	if job[1] and job[1] ~= args[1] then
		if whole(job[2], keys[1]) > now then
			return { 'fenced', digits(fence), digits(now), note }
		end
		fence = fence + 1
	elseif not job[1] then
		fence = fence + 1
	end
	call('HSET', keys[1], 'holder', args[1], 'until', digits(now + lease), 'fence', digits(fence))
	return { 'ok', digits(fence), digits(now), note }
end

register('job_lease', job_lease)
