"""A secret is in no file of a run's folder, in no spelling, although the page shows it in every way it can."""

from __future__ import annotations

import base64
import io
import os
from pathlib import Path
from urllib.parse import quote, quote_plus

from PIL import Image

from operator_agent import Limits, Operator
from operator_agent.flow.record import Acted, Chosen, Observed
from operator_agent.recorder.reader import read, view
from operator_agent.script import load_plan
from operator_agent.settings import Settings
from tests.recorder.making import files, site

SECRET = "p@ss wörd/7+\"<&>'x"
SPELLINGS = {
    SECRET, quote(SECRET), quote(SECRET, safe=""), quote_plus(SECRET), base64.b64encode(SECRET.encode()).decode(),
    base64.urlsafe_b64encode(SECRET.encode()).decode(), base64.b64encode(SECRET.encode()).decode().rstrip("="),
    SECRET.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"), SECRET.replace('"', '\\"'),
}  # fmt: skip

ECHO = """<!doctype html><meta charset=utf-8><title>Login</title><style>input{width:300px;height:40px}</style>
<label>Key <input id=key></label><label>Password <input id=password type=password></label>
<button type=button onclick="echo()">Show</button><a id=link>Link</a><p role=status id=result aria-label=Result></p>
<script>function echo() {
  const key = document.getElementById('key').value, bytes = new TextEncoder().encode(key);
  const coded = btoa(String.fromCharCode(...bytes));
  result.textContent = 'You typed ' + key + ' or ' + encodeURIComponent(key) + ' or ' + coded;
  link.href = '/?key=' + encodeURIComponent(key) + '&b=' + coded; link.title = key; document.title = 'Key ' + key;
  fetch('/?key=' + encodeURIComponent(key)); history.replaceState(null, '', '/?b=' + coded);
}</script>"""

PLAN = """
plan: log in
start: {start}
steps:
  - fill: textbox "Key"
    with: "{{secret:key}}"
  - fill: textbox "Password"
    with: "{{secret:key}}"
  - click: button "Show"
    expect: [text: You typed]
  - read: status "Result"
    into: said
  - click: button "Nowhere"
"""


async def test_no_file_holds_the_secret_and_its_pixels_are_painted_over(tmp_path: Path) -> None:
    settings = Settings.from_env({**os.environ, "OPERATOR_SECRET_KEY": SECRET})
    async with site(ECHO) as start:
        plan, origin = load_plan(PLAN.format(start=start)), start.rstrip("/")
        async with Operator(
            start, runs=tmp_path, settings=settings, secrets={"key": origin}, approve=["send", "submit"], limits=Limits(step=2.0)
        ) as operator:
            result = await operator.run_plan(plan)
    folder = Path(result.run)
    assert result.outcome == "failed", result.reason
    assert "{secret:key}" in str(result.values["said"])
    records = list(read(folder))
    assert [type(record) for record in records].count(Acted) == 5, "every step up to the missing button was done"
    view(folder)
    assert len(files(folder)) > 5
    for path in files(folder):
        data = path.read_bytes()
        for spelling in SPELLINGS:
            assert spelling.encode() not in data, path
    assert "{secret:key}" in (folder / "report.html").read_text(encoding="utf-8")

    fields = [record for record in records if isinstance(record, Chosen) and record.action.verb == "fill"]
    last = [record for record in records if isinstance(record, Observed) and record.picture][-1]
    assert len(fields) == 2
    for field in fields:
        assert field.box
        assert one_colour(last, field), field.element


def one_colour(seen: Observed, field: Chosen) -> bool:
    """Whether nothing can be read where the field is: all of it is the ink, give or take what JPEG does to edges."""
    assert seen.picture
    assert field.box
    x, y, width, height = (value * seen.scale for value in field.box)
    with Image.open(io.BytesIO(seen.picture.jpeg)) as image:
        low, high = image.convert("L").crop((int(x), int(y), int(x + width), int(y + height))).getextrema()
    return bool(low > 10 and high < 90)  # type: ignore[operator]
