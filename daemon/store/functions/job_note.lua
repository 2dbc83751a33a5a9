--[[
A job writes down how far it has come; the next holder of its lease reads it.

KEYS  1 job
ARGV  1 fence, 2 note
Result  "ok" | "fenced"
C caller: calls.c, STORE_JOB_NOTE
--]]
local function job_note(keys, args)
	counted(keys, args, 1, 2)
	local note = whole(args[2], 'note')
	if fenced(keys[1], args[1]) then
		return { 'fenced' }
	end
	call('HSET', keys[1], 'note', digits(note))
	return { 'ok' }
end

register('job_note', job_note)
