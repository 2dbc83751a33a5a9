--[[
A tip may belong to the incident of another one, or a person said no to that.

KEYS  see 01_incident: 1 to 4
ARGV  see 01_incident: 1 to 4; 5 "suggest" or "decline", 6 id of the other one,
      7 percent, 8 words of the judgement; both only with "suggest"
Result  see 01_incident; "ok" | "already" | "conflict" | "absent" | "fenced"
C caller: calls.c, STORE_LINK
--]]
local WHY_MAX = 32

local function suggest_check(args)
	if args[5] ~= 'suggest' and args[5] ~= 'decline' then
		refuse('neither suggest nor decline')
	end
	if not find(args[6], '^%d%d%-%w+$') or #args[6] ~= #args[1] then
		refuse('id of the other tip')
	end
	if whole(args[7], 'percent') > 100 or #args[8] > WHY_MAX or find(args[8], '[^a-z_,]') then
		refuse('percent or words')
	end
end

local function suggest_verdict(args, tip, list)
	local at = pairs_find(list, args[6])
	if args[1] == args[6] or tip.state == 'transferred' then
		return 'conflict'
	elseif args[5] == 'suggest' then
		return (at or tip.parent == args[6] or #list >= SUGGESTIONS_MAX) and 'already' or 'ok'
	elseif tip.parent == args[6] then
		return 'conflict'
	end
	return at and list[at].declined and 'already' or 'ok'
end

local function tip_suggest(keys, args)
	local tip, answer = link_open(keys, args, 4, 8)
	suggest_check(args)
	if not tip then
		return answer
	end
	local list = pairs_of(tip.suggestions)
	local verdict = suggest_verdict(args, tip, list)
	if verdict ~= 'ok' then
		return link_answer(verdict, tip)
	end
	if args[5] == 'decline' then
		pairs_decline(list, args[6])
	else
		list[#list + 1] = { id = args[6], rest = args[7] .. ' ' .. args[8] }
	end

	link_write(keys, args, tip, 'o', pairs_text(list))
	return link_answer('ok', tip)
end

register('tip_suggest', tip_suggest)
