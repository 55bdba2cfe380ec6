"""Starts `homeostat serve` on a free port, for the judges."""

import json
import os
import subprocess
import urllib.request

REGION = "eu-central-1"


class Server:
    """A simulated account of its own. Use it as a context manager."""

    def __init__(self, binary, start="now", speed=1, scenario=None):
        command = [binary, "serve", "--listen", "127.0.0.1:0", "--output", "json", "--start", start, "--speed", str(speed)]
        if scenario:
            command.append(scenario)
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(command)} did not start: exit code {self.process.wait()}")
        self.url = json.loads(line)["url"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)

    def environment(self):
        """Returns the environment of a client: this endpoint, and nothing of the user's settings."""
        env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        env.update(
            AWS_ENDPOINT_URL=self.url,
            AWS_ACCESS_KEY_ID="ecssim",
            AWS_SECRET_ACCESS_KEY="ecssim",
            AWS_REGION=REGION,
            AWS_DEFAULT_REGION=REGION,
            AWS_EC2_METADATA_DISABLED="true",
            AWS_CONFIG_FILE=os.devnull,
            AWS_SHARED_CREDENTIALS_FILE=os.devnull,
            AWS_PAGER="",
            NO_PROXY="127.0.0.1",
        )
        return env

    def control(self, path, method="POST"):
        """Sends a request to the clock, such as advance?d=2m, and returns its state."""
        request = urllib.request.Request(f"{self.url}/_homeostat/{path}", method=method)
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)

    def reset(self, empty=True):
        return self.control("reset?empty=true" if empty else "reset")

    def advance(self, duration):
        return self.control(f"advance?d={duration}")
