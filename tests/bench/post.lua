-- wrk: posts the bodies of a file (BODIES), one after the other, from a place of the thread's own.
local bodies, at = {}, 0

function setup(thread)
	thread:set("number", (number or 0))
	number = (number or 0) + 1
end

function init(args)
	for line in io.lines(os.getenv("BODIES")) do
		bodies[#bodies + 1] = line
	end
	at = (number or 0) * 7919
	wrk.method = "POST"
	wrk.headers["Content-Type"] = "application/json"
end

function request()
	at = at + 1
	return wrk.format(nil, nil, nil, bodies[at % #bodies + 1])
end
