"""
Clients that hold connections, of five kinds, and a good one beside them whose
waits are measured. Who is cut off comes again, so that the pressure stays.
Each crowd comes from many loopback addresses: the share of one address does
not stop it; and is a process of its own, so that it holds up the daemon alone.
"""
import itertools
import multiprocessing
import os
import select
import time

from front_rig import HOST, client_context, dial, replies
from tipline import PATIENCE

TICK_S = 0.5
HEAD = b"GET / HTTP/1.1\r\n" + HOST + b"X-Slow: "
BODY = b"POST /api/v1/tips HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\nContent-Length: 20000\r\n\r\n"
WHOLE = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"
# What is said at first, and again and again after that.
KINDS = {
    "slow head": (HEAD, b"x"),
    "slow body": (BODY, b"x"),
    "unread answers": (WHOLE * 20, WHOLE * 20),
    "idle": (WHOLE, b""),
    "hoarded": (b"", b""),
}


class Crowd:
    """`n` connections of one kind, kept up by a process; with TLS they shake hands first, but hoarded ones do not."""

    def __init__(self, kind, address, n, tls=False):
        self.first, self.more = KINDS[kind]
        self.reads = kind == "idle"
        self.window = 4096 if kind == "unread answers" else None
        self.context = client_context() if tls and kind != "hoarded" else None
        self.address, self.n = address, n
        self.sources = itertools.cycle(f"127.0.{i // 250 + 1}.{i % 250 + 1}" for i in range(1000))
        self.open = []
        fork = multiprocessing.get_context("fork")
        self.held, self.cut = fork.Value("i", 0), fork.Value("i", 0)
        self.over, self.full = fork.Event(), fork.Event()
        self.process = fork.Process(target=self.run, daemon=True)

    def enter(self):
        s = dial(self.address, None if self.address.startswith("unix:") else next(self.sources), self.window)
        if self.context is not None:
            s = self.context.wrap_socket(s, server_hostname="tip.example")
        s.settimeout(0)
        self.say(s, self.first)
        return s

    @staticmethod
    def say(s, data):
        """False: the other side has closed."""
        try:
            if data:
                s.send(data)
        except (BlockingIOError, OSError) as error:
            return isinstance(error, BlockingIOError) or "ssl" in type(error).__name__.lower()
        return True

    def lost(self, s):
        try:
            if self.reads or not self.more:
                while True:
                    if not s.recv(65536):
                        return True
        except OSError as error:
            if not (isinstance(error, BlockingIOError) or "Want" in type(error).__name__):
                return True
        poll = select.poll()
        poll.register(s, select.POLLRDHUP)
        return bool(poll.poll(0)) or not self.say(s, self.more)

    def run(self):
        while not self.over.is_set():
            began = time.monotonic()
            for s in [s for s in self.open if self.lost(s)]:
                s.close()
                self.open.remove(s)
                self.cut.value += 1
            while len(self.open) < self.n and time.monotonic() < began + 3 and not self.over.is_set():
                try:
                    self.open.append(self.enter())
                except OSError:
                    break
            self.held.value = len(self.open)
            if len(self.open) >= self.n:
                self.full.set()
            self.over.wait(max(TICK_S - (time.monotonic() - began), 0.01))

    def __enter__(self):
        self.process.start()
        if not self.full.wait(120 * PATIENCE):
            held = self.held.value
            self.__exit__()
            raise AssertionError(f"{held} of {self.n} connections came in")
        return self

    def __exit__(self, *_):
        self.over.set()
        self.process.join()


class Good:
    """A client that asks for the page, mostly on one connection; its waits in milliseconds."""

    def __init__(self, address, tls=False):
        self.address, self.context = address, client_context() if tls else None
        self.waits, self.faults = [], []
        self.s = None

    def connect(self):
        s = dial(self.address)
        return s if self.context is None else self.context.wrap_socket(s, server_hostname="tip.example")

    def ask(self, fresh):
        if fresh or self.s is None:
            if self.s is not None:
                self.s.close()
            self.s = self.connect()
        self.s.sendall(WHOLE)
        got = b""
        while True:
            got += self.s.recv(65536)
            head, end, body = got.partition(b"\r\n\r\n")
            if end and len(body) >= int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]):
                return replies(got)[0]

    def run(self, seconds, pause=0.005):
        end = time.monotonic() + seconds
        for n in itertools.count():
            began = time.monotonic()
            if began > end:
                break
            try:
                answer = self.ask(fresh=n % 10 == 0)
                if answer.status != 200:
                    self.faults.append(answer.status)
            except (OSError, IndexError) as error:
                self.faults.append(repr(error))
                self.s = None
            self.waits.append((time.monotonic() - began) * 1000)
            time.sleep(pause)
        if self.s is not None:
            self.s.close()
        return self

    def percentile(self, p):
        waits = sorted(self.waits)
        return waits[min(int(len(waits) * p / 100), len(waits) - 1)]


def rss_mib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return int(f.read().split("VmRSS:")[1].split()[0]) / 1024


def cpu_s(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
