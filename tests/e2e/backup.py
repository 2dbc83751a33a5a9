#!/usr/bin/python3
"""The drill: a copy of what runs, put back on an empty machine, is whole; an older one is not signed behind what was published."""
import os
import shutil
import subprocess
import threading
import unittest

from tipline import ROOT, Daemon, jpeg, main, new_dir, wait_for

TEXT = "鄂尔多斯市东胜区看到第{}个可疑的人"
SIZE = 'tipline_log_size{log="shards"}'


def script(name, *arguments):
    return subprocess.run([os.path.join(ROOT, "scripts", name), *arguments], capture_output=True, text=True, timeout=120, check=False)


class Drill(unittest.TestCase):
    def setUp(self):
        self.home = new_dir()
        self.addCleanup(shutil.rmtree, self.home, True)
        self.copy, self.keys = os.path.join(self.home, "copy"), os.path.join(self.home, "keys")
        self.d = Daemon("log.interval_s=1").start()
        self.addCleanup(self.d.close)

    def back_up(self):
        done = script("backup", "--state", self.d.state, "--to", self.copy, "--keys-to", self.keys, "--weeks", self.home + "/weeks")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def restored(self, *more):
        d = Daemon("log.interval_s=1", "keys.create=false", demo=False)
        self.addCleanup(d.close)
        done = script("restore", "--from", self.copy, "--keys", self.keys, "--weeks", self.home + "/weeks", "--state", d.state, *more)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return d

    def sealed(self, least):
        wait_for(lambda: self.d.metrics().get(SIZE, 0) >= least, 30, "it is sealed")

    def test_whole_while_tips_come_in(self):
        photo, before, during, over = jpeg(b"of a person"), [], [], threading.Event()
        self.assertIn(self.d.upload({"text": TEXT.format(0)}, [("file", "a.jpg", "image/jpeg", photo)]).status, (200, 201, 303))
        for i in range(1, 11):
            before.append(self.d.tip(TEXT.format(i)))
        self.sealed(1)

        def go_on():
            while not over.is_set():
                during.append(self.d.tip(TEXT.format(100 + len(during))))
        sender = threading.Thread(target=go_on)
        sender.start()
        try:
            wait_for(lambda: len(during) > 5, 20, "tips come in")
            self.back_up()
        finally:
            over.set()
            sender.join()
        token = self.d.token("officer")
        self.d.stop()
        d = self.restored("--with-log").start()
        for tip in before:
            self.assertEqual(d.receipt(tip["receipt"]).json["id"], tip["id"], "the receipt finds its tip")
        mine = [t for t in d.claim(token=token, max=500) if t["text"] == TEXT.format(0)]
        got = d.staff("GET", f"/api/v1/tips/{mine[0]['id']}/files/1/original", token=token)
        self.assertEqual((got.status, got.body), (200, photo))
        d.settle()
        wait_for(lambda: d.metrics()['tipline_log_unsealed_events{log="shards"}'] == 0, 30, "all is sealed")
        d.verify()

    def test_no_key_and_no_word_in_the_copy(self):
        self.d.tip(TEXT.format(7))
        self.back_up()
        with open(os.path.join(self.keys, "receipt.key"), "rb") as f:
            key = f.read().strip()
        for where, _, names in os.walk(self.copy):
            for name in names:
                self.assertFalse(name.endswith(".key"), name)
                self.assertNotEqual(name, "demo.json")
                with open(os.path.join(where, name), "rb") as f:
                    bytes_ = f.read()
                self.assertNotIn(key, bytes_)
                self.assertNotIn("可疑".encode(), bytes_)

    def test_copy_of_weekly_keys_loses_what_is_destroyed(self):
        """Of the directory alone: who makes and destroys them is another test's."""
        here, there = os.path.join(self.d.state, "weeks"), os.path.join(self.home, "weeks")
        os.makedirs(here, exist_ok=True)
        names = ["week-0001.key", "week-0002.key"]

        def put(name, text):
            with open(os.path.join(here, name), "w", encoding="ascii") as f:
                f.write(text)

        def mirror(to):
            done = script("backup", "--state", self.d.state, "--to", os.path.join(self.home, to), "--weeks", there)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertFalse(os.path.exists(os.path.join(self.home, to, "weeks")), "never beside what they open")
            return sorted(n for n in os.listdir(there) if n in names)

        for name in names:
            put(name, "00" * 32 + "\n")
        self.assertEqual(mirror("one"), names)
        os.unlink(os.path.join(here, names[0]))
        put("destroyed.jsonl", '{"week":1,"at":"2026-11-22T00:00:00Z"}\n')
        self.assertEqual(mirror("two"), names[1:])
        self.assertTrue(os.path.exists(os.path.join(there, "destroyed.jsonl")))
        self.d.stop()
        state = os.path.join(self.home, "state")
        self.back_up()
        done = script("restore", "--from", self.copy, "--keys", self.keys, "--weeks", there, "--state", state)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([n for n in os.listdir(os.path.join(state, "weeks")) if n in names], names[1:])
        self.assertEqual(script("backup", "--state", self.d.state, "--to", self.home + "/b", "--weeks", self.home + "/b/w").returncode, 2)

    def test_rewriting_goes_on_afterwards(self):
        self.back_up()
        self.assertEqual(self.d.redis("config", "get", "auto-aof-rewrite-percentage").split()[-1], "100")

    def test_older_store_is_not_signed_behind_what_was_published(self):
        self.d.tip(TEXT.format(1))
        self.sealed(1)
        self.back_up()
        size = self.d.metrics()[SIZE]
        for i in range(2, 8):
            self.d.tip(TEXT.format(i))
        self.sealed(size + 1)
        self.d.stop()
        d = self.restored()
        shutil.copytree(os.path.join(self.d.state, "log"), os.path.join(d.state, "log"))
        d.start()
        wait_for(lambda: d.metrics().get("tipline_log_refusing", 0) > 0, 30, "it refuses to sign")
        self.assertTrue(any("not signed" in w for w in d.ready().json["warnings"]), d.ready())

    def test_what_no_other_file_tells_is_in_the_copy(self):
        self.d.stop()
        for name in ("sms-wishes", "key-changes.jsonl", "staff.jsonl"):
            with open(os.path.join(self.d.state, name), "w", encoding="ascii") as f:
                f.write(name)
        self.back_up()
        for name in ("sms-wishes", "key-changes.jsonl", "staff.jsonl"):
            with open(os.path.join(self.copy, name), encoding="ascii") as f:
                self.assertEqual(f.read(), name)

    def test_what_is_refused(self):
        self.back_up()
        self.assertEqual(script("backup", "--state", self.d.state, "--to", self.copy).returncode, 2, "nothing is overwritten")
        inside = script("backup", "--state", self.d.state, "--to", self.home + "/b", "--keys-to", self.home + "/b/keys")
        self.assertEqual(inside.returncode, 2, "keys do not lie beside what they open")
        full = script("restore", "--from", self.copy, "--keys", self.keys, "--state", self.d.state)
        self.assertEqual(full.returncode, 2, "not over a state directory")
        os.unlink(os.path.join(self.copy, "complete"))
        cut = script("restore", "--from", self.copy, "--keys", self.keys, "--state", self.home + "/n")
        self.assertEqual(cut.returncode, 2, "not out of half a copy")


class Places(unittest.TestCase):
    """Links, slashes and blanks in paths, on a state directory that no daemon needs."""

    def setUp(self):
        self.home = os.path.join(new_dir(), "a home")
        self.addCleanup(shutil.rmtree, os.path.dirname(self.home), True)
        self.put("state/redis/appendonlydir/a", "rows")
        self.put("state/person-keys.jsonl", "{}")
        self.put("disk/files/00/photo", "sealed")
        self.put("disk/files/incoming/half", "sealed")
        self.put("disk/keys/receipt.key", "key")
        os.symlink("../disk/files", self.at("state/files"))
        os.symlink("../disk/keys", self.at("state/keys"))

    def at(self, name):
        return os.path.join(self.home, name)

    def put(self, name, text):
        os.makedirs(os.path.dirname(self.at(name)), exist_ok=True)
        with open(self.at(name), "w", encoding="ascii") as f:
            f.write(text)

    def run_well(self, name, *arguments):
        done = script(name, *arguments)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_parts_that_are_links_are_copied(self):
        self.run_well("backup", "--state", self.at("state/"), "--to", self.at("copy/"), "--keys-to", self.at("keys"))
        self.assertFalse(any(os.path.islink(self.at(name)) for name in ("copy/files", "keys")))
        self.assertTrue(os.path.isfile(self.at("copy/files/00/photo")))
        self.assertEqual(os.listdir(self.at("copy/files/incoming")), [])
        self.assertEqual(sorted(os.listdir(self.at("keys"))), ["person-keys.jsonl", "receipt.key"])
        os.symlink("keys", self.at("medium"))
        self.run_well("restore", "--from", self.at("copy"), "--keys", self.at("medium"), "--state", self.at("new"))
        self.assertFalse(os.path.islink(self.at("new/keys")))
        self.assertTrue(os.path.isfile(self.at("new/person-keys.jsonl")))
        self.assertTrue(os.path.isfile(self.at("keys/person-keys.jsonl")), "what was kept is left as it was")

    def test_what_is_only_being_written_is_left_out(self):
        os.makedirs(self.at("state/log/audit"))
        for name in ("signed", "signed.new-t5ZOKP"):
            with open(self.at("state/log/audit/" + name), "w", encoding="ascii") as f:
                f.write(name)
        os.chmod(self.at("state/log"), 0o710)
        self.run_well("backup", "--state", self.at("state"), "--to", self.at("copy"))
        self.assertEqual(os.listdir(self.at("copy/log/audit")), ["signed"])
        self.assertEqual(os.stat(self.at("copy/log")).st_mode & 0o777, 0o710)
        shutil.rmtree(self.at("copy"))
        os.rename(self.at("state/log"), self.at("log"))
        os.symlink(self.at("log/audit/signed"), self.at("state/log"))
        self.assertNotEqual(script("backup", "--state", self.at("state"), "--to", self.at("copy")).returncode, 0, "what cannot be read is missed")

    def test_keys_do_not_come_beside_what_they_open(self):
        os.makedirs(self.at("real"))
        os.makedirs(self.at("state/weeks"))
        os.symlink("real", self.at("link"))
        for to, keys in (("copy/", "copy/keys"), ("copy", "./copy/keys"), ("copy", "x/../copy/keys"), ("link/copy", "real/copy/keys")):
            for option in ("--keys-to", "--weeks"):
                done = script("backup", "--state", self.at("state"), "--to", self.at(to), option, self.at(keys))
                self.assertEqual(done.returncode, 2, (to, option, keys))
        self.assertEqual(script("backup", "--state", self.at("state"), "--to", self.at("state/copy")).returncode, 2)

    def test_what_is_not_known_goes_to_no_process(self):
        for name in ("fingerprint.key", "sender-0691.key", "identity.pub", "bureau-150600.pub", "bureau-150600.box", "staff.key", "identity-share-1.key",
                     "identity-share-1.box", "recovery-share-1.key", "old.key", "identity-share-1.key.box"):
            self.put("disk/keys/" + name, "key")
        self.run_well("part-keys", self.at("state/keys/"), self.at("for all"))
        every = {"receipt.key", "fingerprint.key", "sender-0691.key", "identity.pub", "bureau-150600.pub"}
        self.assertEqual({role: set(os.listdir(self.at("for all/" + role))) for role in ("intake", "desk", "jobs")},
                         {"intake": every, "jobs": every, "desk": every | {"bureau-150600.box", "identity-share-1.box", "staff.key"}})

    def test_a_week_that_was_destroyed_does_not_come_back_from_an_older_state(self):
        for week in (1, 2, 11):
            self.put(f"state/weeks/week-{week:04d}.key", "key")
        self.put("state/weeks/destroyed.jsonl", '{"week":2,"at":"2026-11-22T00:00:00Z"}')
        self.put("weeks/destroyed.jsonl", '{"week":1,"at":"2026-11-15T00:00:00Z"}\n')
        self.run_well("backup", "--state", self.at("state"), "--to", self.at("copy"), "--weeks", self.at("weeks"))
        self.assertEqual(sorted(os.listdir(self.at("weeks"))), ["destroyed.jsonl", "week-0011.key"])
        with open(self.at("weeks/destroyed.jsonl"), encoding="ascii") as f:
            self.assertEqual([line[:9] for line in f], ['{"week":1', '{"week":2'])


if __name__ == "__main__":
    main()
