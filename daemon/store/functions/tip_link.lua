--[[
A tip hangs under another one, or no longer does.

KEYS  see 01_incident: 1 to 4; when the other one is of the same shard
      5 its state, 6 its children
ARGV  see 01_incident: 1 to 4; 5 "set" or "unset", 6 id of the other one,
      7 when it was accepted, in ms; of the same shard its state tells;
      8 why, "<percent> <words>"; empty with "unset"
Result  see 01_incident; "ok" | "already" | "conflict" | "absent" | "fenced"
C caller: calls.c, STORE_LINK

A parent is older than its child, by time and then by id: so there is no ring.
--]]
local function link_is_older(received, id, tip, than)
	local a, b = tonumber(received), tonumber(tip.received)
	return a < b or (a == b and id < than)
end

local function link_set_verdict(keys, args, tip, near, list)
	local at = pairs_find(list, args[6])
	if tip.parent == args[6] then
		return 'already'
	elseif tip.parent ~= '' or (args[3] ~= '' and at and list[at].declined) then
		return 'conflict'
	end
	local received = args[7]
	if near then
		local other = load_state(keys[5])
		if not other then
			return 'absent'
		end
		received = other.received
	end
	return link_is_older(received, args[6], tip, args[1]) and 'ok' or 'conflict'
end

local function link_unset_verdict(args, tip, list)
	local at = pairs_find(list, args[6])
	if tip.parent == args[6] then
		return 'ok'
	end
	return at and list[at].declined and 'already' or 'conflict'
end

local function link_verdict(keys, args, tip, near, list)
	if args[1] == args[6] or tip.state == 'transferred' then
		return 'conflict'
	elseif args[5] == 'set' then
		return link_set_verdict(keys, args, tip, near, list)
	end
	return link_unset_verdict(args, tip, list)
end

local function link_check(keys, args, near)
	whole(args[7], 'received')
	if args[5] ~= 'set' and args[5] ~= 'unset' then
		refuse('neither set nor unset')
	end
	if not find(args[6], '^%d%d%-%w+$') or #args[6] ~= #args[1] then
		refuse('id of the other tip')
	end
	if #args[8] > 36 or (args[5] == 'set') ~= (find(args[8], '^%d+ [%l_,]*$') ~= nil) then
		refuse('why')
	end
	if near then
		expect_type(keys[5], 'hash')
		expect_type(keys[6], 'zset')
	end
end

local function tip_link(keys, args)
	local near = #args == 8 and sub(args[1], 1, 2) == sub(args[6], 1, 2)
	local tip, answer = link_open(keys, args, near and 6 or 4, 8)
	link_check(keys, args, near)
	if not tip then
		return answer
	end
	local list = pairs_of(tip.suggestions)
	local verdict = link_verdict(keys, args, tip, near, list)
	if verdict ~= 'ok' then
		return link_answer(verdict, tip)
	end
	local set, at = args[5] == 'set', pairs_find(list, args[6])
	if not set then
		pairs_decline(list, args[6])
	elseif at then
		table.remove(list, at)
	end
	local old = near and child_find(keys[6], args[1], tip.received)

	tip.parent = set and args[6] or ''
	link_write(keys, args, tip)
	link_field(keys[1], 'i', set and args[6] .. ' ' .. args[8] or '')
	if not set or at then
		link_field(keys[1], 'o', pairs_text(list))
	end
	if near and (set or old) then
		child_write(keys[6], keys[5], old, set and args[1] or nil, tip.received)
	end
	return link_answer('ok', tip)
end

register('tip_link', tip_link)
