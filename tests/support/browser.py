"""
Debian's chromium, driven over a pair of pipes (Chrome DevTools Protocol,
--remote-debugging-pipe): JSON texts, each ended by a NUL. One page at a time.
"""
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

CHROMIUM = shutil.which("chromium")


class Browser:
    def __init__(self, *arguments):
        self.home = tempfile.mkdtemp(prefix="tipline-browser-")
        to_read, self.to = os.pipe()
        self.came, from_write = os.pipe()

        def pipes():
            # Both ends may lie on 3 and 4 themselves: copies above first.
            a, b = os.dup(to_read), os.dup(from_write)
            while a in (3, 4):
                a = os.dup(a)
            while b in (3, 4):
                b = os.dup(b)
            os.dup2(a, 3)
            os.dup2(b, 4)
        self.process = subprocess.Popen(
            [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             f"--user-data-dir={self.home}", "--remote-debugging-pipe", *arguments, "about:blank"],
            preexec_fn=pipes, close_fds=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        os.close(to_read)
        os.close(from_write)
        self.number, self.rest, self.session, self.events = 0, b"", None, []
        target = next(t for t in self.ask("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self.session = self.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for part in ("Page", "Runtime", "DOM", "Network"):
            self.ask(part + ".enable")

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.to)
        os.close(self.came)
        shutil.rmtree(self.home, ignore_errors=True)

    def message(self, timeout_s):
        until = time.monotonic() + timeout_s
        while b"\0" not in self.rest:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.came], [], [], left)[0]:
                raise AssertionError("the browser says nothing")
            more = os.read(self.came, 1 << 20)
            if not more:
                raise AssertionError("the browser is gone")
            self.rest += more
        text, self.rest = self.rest.split(b"\0", 1)
        return json.loads(text)

    def ask(self, method, **params):
        self.number += 1
        body = {"id": self.number, "method": method, "params": params}
        if self.session:
            body["sessionId"] = self.session
        os.write(self.to, json.dumps(body).encode() + b"\0")
        while True:
            said = self.message(20)
            if said.get("id") == self.number:
                if "error" in said:
                    raise AssertionError(f"{method}: {said['error']}")
                return said["result"]
            self.events.append(said)

    def run(self, script):
        """The value of a script in the page."""
        said = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in said:
            raise AssertionError(said["exceptionDetails"])
        return said["result"].get("value")

    def until(self, script, what, timeout_s=15):
        end = time.monotonic() + timeout_s
        while True:
            try:
                value = self.run(f"!!({script})")
            except AssertionError:   # between two pages there is nothing to ask
                value = None
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError(f"{what}; on {self.run('location.href + document.documentElement.innerText.slice(0, 400)')}")
            time.sleep(0.05)

    def open(self, url):
        self.ask("Page.navigate", url=url)
        self.until(f"document.readyState === 'complete' && location.href === {json.dumps(url)}", f"{url} is open")

    def press(self, key, code):
        for kind in ("keyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)

    def choose(self, selector, *paths):
        root = self.ask("DOM.getDocument")["root"]["nodeId"]
        node = self.ask("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.ask("DOM.setFileInputFiles", files=list(paths), nodeId=node)

    def policy_broken(self):
        """What the content security policy stopped, and errors of scripts."""
        self.run("0")
        return [e for e in self.events if e.get("method") == "Runtime.exceptionThrown" or
                (e.get("method") == "Log.entryAdded" and e["params"]["entry"]["source"] == "security")]
