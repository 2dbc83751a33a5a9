--[[
The queues of a shard with their counts.

KEYS  1 queues, 2 held, 3 prefix of queues, 4 escalated
ARGV  none
Result  per region that ever had a tip: region, waiting, held,
        received ms of the oldest of the 100 best waiting, points of the best,
        open tips that passed from here to a level above
C caller: calls.c, STORE_QUEUES
--]]
local function queue_head(key)
	local head = call('ZRANGE', key, '0', '99', 'WITHSCORES')
	local oldest, best
	for i = 2, #head, 2 do
		local rank = tonumber(head[i])
		local received = rank % 1e13
		best = best or 100 - floor(rank / 1e13)
		oldest = (not oldest or received < oldest) and received or oldest
	end
	return digits(oldest or 0), digits(best or 0)
end

local function queues_read(keys, args)
	counted(keys, args, 4, 0)
	local regions = call('SMEMBERS', keys[1])
	local reply = {}
	table.sort(regions)
	for i = 1, #regions do
		local key = keys[3] .. regions[i]
		local oldest, best = queue_head(key)
		local from, to = '[' .. regions[i] .. ' ', '(' .. regions[i] .. '!'
		reply[i] = { regions[i], digits(call('ZCARD', key)), call('HGET', keys[2], regions[i]) or '0', oldest, best,
			digits(call('ZLEXCOUNT', keys[4], from, to)) }
	end
	return reply
end

register('queues_read', queues_read, { 'no-writes' })
