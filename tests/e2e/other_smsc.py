#!/usr/bin/python3
"""Carriers whose PDUs nobody of Tipline has written: an SMSC on node-smpp and an ISMG for CMPP 2.0 and 3.0, both ways, with reports."""
import os
import sys
import time
import unittest

from tipline import BUILD, ROOT, Daemon, main, wait_for

sys.path.insert(0, os.path.join(ROOT, "tests/support"))
import sendsms  # noqa: E402
from other_make import OtherMake, install  # noqa: E402

HAN = "昨天下午三点左右，在鄂尔多斯市东胜区长途汽车站北门，一个小女孩被强行拉上一辆银灰色面包车"
LONG = HAN * 4 + "。车牌蒙KA1234"
LONG_GSM = "Ordos {van}, 5€ paid; " * 20 + "end"
SENDER, NUMBER = "8613800138000", "106900"


class WithPeer(unittest.TestCase):
    script, arguments, settings = "", (), {}

    @classmethod
    def setUpClass(cls):
        if not cls.script:
            raise unittest.SkipTest("what the others share")
        cls.peer = OtherMake(cls.script, install(BUILD), *cls.arguments)
        cls.addClassCleanup(cls.peer.close)
        sets = {"host": "127.0.0.1", "port": cls.peer.ports.get("smpp_port") or cls.peer.ports.get("cmpp_port"), "sender": NUMBER, **cls.settings}
        cls.d = Daemon("sms.home_country=86", "sms.answers_per_day=50", *(f"sms.links.carrier.{k}={v}" for k, v in sets.items()))
        cls.addClassCleanup(cls.d.close)
        cls.d.start()

    def setUp(self):
        self.wait_up()
        self.peer.call("/config", self.usual)

    def tips(self, n=1):
        found = []

        def enough():
            found.extend(self.d.claim("000000", max=100))
            return len(found) >= n
        wait_for(enough, 20, lambda: f"{n} tips are there, not {len(found)}")
        self.last = found[-1]["id"]
        return sorted(t["text"] for t in found)

    def one(self, text, **how):
        """One tip of it; its id."""
        self.assertTaken(self.peer.call("/mo", {"from": SENDER, "to": NUMBER, "text": text, **how}))
        self.assertEqual(self.tips(), [text])
        return self.last

    def ends(self, tip):
        """What the journal says of the answer to a tip."""
        return [e["e"] for e in sendsms.events(self.d) if tip in e.values()]

    def answers_to(self, numbers):
        """The answers that went to these senders: one each, after a while in which a second one would have come."""
        def got():
            return [m for m in self.peer.call("/mt") if self.to(m) in numbers]
        wait_for(lambda: len(got()) >= len(numbers), 30, lambda: f"{len(numbers)} answers, not {len(got())}")
        time.sleep(0.5)
        self.assertEqual(sorted(self.to(m) for m in got()), sorted(numbers))
        return sorted(got(), key=self.to)

    def ended(self, tip, *wanted):
        """In any order: a receipt may overtake the answer to what was sent."""
        wait_for(lambda: sorted(self.ends(tip)) == sorted(wanted), 30, lambda: f"{wanted}, not {self.ends(tip)}")


class NodeSmpp(WithPeer):
    script = "smsc.js"
    settings = {"account": "tip", "password": "secret"}
    usual = {"submit_status_queue": [], "dlr": "requested", "dlr_stat": "DELIVRD", "dlr_before_resp": False, "dlr_repeat": 1,
             "dlr_id_format": "same", "dlr_tlv": True, "dlr_tlv_only": False, "id_format": "dec", "throttle_per_s": 0}

    def wait_up(self):
        wait_for(lambda: self.peer.call("/status")["binds"], 30, "it is bound")

    def assertTaken(self, answer):
        self.assertEqual({r.get("status", r.get("error")) for r in answer["results"]}, {0}, answer)

    @staticmethod
    def to(m):
        return m["to"]

    def test_one_part(self):
        self.one("Ordos {van} @ 5€ gare è", encoding="gsm7")
        self.one(HAN + "😢", encoding="ucs2")
        self.one("Fillette enlevée à Ordos", encoding="latin1")

    def test_parts(self):
        for concat in ("udh8", "udh16", "sar"):
            with self.subTest(concat):
                self.one(LONG + concat, encoding="ucs2", concat=concat, ref=9, order=[3, 1, 1, 2])
                self.one(LONG_GSM + concat, encoding="gsm7", concat=concat, ref=10, order=[4, 2, 2, 3, 1])
        self.one("Fillette enlevée à Ordos. " * 12, encoding="latin1", concat="udh8", ref=11)

    def test_payload(self):
        self.one(LONG + " as payload", encoding="ucs2", concat="payload")
        self.one(LONG_GSM + " as payload", encoding="gsm7", concat="payload")

    def answer(self, sender, text):
        """The answer, and the tip it answers."""
        tip = self.one(text, **{"from": sender})
        return self.answers_to([sender])[0], tip

    def test_answers_in_both_codings(self):
        m, tip = self.answer("8613800138001", "a van in Ordos was seen, in English")
        self.assertEqual((m["data_coding"], m["from"], m["registered_delivery"]), (0, NUMBER, 1))
        self.assertNotRegex(m["text"].lower(), "van|ordos|tip|police|reward")
        self.ended(tip, "sent", "delivered")
        m, tip = self.answer("8613800138002", HAN)
        self.assertEqual(m["data_coding"], 8)
        self.assertNotRegex(m["text"], "女孩|举报|奖励")
        self.assertLessEqual(len(m["text"]), 70)
        self.ended(tip, "sent", "delivered")

    def test_receipts_of_every_kind(self):
        kinds = ({"dlr_before_resp": True}, {"dlr_repeat": 2}, {"dlr_tlv": False}, {"dlr_tlv_only": True}, {"dlr_id_format": "padded"},
                 {"dlr_tlv": False, "dlr_id_format": "dec2hex"}, {"id_format": "hex", "dlr_id_format": "hex2dec"},
                 {"id_format": "uuid", "dlr_id_format": "upper"})
        tips = []
        for i, kind in enumerate(kinds):
            self.peer.call("/config", {**self.usual, **kind})
            tips.append(self.answer(f"861380013801{i}", f"a van in Ordos, kind {i}")[1])
        for kind, tip in zip(kinds, tips):
            with self.subTest(kind):
                self.ended(tip, "sent", "delivered")
        self.assertEqual(self.d.claim("000000"), [], "no receipt is a tip")

    def test_undelivered(self):
        self.peer.call("/config", {"dlr_stat": "UNDELIV"})
        _, tip = self.answer("8613800138020", "a van in Ordos, and a telephone that is off")
        self.ended(tip, "sent", "undelivered")

    def test_throttled(self):
        self.peer.call("/config", {"submit_status_queue": [0x58, 0x58, 0x14], "dlr": "never"})
        numbers = [f"861380013803{i}" for i in range(3)]
        for number in numbers:
            self.one(f"a van in Ordos, told by {number}", **{"from": number})
        self.answers_to(numbers)

    def test_octets_that_are_no_message(self):
        for hex_, more in (("00000010" "00000015" "00000000" "000000f0", {"chunk": 1, "gap_ms": 5}), ("0000000f" "00000005" "00000000" "000000f1", {}),
                           ("ffffffff" "00000005" "00000000" "000000f2", {}), ("00000014" "00000077" "00000000" "000000f3" "61626364", {}),
                           ("0000002c" "00000005" "00000000" "000000f4" + "41" * 28, {})):
            with self.subTest(hex_):
                self.wait_up()
                self.peer.call("/raw", {"hex": hex_, "bound_only": True, **more})
                time.sleep(0.2)
                self.wait_up()
                start = time.monotonic()
                self.one(f"the next one after {hex_[:16]}")
                self.assertLess(time.monotonic() - start, 20)


class Ismg(WithPeer):
    script, version = "ismg.js", 0x30
    arguments = ("--sp-id", "900001", "--secret", "888888")
    settings = {"protocol": "cmpp", "account": "900001", "password": "888888", "service": "HELP", "version": "3.0"}
    usual = {"resend_ms": 60000, "resend_n": 3, "submit_result_queue": [], "report": "requested", "report_stat": "DELIVRD", "report_repeat": 1,
             "report_before_resp": False}

    def wait_up(self):
        wait_for(lambda: any(c["up"] for c in self.peer.call("/status")["connections"]), 30, "it is logged in")

    def assertTaken(self, answer):
        self.assertEqual({r.get("result", r.get("error")) for r in answer["results"]}, {0}, answer)

    @staticmethod
    def to(m):
        return m["to"][0][-11:]

    def test_the_version_agreed_on(self):
        self.assertEqual([c["version"] for c in self.peer.call("/status")["connections"] if c["up"]], [self.version])

    def test_one_part(self):
        self.one("A girl was dragged into a van at Ordos", fmt=0)
        self.one(HAN + "😢", fmt=8)
        self.one(HAN, fmt=15)

    def test_parts(self):
        self.one(LONG + " 8", fmt=8, ref=8, order=[3, 1, 3, 2])
        self.one(LONG + " 15", fmt=15, ref=8, order=[2, 3, 1])

    def test_sent_again(self):
        self.peer.call("/config", {"resend_ms": 150, "resend_n": 100})
        self.d.redis_ask("client", "pause", 1000)
        self.one(HAN + " again", fmt=15)
        self.assertGreater(self.peer.call("/status")["stats"]["mo_resent"], 0)
        time.sleep(0.5)
        self.assertEqual(self.d.claim("000000"), [])

    def test_answers_and_reports(self):
        for i, kind in enumerate(({}, {"report_before_resp": True}, {"report_repeat": 2})):
            with self.subTest(kind):
                self.peer.call("/config", {**self.usual, **kind})
                number = f"138001380{self.version % 7}{i}"
                tip = self.one(HAN + f" kind {i}", **{"from": number})
                m = self.answers_to([number])[0]
                self.assertEqual((m["fmt"], m["from"], m["registered"]), (8, NUMBER, 1))
                self.assertNotRegex(m["text"], "女孩|举报|奖励")
                self.ended(tip, "sent", "delivered")
        self.assertEqual(self.d.claim("000000"), [], "no report is a tip")

    def test_too_fast(self):
        self.peer.call("/config", {"submit_result_queue": [8, 8], "report": "never"})
        self.one("a van at Ordos, too fast", **{"from": "13800138060"})
        self.answers_to(["13800138060"])

    def test_goodbye_and_octets_that_are_no_message(self):
        self.peer.call("/terminate", {})
        wait_for(lambda: not any(c["up"] for c in self.peer.call("/status")["connections"]) or self.peer.call("/status")["stats"]["connects"] > 1,
                 20, "it has left")
        self.wait_up()
        self.one("after the goodbye, at Ordos")
        for hex_ in ("0000000b0000000500000384", "ffffffff0000000500000385", "000000140000000500000386" + "01" * 8):
            self.peer.call("/raw", {"hex": hex_})
            time.sleep(0.2)
            self.wait_up()
            self.one(f"the next one after {hex_[:8]}")


class Ismg20(Ismg):
    version = 0x20
    settings = {**Ismg.settings, "version": "2.0"}


if __name__ == "__main__":
    main()
