#!/usr/bin/python3
"""Operations: health, readiness, figures, draining, one daemon a directory, and nothing private in clear anywhere."""
import base64
import http.client
import os
import re
import secrets
import shutil
import signal
import subprocess
import threading
import time
import unittest

from tipline import BUILD, PATIENCE, Daemon, alive, free_port, main, pdf, wait_for

TEXT = "鄂尔多斯市东胜区看到一个可疑的人"


class Calls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.d = Daemon().start()

    @classmethod
    def tearDownClass(cls):
        cls.d.close()

    def test_health_and_readiness(self):
        self.assertEqual(self.d.ask("ops", "GET", "/healthz").json, {"alive": True})
        ready = self.d.ready()
        self.assertEqual((ready.status, ready.json["ready"], ready.json["faults"]), (200, True, []))

    def test_metrics_are_good_prometheus(self):
        self.d.tip(TEXT)
        answer = self.d.ask("ops", "GET", "/metrics")
        self.assertTrue(answer.headers["Content-Type"].startswith("text/plain; version=0.0.4"))
        self.assertGreaterEqual(self.d.metrics()['tipline_tips_accepted_total{channel="api"}'], 1)
        promtool = shutil.which("promtool") or os.environ.get("PROMTOOL")
        if promtool is None:
            self.skipTest("promtool is not installed")
        done = subprocess.run([promtool, "check", "metrics"], input=answer.text, text=True, capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_listeners_serve_their_own_paths(self):
        for site in ("public", "staff"):
            self.assertEqual(self.d.ask(site, "GET", "/metrics").status, 404)
            self.assertEqual(self.d.ask(site, "GET", "/readyz").status, 404)
        self.assertEqual(self.d.ask("ops", "POST", "/tips", "text=x").status, 404)
        self.assertIn(self.d.ask("staff", "POST", "/tips", "text=x").status, (404, 405))

    def test_head_is_get_without_body(self):
        answer = self.d.ask("public", "HEAD", "/")
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertGreater(int(answer.headers["Content-Length"]), 1000)


class Life(unittest.TestCase):
    def daemon(self, *sets):
        d = Daemon(*sets)
        self.addCleanup(d.close)
        return d.start()

    def test_drain_under_load_refuses_nobody_it_accepted(self):
        d = self.daemon("claim.wait_max_s=30")
        stop, bad, done = threading.Event(), [], []

        def client(n):
            host, port = d.ports["public"].rsplit(":", 1)
            i = 0
            while not stop.is_set():
                connection = http.client.HTTPConnection(host, int(port), timeout=60 * PATIENCE)
                try:
                    connection.connect()
                except OSError:
                    return
                try:
                    connection.request("POST", "/api/v1/tips", f'{{"text":"{TEXT} {n} {i}"}}'.encode(),
                                       {"Content-Type": "application/json"})
                    answer = connection.getresponse()
                    answer.read()
                    (done if answer.status == 201 else bad).append(answer.status)
                except (OSError, http.client.HTTPException) as error:
                    if not draining.is_set():
                        bad.append(repr(error))
                    else:
                        lost.append(repr(error))
                connection.close()
                i += 1
        draining, lost = threading.Event(), []
        waiting = {}
        long_poll = threading.Thread(target=lambda: waiting.update(tips=d.claim("110105", wait_s=25)))
        long_poll.start()
        threads = [threading.Thread(target=client, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        wait_for(lambda: len(done) > 50, 20, "the load runs")
        redis = d.redis_pids()
        self.assertEqual(len(redis), 1)
        draining.set()
        d.signal(signal.SIGTERM)
        status = d.process.wait(timeout=60 * PATIENCE)
        stop.set()
        for thread in threads + [long_poll]:
            thread.join()
        self.assertEqual(status, 0)
        self.assertEqual(bad, [])
        self.assertRegex(d.log(), '"event":"drained","whole":"yes"', "and it waits for nobody who waits")
        self.assertEqual(waiting.get("tips"), [], "a waiting claim ends with an answer")
        self.assertFalse(any(alive(pid) for pid in redis), "its Redis is gone")
        # Connections that the kernel took and the daemon never accepted may be reset when the listener closes.
        self.assertLessEqual(len(lost), 8, lost)
        d.start()
        d.wait_works()
        seen = d.take_all()
        self.assertGreaterEqual(len(seen), len(done))

    def test_second_daemon_on_the_same_directory_is_refused(self):
        d = self.daemon()
        other = Daemon(state=d.state)
        other.starts = 50
        other.spawn()
        status = other.process.wait(timeout=60 * PATIENCE)
        self.assertNotEqual(status, 0)
        self.assertRegex(other.log(), "(?i)(another|already|in use|lock)")
        self.assertIn(d.state, other.log())
        self.assertEqual(d.send(TEXT).status, 201, "the first one works on")

    def test_address_in_use_is_told(self):
        d = self.daemon()
        process = subprocess.run([os.path.join(BUILD, "tiplined"), "--set", f"state_dir={d.state}-2", "--set",
                                  f"listen.public={d.ports['public']}", "--set", "listen.staff=127.0.0.1:0", "--set",
                                  "listen.ops=127.0.0.1:0"], capture_output=True, text=True, timeout=60 * PATIENCE, check=False)
        self.assertEqual(process.returncode, 1)
        self.assertIn("listen.public", process.stderr)
        self.assertIn(d.ports["public"], process.stderr)

    def test_two_side_by_side(self):
        a, b = self.daemon(), self.daemon()
        code = a.tip(TEXT)["receipt"]
        self.assertEqual(a.receipt(code).status, 200)
        self.assertEqual(b.receipt(code).status, 404)
        self.assertNotEqual(a.token("officer"), b.token("officer"))
        self.assertEqual(b.staff("GET", "/api/v1/queues", token=a.token("officer")).status, 401)

    def test_reload_takes_limits_and_tokens_over(self):
        d = Daemon("limits.tips_per_minute=1", "limits.tips_burst=2", limits=True)
        self.addCleanup(d.close)
        config = os.path.join(os.path.dirname(d.state), "t.yaml")
        os.makedirs(os.path.dirname(d.state), exist_ok=True)
        with open(config, "w", encoding="utf-8") as f:
            f.write("limits:\n  enabled: true\n")
        command = Daemon.command
        d.command = lambda: command(d) + ["--config", config]
        d.start()
        self.assertEqual([d.send(TEXT).status for _ in range(3)], [201, 201, 429])
        with open(config, "w", encoding="utf-8") as f:
            f.write("limits:\n  enabled: false\n")
        d.signal(signal.SIGHUP)
        wait_for(lambda: d.send(TEXT).status == 201, 5, "limits are off after the reload")
        with open(config, "w", encoding="utf-8") as f:
            f.write("limits:\n  enabled: perhaps\n")
        d.signal(signal.SIGHUP)
        wait_for(lambda: "config.refused" in d.log(), 5, "a broken file is refused")
        self.assertEqual(d.send(TEXT).status, 201, "and the old values stay")

    def test_broken_configuration_is_told_at_the_start(self):
        done = subprocess.run([os.path.join(BUILD, "tiplined"), "--set", "listen.public=nonsense", "--set", "no.such=1"],
                              capture_output=True, text=True, timeout=60 * PATIENCE, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("listen.public", done.stderr)
        self.assertIn("no.such", done.stderr)

    def test_few_descriptors(self):
        """Out of descriptors it stays alive, is quiet, and works again when they are back."""
        d = Daemon()
        self.addCleanup(d.close)
        command = d.command()
        d.command = lambda: ["sh", "-c", 'ulimit -n 64; exec "$@"', "sh", *command]
        d.start()
        host, port = d.ports["public"].rsplit(":", 1)
        hoard = []
        try:
            for _ in range(100):
                connection = http.client.HTTPConnection(host, int(port), timeout=60 * PATIENCE)
                connection.connect()
                hoard.append(connection)
            time.sleep(1)
            before, began = cpu_seconds(d.pid()), time.monotonic()
            time.sleep(1.5)
            self.assertLess((cpu_seconds(d.pid()) - before) / (time.monotonic() - began), 1 / 3, "it does not spin")
            self.assertLess(d.log().count("\n"), 60)
        finally:
            for connection in hoard:
                connection.close()
        wait_for(lambda: self.takes(d), 10, "tips are taken again")

    def takes(self, d):
        try:
            return d.send(TEXT).status == 201
        except OSError:
            return False


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Canary(unittest.TestCase):
    def test_nothing_private_in_clear(self):
        """Text, phone, contact, receipt code, token and file: in no log, figure, append-only file or other file."""
        port = free_port()
        d = Daemon("log.level=debug", "sms.gateways.kannel.driver=kannel", "sms.gateways.kannel.secret=canary-secret-1",
                   f"sms.gateways.kannel.send_url=http://127.0.0.1:{port}/cgi-bin/sendsms", "sms.reply=receipt", "sms.gateways.kannel.send_user=tip",
                   "sms.gateways.kannel.send_password=canary-password-1")
        self.addCleanup(d.close)
        d.start()
        phone, contact = "13911112222", "wechat-canary-contact"
        texts = {n: f"在鄂尔多斯市东胜区看到金丝雀{n}号{secrets.token_hex(6)}" for n in ("web", "api", "sms", "more", "note", "reply")}
        canaries = {n: [t.encode(), t.encode("utf-16-be"), t.encode("utf-16-le"), t[-12:].encode()] for n, t in texts.items()}
        canaries["phone"] = [phone.encode(), b"8613911112222"]
        canaries["contact"] = [contact.encode()]
        canaries["file"] = [b"canary-in-file"]
        canaries["secret"] = [b"canary-secret-1", b"canary-password-1"]
        tip = d.tip(texts["api"], contact=contact, key="canary-key-0001")
        page = d.upload({"text": texts["web"], "contact": contact}, [("file", "canary-name.pdf", "application/pdf", pdf(b"canary-in-file"))])
        self.assertEqual(page.status, 201)
        sms = d.ask("public", "POST", "/sms/kannel?id=canary-1&ts=2026-11-21+10:00:00", texts["sms"].encode(),
                    {"X-Kannel-From": "+86" + phone, "X-Kannel-To": "106900", "X-Kannel-Coding": "2",
                     "Content-Type": "text/plain; charset=UTF-8", "X-Tipline-Token": "canary-secret-1"})
        self.assertEqual(sms.status, 200)
        web_code = "".join(re.findall(r"<span>(\d{4})</span>", page.text))
        canaries["code"] = [tip["receipt"].encode(), web_code.encode(), " ".join(re.findall("....", web_code)).encode()]
        canaries["key"] = [b"canary-key-0001"]
        self.assertEqual(d.receipt(tip["receipt"], text=texts["more"]).status, 200)
        for claimed in d.take_all():
            d.act(claimed["id"], "message", {"text": texts["reply"]})
            d.act(claimed["id"], "note", {"text": texts["note"]})
            d.act(claimed["id"], "transfer", {"region": "110105", "reason": texts["note"]})
        wait_for(lambda: d.queues().get("110105", {}).get("waiting") == 3, 20, "the tips arrived")
        d.redis("bgrewriteaof")
        wait_for(lambda: all(f"aof_rewrite_{word}:0" in d.redis("info", "persistence") for word in ("in_progress", "scheduled")), 20,
                 "the append-only file is rewritten")
        tokens = [d.token(role).encode() for role in ("officer", "verifier", "admin")]
        figures = d.ask("ops", "GET", "/metrics").body + d.ready().body
        places = [(path, data) for path, data in d.files()] + [("metrics and readiness", figures), ("log", d.all_logs())]
        self.assertGreater(len(places), 8)
        for path, data in places:
            for name, forms in canaries.items():
                for form in forms:
                    for shape in (form, form.hex().encode(), base64.b64encode(form)[:-4] or form):
                        self.assertFalse(shape in data, f"{name} stands in {path}")
            if not path.endswith("/demo.json"):
                for token in tokens:
                    self.assertFalse(token in data, f"a token stands in {path}")
        self.assertNotIn(b"127.0.0.1", re.sub(rb'"event":"listening"[^\n]*', b"", d.all_logs()), "no address in the log")

    def test_no_core_and_not_dumpable(self):
        with Daemon() as d:
            with open(f"/proc/{d.pid()}/limits", encoding="ascii") as f:
                core = next(line for line in f if line.startswith("Max core file size"))
            self.assertEqual(core.split()[4:6], ["0", "0"])
            self.assertEqual(oct(os.stat(d.state).st_mode & 0o777), "0o700")
            for path, _ in d.files():
                self.assertEqual(os.stat(path).st_mode & 0o077, 0, path)


if __name__ == "__main__":
    main()
