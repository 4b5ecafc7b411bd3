from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from operator_agent.errors import ModelRefused, SetupError, UsageError
from operator_agent.flow.record import Level, Usage
from operator_agent.models.client import Prices, ServedModel, open_model
from operator_agent.models.exchange import usage_of
from operator_agent.models.overlay import Overlay, load_overlay, overlay_file, save_overlay
from operator_agent.models.probe import probe, probe_settings
from operator_agent.models.profiles import JsonMode, Profile, UsagePaths, load_profile, merged, profile_for, profiles
from operator_agent.models.stub import VENDORS, Asked, Html, Say, Status, StubServer
from operator_agent.models.thought import parted
from operator_agent.models.trouble import asked_wait, shown
from operator_agent.settings import Settings

NAMES = {
    *("openai", "deepseek", "moonshot", "zhipu", "qwen", "vllm", "sglang", "ollama", "openrouter", "gemini", "anthropic"),
    *("always-thinks", "plain"),
}


def test_every_profile_loads_and_says_where_its_facts_are_from() -> None:
    assert {profile.name for profile in profiles()} == NAMES
    for file in (Path(sys.modules[Profile.__module__].__file__ or "").parent / "providers").glob("*.yaml"):
        comment = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
        assert any("https://" in line for line in comment), file.name


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://api.openai.com/v1", "openai"),
        ("https://api.deepseek.com", "deepseek"),
        ("https://api.moonshot.cn/v1", "moonshot"),
        ("https://open.bigmodel.cn/api/paas/v4/", "zhipu"),
        ("https://api.z.ai/api/paas/v4", "zhipu"),
        ("https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "qwen"),
        ("https://openrouter.ai/api/v1", "openrouter"),
        ("https://generativelanguage.googleapis.com/v1beta/openai/", "gemini"),
        ("https://api.anthropic.com/v1/", "anthropic"),
        ("http://127.0.0.1:11434/v1", "ollama"),
        ("http://localhost:30000/v1", "sglang"),
        ("http://localhost:8000/v1", "plain"),
        ("http://models.example:11434/v1", "plain"),
        ("https://notopenai.com/v1", "plain"),
        ("https://api.openai.com.evil.example/v1", "plain"),
    ],
)
def test_a_profile_is_recognised_by_its_host(url: str, name: str) -> None:
    assert profile_for(url).name == name


def test_a_named_profile_counts_for_more_than_the_host(tmp_path: Path) -> None:
    assert profile_for("https://api.openai.com/v1", "vllm").name == "vllm"
    with pytest.raises(UsageError, match=r"no provider 'vlm'; known are always-thinks, .*zhipu"):
        profile_for("http://127.0.0.1/v1", "vlm")
    (tmp_path / "mine.yaml").write_text("levels: {off: {}, high: {think: true}}\n", encoding="utf-8")
    mine = profile_for("http://127.0.0.1/v1", str(tmp_path / "mine.yaml"))
    assert (mine.name, mine.levels["high"]) == ("mine", ({"think": True},))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("wire: smoke", "bad.yaml: wire: "),
        ("levels: {medium: {}}", "bad.yaml: levels.medium"),
        ("json_modes: [{mode: yaml}]", "bad.yaml: json_modes.0.mode: "),
        ("stream: sometimes", "bad.yaml: stream: "),
        ("colour: red", "bad.yaml: colour: "),
        ("budget: {off: many}", "bad.yaml: budget.off: "),
        ("[1, 2]", "bad.yaml: must be a mapping, not list"),
        ("a: [", "bad.yaml: not YAML"),
    ],
)
def test_a_bad_file_is_a_usage_error_with_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "bad.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as raised:
        load_profile(tmp_path / "bad.yaml")
    assert said in str(raised.value)
    with pytest.raises(UsageError, match=r"none\.yaml: No such file"):
        load_profile(tmp_path / "none.yaml")


def test_a_missing_level_is_the_nearest_lower_one_then_the_nearest_higher() -> None:
    only: dict[tuple[Level, ...], list[Level]] = {
        ("off",): ["off", "off", "off", "off"],
        ("off", "high"): ["off", "off", "high", "high"],
        ("high",): ["high", "high", "high", "high"],
        ("low", "max"): ["low", "low", "low", "max"],
    }
    for known, given in only.items():
        profile = Profile(name="x", levels={level: ({},) for level in known})
        assert [profile.given(level) for level in ("off", "low", "high", "max")] == given
    profile = profile_for("", "deepseek")
    assert [profile.lower(level) for level in ("off", "low", "high", "max")] == [None, "off", "low", "high"]


def test_modes_that_do_not_go_with_thinking_are_left_out_and_words_are_last() -> None:
    qwen, gemini = profile_for("", "qwen"), profile_for("", "gemini")
    assert [mode.mode for mode in qwen.modes(thinking=False)] == ["schema", "object", "words"]
    assert [mode.mode for mode in qwen.modes(thinking=True)] == ["words"]
    assert [mode.mode for mode in gemini.modes(thinking=True)] == ["schema", "object", "words"]


def test_patches_are_merged_deep_and_nothing_is_changed_in_place() -> None:
    base = {"a": {"b": 1, "c": [1]}, "d": 1}
    assert merged(base, {"a": {"c": [2]}, "d": {"e": 1}}) == {"a": {"b": 1, "c": [2]}, "d": {"e": 1}}
    assert base == {"a": {"b": 1, "c": [1]}, "d": 1}


@pytest.mark.parametrize(
    ("text", "thought", "answer"),
    [
        ('{"n": 1}', "", '{"n": 1}'),
        ('<think>no {"n": 9}</think>\n{"n": 1}', 'no {"n": 9}', '{"n": 1}'),
        ('hm, {"n": 9}?\n</think>\n{"n": 1}', 'hm, {"n": 9}?', '{"n": 1}'),
        ('◁think▷{"n": 9}◁/think▷{"n": 1}', '{"n": 9}', '{"n": 1}'),
        ('<thought>a</thought><thought>{"n": 9}</thought>{"n": 1}', 'a{"n": 9}', '{"n": 1}'),
        ('<think>{"n": 9}', '{"n": 9}', ""),
        ('Well. <THINK>{"n": 9}</THINK> {"n": 1}', 'Well. {"n": 9}', '{"n": 1}'),
        ('<think>a</think>{"n": 1}<think>{"n": 9}', 'a\n{"n": 9}', '{"n": 1}'),
        ('{"text": "press </think> now"}', "", '{"text": "press </think> now"}'),
    ],
)
def test_thinking_in_the_text_is_told_from_the_answer(text: str, thought: str, answer: str) -> None:
    assert parted(text) == (thought, answer)


def test_usage_is_read_where_a_vendor_puts_it() -> None:
    paths = UsagePaths(cost=("usage.cost",))
    deepseek = {"usage": {"prompt_tokens": 10, "completion_tokens": 5, "prompt_cache_hit_tokens": 4, "cost": 0.5}}
    assert usage_of(deepseek, paths) == Usage(input=10, output=5, cached=4, cost=0.5)
    apart = {"usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 40}}
    assert usage_of(apart, paths) == Usage(input=10, output=30)
    assert usage_of({"usage": None}, paths) == Usage()


def test_an_overlay_is_a_file_a_person_can_read(tmp_path: Path) -> None:
    overlay = Overlay(endpoint="http://127.0.0.1:8000/v1", model="org/small")
    overlay = overlay.learned("drop", "temperature", "HTTP 400: no temperature")
    overlay = overlay.learned("levels", {"off": {"reasoning_effort": "minimal"}}, "HTTP 400: not none")
    overlay = overlay.learned("json_refused", "schema while thinking", "HTTP 400: no")
    path = save_overlay(tmp_path, overlay)
    assert path == overlay_file(tmp_path, "http://127.0.0.1:8000/v1", "org/small")
    assert path.name.startswith("127.0.0.1-8000-v1-org-small-")
    assert path.read_text(encoding="utf-8").splitlines()[1:6] == [
        "endpoint: http://127.0.0.1:8000/v1",
        "model: org/small",
        "drop:",
        "- temperature",
        "levels:",
    ]
    assert load_overlay(tmp_path, "http://127.0.0.1:8000/v1", "org/small") == overlay
    assert load_overlay(tmp_path, "http://127.0.0.1:8000/v1", "org-small").drop == ()
    path.write_text("drop: 7\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"\.yaml: drop: "):
        load_overlay(tmp_path, "http://127.0.0.1:8000/v1", "org/small")


def test_an_overlay_changes_what_a_profile_asks_for() -> None:
    gemini = profile_for("", "gemini")
    overlay = Overlay(endpoint="", model="", budget="max_tokens", json_refused=("schema while thinking", "object"), vision="no")
    overlay = overlay.learned("levels", {"off": {"reasoning_effort": "minimal"}}, "")
    real = overlay.over(gemini)
    assert real.levels["off"] == ({"reasoning_effort": "minimal"}, {"reasoning_effort": "low"})
    assert [mode.mode for mode in real.modes(thinking=False)] == ["schema", "words"]
    assert [mode.mode for mode in real.modes(thinking=True)] == ["words"]
    assert (real.vision, real.budget.name, real.levels["high"]) == ("no", "max_tokens", gemini.levels["high"])


def test_importing_the_client_loads_no_openai() -> None:
    script = "import sys, operator_agent.models.client, operator_agent.models.probe; print('openai' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_model_is_opened_from_the_settings(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="OPERATOR_MODEL_URL"):
        open_model(Settings(state_dir=tmp_path))
    with pytest.raises(UsageError, match="OPERATOR_MODEL is not set"):
        open_model(Settings(state_dir=tmp_path, model_url="http://127.0.0.1:1/v1"))
    for wrong in ("127.0.0.1:8000", "ftp://h/v1", "http://h:99999/v1", "http://[::1/v1", "https://"):
        with pytest.raises(UsageError, match="no address of a model's API"):
            ServedModel(wrong, "small")
    for key in ("hunter 2", "hünter2", "hunter\n2"):
        with pytest.raises(UsageError, match="OPERATOR_MODEL_KEY") as raised:
            ServedModel("http://127.0.0.1:1/v1", "small", key=key)
        assert key not in str(raised.value)
    with pytest.raises(SetupError, match=r"proxy cannot be used for https://models\.example"):
        ServedModel("https://models.example/v1", "small", proxy="gopher://x").connection.load()
    settings = Settings(
        state_dir=tmp_path,
        model_url="https://ada:hunter2@api.deepseek.com/v1?token=hunter3",
        model="small",
        model_key="sk-hunter4",
        model_prices=(1.0, 0.1, 2.0),
        upstream_proxy="http://proxy.example:3128",
        proxy_bypass=(".example",),
    )
    model = open_model(settings)
    assert model.name == "small at https://api.deepseek.com/v1"
    assert model.profile.name == "deepseek"
    assert model.connection.proxy == "http://proxy.example:3128"
    assert model.priced(Usage(input=1000, cached=400, output=100)).cost == pytest.approx((600 + 40 + 200) / 1e6)
    assert model.priced(Usage()).cost is None
    assert "hunter" not in f"{model!r}{model.connection!r}{model.name}"
    assert Prices(1, 2, 3).output == 3


def test_waits_and_addresses() -> None:
    assert asked_wait({"retry-after": "1.5"}) == 1.5
    later = {"retry-after": "Wed, 21 Oct 2026 07:28:09 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"}
    assert asked_wait(later) == 9
    assert asked_wait({"retry-after": "Wed, 21 Oct 2015 07:28:09 GMT"}) == 0
    assert asked_wait({"retry-after": "soon"}) is None
    assert asked_wait({}) is None
    assert shown("https://u:p@h.example:1/v1/?k=v#x") == "https://h.example:1/v1"


def answering(asked: Asked) -> Say:
    """A model that knows the probe's answers."""
    called = (("answer", '{"sum": 42}'),) if "tools" in asked.body else ()
    return Say('{"colour": "red"}' if asked.images else '{"sum": 42}', thinking="hm", tool_calls=called)


async def test_a_probe_finds_out_what_an_endpoint_can_do_and_keeps_it(tmp_path: Path) -> None:
    async with StubServer(answering, quirks=VENDORS["qwen"], key="k-1") as server:
        found = await probe(server.url, "stub", "k-1", profile=profile_for("", "qwen"), state_dir=tmp_path, timeout=5)
        assert found.usable
        assert len(server.asked) <= 15
        told = {finding.what: finding.works for finding in found.findings}
        assert told["models"] and told["answers"] and told["json schema"] and told["thinking"] and told["streaming"]
        assert told["json schema thinking"] is told["vision"] is False
        assert "shown in `reasoning_content`" in "\n".join(map(str, found.findings))
        kept = load_overlay(tmp_path, found.endpoint, "stub")
        assert kept.vision == "no"
        assert kept.json_works == tuple(JsonMode(mode=mode, thinking=False) for mode in ("schema", "object", "tool"))
        assert found.as_json()["kept_in"] == str(overlay_file(tmp_path, found.endpoint, "stub"))


async def test_a_probe_of_what_cannot_be_used_says_why(tmp_path: Path) -> None:
    async with StubServer([Html()]) as server:
        settings = Settings(state_dir=tmp_path, model_url=server.url, model="other")
        found = await probe_settings(settings)
    assert (found.usable, found.kept_in) == (False, "")
    assert [finding.works for finding in found.findings] == [False, False]
    assert "not listed; there are: stub" in str(found.findings[0])
    assert "does it end in /v1?" in str(found.findings[1])


async def test_a_probe_with_a_wrong_key_names_the_variable(tmp_path: Path) -> None:
    async with StubServer(answering, key="right") as server:
        found = await probe(server.url, "stub", "wrong-key\n", state_dir=tmp_path, timeout=5)
    assert not found.usable
    assert "OPERATOR_MODEL_KEY" in str(found.findings[-1])
    assert "wrong-key" not in str(found.as_json())


def test_errors_have_their_exit_codes() -> None:
    assert ModelRefused.exit_code == 2
    assert Status(402).code == 402
