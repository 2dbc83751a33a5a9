#!/usr/bin/python3
"""
Identities of informants open for two approvers with different halves of the key, for one tip, with reasons, once.
Contact and telephone number stand nowhere else: not in logs, store, figures or trail.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import unittest

from tipline import BUILD, Daemon, main, new_dir, tipctl, wait_for

REGION = "150600"
TEXT = "鄂尔多斯市东胜区某大厦二十二楼有人在仓库里藏炸药"
CONTACT = "微信 canary-contact-7781"
REASON = "孩子有危险，要马上打电话给举报人"
OTHER_REASON = "同意，现在就要知道是谁说的"
TRAIL = """
local out = {}
for _, entry in ipairs(redis.call('XRANGE', '{audit}:journal', '-', '+')) do
	out[#out + 1] = entry[2][2]
end
return out
"""


class Vault(unittest.TestCase):
    def setUp(self):
        self.home = new_dir()
        self.addCleanup(shutil.rmtree, self.home, True)

    def start(self, *sets):
        self.d = d = Daemon("log.level=info", "log.interval_s=1", *sets).start()
        self.addCleanup(d.close)
        self.halves = []
        for half in (1, 2):
            with open(f"{d.state}/keys/identity-share-{half}.key", encoding="ascii") as f:
                self.halves.append(bytes.fromhex(f.read()))
        self.officer = self.file("officer", d.token("officer"))
        self.tokens, self.ids = {}, {}
        for person, region in (("an", REGION), ("bo", REGION), ("cai", REGION), ("dong", "150000"), ("far", "440000")):
            done = tipctl("token", "add", "--state", d.state, "--person", person, "--role", "approver", "--region", region)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.tokens[person] = done.stdout.strip()
            self.file(person, self.tokens[person])
            self.assertEqual(self.key("--with", self.officer, "grant", person, region).returncode, 0)
        return d

    def file(self, name, text):
        path = os.path.join(self.home, name)
        with open(path, "w", encoding="ascii") as f:
            f.write(text + "\n")
        os.chmod(path, 0o600)
        return path

    def key(self, *words):
        return tipctl("key", "--state", self.d.state, *words)

    def init(self, first="an,cai", second="bo,far"):
        return self.key("vault", "init", "--first", first, "--second", second)

    def unseal(self, tip, person, reason=REASON):
        return self.d.staff("POST", f"/api/v1/tips/{tip}/unseal", {"reason": reason}, token=self.tokens[person])

    def cancel(self, tip, person):
        return self.d.staff("POST", f"/api/v1/tips/{tip}/unseal/cancel", {}, token=self.tokens[person])

    def said(self, answer, status, code=None):
        self.assertEqual((answer.status, answer.json.get("code")), (status, code), answer)

    def trail(self):
        return [json.loads(event) for event in self.d.redis_ask("eval", TRAIL, 0)]

    def shown(self, receipt):
        """What the informant sees, but for the sealed log, where each step is one more leaf of some work."""
        return {name: value for name, value in self.d.receipt(receipt).json.items() if name != "log"}

    def in_memory(self):
        """Which half lies in the memory of the process, as root's debugger could read it."""
        found = [False, False]
        pid = self.d.pid()
        with open(f"/proc/{pid}/maps", encoding="ascii", errors="replace") as maps, open(f"/proc/{pid}/mem", "rb", 0) as mem:
            for line in maps:
                first, last, file = re.match(r"([0-9a-f]+)-([0-9a-f]+) \S+ \S+ \S+ \S+ *(.*)", line).groups()
                if file.startswith("/") or file in ("[vvar]", "[vsyscall]") or int(last, 16) - int(first, 16) > 1 << 30:
                    continue   # what a sanitizer reserves has no copy of its own
                try:
                    mem.seek(int(first, 16))
                    held = mem.read(min(int(last, 16) - int(first, 16), 1 << 28))
                except OSError:
                    continue
                found = [there or half in held for there, half in zip(found, self.halves)]
        return found

    def test_two_with_different_halves(self):
        d = self.start()
        tip = d.tip(TEXT, contact=CONTACT)
        other = d.tip(TEXT + "，还有第二个仓库", contact=CONTACT)["id"]
        bare = d.tip("东胜区公园里有人在卖假药，好几天了")["id"]
        receipt, tip = tip["receipt"], tip["id"]
        before = self.shown(receipt)
        self.said(self.unseal(tip, "an"), 409, "no_share")   # nobody has a half yet
        self.assertEqual(self.key("vault", "list").returncode, 1)
        self.assertIn("both halves", self.init("an,bo", "bo").stderr)
        self.assertIn("no key pair", self.init("an,nobody", "bo").stderr)
        self.assertEqual(self.init("", "bo").returncode, 1)
        self.assertTrue(os.path.exists(d.state + "/keys/identity-share-1.key"))
        done = self.init()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([n for n in os.listdir(d.state + "/keys") if re.match(r"identity-share.*\.key", n)], [])
        self.assertEqual(self.init().returncode, 0)   # once more changes nothing
        self.assertIn("other persons", self.init("an", "bo").stderr)
        self.assertEqual(self.key("vault", "list").stdout.split("\n"), ["1 an", "1 cai", "2 bo", "2 far", ""])
        self.assertIn("other half", self.key("--with", os.path.join(self.home, "an"), "vault", "grant", "bo").stderr)

        # Who may not, and what is missing.
        self.assertEqual(d.staff("POST", f"/api/v1/tips/{tip}/unseal", {"reason": REASON}, role="officer").status, 403)
        self.said(self.unseal(tip, "far"), 404, "no_such_tip")
        self.said(self.unseal(tip, "dong"), 409, "no_share")
        self.said(self.unseal("15-0000000000", "an"), 404, "no_such_tip")
        self.said(self.unseal(bare, "an"), 409, "no_identity")
        self.said(d.staff("POST", f"/api/v1/tips/{tip}/unseal", {}, token=self.tokens["an"]), 400, "field_invalid")
        self.said(self.unseal(tip, "an", "太短了"), 400, "field_invalid")
        self.said(self.unseal(tip, "an", "长" * 501), 400, "field_invalid")

        # One alone, twice; two of one group; the second one, of another group.
        self.assertEqual(self.in_memory(), [False, False])
        first = self.unseal(tip, "an")
        self.said(first, 202)
        self.assertEqual((first.json["state"], first.json["half"]), ("waits", 1))
        self.assertEqual(self.in_memory(), [True, False])   # this test is able to see it
        self.said(self.unseal(tip, "an"), 409, "second_person")
        self.said(self.unseal(tip, "cai"), 409, "other_half_needed")
        self.said(self.cancel(tip, "cai"), 409, "nothing_waits")
        self.said(self.unseal(other, "bo"), 202)   # the half for one tip opens no other
        self.said(self.cancel(other, "bo"), 200)
        opened = self.unseal(tip, "bo", OTHER_REASON)
        self.said(opened, 200)
        self.assertEqual((opened.json["contact"], opened.json["sender"], opened.json["asked_by"]), (CONTACT, "", "an"))
        self.assertEqual(self.in_memory(), [False, False])
        # Shown once: what follows is a new question.
        self.said(self.unseal(tip, "bo"), 202)
        self.said(self.cancel(tip, "bo"), 200)
        self.said(self.cancel(tip, "bo"), 409, "nothing_waits")

        # The person who told sees nothing of it.
        self.assertEqual(self.shown(receipt), before)
        # The trail has both, before and after; the journal has both, and the reasons are notes.
        told = [(e["event"], e.get("by"), e.get("from")) for e in self.trail() if "unseal" in e["event"] and e.get("id") == tip]
        self.assertIn(("unseal_asked", "an", None), told)
        self.assertLess(told.index(("unseal_asked", "bo", None)), told.index(("unseal", "bo", "an")))
        self.assertEqual(sum(e[0] == "unseal" for e in told), 1)
        events = [(e["e"], e["by"]) for e in d.events() if e.get("id") == tip and e["e"].startswith("unseal")]
        self.assertEqual(events, [("unseal_asked", "an"), ("unsealed", "bo"), ("unseal_asked", "bo")])
        notes = [(m["by"], m["text"]) for m in d.staff("GET", f"/api/v1/tips/{tip}").json["messages"]]
        self.assertEqual(notes, [("an", REASON), ("bo", OTHER_REASON), ("bo", REASON)])
        d.wait_sealed()
        found = d.tipctl("verify", "--store", "unix:" + d.redis_socket())
        self.assertEqual(found.returncode, 0, found.stdout + found.stderr)
        self.canary(CONTACT, REASON, OTHER_REASON)

    def canary(self, *words):
        d = self.d
        d.redis_ask("save")
        seen = d.ask("ops", "GET", "/metrics").body + d.all_logs() + json.dumps(self.trail(), ensure_ascii=False).encode()
        for where, _, names in os.walk(d.state):
            for name in names:
                if "sock" not in name and name != "lock":
                    with open(os.path.join(where, name), "rb") as f:
                        seen += f.read()
        self.assertIn(b"tip.unseal", seen)
        for word in words + ("canary-contact", "13987654321"):
            self.assertNotIn(word.encode(), seen)

    def test_a_telephone_number(self):
        d = self.start()
        self.assertEqual(self.init().returncode, 0)
        tip = d.tip(TEXT, contact="+86 139 8765 4321")["id"]
        self.said(self.unseal(tip, "bo"), 202)
        self.assertEqual(self.unseal(tip, "cai").json["contact"], "+86 139 8765 4321")
        self.canary("139 8765 4321")

    def key_events(self):
        return [(e["event"], e["call"], e["id"], e.get("region"), e.get("to")) for e in self.trail() if e["event"] in ("key_granted", "key_revoked")]

    def test_nothing_about_keys_changes_untold(self):
        d = self.start()
        waiting = os.path.join(d.state, "key-changes.jsonl")
        granted = [("key_granted", "key_grant", "bureau", region, person) for person, region in
                   (("an", REGION), ("bo", REGION), ("cai", REGION), ("dong", "150000"), ("far", "440000"))]
        self.assertEqual(self.key_events(), granted)
        self.assertEqual(self.init("an,bo", "bo").returncode, 1)
        self.assertEqual(self.init("an", "bo").returncode, 0)
        made = [("key_granted", "key_vault_init", f"identity-share-{half}", None, person) for half, person in ((1, "an"), (2, "bo"))]
        self.assertEqual(self.key_events(), granted + made)
        self.assertEqual(self.key("vault", "revoke", "bo").returncode, 1)   # the last: nothing happened, nothing is told
        self.assertEqual(self.key("revoke", "far", "440000").returncode, 0)
        taken = [("key_revoked", "key_revoke", "bureau", "440000", "far")]
        self.assertEqual(self.key_events(), granted + made + taken)
        self.assertEqual(os.path.getsize(waiting), 0)
        events = self.trail()
        self.assertTrue(all(e["by"].startswith("os:") and e["query"].startswith("when=20") for e in events if e["event"] == "key_granted"))
        # Without a store the daemon tells it when it starts.
        self.assertEqual(d.stop(), 0)
        done = self.key("--with", os.path.join(self.home, "an"), "vault", "grant", "cai")
        self.assertEqual((done.returncode, "the daemon tells it" in done.stderr), (0, True), done.stderr)
        self.assertGreater(os.path.getsize(waiting), 0)
        with open(waiting, "a", encoding="ascii") as f:
            f.write('{"event":"key_granted","at"')   # a line cut short is told as something that is lost
        d.start()
        wait_for(lambda: os.path.getsize(waiting) == 0, 10, "the lines are told and gone")
        self.assertEqual(self.key_events(), granted + made + taken + [("key_granted", "key_vault_grant", "identity-share", None, "cai")])
        self.assertEqual([e["count"] for e in self.trail() if e["event"] == "lost"], [1])
        found = d.tipctl("verify", "--store", "unix:" + d.redis_socket())
        self.assertEqual(found.returncode, 0, found.stdout + found.stderr)

    def test_what_ends_the_wait(self):
        d = self.start("keys.unseal_s=2")
        self.assertEqual(self.init().returncode, 0)
        tip = d.tip(TEXT, contact=CONTACT)["id"]
        self.said(self.unseal(tip, "an"), 202)
        self.assertEqual(self.in_memory(), [True, False])
        # Its time.
        wait_for(lambda: not any(self.in_memory()), 40, "the half is wiped when its time is over")
        self.said(self.unseal(tip, "bo"), 202)   # alone again
        self.assertEqual(self.cancel(tip, "bo").status, 200)
        d.stop()
        d.sets.remove("keys.unseal_s=2")
        d.start()
        # Killed between the two calls.
        self.said(self.unseal(tip, "an"), 202)
        d.signal(signal.SIGKILL)
        d.process.wait()
        d.start()
        d.wait_works()
        self.assertEqual(self.in_memory(), [False, False])
        self.said(self.unseal(tip, "bo"), 202)
        # A half that was taken back while it waited opens nothing.
        self.assertEqual(self.key("vault", "revoke", "far").returncode, 0)
        self.assertEqual(self.key("--with", os.path.join(self.home, "bo"), "vault", "grant", "dong").returncode, 0)
        self.assertEqual(self.key("vault", "revoke", "bo").returncode, 0)
        self.said(self.unseal(tip, "an"), 409, "changed_meanwhile")
        self.assertIn("alone", self.key("vault", "revoke", "dong").stderr)
        self.said(self.cancel(tip, "bo"), 409, "nothing_waits")
        # Nor does that of one whose account was suspended since.
        self.said(self.unseal(tip, "an"), 202)
        for words in (("add", "an", "--name", "An"), ("suspend", "an")):
            self.assertEqual(tipctl("user", *words, "--state", d.state).returncode, 0)
        self.said(self.unseal(tip, "dong"), 409, "changed_meanwhile")
        self.assertEqual(self.in_memory(), [False, False])
        self.assertEqual(tipctl("user", "restore", "an", "--state", d.state).returncode, 0)
        # The token of who asked is revoked.
        self.said(self.unseal(tip, "dong"), 202)
        self.assertEqual(self.in_memory(), [False, True])
        row = next(line.split()[0] for line in tipctl("token", "list", "--state", d.state).stdout.splitlines() if " dong" in line)
        self.assertEqual(tipctl("token", "revoke", "--state", d.state, row).returncode, 0)
        self.said(self.unseal(tip, "an"), 202)
        self.assertEqual(self.in_memory(), [True, False])
        self.assertEqual(d.stop(), 0)

    def test_a_making_that_was_cut_short(self):
        d = self.start()
        keys = d.state + "/keys"
        saved = {}
        for half in (1, 2):
            with open(f"{keys}/identity-share-{half}.key", encoding="ascii") as f:
                saved[half] = f.read()
        killed = 0
        for after_us in (0, 500, 1000, 2000, 4000, 8000):
            for half in (1, 2):   # as it was
                path = f"{keys}/identity-share-{half}.key"
                with open(path, "w", encoding="ascii") as f:
                    f.write(saved[half])
                os.chmod(path, 0o600)
            words = [os.path.join(BUILD, "tipctl"), "key", "--state", d.state, "vault", "init", "--first", "an", "--second", "bo"]
            with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
                try:
                    child.wait(after_us / 1e6)
                except subprocess.TimeoutExpired:
                    killed += 1
                    child.kill()
            done = self.init("an", "bo")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.key("vault", "list").returncode, 0)
        self.assertGreater(killed, 0)
        # Every state it can be left in: both boxes, and either plain half.
        for left in (1, 2):
            with open(f"{keys}/identity-share-{left}.key", "w", encoding="ascii") as f:
                f.write(saved[left])
            os.chmod(f"{keys}/identity-share-{left}.key", 0o600)
            self.assertEqual(self.key("vault", "list").returncode, 1)
            self.assertEqual(self.init("an", "bo").returncode, 0)
        tip = d.tip(TEXT, contact=CONTACT)["id"]
        self.said(self.unseal(tip, "an"), 202)
        self.assertEqual(self.unseal(tip, "bo").json["contact"], CONTACT)
        # Halves that do not belong to identity.pub are not sealed.
        for half in (1, 2):
            os.remove(f"{keys}/identity-share-{half}.box")
            with open(f"{keys}/identity-share-{half}.key", "w", encoding="ascii") as f:
                f.write("11" * 32 + "\n" if half == 1 else saved[2])
            os.chmod(f"{keys}/identity-share-{half}.key", 0o600)
        self.assertIn("identity.pub", self.init("an", "bo").stderr)
        self.assertEqual(sorted(n for n in os.listdir(keys) if "share" in n), ["identity-share-1.key", "identity-share-2.key"])


if __name__ == "__main__":
    main()
