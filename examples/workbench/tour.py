"""Runs a scripted tour of the workbench: the real app, driven by WebKitWebDriver.

Prints what was tried and what came of it, saves a picture of each window, light and dark, and
exits with 1 where a step failed. Needs a display; without one, ``scripts/headless.sh`` brings it.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from touring.rendering import Rendering
from touring.report import Report, StepError
from touring.stage import HERE, Stage
from touring.story import LETTER, NOTES, SURVEY, Story, job

OUT = HERE.parent.parent / "target" / "demo"
# A busy machine needs seconds between the start of a job and a click on its button.
PACE = "0.2"


def light(report: Report, shots: Path, folder: Path) -> None:
    """The whole story."""
    report.chapter("The workbench")
    env = {"WORKBENCH_PACE": PACE, "GTK_THEME": "Adwaita"}
    with Stage(folder, env) as stage:
        try:
            story = Story(stage, report, shots, "light")
            notes, letter = story.library()
            story.saving(notes)
            story.jobs(notes, letter)
            Rendering(story, notes, letter).tell()
            story.closing(letter)
            story.quitting()
        except StepError:
            explain(stage, shots)
            raise


def dark(report: Report, shots: Path, folder: Path) -> None:
    """The same windows in the dark, for their pictures."""
    report.chapter("The workbench in the dark")
    env = {"WORKBENCH_PACE": PACE, "GTK_THEME": "Adwaita:dark"}
    with Stage(folder, env) as stage:
        try:
            story = Story(stage, report, shots, "dark")
            with report.step("every window follows the system's dark theme"):
                editor, letter, survey = [story.open(name) for name in (NOTES, LETTER, SURVEY)]
                tasks = stage.window("tasks")
                for window in (story.main, editor, tasks):
                    assert window.js("matchMedia('(prefers-color-scheme: dark)').matches")
            with report.step("and works there as well"):
                story.summarise([letter, survey, editor])
                for window, command in story.cards(editor):
                    if command != "summarise":
                        window.click(f"{job(command)} .run")
                tasks.wait("document.querySelectorAll('.task[data-state=running]').length >= 3")
                tasks.wait("document.querySelector('.task[data-state=queued]')")
                story.shoot(tasks, "tasks")
                story.finish_all(editor)
                story.shoot(story.main, "main")
                story.shoot(editor, "editor")
            Rendering(story, editor, letter).glance()
            story.quitting()
        except StepError:
            explain(stage, shots)
            raise


def explain(stage: Stage, shots: Path) -> None:
    """After a failure: the last lines of the app, and where the rest is."""
    log = shots / "failure.log"
    log.write_text(stage.output())
    print(f"\n  The app's last words; all of them are in {log}:")
    for line in stage.output().splitlines()[-15:]:
        print(f"    {line}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, help="folder for the pictures")
    shots: Path = parser.parse_args().out.resolve()
    shots.mkdir(parents=True, exist_ok=True)
    (shots / "failure.log").unlink(missing_ok=True)
    report = Report()
    try:
        for act in (light, dark):
            with tempfile.TemporaryDirectory(
                prefix="workbench-tour-",
                ignore_cleanup_errors=True,  # WebKit may still write its cache
            ) as folder:
                act(report, shots, Path(folder))
    except StepError:
        pass
    report.close()
    print(f"Pictures: {shots}")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
