#!/usr/bin/python3
"""
Gateways of mainland carriers for tests, on 127.0.0.1: CMPP 2.0 and 3.0, SMGP 3.0.3.

    with Peer(Cmpp, "900001", "888888") as peer:
        peer.mo("13800138000", "106900", "举报", fmt=15).wait()
        peer.mts, peer.logins, peer.answers

A message that has no answer is sent again after resend_s with the same numbers,
over whatever connection there is, until it has one. What a test may set:

    max_version      CMPP: the highest that a login may ask for
    login_status     of the next logins, a list
    resend_s         T of the protocols
    window           messages without an answer
    results          of the next SUBMITs, a list; throttle_per_s: 8 (busy) above it
    drop_answers     so many SUBMITs get no answer
    report           "after", "before" the answer, "never"; report_state; report_times
    take             False: SUBMITs are read and forgotten
"""
import hashlib
import socket
import struct
import threading
import time

RESPONSE = 0x80000000
UNITS = {0: 153, 8: 134, 15: 134}
ENCODINGS = {0: "latin-1", 8: "utf-16-be", 15: "gbk"}


def place(text, size):
    octets = text if isinstance(text, bytes) else text.encode("latin-1")
    assert len(octets) <= size, text
    return octets.ljust(size, b"\0")


def text_of(octets):
    return octets.split(b"\0", 1)[0].decode("latin-1")


class Reader:
    def __init__(self, octets):
        self.octets, self.at = octets, 0

    def take(self, size):
        if self.at + size > len(self.octets):
            raise ValueError("a PDU is too short")
        self.at += size
        return self.octets[self.at - size:self.at]

    def number(self, size=1):
        return int.from_bytes(self.take(size), "big")

    def text(self, size):
        return text_of(self.take(size))

    def rest(self):
        return self.take(len(self.octets) - self.at)


def decoded(m):
    """What a phone shows of a SUBMIT: header off, text by Msg_Fmt."""
    content = m["content"]
    header = content[:content[0] + 1] if m["udhi"] else b""
    return dict(m, udh=header.hex(), text=content[len(header):].decode(ENCODINGS.get(m["fmt"], "latin-1")))


class Cmpp:
    CONNECT, TERMINATE, SUBMIT, DELIVER, ACTIVE = 1, 2, 4, 5, 8
    id_size, busy = 8, 8

    @staticmethod
    def login(peer, body):
        """(status, answer, version)"""
        r = Reader(body)
        account, proof, version, stamp = r.text(6), r.take(16), r.number(), r.number(4)
        wanted = hashlib.md5(account.encode() + bytes(9) + peer.secret.encode() + b"%010d" % stamp).digest()
        status = 2 if account != peer.account else 3 if proof != wanted else 4 if version > peer.max_version else 0
        status = peer.login_status.pop(0) if peer.login_status else status
        packed = status.to_bytes(4 if version >= 0x30 else 1, "big")
        mine = hashlib.md5(packed + proof + peer.secret.encode()).digest() if status == 0 else bytes(16)
        return status, packed + mine + bytes([peer.max_version]), 0x30 if version >= 0x30 else 0x20

    @staticmethod
    def submit(body, version):
        r, size = Reader(body), 32 if version >= 0x30 else 21
        r.take(8)
        m = {"total": r.number(), "number": r.number(), "registered": r.number(), "level": r.number(),
             "service": r.text(10), "fee_user": r.number(), "fee_terminal": r.text(size)}
        if version >= 0x30:
            r.take(1)
        m |= {"pid": r.number(), "udhi": r.number(), "fmt": r.number(), "source": r.text(6), "fee_type": r.text(2),
              "fee_code": r.text(6), "valid": r.text(17), "at": r.text(17), "from": r.text(21)}
        assert r.number() == 1, "one receiver"
        m["to"] = r.text(size)
        if version >= 0x30:
            r.take(1)
        m["content"] = r.take(r.number())
        assert len(r.rest()) == (20 if version >= 0x30 else 8), "nothing but LinkID or Reserve follows"
        return decoded(m)

    @staticmethod
    def submit_answer(number, result, version):
        return number + result.to_bytes(4 if version >= 0x30 else 1, "big")

    @staticmethod
    def deliver(m, version):
        new = version >= 0x30
        return (m["id"] + place(m["to"], 21) + place(m.get("service", ""), 10) + bytes([m.get("pid", 0), m["udhi"], m["fmt"]]) +
                place(m["from"], 32 if new else 21) + (bytes([m.get("from_type", 0)]) if new else b"") +
                bytes([m["is_report"], m.get("length", len(m["content"]))]) + m["content"] + bytes(20 if new else 8))

    @staticmethod
    def report(number, state, submit, version):
        stamp = time.strftime("%y%m%d%H%M").encode()
        return (number + place(state, 7) + stamp + stamp + place(submit["to"], 32 if version >= 0x30 else 21) + bytes(4))

    @staticmethod
    def deliver_answer(body, version):
        assert len(body) == (12 if version >= 0x30 else 9), "the size of a DELIVER_RESP"
        return body[:8], int.from_bytes(body[8:], "big")

    @staticmethod
    def number(counter):
        t = time.localtime()
        bits = t.tm_mon << 60 | t.tm_mday << 55 | t.tm_hour << 50 | t.tm_min << 44 | t.tm_sec << 38 | 1234 << 16 | counter & 0xFFFF
        return bits.to_bytes(8, "big")

    active_answer = b"\0"


class Smgp:
    CONNECT, TERMINATE, SUBMIT, DELIVER, ACTIVE = 1, 6, 2, 3, 4
    id_size, busy = 10, 1

    @staticmethod
    def login(peer, body):
        r = Reader(body)
        account, proof, mode, stamp, version = r.text(8), r.take(16), r.number(), r.number(4), r.number()
        wanted = hashlib.md5(account.encode() + bytes(7) + peer.secret.encode() + b"%010d" % stamp).digest()
        status = 21 if account != peer.account or proof != wanted or mode != 2 else 22 if version > 0x30 else 0
        status = peer.login_status.pop(0) if peer.login_status else status
        packed = status.to_bytes(4, "big")
        return status, packed + hashlib.md5(packed + proof + peer.secret.encode()).digest() + b"\x30", 0x30

    @staticmethod
    def submit(body, version):
        r = Reader(body)
        m = {"type": r.number(), "registered": r.number(), "priority": r.number(), "service": r.text(10), "fee_type": r.text(2),
             "fee_code": r.text(6), "fixed_fee": r.text(6), "fmt": r.number(), "valid": r.text(17), "at": r.text(17),
             "from": r.text(21), "charge": r.text(21)}
        assert r.number() == 1, "one receiver"
        m |= {"to": r.text(21), "content": r.take(r.number()), "udhi": 0, "total": 1, "number": 1}
        r.take(8)
        while r.at < len(r.octets):
            tag, value = r.number(2), r.take(r.number(2))
            m[{2: "udhi", 9: "total", 10: "number"}.get(tag, tag)] = int.from_bytes(value, "big")
        return decoded(m)

    @staticmethod
    def submit_answer(number, result, version):
        return number + result.to_bytes(4, "big")

    @staticmethod
    def deliver(m, version):
        options = m.get("options", b"") + (b"\0\x02\0\x01\x01" if m["udhi"] else b"")
        return (m["id"] + bytes([m["is_report"], m["fmt"]]) + time.strftime("%Y%m%d%H%M%S").encode() + place(m["from"], 21) +
                place(m["to"], 21) + bytes([m.get("length", len(m["content"]))]) + m["content"] + bytes(8) + options)

    @staticmethod
    def report(number, state, submit, version):
        stamp = time.strftime("%y%m%d%H%M")
        return b"id:" + number + (f" sub:001 dlvrd:001 Submit date:{stamp} done date:{stamp} stat:{state} err:000 "
                                  "text:").encode()

    @staticmethod
    def deliver_answer(body, version):
        assert len(body) == 14, "the size of a Deliver_Resp"
        return body[:10], int.from_bytes(body[10:], "big")

    @staticmethod
    def number(counter):
        return bytes.fromhex("010203" + time.strftime("%m%d%H%M") + "%06d" % (counter % 1000000))

    active_answer = b""


class Connection:
    """One that the daemon made; its reader is a thread."""

    def __init__(self, peer, sock):
        self.peer, self.sock, self.up, self.version = peer, sock, False, 0x20
        self.lock = threading.Lock()

    def send(self, command, sequence, body=b""):
        with self.lock:
            self.sock.sendall(struct.pack(">III", 12 + len(body), command, sequence) + body)

    def run(self):
        try:
            stream = self.sock.makefile("rb")
            while head := stream.read(12):
                length, command, sequence = struct.unpack(">III", head)
                assert 12 <= length <= 4096, "a length that cannot be"
                self.take(command, sequence, stream.read(length - 12))
        except (OSError, struct.error):
            pass
        except (AssertionError, ValueError, KeyError) as fault:
            self.peer.faults.append(repr(fault))
        self.close()

    def close(self):
        self.up = False
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()

    def take(self, command, sequence, body):
        peer, dialect = self.peer, self.peer.dialect
        if command == dialect.CONNECT:
            status, answer, self.version = dialect.login(peer, body)
            peer.logins.append({"status": status, "version": self.version, "at": time.monotonic()})
            self.send(RESPONSE | dialect.CONNECT, sequence, answer)
            self.up = status == 0
            if not self.up:
                self.sock.shutdown(socket.SHUT_WR)
            return
        assert self.up, "a command before the login"
        if command == dialect.ACTIVE:
            peer.actives += 1
            self.send(RESPONSE | command, sequence, dialect.active_answer)
        elif command == dialect.TERMINATE:
            self.send(RESPONSE | command, sequence)
            self.close()
            peer.goodbyes += 1
        elif command == RESPONSE | dialect.TERMINATE:
            self.close()
            peer.goodbyes += 1
        elif command == RESPONSE | dialect.DELIVER:
            peer.answered(sequence, *dialect.deliver_answer(body, self.version))
        elif command == dialect.SUBMIT:
            peer.submitted(self, sequence, dialect.submit(body, self.version))
        else:
            assert command == RESPONSE | dialect.ACTIVE, f"command {command:#x}"
            peer.actives_answered += 1


class Messages:
    """Some that were handed to the peer together."""

    def __init__(self, peer, rows):
        self.peer, self.rows = peer, rows

    def wait(self, seconds=20):
        """The results of their answers; fails when one has none in time."""
        until = time.monotonic() + seconds
        for row in self.rows:
            assert row["done"].wait(max(0, until - time.monotonic())), f"no answer; faults: {self.peer.faults}"
        return [row["result"] for row in self.rows]


class Peer:
    def __init__(self, dialect, account, secret, port=0):
        self.dialect, self.account, self.secret = dialect, account, secret
        self.max_version, self.login_status = 0x30, []
        self.resend_s, self.window, self.sending = 60, 16, True
        self.results, self.throttle_per_s, self.drop_answers, self.take = [], 0, 0, True
        self.report, self.report_state, self.report_times = "after", "DELIVRD", 1
        self.mts, self.logins, self.answers, self.faults = [], [], [], []
        self.resent = self.refused = self.actives = self.actives_answered = self.goodbyes = 0
        self.pending, self.connections = [], []
        self.lock, self.counter, self.second = threading.RLock(), 0, (0, 0)
        self.ended = threading.Event()
        self.listening = socket.create_server(("127.0.0.1", port))
        self.port = self.listening.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self.accept, args=(self.listening,), daemon=True).start()
        threading.Thread(target=self.push, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.listening.close()
        self.drop()

    def accept(self, listening):
        while not self.ended.is_set():
            try:
                sock, _ = listening.accept()
            except OSError:
                return
            connection = Connection(self, sock)
            with self.lock:
                self.connections = [c for c in self.connections if c.sock.fileno() >= 0] + [connection]
            threading.Thread(target=connection.run, daemon=True).start()

    def up(self):
        with self.lock:
            return [c for c in self.connections if c.up]

    # --- messages to the daemon -------------------------------------------------------

    def push(self):
        """Sends what was not sent, and again what has no answer."""
        while not self.ended.wait(0.02):
            up, now = self.up(), time.monotonic()
            if not up or not self.sending:
                continue
            with self.lock:
                rows = self.pending[:self.window]
            for i, row in enumerate(rows):
                if row["on"] in up and now < row["sent"] + self.resend_s:
                    continue
                self.resent += row["on"] is not None
                row["on"], row["sent"] = row["via"] if row.get("via") in up else up[i % len(up)], now
                try:
                    row["on"].send(self.dialect.DELIVER, row["sequence"], self.dialect.deliver(row, row["on"].version))
                except OSError:
                    pass   # its reader ends it, behind what the daemon said last

    def hand(self, messages):
        with self.lock:
            rows = []
            for m in messages:
                self.counter += 1
                rows.append({"id": self.dialect.number(self.counter), "udhi": 0, "is_report": 0, **m, "sequence": self.counter,
                             "on": None, "sent": 0, "done": threading.Event(), "result": None})
            self.pending += rows
        return Messages(self, rows)

    def mo(self, sender, to, text, fmt=None, ref=1, order=None, **more):
        """In as many parts as it needs; order: their numbers, as they are to come."""
        fmt = fmt if fmt is not None else 0 if text.isascii() else 8
        octets = text.encode(ENCODINGS[fmt])
        pieces = [octets]
        if len(octets) > (159 if fmt == 0 else 140):
            pieces = [octets[i:i + UNITS[fmt]] for i in range(0, len(octets), UNITS[fmt])]
        long = len(pieces) > 1
        parts = [{"from": sender, "to": to, "fmt": fmt, "udhi": int(long), **more,
                  "content": (bytes([5, 0, 3, ref, len(pieces), i + 1]) if long else b"") + p} for i, p in enumerate(pieces)]
        return self.hand([parts[n - 1] for n in order or range(1, len(parts) + 1)])

    def answered(self, sequence, number, result):
        with self.lock:
            self.answers.append((number, result))
            for row in self.pending:
                if row["sequence"] == sequence:
                    assert row["id"] == number, "the answer has the id of another message"
                    row["result"] = result
                    self.pending.remove(row)
                    row["done"].set()
                    return

    # --- messages from the daemon -----------------------------------------------------

    def result(self):
        if self.results:
            return self.results.pop(0)
        second = int(time.monotonic())
        self.second = (second, self.second[1] + 1 if self.second[0] == second else 1)
        return self.dialect.busy if 0 < self.throttle_per_s < self.second[1] else 0

    def submitted(self, connection, sequence, m):
        if not self.take:
            return
        with self.lock:
            self.counter += 1
            number, result = self.dialect.number(self.counter), self.result()
            if result == 0:
                self.mts.append(dict(m, id=number.hex(), at=time.monotonic()))
            self.refused += result != 0
            dropped = self.drop_answers > 0
            self.drop_answers -= dropped
        reports = [{"to": m["from"], "from": m["to"], "fmt": 0, "is_report": 1,
                    "content": self.dialect.report(number, self.report_state, m, connection.version)}] * self.report_times
        wanted = result == 0 and m["registered"] == 1 and self.report != "never"
        if wanted and self.report == "before":
            self.hand(reports)
            time.sleep(0.1)   # so that they are in front of the answer on the line
        if not dropped:
            connection.send(RESPONSE | self.dialect.SUBMIT, sequence,
                            self.dialect.submit_answer(number, result, connection.version))
        if wanted and self.report == "after":
            self.hand(reports)

    # --- what else may happen ---------------------------------------------------------

    def all(self, command, body=b""):
        for connection in self.up():
            connection.send(command, 0x7FFFFFF0, body)

    def active(self):
        self.all(self.dialect.ACTIVE)

    def terminate(self):
        self.all(self.dialect.TERMINATE)

    @staticmethod
    def raw(connection, octets):
        with connection.lock:
            connection.sock.sendall(octets)

    def drop(self):
        with self.lock:
            connections = list(self.connections)
        for connection in connections:
            connection.close()

    def kill(self):
        """As kill -9: the kernel closes all its sockets. What it holds is there again after rise()."""
        try:
            self.listening.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listening.close()
        self.drop()

    def rise(self):
        self.listening = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, args=(self.listening,), daemon=True).start()
