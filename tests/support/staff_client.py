"""
What the tests of accounts share: a person with a password and a second factor,
and a browser with cookies.
"""
import base64
import hashlib
import hmac
import http.client
import http.cookies
import json
import struct
import time

from tipline import PATIENCE, Answer, tipctl


def totp(secret, step):
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1000000:06d}"


class Browser:
    """Keeps cookies as a browser does; comes from an address of the loopback net."""

    def __init__(self, d, source="127.0.0.1", proxied=False):
        self.d, self.source, self.proxied = d, source, proxied
        self.cookies, self.csrf = {}, None

    def ask(self, method, path, body=None, headers=None, csrf=True):
        head = dict(headers or {})
        if self.cookies:
            head.setdefault("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if csrf and self.csrf and method != "GET":
            head.setdefault("X-CSRF-Token", self.csrf)
        if self.proxied:
            head["X-Forwarded-Proto"] = "https"
        host, port = self.d.ports["staff"].rsplit(":", 1)
        connection = http.client.HTTPConnection(host, int(port), timeout=60 * PATIENCE, source_address=(self.source, 0))
        try:
            connection.request(method, path, None if body is None else json.dumps(body).encode(), head)
            reply = connection.getresponse()
            answer = Answer(reply.status, reply.headers, reply.read())
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in http.cookies.SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return answer

    def sign_in(self, person, **more):
        answer = self.ask("POST", "/api/v1/session", {"account": person.name, "password": person.password, "totp": person.code()} | more)
        if answer.status == 201:
            self.csrf = answer.json["csrf"]
        return answer


class Person:
    """An account, made at the command line and set up by its owner."""

    def __init__(self, d, name, *grants, set_up=True):
        self.d, self.name, self.password = d, name, f"a long password for {name[::-1]}"
        done = tipctl("user", "add", "--state", d.state, name, "--name", name.title())
        assert done.returncode == 0, done.stderr
        self.setup_code = done.stdout.split()[-1]
        self.secret, self.used = None, 0
        for role, region in grants:
            self.order("grant", "--role", role, "--region", region)
        if set_up:
            assert self.set_up().status == 201

    def order(self, what, *words):
        done = tipctl("user", what, "--state", self.d.state, self.name, *words)
        assert done.returncode == 0, done.stderr
        return done

    def set_up(self, **instead):
        body = {"account": self.name, "code": self.setup_code, "password": self.password} | instead
        answer = Browser(self.d).ask("POST", "/api/v1/session/setup", body)
        if answer.status == 201:
            self.secret = answer.json["secret"]
        return answer

    def code(self):
        """
        The next code that was not used: of this step, or the next one; a third within
        half a minute has to wait. That of the step before could be over on its way.
        """
        while True:
            now = int(time.time()) // 30
            step = max(self.used + 1, now)
            if step <= now + 1:
                self.used = step
                return totp(self.secret, step)
            time.sleep(1)

    def last_code(self):
        return totp(self.secret, self.used)
