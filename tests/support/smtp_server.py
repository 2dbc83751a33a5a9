"""
A small mail server for tests (RFC 5321): STARTTLS with a certificate made for it,
AUTH PLAIN and LOGIN, and for each connection a script of what it says where.

A script maps a place ("greeting", "mail", "rcpt", "data", "end", "auth") to a code,
to CLOSE (the connection is closed there) or to SILENCE (nothing is said). The place
"end" is where the whole message has come. `hold` is an event that "end" waits for.
"""
import base64
import datetime
import email
import email.policy
import ipaddress
import socket
import ssl
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

CLOSE, SILENCE = "close", "silence"
DEFAULT = {"greeting": 220, "mail": 250, "rcpt": 250, "data": 354, "end": 250, "auth": 235}


def certificate(path, host="127.0.0.1"):
    """A self-signed one with its key in one file: PATH."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.utcnow()
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), False)
            .add_extension(x509.BasicConstraints(True, None), True).sign(key, hashes.SHA256()))
    with open(path, "wb") as f:
        f.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        f.write(made.public_bytes(serialization.Encoding.PEM))


class Closed(Exception):
    pass


class Server:
    def __init__(self, pem=None, login=None, implicit=False):
        self.script, self.mails, self.seen, self.problems = [], [], [], []
        self.login, self.implicit, self.hold = login, implicit, None
        self.context = None
        if pem:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(pem)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.open, self.lock = [], threading.Lock()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            with self.lock:
                self.open.append(peer)
                script = {**DEFAULT, **(self.script.pop(0) if self.script else {})}
            threading.Thread(target=self.serve, args=(peer, script), daemon=True).start()

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        with self.lock:
            for peer in self.open:
                peer.close()

    def serve(self, peer, script):
        try:
            peer.settimeout(60)
            if self.implicit:
                peer = self.context.wrap_socket(peer, server_side=True)
            Session(self, peer, script).run()
        except (Closed, OSError):
            pass
        finally:
            peer.close()


class Session:
    def __init__(self, server, peer, script):
        self.server, self.peer, self.script = server, peer, script
        self.rest, self.secure, self.known = b"", server.implicit, False
        self.sender, self.to = None, []

    def line(self):
        while b"\r\n" not in self.rest:
            more = self.peer.recv(4096)
            if not more:
                raise Closed
            self.rest += more
        line, self.rest = self.rest.split(b"\r\n", 1)
        return line

    def say(self, code, text="so it is"):
        self.peer.sendall(f"{code} {text}\r\n".encode())

    def answer(self, place):
        """What the script says there; a list gives one after the other. False: a refusal."""
        what = self.script[place]
        if isinstance(what, list):
            what = what.pop(0)
        if what == CLOSE:
            raise Closed
        if what == SILENCE:
            while self.peer.recv(4096):
                pass
            raise Closed
        self.say(what)
        return what < 400

    def run(self):
        self.answer("greeting")
        while True:
            line = self.line().decode("ascii")
            self.server.seen.append(line)
            verb = line.split(" ")[0].split(":")[0].upper()
            getattr(self, "do_" + verb.lower(), self.do_else)(line)

    def do_else(self, line):
        self.server.problems.append(line)
        self.say(500)

    def do_ehlo(self, _line):
        offers = ["tests.example.org", "8BITMIME"]
        if self.server.context and not self.secure:
            offers.append("STARTTLS")
        if self.server.login:
            offers.append("AUTH PLAIN LOGIN")
        for offer in offers[:-1]:
            self.peer.sendall(f"250-{offer}\r\n".encode())
        self.say(250, offers[-1])

    def do_starttls(self, _line):
        self.say(220)
        self.peer = self.server.context.wrap_socket(self.peer, server_side=True)
        self.secure, self.rest = True, b""

    def do_auth(self, line):
        words = line.split(" ")
        if words[1].upper() == "PLAIN":
            if len(words) == 2:
                self.say(334, "")
                words.append(self.line().decode())
            given = base64.b64decode(words[2]).decode().split("\0")[1:]
        else:
            self.say(334, "VXNlcm5hbWU6")
            user = base64.b64decode(self.line()).decode()
            self.say(334, "UGFzc3dvcmQ6")
            given = [user, base64.b64decode(self.line()).decode()]
        self.known = tuple(given) == self.server.login
        if self.known:
            self.answer("auth")
        else:
            self.say(535)

    def do_mail(self, line):
        self.sender, self.to = line.split("<")[1].split(">")[0], []
        if self.server.login and not self.known:
            self.say(530)
        else:
            self.answer("mail")

    def do_rcpt(self, line):
        if self.answer("rcpt"):
            self.to.append(line.split("<")[1].split(">")[0])

    def do_data(self, _line):
        if not self.answer("data"):
            return
        lines = []
        while (line := self.line()) != b".":
            lines.append(line[1:] if line.startswith(b".") else line)
        if any(len(line) > 998 or b"\n" in line or b"\r" in line for line in lines):
            self.server.problems.append("a line is too long or badly ended")
        mail = email.message_from_bytes(b"\r\n".join(lines) + b"\r\n", policy=email.policy.default)
        self.server.mails.append({"from": self.sender, "to": self.to, "secure": self.secure, "known": self.known,
                                  "mail": mail, "raw": b"\r\n".join(lines)})
        if self.server.hold:
            self.server.hold.wait(60)
        self.answer("end")

    def do_quit(self, _line):
        self.say(221)
        raise Closed
