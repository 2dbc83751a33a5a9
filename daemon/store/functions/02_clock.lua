--[[
What the functions share about clocks: since when a tip waits for what, where
it stands in the lists of those, and whether it passed to a level above.

Fields of {15}:state:<id>: k "<hand> <since> <asked>" as in core/journal/clock.h,
absent "u <received> 0"; l "<times> <at> <region it came from> <why> <waited>";
x "<how often reopened by the informant> <who closed it>", absent "0 ".

{15}:clocks and {15}:asked, id -> rank: 10^13 times a class, plus since when. The
class is the priority's number, 0 to 3, and in clocks 4 more when somebody has
opened the tip. Nobody is above the nation: tips of its queues stand in neither.
{15}:escalated, "<region it came from> <id>": open tips with a field l.

What retention goes by: e "<ended ms> <outcome> <what was erased, as bits>" of a
tip that has ended, y "<who holds it> <who asked to lift that, or ->" under a legal
hold. {15}:ended, id -> ended ms, of those with a field e.
--]]
local CLOCK_CLASS, NATION = 1e13, '000000'

-- The text with times of now, and whether there are any.
local function clock_at(text, now)
	local clock, n = string.gsub(text, 'now', now)
	if not find(clock, '^[-ups] %d+ %d+$') then
		refuse('clock')
	end
	return clock, n > 0
end

local function clock_rank(class, since)
	return digits(class * CLOCK_CLASS + tonumber(since))
end

-- A tip's places among those that wait, by its clock and its priority.
local function clock_write(clocks, asked, id, region, clock, band)
	local hand, since, first = match(clock, '^(.) (%d+) (%d+)$')
	if region ~= NATION and hand ~= '-' then
		call('ZADD', clocks, clock_rank((hand == 'u' and 0 or 4) + band, since), id)
	else
		call('ZREM', clocks, id)
	end
	if region ~= NATION and first ~= '0' then
		call('ZADD', asked, clock_rank(band, first), id)
	else
		call('ZREM', asked, id)
	end
end

local function clock_types(clocks, asked, escalated)
	expect_type(clocks, 'zset')
	expect_type(asked, 'zset')
	expect_type(escalated, 'zset')
end

local function clock_band(text)
	if not find(text, '^[0-3]$') then
		refuse('priority')
	end
	return tonumber(text)
end

local function raised_member(raised, id)
	local home = match(raised, '^%d+ %d+ (%d+) ')
	return home and home .. ' ' .. id
end

-- In the list of its old region as long as it is open.
local function raised_write(escalated, id, before, raised, open)
	local old, new = raised_member(before, id), raised_member(raised, id)
	if old and (old ~= new or not open) then
		call('ZREM', escalated, old)
	end
	if new and open then
		call('ZADD', escalated, '0', new)
	end
end

-- One field more, or none when there is nothing to keep.
local function field_write(key, field, value)
	if value ~= '' then
		call('HSET', key, field, value)
	else
		call('HDEL', key, field)
	end
end

-- Field e and the place among those that have ended.
local function end_write(ended, key, id, before, after)
	if before == after then
		return
	end
	field_write(key, 'e', after)
	if after ~= '' then
		call('ZADD', ended, match(after, '^%d+'), id)
	else
		call('ZREM', ended, id)
	end
end
