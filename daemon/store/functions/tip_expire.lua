--[[
Leases that ran out: the tips go back to the queues they came from.

KEYS  1 journal, 2 leases, 3 held, 4 holders, 5 queues, 6 job,
      7 prefix of states, 8 prefix of queues
ARGV  1 fence, 2 at most, 3 state to set
Result  "ok", how many, now ms | "fenced"
C caller: calls.c, STORE_EXPIRE
--]]

-- Those due that are in order; what must not be written over is checked here.
local function expire_find(keys, ids)
	local found, checked, delta = {}, {}, {}
	for i = 1, #ids do
		local tip = load_state(keys[7] .. ids[i])
		if tip and tip.until_ms then
			local queue = keys[8] .. tip.region
			if not checked[queue] then
				expect_type(queue, 'zset')
				checked[queue] = true
			end
			delta[tip.region] = (delta[tip.region] or 0) - 1
			found[#found + 1] = { id = ids[i], tip = tip, queue = queue,
				rank = rank_of(whole(tip.points, 'points'), whole(tip.received, 'received')) }
		end
	end
	return found, held_plan(keys[3], delta)
end

local function tip_expire(keys, args)
	counted(keys, args, 8, 3)
	if fenced(keys[6], args[1]) then
		return { 'fenced' }
	end
	local now = digits(now_ms())
	expect_type(keys[4], 'zset')
	expect_type(keys[5], 'set')
	local max = whole(args[2], 'max')
	if max > 1000 then
		refuse('max out of range')
	end
	local ids = call('ZRANGEBYSCORE', keys[2], '-inf', now, 'LIMIT', '0', digits(max))
	local found, held = expire_find(keys, ids)
	local number = last_number(keys[1])

	for i = 1, #found do
		local id, tip = found[i].id, found[i].tip
		number = number + 1
		append_of(tip, keys[1], number, '{"e":"lease_expired","id":"' .. id .. '","at":' .. now .. ',"region":"'
			.. tip.region .. '"}')
		call('ZREM', keys[2], id)
		call('ZREM', keys[4], holder_member(tip.holder, id))
		call('HSET', keys[7] .. id, 's', args[3], 'v', digits(number))
		call('HDEL', keys[7] .. id, 'h', 'u')
		call('ZADD', found[i].queue, found[i].rank, id)
		call('SADD', keys[5], tip.region)
	end
	held_write(keys[3], held)
	return { 'ok', digits(#found), now }
end

register('tip_expire', tip_expire)
