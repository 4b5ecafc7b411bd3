"""Nothing in the package or its skills knows a page of a benchmark, or an application it is measured on, by name or markup."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TASKS = """ascending-numbers bisect-angle book-flight buy-ticket circle-center click-button click-button-sequence click-checkboxes
    click-color click-pie click-scroll-list click-tab click-test count-shape count-sides drag-box drag-items-grid drag-shapes
    drag-single-shape draw-line enter-date enter-password enter-text enter-time find-word form-sequence generate-number
    grid-coordinate guess-number hot-cold navigate-tree order-food read-table resize-textarea social-media stock-market text-editor
    unicode-test use-autocomplete use-colorwheel use-slider use-spinner visual-addition""".split()
"""The public half of MiniWoB++, its variants by their common beginning; the other half is not known here."""
MARKUP = ("miniwob", "WOB_", "#wrap", "#query", "#area", "genProblem", "core.js", "sync-task-cover", "reward-display")
APPLICATIONS = ("tiddly", "otterwiki", "otter wiki", "jupyter", "radicale", "sqlite-web", "sqlite_web", "uploadserver", "roundup")
TEXTS = {
    str(file.relative_to(ROOT)): file.read_text(encoding="utf-8")
    for folder in ("operator_agent", "skills")
    for file in sorted((ROOT / folder).rglob("*"))
    if file.suffix in (".py", ".js", ".toml", ".yaml", ".txt", ".md", ".jinja", ".html")
}


@pytest.mark.parametrize("names", [TASKS, MARKUP, APPLICATIONS], ids=["tasks", "markup", "applications"])
def test_no_name_of_what_it_is_measured_on(names: list[str] | tuple[str, ...]) -> None:
    spelled = [re.escape(name).replace("\\-", "[-_]") for name in names]
    known = re.compile(rf"(?<![\w-])(?:{'|'.join(spelled)})", re.IGNORECASE)
    assert len(TEXTS) > 100
    assert {file: found[0] for file, text in TEXTS.items() if (found := known.search(text))} == {}
