#!/usr/bin/python3
"""Three processes, one Redis: each with its own state and keys, and Redis under the commands that its units allow."""
import http.server
import os
import re
import shutil
import signal
import subprocess
import threading
import unittest
import urllib.parse

from tipline import ROOT, Daemon, Redis, jpeg, main, new_dir, tipctl, wait_for

TEXT = "鄂尔多斯市东胜区看到第{}个可疑的人"


class Part(Daemon):
    """One of the processes: it opens what its roles serve."""

    def __init__(self, listeners, *sets, **more):
        super().__init__(*sets, demo=False, **more)
        self.listeners = listeners

    def listens(self):
        super().listens()
        return set(self.ports) == set(self.listeners)


class LimitedRedis(Redis):
    """As tipline-redis.service runs it: the list of commands of systemd/tipline-redis.acl for everybody."""

    def start(self):
        acl = os.path.join(self.dir, "redis.acl")
        shutil.copy(os.path.join(ROOT, "systemd/tipline-redis.acl"), acl)
        self.process = subprocess.Popen(
            ["redis-server", os.path.join(ROOT, "config/redis.conf"), "--port", "0", "--unixsocket", self.socket, "--unixsocketperm",
             "770", "--dir", self.dir, "--logfile", os.path.join(self.dir, "redis.log"), "--daemonize", "no", "--aclfile", acl],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: self.cli("ping", check=False).strip() == "PONG", 20, "Redis answers")
        return self


class Carrier(http.server.ThreadingHTTPServer):
    """Takes what the courier sends."""

    def __init__(self):
        self.sent = []
        carrier = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                carrier.sent.append(urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query))
                self.send_response(202)
                self.end_headers()
                self.wfile.write(b"0: Accepted for delivery")

            do_POST = do_GET

            def log_message(self, *_):
                pass
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()


class Roles(unittest.TestCase):
    def setUp(self):
        self.redis = LimitedRedis().start()
        self.addCleanup(self.redis.remove)
        self.carrier = Carrier()
        self.addCleanup(self.carrier.close)
        self.home = new_dir()
        self.addCleanup(shutil.rmtree, self.home, True)
        self.keys()
        for name in ("files", "archive"):
            os.mkdir(os.path.join(self.home, name))
            os.chmod(os.path.join(self.home, name), 0o2750)
        os.mkdir(os.path.join(self.home, "weeks"))
        os.chmod(os.path.join(self.home, "weeks"), 0o2770)
        self.intake = self.part("intake", "intake", ["public", "ops"])
        self.desk = self.part("desk", "desk", ["staff", "ops"])
        os.mkdir(self.desk.state, 0o700)
        for name in ("tokens.jsonl", "person-keys.jsonl"):
            shutil.copy(os.path.join(self.home, "whole", name), self.desk.state)
        self.jobs = self.part("jobs", "courier,jobs", ["ops"])
        for part in (self.jobs, self.intake, self.desk):
            part.start()

    def keys(self):
        """An installation whose keys open for an officer, and for two custodians, is parted."""
        whole, mine = os.path.join(self.home, "whole"), os.path.join(self.home, "li")
        os.mkdir(whole, 0o700)
        self.tipctl("key", "--state", whole, "create")
        self.token = self.tipctl("token", "add", "--state", whole, "--person", "li", "--role", "officer,verifier", "--region", "000000").strip()
        with open(mine, "w", encoding="ascii", opener=lambda path, flags: os.open(path, flags, 0o600)) as f:
            f.write(self.token + "\n")
        self.tipctl("key", "--state", whole, "--with", mine, "lock")
        self.tipctl("key", "--state", whole, "--with", mine, "recovery", "init")
        subprocess.run([os.path.join(ROOT, "scripts/part-keys"), whole + "/keys", os.path.join(self.home, "keys")], check=True)

    def tipctl(self, *words):
        done = tipctl(*words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def part(self, name, roles, listeners):
        gateway = "sms.gateways.k."
        d = Part(listeners, f"roles={roles}", f"store.address={self.redis.address}", f"keys.dir={self.home}/keys/{name}", "keys.create=false",
                 f"files.dir={self.home}/files", f"archive.directory={self.home}/archive", f"keys.weeks_dir={self.home}/weeks", "log.interval_s=1",
                 gateway + "driver=kannel", gateway + "secret=s3cret", gateway + f"send_url=http://127.0.0.1:{self.carrier.server_port}/send",
                 gateway + "send_user=u", gateway + "send_password=p", gateway + "sender=106900")
        self.addCleanup(d.close)
        return d

    def sms(self, number, text, message):
        query = urllib.parse.urlencode({"token": "s3cret", "id": message, "from": number, "to": "106900", "coding": 0, "text": text})
        answer = self.intake.get("/sms/k?" + query)
        self.assertIn(answer.status, (200, 202), answer)

    def waiting(self):
        answer = self.desk.staff("GET", "/api/v1/queues", token=self.token)
        self.assertEqual(answer.status, 200, answer)
        return sum(row["waiting"] for row in answer.json["queues"])

    def take(self):
        return self.desk.claim(token=self.token, max=100)

    def test_the_desk_hears_of_what_the_intake_took(self):
        first = self.desk.staff("GET", "/api/v1/changes", token=self.token).json
        self.assertEqual(self.intake.send(TEXT.format(7)).status, 201)
        heard = self.desk.staff("GET", f"/api/v1/changes?after={first['next']}&wait_s=25", token=self.token)
        self.assertEqual(heard.json["regions"], ["150602"], heard)

    def test_form_claim_and_file(self):
        photo = jpeg(b"of a person")
        self.assertIn(self.intake.upload({"text": TEXT.format(1)}, [("file", "a.jpg", "image/jpeg", photo)]).status, (200, 201, 303))
        tips = wait_for(self.take, 20, "the desk has it")
        self.assertEqual([t["text"] for t in tips], [TEXT.format(1)])
        got = self.desk.staff("GET", f"/api/v1/tips/{tips[0]['id']}/files/1/original", token=self.token)
        self.assertEqual((got.status, got.body), (200, photo), "taken by one process, shown by the other")

    def test_sms_is_answered_by_the_courier(self):
        self.sms("+8613800138000", "help a child at the station", "1")
        wait_for(lambda: self.carrier.sent, 30, "the courier sent the answer")
        self.assertEqual(wait_for(self.take, 20, "the desk has it")[0]["text"], "help a child at the station")

    def test_sealed_log_goes_on_in_each(self):
        self.intake.tip(TEXT.format(1))
        wait_for(lambda: self.jobs.metrics().get('tipline_log_size{log="shards"}', 0) > 0, 30, "it is sealed")
        size = self.jobs.metrics()['tipline_log_size{log="shards"}']
        wait_for(lambda: self.intake.metrics().get('tipline_log_size{log="shards"}', 0) >= size, 30, "what is public has it")

    def test_spool_while_redis_is_away(self):
        self.intake.tip(TEXT.format(0))
        self.redis.kill()
        wait_for(lambda: self.intake.ready().status == 503, 20, "the store is away")
        for i in range(1, 6):
            self.intake.tip(TEXT.format(i))
        self.assertEqual(self.intake.metrics()["tipline_spool_depth"], 5)
        self.redis.start()
        wait_for(lambda: self.intake.ready().status == 200 and self.intake.metrics()["tipline_spool_depth"] == 0, 60, "the spool is drained")
        self.desk.wait_ready()
        texts = []
        wait_for(lambda: texts.extend(t["text"] for t in self.take()) or len(texts) >= 6, 30, "all are at the desk")
        self.assertEqual(sorted(texts), sorted(TEXT.format(i) for i in range(6)))

    def test_keys_are_where_they_are_needed(self):
        for part, private in ((self.intake, False), (self.desk, True), (self.jobs, False)):
            name = next(s.rpartition("/")[2] for s in part.sets if s.startswith("keys.dir="))
            names = os.listdir(os.path.join(self.home, "keys", name))
            self.assertEqual(any(re.fullmatch(r"bureau-\d+\.box", n) for n in names), private, name)
            self.assertEqual("recovery.pub" in names, private, name)
            self.assertFalse([n for n in names if re.fullmatch(r"(bureau|identity-share)-\d+\.key", n)], name)
            self.assertTrue({"receipt.key", "fingerprint.key", "identity.pub", "bureau-000000.pub"} <= set(names), names)
            self.assertEqual(os.path.exists(os.path.join(part.state, "person-keys.jsonl")), private)

    def test_redis_does_no_more_than_it_must(self):
        for command in (["eval", "return 1", "0"], ["keys", "*"], ["flushall"], ["config", "set", "appendonly", "no"], ["shutdown"],
                        ["acl", "list"], ["function", "flush"]):
            self.assertIn("NOPERM", self.redis.cli(*command, check=False), command)

    def test_sandboxes(self):
        for part, network in ((self.intake, 1), (self.desk, 1), (self.jobs, 0)):
            figures = part.metrics()
            self.assertEqual(figures['tipline_sandbox{part="programs"}'], figures['tipline_sandbox{part="calls"}'])
            if figures['tipline_sandbox{part="calls"}'] == 0:
                self.skipTest("a build with a sanitizer has no sandbox")
            self.assertEqual(figures['tipline_sandbox{part="network"}'], network)


class Strict(unittest.TestCase):
    def test_one_process_does_all_without_a_forbidden_call(self):
        """What is not allowed would end the daemon. The Redis that it starts again is under the same filter."""
        d = Daemon("sandbox=strict").start()
        self.addCleanup(d.close)
        if d.metrics()['tipline_sandbox{part="calls"}'] == 0:
            self.skipTest("a build with a sanitizer has no sandbox")
        pid = d.pid()
        d.tip(TEXT.format(1))
        d.upload({"text": TEXT.format(2)}, [("file", "a.jpg", "image/jpeg", jpeg())])
        for redis in d.redis_pids():
            os.kill(redis, signal.SIGKILL)
        d.tip(TEXT.format(3))
        d.wait_works()
        d.signal(signal.SIGHUP)
        self.assertEqual(len(d.take_all()), 3)
        self.assertEqual((d.pid(), d.process.poll()), (pid, None))
        for redis in d.redis_pids():
            with open(f"/proc/{redis}/status", encoding="ascii") as f:
                self.assertIn("Seccomp:\t2", f.read())


if __name__ == "__main__":
    main()
