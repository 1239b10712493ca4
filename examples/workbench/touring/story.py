"""Plays the story of the tour: what a user would do, with checks of the results."""

from pathlib import Path

from .report import Report
from .stage import ENTER, Stage, Window, departing

SAMPLES = [
    "budget.csv",
    "field-notes.md",
    "glossary.md",
    "keepers-log.txt",
    "letter-to-the-trust.txt",
    "lighthouse-survey.md",
    "tide-table.csv",
    "welcome.md",
]
NOTES, LETTER, SURVEY = "field-notes.md", "letter-to-the-trust.txt", "lighthouse-survey.md"
ADDED = "The tide turned at noon."


def row(name: str) -> str:
    """The row of a document in the main window."""
    return f'[data-name="{name}"]'


def job(command: str) -> str:
    """The card of a job."""
    return f'[data-job="{command}"]'


def task(command: str) -> str:
    """The row of a live call in the tasks window."""
    return f'.task[data-command="{command}"]'


def exists(css: str) -> str:
    """The expression: something matches."""
    return f"!!document.querySelector({css!r})"


def says(css: str, text: str) -> str:
    """The expression: the first match contains this text."""
    return f"document.querySelector({css!r})?.textContent.includes({text!r})"


class Story:
    """Every step of one run; ``shots`` is where its pictures go."""

    def __init__(self, stage: Stage, report: Report, shots: Path, theme: str) -> None:
        self.stage = stage
        self.report = report
        self._shots = shots
        self._theme = theme
        self.main = stage.window("main")

    def shoot(self, window: Window, name: str) -> None:
        """Saves a picture."""
        window.shoot(self._shots / f"{name}-{self._theme}.png")

    def read(self, name: str) -> str:
        """A document, past the app: as it is on disk."""
        return (Path(self.main.text("#folder")) / name).read_text()

    def open(self, name: str) -> Window:
        """Opens a document by double click."""
        self.main.wait(exists(row(name)))
        self.main.double_click(row(name))
        editor = self.stage.editor(name)
        editor.wait("!document.querySelector('#text').disabled")
        return editor

    def library(self) -> tuple[Window, Window]:
        """The main window, and editors opened from it."""
        step = self.report.step
        with step("main lists the documents of the folder"):
            self.main.wait(exists(row("welcome.md")))
            names = "[...document.querySelectorAll('[data-name]')].map((r) => r.dataset.name)"
            assert self.main.js(names) == SAMPLES
            self.shoot(self.main, "main-start")
        with step("a double click opens an editor"):
            notes = self.open(NOTES)
            assert notes.js("document.querySelector('#text').value") == self.read(NOTES)
        with step("Enter opens another, in a window of its own"):
            self.main.click(row(LETTER))
            self.main.type("#files", ENTER)
            letter = self.stage.editor(LETTER)
            assert letter.label != notes.label
            self.main.wait(says(row(LETTER), "Open"))
        with step("a document opened twice stays in one window"):
            self.main.double_click(row(NOTES))
            # Labels count up: had the double click made a window, this would not be the third.
            third = self.open("welcome.md")
            assert third.label == "editor-3", third.label
        with step("a window without changes closes without a question"):
            with departing():
                third.chord("#text", "w")
            self.stage.wait_closed(third)
            self.main.wait(f"!({exists(row('welcome.md') + ' .chip:not([hidden])')})")
        with step("a name that leads out of the folder is refused"):
            self.main.click("#new")
            self.main.js("document.querySelector('#create-name').value = ''")
            self.main.type("#create-name", "../outside.md" + ENTER)
            self.main.wait(says("#create-error", "A name starts with a letter"))
            self.main.click("#create-cancel")
        return notes, letter

    def saving(self, notes: Window) -> None:
        """Editing, saving, and who hears of it."""
        step = self.report.step
        with step("an edit shows as unsaved, in the editor and in main"):
            notes.type("#text", ADDED)
            notes.wait(says("#state", "Unsaved changes"))
            self.main.wait(says(row(NOTES), "Unsaved"))
            self.shoot(notes, "editor-unsaved")
        with step("Ctrl+S writes to disk, and main refreshes its list"):
            size = self.main.text(f"{row(NOTES)} .file-size")
            notes.chord("#text", "s")
            notes.wait(says("#state", "Saved at"))
            assert ADDED in self.read(NOTES)
            self.main.wait(f"!({says(row(NOTES), 'Unsaved')})")
            self.main.wait(f"!({says(f'{row(NOTES)} .file-size', size)})")

    def jobs(self, notes: Window, letter: Window) -> None:
        """Long commands: progress everywhere, cancelled from anywhere."""
        step = self.report.step
        with step("the tasks window says that nothing runs"):
            tasks = self.stage.window("tasks")
            tasks.wait(exists("#empty:not([hidden])"))
            self.shoot(tasks, "tasks-empty")
        with step("a job on the event loop and one in a thread show their progress"):
            for command in ("analyse_all", "build_index"):
                self.main.click(f"{job(command)} .run")
            for command in ("analyse_all", "build_index"):
                bar = f"document.querySelector({task(command) + ' .meter'!r})"
                tasks.wait(f"{bar}?.getAttribute('aria-valuenow') >= 20")
                self.main.wait(says(f"{job(command)} .job-status", "%"))
            notes.click(f"{job('summarise')} .run")
            tasks.wait(says(f"{task('summarise')} .task-window", NOTES))
            self.shoot(self.main, "main-running")
            self.shoot(tasks, "tasks")
        for command, kind in (("analyse_all", "async"), ("build_index", "thread")):
            with step(f"the tasks window cancels the {kind} call, and main hears of it"):
                self.cancel_there(tasks, command)
                self.main.wait(says(f"{job(command)} .job-status", "from the tasks window"))
                tasks.wait(f"!({exists(task(command))})")
        with step("an editor cancels its own call"):
            notes.wait(f"!({exists(job('summarise') + '[data-state=running]')})")
            notes.click(f"{job('summarise')} .run")
            notes.wait(says(f"{job('summarise')} .job-status", "%"))
            notes.click(f"{job('summarise')} .cancel")
            notes.wait(exists(f'{job("summarise")}[data-state="cancelled"]'))
            tasks.wait(f"!({exists(task('summarise'))})")
        self.queueing(tasks, notes, letter)
        with step("left alone, every job brings its result"):
            self.start_all(notes)
            self.finish_all(notes)
            self.main.wait(exists(f"{row(NOTES)} .file-title") + " && " + says(row(NOTES), "words"))
            self.shoot(self.main, "main")
            self.shoot(notes, "editor")

    def cancel_there(self, tasks: Window, command: str) -> None:
        """Cancels a job of main from the tasks window.

        On a busy machine the job may end before the click, and is started again.
        """
        card, button = f"document.querySelector({job(command)!r})", f"{task(command)} button"
        for _ in range(3):
            if not tasks.js(exists(button)):
                self.main.click(f"{job(command)} .run")
                tasks.wait(exists(button))
            tasks.js(f"document.querySelector({button!r})?.click()")
            self.main.wait(f"['cancelled', 'done'].includes({card}.dataset.state)", 30.0)
            if self.main.js(f"{card}.dataset.state") == "cancelled":
                return
        raise AssertionError(f"{command!r} ended before every click")

    def queueing(self, tasks: Window, notes: Window, letter: Window) -> None:
        """More calls than a command has permits, and a queued one that is cancelled."""
        step = self.report.step
        permits = '.permits [data-command="summarise"]'
        with step("a third call of a command with two permits waits for its turn"):
            survey = self.open(SURVEY)
            editors = [notes, letter, survey]
            self.summarise(editors)
            tasks.wait(says(f"{permits} .permits-out", "2 of 2"))
            tasks.wait(says(permits, "1 waiting"))
            tasks.wait(says('[data-figure="queued"]', "1"))
            self.shoot(tasks, "tasks-queued")
        with step("cancelled in the queue, it never runs"):
            queued = task("summarise") + '[data-state="queued"]'
            waiting = tasks.js(f"document.querySelector({queued!r}).dataset.window")
            tasks.click(f"{queued} button")
            editor = next(editor for editor in editors if editor.label == waiting)
            editor.wait(exists(f'{job("summarise")}[data-state="cancelled"]'))
            tasks.wait(says(permits, "0 waiting"))
            tasks.wait(exists('.codes [data-code="aborted"]'))
            assert not editor.js(f"document.querySelector({job('summarise') + ' blockquote'!r})")
        with step("and those that ran bring their results"):
            for other in editors:
                if other is not editor:
                    other.wait(exists(f'{job("summarise")}[data-state="done"]'), 60.0)
            with departing():
                survey.chord("#text", "w")
            self.stage.wait_closed(survey)

    def summarise(self, editors: list[Window]) -> None:
        """Starts the job in each, on a text four times as long: all of it must be seen."""
        text = "document.querySelector('#text').value"
        for editor in editors:
            before = editor.js(text)
            editor.js(f"{text} = arguments[0].repeat(4)", before)
            editor.click(f"{job('summarise')} .run")
            # The job has taken the text with it.
            editor.js(f"{text} = arguments[0]", before)

    def cards(self, editor: Window) -> list[tuple[Window, str]]:
        """All four jobs, and where their cards are."""
        return [
            (self.main, "analyse_all"),
            (self.main, "build_index"),
            (editor, "summarise"),
            (editor, "count_words"),
        ]

    def start_all(self, editor: Window) -> None:
        """Starts all four jobs."""
        for window, command in self.cards(editor):
            window.click(f"{job(command)} .run")

    def finish_all(self, editor: Window) -> None:
        """Waits until all four have brought their results."""
        for window, command in self.cards(editor):
            window.wait(exists(f'{job(command)}[data-state="done"]'), 60.0)

    def closing(self, letter: Window) -> None:
        """Unsaved changes, and a window that asks before it goes."""
        step = self.report.step
        before = self.read(LETTER)
        with step("a window with unsaved changes asks before it closes"):
            letter.type("#text", ADDED)
            self.main.wait(says(row(LETTER), "Unsaved"))
            letter.chord("#text", "w")
            letter.wait(exists("#closing[open]"))
            self.shoot(letter, "editor-closing")
        with step("“Keep editing” keeps it"):
            letter.click('#closing [value="keep"]')
            letter.wait(f"!({exists('#closing[open]')})")
            letter.chord("#text", "w")
            letter.wait(exists("#closing[open]"))
            assert letter.js("document.querySelector('#text').value").endswith(ADDED)
        with step("“Discard” closes it, and the file stays as it was"):
            with departing():
                letter.click('#closing [value="discard"]')
            self.stage.wait_closed(letter)
            self.main.wait(f"!({exists(row(LETTER) + ' .chip:not([hidden])')})")
            assert self.read(LETTER) == before

    def quitting(self) -> None:
        """The end."""
        with self.report.step("closing main quits the app with exit code 0"):
            with departing():
                self.main.chord("#files", "q")
            code = self.stage.wait_exit()
            assert code == 0, f"exit code {code}"
