#!/usr/bin/python3
"""A real Kannel between a carrier's SMSC and the daemon: messages in, answers out, and what the carrier tells of them on the way back."""
import os
import sys
import time
import unittest

from tipline import ROOT, free_port, main, wait_for
from sms import Kannel, configured, kannel_there

sys.path.insert(0, os.path.join(ROOT, "tests/support"))
import sendsms  # noqa: E402
import smsc as peer  # noqa: E402

SENDER = "+8613800138000"
DLR = "id:{} sub:001 dlvrd:{} submit date:2611211200 done date:2611211200 stat:{} err:{} text:"


@unittest.skipUnless(kannel_there(), "kannel and kannel-extras are not installed")
class BetweenCarrierAndDaemon(unittest.TestCase):
    """One Kannel, bound to the SMSC as a transceiver; a message in, its answer and the receipts in each test."""

    @classmethod
    def setUpClass(cls):
        cls.smsc = peer.Smsc()
        port = free_port()
        cls.kannel = Kannel(f"http://127.0.0.1:{port}", "--smpp", str(cls.smsc.port))
        cls.d = configured(port, cls.kannel.env["SENDSMS_URL"], public_url=f"http://127.0.0.1:{port}").start()

    @classmethod
    def tearDownClass(cls):
        cls.d.close()
        cls.kannel.down()
        cls.smsc.close()

    def setUp(self):
        self.smsc.mts.clear()
        self.before = self.events()
        self.figures = self.reports()

    def events(self):
        return [e["e"] for e in sendsms.events(self.d)]

    def reports(self):
        metrics = self.d.metrics()
        return {end: metrics[f'tipline_delivery_reports_total{{end="{end}"}}'] for end in ("delivered", "failed", "nothing_new")}

    def became(self, *wanted):
        """The events since the test began; in any order, because a receipt may overtake the answer to sendsms."""
        def new():
            events = self.events()
            for old in self.before:
                events.remove(old)
            return sorted(events)
        wait_for(lambda: new() == sorted(wanted), 30, lambda: f"{wanted}, but {new()}")

    def counted(self, end, n=1):
        wait_for(lambda: self.reports()[end] - self.figures[end] == n, 20, lambda: f"{n} more {end}: {self.reports()}, were {self.figures}")

    def message_in(self, text, **fields):
        self.assertEqual(self.smsc.deliver(peer.deliver_body(text.encode(), sender=SENDER, **fields)), 1)
        self.assertEqual([t["text"] for t in self.d.claim_when_there()], [text])

    def answer_out(self):
        wait_for(lambda: self.smsc.mts, 30, "the answer is at the SMSC")
        m = self.smsc.mts[0]
        self.assertEqual((m["from"], m["to"], m["registered"] & 1), ("106900", SENDER[1:], 1))
        return m

    def receipt(self, m, stat):
        done = stat == "DELIVRD"
        text = DLR.format(m["id"], "001" if done else "000", stat, "000" if done else "027")
        self.smsc.deliver(peer.deliver_body(text.encode(), sender=SENDER, esm=4))

    def test_delivered(self):
        self.message_in("Ordos: a girl in a van, told through Kannel")
        m = self.answer_out()
        self.assertNotRegex(m["octets"].decode("latin-1").lower(), "girl|van|ordos|tip|police|reward")
        self.receipt(m, "DELIVRD")
        self.became("sent", "delivered")
        self.counted("delivered")
        time.sleep(0.5)
        self.assertEqual(len(self.smsc.mts), 1, "one message, one answer")
        self.assertEqual(self.d.claim("000000", max=10), [], "a receipt is no tip")

    def test_expired(self):
        """Kannel tells it as 34: failed, and expired."""
        self.message_in("Ordos: another van, and nobody at home")
        self.receipt(self.answer_out(), "EXPIRED")
        self.became("sent", "undelivered")
        self.counted("failed")

    def test_undeliverable(self):
        self.message_in("Ordos: a third van, from a number that is gone")
        self.receipt(self.answer_out(), "UNDELIV")
        self.became("sent", "undelivered")
        self.counted("failed")

    def test_refused_by_the_carrier(self):
        """sendsms has accepted it before the SMSC says no: what comes back is a report alone."""
        self.smsc.statuses.append(0x0B)
        self.message_in("Ordos: a fourth van, no answer possible")
        self.became("sent", "undelivered")
        self.counted("failed")
        self.assertEqual((self.smsc.mts, self.smsc.refusals), ([], 1), "tried once")


if __name__ == "__main__":
    main()
