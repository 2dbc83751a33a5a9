#!/usr/bin/python3
"""The sealed log in public, and a receipt that proves: from the form and the API to a proof that tipctl and a
verifier that is not ours (tests/support/auditor) believe, and to someone who kept nothing but the digits."""
import base64
import os
import shutil
import subprocess
import unittest
import urllib.parse

from tipline import PATIENCE, ROOT, Daemon, main, new_dir, receipt_check, tipctl, unknown_receipt, wait_for

TEXT = "昨天下午在鄂尔多斯市东胜区汽车站看到一个哭闹的小女孩被一名男子强行带走"
LIBRARY = "/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog"
BUILD = os.path.join(ROOT, os.environ.get("TIPLINE_BUILD", "build"))
WORK = new_dir("tipline-proof-")
AUDITOR = os.path.join(WORK, "auditor")
FOR_EVER = "public, max-age=31536000, immutable"


def setUpModule():
    if shutil.which("go") and os.path.isdir(LIBRARY):
        environment = dict(os.environ, GO111MODULE="off", GOPATH="/usr/share/gocode", GOCACHE=os.path.join(WORK, "cache"), GOFLAGS="-p=2")
        subprocess.run(["go", "build", "-o", AUDITOR, "."], cwd=os.path.join(ROOT, "tests/support/auditor"), env=environment, check=True,
                       timeout=300 * PATIENCE)


def tearDownModule():
    shutil.rmtree(WORK, ignore_errors=True)


def put(name, data):
    path = os.path.join(WORK, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data if isinstance(data, bytes) else data.encode())
    return path


class Proof(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.d = Daemon("log.interval_s=2", "log.origin=tips.example/log").start()

    @classmethod
    def tearDownClass(cls):
        cls.d.close()

    def log_of(self, receipt):
        return self.d.receipt(receipt).json["log"]

    def proven(self, receipt):
        """What the API tells of the log once it holds the tip."""
        return wait_for(lambda: next((log for log in [self.log_of(receipt)] if not log["pending"]), None), 60, "the proof")

    def copy(self, log="15"):
        """A copy of what is served of a log, made as anybody can."""
        directory = os.path.join(WORK, "copy")
        shutil.rmtree(directory, ignore_errors=True)
        checkpoint = self.d.get(f"/log/{log}/checkpoint").body
        size = int(checkpoint.split(b"\n")[1])
        names = ["key"]
        level, n = 0, size
        while n > 0:
            for i in range((n + 255) // 256):
                width = min(256, n - i * 256)
                self.assertLess(i, 1000)
                name = f"{i:03d}" + (f".p/{width}" if width < 256 else "")
                names += [f"tile/{level}/{name}"] + ([f"tile/entries/{name}"] if level == 0 else [])
            level, n = level + 1, n // 256
        for name in names:
            answer = self.d.get(f"/log/{log}/{name}")
            self.assertEqual(answer.status, 200, name)
            put(f"copy/{name}", answer.body)
        put("copy/checkpoint", checkpoint)
        return directory

    # --- receipts ---------------------------------------------------------------------------

    def test_a_receipt_is_pending_and_then_proves(self):
        with Daemon("log.interval_s=20") as d:
            code = d.tip(TEXT)["receipt"]
            wait_for(lambda: d.get("/log/15/checkpoint").status == 200, 60, "the first checkpoint")
            late = d.tip(TEXT + "！")["receipt"]
            log = d.receipt(late).json["log"]
            self.assertEqual((log["pending"], log["covered"], log["leaves"]), (True, False, []))
            self.assertIn("还没有写进去", d.form("/receipt", {"code": late, "lang": "zh-CN"}).text)
            self.assertIn("not in it yet", d.form("/receipt", {"code": late, "lang": "en"}).text)
            answer = d.ask("public", "POST", "/receipt/proof", urllib.parse.urlencode({"code": late}).encode(),
                           {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"})
            self.assertEqual((answer.status, answer.code), (404, "proof_pending"))
            self.assertFalse(d.receipt(code).json["log"]["pending"])

    def test_the_proof_holds_before_three_verifiers(self):
        tips = [self.d.tip(TEXT)["receipt"], self.d.tip(TEXT + "？", place="北门")["receipt"]]
        form = self.d.form("/tips", {"text": TEXT, "nonce": "by-form", "lang": "en"}, Accept="application/json")
        self.assertEqual(form.status, 201)
        tips.append(form.json["receipt"])
        key = self.d.get("/log/15/key").text
        for number, code in enumerate(tips):
            log = self.proven(code)
            file = self.d.form("/receipt/proof", {"code": code})
            self.assertEqual((file.status, file.type, file.headers["Cache-Control"]), (200, "text/plain", "no-store"))
            self.assertIn('filename="proof.txt"', file.headers["Content-Disposition"])
            self.assertTrue(file.text.startswith("c2sp.org/tlog-proof@v1\n"))
            self.assertNotIn(code, file.text)
            path, leaf = put(f"proof-{number}", log["proof"]), base64.b64decode(log["leaf"])
            checked = tipctl("log", "check", path, "--key", key)
            self.assertEqual(checked.returncode, 0, checked)
            self.assertIn(f"leaf {log['index']} of {log['size']} in tips.example/log/15", checked.stdout)
            self.assertIn("class received", checked.stdout)
            self.assertEqual(tipctl("log", "check", "-", "--key", key, text=file.text).returncode, 0)
            self.assertEqual(len(leaf), 68)
            if os.path.exists(AUDITOR):
                done = subprocess.run([AUDITOR, "receipt", self.copy(), path, put("leaf", leaf)], capture_output=True, text=True,
                                      timeout=60 * PATIENCE, check=False)
                self.assertEqual(done.returncode, 0, done)
        self.assertEqual(len({self.log_of(code)["index"] for code in tips}), 3)

    def test_a_changed_byte_is_refused(self):
        log, key = self.proven(self.d.tip(TEXT)["receipt"]), self.d.get("/log/15/key").text
        good = log["proof"].encode()
        for at in range(0, len(good), 7):
            bad = bytearray(good)
            bad[at] ^= 1
            self.assertEqual(tipctl("log", "check", put("bad", bytes(bad)), "--key", key).returncode, 1, at)
        other = tipctl("log", "check", put("good", good), "--key", self.d.get("/log/11/key").text)
        self.assertEqual(other.returncode, 1, other)
        if os.path.exists(AUDITOR):
            leaf = bytearray(base64.b64decode(log["leaf"]))
            leaf[40] ^= 1
            done = subprocess.run([AUDITOR, "receipt", self.copy(), put("good", good), put("leaf", bytes(leaf))], capture_output=True,
                                  text=True, timeout=60 * PATIENCE, check=False)
            self.assertEqual(done.returncode, 1, done)

    def test_what_is_done_with_a_tip_joins_its_leaves(self):
        sent = self.d.tip(TEXT)
        self.proven(sent["receipt"])
        self.d.settle()
        wait_for(lambda: sent["id"] in [tip["id"] for tip in self.d.claim(max=100, wait_s=1)], 60, "the tip")
        self.assertEqual(self.d.act(sent["id"], "close", {"outcome": "unfounded", "note": "x"}).status, 200)
        log = wait_for(lambda: next((log for log in [self.log_of(sent["receipt"])] if log["covered"]), None), 60, "all steps in the log")
        self.assertTrue(log["whole"])
        self.assertEqual([leaf["class"] for leaf in log["leaves"]].count("received"), 1)
        self.assertGreaterEqual([leaf["class"] for leaf in log["leaves"]].count("work"), 2, "claimed and closed")
        page = self.d.form("/receipt", {"code": sent["receipt"], "lang": "zh-CN"}).text
        self.assertIn("后续步骤", page)
        self.assertIn("最新一次签名已经包括它们", page)

    def test_an_unknown_code_learns_nothing(self):
        for code in (unknown_receipt("15"), unknown_receipt("99")):
            answer = self.d.receipt(code)
            self.assertEqual((answer.status, answer.code), (404, "no_such_receipt"))
            self.assertNotIn("log", answer.json)
            self.assertEqual(self.d.form("/receipt/proof", {"code": code}).status, 404)

    # --- nobody is asked ---------------------------------------------------------------------------

    def test_the_digits_alone_find_it_in_a_copy(self):
        code = self.d.tip(TEXT)["receipt"]
        log = self.proven(code)
        directory = self.copy()
        shown = " ".join(code[i:i + 4] for i in range(0, 24, 4))
        for typed in (code, shown + "\n"):
            found = tipctl("log", "find", directory, "--proofs", os.path.join(WORK, "found"), text=typed)
            self.assertEqual(found.returncode, 0, found)
            self.assertIn(f"{log['index']} received {log['leaves'][0]['day']}", found.stdout.split("\n\n")[0].splitlines())
            self.assertNotIn(code, found.stdout + found.stderr)
        proof = found.stdout.split("\n\n", 1)[1]
        key = self.d.get("/log/15/key").text
        self.assertEqual(tipctl("log", "check", "-", "--key", key, text=proof).returncode, 0)
        self.assertEqual(tipctl("log", "check", os.path.join(WORK, "found", f"{log['index']}.txt"), "--key", key).returncode, 0)

    def test_digits_of_nobody_are_not_found(self):
        self.proven(self.d.tip(TEXT)["receipt"])
        directory = self.copy()
        none = tipctl("log", "find", directory, text=unknown_receipt("15"))
        self.assertEqual(none.returncode, 1, none)
        self.assertIn("is of this tip", none.stdout)
        for typed, says in (("12", "24 digits"), ("abc", "digits only"), ("152740505071579425060239", "check digits"), ("", "24 digits")):
            wrong = tipctl("log", "find", directory, text=typed)
            self.assertEqual(wrong.returncode, 1)
            self.assertIn(says, wrong.stderr)
        given = tipctl("log", "find", directory, unknown_receipt("15"), text="")
        self.assertEqual(given.returncode, 2, "never on the command line")

    def test_find_goes_through_a_long_log(self):
        """1,000 leaves that tests/auditor/write makes: leaf N is of the tip N / 5, where it is no dummy."""
        directory = os.path.join(WORK, "long")
        subprocess.run([os.path.join(BUILD, "tests/auditor/write"), directory, "1000", "100"], check=True, timeout=120 * PATIENCE)
        tip = next(n for n in range(200) if int(f"15{n:022d}") % 97 == 1)
        code = f"15{tip:022d}"
        self.assertEqual(receipt_check(code[:22]), code)
        found = tipctl("log", "find", directory, text=code)
        self.assertEqual(found.returncode, 0, found)
        numbers = [int(line.split()[0]) for line in found.stdout.split("\n\n")[0].splitlines()]
        self.assertEqual(numbers, [n for n in range(5 * tip, 5 * tip + 5) if n % 3 != 0])
        os.remove(os.path.join(directory, "tile/entries/001"))
        cut = tipctl("log", "find", directory, text=code)
        self.assertEqual(cut.returncode, 1)
        self.assertIn("tipctl log verify", cut.stderr)

    # --- what is served -------------------------------------------------------------------------------

    def test_a_mirror_is_whole(self):
        self.proven(self.d.tip(TEXT)["receipt"])
        directory = self.copy()
        done = tipctl("log", "verify", directory)
        self.assertEqual(done.returncode, 0, done)
        if os.path.exists(AUDITOR):
            done = subprocess.run([AUDITOR, "log", directory], capture_output=True, text=True, timeout=60 * PATIENCE, check=False)
            self.assertEqual(done.returncode, 0, done)

    def test_how_long_it_may_be_kept(self):
        self.proven(self.d.tip(TEXT)["receipt"])
        size = int(self.d.get("/log/15/checkpoint").text.split("\n")[1])
        width = f".p/{size % 256}" if size < 256 else ""
        for path, cache, media in ((f"/log/15/tile/0/000{width}", FOR_EVER, "application/octet-stream"),
                                   (f"/log/15/tile/entries/000{width}", FOR_EVER, "application/octet-stream"),
                                   ("/log/15/checkpoint", "no-cache", "text/plain"), ("/log/15/status", "no-cache", "application/json"),
                                   ("/log/15/key", "public, max-age=3600", "text/plain"), ("/log", "public, max-age=3600", "application/json")):
            answer = self.d.get(path)
            self.assertEqual((answer.status, answer.type, answer.headers["Cache-Control"], answer.headers["Access-Control-Allow-Origin"]),
                             (200, media, cache, "*"), path)
            head = self.d.ask("public", "HEAD", path)
            self.assertEqual((head.status, head.body), (200, b""))
            if path.startswith("/log/15/tile") or path == "/log":
                again = self.d.get(path, If_None_Match=answer.headers["ETag"])
                self.assertEqual((again.status, again.body), (304, b""))

    def test_what_is_not_there(self):
        for path in ("/log/15/tile/0/900", "/log/15/tile/0/000.p/0", "/log/15/tile/../checkpoint", "/log/15/signed", "/log/15/batches",
                     "/log/15/openings/2020-01", "/log/98/checkpoint", "/log/..%2f..%2fkeys/key", "/log/15"):
            answer = self.d.get(path)
            self.assertEqual((answer.status, answer.type, answer.code), (404, "application/problem+json", "not_found"), path)

    def test_every_log_is_listed_with_its_key(self):
        logs = {log["log"]: log for log in self.d.get("/log").json["logs"]}
        self.assertLessEqual({"00", "11", "15", "money", "audit"}, set(logs))
        for name, log in logs.items():
            self.assertEqual(log["origin"], f"tips.example/log/{name}")
            self.assertEqual(self.d.get(f"/log/{name}/key").text, log["key"])
        self.assertFalse(self.d.get("/log/15/status").json["refusing"])


if __name__ == "__main__":
    main()
