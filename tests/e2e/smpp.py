#!/usr/bin/python3
"""A carrier's SMSC over SMPP: messages in every form, answered when they are stored; outages of both sides; octets that are none."""
import os
import ssl
import struct
import subprocess
import sys
import time
import unittest

from tipline import ROOT, Daemon, in_threads, main, new_dir, wait_for

sys.path.insert(0, os.path.join(ROOT, "tests/support"))
import smsc as peer  # noqa: E402

HAN = "昨天下午三点左右，在鄂尔多斯市东胜区长途汽车站北门，一个小女孩被强行拉上一辆银灰色面包车"
LONG = HAN * 4 + "😢"


def linked(smsc, *more, **settings):
    sets = {"host": "127.0.0.1", "port": smsc.port, "account": "tip", "password": "secret", "sender": "106900", **settings}
    return Daemon(*(f"sms.links.carrier.{k}={v}" for k, v in sets.items()), *more)


def parts(octets, size, header):
    pieces = [octets[i:i + size] for i in range(0, len(octets), size)]
    return [(header(len(pieces), i + 1), piece) for i, piece in enumerate(pieces)]


class Linked(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.smsc = peer.Smsc()
        cls.d = linked(cls.smsc).start()

    @classmethod
    def tearDownClass(cls):
        cls.d.close()
        cls.smsc.close()

    def tips(self, n=1):
        found = []

        def enough():
            found.extend(t["text"] for t in self.d.claim("000000", max=100))
            return len(found) >= n
        wait_for(enough, 20, lambda: f"{n} tips are there, not {len(found)}")
        return found

    def one(self, text, octets, **fields):
        self.assertEqual(self.smsc.deliver(peer.deliver_body(octets, **fields)), 1)
        self.assertEqual(self.tips(), [text])


class Forms(Linked):
    def test_gsm_with_its_extension(self):
        self.one("Ordos {van} @ 5€ gare è", b"Ordos \x1b\x28van\x1b\x29 \x00 5\x1b\x65 gare \x04")

    def test_ucs2_with_a_surrogate_pair(self):
        self.one(HAN + "😢", (HAN + "😢").encode("utf-16-be"), dcs=8)

    def test_latin1(self):
        self.one("Fillette enlevée à Ordos", "Fillette enlevée à Ordos".encode("latin-1"), dcs=3)

    def test_gbk(self):
        self.one(HAN, HAN.encode("gbk"), dcs=15)

    def test_flash_message(self):
        self.one("Class zero: a van at Ordos", b"Class zero: a van at Ordos", dcs=0xF0)

    def test_254_octets(self):
        text = "Ordos van " * 25 + "four"
        self.one(text, text.encode())

    def test_schedule_and_validity(self):
        self.one("with times: van at Ordos", b"with times: van at Ordos", schedule="261121120000000+", validity="000001000000000R")

    def test_payload(self):
        text = (HAN * 50)[:2048]
        self.one(text, b"", dcs=8, tlvs=peer.tlv(0x0424, text.encode("utf-16-be")))

    def test_unknown_parameters(self):
        self.one("more is told than we know", b"more is told than we know", tlvs=peer.tlv(0x1400, b"x" * 300) + peer.tlv(0x0204, b"\0\7"))

    def test_data_sm(self):
        body = b"\0" + peer.address("+8613800138000") + peer.address("106900") + b"\0\0\0" + peer.tlv(0x0424, b"as data: van at Ordos")
        self.assertEqual(self.smsc.deliver(body, command=peer.DATA), 1)
        self.assertEqual(self.tips(), ["as data: van at Ordos"])

    def test_a_tip_that_looks_like_a_receipt(self):
        self.one("id:1 stat:DELIVRD", b"id:1 stat:DELIVRD")

    def long(self, sender, order, header, udh=True, size=134):
        made = parts(LONG.encode("utf-16-be"), size, header)
        for i in order:
            head, piece = made[i]
            fields = {"udh": head} if udh else {"tlvs": head}
            self.smsc.deliver(peer.deliver_body(piece, sender=sender, dcs=8, **fields))
        self.assertEqual(self.tips(), [LONG])

    def test_parts_by_header_of_8_bits(self):
        self.long("+8613800138001", [2, 0, 1, 1], lambda n, i: bytes([5, 0, 3, 9, n, i]))

    def test_parts_by_header_of_16_bits(self):
        self.long("+8613800138002", [1, 2, 0], lambda n, i: bytes([6, 8, 4, 1, 9, n, i]), size=132)

    def test_parts_by_sar(self):
        self.long("+8613800138003", [2, 1, 0], lambda n, i: peer.tlv(0x20C, b"\1\x09") + peer.tlv(0x20E, bytes([n])) +
                  peer.tlv(0x20F, bytes([i])), udh=False)


class Receipts(Linked):
    def test_none_is_a_tip(self):
        words = b"id:42 sub:001 dlvrd:001 submit date:2611211200 done date:2611211200 stat:DELIVRD err:000 text:"
        before = self.d.metrics()['tipline_link_reports_total{link="carrier"}']
        for fields in ({"octets": words, "esm": 4}, {"octets": words, "esm": 0x24}, {"octets": words, "esm": 0x20},
                       {"octets": words.decode().encode("utf-16-be"), "esm": 4, "dcs": 8}, {"octets": b"", "esm": 4},
                       {"octets": b"", "esm": 4, "tlvs": peer.tlv(0x1E, b"42\0") + peer.tlv(0x427, b"\2")}):
            self.assertEqual(self.smsc.deliver(peer.deliver_body(**fields)), 1)
        self.assertEqual(self.d.metrics()['tipline_link_reports_total{link="carrier"}'] - before, 6)
        self.assertEqual(self.d.claim("000000"), [])


class Octets(Linked):
    """What comes in other pieces, and what is no SMPP."""

    def texts(self, what, n):
        return [f"{what} number {i} at Ordos" for i in range(n)]

    def pdus(self, texts, connection):
        return b"".join(peer.pdu(peer.DELIVER, peer.deliver_body(t.encode()), 0, connection.next()) for t in texts)

    def test_one_octet_at_a_time(self):
        connection = self.smsc.bound()
        texts = self.texts("slow", 3)
        for octet in self.pdus(texts, connection):
            connection.raw(bytes([octet]))
        self.assertEqual(sorted(self.tips(3)), texts)

    def test_fifty_in_one_write(self):
        connection = self.smsc.bound()
        texts = self.texts("fast", 50)
        connection.raw(self.pdus(texts, connection))
        self.assertEqual(sorted(self.tips(50)), sorted(texts))

    def test_more_than_its_window(self):
        connection = self.smsc.bound()
        texts = self.texts("flood", 300)
        connection.raw(self.pdus(texts, connection))
        wait_for(lambda: connection.answer(connection.sequence, 0.1), 60, "the last one is answered")
        found = []
        while len(found) < 300:
            found += self.tips()
        self.assertEqual(sorted(found), sorted(texts))

    def broken(self, what, octets):
        self.smsc.bound().raw(octets)
        start = time.monotonic()
        self.smsc.deliver(peer.deliver_body(f"the next one after {what}".encode()), seconds=20)
        self.assertLess(time.monotonic() - start, 20)
        self.assertEqual(self.tips(), [f"the next one after {what}"])

    def test_broken_pdus(self):
        whole = peer.deliver_body(b"a text that never ends")
        for what, octets in {
                "length 0": struct.pack(">IIII", 0, 5, 0, 900), "length 15": struct.pack(">IIII", 15, 5, 0, 901),
                "length of 4 GiB": struct.pack(">IIII", 0xFFFFFFFF, 5, 0, 902),
                "no NUL": peer.pdu(5, b"\x41" * 60, 0, 903), "no body": peer.pdu(5, b"", 0, 904),
                "a text past the end": peer.pdu(5, whole[:-10], 0, 905),
                "half a TLV": peer.pdu(5, whole + b"\4\x24", 0, 906),
                "a TLV past the end": peer.pdu(5, whole + b"\4\x24\xff\xff12", 0, 907),
                "an unknown command": peer.pdu(0x77, b"abc", 0, 908),
                "an answer to nothing": peer.pdu(0x80000004, b"77\0", 0, 909),
                "noise": bytes(range(7, 250))}.items():
            with self.subTest(what):
                self.broken(what, octets)
        self.assertGreater(self.d.metrics()['tipline_link_broken_total{link="carrier"}'], 5)

    def test_keepalive_is_answered(self):
        connection = self.smsc.bound()
        sequence = connection.next()
        connection.raw(peer.pdu(peer.ENQUIRE, b"", 0, sequence))
        self.assertEqual(connection.answer(sequence, 10), (peer.ENQUIRE | peer.RESPONSE, 0))


class Outages(unittest.TestCase):
    def start(self, *more, **settings):
        self.smsc = peer.Smsc()
        self.addCleanup(self.smsc.close)
        self.d = linked(self.smsc, *more, **settings)
        self.addCleanup(self.d.close)
        self.d.start()

    def all_tips(self):
        found = []
        while tips := self.d.claim("000000", max=100):
            found += [t["text"] for t in tips]
        return sorted(found)

    def test_the_daemon_is_killed_at_any_point(self):
        self.start()
        texts = [f"told through deaths, number {i:03} at Ordos" for i in range(120)]
        long = [f"{i:02} {LONG}" for i in range(20)]
        ended = []

        def tell(k):
            for i, text in enumerate(texts[k::4]):
                self.smsc.deliver(peer.deliver_body(text.encode()), seconds=120)
                if i % 6 == 0:
                    made = parts(long[k * 5 + i // 6].encode("utf-16-be"), 134, lambda n, at: bytes([5, 0, 3, k * 5 + i // 6, n, at]))
                    for head, piece in made:
                        self.smsc.deliver(peer.deliver_body(piece, udh=head, dcs=8, sender=f"+861380013800{k}"), seconds=120)
            ended.append(k)

        def kill(k):
            for pause in (0.05, 0.15, 0.02, 0.3):
                wait_for(lambda: len(ended) == 4 or any(c.mode for c in self.smsc.connections), 30, "bound again")
                time.sleep(pause)
                self.d.kill()
                self.d.start()
        in_threads(5, lambda k: kill(k) if k == 4 else tell(k))
        self.d.wait_works()
        found = []
        wait_for(lambda: len(found.extend(self.all_tips()) or found) >= 140, 30, "the long ones are joined")
        self.assertEqual(sorted(found), sorted(texts + long))

    def test_smsc_dies_before_the_answer_and_repeats(self):
        self.start()
        for i in range(5):
            body = peer.deliver_body(f"repeated {i} at Ordos".encode())
            connection = self.smsc.bound()
            connection.raw(peer.pdu(peer.DELIVER, body, 0, connection.next()))
            connection.close()
            self.smsc.deliver(body)
        self.assertEqual(self.all_tips(), [f"repeated {i} at Ordos" for i in range(5)])

    def test_store_is_away(self):
        self.start()
        self.d.redis_ask("client", "pause", 3000)
        self.smsc.deliver(peer.deliver_body(b"while the store was slow at Ordos"))
        wait_for(lambda: self.d.works(), 30, "the store is back")
        self.assertEqual(self.all_tips(), ["while the store was slow at Ordos"])

    def test_refused_for_a_while(self):
        self.smsc = peer.Smsc()
        self.addCleanup(self.smsc.close)
        self.smsc.bind_status = 0x0D
        self.d = linked(self.smsc)
        self.addCleanup(self.d.close)
        self.d.start()
        wait_for(lambda: self.smsc.binds, 20, "the first bind")
        self.assertIn("link carrier: 0 of 1", self.d.ready().text)
        time.sleep(4)
        self.smsc.bind_status = 0
        self.smsc.deliver(peer.deliver_body(b"after the refusals at Ordos"), seconds=20)
        self.assertLessEqual(len(self.smsc.binds), 20)
        self.assertEqual(self.all_tips(), ["after the refusals at Ordos"])
        self.assertNotIn("link carrier", self.d.ready().text)

    def test_unbind_by_the_smsc(self):
        self.start()
        for i in range(3):
            connection = self.smsc.bound()
            sequence = connection.next()
            connection.raw(peer.pdu(peer.DELIVER, peer.deliver_body(f"before goodbye {i} at Ordos".encode()), 0, connection.next()) +
                           peer.pdu(peer.UNBIND, b"", 0, sequence))
            self.assertEqual(connection.answer(sequence, 10), (peer.UNBIND | peer.RESPONSE, 0))
            self.assertEqual(connection.answer(sequence + 1, 10), (peer.DELIVER | peer.RESPONSE, 0), "answered before the goodbye")
            wait_for(lambda: not connection.open, 10, "the connection ends")
        self.smsc.deliver(peer.deliver_body(b"and after at Ordos"), seconds=20)
        self.assertLessEqual(len(self.smsc.binds), 20)
        self.assertEqual(self.all_tips(), ["and after at Ordos"] + [f"before goodbye {i} at Ordos" for i in range(3)])

    def test_goodbye_at_the_end(self):
        self.start()
        connection = self.smsc.bound()
        self.assertEqual(self.d.stop(), 0)
        self.assertIn(peer.UNBIND, [command for command, *_ in self.smsc.got])
        self.assertFalse(connection.open)

    def test_silent_smsc_is_left(self):
        self.start(keepalive_s=1)
        first = self.smsc.bound()
        self.smsc.answers_enquire = False
        wait_for(lambda: not first.open, 20, "the dead connection is left")
        self.smsc.answers_enquire = True
        self.smsc.deliver(peer.deliver_body(b"on the new one at Ordos"), seconds=20)
        self.assertEqual(self.all_tips(), ["on the new one at Ordos"])

    def test_split_binds_and_several_sessions(self):
        self.start(mode="split", sessions=2)
        wait_for(lambda: sorted(c.mode for c in self.smsc.connections) == [1, 1, 2, 2], 20, "two of each")
        self.smsc.deliver(peer.deliver_body(b"by a receiver at Ordos"))
        self.assertEqual(self.all_tips(), ["by a receiver at Ordos"])

    def test_reload_ends_and_begins_links(self):
        conf = os.path.join(new_dir(), "links.yaml")
        self.smsc = peer.Smsc()
        self.addCleanup(self.smsc.close)
        other = peer.Smsc()
        self.addCleanup(other.close)

        def write(smsc):
            with open(conf, "w", encoding="utf-8") as f:
                f.write(f"sms:\n  links:\n    carrier:\n      host: 127.0.0.1\n      port: {smsc.port}\n      account: tip\n")
        write(self.smsc)
        self.d = Daemon()
        command = self.d.command
        self.d.command = lambda: [*command(), "--config", conf]
        self.addCleanup(self.d.close)
        self.d.start()
        first = self.smsc.bound()
        self.d.signal(1)
        time.sleep(1)
        self.assertTrue(first.open, "what did not change stays")
        write(other)
        self.d.signal(1)
        other.deliver(peer.deliver_body(b"at the new carrier in Ordos"), seconds=20)
        wait_for(lambda: not first.open, 10, "the old one is left")
        self.assertEqual(self.all_tips(), ["at the new carrier in Ordos"])

    def test_nothing_of_a_message_in_the_log(self):
        self.start()
        self.smsc.deliver(peer.deliver_body("sëcret words at Ordos".encode("latin-1"), dcs=3, sender="+8613912345678"))
        self.smsc.bound().raw(peer.pdu(5, b"\x41" * 60, 0, 903))
        self.smsc.drop()
        self.smsc.bound()
        wait_for(lambda: b"link.down" in self.d.all_logs(), 10, "the end is logged")
        self.assertNotRegex(self.d.all_logs(), b"13912345678|cret words")


class Encrypted(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = new_dir()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                        "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", cls.dir + "/key", "-out", cls.dir + "/cert"],
                       check=True, capture_output=True)

    def start(self, **settings):
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.dir + "/cert", self.dir + "/key")
        self.smsc = peer.Smsc(tls=tls)
        self.addCleanup(self.smsc.close)
        self.d = linked(self.smsc, tls="true", **settings)
        self.addCleanup(self.d.close)
        self.d.start()

    def test_messages_come(self):
        self.start(host="localhost", tls_ca=self.dir + "/cert")
        for i in range(20):
            self.smsc.deliver(peer.deliver_body(f"sealed on the way {i:02} at Ordos".encode()))
        found = sorted(t["text"] for t in self.d.claim("000000", max=100))
        self.assertEqual(found, [f"sealed on the way {i:02} at Ordos" for i in range(20)])

    def test_another_name_is_refused(self):
        self.start(host="127.0.0.1", tls_ca=self.dir + "/cert")
        wait_for(lambda: b"link.not_up" in self.d.all_logs(), 20, "it says so")
        self.assertEqual(self.smsc.binds, [])

    def test_an_unknown_authority_is_refused(self):
        self.start(host="localhost")
        wait_for(lambda: b"link.not_up" in self.d.all_logs(), 20, "it says so")
        self.assertEqual(self.smsc.binds, [])


if __name__ == "__main__":
    main()
