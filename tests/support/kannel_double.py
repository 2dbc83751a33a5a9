"""
A gateway like Kannel for tests, on 127.0.0.1, that can die: it posts what telephones write until that is
answered with 200, takes messages like sendsms and calls their delivery report's address until it is answered.

What it holds outlives kill() and rise(), as Kannel's store does: a message that had no answer is posted again.
A message out counts as on its way to the telephone once the whole request was read, answered or not.
"""
import http.client
import queue
import re
import socket
import threading
import time
import urllib.parse

ANSWER = b"0: Accepted for delivery"
AGAIN_S = 0.2


class Cut(Exception):
    """The gateway died, or its connection."""


class Kannel:
    def __init__(self, daemon_port, secret, port=0):
        self.daemon_port, self.secret = daemon_port, secret
        self.mts, self.faults, self.posts, self.again = [], [], 0, 0
        self.answer_after_s = lambda: 0
        self.reports = queue.Queue()
        self.lock, self.sockets = threading.Lock(), set()
        self.up, self.ended = threading.Event(), threading.Event()
        self.port, self.listening = port, None
        self.rise()
        threading.Thread(target=self.report, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/cgi-bin/sendsms"

    # --- life -------------------------------------------------------------------------

    def rise(self):
        self.listening = socket.create_server(("127.0.0.1", self.port))
        self.port = self.listening.getsockname()[1]
        self.up.set()
        threading.Thread(target=self.accept, args=(self.listening,), daemon=True).start()

    def kill(self):
        """As kill -9: the kernel closes all its sockets."""
        self.up.clear()
        with self.lock:
            sockets, self.sockets = self.sockets, set()
        for sock in [self.listening, *sockets]:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sock.close()

    def close(self):
        self.ended.set()
        self.kill()

    def hold(self, sock):
        with self.lock:
            if not self.up.is_set():
                sock.close()
                raise Cut
            self.sockets.add(sock)
        return sock

    def let_go(self, sock):
        with self.lock:
            self.sockets.discard(sock)
        sock.close()

    # --- to the daemon ------------------------------------------------------------------

    def ask(self, method, path, body=None, headers=None):
        """The status of one request; Cut when there was none."""
        self.up.wait()
        connection = http.client.HTTPConnection("127.0.0.1", self.daemon_port, timeout=60)
        try:
            connection.connect()
            sock = self.hold(connection.sock)
            try:
                connection.request(method, path, body=body, headers=headers or {})
                reply = connection.getresponse()
                if reply.read() != b"" or reply.status not in (200, 503):
                    self.faults.append(f"{method} {path}: {reply.status}")
                return reply.status
            finally:
                self.let_go(sock)
        except (OSError, http.client.HTTPException, AttributeError, ValueError) as fault:
            raise Cut from fault

    def until_taken(self, *request):
        """Asked again until it is answered with 200; False at the end of the gateway."""
        while not self.ended.is_set():
            self.posts += 1
            try:
                if self.ask(*request) == 200:
                    return True
            except Cut:
                pass
            self.again += 1
            time.sleep(AGAIN_S)
        return False

    def mo(self, number, sender, to, octets, charset="UTF-8", header=b""):
        """One message or part with the id `number`; returns when it is acknowledged."""
        fields = {"X-Kannel-From": sender, "X-Kannel-To": to, "X-Kannel-Coding": "2", "X-Tipline-Token": self.secret,
                  "Content-Type": f"text/plain; charset={charset}"}
        if header:
            fields["X-Kannel-UDH"] = "".join(f"%{octet:02x}" for octet in header)
        return self.until_taken("POST", f"/sms/kannel?id={number}&ts=2026-11-21+10:00:00", octets, fields)

    def report(self):
        """Delivery reports, one after the other, each until it was answered."""
        while not self.ended.is_set():
            try:
                path = self.reports.get(timeout=0.2)
            except queue.Empty:
                continue
            self.until_taken("GET", path)
            self.reports.task_done()

    # --- from the daemon -------------------------------------------------------------------

    def accept(self, listening):
        while True:
            try:
                sock, _ = listening.accept()
                self.hold(sock)
            except (OSError, Cut):
                return
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        try:
            with sock.makefile("rb") as stream:
                while self.take(sock, stream):
                    pass
        except (OSError, ValueError):
            pass
        self.let_go(sock)

    def take(self, sock, stream):
        """One request of sendsms; False: there is none."""
        line = stream.readline(65536)
        if not line.endswith(b"\r\n"):
            return False
        fields = http.client.parse_headers(stream)
        size = int(fields["Content-Length"])
        body = stream.read(size)
        if len(body) != size:
            return False
        dlr = fields["X-Kannel-DLR-Url"]
        with self.lock:
            self.mts.append({"to": urllib.parse.unquote(fields["X-Kannel-To"]), "text": body.decode()})
        time.sleep(self.answer_after_s())
        sock.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (len(ANSWER), ANSWER))
        if dlr:
            self.reports.put(re.sub(r"^http://[^/]*", "", dlr).replace("%d", "1"))
        return True
