from __future__ import annotations

from pathlib import Path

import pytest

from operator_agent.errors import UsageError
from operator_agent.settings import Settings

HOME = {"HOME": "/home/ada"}


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = Settings.from_env(HOME)
    assert settings.browser_path is None
    assert settings.headed is False
    assert settings.runs_dir == Path("runs")
    assert settings.state_dir == Path("/home/ada/.local/state/operator-agent")
    assert settings.secrets == {}
    assert (settings.model_url, settings.model, settings.model_key) == (None, None, None)
    assert (settings.model_provider, settings.model_prices) == (None, None)
    assert (settings.upstream_proxy, settings.proxy_bypass, settings.display) == (None, (), None)


def test_every_variable_is_read() -> None:
    settings = Settings.from_env(
        {
            **HOME,
            "OPERATOR_BROWSER": "/opt/chromium",
            "OPERATOR_HEADED": "Yes",
            "OPERATOR_RUNS": "/data/runs",
            "OPERATOR_STATE": "/data/state",
            "OPERATOR_MODEL_URL": "http://127.0.0.1:8000/v1",
            "OPERATOR_MODEL": "small",
            "OPERATOR_MODEL_KEY": "sk-1",
            "OPERATOR_MODEL_PROVIDER": "vllm",
            "OPERATOR_MODEL_PRICES": "0.5, 0.05, 2",
            "HTTPS_PROXY": "http://proxy.example:3128",
            "NO_PROXY": "localhost, .corp.example,",
            "DISPLAY": ":1",
            "PATH": "/opt/bin",
        }
    )
    assert settings.browser_path == Path("/opt/chromium")
    assert settings.headed
    assert (settings.runs_dir, settings.state_dir) == (Path("/data/runs"), Path("/data/state"))
    assert (settings.model_url, settings.model, settings.model_key) == ("http://127.0.0.1:8000/v1", "small", "sk-1")
    assert (settings.model_provider, settings.model_prices) == ("vllm", (0.5, 0.05, 2.0))
    assert settings.upstream_proxy == "http://proxy.example:3128"
    assert settings.proxy_bypass == ("localhost", ".corp.example")
    assert (settings.display, settings.search_path) == (":1", "/opt/bin")


def test_the_state_folder_follows_the_platform() -> None:
    assert Settings.from_env({**HOME, "XDG_STATE_HOME": "/var/state"}).state_dir == Path("/var/state/operator-agent")
    assert Settings.from_env({**HOME, "OPERATOR_STATE": "here"}).state_dir == Path("here").absolute()


def test_our_own_proxy_variable_wins_and_may_be_empty() -> None:
    assert Settings.from_env({**HOME, "HTTPS_PROXY": "socks5://x", "OPERATOR_PROXY": ""}).upstream_proxy is None
    assert Settings.from_env({**HOME, "https_proxy": "http://x"}).upstream_proxy == "http://x"


def test_secrets_are_handles_and_show_nowhere() -> None:
    env = {
        **HOME,
        "OPERATOR_SECRET_SHOP_PASSWORD": "hunter2",
        "OPERATOR_SECRET_EMPTY": "",
        "OPERATOR_SECRET_": "nameless",
        "OPERATOR_MODEL_KEY": "sk-hunter3",
        "HTTPS_PROXY": "http://ada:hunter4@proxy.example",
        "KEPT": "1",
    }
    settings = Settings.from_env(env)
    assert settings.secrets == {"shop_password": "hunter2"}
    assert "hunter" not in repr(settings)
    assert "hunter" not in str(settings)
    assert settings.browser_env["KEPT"] == "1"
    assert not [name for name in settings.browser_env if name.startswith("OPERATOR_")]
    with pytest.raises(TypeError):
        settings.secrets["shop_password"] = "other"  # type: ignore[index]


def test_a_switch_that_is_neither_names_its_variable() -> None:
    assert Settings.from_env({**HOME, "OPERATOR_HEADED": "0"}).headed is False
    with pytest.raises(UsageError, match="OPERATOR_HEADED='maybe'"):
        Settings.from_env({**HOME, "OPERATOR_HEADED": "maybe"})


@pytest.mark.parametrize("prices", ["1,2", "1,2,3,4", "a,b,c", "1,2,-3", "1,2,nan", "1,inf,3"])
def test_prices_that_are_none_name_their_variable(prices: str) -> None:
    with pytest.raises(UsageError, match="OPERATOR_MODEL_PRICES="):
        Settings.from_env({**HOME, "OPERATOR_MODEL_PRICES": prices})


def test_the_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPERATOR_MODEL", "from-process")
    assert Settings.from_env().model == "from-process"
