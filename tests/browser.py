"""A real Chromium, spoken to over its DevTools protocol."""

from __future__ import annotations

import base64
import itertools
import json
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

from broker import eventually
from parts import need
from websockets.sync.client import connect

__all__ = ["Browser", "Tab"]

_QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
)


class Browser:
    def __init__(self, folder: Path) -> None:
        program = need("chromium", "chromium")
        self._process = subprocess.Popen(
            [program, *_QUIET, "--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._tabs: list[Tab] = []
        file = folder / "DevToolsActivePort"
        eventually(lambda: file.exists() and "\n" in file.read_text(), "Chromium listens", 60)
        self._port = file.read_text().split("\n")[0]

    def open(self, url: str, *, width: int = 1180, height: int = 900) -> Tab:
        new = urllib.request.Request(f"http://127.0.0.1:{self._port}/json/new?about:blank", method="PUT")
        with urllib.request.urlopen(new) as answer:
            tab = Tab(json.load(answer)["webSocketDebuggerUrl"])
        self._tabs.append(tab)
        tab.resize(width, height)
        tab.go(url)
        return tab

    def close_tabs(self) -> None:
        while self._tabs:
            self._tabs.pop().close()

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(20)


class Tab:
    """One page. Remembers every address it asked for and everything it complained of."""

    def __init__(self, address: str) -> None:
        self._socket = connect(address, max_size=None, ping_interval=None)
        self._numbers = itertools.count(1)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        for domain in ("Page", "Runtime", "Network", "Log"):
            self._ask(f"{domain}.enable")

    def _ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(60))
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]
            self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        said = message["params"]
        if message["method"] == "Network.requestWillBeSent":
            self.requests.append(said["request"]["url"])
        elif message["method"] == "Network.webSocketCreated":
            self.requests.append(said["url"])
        elif message["method"] == "Runtime.exceptionThrown":
            self.complaints.append(str(said["exceptionDetails"]))
        elif message["method"] == "Log.entryAdded" and said["entry"]["level"] == "error":
            self.complaints.append(f"{said['entry']['text']} {said['entry'].get('url', '')}")

    def close(self) -> None:
        self._ask("Page.close")
        self._socket.close()

    def go(self, url: str) -> None:
        self._ask("Page.navigate", url=url)

    def resize(self, width: int, height: int) -> None:
        self._ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def prefer(self, scheme: str) -> None:
        """Ask for the light or the dark page, as a person's system does."""
        self._ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def evaluate(self, script: str) -> Any:
        return self._ask("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def text(self, selector: str = "body") -> str:
        """What a person can read in the first element that matches."""
        return self.evaluate(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")

    def wait(self, words: str, selector: str = "body", seconds: float = 40) -> None:
        eventually(
            lambda: words in self.text(selector), f"{selector} says {words!r}; it says {self.text(selector)!r}", seconds
        )

    def click(self, selector: str) -> None:
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    def picture(self, file: Path) -> None:
        file.write_bytes(base64.b64decode(self._ask("Page.captureScreenshot")["data"]))
