--[[
The sealed log of a journal: a stream with one entry per batch, its number the
number of the entry. What is in the leaves follows from the journal and the
keys, in C; here a batch is held against the one before it and against how far
the journal reaches.

Entry: b "<leaves before> <leaves with it> <journal> <at ms> <root, hex>", n note.
The last 20,000 stay, and those of the node of the stream where they begin.

log_seal  KEYS 1 log, 2 journal, 3 job
          ARGV 1 number, 2 leaves before, 3 leaves with it, 4 journal, 5 at ms,
               6 root, 7 note, 8 fence
          Result "ok" | "already" (the last one is this very one) | "fenced" |
                 "conflict" (it does not follow the last one, or the journal ends
                 before it), then the last entry as there is one
log_read  KEYS 1 log, 2 journal
          ARGV 1 from, 2 at most
          Result number of the journal's last event, of the last batch, now ms, then entries
C caller: calls_log.c, STORE_LOG_SEAL, STORE_LOG_READ
--]]
local LOG_KEPT = '20000'
local LOG_NOTE_MAX = 1024
local LOG_BATCH = 8

local function log_sizes(args)
	local before, size = tonumber(args[2]), tonumber(args[3])
	if size <= before or size % LOG_BATCH ~= 0 or before % LOG_BATCH ~= 0 then
		refuse('sizes')
	end
end

local function log_check(keys, args)
	counted(keys, args, 3, 8)
	for i, what in pairs({ 'number', 'before', 'size', 'journal', 'at' }) do
		whole(args[i], what)
		if args[i] ~= '0' and sub(args[i], 1, 1) == '0' then
			refuse('not a number: ' .. what)
		end
	end
	if #args[6] ~= 64 or find(args[6], '[^0-9a-f]') then
		refuse('root')
	end
	if #args[7] == 0 or #args[7] > LOG_NOTE_MAX then
		refuse('note')
	end
	whole(args[8], 'fence')
	log_sizes(args)
	expect_type(keys[1], 'stream')
	expect_type(keys[2], 'stream')
	expect_type(keys[3], 'hash')
end

-- The last batch; number 0 when there is none.
local function log_last(key)
	local entry = call('XREVRANGE', key, '+', '-', 'COUNT', '1')[1]
	if not entry then
		return { number = 0, size = 0, journal = 0, at = 0 }
	end
	local f = entry[2]
	local number = match(entry[1], '^(%d+)%-0$')
	local size, journal, at = match(f[2] or '', '^%d+ (%d+) (%d+) (%d+) %x+$')
	if not number or not size or #f ~= 4 or f[1] ~= 'b' or f[3] ~= 'n' then
		refuse('unreadable batch: ' .. key)
	end
	return { entry = entry, number = whole(number, key), size = whole(size, key), journal = whole(journal, key),
		at = whole(at, key), base = f[2], note = f[4] }
end

-- A batch behind `last` goes back nowhere, and has a leaf for each of its events.
local function log_possible(last, args)
	local events = tonumber(args[4]) - last.journal
	if events < 0 or events > tonumber(args[3]) - last.size then
		refuse('journal')
	elseif tonumber(args[5]) < last.at then
		refuse('at')
	end
end

local function log_verdict(keys, args, last, base)
	local number = tonumber(args[1])
	if number == last.number and base == last.base and args[7] == last.note then
		return 'already'
	elseif fenced(keys[3], args[8]) then
		return 'fenced'
	elseif number ~= last.number + 1 or tonumber(args[2]) ~= last.size then
		return 'conflict'
	end
	log_possible(last, args)
	return tonumber(args[4]) > last_number(keys[2]) and 'conflict' or 'ok'
end

local function log_seal(keys, args)
	log_check(keys, args)
	local base = args[2] .. ' ' .. args[3] .. ' ' .. args[4] .. ' ' .. args[5] .. ' ' .. args[6]
	local last = log_last(keys[1])
	local verdict = log_verdict(keys, args, last, base)
	if verdict ~= 'ok' then
		return { verdict, last.entry }
	end
	append_entry(keys[1], 'MAXLEN', '~', LOG_KEPT, args[1] .. '-0', 'b', base, 'n', args[7])
	return { 'ok', { args[1] .. '-0', { 'b', base, 'n', args[7] } } }
end

local function log_read(keys, args)
	counted(keys, args, 2, 2)
	local from, most = whole(args[1], 'from'), whole(args[2], 'at most')
	expect_type(keys[1], 'stream')
	expect_type(keys[2], 'stream')
	local answer = { digits(last_number(keys[2])), digits(log_last(keys[1]).number), digits(now_ms()) }
	local entries = call('XRANGE', keys[1], digits(from), '+', 'COUNT', digits(most))
	for i = 1, #entries do
		answer[#answer + 1] = entries[i]
	end
	return answer
end

register('log_seal', log_seal)
register('log_read', log_read, { 'no-writes' })
