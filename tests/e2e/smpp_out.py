#!/usr/bin/python3
"""
What leaves by a carrier link over SMPP, end to end: each answer once, delivery reports in every form, a link that is
half down, and a route that names nobody.
"""
import os
import sys
import time
import unittest

from tipline import ROOT, Daemon, main, new_dir, wait_for

sys.path.insert(0, os.path.join(ROOT, "tests/support"))
import carrier_cases as cases  # noqa: E402
import smsc  # noqa: E402
from carrier_cases import number  # noqa: E402


class Smpp:
    """What a test does with a carrier, whichever its protocol."""
    later, refused, busy = [0x08], [0x0B], [0x58, 0x58, 0x14]

    def __init__(self):
        self.peer = smsc.Smsc()
        self.settings = {"account": "tip", "password": "secret"}
        self.close, self.drop = self.peer.close, self.peer.drop

    def tell(self, people):
        connection = self.peer.bound()
        sequences = {n: connection.next() for n in people}
        connection.raw(b"".join(smsc.pdu(smsc.DELIVER, smsc.deliver_body(f"a van at Ordos {n}".encode(), sender="+" + number(n)), 0, sequence)
                                for n, sequence in sequences.items()))
        for sequence in sequences.values():
            assert connection.answer(sequence, 60) == (smsc.DELIVER | smsc.RESPONSE, 0)

    def tell_as(self, sender, text):
        self.peer.deliver(smsc.deliver_body(text.encode(), sender=sender))

    def taken(self):
        return [m["to"] for m in self.peer.mts]

    def refuse(self, statuses):
        self.peer.statuses = list(statuses)

    def lose(self, n):
        self.peer.silent = n

    def limit(self, per_s):
        self.peer.per_s = per_s

    refusals = property(lambda self: self.peer.refusals)

    def report(self, m, state):
        self.peer.deliver(receipt(m["id"], state, m["to"]))

    def told(self, i):
        return self.peer.mts[i]


class HalfDeaf(Smpp):
    def __init__(self):
        super().__init__()
        self.peer.deaf = {smsc.BIND_TX}


def receipt(name, state="DELIVRD", sender=number(0), words=True, **fields):
    """A deliver_sm with that report; the fields are deliver_body()'s."""
    body = f"id:{name} sub:001 dlvrd:001 submit date:2611211200 done date:2611211200 stat:{state} err:000 text:" if words else ""
    fields = {"esm": 4, **fields}
    octets = body.encode("utf-16-be" if fields.get("dcs") == 8 else "ascii")
    return smsc.deliver_body(octets, sender="+" + sender, **fields)


class SmppEnds(cases.Ends):
    carrier = Smpp

    def test_what_it_says(self):
        to = self.tell()
        self.wait_events(sent=1)
        m = self.c.peer.mts[-1]
        self.assertEqual((m["to"], m["from"], m["to_ton"], m["registered"]), (to[0], "106900", 1, 1))
        self.assertNotRegex(m["octets"].decode("latin-1").lower(), "van|ordos|tip|reward|police")


class SmppSlow(cases.Slow):
    carrier = Smpp


class SmppKilled(cases.Killed):
    carrier = Smpp


class SmppReports(cases.Out):
    """Cases 22 and 24: every form, matched once."""
    carrier = Smpp

    def delivered(self, id_of, *bodies, hurried=None, **events):
        """One message whose answer has that id; then these reports, made of its number."""
        self.before = self.counted()
        self.c.peer.id_of, self.c.peer.hurried = id_of, hurried
        self.tell()
        self.wait_events(sent=1, **(events if hurried else {}))
        m = self.c.peer.mts[-1]
        for body in bodies:
            self.assertEqual(self.c.peer.deliver(body(m)), 1)
        self.wait_events(sent=1, **events)
        self.c.peer.id_of, self.c.peer.hurried = str, None

    def test_every_form(self):
        tlvs = lambda m, state=b"\2": smsc.tlv(0x1E, m["id"].encode() + b"\0") + smsc.tlv(0x427, state)  # noqa: E731
        for what, body in {
                "text": lambda m: receipt(m["id"]), "UCS-2": lambda m: receipt(m["id"], dcs=8), "TLV only": lambda m: receipt("", words=False, tlvs=tlvs(m)),
                "both bits of esm": lambda m: receipt(m["id"], esm=0x24), "an intermediate one first": lambda m: receipt(m["id"], esm=0x20)}.items():
            with self.subTest(what):
                self.delivered(str, *([body] if "first" not in what else [lambda m: receipt(m["id"], "ENROUTE", esm=0x20), body]), delivered=1)
        with self.subTest("TLV says that it failed"):
            self.delivered(str, lambda m: receipt("", words=False, tlvs=tlvs(m, b"\5")), undelivered=1)

    def test_every_spelling(self):
        uuid = lambda n: f"0A1B2C3D-4E5F-6071-8293-{n:012X}"  # noqa: E731
        for what, (id_of, spelled) in {
                "hexadecimal, then decimal": (lambda n: f"{n:x}", lambda m: str(m["number"])), "decimal, then hexadecimal": (str, lambda m: f"{m['number']:08X}"),
                "zeros in front": (str, lambda m: f"{m['number']:010}"), "zeros in the answer": (lambda n: f"{n:012}", lambda m: str(m["number"])),
                "other case": (lambda n: f"ab-{n:X}-cd", lambda m: f"AB-{m['number']:x}-CD"), "UUID": (uuid, lambda m: m["id"].lower()),
                "UUID without dashes": (uuid, lambda m: m["id"].replace("-", "").lower())}.items():
            with self.subTest(what):
                self.delivered(id_of, lambda m, spelled=spelled: receipt(spelled(m)), delivered=1)

    def test_before_the_answer(self):
        def hurried(m):
            connection = self.c.peer.bound()
            for _ in range(2):
                connection.raw(smsc.pdu(smsc.DELIVER, receipt(f"{m['number']:x}"), 0, connection.next()))
        self.delivered(str, lambda m: receipt(m["id"]), hurried=hurried, delivered=1)

    def test_twice_and_of_nobody(self):
        self.delivered(str, *[lambda m: receipt(m["id"])] * 2, lambda m: receipt(m["id"], "UNDELIV"), lambda m: receipt("987654321"),
                       lambda m: receipt("", words=False), delivered=1)
        self.assertEqual({e for e, _ in self.counted()} - {"sent", "delivered", "undelivered"}, set())


class HalfDown(cases.Out):
    """Messages come, and nobody is logged in who could send."""
    carrier, more = HalfDeaf, {"mode": "split"}

    def test_the_gateway_stands_in_and_the_link_comes_back(self):
        wait_for(lambda: self.c.peer.bound(), 20, "the receiver is there")
        told = self.tell(8)
        self.wait_events(sent_by_gateway=8)
        self.assertEqual((sorted(self.by_gateway()), self.taken()), (told, []))
        self.assertEqual(self.d.metrics()['tipline_connector_open{connector="carrier"}'], 1)
        self.c.peer.deaf = set()
        wait_for(lambda: any(c.mode == smsc.BIND_TX for c in self.c.peer.connections), 90, "the sender is there")

        def by_link():
            self.tell()
            self.d.settle()
            return self.taken()
        wait_for(by_link, 60, "the breaker has closed again")


class Settings(unittest.TestCase):
    """A route that names who is not there."""
    LINKS = "sms:\n  route: {}\n  links:\n    carrier: {{host: 127.0.0.1, port: 9, account: tip}}\n"
    WORDS = 'sms.route: no gateway and no link is named "karrier"'

    def write(self, route):
        with open(self.conf, "w", encoding="utf-8") as f:
            f.write(self.LINKS.format(route))

    def setUp(self):
        self.conf = os.path.join(new_dir(), "route.yaml")
        self.d = Daemon()
        command = self.d.command
        self.d.command = lambda: [*command(), "--config", self.conf]

    def test_checked(self):
        self.write("carrier, karrier")
        told = self.d.tipctl("check-config", "--config", self.conf)
        self.assertNotEqual(told.returncode, 0)
        self.assertIn(f"{self.conf}:2:10: {self.WORDS}", told.stderr)
        self.write("carrier")
        self.assertEqual(self.d.tipctl("check-config", "--config", self.conf).returncode, 0)

    def test_refused_at_start_and_at_reload(self):
        self.write("karrier")
        self.d.spawn()
        self.assertNotEqual(self.d.process.wait(60), 0)
        self.assertIn(f"{self.conf}:2:10: {self.WORDS}", self.d.log())
        self.write("carrier")
        self.addCleanup(self.d.close)
        self.d.start()
        self.write("karrier")
        self.d.signal(1)
        wait_for(lambda: '"event":"config.refused"' in self.d.log(), 20, "the new settings are refused")
        self.assertIn(f"{self.conf}:2:10: {self.WORDS}", self.d.log())
        self.assertEqual(self.d.ready().status, 200, "and it goes on with the old ones")


if __name__ == "__main__":
    main()
