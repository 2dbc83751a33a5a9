--[[
What of a journal lies in files, and letting go of it here.

{15}:archive is a list, oldest first, of "<first> <last> <digest of the file, 32
bytes>": every daemon knows by it which files there must be.

journal_archived
KEYS  1 journal, 2 archive, 3 log
ARGV  1 index of the first row wanted, 2 how many at most
Result  now ms, how many rows there are, number of the first event that is here or "0",
      of the last one ever, of the last sealed one, rows
C caller: calls_archive.c, STORE_ARCHIVED

journal_trim
KEYS  1 journal, 2 job, 3 archive, 4 log
ARGV  1 fence, 2 first, 3 last, 4 digest, 5 how many events stay here at least
Result  "ok" | "already" (the last row is this very one) | "fenced" | "conflict" (not the
      head of what is here, or not behind the last row) | "untimely" (not sealed, or to stay)
C caller: calls_archive.c, STORE_JOURNAL_TRIM
--]]
local ARCHIVE_ROWS_MAX = 1000

local function first_number(journal)
	local head = call('XRANGE', journal, '-', '+', 'COUNT', 1)[1]
	return head and whole(match(head[1], '^(%d+)%-0$'), journal) or 0
end

local function journal_archived(keys, args)
	counted(keys, args, 3, 2)
	local from, max = whole(args[1], 'from'), whole(args[2], 'max')
	if max < 1 or max > ARCHIVE_ROWS_MAX then
		refuse('max out of range')
	end
	local reply = { digits(now_ms()), digits(call('LLEN', keys[2])), digits(first_number(keys[1])),
		digits(last_number(keys[1])), digits(log_last(keys[3]).journal) }
	local rows = call('LRANGE', keys[2], digits(from), digits(from + max - 1))
	for i = 1, #rows do
		reply[#reply + 1] = rows[i]
	end
	return reply
end

register('journal_archived', journal_archived, { 'no-writes' })

-- Exact: what is left begins with the event behind it.
local function trim_to(journal, last)
	call('XTRIM', journal, 'MINID', digits(last + 1) .. '-0')
	moved[journal] = nil
end

local function journal_trim(keys, args)
	counted(keys, args, 4, 5)
	local first, last, keep = whole(args[2], 'first'), whole(args[3], 'last'), whole(args[5], 'keep')
	if first < 1 or last < first or keep < 1 or #args[4] ~= 32 then
		refuse('range, digest or keep')
	end
	expect_type(keys[1], 'stream')
	expect_type(keys[3], 'list')
	expect_type(keys[4], 'stream')
	if fenced(keys[2], args[1]) then
		return { 'fenced' }
	end
	local row, top = digits(first) .. ' ' .. digits(last) .. ' ' .. args[4], call('LINDEX', keys[3], -1)
	if top == row then
		return { 'already' }
	end
	local done = top and whole(match(top, '^%d+ (%d+) '), keys[3]) or 0
	if first ~= done + 1 or first ~= first_number(keys[1]) then
		return { 'conflict' }
	elseif last > log_last(keys[4]).journal or last + keep > last_number(keys[1]) then
		return { 'untimely' }
	end
	call('RPUSH', keys[3], row)
	trim_to(keys[1], last)
	return { 'ok' }
end

register('journal_trim', journal_trim)
