#!/usr/bin/python3
"""
Words that must stand nowhere, planted in all that goes by SMS: a link to a carrier in both directions, a gateway with
secrets, delivery reports with texts, answers, receipt codes, a wish to stop, long messages whole, with gaps, late and
waiting, a picture message, what cannot be read, dead letters, an outage, a kill. Hard case 40.
"""
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest

from tipline import ROOT, Daemon, main, new_dir, tipctl, wait_for

sys.path.insert(0, os.path.join(ROOT, "tests/support"))
import smsc as peer  # noqa: E402
from canary_scan import files, receipt_forms, scan  # noqa: E402

WORDS = {"phone": "13912345678", "phone that stops": "13687654321", "phone of parts": "13555501234", "phone of pictures": "13444409876",
         "phone by gateway": "13777708642", "text": "金丝雀在矿井里唱歌", "latin text": "canary sang below", "supplement": "补上的金丝雀",
         "long text": "长长的金丝雀之歌", "late text": "迟到的金丝雀", "waiting text": "等着的金丝雀", "spooled text": "停机时的金丝雀",
         "gateway text": "网关里的金丝雀", "malformed text": "读不了的金丝雀", "report": "canary-in-a-report", "picture": "mmsc.canary.example",
         "gateway secret": "gw-canary-secret-0123456789", "gateway password": "gw-canary-password", "link password": "lnkcnry8",
         "wrong secret": "guessed-canary-secret-42"}


def ucs2(text):
    return text.encode("utf-16-be")


class Run(unittest.TestCase):
    def setUp(self):
        self.home, self.outside = new_dir("tipline-y-"), new_dir("tipline-z-")
        for directory in (self.home, self.outside):
            self.addCleanup(shutil.rmtree, directory, True)
        self.smsc = peer.Smsc()
        self.addCleanup(self.smsc.close)
        sink = subprocess.Popen([os.path.join(ROOT, "tests/support/sms_sink.py"), os.path.join(self.outside, "sent"), "--answers", "400"],
                                stdout=subprocess.PIPE, text=True)
        self.addCleanup(sink.stdout.close)
        self.addCleanup(sink.wait)
        self.addCleanup(sink.terminate)
        w = WORDS
        gateway = {"driver": "kannel", "secret": w["gateway secret"], "send_user": "tip", "send_password": w["gateway password"],
                   "send_url": f"http://127.0.0.1:{int(sink.stdout.readline())}/cgi-bin/sendsms", "sender": "106901"}
        link = {"host": "127.0.0.1", "port": self.smsc.port, "account": "tip", "password": w["link password"], "sender": "106900"}
        self.d = Daemon(*(f"sms.gateways.kannel.{k}={v}" for k, v in gateway.items()), *(f"sms.links.carrier.{k}={v}" for k, v in link.items()),
                        "sms.parts_timeout_s=5", "sms.answers_per_day=50", "log.level=info", "log.interval_s=1",
                        state=os.path.join(self.home, "s")).start()
        self.addCleanup(self.d.close)
        self.secrets = dict(WORDS)

    def deliver(self, phone, octets, **fields):
        self.assertGreaterEqual(self.smsc.deliver(peer.deliver_body(octets, sender="+86" + WORDS[phone], **fields)), 1)

    def part(self, reference, number, total, text):
        self.deliver("phone of parts", ucs2(text), dcs=8, udh=bytes((5, 0, 3, reference, total, number)))

    def answers(self, n):
        wait_for(lambda: len(self.smsc.mts) >= n, 30, lambda: f"{n} answers went out, not {len(self.smsc.mts)}")
        last = self.smsc.mts[-1]
        return last["octets"].decode("utf-16-be" if last["dcs"] == 8 else "latin-1")

    def post(self, text, secret, path="/sms/kannel", charset="UTF-8"):
        return self.d.ask("public", "POST", f"{path}?id={time.monotonic_ns()}", text.encode(),
                          {"X-Kannel-From": "+86" + WORDS["phone by gateway"], "X-Kannel-To": "106901", "X-Kannel-Coding": "2",
                           "X-Tipline-Token": secret, "Content-Type": f"text/plain; charset={charset}"}).status

    # --- what is done ------------------------------------------------------------------------

    def talk(self):
        w = WORDS
        self.deliver("phone", ucs2("东胜区" + w["text"]), dcs=8)
        number = re.search("[0-9A-HJKMNP-TV-Z]{10}", self.answers(1)).group(0)
        self.deliver("phone", ucs2("回执"), dcs=8)
        code = re.sub(r"\D", "", self.answers(2))
        self.assertEqual(len(code), 24)
        for form, word in receipt_forms(code).items():
            self.secrets[form] = word
        self.deliver("phone", ucs2(f"补充 {number} {w['supplement']}"), dcs=8)
        self.answers(3)
        self.deliver("phone", ucs2("查询 " + number), dcs=8)
        self.answers(4)
        self.deliver("phone that stops", b"Somebody was there, " + w["latin text"].encode())
        self.answers(5)
        self.deliver("phone that stops", b"STOP")
        self.answers(6)
        self.deliver("phone that stops", b"Once more: " + w["latin text"].encode())
        for i, mt in enumerate(self.smsc.mts):
            report = (f"id:{mt['id']} sub:001 dlvrd:001 submit date:2611210300 done date:2611210301 "
                      f"stat:{('DELIVRD', 'UNDELIV')[i % 2]} err:000 text:{w['report']}")
            self.deliver("phone", report.encode(), esm=4)
        return code

    def long_ones(self):
        w = WORDS
        for number in (2, 1):
            self.part(1, number, 2, f"{w['long text']}{number}")
        self.part(2, 1, 2, w["long text"] + "三")
        wait_for(lambda: self.d.metrics()["tipline_sms_total{kind=\"incomplete\"}"] >= 1, 30, "its time was up")
        self.part(2, 2, 2, w["late text"])
        notice = (b"\x01\x06\x01\xbe\x8c\x82\x98t1\0\x89\x1a\x80+86" + w["phone of pictures"].encode() + b"/TYPE=PLMN\0\x83http://" +
                  w["picture"].encode() + b"/1\0")
        self.assertEqual(self.smsc.deliver(peer.deliver_body(notice, sender="10658", dcs=4, udh=bytes.fromhex("0605040b8423f0"))), 1)

    def by_gateway(self):
        w = WORDS
        self.assertEqual(self.post("东胜区" + w["gateway text"], w["gateway secret"]), 200)
        self.assertEqual(self.post(w["gateway text"], w["wrong secret"]), 403)
        self.assertEqual(self.post(w["gateway text"], w["wrong secret"], path=f"/sms/kannel/mo/{w['wrong secret']}"), 403)
        got = self.d.ask("public", "GET", f"/sms/kannel?token={w['gateway secret']}&from={w['phone by gateway']}", b"")
        self.assertEqual(got.status, 400)
        wait_for(lambda: self.dead() == 1, 30, "the answer is a dead letter")

    def dead(self):
        return len(self.d.staff("GET", "/api/v1/outbox?state=dead", role="admin").json["items"])

    def outages(self):
        for pid in self.d.redis_pids():
            os.kill(pid, signal.SIGSTOP)
        try:
            self.post("东胜区" + WORDS["spooled text"], WORDS["gateway secret"])
            self.in_spool = list(files(os.path.join(self.d.state, "spool")))
        finally:
            for pid in self.d.redis_pids():
                os.kill(pid, signal.SIGCONT)
        self.d.wait_works()
        self.d.kill()
        self.d.restart()

    # --- what is left ------------------------------------------------------------------------------

    def look_around(self):
        out = os.path.join(self.home, "seen")
        os.makedirs(out)
        address = "unix:" + self.d.redis_socket()
        seen = {"metrics": self.d.ask("ops", "GET", "/metrics").text, "ready": self.d.ready().text,
                "outbox": self.d.staff("GET", "/api/v1/outbox?state=dead", role="admin").text}
        for name, arguments in (("verify", ("verify", "--store", address)), ("replay", ("replay", "--state", self.d.state)),
                                ("doctor", ("doctor", "--state", self.d.state)), ("journal 15", ("export", "--journal", "15", "--store", address)),
                                ("journal 00", ("export", "--journal", "00", "--store", address))):
            done = tipctl(*arguments)
            seen[name] = done.stdout + done.stderr
        self.assertNotEqual(seen["journal 15"], "")
        for name, text in seen.items():
            with open(os.path.join(out, name), "w", encoding="utf-8") as f:
                f.write(text)

    def test_nothing_of_it_stands_anywhere(self):
        self.talk()
        self.long_ones()
        self.by_gateway()
        self.d.settle()
        self.outages()
        # Waits for its second part while all is looked through.
        self.d.sets.append("sms.parts_timeout_s=600")
        self.assertEqual(self.d.stop(), 0)
        self.d.start()
        self.part(9, 1, 2, WORDS["waiting text"])
        self.look_around()
        self.assertEqual(self.d.redis("config", "set", "rdbcompression", "no").strip(), "OK")
        self.d.redis("save")
        keys = self.d.redis("keys", "*")
        for kind in (":memo:", ":said:", ":parts:", ":letters", "request:"):
            self.assertIn(kind, keys, "it was there to be looked at")
        self.assertTrue(os.path.exists(os.path.join(self.d.state, "sms-wishes")))
        self.assertEqual(scan(self.in_spool, self.secrets), [])
        self.assertEqual(scan(files(self.home, without=(os.path.join(self.d.state, "demo.json"),)), self.secrets), [])
        self.assertEqual(scan([("key names", keys.encode())], self.secrets), [])
        # It can fail: what is put there is seen, in the file of the live keys and in the other one.
        self.d.in_clear.add("redis")   # it stands there from now on
        self.d.redis("set", "canary", WORDS["phone"])
        self.d.redis("save")
        seen = {os.path.basename(path) for path, _, _ in scan(files(os.path.join(self.d.state, "redis")), {"phone": WORDS["phone"]})}
        self.assertIn("none.rdb", seen)
        self.assertTrue(any(name.endswith(".aof") for name in seen), seen)


if __name__ == "__main__":
    main()
