--[[
Takes the best tips of some queues under a lease: merges the heads, appends
one event per tip, answers with the tips' rows. The cost depends on how many
are taken and on how many queues are asked, not on how many wait.

KEYS  1 journal, 2 leases, 3 held, 4 holders, 5 prefix of states,
      6 prefix of tips, 7 clocks, then the queues
ARGV  1 at most, 2 lease ms, 3 holder, 4 holder as JSON text,
      5 state to find, 6 state to set, 7 hands that a claim starts anew, 8 hand they become
      (see 02_clock), 9 the only tip wanted, or empty, then the region of each queue
      A clock that starts appends "since":<ms> to the event, and "waited":<ms>: how long the
      one ran that nobody had opened it.
Result  now ms, rows (row_of)
C caller: calls.c, STORE_CLAIM
--]]
do -- a Lua function has room for 200 names

local CLAIM_SKIPS_MAX = 1000

-- The next waiting ids of a queue, fetched in pieces.
local function claim_fill(queue)
	queue.ids = call('ZRANGE', queue.key, digits(queue.from), digits(queue.from + queue.piece - 1), 'WITHSCORES')
	queue.from = queue.from + queue.piece
	queue.at = 1
	queue.rank = queue.ids[2] and tonumber(queue.ids[2])
end

local function claim_next(queue)
	queue.at = queue.at + 2
	if queue.ids[queue.at] then
		queue.rank = tonumber(queue.ids[queue.at + 1])
	elseif #queue.ids == 2 * queue.piece then
		claim_fill(queue)
	else
		queue.rank = nil
	end
end

-- The queue whose head goes first: lower rank, then lower id.
local function claim_best(queues)
	local best
	for i = 1, #queues do
		local queue = queues[i]
		if queue.rank and (not best or queue.rank < best.rank
			or (queue.rank == best.rank and queue.ids[queue.at] < best.ids[best.at])) then
			best = queue
		end
	end
	return best
end

-- That very tip, if it waits in one of the queues.
local function claim_only(keys, args)
	local id, queues, picked = args[9], {}, {}
	local tip = load_state(keys[5] .. id)
	for i = 1, #keys - 7 do
		local waits = tip and tip.state == args[5] and tip.region == args[9 + i]
		queues[i] = { key = keys[7 + i], region = args[9 + i], taken = { waits and id or nil } }
		picked[#picked + 1] = waits and { id = id, tip = tip } or nil
	end
	return queues, picked
end

-- Picks up to `max` tips that are waiting; a queue entry without such a state is passed over.
local function claim_pick(keys, args, max)
	local queues, picked, skips = {}, {}, 0
	local nqueues = #keys - 7
	if args[9] ~= '' then
		return claim_only(keys, args)
	end
	for i = 1, nqueues do
		local piece = nqueues == 1 and max or math.min(max, math.max(8, floor(2 * max / nqueues)))
		queues[i] = { key = keys[7 + i], region = args[9 + i], from = 0, piece = piece, taken = {} }
		claim_fill(queues[i])
	end
	while #picked < max and skips < CLAIM_SKIPS_MAX do
		local queue = claim_best(queues)
		if not queue then
			break
		end
		local id = queue.ids[queue.at]
		local tip = load_state(keys[5] .. id)
		if tip and tip.state == args[5] and tip.region == queue.region then
			picked[#picked + 1] = { id = id, tip = tip }
			queue.taken[#queue.taken + 1] = id
		else
			skips = skips + 1
		end
		claim_next(queue)
	end
	return queues, picked
end

local function claim_check(keys, args)
	local max, lease = whole(args[1], 'max'), whole(args[2], 'lease')
	if #keys < 8 or #args ~= #keys + 2 or max < 1 or max > 500 or lease < 1 then
		refuse('wrong number of keys or arguments')
	end
	if args[3] == '' or find(args[3], '%z') or not find(args[4], '^".*"$') then
		refuse('holder')
	end
	expect_type(keys[2], 'zset')
	expect_type(keys[4], 'zset')
	expect_type(keys[7], 'zset')
	if not find(args[9], '^[%w-]*$') then
		refuse('id')
	end
	if not find(args[7], '^[-ups]+$') or not find(args[8], '^[ups]$') then
		refuse('hands')
	end
	return max, lease
end

local function claim_sealed(keys, picked)
	local names = {}
	for i = 1, #picked do
		names[i] = keys[6] .. picked[i].id
	end
	return call('MGET', unpack(names))
end

-- Queues, leases, holders: one call each, whatever the number of tips.
local function claim_move(keys, args, queues, picked, until_ms)
	local leases, holders = {}, {}
	for i = 1, #picked do
		leases[2 * i - 1], leases[2 * i] = until_ms, picked[i].id
		holders[2 * i - 1], holders[2 * i] = '0', holder_member(args[3], picked[i].id)
	end
	call('ZADD', keys[2], unpack(leases))
	call('ZADD', keys[4], unpack(holders))
	for i = 1, #queues do
		if #queues[i].taken > 0 then
			call('ZREM', queues[i].key, unpack(queues[i].taken))
		end
	end
end

-- What is said of a clock that starts with a claim; one that stood still says not how long.
local function claim_since(hand, began, now)
	local waited = tonumber(now) - tonumber(began)
	return ',"since":' .. now .. (hand ~= '-' and ',"waited":' .. digits(waited > 0 and waited or 0) or '')
end

-- The clock of a tip after its claim, what the event says of it, and its rank where it changes.
local function claim_clock(keys, args, picked, now)
	local hand, began, rest = match(picked.tip.clock, '^(.) (%d+) (%d+)$')
	if not find(args[7], hand, 1, true) then
		return picked.tip.clock, ''
	end
	local rank = call('ZSCORE', keys[7], picked.id)
	local band = rank and floor(tonumber(rank) / CLOCK_CLASS) % 4
	return args[8] .. ' ' .. now .. ' ' .. rest, claim_since(hand, began, now), band and clock_rank((args[8] == 'u' and 0 or 4) + band, now)
end

local function tip_claim(keys, args)
	local max, lease = claim_check(keys, args)
	local queues, picked = claim_pick(keys, args, max)
	local now = now_ms()
	local until_ms, reply = digits(now + lease), { digits(now) }
	if #picked == 0 then
		return reply
	end
	local delta = {}
	for i = 1, #queues do
		delta[queues[i].region] = #queues[i].taken > 0 and #queues[i].taken or nil
	end
	local held = held_plan(keys[3], delta)
	local sealed, number = claim_sealed(keys, picked), last_number(keys[1])
	local tail = '","at":' .. digits(now) .. ',"by":' .. args[4] .. ',"until":' .. until_ms
	local ranks = {}

	for i = 1, #picked do
		local id, tip = picked[i].id, picked[i].tip
		number = number + 1
		local clock, since, rank = claim_clock(keys, args, picked[i], digits(now))
		append_of(tip, keys[1], number, '{"e":"claimed","id":"' .. id .. tail .. ',"region":"' .. tip.region .. '"' .. since .. '}')
		if rank then
			ranks[#ranks + 1], ranks[#ranks + 2] = rank, id
		end
		tip.state, tip.rev, tip.holder, tip.until_ms = args[6], digits(number), args[3], until_ms
		call('HSET', keys[5] .. id, 's', tip.state, 'v', tip.rev, 'h', tip.holder, 'u', until_ms, 'k', clock)
		tip.clock = clock
		reply[i + 1] = row_of(id, tip, sealed[i])
	end
	claim_move(keys, args, queues, picked, until_ms)
	if #ranks > 0 then
		call('ZADD', keys[7], unpack(ranks))
	end
	held_write(keys[3], held)
	return reply
end

register('tip_claim', tip_claim)

end
