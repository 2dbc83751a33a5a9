--[[
The front of what is sealed of a tip becomes another one: it lies under another
week's key then. No event: nothing that anybody may read changes.

KEYS  1 tip, 2 identity, or one key alone
ARGV  for each key: its first bytes as they were read, what they become
Result  "ok" | "already" (they begin so) | "conflict" (otherwise: nothing was written) | "absent"
C caller: calls.c, STORE_COVER
--]]
do -- a Lua function has room for 200 names
local FRONT_BYTES_MAX = 1024

local function begins(text, front)
	return sub(text, 1, #front) == front
end

local function tip_cover(keys, args)
	counted(keys, args, #keys == 2 and 2 or 1, #keys == 2 and 4 or 2)
	local there, same = {}, true
	for i, key in ipairs(keys) do
		local was, now = args[2 * i - 1], args[2 * i]
		if not match(key, i == 1 and '^{%d%d}:tip:' or '^{%d%d}:identity:') then
			refuse('key')
		end
		if #was == 0 or #was > FRONT_BYTES_MAX or #now == 0 or #now > FRONT_BYTES_MAX then
			refuse('front')
		end
		expect_type(key, 'string')
		there[i] = call('GET', key) or ''
		same = same and begins(there[i], now)
	end
	if there[1] == '' then
		return { 'absent' }
	end
	if same then
		return { 'already' }
	end
	for i in ipairs(keys) do
		if not begins(there[i], args[2 * i - 1]) then
			return { 'conflict' }
		end
	end
	for i, key in ipairs(keys) do
		call('SET', key, args[2 * i] .. sub(there[i], #args[2 * i - 1] + 1))
	end
	return { 'ok' }
end

register('tip_cover', tip_cover)
end
