--[[
The vault: sealed data of payees under tokens; the journal knows the tokens.

vault_put   KEYS 1 place of the token   ARGV 1 sealed bytes
            Result "ok" | "already" (these very bytes) | "collision" (others)
vault_drop  KEYS 1 place of the token
            Result "ok" | "absent"
C caller: calls_money.c, STORE_VAULT_PUT, STORE_VAULT_DROP
--]]
local VAULT_BYTES_MAX = 65536

local function vault_check(key)
	if #(match(key, '^{money}:vault:([%w_-]+)$') or '') == 0 then
		refuse('token')
	end
	expect_type(key, 'string')
end

local function vault_put(keys, args)
	counted(keys, args, 1, 1)
	vault_check(keys[1])
	if #args[1] == 0 or #args[1] > VAULT_BYTES_MAX then
		refuse('sealed')
	end
	local there = call('GET', keys[1])
	if there then
		return { there == args[1] and 'already' or 'collision' }
	end
	call('SET', keys[1], args[1])
	return { 'ok' }
end

local function vault_drop(keys, args)
	counted(keys, args, 1, 0)
	vault_check(keys[1])
	return { call('DEL', keys[1]) == 1 and 'ok' or 'absent' }
end

register('vault_put', vault_put)
register('vault_drop', vault_drop)
