"""
A carrier's SMSC (SMPP 3.4) for tests, in the test's own process, octet by octet: it sends what it is
told, legal or not, and remembers what it got. On 127.0.0.1.

An SMSC repeats what was not answered with success: so does deliver(), over as many connections as it takes.
"""
import socket
import ssl
import struct
import threading
import time

RESPONSE = 0x80000000
NACK, BIND_RX, BIND_TX, SUBMIT, DELIVER, UNBIND, BIND_TRX, ENQUIRE, DATA = 0x80000000, 1, 2, 4, 5, 6, 9, 0x15, 0x103
BINDS = {BIND_RX, BIND_TX, BIND_TRX}
THROTTLED, AGAIN = 0x58, 0x64


def text(value):
    return (value if isinstance(value, bytes) else value.encode("latin-1")) + b"\0"


def address(number):
    if number.startswith("+"):
        return bytes([1, 1]) + text(number[1:])
    return bytes([0, 1]) + text(number)


def tlv(tag, value):
    return struct.pack(">HH", tag, len(value)) + value


def pdu(command, body=b"", status=0, sequence=1):
    return struct.pack(">IIII", 16 + len(body), command, status, sequence) + body


def deliver_body(octets, sender="+8613800138000", to="106900", esm=0, dcs=0, udh=b"", tlvs=b"", schedule="", validity="", pid=0):
    octets = udh + octets
    return (b"\0" + address(sender) + address(to) + bytes([esm | (0x40 if udh else 0), pid, 0]) + text(schedule) +
            text(validity) + bytes([0, 0, dcs, 0, len(octets)]) + octets + tlvs)


def submit_fields(body):
    """What a submit_sm says."""
    at = 0

    def octet():
        nonlocal at
        at += 1
        return body[at - 1]

    def string():
        nonlocal at
        end = body.index(0, at)
        value = body[at:end].decode("latin-1")
        at = end + 1
        return value
    m = {"service": string(), "from_ton": octet(), "from_npi": octet(), "from": string(), "to_ton": octet(),
         "to_npi": octet(), "to": string(), "esm": octet(), "pid": octet(), "priority": octet(), "schedule": string(),
         "validity": string(), "registered": octet(), "replace": octet(), "dcs": octet(), "default": octet()}
    length = octet()
    m["octets"] = body[at:at + length]
    return m


class Connection:
    def __init__(self, smsc, sock):
        self.smsc, self.sock = smsc, sock
        self.lock = threading.Lock()
        self.mode = 0
        self.open = True
        self.sequence = 0
        self.answers = {}
        self.heard = threading.Condition()

    def raw(self, octets):
        with self.lock:
            self.sock.sendall(octets)

    def next(self):
        with self.lock:
            self.sequence += 1
            return self.sequence

    def read(self, n):
        octets = b""
        while len(octets) < n:
            more = self.sock.recv(n - len(octets))
            if not more:
                raise OSError("closed")
            octets += more
        return octets

    def serve(self):
        try:
            while True:
                length, command, status, sequence = struct.unpack(">IIII", self.read(16))
                self.take(command, status, sequence, self.read(length - 16))
        except (OSError, ValueError, IndexError, struct.error, ssl.SSLError):
            pass
        self.close()

    def close(self):
        with self.heard:
            self.open = False
            self.mode = 0
            self.heard.notify_all()
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()

    def take(self, command, status, sequence, body):
        self.smsc.got.append((command, status, sequence, body))
        if command in BINDS:
            self.bind(command, sequence, body)
        elif command == SUBMIT:
            self.smsc.submitted(self, sequence, submit_fields(body))
        elif command == ENQUIRE:
            if self.smsc.answers_enquire:
                self.raw(pdu(command | RESPONSE, b"", 0, sequence))
        elif command == UNBIND:
            self.raw(pdu(command | RESPONSE, b"", 0, sequence))
        elif command & RESPONSE:
            with self.heard:
                self.answers[sequence] = (command, status)
                self.heard.notify_all()

    def bind(self, command, sequence, body):
        self.smsc.binds.append((time.monotonic(), body.split(b"\0")[0]))
        status = self.smsc.bind_status or (0x0D if command in self.smsc.deaf else 0)
        if status:
            self.raw(pdu(command | RESPONSE, b"", status, sequence))
            self.close()
            return
        self.raw(pdu(command | RESPONSE, text("peer"), 0, sequence))
        self.mode = command

    def answer(self, sequence, seconds):
        """(command, status), or None when the connection ended or nothing came."""
        with self.heard:
            self.heard.wait_for(lambda: sequence in self.answers or not self.open, seconds)
            return self.answers.get(sequence)


class Smsc:
    def __init__(self, port=0, tls=None):
        self.listening = socket.create_server(("127.0.0.1", port))
        self.port = self.listening.getsockname()[1]
        self.tls = tls
        self.connections, self.binds, self.got, self.mts = [], [], [], []
        self.bind_status = 0
        self.answers_enquire = True
        self.statuses = []           # of the next submits; then 0
        self.per_s = 0               # above it: THROTTLED
        self.silent = 0              # so many submits get no answer, and are taken
        self.deaf = set()            # binds that are refused, by command
        self.id_of = str             # how the answers spell the number of a message
        self.hurried = None          # called with the message before its answer goes out
        self.refusals = 0
        self.number = 1000000
        self.second = (0, 0)
        self.ended = False
        self.lock = threading.Lock()
        threading.Thread(target=self.serve, args=(self.listening,), daemon=True).start()

    def serve(self, listening):
        while not self.ended:
            try:
                sock, _ = listening.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError:
                return
            threading.Thread(target=self.welcome, args=(sock,), daemon=True).start()

    def welcome(self, sock):
        try:
            if self.tls:
                sock = self.tls.wrap_socket(sock, server_side=True)
        except (OSError, ssl.SSLError):
            sock.close()
            return
        connection = Connection(self, sock)
        self.connections.append(connection)
        connection.serve()

    def close(self):
        self.ended = True
        try:
            self.listening.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listening.close()
        self.drop()

    def drop(self):
        for connection in self.connections:
            if connection.open:
                connection.close()

    def kill(self):
        """As kill -9: the kernel closes all its sockets. What it holds is there again after rise()."""
        self.close()

    def rise(self):
        self.connections, self.ended = [], False
        self.listening = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.serve, args=(self.listening,), daemon=True).start()

    def bound(self, modes=(BIND_RX, BIND_TRX), seconds=30):
        """A connection that takes messages."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for connection in reversed(self.connections):
                if connection.mode in modes and connection.open:
                    return connection
            time.sleep(0.01)
        raise AssertionError("nobody is bound")

    def deliver(self, body, command=DELIVER, seconds=60):
        """Until it is answered with success; returns how many times it was sent."""
        end = time.monotonic() + seconds
        times = 0
        while time.monotonic() < end:
            connection = self.bound(seconds=max(0.1, end - time.monotonic()))
            sequence = connection.next()
            times += 1
            try:
                connection.raw(pdu(command, body, 0, sequence))
            except OSError:
                continue
            answer = connection.answer(sequence, 10)
            if answer and answer[1] == 0:
                return times
            if answer:
                time.sleep(0.2)
        raise AssertionError("never taken")

    def submitted(self, connection, sequence, fields):
        with self.lock:
            status = self.statuses.pop(0) if self.statuses else 0
            second, n = self.second
            if second != int(time.monotonic()):
                second, n = int(time.monotonic()), 0
            if not status and self.per_s and n >= self.per_s:
                status = THROTTLED
            if not status:
                self.number += 1
                n += 1
                self.mts.append(dict(fields, id=self.id_of(self.number), number=self.number, at=time.monotonic()))
                taken = self.mts[-1]
            self.second = (second, n)
            self.refusals += status != 0
            silent, self.silent = self.silent > 0, max(0, self.silent - 1)
        if not status and self.hurried:
            self.hurried(taken)
        if not silent:
            connection.raw(pdu(SUBMIT | RESPONSE, text(taken["id"]) if not status else b"", status, sequence))
