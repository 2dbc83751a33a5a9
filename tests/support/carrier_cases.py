"""
What leaves by a carrier link, for the tests of each protocol: each answer once and in its order, however slow or dead
the carrier is; gateways that stand in, and links for gateways; a daemon that is killed. Who derives from a class here
runs it with a carrier (tests/e2e/smpp_out.py, cmpp_out.py), which does as the ones there do.
"""
import collections
import time
import unittest

import sendsms
from tipline import Daemon, wait_for

WINDOW = 10
SEED_BYTES = 16


def number(n):
    return f"8613800{n:06d}"


class Out(unittest.TestCase):
    """One carrier, one gateway that may stand in, one daemon for all tests of a class."""
    carrier, more = None, {}

    @classmethod
    def setUpClass(cls):
        cls.c, cls.sink, cls.n = cls.carrier(), sendsms.Sink(), 0
        sets = {"host": "127.0.0.1", "port": cls.c.peer.port, "sender": "106900", "answer_s": 2, "window": WINDOW, **cls.c.settings, **cls.more}
        cls.d = Daemon("sms.route=carrier,kannel", *sendsms.settings("kannel", cls.sink),
                       *(f"sms.links.carrier.{k}={v}" for k, v in sets.items())).start()

    @classmethod
    def tearDownClass(cls):
        cls.d.close()
        cls.c.close()
        cls.sink.close()

    def setUp(self):
        self.before = self.counted()
        self.first = len(self.c.taken())
        self.sunk = len(self.sink.got)
        self.addCleanup(self.c.limit, 0)

    def tearDown(self):
        self.assertNotRegex(self.d.all_logs().decode(errors="replace"), r"13800\d{6}|a van at")

    def counted(self):
        return collections.Counter((e["e"], e["via"]) for e in sendsms.events(self.d))

    def metric(self, name):
        return self.d.metrics()[f'tipline_link_{name}_total{{link="carrier"}}']

    def wait_events(self, **expected):
        """Those since the test began, as event=how many or event_by_gateway=how many; no others."""
        names = {(k.removesuffix("_by_gateway"), "kannel" if k.endswith("_by_gateway") else "carrier"): v for k, v in expected.items()}
        wait_for(lambda: self.counted() - self.before == names, 90, lambda: f"{names}, but {self.counted() - self.before}")

    def tell(self, n=1):
        """So many people write at once; their numbers, in their order."""
        first = self.n + 1
        type(self).n += n
        self.c.tell(range(first, first + n))
        return [number(i) for i in range(first, first + n)]

    def taken(self):
        return self.c.taken()[self.first:]

    def by_gateway(self):
        return [m["to"].lstrip("+") for m in self.sink.got[self.sunk:]]

    def write(self):
        """One writes through the gateway."""
        type(self).n += 1
        answer = sendsms.write(self.d, "kannel", "+" + number(self.n), f"a van at Ordos {self.n}", f"g-{self.n}")
        self.assertEqual((answer.status, answer.body), (200, b""))
        return number(self.n)


class Ends(Out):
    def test_each_once_and_its_end_is_of_the_tip(self):
        told = self.tell(20)
        self.wait_events(sent=20)
        self.assertEqual(sorted(self.taken()), told)
        for i in range(20):
            self.c.report(self.c.told(self.first + i), "DELIVRD" if i else "UNDELIV")
        self.wait_events(sent=20, delivered=19, undelivered=1)
        kinds = collections.Counter()
        for id_, events in sendsms.seeds(self.d).items():
            if id_ and any(e in sendsms.WORDS for e, *_ in events):
                self.assertEqual({size for *_, size in events}, {SEED_BYTES}, f"each has a seed: {events}")
                self.assertEqual(len({digest for _, digest, _ in events}), 1, f"and it is the tip's: {events}")
                kinds.update(e for e, *_ in events)
        self.assertGreaterEqual(kinds["delivered"], 19)

    def test_too_fast_is_sent_again(self):
        self.c.refuse(self.c.busy)
        told = self.tell(3)
        self.wait_events(sent=3)
        self.assertEqual((sorted(self.taken()), self.by_gateway()), (told, []))
        self.assertGreater(self.metric("throttled"), 0)

    def test_refused_for_good_is_tried_once(self):
        refusals, refused = self.c.refusals, self.metric("out_refused")
        self.c.refuse(self.c.refused)
        self.tell()
        self.wait_events(send_failed=1)
        self.tell()
        self.wait_events(send_failed=1, sent=1)
        self.assertEqual((len(self.taken()), self.by_gateway(), self.c.refusals - refusals), (1, [], 1))
        self.assertEqual(self.metric("out_refused") - refused, 1)
        letters = self.d.staff("GET", "/api/v1/outbox?state=dead", role="admin").json["items"]
        self.assertEqual([(x["kind"], x["connector"], x["reason"]) for x in letters], [("sms", "carrier", "refused")])

    def test_an_answer_that_is_lost(self):
        unknown = self.metric("out_unknown")
        self.c.lose(1)
        told = self.tell(3)
        self.wait_events(sent_maybe=1, sent=2)
        self.assertEqual(self.metric("out_unknown") - unknown, 1)
        self.assertEqual((sorted(self.taken()), self.by_gateway()), (told, []), "no copy of the first, and the others are not stuck")

    def test_the_gateway_stands_in_when_it_is_sure(self):
        self.c.refuse(self.c.later)
        told = self.tell(2)
        self.wait_events(sent_by_gateway=1, sent=1)
        self.assertEqual(sorted(self.by_gateway() + self.taken()), told)

    def test_the_link_stands_in_for_the_gateway(self):
        self.sink.script = [503, "close", 400]
        first, second, third = self.write(), None, None
        self.wait_events(sent=1)
        second = self.write()
        self.wait_events(sent=1, sent_maybe_by_gateway=1)
        third = self.write()
        self.wait_events(sent=1, sent_maybe_by_gateway=1, send_failed_by_gateway=1)
        self.assertEqual((self.taken(), self.by_gateway()), ([first], [first, second, third]))
        item = next(x["item"] for x in self.d.staff("GET", "/api/v1/outbox?state=dead", role="admin").json["items"]
                    if x["connector"] == "kannel")
        self.assertEqual(self.d.staff("POST", f"/api/v1/outbox/{item}/drop", {}, role="admin").status, 200)


    def test_one_sender_however_it_is_spelled(self):
        """Case 29: four spellings are one telephone, which gets five answers a day."""
        for i, spelled in enumerate(("+8613800999999", "8613800999999", "008613800999999", "13800999999") * 2):
            self.c.tell_as(spelled, f"a van at Ordos, said for the {i + 1}. time")
        self.wait_events(sent=5)
        self.d.settle()
        self.wait_events(sent=5)
        self.assertEqual(self.taken(), ["8613800999999"] * 5)


class Slow(Out):
    """Case 25: more than the carrier takes."""

    def test_two_hundred_against_twenty_a_second(self):
        # The outbox keeps what is due in one millisecond in the order of the letters of its numbers: let those have three digits.
        self.tell(60)
        self.wait_events(sent=60)
        refusals, self.first = self.c.refusals, len(self.c.taken())
        self.c.limit(20)
        told = self.tell(200)
        self.wait_events(sent=260)
        taken = self.taken()
        self.assertEqual(sorted(taken), told)
        self.assertIn(self.c.refusals - refusals, range(1, 61))
        away = max(abs(i - told.index(to)) for i, to in enumerate(taken))
        self.assertLessEqual(away, WINDOW, "no further out of its place than the window is wide")
        self.assertEqual(self.by_gateway(), [])


class Killed(Out):
    def test_sends_nothing_twice(self):
        """Between a message and its answer nobody can tell: it is told as maybe sent, and does not go again by any way."""
        self.c.lose(1)
        told = self.tell()
        wait_for(self.taken, 30, "the carrier has it")
        self.d.kill()
        self.c.lose(0)
        self.d.start()
        for pause in (0, 0.01, 0.03, 0.08, 0.2):
            told += self.tell(6)
            time.sleep(pause)
            self.d.kill()
            self.d.start()
        wait_for(lambda: sum((self.counted() - self.before).values()) == len(told), 90, lambda: f"each has its end: {self.counted() - self.before}")
        ends = self.counted() - self.before
        ways = collections.Counter(self.taken() + self.by_gateway())
        self.assertEqual([to for to, n in ways.items() if n > 1], [], "nobody got it twice")
        self.assertIn(told[0], self.taken())
        self.assertGreaterEqual(ends["sent_maybe", "carrier"], 1)
        self.assertLessEqual(len(told) - len(ways), ends["sent_maybe", "carrier"] + ends["sent_maybe", "kannel"])
        self.assertGreaterEqual(len(ways), ends["sent", "carrier"] + ends["sent", "kannel"])
