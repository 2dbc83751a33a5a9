--[[
Under which weeks tips lie: the fronts of what is sealed of them, a page of all
that are in the store. Who asks page after page, from "0" to "0", sees every tip
that was there all the while, one perhaps twice.

KEYS  none: states of all shards are found by their names
ARGV  1 cursor, 2 pattern of the names of states, 3 names to look at, 4 bytes of a front
Result  next cursor, then for each tip: id, front of its content, of its identity (either may be
        empty), "here" or "leaving": it was transferred, and is not there yet
C caller: calls_weeks.c, STORE_FRONTS

Tips with neither are left out, unless they are leaving: what is on its way has the content.
--]]
do -- a Lua function has room for 200 names
local LOOK_MAX = 1000

-- The same tip in the shard to which it went has the tail of its id.
local function is_leaving(key, id)
	local state = call('HMGET', key, 's', 'b')
	local region = state[1] == 'transferred' and match(state[2] or '', '^(%d%d)')
	return region and call('EXISTS', '{' .. region .. '}:state:' .. region .. sub(id, 3)) == 0
end

local function tip_fronts(keys, args)
	counted(keys, args, 0, 4)
	whole(args[3], 'look')
	if tonumber(args[3]) > LOOK_MAX then
		refuse('look out of range')
	end
	local last = digits(whole(args[4], 'front') - 1)
	local page = call('SCAN', args[1], 'MATCH', args[2], 'COUNT', args[3])
	local reply = { page[1] }
	for _, key in ipairs(page[2]) do
		local tag, id = match(key, '^({%d%d}:)state:(.+)$')
		if tag then
			local content = call('GETRANGE', tag .. 'tip:' .. id, '0', last)
			local identity = call('GETRANGE', tag .. 'identity:' .. id, '0', last)
			local leaving = is_leaving(key, id)
			if content ~= '' or identity ~= '' or leaving then
				local n = #reply
				reply[n + 1], reply[n + 2], reply[n + 3], reply[n + 4] = id, content, identity, leaving and 'leaving' or 'here'
			end
		end
	end
	return reply
end

register('tip_fronts', tip_fronts, { 'no-writes' })
end
