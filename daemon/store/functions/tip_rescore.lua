--[[
A waiting tip has other points, because others told the same or because of what
became of its sender's earlier tips: it takes its new place in the queue.

KEYS  see 01_incident: 1 to 4; 5 prefix of queues, 6 clocks, 7 asked
ARGV  see 01_incident: 1 to 4; 5 points, 6 context or empty, 7 state it must have, 8 priority 0..3
Result  see 01_incident; "ok" | "already" | "conflict" | "absent" | "fenced"
C caller: calls.c, STORE_LINK
--]]
local CONTEXT_MAX = 64

local function tip_rescore(keys, args)
	local tip, answer = link_open(keys, args, 7, 8)
	local points = whole(args[5], 'points')
	if points > 100 or #args[6] > CONTEXT_MAX or find(args[6], '[^%d ]') then
		refuse('points or context')
	end
	if not tip then
		return answer
	elseif tip.state ~= args[7] then
		return link_answer('conflict', tip)
	elseif tonumber(tip.points) == points and tip.context == args[6] then
		return link_answer('already', tip)
	end
	local queue = keys[5] .. tip.region
	local rank = rank_of(points, whole(tip.received, 'received'))
	local band = clock_band(args[8])
	expect_type(queue, 'zset')
	expect_type(keys[6], 'zset')
	expect_type(keys[7], 'zset')

	link_write(keys, args, tip, 'b', base_of(tip.region, digits(points), tip))
	link_field(keys[1], 'c', args[6])
	call('ZADD', queue, rank, args[1])
	clock_write(keys[6], keys[7], args[1], tip.region, tip.clock, band)
	return link_answer('ok', tip)
end

register('tip_rescore', tip_rescore)
