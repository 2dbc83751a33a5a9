"""
A gateway for outgoing SMS (Kannel's sendsms), in the test's own process on 127.0.0.1, and what the
journals say of messages.
"""
import http.server
import json
import threading
import time

SECRET = "s3cr3t-0123456789"
ANSWER = "0: Accepted for delivery"
WORDS = ("sent", "sent_maybe", "send_failed", "delivered", "undelivered")
# The events of all journals, each with the seed of its blind leaf.
SEEDS = """
local out = {}
for _, journal in ipairs(redis.call('KEYS', '{??}:journal')) do
	for _, entry in ipairs(redis.call('XRANGE', journal, '-', '+')) do
		local fields = {}
		for i = 1, #entry[2], 2 do
			fields[entry[2][i]] = entry[2][i + 1]
		end
		if fields.e then
			local seed = fields.s or ''
			out[#out + 1] = { fields.e, redis.sha1hex(seed), #seed }
		end
	end
end
return out
"""


def events(daemon):
    """Those of messages, in all journals: {"e", "via", "id", ...}."""
    return [e for e in daemon.events() if e["e"] in WORDS]


def seeds(daemon):
    """{id: [(event, seed's digest, seed's length)]} of every tip."""
    found = {}
    for event, digest, size in daemon.redis_ask("eval", SEEDS, 0):
        event = json.loads(event)
        found.setdefault(event.get("id"), []).append((event["e"], digest, size))
    return found


def settings(name, sink):
    """Of a gateway of that name that sends there."""
    each = {"driver": "kannel", "secret": SECRET, "send_url": sink.url, "send_user": "tip", "send_password": "tippass",
            "sender": "106900", "public_url": "http://127.0.0.1"}
    return [f"sms.gateways.{name}.{k}={v}" for k, v in each.items()]


def write(daemon, gateway, sender, text, key):
    """A message in, as Kannel brings it; the answer to it."""
    fields = {"X-Kannel-From": sender, "X-Kannel-To": "106900", "X-Kannel-Coding": "2",
              "Content-Type": "text/plain; charset=UTF-8", "X-Tipline-Token": SECRET}
    return daemon.ask("public", "POST", f"/sms/{gateway}?id={key}&ts=2026-11-21+10:00:00", text.encode(), fields)


class Sink(http.server.ThreadingHTTPServer):
    """A gateway that answers as told: a status, "close" before reading an answer, or "hold" until told."""
    daemon_threads = True

    def __init__(self, *script):
        super().__init__(("127.0.0.1", 0), Receiver)
        self.script, self.got, self.lock, self.go = list(script), [], threading.Lock(), threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/cgi-bin/sendsms"

    def close(self):
        self.go.set()
        self.shutdown()
        self.server_close()

    def to(self, number):
        return [m for m in self.got if m["to"] == number]


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with self.server.lock:
            what = self.server.script.pop(0) if self.server.script else 202
            self.server.got.append({"to": self.headers["X-Kannel-To"], "text": body, "dlr": self.headers["X-Kannel-DLR-Url"],
                                    "udh": self.headers["X-Kannel-UDH"], "at": time.monotonic()})
        if what == "hold":
            self.server.go.wait(120)
            what = 202
        if what == "close":
            self.connection.close()
            return
        self.send_response(what)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(ANSWER)))
        self.end_headers()
        try:
            self.wfile.write(ANSWER.encode())
        except OSError:
            pass   # the daemon was killed

    def log_message(self, *_):
        pass
