#!/usr/bin/python3
"""
What leaves by SMS: gateways that refuse, break, are slow or silent; delivery
reports; a daemon that is killed. Nobody gets a message twice beyond what is told.
"""
import os
import re
import sys
import time
import unittest

from tipline import ROOT, Daemon, main, wait_for

sys.path.insert(0, os.path.join(ROOT, "tests/support"))
import sendsms  # noqa: E402
from sendsms import Sink  # noqa: E402


class Courier(unittest.TestCase):
    def start(self, *more, **sinks):
        sets = []
        for name, sink in sinks.items():
            self.addCleanup(sink.close)
            sets += sendsms.settings(name, sink)
        self.d = Daemon(*sets, *more)
        self.addCleanup(self.d.close)
        self.d.start()

    def write(self, n, gateway="kannel"):
        """A message in, which is answered."""
        answer = sendsms.write(self.d, gateway, self.number(n), f"东胜区看到可疑的人{n}", f"m-{n}")
        self.assertEqual((answer.status, answer.body), (200, b""))

    @staticmethod
    def number(n):
        return f"+8613800138{n:03d}"

    def events(self):
        """Events of messages in all journals."""
        return [(e["e"], e["via"]) for e in sendsms.events(self.d)]

    def wait_events(self, *expected):
        wait_for(lambda: sorted(self.events()) == sorted(expected), 60, lambda: f"{expected}, but {self.events()}")

    def report(self, dlr, kind):
        """Kannel calls the address that came with the message."""
        path = re.sub(r"^http://[^/]*", "", dlr).replace("%d", str(kind))
        answer = self.d.ask("public", "GET", path)
        self.assertEqual((answer.status, answer.body), (200, b""))

    def said_nothing(self):
        self.assertNotRegex(self.d.all_logs().decode(errors="replace"), "13800138|可疑")

    def test_sent_and_delivered_once(self):
        sink = Sink()
        self.start(kannel=sink)
        self.write(1)
        self.wait_events(("sent", "kannel"))
        self.assertEqual(len(sink.got), 1)
        for kind in (4, 2, 1, 1, 2, 34):   # buffered, failed, delivered twice, failed again
            self.report(sink.got[0]["dlr"], kind)
        self.wait_events(("sent", "kannel"), ("undelivered", "kannel"), ("delivered", "kannel"))
        self.report(sink.got[0]["dlr"].replace("my=", "my=00"), 1)
        figures = self.d.metrics()
        self.assertEqual(figures['tipline_delivery_reports_total{end="delivered"}'], 1)
        self.assertEqual(figures['tipline_delivery_reports_total{end="nothing_new"}'], 4)
        self.assertEqual(figures['tipline_connector_parts_total{connector="kannel",end="accepted"}'], 1)
        self.said_nothing()

    def test_the_next_connector_stands_in_only_when_it_is_sure(self):
        first, second = Sink(503, 400, "close"), Sink()
        self.start("sms.route=kannel,spare", kannel=first, spare=second)
        self.write(1)
        self.wait_events(("sent", "spare"))
        self.write(2)
        self.wait_events(("sent", "spare"), ("send_failed", "kannel"))
        self.write(3)
        self.wait_events(("sent", "spare"), ("send_failed", "kannel"), ("sent_maybe", "kannel"))
        self.assertEqual([m["to"] for m in second.got], [self.number(1)])
        self.assertEqual([m["to"] for m in first.got], [self.number(n) for n in (1, 2, 3)])
        self.said_nothing()

    def test_a_rate_is_kept_and_all_arrive_once(self):
        sink = Sink(503, 429, 503)
        self.start("sms.gateways.kannel.per_s=10", kannel=sink)
        for n in range(40):
            self.write(n)
        wait_for(lambda: len(self.events()) == 40, 90, lambda: f"40 sent, but {len(self.events())}")
        self.assertEqual(len(sink.got), 43)
        for n in range(40):
            self.assertLessEqual(len(sink.to(self.number(n))), 4)
        taken = [m["at"] for m in sink.got]
        self.assertLessEqual(max(sum(1 for b in taken if a <= b < a + 1) for a in taken), 21)

    def test_a_dead_connector_is_left_alone(self):
        dead, spare = Sink(), Sink()
        self.start("sms.route=kannel,spare", kannel=dead, spare=spare)
        dead.shutdown()
        dead.server_close()
        for n in range(12):
            self.write(n)
        wait_for(lambda: len(self.events()) == 12, 60, "all went the other way")
        self.assertEqual({e for e in self.events()}, {("sent", "spare")})
        figures = self.d.metrics()
        self.assertEqual(figures['tipline_connector_open{connector="kannel"}'], 1)
        self.assertLess(figures['tipline_connector_parts_total{connector="kannel",end="queued"}'], 12)

    def letters(self):
        answer = self.d.staff("GET", "/api/v1/outbox?state=dead", role="admin")
        self.assertEqual(answer.status, 200, answer)
        self.assertNotRegex(answer.text, "13800138|可疑|Received")
        return answer.json["items"]

    def test_what_is_given_up_is_a_dead_letter(self):
        sink = Sink(400, 400)
        self.start(kannel=sink)
        self.write(1)
        self.write(2)
        self.wait_events(("send_failed", "kannel"), ("send_failed", "kannel"))
        letters = self.letters()
        self.assertEqual([(x["kind"], x["connector"], x["reason"]) for x in letters], [("sms", "kannel", "refused")] * 2)
        tips = {t["id"] for t in self.d.claim("000000", max=10)}
        self.assertEqual({x["tip"] for x in letters}, tips)
        first, second = (x["item"] for x in letters)
        for path, status in ((f"{first}/burn", 404), ("15-999/drop", 404), ("99-1/drop", 404), (first + "-/retry", 404)):
            self.assertEqual(self.d.staff("POST", f"/api/v1/outbox/{path}", {}, role="admin").status, status, path)
        self.assertEqual(self.d.staff("GET", "/api/v1/outbox?state=dead").status, 403, "an officer may not")
        self.assertEqual(self.d.staff("GET", "/api/v1/outbox", role="admin").status, 400)
        again = self.d.staff("POST", f"/api/v1/outbox/{first}/retry", {}, role="admin")
        self.assertEqual((again.status, again.json), (200, {"state": "queued"}))
        self.assertEqual(self.d.staff("POST", f"/api/v1/outbox/{first}/retry", {}, role="admin").status, 404)
        self.wait_events(("send_failed", "kannel"), ("send_failed", "kannel"), ("sent", "kannel"))
        self.assertEqual(len(sink.got), 3)
        self.assertEqual(self.d.staff("POST", f"/api/v1/outbox/{second}/drop", {}, role="admin").json, {"state": "dropped"})
        self.assertEqual(self.letters(), [])
        self.said_nothing()

    def test_tipctl_outbox(self):
        sink = Sink(400)
        self.start(kannel=sink)
        self.write(1)
        self.wait_events(("send_failed", "kannel"))
        path = f"{self.d.state}.token"
        with open(path, "w", encoding="ascii") as f:
            f.write(self.d.token("admin"))
        os.chmod(path, 0o600)
        server = ["--server", self.d.ports["staff"], "--token-file", path]
        told = self.d.tipctl("outbox", "list", *server)
        self.assertEqual(told.returncode, 1, told)
        self.assertIn("refused", told.stdout)
        item = told.stdout.split()[0]
        self.assertEqual(self.d.tipctl("outbox", "retry", item, *server).stdout, "queued\n")
        self.wait_events(("send_failed", "kannel"), ("sent", "kannel"))
        self.assertEqual(self.d.tipctl("outbox", "list", *server).returncode, 0)

    def test_killed_while_on_the_wire(self):
        """Nobody can tell whether it left: it is told as maybe sent, and not sent again."""
        sink = Sink("hold")
        self.start(kannel=sink)
        self.write(1)
        wait_for(lambda: sink.got, 30, "it is on the wire")
        self.d.kill()
        sink.go.set()
        self.d.start()
        self.write(2)
        self.wait_events(("sent_maybe", "kannel"), ("sent", "kannel"))
        self.assertEqual([m["to"] for m in sink.got], [self.number(1), self.number(2)])
        self.report(sink.got[0]["dlr"], 1)
        self.wait_events(("sent_maybe", "kannel"), ("sent", "kannel"), ("delivered", "kannel"))

    def test_killed_at_any_moment(self):
        """Each message reaches the gateway once at most, and its end is told once."""
        sink = Sink()
        self.start("sms.gateways.kannel.per_s=0", kannel=sink)
        n = 0
        for pause in (0, 0.01, 0.03, 0.08, 0.2):
            for _ in range(6):
                self.write(n)
                n += 1
            time.sleep(pause)
            self.d.kill()
            self.d.start()
        wait_for(lambda: len(self.events()) == n, 90, lambda: f"{n} ends, but {len(self.events())}")
        for i in range(n):
            self.assertLessEqual(len(sink.to(self.number(i))), 1)
        ends = [e for e, _ in self.events()]
        self.assertLessEqual(n - len(sink.got), ends.count("sent_maybe"), "what never left is told as perhaps sent, nothing else")
        self.assertGreaterEqual(len(sink.got), ends.count("sent"))


if __name__ == "__main__":
    main()
