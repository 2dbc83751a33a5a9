#!/usr/bin/python3
"""What administrators are shown of the real daemon: tokens and their end, keys, gateways, the configuration with its
sources and without its secrets, readiness; and ending somebody's sessions."""
import json
import os
import sys
import unittest

from tipline import ROOT, Daemon, Redis, main, tipctl, wait_for

sys.path.insert(0, os.path.join(ROOT, "tests/support"))
from staff_client import Browser, Person  # noqa: E402

SECRET = "a-secret-of-the-gateway"


class Admin(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.redis = Redis().start()
        cls.d = Daemon(f"store.address={cls.redis.address}", "sandbox=strict", "sms.gateways.k.driver=kannel", f"sms.gateways.k.secret={SECRET}",
                       "limits.files=3").start()

    @classmethod
    def tearDownClass(cls):
        cls.d.close()
        cls.redis.remove()

    def events(self):
        return [json.loads(fields[fields.index("e") + 1]) for _, fields in self.redis.ask("XRANGE", "{audit}:journal", "-", "+")]

    def told(self, name):
        answer = self.d.staff("GET", f"/api/v1/{name.split('_')[0]}", role="admin")
        self.assertEqual(answer.status, 200, answer)
        self.assertTrue(any(e["event"] == "view" and e.get("call") == name and e["by"] == "admin" for e in self.events()), name)
        return answer.json

    def token_of(self, person, *more):
        done = tipctl("token", "add", "--state", self.d.state, "--person", person, "--role", "officer", "--region", "150600", *more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def test_a_token_from_its_making_to_its_end(self):
        text = self.token_of("hu", "--scope", "queues,session", "--expires", "30")
        self.assertEqual(self.d.staff("GET", "/api/v1/queues", token=text).status, 200)
        row = next(t for t in self.told("tokens")["tokens"] if t["person"] == "hu")
        self.assertEqual((row["roles"], row["region"], row["scope"], row["expired"], row["yours"]), (["officer"], "150600", ["queues", "session"], False, False))
        self.assertRegex(row["used_on"], r"^\d{4}-\d\d-\d\d$")
        self.assertNotIn(text, json.dumps(self.told("tokens")))
        self.assertEqual(self.d.staff("POST", f"/api/v1/tokens/{row['id']}/revoke", {}, role="auditor").status, 403)
        self.assertEqual(self.d.staff("POST", f"/api/v1/tokens/{row['id']}/revoke", {}, role="admin").json, {"state": "revoked"})
        self.assertEqual(self.d.staff("GET", "/api/v1/queues", token=text).code, "token_needed")
        self.assertNotIn("hu", [t["person"] for t in self.told("tokens")["tokens"]])
        wait_for(lambda: any(e["event"] == "token_revoked" and e["id"] == row["id"] for e in self.events()), 10, "the trail tells it")
        self.assertTrue(any(e["event"] == "read" and e["call"] == "token_revoke" and e["id"] == row["id"] and e["by"] == "admin" for e in self.events()))

    def test_whose_keys_open_what(self):
        keys = self.told("keys")
        self.assertIn("officer", next(b for b in keys["bureaus"] if b["region"] == "150000")["persons"])
        self.assertEqual((keys["identity"]["state"], keys["plain_files"]), ("open", 0))
        self.assertEqual(keys["weeks"]["oldest"], keys["weeks"]["newest"])
        self.assertIn("leading", keys["weeks"]["rewrap"])

    def test_gateways_and_rails(self):
        before = next(g for g in self.told("gateways")["gateways"] if g["name"] == "k")
        self.assertEqual((before["driver"], before["sends"], before["in"]["last_message"]), ("kannel", False, None))
        ask = f"/sms/k?from=%2B8613800000000&to=12110&text=hello&id=m1&token={SECRET}"
        self.assertEqual(self.d.ask("public", "GET", ask.replace(SECRET, "wrong")).status, 403)
        fault = next(g for g in self.told("gateways")["gateways"] if g["name"] == "k")["in"]
        self.assertEqual((fault["faults"], fault["fault"], fault["messages"]), (1, "forbidden", 0))
        self.assertRegex(fault["last_fault"], "Z$")
        self.assertIn("voucher", [r["driver"] for r in self.told("gateways")["rails"]])

    def test_the_configuration_and_where_it_is_from(self):
        options = {o["key"]: o for o in self.told("configuration")["options"]}
        self.assertEqual((options["limits.files"]["value"], options["limits.files"]["source"]), ("3", "command_line"))
        self.assertEqual(options["limits.near_times"]["source"], "default")
        self.assertEqual({k: options["sms.gateways.k.secret"][k] for k in ("value", "secret", "set")}, {"value": None, "secret": True, "set": True})
        self.assertNotIn(SECRET, json.dumps(options))

    def test_about(self):
        about = self.told("about_installation")
        self.assertEqual((about["roles"], about["readiness"]["ready"]), (["intake", "desk", "courier", "jobs"], True))
        self.assertLessEqual(about["started"], about["now"])

    def test_sessions_are_ended(self):
        chen, browser = Person(self.d, "chen", ("officer", "150600")), Browser(self.d)
        self.assertEqual(browser.sign_in(chen).status, 201)
        self.assertEqual(browser.ask("GET", "/api/v1/queues").status, 200)
        out = self.d.staff("POST", "/api/v1/accounts/chen/sign_out", {}, role="admin")
        self.assertEqual((out.status, out.json["state"]), (200, "active"))
        self.assertRegex(out.json["signed_in_on"], r"^\d{4}-\d\d-\d\d$")
        self.assertEqual(browser.ask("GET", "/api/v1/queues").code, "session_ended")
        self.assertTrue(any(e["event"] == "account_changed" and e["call"] == "account_sign_out" and e["id"] == "chen" for e in self.events()))


class File(unittest.TestCase):
    def test_lines_of_the_file(self):
        d = Daemon()
        path = os.path.join(os.path.dirname(d.state), "tipline.yaml")
        with open(path, "w", encoding="ascii") as f:
            f.write("limits:\n  files: 2\n  tips_burst: 31\n")
        command = d.command
        d.command = lambda: command() + ["--config", path]
        d.start()
        try:
            options = {o["key"]: o for o in d.staff("GET", "/api/v1/configuration", role="admin").json["options"]}
            self.assertEqual({k: options["limits.tips_burst"][k] for k in ("value", "source", "file", "line")},
                             {"value": "31", "source": "file", "file": path, "line": 3})
        finally:
            d.close()


if __name__ == "__main__":
    main()
