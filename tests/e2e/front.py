#!/usr/bin/python3
"""
The HTTP front of the real daemon: malformed requests of every kind over TCP,
TLS, a Unix socket and behind the nginx file we ship; TLS and its reload; slow
clients; running out of descriptors; draining.
"""
import os
import resource
import shutil
import signal
import ssl
import subprocess
import sys
import time
import unittest
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tipline  # noqa: E402
from tipline import PATIENCE, Daemon, main, new_dir, wait_for  # noqa: E402
import front_rig as front  # noqa: E402
from front_rig import HOST, client_context, dial, dial_tls, replies, talk  # noqa: E402
from slow_clients import KINDS, Crowd, Good, cpu_s, rss_mib  # noqa: E402

HEARD = 'tipline_http_requests_total{listener="public"}'
GET = b"GET / HTTP/1.1\r\n" + HOST + b"\r\n"


def ask(s, octets=GET):
    """One request on an open connection; the answer."""
    s.sendall(octets)
    got = b""
    while True:
        piece = s.recv(65536)
        got += piece
        if not piece:
            raise AssertionError(f"closed after {got[:100]!r}")
        try:
            return replies(got)[0]
        except AssertionError:
            continue


class Case(unittest.TestCase):
    """Daemons that are there for all tests of a class."""
    @classmethod
    def setUpClass(cls):
        cls.dir = new_dir("tipline-f-")
        cls.paths = front.certificate(cls.dir)
        cls.daemons = []
        cls.open()

    @classmethod
    def tearDownClass(cls):
        try:
            for daemon in cls.daemons:
                daemon.close()
        finally:
            shutil.rmtree(cls.dir, ignore_errors=True)

    @classmethod
    def start(cls, *sets, public=None, **more):
        daemon = Daemon(*sets, **more)
        if public is not None:
            daemon.public = public
        cls.daemons.append(daemon.start())
        return daemon


class Malformed(Case):
    @classmethod
    def open(cls):
        cls.rows = front.rows()
        cls.plain = cls.start("listen.trusted_proxies=127.0.0.1")
        cls.tls = cls.start(*front.tls_sets(cls.paths))
        cls.local = cls.start(public=f"unix:{cls.dir}/front.sock")

    def each_row(self, daemon, connect):
        for row in self.rows:
            heard = daemon.metrics()[HEARD]
            with self.subTest(line=row.number, octets=row.text[:100]):
                got, closed = talk(connect(), row.octets + front.AFTER)
                answers = replies(got, heads=(0,) if row.octets.startswith(b"HEAD") else ())
                now = daemon.metrics()[HEARD]
                self.assertTrue(closed, "still open")
                if row.served:
                    self.assertEqual((len(answers), now - heard), (2, 2))
                    self.assertNotIn("close", answers[0].fields.get("connection", ""))
                else:
                    self.assertEqual([a.status for a in answers], [row.status])
                    self.assertEqual(answers[0].fields["connection"], "close")
                    self.assertEqual(answers[0].fields["content-type"], "application/problem+json")
                    self.assertEqual(now - heard, row.heard, "heard by a handler")

    def test_the_table_has_every_kind(self):
        kinds = {row.kind for row in self.rows}
        self.assertGreaterEqual(len(self.rows), 123)
        self.assertLessEqual({"length and coding", "repeated coding", "coding", "chunk syntax", "length", "body where none belongs",
                              "line ends", "request line", "method", "version", "target", "field name", "folded field",
                              "field value", "host", "too many, too long", "good"}, kinds)

    def test_over_tcp(self):
        self.each_row(self.plain, lambda: dial(self.plain.ports["public"]))

    def test_over_tls(self):
        context = client_context()
        self.each_row(self.tls, lambda: dial_tls(self.tls.ports["public"], context))

    def test_over_a_local_socket(self):
        self.each_row(self.local, lambda: dial(self.local.ports["public"]))

    @unittest.skipUnless(os.path.exists("/usr/sbin/nginx"), "no nginx")
    def test_behind_nginx(self):
        """What nginx passes on it has read as whole requests of its own: we hear no other ones."""
        nginx = front.Nginx(self.dir, self.plain.ports["public"], self.paths).start()
        self.addCleanup(nginx.stop)
        context = client_context()
        for row in self.rows:
            heard = self.plain.metrics()[HEARD]
            with self.subTest(line=row.number, octets=row.text[:100]):
                got, closed = talk(dial_tls(nginx.address, context), row.octets + front.AFTER)
                now = self.plain.metrics()[HEARD]
                self.assertTrue(closed, "still open")
                if row.behind == "unframed":
                    self.assertEqual(now, heard)
                    self.assertIn(b"400 Bad Request", got)
                    continue
                answers = replies(got, heads=(0,) if row.octets.startswith(b"HEAD") else ())
                self.assertLessEqual(now - heard, len(answers), "heard more than nginx knows of")
                if row.behind == "4xx":
                    self.assertIn(answers[0].status, (*range(400, 500), 501, 505))
                elif row.behind == "served":
                    self.assertEqual((len(answers), now - heard), (2, 2))

    def test_head_tells_the_length_and_sends_nothing(self):
        for daemon, connect in ((self.plain, dial), (self.tls, dial_tls), (self.local, dial)):
            for path in (b"/", b"/style.css", b"/nowhere"):
                with self.subTest(public=daemon.ports["public"], path=path):
                    request = path + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
                    full = replies(talk(connect(daemon.ports["public"]), b"GET " + request)[0])[0]
                    bare, closed = talk(connect(daemon.ports["public"]), b"HEAD " + request)
                    head = replies(bare, heads=(0,))
                    self.assertTrue(closed)
                    self.assertEqual(len(head), 1)
                    self.assertEqual((head[0].status, head[0].fields["content-length"]),
                                     (full.status, str(len(full.body))))


class Tls(Case):
    @classmethod
    def open(cls):
        cls.daemon = cls.start(*front.tls_sets(cls.paths))
        cls.address = cls.daemon.ports["public"]

    def refused(self, context):
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            with dial_tls(self.address, context) as s:
                ask(s)

    def test_versions_and_ciphers(self):
        for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
            with dial_tls(self.address, client_context(minimum_version=version, maximum_version=version)) as s:
                self.assertEqual(ask(s).status, 200)
                self.assertEqual(s.version(), name)
                self.assertRegex(s.cipher()[0], "GCM|CHACHA20")
                self.assertIsNone(s.compression())
                self.assertFalse(s.session.has_ticket)
        warnings.simplefilter("ignore", DeprecationWarning)
        old = client_context()
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        self.refused(old)
        for ciphers in ("ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-SHA", "AES128-GCM-SHA256", "DHE-RSA-AES128-GCM-SHA256"):
            weak = client_context(maximum_version=ssl.TLSVersion.TLSv1_2)
            weak.set_ciphers(ciphers)
            self.refused(weak)

    def test_protocol_is_agreed_on(self):
        context = client_context()
        context.set_alpn_protocols(["h2", "http/1.1"])
        with dial_tls(self.address, context) as s:
            self.assertEqual(s.selected_alpn_protocol(), "http/1.1")
        context.set_alpn_protocols(["h2"])
        self.refused(context)

    def test_nothing_is_resumed_or_negotiated_again(self):
        done = subprocess.run(["openssl", "s_client", "-connect", self.address, "-tls1_2"], input=b"R\n", capture_output=True,
                              timeout=front.WAIT_S)
        self.assertNotEqual(done.returncode, 0, done.stdout[-300:])
        context = client_context(maximum_version=ssl.TLSVersion.TLSv1_2)
        with dial_tls(self.address, context) as s:
            ask(s)
            session = s.session
        with context.wrap_socket(dial(self.address), server_hostname="tip.example", session=session) as s:
            ask(s)
            self.assertFalse(s.session_reused)

    def test_browsers_are_told_to_stay(self):
        with dial_tls(self.address) as s:
            self.assertEqual(ask(s).fields["strict-transport-security"], "max-age=31536000")

    def test_plain_requests_are_not_heard(self):
        before = self.daemon.metrics()
        got, closed = talk(dial(self.address), GET)
        after = self.daemon.metrics()
        self.assertTrue(closed)
        self.assertNotIn(b"HTTP", got)
        self.assertEqual(after[HEARD], before[HEARD])
        failures = 'tipline_http_tls_failures_total{listener="public"}'
        self.assertEqual(after[failures], before[failures] + 1)

    def test_the_end_is_told(self):
        context = client_context()
        with context.wrap_socket(dial(self.address), server_hostname="tip.example", suppress_ragged_eofs=False) as s:
            s.sendall(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            while s.recv(65536):   # raises when there is no close_notify
                pass

    def test_large_bodies_come_and_go(self):
        text = "在天津市河西区友谊路看到一辆没有牌照的面包车。" * 200
        with dial_tls(self.address) as s:
            body = ('{"text":"%s"}' % text).encode()
            answer = ask(s, b"POST /api/v1/tips HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
                         % (len(body), body))
            self.assertEqual(answer.status, 201, answer.body[:300])
            self.assertEqual(ask(s).status, 200)

    def test_many_requests_at_once_are_answered_in_order(self):
        paths = [b"/style.css", b"/nowhere", b"/"] * 20
        with dial_tls(self.address) as s:
            got, closed = talk(s, b"".join(b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"\r\n" for path in paths) + front.AFTER)
        answers = replies(got)
        self.assertTrue(closed)
        self.assertEqual([a.status for a in answers[:-1]], [200, 404, 200] * 20)

    def test_a_slow_handshake_is_cut_off(self):
        daemon = self.start(*front.tls_sets(self.paths), "limits.head_ms=400")
        for sent in (b"", b"\x16", b"\x16\x03\x01\x02\x00\x01"):
            got, closed = talk(dial(daemon.ports["public"]), sent)
            self.assertTrue(closed)
            self.assertNotIn(b"HTTP", got)


class Reload(Case):
    @classmethod
    def open(cls):
        cls.daemon = cls.start(*front.tls_sets(cls.paths))
        cls.address = cls.daemon.ports["public"]

    def shown(self):
        with dial_tls(self.address) as s:
            return s.getpeercert(binary_form=True)

    def reload(self, event):
        before = self.daemon.log().count(event)
        self.daemon.signal(signal.SIGHUP)
        wait_for(lambda: self.daemon.log().count(event) > before, 20, event)

    def test_certificates_change_and_connections_stay(self):
        old = self.shown()
        expiry = self.daemon.metrics()["tipline_tls_certificate_expiry_timestamp_seconds"]
        self.assertLess(abs(expiry - time.time() - 90 * 86400), 600)
        with dial_tls(self.address) as s:
            self.assertEqual(ask(s).status, 200)
            front.certificate(self.dir, days=5)
            self.reload('"event":"tls.loaded"')
            self.assertEqual(ask(s).status, 200)
            new = self.shown()
            self.assertNotEqual(new, old)
            self.assertIn("certificate ends in", self.daemon.ready().text)
            with open(self.paths[0], "w", encoding="ascii") as f:
                f.write("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
            self.reload('"event":"tls.refused"')
            self.assertEqual(self.shown(), new)
            self.assertEqual(ask(s).status, 200)
            self.assertIn("old certificate", self.daemon.ready().text)
            self.assertIn(self.paths[0], self.daemon.log())
        front.certificate(self.dir)
        self.reload('"event":"tls.loaded"')
        self.assertNotEqual(self.shown(), new)
        self.assertNotIn("tls:", self.daemon.ready().text)

    def test_check_config_names_the_file(self):
        home = new_dir("tipline-c-")
        self.addCleanup(shutil.rmtree, home)
        paths = front.certificate(home)
        other = front.certificate(new_dir(prefix=os.path.basename(home) + "/"))

        def check(certificate, key):
            return tipline.tipctl("check-config", "--secrets", "--state", home, "--set", "listen.tls=public, staff", "--set",
                                  f"listen.tls_certificate={certificate}", "--set", f"listen.tls_key={key}")
        self.assertEqual(check(*paths).returncode, 0)
        os.chmod(other[1], 0o644)
        for certificate, key, named in ((home + "/missing", paths[1], home + "/missing"), (paths[1], paths[1], paths[1]),
                                        (paths[0], paths[0], paths[0]), (other[0], paths[1], paths[1]), (other[0], other[1], other[1])):
            done = check(certificate, key)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(named, done.stderr)
        done = tipline.tipctl("check-config", "--state", home, "--set", "listen.tls=public")
        self.assertIn("listen.tls_certificate: missing", done.stderr)


class Crowded(Case):
    """Few clients and wide bounds here; tests/bench/front.py has them in full."""
    N = 60

    @classmethod
    def open(cls):
        short = ["limits.head_ms=1500", "limits.body_ms=1500", "limits.idle_ms=1500", "limits.write_ms=1500"]
        cls.plain = cls.start(*short, limits=True)
        cls.tls = cls.start(*front.tls_sets(cls.paths), *short, limits=True)

    def held(self, daemon):
        return daemon.metrics()['tipline_http_connections{listener="public"}']

    def test_slow_clients_hold_nobody_up_and_go(self):
        for daemon, tls in ((self.plain, False), (self.tls, True)):
            for kind in KINDS:
                with self.subTest(kind=kind, tls=tls):
                    with Crowd(kind, daemon.ports["public"], self.N, tls) as crowd:
                        good = Good(daemon.ports["public"], tls).run(1.5)
                        self.assertEqual(good.faults, [])
                        self.assertLess(good.percentile(99), 2000 * PATIENCE)
                        wait_for(lambda: crowd.cut.value >= self.N / 2, 60, f"{kind} is cut off")
                    wait_for(lambda: self.held(daemon) == 0, 60, "all are gone")

    def test_an_address_has_its_share(self):
        connections = [dial(self.tls.ports["public"], "127.0.9.9") for _ in range(64)]
        wait_for(lambda: self.held(self.tls) == 64, 60, "all are in")
        try:
            self.assertEqual(talk(dial(self.tls.ports["public"], "127.0.9.9"), b""), (b"", True))
            with dial_tls(self.tls.ports["public"], source="127.0.9.10") as s:
                self.assertEqual(ask(s).status, 200)
        finally:
            for s in connections:
                s.close()

    def test_what_nobody_reads_is_not_kept(self):
        """Requests behind requests, as many as go in: memory stays."""
        for daemon, tls in ((self.plain, False), (self.tls, True)):
            before = rss_mib(daemon.pid())
            s = dial(daemon.ports["public"], window=4096)
            s = client_context().wrap_socket(s, server_hostname="tip.example") if tls else s
            s.settimeout(0.2)
            sent = 0
            try:
                while sent < 48 << 20:
                    sent += s.send(GET * 500)
            except OSError:
                pass   # nothing more goes in, or it was cut off
            self.assertLess(sent, 48 << 20)
            self.assertLess(rss_mib(daemon.pid()) - before, 24)
            s.close()


class Exhausted(Case):
    @classmethod
    def open(cls):
        cls.daemon = cls.start("limits.idle_ms=60000", "limits.head_ms=60000")

    def test_descriptors_run_out_and_come_back(self):
        pid, address = self.daemon.pid(), self.daemon.ports["public"]
        wait_for(lambda: all(f'"event":"{event}"' in self.daemon.log() for event in ("linker.warm", "payout.dispatches", "treasury.leads")),
                 60, "the start is over")
        soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        has = len(os.listdir(f"/proc/{pid}/fd"))
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (max(64, has + 8), hard))
        crowd = [dial(address, f"127.0.3.{i}") for i in range(1, 200)]
        wait_for(lambda: '"event":"http.accept"' in self.daemon.log(), 60, "descriptors have run out")
        began, cpu, lines = time.monotonic(), cpu_s(pid), self.daemon.log().count("\n")
        time.sleep(4)   # the measured time itself
        took = time.monotonic() - began
        self.assertLess((cpu_s(pid) - cpu) / took, 0.05 if PATIENCE == 1 else 0.5)
        said = self.daemon.log().splitlines()[lines:]
        self.assertLessEqual(len(said), 2, said)
        for s in crowd:
            s.close()
        freed = time.monotonic()
        while True:
            try:
                with dial(address) as s:
                    self.assertEqual(ask(s).status, 200)
                    break
            except (OSError, AssertionError):
                self.assertLess(time.monotonic() - freed, 30 * PATIENCE)
        self.assertLess(time.monotonic() - freed, 1 * PATIENCE)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))


class Drained(Case):
    @classmethod
    def open(cls):
        cls.daemon = cls.start(*front.tls_sets(cls.paths))

    def test_what_is_open_is_answered_and_ended(self):
        """A request whose body is on its way at SIGTERM; a connection at rest is told the end."""
        address = self.daemon.ports["public"]
        context = client_context()
        body = b'{"text":"%s"}' % "在天津市河西区友谊路看到一辆没有牌照的面包车".encode()

        def strict():
            return context.wrap_socket(dial(address), server_hostname="tip.example", suppress_ragged_eofs=False)
        with strict() as resting, strict() as busy:
            self.assertEqual(ask(resting).status, 200)
            heard = self.daemon.metrics()[HEARD]
            busy.sendall(b"POST /api/v1/tips HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
                         b"Content-Length: %d\r\n\r\n" % len(body) + body[:10])
            wait_for(lambda: self.daemon.metrics()[HEARD] == heard + 1, 20, "the head was heard")
            self.daemon.signal(signal.SIGTERM)
            self.assertEqual(resting.recv(100), b"")   # close_notify
            answer = ask(busy, body[10:])
            self.assertEqual((answer.status, answer.fields["connection"]), (201, "close"))
            self.assertEqual(busy.recv(100), b"")
        self.assertEqual(self.daemon.stop(), 0)


if __name__ == "__main__":
    main()
