--[[
The second half of a transfer between shards: the tip arrives with its
messages. Asked twice, it answers "A" the second time and changes nothing.

KEYS  as tip_accept for one shard and one tip, then: messages
ARGV  as tip_accept for one shard and one tip, then: each message
      The event of a tip with messages gets "messages":<count> here.
Result  as tip_accept
C caller: calls.c, STORE_RECEIVE
--]]
local function tip_receive(keys, args)
	local messages = keys[#keys]
	local list = {}
	for i = 3 + TIP_ARGS, #args do
		list[#list + 1] = args[i]
		args[i] = nil
	end
	keys[#keys] = nil
	if not messages or #list > 4000 or args[1] ~= '1' or args[2] ~= '1' or #args ~= 2 + TIP_ARGS then
		refuse('wrong number of keys or arguments')
	end
	if #list > 0 then
		args[3 + ARG_EVENT] = with_member(args[3 + ARG_EVENT], '"messages":' .. digits(#list))
	end
	local batch, answers, revs, seen = accept_plan(keys, args)
	if revs[1] and call('EXISTS', messages) == 1 then
		refuse('messages of nobody: ' .. messages)
	end
	accept_write(keys, args, batch, revs, seen)
	if revs[1] and #list > 0 then
		call('RPUSH', messages, unpack(list))
		call('HSET', batch.states[1], 'n', digits(#list))
	end
	return answers
end

register('tip_receive', tip_receive)
