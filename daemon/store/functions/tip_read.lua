--[[
One tip, whole, at one moment.

KEYS  1 state, 2 tip, 3 messages, 4 identity
ARGV  1 "1": with the sealed identity
Result  row (row_of), identity, messages | nothing when there is no such tip
C caller: calls.c, STORE_READ
--]]
local function tip_read(keys, args)
	counted(keys, args, 4, 1)
	local tip = load_state(keys[1])
	if not tip then
		return {}
	end
	local id = match(keys[1], '[^:]+$')
	local identity = args[1] == '1' and call('GET', keys[4]) or ''
	return { row_of(id, tip, call('GET', keys[2])), identity, call('LRANGE', keys[3], '0', '-1') }
end

register('tip_read', tip_read, { 'no-writes' })
