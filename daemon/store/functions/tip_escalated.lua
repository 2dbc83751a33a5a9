--[[
Open tips that passed to a level above from a region and what lies beneath it.

KEYS  1 escalated, 2 prefix of states, 3 prefix of tips
ARGV  1 first digits of the region, in pairs; empty: all, 2 at most
Result  now ms, rows (row_of)
C caller: calls.c, STORE_ESCALATED
--]]
local function tip_escalated(keys, args)
	counted(keys, args, 3, 2)
	local max, digits_of = whole(args[2], 'max'), args[1]
	if max > 1000 or not find(digits_of, '^%d*$') then
		refuse('max or region')
	end
	local members = call('ZRANGE', keys[1], '[' .. digits_of, '(' .. digits_of .. ':', 'BYLEX', 'LIMIT', '0',
		digits(max))
	local reply = { digits(now_ms()) }
	for i = 1, #members do
		local id = sub(members[i], 8)
		local tip = load_state(keys[2] .. id)
		if tip then
			reply[#reply + 1] = row_of(id, tip, call('GET', keys[3] .. id))
		end
	end
	return reply
end

register('tip_escalated', tip_escalated, { 'no-writes' })

--[[
Who holds tips in a shard, each name once.

KEYS  1 holders
ARGV  1 at most
Result  names
C caller: calls.c, STORE_HOLDERS
--]]
local function tip_holders(keys, args)
	counted(keys, args, 1, 1)
	local max, names, from = whole(args[1], 'max'), {}, '-'
	while #names < max do
		local member = call('ZRANGE', keys[1], from, '+', 'BYLEX', 'LIMIT', '0', '1')[1]
		local name = member and match(member, '^(.-)%z')
		if not name then
			break
		end
		names[#names + 1] = name
		from = '(' .. name .. '\1'
	end
	return names
end

register('tip_holders', tip_holders, { 'no-writes' })
