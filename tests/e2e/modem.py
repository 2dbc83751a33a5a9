#!/usr/bin/python3
"""A modem under a real smstools3: messages in by tipline-sms-spool, answers out by tipline-sms-outgoing, and what became of them."""
import json
import os
import re
import shutil
import subprocess
import sys
import unittest

from tipline import ROOT, main, new_dir, request, wait_for
from gateways import SECRET, SMSD, SPOOL, WithGateways

sys.path.insert(0, os.path.join(ROOT, "tests/support"))
import sendsms  # noqa: E402

OUTGOING = os.path.join(ROOT, "scripts/tipline-sms-outgoing")
FOLDERS = ("outgoing", "checked", "incoming", "sent", "failed", "report")


class WithReceiver(unittest.TestCase):
    def setUp(self):
        self.dir = new_dir("tipline-m-")
        self.addCleanup(shutil.rmtree, self.dir, True)
        self.conf, self.work = os.path.join(self.dir, "conf"), os.path.join(self.dir, "smsd")
        for folder in FOLDERS:
            os.makedirs(os.path.join(self.work, folder))
        with open(os.path.join(self.dir, "secret"), "w", encoding="ascii") as f:
            f.write(SECRET + "\n")
        self.write_conf("127.0.0.1:1")
        self.port = self.start_receiver()

    def write_conf(self, public):
        with open(self.conf, "w", encoding="ascii") as f:
            f.write(f"url = http://{public}/sms/modem/mo/{{secret}}\nreport_url = http://{public}/sms/modem/dlr/{{secret}}?my={{id}}\n"
                    f"secret_file = {self.dir}/secret\nspool = {self.dir}/spool\nnumber = +8613900000000\noutgoing = {self.work}/outgoing\n"
                    f"listen = 127.0.0.1:0\nsend_secret_file = {self.dir}/secret\n")

    def start_receiver(self):
        process = subprocess.Popen([OUTGOING], env=dict(os.environ, TIPLINE_SMS_SPOOL=self.conf), stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        return int(re.search(r":(\d+)$", process.stdout.readline()).group(1))

    def in_folder(self, name="outgoing"):
        return os.listdir(os.path.join(self.work, name))


class Receiver(WithReceiver):
    def put(self, message, secret=SECRET):
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        return request(f"127.0.0.1:{self.port}", "POST", "/", body, {"Authorization": f"Bearer {secret}"}).status

    def test_one_file_for_one_id(self):
        message = {"to": "+8613800138000", "text": "已收到 7K2 😀\nTo: 1", "id": "15-1"}
        self.assertEqual([self.put(message), self.put(message)], [200, 200])
        self.assertEqual(len(self.in_folder()), 1)
        self.assertNotIn("138001", self.in_folder()[0])
        path = os.path.join(self.work, "outgoing", self.in_folder()[0])
        with open(path, encoding="utf-8") as f:
            self.assertEqual(f.read(), "To: 8613800138000\nAlphabet: UTF-8\nReport: yes\nX-Tipline: 15-1\n\n已收到 7K2 \nTo: 1")
        os.unlink(path)
        self.assertEqual((self.put(message), self.in_folder()), (200, []), "smsd has it: it is not sent again")

    def test_refused(self):
        good = {"to": "+8613800138000", "text": "x", "id": "15-1"}
        for message in (dict(good, to="1380\nAlphabet: ISO"), dict(good, to="+861380\n"), dict(good, to="Bureau"), dict(good, id="1\nTo: 2"),
                        dict(good, text=" "), dict(good, text=5), {"to": "+8613800138000"}, [], b"{", b"\xff"):
            self.assertEqual(self.put(message), 400, message)
        self.assertEqual(self.put(good, secret="wrong"), 403)
        self.assertEqual(self.put(b"x" * 20000), 413)
        self.assertEqual(self.in_folder(), [])

    def test_a_folder_that_is_away_is_later(self):
        good = {"to": "+8613800138000", "text": "x", "id": "15-2"}
        os.rename(self.work, self.work + "-away")
        self.assertEqual(self.put(good), 503)
        os.rename(self.work + "-away", self.work)
        self.assertEqual((self.put(good), len(self.in_folder())), (200, 1))


@unittest.skipUnless(SMSD, "smstools is not installed")
class BothWays(WithReceiver):
    def setUp(self):
        super().setUp()
        self.d = WithGateways(f"http://127.0.0.1:{self.port}")
        self.addCleanup(self.d.close)
        self.d.start()
        self.write_conf(self.d.ports["public"])
        self.modem = subprocess.Popen([os.path.join(ROOT, "tests/support/at_modem.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.modem.stdout.close)
        self.addCleanup(self.modem.wait)
        self.addCleanup(self.modem.stdin.close)
        self.start_smsd(json.loads(self.modem.stdout.readline())["port"])

    def start_smsd(self, port):
        handler = os.path.join(self.work, "handler")
        with open(handler, "w", encoding="ascii") as f:
            f.write(f'#!/bin/sh\nTIPLINE_SMS_SPOOL={self.conf} exec {SPOOL} "$@"\n')
        os.chmod(handler, 0o755)
        with open(os.path.join(self.work, "smsd.conf"), "w", encoding="ascii") as f:
            f.write("devices = GSM1\n" + "".join(f"{folder} = {self.work}/{folder}\n" for folder in FOLDERS)
                    + f"logfile = {self.work}/log\ninfofile = {self.work}/info\npidfile = {self.work}/pid\nloglevel = 4\neventhandler = {handler}\n"
                    "delaytime = 1\ndelaytime_mainprocess = 1\nincoming_utf8 = yes\nautosplit = 3\nerrorsleeptime = 1\nblocktime = 1\n"
                    f"[GSM1]\ndevice = @127.0.0.1:{port}\nincoming = yes\nreport = yes\n")
        with open(os.path.join(self.work, "out"), "wb") as out:
            smsd = subprocess.Popen([SMSD, "-t", f"-c{self.work}/smsd.conf"], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self.addCleanup(smsd.wait)
        self.addCleanup(smsd.terminate)

    def say(self, **wish):
        self.modem.stdin.write(json.dumps(wish) + "\n")
        self.modem.stdin.flush()

    def ask(self, what):
        self.say(**{what: True})
        return json.loads(self.modem.stdout.readline())[what]

    def ends(self):
        return sorted(e["e"] for e in sendsms.events(self.d))

    def talk(self, sender, text, *ends):
        self.say(**{"from": sender, "text": text})
        self.assertEqual([t["text"] for t in self.d.claim_when_there()], [text])
        wait_for(lambda: self.ends() == sorted(ends), 60, lambda: f"{ends}, not {self.ends()}; {os.popen('tail -5 ' + self.work + '/log').read()}")

    def test_answers_and_reports(self):
        self.talk("+8613800138000", "东胜区看到可疑的面包车", "sent", "delivered")
        self.assertEqual(len(self.ask("sent")), 1)
        first = self.ask("sent")[0]
        self.assertEqual((first["to"], first["report"]), ("8613800138000", True))
        self.assertNotRegex(first["text"], "东胜|面包车|举报|奖励")
        self.say(status=0x46)
        self.talk("+8613800138001", "Ordos: a van, and a telephone that is off", "sent", "delivered", "sent", "undelivered")
        self.assertEqual(len(self.ask("sent")), 2)
        wait_for(lambda: self.ask("left") == 0, 30, "the modem's memory is empty")
        for folder in ("outgoing", "checked", "sent", "failed", "report", "incoming"):
            wait_for(lambda folder=folder: self.in_folder(folder) == [], 30, f"nothing of a message stays in {folder}")
        self.assertNotRegex(self.d.all_logs().decode(errors="replace"), "13800138|面包车")

    def test_a_modem_that_refuses(self):
        self.say(fail=100)
        self.talk("+8613800138002", "Ordos: a van, and no answer possible", "sent", "undelivered")
        self.assertEqual(self.ask("sent"), [])


if __name__ == "__main__":
    main()
