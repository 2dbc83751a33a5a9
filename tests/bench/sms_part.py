"""
The part of the measurements that is about SMS: through a real Kannel, over links to carriers, and out again.

All that is compared is measured in turns on one daemon; ratios are medians of the pairs.
tests/bench/carrier.c gives the load and answers what is sent.
"""
import json
import os
import random
import re
import shutil
import statistics
import subprocess
import time
import urllib.request

from rig import BENCH, MORE, PLACES, ROOT, SIGHTS, Tipline, cpu_s, free_port, new_dir, pace, wait_for, wrk

SUPPORT = os.path.join(ROOT, "tests/support")
SECRET = "s3cr3t-0123456789"
THROUGH_KANNEL = 2000   # messages of a round
SENT_OUT = 1500         # messages out of a round
HALVES = 3000           # parts whose other part does not come
# window of the carrier, sessions, protocol; the first is the one the others are told beside
LINKS = {"w10": (10, 1, "smpp"), "w1": (1, 1, "smpp"), "w50": (50, 1, "smpp"), "w10x2": (10, 2, "smpp"), "w10x4": (10, 4, "smpp"),
         "cmpp16": (16, 1, "cmpp")}
ENGLISH = ["I saw a crying girl of about six being pulled into a grey van", "An old man sits by the road and does not know where he lives",
           "Somebody has three children begging in the underpass", "A young woman gave the clerk a note asking for help"]
CITIES = ["Ordos", "Beijing", "Shanghai", "Guangzhou", "Chengdu", "Xi'an", "Wuhan", "Kunming"]


def short_texts(n, seed=3):
    """Three in four in Chinese, of at most 70 characters; the others in English, of at most 160. "######" becomes a number."""
    dice, out = random.Random(seed), []
    for i in range(n):
        plate = dice.choice("京沪蒙粤川陕鄂豫") + dice.choice("ABCDEFGHK") + f"{dice.randrange(100000):05d}"
        if i % 4 == 3:
            out.append(f"{dice.choice(ENGLISH)} at {dice.choice(CITIES)}, corner ######, at {dice.randrange(1, 13)} o'clock, plate "
                       f"{plate[1:]}. Please send somebody.")
            continue
        text = f"{dice.choice(PLACES)}第######号路口{dice.choice(SIGHTS)}，车牌{plate}。"
        out.append(text + next((m for m in dice.sample(MORE, len(MORE)) if len(text) + len(m) <= 70), ""))
    assert all(len(t) <= (160 if t.isascii() else 70) for t in out)
    return out


class Carrier:
    """tests/bench/carrier.c."""

    def __init__(self, texts, window=10, protocol="smpp"):
        self.port = free_port()
        self.process = subprocess.Popen([os.path.join(BENCH, "carrier"), protocol, str(self.port), str(window), texts],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def tell(self, order):
        self.process.stdin.write(order + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"the carrier ended at: {order}")
        return json.loads(line)

    def run(self, seconds, rate=0, count=0):
        told = self.tell(f"run {seconds} {rate} {count}")
        if told["refused"] or told["taken"] != told["sent"]:
            raise SystemExit(f"carrier: {told}")
        return told

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)


def link(name, carrier, sessions=1, protocol="smpp", window=10, **more):
    values = {"protocol": protocol, "host": "127.0.0.1", "port": carrier.port, "account": "900001", "password": "secret", "sender": "106900",
              "sessions": sessions, "window": window, **more}
    return [f"sms.links.{name}.{k}={v}" for k, v in values.items()]


def spread(values, form="{:,.0f}"):
    """The median with the least and the most."""
    low, middle, high = (form.format(v) for v in (min(values), statistics.median(values), max(values)))
    return f"{middle} ({low} to {high})"


def paired(values, beside):
    return statistics.median(v / b for v, b in zip(values, beside))


class Used:
    """CPU time of processes, a message."""

    def __init__(self):
        self.n, self.seconds = 0, []

    def add(self, n, seconds):
        self.n += n
        self.seconds = [a + b for a, b in zip(self.seconds or [0.0] * len(seconds), seconds)]

    def each(self):
        return " and ".join(f"{s / self.n * 1e6:.0f} us" for s in self.seconds)


# --- links ---------------------------------------------------------------------------------------

def links_in(a, table, texts, bodies):
    """Without answers, since the HTTP API sends none either."""
    carriers = {name: Carrier(texts, window, protocol) for name, (window, _, protocol) in LINKS.items()}
    tip = Tipline("sms.reply=none", *(s for name, c in carriers.items() for s in link(name, c, *LINKS[name][1:], window=LINKS[name][0])))
    for name, carrier in carriers.items():
        carrier.tell(f"connected {LINKS[name][1]}")
    rates = {name: [] for name in [*carriers, "http", "http10"]}
    used, seconds = {"w10": Used(), "http": Used()}, max(1, a.seconds // 2)
    carriers["w10"].run(1)
    wrk(tip, bodies, 1)
    for _ in range(a.rounds):
        for name in rates:
            before = [cpu_s(p) for p in tip.pids()]
            if name in carriers:
                told = carriers[name].run(seconds)
                rate, n = told["per_s"], told["taken"]
            else:
                rate, n = wrk(tip, bodies, seconds, 64 if name == "http" else 10)
            rates[name].append(rate)
            if name in used:
                used[name].add(n, [cpu_s(p) - b for p, b in zip(tip.pids(), before)])
    http = rates["http"]
    for name, (window, sessions, protocol) in LINKS.items():
        ratio = paired(rates[name], http)
        table.row(f"{protocol.upper()} messages/s, window {window}, {sessions} session{'s' * (sessions > 1)}", spread(rates[name]),
                  f"HTTP API, 64 connections {spread(http)}", f"{ratio:.2f}", *((">= 0.9", ratio >= 0.9) if name == "w10" else ()))
    table.row("SMPP messages/s, window 10, 1 session", spread(rates["w10"]), f"HTTP API, 10 connections {spread(rates['http10'])}",
              f"{paired(rates['w10'], rates['http10']):.2f}", ">= 0.9", paired(rates["w10"], rates["http10"]) >= 0.9)
    table.row("  CPU a message, daemon and Redis", used["w10"].each(), f"HTTP API, 64 connections {used['http'].each()}")
    for rate in (100, min(rates["w10"]) / 2):
        latency(a, table, tip, carriers["w10"], bodies, rate)
    memory(table, tip, carriers["w50"])
    for carrier in carriers.values():
        carrier.close()
    tip.close()


def latency(a, table, tip, carrier, bodies, rate):
    """Until a message is answered, and so durable; at a low rate, and at half of what the slowest round reached."""
    wait_for(lambda: tip.d.metrics()["tipline_linker_behind"] == 0, 60, "the linker has read what was sent before")
    told, seconds = {"smpp": [], "http": []}, max(1, a.seconds // 2)
    for _ in range(a.rounds):
        told["smpp"].append(carrier.run(seconds, rate))
        told["http"].append(pace(tip, bodies, rate, seconds))
    for what in ("p50_ms", "p99_ms"):
        mine, http = ([t[what] for t in told[k]] for k in ("smpp", "http"))
        table.row(f"SMPP, window 10: {what[:3]} at {rate:,.0f}/s", spread(mine, "{:.2f}") + " ms",
                  f"HTTP API {spread(http, '{:.2f}')} ms", f"{paired(mine, http):.2f}")


def memory(table, tip, carrier):
    """What Redis holds for a telephone, and for a part whose other part has not come."""
    memo = [tip.d.redis_ask("memory", "usage", key) for key in sample(tip, "{*}:memo:*")]
    table.row("Redis memory a telephone (its memo)", f"{statistics.median(memo):.0f} B")
    used = tip.used_memory()
    told = carrier.tell(f"parts {HALVES}")
    if told["taken"] != HALVES:
        raise SystemExit(f"parts: {told}")
    table.row("Redis memory a part that waits", f"{(tip.used_memory() - used) / HALVES:.0f} B")


def sample(tip, pattern, wanted=200):
    keys, cursor = [], "0"
    while len(keys) < wanted:
        cursor, more = tip.d.redis_ask("scan", cursor, "match", pattern, "count", 1000)
        keys += more
        if cursor == "0":
            break
    if not keys:
        raise SystemExit(f"no key is like {pattern}")
    return keys[:wanted]


# --- out -------------------------------------------------------------------------------------------

def out(a, table, texts):
    """Each message gets an answer, which the carrier first leaves without one of its own, and then answers at once."""
    carrier = Carrier(texts)
    tip = Tipline(*link("w10", carrier, answer_s=600))
    carrier.tell("connected 1")
    feeds, rates = [], []
    carrier.run(1)
    for _ in range(a.rounds):
        settle(tip)
        carrier.tell("hold")
        feeds.append(carrier.run(120, 0, SENT_OUT)["per_s"])
        rates.append(carrier.tell(f"release {SENT_OUT}")["per_s"])
    table.row("SMPP messages/s out, window 10, one session", spread(rates))
    table.row("SMPP messages/s in, each of which is to be answered", spread(feeds))
    both = []
    for _ in range(a.rounds):
        settle(tip)
        both.append(carrier.run(a.seconds)["per_s"])
    table.row("SMPP messages/s in while answers go out beside", spread(both))
    settle(tip)
    tip.close()
    carrier.close()


def settle(tip):
    wait_for(lambda: outboxes(tip) == 0, 60, "all answers are out")


def outboxes(tip):
    return sum(tip.d.redis_ask("hlen", f"{{{shard:02d}}}:outbox") for shard in range(100))


# --- Kannel -----------------------------------------------------------------------------------------

class Kannel:
    """A private one whose SMSC is a carrier of ours."""

    def __init__(self, base_url, style, carrier):
        self.carrier = carrier
        self.dir = os.path.join(new_dir("tipline-k-"), "k")
        subprocess.run([os.path.join(SUPPORT, "kannel-up"), self.dir, base_url, "--token", SECRET, "--style", style, "--smpp",
                        str(carrier.port), "--log-level", "3"], check=True, stdout=subprocess.DEVNULL, timeout=120)

    def pids(self):
        with open(os.path.join(self.dir, "env"), encoding="utf-8") as f:
            found = dict(line.strip().split("=", 1) for line in f if "=" in line)
        return int(found["BEARERBOX_PID"]), int(found["SMSBOX_PID"])

    def down(self):
        subprocess.run([os.path.join(SUPPORT, "kannel-down"), self.dir], check=True, timeout=60)
        shutil.rmtree(os.path.dirname(self.dir), ignore_errors=True)
        self.carrier.close()


class Sink:
    def __init__(self):
        self.port = free_port()
        self.process = subprocess.Popen([os.path.join(BENCH, "http_sink"), str(self.port)])
        self.url = f"http://127.0.0.1:{self.port}"
        wait_for(self.listens, 30, "the sink listens")

    def listens(self):
        try:
            return self.count() == 0
        except OSError:
            return False

    def count(self):
        with urllib.request.urlopen(self.url + "/count", timeout=10) as reply:
            return int(reply.read())

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=10)


def push(kannel, count):
    """Messages a second that arrive, from the first tenth of them to the last."""
    before = count()
    kannel.carrier.process.stdin.write(f"run 120 0 {THROUGH_KANNEL}\n")
    kannel.carrier.process.stdin.flush()
    began = wait_for(lambda: since(count, before, THROUGH_KANNEL // 10), 60, "a tenth arrived")
    ended = wait_for(lambda: since(count, before, THROUGH_KANNEL), 120, "all arrived")
    told = json.loads(kannel.carrier.process.stdout.readline())
    if told["taken"] != THROUGH_KANNEL:
        raise SystemExit(f"Kannel did not take all: {told}")
    return (ended[1] - began[1]) / (ended[0] - began[0])


def since(count, before, wanted):
    n = count() - before
    return (time.monotonic(), n) if n >= wanted else None


def accepted(tip):
    text = tip.d.ask("ops", "GET", "/metrics").text
    return int(re.search(r'^tipline_intake_total\{verdict="accepted"\} (\d+)', text, re.M).group(1))


def kannel_in(a, table, texts, bodies, style):
    tip, sink = Tipline("sms.reply=none", "sms.gateways.kannel.driver=kannel", f"sms.gateways.kannel.secret={SECRET}"), Sink()
    ours, bare = (Kannel(url, style, Carrier(texts, 50)) for url in (f"http://127.0.0.1:{tip.port}", sink.url))
    for kannel in (ours, bare):
        kannel.carrier.tell("connected 1")
    rates, used, pids = {"tip": [], "sink": [], "http": []}, Used(), [*ours.pids(), *tip.pids()]
    for _ in range(a.rounds):
        before = [cpu_s(p) for p in pids]
        rates["tip"].append(push(ours, lambda: accepted(tip)))
        used.add(THROUGH_KANNEL, [cpu_s(p) - b for p, b in zip(pids, before)])
        rates["sink"].append(push(bare, sink.count))
        rates["http"].append(wrk(tip, bodies, 2, 16)[0])
    ratio = paired(rates["tip"], rates["sink"])
    table.row(f"messages/s through Kannel, {style.upper()}", spread(rates["tip"]), f"into the sink {spread(rates['sink'])}", f"{ratio:.2f}",
              ">= 0.9", ratio >= 0.9)
    table.row("", "", f"HTTP API, 16 connections {spread(rates['http'])}", f"{paired(rates['tip'], rates['http']):.2f}")
    table.row("  CPU a message, bearerbox, smsbox, daemon and Redis", used.each())
    ours.down()
    bare.down()
    sink.close()
    tip.close()


def sms(a, table, work, parts):
    lines = short_texts(20000)
    texts, bodies = os.path.join(work, "texts"), os.path.join(work, "sms-bodies")
    with open(texts, "w", encoding="utf-8") as f:
        f.writelines(line + "\n" for line in lines)
    with open(bodies, "w", encoding="utf-8") as f:
        f.writelines(json.dumps({"text": line.replace("######", f"{i:06d}")}, ensure_ascii=False) + "\n" for i, line in enumerate(lines))
    if "links" in parts:
        links_in(a, table, texts, bodies)
    if "out" in parts:
        out(a, table, texts)
    if "kannel" in parts and shutil.which("bearerbox", path=os.environ.get("PATH", "") + ":/usr/sbin"):
        for style in ("post", "get"):
            kannel_in(a, table, texts, bodies, style)
