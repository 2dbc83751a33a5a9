#!/usr/bin/python3
"""
An HTTP receiver that keeps every request as it came and answers as told.

    tests/support/sms_sink.py OUT.jsonl [--port N] [--answers 503,200]

Prints its port. A line of OUT is {"request": hex of the whole request}. The
statuses of --answers are given in order, the last one for ever; 0 closes the
connection without an answer. Ends on SIGTERM.
"""
import argparse
import json
import socketserver
import sys


class Receiver(socketserver.StreamRequestHandler):
    def handle(self):
        while True:
            head = self.read_head()
            if not head:
                return
            body = self.rfile.read(self.length_in(head))
            with open(ARGS.out, "a", encoding="ascii") as f:
                f.write(json.dumps({"request": (head + body).hex()}) + "\n")
            status = ANSWERS[0] if len(ANSWERS) == 1 else ANSWERS.pop(0)
            if status == 0:
                return
            self.wfile.write(b"HTTP/1.1 %d X\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n" % status)

    def read_head(self):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = self.rfile.readline(65536)
            if not line:
                return b""
            head += line
        return head

    @staticmethod
    def length_in(head):
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                return int(value)
        return 0


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


parser = argparse.ArgumentParser()
parser.add_argument("out")
parser.add_argument("--port", type=int, default=0)
parser.add_argument("--answers", default="200")
ARGS = parser.parse_args()
ANSWERS = [int(a) for a in ARGS.answers.split(",")]
with Server(("127.0.0.1", ARGS.port), Receiver) as server:
    print(server.server_address[1], flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)
