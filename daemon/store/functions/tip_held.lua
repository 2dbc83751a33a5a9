--[[
What one officer holds in a shard.

KEYS  1 holders, 2 prefix of states, 3 prefix of tips
ARGV  1 holder, 2 at most
Result  now ms, rows (row_of)
C caller: calls.c, STORE_HELD
--]]
local function tip_held(keys, args)
	counted(keys, args, 3, 2)
	local max = whole(args[2], 'max')
	local from, to = '[' .. args[1] .. '\0', '(' .. args[1] .. '\1'
	local members = call('ZRANGE', keys[1], from, to, 'BYLEX', 'LIMIT', '0', digits(max))
	local reply = { digits(now_ms()) }
	for i = 1, #members do
		local id = sub(members[i], #args[1] + 2)
		local tip = load_state(keys[2] .. id)
		if tip then
			reply[#reply + 1] = row_of(id, tip, call('GET', keys[3] .. id))
		end
	end
	return reply
end

register('tip_held', tip_held, { 'no-writes' })
