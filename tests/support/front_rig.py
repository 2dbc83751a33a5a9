"""
For the tests of the HTTP front: certificates, ways to reach a daemon (TCP, TLS,
Unix socket, behind nginx), the table of requests, answers taken apart.
"""
import datetime
import ipaddress
import os
import re
import socket
import ssl
import subprocess

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tipline import PATIENCE, ROOT, free_port, wait_for

ROWS = os.path.join(ROOT, "tests/data/http/requests.tsv")
HOST = b"Host: tip.example\r\n"
# Behind every row: it is heard only when the row was served.
AFTER = b"GET /after HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
WAIT_S = 30 * PATIENCE


def certificate(directory, days=90, name="tip.example"):
    """A key and a certificate of its own making; their paths."""
    key = ec.generate_private_key(ec.SECP256R1())
    whom = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.utcnow()
    made = x509.CertificateBuilder().subject_name(whom).issuer_name(whom).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=400))
    made = made.not_valid_after(now + datetime.timedelta(days=days))
    made = made.add_extension(x509.SubjectAlternativeName(
        [x509.DNSName(name), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
    made = made.sign(key, hashes.SHA256())
    paths = os.path.join(directory, "certificate.pem"), os.path.join(directory, "key.pem")
    for path, text in ((paths[0], made.public_bytes(serialization.Encoding.PEM)),
                       (paths[1], key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                                    serialization.NoEncryption()))):
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as f:
            f.write(text)
    return paths


def tls_sets(paths):
    return ["listen.tls=public", f"listen.tls_certificate={paths[0]}", f"listen.tls_key={paths[1]}"]


def client_context(**settings):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    for name, value in settings.items():
        setattr(context, name, value)
    return context


def split(address):
    host, port = address.rsplit(":", 1)
    return host, int(port)


def dial(address, source=None, window=None):
    """A socket to "127.0.0.1:80" or "unix:/path"; `window`: so many bytes come in unread."""
    if address.startswith("unix:"):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(WAIT_S)
        s.connect(address[5:])
        return s
    s = socket.socket()
    s.settimeout(WAIT_S)
    if window is not None:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
    s.bind((source or "127.0.0.1", 0))
    s.connect(split(address))
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def dial_tls(address, context=None, source=None):
    return (context or client_context()).wrap_socket(dial(address, source), server_hostname="tip.example")


# --- the table ----------------------------------------------------------------------

ESCAPES = {"r": "\r", "n": "\n", "t": "\t", "0": "\0", "\\": "\\", '"': '"'}


def octets(text):
    text = text.replace("{H}", "Host: tip.example\\r\\n")
    text = re.sub(r"\{(\d+)\*([^}]+)\}", lambda m: int(m[1]) * m[2], text)
    return re.sub(r"\\(x[0-9a-f]{2}|.)", lambda m: chr(int(m[1][1:], 16)) if m[1][0] == "x" and len(m[1]) == 3 else ESCAPES[m[1]],
                  text).encode("latin-1")


class Row:
    def __init__(self, line, number):
        self.kind, status, self.behind, text = line.split("\t")
        self.number, self.text = number, text
        self.served = status == "served"
        self.heard = int(status.endswith(" heard"))
        self.status = 0 if self.served else int(status.split()[0])
        self.octets = octets(text)


def rows():
    with open(ROWS, encoding="ascii") as f:
        return [Row(line.rstrip("\n"), n) for n, line in enumerate(f, 1) if not line.startswith("#")]


# --- what comes back -----------------------------------------------------------------

def talk(s, data):
    """Sends all, reads until the other side closes: (what came, whether it closed)."""
    got = b""
    with s:
        try:
            s.sendall(data)
        except OSError:
            pass   # refused before all of it was read
        try:
            while piece := s.recv(65536):
                got += piece
            return got, True
        except socket.timeout:
            return got, False
        except OSError:
            return got, True


class Reply:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body


def replies(data, heads=()):
    """The answers in the bytes; those to a HEAD (by their number) have no body."""
    out = []
    while data:
        head, end, data = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        match = re.fullmatch(r"HTTP/1\.1 (\d{3}) .*", lines[0])
        if not match or not end:
            raise AssertionError(f"no answer: {lines[0][:200]!r}")
        fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(": ")
            fields[name.lower()] = value
        status = int(match[1])
        n = 0 if len(out) in heads or status in (204, 304) else int(fields.get("content-length", "0"))
        if len(data) < n:
            raise AssertionError(f"{len(data)} bytes of {n}")
        out.append(Reply(status, fields, data[:n]))
        data = data[n:]
    return out


# --- nginx -----------------------------------------------------------------------------

class Nginx:
    """Debian's nginx with the file we ship, on ports of its own."""

    def __init__(self, directory, upstream, paths, rate="100000r/s"):
        self.dir, self.port = directory, free_port()
        with open(os.path.join(ROOT, "config/nginx.conf"), encoding="utf-8") as f:
            text = f.read()
        for old, new in (("server 127.0.0.1:8080;", f"server {upstream};"), ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
                         ("listen [::]:80;", ""), ("listen 443 ssl http2;", f"listen 127.0.0.1:{self.port} ssl http2;"),
                         ("listen [::]:443 ssl http2;", ""), ("/etc/ssl/tipline/fullchain.pem", paths[0]),
                         ("/etc/ssl/tipline/key.pem", paths[1]), ("/var/log/nginx/", directory + "/"),
                         ("/run/tipline-body", directory + "/body"), ("rate=20r/s", "rate=" + rate)):
            if old not in text:
                raise AssertionError(f"config/nginx.conf has no {old!r}")
            text = text.replace(old, new)
        with open(os.path.join(directory, "site.conf"), "w", encoding="utf-8") as f:
            f.write(text)
        with open(os.path.join(directory, "nginx.conf"), "w", encoding="utf-8") as f:
            f.write(f"daemon off; master_process off; pid {directory}/pid; error_log {directory}/error.log warn;\n"
                    f"events {{ worker_connections 512; }}\nhttp {{\n"
                    + "".join(f"\t{kind}_temp_path {directory}/{kind};\n" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
                    + f"\tinclude {directory}/site.conf;\n}}\n")
        self.process = None

    address = property(lambda self: f"127.0.0.1:{self.port}")

    def start(self):
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-p", self.dir, "-e", self.dir + "/error.log", "-c", self.dir + "/nginx.conf"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.listens, 20, "nginx listens")
        return self

    def listens(self):
        if self.process.poll() is not None:
            with open(self.dir + "/error.log", encoding="utf-8") as f:
                raise AssertionError("nginx ended: " + f.read()[-500:])
        try:
            dial(self.address).close()
            return True
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=WAIT_S)
