#!/usr/bin/python3
"""Hard cases of SMS (docs/QUALITY.md, section 5) that need a whole daemon: carriers' links that share parts, references that collide, many at once."""
import os
import re
import sys
import threading
import unittest

from tipline import ROOT, Daemon, Redis, in_threads, main, wait_for

sys.path.insert(0, os.path.join(ROOT, "tests/support"))
import smsc as peer  # noqa: E402

SECRET = "s3cr3t-0123456789"
SENDER = "+8613800138000"


def udh8(reference, total, number):
    return bytes([5, 0, 3, reference, total, number])


def linked(*more, **links):
    """A daemon with these links."""
    return Daemon(*(f"sms.links.{name}.{k}={v}" for name, smsc in links.items() for k, v in
                    {"host": "127.0.0.1", "port": smsc.port, "account": "tip", "password": "secret", "sender": "106900", "window": 50}.items()),
                  *(f"sms.gateways.kannel.{k}={v}" for k, v in {"driver": "kannel", "secret": SECRET, "sender": "106900"}.items()), *more)


def all_texts(d):
    found = []
    while tips := d.claim("000000", max=100):
        found += [t["text"] for t in tips]
    return sorted(found)


class TwoLinks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.a, cls.b = peer.Smsc(), peer.Smsc()
        cls.addClassCleanup(cls.a.close)
        cls.addClassCleanup(cls.b.close)
        cls.d = linked(a=cls.a, b=cls.b)
        cls.addClassCleanup(cls.d.close)
        cls.d.start()

    def tips(self, n):
        found = []
        wait_for(lambda: found.extend(all_texts(self.d)) or len(found) >= n, 30, lambda: f"{n} tips, not {len(found)}")
        return sorted(found)

    def post(self, key, text, udh=b"", sender=SENDER):
        fields = {"X-Kannel-From": sender, "X-Kannel-To": "106900", "X-Kannel-Coding": "2", "Content-Type": "text/plain; charset=UTF-8",
                  "X-Tipline-Token": SECRET}
        if udh:
            fields["X-Kannel-UDH"] = "".join(f"%{b:02X}" for b in udh)
        answer = self.d.ask("public", "POST", f"/sms/kannel?id={key}&ts=2026-11-21+10:00:00", text.encode(), fields)
        self.assertEqual((answer.body, (answer.headers.get("Content-Type") or "text/plain").split(";")[0]), (b"", "text/plain"))
        return answer.status

    def test_parts_over_two_links(self):
        """Case 12: the parts of one message come over either link, and the third through a gateway."""
        for number, smsc in ((1, self.a), (3, self.b)):
            smsc.deliver(peer.deliver_body(f"Ordos over links {number}. ".encode(), udh=udh8(12, 3, number)))
        self.assertEqual(self.post("p2", "Ordos over links 2. ", udh8(12, 3, 2)), 200)
        self.assertEqual(self.tips(1), ["".join(f"Ordos over links {n}. " for n in (1, 2, 3))])

    def test_two_links_and_one_name(self):
        """A name is no number: who hides behind it is known to one carrier alone."""
        for smsc, text in ((self.a, "first"), (self.b, "second")):
            for number in (1, 2):
                smsc.deliver(peer.deliver_body(f"{text} {number} at Ordos ".encode(), sender="Hidden", udh=udh8(13, 2, number)))
        self.assertEqual(self.tips(2), [f"{t} 1 at Ordos {t} 2 at Ordos " for t in ("first", "second")])

    def test_references_of_three_kinds(self):
        """Case 7: reference 9 of 8 bits, 9 of 16 bits and 0x109 by SAR, all at once, from one sender."""
        def part(kind, number):
            text = f"{kind} at Ordos, part {number}. ".encode()
            if kind == "eight":
                return peer.deliver_body(text, udh=udh8(9, 2, number))
            if kind == "sixteen":
                return peer.deliver_body(text, udh=bytes([6, 8, 4, 0, 9, 2, number]))
            return peer.deliver_body(text, tlvs=peer.tlv(0x20C, b"\1\x09") + peer.tlv(0x20E, b"\2") + peer.tlv(0x20F, bytes([number])))
        for number in (2, 1):
            for kind in ("eight", "sixteen", "sar"):
                self.a.deliver(part(kind, number))
        self.assertEqual(self.tips(3), sorted(f"{k} at Ordos, part 1. {k} at Ordos, part 2. " for k in ("eight", "sixteen", "sar")))

    def test_headers_that_lie(self):
        """Case 9: part 0, part beyond the total, total 0, an element and a header beyond the end, a header alone: kept as single texts."""
        for i, udh in enumerate((udh8(20, 2, 0), udh8(20, 2, 3), udh8(20, 0, 1), bytes([5, 0, 9, 20, 2, 1]))):
            self.a.deliver(peer.deliver_body(f"lying {i} at Ordos".encode(), udh=udh))
            self.assertIn(f"lying {i} at Ordos", self.tips(1)[0])
        self.a.deliver(peer.deliver_body(b"at Ordos", udh=b"\xff"))
        self.a.deliver(peer.deliver_body(b"", udh=udh8(21, 2, 1)[:1]))
        self.a.deliver(peer.deliver_body(b"the next one at Ordos"))
        self.assertIn("the next one at Ordos", self.tips(1))

    def test_many_senders_and_one_reference(self):
        """Case 13: 256 senders interleave messages of three parts with one reference, over both links."""
        def send(k):
            for number in (3, 1, 2):
                for i in range(k, 256, 8):
                    smsc = (self.a, self.b)[(i + number) % 2]
                    smsc.deliver(peer.deliver_body(f"sender {i:03} at Ordos, part {number}. ".encode(), sender=f"+8613800{i:06}", udh=udh8(77, 3, number)))
        in_threads(8, send)
        self.assertEqual(self.tips(256), ["".join(f"sender {i:03} at Ordos, part {n}. " for n in (1, 2, 3)) for i in range(256)])

    def test_255_parts(self):
        """Case 13: a message of 255 parts, backwards."""
        for number in range(255, 0, -1):
            self.a.deliver(peer.deliver_body(f"van {number:03} ".encode(), sender="+8613800138255", udh=udh8(255, 255, number)))
        self.assertEqual(self.tips(1), ["".join(f"van {n:03} " for n in range(1, 256))])

    def test_tables_within_parts(self):
        """Case 16: Turkish locking (19) and single (1b 65) shift tables in the headers of both parts."""
        for number, octets in ((2, b"Ordos \x07\x1b\x53"), (1, b"Ordos \x0b\x0c\x1b\x65 ")):
            self.a.deliver(peer.deliver_body(octets, udh=bytes([11, 0, 3, 16, 2, number, 0x24, 1, 1, 0x25, 1, 1])))
        self.assertEqual(self.tips(1), ["Ordos Ğğ€ Ordos ıŞ"])

    def test_nothing_to_read(self):
        """Case 31: silent SMS, WAP push, MMS notice: taken, no tip; class 0 is one. Nothing is answered."""
        before = len(self.a.mts)
        for fields in ({"pid": 0x40}, {"udh": bytes.fromhex("0605040b8423f0"), "dcs": 4}, {"udh": bytes.fromhex("06050423f00000"), "dcs": 4},
                       {"pid": 0x7F, "dcs": 0xF6}):
            self.assertEqual(self.a.deliver(peer.deliver_body(b"\x01\x06\x02 http://192.0.2.1/x", sender="+8613800138031", **fields)), 1)
        self.a.deliver(peer.deliver_body(b"class 0 at Ordos", sender="+8613800138032", dcs=0xF0))
        self.assertEqual(self.tips(1), ["class 0 at Ordos"])
        wait_for(lambda: [m for m in self.a.mts[before:] if m["to"] == "8613800138032"], 30, "the text has its answer")
        self.assertEqual([m for m in self.a.mts[before:] if m["to"] == "8613800138031"], [])

    def test_512_connections(self):
        """Case 37, a small form: 512 requests at once through the gateway, none lost, none twice."""
        statuses = in_threads(512, lambda i: self.post(f"many-{i}", f"connection {i:03} at Ordos", sender=f"+8613801{i:06}"))
        self.assertEqual(set(statuses), {200})
        self.assertEqual(self.tips(512), [f"connection {i:03} at Ordos" for i in range(512)])

    def test_a_window_of_50(self):
        """Case 37, a small form: 1,000 messages with never more than 50 open, over one connection, none lost, none twice."""
        connection, open_, sent = self.b.bound(), [], []
        for i in range(1000):
            if len(open_) == 50:
                self.assertEqual(connection.answer(open_.pop(0), 30)[1], 0)
            open_.append(connection.next())
            sent.append(f"window {i:04} at Ordos")
            connection.raw(peer.pdu(peer.DELIVER, peer.deliver_body(sent[-1].encode(), sender=f"+8613802{i:06}"), 0, open_[-1]))
        for sequence in open_:
            self.assertEqual(connection.answer(sequence, 30)[1], 0)
        self.assertEqual(self.tips(1000), sent)


class StoreAway(unittest.TestCase):
    def test_asked_again_by_0x64(self):
        """A part cannot be kept while the store is away: 0x64 (ESME_RX_T_APPN), and the SMSC repeats it; cases 1 and 3: Kannel hears 503."""
        redis, smsc = Redis().start(), peer.Smsc()
        self.addCleanup(redis.remove)
        self.addCleanup(smsc.close)
        d = linked(f"store.address={redis.address}", a=smsc)
        self.addCleanup(d.close)
        d.start()
        smsc.bound()
        redis.kill()
        wait_for(lambda: d.ready().status == 503, 30, "the store is away")
        times = [0, 0, 0]

        def send(number):
            times[number] = smsc.deliver(peer.deliver_body(f"while it was away {number}. ".encode(), udh=udh8(64, 2, number)), seconds=120)
        senders = [threading.Thread(target=send, args=(n,)) for n in (1, 2)]
        for t in senders:
            t.start()

        def refused():
            return sum(1 for command, status, *_ in smsc.got if command == peer.DELIVER | peer.RESPONSE and status == peer.AGAIN)
        wait_for(lambda: refused() >= 4, 60, "both are asked for again")
        fields = {"X-Kannel-From": SENDER, "X-Kannel-To": "106900", "X-Kannel-Coding": "2", "Content-Type": "text/plain; charset=UTF-8",
                  "X-Tipline-Token": SECRET, "X-Kannel-UDH": "%05%00%03%41%02%01"}
        answer = d.ask("public", "POST", "/sms/kannel?id=away&ts=2026-11-21+10:00:00", b"a part by Kannel", fields)
        self.assertEqual((answer.status, answer.body), (503, b""))
        redis.start()
        for t in senders:
            t.join()
        self.assertGreater(min(times[1:]), 1)
        d.wait_works()
        found = []
        wait_for(lambda: found.extend(all_texts(d)) or found, 30, "they are joined")
        self.assertEqual(found, ["while it was away 1. while it was away 2. "])


class Table(unittest.TestCase):
    def test_every_case_has_its_tests(self):
        with open(os.path.join(ROOT, "docs/QUALITY.md"), encoding="utf-8") as f:
            rows = re.findall(r"^\| (\d+) \|.*\|(.*)\|$", f.read().split("## 5. SMS")[1], re.MULTILINE)
        self.assertEqual([int(number) for number, _ in rows], list(range(1, 41)))
        for number, shown in rows:
            named = re.findall(r"`([^`]+)`: `([^`]+)`", shown)
            self.assertTrue(named, number)
            for path, name in named:
                with open(os.path.join(ROOT, "tests", path), encoding="utf-8") as f:
                    self.assertRegex(f.read(), rf"(def|static void) {name}\(", f"case {number}: {path}")


if __name__ == "__main__":
    main()
