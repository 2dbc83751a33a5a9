"""
What the end-to-end tests share: a real tiplined on free ports in a directory of
its own, its callers (informant, officer, operator), and how results are told.

Everything is bounded: a wait that does not come true raises Late. Processes are
stopped by their id. TIPLINE_BUILD names the build directory ("build"; a
sanitizer build has another one), TIPLINE_PATIENCE stretches all time limits.
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

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("TIPLINE_BUILD", "build"))
PATIENCE = float(os.environ.get("TIPLINE_PATIENCE", "1"))
PROVINCES = 35
SANITIZER = re.compile(rb"ERROR: (Address|Leak)Sanitizer|runtime error:|Assertion .* failed")
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n"


class Late(AssertionError):
    pass


def wait_for(true, seconds, what):
    """The first true value of true(); Late after the time (stretched by PATIENCE)."""
    end = time.monotonic() + seconds * PATIENCE
    while True:
        value = true()
        if value:
            return value
        if time.monotonic() > end:
            raise Late(f"after {seconds * PATIENCE:.0f} s still not: {what}")
        time.sleep(0.02)


def new_dir(prefix="tipline-"):
    """A short path: Unix sockets live below it."""
    return tempfile.mkdtemp(prefix=prefix, dir=os.environ.get("TIPLINE_TMP", "/tmp"))


def jpeg(payload=b"pixels"):
    return JPEG + payload + b"\xff\xd9"


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


def request(address, method, path, body=None, headers=None, timeout=30):
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
        return Answer(reply.status, reply.headers, reply.read())
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
                              timeout=60, check=check)
        return done.stdout

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            self.process.wait(timeout=20)

    def remove(self):
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)


class Daemon:
    """
    A running tiplined. Limits per visitor are off unless `limits` is given;
    `sets` are keys of the configuration ("lease.default_s=10"). `port` fixes the
    public one, for peers that must know it before.
    """

    def __init__(self, *sets, state=None, demo=True, limits=False, port=0):
        self.state = state or os.path.join(new_dir(), "s")
        self.sets = list(sets) + ([] if limits else ["limits.enabled=false"])
        self.demo = demo
        self.public = f"127.0.0.1:{port}"
        self.process = None
        self.ports = {}
        self.starts = 0

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
        for line in self.log().splitlines():
            if '"event":"listening"' in line:
                event = json.loads(line[line.index("{"):])
                self.ports[event["listener"]] = event["address"]
        return len(self.ports) == 3

    def wait_ready(self, seconds=30):
        wait_for(lambda: self.ready().status == 200, seconds, "/readyz says ready")

    def ready(self):
        try:
            return self.ask("ops", "GET", "/readyz", timeout=5)
        except OSError:
            return Answer(0, {}, b"")

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        """kill -9: as a power cut for the daemon; its Redis is left behind."""
        self.process.kill()
        self.process.wait()
        self.ports = {}

    def restart(self):
        return self.start()

    def stop(self, seconds=25):
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
        """Stops, checks that it ended well, and removes what it left."""
        status = self.stop()
        for pid in self.redis_pids():
            os.kill(pid, signal.SIGKILL)
        found = SANITIZER.search(self.all_logs())
        text = self.all_logs()[-6000:].decode(errors="replace") if found or status != 0 else ""
        shutil.rmtree(os.path.dirname(self.state), ignore_errors=True)
        if found or status != 0:
            raise AssertionError(f"tiplined ended with {status}:\n{text}")

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.close()
        else:
            self.stop()

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
                if os.path.isfile(path):
                    with open(path, "rb") as f:
                        yield path, f.read()

    # --- callers ---------------------------------------------------------------------

    def ask(self, site, method, path, body=None, headers=None, timeout=30):
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

    def api(self, path, value, key=None, timeout=30, **headers):
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
        return answer.json

    def receipt(self, code, text=None):
        return self.api("/api/v1/receipt", {"receipt": code, **({"text": text} if text is not None else {})})

    def staff(self, method, path, value=None, role="officer", token=None, timeout=30, **headers):
        headers = {"Authorization": f"Bearer {token or self.token(role)}", **headers}
        body = None
        if value is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(value).encode()
        return self.ask("staff", method, path, body, headers, timeout)

    def claim(self, region="000000", timeout=40, role="officer", token=None, **wish):
        answer = self.staff("POST", f"/api/v1/queues/{region}/claim", wish, role, token, timeout)
        if answer.status != 200:
            raise AssertionError(f"claim: {answer}")
        return answer.json["tips"]

    def act(self, tip, action, value=None, role="officer", token=None):
        return self.staff("POST", f"/api/v1/tips/{tip}/{action}", value or {}, role, token)

    def queues(self, role="officer", token=None):
        rows = self.staff("GET", "/api/v1/queues", role=role, token=token).json["queues"]
        return {row["region"]: row for row in rows}

    def take_all(self, lease_s=3600, patience=10):
        """Every waiting tip, claimed. A claim whose answer was too late is asked again, and what it took is held."""
        tips, late = [], 0
        while True:
            answer = self.staff("POST", "/api/v1/queues/000000/claim", {"max": 500, "lease_s": lease_s}, timeout=40)
            if answer.status == 503 and answer.code == "store_unavailable" and late < patience:
                late += 1
                continue
            if answer.status != 200:
                raise AssertionError(f"claim: {answer}")
            if not answer.json["tips"]:
                break
            tips += answer.json["tips"]
        if late > 0:
            taken = {tip["id"] for tip in tips}
            tips += [tip for tip in self.staff("GET", "/api/v1/tips").json["tips"] if tip["id"] not in taken]
        return tips

    def metrics(self):
        out = {}
        for line in self.ask("ops", "GET", "/metrics").text.splitlines():
            if not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                out[name] = float(value)
        return out

    def redis(self, *arguments):
        sock = os.path.join(self.state, "redis", "redis.sock")
        return subprocess.run(["redis-cli", "-s", sock, *arguments], capture_output=True, text=True, timeout=60,
                              check=True).stdout

    def tipctl(self, *arguments, text=None):
        return tipctl(*arguments, text=text)


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
    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()
        self.bad = False

    def line(self, word, test, more=""):
        name = test.id().split(".", 1)[-1] if hasattr(test, "id") else str(test)
        print(f"{word:<5}{name} ({time.monotonic() - getattr(self, 'began', time.monotonic()):.1f} s){more}", flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.line("ok", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.line("FAIL", test)
        print("    " + self.failures[-1][1].replace("\n", "\n    "), flush=True)

    def addError(self, test, err):
        super().addError(test, err)
        self.line("FAIL", test)
        print("    " + self.errors[-1][1].replace("\n", "\n    "), flush=True)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
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
