#!/usr/bin/python3
"""
A small SMSC (SMPP 3.4) for tests: one bound client at a time, on 127.0.0.1.

    tests/support/smpp_peer.py [--port N]

Prints {"port": N}, then obeys JSON lines on standard input:
  {"from": "+86138...", "to": "106900", "dcs": 8, "udh": "0500032a0201", "hex": "4f60..."}
      sends a deliver_sm and prints {"delivered": status}
  {"from": ..., "to": ..., "text": "...", "ref": 42}
      the same for a text, in as many UCS-2 parts as it needs ("order": [2, 1] to shuffle)
and prints a line {"mt": {...}} for each submit_sm. When one asks for a receipt
it gets a DELIVRD. Ends at the end of the input.
"""
import argparse
import json
import queue
import socket
import struct
import sys
import threading

RESPONSE = 0x80000000
BIND = {1, 2, 9}
SUBMIT, DELIVER, UNBIND, ENQUIRE = 4, 5, 6, 0x15
BODY_PIECE = 134


def c_text(text):
    return text.encode("latin-1") + b"\0"


def address(number):
    if number.startswith("+"):
        return bytes([1, 1]) + c_text(number[1:])
    return bytes([0, 1]) + c_text(number)


def deliver_body(m):
    udh = bytes.fromhex(m.get("udh", ""))
    data = udh + bytes.fromhex(m["hex"])
    esm = m.get("esm", 0x40 if udh else 0)
    return (b"\0" + address(m["from"]) + address(m["to"]) + bytes([esm, 0, 0]) + b"\0\0" +
            bytes([0, 0, m.get("dcs", 0), 0, len(data)]) + data)


def parts_of(m):
    units = m["text"].encode("utf-16-be")
    if len(units) <= 140:
        return [dict(m, dcs=8, hex=units.hex())]
    pieces = [units[i:i + BODY_PIECE] for i in range(0, len(units), BODY_PIECE)]
    parts = [dict(m, dcs=8, hex=p.hex(), udh=bytes([5, 0, 3, m.get("ref", 1), len(pieces), i + 1]).hex())
             for i, p in enumerate(pieces)]
    return [parts[n - 1] for n in m.get("order", range(1, len(parts) + 1))]


def fields(body):
    """What a submit_sm says, as a dictionary."""
    at = 0

    def octet():
        nonlocal at
        at += 1
        return body[at - 1]

    def text():
        nonlocal at
        end = body.index(0, at)
        value = body[at:end].decode("latin-1")
        at = end + 1
        return value
    text()
    m = {"from_ton": octet(), "from_npi": octet(), "from": text(), "to_ton": octet(), "to_npi": octet(),
         "to": text(), "esm": octet(), "pid": octet(), "priority": octet(), "schedule": text(),
         "validity": text(), "registered": octet(), "replace": octet(), "dcs": octet()}
    octet()
    length = octet()
    m["hex"] = body[at:at + length].hex()
    return m


class Smsc:
    def __init__(self, port):
        self.listening = socket.create_server(("127.0.0.1", port))
        self.client = None
        self.bound = threading.Event()
        self.answers = queue.Queue()
        self.lock = threading.Lock()
        self.number = 0

    def send(self, command, status, sequence, body):
        with self.lock:
            self.client.sendall(struct.pack(">IIII", 16 + len(body), command, status, sequence) + body)

    def deliver(self, body):
        self.number += 1
        self.send(DELIVER, 0, self.number, body)

    def serve(self):
        while True:
            self.client, _ = self.listening.accept()
            try:
                self.converse(self.client.makefile("rb"))
            except (OSError, struct.error):
                pass
            self.bound.clear()

    def converse(self, stream):
        while True:
            length, command, status, sequence = struct.unpack(">IIII", stream.read(16))
            body = stream.read(length - 16)
            if command in BIND:
                self.send(command | RESPONSE, 0, sequence, c_text("peer"))
                self.bound.set()
            elif command == SUBMIT:
                self.submitted(sequence, fields(body))
            elif command in (ENQUIRE, UNBIND):
                self.send(command | RESPONSE, 0, sequence, b"")
            elif command == DELIVER | RESPONSE:
                self.answers.put(status)

    def submitted(self, sequence, m):
        say({"mt": m})
        self.send(SUBMIT | RESPONSE, 0, sequence, c_text(f"{sequence:08x}"))
        if m["registered"] & 1:
            receipt = f"id:{sequence:08x} sub:001 dlvrd:001 submit date:2611211200 done date:2611211200 stat:DELIVRD err:000 text:"
            self.deliver(deliver_body({"from": m["to"], "to": m["from"], "esm": 4, "hex": receipt.encode().hex()}))


def say(line):
    print(json.dumps(line), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    smsc = Smsc(parser.parse_args().port)
    say({"port": smsc.listening.getsockname()[1]})
    threading.Thread(target=smsc.serve, daemon=True).start()
    for line in sys.stdin:
        m = json.loads(line)
        if not smsc.bound.wait(15):
            sys.exit("smpp_peer: nobody is bound")
        for part in parts_of(m) if "text" in m else [m]:
            smsc.deliver(deliver_body(part))
            say({"delivered": smsc.answers.get(timeout=15)})


main()
