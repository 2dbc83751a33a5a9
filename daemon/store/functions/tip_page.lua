--[[
A page of the open tips of a shard: of a region and all beneath it, those that
wait, those under a lease, or both, in one order. What was looked at is bounded,
so a page may be short and still have a next one.

KEYS  1 queues, 2 prefix of queues, 3 leases, 4 prefix of states, 5 clocks, 6 asked
ARGV  1 first digits of the region, in pairs; empty: all, 2 "waiting", "held" or "all",
      3 "score" (the best first), "age" (the oldest) or "due" (whose lease ends, or which passes to the
      level above, the soonest first; tips to which neither happens are left out), 4 fewest points, 5 most points,
      6 how an id begins, or empty; a whole one is that tip alone, which is then read at once, 7 state of a tip that waits,
      8 to 10 the place behind which the page begins: points, received ms, id; id empty: at the beginning;
      of "due" 0 and when it is due in place of points and received ms
      11 rows at most, 12 tips looked at, at most; of "due" then 12 limits as of tip_overdue
Result  now ms, how many there are, whatever their ids begin with (of "due" 0; of a whole id whether it is there),
        the place of the last one looked at, id empty when none is behind it: as 8 to 10,
        rows without content (row_of), when each of them is due (0 but of "due")
C caller: calls_page.c, STORE_PAGE
--]]
do -- a Lua function has room for 200 names

local PAGE_CLASS, PAGE_PIECE, PAGE_PIECE_MAX, PAGE_ID = 1e13, 16, 1024, 13

-- `limit`: of what is due, how long after the time of its rank.
local function page_order(page, rank, limit)
	if page.limits then
		return rank % PAGE_CLASS + limit
	end
	return page.by_age and rank % PAGE_CLASS or rank
end

local function page_before(a, b)
	return a.order < b.order or (a.order == b.order and a.id < b.id)
end

-- The next tips of a source, in growing pieces.
local function source_fill(source)
	source.ids = call('ZRANGE', source.key, digits(source.low), digits(source.high), 'BYSCORE', 'LIMIT',
		digits(source.from), digits(source.piece), 'WITHSCORES')
	source.from = source.from + source.piece
	source.ended = #source.ids < 2 * source.piece
	source.piece = math.min(4 * source.piece, PAGE_PIECE_MAX)
	source.at = 1
end

-- Its head is the next one behind the place where the page begins; false when there is none.
local function source_next(page, source)
	repeat
		source.at = source.at + 2
		if not source.ids[source.at] and not source.ended then
			source_fill(source)
		end
		source.id = source.ids[source.at]
		source.rank = source.id and tonumber(source.ids[source.at + 1])
		source.order = source.id and page_order(page, source.rank, source.limit)
	until not source.id or page_before(page.after, source)
	return source.id ~= nil
end

local function source_add(page, source)
	source.ids, source.at = source.ids or {}, -1
	if source_next(page, source) then
		page.sources[#page.sources + 1] = source
	end
end

local function queue_source(page, key, region, low, high)
	source_add(page, { key = key, region = region, low = low, high = high, from = 0, piece = PAGE_PIECE })
end

-- By score a queue is in order as it stands; by age each class of points is, as far as there are any.
local function queue_sources(page, key, region)
	if not page.by_age then
		queue_source(page, key, region, math.max(page.low, page.after.order), page.high)
		return
	end
	local low = page.low
	while low <= page.high do
		local head = call('ZRANGE', key, digits(low), digits(page.high), 'BYSCORE', 'LIMIT', '0', '1', 'WITHSCORES')
		if not head[2] then
			return
		end
		local class = tonumber(head[2])
		class = class - class % PAGE_CLASS
		queue_source(page, key, region, class + math.max(page.after.order, 0), class + PAGE_CLASS - 1)
		low = class + PAGE_CLASS
	end
end

local function page_queues(page, keys, within)
	local regions = call('SMEMBERS', keys[1])
	for i = 1, #regions do
		if sub(regions[i], 1, #within) == within then
			local key = keys[2] .. regions[i]
			page.total = page.total + call('ZCOUNT', key, digits(page.low), digits(page.high))
			queue_sources(page, key, regions[i])
		end
	end
end

-- From the place of the page on, what has been in a list of times for so long, or will have been.
local function due_source(page, key, class, limit)
	local low = class * PAGE_CLASS
	source_add(page, { key = key, limit = limit, low = low + math.max(page.after.order - limit, 0),
		high = low + PAGE_CLASS - 1, from = 0, piece = PAGE_PIECE })
end

-- Each list of clocks whose limit is one; a lease ends at its time.
local function page_due(page, keys)
	for class = 0, 7 do
		if page.limits[class] > 0 then
			due_source(page, keys[5], class, page.limits[class])
		end
		if class < 4 and page.limits[8 + class] > 0 then
			due_source(page, keys[6], class, page.limits[8 + class])
		end
	end
	due_source(page, keys[3], 0, 0)
end

-- When a list says that it is due; `first`: the limit of its first class.
local function due_in(page, key, id, first)
	local rank = tonumber(call('ZSCORE', key, id) or nil)
	local limit = rank and page.limits[first + floor(rank / PAGE_CLASS)] or 0
	return limit > 0 and rank % PAGE_CLASS + limit or math.huge
end

-- A tip may be in several lists: it is due where it comes first. Regions and points no list knows.
local function is_due(page, keys, source, tip)
	local held, rank = tip.until_ms, tonumber(rank_of(tonumber(tip.points), tonumber(tip.received)))
	return sub(tip.region, 1, #page.within) == page.within and rank >= page.low and rank <= page.high
		and (held and page.held or tip.state == page.waiting and page.wait)
		and source.order == math.min(held and tonumber(held) or math.huge, due_in(page, keys[5], source.id, 0),
			due_in(page, keys[6], source.id, 8))
end

-- All that are held, sorted: no list has them in an order.
local function page_held(page, keys, within)
	local leased, held, ids = call('ZRANGE', keys[3], '0', '-1'), {}, {}
	for i = 1, #leased do
		local region, points, received = match(call('HGET', keys[4] .. leased[i], 'b') or '', BASE)
		local rank = region and tonumber(rank_of(tonumber(points), tonumber(received)))
		if region and sub(region, 1, #within) == within and rank >= page.low and rank <= page.high then
			held[#held + 1] = { id = leased[i], rank = rank, order = page_order(page, rank) }
		end
	end
	table.sort(held, page_before)
	for i = 1, #held do
		ids[2 * i - 1], ids[2 * i] = held[i].id, digits(held[i].rank)
	end
	page.total = page.total + #held
	source_add(page, { ids = ids, ended = true })
end

-- The heads are a heap: the first goes down to its place.
local function page_sift(heap)
	local at, head = 1, heap[1]
	while heap[2 * at] do
		local child = 2 * at
		if heap[child + 1] and page_before(heap[child + 1], heap[child]) then
			child = child + 1
		end
		if not page_before(heap[child], head) then
			break
		end
		heap[at] = heap[child]
		at = child
	end
	heap[at] = head
end

local function page_drop(heap)
	heap[1] = heap[#heap]
	heap[#heap] = nil
end

-- The tip as it waits there, or is held; nil: an entry without such a state, or another id.
local function page_tip(page, keys, source)
	if sub(source.id, 1, #page.begins) ~= page.begins then
		return nil
	end
	local tip = load_state(keys[4] .. source.id)
	if page.limits then
		return tip and is_due(page, keys, source, tip) and tip or nil
	end
	local fits = tip and (not source.region and tip.until_ms
		or source.region == tip.region and tip.state == page.waiting)
	return fits and tip or nil
end

-- No list is looked through for a tip whose id is known.
local function page_one(page, keys)
	local state = call('HMGET', keys[4] .. page.begins, 'b', 'u')
	local region, points, received = match(state[1] or '', BASE)
	local rank = region and tonumber(rank_of(tonumber(points), tonumber(received)))
	if not region or sub(region, 1, #page.within) ~= page.within or rank < page.low or rank > page.high then
		return
	end
	local waits = page.wait and not (page.held and state[2])
	local source = { ids = { page.begins, digits(rank) }, ended = true, region = waits and region }
	source.id = page.begins
	page.total = page_tip(page, keys, source) and 1 or 0
	if page.total == 1 then
		source_add(page, source)
	end
end

local function page_limits(args)
	local limits = {}
	for i = 0, 11 do
		limits[i] = whole(args[13 + i], 'limit')
	end
	return limits
end

local function page_read(args)
	local low, high = whole(args[4], 'points'), whole(args[5], 'points')
	local points, received = whole(args[8], 'after'), whole(args[9], 'after')
	if low > 100 or high > 100 or points > 100 or received >= PAGE_CLASS or not find(args[1], '^%d*$') or #args[1] % 2 ~= 0
		or not find(args[6], '^[%w-]*$') or not find(args[10], '^[%w-]*$') then
		refuse('page')
	end
	local page = { by_age = args[3] == 'age', limits = args[3] == 'due' and page_limits(args) or nil, within = args[1],
		wait = args[2] ~= 'held', held = args[2] ~= 'waiting', begins = args[6], waiting = args[7], max = whole(args[11], 'max'),
		looks = whole(args[12], 'looks'), low = (100 - high) * PAGE_CLASS, high = (101 - low) * PAGE_CLASS - 1,
		total = 0, sources = {}, after = { id = args[10], order = -1 } }
	if args[10] ~= '' then
		page.after.order = page_order(page, (100 - points) * PAGE_CLASS + received, 0)
	end
	return page
end

local function page_sources(page, keys)
	if page.limits then
		page_due(page, keys)
		return
	end
	if #page.begins == PAGE_ID then
		page_one(page, keys)
		return
	end
	if page.wait then
		page_queues(page, keys, page.within)
	end
	if page.held then
		page_held(page, keys, page.within)
	end
end

local function tip_page(keys, args)
	counted(keys, args, 6, args[3] == 'due' and 24 or 12)
	local page = page_read(args)
	page_sources(page, keys)
	local heap, rows, dues, looks, last, id = page.sources, {}, {}, 0, 0, ''
	table.sort(heap, page_before)
	while heap[1] and #rows < page.max and looks < page.looks do
		local source = heap[1]
		local tip = page_tip(page, keys, source)
		if tip then
			rows[#rows + 1] = row_of(source.id, tip, '')
			dues[#rows] = digits(page.limits and source.order or 0)
		end
		looks, last, id = looks + 1, page.limits and source.order or source.rank, source.id
		if not source_next(page, source) then
			page_drop(heap)
		end
		if heap[1] then
			page_sift(heap)
		end
	end
	local points = page.limits and 0 or 100 - floor(last / PAGE_CLASS)
	return { digits(now_ms()), digits(page.total), digits(points), digits(last % PAGE_CLASS), heap[1] and id or '', rows, dues }
end

register('tip_page', tip_page, { 'no-writes' })

end
