#!/usr/bin/python3
"""The audit trail on the real daemon: every view leaves one event before its answer, nothing is shown
without it, and no event holds what a tip, a telephone, a receipt or a token says."""
import json
import os
import signal
import time
import unittest

from tipline import Daemon, Redis, jpeg, main, tipctl, wait_for

TEXT = "昨天下午在鄂尔多斯市东胜区汽车站看到一个哭闹的小女孩被一名男子强行带走"
PHONE = "13912345678"
CANARY = "金丝雀四七一一"


def events(redis):
    """All events of the trail as they stand in the store, oldest first."""
    return [json.loads(fields[fields.index("e") + 1]) for _, fields in redis.ask("XRANGE", "{audit}:journal", "-", "+")]


def of(found, *names):
    return [e for e in found if e["event"] in names]


class Trail(unittest.TestCase):
    def setUp(self):
        self.redis = Redis().start()
        self.addCleanup(self.redis.remove)
        self.d = Daemon(f"store.address={self.redis.address}", "store.timeout_ms=1000").start()
        self.addCleanup(self.finish)

    def finish(self):
        if self.redis.process.poll() is None:
            self.redis.signal(signal.SIGCONT)
        self.d.close()

    def views(self, tip):
        """(role, method, path, body, kind of event)"""
        yield "officer", "POST", "/api/v1/queues/000000/claim", {"max": 5}, "claim"
        yield "officer", "GET", "/api/v1/tips?held=me", None, "view"
        yield "officer", "GET", "/api/v1/queues/150600/tips", None, "view"
        yield "officer", "POST", f"/api/v1/tips/{tip}/claim", {}, "claim"
        yield "officer", "GET", f"/api/v1/tips/{tip}", None, "read"
        yield "officer", "GET", f"/api/v1/tips/{tip}/files/1", None, "read_file"
        yield "officer", "GET", f"/api/v1/tips/{tip}/files/1/original", None, "read_original"
        yield "verifier", "GET", f"/api/v1/incidents/{tip}", None, "read"
        for path in ("rewards", "payouts", "ledger", "rails", "policies", "staff", "statements", "breaks", "suspense", "reconciliation"):
            yield "auditor", "GET", "/api/v1/" + path, None, "view"
        yield "auditor", "GET", "/api/v1/policies/ordos-anti-trafficking", None, "read"
        yield "auditor", "GET", "/api/v1/money/journal", None, "export"
        yield "auditor", "GET", "/api/v1/audit/trail", None, "export"
        yield "cashier", "POST", "/api/v1/counter/vouchers/lookup", {"voucher": "1234"}, "look_up"

    def test_every_view_leaves_one_event(self):
        d = self.d
        answer = d.upload({"text": TEXT, "contact": CANARY, "nonce": "n1"}, [("file", "a.jpg", "image/jpeg", jpeg())])
        self.assertEqual(answer.status, 201)
        wait_for(lambda: d.staff("GET", "/api/v1/policies/ordos-anti-trafficking", role="auditor").status == 200, 15, "the demo has a policy")
        d.settle()
        first = d.staff("POST", "/api/v1/queues/000000/claim", {"max": 1}).json["tips"][0]
        seen = len(of(events(self.redis), "claim", "view", "read", "read_file", "read_original", "export", "look_up"))
        for role, method, path, body, kind in self.views(first["id"]):
            with self.subTest(f"{method} {path}"):
                answer = d.staff(method, path, body, role=role)
                self.assertNotIn(answer.status, (401, 403, 503), answer)
                now = of(events(self.redis), "claim", "view", "read", "read_file", "read_original", "export", "look_up")
                self.assertEqual(len(now), seen + 1, f"{method} {path}")
                seen += 1
                self.assertEqual((now[-1]["event"], now[-1]["by"]), (kind, role))
                self.assertIn(role, now[-1]["roles"].split())
        last = of(events(self.redis), "read_file")[-1]
        self.assertEqual((last["id"], last["call"]), (first["id"] + "/1", "tip_file"))
        self.assertEqual([e.get("region", e.get("id")) for e in of(events(self.redis), "claim")[-2:]], ["000000", first["id"]])
        # Counts and pages show nothing of anybody.
        d.queues()
        d.ask("staff", "GET", "/")
        self.assertEqual(len(of(events(self.redis), "claim", "view", "read", "read_file", "read_original", "export", "look_up")), seen)
        self.assertEqual(d.metrics()["tipline_trail_lost_total"], 0)
        self.assertGreaterEqual(d.metrics()["tipline_trail_events_total"], seen)

    def test_nothing_is_shown_without_it(self):
        d = self.d
        d.tip(TEXT)
        d.settle()
        tip = d.claim()[0]["id"]
        before = len(events(self.redis))
        self.redis.signal(signal.SIGSTOP)
        for role, method, path, body, _ in self.views(tip):
            with self.subTest(f"stopped: {method} {path}"):
                answer = d.staff(method, path, body, role=role)
                self.assertEqual((answer.status, answer.code), (503, "audit_unavailable"), answer)
                self.assertTrue(int(answer.headers["Retry-After"]) > 0)
                self.assertNotIn("东胜", answer.text)
        self.redis.signal(signal.SIGCONT)
        d.wait_works()
        # What was on its way when the store stood still may be there; nothing was shown for it.
        self.assertLessEqual(len(of(events(self.redis)[before:], "read", "claim", "read_file", "read_original")), 3)
        self.redis.kill()
        for role, method, path, body, _ in self.views(tip):
            with self.subTest(f"killed: {method} {path}"):
                self.assertEqual(d.staff(method, path, body, role=role).code, "audit_unavailable")
        self.redis.start()
        d.wait_works()
        self.assertEqual(d.staff("GET", f"/api/v1/tips/{tip}").status, 200)
        self.assertGreater(d.metrics()["tipline_trail_refused_total"], 20)

    def test_who_comes_in(self):
        d = self.d
        for _ in range(3):
            d.queues()
        wait_for(lambda: of(events(self.redis), "sign_in"), 10, "the sign-in is written")
        self.assertLessEqual(len(of(events(self.redis), "sign_in")), 2)   # the hour may have turned
        bad = "tip_" + "0" * 43
        for _ in range(5):
            self.assertEqual(d.staff("GET", "/api/v1/queues", token=bad).status, 401)
        failed = wait_for(lambda: of(events(self.redis), "sign_in_failed"), 10, "a refused token is written")
        self.assertEqual((len(failed), failed[0]["count"]), (1, 1))
        self.assertNotIn(bad, json.dumps(events(self.redis)))

    def test_what_the_process_tells(self):
        d = self.d
        started = wait_for(lambda: of(events(self.redis), "started"), 10, "the start is written")
        self.assertEqual(len(started), 1)
        self.assertEqual(started[0]["roles"], "intake desk courier jobs")
        self.assertEqual(len(started[0]["to"]), 64)
        made = [e["id"] for e in of(events(self.redis), "key_made")]
        self.assertIn("receipt.key", made)
        self.assertEqual(len(made), len(set(made)))
        new = tipctl("token", "add", "--state", d.state, "--person", "neu", "--role", "officer", "--region", "150600")
        self.assertEqual(new.returncode, 0, new.stderr)
        d.queues()
        added = wait_for(lambda: of(events(self.redis), "token_added"), 10, "the token is written")
        self.assertEqual((added[0]["to"], added[0]["roles"], added[0]["region"]), ("neu", "officer", "150600"))
        self.assertEqual(tipctl("token", "revoke", "--state", d.state, added[0]["id"]).returncode, 0)
        d.queues()
        wait_for(lambda: [e["id"] for e in of(events(self.redis), "token_revoked")] == [added[0]["id"]], 10, "it went")
        d.signal(signal.SIGHUP)
        loaded = wait_for(lambda: of(events(self.redis), "config_loaded"), 10, "the reload is written")
        self.assertEqual((loaded[0]["from"], loaded[0]["to"]), (started[0]["to"], started[0]["to"]))
        self.assertEqual(d.stop(), 0)
        self.assertEqual(events(self.redis)[-1]["event"], "stopped")
        self.assertEqual({e["run"] for e in events(self.redis) if "run" in e}, {started[0]["run"]})
        numbers = [e["n"] for e in events(self.redis)]
        self.assertEqual(numbers, sorted(set(numbers)))
        d.start()
        wait_for(lambda: len(of(events(self.redis), "started")) == 2, 10, "the second start is written")

    def test_a_reload_tells_which_keys_changed(self):
        d = self.d
        self.assertEqual(d.stop(), 0)
        file = os.path.join(os.path.dirname(d.state), "t.yaml")
        d.command = lambda plain=d.command: [*plain()[:1], "--config", file, *plain()[1:]]
        for burst in (5, 6):
            with open(file, "w", encoding="ascii") as f:
                f.write(f"claim: {{wait_max_s: {burst}}}\nsms: {{gateways: {{k: {{driver: kannel, secret: 'sesam{burst}'}}}}}}\n")
            if burst == 5:
                d.start()
        d.signal(signal.SIGHUP)
        changed = wait_for(lambda: of(events(self.redis), "config_changed"), 10, "the change is written")
        self.assertIn(("claim.wait_max_s", "5", "6"), [(e["id"], e.get("from"), e.get("to")) for e in changed])
        self.assertIn(("sms.gateways", None, None), [(e["id"], e.get("from"), e.get("to")) for e in changed])
        self.assertNotIn("sesam", json.dumps(events(self.redis)))
        with open(file, "w", encoding="ascii") as f:
            f.write("claim: 7\n")
        d.signal(signal.SIGHUP)
        wait_for(lambda: of(events(self.redis), "config_refused"), 10, "the refusal is written")

    def test_started_while_the_store_was_away(self):
        d = self.d
        self.assertEqual(d.stop(), 0)
        before = len(events(self.redis))
        self.redis.kill()
        d.start(ready=False)
        self.assertEqual(d.staff("GET", "/api/v1/tips?held=me").code, "audit_unavailable")
        self.redis.start()
        d.wait_ready()
        late = wait_for(lambda: events(self.redis)[before:], 20, "what waited is written")
        self.assertEqual(late[0]["event"], "started")

    def test_the_command_line_tells_too(self):
        d, store = self.d, self.redis.address
        wait_for(lambda: d.staff("GET", "/api/v1/policies/ordos-anti-trafficking", role="auditor").status == 200, 15, "the demo has a policy")
        for command in (("verify", "--store", store, "--quiet", "--money"), ("replay", "--store", store, "--quiet"),
                        ("export", "--store", store, "--format", "jsonl", "--out", "-", "--to", "9")):
            before = len(of(events(self.redis), "tool"))
            done = tipctl(*[word for word in command if word != "--money"])
            self.assertEqual(done.returncode, 0, done.stderr)
            tools = of(events(self.redis), "tool")
            self.assertEqual(len(tools), before + 1, command)
            self.assertEqual(tools[-1]["call"], command[0])
            self.assertTrue(tools[-1]["by"].startswith("os:"))
        self.assertEqual(of(events(self.redis), "tool")[-1]["query"], "to=9 format=jsonl")
        out = tipctl("export", "--trail", "--store", store)
        lines = [json.loads(line) for line in out.stdout.splitlines()]
        self.assertEqual([line["number"] for line in lines], list(range(1, len(lines) + 1)))
        self.assertEqual((lines[-1]["event"], lines[-1]["query"]), ("tool", "all format=trail"))
        last = len(lines)
        self.assertEqual(len(tipctl("export", "--trail", "--store", store, "--from", str(last)).stdout.splitlines()), 2)
        self.redis.cli("config", "set", "min-replicas-to-write", "1")   # it takes no writes
        refused = tipctl("export", "--trail", "--store", store)
        self.assertEqual((refused.returncode, refused.stdout), (1, ""))
        self.redis.cli("config", "set", "min-replicas-to-write", "0")

    def test_read_by_an_auditor(self):
        d = self.d
        d.tip(TEXT)
        d.settle()
        tip = d.claim()[0]["id"]
        d.staff("GET", f"/api/v1/tips/{tip}")
        path = f"/api/v1/audit/trail?id={tip}&event=read&person=officer"
        found = d.staff("GET", path, role="auditor").json["events"]
        self.assertEqual([(e["event"], e["by"], e["id"]) for e in found], [("read", "officer", tip)])
        mine = of(events(self.redis), "export")
        self.assertEqual(mine[-1]["query"], f"id={tip} event=read person=officer")
        lines = d.staff("GET", "/api/v1/audit/trail?format=jsonl&max=1000", role="auditor")
        self.assertEqual(lines.type, "application/jsonl")
        lines = [json.loads(line) for line in lines.text.splitlines()]
        self.assertEqual(lines[-1]["next"], len(lines))
        self.assertEqual([line["number"] for line in lines[:-1]], list(range(1, len(lines))))
        for role in ("officer", "finance", "admin", "cashier"):
            self.assertEqual(d.staff("GET", "/api/v1/audit/trail", role=role).status, 403)

    def test_canaries(self):
        """Words, numbers and codes go through everything, also where they do not belong."""
        d = self.d
        sent = d.tip(f"{TEXT}，{CANARY}，电话{PHONE}", contact=PHONE)
        d.settle()
        receipt = sent["receipt"]
        tip = d.claim()[0]["id"]
        d.act(tip, "note", {"text": CANARY + PHONE})
        token = d.token("officer")
        for word in (PHONE, receipt, receipt.replace("-", ""), token, "%E9%87%91%E4%B8%9D"):
            for path in (f"/api/v1/tips/{word}", f"/api/v1/tips/{tip}/files/{word}", f"/api/v1/tips/{tip}/files/{word}/original", f"/api/v1/incidents/{word}", f"/api/v1/tips?held={word}",
                         f"/api/v1/tips?{word}=1"):
                d.staff("GET", path)
            d.staff("GET", f"/api/v1/audit/trail?id={word}&person={word}", role="auditor")
            d.staff("POST", f"/api/v1/queues/{word}/claim", {"max": 1})
            d.staff("POST", "/api/v1/counter/vouchers/lookup", {"voucher": word}, role="cashier")
        d.receipt(receipt)
        self.assertEqual(d.stop(), 0)
        whole = json.dumps(events(self.redis), ensure_ascii=False)
        digits = "".join(c for c in receipt if c.isdigit())
        for canary in (PHONE, CANARY, receipt, digits, digits[:16], token, token[4:20], "东胜", "金丝"):
            self.assertNotIn(canary, whole)
        d.start()

    def test_cost(self):
        """Told, not judged: reads a second of what leaves an event, and of what leaves none."""
        d = self.d
        d.tip(TEXT)
        d.settle()
        tip = d.claim()[0]["id"]

        def rate(path, seconds=1.5):
            n, end = 0, time.monotonic() + seconds
            while time.monotonic() < end:
                self.assertEqual(d.staff("GET", path).status, 200)
                n += 1
            return n / seconds
        with_event, without = rate(f"/api/v1/tips/{tip}"), rate("/api/v1/queues")
        f = d.metrics()
        print(f"      one after the other: {with_event:.0f} reads/s with an event, {without:.0f} queues/s without; "
              f"{f['tipline_trail_events_total']:.0f} events in {f['tipline_trail_calls_total']:.0f} calls")
        self.assertEqual(f["tipline_trail_refused_total"], 0)


if __name__ == "__main__":
    main()
