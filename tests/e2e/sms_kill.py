#!/usr/bin/python3
"""
The conversation by SMS, attacked: telephones write through a gateway like Kannel, an SMSC and a CMPP gateway,
and all that stands between them and a tip is killed at random moments.

Each round ends the daemon, its Redis, the gateway or one of the carriers' peers, now and then two at once. Peers
repeat what was not answered, as real ones do. Afterwards every message stands in exactly one place, as a tip
or in one; every telephone got at most one answer a message, and none was lost whose journal says "sent"
(docs/OPERATIONS.md, "What cannot be known"); the journal replays to the same state, and V1 to V7 hold.

TIPLINE_KILLS (5) rounds, TIPLINE_SEED for the same moments again.
"""
import collections
import os
import queue
import random
import re
import sys
import threading
import time
import unittest

from tipline import PATIENCE, ROOT, Daemon, Redis, alive, free_port, in_threads, main, wait_for

sys.path.insert(0, os.path.join(ROOT, "tests/support"))
import smsc  # noqa: E402
from ismg_peer import Cmpp, Peer  # noqa: E402
from kannel_double import Kannel  # noqa: E402

KILLS = int(os.environ.get("TIPLINE_KILLS", "5"))
SEED = int(os.environ.get("TIPLINE_SEED", "7"))
KINDS = ("daemon", "redis", "gateway", "smpp", "cmpp")
SECRET, NUMBER = "s3cr3t-0123456789", "106900"
PHONES = 2       # of a connector, writing at the same time
LIMIT_S = 300    # for one message to be acknowledged
PLACES = ["鄂尔多斯市东胜区", "北京市朝阳区", "上海市浦东新区", "广州市天河区", "某个地方"]
TAKEN = re.compile("^已收到，编号 ([0-9A-Z]{10})。")
ADDED = re.compile("^已收到，已加入编号 ([0-9A-Z]{10})。")
STOPPED = re.compile("^不再回复")


def cut(text, ref):
    """A long text's parts: (header, octets)."""
    octets = text.encode("utf-16-be")
    pieces = [octets[i:i + 134] for i in range(0, len(octets), 134)]
    return [(bytes([5, 0, 3, ref, len(pieces), i + 1]), piece) for i, piece in enumerate(pieces)]


class ByKannel:
    """Through the gateway; each message has the gateway's id."""

    def __init__(self, world):
        self.world, self.peer = world, world.kannel

    def write(self, sender, text, dice):
        return self.peer.mo(f"{sender}-{dice.getrandbits(64):x}", "+86" + sender, NUMBER, text.encode())

    def write_parts(self, sender, parts, dice):
        """All at the same time."""
        names = [f"{sender}-{dice.getrandbits(64):x}" for _ in parts]
        return all(in_threads(len(parts), lambda i: self.peer.mo(names[i], "+86" + sender, NUMBER, parts[i][1], "UTF-16BE",
                                                                 parts[i][0])))

    def said(self):
        return [(m["to"][-11:], m["text"]) for m in list(self.peer.mts)]


class Receipting(smsc.Smsc):
    """An SMSC that brings a delivery report for each message it took."""

    def __init__(self, port):
        super().__init__(port)
        self.reports, self.pause = queue.Queue(), lambda: 0
        threading.Thread(target=self.report, daemon=True).start()

    def submitted(self, connection, sequence, fields):
        before = len(self.mts)
        time.sleep(self.pause())
        super().submitted(connection, sequence, fields)
        for m in self.mts[before:]:
            if m["to"] == fields["to"]:
                self.reports.put(m)

    def report(self):
        while True:
            m = self.reports.get()
            text = f"id:{m['id']} sub:001 dlvrd:001 submit date:2611211200 done date:2611211200 stat:DELIVRD err:000 text:"
            self.deliver(smsc.deliver_body(text.encode(), sender="+" + m["to"], to=m["from"], esm=4), seconds=LIMIT_S * PATIENCE)
            self.reports.task_done()


class BySmpp:
    """Over a link that gives messages no ids: they are known by their octets."""

    def __init__(self, world):
        self.world, self.peer = world, world.smsc

    def deliver(self, sender, octets, header=b""):
        self.peer.deliver(smsc.deliver_body(octets, sender="+86" + sender, to=NUMBER, dcs=8, udh=header), seconds=LIMIT_S * PATIENCE)
        return True

    def write(self, sender, text, _):
        return self.deliver(sender, text.encode("utf-16-be"))

    def write_parts(self, sender, parts, _):
        return all([self.deliver(sender, octets, header) for header, octets in parts])

    def said(self):
        return [(m["to"][-11:], m["octets"].decode("utf-16-be" if m["dcs"] == 8 else "latin-1")) for m in list(self.peer.mts)]


class ByCmpp:
    """Over a link that repeats what has no answer, under the same Msg_Id."""

    def __init__(self, world):
        self.world, self.peer = world, world.ismg

    def hand(self, sender, parts, udhi):
        rows = [{"from": sender, "to": NUMBER, "fmt": 8, "udhi": udhi, "content": header + octets} for header, octets in parts]
        return set(self.peer.hand(rows).wait(LIMIT_S * PATIENCE)) == {0}

    def write(self, sender, text, _):
        return self.hand(sender, [(b"", text.encode("utf-16-be"))], 0)

    def write_parts(self, sender, parts, _):
        return self.hand(sender, parts, 1)

    def said(self):
        return [(m["to"][-11:], m["text"]) for m in list(self.peer.mts)]


class Phone(threading.Thread):
    """Many telephones one after the other, each with a conversation of its own."""

    def __init__(self, world, way, number):
        super().__init__(daemon=True)
        self.world, self.way, self.number = world, way, number
        self.dice = random.Random(f"{world.seed} {number}")
        self.written = []      # (sender, text, words without the word for us, or None)
        self.stopped = {}      # sender: the text after STOP
        self.fault = None

    def run(self):
        try:
            n = 0
            while not self.world.stop.is_set():
                self.talk(f"138{self.number:02}{n:06}", f"{self.number}之{n}")
                n += 1
        except Exception as fault:   # told by the test
            self.fault = fault

    def write(self, sender, text, words=None):
        if not self.way.write(sender, text, self.dice):
            raise AssertionError(f"never acknowledged: {text}")
        self.written.append((sender, text, words))

    def write_long(self, sender, text):
        """Its parts in any order, one of them twice."""
        parts = cut(text, self.dice.randrange(256))
        parts.append(self.dice.choice(parts))
        self.dice.shuffle(parts)
        if not self.way.write_parts(sender, parts, self.dice):
            raise AssertionError(f"never acknowledged: {text}")
        self.written.append((sender, text, None))

    def heard(self, sender, pattern, seconds):
        """What it was told, if that comes soon."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.world.stop.is_set():
            for to, text in self.way.said():
                if to == sender and pattern.match(text):
                    return pattern.match(text).group(1)
            time.sleep(0.05)
        return None

    def talk(self, sender, mark):
        place = self.dice.choice(PLACES)
        self.write(sender, f"{place}看到可疑的人〈{mark}甲〉")
        number = self.heard(sender, TAKEN, 1)
        if self.dice.random() < 0.5:
            self.write_long(sender, f"〈{mark}乙〉{place}" + "有一辆银灰色面包车停在路边，车里的人一直在看放学的孩子。" * 7)
        words = [(f"补充：他还在那里〈{mark}丁〉", f"他还在那里〈{mark}丁〉")]
        if number:
            words.append((f"补充 {number} 车是红色的〈{mark}丙〉", f"车是红色的〈{mark}丙〉"))
        in_threads(len(words), lambda i: self.write(sender, *words[i]))
        if self.dice.random() < 0.5:
            self.write(sender, "退订")
            self.stopped[sender] = f"{place}他又来了〈{mark}戊〉"
            self.write(sender, self.stopped[sender])


class World:
    """One daemon with all its peers, from the first message to the last count."""

    def __init__(self, name, redis=None):
        self.name, self.redis, self.seed = name, redis, SEED
        self.dice, self.stop, self.kills = random.Random(f"{name} {SEED}"), threading.Event(), collections.Counter()
        port = free_port()
        # Ports that nobody else is given while their peer is dead.
        self.kannel, self.smsc = Kannel(port, SECRET, free_port()), Receipting(free_port())
        self.ismg = Peer(Cmpp, "900001", "888888", free_port()).__enter__()
        self.ismg.resend_s = 2
        late = random.Random(SEED)
        self.kannel.answer_after_s = self.smsc.pause = lambda: late.choice((0, 0, 0.01, 0.05))
        gateway = {"driver": "kannel", "secret": SECRET, "send_url": self.kannel.url, "send_user": "u", "send_password": "p",
                   "sender": NUMBER, "per_s": 0, "public_url": "http://127.0.0.1"}
        smpp = {"host": "127.0.0.1", "port": self.smsc.port, "account": "tip", "password": "secret", "sender": NUMBER}
        cmpp = {"protocol": "cmpp", "host": "127.0.0.1", "port": self.ismg.port, "account": "900001", "password": "888888",
                "service": "HELP", "sender": NUMBER}
        self.d = Daemon("sms.home_country=86", "sms.answers_per_day=100", *(f"sms.gateways.kannel.{k}={v}" for k, v in gateway.items()),
                        *(f"sms.links.smpp.{k}={v}" for k, v in smpp.items()),
                        *(f"sms.links.cmpp.{k}={v}" for k, v in cmpp.items()),
                        *([f"store.address={redis.address}"] if redis else []), port=port)
        ways = [ByKannel(self), BySmpp(self), ByCmpp(self)]
        self.phones = [Phone(self, way, 10 * w + p) for w, way in enumerate(ways) for p in range(PHONES)]

    def close(self):
        for end in (self.kannel.close, self.smsc.close, self.ismg.__exit__):
            end()

    # --- kills ---------------------------------------------------------------------------

    def kill_daemon(self):
        self.d.kill()
        yield
        self.d.start(ready=False)

    def kill_redis(self):
        if self.redis:
            self.redis.kill()
            yield
            self.redis.start()
            return
        shot = self.d.redis_pids()
        for pid in shot:
            os.kill(pid, 9)
        wait_for(lambda: not any(alive(pid) for pid in shot), 30, "its Redis is dead")
        yield   # the daemon starts another one

    def kill_peer(self, peer):
        peer.kill()
        yield
        peer.rise()

    def kill(self, kind):
        self.kills[kind] += 1
        if kind == "daemon":
            return self.kill_daemon()
        return self.kill_redis() if kind == "redis" else \
            self.kill_peer({"gateway": self.kannel, "smpp": self.smsc, "cmpp": self.ismg}[kind])

    def written(self):
        return sum(len(phone.written) for phone in self.phones)

    def round(self, kinds):
        """These die in this order and come back in another."""
        before = self.written()
        dead = [self.kill(kind) for kind in kinds]
        for one in dead:
            next(one)
            time.sleep(self.dice.choice((0, 0.05)))
        time.sleep(self.dice.choice((0, 0.1, 0.4, 2)))
        self.dice.shuffle(dead)
        for one in dead:
            next(one, None)
        wait_for(lambda: self.written() > before + len(self.phones) or any(p.fault for p in self.phones), LIMIT_S,
                 "messages are acknowledged again")

    def storm(self):
        for phone in self.phones:
            phone.start()
        try:
            left = []
            for _ in range(KILLS):
                left = left or self.dice.sample(KINDS, len(KINDS))
                kinds = [left.pop()]
                if self.dice.random() < 0.25:
                    kinds.append(self.dice.choice([k for k in KINDS if k not in kinds]))
                time.sleep(self.dice.uniform(0.02, 0.6))
                self.round(kinds)
        finally:
            self.stop.set()
        for phone in self.phones:
            phone.join(LIMIT_S * PATIENCE)

    def rest(self):
        """Until nothing is under way any more."""
        self.d.wait_works()
        self.d.settle()
        wait_for(lambda: self.kannel.reports.unfinished_tasks + self.smsc.reports.unfinished_tasks + len(self.ismg.pending) == 0, 60,
                 "all reports are taken")
        self.d.settle()

    def run(self):
        self.d.start()
        self.storm()
        self.rest()
        self.look()
        return self

    # --- what came of it -------------------------------------------------------------------

    def look(self):
        self.tips = {t["id"]: t["text"] for t in self.d.take_all(lease_s=3600)}
        self.words = {}
        for tip in self.tips:
            self.words[tip] = [m["text"] for m in self.d.staff("GET", f"/api/v1/tips/{tip}").json["messages"]]
        self.events = collections.Counter()
        for event in self.d.events():
            self.events[event["e"], event.get("id")] += 1
        self.said = [said for way in {p.way for p in self.phones} for said in way.said()]
        messages = [m for phone in self.phones for m in phone.written]
        ends = collections.Counter()
        for (name, _), times in self.events.items():
            ends[name] += times
        print(f"     {self.name}: {sum(self.kills.values())} kills, seed {SEED}: {len(messages)} messages acknowledged, "
              f"{self.kannel.again + self.ismg.resent} repeated by gateway and CMPP; {len(self.tips)} tips, "
              f"{sum(map(len, self.words.values()))} supplements; {len(self.said)} answers, {ends['sent']} sent, "
              f"{ends['sent_maybe']} maybe, {ends['delivered']} delivered", flush=True)


class SmsKill(unittest.TestCase):
    """Two worlds at the same time, with a Redis of the daemon's own and with one beside it."""

    @classmethod
    def setUpClass(cls):
        cls.redis = Redis().start()
        cls.addClassCleanup(cls.redis.remove)
        cls.worlds = [World("private Redis"), World("Redis beside it", cls.redis)]
        for world in cls.worlds:
            cls.addClassCleanup(world.close)
            cls.addClassCleanup(world.d.close)
        in_threads(len(cls.worlds), lambda i: cls.worlds[i].run())

    def each(self, check):
        for world in self.worlds:
            with self.subTest(world=world.name, seed=SEED, kills=KILLS):
                check(world)

    def test_peers_saw_nothing_odd(self):
        def check(world):
            self.assertEqual([phone.fault for phone in world.phones if phone.fault], [])
            self.assertEqual(world.kannel.faults + world.ismg.faults, [])
        self.each(check)

    def test_each_message_is_there_once(self):
        def check(world):
            places = collections.Counter(list(world.tips.values()) + [w for words in world.words.values() for w in words])
            messages = [(text, words) for phone in world.phones for _, text, words in phone.written if text != "退订"]
            times = {text: places[text] + (places[words] if words else 0) for text, words in messages}
            self.assertEqual([t for t, n in times.items() if n == 0], [], "acknowledged, and lost")
            self.assertEqual([t for t, n in times.items() if n > 1], [], "there more than once")
            known = {one for pair in messages for one in pair}
            self.assertEqual([t for t in places if t not in known], [], "nobody wrote that")
        self.each(check)

    def test_at_most_one_answer_a_message(self):
        def check(world):
            lines = collections.Counter(world.said)
            allowed = collections.Counter()
            owner = {text: sender for phone in world.phones for sender, text, _ in phone.written}
            for tip, text in world.tips.items():
                allowed[owner[text], "已收到，编号 " + tip[3:]] = 1
                allowed[owner[text], "已收到，已加入编号 " + tip[3:]] = len(world.words[tip])
            for (to, text), times in lines.items():
                most = 1 if STOPPED.match(text) else allowed[to, text.split("。")[0]]
                self.assertLessEqual(times, most, (to, text))
        self.each(check)

    def test_no_answer_after_a_stop(self):
        def check(world):
            silent = {text for phone in world.phones for text in phone.stopped.values()}
            told = {pattern.match(text).group(1) for _, text in world.said for pattern in (TAKEN, ADDED) if pattern.match(text)}
            self.assertEqual([tip for tip, text in world.tips.items() if text in silent and tip[3:] in told], [])
        self.each(check)

    def test_the_journal_knows_what_was_sent(self):
        """What it calls sent arrived; of what is only maybe sent, some did."""
        def check(world):
            arrived = collections.Counter(TAKEN.match(text).group(1) for _, text in world.said if TAKEN.match(text))
            ends = {end: {tip for name, tip in world.events if name == end} for end in ("sent", "sent_maybe", "send_failed")}
            self.assertEqual([key for key, times in world.events.items() if times > 1 and key[0] in ("sent", "sent_maybe", "delivered")], [])
            self.assertEqual(ends["send_failed"], set())
            self.assertEqual(ends["sent"] & ends["sent_maybe"], set())
            self.assertEqual([tip for tip in ends["sent"] if arrived[tip[3:]] != 1], [], "sent, and not there")
            unsent = set(arrived) - {tip[3:] for tip in ends["sent"] | ends["sent_maybe"]}
            self.assertEqual(unsent, set(), "there, and nobody sent it")
            lost = [tip for tip in ends["sent_maybe"] if not arrived[tip[3:]]]
            print(f"     {world.name}: {len(lost)} answers never left", flush=True)
            self.assertLessEqual(len(lost), 30 * sum(world.kills.values()), "a few a kill")
        self.each(check)

    def is_sealed(self, world):
        """V6; late is no fault where nobody lived long enough to seal in time."""
        try:
            world.d.verify("--only", "V6")
        except AssertionError as found:
            if "is not sealed after" in str(found):
                return False
            self.assertRegex(str(found), "event [0-9]+ was sealed after [0-9]+ s")
        return True

    def test_the_journal_replays(self):
        def check(world):
            world.d.settle()
            done = world.d.tipctl("replay", "--state", world.d.state, *(["--store", world.redis.address] if world.redis else []))
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            world.d.verify("--only", "V1,V2,V3,V4,V5,V7")
            wait_for(lambda: self.is_sealed(world), 60, "all is sealed")
        self.each(check)

    def test_no_number_and_no_text_in_a_log(self):
        def check(world):
            self.assertNotRegex(world.d.all_logs().decode(errors="replace"), "138[0-9]{8}|可疑|面包车")
        self.each(check)


if __name__ == "__main__":
    main()
