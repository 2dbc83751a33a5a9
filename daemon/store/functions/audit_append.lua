--[[
Events of the audit trail: who read, exported, signed in, changed what. They
are about no tip's state, so the journal is all there is to write.

KEYS  1 journal
ARGV  each event, in order
Result  number of the last of them
C caller: calls_log.c, STORE_AUDIT
--]]
local AUDIT_EVENTS_MAX = 256

local function audit_append(keys, args)
	if #keys ~= 1 or #args == 0 or #args > AUDIT_EVENTS_MAX then
		refuse('wrong number of keys or arguments')
	end
	for i = 1, #args do
		check_event(args[i])
	end
	expect_type(keys[1], 'stream')
	local number = last_number(keys[1])
	for i = 1, #args do
		append(keys[1], number + i, args[i])
	end
	return { digits(number + #args) }
end

register('audit_append', audit_append)
