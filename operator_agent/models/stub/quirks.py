"""In what vendors differ, as data. Which vendor does what, and where that is written, is in `vendors`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from operator_agent.models.stub.refusals import Form

Place = Literal[
    "reasoning_content",  # a field of the message: DeepSeek, Moonshot, Zhipu, Qwen, SGLang
    "reasoning",  # a field of the message: vLLM, Ollama, OpenRouter
    "reasoning_details",  # a list of parts in the message: OpenRouter
    "<think>",  # in the content: open weights without a reasoning parser
    "</think>",  # the same, its opening tag being in the prompt: DeepSeek-R1 and its distillations
    "◁think▷",  # in the content: Kimi's own delimiters
    "<thought>",  # in the content: Gemini's compatibility endpoint
    "untagged",  # in the content and not to be told apart: Skywork o1 Open
    "hidden",  # thought and paid, not shown: OpenAI's Chat Completions, Anthropic's compatibility endpoint
]

Switch = Literal[
    "thinking.type",  # {"type": "enabled" | "disabled"}: DeepSeek, Moonshot, Zhipu, Anthropic (there with budget_tokens)
    "enable_thinking",  # true or false, with thinking_budget: Qwen
    "chat_template_kwargs.enable_thinking",  # Qwen's and GLM's templates on vLLM and SGLang
    "chat_template_kwargs.thinking",  # DeepSeek's and Granite's templates on vLLM and SGLang
    "reasoning_effort",  # OpenAI, DeepSeek, Gemini, Ollama
    "reasoning",  # {"effort" | "max_tokens" | "enabled"}: OpenRouter; its effort: Ollama
    "think",  # true, false or a level: Ollama's native interface
    "extra_body.google.thinking_config",  # {"thinking_budget", "include_thoughts"}: Gemini
]
SWITCHES: tuple[Switch, ...] = (
    "thinking.type",
    "enable_thinking",
    "chat_template_kwargs.enable_thinking",
    "chat_template_kwargs.thinking",
    "reasoning_effort",
    "reasoning",
    "think",
    "extra_body.google.thinking_config",
)
ANY_FORMAT = frozenset({"json_object", "json_schema"})


@dataclass(frozen=True, slots=True)
class Quirks:
    """How one vendor's server differs. As it stands: a server that knows every switch, refuses little and hides nothing."""

    places: tuple[Place, ...] = ("reasoning_content",)
    """Where thinking is put in an answer of Chat Completions. The Responses API has `reasoning` items for it."""
    switches: tuple[Switch, ...] = SWITCHES
    """The parameters that switch thinking. On the Responses API it is always `reasoning.effort`."""
    levels: frozenset[str] = frozenset()
    """The efforts that are accepted, others being a 400; empty: all."""
    unasked: bool = True
    """It thinks when nothing is said about thinking."""
    off: Literal["works", "ignored", "refused"] = "works"
    """What becomes of switching thinking off."""
    shown_when_asked: bool = False
    """Thinking is put into an answer only with `include_thoughts`: Gemini."""
    unknown: Literal["ignored", "refused"] = "ignored"
    """A parameter that is neither OpenAI's nor one of its own: a switch of another vendor, for one."""
    refused: frozenset[str] = frozenset()
    """Parameters of OpenAI's that are a 400 here."""
    fixed: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    """Parameters with one permitted value, given as (while thinking, else), None being any; another value is a 400."""
    limits: tuple[str, ...] = ("max_completion_tokens", "max_tokens")
    """Which parameters bound the answer; the first one that is given counts."""
    limited: Literal["all", "answer"] = "all"
    """Whether that bound includes thinking."""
    stream_only: bool = False
    """While thinking only streams are answered, anything else is a 400: Qwen."""
    echo: Literal["ignored", "required", "refused"] = "ignored"
    """`reasoning_content` in the assistant's turns that called tools, while thinking. `refused`: DeepSeek's first reasoner."""
    formats: frozenset[str] = ANY_FORMAT
    """The types of `response_format` besides `text`."""
    formats_thinking: frozenset[str] | None = None
    """The same while thinking, when it differs."""
    formats_end_thinking: bool = False
    """A format is enforced from the first token on, so that there is no thinking: weights served without a reasoning parser."""
    bad_format: Literal["refused", "ignored"] = "refused"
    """What becomes of another type that OpenAI knows."""
    says_json: bool = False
    """`json_object` is a 400 unless the word is somewhere in the messages."""
    strict_schemas: bool = False
    """With `"strict": true` a schema must be closed and of the keywords OpenAI supports."""
    forced_tools: Literal["works", "not while thinking", "refused"] = "works"
    """A `tool_choice` other than `auto` and `none`."""
    sees: bool = True
    """It takes pictures; else they are a 400."""
    usage: bool = True
    """Answers say what they cost."""
    reasoning_usage: Literal["details", "top", "missing"] = "details"
    """`usage.completion_tokens_details.reasoning_tokens`, `usage.reasoning_tokens`, or nowhere."""
    cached_usage: Literal["details", "top", "hit", "missing"] = "details"
    """`usage.prompt_tokens_details.cached_tokens`, `usage.cached_tokens`, `usage.prompt_cache_hit_tokens`, or nowhere."""
    thinks: int = 0
    """How many tokens it thinks when the answer to be given does not say what."""
    responses: bool = True
    """It has the Responses API."""
    errors: Form = "openai"
    """The form of its errors."""

    def formats_while(self, thinking: bool) -> frozenset[str]:
        return self.formats_thinking if thinking and self.formats_thinking is not None else self.formats
