--[[
A data key sealed anew, to other public keys.

data_key_swap   KEYS 1 datakeys   ARGV 1 id of the data key, 2 sealed as it is, 3 sealed as it shall be
                Result "ok" | "already" (it is so) | "conflict" (it is otherwise) | "absent"
C caller: calls.c, STORE_DATA_KEY_SWAP
--]]
local DATA_KEY_BYTES_MAX = 1024

local function data_key_swap(keys, args)
	counted(keys, args, 1, 3)
	if not match(keys[1], '^{%d%d}:datakeys$') or #args[1] ~= 8 or #args[3] == 0 or #args[3] > DATA_KEY_BYTES_MAX then
		refuse('data key')
	end
	expect_type(keys[1], 'hash')
	local there = call('HGET', keys[1], args[1])
	if not there then
		return { 'absent' }
	elseif there == args[3] then
		return { 'already' }
	elseif there ~= args[2] then
		return { 'conflict' }
	end
	call('HSET', keys[1], args[1], args[3])
	return { 'ok' }
end

register('data_key_swap', data_key_swap)
