#!/usr/bin/python3
"""
Notices to bureaus by mail: over TLS and with a login, nothing of a tip in them, the
same Message-ID when one comes again, floods folded, digests once a day.
"""
import datetime
import os
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from smtp_server import CLOSE, SILENCE, Server, certificate
from tipline import BUILD, ROOT, Daemon, main, wait_for

URGENT = ("昨天下午三点左右，在鄂尔多斯市东胜区长途汽车站北门，我看到一个大约五六岁的小女孩被一名四十岁左右的男子强行拉上一辆银灰色面包车，"
          "车牌是蒙KA1234，女孩一直在哭，喊着要妈妈。")
FIRST, SECOND = "desk@ordos.example.org", "night.desk@ordos.example.org"


class Mail(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory(prefix="tipline-mail-")
        self.addCleanup(self.dir.cleanup)
        self.pem = os.path.join(self.dir.name, "mail.pem")
        certificate(self.pem)

    def serve(self, *script, **more):
        server = Server(**more)
        server.script = list(script)
        self.addCleanup(server.close)
        return server

    def start(self, server, *more, secure=True, to=FIRST):
        each = {"region": "150600", "mail_to": to, "desk_url": "https://desk.example.org/", "language": "en", "pause_s": "1"}
        mail = {"server": f"smtp://127.0.0.1:{server.port}", "from": "tips@tips.example.org", "from_name": "Tipline 线索"}
        mail.update({"ca_file": self.pem} if secure else {"tls": "plain-loopback"})
        self.d = Daemon(*(f"notices.ordos.{k}={v}" for k, v in each.items()), *(f"mail.{k}={v}" for k, v in mail.items()), *more)
        self.addCleanup(self.d.close)
        self.d.start()

    def ends(self, end):
        return self.d.metrics()[f'tipline_mail_total{{end="{end}"}}']

    def check(self, server, kinds=("Immediate tips", "Urgent tips")):
        """All mails so far: whole, addressed, and without a word of the tip."""
        self.assertEqual(server.problems, [])
        for got in server.mails:
            mail, body = got["mail"], got["mail"].get_content()
            self.assertEqual(mail.defects, [])
            self.assertEqual(got["from"], "tips@tips.example.org")
            self.assertEqual(mail["From"], "Tipline 线索 <tips@tips.example.org>")
            self.assertEqual(mail["Auto-Submitted"], "auto-generated")
            self.assertEqual((mail.get_content_type(), mail.get_content_charset()), ("text/plain", "utf-8"))
            self.assertTrue(mail["Message-ID"].endswith("@tips.example.org>"))
            self.assertLess(abs(mail["Date"].datetime.timestamp() - time.time()), 300)
            self.assertTrue(any(kind in body for kind in kinds), body)
            self.assertIn("https://desk.example.org/", body)
            for word in ("蒙KA1234", "长途汽车站", "女孩", "15-"):
                self.assertNotIn(word, body + mail["Subject"])

    def ids(self, server):
        return [got["mail"]["Message-ID"] for got in server.mails]

    def test_over_tls_with_a_login(self):
        server = self.serve(pem=self.pem, login=("tips", "pass word"))
        self.start(server, "mail.user=tips", "mail.password=pass word", to=f"{FIRST}, {SECOND}")
        self.d.tip(URGENT)
        wait_for(lambda: self.ends("accepted") == 1, 30, "it is taken")
        got = server.mails[0]
        self.assertEqual((got["secure"], got["known"], got["to"]), (True, True, [FIRST, SECOND]))
        self.assertEqual(server.seen[0], "EHLO tips.example.org")
        self.assertIn("150602", got["mail"]["Subject"])
        self.check(server)
        for secret in (FIRST.encode(), b"pass word", b"night.desk"):
            self.assertNotIn(secret, self.d.all_logs())

    def test_a_server_without_tls_or_with_a_strange_certificate_hears_nothing(self):
        server = self.serve()
        self.start(server)
        self.d.tip(URGENT)
        wait_for(lambda: self.ends("later") >= 1, 30, "it is put off")
        other = os.path.join(self.dir.name, "other.pem")
        certificate(other)
        strange = self.serve(pem=other)
        self.d.close()
        self.start(strange)
        self.d.tip(URGENT)
        wait_for(lambda: self.ends("later") >= 1, 30, "it is put off")
        self.assertFalse([line for line in server.seen + strange.seen if line.startswith("MAIL")])

    def test_later_unknown_and_a_repetition(self):
        server = self.serve({"rcpt": 450}, {"end": CLOSE})
        self.start(server, secure=False)
        self.d.tip(URGENT)
        wait_for(lambda: self.ends("accepted") == 1, 60, "it is taken")
        self.assertEqual((self.ends("later"), self.ends("unknown")), (1, 1))
        self.assertEqual(len(server.mails), 2)
        self.assertEqual(len(set(self.ids(server))), 1)
        self.check(server)

    def test_refused_is_a_dead_letter(self):
        server = self.serve({"end": 554})
        self.start(server, secure=False)
        self.d.tip(URGENT)

        def letters():
            return self.d.staff("GET", "/api/v1/outbox?state=dead", role="admin").json["items"]
        wait_for(letters, 30, "it is given up")
        self.assertEqual([(x["kind"], x["connector"], x["reason"], x["tip"]) for x in letters()], [("notice", "ordos", "refused", None)])
        self.d.staff("POST", f"/api/v1/outbox/{letters()[0]['item']}/retry", {}, role="admin")
        wait_for(lambda: self.ends("accepted") == 1, 30, "it is sent again")
        self.check(server)

    def test_one_recipient_is_enough(self):
        server = self.serve({"rcpt": [550, 250]})
        self.start(server, secure=False, to=f"{FIRST}, {SECOND}")
        self.d.tip(URGENT)
        wait_for(lambda: self.ends("accepted") == 1, 30, "it is taken")
        self.assertEqual(server.mails[0]["to"], [SECOND])

    def test_a_silent_server_holds_nobody_up(self):
        server = self.serve({"end": SILENCE})
        self.start(server, secure=False)
        self.d.tip(URGENT)
        wait_for(lambda: server.mails, 30, "the message is there")
        for _ in range(20):
            began = time.monotonic()
            self.d.tip("鄂尔多斯市东胜区有人随地扔垃圾")
            self.assertLess(time.monotonic() - began, 5)

    def test_killed_between_data_and_its_answer(self):
        server = self.serve()
        server.hold = threading.Event()
        self.start(server, secure=False)
        self.d.tip(URGENT)
        wait_for(lambda: server.mails, 30, "the message is there")
        self.d.kill()
        server.hold.set()
        self.d.start()
        wait_for(lambda: self.ends("accepted") == 1, 90, "it is told again")
        self.assertEqual(len(server.mails), 2)
        self.assertEqual(len(set(self.ids(server))), 1)
        self.check(server)

    def test_a_flood_is_few_mails(self):
        server = self.serve()
        self.start(server, "notices.ordos.pause_s=4", secure=False)
        for i in range(40):
            self.d.tip(f"{URGENT}第{i}次。")

        def told():
            return sum(int(line.split(": ")[1]) for got in server.mails for line in got["mail"].get_content().splitlines()
                       if " tips: " in line)
        wait_for(lambda: told() == 40, 60, lambda: f"all are told; {told()} so far in {len(server.mails)} mails")
        self.assertLess(len(server.mails), 12)
        self.assertEqual(len(set(self.ids(server))), len(server.mails))
        self.check(server)

    def test_a_digest_once_a_day(self):
        server = self.serve()
        self.start(server, "notices.ordos.kinds=escalated", secure=False)
        self.d.tip(URGENT)
        self.d.tip("北京市朝阳区有人随地扔垃圾")
        self.d.kill()
        self.d.sets.append(f"notices.ordos.digest={datetime.datetime.now(datetime.timezone.utc):%H:%M} +0000")
        self.d.start()
        wait_for(lambda: self.ends("accepted") == 1, 60, "it is sent")
        body = server.mails[0]["mail"].get_content()
        self.assertIn("digest", server.mails[0]["mail"]["Subject"])
        for row in ("Came in: ", "Open now: 1", "Nobody has opened yet: 1", "Beyond their limit: 0", "Escalated to it: 0", "Verified: 0",
                    "Closed: 0"):
            self.assertIn(row, body)
        self.d.kill()
        self.d.start()
        wait_for(lambda: self.d.metrics()['tipline_digests_total{end="there"}'] == 1, 60, "the next process finds it")
        self.assertEqual(self.d.metrics()['tipline_digests_total{end="put"}'], 0)
        self.assertEqual(len(server.mails), 1)
        self.check(server, kinds=("Came in",))

    def test_the_example_is_good(self):
        done = subprocess.run([os.path.join(BUILD, "tipctl"), "check-config", "--config", "config/notices.yaml"], cwd=ROOT,
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, "configuration is good\n"), done.stderr)

    def test_a_test(self):
        server = self.serve()
        self.start(server, "notices.ordos.language=zh-CN", secure=False)
        self.assertEqual(self.d.staff("POST", "/api/v1/notices/150602/test", {}, role="admin").json, {"channels": 1})
        wait_for(lambda: self.ends("accepted") == 1, 30, "it arrives")
        self.assertEqual(server.mails[0]["mail"]["Subject"], "【线索】150602：测试")


if __name__ == "__main__":
    main()
