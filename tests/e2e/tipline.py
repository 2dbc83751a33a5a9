"""
What the end-to-end tests share: a real tiplined on free ports in a directory of
its own, its callers (informant, officer, operator), and how results are told.

Everything is bounded: a wait that does not come true raises Late. The bounds end
a test that hangs and prove nothing: they are wide, so that a busy machine is not
taken for a fault. Processes are stopped by their id. TIPLINE_BUILD names the
build directory ("build"; a sanitizer build has another one), TIPLINE_PATIENCE
stretches all time limits. The logs of a test that failed go to TIPLINE_KEEP.
"""
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))
import said   # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("TIPLINE_BUILD", "build"))
PATIENCE = float(os.environ.get("TIPLINE_PATIENCE", "1"))
KEEP = os.environ.get("TIPLINE_KEEP")
IN_CLEAR = ("demo.json",)   # what a daemon leaves in clear on purpose: the demo's tokens
LEAST_S = 60   # no wait is given up before
PROVINCES = 35
SANITIZER = re.compile(rb"ERROR: (Address|Leak)Sanitizer|runtime error:|Assertion .* failed")
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n"


class Late(AssertionError):
    pass


def wait_for(true, seconds, what):
    """
    The first true value of true(); Late after the time, which is LEAST_S at
    least, stretched by PATIENCE. `what` may be called for words of the moment.
    """
    limit = max(seconds, LEAST_S) * PATIENCE
    end = time.monotonic() + limit
    while True:
        value = true()
        if value:
            return value
        if time.monotonic() > end:
            raise Late(f"after {limit:.0f} s still not: {what() if callable(what) else what}")
        time.sleep(0.02)


def read_reply(stream):
    """One answer of Redis: text, number, None or a list of them."""
    line = stream.readline()
    if not line.endswith(b"\r\n"):
        raise ConnectionError("Redis broke off")
    kind, rest = line[:1], line[1:-2].decode()
    if kind == b"-":
        raise AssertionError(f"Redis: {rest}")
    if kind == b"$":
        return None if rest == "-1" else stream.read(int(rest) + 2)[:-2].decode()
    if kind == b"*":
        return [read_reply(stream) for _ in range(int(rest))]
    return int(rest) if kind == b":" else rest


def redis_ask(path, *words):
    """One command over a Redis socket: what is asked again and again needs no process for each."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(60 * PATIENCE)
        s.connect(path)
        words = [str(word).encode() for word in words]
        s.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words))
        with s.makefile("rb") as stream:
            return read_reply(stream)


# The events of all journals, without what is sealed beside them.
EVENTS = """
local out = {}
for _, journal in ipairs(redis.call('KEYS', '{??}:journal')) do
	for _, entry in ipairs(redis.call('XRANGE', journal, '-', '+')) do
		for i = 1, #entry[2], 2 do
			if entry[2][i] == 'e' then
				out[#out + 1] = entry[2][i + 1]
			end
		end
	end
end
return out
"""

# The journals of shards with an event behind the last batch that was sealed.
UNSEALED = """
local out, journals = {}, redis.call('KEYS', '{??}:journal')
journals[#journals + 1] = '{money}:journal'
for _, journal in ipairs(journals) do
	local event = redis.call('XREVRANGE', journal, '+', '-', 'COUNT', '1')[1]
	local batch = redis.call('XREVRANGE', (string.gsub(journal, 'journal$', 'log')), '+', '-', 'COUNT', '1')[1]
	local covered = '0'
	for i = 1, batch and #batch[2] or 0, 2 do
		if batch[2][i] == 'b' then
			covered = string.match(batch[2][i + 1], '^%d+ %d+ (%d+) ')
		end
	end
	if event and string.match(event[1], '^(%d+)') ~= covered then
		out[#out + 1] = journal
	end
end
return out
"""

# How many events all journals have, and what the linker noted or the courier has not sent, all at one moment.
LINKED = """
local events, left = 0, {}
for _, journal in ipairs(redis.call('KEYS', '{??}:journal')) do
	local shard = string.sub(journal, 1, 4)
	local last = redis.call('XREVRANGE', journal, '+', '-', 'COUNT', 1)
	local number = last[1] and tonumber(string.match(last[1][1], '^%d+')) or 0
	local note = tonumber(redis.call('HGET', shard .. ':job:linker', 'note') or '0')
	local outbox = redis.call('HLEN', shard .. ':outbox')
	events = events + number
	if note ~= number then
		left[#left + 1] = shard .. ' judged to ' .. note .. ' of ' .. number
	end
	if outbox > 0 then
		left[#left + 1] = shard .. ' has ' .. outbox .. ' to send'
	end
end
return { events, table.concat(left, ', ') }
"""


def new_dir(prefix="tipline-"):
    """A short path: Unix sockets live below it."""
    return tempfile.mkdtemp(prefix=prefix, dir=os.environ.get("TIPLINE_TMP", "/tmp"))


def jpeg(payload=b"pixels"):
    return JPEG + payload + b"\xff\xd9"


def png(text=b"by Zhang"):
    """A whole picture of one grey point, with a comment."""
    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"\0\0\0\1\0\0\0\1\x08\0\0\0\0") + chunk(b"tEXt", b"Author\0" + text) +
            chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b""))


def pdf(payload=b"words"):
    return PDF + b"% " + payload + b"\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def receipt_check(body):
    """The 24 digits for 22: check digits by ISO 7064 MOD 97-10."""
    return body + f"{98 - int(body) * 100 % 97:02d}"


def unknown_receipt(shard="15"):
    return receipt_check(shard + "".join(secrets.choice("0123456789") for _ in range(20)))


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def text(self):
        return self.body.decode()

    @property
    def code(self):
        """The stable code of a problem answer."""
        return self.json.get("code") if self.type.endswith("json") else None

    @property
    def type(self):
        return (self.headers.get("Content-Type") or "").split(";")[0]

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


def request(address, method, path, body=None, headers=None, timeout=60):
    """One request on its own connection. A refusal that comes before the body was taken is an answer, too."""
    host, port = address.rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=timeout * PATIENCE)
    try:
        try:
            connection.request(method, path, body=body, headers=headers or {})
        except (BrokenPipeError, ConnectionResetError):
            if connection.sock is None:
                raise
            connection._HTTPConnection__state = "Request-sent"
        reply = connection.getresponse()
        answer = Answer(reply.status, reply.headers, reply.read())
        said.exchange(path, headers or {}, body, answer.status, answer.headers, answer.body)
        return answer
    finally:
        connection.close()


def multipart(fields, files, boundary="tipline-test-boundary"):
    """(body, content type); files are (field name, file name, media type, bytes)."""
    out = b""
    for name, value in fields.items():
        out += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    for name, filename, media, data in files:
        out += (f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
                f"Content-Type: {media}\r\n\r\n").encode() + data + b"\r\n"
    return out + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def working_in(directory, program):
    """Ids of the processes of that program whose working directory it is."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/comm", encoding="ascii") as f:
                if f.read().strip() == program and os.readlink(f"/proc/{pid}/cwd") == os.path.realpath(directory):
                    found.append(int(pid))
        except OSError:
            pass
    return found


def children():
    """The processes that this program started, and that did not end."""
    found = []
    for task in os.listdir("/proc/self/task"):
        with open(f"/proc/self/task/{task}/children", encoding="ascii") as f:
            found += map(int, f.read().split())
    return [pid for pid in found if alive(pid)]


def end_children(seconds=20):
    """
    Ends them, kindly first. For what a class started before its setUpClass failed:
    unittest leaves tearDownClass out then, and nobody else knows of them.
    """
    for number in (signal.SIGTERM, signal.SIGKILL):
        for pid in children():
            os.kill(pid, number)
        try:
            wait_for(lambda: not children(), seconds, "all that was started ends")
        except Late:
            continue
        return


class Redis:
    """A store of the test's own, with the settings Tipline asks for."""

    def __init__(self, directory=None):
        self.dir = directory or new_dir("tipline-r-")
        self.socket = os.path.join(self.dir, "redis.sock")
        self.process = None

    address = property(lambda self: "unix:" + self.socket)

    def start(self):
        arguments = ["redis-server", os.path.join(ROOT, "config/redis.conf"), "--port", "0", "--unixsocket",
                     self.socket, "--unixsocketperm", "700", "--dir", self.dir, "--logfile",
                     os.path.join(self.dir, "redis.log"), "--daemonize", "no"]
        self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        wait_for(lambda: self.cli("ping", check=False).strip() == "PONG", 20, "Redis answers")
        return self

    def cli(self, *arguments, check=True):
        done = subprocess.run(["redis-cli", "-s", self.socket, *arguments], capture_output=True, text=True,
                              timeout=60 * PATIENCE, check=check)
        return done.stdout

    def ask(self, *words):
        return redis_ask(self.socket, *words)

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            self.process.wait(timeout=60 * PATIENCE)

    def remove(self):
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)


class Daemon:
    """
    A running tiplined. Limits per visitor are off unless `limits` is given;
    `sets` are keys of the configuration ("lease.default_s=10"). `port` fixes the
    public one, for peers that must know it before. A store that is slow because
    the machine is busy is no outage, so it has ten seconds to answer.
    """

    spawned = {}   # in order, those that were not closed

    def __init__(self, *sets, state=None, demo=True, limits=False, port=0):
        self.state = state or os.path.join(new_dir(), "s")
        self.sets = ["store.timeout_ms=10000", f"score.cache_dir={os.path.join(BUILD, 'test-cache')}", *sets] + ([] if limits else ["limits.enabled=false"])
        # Daemons that share keys share the weekly ones, which lie beside them.
        keys = [s.partition("=")[2] for s in sets if s.startswith("keys.dir=")]
        if keys and not any(s.startswith("keys.weeks_dir=") for s in sets):
            self.sets.append(f"keys.weeks_dir={os.path.join(os.path.dirname(keys[-1]), 'weeks')}")
        self.demo = demo
        self.public = f"127.0.0.1:{port}"
        self.process = None
        self.ports = {}
        self.starts = 0
        self.in_clear = set(IN_CLEAR)   # names that said.left_in() leaves out, by their purpose

    # --- life -----------------------------------------------------------------

    def command(self):
        script = os.path.join(ROOT, "scripts/run")
        sets = [word for s in self.sets for word in ("--set", s)]
        demo = ["--demo"] if self.demo else []
        if os.path.exists(script) and BUILD == os.path.join(ROOT, "build"):
            return [script, "--state", self.state, "--listen", self.public, "--staff", "127.0.0.1:0", "--ops",
                    "127.0.0.1:0", *demo, *sets]
        listen = ["--set", f"listen.public={self.public}", "--set", "listen.staff=127.0.0.1:0", "--set",
                  "listen.ops=127.0.0.1:0"]
        return [os.path.join(BUILD, "tiplined"), "--set", f"state_dir={self.state}", *listen, *demo, *sets]

    def spawn(self):
        """Starts the process and returns at once."""
        self.starts += 1
        self.ports = {}
        os.makedirs(os.path.dirname(self.state), exist_ok=True)
        self.log_path = os.path.join(os.path.dirname(self.state), f"log.{self.starts}")
        Daemon.spawned[self] = None
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def start(self, ready=True):
        self.spawn()
        wait_for(self.listens, 30, f"tiplined listens; see {self.log_path}")
        if ready:
            self.wait_ready()
        return self

    def listens(self):
        if self.process.poll() is not None:
            raise AssertionError(f"tiplined ended with {self.process.returncode}: {self.log()[-2000:]}")
        for line in self.log().splitlines(keepends=True):
            if '"event":"listening"' in line and line.endswith("\n"):
                event = json.loads(line[line.index("{"):])
                self.ports[event["listener"]] = event["address"]
        return len(self.ports) == 3

    def wait_ready(self, seconds=30):
        wait_for(lambda: self.ready().status == 200, seconds, "/readyz says ready")

    def ready(self):
        try:
            return self.ask("ops", "GET", "/readyz")
        except OSError:
            return Answer(0, {}, b"")

    def works(self):
        """Whether the store answers now: /readyz alone may not have noticed yet that it went away."""
        return (self.ready().status == 200 and self.staff("GET", "/api/v1/queues").status == 200 and
                self.metrics()["tipline_spool_depth"] == 0)

    def wait_works(self):
        """Until the store answers, and holds all that was taken."""
        wait_for(self.works, 60, "the store answers and the spool is drained")

    def settle(self):
        """
        Until the linker has judged every event there is and nothing is left to send.
        It has when it read as many events as the journals have, with no decision
        open, and they have no more afterwards; or when its notes say so, as after a
        change of the leader, who reads some of them twice.
        """
        left = ["nothing asked yet"]

        def settled():
            events, left[0] = self.redis_ask("eval", LINKED, 0)
            if not left[0]:
                return True
            if "to send" in left[0]:
                return False
            f = self.metrics()
            if (f["tipline_linker_warm"], f["tipline_linker_behind"], f["tipline_linker_open"],
                    f["tipline_linker_read_total"]) != (1, 0, 0, events):
                return False
            again, left[0] = self.redis_ask("eval", LINKED, 0)
            return again == events and "to send" not in left[0]
        wait_for(settled, 60, lambda: f"the linker has judged all: {left[0]}")

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        """kill -9: as a power cut for the daemon; its Redis is left behind."""
        self.process.kill()
        self.process.wait()
        self.ports = {}

    def restart(self):
        return self.start()

    def stop(self, seconds=60):
        """SIGTERM; the exit status."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=seconds * PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.ports = {}
        return self.process.returncode

    def close(self):
        """Stops, checks that it ended well and left nothing in clear of what was said (support/said.py), and removes what it left."""
        self.keep_figures()
        Daemon.spawned.pop(self, None)
        status = self.stop()
        for pid in self.redis_pids():
            os.kill(pid, signal.SIGKILL)
        if Teller.bad:
            self.keep_logs()
        found = SANITIZER.search(self.all_logs())
        text = self.all_logs()[-6000:].decode(errors="replace") if found or status != 0 else ""
        home = os.path.dirname(self.state)
        told = [os.path.join(home, name) for name in (os.listdir(home) if os.path.isdir(home) else ())
                if name == "figures" or name.startswith("log.")]
        canaries = said.left_in([self.state, *told], self.in_clear)
        shutil.rmtree(home, ignore_errors=True)
        if found or status != 0:
            raise AssertionError(f"tiplined ended with {status}:\n{text}")
        if canaries:
            raise AssertionError(f"in clear: {canaries[:10]}")

    def keep_figures(self):
        """The last figures and states, as a file beside the logs."""
        try:
            last = self.ask("ops", "GET", "/metrics").text + self.ready().text
        except (OSError, KeyError, http.client.HTTPException):
            return
        with open(os.path.join(os.path.dirname(self.state), "figures"), "w", encoding="utf-8") as f:
            f.write(last)

    def keep_logs(self):
        """Once a test has failed: what the daemon said, to where the suite keeps such things."""
        if KEEP is None:
            return
        home = os.path.dirname(self.state)
        to = os.path.join(KEEP, os.path.basename(home))
        os.makedirs(to, exist_ok=True)
        for name in os.listdir(home):
            if name.startswith("log."):
                shutil.copy(os.path.join(home, name), to)
        print(f"    logs: {to}", flush=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.close()
        else:
            self.stop()
            self.keep_logs()

    # --- what it leaves ----------------------------------------------------------

    def log(self):
        try:
            with open(self.log_path, encoding="utf-8", errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def all_logs(self):
        home = os.path.dirname(self.state)
        out = b""
        for name in sorted(os.listdir(home)) if os.path.isdir(home) else []:
            if name.startswith("log."):
                with open(os.path.join(home, name), "rb") as f:
                    out += f.read()
        return out

    def pid(self):
        return self.process.pid

    def redis_pids(self):
        return working_in(os.path.join(self.state, "redis"), "redis-server")

    def files(self):
        """(path, bytes) of every file below the state directory."""
        for where, _, names in os.walk(self.state):
            for name in names:
                path = os.path.join(where, name)
                try:
                    with open(path, "rb") as f:
                        yield path, f.read()
                except OSError:
                    pass   # a socket, or gone meanwhile

    # --- callers ---------------------------------------------------------------------

    def ask(self, site, method, path, body=None, headers=None, timeout=60):
        return request(self.ports[site], method, path, body, headers, timeout)

    def token(self, role):
        with open(os.path.join(self.state, "demo.json"), encoding="utf-8") as f:
            return json.load(f)["tokens"][role]

    def get(self, path, **headers):
        return self.ask("public", "GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def form(self, path, fields, **headers):
        """A browser's urlencoded form."""
        fields = urllib.parse.urlencode(fields)
        headers = {k.replace("_", "-"): v for k, v in headers.items()}
        return self.ask("public", "POST", path, fields,
                        {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html", **headers})

    def upload(self, fields, files, **headers):
        body, media = multipart(fields, files)
        return self.ask("public", "POST", "/tips", body, {"Content-Type": media, "Accept": "text/html", **headers})

    def api(self, path, value, key=None, timeout=60, **headers):
        """POST of a JSON value to the public API."""
        headers = {"Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if key is not None:
            headers["Idempotency-Key"] = key
        body = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
        return self.ask("public", "POST", path, body, headers, timeout)

    def send(self, text, key=None, **fields):
        return self.api("/api/v1/tips", {"text": text, **fields}, key)

    def tip(self, text, key=None, **fields):
        """A tip that must be taken: {"receipt", "id", "promise"}."""
        answer = self.send(text, key, **fields)
        if answer.status != 201:
            raise AssertionError(f"not taken: {answer}")
        time.sleep(0.001)   # tips of one millisecond stand in the order of their ids, those of two in that of time
        return answer.json

    def receipt(self, code, text=None):
        return self.api("/api/v1/receipt", {"receipt": code, **({"text": text} if text is not None else {})})

    def staff(self, method, path, value=None, role="officer", token=None, timeout=60, **headers):
        headers = {"Authorization": f"Bearer {token or self.token(role)}", **headers}
        body = None
        if value is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(value).encode()
        return self.ask("staff", method, path, body, headers, timeout)

    def claim(self, region="000000", timeout=120, role="officer", token=None, **wish):
        answer = self.staff("POST", f"/api/v1/queues/{region}/claim", wish, role, token, timeout)
        if answer.status != 200:
            raise AssertionError(f"claim: {answer}")
        return answer.json["tips"]

    def claim_when_there(self, region="000000", **wish):
        """What a claim takes as soon as there is something, however long that takes."""
        return wait_for(lambda: self.claim(region, **{"wait_s": 5, **wish}), 60, f"a tip for {region}")

    def act(self, tip, action, value=None, role="officer", token=None):
        return self.staff("POST", f"/api/v1/tips/{tip}/{action}", value or {}, role, token)

    def queues(self, role="officer", token=None):
        answer = self.staff("GET", "/api/v1/queues", role=role, token=token)
        if answer.status != 200:
            raise AssertionError(f"queues: {answer}")
        return {row["region"]: row for row in answer.json["queues"]}

    def held(self):
        answer = self.staff("GET", "/api/v1/tips?held=me")
        if answer.status != 200:
            raise AssertionError(f"held: {answer}")
        return answer.json["tips"]

    def take_all(self, lease_s=3600, patience=10):
        """
        Every waiting tip, claimed. A claim that the store answered too late may have taken
        some all the same: it is asked again, and what it took is held.
        """
        before, tips, late = {tip["id"] for tip in self.held()}, [], 0
        while True:
            answer = self.staff("POST", "/api/v1/queues/000000/claim", {"max": 500, "lease_s": lease_s}, timeout=120)
            if answer.status == 503 and answer.code in ("store_unavailable", "audit_unavailable") and late < patience:
                late += 1
                time.sleep(int(answer.headers["Retry-After"]))
                continue
            if answer.status != 200:
                raise AssertionError(f"claim: {answer}")
            if not answer.json["tips"]:
                break
            tips += answer.json["tips"]
        if late > 0:
            taken = before | {tip["id"] for tip in tips}
            tips += [tip for tip in self.held() if tip["id"] not in taken]
        return tips

    def metrics(self):
        out = {}
        for line in self.ask("ops", "GET", "/metrics").text.splitlines():
            if not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                out[name] = float(value)
        return out

    def redis_socket(self):
        given = [s.partition("=unix:")[2] for s in self.sets if s.startswith("store.address=unix:")]
        return given[-1] if given else os.path.join(self.state, "redis", "redis.sock")

    def redis(self, *arguments):
        return subprocess.run(["redis-cli", "-s", self.redis_socket(), *arguments], capture_output=True, text=True,
                              timeout=60 * PATIENCE, check=True).stdout

    def redis_ask(self, *words):
        return redis_ask(self.redis_socket(), *words)

    def wait_sealed(self):
        """Until every event of a shard or of the money that there is now is under a checkpoint."""
        wait_for(lambda: not self.redis_ask("eval", UNSEALED, 0), 60, lambda: f"all is sealed, but {self.redis_ask('eval', UNSEALED, 0)}")

    def events(self):
        """What the journals of all shards say, in their order."""
        return [json.loads(event) for event in self.redis_ask("eval", EVENTS, 0)]

    def tipctl(self, *arguments, text=None):
        return tipctl(*arguments, text=text)

    def copy(self, to):
        """A copy of the state directory at one moment: nobody writes meanwhile."""
        self.signal(signal.SIGSTOP)
        try:
            shutil.copytree(self.state, to, ignore=lambda where, names: [name for name in names if "sock" in name])
        finally:
            self.signal(signal.SIGCONT)
        return to

    def verify(self, *more):
        """All that always has to hold (V1 to V7), on the store as it runs; AssertionError with what does not."""
        done = tipctl("verify", "--store", "unix:" + self.redis_socket(), "--log", os.path.join(self.state, "log"), "--archive",
                      os.path.join(self.state, "archive"), "--quiet", *more)
        if done.returncode != 0:
            raise AssertionError(f"tipctl verify: {done.stdout}{done.stderr}")


def tipctl(*arguments, text=None, timeout=120):
    return subprocess.run([os.path.join(BUILD, "tipctl"), *arguments], input=text, capture_output=True, text=True,
                          timeout=timeout * PATIENCE, check=False)


def in_threads(n, work):
    """work(0) ... work(n-1) at the same time; their results in order. The first error is raised."""
    results, errors = [None] * n, []

    def one(i):
        try:
            results[i] = work(i)
        except BaseException as error:
            errors.append(error)
    threads = [threading.Thread(target=one, args=(i,)) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


def free_port():
    """A port that is free now, outside the range the kernel gives to connections by itself."""
    while True:
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", secrets.randbelow(12000) + 20000))
                return s.getsockname()[1]
            except OSError:
                pass


# --- telling ------------------------------------------------------------------------

class Teller(unittest.TestResult):
    bad = False   # a test has failed

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()

    def line(self, word, test, more=""):
        name = test.id().split(".", 1)[-1] if hasattr(test, "id") else str(test)
        print(f"{word:<5}{name} ({time.monotonic() - getattr(self, 'began', time.monotonic()):.1f} s){more}", flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.line("ok", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        Teller.bad = True
        self.line("FAIL", test)
        print("    " + self.failures[-1][1].replace("\n", "\n    "), flush=True)

    def addError(self, test, err):
        super().addError(test, err)
        Teller.bad = True
        self.line("FAIL", test)
        print("    " + self.errors[-1][1].replace("\n", "\n    "), flush=True)
        if test.id().startswith("setUpClass "):
            self.end_class()

    def end_class(self):
        """No class runs beside another: what runs now is of the one that could not be set up."""
        end_children()
        for daemon in list(Daemon.spawned):
            del Daemon.spawned[daemon]
            for pid in daemon.redis_pids():
                os.kill(pid, signal.SIGKILL)
            daemon.keep_logs()

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            Teller.bad = True
            self.line("FAIL", subtest)
            print("    " + (self.failures + self.errors)[-1][1].replace("\n", "\n    "), flush=True)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.line("skip", test, f": {reason}")


def main():
    """Runs the tests of the calling file (or those named on the command line); the last line counts them."""
    names = sys.argv[1:]
    loader = unittest.TestLoader()
    loader.sortTestMethodsUsing = None
    suite = loader.loadTestsFromNames(names, sys.modules["__main__"]) if names else \
        loader.loadTestsFromModule(sys.modules["__main__"])
    teller = Teller()
    suite.run(teller)
    bad = len(teller.failures) + len(teller.errors)
    skipped = len(teller.skipped)
    passed = max(teller.testsRun - bad - skipped, 0)
    print(f"{passed} passed, {bad} failed" + (f", {skipped} skipped" if skipped else ""))
    sys.exit(1 if bad else 0)
