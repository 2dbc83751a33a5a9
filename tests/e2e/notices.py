#!/usr/bin/python3
"""
Notices to bureaus by a signed webhook: once for each cause, with the same id when
they are sent again, and nothing of the tip in them.
"""
import base64
import hashlib
import hmac
import http.server
import json
import os
import threading
import time
import unittest

from tipline import Daemon, main, wait_for

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
URGENT = ("昨天下午三点左右，在鄂尔多斯市东胜区长途汽车站北门，我看到一个大约五六岁的小女孩被一名四十岁左右的男子强行拉上一辆银灰色面包车，"
          "车牌是蒙KA1234，女孩一直在哭，喊着要妈妈。")


class Hook(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, *script):
        super().__init__(("127.0.0.1", 0), Handler)
        self.script, self.got = list(script), []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/hook"

    def close(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers), body))
        self.send_response(self.server.script.pop(0) if self.server.script else 204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def verified(headers, body):
    """As the specification says it, written here anew."""
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    good = base64.b64encode(hmac.new(KEY, content, hashlib.sha256).digest()).decode()
    return headers["webhook-signature"] == f"v1,{good}" and abs(int(headers["webhook-timestamp"]) - time.time()) < 300


class Notices(unittest.TestCase):
    def start(self, hook, *more):
        self.addCleanup(hook.close)
        each = {"region": "150600", "url": hook.url, "secret": SECRET, "desk_url": "https://desk.example.org/", "pause_s": "2"}
        self.d = Daemon(*(f"notices.ordos.{k}={v}" for k, v in each.items()), *more)
        self.addCleanup(self.d.close)
        self.d.start()

    def check(self, hook):
        for headers, body in hook.got:
            self.assertTrue(verified(headers, body))
            self.assertFalse(verified(headers, body + b" "))
            value = json.loads(body)
            self.assertEqual(set(value), {"type", "timestamp", "data"})
            self.assertEqual(set(value["data"]), {"region", "count", "counts", "link"})
            self.assertIn(value["type"], ("tip.urgent", "tip.immediate"))
            self.assertEqual((value["data"]["region"], value["data"]["link"]), ("150602", "https://desk.example.org/"))

    def test_told_once_and_again_until_taken(self):
        hook = Hook(503)
        self.start(hook)
        self.d.tip(URGENT)
        self.d.tip("鄂尔多斯市东胜区有人随地扔垃圾")
        self.d.tip(URGENT.replace("鄂尔多斯市东胜区", "北京市朝阳区"))
        wait_for(lambda: self.d.metrics()['tipline_courier_total{end="noticed"}'] == 1, 60, "the notice is taken")
        self.assertEqual(len(hook.got), 2)
        self.assertEqual(hook.got[0][0]["webhook-id"], hook.got[1][0]["webhook-id"])
        self.check(hook)
        self.d.kill()
        self.d.start()
        self.d.tip(URGENT + "第二次")
        wait_for(lambda: len({h["webhook-id"] for h, _ in hook.got}) == 2, 90, "the second one is told")
        self.check(hook)
        self.assertNotIn(SECRET.encode(), self.d.all_logs())

    def test_a_test(self):
        hook = Hook()
        self.start(hook)
        path = f"{self.d.state}.token"
        with open(path, "w", encoding="ascii") as f:
            f.write(self.d.token("admin"))
        os.chmod(path, 0o600)
        server = ["--server", self.d.ports["staff"], "--token-file", path]
        self.assertEqual(self.d.tipctl("notice", "test", "110105", *server).stdout, "0 channels\n")
        told = self.d.tipctl("notice", "test", "150602", *server)
        self.assertEqual((told.returncode, told.stdout), (0, "1 channels\n"), told)
        wait_for(lambda: hook.got, 30, "it arrives")
        self.assertTrue(verified(*hook.got[0]))
        self.assertEqual(json.loads(hook.got[0][1])["type"], "notice.test")

    def test_what_nobody_wants_is_a_dead_letter(self):
        hook = Hook(410)
        self.start(hook)
        self.d.tip(URGENT)

        def letters():
            return self.d.staff("GET", "/api/v1/outbox?state=dead", role="admin").json["items"]
        wait_for(letters, 60, "it is given up")
        self.assertEqual([(x["kind"], x["connector"], x["reason"], x["tip"]) for x in letters()], [("notice", "ordos", "gone", None)])
        self.d.staff("POST", f"/api/v1/outbox/{letters()[0]['item']}/retry", {}, role="admin")
        wait_for(lambda: len(hook.got) == 2, 30, "it is sent again")
        self.check(hook)


if __name__ == "__main__":
    main()
