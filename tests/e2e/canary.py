#!/usr/bin/python3
"""
Words that must stand nowhere, planted in a whole run: form, API, SMS, files,
contact, desk, transfer, a reward paid by voucher and one claimed to an account,
exports, reload, restart, kill, an abort. Then every byte that was left is
looked through: Redis, its files, spool, sealed log, logs, metrics, exports.
"""
import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import unittest

from rewards import Office, ledger
from tipline import BUILD, PATIENCE, ROOT, Daemon, Redis, alive, jpeg, main, multipart, new_dir, tipctl, unknown_receipt, wait_for

sys.path.insert(0, os.path.join(ROOT, "tests/support"))
import said   # noqa: E402
from canary_scan import files, forms, receipt_forms, scan   # noqa: E402

SECRET = "gw-canary-secret-0123456789"
PASSWORD = "gw-canary-password"
WORDS = {"phone": "13912345678", "sms sender": "13687654321", "name": "欧阳金丝雀", "text": "金丝雀在矿井里唱歌",
         "place": "金丝雀胡同七号", "officer's note": "只有同事知道的金丝雀", "message": "给线人的话金丝雀", "supplement": "线人补充金丝雀",
         "file": "金丝雀照片的内容", "file's name": "金丝雀.jpg", "later file": "金丝雀后来的照片", "later file's name": "后来金丝雀.jpg",
         "account": "oCanaryAccount9", "gateway secret": SECRET,
         "gateway password": PASSWORD, "sms text": "短信里的金丝雀"}


class Scan(unittest.TestCase):
    """It must be able to fail."""

    def test_each_form_is_found(self):
        for name, word in WORDS.items():
            for form, bytes_ in forms(word).items():
                self.assertIn(("x", name, form), scan([("x", b"\0before" + bytes_ + b"after")], {name: word}))
        self.assertEqual(scan([("x", b"nothing of it")], WORDS), [])
        with self.assertRaises(ValueError):
            scan([], {"short": "1"})

    def test_base64_at_any_place(self):
        for n in range(3):
            text = base64.b64encode(b"abc"[:n] + "金丝雀在矿井里唱歌".encode() + b"z")
            self.assertTrue(scan([("x", text)], {"text": WORDS["text"]}), n)

    def test_files_in_pieces(self):
        directory = new_dir()
        self.addCleanup(shutil.rmtree, directory)
        with open(os.path.join(directory, "large"), "wb") as f:
            f.write(b"\0" * ((1 << 24) - 5) + WORDS["phone"].encode() + b"\0" * 100)
        self.assertEqual({found[1] for found in scan(files(directory), WORDS)}, {"phone"})


class Said(unittest.TestCase):
    """What every test says is looked for when its daemon is closed; that can fail, too."""

    def test_each_kind_is_found_wherever_it_lies(self):
        words = {"text": "被拐妇女关在金丝雀村的水塔旁", "contact": "13912345678", "token": "tip_canary_0123456789", "password": "canary battery staple"}
        for kind, word in words.items():
            said.note(kind, word)
            utf8 = word.encode()
            for bytes_ in (utf8, utf8.hex().encode(), base64.b64encode(b"a" + utf8 + b"zz"), json.dumps(word).encode()):
                home = new_dir()
                self.addCleanup(shutil.rmtree, home)
                with open(os.path.join(home, "file"), "wb") as f:
                    f.write(b"\0\n\xff" + bytes_ + b"\n")
                self.assertEqual([(path, found) for path, found, _ in said.left_in([home])], [(os.path.join(home, "file"), kind)], bytes_)
                self.assertEqual(said.left_in([home], ["file"]), [])

    def test_a_daemon_that_leaves_one_is_told(self):
        d = Daemon().start()
        d.tip("金丝雀在第二个矿井里唱歌", contact="13812345679")
        with open(os.path.join(d.state, "left"), "w", encoding="utf-8") as f:
            f.write("13812345679")
        with self.assertRaisesRegex(AssertionError, "in clear: .*left.*contact"):
            d.close()


class Run(Office):
    @classmethod
    def setUpClass(cls):
        cls.home = new_dir("tipline-y-")
        cls.outside = new_dir("tipline-z-")
        cls.temporary = os.path.join(cls.home, "tmp")
        os.makedirs(cls.temporary)
        os.environ["TMPDIR"] = cls.temporary
        # What was sent is the informant's own: it is no part of the house.
        cls.sink = subprocess.Popen([os.path.join(ROOT, "tests/support/sms_sink.py"), os.path.join(cls.outside, "sent"), "--answers",
                                     "202"], stdout=subprocess.PIPE, text=True)
        url = f"http://127.0.0.1:{cls.sink.stdout.readline().strip()}/cgi-bin/sendsms"
        gateway = {"driver": "kannel", "secret": SECRET, "send_url": url, "send_user": "tip", "send_password": PASSWORD,
                   "sender": "106900"}
        cls.d = Daemon(*(f"sms.gateways.kannel.{k}={v}" for k, v in gateway.items()), "money.rails=voucher,wallet",
                       "sms.reply=reference", "log.interval_s=1", state=os.path.join(cls.home, "s")).start()
        cls.keys = 0
        cls.secrets = dict(WORDS)
        wait_for(lambda: cls.call("finance", "GET", ledger()).status == 200, 20, "the demo has a budget")

    @classmethod
    def tearDownClass(cls):
        del os.environ["TMPDIR"]
        cls.sink.terminate()
        cls.sink.wait()
        cls.sink.stdout.close()
        cls.d.close()
        shutil.rmtree(cls.outside, ignore_errors=True)
        shutil.rmtree(cls.home, ignore_errors=True)

    def remember(self, code):
        for form, word in receipt_forms(code).items():
            self.secrets[f"{form} {len(self.secrets)}"] = word

    # --- what is done -------------------------------------------------------------

    def intake(self):
        w = WORDS
        text = f"鄂尔多斯市东胜区{w['text']}，{w['name']}的电话是{w['phone']}"
        first = self.d.tip(text, key="canary-1", place=w["place"], contact=w["phone"])
        self.remember(first["receipt"])
        self.assertEqual(self.d.tip(text, key="canary-1", place=w["place"], contact=w["phone"])["receipt"], first["receipt"])
        form = self.d.form("/tips", {"text": text + "（表单）", "contact": w["phone"], "lang": "zh-CN"})
        self.assertEqual(form.status, 201, form)
        upload = self.d.upload({"text": text + "（附件）", "contact": w["phone"]},
                               [("file", w["file's name"], "image/jpeg", jpeg(w["file"].encode()))])
        self.assertEqual(upload.status, 201, upload)
        for charset in ("UTF-8", "UTF-16BE"):
            body = f"{w['sms text']}鄂尔多斯市东胜区{charset}".encode("utf-16-be" if charset == "UTF-16BE" else "utf-8")
            got = self.d.ask("public", "POST", f"/sms/kannel?id=canary-{charset}&ts=2026-11-21+10:00:00", body,
                             {"X-Kannel-From": "+86" + w["sms sender"], "X-Kannel-To": "106900", "X-Kannel-Coding": "2",
                              "X-Tipline-Token": SECRET, "Content-Type": f"text/plain; charset={charset}"})
            self.assertEqual(got.status, 200, got)
        return first

    def desk(self, tip):
        w = WORDS
        held = self.d.claim("150000", max=100)
        self.assertIn(tip["id"], [row["id"] for row in held])
        for action, value in (("note", {"text": w["officer's note"]}), ("message", {"text": w["message"]})):
            self.assertEqual(self.d.act(tip["id"], action, value).status, 200)
        self.assertEqual(self.d.receipt(tip["receipt"], w["supplement"]).status, 200)
        later = [("file", w["later file's name"], "image/jpeg", jpeg(w["later file"].encode()))]
        for code, status in ((tip["receipt"], 200), (unknown_receipt(), 404)):
            body, media = multipart({"receipt": code}, later)
            self.assertEqual(self.d.ask("public", "POST", "/api/v1/receipt", body, {"Content-Type": media}).status, status)
        other = next(row["id"] for row in held if row["id"] != tip["id"])
        self.assertEqual(self.d.act(other, "transfer", {"region": "110105", "reason": w["officer's note"]}).status, 200)
        self.assertEqual(self.d.act(tip["id"], "close", {"outcome": "unfounded", "note": w["officer's note"]}).status, 200)

    def money(self):
        tip, path = self.approved("case-canary-paid")
        self.remember(tip["receipt"])
        self.claim(tip["receipt"], action="claim", rail="voucher", nonce="v1")
        self.must("finance", path + "/release", {"source": "cash:demo"}, status=202)
        self.must("finance-2", path + "/release", {"source": "cash:demo"})
        voucher = wait_for(lambda: self.claim(tip["receipt"]).json.get("voucher"), 20, "the voucher is made")
        shown = self.must("cashier", "/api/v1/counter/vouchers/lookup", voucher)
        self.must("cashier", "/api/v1/counter/vouchers/redeem", dict(voucher, amount_fen=shown["amount_fen"]))
        other, _ = self.approved("case-canary-account")
        self.remember(other["receipt"])
        claimed = self.claim(other["receipt"], action="claim", rail="wallet", nonce="n1",
                             payee={"account": WORDS["account"], "name": WORDS["name"]})
        self.assertEqual(claimed.json["status"], "in_progress", claimed)

    def outages(self):
        self.d.settle()
        self.d.signal(signal.SIGHUP)
        self.d.kill()
        self.d.restart()
        # Redis away: what comes now lies in the spool.
        for pid in self.d.redis_pids():
            os.kill(pid, signal.SIGSTOP)
        try:
            self.d.sets.append("store.timeout_ms=500")
            spooled = self.d.send(f"鄂尔多斯市东胜区{WORDS['text']}（停）", contact=WORDS["phone"])
            self.in_spool = list(files(os.path.join(self.d.state, "spool")))
            self.assertIn(spooled.status, (201, 503), spooled)
        finally:
            for pid in self.d.redis_pids():
                os.kill(pid, signal.SIGCONT)
        self.d.wait_works()

    # --- what is left -----------------------------------------------------------------

    def exports(self):
        out = os.path.join(self.home, "exports")
        os.makedirs(out)
        address = "unix:" + self.d.redis_socket()
        for form in ("jsonl", "csv", "hledger"):
            done = tipctl("export", "--store", address, "--format", form, "--out", os.path.join(out, "money." + form))
            self.assertEqual(done.returncode, 0, done.stderr)
        for journal in ("15", "11", "money", "audit"):
            done = tipctl("export", "--journal", journal, "--store", address)
            self.assertEqual(done.returncode, 0, done.stderr)
            with open(os.path.join(out, journal + ".jsonl"), "w", encoding="utf-8") as f:
                f.write(done.stdout)
        for name, arguments in (("verify", ("verify", "--store", address, "--quiet")), ("doctor", ("doctor", "--state", self.d.state)),
                                ("replay", ("replay", "--state", self.d.state, "--quiet"))):
            done = tipctl(*arguments)
            with open(os.path.join(out, name), "w", encoding="utf-8") as f:
                f.write(done.stdout + done.stderr)
        with open(os.path.join(out, "metrics"), "w", encoding="utf-8") as f:
            f.write(self.d.ask("ops", "GET", "/metrics").text + self.d.ready().text)

    def evidence(self, tip):
        """Of a copy, all of which is sealed."""
        copy = self.d.copy(os.path.join(self.home, "copy"))
        os.remove(os.path.join(copy, "demo.json"))
        redis = Redis(os.path.join(copy, "redis")).start()
        try:
            subprocess.run([os.path.join(BUILD, "tests/auditor/seal"), redis.socket, os.path.join(copy, "keys"),
                            os.path.join(copy, "log"), "15", "16"], check=True, capture_output=True, timeout=60 * PATIENCE)
            done = tipctl("export", "--evidence", os.path.join(self.home, "exports", "pack.tar"), "--store", redis.address, "--log",
                          os.path.join(copy, "log"), "--keys", os.path.join(copy, "keys"), "--tip", tip["id"])
            self.assertEqual(done.returncode, 0, done.stderr)
        finally:
            redis.stop()

    def dump(self):
        """All live keys as one file (none.rdb) without compression, beside the files that Redis writes by itself."""
        self.assertEqual(self.d.redis("config", "set", "rdbcompression", "no").strip(), "OK")
        self.d.redis("save")

    def core(self):
        """The process dumps no core, whoever asks for one."""
        pid = self.d.process.pid
        with open(f"/proc/{pid}/limits", encoding="ascii") as f:
            limit = next(line for line in f if line.startswith("Max core file size"))
        self.assertEqual(limit.split()[4:6], ["0", "0"], limit)
        os.kill(pid, signal.SIGABRT)
        wait_for(lambda: not alive(pid), 60, "it ended")
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        self.assertEqual((ended.si_code, ended.si_status), (os.CLD_KILLED, signal.SIGABRT), "a core was written")
        self.d.process.wait()

    def test_nothing_stands_anywhere(self):
        tip = self.intake()
        self.desk(tip)
        self.money()
        self.outages()
        self.d.settle()
        with open(os.path.join(self.d.state, "demo.json"), encoding="utf-8") as f:
            self.secrets.update({f"token of {role}": token for role, token in json.load(f)["tokens"].items()})
        self.exports()
        self.evidence(tip)
        self.dump()
        tokens_for_people = os.path.join(self.d.state, "demo.json")
        self.assertEqual(scan(self.in_spool, self.secrets), [])
        self.assertEqual(scan(files(self.home, without=(tokens_for_people,)), self.secrets), [])
        # The scan sees what is there: one word in clear is found in the live keys and in Redis' file.
        self.d.in_clear.add("redis")   # it stands there from now on
        self.d.redis("set", "canary", WORDS["phone"])
        self.d.redis("save")
        seen = {os.path.basename(path) for path, word, _ in scan(files(os.path.join(self.d.state, "redis")), {"phone": WORDS["phone"]})}
        self.assertIn("none.rdb", seen)
        self.assertTrue(any(name.endswith(".aof") for name in seen), seen)
        self.d.redis("del", "canary")
        self.core()
        cores = [path for path, _ in files(self.home) if os.path.basename(path).startswith("core")]
        self.assertEqual(cores, [])
        self.d.restart()


if __name__ == "__main__":
    main()
