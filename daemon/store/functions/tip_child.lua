--[[
A tip gets or loses a child that lives in another shard. Also when the tip
itself was transferred: it keeps its list, and the answer says where it went.

KEYS  see 01_incident: 1 to 4; 5 children
ARGV  see 01_incident: 1 to 4; 5 "add" or "drop", 6 id of the child,
      7 when it was accepted, in ms
Result  see 01_incident; "ok" | "already" | "conflict" | "absent" | "fenced"
C caller: calls.c, STORE_LINK

The child keeps the tail of its id and its time when it moves: told under its
new id it takes the place of the old one.
--]]
local function tip_child(keys, args)
	local tip, answer = link_open(keys, args, 5, 7)
	local id, add = args[6], args[5] == 'add'
	whole(args[7], 'received')
	if not add and args[5] ~= 'drop' then
		refuse('neither add nor drop')
	end
	if not find(id, '^%d%d%-%w+$') or #id ~= #args[1] then
		refuse('id of the child')
	end
	expect_type(keys[5], 'zset')
	if not tip then
		return answer
	end
	local old = child_find(keys[5], id, args[7])
	if id == args[1] then
		return link_answer('conflict', tip)
	elseif (add and old == id) or (not add and not old) then
		return link_answer('already', tip)
	end

	link_write(keys, args, tip)
	child_write(keys[5], keys[1], old, add and id or nil, args[7])
	return link_answer('ok', tip)
end

register('tip_child', tip_child)
