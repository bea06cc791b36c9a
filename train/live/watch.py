"""`train live`: from the camera to the page. One thread looks, another asks the network, others serve the page."""

from __future__ import annotations

import signal
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

import msgspec

from edge.camera import is_live, open_source
from edge.camera.capture import Capture
from edge.config import load
from edge.flow import Frame
from edge.vision import Sight, Vision
from edge.vision.pose import roll
from edge.wiring import build_vision
from train.live.drawing import Shown, draw
from train.live.memory import Memory
from train.live.network import Answer, Network
from train.live.screen import Face, Said, Screen
from train.live.server import Server

__all__ = ["Watch", "live"]

_SMALLEST = 40  # pixels; whoever sits before a camera is larger, and the search is quicker
_FPS = 30.0  # asked of a camera: sequence networks learned from clips of so many frames a second
_PATIENCE = 0.5  # seconds to wait for a frame before saying how the camera is


def live(model: Path, source: str, port: int) -> int:
    """Serve the page until interrupted."""
    with suppress(KeyboardInterrupt), ExitStack() as stack:
        screen = Screen()
        server = stack.enter_context(Server(screen, port))
        network = Network(model)
        vision = build_vision(load(None, {}, {"vision.smallest_face": _SMALLEST}))
        pace = "live" if is_live(source) else "paced"
        camera = stack.enter_context(Capture(partial(open_source, source, fps=_FPS), pace=pace, loop=True))
        pool = stack.enter_context(ThreadPoolExecutor(max_workers=1))
        print(
            f"{network.facts.name} looks at {_named(source)}. The page: {server.address}\n"
            "For one person before their own camera, not for a class. Nothing is stored or sent. Ctrl-C ends it.",
            flush=True,
        )
        # Being ended by a shell is as good as Ctrl-C.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        server.begin()
        Watch(camera, vision, network, screen, pool, source).run()
    print("The page has ended.")
    return 0


class Watch:
    def __init__(
        self, camera: Capture, vision: Vision, network: Network, screen: Screen, pool: ThreadPoolExecutor, source: str
    ) -> None:
        self._camera, self._vision, self._network, self._screen, self._pool = camera, vision, network, screen, pool
        self._memory = Memory(network.frames)
        self._numbers: dict[int, int] = {}
        """What the page calls each track: the lowest number nobody has."""
        self._answers: dict[int, Answer] = {}
        self._asked: Future[dict[int, Answer]] | None = None
        self._looked, self._answered = _Rate(), _Rate()
        self._said = Said(
            network=network.facts.name,
            source=_named(source),
            labels=network.facts.output.labels,
            frames=network.frames,
            silent=network.silent,
        )

    def run(self) -> None:
        while not self._camera.ended:
            self.step()
        if self._camera.problem:
            raise self._camera.problem

    def step(self) -> None:
        """One frame, or a word on why there is none."""
        frame = self._camera.latest(_PATIENCE)
        if frame is not None:
            self._look(frame)
        elif self._camera.state.startswith("lost"):
            trouble = f"The camera is {self._camera.state}"
            self._screen.show(None, msgspec.structs.replace(self._said, trouble=trouble))

    def _look(self, frame: Frame) -> None:
        sight = self._vision.see(frame)
        self._memory.see(frame, sight.faces)
        self._ask(frame.at)
        self._looked.count(frame.at)
        tracks = sight.faces.tracks.tolist()
        self._answers = {track: answer for track, answer in self._answers.items() if track in tracks}
        self._number(tracks)
        self._screen.show(*self._page(frame, sight))

    def _ask(self, now: float) -> None:
        """The network gets the newest frames whenever it has answered for the last; the picture never waits for it."""
        if self._asked is not None and self._asked.done():
            self._answers = self._asked.result()
            self._answered.count(now)
            self._asked = None
        crops = self._memory.crops(self._network.facts.input) if self._asked is None else {}
        if crops:
            self._asked = self._pool.submit(self._network.ask, crops, attention=self._screen.attention)

    def _number(self, tracks: list[int]) -> None:
        self._numbers = {track: number for track, number in self._numbers.items() if track in tracks}
        for track in tracks:
            if track not in self._numbers:
                taken = set(self._numbers.values())
                self._numbers[track] = next(n for n in range(1, len(tracks) + 1) if n not in taken)

    def _page(self, frame: Frame, sight: Sight) -> tuple[bytes, Said]:
        attention, faces, shown = self._screen.attention, list[Face](), list[Shown]()
        rows = zip(sight.faces.tracks.tolist(), sight.faces.boxes, roll(sight.faces.keypoints).tolist(), strict=True)
        wanted = self._network.facts.input
        for track, box, turn in rows:
            answer, number = self._answers.get(track), self._numbers[track]
            shares = () if answer is None else answer.shares
            faces.append(Face(number=number, shares=shares, held=self._memory.held(track)))
            heat = answer.heat if answer and attention else None
            shown.append(Shown(number, box, turn if wanted.align_roll else 0.0, heat))
        said = msgspec.structs.replace(
            self._said,
            attention=attention,
            frames_a_second=self._looked.rate,
            answers_a_second=self._answered.rate,
            faces=tuple(sorted(faces, key=lambda face: face.number)),
        )
        return draw(frame.image, shown, wanted), said


class _Rate:
    """How often something happens a second, over its last few times."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=16)

    def count(self, now: float) -> None:
        self._times.append(now)

    @property
    def rate(self) -> float:
        spent = self._times[-1] - self._times[0] if len(self._times) > 1 else 0.0
        return round((len(self._times) - 1) / spent, 1) if spent > 0 else 0.0


def _named(source: str) -> str:
    """For people; of a file its name only."""
    return f"camera {source}" if is_live(source) else Path(source).name
