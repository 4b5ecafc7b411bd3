"""What went to and came from a model: on record without secrets, and good enough to answer again."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest
from pydantic import BaseModel

from operator_agent.errors import BadReply, ModelLost, ModelRefused, RecordingFailed, UsageError
from operator_agent.flow.record import Usage
from operator_agent.models.port import Image, Prompt, Reply
from operator_agent.models.scripted import ScriptedModel
from operator_agent.models.traffic import FromRecord, Recorded, read_traffic
from operator_agent.recorder.recorder import Recorder
from tests.recorder.test_journal import RESULT, Ended, started


class Answer(BaseModel):
    said: str


class Other(BaseModel):
    said: str


PICTURE = Image(b"\xff\xd8 a picture", 640, 480)
FIRST = Prompt("plan", "You plan.", ("the page: 拿铁", PICTURE), "low")
SECOND = Prompt("revise", "You plan.", ("the page, afterwards",))


async def recorded() -> list[dict[str, object]]:
    """Two calls: one answered, one refused."""
    entries: list[dict[str, object]] = []
    usage = Usage(input=9, output=4, reasoning=2, cost=0.5)
    first = Reply(Answer(said="点"), usage, "low", 2, "I think", ("repaired",))
    model = Recorded(ScriptedModel([first, ModelRefused("no credit")], name="m", sees=True), entries.append)
    assert (model.name, model.sees) == ("m", True)
    await model.ask(FIRST, Answer)
    with pytest.raises(ModelRefused):
        await model.ask(SECOND, Answer)
    return entries


async def test_an_entry_says_all_and_holds_no_picture() -> None:
    first, second = json.loads(json.dumps(await recorded()))
    assert first["purpose"] == "plan"
    assert first["parts"][1].keys() == {"sha256", "width", "height", "media_type"}
    assert (first["reply"], first["wants"], first["level"], first["given"]) == ({"said": "点"}, "Answer", "low", "low")
    assert (first["thinking"], first["notes"], first["requests"], first["usage"]["reasoning"]) == ("I think", ["repaired"], 2, 2)
    assert second["error"] == {"kind": "ModelRefused", "text": "no credit"}
    assert second["reply"] is None


async def test_the_record_answers_the_same_prompts() -> None:
    model = FromRecord(await recorded())
    again = await model.ask(FIRST, Answer)
    assert again == Reply(Answer(said="点"), Usage(input=9, output=4, reasoning=2, cost=0.5), "low", 2, "I think", ("repaired",))
    assert (model.name, model.sees) == ("m, from a record", True)
    with pytest.raises(ModelRefused, match="no credit"):
        await model.ask(SECOND, Answer)
    with pytest.raises(ModelLost, match="holds 2 model calls, and 'plan' would be one more"):
        await model.ask(FIRST, Answer)


DIFFERENT = [
    (Prompt("revise", FIRST.system, FIRST.parts), 'the purpose had "plan", and now has "revise"'),
    (Prompt("plan", "You plan. Well.", FIRST.parts), 'the instructions had "You plan.", and now has "You plan. Well."'),
    (Prompt("plan", FIRST.system, ("the page: 美式", PICTURE)), 'part 1 had "the page: 拿铁", and now has "the page: 美式"'),
    (Prompt("plan", FIRST.system, (FIRST.parts[0], Image(b"x", 1, 2))), "part 2 had a picture of 640×480 (.*1×2"),
    (Prompt("plan", FIRST.system, FIRST.parts[:1]), "part 2 had a picture .*, and now has nothing"),
    (Prompt("plan", FIRST.system, (*FIRST.parts, "more")), 'part 3 had nothing, and now has "more"'),
]


@pytest.mark.parametrize(("prompt", "says"), DIFFERENT, ids=["purpose", "system", "text", "picture", "less", "more"])
async def test_another_prompt_is_told_where_it_differs(prompt: Prompt, says: str) -> None:
    with pytest.raises(ModelLost, match=says.replace("(", r"\(").replace("?", r"\?")):
        await FromRecord(await recorded()).ask(prompt, Answer)


async def test_long_texts_are_quoted_where_they_part() -> None:
    entries: list[dict[str, object]] = []
    old, new = (Prompt("plan", "", ("x" * 5000 + word + "y" * 900,)) for word in ("old", "new"))
    await Recorded(ScriptedModel([Answer(said="a")]), entries.append).ask(old, Answer)
    with pytest.raises(ModelLost) as lost:
        await FromRecord(entries).ask(new, Answer)
    assert "old" in str(lost.value)
    assert "new" in str(lost.value)
    assert len(str(lost.value)) < 200


async def test_another_type_and_what_may_differ() -> None:
    with pytest.raises(ModelLost, match='the reply\'s type had "Answer", and now has "Other"'):
        await FromRecord(await recorded()).ask(FIRST, Other)
    moved = Prompt("plan", FIRST.system, ("the page: 美式", PICTURE))
    masked = FromRecord(await recorded(), alike=lambda text: text.replace("美式", "…").replace("拿铁", "…"))
    assert (await masked.ask(moved, Answer)).value.said == "点"


async def test_errors_that_are_none_of_ours_come_back_as_a_lost_model() -> None:
    entries: list[dict[str, object]] = []
    model = Recorded(ScriptedModel([BadReply("no JSON"), ValueError("odd")]), entries.append)
    for kind in (BadReply, ValueError):
        with pytest.raises(kind):
            await model.ask(SECOND, Answer)
    again = FromRecord(entries)
    with pytest.raises(BadReply, match="no JSON"):
        await again.ask(SECOND, Answer)
    with pytest.raises(ModelLost, match="ValueError: odd"):
        await again.ask(SECOND, Answer)


SECRET = "p@ss wörd/7+\"<&>'x"


async def test_no_spelling_of_a_secret_reaches_the_file(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, {"key": SECRET})
    recorder(started())
    coded = base64.b64encode(SECRET.encode()).decode()
    inside = base64.b64encode(b"user:" + SECRET.encode()).decode()
    text = f"plain {SECRET}, in an address ?k={quote(SECRET, safe='')}, coded {coded} and {inside}, in JSON {json.dumps(SECRET)}"
    reply = Reply(Answer(said=SECRET), Usage(), "off", thinking=f"the key is {SECRET}", notes=(quote(SECRET),))
    model = Recorded(ScriptedModel([reply, ModelLost(f"refused {SECRET}")]), recorder.model_traffic)
    prompt = Prompt("plan", f"Use {coded}.", (text,))
    await model.ask(prompt, Answer)
    with pytest.raises(ModelLost):
        await model.ask(prompt, Answer)
    recorder(Ended(result=RESULT))
    data = (recorder.folder / "model.jsonl").read_text(encoding="utf-8")
    for spelling in (SECRET, quote(SECRET), quote(SECRET, safe=""), coded, json.dumps(SECRET)[1:-1], coded[4:-4], inside[8:-4]):
        assert spelling not in data
    assert SECRET not in data.encode().decode("unicode_escape")
    first, second = read_traffic(recorder.folder / "model.jsonl")
    assert first["reply"] == {"said": "{secret:key}"}
    assert second["error"] == {"kind": "ModelLost", "text": "refused {secret:key}"}


async def test_the_file_is_there_only_when_a_model_was_asked_and_whole_at_any_moment(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    recorder(started())
    path = recorder.folder / "model.jsonl"
    assert not path.exists()
    model = Recorded(ScriptedModel([Answer(said="a"), Answer(said="b")]), recorder.model_traffic)
    for lines in (1, 2):
        await model.ask(FIRST, Answer)
        assert len(read_traffic(path)) == lines
    path.write_bytes(path.read_bytes()[:-5])
    assert len(read_traffic(path)) == 1
    assert (await FromRecord(read_traffic(path)).ask(FIRST, Answer)).value.said == "a"


async def test_what_is_no_traffic_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none.jsonl cannot be read"):
        read_traffic(tmp_path / "none.jsonl")
    (tmp_path / "model.jsonl").write_text('{"purpose":"plan"}\n', encoding="utf-8")
    with pytest.raises(UsageError, match=r"model.jsonl:1 is no model call"):
        read_traffic(tmp_path / "model.jsonl")
    with pytest.raises(UsageError, match="no record of a model's traffic"):
        FromRecord([{"purpose": "plan"}])


async def test_traffic_that_cannot_be_kept_stops_the_run(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    (recorder.folder / "model.jsonl").mkdir()
    with pytest.raises(RecordingFailed, match="--runs"):
        await Recorded(ScriptedModel([Answer(said="a")]), recorder.model_traffic).ask(FIRST, Answer)
