"""
An SMSC and an ISMG that nobody of Tipline has written (tests/support/npm), each in a process of its own.

Their packages come by npm into build/npm, once; where npm or its registry is not there the tests are skipped, and say so.
"""
import hashlib
import json
import os
import select
import shutil
import subprocess
import unittest
import urllib.request

NPM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "npm")
INSTALL_S = 180


def install(build):
    """The directory of the packages."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        raise unittest.SkipTest("nodejs and npm are not installed (scripts/deps test)")
    home = os.path.join(build, "npm")
    with open(os.path.join(NPM, "package-lock.json"), "rb") as f:
        wanted = hashlib.sha256(f.read()).hexdigest()
    stamp = os.path.join(home, "installed")
    if not os.path.exists(stamp) or open(stamp, encoding="ascii").read() != wanted:
        os.makedirs(home, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(os.path.join(NPM, name), home)
        try:
            subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--cache", os.path.join(home, "cache")], cwd=home,
                           check=True, capture_output=True, timeout=INSTALL_S)
        except (OSError, subprocess.SubprocessError) as why:
            raise unittest.SkipTest("npm ci does not get the packages: " + (getattr(why, "stderr", b"") or b"").decode()[-300:]) from why
        with open(stamp, "w", encoding="ascii") as f:
            f.write(wanted)
    return os.path.join(home, "node_modules")


class OtherMake:
    def __init__(self, script, modules, *arguments):
        self.process = subprocess.Popen(["node", os.path.join(NPM, script), *arguments], env=dict(os.environ, NODE_PATH=modules),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        if not select.select([self.process.stdout], [], [], 60)[0]:
            self.close()
            raise AssertionError(f"{script} does not listen")
        self.ports = json.loads(self.process.stdout.readline())

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def call(self, path, sent=None):
        """GET, or POST what is given. The answer; what is wrong with the call is an error."""
        body = None if sent is None else json.dumps(sent).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.ports['ctl_port']}{path}", data=body)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=120) as answer:
            return json.load(answer)
