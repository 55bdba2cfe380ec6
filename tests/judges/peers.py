"""Starts other people's emulators, for the judges that compare."""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from server import REGION

DYNALITE = pathlib.Path(__file__).resolve().parent.parent.parent / ".tools/judges/js/node_modules/dynalite/cli.js"

# COMMANDS has the command, the environment and the path that answers, of each emulator.
COMMANDS = {
    "moto": ([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "PORT"], {"MOTO_IAM_LOAD_MANAGED_POLICIES": "false"}, "/moto-api/"),
    "ministack": ([sys.executable, "-m", "ministack"], {"GATEWAY_PORT": "PORT", "MINISTACK_REGION": REGION}, "/_ministack/health"),
    "dynalite": (["node", str(DYNALITE), "--host", "127.0.0.1", "--port", "PORT", "--createTableMs", "0", "--deleteTableMs", "0"], {}, "/"),
}


class Peer:
    """An emulator on a free port. Use it as a context manager."""

    def __init__(self, name):
        command, environment, health = COMMANDS[name]
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        self.name, self.url = name, f"http://127.0.0.1:{port}"
        self.folder = tempfile.mkdtemp(prefix="judges-")
        env = {**os.environ, **{k: v.replace("PORT", port) for k, v in environment.items()}}
        self.process = subprocess.Popen(
            [part.replace("PORT", port) for part in command], env=env, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.await_answer(health)

    def await_answer(self, path):
        """Waits until the emulator answers anything, at most a minute."""
        for _ in range(120):
            try:
                urllib.request.urlopen(self.url + path, timeout=2).close()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.5)
        self.process.kill()
        sys.exit(f"{self.name} did not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
