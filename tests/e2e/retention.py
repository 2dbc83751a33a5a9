#!/usr/bin/python3
"""
Retention: tips that have ended lose identity, files, words and row one after the other (the clocks of daemon and Redis are moved), held ones
lose nothing, the disk and Redis' own files have nothing of it afterwards, and `tipctl verify` and `tipctl replay` agree.
"""
import glob
import os
import re
import shutil
import signal
import subprocess
import unittest

from tipline import Daemon, Redis, jpeg, main, multipart, new_dir, png, tipctl, wait_for

SHIFT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "shift_time.c")
OUTCOMES = ("verified", "unfounded", "duplicate", "insufficient", "referred", "prank")
HEX = "return (string.gsub(redis.call('GET', ARGV[1]) or '', '.', function(c) return string.format('%02x', string.byte(c)) end))"
HEX_LIST = ("local out = {} for i, text in ipairs(redis.call('LRANGE', ARGV[1], 0, -1)) do "
            "out[i] = string.gsub(text, '.', function(c) return string.format('%02x', string.byte(c)) end) end return out")
RULE = "{ identity: 5, files: 10, text: 20, row: 30 }"
BEGIN = 100   # days before today


def rules_in(directory):
    path = os.path.join(directory, "retention.yaml")
    with open(path, "w", encoding="utf-8") as f:
        for outcome in OUTCOMES:
            f.write(f"{outcome}: {RULE}\n")
        f.write("transferred: { identity: 5, files: never, text: 20, row: never }\n")
    return path


def at_day(daemon, days):
    """Starts the daemon, and its Redis unless it runs, so many days before today; their clocks go on from there."""
    fake = {"LD_PRELOAD": Retention.shift, "TIME_SHIFT_S": str(-days * 86400),
            "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}
    before = dict(os.environ)
    os.environ.update(fake)
    try:
        if daemon.store.process is None or daemon.store.process.poll() is not None:
            daemon.store.start()
        daemon.spawn()
    finally:
        os.environ.clear()
        os.environ.update(before)
    wait_for(daemon.listens, 30, f"tiplined listens; see {daemon.log_path}")
    daemon.wait_ready()


class Retention(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        home = new_dir("tipline-shift-")
        cls.addClassCleanup(shutil.rmtree, home, ignore_errors=True)
        cls.shift = os.path.join(home, "shift_time.so")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", cls.shift, SHIFT], check=True, timeout=60)

    def daemon(self, *sets, settle_s=1, interval_s=1):
        self.work = new_dir("tipline-retention-")
        self.addCleanup(shutil.rmtree, self.work, ignore_errors=True)
        store = Redis()
        self.addCleanup(store.remove)
        d = Daemon(f"store.address={store.address}", "retention.enabled=true", f"retention.file={rules_in(self.work)}", f"retention.interval_s={interval_s}",
                   f"retention.settle_s={settle_s}", "log.interval_s=1", "escalation.enabled=false", *sets)
        d.store = store
        self.addCleanup(d.close)
        return d

    # --- what is there -----------------------------------------------------------------

    def keys(self, d, tip):
        return {name for name in ("state", "tip", "messages", "identity", "files")
                if d.redis_ask("EXISTS", f"{{{tip[:2]}}}:{name}:{tip}")}

    def stored(self, d):
        return {os.path.basename(path) for path, _ in d.files() if "/files/" in path}

    def erased(self, d):
        return [event for event in d.events() if event["e"] == "erased"]

    def agree(self, d):
        d.settle()
        d.wait_sealed()
        d.verify()
        done = tipctl("replay", "--store", d.store.address)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def close(self, d, tip, outcome):
        answer = d.act(tip, "close", {"outcome": outcome, "note": "looked at, and that is it"})
        self.assertEqual(answer.status, 200, answer)

    def submit(self, d, text, n):
        page = d.upload({"text": text, "contact": f"canary-contact-{n}@example.org", "nonce": f"retention-{n}"},
                        [("file", "a.jpg", "image/jpeg", jpeg(b"pixels" + str(n).encode() * 100))])
        self.assertEqual(page.status, 201, page)
        return "".join(re.findall(r"<span>(\d{4})</span>", page.text))

    def filled(self, d):
        """One tip for each outcome, and one that is held: {outcome: (id, receipt)}."""
        tips = {}
        for n, outcome in enumerate(OUTCOMES + ("held",)):
            receipt = self.submit(d, f"鄂尔多斯市东胜区第{n}号院夜里有人倾倒化学废料，{n * 37}车", n)
            tip = d.claim_when_there("150602", lease_s=3600)[0]["id"]
            self.assertEqual(self.keys(d, tip), {"state", "tip", "identity", "files"})
            self.close(d, tip, "prank" if outcome == "held" else outcome)
            tips[outcome] = (tip, receipt)
        return tips

    def restart_at(self, d, days):
        d.settle()
        d.wait_sealed()
        self.assertEqual(d.stop(), 0)
        d.store.stop()
        at_day(d, days)

    def rounds(self, d, n=2):
        """So many whole rounds since now: what was due is gone."""
        for _ in range(n):
            was = d.metrics()["tipline_retention_round_timestamp_seconds"]
            wait_for(lambda: d.metrics()["tipline_retention_round_timestamp_seconds"] > was, 30, "a round of retention")

    def expect(self, d, tips, there, what):
        wait_for(lambda: all(self.keys(d, tips[o][0]) == there for o in OUTCOMES), 30,
                 lambda: f"{what}: {[(o, self.keys(d, tips[o][0])) for o in OUTCOMES]}")
        self.assertEqual(self.keys(d, tips["held"][0]), {"state", "tip", "messages", "identity", "files"}, what)

    # --- the whole way ------------------------------------------------------------------

    def test_parts_go_in_their_order(self):
        d = self.daemon()
        at_day(d, BEGIN)
        tips = self.filled(d)
        held = tips["held"][0]
        self.assertEqual(d.act(held, "hold", {"reason": "court", "note": "case 7"}, role="verifier").status, 200)
        names = self.stored(d)
        self.assertEqual(len(names), 7)

        self.restart_at(d, BEGIN - 4)
        self.rounds(d, 3)
        self.expect(d, tips, {"state", "tip", "messages", "identity", "files"}, "nothing is due after four days")
        self.restart_at(d, BEGIN - 6)
        self.expect(d, tips, {"state", "tip", "messages", "files"}, "the identity goes")
        self.restart_at(d, BEGIN - 11)
        self.expect(d, tips, {"state", "tip", "messages"}, "the files go")
        wait_for(lambda: len(self.stored(d)) == 1, 30, "files are removed from the disk")
        self.agree(d)
        self.restart_at(d, BEGIN - 21)
        self.expect(d, tips, {"state"}, "the words go")
        self.says_so(d, tips["verified"])
        self.agree(d)
        self.gone_from_disk(d, names)
        self.restart_at(d, BEGIN - 31)
        self.expect(d, tips, set(), "the row goes")
        self.agree(d)
        self.assertEqual(d.receipt(tips["prank"][1]).status, 404)
        self.report(d)
        self.lift(d, held)
        wait_for(lambda: self.keys(d, held) == set(), 30, "what was held goes when the hold is lifted")
        wait_for(lambda: not self.stored(d), 30, "and its file")
        self.agree(d)
        self.assertEqual(len(d.redis("--scan", "--pattern", "*:doomed").split()), 0)

    def says_so(self, d, tip):
        """The receipt code tells in plain words what became of the tip."""
        answer = d.receipt(tip[1])
        self.assertEqual((answer.status, answer.json["state"]), (200, "erased"), answer)
        self.assertFalse(answer.json["may_write"] or answer.json["may_reopen"])
        for language, words in (("zh-CN", "已经按规定删除"), ("en", "has been deleted")):
            page = d.form("/receipt", {"code": tip[1], "lang": language})
            self.assertEqual(page.status, 200, page)
            self.assertIn(words, page.text)
        shown = d.staff("GET", f"/api/v1/tips/{tip[0]}")
        self.assertEqual(shown.json["state"], "erased")
        self.assertEqual(shown.json["erased"], ["identity", "files", "text"])
        self.assertEqual(d.act(tip[0], "note", {"text": "too late"}).status, 409)

    def sealed(self, d, tips):
        """The sealed bytes of each part as they stand in Redis, hexadecimal: {(id, part): text}."""
        found = {}
        for tip, _ in tips.values():
            for part in ("tip", "identity"):
                found[tip, part] = d.redis_ask("eval", HEX, 0, f"{{{tip[:2]}}}:{part}:{tip}")
            messages = d.redis_ask("eval", HEX_LIST, 0, f"{{{tip[:2]}}}:messages:{tip}")
            found.update({(tip, f"message {n}"): text for n, text in enumerate(messages)})
        return {key: bytes.fromhex(text) for key, text in found.items()}

    def redis_files(self, d):
        everything = b""
        for path in glob.glob(d.store.dir + "/**", recursive=True):
            if os.path.isfile(path):
                with open(path, "rb") as f:
                    everything += f.read()
        return everything

    def test_the_bytes_themselves_are_gone(self):
        """What was sealed is in Redis' file, or in the spool, before, and in neither afterwards."""
        d = self.daemon()
        at_day(d, BEGIN)
        kept = self.submit(d, "鄂尔多斯市东胜区铁西路夜里有人卸货", 98)
        self.assertTrue(kept)
        first = d.claim_when_there("150602", lease_s=3600)[0]["id"]
        d.store.signal(signal.SIGSTOP)
        try:
            self.submit(d, "鄂尔多斯市东胜区夜里有人倾倒化学废料", 99)
            spool = b"".join(open(path, "rb").read() for path in glob.glob(d.state + "/spool/*.spool"))
            self.assertGreater(len(spool), 300)
        finally:
            d.store.signal(signal.SIGCONT)
        wait_for(lambda: not glob.glob(d.state + "/spool/*.spool"), 30, "the spool is empty")
        second = d.claim_when_there("150602", lease_s=3600)[0]["id"]
        self.close(d, second, "prank")
        sealed = self.sealed(d, {"kept": (first, None), "prank": (second, None)})
        d.settle()
        before = self.redis_files(d)
        self.assertEqual(sorted(part for tip, part in sealed if tip == second), ["identity", "message 0", "tip"])
        for (tip, part), text in sealed.items():
            self.assertGreater(len(text), 60, part)
            self.assertIn(text, before, part)
        self.assertIn(sealed[second, "tip"], spool)
        self.restart_at(d, BEGIN - 21)
        wait_for(lambda: self.keys(d, second) == {"state"}, 30, "the words go")
        self.rewrite(d)
        after = self.redis_files(d) + b"".join(open(path, "rb").read() for path in glob.glob(d.state + "/**", recursive=True) if os.path.isfile(path))
        for (tip, part), text in sealed.items():
            (self.assertNotIn if tip == second else self.assertIn)(text, after, (tip, part))

    def rewrite(self, d):
        d.redis_ask("BGREWRITEAOF")
        wait_for(lambda: "aof_rewrite_in_progress:0" in d.redis("info", "persistence"), 60, "the file is rewritten")
        wait_for(lambda: "aof_rewrite_scheduled:0" in d.redis("info", "persistence"), 60, "the file is rewritten")

    def test_a_clean_copy_goes_with_its_original(self):
        d = self.daemon()
        at_day(d, BEGIN)
        for n, outcome in ((1, "prank"), (2, "held")):
            page = d.upload({"text": f"鄂尔多斯市东胜区{n}号院夜里有人倾倒化学废料", "nonce": f"photo-{n}"},
                            [("file", "a.png", "image/png", png())])
            self.assertEqual(page.status, 201, page)
            tip = d.claim_when_there("150602", lease_s=3600)[0]["id"]
            self.assertEqual(d.staff("GET", f"/api/v1/tips/{tip}/files/1").status, 200)   # the clean one
            self.close(d, tip, "prank")
            if outcome == "held":
                self.assertEqual(d.act(tip, "hold", {"reason": "court"}, role="verifier").status, 200)
        names = self.stored(d)
        self.assertEqual(len(names), 4, "two originals and their clean copies")
        self.restart_at(d, BEGIN - 11)
        wait_for(lambda: len(self.stored(d)) == 2, 30, "an original and its copy are removed")
        self.assertTrue(self.stored(d) < names)
        self.assertEqual(len(d.redis_ask("GET", f"{{15}}:files:{tip}").split()), 2)
        self.assertEqual(d.staff("GET", f"/api/v1/tips/{tip}/files/1").status, 200)
        self.agree(d)

    def test_files_that_came_afterwards_go_with_the_others(self):
        d = self.daemon()
        at_day(d, BEGIN)
        receipt = self.submit(d, "鄂尔多斯市东胜区夜里有人倾倒化学废料，两车", 1)
        tip = d.claim_when_there("150602", lease_s=3600)[0]["id"]

        def add(picture, **more):
            body, media = multipart({"receipt": receipt, **more}, [("file", "later.png", "image/png", picture)])
            return d.ask("public", "POST", "/api/v1/receipt", body, {"Content-Type": media})

        self.assertTrue(add(png()).json["added"])
        self.close(d, tip, "prank")
        self.assertTrue(add(png(b"of a closed tip")).json["added"])
        self.assertEqual(len(self.stored(d)), 5, "one of the report, two originals and their clean copies")
        self.restart_at(d, BEGIN - 11)
        wait_for(lambda: not self.stored(d), 30, "all of them are removed")
        self.assertEqual(self.keys(d, tip), {"state", "tip", "messages"})
        late = add(png(b"too late"))
        self.assertEqual((late.status, late.code, late.json["field"]), (409, "not_in_this_state", "file"))
        self.assertEqual(self.stored(d), set())
        again = add(png(b"look again"), reopen="yes")
        self.assertEqual((again.status, again.json["reopened"]), (200, True), again)
        self.assertEqual(d.staff("GET", f"/api/v1/tips/{tip}/files/4/original").body, png(b"look again"))
        self.agree(d)

    def gone_from_disk(self, d, names):
        """After Redis has rewritten its file, no sealed byte of them is anywhere."""
        self.rewrite(d)
        redis = self.redis_files(d)
        gone = [name for name in names if name not in self.stored(d)]
        self.assertEqual(len(gone), 6)
        for name in gone:
            self.assertNotIn(name.encode(), redis)
        held = self.held_id(d)
        # What is still there is found in the same way.
        self.assertIn(f"{{15}}:tip:{held}".encode(), redis)
        self.assertTrue(all(name.encode() in redis for name in self.stored(d)))
        for tip in {event["id"] for event in self.erased(d)} - {held}:
            self.assertNotIn(f"{{15}}:tip:{tip}".encode(), redis)
            self.assertNotIn(f"{{15}}:identity:{tip}".encode(), redis)

    def held_id(self, d):
        return next(event["id"] for event in d.events() if event["e"] == "held")

    def lift(self, d, tip):
        """Two different persons."""
        self.assertEqual(d.act(tip, "hold", {"reason": "audit"}, role="admin").code, "held")
        self.assertEqual(d.act(tip, "lift", {"reason": "ended"}, role="officer").status, 409)
        self.assertEqual(d.act(tip, "lift", {"reason": "because"}, role="verifier").status, 400)
        asked = d.act(tip, "lift", {"reason": "ended"}, role="verifier")
        self.assertEqual(asked.status, 200, asked)
        self.assertIsNotNone(asked.json["hold"]["lift_asked_by"])
        self.assertEqual(d.act(tip, "lift", {"reason": "ended"}, role="verifier").code, "second_person")
        self.assertIn("tip", self.keys(d, tip))
        lifted = d.act(tip, "lift", {"reason": "ended"}, role="admin")
        self.assertEqual(lifted.status, 200, lifted)

    def report(self, d):
        """What was deleted, by month, region, outcome and part; nothing of what it was."""
        answer = d.staff("GET", "/api/v1/audit/retention", role="auditor")
        self.assertEqual(answer.status, 200, answer)
        rows = answer.json["rows"]
        for outcome in OUTCOMES:
            for part in ("identity", "files", "text", "row"):
                self.assertEqual(sum(r["tips"] for r in rows if r["outcome"] == outcome and r["part"] == part), 1, (outcome, part))
        self.assertEqual(sum(r["tips"] for r in rows), 24)
        table = d.staff("GET", "/api/v1/audit/retention?format=csv", role="auditor")
        self.assertEqual((table.status, len(table.text.splitlines())), (200, len(rows) + 1), table)
        first = d.staff("GET", "/api/v1/audit/retention?max=5", role="auditor").json
        self.assertEqual((len(first["rows"]), first["rows"]), (5, rows[:5]))
        rest = d.staff("GET", f"/api/v1/audit/retention?max=500&after={first['next']}", role="auditor").json
        self.assertEqual((rest["rows"], rest["next"]), (rows[5:], None))
        self.assertEqual(d.staff("GET", "/api/v1/audit/retention", role="officer").status, 403)

    def test_a_round_on_demand(self):
        d = self.daemon(interval_s=86400)
        at_day(d, BEGIN)
        tips = self.filled(d)
        self.assertEqual(d.act(tips["held"][0], "hold", {"reason": "court"}, role="verifier").status, 200)
        self.restart_at(d, BEGIN - 6)
        self.assertEqual(d.metrics()["tipline_retention_round_timestamp_seconds"], 0)
        self.assertEqual(d.staff("POST", "/api/v1/retention/run", {}, role="auditor").status, 403)
        token = os.path.join(self.work, "token")
        with open(os.open(token, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as f:
            f.write(d.token("admin"))
        planned = tipctl("retention", "plan", "--state", d.state, "--set", f"store.address={d.store.address}", "--set",
                         f"retention.file={rules_in(self.work)}")
        self.assertEqual(planned.returncode, 0, planned)
        rows = {row[0]: row[1:] for row in map(str.split, planned.stdout.splitlines())}
        self.assertEqual(rows["verified"][:2], ["1", "0"])
        self.assertEqual(rows["prank"][:2], ["2", "1"])   # one of the two is held
        done = tipctl("retention", "run", "--server", d.ports["staff"], "--token-file", token)
        self.assertEqual((done.returncode, "a round has begun" in done.stdout), (0, True), done)
        self.expect(d, tips, {"state", "tip", "messages", "files"}, "the identity goes")

    # --- what goes wrong ------------------------------------------------------------------

    def test_a_clock_that_jumps_deletes_nothing(self):
        d = self.daemon(settle_s=86400)
        at_day(d, BEGIN)
        tips = self.filled(d)
        self.rounds(d)
        self.restart_at(d, BEGIN - 3)
        self.rounds(d, 3)
        self.assertEqual(d.metrics()["tipline_retention_clock_waiting"], 1)
        self.restart_at(d, 0)
        self.rounds(d, 3)
        self.assertEqual(d.metrics()["tipline_retention_clock_waiting"], 1)
        self.assertEqual(self.erased(d), [])
        for outcome in OUTCOMES:
            self.assertIn("identity", self.keys(d, tips[outcome][0]))

    def test_killed_between_the_event_and_the_file(self):
        d = self.daemon()
        at_day(d, BEGIN)
        self.submit(d, "鄂尔多斯市东胜区夜里有人倾倒化学废料", 1)
        tip = d.claim_when_there("150602", lease_s=3600)[0]["id"]
        self.close(d, tip, "prank")
        path = next(path for path, _ in d.files() if "/files/" in path)
        # What cannot be removed by unlink() stands in its place: the process dies with the event written and the file there.
        os.rename(path, path + ".aside")
        os.mkdir(path)
        self.restart_at(d, BEGIN - 11)
        wait_for(lambda: d.metrics()["tipline_shredder_failed_total"] > 0, 30, "the file refuses to go")
        self.assertEqual([event["parts"] for event in self.erased(d)], ["identity,files"])
        d.kill()
        os.rmdir(path)
        os.rename(path + ".aside", path)
        at_day(d, BEGIN - 11)
        wait_for(lambda: not os.path.exists(path), 30, "the file is removed after the crash")
        wait_for(lambda: not d.redis_ask("EXISTS", "{15}:doomed"), 30, "and forgotten")
        self.assertEqual(len(self.erased(d)), 1)
        self.agree(d)

    def test_two_daemons_delete_once(self):
        d = self.daemon()
        at_day(d, BEGIN)
        tips = self.filled(d)
        self.restart_at(d, BEGIN - 60)
        other = Daemon("retention.enabled=true", f"retention.file={rules_in(self.work)}", "retention.interval_s=1",
                       "retention.settle_s=1", f"store.address=unix:{d.redis_socket()}", "log.interval_s=1",
                       f"files.dir={os.path.join(d.state, 'files')}", f"archive.directory={os.path.join(d.state, 'archive')}",
                       f"keys.dir={os.path.join(d.state, 'keys')}", "money.enabled=false", "escalation.enabled=false")
        self.addCleanup(other.close)
        other.store = d.store
        at_day(other, BEGIN - 60)
        wait_for(lambda: all(not self.keys(d, tip) for tip, _ in tips.values()), 60, "all is deleted")
        self.rounds(d)
        self.rounds(other)
        per_part = [(event["id"], part) for event in self.erased(d) for part in event["parts"].split(",")]
        self.assertEqual(len(per_part), len(set(per_part)))
        self.assertEqual(len(per_part), 28)
        total = sum(value for x in (d, other) for name, value in x.metrics().items() if name.startswith("tipline_erased_total"))
        self.assertEqual(total, 28)


if __name__ == "__main__":
    main()
