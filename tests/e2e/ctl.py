#!/usr/bin/python3
"""tipctl, as an operator uses it: a broken configuration, keys, tokens, doctor, replay."""
import os
import re
import shutil
import stat
import unittest

from tipline import Daemon, Redis, main, new_dir, tipctl

TEXT = "鄂尔多斯市东胜区看到第{}个可疑的人"


class Files(unittest.TestCase):
    def setUp(self):
        self.dir = new_dir()
        self.addCleanup(shutil.rmtree, self.dir)

    def write(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path

    def test_every_mistake_with_its_place(self):
        path = self.write("broken.yaml", "listen:\n  public: 5\n  sttaff: x\nlimits:\n  files: many\n  tips_burst: 0\n")
        done = tipctl("check-config", "--config", path)
        self.assertEqual(done.returncode, 1)
        for place, reason in (("2:11", "listen.public"), ("3:3", "listen.staff?"), ("5:10", "a number"), ("6:15", "limits.tips_burst")):
            self.assertRegex(done.stderr, rf"(?m)^{re.escape(path)}:{place}: .*{re.escape(reason)}")

    def test_broken_yaml(self):
        for text in ("a: [1, 2", "listen:\n\tpublic: x\n", "limits: {files: 1", "- a\n- b\n", "x: 1\nx: 2\n", "\x00"):
            path = self.write("broken.yaml", text)
            done = tipctl("check-config", "--config", path)
            self.assertEqual(done.returncode, 1, text)
            self.assertRegex(done.stderr, rf"(?m)^{re.escape(path)}:\d+")
        self.assertEqual(tipctl("check-config", "--config", self.dir + "/missing").returncode, 1)

    def test_sample_is_good_and_shows_the_defaults(self):
        sample = tipctl("check-config", "--print-sample")
        path = self.write("sample.yaml", sample.stdout)
        done = tipctl("check-config", "--config", path, "--show")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, tipctl("check-config", "--config", self.write("empty.yaml", ""), "--show").stdout)

    def test_secrets_are_not_shown(self):
        done = tipctl("check-config", "--set", "sms.gateways.x.driver=kannel", "--set", "sms.gateways.x.secret=visible-word", "--show")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("visible-word", done.stdout + done.stderr)

    def test_wrong_use(self):
        for arguments in ((), ("nonsense",), ("token",), ("replay", "--nonsense"), ("check-config", "x"), ("promise",)):
            done = tipctl(*arguments, text="")
            self.assertEqual(done.returncode, 2, arguments)
            self.assertTrue(done.stderr)

    def test_keys(self):
        keys = os.path.join(self.dir, "keys")
        self.assertEqual(tipctl("key", "--keys", keys, "create").returncode, 0)
        self.assertEqual(stat.S_IMODE(os.stat(keys).st_mode), 0o700)
        before = {n: open(os.path.join(keys, n), encoding="ascii").read() for n in os.listdir(keys)}
        for name in before:
            self.assertEqual(stat.S_IMODE(os.stat(os.path.join(keys, name)).st_mode) & 0o077, 0, name)
        tipctl("key", "--keys", keys, "create")
        self.assertEqual({n: open(os.path.join(keys, n), encoding="ascii").read() for n in os.listdir(keys)}, before)
        listed = tipctl("key", "--keys", keys, "list")
        self.assertEqual(listed.returncode, 0)
        for name, text in before.items():
            if name.endswith(".key"):
                self.assertNotIn(text.strip(), listed.stdout)

    def test_bad_tokens_are_refused(self):
        state = os.path.join(self.dir, "state")
        os.mkdir(state, 0o700)
        good = {"--person": "zhang", "--role": "officer", "--region": "110000"}
        for option, value in (("--person", "two words"), ("--person", ""), ("--role", "king"), ("--region", "11"),
                              ("--region", "110001x"), ("--person", "x" * 65)):
            words = [w for pair in {**good, option: value}.items() for w in pair]
            self.assertNotEqual(tipctl("token", "add", "--state", state, *words).returncode, 0, (option, value))
        self.assertEqual(tipctl("token", "add", "--state", state, *[w for p in good.items() for w in p]).returncode, 0)
        self.assertNotEqual(tipctl("token", "revoke", "--state", state, "0000000000000000").returncode, 0)


class Running(unittest.TestCase):
    def setUp(self):
        self.d = Daemon()
        self.d.start()
        self.addCleanup(self.d.close)

    def some_history(self):
        receipts = []
        for i in range(30):
            receipts.append(self.d.tip(TEXT.format(i), contact="wechat", key=f"h-{i}")["receipt"])
        self.d.settle()
        for i, tip in enumerate(self.d.claim(max=25)):
            for action, value, role in (("note", {"text": "备注"}, "officer"), ("message", {"text": "请再说说"}, "officer"),
                                        ("verify", {"verdict": "verified"}, "verifier"), ("close", {"outcome": "verified", "note": "x"}, "officer"),
                                        ("reopen", {"reason": "x"}, "verifier"))[:i % 6]:
                self.assertEqual(self.d.act(tip["id"], action, value, role=role).status, 200)
            if i % 6 == 0:
                self.assertEqual(self.d.act(tip["id"], "transfer", {"region": "110105" if i % 4 else "150603", "reason": "x"}).status, 200)
        self.assertEqual(self.d.receipt(receipts[0], text="补充").status, 200)
        self.d.settle()
        return receipts

    def test_replay_is_equal_and_notices_a_change(self):
        receipts = self.some_history()
        done = tipctl("replay", "--state", self.d.state)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        tip = self.d.receipt(receipts[7]).json["id"]
        state = "{" + tip[:2] + "}:state:" + tip
        self.assertEqual(self.d.redis("exists", state).strip(), "1")
        self.d.redis("hset", state, "s", "closed" if self.d.receipt(receipts[7]).json["state"] != "closed" else "queued")
        changed = tipctl("replay", "--state", self.d.state)
        self.assertEqual(changed.returncode, 1, changed.stdout + changed.stderr)
        self.assertIn(tip, changed.stdout)

    def test_replay_into_an_empty_store_works_like_the_first(self):
        receipts = self.some_history()
        empty = Redis().start()
        self.addCleanup(empty.remove)
        done = tipctl("replay", "--state", self.d.state, "--into", empty.address)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        before = [self.d.receipt(code).json for code in receipts]
        queues = {r: (q["waiting"], q["held"]) for r, q in self.d.queues().items()}
        self.d.stop()
        self.d.sets.append(f"store.address={empty.address}")
        self.d.start()
        self.assertEqual({r: (q["waiting"], q["held"]) for r, q in self.d.queues().items()}, queues)
        self.assertEqual([self.d.receipt(code).json["state"] for code in receipts], [s["state"] for s in before])
        self.assertEqual(len({t["text"] for t in self.d.take_all()}), sum(w for w, _ in queues.values()))
        self.assertEqual(self.d.send("之后照常").status, 201)
        again = tipctl("replay", "--store", empty.address, "--into", empty.address)
        self.assertNotEqual(again.returncode, 0, "only an empty store is written to")

    def doctor(self):
        return tipctl("doctor", "--state", self.d.state, "--set", f"listen.ops={self.d.ports['ops']}")

    def test_doctor(self):
        done = self.doctor()
        self.assertIn(done.returncode, (0, 1), done.stderr)
        self.assertRegex(done.stdout, r"(?m)^OK +redis")
        self.assertNotRegex(done.stdout, r"(?m)^FAIL")
        self.d.redis("config", "set", "appendfsync", "everysec")
        sick = self.doctor()
        self.assertEqual(sick.returncode, 1, sick.stdout)
        self.assertRegex(sick.stdout, r"(?m)^FAIL.*appendfsync")
        self.d.redis("config", "set", "appendfsync", "always")
        os.chmod(os.path.join(self.d.state, "keys", "receipt.key"), 0o644)
        sick = self.doctor()
        self.assertEqual(sick.returncode, 1, sick.stdout)
        self.assertRegex(sick.stdout, r"(?m)^FAIL.*receipt.key")
        os.chmod(os.path.join(self.d.state, "keys", "receipt.key"), 0o600)
        keys = os.path.join(self.d.state, "keys")
        os.rename(os.path.join(keys, "leaf.key"), os.path.join(self.d.state, "leaf.away"))
        self.assertRegex(self.doctor().stdout, r"(?m)^FAIL.*leaf.key is gone")
        os.rename(os.path.join(keys, "log.key"), os.path.join(self.d.state, "log.away"))
        self.assertRegex(self.doctor().stdout, r"(?m)^WARN.*next start makes them")
        for name in ("leaf", "log"):
            os.rename(os.path.join(self.d.state, f"{name}.away"), os.path.join(keys, f"{name}.key"))


if __name__ == "__main__":
    main()
