"""Plays the part of the tour where Python works hard: tiles, a cancel, and a killed worker."""

from .stage import Window
from .story import Story, exists, job, says, task

RENDER = "render_cover"
TILES = 60
DRAWN = "Number(document.querySelector('#cover').dataset.tiles)"
ALPHA = """
((canvas, x, y) => {
  const pen = canvas.getContext("2d");
  return pen.getImageData(canvas.width * x, canvas.height * y, 1, 1).data[3];
})(document.querySelector("#cover canvas"), ...arguments)
"""


def worker(name: str) -> str:
    """The row of the worker process that renders for a document."""
    return f'.worker[data-caller="{name}"]'


def start(editor: Window, tiles: int) -> None:
    """Starts to render, and waits until so many tiles are there."""
    editor.click(f"{job(RENDER)} .run")
    editor.wait(f"{DRAWN} >= {tiles}")


def ended(editor: Window, state: str) -> None:
    """Waits for the end of the picture."""
    editor.wait(exists(f'{job(RENDER)}[data-state="{state}"]'))


class Rendering:
    """The steps, over two editors."""

    def __init__(self, story: Story, notes: Window, letter: Window) -> None:
        self._story = story
        self._step = story.report.step
        self._notes, self._letter = notes, letter
        self._tasks = story.stage.window("tasks")

    def tell(self) -> None:
        """All of them."""
        self.watching()
        self.cancelling()
        self.killing()

    def glance(self) -> None:
        """Only what is to be seen, for a picture."""
        with self._step("two pictures are rendered in worker processes"):
            start(self._letter, 2)
            start(self._notes, TILES // 3)
            self._story.shoot(self._notes, "editor-render")
            self._story.shoot(self._tasks, "tasks-render")

    def watching(self) -> None:
        """Tiles while they are drawn."""
        notes, tasks = self._notes, self._tasks
        with self._step("tiles of a picture appear while a worker process renders it"):
            start(notes, TILES // 4)
            assert notes.js(ALPHA, 0.5, 0.5) == 255
            assert notes.js(ALPHA, 0.01, 0.01) == 0, "the picture was whole at once"
            notes.wait(says(f"{job(RENDER)} .job-status", "%"))
            self._story.shoot(notes, "editor-render")
        with self._step("the tasks window shows the worker, its process and its call"):
            row = worker(self._name(notes))
            tasks.wait(exists(f'{row}[data-state="busy"]'))
            tasks.wait(says(row, RENDER))
            assert int(tasks.js(f"document.querySelector({row!r}).dataset.pid")) > 1
            assert tasks.js(says(row, "MB"))

    def cancelling(self) -> None:
        """A cancel in the middle."""
        notes, tasks = self._notes, self._tasks
        with self._step("cancelled, it stops at once, and what was drawn stays"):
            pid = tasks.js(f"document.querySelector({worker(self._name(notes))!r}).dataset.pid")
            notes.click(f"{job(RENDER)} .cancel")
            ended(notes, "cancelled")
            tasks.wait(f"!({exists(task(RENDER))})")
            assert notes.js(DRAWN) < TILES
            assert notes.js(ALPHA, 0.5, 0.5) == 255
            tasks.wait(exists(f'.worker[data-pid="{pid}"][data-state="idle"]'))

    def killing(self) -> None:
        """Two pictures at a time, and the end of one of their workers."""
        notes, letter, tasks = self._notes, self._letter, self._tasks
        with self._step("two editors render at the same time, each in a process of its own"):
            for editor in (notes, letter):
                start(editor, 2)
            rows = [worker(self._name(editor)) for editor in (notes, letter)]
            for row in rows:
                tasks.wait(exists(row))
            first, second = (tasks.js(f"document.querySelector({it!r}).dataset.pid") for it in rows)
            assert first != second
            self._story.shoot(tasks, "tasks-render")
        with self._step("a killed worker costs its call; the other one goes on"):
            tasks.click(f"{worker(self._name(letter))} button")
            ended(letter, "failed")
            letter.wait(says(f"{job(RENDER)} .job-status", "Its worker process was lost"))
            tasks.wait(f"!({exists(worker(self._name(letter)))})")
            tasks.wait(exists('.codes [data-code="worker-lost"]'))
            self._story.shoot(letter, "editor-killed")
            ended(notes, "done")
            notes.wait(f"{DRAWN} === {TILES}")
            self._story.shoot(notes, "editor-rendered")
        with self._step("and the next picture is rendered by the worker that took its place"):
            start(letter, 4)
            letter.click(f"{job(RENDER)} .cancel")
            ended(letter, "cancelled")

    @staticmethod
    def _name(editor: Window) -> str:
        return editor.text("#name")
